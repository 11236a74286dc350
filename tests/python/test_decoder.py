"""The decoder from Python: every record becomes a row, a reject or a tombstone, with unchanged values."""
import json
import pickle
import subprocess
import threading
import time
from collections import Counter
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

import forebay
from support.arrow_engine import RECORDS
from support.forebay import clean_environment
from support.paths import CONTRACTS, FOREBAY

SHOP = CONTRACTS / "shop.odcs.yaml"
NOW_MS = 1_761_825_600_000  # 2025-10-30T12:00:00Z
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def shop():
    return forebay.Contract.read(SHOP)


@pytest.fixture(scope="module")
def decoder(shop):
    return forebay.Decoder(shop, "clicks")


def records(*values, partition=0, first=0, key=b"k", timestamp=NOW_MS):
    rows = range(first, first + len(values))
    columns = [[partition] * len(rows), list(rows), [timestamp] * len(rows), [key] * len(rows), list(values)]
    return pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, RECORDS)], schema=RECORDS)


def example(table):
    return (CONTRACTS / "examples" / f"{table}.json").read_bytes()


def generated(table, count, *flags):
    command = [FOREBAY, "generate", "--contract", SHOP, "--table", table, "--records", str(count), *flags]
    return subprocess.run(command, check=True, capture_output=True, env=clean_environment()).stdout.splitlines()


