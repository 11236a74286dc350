"""Producing and micro-batches over the REST API: the lake contains exactly the produced records."""
import pytest

from dev.airflow.client import Refusal
from support import readers, receipts
from support.airflow import wait_until


def assert_lake_is_exact(airflow):
    for table, expected in receipts.add_up(*airflow.receipts.glob("*.json")).items():
        topic = airflow.contract.topic(table)
        assert readers.duckdb_rows(airflow.lake, table) == +expected.rows
        assert readers.polars_rows(airflow.lake, table) == +expected.rows
        assert readers.quarantined(airflow.lake, topic) == +expected.quarantined
        assert readers.positions_that_occur_twice(airflow.lake, topic, table) == 0
    assert airflow.verify("--require-landed")["clean"]


def landed(airflow, run):
    return airflow.client.xcom("forebay_microbatch", run, "land")


def test_a_run_without_records_succeeds(airflow):
    run = airflow.run("forebay_microbatch", {"engine": "native"})
    assert landed(airflow, run)["summary"] == "nothing new to land"
    assert airflow.states("forebay_microbatch", run) == {
        "check": "success", "land": "success", "verify": "success", "publish": "skipped"}


def test_topics_that_differ_from_the_contract_are_landed_with_a_warning(airflow):
    """Every run of this file lands such topics."""
    newest = airflow.client.runs("forebay_microbatch")[0]["dag_run_id"]
    log = airflow.client.log("forebay_microbatch", newest, "check")
    for difference in ("retention.ms is 700000000, but 604800000 in the contract", "partitions is 7, but 6 in the"):
        assert f"topic {airflow.contract.topic('clicks')}: {difference}" in log


@pytest.mark.parametrize("engine", ["native", "spark"])
def test_runs_land_exactly_the_produced_records(airflow, engine):
    seeds = {"native": (1, 2), "spark": (11, 12)}[engine]
    rows = []
    for seed in seeds:
        made = airflow.run("forebay_produce", {"records": 3000, "seed": seed, "faults": "default"})
        assert airflow.client.xcom("forebay_produce", made, "produce")["acknowledged"] > 3000
        run = airflow.run("forebay_microbatch", {"engine": engine})
        assert airflow.states("forebay_microbatch", run)["publish"] == "success"
        assert landed(airflow, run)["engine"] == engine
        rows.append(landed(airflow, run)["rows"])
        assert_lake_is_exact(airflow)
    third = airflow.run("forebay_microbatch", {"engine": engine})
    assert (landed(airflow, third)["summary"], landed(airflow, third)["batches"]) == ("nothing new to land", 0)
    assert airflow.states("forebay_microbatch", third)["publish"] == "skipped"
    assert min(rows) > 2900


def test_published_events_cover_all_batches_without_a_gap(airflow):
    found = sorted(airflow.client.asset_events("forebay_verified_batches"), key=lambda event: event["since"])
    assert len(found) >= 2 and found[0]["since"] == 0
    assert all(earlier["last_batch"] == later["since"] for earlier, later in zip(found, found[1:]))
    assert sum(sum(event["rows"].values()) for event in found) == airflow.verify()["rows"]


def test_a_failed_verification_fails_later_runs_until_it_is_repaired(airflow):
    """Airflow's own memory of what was verified is cleaned away before it."""
    verified = max(event["last_batch"] for event in airflow.client.asset_events("forebay_verified_batches"))
    airflow.clean_events()
    assert airflow.client.asset_events("forebay_verified_batches") == []
    airflow.produce("--records", 1000, "--seed", 3)
    before = set(readers.files(airflow.lake, "clicks"))
    run = airflow.client.trigger("forebay_microbatch", {"engine": "native"})
    taken = airflow.directory / "taken.parquet"

    def take_a_new_file():
        new = set(readers.files(airflow.lake, "clicks")) - before
        return new and sorted(new)[0].rename(taken) and sorted(new)[0]

    place = wait_until(take_a_new_file, 60, "a new file of clicks")
    airflow.wait_for("forebay_microbatch", run, "failed")
    assert airflow.states("forebay_microbatch", run) == {
        "check": "success", "land": "success", "verify": "failed", "publish": "upstream_failed"}
    log = airflow.client.log("forebay_microbatch", run, "verify")
    assert "missing_file" in log and f"No batch after batch {verified} is published" in log

    airflow.produce("--records", 1000, "--seed", 4)
    later = airflow.run("forebay_microbatch", {"engine": "native"}, state="failed")
    assert airflow.states("forebay_microbatch", later)["land"] == "success"
    assert str(place.relative_to(airflow.lake)) in airflow.client.log("forebay_microbatch", later, "verify")

    taken.rename(place)
    repaired = airflow.run("forebay_microbatch", {"engine": "native"})
    assert airflow.states("forebay_microbatch", repaired)["publish"] == "success"
    (published,) = airflow.client.asset_events("forebay_verified_batches")
    assert published["since"] == verified
    assert_lake_is_exact(airflow)


def test_a_backfill_beside_a_run_is_exact_and_every_run_succeeds(airflow):
    airflow.produce("--records", 1000, "--seed", 5)
    airflow.client.post("/backfills", {"dag_id": "forebay_microbatch", "from_date": "2012-01-01T00:00:00Z",
                                       "to_date": "2021-01-01T00:00:00Z", "max_active_runs": 3,
                                       "dag_run_conf": {"engine": "native"}})
    airflow.run("forebay_microbatch", {"engine": "native"})
    backfill = [run["dag_run_id"] for run in airflow.client.runs("forebay_microbatch") if run["run_type"] == "backfill"]
    assert len(backfill) == 3
    for run in backfill:
        airflow.wait_for("forebay_microbatch", run)
        assert {airflow.states("forebay_microbatch", run)[task] for task in ("check", "land", "verify")} == {"success"}
    assert_lake_is_exact(airflow)


def test_a_wrong_engine_is_refused_by_the_api(airflow):
    with pytest.raises(Refusal, match="engine"):
        airflow.client.trigger("forebay_microbatch", {"engine": "steam"})
