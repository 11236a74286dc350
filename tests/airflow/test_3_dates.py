"""Complete dates: emitted once, verified, and reported. A late record re-opens its date; its report is recomputed."""
import json
import time

import duckdb
import pytest

from support.airflow import wait_until
from support.forebay import Forebay

DAY, NEXT_DAY = "2025-10-30", "2025-10-31"


@pytest.fixture(scope="module", autouse=True)
def landed(airflow):
    """Two days of the shop, landed, and then no records for the idle time."""
    airflow.run("forebay_produce",
                {"records": 4000, "seed": 41, "faults": "none", "event_start": DAY, "event_span": "2d"})
    airflow.run("forebay_microbatch", {"engine": "native"})
    airflow.client.pause("forebay_sales_report", paused=False)
    time.sleep(4)


def emitted(airflow, table="orders"):
    return [event for event in airflow.client.asset_events("forebay_complete_dates") if event["table"] == table]


def dates_of(airflow, table):
    tables = airflow.status("--idle", "3s")["tables"]
    (found,) = [each["dates"] for each in tables if each["table"] == table]
    return {date["date"]: date for date in found}


def report(airflow, date):
    file = airflow.lake.parent / "reports" / "sales" / f"date={date}" / "report.json"
    return json.loads(file.read_text()) if file.is_file() else None


def assert_report_matches_date(airflow, made, date):
    files = f"{airflow.lake}/orders/date={date}/*.parquet"
    rows = duckdb.sql(f"SELECT count(*) FROM '{files}'").fetchall()[0][0]
    sales = duckdb.sql(f"""SELECT currency, count(DISTINCT order_id), sum(total)::VARCHAR FROM '{files}'
                           WHERE status <> 'cancelled' GROUP BY ALL ORDER BY ALL""").fetchall()
    assert made["rows"] == rows and made["checksum"] == dates_of(airflow, "orders")[date]["checksum"]
    assert [(each["currency"], each["orders"], each["revenue"]) for each in made["sales"]] == sales


def test_each_complete_date_is_emitted_once_with_its_rows_and_checksum(airflow):
    airflow.run("forebay_daily")
    for table in ("clicks", "orders"):
        status = dates_of(airflow, table)
        events = {event["date"]: event for event in emitted(airflow, table)}
        assert {DAY, NEXT_DAY} <= set(events) == set(status)
        for date, event in events.items():
            assert (event["state"], event["reopened"]) == ("complete", False)
            assert (event["rows"], event["checksum"]) == (status[date]["rows"], status[date]["checksum"])
    before = len(emitted(airflow))
    again = airflow.run("forebay_daily")
    assert airflow.states("forebay_daily", again) == {"find": "success", "emit": "skipped", "record": "skipped"}
    assert len(emitted(airflow)) == before


def test_each_complete_date_gets_a_report(airflow):
    for date in (DAY, NEXT_DAY):
        made = wait_until(lambda: report(airflow, date), 60, f"the report of {date}")
        assert (made["revision"], made["outdated"]) == (1, False)
        assert_report_matches_date(airflow, made, date)
    text = (airflow.lake.parent / "reports" / "sales" / f"date={DAY}" / "report.md").read_text()
    assert "Revision 1" in text and "| EUR |" in text


def test_a_late_record_reopens_its_date_and_its_report_is_recomputed(airflow):
    before = report(airflow, DAY)
    late = airflow.directory / "late.jsonl"
    generated = Forebay()("generate", "--contract", airflow.contract, "--table", "orders", "--records", 1, "--seed", 99,
                          "--event-start", f"{DAY}T12:00:00Z").stdout
    late.write_text(generated)
    airflow.produce("--table", "orders", "--from", late)
    airflow.run("forebay_microbatch", {"engine": "native"})
    time.sleep(4)
    airflow.run("forebay_daily")
    event = [event for event in emitted(airflow) if event["date"] == DAY and event["state"] == "complete"][-1]
    assert event["reopened"] and event["previous_checksum"] == before["checksum"] != event["checksum"]
    assert event["rows"] == before["rows"] + 1
    made = wait_until(lambda: report(airflow, DAY)["revision"] == 2 and report(airflow, DAY), 60, "the second report")
    assert_report_matches_date(airflow, made, DAY)
    assert report(airflow, NEXT_DAY)["revision"] == 1


def test_no_date_is_emitted_while_verification_fails(airflow):
    airflow.produce("--records", 500, "--seed", 42, "--event-start", "2025-11-15", "--event-span", "1h")
    airflow.run("forebay_microbatch", {"engine": "native"})
    time.sleep(4)
    before = len(emitted(airflow))
    file = sorted((airflow.lake / "clicks" / f"date={DAY}").glob("*.parquet"))[0]
    taken = file.rename(airflow.directory / "taken.parquet")
    try:
        for _ in range(2):
            run = airflow.run("forebay_daily", state="failed")
            assert "missing_file" in airflow.client.log("forebay_daily", run, "find")
        assert len(emitted(airflow)) == before
    finally:
        taken.rename(file)
    airflow.run("forebay_daily")
    assert "2025-11-15" in {event["date"] for event in emitted(airflow)}
