"""Random tables through all of it: a broker, landings by either engine in pieces of every size, a contract that grows,
damaged files that are rebuilt. The oracle (tests/oracle) gives the right rows; the found ones are read by pyarrow
and DuckDB.

ORACLE_SEEDS=100 looks longer; ORACLE_FIRST_SEED=7 begins elsewhere, and with ORACLE_SEEDS=1 repeats one seed.
"""
import random
import uuid

import confluent_kafka
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from oracle.random_tables import DAY_MS, NOW_MS, random_predecessor, random_table, seeds, yaml_of
from oracle.rows import expected, in_numbers, pairs, plain_rows, unlike, without_details
from oracle.rules import Oracle
from oracle.writer import KEYS, Writer, random_headers
from support import readers
from support.arrow_engine import ArrowEngine
from support.landing import Landing
from support.topics import create_topic

SEEDS = seeds(4)
RECORDS = 600
LIMITS = {"--batch-rows": [7, 100, 333], "--max-open-partitions": [1, 3, 20], "--memory-limit": ["192MB"],
          "--file-size": ["1MB"]}


def with_topic(table, topic):
    others = [entry for entry in table["customProperties"] if entry["property"] != "kafka.topic"]
    return table | {"customProperties": [*others, {"property": "kafka.topic", "value": topic}]}


class RandomTable:
    """A table of a seed, first as a contract before it was: a contract file, its topics, and what was sent there."""

    def __init__(self, seed, directory):
        self.draw = random.Random(seed)
        name = f"t{uuid.uuid4().hex}"
        table = random_table(self.draw)
        several = Oracle(table).of_several_topics
        now = self.draw.choice([[name, f"{name}.2"], f"^{name}(?:.2)?$"]) if several else name
        then = self.draw.choice([name, [name], now]) if several else name
        before = with_topic(table, then) | {"properties": random_predecessor(self.draw, table["properties"])}
        self.versions = {"v7": before, "v8": with_topic(table, now)}
        self.topics = {"v7": [name], "v8": [name, f"{name}.2"] if several else [name]}
        if then == now:
            self.topics["v7"] = self.topics["v8"]
        self.oracles = {version: Oracle(one) for version, one in self.versions.items()}
        self.writer = Writer(self.draw, table)
        self.path = directory / "contract.odcs.yaml"
        self.sent = []  # (version, record)
        self.take("v7")

    def __fspath__(self):
        return str(self.path)

    def __str__(self):
        return str(self.path)

    def take(self, version):
        self.version = version
        self.path.write_text(yaml_of(self.versions[version], version))

    def send(self, broker, count):
        draw = self.draw
        producer = confluent_kafka.Producer({
            "bootstrap.servers": broker.address, "linger.ms": draw.choice([0, 5, 50]),
            "compression.type": draw.choice(["none", "zstd", "lz4", "gzip", "snappy"])})
        for _ in range(count):
            record = {"timestamp": draw.choice([NOW_MS, NOW_MS, NOW_MS - draw.randint(0, 2 * DAY_MS)]),
                      "key": draw.choice([None, b"", b"key"]),
                      "value": None if draw.random() < 0.01 else self.writer.record()}
            producer.produce(draw.choice(self.topics[self.version]), **record, on_delivery=self.acknowledged(record))
            producer.poll(0)
        assert producer.flush(60) == 0

    def acknowledged(self, record):
        version = self.version

        def take_place(error, message):
            assert error is None, error
            self.sent.append((version, record | {"topic": message.topic(), "partition": message.partition(),
                                                 "offset": message.offset()}))
        return take_place

    def expected(self):
        """Kind -> position -> row"""
        rows = {"rows": {}, "rejects": {}, "tombstones": {}}
        for version, record in self.sent:
            kind, row = expected(self.oracles[version], record, version)
            rows[kind][position(row)] = row
        assert sum(map(len, rows.values())) == len(self.sent)
        return rows


def position(row):
    return row.get("_kafka_topic"), row["_kafka_partition"], row["_kafka_offset"]


def by_position(rows):
    found = {position(row): row for row in rows}
    assert len(found) == len(rows)
    return found


