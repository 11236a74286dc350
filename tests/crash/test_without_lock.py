"""The lock only keeps landers from working in vain: with it switched off, two at once are exact all the same.

Needs a build with test hooks (`cmake --preset hooks`).
"""
import time

from support.forebay import Forebay
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS

SECONDS = 25


def test_two_landers_at_once_without_a_lock(own_broker, shop, tmp_path):
    forebay = Forebay(FOREBAY_WITH_HOOKS)
    landing = Landing(forebay, own_broker, shop, tmp_path)
    landing.produce("--records", 1000, "--seed", 1, "--faults", "default")
    landing.land()
    produce = landing.produce_arguments("--duration", "1h", "--rate", 10000, "--seed", 2, "--faults", "default")
    follow = landing.land_arguments("--follow", "--flush-interval", "100ms")
    without_lock = {"FOREBAY_TEST_NO_LOCK": "1"}
    with (forebay.start(*produce) as producer, forebay.start(*follow, env=without_lock) as first,
          forebay.start(*follow, env=without_lock) as second):
        time.sleep(SECONDS)
        assert first.is_running, first.wait(10)
        assert second.is_running, second.wait(10)
        assert producer.terminate().status == 0
        results = [first.terminate(), second.terminate()]
    told = "\n".join(map(str, results))
    assert [result.status for result in results] == [0, 0], told
    # They met, again and again; who loses starts anew, and may go on losing.
    assert sum(result.stderr.count("somebody else landed") for result in results) > 5, told
    landing.land()
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()
