"""forebay topics apply and topics check, on a real broker."""
import time

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
)

from support.acl import AclBroker
from support.contracts import ContractCopy


def admin(broker):
    return AdminClient({"bootstrap.servers": broker.address})


def configuration(broker, topic):
    client = admin(broker)  # has to outlive its answers
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    return {name: entry.value for name, entry in client.describe_configs([resource])[resource].result(30).items()}


def create(broker, topic, partitions, retention_ms):
    client = admin(broker)
    new = NewTopic(topic, partitions, 1, config={"retention.ms": str(retention_ms)})
    client.create_topics([new])[topic].result(30)


def partitions(broker, topic):
    return len(admin(broker).list_topics(topic, timeout=10).topics[topic].partitions)


def apply(forebay, broker, contract, *arguments, **options):
    return forebay("topics", "apply", "--contract", contract, "--brokers", broker.address, *arguments, **options)


def check(forebay, broker, contract, *arguments, **options):
    return forebay("topics", "check", "--contract", contract, "--brokers", broker.address, *arguments, **options)


def differences(result):
    return {(topic["table"], difference["setting"]): difference
            for topic in result.json["topics"] for difference in topic["differences"]}


def test_creates_what_the_contract_says_and_is_idempotent(forebay, broker, shop):
    first = apply(forebay, broker, shop, "--json").json
    assert [(topic["topic"], topic["created"], topic["differences"]) for topic in first["topics"]] == [
        (shop.topic("clicks"), True, []), (shop.topic("orders"), True, [])]
    for table in ("clicks", "orders"):
        assert partitions(broker, shop.topic(table)) == shop.setting(table, "kafka.partitions")
        settings = configuration(broker, shop.topic(table))
        assert settings["retention.ms"] == str(shop.setting(table, "kafka.retention.ms"))
        assert settings["cleanup.policy"] == "delete"
    again = apply(forebay, broker, shop, "--json").json
    assert not any(topic["created"] for topic in again["topics"])
    assert [topic["topic_id"] for topic in again["topics"]] == [topic["topic_id"] for topic in first["topics"]]
    assert len({topic["topic_id"] for topic in first["topics"]}) == 2
    assert "matches the contract" in apply(forebay, broker, shop).stdout


def test_creates_only_what_is_missing(forebay, broker, shop):
    create(broker, shop.topic("clicks"), 6, 604_800_000)
    created = {topic["table"]: topic["created"] for topic in apply(forebay, broker, shop, "--json").json["topics"]}
    assert created == {"clicks": False, "orders": True}


def test_differences_are_said_and_nothing_is_changed(forebay, broker, shop):
    topic = shop.topic("clicks")
    apply(forebay, broker, shop)
    client = admin(broker)
    client.create_partitions([NewPartitions(topic, 7)])[topic].result(30)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[
        ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET),
        ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET)])
    client.incremental_alter_configs([resource])[resource].result(30)
    for _ in range(50):  # the controller's change reaches the broker a moment later
        if configuration(broker, topic)["retention.ms"] == "1000":
            break
        time.sleep(0.1)

    found = differences(apply(forebay, broker, shop, "--json", status=1))
    assert set(found) == {("clicks", "partitions"), ("clicks", "retention.ms"), ("clicks", "cleanup.policy")}
    assert (found["clicks", "partitions"]["contract"], found["clicks", "partitions"]["broker"]) == ("6", "7")
    assert "cannot remove partitions" in found["clicks", "partitions"]["advice"]
    assert "--add-config retention.ms=604800000" in found["clicks", "retention.ms"]["advice"]
    assert configuration(broker, topic)["retention.ms"] == "1000"
    assert partitions(broker, topic) == 7
    text = apply(forebay, broker, shop, status=1).stdout
    assert f"{topic}: differs from the contract" in text
    assert f"{shop.topic('orders')}: matches the contract" in text


