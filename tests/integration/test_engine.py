"""An engine made of the Python package lands what the native one lands, by the same rules."""
import pickle
import re

import confluent_kafka
import confluent_kafka.admin
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import forebay
from data import seattle
from support import readers, topics
from support.arrow_engine import ArrowEngine, RECORDS
from support.forebay import Forebay
from support.landing import Landing

EVERY_FAULT = "late=0.02,out_of_order=0.02,duplicate=0.01,extra=0.01,malformed=0.05,too_large=0.0002"
REASONS = {"not_utf8", "not_json", "not_an_object", "duplicate_member", "too_deep", "too_large", "missing_field",
           "wrong_type", "out_of_range", "bad_timestamp", "not_in_enum", "pattern_mismatch", "bad_length"}


@pytest.fixture
def forebay_command():
    return Forebay()


@pytest.fixture
def landing(forebay_command, broker, shop, tmp_path):
    return Landing(forebay_command, broker, shop, tmp_path)


@pytest.fixture
def engine(landing, broker, tmp_path):
    return ArrowEngine(landing.contract, broker.address, tmp_path / "engine-lake")


def verify(landing, engine, status=0):
    landing.lake = engine.lake
    return landing.verify(status=status).json


def rows_that_differ(lake, other, table):
    def select(of):
        return f"SELECT * FROM read_parquet('{of}/{table}/**/*.parquet', hive_partitioning = true)"
    query = f"SELECT count(*) FROM (({select(lake)} EXCEPT ALL {select(other)}) UNION ALL " \
            f"({select(other)} EXCEPT ALL {select(lake)}))"
    return duckdb.sql(query).fetchall()[0][0]


def sums_by_directory(lake):
    """What the ledger knows of each directory: rows, sums, event times."""
    sums = {}
    for batch in forebay.Ledger.open(lake).batches():
        for file in batch["files"]:
            rows, positions, keys, least, greatest = sums.get((file["table"], file["partition_dir"]),
                                                              (0, 0, 0, None, None))
            times = [time for time in (least, greatest, file["min_event_time_us"], file["max_event_time_us"])
                     if time is not None]
            sums[file["table"], file["partition_dir"]] = (
                rows + file["rows"], (positions + file["position_sum"]) % 2**64, (keys + file["key_sum"]) % 2**64,
                min(times, default=None), max(times, default=None))
    return sums


def ranges(lake):
    return sorted((r for batch in forebay.Ledger.open(lake).batches() for r in batch["ranges"]),
                  key=lambda r: (r["topic"], r["partition"], r["from"]))


def test_lands_exactly_what_the_native_engine_lands(landing, engine):
    landing.produce("--records", 30000, "--seed", 3, "--faults", EVERY_FAULT, "--event-span", "3d")
    native = landing.lake
    landing.land("--batch-rows", 100_000)
    committed = engine.land()
    assert committed.batch == 1 and committed.files > 0
    assert set(readers.quarantined(engine.lake, landing.contract.topic("clicks"))) == REASONS
    for table in ("clicks", "orders", "quarantine"):
        assert rows_that_differ(native, engine.lake, table) == 0
    assert sums_by_directory(engine.lake) == sums_by_directory(native)
    assert verify(landing, engine)["clean"]
    landing.assert_readers_agree()


def test_lands_a_table_whose_key_lives_in_the_path(forebay_command, broker, weather, tmp_path):
    landing = Landing(forebay_command, broker, weather, tmp_path)
    landing.produce("--table", "seattle_weather", "--from", seattle.json_lines(tmp_path))
    landing.land("--batch-rows", 1_000_000)
    engine = ArrowEngine(weather, broker.address, tmp_path / "engine-lake", memory_limit=8_000_000)
    assert engine.land().rows > 1000
    assert rows_that_differ(landing.lake, engine.lake, "seattle_weather") == 0
    assert sums_by_directory(engine.lake) == sums_by_directory(landing.lake)
    assert verify(landing, engine)["clean"]


def test_ranges_and_counts_are_those_of_the_native_engine(landing, engine):
    landing.produce("--records", 5000, "--seed", 4, "--faults", EVERY_FAULT)
    landing.land("--batch-rows", 100_000)
    engine.land()
    native = {(r["topic"], r["partition"]): r for r in ranges(landing.lake)}
    assert {(r["topic"], r["partition"]): r for r in ranges(engine.lake)} == native
    counts = [sorted((q["table"], q["reason"], q["records"]) for batch in forebay.Ledger.open(lake).batches()
                     for q in batch["quarantine"]) for lake in (landing.lake, engine.lake)]
    assert counts[0] == counts[1]


