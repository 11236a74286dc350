"""tools/broker: it accepts clients, commands can be repeated, and failures are reported in one sentence."""
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev import Problem
from dev.broker import java, lifecycle
from dev.broker.home import Home
from support.broker import Broker
from support.paths import BROKER_TOOL, ROOT


def run(*arguments, **environment):
    result = subprocess.run([sys.executable, BROKER_TOOL, *map(str, arguments)], capture_output=True, text=True,
                            timeout=180, env={**os.environ, **environment})
    assert "Traceback" not in result.stderr, result.stderr
    return result


def test_starts_once_and_keeps_its_port_and_data_over_a_kill(tmp_path):
    with Broker(tmp_path / "b") as broker:
        first = broker.status()
        assert first["running"] and first["answers"]

        again = run("start", "--dir", tmp_path / "b")
        assert again.returncode == 0 and "already running" in again.stderr
        assert broker.status() == first

        os.kill(first["pid"], signal.SIGKILL)
        while broker.status()["running"]:
            time.sleep(0.02)
        broker.start()
        second = broker.status()
        assert (second["address"], second["cluster_id"]) == (first["address"], first["cluster_id"])
        assert second["pid"] != first["pid"]

        other = run("start", "--dir", tmp_path / "b", "--port", broker.port % 60000 + 1024)
        assert other.returncode == 3 and "already running, on port" in other.stderr

        assert run("stop", "--dir", tmp_path / "b").returncode == 0
        assert run("stop", "--dir", tmp_path / "b").returncode == 0
        assert run("status", "--dir", tmp_path / "b").returncode == 1

    assert run("wipe", "--dir", tmp_path / "b").returncode == 0
    assert not (tmp_path / "b" / "data").exists()


def test_listens_on_loopback_alone(broker):
    sockets = {os.readlink(fd) for fd in Path(f"/proc/{broker.pid}/fd").iterdir()}
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                listening.append(words[1].partition(":")[0])
    assert len(listening) == 2  # clients, and the controller
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
    assert set(listening) <= loopback


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("start", "--dir", tmp_path / "b", "--port", port)
    assert result.returncode == 3
    assert f"Port {port} on 127.0.0.1 is in use" in result.stderr and "--port" in result.stderr


@pytest.mark.parametrize("script, words", [
    (None, "No Java found"),
    ('echo \'openjdk version "11.0.2" 2019-01-15\' >&2', "is Java 11; the broker needs Java 17 or newer"),
    ("echo nothing", "of an unknown version"),
])
def test_no_java_or_an_old_one_is_said(tmp_path, script, words):
    (tmp_path / "bin").mkdir()
    if script:
        (tmp_path / "bin" / "java").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / "java").chmod(0o755)
    result = run("start", "--dir", tmp_path / "b", "--port", 0, JAVA_HOME=str(tmp_path))
    assert result.returncode == 3 and words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_too_little_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lifecycle, "MIN_FREE_BYTES", 1 << 60)
    with pytest.raises(Problem, match=r"Only \d+ MiB are free"):
        lifecycle.start(Home(tmp_path), 0)


def test_a_broker_that_ends_says_why(tmp_path):
    """Data that belongs to another node: Kafka itself refuses to start on it."""
    with Broker(tmp_path / "b") as broker:
        broker.stop()
        meta = tmp_path / "b" / "data" / "meta.properties"
        meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))
        result = run("start", "--dir", tmp_path / "b")
    assert result.returncode == 3
    assert "The broker ended while starting" in result.stderr
    assert "Stored node id 7" in result.stderr and "broker.log" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_broker_that_died_says_why(tmp_path):
    with Broker(tmp_path / "b") as broker:
        os.kill(broker.pid, signal.SIGKILL)
        while broker.status()["running"]:
            time.sleep(0.02)
        result = run("status", "--dir", tmp_path / "b")
        assert result.returncode == 1 and "it was killed or ended by itself" in result.stdout


def test_a_paused_broker_does_not_count_as_up(own_broker):
    own_broker.pause()
    status = own_broker.status()
    assert status["running"] and not status["answers"]
    own_broker.resume()
    assert own_broker.status()["answers"]


def test_a_pid_that_went_to_another_program_is_left_alone(tmp_path):
    home = tmp_path / "b"
    home.mkdir()
    (home / "broker.pid").write_text(f"{os.getpid()}\n")
    assert run("status", "--dir", home).returncode == 1
    assert run("stop", "--dir", home).returncode == 0


def test_wipe_deletes_only_what_a_broker_made(tmp_path):
    (tmp_path / "thesis.txt").write_text("five years")
    result = run("wipe", "--dir", tmp_path)
    assert result.returncode == 3 and "not a broker's directory" in result.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_jars_are_the_ones_that_were_looked_at(tmp_path):
    expected = java.JARS.expected()
    assert len(expected) == 93
    java.JARS.check(ROOT / ".forebay" / "kafka" / "lib", expected)
    name = sorted(expected)[0]
    with pytest.raises(Problem, match=f"{name} is not the file"):
        java.JARS.check(ROOT / ".forebay" / "kafka" / "lib", expected | {name: "0" * 64})
    with pytest.raises(Problem, match="93 such files"):
        java.JARS.check(tmp_path, expected)


def test_a_broker_starts_from_an_archive_of_its_classes(tmp_path):
    assert run("archive-classes").returncode == 0
    with Broker(tmp_path / "broker") as broker:
        assert "classes.jsa" in Path(f"/proc/{broker.pid}/maps").read_text()
    again = run("archive-classes")
    assert again.returncode == 0 and again.stderr == ""  # there is one
