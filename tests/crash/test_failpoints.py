"""kill -9 of the real lander at each point of the commit protocol and of recovery; then the next landing, and a verify.

Needs forebay_hooks; the points are those that the source names.
"""
import signal

import pytest

from support.failpoints import POINTS, MAINTENANCE
from support.forebay import Forebay
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS

# Passed only where two landers meet (the unit tests kill there), by the stager of another engine
# (test_engine_failpoints.py does), or by `lake expire` and `lake rebuild` (test_maintenance.py does).
ELSEWHERE = {"drop:before_unlink", *MAINTENANCE} | {point for point in POINTS if point.startswith("stage:")}
# What recovery has to do depends on whether the landing before it was killed after or before the decision.
BEFORE_RECOVERY = ("commit:decided", "commit:durable")


@pytest.fixture(scope="module")
def forebay():
    return Forebay(FOREBAY_WITH_HOOKS)


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 2000, "--seed", 1, "--faults", "default")
    return made


def is_killed(landing, point):
    result = landing.land(env={"FOREBAY_FAILPOINT": point}, status=None)
    assert result.status in (0, -signal.SIGKILL), result
    return result.status == -signal.SIGKILL


def assert_the_next_landing_makes_it_whole(landing):
    landing.land()
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()


@pytest.mark.sampled(12)
@pytest.mark.parametrize("point", [point for point in POINTS if point not in MAINTENANCE])
def test_kill_at(landing, point):
    """In a first landing, or, for the points of recovery, in one after a kill."""
    killed = is_killed(landing, point)
    for seed, before in enumerate(BEFORE_RECOVERY, 2):
        if not killed:
            landing.produce("--records", 2000, "--seed", seed, "--faults", "default")
            assert is_killed(landing, before)
            killed = is_killed(landing, point)
    assert killed or point in ELSEWHERE
    assert_the_next_landing_makes_it_whole(landing)


def test_kills_one_after_the_other(landing):
    """Every restart is killed as well: at the first point it passes, at the second, and so on, until one gets by."""
    for number in range(1, 200):
        if not is_killed(landing, f"any:{number}"):
            break
    else:
        pytest.fail("no landing got through")
    assert number > 10
    assert_the_next_landing_makes_it_whole(landing)