def assert_statistics(parquet):
    """Readers leave out what the statistics say is not there. Columns in lists have none that are looked at here."""
    for number in range(parquet.num_row_groups):
        leaves = parquet.read_row_group(number)
        while any(pa.types.is_struct(column.type) for column in leaves.schema):
            leaves = leaves.flatten()  # what is in an object that is absent is null
        group = parquet.metadata.row_group(number)
        for chunk in map(group.column, range(group.num_columns)):
            if chunk.path_in_schema not in leaves.column_names:
                continue
            values, said = leaves[chunk.path_in_schema], chunk.statistics
            assert said.null_count == values.null_count, chunk.path_in_schema
            if isinstance(said.min_raw, (int, float, bytes)) and not pa.types.is_decimal(values.type):
                bounds = pc.min_max(values.cast(in_numbers(values.type))).as_py().values()
                bounds = [at.encode() if isinstance(at, str) else at for at in bounds]
                assert [said.min_raw, said.max_raw] == bounds, chunk.path_in_schema


def in_files(lake, table):
    """Position -> row, each file read by itself, as it was written, with the directory that it stands in."""
    rows = []
    for file in readers.files(lake, table):
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        rows += [row | {"_partition": readers.directory_of(lake, table, file)} for row in plain_rows(parquet.read())]
        assert_statistics(parquet)
    return by_position(rows)


def together(lake, table):
    """Position -> row, all files in one reading, which gives older rows the columns of newer ones. Empty where DuckDB
    (2.0) fails: on an object in an object that older files lack."""
    query = f"SELECT * FROM read_parquet('{lake}/{table}/**/*.parquet', hive_partitioning=false, union_by_name=true)"
    try:
        with duckdb.connect() as connection:
            return by_position(plain_rows(connection.sql(query).to_arrow_table()))
    except duckdb.InternalException as error:
        assert "a non-flat vector was encountered" in str(error)
        return {}


def without_nulls(value):
    """Objects without null members, and their members in one order: what a reader of old and new files may change."""
    if isinstance(value, dict):
        return {name: kept for name, at in sorted(value.items()) if (kept := without_nulls(at)) is not None}
    return [without_nulls(at) for at in value] if isinstance(value, (list, tuple)) else value


def damage(draw, lake):
    """Removes files, or changes a bit of them; returns their names in the lake."""
    files = readers.files(lake, "things") + readers.files(lake, "quarantine")
    damaged = draw.sample(files, min(len(files), draw.choice([1, 5, 20])))
    for file in damaged:
        content = bytearray(file.read_bytes())
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        file.unlink()
        if draw.random() < 0.5:
            file.write_bytes(content)
    return sorted(str(file.relative_to(lake)) for file in damaged)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_lands_as_the_rules_say(seed, broker, forebay, tmp_path):
    table = RandomTable(seed, tmp_path)
    for topic, partitions in zip(table.topics["v8"], [1, table.draw.choice([1, 3])]):
        create_topic(broker, topic, partitions)
    landing = Landing(forebay, broker, table, tmp_path)
    limits = [word for flag in table.draw.sample([*LIMITS], 2) for word in (flag, table.draw.choice(LIMITS[flag]))]
    for version in ("v7", "v8"):
        table.take(version)
        table.send(broker, RECORDS // 2)
        if table.draw.random() < 0.5:
            landing.land("--max-reject-rate", 1, *limits)
        else:
            ArrowEngine(table, broker.address, landing.lake).land(
                table.draw.choice([1, 2, 3]), max_reject_rate=1)
    landing.verify()
    damaged = damage(table.draw, landing.lake)
    landing.verify(status=1)
    rebuilt = forebay("lake", "rebuild", "--lake", landing.lake, *landing.brokers, "--as-decoded",
                       "--json").json
    assert sorted(file["file"] for file in rebuilt["files"]) == damaged
    landing.verify()

    right = table.expected()
    found = {"rows": in_files(landing.lake, "things"), "rejects": in_files(landing.lake, "quarantine")}
    for kind, rows in found.items():
        assert rows.keys() == right[kind].keys()
        for place, row in rows.items():
            wanted = right[kind][place]
            if kind == "rejects":
                row = {name: without_details(row)[name] for name in wanted}
            assert not unlike(wanted, row), (limits, place)
    for place, row in together(landing.lake, "things").items():
        wanted = without_nulls(right["rows"][place])
        del wanted["_partition"]
        assert not unlike(wanted, without_nulls(row)), (limits, place)
