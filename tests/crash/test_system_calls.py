"""kill -9 of the real lander before each system call that changes something: in a commit, and in the recovery after it.

strace kills it: `inject` counts each system call by thread, and a commit makes all of its own on one thread. After each
kill the next landing runs, and a verify. A crash at the other calls leaves the same state; the unit tests
(SystemCallKill) stop before those, too. Needs forebay_hooks, to begin with a decided batch.
"""
import itertools
import re
import shutil
import signal
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.forebay import Forebay, clean_environment
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS

CALLS = ("mkdir", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "renameat2", "unlink")
LINE = re.compile(r"^(\d+) +(\w+)\(")
WORKERS = 2


class Attack:
    """Landings of one topic into copies of one lake, as it was when the attack began."""

    def __init__(self, landing, directory):
        self.landing = landing
        self.directory = directory
        self.numbers = itertools.count(1)
        self.kept = landing.lake

    def new_lake(self):
        lake = self.directory / f"lake-{next(self.numbers)}"
        shutil.copytree(self.kept, lake)
        return lake

    def land_arguments(self, lake):
        return ("land", *self.landing.common, "--lake", lake, "--once", "--json")

    def strace(self, lake, *options):
        command = ["strace", "-f", *options, FOREBAY_WITH_HOOKS, *self.land_arguments(lake)]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, check=False,
                              env=clean_environment())

    def points(self):
        """(system call, how often a thread makes it) of an undisturbed landing: every call."""
        lake = self.new_lake()
        trace = lake.with_suffix(".trace")
        result = self.strace(lake, "-o", trace, "-e", "trace=" + ",".join(CALLS))
        assert result.returncode == 0, result.stderr
        shutil.rmtree(lake)
        by_thread = Counter(match.groups() for line in trace.read_text().splitlines() if (match := LINE.match(line)))
        most = Counter()
        for (_, call), times in by_thread.items():
            most[call] = max(most[call], times)
        return [(call, time) for call in CALLS for time in range(1, most[call] + 1)]

    def kill_at(self, call, time):
        """Kills a landing there; then the next one runs, and a verify. True: it was killed."""
        lake = self.new_lake()
        result = self.strace(lake, "-o", "/dev/null", "-e", f"trace={call}",
                             "-e", f"inject={call}:signal=SIGKILL:when={time}")
        assert result.returncode in (0, -signal.SIGKILL), result.stderr
        self.landing.forebay(*self.land_arguments(lake))
        report = self.landing.forebay("verify", "--lake", lake, *self.landing.brokers, *self.landing.receipt_flags(),
                                      "--json")
        assert report.json["clean"], f"killed before {call} {time}: {report}"
        assert list((lake / "_forebay/staging").iterdir()) == []
        shutil.rmtree(lake)
        return result.returncode != 0


@pytest.fixture
def attack(broker, shop, tmp_path):
    """A lake with one batch, and a second one that waits in the topics: several tables and dates, and quarantine."""
    landing = Landing(Forebay(FOREBAY_WITH_HOOKS), broker, shop, tmp_path)
    landing.produce("--records", 300, "--seed", 1, "--faults", "default")
    landing.land()
    landing.produce("--records", 300, "--seed", 2, "--faults", "default")
    return Attack(landing, tmp_path)


def kill_at_every_point(attack, capsys, what):
    points = attack.points()
    with ThreadPoolExecutor(WORKERS) as workers:
        killed = sum(workers.map(lambda point: attack.kill_at(*point), points))
    with capsys.disabled():
        calls = ", ".join(f"{times} {call}" for call, times in Counter(call for call, _ in points).items())
        print(f"\n  {what} of the real lander: {len(points)} points tried, {killed} killed ({calls})", flush=True)
    return killed


def test_a_commit(attack, capsys):
    assert kill_at_every_point(attack, capsys, "a commit") > 80


def test_a_recovery(attack, capsys):
    result = attack.landing.land(env={"FOREBAY_FAILPOINT": "commit:decided"}, status=None)
    assert result.status == -signal.SIGKILL
    assert kill_at_every_point(attack, capsys, "a recovery") > 30
