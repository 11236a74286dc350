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
LONGEST_LIFE_S = 1.0


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


def staged_files(landing):
    staging = landing.lake / "_forebay" / "staging"
    return list(staging.iterdir()) if staging.is_dir() else []


def test_kill_9_at_random_moments(forebay, own_broker, shop, tmp_path, moments, progress):
    landing = Landing(forebay, own_broker, shop, tmp_path)
    produce = landing.produce_arguments("--duration", "1h", "--rate", 20000, "--seed", moments.randrange(2**32),
                                        "--faults", "default")
    killed_with_files_staged = 0
    with forebay.start(*produce) as producer:
        for kill in range(1, KILLS + 1):
            with landing.follow("--flush-interval", "30ms", "--batch-rows", 5000) as lander:
                time.sleep(moments.uniform(0, LONGEST_LIFE_S))
                assert lander.is_running, lander.wait(10)
                lander.send(signal.SIGKILL)
                assert lander.wait(10).status == -signal.SIGKILL
            killed_with_files_staged += len(staged_files(landing)) > 0
            if kill % 10 == 0:
                files = len(readers.files(landing.lake, "clicks"))
                progress(f"{kill} kills, {killed_with_files_staged} of them in the middle of a batch; {files} files")
        result = producer.terminate()
        assert result.status == 0, result
    landing.land()
    report = landing.verify()
    assert report.json["clean"], report
    landing.assert_readers_agree()
    assert staged_files(landing) == []
    # Otherwise the moments were not those that matter.
    assert killed_with_files_staged > 0 or KILLS < 50
    records = sum(table.acknowledged for table in landing.expected().values())
    progress(f"{records:,} records, each in the lake exactly once")
