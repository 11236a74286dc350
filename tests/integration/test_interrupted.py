"""A stop before the work is complete: an exit status and a state of its own, and a way to continue."""
import time

import pytest

from support import readers
from support.landing import Landing
from support.proxy import Proxy

INTERRUPTED = 5


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def wait_for_files(landing, running, table="clicks"):
    deadline = time.monotonic() + 60
    while not readers.files(landing.lake, table):
        assert running.is_running, running.wait(10)
        assert time.monotonic() < deadline, "nothing was landed within a minute"
        time.sleep(0.05)


def test_a_landing_that_is_stopped_on_its_way_is_partial(landing, broker, tmp_path):
    landing.produce("--records", 150_000, "--seed", 1)
    settings = tmp_path / "kafka.conf"  # several fetches
    settings.write_text("fetch.message.max.bytes=100000\n")
    with Proxy(broker, hold_after=500_000) as proxy:
        arguments = ("--contract", landing.contract, "--brokers", proxy.address, "--lake", landing.lake, "--json",
                     "--once", "--batch-rows", 1000, "--kafka-config", settings)
        with landing.forebay.start("land", *arguments) as lander:
            wait_for_files(landing, lander)  # the rest of the answers is held back
            stopped = lander.terminate()
    assert stopped.status == INTERRUPTED, stopped
    assert stopped.json["state"] == "partial" and stopped.json["rows"] > 0
    assert "forebay: interrupted after " in stopped.stderr.splitlines()[-1]
    rest = landing.land().json
    assert rest["state"] == "complete" and rest["rows"] > 0
    assert landing.verify("--require-landed").json["clean"]
    landing.assert_readers_agree()


def test_a_landing_that_is_stopped_while_it_waits_is_partial(landing):
    landing.produce("--records", 1000, "--seed", 1)
    with landing.follow("--flush-interval", "200ms") as follower:
        wait_for_files(landing, follower)
        with landing.forebay.start(*landing.land_arguments("--once", "--wait", "--json")) as waiting:
            said = waiting.process.stderr.readline()
            assert "lake locked by another process: waiting" in said
            stopped = waiting.terminate()
        assert stopped.status == INTERRUPTED and stopped.json["state"] == "partial", stopped
        assert (stopped.json["batches"], stopped.json["rows"]) == (0, 0)
        result = follower.terminate()
    assert result.status == 0, result  # to follow until it is stopped is what was asked for
    assert landing.land().json["state"] == "complete"
