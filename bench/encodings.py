#!/usr/bin/env python3
"""make bench-encodings: what the encodings of Parquet columns cost, for the files of a lake.

A broker of its own, RECORDS (1,000,000 unless said) clicks of the shop, their orders, and Seattle's weather, landed.
Each file of a table is then written again, its row groups, dictionaries and compression as they are, in every scheme:
how the columns without a dictionary are encoded, that is times, offsets and strings that rarely repeat. Times are CPU
seconds for the whole table, the best of ROUNDS=3; a file is read as a whole, by Arrow and by DuckDB.
"""
import io
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from data import seattle  # noqa: E402: after the path
from support.broker import Broker  # noqa: E402: after the path
from support.contracts import ContractCopy  # noqa: E402: after the path
from support.forebay import Forebay  # noqa: E402: after the path
from support.landing import Landing  # noqa: E402: after the path

RECORDS = int(os.environ.get("RECORDS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
# name -> (times and offsets, strings); None: PLAIN
SCHEMES = {"plain": (None, None), "delta": ("DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY"),
           "delta-times": ("DELTA_BINARY_PACKED", None), "delta-strings": (None, "DELTA_LENGTH_BYTE_ARRAY"),
           "split-times": ("BYTE_STREAM_SPLIT", None)}


class File:
    """A landed file: its row groups as Arrow tables, with dictionaries where it has them."""

    def __init__(self, path):
        file = pq.ParquetFile(path)
        group = file.metadata.row_group(0)
        chunks = [group.column(i) for i in range(group.num_columns)]
        self.dictionaries = [chunk.path_in_schema for chunk in chunks if "RLE_DICTIONARY" in chunk.encodings]
        self.size = path.stat().st_size
        strings = [field.name for field in file.schema_arrow if field.type == pa.string()]
        reader = pq.ParquetFile(path, read_dictionary=[name for name in strings if name in self.dictionaries])
        self.schema = file.schema_arrow
        self.groups = [reader.read_row_group(i) for i in range(reader.num_row_groups)]

    def encodings(self, times, strings):
        chosen = {}
        for field in self.schema:
            if field.name in self.dictionaries:
                continue
            if pa.types.is_timestamp(field.type) or field.name == "_kafka_offset":
                chosen[field.name] = times or "PLAIN"
            elif field.type in (pa.string(), pa.binary()):
                chosen[field.name] = strings or "PLAIN"
        return chosen

    def write(self, scheme):
        output = io.BytesIO()
        encodings = self.encodings(*SCHEMES[scheme])
        others = [name for name in self.dictionaries if name not in encodings]
        with pq.ParquetWriter(output, self.groups[0].schema, compression="zstd", compression_level=1,
                              use_dictionary=others, column_encoding=encodings, write_batch_size=16 * 1024,
                              write_page_index=True, write_page_checksum=True,
                              store_decimal_as_integer=True) as writer:
            for group in self.groups:
                writer.write_table(group, row_group_size=group.num_rows)
        return output.getvalue()


def cpu(action, *arguments):
    """(the result, CPU seconds of the best round)"""
    best = None
    for _ in range(ROUNDS):
        began = time.process_time()
        result = action(*arguments)
        spent = time.process_time() - began
        best = spent if best is None else min(best, spent)
    return result, best


def write_all(files, scheme):
    return [file.write(scheme) for file in files]


def read_all(contents):
    for content in contents:
        pq.read_table(io.BytesIO(content), use_threads=False)


def scan_all(connection, directory, columns):
    """Counts each column's distinct hashes' sum, so that every value is decoded."""
    sums = ", ".join(f'bit_xor(hash("{column}"))' for column in columns)
    connection.execute(f"SELECT {sums} FROM '{directory}/*.parquet'").fetchall()


def measure(table, paths, work):
    files = [File(path) for path in paths]
    rows = sum(group.num_rows for file in files for group in file.groups)
    landed = sum(file.size for file in files)
    connection = duckdb.connect(config={"threads": 1})
    results = {}
    print(f"\n  {table}: {rows:,} rows in {len(files)} files, {landed / rows:.2f} bytes a row as landed\n\n"
          f"  {'':<16}{'bytes/row':>10}{'size':>8}{'write s':>9}{'Arrow s':>9}{'DuckDB s':>9}", flush=True)
    for scheme in SCHEMES:
        contents, written = cpu(write_all, files, scheme)
        size = sum(map(len, contents))
        directory = work / table / scheme
        directory.mkdir(parents=True)
        for number, content in enumerate(contents):
            (directory / f"{number}.parquet").write_bytes(content)
        _, read = cpu(read_all, contents)
        _, scanned = cpu(scan_all, connection, directory, files[0].schema.names)
        results[scheme] = {"bytes_per_row": size / rows, "write_s": written, "arrow_s": read, "duckdb_s": scanned}
        share = results[scheme]["bytes_per_row"] / results["plain"]["bytes_per_row"]
        print(f"  {scheme:<16}{size / rows:>10.2f}{share:>7.1%}{written:>9.2f}{read:>9.2f}{scanned:>9.2f}", flush=True)
    return results


def land(broker, work):
    """Table -> its files."""
    forebay = Forebay()
    found = {}
    for name in ("shop.odcs.yaml", "weather.odcs.yaml"):
        directory = work / name.partition(".")[0]
        directory.mkdir()
        landing = Landing(forebay, broker, ContractCopy(name, directory), directory)
        if name.startswith("shop"):
            landing.produce("--records", RECORDS, "--seed", 1, "--event-span", "3d")
        else:
            landing.produce("--table", "seattle_weather", "--from", seattle.json_lines(directory))
        landing.land()
        for table in landing.contract.tables:
            found[table] = sorted((landing.lake / table).glob("**/*.parquet"))
    return found


def main():
    work = Path(tempfile.mkdtemp(prefix="forebay-bench-"))
    try:
        with Broker(work / "broker") as broker:
            tables = land(broker, work)
        results = {table: measure(table, paths, work) for table, paths in tables.items()}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
