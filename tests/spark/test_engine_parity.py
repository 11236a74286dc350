"""Both engines land a record to the same row, and may alternate on a lake."""
import json

import pytest
from confluent_kafka import Producer

from data import trades, visits
from dev.lake_rows import differing_rows
from support import readers, topics
from support.spark import SparkLanding

EVERY_FAULT = "late=0.02,out_of_order=0.02,duplicate=0.01,extra=0.01,malformed=0.05"
TABLES = ("clicks", "orders", "quarantine")


def produce_every_fault(landing):
    landing.produce("--records", 20000, "--seed", 1, "--faults", f"{EVERY_FAULT},too_large=0.0002",
                    "--event-span", "3d")


def produce_odd_records(landing):
    """Tombstones, records without keys, aborted records and transaction markers."""
    producer = Producer({"bootstrap.servers": landing.broker.address, "transactional.id": f"odd-{landing.directory}"})
    producer.init_transactions()
    topic = landing.contract.topic("clicks")
    for commit in (True, False, True):
        producer.begin_transaction()
        for number in range(50):
            producer.produce(topic, key=None if number % 3 else b"key", value=None if number % 2 else b'{"a": 1}')
        producer.flush()  # otherwise an abort would only empty the producer's queue
        (producer.commit_transaction if commit else producer.abort_transaction)()


def assert_same(one, other):
    for table in TABLES:
        assert differing_rows(one, other, table)[:1] == []


def fields(here, lake):
    """What the lake's rows tell about the contract."""
    status = here.forebay("status", "--lake", lake, "--json").json
    return {table["table"]: (table["unknown_members"], table["always_missing"]) for table in status["tables"]}


@pytest.mark.parametrize("transform", [None, "transforms:unchanged", "transforms:coalesces"])
def test_both_engines_land_the_same(here, transform):
    """With a transform, decode and stage are separate steps, and rows go through Spark."""
    produce_every_fault(here)
    produce_odd_records(here)
    here.land("--batch-rows", 6000)
    other = here.lake.with_name("other")
    totals = here.spark_here(lake=other, max_offsets_per_trigger=9000, transform=transform)
    assert totals.batches > 3 and totals.tombstones == 50
    assert_same(here.lake, other)
    told = fields(here, here.lake)
    assert told == fields(here, other) and told["clicks"][0]
    for lake in (here.lake, other):
        here.lake = lake
        assert here.verify().json["clean"]


def test_timestamps_in_seconds_count_as_none_in_both_engines(here):
    topic = here.contract.topic("clicks")
    topics.alter(here.broker, topic, {"retention.ms": "-1"})
    sample = ("--table", "clicks", "--records", 20, "--seed", 1)
    clicks = here.forebay("generate", "--contract", here.contract, *sample).stdout
    producer = Producer({"bootstrap.servers": here.broker.address})
    for click in clicks.splitlines():
        producer.produce(topic, click, timestamp=1_761_847_451)
    assert producer.flush(60) == 0
    landed = here.land()
    assert (landed.json["rows"], landed.json["untimed"]) == (20, 20)
    assert landed.stderr.count("have no usable Kafka timestamp") == 1
    for transform in (None, "transforms:unchanged"):
        other = here.lake.with_name(f"other-{transform}")
        assert here.spark_here(lake=other, transform=transform).untimed == 20
        assert_same(here.lake, other)


def test_absent_objects_are_landed_the_same(forebay, broker, tmp_path, spark_session):
    contract = trades.contract(tmp_path)
    here = SparkLanding(forebay, broker, contract, tmp_path, spark_session)
    trades.produce(broker, contract.topic("trades"), 60)
    here.land()
    for transform in (None, "transforms:unchanged"):
        other = here.lake.with_name(f"other-{transform}")
        assert here.spark_here(lake=other, transform=transform).rows == 60
        assert differing_rows(here.lake, other, "trades")[:1] == []


def test_days_of_a_time_zone_are_landed_the_same(forebay, broker, tmp_path, spark_session):
    here = SparkLanding(forebay, broker, visits.contract(tmp_path), tmp_path, spark_session)
    times = visits.around_the_changes_of_clocks()
    for table in ("visits", "hours"):
        here.produce("--table", table, "--from", visits.json_lines(tmp_path, times))
    here.land()
    for transform in (None, "transforms:unchanged"):
        other = here.lake.with_name(f"other-{transform}")
        assert here.spark_here(lake=other, transform=transform).rows == 2 * len(times)
        for table in ("visits", "hours"):
            assert differing_rows(here.lake, other, table)[:1] == []


def test_the_engines_alternate(here):
    """Each starts a lake that the other continues, in the middle of a topic."""
    native_first, spark_first = here.lake, here.lake.with_name("other")
    for round_number in range(4):
        here.produce("--records", 3000, "--seed", round_number + 1, "--faults", EVERY_FAULT)
        for lake, native in ((native_first, round_number % 2 == 0), (spark_first, round_number % 2 == 1)):
            here.lake = lake
            if native:
                here.land()
            else:
                here.spark_here(max_offsets_per_trigger=1000)
    assert_same(native_first, spark_first)
    for lake in (native_first, spark_first):
        here.lake = lake
        assert here.verify().json["clean"]
        here.assert_readers_agree()


def test_a_small_batch_is_one_file_for_each_directory(here):
    """Not one per Kafka partition."""
    here.produce("--records", 5000, "--seed", 1, "--event-span", "2d")
    totals = here.spark_here()
    places = {file.parent for table in TABLES for file in readers.files(here.lake, table)}
    assert totals.files == len(places) >= 4
    assert here.verify().json["clean"]


def test_a_second_landing_finds_nothing_new(here):
    here.produce("--records", 1000, "--seed", 1)
    assert here.spark_here().rows > 0
    assert here.spark_here().batches == 0
    assert here.verify().json["clean"]


def test_markers_alone_move_the_position(here):
    """A range without records is landed, too: otherwise the topic would keep a lag."""
    here.produce("--records", 1000, "--seed", 1)
    here.spark_here()
    producer = Producer({"bootstrap.servers": here.broker.address, "transactional.id": f"marker-{here.directory}"})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(here.contract.topic("clicks"), key=b"k", value=b"{}", partition=0)
    producer.flush()
    producer.abort_transaction()
    totals = here.spark_here(transform="transforms:unchanged")
    assert (totals.batches, totals.rows + totals.quarantined + totals.tombstones) == (1, 0)
    assert here.spark_here().batches == 0
    assert here.verify().json["clean"]


def test_each_batch_is_reported(here, caplog):
    here.produce("--records", 2000, "--seed", 1)
    with caplog.at_level("INFO", logger="forebay.spark"):
        totals = here.spark_here()
    status = json.loads(here.lake.with_name("lake.spark-status.json").read_text())
    assert status["state"] == "ended" and status["totals"]["rows"] == totals.rows
    lines = [json.loads(message) for message in caplog.messages if message.startswith("{")]
    assert {line["table"] for line in lines} == {"clicks", "orders"}
    for line in lines:
        assert line == status["tables"][line["table"]]
        assert line["records"] == line["rows"] > 0 and line["lag"] == 0 and line["seconds"] > 0
        assert sum(line["end_offsets"].values()) == line["records"]
    shown = here.forebay("status", "--lake", here.lake).stdout
    assert "spark engine: ended" in shown
