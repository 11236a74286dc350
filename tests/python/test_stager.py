"""The stager from Python, without a broker: its files, its errors, and its cleanup."""
import json
import random

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import forebay
from support.arrow_engine import RECORDS
from support.paths import CONTRACTS

LAKE_JSON = '{"forebay_lake": 1, "lake_id": "01234567-89ab-4cde-8fab-0123456789ab"}\n'
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: deep
name: Every type
version: 1.0.0
status: active
schema:
  - name: things
    logicalType: object
    customProperties:
      - {property: kafka.topic, value: things}
      - {property: eventTime, value: at}
    properties:
      - {name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}
      - {name: id, logicalType: integer, physicalType: BIGINT, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: place, logicalType: string, physicalType: STRING, required: true, primaryKey: true,
         primaryKeyPosition: 2, partitioned: true, partitionKeyPosition: 1}
      - name: hour
        logicalType: string
        physicalType: STRING
        partitioned: true
        partitionKeyPosition: 2
        transformLogic: hour(at)
      - {name: price, logicalType: number, physicalType: "DECIMAL(38,10)"}
      - {name: small, logicalType: integer, physicalType: INTEGER}
      - {name: ratio, logicalType: number, physicalType: DOUBLE}
      - {name: fine, logicalType: boolean, physicalType: BOOLEAN}
      - {name: day, logicalType: date, physicalType: DATE}
      - name: owner
        logicalType: object
        physicalType: STRUCT
        properties:
          - {name: name, logicalType: string, physicalType: STRING, required: true}
          - name: tags
            logicalType: array
            physicalType: ARRAY
            items: {logicalType: string, physicalType: STRING}
      - name: items
        logicalType: array
        physicalType: ARRAY
        items:
          logicalType: object
          physicalType: STRUCT
          properties:
            - {name: sku, logicalType: string, physicalType: STRING, required: true}
            - {name: n, logicalType: integer, physicalType: BIGINT}
