"""`forebay contract infer`: a contract for topics that have none. It lands them as it is, without quarantine."""
import gzip
import json
import random
import subprocess
import uuid
from pathlib import Path

import duckdb
import pytest
import yaml
from confluent_kafka import Producer

from data import seattle
from data.event_kinds import KINDS
from support.landing import Landing
from support.topics import alter, create_topic

RECORDS = 1500
PARTITIONS = 3

# Kind -> key, event time, primary key, partition dimension; and the fields that come from the record's key.
ROLES = {
    "cars": (None, "Year", [], "Year", []),
    "cloud_events": ("id", "time", ["id"], "date = date(time)", []),
    "cloud_trail": (None, "eventTime", ["eventID"], "date = date(eventTime)", []),
    "debezium": (None, "ts_ms", [], "date = date(ts_ms)", ["key_id"]),
    "debezium_with_schema": (None, "payload.ts_ms", [], "date = date(payload.ts_ms)", ["key_payload_id"]),
    "geo_json": (None, "properties.time", ["id"], "date = date(properties.time)", []),
    "github": (None, "_kafka_timestamp", [], "date = date(_kafka_timestamp)", []),
    "iot": ("deviceId", "ts", ["ID"], "date = date(ts)", []),
    "kubernetes": (None, "firstTimestamp", [], "date = date(firstTimestamp)", ["kafka_key"]),
    "mongodb": (None, "wallTime.$date", [], "date = date(wallTime.$date)", ["key__id_$oid"]),
    "nginx": ("remote_addr", "time_iso8601", [], "date = date(time_iso8601)", []),
    "odd_values": ("number", "at", ["number"], "date = date(at)", []),
    "otlp_logs": (None, "_kafka_timestamp", [], "date = date(_kafka_timestamp)", []),
    "payments": ("id", "created", ["id"], "date = date(created)", []),
    "seattle": ("date", "date", [], "year = year(date)", []),
}


@pytest.fixture
def topic(broker):
    name = f"t{uuid.uuid4().hex[:10]}.records"
    create_topic(broker, name, PARTITIONS)
    return name


def produce(broker, topic, records):
    """Sends (key, record) pairs; a record may be bytes, or None for a tombstone."""
    producer = Producer({"bootstrap.servers": broker.address, "linger.ms": 20})
    for key, record in records:
        value = record if record is None or isinstance(record, bytes) else json.dumps(record).encode()
        while True:
            try:
                producer.produce(topic, key=key, value=value)
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(60) == 0


def infer(forebay, broker, topic, path, *arguments, **options):
    return forebay("contract", "infer", "--brokers", broker.address, "--topic", topic, "--output", path, *arguments,
                   **options)


def land_and_verify(forebay, broker, contract, directory):
    """Lands with the contract as it is; returns the numbers of rows and of records in quarantine."""
    lake = directory / "lake"
    land = ("--contract", contract, "--brokers", broker.address, "--lake", lake)
    checked = forebay("contract", "check", "--strict", "--json", contract).json
    assert checked["ok"] and checked["notes"] == []
    landed = forebay("land", *land, "--once", "--json").json
    assert forebay("verify", "--lake", lake, "--brokers", broker.address, "--content", "--json").json["clean"]
    (table,) = checked["tables"]
    ((rows,),) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{lake / table['name']}/**/*.parquet')").fetchall()
    return rows, landed["quarantined"]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_records_of_the_world_land_under_the_contract_that_is_inferred(forebay, broker, topic, tmp_path, kind):
    records = list(KINDS[kind](RECORDS, random.Random(kind)))
    produce(broker, topic, records)
    contract = tmp_path / "inferred.odcs.yaml"
    result = infer(forebay, broker, topic, contract)
    assert "bug" not in result.stderr
    rows = sum(record is not None for _, record in records)
    assert land_and_verify(forebay, broker, contract, tmp_path) == (rows, 0)
    (table,) = forebay("contract", "check", "--json", contract).json["tables"]
    of_key = [field["name"] for field in yaml.safe_load(contract.read_text())["schema"][0]["properties"]
              if field.get("customProperties")]
    assert (table["key"], table["event_time"], table["primary_key"], *table["partitioned_by"], of_key) == ROLES[kind]


