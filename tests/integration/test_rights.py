"""A principal's rights, on a broker with Kafka's authorizer: Read and Describe on the topics are enough to land."""
import time
import urllib.request
from dataclasses import replace

import pytest
import yaml
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from forebay.airflow import dates, microbatch
from forebay.airflow.settings import Settings
from support import readers
from support.landing import Landing
from support.paths import FOREBAY

RECORDS = 500
TABLES = ("clicks", "orders")


class AsReader(Landing):
    """Tests produce with every right; what lands has those that were granted."""

    def __init__(self, forebay, broker, contract, directory):
        super().__init__(forebay, broker, contract, directory)
        self.broker = broker
        self.settings = broker.client_settings(directory)
        self.produce("--records", RECORDS, "--seed", 1)
        self.brokers = ("--brokers", broker.guarded_address, "--kafka-config", self.settings)
        self.common = ("--contract", contract, *self.brokers)

    def allow(self, *operations):
        for table in TABLES:
            self.broker.allow("topic", self.contract.topic(table), *operations)
        return self


@pytest.fixture
def reader(forebay, guarded_broker, shop, tmp_path):
    return AsReader(forebay, guarded_broker, shop, tmp_path)


def committed(broker, group, topic):
    """The offsets that a lag tool sees, summed over the partitions."""
    admin = AdminClient({"bootstrap.servers": broker.address})
    (answer,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    return sum(each.offset for each in answer.result(30).topic_partitions if each.topic == topic)


def test_read_and_describe_land_and_verify(reader):
    reader.allow("READ", "DESCRIBE")
    first = reader.land()
    assert first.stderr.count("the broker refuses the consumer group 'forebay'") == 1, first.stderr
    assert "lacks the right Read on the group" in first.stderr and "--consumer-group" in first.stderr
    assert readers.duckdb_rows(reader.lake, "clicks").total() == RECORDS
    assert reader.land("--consumer-group", "none").stderr == ""
    assert reader.verify().json["clean"]
    status = reader.forebay("status", "--lake", reader.lake, *reader.brokers, "--json").json
    assert [table["lag"] for table in status["tables"]] == [0, 0]


def test_read_and_describe_try_a_contract(reader):
    reader.allow("READ", "DESCRIBE")
    result = reader.forebay("contract", "check", reader.contract, *reader.brokers, "--topic", "--json")
    assert [sample["rows"] for sample in result.json["samples"]] == [RECORDS, RECORDS // 40]
    assert result.stderr == ""


def test_read_and_describe_infer_a_contract(reader):
    """What may not be read, the topic's settings, is left out."""
    reader.allow("READ", "DESCRIBE")
    topic = reader.contract.topic("clicks")
    made = reader.forebay("contract", "infer", *reader.brokers, "--topic", topic).stdout
    settings = {entry["property"]: entry["value"] for entry in yaml.safe_load(made)["schema"][0]["customProperties"]}
    assert settings == {"kafka.topic": topic, "kafka.partitions": reader.contract.setting("clicks", "kafka.partitions"),
                        "kafka.key": "user_id", "eventTime": "event_time"}


def test_a_follower_without_a_group_lands(reader):
    reader.allow("READ", "DESCRIBE")
    with reader.follow("--flush-interval", "200ms", "--http", "127.0.0.1:0") as lander:
        metrics = lander.page_url() + "/metrics"
        landed = f'forebay_records_total{{table="clicks",outcome="landed"}} {RECORDS}\n'
        deadline = time.monotonic() + 120
        while landed not in urllib.request.urlopen(metrics, timeout=20).read().decode():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        ended = lander.terminate()
    assert ended.status == 0 and ended.stderr.count("refuses the consumer group") == 1, ended
    assert readers.duckdb_rows(reader.lake, "clicks").total() == RECORDS


def test_the_group_of_lag_tools_can_be_chosen(reader, guarded_broker):
    reader.allow("READ", "DESCRIBE")
    group = f"lag-{reader.contract.topic('clicks')}"
    guarded_broker.allow("group", group, "READ")
    assert "consumer group" not in reader.land("--consumer-group", group).stderr
    assert committed(guarded_broker, group, reader.contract.topic("clicks")) == RECORDS
    in_file = reader.settings.with_name("group.properties")
    in_file.write_text(reader.settings.read_text() + "group.id=mine\n")
    refused = reader.forebay("land", "--contract", reader.contract, "--brokers", guarded_broker.guarded_address,
                             "--kafka-config", in_file, "--lake", reader.lake, "--once", status=2)
    assert "--consumer-group" in refused.stderr


def test_the_dags_run(reader, monkeypatch):
    reader.allow("READ", "DESCRIBE")
    monkeypatch.setenv("FOREBAY_KAFKA_CONFIG", str(reader.settings))
    settings = replace(Settings.from_environment({}), binary=str(FOREBAY), brokers=reader.broker.guarded_address,
                       lake=reader.lake, contract=reader.contract.path, receipts=reader.receipts, native_options=(),
                       idle="1ms", grace="1s")
    assert microbatch.check(settings) == [
        f"topic {reader.contract.topic(table)} exists; its settings were not compared, "
        "which needs the right DescribeConfigs on it"
        for table in TABLES]
    assert microbatch.land(settings, "native")["rows"] > RECORDS
    assert microbatch.verify(settings, since=0)["last_batch"] > 0
    dates.find_changes(settings)


def test_a_missing_right_is_named(reader, forebay, guarded_broker, shop):
    topics = [shop.topic(table) for table in TABLES]
    nothing = reader.land(status=3)
    new_lake, missing = nothing.stderr.splitlines()
    assert "began a new lake" in new_lake and "lacks the right Describe on the topic" in missing
    reader.allow("DESCRIBE")
    unread = reader.land("--consumer-group", "none", status=3)
    assert "lacks the right Read on the topic" in unread.stderr and any(topic in unread.stderr for topic in topics)
    applied = forebay("topics", "apply", *reader.common)
    assert applied.stdout.count("needs the right DescribeConfigs on it") == 2
    guarded_broker.allow("topic", "t.absent", "DESCRIBE")
    absent = reader.settings.with_name("absent.odcs.yaml")
    absent.write_text(shop.path.read_text().replace(topics[0], "t.absent"))
    refused = forebay("topics", "apply", "--contract", absent, *reader.brokers, status=3)
    assert "lacks the right Create on the topic, or on the cluster" in refused.stderr and "t.absent" in refused.stderr
