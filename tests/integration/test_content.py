"""verify --content: a value that differs from Kafka's record is found, whatever else was forged to fit."""
import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash

from support.landing import Landing
from support.topics import delete_records


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 3000, "--seed", 1, "--faults", "malformed=0.02,extra=0.05")
    made.land("--batch-rows", 700)
    return made


def forge(landing, table, column, change):
    """Changes one value of the first row that has one, and the ledger so that sizes and checksums fit. Returns its
    Kafka partition and offset."""
    for file in sorted((landing.lake / table).glob("**/*.parquet")):
        rows = pq.ParquetFile(file).read()
        values = rows.column(column).to_pylist()
        if any(value is not None for value in values):
            break
    at = next(i for i, value in enumerate(values) if value is not None)
    values[at] = change(values[at])
    index = rows.schema.get_field_index(column)
    changed = rows.set_column(index, rows.schema.field(index), pa.array(values, rows.schema.field(index).type))
    pq.write_table(changed, file, compression="zstd")
    checksum = xxhash.xxh3_64_intdigest(file.read_bytes())
    ledger = sqlite3.connect(landing.lake / "_forebay" / "ledger.db")
    with ledger:
        forged = ledger.execute("UPDATE files SET bytes = ?, checksum = ? WHERE file_name = ?",
                                (file.stat().st_size, checksum - 2**64 if checksum >= 2**63 else checksum, file.name))
        assert forged.rowcount == 1
    ledger.close()
    return [rows.column(name)[at].as_py() for name in ("_kafka_partition", "_kafka_offset")]


def test_what_was_landed_is_what_kafka_has(landing):
    report = landing.verify("--content").json
    assert report["clean"], report["problems"]
    assert report["content"] == {"compared": report["rows"] + report["quarantined"], "gone": 0}
    assert "needs --brokers" in landing.forebay("verify", "--lake", landing.lake, "--content", status=2).stderr


@pytest.mark.parametrize("table, column, change", [
    ("orders", "currency", lambda value: "EUR" if value != "EUR" else "USD"),
    ("orders", "_extra", lambda value: value.replace("}", ', "x": 1}')),
    ("clicks", "_kafka_timestamp", lambda value: value.replace(microsecond=value.microsecond ^ 1000)),
    ("quarantine", "value", lambda value: value + b" "),
    ("quarantine", "reason", lambda value: "wrong_type" if value != "wrong_type" else "not_json"),
], ids=["value", "extra", "time", "refused-bytes", "reason"])
def test_a_single_changed_value_is_found(landing, table, column, change):
    partition, offset = forge(landing, table, column, change)
    found = landing.verify("--content", status=1).json["problems"]
    [problem] = [problem for problem in found if problem["kind"] == "content_mismatch"]
    assert (problem["partition"], problem["from_offset"], problem["to_offset"]) == (partition, offset, offset + 1)
    if table != "quarantine":  # its counts by reason are checked without Kafka, too
        assert landing.verify().json["clean"]


def test_what_kafka_does_not_have_any_more_is_counted(landing, broker):
    everything = landing.verify("--content").json["content"]["compared"]
    delete_records(broker, landing.contract.topic("clicks"), before=200)
    report = landing.verify("--content").json
    assert report["clean"], report["problems"]
    content = report["content"]
    assert content["gone"] > 0 and content["compared"] + content["gone"] == everything