"""


@pytest.fixture
def lake(tmp_path):
    (tmp_path / "_forebay/staging").mkdir(parents=True)
    (tmp_path / "_forebay/lake.json").write_text(LAKE_JSON)
    return tmp_path


@pytest.fixture(scope="module")
def contract():
    return forebay.Contract.parse(CONTRACT)


def thing(i, **more):
    full = {"price": f"{i}.0000000001", "small": -i, "ratio": i / 7, "fine": i % 3 == 0, "day": "2025-01-31",
            "owner": {"name": f"n{i % 5}", "tags": [None, "ä", ""][: i % 4]}, "items": [{"sku": "s", "n": i}] * (i % 3)}
    members = {name: value for name, value in full.items() if i % 2 == 0 or name in ("price", "owner")}
    members["price"] = float(members["price"]) if i % 4 else None
    return json.dumps({"at": f"2025-10-30T{i % 24:02d}:00:00Z", "id": i, "place": ["x/y", "é", "z"][i % 3]} | members
                      | more).encode()


def decode(contract, values, first=0, partition=0):
    count = len(values)
    columns = [[partition] * count, list(range(first, first + count)), [1_761_868_800_000] * count, [b"k"] * count,
               values]
    batch = pa.record_batch([pa.array(c, field.type) for c, field in zip(columns, RECORDS)], schema=RECORDS)
    decoded = forebay.Decoder(contract, "things").decode(batch)
    assert decoded.rejects.num_rows == 0, decoded.rejects.to_pylist()[:1]
    return decoded


def open_stager(contract, lake, **options):
    return forebay.Stager(contract, "things", lake, engine="test", **options)


def staged(lake):
    return sorted((lake / "_forebay/staging").iterdir())


def finish(stager):
    manifests = [json.loads(text) for text in stager.finish()]
    return [m for m in manifests if m["kind"] == "file"], [m for m in manifests if m["kind"] == "partition_stats"]


def test_values_of_every_type_are_read_back_unchanged(contract, lake):
    rows = decode(contract, [thing(i) for i in range(500)]).rows
    with open_stager(contract, lake, row_group_rows=7) as stager:
        for begin in range(0, 500, 90):
            stager.add_rows(rows.slice(begin, 90))
        files, [partition_stats] = finish(stager)
    assert len(files) == 3 * 24 / 3
    found = {}
    for file in files:
        for row in pq.read_table(lake / "_forebay/staging" / file["staged_name"]).to_pylist():
            found[row["_kafka_offset"]] = row | {"_partition": file["partition_dir"]}
    expected = {row["_kafka_offset"]: row for row in rows.to_pylist()}
    assert found == expected
    assert partition_stats["partitions"][0]["rows"]["records"] == 500


def random_batches(rows, seed):
    rng = random.Random(seed)
    begin = 0
    while begin < rows.num_rows:
        size = rng.choice([1, 2, 30, 200])
        yield rows.slice(begin, size)
        begin += size


@pytest.mark.parametrize("seed", range(3))
def test_the_size_of_batches_does_not_change_the_files(contract, lake, seed):
    rows = decode(contract, [thing(i) for i in range(1000)]).rows
    with open_stager(contract, lake) as stager:
        for batch in random_batches(rows, seed):
            stager.add_rows(batch)
        files, _ = finish(stager)
    with open_stager(contract, lake) as stager:
        stager.add_rows(rows)
        at_once, _ = finish(stager)
    values = [sorted((f["partition_dir"], f["rows"], f["position_sum"], f["key_sum"], f["min_event_time_us"],
                     f["max_event_time_us"]) for f in manifests) for manifests in (files, at_once)]
    assert values[0] == values[1]


def test_types_as_spark_returns_them(contract, lake):
    """Everything nullable, another zone's label, dictionaries, members in another order: the same file."""
    rows = decode(contract, [thing(i) for i in range(50)]).rows
    columns, fields = [], []
    for field in reversed(rows.schema):
        column = rows[field.name]
        if pa.types.is_timestamp(field.type):
            column = column.cast(pa.timestamp("us", "Europe/Berlin"))
        if pa.types.is_string(field.type):
            column = column.cast(pa.large_string()) if field.name == "_partition" else column.dictionary_encode()
        if field.name == "owner":
            column = pa.StructArray.from_arrays([column.field("tags"), column.field("name")], names=["tags", "name"],
                                                mask=column.is_null())
        columns.append(column)
        fields.append(pa.field(field.name, column.type, nullable=True))
    with open_stager(contract, lake) as stager:
        stager.add_rows(pa.record_batch(columns, schema=pa.schema(fields)))
        files, _ = finish(stager)
    found = {row["_kafka_offset"]: row | {"_partition": file["partition_dir"]} for file in files
             for row in pq.read_table(lake / "_forebay/staging" / file["staged_name"]).to_pylist()}
    assert found == {row["_kafka_offset"]: row for row in rows.to_pylist()}
    assert pq.read_schema(lake / "_forebay/staging" / files[0]["staged_name"]).equals(contract.table("things").schema)


def test_files_roll_at_their_size(contract, lake):
    with open_stager(contract, lake, file_bytes=20_000, row_group_rows=100) as stager:
        for begin in range(0, 20_000, 1000):
            values = [thing(24 * 3 * i) for i in range(begin, begin + 1000)]
            stager.add_rows(decode(contract, values, first=begin).rows)
        files, _ = finish(stager)
    assert len(files) > 5
    assert all(20_000 <= file["bytes"] < 60_000 for file in sorted(files, key=lambda f: f["bytes"])[1:])
    assert sum(file["rows"] for file in files) == 20_000


def test_row_groups_that_reach_the_memory_limit_have_equal_sizes(contract, lake):
    """The memory of one is reused for the next."""
    values = [thing(24 * 3 * i, note=f"{i:04000}") for i in range(4000)]
    rows = decode(contract, values).rows
    with open_stager(contract, lake, memory_limit=12_000_000) as stager:
        for begin in range(0, len(values), 100):
            stager.add_rows(rows.slice(begin, 100))
        [file], _ = finish(stager)
    metadata = pq.read_metadata(lake / "_forebay/staging" / file["staged_name"])
    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert len(groups) > 4 and min(groups[:-1]) > max(groups) / 2, groups


def set_column(rows, name, column):
    return rows.set_column(rows.schema.get_field_index(name), name, column)


