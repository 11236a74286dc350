"""What a landing refuses to go on with, and the command that resolves it."""
import sqlite3

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from support import topics
from support.landing import Landing


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 300, "--seed", 1)
    made.land()
    return made


@pytest.fixture
def admin(broker):
    return AdminClient({"bootstrap.servers": broker.address})


def send(broker, topic, records, partition=0):
    producer = Producer({"bootstrap.servers": broker.address})
    for _ in range(records):
        producer.produce(topic, key=b"k", value=b"not json", partition=partition)
    producer.flush(30)


def test_a_recreated_topic(landing, broker):
    topic = landing.contract.topic("orders")
    topics.recreate(broker, topic, 6)
    send(broker, topic, 3)
    refused = landing.land(status=3)
    assert "--adopt-topic" in refused.stderr
    misspelt = landing.land("--adopt-topic", topic + "s", status=2)
    assert f"no table of the contract has the topic '{topic}s'" in misspelt.stderr
    assert landing.land("--adopt-topic", topic).json["quarantined"] == 3


def test_a_log_that_is_another_one(landing):
    """As after a log that was cut back and grew again: here the ledger has another record in mind."""
    ledger = sqlite3.connect(landing.lake / "_forebay" / "ledger.db")
    with ledger:
        ledger.execute("UPDATE ranges SET last_record_fingerprint = 1 WHERE kafka_partition = 4")
    ledger.close()
    before = len(list(landing.lake.glob("*/*/*.parquet")))
    refused = landing.land(status=3)
    assert "has another record at offset" in refused.stderr and "--adopt-log" in refused.stderr
    assert len(list(landing.lake.glob("*/*/*.parquet"))) == before


def test_records_that_expired_before_they_were_landed(landing, broker, admin):
    topic = landing.contract.topic("orders")
    send(broker, topic, 5)
    for future in admin.delete_records([TopicPartition(topic, 0, -1)]).values():
        future.result(30)
    send(broker, topic, 2)
    refused = landing.land(status=3)
    assert "expired before they were landed" in refused.stderr and "--accept-loss" in refused.stderr
    assert landing.land("--accept-loss").json["quarantined"] == 2


def test_a_ledger_that_is_ahead_of_the_brokers(landing):
    """As after a broker that lost its newest records: here the ledger is made to be ahead."""
    ledger = sqlite3.connect(landing.lake / "_forebay" / "ledger.db")
    with ledger:
        ledger.execute("UPDATE partitions SET next = next + 5 WHERE kafka_partition = 4")
        ledger.execute("UPDATE ranges SET last_record_offset = NULL, last_record_fingerprint = NULL,"
                       " last_record_leader_epoch = NULL")  # as an older version wrote it
    ledger.close()
    refused = landing.land(status=3)
    assert "the ledger has landed it up to" in refused.stderr