def test_the_shops_topics_land_under_inferred_contracts(forebay, broker, shop, tmp_path):
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--records", 5000, "--seed", 7)
    for table, key in (("clicks", "user_id"), ("orders", "user_id")):
        directory = tmp_path / table
        directory.mkdir()
        contract = directory / "inferred.odcs.yaml"
        result = infer(forebay, broker, shop.topic(table), contract, "--table", table)
        assert result.stderr == ""
        rows, quarantined = land_and_verify(forebay, broker, contract, directory)
        assert rows == landing.expected()[table].rows.total() > 100 and quarantined == 0
        # A sample does not know the shop's rules, but its types.
        assert logical_types(contract)[table] == logical_types(shop)[table]
        settings = {entry["property"]: entry["value"] for entry in
                    yaml.safe_load(contract.read_text())["schema"][0]["customProperties"]}
        assert settings["kafka.key"] == key
        assert settings["kafka.retention.ms"] == shop.setting(table, "kafka.retention.ms")
        assert settings["kafka.partitions"] == shop.setting(table, "kafka.partitions")


def logical_types(contract):
    """Table -> field -> its logical type."""
    return {table["name"]: {field["name"]: field["logicalType"] for field in table["properties"]}
            for table in yaml.safe_load(Path(contract).read_text())["schema"]}


def test_the_weathers_topic_lands_under_an_inferred_contract(forebay, broker, weather, tmp_path):
    landing = Landing(forebay, broker, weather, tmp_path)
    landing.produce("--table", "seattle_weather", "--from", seattle.json_lines(tmp_path))
    contract = tmp_path / "inferred.odcs.yaml"
    infer(forebay, broker, weather.topic("seattle_weather"), contract, "--partition-by", "weather", "--partition-by",
          "year(date)", "--records", 200)
    directory = tmp_path / "own"
    directory.mkdir()
    assert land_and_verify(forebay, broker, contract, directory) == (len(seattle.days()), 0)
    levels = {path.relative_to(directory / "lake").parts[1:3] for path in (directory / "lake").rglob("*.parquet")}
    assert levels == {(f"weather={day['weather']}", f"year={day['date'][:4]}") for day in seattle.days()}


def test_both_ends_of_each_partition_are_looked_at(forebay, broker, topic, tmp_path):
    """The old records have a number where the new ones have a text; between them are others that nobody looks at."""
    old, between, new = ({"n": 1}, {"n": 2, "b": 1}, {"n": "x", "c": 1})
    produce(broker, topic, [("a", record) for record in [old] * 50 + [between] * 900 + [new] * 50])
    contract = tmp_path / "inferred.odcs.yaml"
    result = infer(forebay, broker, topic, contract, "--records", 100)
    assert "field 'n' has 50 numbers, 50 texts; it is kept as JSON" in result.stderr
    (names,) = (list(types) for types in logical_types(contract).values())
    assert names[:2] == ["n", "c"]
    assert land_and_verify(forebay, broker, contract, tmp_path) == (1000, 0)


def test_the_topics_settings_tombstones_and_what_is_no_json(forebay, broker, topic, tmp_path):
    alter(broker, topic, {"cleanup.policy": "compact,delete", "retention.ms": "7200000"})
    produce(broker, topic, [("a", {"k": "a"}), ("b", None), ("c", b"{"), ("d", b"[1]"), ("e", {"k": "e"})])
    contract = tmp_path / "inferred.odcs.yaml"
    said = infer(forebay, broker, topic, contract).stderr
    assert "1 record without a value (tombstones): counted, no rows" in said
    assert "2 records will be in quarantine under any contract (1 not_json, 1 not_an_object)" in said
    settings = {entry["property"]: entry["value"] for entry in
                yaml.safe_load(contract.read_text())["schema"][0]["customProperties"]}
    assert settings == {"kafka.topic": topic, "kafka.partitions": PARTITIONS, "kafka.retention.ms": 7200000,
                        "kafka.cleanup.policy": "compact,delete", "kafka.key": "k", "eventTime": "_kafka_timestamp"}
    assert land_and_verify(forebay, broker, contract, tmp_path) == (2, 2)