@pytest.mark.parametrize("change, message", [
    (lambda rows: rows.drop_columns(["owner"]), "no column owner"),
    (lambda rows: rows.drop_columns(["_partition"]), "no column _partition"),
    (lambda rows: set_column(rows, "id", pa.nulls(len(rows), pa.int64())), "column id holds a null"),
    (lambda rows: set_column(rows, "small", rows["small"].cast(pa.int64())), "column small is int64"),
    (lambda rows: set_column(rows, "items", pa.array([[{"sku": None, "n": 1}]] * len(rows))),
     r"column items\[\].sku"),
    (lambda rows: set_column(rows, "_partition", pa.array(["place=q/hour=2025-10-30-99"] * len(rows))),
     "may not change what"),
    (lambda rows: set_column(rows, "_partition", pa.array(["../../../etc"] * len(rows))),
     "is not a partition directory"),
    (lambda rows: rows.take(list(range(len(rows)))[::-1]), "do not ascend"),
    (lambda rows: set_column(rows, "at", pc.add(rows["at"], pa.scalar(10**13, pa.duration("us")))),
     "may not change what"),
    (lambda rows: rows.append_column("place", rows["id"]), "lives in the path"),
    (lambda rows: rows.append_column("id", rows["id"]), "more than one column id"),
])
def test_rows_that_a_transform_invalidated(contract, lake, change, message):
    rows = decode(contract, [thing(i) for i in range(60)]).rows
    with open_stager(contract, lake) as stager:
        with pytest.raises(forebay.InvalidArgumentError, match=message):
            stager.add_rows(change(rows))
        with pytest.raises(forebay.InvalidArgumentError, match=message):
            stager.finish()
    assert staged(lake) == []


def test_misuse_is_an_error(contract, lake, tmp_path):
    rows = decode(contract, [thing(1)]).rows
    with open_stager(contract, lake) as stager:
        stager.add_rows(rows)
        assert len(finish(stager)[0]) == 1
        for call in (lambda: stager.add_rows(rows), stager.finish):
            with pytest.raises(forebay.InvalidArgumentError, match="has finished"):
                call()
    with pytest.raises(forebay.InvalidArgumentError, match="is closed"):
        stager.add_rows(rows)
    assert len(staged(lake)) == 1
    with pytest.raises(forebay.FailedPreconditionError, match="is not a lake"):
        open_stager(contract, tmp_path / "nowhere")
    with pytest.raises(forebay.InvalidArgumentError, match="no table 'nope'"):
        forebay.Stager(contract, "nope", lake, engine="test")
    for wrong in ({"file_bytes": 0}, {"row_group_rows": -1}, {"memory_limit": 0}):
        with pytest.raises(forebay.InvalidArgumentError, match="must be"):
            open_stager(contract, lake, **wrong)


def test_unfinished_files_are_removed(contract, lake):
    rows = decode(contract, [thing(i) for i in range(3000)]).rows
    stager = open_stager(contract, lake, row_group_rows=5)
    stager.add_rows(rows)
    assert staged(lake)
    stager.close()
    assert staged(lake) == []


def test_a_key_and_event_time_that_are_only_in_the_path(lake):
    """The weather contract has one directory per day."""
    weather = forebay.Contract.read(CONTRACTS / "weather.odcs.yaml")
    example = json.loads((CONTRACTS / "examples/seattle_weather.json").read_text())
    values = [json.dumps(example | {"date": f"2012-01-{day:02d}"}).encode() for day in range(1, 21)]
    columns = [[0] * 20, list(range(20)), [1_761_868_800_000] * 20, [None] * 20, values]
    batch = pa.record_batch([pa.array(c, field.type) for c, field in zip(columns, RECORDS)], schema=RECORDS)
    decoded = forebay.Decoder(weather, "seattle_weather").decode(batch)
    with forebay.Stager(weather, "seattle_weather", lake, engine="test") as stager:
        stager.add_rows(decoded.rows)
        files, [partition_stats] = finish(stager)
    assert len(files) == 20
    [expected] = json.loads(forebay.partition_stats(decoded))["partitions"]  # of the records, which rows do not have
    assert partition_stats["partitions"] == [expected | {"last_fingerprint": None}]
    assert all(f["min_event_time_us"] == f["max_event_time_us"] is not None for f in files)
