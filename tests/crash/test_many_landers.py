"""Two and five real landers on one lake, stopped, continued and killed: exact, with the lock on and off.

The lock only keeps landers from working in vain: with it switched off they are exact all the same. Which points of the
protocol they are stopped at is not chosen here; the unit tests (ManyLanders) stop one at every point. Needs a build
with test hooks. SECONDS says how long each runs, SEED repeats what is done to them (not what they do).
"""
import os
import random
import signal
import time
from contextlib import ExitStack

import pytest

from support.forebay import Forebay
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS

SECONDS = int(os.environ.get("SECONDS") or (300 if os.environ.get("NIGHT") else 6))
WITHOUT_LOCK = {"FOREBAY_TEST_NO_LOCK": "1"}


class Landers:
    """Landers that follow; each of them may be stopped for a while, or killed and started again."""

    def __init__(self, landing, stack, count, is_locked):
        self.landing = landing
        self.stack = stack
        self.is_locked = is_locked
        self.stopped = {}  # lander -> until when
        self.kills = self.stops = self.conflicts = 0
        self.running = [self.start() for _ in range(count)]

    def start(self):
        arguments = self.landing.land_arguments("--follow", "--flush-interval", "50ms", "--batch-rows", 2000,
                                                *(["--wait"] if self.is_locked else []))
        environment = {} if self.is_locked else WITHOUT_LOCK
        return self.stack.enter_context(self.landing.forebay.start(*arguments, env=environment))

    def disturb(self, moments):
        self.continue_those_that_stood(time.monotonic())
        at = moments.randrange(len(self.running))
        lander = self.running[at]
        assert lander.is_running, lander.wait(10)
        if moments.random() < 0.3:
            lander.send(signal.SIGKILL)
            killed = lander.wait(10)
            assert killed.status == -signal.SIGKILL, killed
            self.conflicts += killed.stderr.count("landed by another process")
            self.stopped.pop(lander, None)
            self.running[at] = self.start()
            self.kills += 1
        elif lander not in self.stopped:
            lander.send(signal.SIGSTOP)
            self.stopped[lander] = time.monotonic() + moments.uniform(0.01, 1)
            self.stops += 1

    def continue_those_that_stood(self, until):
        for lander in [lander for lander, when in self.stopped.items() if when <= until]:
            lander.send(signal.SIGCONT)
            del self.stopped[lander]

    def end(self):
        self.continue_those_that_stood(float("inf"))
        results = [lander.terminate() for lander in self.running]
        outcomes = "\n".join(map(str, results))
        assert [result.status for result in results] == [0] * len(results), outcomes
        self.conflicts += sum(result.stderr.count("landed by another process") for result in results)


@pytest.mark.parametrize("is_locked", [True, False], ids=["the lock on", "the lock off"])
@pytest.mark.parametrize("count", [2, 5])
def test_stopped_continued_and_killed(broker, shop, tmp_path, capsys, count, is_locked):
    seed = int(os.environ.get("SEED") or time.time())
    moments = random.Random(seed)
    landing = Landing(Forebay(FOREBAY_WITH_HOOKS), broker, shop, tmp_path)
    landing.produce("--records", 1000, "--seed", 1, "--faults", "default")
    landing.land()
    produce = landing.produce_arguments("--duration", "1h", "--rate", 10000, "--seed", 2, "--faults", "default")
    with ExitStack() as stack:
        producer = stack.enter_context(landing.forebay.start(*produce))
        landers = Landers(landing, stack, count, is_locked)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(0.1)
            landers.disturb(moments)
        landers.continue_those_that_stood(float("inf"))
        time.sleep(1)  # a while in which all of them work
        assert producer.terminate().status == 0
        landers.end()
    landing.land()
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()
    with capsys.disabled():
        print(f"\n  {count} landers, the lock {'on' if is_locked else 'off'}: {landers.stops} times one was stopped, "
              f"{landers.kills} times one was killed, {landers.conflicts} conflicts (SEED={seed})", flush=True)
    assert landers.conflicts > 0 or is_locked  # otherwise they did not meet