def test_a_topic_of_another_format_is_refused_in_a_sentence(forebay, broker, topic, tmp_path):
    produce(broker, topic, [(None, b"\x00\x00\x00\x00\x2a\x06abc")] * 10)
    contract = tmp_path / "inferred.odcs.yaml"
    said = infer(forebay, broker, topic, contract, status=2).stderr
    assert said.startswith("forebay: no record of topic ") and said.count("\n") == 1
    assert "the first is in Confluent's wire format (schema id 42, then Avro, Protobuf or JSON)" in said
    assert not contract.exists()


def test_an_empty_topic_and_none_at_all(forebay, broker, topic, tmp_path):
    contract = tmp_path / "inferred.odcs.yaml"
    assert "has no records" in infer(forebay, broker, topic, contract, status=2).stderr
    assert "does not exist" in infer(forebay, broker, "no.such.topic", contract, status=3).stderr
    assert "--topic, --sample or --from-schema" in forebay("contract", "infer", status=2).stderr


def test_a_file_that_exists_stays(forebay, tmp_path):
    sample, contract = tmp_path / "sample.json", tmp_path / "mine.yaml"
    sample.write_text('[{"n": 1}]')
    contract.write_text("mine")
    said = forebay("contract", "infer", "--sample", sample, "--output", contract, status=2).stderr
    assert "exists, and is not overwritten" in said
    assert contract.read_text() == "mine"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("layout", ["lines", "array", "pretty", "gzip"])
def test_a_file_in_any_layout(forebay, tmp_path, layout):
    records = [record for _, record in KINDS["cloud_events"](50, random.Random(1))]
    text = {"lines": "\n".join(map(json.dumps, records)), "array": json.dumps(records),
            "pretty": "\n".join(json.dumps(record, indent=2) for record in records)}.get(layout, "")
    sample = tmp_path / "shop.events.json"
    sample.write_text(text)
    if layout == "gzip":
        sample.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    contract = tmp_path / "inferred.odcs.yaml"
    contract.write_text(forebay("contract", "infer", "--sample", sample).stdout)
    checked = forebay("contract", "check", "--json", contract, "--sample", sample).json
    assert checked["tables"][0]["name"] == checked["tables"][0]["topic"] == "shop"
    assert checked["samples"][0]["rejected"] == 0


def test_times_without_an_offset_in_a_zone(forebay, tmp_path):
    sample = tmp_path / "local.json"
    sample.write_text('{"time": "2025-10-30T18:04:11"}\n{"time": "2025-10-31 00:30"}\n')
    made = forebay("contract", "infer", "--sample", sample, "--time-zone", "Europe/Berlin").stdout
    (time, _) = yaml.safe_load(made)["schema"][0]["properties"]
    assert time["logicalType"] == "timestamp"
    assert time["logicalTypeOptions"] == {"defaultTimezone": "Europe/Berlin"}
    made = forebay("contract", "infer", "--sample", sample).stdout
    (time, _) = yaml.safe_load(made)["schema"][0]["properties"]
    assert (time["logicalType"], time["logicalTypeOptions"]) == ("timestamp", {"timezone": False})
    refused = forebay("contract", "infer", "--sample", sample, "--time-zone", "Berlin", status=2).stderr
    assert "no time zone 'Berlin'" in refused


def test_standard_input_and_a_schema(forebay, tmp_path):
    with forebay.start("contract", "infer", "--sample", "-", "--topic", "shop.things",
                       stdin=subprocess.PIPE) as running:
        running.process.stdin.write('{"id": "a"}\n{"id": "b"}')
        result = running.wait()
    assert result.status == 0 and "value: shop.things" in result.stdout
    schema = tmp_path / "order.schema.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"order_id": {"type": "string"}}}))
    made = yaml.safe_load(forebay("contract", "infer", "--from-schema", schema, "--topic", "shop.orders").stdout)
    assert made["schema"][0]["name"] == "shop_orders"
    refused = forebay("contract", "infer", "--from-schema", sample_proto(tmp_path), status=2).stderr
    assert "a JSON Schema or an Avro schema (.avsc) was expected" in refused


def sample_proto(directory):
    path = directory / "order.proto"
    path.write_text('syntax = "proto3";\nmessage Order { string id = 1; }\n')
    return path