def test_files_are_written_with_the_same_properties(landing, engine):
    landing.produce("--records", 30000, "--seed", 5)
    landing.land("--batch-rows", 100_000)
    engine.land(task_partitions=100)
    for table in ("clicks", "orders"):
        native, ours = (max(readers.files(lake, table), key=lambda file: file.stat().st_size)
                        for lake in (landing.lake, engine.lake))
        a, b = pq.ParquetFile(native), pq.ParquetFile(ours)
        assert a.schema_arrow.equals(b.schema_arrow)
        assert {**b.schema_arrow.metadata, b"forebay.engine": b""} == {**a.schema_arrow.metadata,
                                                                     b"forebay.engine": b""}
        assert b.schema_arrow.metadata[b"forebay.engine"].startswith(b"arrow ")
        for column in range(a.metadata.num_columns):
            x, y = (f.metadata.row_group(0).column(column) for f in (a, b))
            assert (y.path_in_schema, y.compression, y.physical_type) == (x.path_in_schema, x.compression,
                                                                          x.physical_type)
            assert set(y.encodings) == set(x.encodings), x.path_in_schema
            assert y.has_column_index and y.has_offset_index
        size_a, size_b = (sum(f.stat().st_size for f in readers.files(lake, table))
                          for lake in (landing.lake, engine.lake))
        assert 0.8 < size_b / size_a < 1.25


def test_goes_on_where_it_ended_and_beside_the_native_engine(landing, engine):
    landing.produce("--records", 2000, "--seed", 1)
    assert engine.land().batch == 1
    assert engine.land() == (0, 0, 0, 0, 0, 0, 0)
    landing.produce("--records", 2000, "--first", 2000, "--seed", 1)
    landing.lake = engine.lake
    landing.land()
    landing.produce("--records", 2000, "--first", 4000, "--seed", 1)
    engine.land()
    assert [batch["engine"] for batch in forebay.Ledger.open(engine.lake).batches()][0] == "arrow"
    assert verify(landing, engine)["clean"]
    landing.assert_readers_agree()


def test_tombstones_transactions_and_empty_ranges(landing, engine, broker):
    topic = landing.contract.topic("clicks")
    producer = confluent_kafka.Producer({"bootstrap.servers": broker.address, "transactional.id": topic})
    producer.init_transactions()
    for commit in (True, False, True):
        producer.begin_transaction()
        for i in range(10):
            producer.produce(topic, value=None if i % 2 else b"{", key=b"k", partition=i % 2)
        producer.flush()
        producer.commit_transaction() if commit else producer.abort_transaction()
    committed = engine.land(max_reject_rate=1)
    assert (committed.rows, committed.quarantined, committed.tombstones) == (0, 10, 10)
    found = {(r["partition"], r["from"], r["to"]) for r in ranges(engine.lake)}
    assert found == {(0, 0, 18), (1, 0, 18)}
    assert engine.land().batch == 0


def test_a_lost_race_lands_nothing_and_the_next_plan_goes_on(landing, engine):
    landing.produce("--records", 1000, "--seed", 1)
    with engine.open() as held:
        ranges_, manifests, stats = engine.stage_all(held.plan())
        stale = [(topic, partition, begin + 1, end) for topic, partition, begin, end in ranges_ if end > begin]
        with pytest.raises(forebay.InvalidArgumentError, match="were staged for the range"):
            held.commit(stale, manifests, stats)
        assert held.commit(ranges_, manifests, stats).batch == 1
        with pytest.raises(forebay.ConflictError) as caught:
            held.commit(*engine_again(engine, ranges_))
        assert (caught.value.code, caught.value.exit_status) == ("conflict", 3)
        assert not list((engine.lake / "_forebay/staging").iterdir())
        assert held.commit(*engine.stage_all(held.plan())).batch == 0
    assert verify(landing, engine)["clean"]


def engine_again(engine, ranges_):
    """The same ranges staged once more, as a task does that was thought to be dead."""
    manifests, stats = [], []
    for topic, partition, begin, end in ranges_:
        table = next(t.name for t in engine.contract.tables if t.topic == topic)
        staged, counted = engine.stage(forebay.Position(table, topic, "", partition, begin, end))
        manifests += staged
        stats += counted
    return ranges_, manifests, stats


def test_another_lander_is_refused_and_the_lock_is_given_back(landing, engine):
    with engine.open():
        with pytest.raises(forebay.LockHeldError) as caught:
            engine.open()
        assert caught.value.exit_status == 4
        landing.lake = engine.lake
        assert landing.land(status=4)
    engine.open().close()
    landing.land()


@pytest.mark.parametrize("transform, message", [
    (lambda rows: rows.slice(0, max(rows.num_rows - 1, 0)), "the transform dropped"),
    (lambda rows: rows.take(list(range(rows.num_rows - 1, -1, -1))), "do not ascend"),
    (lambda rows: rows.drop_columns(["user_id"] if "user_id" in rows.schema.names else ["total"]), "no column"),
])
def test_a_transform_that_breaks_the_rule_lands_nothing(landing, engine, transform, message):
    landing.produce("--records", 500, "--seed", 1)
    engine.transform = transform
    with pytest.raises(forebay.InvalidArgumentError, match=message) as caught:
        engine.land()
    assert caught.value.exit_status == 2
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert forebay.Ledger.open(engine.lake).last_batch == 0


