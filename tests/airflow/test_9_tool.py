"""tools/airflow: listens only on loopback, keeps its secrets, and ends every process when it stops."""
import json
import os
import re
import signal
import stat
from pathlib import Path

from dev.broker.home import port_is_free
from support.airflow import wait_until
from forebay.airflow.stream import process

LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def listening(processes):
    """(address, port) in hexadecimal, of every listening socket of these processes."""
    inodes = set()
    for each in processes:
        for link in Path(f"/proc/{each.pid}/fd").glob("*"):
            try:
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(link))
            except OSError:
                continue
            inodes |= {found[1]} if found else set()
    sockets = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING and words[9] in inodes:
                sockets.append(tuple(words[1].split(":")))
    return sockets


def test_it_listens_only_on_loopback(airflow):
    found = listening(airflow.home.processes())
    assert f"{airflow.home.port():04X}" in {port for _, port in found}
    assert {address for address, _ in found} <= LOOPBACK


def test_secrets_are_readable_by_their_owner_only_and_in_no_log(airflow):
    files = [airflow.home.config, airflow.home.passwords, airflow.home.dir / "secrets.json", airflow.home.database]
    assert [stat.S_IMODE(file.stat().st_mode) & 0o077 for file in [*files, airflow.home.dir]] == [0] * 5
    words = [*json.loads(airflow.home.passwords.read_text()).values(),
             *json.loads((airflow.home.dir / "secrets.json").read_text()).values()]
    assert len(set(words)) == 5
    for log in airflow.home.dir.glob("logs/**/*.log"):
        text = log.read_text(errors="replace")
        assert not any(word in text for word in words), log
    for each in airflow.home.processes():
        assert not any(word in value for word in words for value in each.environment().values()), each


def test_the_password_is_shown_once(airflow):
    again = airflow.start()  # reports that it is running, and where
    assert airflow.home.password() not in again and str(airflow.home.passwords) in again and airflow.home.url() in again


def test_status_and_follow_and_wrong_arguments(airflow):
    assert "is up on" in airflow.tool("status").stdout
    followed = airflow.tool("follow", "forebay_microbatch")
    assert followed.returncode == 0 and "land: success" in followed.stdout and "success; http://127" in followed.stdout
    assert "NAME=VALUE" in airflow.tool("trigger", "forebay_produce", "records").stderr
    wrong = airflow.tool("trigger", "forebay_nothing")
    assert wrong.returncode == 3 and "404" in wrong.stderr and "Traceback" not in wrong.stderr


def test_stop_ends_every_process(airflow):
    """Even after the supervisor was killed; the stream is stopped gracefully."""
    airflow.client.pause("forebay_stream", paused=False)
    engine = wait_until(lambda: next(iter(airflow.engines()), None), 60, "an engine")
    airflow.produce("--records", 1000, "--seed", 91)
    wait_until(lambda: (airflow.lake / "_forebay" / "lake.json").is_file() and airflow.lag() == 0, 60, "it has landed")
    log = max((airflow.settings.state / "stream").glob("engine-*.log"))
    before = airflow.home.processes()
    port = airflow.home.port()
    airflow.home.supervisor().send(signal.SIGKILL)
    result = airflow.tool("stop")
    assert result.returncode == 0, result.stderr
    assert not any(each.is_alive() for each in before) and not engine.is_alive()
    assert process.find_by_environment("AIRFLOW_HOME", str(airflow.home.dir)) == [] and port_is_free(port)
    assert '"batches":' in log.read_text().splitlines()[-1]  # the engine ended gracefully, with its report
    assert airflow.verify("--require-landed")["clean"]
    assert "not running" in airflow.tool("stop").stderr and airflow.tool("status").returncode == 1


def test_a_port_in_use_is_an_error(airflow, broker):
    taken = broker.port
    result = airflow.tool("start", "--port", taken)
    assert result.returncode == 3 and f"Port {taken}" in result.stderr and "Traceback" not in result.stderr
    assert not airflow.home.processes()
