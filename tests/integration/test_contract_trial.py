"""`forebay contract check` on samples of files and topics: it tells what the landing then does, and changes nothing."""
import json
from collections import Counter

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from support.landing import Landing
from support.producing import click
from support.topics import create_topic, delete_topic

EVERY_FAULT = "late=0.02,duplicate=0.01,extra=0.03,malformed=0.05"


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def check(landing, *arguments, status=0):
    return landing.forebay("contract", "check", landing.contract, *arguments, "--json", status=status)


def check_topic(landing, *arguments, status=0):
    return check(landing, *landing.brokers, "--topic", *arguments, status=status)


def send(broker, topic, records):
    """Sends (partition, value, timestamp) with keys."""
    producer = Producer({"bootstrap.servers": broker.address, "linger.ms": 20})
    for number, (partition, value, timestamp) in enumerate(records):
        producer.produce(topic, key=b"k", value=value, partition=partition, timestamp=timestamp)
        if number % 10_000 == 0:
            producer.flush(30)
    assert producer.flush(30) == 0


def groups(report):
    return Counter({(group["table"], group["field"], group["reason"]): group["records"] for group in report["groups"]})


def test_a_topic_lands_as_it_was_told(landing):
    """All records of both tables, with every fault: rows by directory, rejects by field and reason, members, sizes."""
    landing.produce("--records", 30_000, "--seed", 3, "--faults", EVERY_FAULT)
    told = check_topic(landing, "--records", 0, status=1).json
    clicks, orders = told["samples"]
    assert (clicks["table"], clicks["source"]) == ("clicks", landing.contract.topic("clicks"))
    assert clicks["records"] == clicks["offsets"] == 30_000 and clicks["partitions"] == 6

    landed = landing.land().json
    status = landing.forebay("status", "--lake", landing.lake, "--json").json
    quarantine = landing.forebay("quarantine", "list", "--lake", landing.lake, "--json").json
    assert groups(quarantine) == groups(clicks) + groups(orders)
    assert landed["quarantined"] == clicks["rejected"] + orders["rejected"] > 1000
    for sample, table in zip((clicks, orders), status["tables"]):
        assert table["table"] == sample["table"]
        assert {f"date={date['date']}": date["rows"] for date in table["dates"]} == {
            entry["directory"]: entry["rows"] for entry in sample["directories"]}
        fields = landed["fields"][sample["table"]]
        assert fields["rows"] == sample["rows"] == sum(entry["rows"] for entry in sample["directories"])
        for name in ("unknown_members", "always_missing", "hints"):
            assert fields[name] == sample[name], name
        assert sample["parquet_bytes"] == pytest.approx(table["bytes"], rel=0.1)
        assert table["bytes"] / 2 < sample["topic_parquet_bytes"] < table["bytes"], "without the ends of the files"


def test_a_file_lands_as_it_was_told(landing, tmp_path):
    records = [click(number, **({"deck": number} if number % 4 == 0 else {}),
                     **({"quantity": number * 100} if number % 10 == 0 else {})) for number in range(500)]
    (tmp_path / "in.json").write_text(json.dumps([json.loads(record) for record in records], indent=2))
    (told,) = check(landing, "--table", "clicks", "--sample", tmp_path / "in.json", status=1).json["samples"]
    sent = landing.produce("--table", "clicks", "--from", tmp_path / "in.json")
    assert f"{told['rejected']} of 500 records of " in sent.stderr
    landed = landing.land().json
    assert (landed["rows"], landed["quarantined"]) == (told["rows"], told["rejected"]) == (451, 49)
    assert landed["fields"]["clicks"]["unknown_members"] == told["unknown_members"]
    landing.verify()


