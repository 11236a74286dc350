"""kill -9 of an engine made of the Python package, at each point of staging and of the commit; then the next landing.

Needs forebay_hooks and _core_hooks.
"""
import os
import signal
import subprocess
import sys

import pytest

from support import failpoints
from support.forebay import Forebay, clean_environment
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS, PACKAGE_WITH_HOOKS, ROOT

# Passed only where two landers meet, or by `lake expire` and `lake rebuild` (test_maintenance.py does).
ELSEWHERE = {"drop:before_unlink", *failpoints.MAINTENANCE}
POINTS = [point for point in failpoints.POINTS if point not in ELSEWHERE]
LAND = """
import sys
sys.path[:0] = sys.argv[1:3]
from support.arrow_engine import ArrowEngine
contract, brokers, lake = sys.argv[3:]
ArrowEngine(contract, brokers, lake).land(task_partitions=3)
"""


@pytest.fixture
def landing(broker, shop, tmp_path):
    made = Landing(Forebay(FOREBAY_WITH_HOOKS), broker, shop, tmp_path)
    made.address = broker.address
    made.produce("--records", 2000, "--seed", 1, "--faults", "default")
    return made


def is_killed(landing, point):
    result = subprocess.run([sys.executable, "-c", LAND, PACKAGE_WITH_HOOKS, ROOT / "tests", landing.contract,
                             landing.address, landing.lake], capture_output=True, text=True, timeout=300,
                            env=clean_environment({"FOREBAY_FAILPOINT": point}))
    assert result.returncode in (0, -signal.SIGKILL), result.stderr
    return result.returncode == -signal.SIGKILL


def assert_the_next_landing_makes_it_whole(landing):
    assert not is_killed(landing, "none")
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()
    assert os.listdir(landing.lake / "_forebay/staging") == []


@pytest.mark.sampled(8)
@pytest.mark.parametrize("point", POINTS)
def test_kill_at(landing, point):
    """In a first landing, or, for the points of recovery, in one after a kill."""
    killed = is_killed(landing, point)
    for seed, before in enumerate(("commit:decided", "stage:staging_synced"), 2):
        if not killed:
            landing.produce("--records", 2000, "--seed", seed, "--faults", "default")
            assert is_killed(landing, before)
            killed = is_killed(landing, point)
    assert killed
    assert_the_next_landing_makes_it_whole(landing)


def test_the_native_engine_goes_on_after_a_killed_one(landing):
    assert is_killed(landing, "commit:decided")
    landing.produce("--records", 1000, "--seed", 7)
    landing.land()
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()
