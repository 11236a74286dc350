"""Days and hours of a time zone, from the contract to `lake expire`. zoneinfo says what is right."""
import json
import shutil
from collections import Counter
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data import visits
from support import readers
from support.landing import Landing

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def landing(forebay, broker, tmp_path):
    return Landing(forebay, broker, visits.contract(tmp_path), tmp_path)


def produce(landing, times, table="visits", env=None):
    file = visits.json_lines(landing.lake.parent, times)
    landing.forebay(*landing.produce_arguments("--table", table, "--from", file), env=env)


def of_table(landing, table="visits", **options):
    tables = landing.forebay("status", "--lake", landing.lake, *landing.brokers, "--json", **options).json["tables"]
    (found,) = [each for each in tables if each["table"] == table]
    return found


def test_rows_are_in_the_days_and_hours_of_their_zone(landing):
    times = visits.around_the_changes_of_clocks()
    for table in ("visits", "hours"):
        produce(landing, times, table)
    landing.land()
    local = [at.astimezone(NEW_YORK) for at in times]
    days = Counter(f"date={at:%Y-%m-%d}" for at in local)
    hours = Counter(f"hour={at:%Y-%m-%d-%H}" for at in local)
    assert (days["date=2025-03-09"], days["date=2025-03-10"], days["date=2025-11-02"]) == (23 * 6, 24 * 6, 25 * 6)
    assert hours["hour=2025-11-02-01"] == 12 and hours["hour=2025-03-09-02"] == 0
    assert readers.duckdb_rows(landing.lake, "visits") == days
    assert readers.duckdb_rows(landing.lake, "hours") == hours
    assert landing.verify().json["clean"]
    assert of_table(landing)["time_zone"] == "America/New_York"
    assert "date (America/New_York)" in landing.forebay("status", "--lake", landing.lake).stdout


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_day_is_complete_when_it_is_over_there(forebay, broker, tmp_path, zone):
    landing = Landing(forebay, broker, visits.contract(tmp_path, zone), tmp_path)
    now = datetime.now(timezone.utc)
    ended = now - timedelta(days=2)
    produce(landing, [ended, now])
    landing.land()
    before, today = of_table(landing, env={"FOREBAY_LOCAL_CLOCK": "untrusted"})["dates"]
    there = now.astimezone(ZoneInfo(zone)).date()
    end = datetime.combine(there + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(timezone.utc)
    past = (end + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert (today["date"], today["state"]) == (there.isoformat(), "open")
    assert today["waits_for"] == f"its end and the grace period, at {past}"
    assert before["date"] == ended.astimezone(ZoneInfo(zone)).date().isoformat()


def test_days_before_a_day_of_the_zone_expire(landing):
    produce(landing, visits.instants("2025-11-02T03:30", 4, timedelta(hours=24)))  # 23:30 and 22:30 there
    landing.land()
    landing.forebay("lake", "expire", "--lake", landing.lake, "--table", "visits", "--before", "2025-11-03", "--yes")
    assert set(readers.duckdb_rows(landing.lake, "visits")) == {"date=2025-11-03", "date=2025-11-04"}


def test_the_zone_of_a_table_with_rows_stays(landing):
    produce(landing, visits.instants("2025-11-02T03:30", 1, timedelta(0)))
    landing.land()
    landing.contract.path.write_text(landing.contract.path.read_text().replace("America/New_York", "Europe/Berlin"))
    refused = landing.land(status=2).stderr
    assert ("partitioning changed from date = date(at, 'America/New_York') to date = date(at, 'Europe/Berlin')"
            in refused)


# --- The database of time zones --------------------------------------------------------------------------------------

def rules(directory, offset):
    """TZDIR with other rules of New York: always this many hours behind UTC."""
    directory = directory / f"rules-{offset}"
    (directory / "America").mkdir(parents=True)
    shutil.copy(Path(f"/usr/share/zoneinfo/Etc/GMT+{offset}"), directory / "America/New_York")
    return {"TZDIR": str(directory)}


def test_rules_that_change_leave_landed_rows_where_they_are(landing, tmp_path):
    """Half past four in UTC is the day before under the old rules, and the same day under the new ones."""
    old, new = rules(tmp_path, 5), rules(tmp_path, 4)
    times = visits.instants("2025-07-01T04:30", 3, timedelta(hours=24))
    produce(landing, times, env=old)
    landing.land(env=old)
    landed = Counter({"date=2025-06-30": 1, "date=2025-07-01": 1, "date=2025-07-02": 1})
    assert readers.duckdb_rows(landing.lake, "visits") == landed
    produce(landing, times, env=new)
    landing.land(env=new)
    landed.update(["date=2025-07-01", "date=2025-07-02", "date=2025-07-03"])
    assert readers.duckdb_rows(landing.lake, "visits") == landed
    assert landing.verify().json["clean"]

    for file in sorted((landing.lake / "visits/date=2025-06-30").iterdir()):
        file.unlink()
    landing.forebay("lake", "rebuild", "--lake", landing.lake, *landing.brokers, env=new)
    assert readers.duckdb_rows(landing.lake, "visits") == landed
    assert landing.verify().json["clean"]


def test_a_producer_with_other_rules_than_the_lander_is_noted(landing, tmp_path):
    produce(landing, visits.instants("2025-07-01T04:30", 3, timedelta(hours=24)), env=rules(tmp_path, 5))
    landing.land(env=rules(tmp_path, 4))
    report = landing.verify().json
    assert report["clean"]
    (note,) = [note for note in report["notes"] if note["kind"] == "receipt_not_comparable"]
    days = ", ".join(f"date=2025-{day}" for day in ("06-30", "07-01", "07-02", "07-03"))
    assert f"agree in sum, but not in {days}: the producer" in note["detail"]


def test_without_the_database_landing_stops_and_reading_goes_on(landing):
    produce(landing, visits.instants("2025-07-01T04:30", 1, timedelta(0)))
    landing.land()
    nowhere = {"TZDIR": "/nowhere"}
    for command in (landing.land_arguments("--once"), ("contract", "check", landing.contract)):
        stopped = landing.forebay(*command, status=2, env=nowhere)
        assert "this machine has no time zone database at /nowhere" in stopped.stderr
    (date,) = of_table(landing, env=nowhere)["dates"]
    assert date["state"] == "unknown" and "no time zone database" in date["waits_for"]
    assert json.loads(landing.forebay("verify", "--lake", landing.lake, "--json", env=nowhere).stdout)["clean"]
    stopped = landing.forebay("lake", "expire", "--lake", landing.lake, "--table", "visits", "--before", "2025-11-03",
                              "--yes", status=2, env=nowhere)
    assert "no time zone database" in stopped.stderr