def test_fewer_partitions_than_the_contract(forebay, broker, shop):
    topic = shop.topic("orders")
    create(broker, topic, 2, 2_592_000_000)
    found = differences(apply(forebay, broker, shop, "--json", status=1))
    assert "--partitions 6" in found["orders", "partitions"]["advice"]
    assert partitions(broker, topic) == 2


def test_check_changes_nothing_and_names_what_is_missing_or_differs(forebay, broker, shop):
    topic = shop.topic("orders")
    create(broker, topic, 2, 2_592_000_000)
    result = check(forebay, broker, shop, "--json", status=1)
    assert {each["table"]: (each["exists"], each["created"]) for each in result.json["topics"]} == {
        "clicks": (False, False), "orders": (True, False)}
    assert set(differences(result)) == {("orders", "partitions")}
    text = check(forebay, broker, shop, status=1).stdout
    assert f"{shop.topic('clicks')}: does not exist; `forebay topics apply` creates it" in text
    assert partitions(broker, topic) == 2
    assert shop.topic("clicks") not in admin(broker).list_topics(timeout=10).topics
    apply(forebay, broker, shop, status=1)
    assert f"{shop.topic('clicks')}: matches the contract" in check(forebay, broker, shop, status=1).stdout


def test_without_a_retention_in_the_contract_a_topic_keeps_the_brokers(forebay, broker, weather):
    (topic,) = (each["topic"] for each in apply(forebay, broker, weather, "--json").json["topics"])
    client = admin(broker)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    retention = client.describe_configs([resource])[resource].result(30)["retention.ms"]
    assert retention.source == ConfigSource.STATIC_BROKER_CONFIG.value and retention.value == "-1"
    assert "matches the contract" in check(forebay, broker, weather).stdout


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    with AclBroker(tmp_path_factory.mktemp("strict") / "broker") as broker:
        yield broker


def test_a_principal_that_may_not_read_settings_learns_what_exists(forebay, strict, tmp_path):
    shop = ContractCopy("shop.odcs.yaml", tmp_path)
    apply(forebay, strict, shop)
    for table in ("clicks", "orders"):
        strict.grant(shop.topic(table), "READ", "DESCRIBE")
    flags = ("--contract", shop, "--brokers", strict.reader_address, "--kafka-config",
             strict.reader_settings(tmp_path / "kafka.properties"))
    for command in ("apply", "check"):
        text = forebay("topics", command, *flags).stdout
        assert f"{shop.topic('clicks')}: exists\n  its settings were not compared" in text
        assert "DescribeConfigs" in text
    found = forebay("topics", "check", *flags, "--json").json["topics"]
    assert [(each["exists"], each["settings_compared"], each["differences"]) for each in found] == [
        (True, False, [])] * 2
    strict.grant(shop.topic("orders"), "DESCRIBE_CONFIGS")
    text = forebay("topics", "check", *flags).stdout
    assert f"{shop.topic('orders')}: matches the contract" in text and f"{shop.topic('clicks')}: exists" in text


def test_no_broker_is_said_within_the_asked_time(forebay, shop):
    started = time.monotonic()
    result = forebay("topics", "apply", "--contract", shop, "--brokers", "127.0.0.1:1", "--wait", "2s", status=3)
    assert 1.5 < time.monotonic() - started < 20
    assert "broker 127.0.0.1:1 does not answer" in result.stderr
    assert "--brokers" in result.stderr


def test_what_the_broker_refuses_is_said(forebay, broker, shop):
    result = apply(forebay, broker, shop, "--replication-factor", 3, status=3)
    assert "creating the topics failed" in result.stderr
    assert "replication factor" in result.stderr.lower()


def test_wrong_usage(forebay, shop):
    assert "--brokers" in forebay("topics", "apply", "--contract", shop, status=2).stderr
    assert forebay("topics", "apply", "--contract", "/no/such.yaml", "--brokers", "x:1", status=2).stderr