def plain(value):
    """The value as JSON has it, without absent members."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return Decimal(str(value)).normalize()
    return value


@pytest.mark.parametrize("table", ["clicks", "orders"])
def test_examples_of_the_contract(shop, table):
    decoded = forebay.Decoder(shop, table).decode(records(example(table)))
    assert decoded.rejects.num_rows == 0, decoded.rejects.to_pylist()
    [row] = decoded.rows.to_pylist()
    members = {name: value for name, value in row.items() if not name.startswith("_")}
    assert plain(members) == plain(json.loads(example(table), parse_float=Decimal))
    assert row["_partition"] == "date=" + json.loads(example(table))[shop.table(table).event_time][:10]
    assert (row["_kafka_partition"], row["_kafka_offset"], row["_extra"]) == (0, 0, None)


@pytest.mark.parametrize("table", ["clicks", "orders"])
def test_every_record_of_the_scenario_is_decoded_unchanged(shop, table):
    lines = generated(table, 3000, "--faults", "none", "--seed", "5")
    decoded = forebay.Decoder(shop, table).decode(records(*lines), now_ms=NOW_MS)
    assert (decoded.rows.num_rows, decoded.rejects.num_rows, decoded.tombstones.num_rows) == (3000, 0, 0)
    for line, row in zip(lines, decoded.rows.to_pylist()):
        members = {name: value for name, value in row.items() if not name.startswith("_")}
        assert plain(members) == plain(json.loads(line, parse_float=Decimal))


def test_faults_are_rejected_unchanged_for_the_expected_reason(shop):
    lines = generated("clicks", 20_000, "--faults", "malformed=0.2,too_large=0.001,duplicate=0.05,extra=0.05",
                      "--seed", "3")
    decoded = forebay.Decoder(shop, "clicks").decode(records(*lines))
    assert decoded.rows.num_rows + decoded.rejects.num_rows == len(lines)
    reasons = Counter(decoded.rejects["reason"].to_pylist())
    assert len(reasons) == 13 and min(reasons.values()) > 0
    for row in decoded.rejects.to_pylist():
        assert row["value"] == lines[row["_kafka_offset"]]
        assert (row["_kafka_topic"], row["key"], row["contract_version"]) == ("shop.clicks", b"k", shop.version)
    assert sum(extra is not None for extra in decoded.rows["_extra"].to_pylist()) > 100


@pytest.mark.parametrize("per_second, kind", [
    (1, pa.timestamp("s")), (1_000, pa.int64()), (1_000_000, pa.timestamp("us"))])
def test_a_timestamp_outside_the_years_2000_to_2099_is_none(decoder, per_second, kind):
    first, end = 946_684_800 * per_second, 4_102_444_800 * per_second
    batch = records(*[None] * 4).set_column(2, "timestamp", pa.array([first - 1, first, end - 1, end], kind))
    assert decoder.decode(batch).tombstones["_kafka_timestamp"].is_null().to_pylist() == [True, False, False, True]


def test_tombstones_keys_and_timestamps(decoder):
    batch = records(None, example("clicks"), b"{", None)
    batch = batch.set_column(3, "key", pa.array([None, None, None, b""], pa.binary()))
    batch = batch.set_column(2, "timestamp", pa.array([NOW_MS, None, None, -1], pa.int64()))
    decoded = decoder.decode(batch, now_ms=NOW_MS)
    assert decoded.tombstones.to_pylist() == [
        {"_kafka_topic": "shop.clicks", "_kafka_partition": 0, "_kafka_offset": 0,
         "_kafka_timestamp": datetime(2025, 10, 30, 12, tzinfo=timezone.utc)},
        {"_kafka_topic": "shop.clicks", "_kafka_partition": 0, "_kafka_offset": 3, "_kafka_timestamp": None}]
    assert decoded.rows["_kafka_timestamp"].to_pylist() == [None]
    assert decoded.rejects["key"].to_pylist() == [None]


def test_huge_values(decoder):
    click = json.loads(example("clicks"))
    fits = json.dumps(click | {"more": "x" * (MEGABYTE - 2000)}).encode()
    over = json.dumps(click | {"more": "x" * MEGABYTE}).encode()
    decoded = decoder.decode(records(fits, over))
    assert [len(extra) for extra in decoded.rows["_extra"].to_pylist()] == [MEGABYTE - 2000 + len('{"more":""}')]
    assert decoded.rejects["reason"].to_pylist() == ["too_large"]
    assert decoded.rejects["value"].to_pylist() == [over]


def test_a_batch_of_more_than_a_gigabyte_is_an_error(decoder):
    value = b"x" * (8 * MEGABYTE)
    with pytest.raises(forebay.InvalidArgumentError, match="hand it over in slices"):
        decoder.decode(records(*[value] * 130))


@pytest.mark.parametrize("arrow_type", [pa.string(), pa.large_string(), pa.large_binary(), pa.binary_view(),
                                        pa.string_view()])
def test_other_layouts_of_bytes(decoder, arrow_type):
    batch = records(example("clicks"), None)
    batch = batch.set_column(4, "value", batch["value"].cast(pa.string()).cast(arrow_type))
    decoded = decoder.decode(batch)
    assert (decoded.rows.num_rows, decoded.tombstones.num_rows) == (1, 1)


def test_a_slice_of_a_batch_is_decoded_as_that_slice(decoder):
    lines = generated("clicks", 100)
    whole = decoder.decode(records(*lines)).rows
    part = decoder.decode(records(*lines).slice(30, 20)).rows
    assert part.equals(whole.slice(30, 20))


@pytest.mark.parametrize("change, message", [
    (lambda batch: batch.drop_columns(["value"]), "no column 'value'"),
    (lambda batch: batch.set_column(1, "offset", pa.array([None], pa.int64())), "offset holds a null"),
    (lambda batch: batch.set_column(0, "partition", pa.array([1], pa.int64())), "partition is int64"),
    (lambda batch: batch.set_column(2, "timestamp", pa.array(["now"])), "int64 milliseconds"),
    (lambda batch: batch.append_column("value", batch["value"]), "more than one column 'value'"),
])
def test_a_malformed_batch_of_records_is_an_error(decoder, change, message):
    with pytest.raises(forebay.InvalidArgumentError, match=message) as caught:
        decoder.decode(change(records(example("clicks"))))
    assert (caught.value.code, caught.value.exit_status) == ("invalid_argument", 2)


def test_a_value_that_is_not_arrow_is_a_type_error(decoder):
    with pytest.raises(TypeError, match="__arrow_c_array__"):
        decoder.decode([1, 2, 3])


def test_contracts_and_tables(shop):
    assert (shop.id, shop.version) == ("shop", "1.0.0")
    clicks = shop.table("clicks")
    assert (clicks.topic, clicks.partitions, clicks.key, clicks.primary_key, clicks.event_time,
            clicks.partition_columns) == ("shop.clicks", 6, "user_id", ["event_id"], "event_time", ["date"])
    assert clicks.decoded_schema.equals(clicks.schema.append(pa.field("_partition", pa.string(), nullable=False)))
    assert clicks.fields[0] == ("event_id", "string", True)
    with pytest.raises(forebay.InvalidArgumentError, match="no table 'nope'"):
        shop.table("nope")
    with pytest.raises(forebay.InvalidArgumentError, match="no table 'nope'"):
        forebay.Decoder(shop, "nope")
    with pytest.raises(forebay.InvalidArgumentError, match="c.yaml:1: "):
        forebay.Contract.parse("x: 1\n", "c.yaml")


def test_contracts_and_errors_can_be_pickled(shop):
    for table in pickle.loads(pickle.dumps(shop)).tables:
        assert table.schema.equals(shop.table(table.name).schema)
    assert pickle.loads(pickle.dumps(shop)).path == str(SHOP)
    assert pickle.loads(pickle.dumps(shop.table("orders"))).name == "orders"
    error = pickle.loads(pickle.dumps(forebay.ConflictError("what", "conflict", 3)))
    assert isinstance(error, forebay.ConflictError) and str(error) == "what" and error.code == "conflict"


def test_partition_stats_describe_the_decoded_batch(decoder):
    decoded = decoder.decode(records(example("clicks"), b"{", None, first=7))
    [partition] = json.loads(forebay.partition_stats(decoded))["partitions"]
    assert (partition["rows"]["records"], partition["quarantined"]["records"], partition["tombstones"]["records"],
            partition["first_offset"], partition["last_offset"]) == (1, 1, 1, 7, 9)
    with pytest.raises(forebay.InvalidArgumentError, match="rows without partition statistics"):
        forebay.partition_stats(decoded._replace(rows=decoded.rows.replace_schema_metadata(None)))


def test_other_threads_run_while_it_decodes(shop):
    batch = records(*generated("clicks", 100_000))
    decoder = forebay.Decoder(shop, "clicks")
    busy, moments = threading.Event(), []

    def decode():
        busy.set()
        decoder.decode(batch)
        busy.clear()

    thread = threading.Thread(target=decode)
    thread.start()
    while not busy.is_set():
        time.sleep(0)
    while busy.is_set():
        moments.append(time.monotonic())
        time.sleep(0.001)
    thread.join()
    assert len(moments) > 10


def test_using_a_decoder_on_two_threads_at_once_is_an_error(shop):
    batch = records(*generated("clicks", 100_000))
    decoder = forebay.Decoder(shop, "clicks")
    refused = []

    def decode():
        try:
            decoder.decode(batch)
        except forebay.InvalidArgumentError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=decode) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused and "in use by another thread" in refused[0]
