"""Several topics as one table."""
import json
import re

import duckdb
import pytest

from support import readers
from support.arrow_engine import ArrowEngine
from support.several import Several, kinds, record, rows_of, status_of, tables_of


@pytest.fixture
def orders(forebay, broker, tmp_path):
    """Two topics of one table, with the same partition and offsets, without a primary key."""
    several = Several(forebay, broker, tmp_path, ("orders", ["P.eu", "P.us"], False))
    several.send("eu", [*(record(number) for number in range(5)), "no object"])
    several.send("us", ["no object", *(record(100 + number, 29 + number % 2) for number in range(7)), "nor is this"])
    return several


def test_a_list_of_topics_is_one_table(orders):
    report = orders.land().json
    assert (report["rows"], report["quarantined"], report["batches"]) == (12, 3, 1)
    eu, us = (orders.contract.topic(name) for name in ("eu", "us"))
    assert rows_of(orders.lake, "orders") == sorted([*((f"i{n}", eu, 0, n) for n in range(5)),
                                                *((f"i{100 + n}", us, 0, 1 + n) for n in range(7))], key=repr)
    assert len(readers.files(orders.lake, "orders")) == 2  # one a day, not one a topic
    verified = orders.verify("--content").json
    assert verified["clean"] and verified["content"]["compared"] == 15
    assert [(table["table"], table["topic"], table["rows"], table["in_receipts"], table["quarantined"])
            for table in verified["tables"]] == [("orders", eu, 5, 6, {"not_an_object": 1}),
                                                 ("orders", us, 7, 9, {"not_an_object": 2})]
    assert readers.quarantined(orders.lake, eu) == {"not_an_object": 1}


def test_status_has_a_table_of_several_topics(orders):
    orders.land()
    orders.send("us", [record(7)])
    table = status_of(orders)["orders"]
    eu, us = (orders.contract.topic(name) for name in ("eu", "us"))
    assert (table["topic"], table["topic_id"], table["error"], table["lag"], table["rows"]) == (None, None, "", 1, 12)
    assert [(topic["topic"], topic["error"], topic["ended"]) for topic in table["topics"]] == [
        (eu, "", ""), (us, "", "")]
    assert [(each["topic"], each["partition"], each["lag"]) for each in table["partitions"]] == [(eu, 0, 0), (us, 0, 1)]
    assert table["quarantined"] == {"not_an_object": 3}
    text = orders.forebay("status", "--lake", orders.lake, *orders.brokers).stdout
    assert "orders from 2 topics: 12 rows" in text and re.search(rf"{us} +0 +\d+ +9 +10 +1 ", text)


def test_a_date_waits_for_every_topic(orders):
    orders.land()
    flags = ("--grace", "0s", "--idle", "1h", "--json")
    status = orders.forebay("status", "--lake", orders.lake, *orders.brokers, *flags).json
    dates = {date["date"]: date["waits_for"] for date in status["tables"][0]["dates"]}
    eu = orders.contract.topic("eu")
    assert dates == {"2025-10-29": "", "2025-10-30": f"{eu} partition 0: events landed up to 2025-10-30T12:00:00Z"}


def test_quarantine_tells_the_topic(orders):
    orders.land()
    us = orders.contract.topic("us")
    listed = orders.forebay("quarantine", "list", "--lake", orders.lake).stdout
    assert "not_an_object: 3 records" in listed and f"{us} partition 0 offset 0: " in listed
    found = orders.forebay("quarantine", "list", "--lake", orders.lake, "--topic", us, "--json").json
    assert [(each["topic"], each["offset"]) for each in found["records"]] == [(us, 0), (us, 8)]
    refused = orders.forebay("quarantine", "list", "--lake", orders.lake, "--topic", "x", status=2)
    assert "no topic 'x' was landed" in refused.stderr


def test_produce_asks_for_the_topic(orders):
    lines = orders.lake.parent / "one.jsonl"
    lines.write_text(json.dumps(record(1)))
    refused = orders.forebay(*orders.produce_arguments("--table", "orders", "--from", lines), status=2)
    assert re.search(r"table 'orders' has several topics \(.*\); --topic names the one to produce to", refused.stderr)
    refused = orders.forebay(*orders.produce_arguments("--table", "orders", "--topic", "x", "--from", lines), status=2)
    assert "table 'orders' does not have the topic 'x'; its topics are" in refused.stderr
    refused = orders.forebay(*orders.produce_arguments("--topic", "x", "--from", lines), status=2)
    assert "has the topic 'x'" in refused.stderr
    orders.produce("--table", "orders", "--topic", orders.contract.topic("us"), "--from", lines)