def test_columns_that_a_transform_added_are_landed(landing, engine):
    landing.produce("--records", 500, "--seed", 1)
    engine.transform = lambda rows: rows.append_column(
        "doubled", pc.multiply(rows["_kafka_offset"], 2)).append_column(
        "words", pa.array([["a", None]] * rows.num_rows))
    engine.land()
    rows = duckdb.sql(f"SELECT count(*), sum(doubled - 2 * _kafka_offset), any_value(words) "
                      f"FROM read_parquet('{engine.lake}/clicks/**/*.parquet')").fetchall()
    assert rows == [(500, 0, ["a", None])]
    assert verify(landing, engine)["clean"]


def test_too_many_refused_records_stop_the_landing(landing, engine):
    landing.produce("--records", 1000, "--seed", 1, "--faults", "malformed=0.2")
    with pytest.raises(forebay.UnavailableError, match="break the contract, more than --max-reject-rate") as caught:
        engine.land(max_reject_rate=0.05)
    assert caught.value.exit_status == 3
    assert engine.land(max_reject_rate=0.5).batch == 1


def test_one_table_alone(landing, engine):
    landing.produce("--records", 2000, "--seed", 1)
    with pytest.raises(forebay.InvalidArgumentError, match="no table 'nope'"), engine.open(tables=["nope"]) as held:
        held.plan()
    engine.land(tables=["orders"])
    assert {r["topic"] for r in ranges(engine.lake)} == {landing.contract.topic("orders")}
    engine.land()
    assert verify(landing, engine)["clean"]


def test_new_partitions_begin_at_zero(landing, engine, broker):
    topic = landing.contract.topic("orders")
    landing.produce("--records", 500, "--seed", 1)
    with engine.open() as held:
        held.commit(*engine.stage_all(held.plan()))
        assert held.new_partitions() == []
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker.address})
        count = len(admin.list_topics(topic).topics[topic].partitions)
        for future in admin.create_partitions([confluent_kafka.admin.NewPartitions(topic, count + 1)]).values():
            future.result(30)
        added = held.new_partitions()
        assert [(p.table, p.partition, p.next, p.end) for p in added] == [("orders", count, 0, 0)]
        assert held.new_partitions() == []
        producer = confluent_kafka.Producer({"bootstrap.servers": broker.address})
        producer.produce(topic, value=b"{", partition=count)
        producer.flush()
        moved = [p for p in held.plan() if p.end > p.next]
        assert [(p.partition, p.end) for p in moved] == [(count, 1)]
        assert held.commit(*engine.stage_all(moved)).quarantined == 1
        held.commit_offsets()


def test_a_deleted_topic_discards_the_batch(landing, engine, broker):
    topic = landing.contract.topic("orders")
    landing.produce("--records", 500, "--seed", 1)
    with engine.open() as held:
        staged = engine.stage_all(held.plan())
        topics.delete_topic(broker, topic)
        with pytest.raises(forebay.UnavailableError, match="deleted"):
            held.commit(*staged)
    assert forebay.Ledger.open(engine.lake).last_batch == 0


def test_a_recreated_topic_discards_the_batch(landing, engine, broker):
    topic = landing.contract.topic("orders")
    landing.produce("--records", 500, "--seed", 1)
    with engine.open() as held:
        staged = engine.stage_all(held.plan())
        topics.recreate(broker, topic, 6)
        with pytest.raises(forebay.UnavailableError, match="recreated"):
            held.commit(*staged)
    assert forebay.Ledger.open(engine.lake).last_batch == 0


def test_a_log_that_is_another_one_by_then_discards_the_batch(landing, engine):
    landing.produce("--records", 500, "--seed", 1)
    with engine.open() as held:
        ranges, manifests, stats = engine.stage_all(held.plan())
        stats = [re.sub(r'("last_fingerprint": *")[0-9a-f]{16}', r"\g<1>0123456789abcdef", text) for text in stats]
        with pytest.raises(forebay.UnavailableError, match="has another record at offset .*--adopt-log"):
            held.commit(ranges, manifests, stats)
    assert forebay.Ledger.open(engine.lake).last_batch == 0


def test_a_killed_batch_is_recovered_at_the_next_start(landing, engine):
    landing.produce("--records", 500, "--seed", 1)
    with engine.open() as held:
        engine.stage_all(held.plan())  # and never commits it
    assert list((engine.lake / "_forebay/staging").iterdir())
    with engine.open() as held:
        assert "orphaned staged files" in held.recovered
    assert not list((engine.lake / "_forebay/staging").iterdir())
    assert engine.land().batch == 1


def test_an_empty_batch_of_records_is_fine(landing, engine):
    decoded = forebay.Decoder(engine.contract, "clicks").decode(pa.record_batch([[], [], [], [], []], schema=RECORDS))
    assert [batch.num_rows for batch in decoded] == [0, 0, 0]
    assert decoded.rows.schema.equals(engine.contract.table("clicks").decoded_schema)