def test_a_sample_is_of_both_ends_of_all_partitions(landing, broker):
    topic = landing.contract.topic("clicks")
    per_partition = 5_000

    def mark(number):
        return {"old": 1} if number < 10 else {"new": 1} if number >= per_partition - 10 else {}

    send(broker, topic, [(partition, click(number, **mark(number)), 1_761_825_600_000)
                         for partition in range(6) for number in range(per_partition)])
    (told,) = check_topic(landing, "--table", "clicks", "--records", 600).json["samples"]
    assert (told["records"], told["offsets"], told["rows"]) == (600, 6 * per_partition, 600)
    assert told["unknown_members"] == {"old": 60, "new": 60}
    assert told["topic_parquet_bytes"] > 5 * told["parquet_bytes"]
    text = landing.forebay("contract", "check", landing.contract, *landing.brokers, "--topic", topic).stdout
    assert f"clicks: 10,000 records of about 30,000 of {topic}, from 6 partitions\n" in text
    assert "  the whole topic: about " in text


def test_offsets_without_records_are_passed_over(landing, broker):
    """The old end of a partition, where a transaction was aborted: the sample has as many records from behind it."""
    topic = landing.contract.topic("clicks")
    producer = Producer({"bootstrap.servers": broker.address, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    for number in range(500):
        producer.produce(topic, value=click(number, aborted=1), partition=0)
    producer.flush(30)
    producer.abort_transaction(30)
    send(broker, topic, [(0, click(number, **({"old": 1} if number < 100 else {})), 1_761_825_600_000)
                         for number in range(2_000)])
    (told,) = check_topic(landing, "--table", "clicks", "--records", 200).json["samples"]
    assert told["records"] == 200 and told["unknown_members"] == {"old": 100}


def test_tombstones_and_unusable_timestamps_are_counted(landing, broker):
    send(broker, landing.contract.topic("clicks"), [
        (0, click(0), 1_761_825_600_000), (0, None, 1_761_825_600_000), (1, click(1), 1_761_825_600), (2, None, 5)])
    text = landing.forebay("contract", "check", landing.contract, *landing.brokers, "--topic", "--table",
                           "clicks").stdout
    assert "clicks: 4 records of " in text and "  2 rows would land in 1 directory" in text
    assert "  2 tombstones, which are counted and make no rows\n" in text
    assert "  2 records without a usable Kafka timestamp: absent, before 2000, or after 2099\n" in text
    (told,) = check_topic(landing, "--table", "clicks").json["samples"]
    assert (told["records"], told["tombstones"], told["untimed"]) == (4, 2, 2)


def test_another_topic_of_the_same_table(landing, broker):
    topic = landing.contract.topic("clicks") + ".old"
    create_topic(broker, topic, 2)
    try:
        send(broker, topic, [(0, click(0), 1_761_825_600_000), (1, b"{", 1_761_825_600_000)])
        refused = check(landing, *landing.brokers, "--topic", topic, status=2)
        assert f"--topic {topic} requires --table, the table of the records: clicks or orders" in refused.stderr
        (told,) = check(landing, *landing.brokers, "--table", "clicks", "--topic", topic, status=1).json["samples"]
        assert (told["source"], told["rows"]) == (topic, 1)
        ((group,), sample) = told["groups"], told["groups"][0]["samples"][0]
        assert (group["field"], group["reason"]) == ("", "not_json")
        assert (sample["partition"], sample["offset"], sample["value_preview"]) == (1, 0, "{")
    finally:
        delete_topic(broker, topic)


def test_an_empty_topic_and_none_at_all(landing, broker):
    told = check_topic(landing).json["samples"]
    assert [(sample["records"], sample["rows"]) for sample in told] == [(0, 0), (0, 0)]
    result = check(landing, *landing.brokers, "--table", "clicks", "--topic", "no.such.topic", status=3)
    assert "the topic no.such.topic does not exist at " in result.stderr and result.stdout == ""


def test_nothing_is_written(landing, broker, tmp_path, monkeypatch):
    landing.produce("--records", 2_000, "--seed", 3, "--faults", EVERY_FAULT)
    admin = AdminClient({"bootstrap.servers": broker.address})

    def groups_of_broker():
        return {group.group_id for group in admin.list_consumer_groups().result(30).valid}

    def files():
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    before = groups_of_broker(), files()
    check_topic(landing, status=1)
    assert (groups_of_broker(), files()) == before
    assert list((tmp_path / "empty").iterdir()) == []
