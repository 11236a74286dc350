"""make demo: the newcomer's first command, on a small scale and in a place of its own."""
import os
import socket
import subprocess
import sys

import pytest

from support import readers, receipts
from support.forebay import clean_environment
from support.paths import FOREBAY, ROOT


class Demo:
    def __init__(self, directory):
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __call__(self, **environment):
        settings = {"DIR": str(self.directory), "PORT": str(self.port), "RECORDS": "20000", "ENGINE": "native",
                    "BUILD": str(FOREBAY.parent)}
        result = subprocess.run([sys.executable, ROOT / "tools/demo"], capture_output=True, text=True, timeout=600,
                                env=clean_environment(settings | environment))
        assert "Traceback" not in result.stderr, result.stderr
        return result

    def broker(self, command):
        return subprocess.run([sys.executable, ROOT / "tools/broker", command, "--dir", self.directory / "broker"],
                              capture_output=True, text=True)

    def is_running(self):
        return self.broker("status").returncode == 0


@pytest.fixture
def demo(tmp_path):
    made = Demo(tmp_path / "demo")
    yield made
    made.broker("wipe")


def test_two_runs_land_two_weeks_and_leave_nothing_running(demo):
    first = demo(ENGINE="both")
    assert first.returncode == 0, first.stdout + first.stderr
    for words in ("The lake", "├── clicks/", "Quarantine, by reason", "conversion %", "What each step took",
                  "What to try next", "Everything that was produced is in the lake exactly once"):
        assert words in first.stdout
    assert first.stdout.count("and the same ones by Spark") == 3
    assert not demo.is_running()
    files = set(readers.files(demo.directory / "lake", "clicks"))

    second = demo(ENGINE="both")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "week 2 of the shop" in second.stdout
    assert files < set(readers.files(demo.directory / "lake", "clicks"))
    written = sorted((demo.directory / "receipts").iterdir())
    assert len(written) == 2
    expected = receipts.add_up(*written)
    for lake in ("lake", "lake-spark"):
        for table in ("clicks", "orders"):
            assert readers.duckdb_rows(demo.directory / lake, table) == +expected[table].rows


def test_what_is_missing_makes_it_fail(demo):
    assert demo().returncode == 0
    readers.files(demo.directory / "lake", "clicks")[0].unlink()
    result = demo()
    assert result.returncode == 1
    assert "VERIFY FOUND SOMETHING" in result.stdout and "exactly once" not in result.stdout
    assert not demo.is_running()


def test_keep_leaves_the_broker_running_and_says_how_to_stop_it(demo):
    result = demo(KEEP="1", RECORDS="1000")
    assert result.returncode == 0 and "stop it with: " in result.stdout
    assert demo.is_running()
    again = demo(RECORDS="1000")  # it was running before, so it is left running
    assert again.returncode == 0 and "was running already" in again.stdout
    assert demo.is_running()


def test_a_lake_of_a_wiped_broker_is_distinguished_from_a_broken_one(demo):
    assert demo(RECORDS="1000").returncode == 0
    demo.broker("wipe")
    result = demo(RECORDS="1000")
    assert result.returncode == 3 and "wiped" in result.stderr and "make demo-clean" in result.stderr
    assert not demo.is_running()


@pytest.mark.parametrize("settings, words", [
    ({"RECORDS": "many"}, "RECORDS is 'many'"),
    ({"RECORDS": "0"}, "RECORDS is '0'"),
    ({"ENGINE": "flink"}, "ENGINE is 'flink'"),
    ({"PORT": "99999"}, "PORT is '99999'"),
])
def test_a_wrong_setting_is_said(demo, settings, words):
    result = demo(**settings)
    assert result.returncode == 3 and words in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_port_in_use_is_said(demo):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = demo(PORT=str(other.getsockname()[1]))
    assert result.returncode == 3 and "is in use" in result.stderr and len(result.stderr.splitlines()) == 1
    assert not os.path.exists(demo.directory / "lake")
