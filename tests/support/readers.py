"""The lake as others read it: DuckDB and Polars over plain globs. Nothing of Forebay is used here."""
from collections import Counter
from pathlib import Path

import duckdb
import polars
import xxhash


def files(lake, table):
    return sorted((lake / table).glob("**/*.parquet"))


def directory_of(lake, table, file):
    """"" for the file of a table without partition dimensions."""
    directory = file.relative_to(lake / table).parent
    return "" if directory == Path() else str(directory)


def duckdb_rows(lake, table):
    """Partition directory -> rows."""
    query = f"""SELECT parse_dirpath(filename) AS directory, count(*)
                FROM read_parquet('{lake}/{table}/**/*.parquet', filename = true) GROUP BY ALL"""
    return Counter({directory.removeprefix(f"{lake}/{table}/"): rows
                    for directory, rows in duckdb.sql(query).fetchall()})


def rows(lake, table, columns):
    """The values of these columns of each row, sorted."""
    if not files(lake, table):
        return []
    query = f"SELECT {', '.join(columns)} FROM read_parquet('{lake}/{table}/**/*.parquet')"
    return sorted(duckdb.sql(query).fetchall())


def polars_rows(lake, table):
    """Partition directory -> rows."""
    frame = polars.scan_parquet(f"{lake}/{table}/**/*.parquet", hive_partitioning=False, include_file_paths="file")
    counted = frame.group_by("file").len().collect()
    rows = Counter()
    for file, count in counted.iter_rows():
        rows[file.removeprefix(f"{lake}/{table}/").rpartition("/")[0]] += count
    return rows


def key_sums(lake, table, key):
    """Partition directory -> the sum modulo 2^64 of XXH3 (seed 0) over a string key."""
    query = f"""SELECT parse_dirpath(filename), {key}
                FROM read_parquet('{lake}/{table}/**/*.parquet', filename = true)"""
    sums = Counter()
    for directory, value in duckdb.sql(query).fetchall():
        directory = directory.removeprefix(f"{lake}/{table}/")
        sums[directory] = (sums[directory] + xxhash.xxh3_64_intdigest(value.encode(), seed=0)) % 2**64
    return sums


def quarantined(lake, topic):
    """Reason -> records."""
    if not files(lake, "quarantine"):
        return Counter()
    query = f"""SELECT reason, count(*) FROM read_parquet('{lake}/quarantine/**/*.parquet')
                WHERE _kafka_topic = '{topic}' GROUP BY ALL"""
    return Counter(dict(duckdb.sql(query).fetchall()))


def positions_that_occur_twice(lake, topic, table):
    """How many (partition, offset) stand more than once in the table and the quarantine together."""
    parts = [f"SELECT _kafka_partition, _kafka_offset FROM read_parquet('{lake}/{table}/**/*.parquet')"]
    if files(lake, "quarantine"):
        parts.append(f"""SELECT _kafka_partition, _kafka_offset FROM read_parquet('{lake}/quarantine/**/*.parquet')
                         WHERE _kafka_topic = '{topic}'""")
    query = f"""SELECT count(*) FROM (SELECT 1 FROM ({' UNION ALL '.join(parts)})
                                      GROUP BY _kafka_partition, _kafka_offset HAVING count(*) > 1)"""
    return duckdb.sql(query).fetchall()[0][0]