def test_damaged_files_are_rebuilt_from_all_topics(orders):
    orders.send("us", [record(200 + number) for number in range(400)])
    orders.send("eu", [record(700 + number) for number in range(300)])
    # Files of fifty rows, of both topics in one directory.
    engine = ArrowEngine(orders.contract, orders.broker.address, orders.lake, row_group_rows=50, file_bytes=1)
    engine.land(task_partitions=2)
    before = rows_of(orders.lake, "orders")
    files = readers.files(orders.lake, "orders")
    assert len(files) > 10 and len(before) == 712
    for file in files[::2] + readers.files(orders.lake, "quarantine"):
        file.unlink()
    assert "missing_file" in kinds(orders.verify(status=1))
    orders.forebay("lake", "rebuild", "--lake", orders.lake, *orders.brokers, "--as-decoded")
    assert rows_of(orders.lake, "orders") == before
    assert orders.verify("--content").json["clean"]


def test_an_engine_of_ones_own_lands_the_same(orders):
    orders.land()
    other = orders.lake.parent / "other"
    ArrowEngine(orders.contract, orders.broker.address, other).land(task_partitions=2)
    query = "SELECT * FROM read_parquet('{}/orders/**/*.parquet') ORDER BY _kafka_topic, _kafka_offset"
    assert duckdb.sql(query.format(other)).fetchall() == duckdb.sql(query.format(orders.lake)).fetchall()
    sums = [[(each["rows"], each["checksum"], each["key_sum"]) for each in
             orders.forebay("status", "--lake", lake, "--json").json["tables"][0]["dates"]]
            for lake in (orders.lake, other)]
    assert sums[0] == sums[1]
    orders.lake = other
    assert orders.verify("--content").json["clean"]


def test_a_row_under_another_topic_is_found(orders):
    """The sums tell apart what partition and offset do not."""
    orders.land()
    file = next(file for file in readers.files(orders.lake, "orders") if "date=2025-10-30" in str(file))
    eu, us = (orders.contract.topic(name) for name in ("eu", "us"))
    file.chmod(0o600)
    changed = file.with_suffix(".new")
    duckdb.sql(f"""COPY (SELECT * REPLACE (CASE WHEN id = 'i1' THEN '{us}' ELSE _kafka_topic END AS _kafka_topic)
                         FROM read_parquet('{file}')) TO '{changed}' (FORMAT parquet)""")
    changed.rename(file)
    found = kinds(orders.verify("--content", status=1))
    assert {"position_sum_mismatch", "key_sum_mismatch", "record_count_mismatch", "missing_record"} <= set(found)


def test_topics_of_a_list_are_created(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("orders", ["P.a", "P.b", "^P.c.*"]), ("t_{topic}", ["P.d"]))
    found = forebay("topics", "check", *several.common, "--json").json["topics"]
    assert [(each["table"], each["topic"].removeprefix(several.contract.prefix)) for each in found] == [
        ("orders", "a"), ("orders", "b"), (f"t_{several.contract.topic('d')}", "d")]
    assert all(each["exists"] for each in found)
    several.send("d", [record(1)])
    assert several.land().json["rows"] == 1
    assert tables_of(several) == [f"t_{several.contract.topic('d')}"]


def test_one_topic_may_become_several_and_topics_come_and_go(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("orders", "P.a", False))
    several.send("a", [record(1)])
    several.land()
    several.contract.write(("orders", ["P.a", "P.b"], False), version="2.0.0")
    forebay("topics", "apply", *several.common)
    several.send("a", [record(2)])
    several.send("b", [record(3)])
    several.land()
    a, b = several.contract.topic("a"), several.contract.topic("b")
    assert rows_of(several.lake, "orders", "id, _kafka_topic") == [("i1", None), ("i2", a), ("i3", b)]
    assert several.verify("--content").json["clean"]

    several.contract.write(("orders", ["P.b", "^P.c.*"], False), version="3.0.0")
    several.create("c")
    several.send("b", [record(4)])
    several.send("c", [record(5)])
    assert several.land().json["rows"] == 2
    table = status_of(several)["orders"]
    assert [topic["ended"] for topic in table["topics"]] == ["the contract does not have it any more", "", ""]
    assert several.verify("--content").json["clean"]

    several.contract.write(("orders", ["P.a", "P.b", "P.c"], False), version="4.0.0")
    several.send("a", [record(6)])
    assert several.land().json["rows"] == 1  # it continues where it ended
    assert several.verify("--content").json["clean"]

    several.contract.write(("orders", "P.a", False), version="5.0.0")
    assert "_kafka_topic" in several.land(status=2).stderr


def test_a_topic_stays_in_its_table(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("a", ["P.x", "P.y"]), ("b", ["P.z"]))
    several.send("x", [record(1)])
    several.land()
    several.contract.write(("a", ["P.y"]), ("b", ["P.x", "P.z"]), version="2.0.0")
    assert re.search(r"topic '?\S+x'? .*table 'a'", several.land(status=2).stderr)
