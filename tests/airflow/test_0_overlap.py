"""Runs that overlap, as a backfill beside the schedule: the DAGs' functions, a real engine and broker, no scheduler."""
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from forebay.airflow import microbatch, tasks
from forebay.airflow.assets import VERIFIED_BATCHES
from forebay.airflow.commands import EXIT_LOCK_HELD, CommandError
from forebay.airflow.memory import VerifiedBatches
from forebay.airflow.settings import Settings
from support import readers, receipts
from support.airflow import wait_until
from support.forebay import Forebay
from support.paths import FOREBAY

RUNS = 4


@pytest.fixture
def settings(tmp_path, broker, shop, monkeypatch):
    for name, value in {"LAKE": tmp_path / "lake", "BROKERS": broker.address, "CONTRACT": shop, "BIN": FOREBAY,
                        "NATIVE_OPTIONS": "--memory-limit 256MB"}.items():
        monkeypatch.setenv(f"FOREBAY_{name}", str(value))
    made = Settings.from_environment()
    microbatch.check(made)
    made.receipts.mkdir()
    return made


def produce(settings, seed):
    Forebay()("produce", "--contract", settings.contract, "--brokers", settings.brokers, "--records", 3000, "--seed",
              seed, "--receipt", settings.receipts / f"{seed}.json")


def follow(settings, environment):
    """A lander that holds the lake's lock, once the lake exists."""
    running = Forebay().start("land", "--contract", settings.contract, "--brokers", settings.brokers, "--lake",
                              settings.lake, "--follow", env=environment)
    wait_until((settings.lake / "_forebay" / "lake.json").is_file, 30, "the lake exists")
    return running


def test_a_run_beside_another_one_succeeds_and_says_so(settings):
    with follow(settings, {microbatch.RUN_MARK: str(settings.lake)}):
        lost = microbatch.land(settings, "native")
    assert lost["summary"] == "another run lands into this lake; this run only verifies"
    assert (lost["rows"], lost["batches"]) == (0, 0)


@pytest.mark.parametrize("mark", [None, "/another/lake"])
def test_a_lander_that_no_run_started_is_an_error(settings, mark):
    with follow(settings, {} if mark is None else {microbatch.RUN_MARK: mark}), pytest.raises(CommandError) as raised:
        microbatch.land(settings, "native")
    assert raised.value.status == EXIT_LOCK_HELD


def test_runs_that_overlap_land_each_record_once_and_all_end_well(settings, shop):
    """As a DAG's run: lands, again if the winner ended while the loser asked who it is, and verifies what there is."""
    together = threading.Barrier(RUNS)

    def run():
        together.wait()
        for _ in range(10):
            try:
                landed = microbatch.land(settings, "native")
            except CommandError as error:
                assert error.status == EXIT_LOCK_HELD
            else:
                return landed, microbatch.verify(settings, since=0)
        raise AssertionError("the lake was locked by no run, ten times")

    for seed in (1, 2):
        produce(settings, seed)
        with ThreadPoolExecutor(RUNS) as pool:
            ended = [each.result() for each in [pool.submit(run) for _ in range(RUNS)]]
        assert sum(landed["rows"] for landed, _ in ended) > 2900
        summaries = {landed["summary"].split(" ")[0] for landed, _ in ended}
        assert "landed" in summaries and summaries <= {"landed", "another", "nothing"}
    for table, expected in receipts.add_up(*settings.receipts.glob("*.json")).items():
        assert readers.duckdb_rows(settings.lake, table) == +expected.rows
        assert readers.positions_that_occur_twice(settings.lake, shop.topic(table), table) == 0


class Event:
    extra = None


def test_a_run_publishes_what_no_other_run_has_told(settings):
    """Two runs verify from the beginning, one of them more; the one that verified less is the first to publish."""
    produce(settings, 1)
    microbatch.land(settings, "native")
    less = microbatch.verify(settings, since=0)
    produce(settings, 2)
    microbatch.land(settings, "native")
    more = microbatch.verify(settings, since=0)
    told = []
    for verified in (less, more):
        outlet_events = {VERIFIED_BATCHES: Event()}
        tasks.publish(verified, outlet_events)
        tasks.record_verified({"outlet_events": outlet_events})
        told.append(outlet_events[VERIFIED_BATCHES].extra)
    assert [(each["since"], each["last_batch"]) for each in told] == [
        (0, less["last_batch"]), (less["last_batch"], more["last_batch"])]
    assert sum(sum(each["rows"].values()) for each in told) == sum(more["rows"].values())
    with pytest.raises(AirflowSkipException, match="nothing new to verify"):
        tasks.publish(less, {})
    assert VerifiedBatches(settings).last(more["lake_id"]) == more["last_batch"]
