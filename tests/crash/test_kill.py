"""kill -9 of the lander at random moments under load, each followed by a restart; in the end everything is exact.

KILLS says how often (100), SEED repeats a run's moments.
"""
import os
import random
import signal
import time

import pytest

from support import readers
from support.landing import Landing

KILLS = int(os.environ.get("KILLS", "100"))
LONGEST_LIFE_S = 1.2


@pytest.fixture
def moments(capsys):
    seed = int(os.environ.get("SEED") or time.time())
    with capsys.disabled():
        print(f"\n  killing {KILLS} times; SEED={seed} repeats the moments", flush=True)
    return random.Random(seed)


@pytest.fixture
def progress(capsys):
    def say(text):
        with capsys.disabled():
            print(f"  {text}", flush=True)
    return say


def test_kill_9_at_random_moments(forebay, own_broker, shop, tmp_path, moments, progress):
    landing = Landing(forebay, own_broker, shop, tmp_path)
    produce = landing.produce_arguments("--rate", 20000, "--seed", moments.randrange(2**32), "--event-span", "3d",
                                        "--duration", "1h", "--faults", "default")
    produced_by_its_end = 0
    with forebay.start(*[word for word in produce if word not in ("--event-span", "3d")]) as producer:
        for kill in range(1, KILLS + 1):
            with landing.follow("--flush-interval", "100ms", "--batch-rows", 5000) as lander:
                time.sleep(moments.uniform(0, LONGEST_LIFE_S))
                assert lander.is_running, lander.wait(10)
                lander.send(signal.SIGKILL)
                assert lander.wait(10).status == -signal.SIGKILL
            if kill % 10 == 0:
                files = len(readers.files(landing.lake, "clicks"))
                progress(f"{kill} kills, {files} files of clicks")
        assert producer.is_running
        result = producer.terminate()
        assert result.status == 0, result
    expected = landing.expected()
    produced_by_its_end = sum(table.acknowledged for table in expected.values())
    landing.land()
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()
    assert list((landing.lake / "_forebay" / "staging").iterdir()) == []
    progress(f"{produced_by_its_end:,} records, each in the lake exactly once")
