"""forebay status and forebay quarantine list, on a real broker."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time
from datetime import datetime, timedelta, timezone

import pytest
from confluent_kafka import Producer

from data import seattle
from support import readers
from support.contracts import ContractCopy
from support.forebay import clean_environment
from support.landing import Landing
from support.paths import FOREBAY


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def status(landing, *arguments, brokers=True):
    tables = landing.forebay("status", "--lake", landing.lake, *(landing.brokers if brokers else ()), "--json",
                             *arguments).json
    return tables, {table["table"]: table for table in tables["tables"]}


def test_it_agrees_with_readers(landing):
    landing.produce("--records", 5000, "--seed", 1, "--faults", "malformed=0.05", "--event-span", "3d")
    landing.land()
    lake, tables = status(landing)
    assert lake["last_batch"] > 0 and lake["half_published"] == [] and lake["brokers_queried"]
    for name, table in tables.items():
        rows = readers.duckdb_rows(landing.lake, name)
        assert {f"date={date['date']}": date["rows"] for date in table["dates"]} == rows
        assert table["rows"] == rows.total()
        assert table["files"] == len(readers.files(landing.lake, name))
        assert table["quarantined"] == readers.quarantined(landing.lake, landing.contract.topic(name))
        assert table["lag"] == 0
        assert all(partition["next"] == partition["stable"] for partition in table["partitions"])
        assert table["newest_kafka_ms"] > time.time() * 1000 - 600_000


def test_lag_counts_records_not_landed(landing):
    landing.produce("--records", 2000, "--seed", 1)
    landing.land()
    landing.produce("--records", 1000, "--seed", 2)
    _, tables = status(landing)
    assert (tables["clicks"]["lag"], tables["orders"]["lag"]) == (1000, 25)
    _, tables = status(landing, brokers=False)
    assert tables["clicks"]["lag"] is None


def test_a_date_is_complete_once_its_topic_is_idle(landing):
    landing.produce("--records", 2000, "--seed", 1)
    landing.land()
    _, tables = status(landing)
    assert {date["state"] for date in tables["clicks"]["dates"]} == {"open"}  # produced within the last ten minutes
    assert tables["clicks"]["dates"][0]["waits_for"]
    time.sleep(1)
    _, tables = status(landing, "--idle", "1s")
    assert {date["state"] for date in tables["clicks"]["dates"]} == {"complete"}
    _, tables = status(landing, brokers=False)
    assert {date["state"] for date in tables["clicks"]["dates"]} == {"unknown"}


def click(event_id, when, **members):
    return json.dumps({"event_id": event_id, "event_time": when.isoformat().replace("+00:00", "Z"),
                       "event_type": "view", "user_id": "u1", "session_id": "s", "country": "DE", "device": "mobile",
                       "page": "/"} | members)


def send(landing, broker_address, records):
    """Records as (partition, value)."""
    producer = Producer({"bootstrap.servers": broker_address})
    for partition, value in records:
        producer.produce(landing.contract.topic("clicks"), key="u1", value=value, partition=partition)
    assert producer.flush(30) == 0


def test_a_table_without_dates_has_directories(forebay, broker, weather, tmp_path):
    lines = weather.path.read_text().replace("        partitionKeyPosition: 2\n", "").splitlines(keepends=True)
    lines.remove("        partitioned: true\n")  # that of the date, the first one
    weather.path.write_text("".join(lines))
    landing = Landing(forebay, broker, weather, tmp_path)
    landing.produce("--table", "seattle_weather", "--from", seattle.json_lines(tmp_path))
    landing.land()
    shown = landing.forebay("status", "--lake", landing.lake, *landing.brokers).stdout
    assert "  directory " in shown and "  weather=fog " in shown and " date " not in shown


def test_a_late_record_reopens_its_date(landing, broker):
    day = datetime(2025, 10, 30, 12, tzinfo=timezone.utc)
    past = day + timedelta(days=1)
    send(landing, broker.address, [(p, click(f"a{p}", day)) for p in range(6)])
    landing.land()
    send(landing, broker.address, [(p, click(f"b{p}", past)) for p in range(5)])
    landing.land()
    dates = {date["date"]: date for date in status(landing)[1]["clicks"]["dates"]}
    assert dates["2025-10-30"]["state"] == "open"
    assert dates["2025-10-30"]["waits_for"] == "partition 5: events landed up to 2025-10-30T12:00:00Z"

    send(landing, broker.address, [(5, click("b5", past))])
    landing.land()
    complete = {date["date"]: date for date in status(landing)[1]["clicks"]["dates"]}["2025-10-30"]
    assert (complete["state"], complete["reopened"]) == ("complete", False)

    send(landing, broker.address, [(2, click("late", day))])
    landing.land()
    late = {date["date"]: date for date in status(landing)[1]["clicks"]["dates"]}["2025-10-30"]
    assert (late["state"], late["reopened"], late["rows"]) == ("complete", True, 7)
    assert late["checksum"] != complete["checksum"]
    assert late["completed_by_batch"] == complete["completed_by_batch"] < late["last_batch"]
    text = landing.forebay("status", "--lake", landing.lake, *landing.brokers).stdout
    assert "reopened: records landed after batch 3 completed it" in text


def test_one_event_that_is_ahead_does_not_complete_a_date(forebay, broker, tmp_path):
    """Its clock is two days ahead, as the contract permits: today is not over."""
    contract = ContractCopy("shop.odcs.yaml", tmp_path, partitions=1)
    event_time = "      - property: eventTime\n        value: event_time\n"
    text = contract.path.read_text()
    assert event_time in text
    contract.path.write_text(text.replace(
        event_time, f"{event_time}      - property: eventTime.maxAhead\n        value: 3d\n"))
    landing = Landing(forebay, broker, contract, tmp_path)
    now = datetime.now(timezone.utc)
    send(landing, broker.address, [(0, click("now", now)), (0, click("ahead", now + timedelta(days=2)))])
    landing.land()
    for brokers in (True, False):
        today, ahead = status(landing, brokers=brokers)[1]["clicks"]["dates"]
        assert (today["date"], today["state"], today["rows"]) == (now.date().isoformat(), "open", 1)
        end = datetime.combine(now.date() + timedelta(days=1), datetime.min.time()) + timedelta(hours=1)
        assert today["waits_for"] == f"its end and the grace period, at {end.isoformat()}Z"
        assert ahead["state"] == "open"


def test_quarantine_is_listed_so_that_a_terminal_survives_it(landing, broker):
    hostile = b"\x1b[2J\x07\xff\xc2\x9b31m{\r\n" + "\u202eevil".encode() + b'"\\'
    toaster = click("x", datetime(2025, 1, 1, tzinfo=timezone.utc), device="toaster")
    send(landing, broker.address, [(0, hostile), (1, b"[1]"), (2, toaster)])
    landing.land()
    text = landing.forebay("quarantine", "list", "--lake", landing.lake).stdout
    assert all(ord(c) >= 0x20 and not 0x7f <= ord(c) < 0xa0 and c != "\u202e" for c in text.replace("\n", ""))
    assert "\\x1b[2J\\x07\\xff\\xc2\\x9b31m{\\x0d\\n\\xe2\\x80\\xaeevil" in text

    one_by_one = landing.forebay("quarantine", "list", "--lake", landing.lake, "--records").stdout
    assert "not_in_enum" in one_by_one and "device: " in one_by_one

    listed = landing.forebay("quarantine", "list", "--lake", landing.lake, "--json").json
    by_reason = {record["reason"]: record for record in listed["records"]}
    assert set(by_reason) == {"not_utf8", "not_an_object", "not_in_enum"} and not listed["more"]
    record = by_reason["not_in_enum"]
    assert (record["table"], record["field"], record["partition"], record["offset"]) == ("clicks", "device", 2, 0)
    assert record["key_preview"] == "u1" and record["value_bytes"] > 100

    only = ("quarantine", "list", "--lake", landing.lake, "--json", "--reason", "not_an_object")
    assert [record["value_preview"] for record in landing.forebay(*only).json["records"]] == ["[1]"]
    assert landing.forebay(*only, "--table", "orders").json["records"] == []
    today = datetime.now(timezone.utc).date()
    days = [(today - timedelta(days=n)).isoformat() for n in (0, 1)]  # it may be midnight
    assert sum(len(landing.forebay(*only, "--date", day).json["records"]) for day in days) == 1
    assert landing.forebay("quarantine", "list", "--lake", landing.lake, "--limit", 2, "--json").json["more"]
    refused = landing.forebay("quarantine", "list", "--lake", landing.lake, "--table", "shoes", status=2)
    assert "clicks, orders" in refused.stderr


def test_quarantine_is_grouped_by_field_and_reason(landing, broker):
    day = datetime(2025, 10, 30, tzinfo=timezone.utc)
    send(landing, broker.address, [(number % 6, click(f"t{number}", day, device="toaster")) for number in range(50)]
         + [(0, "garbage"), (1, click("ok", day))])
    landing.land("--max-reject-rate", "1")
    text = landing.forebay("quarantine", "list", "--lake", landing.lake).stdout
    lines = text.splitlines()
    assert lines[:2] == ["clicks, by field and reason:", "  device, not_in_enum: 50 records"]
    assert "  not_json: 1 record" in lines and text.count("toaster") >= 3 and len(lines) == 2 + 6 + 1 + 2
    listed = landing.forebay("quarantine", "list", "--lake", landing.lake, "--json", "--limit", 5).json
    assert len(listed["records"]) == 5 and listed["more"]
    groups = [(group["field"], group["reason"], group["records"], len(group["samples"])) for group in listed["groups"]]
    assert groups == [("device", "not_in_enum", 50, 3), ("", "not_json", 1, 1)]


def test_a_loss_names_its_topic(landing, delete_records):
    landing.produce("--records", 2000, "--seed", 1)
    landing.land()
    landing.produce("--records", 2000, "--seed", 2)
    topic = landing.contract.topic("clicks")
    delete_records(topic)
    landing.land("--accept-loss")
    lake, _ = status(landing)
    assert lake["lost"] and {lost["topic"] for lost in lake["lost"]} == {topic}
    text = landing.forebay("status", "--lake", landing.lake).stdout
    assert f"accepted loss: topic {topic} partition 0, " in text


def test_without_the_brokers_the_lake_is_shown(forebay, own_broker, shop, tmp_path):
    """A broker that is down, and one that hangs: a short, bounded wait, and what could not be asked."""
    landing = Landing(forebay, own_broker, shop, tmp_path)
    landing.produce("--records", 1000, "--seed", 1)
    landing.land()
    for lose, timeout in ((own_broker.pause, "1s"), (own_broker.kill, "10m")):
        lose()
        for command in ("status", "verify"):
            began = time.monotonic()
            arguments = (command, "--lake", landing.lake, *landing.brokers, "--broker-timeout", timeout)
            shown = forebay(*arguments, status=3)
            assert time.monotonic() - began < 20, "it waited for the broker"
            assert "clicks" in shown.stdout and shown.stderr.splitlines()[-1].startswith("forebay: ")
            assert "without the " in shown.stderr.splitlines()[-1]
            told = forebay(*arguments, "--json", status=3).json
            assert told["brokers_queried"] and told["broker_error"]
            assert sum(table["rows"] for table in told["tables"]) > 1000
            assert told.get("clean", False) is False


# --- Service levels -------------------------------------------------------------------------------------------------

def service_levels(landing, *arguments, brokers=True):
    _, tables = status(landing, *arguments, brokers=brokers)
    return {level["property"]: level for level in tables["clicks"]["service_levels"]}


def test_service_levels_are_compared(landing, broker):
    text = landing.contract.path.read_text()
    for value, unit, other in ((5, "min", (1, "s")), (1, "d", (1, "h")), (365, "d", (100_000, "d"))):
        before = f"value: {value}\n    unit: {unit}\n"
        assert before in text
        text = text.replace(before, f"value: {other[0]}\n    unit: {other[1]}\n", 1)
    landing.contract.path.write_text(text)
    now = datetime.now(timezone.utc)
    send(landing, broker.address, [(p, click(f"a{p}", now)) for p in range(6)])
    landing.land()
    met = service_levels(landing)
    assert {name: level["breached"] for name, level in met.items()} == {
        "freshness": False, "latency": False, "retention": False}
    assert met["freshness"]["limit_ms"] == 1000
    assert service_levels(landing, brokers=False)["freshness"]["breached"] is None

    send(landing, broker.address, [(p, click(f"b{p}", now - timedelta(days=2))) for p in range(6)])
    deadline = time.monotonic() + 30
    while not service_levels(landing)["freshness"]["breached"]:  # a second after they were produced
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "records have waited in Kafka for longer" in service_levels(landing)["freshness"]["detail"]
    landing.land()
    landed = service_levels(landing)
    assert (landed["freshness"]["breached"], landed["latency"]["breached"]) == (False, True)
    assert landed["latency"]["value_ms"] > 86_400_000
    landing.contract.path.write_text(text.replace("value: 100000\n    unit: d\n", "value: 1\n    unit: d\n"))
    send(landing, broker.address, [(0, click("c", now))])
    landing.land()
    assert "`forebay lake expire --table clicks --before " in service_levels(landing)["retention"]["detail"]
    shown = landing.forebay("status", "--lake", landing.lake, *landing.brokers).stdout
    assert re.search(r"\n  freshness +1 s +0 s +met *\n", shown)
    assert re.search(r"\n  retention +24 h .+ breached ", shown)


def test_a_directory_that_is_not_a_lake_is_reported(forebay, tmp_path):
    for command in (("status",), ("quarantine", "list")):
        result = forebay(*command, "--lake", tmp_path, status=2)
        assert "is not a lake" in result.stderr and len(result.stderr.splitlines()) == 1


def test_the_spark_engines_status_is_shown(landing):
    landing.produce("--records", 1000, "--seed", 1)
    landing.land()
    assert status(landing)[0]["engine_status"] is None
    reported = {"engine": "spark", "state": "running", "pid": 12345, "updated_at": "2025-10-30T12:00:00.000Z",
                "tables": {"clicks": {"batch": 7, "records": 12000, "records_per_second": 4000.5, "lag": 17}}}
    file = landing.lake.with_name("lake.spark-status.json")
    file.write_text(json.dumps(reported))
    assert status(landing)[0]["engine_status"] == reported
    text = landing.forebay("status", "--lake", landing.lake).stdout
    assert "spark engine: running, process 12345, updated" in text
    assert "clicks: batch 7, 12,000 records, 4,000 records/s, lag 17" in text
    elsewhere = file.rename(landing.lake.with_name("elsewhere.json"))
    elsewhere.write_text("{")
    assert status(landing, "--engine-status", elsewhere)[0]["engine_status"] is None
    assert "elsewhere.json is not an engine status file" in landing.forebay(
        "status", "--lake", landing.lake, "--engine-status", elsewhere).stdout


def on_a_terminal(landing, columns, **environment):
    """What `forebay status` writes to a terminal of this width."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([FOREBAY, "status", "--lake", landing.lake, *landing.brokers], stdout=child,
                               stderr=subprocess.DEVNULL, env=clean_environment({"TERM": "xterm"} | environment))
    os.close(child)
    shown = b""
    try:
        while block := os.read(parent, 65536):
            shown += block
    except OSError:  # the terminal's other end is closed
        pass
    os.close(parent)
    assert process.wait(60) == 0
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colour_and_no_more_than_its_width(landing):
    landing.produce("--records", 3000, "--seed", 1, "--faults", "malformed=0.05", "--event-span", "3d")
    landing.land()
    plain = landing.forebay("status", "--lake", landing.lake, *landing.brokers).stdout
    assert "\x1b" not in plain and "last batches" in plain and "checksum" in plain
    wide = on_a_terminal(landing, 160)
    assert "\x1b[1mclicks\x1b[0m" in wide and "\x1b[32m0\x1b[0m" in wide and "█" in wide and "checksum" in wide
    assert "\x1b" not in on_a_terminal(landing, 160, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(landing, 160, TERM="dumb")
    narrow = re.sub(r"\x1b\[\d+m", "", on_a_terminal(landing, 60))
    tables = [line for line in narrow.splitlines() if line.startswith("  ")]
    assert tables and max(map(len, tables)) <= 60 and "checksum" not in narrow and "date " in narrow


def test_json_has_what_the_page_shows(landing):
    landing.produce("--records", 2000, "--seed", 1, "--faults", "malformed=0.05")
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    landing.land()
    lake, tables = status(landing)
    batches = [commit["batch"] for commit in lake["commits"]]
    assert batches == sorted(batches, reverse=True) and batches[0] == lake["last_batch"]
    assert all(commit["published"] for commit in lake["commits"])
    assert sum(commit["rows"] for commit in lake["commits"]) == sum(table["landed"] for table in tables.values())
    examples = {(example["table"], example["reason"]) for example in lake["quarantine_examples"]}
    assert examples == {(name, reason) for name, table in tables.items() for reason in table["quarantined"]}
    assert lake["quarantine_error"] == lake["broker_error"] == ""
