"""forebay verify on a real broker: a clean lake is called clean, and everything that is done to one is named."""
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xxhash
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from support import readers, topics
from support.contracts import ContractCopy
from support.landing import Landing

EVERY_FAULT = "late=0.02,out_of_order=0.02,duplicate=0.01,extra=0.01,malformed=0.05"


@pytest.fixture(scope="module")
def landed(forebay, broker, tmp_path_factory):
    """Two producer runs with every fault, landed in several batches. Tests work on copies of the lake."""
    directory = tmp_path_factory.mktemp("landed")
    landing = Landing(forebay, broker, ContractCopy("shop.odcs.yaml", directory), directory)
    for seed in (1, 2):
        landing.produce("--records", 15000, "--seed", seed, "--faults", EVERY_FAULT, "--event-span", "2d")
        landing.land("--batch-rows", 6000)
    return landing


@dataclass
class Copy:
    """A copy of a landed lake, to be tampered with while nothing runs."""
    landing: Landing
    lake: Path

    def verify(self, *arguments, brokers=True, receipts=True, status=1):
        flags = [word for path in sorted(self.landing.receipts.glob("*.json")) for word in ("--receipt", path)]
        return self.landing.forebay("verify", "--lake", self.lake, *(self.landing.brokers if brokers else ()),
                                    *(flags if receipts else ()), "--json", *arguments, status=status).json

    def files(self, table):
        return readers.files(self.lake, table)

    def largest(self, table):
        return max(self.files(table), key=lambda file: file.stat().st_size)

    def name(self, file):
        return str(file.relative_to(self.lake))

    def sql(self, statement, *values):
        connection = sqlite3.connect(self.lake / "_forebay" / "ledger.db")
        with connection:
            changed = connection.execute(statement, values).rowcount
        connection.close()
        assert changed > 0, statement

    def remove_row(self, file, row):
        """Writes the file again without one row; gives that row."""
        table = pq.read_table(file, partitioning=None)
        kept = table.take([i for i in range(table.num_rows) if i != row])
        pq.write_table(kept, file, compression="zstd", write_page_checksum=True)
        return table.slice(row, 1).to_pylist()[0]

    def forge(self, file, gone):
        """Makes the ledger's row of this file agree with the file that lost the row `gone`."""
        position = gone["_kafka_partition"].to_bytes(8, "little") + gone["_kafka_offset"].to_bytes(8, "little")
        sums = {"position_sum": xxhash.xxh3_64_intdigest(position),
                "key_sum": xxhash.xxh3_64_intdigest(gone["event_id"].encode())}
        content = file.read_bytes()
        self.sql("UPDATE files SET rows = rows - 1, bytes = ?, checksum = ? WHERE file_name = ? AND partition_dir = ?",
                 len(content), signed(xxhash.xxh3_64_intdigest(content)), file.name, file.parent.name)
        for column, part in sums.items():
            connection = sqlite3.connect(self.lake / "_forebay" / "ledger.db")
            where = f"file_name = '{file.name}' AND partition_dir = '{file.parent.name}'"
            before = connection.execute(f"SELECT {column} FROM files WHERE {where}").fetchone()[0]
            connection.close()
            self.sql(f"UPDATE files SET {column} = ? WHERE {where}", signed(before - part))


def signed(value):
    """A 64-bit sum as SQLite keeps it."""
    value %= 2**64
    return value - 2**64 if value >= 2**63 else value


@pytest.fixture
def copy(landed, tmp_path):
    shutil.copytree(landed.lake, tmp_path / "lake")
    return Copy(landed, tmp_path / "lake")


def problems(report, kind):
    return [problem for problem in report["problems"] if problem["kind"] == kind]


def test_a_lake_with_every_fault_is_clean(landed):
    report = landed.verify("--keys").json
    assert report["clean"] and report["problems"] == []
    expected = landed.expected()
    tables = {table["table"]: table for table in report["tables"]}
    for name, of_table in expected.items():
        assert tables[name]["rows"] == of_table.rows.total()
        assert tables[name]["quarantined"] == +of_table.quarantined
        assert tables[name]["in_receipts"] == of_table.acknowledged
        assert tables[name]["not_landed_yet"] == 0
    assert report["batches"] > 4
    assert {keys["table"] for keys in report["keys"]} == {"clicks", "orders"}
    assert all(keys["duplicate_keys"] > 0 for keys in report["keys"])  # the scenario's duplicates


def test_the_text_ends_with_a_summary(landed):
    result = landed.forebay("verify", "--lake", landed.lake, *landed.brokers, "--receipt", landed.receipts)
    verdict = result.stdout.splitlines()[-1]
    assert verdict.startswith("verified: ") and "no missing or duplicate records" in verdict
    assert "clicks" in result.stdout and "bad_timestamp" in result.stdout


def test_the_summary_names_the_findings(copy):
    copy.files("clicks")[0].unlink()
    result = copy.landing.forebay("verify", "--lake", copy.lake, status=1)
    assert result.stdout.splitlines()[-1].startswith("NOT VERIFIED: missing files (1); checked ")
    assert "  -> `forebay lake rebuild` rebuilds the file" in result.stdout


def test_without_receipts_or_brokers_it_is_clean_too(copy):
    assert copy.verify(brokers=False, receipts=False, status=0)["clean"]
    shutil.copy(next(iter(sorted(copy.landing.receipts.glob("*.json")))), copy.lake.parent / "one.json")
    report = copy.verify("--receipt", copy.lake.parent / "one.json", receipts=False, status=0)
    assert report["receipts"] == 1
    assert {note["kind"] for note in report["notes"]} == {"not_in_receipts"}


def test_a_deleted_file_is_named(copy):
    file = copy.files("clicks")[3]
    file.unlink()
    report = copy.verify()
    assert [problem["file"] for problem in problems(report, "missing_file")] == [copy.name(file)]
    lost = problems(report, "receipt_row_count_mismatch")
    assert [problem["partition_dir"] for problem in lost] == [file.parent.name]
    assert problems(report, "missing_record") and problems(report, "missing_acknowledged_record")


def test_a_deleted_quarantine_file_is_named(copy):
    file = copy.files("quarantine")[0]
    file.unlink()
    report = copy.verify()
    assert [problem["file"] for problem in problems(report, "missing_file")] == [copy.name(file)]
    assert problems(report, "receipt_quarantine_mismatch")


def test_a_deleted_row_is_named(copy):
    file = copy.largest("clicks")
    gone = copy.remove_row(file, 7)
    report = copy.verify()
    for kind in ("row_count_mismatch", "position_sum_mismatch", "key_sum_mismatch"):
        assert [problem["file"] for problem in problems(report, kind)] == [copy.name(file)]
    assert_named(report, gone, file)


def test_a_deleted_row_is_named_if_the_ledger_was_forged(copy):
    """Only the batch's range, Kafka and the producer still know of the record."""
    file = copy.largest("clicks")
    gone = copy.remove_row(file, 7)
    copy.forge(file, gone)
    report = copy.verify()
    assert set(report["problems_by_kind"]) == {"record_count_mismatch", "missing_record", "missing_acknowledged_record",
                                               "receipt_row_count_mismatch"}
    assert_named(report, gone, file)
    alone = copy.verify(brokers=False, receipts=False)
    assert set(alone["problems_by_kind"]) == {"record_count_mismatch"}


def assert_named(report, row, file):
    for kind in ("missing_record", "missing_acknowledged_record"):
        [problem] = problems(report, kind)
        assert problem["partition"] == row["_kafka_partition"]
        assert (problem["from_offset"], problem["to_offset"]) == (row["_kafka_offset"], row["_kafka_offset"] + 1)
    [problem] = problems(report, "receipt_row_count_mismatch")
    assert (problem["table"], problem["partition_dir"]) == ("clicks", file.parent.name)


def test_a_deleted_range_is_named(copy):
    where = "batch = 2 AND kafka_partition = 3"
    copy.sql(f"DELETE FROM ranges WHERE {where}")
    report = copy.verify()
    [gap] = problems(report, "range_gap")
    assert gap["partition"] == 3
    missing = [problem for problem in problems(report, "missing_acknowledged_record")]
    assert [(m["from_offset"], m["to_offset"]) for m in missing] == [(gap["from_offset"], gap["to_offset"])]
    assert problems(report, "row_outside_ranges")


def test_a_file_missing_from_the_ledger_is_foreign(copy):
    file = copy.files("orders")[0]
    copy.sql("DELETE FROM files WHERE table_name = 'orders' AND file_name = ?", file.name)
    report = copy.verify()
    assert copy.name(file) in [problem["file"] for problem in problems(report, "foreign_file")]


def test_foreign_and_copied_files_are_named(copy):
    file = copy.files("clicks")[0]
    doubled = file.with_name(file.name.replace("-", "-9"))
    shutil.copy(file, doubled)
    stranger = file.parent / "part-00000-c000.snappy.parquet"
    shutil.copy(file, stranger)
    report = copy.verify()
    assert set(report["problems_by_kind"]) == {"foreign_file"}
    assert {problem["file"] for problem in report["problems"]} == {copy.name(doubled), copy.name(stranger)}


def test_a_moved_file_is_missing_and_foreign(copy):
    file = copy.files("clicks")[0]
    elsewhere = file.parent.parent / "date=2031-01-01" / file.name
    elsewhere.parent.mkdir()
    file.rename(elsewhere)
    report = copy.verify(receipts=False, brokers=False)
    assert {(p["kind"], p["file"]) for p in report["problems"]} == {("missing_file", copy.name(file)),
                                                                  ("foreign_file", copy.name(elsewhere))}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.999])
def test_a_flipped_byte_is_named(copy, share):
    file = copy.files("clicks")[1]
    content = bytearray(file.read_bytes())
    content[int(len(content) * share)] ^= 0x10
    file.write_bytes(content)
    report = copy.verify(receipts=False, brokers=False)
    assert [problem["file"] for problem in problems(report, "checksum_mismatch")] == [copy.name(file)]


def test_two_files_with_the_same_records_are_named(copy):
    """The ledger gets a second file of the same rows: only the rows themselves show it."""
    file = copy.files("orders")[0]
    doubled = file.with_name(file.name.replace("-", "-9"))
    shutil.copy(file, doubled)
    copy.sql(f"""INSERT INTO files SELECT batch, table_name, partition_dir, '{doubled.name}', 'x', rows, bytes,
                 checksum, position_sum, key_sum, min_event_time_us, max_event_time_us, state FROM files
                 WHERE table_name = 'orders' AND file_name = ? AND partition_dir = ?""", file.name, file.parent.name)
    report = copy.verify(brokers=False)
    duplicates = problems(report, "duplicate_across_files")
    assert duplicates
    for problem in duplicates:
        named = problem["file"] + problem["detail"]
        assert copy.name(file) in named and copy.name(doubled) in named
    rows = pq.read_metadata(file).num_rows
    assert sum(p["to_offset"] - p["from_offset"] for p in duplicates) == rows


def test_since_checks_only_newer_batches(copy):
    copy.files("clicks")[0].unlink()  # of the first batch
    newest = copy.verify(brokers=False)["last_batch"]
    assert copy.verify("--since", newest - 1, brokers=False, status=0)["batches"] == 1
    copy.landing.forebay("verify", "--lake", copy.lake, "--since", newest + 1, status=2)


def test_beside_a_live_lander_it_is_clean_every_time(landing):
    landing.land()  # so that there is a lake
    with landing.follow("--flush-interval", "200ms") as lander:
        with landing.forebay.start(*landing.produce_arguments("--records", 40000, "--seed", 3, "--rate", 8000,
                                                              "--faults", EVERY_FAULT)) as producer:
            reports = []
            while producer.is_running:
                reports.append(landing.verify().json)
                time.sleep(0.2)
            assert producer.wait().status == 0
        assert lander.terminate().status == 0
    assert len(reports) > 5 and all(report["clean"] for report in reports)
    assert len({report["last_batch"] for report in reports}) > 3, "it never ran while something was landed"
    assert landing.verify("--require-landed").json["clean"]


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def test_records_not_landed_yet_are_reported(landing):
    landing.produce("--records", 2000, "--seed", 1)
    landing.land()
    landing.produce("--records", 3000, "--seed", 2)
    report = landing.verify().json
    assert sum(table["not_landed_yet"] for table in report["tables"]) == 3075
    report = landing.verify("--require-landed", status=1).json
    assert set(report["problems_by_kind"]) == {"not_landed_yet"}
    landing.land()
    assert landing.verify("--require-landed").json["clean"]


def test_missing_offsets_are_explained(landing, broker):
    """Tombstones, an aborted transaction's records, and transaction markers: none is a loss."""
    topic = landing.contract.topic("clicks")
    plain = Producer({"bootstrap.servers": broker.address})
    for i in range(7):
        plain.produce(topic, key=f"k{i}", value=None, partition=0)
    plain.flush(30)
    transactional = Producer({"bootstrap.servers": broker.address, "transactional.id": f"{topic}-test"})
    transactional.init_transactions(30)
    for end in (transactional.abort_transaction, transactional.commit_transaction):
        transactional.begin_transaction()
        for i in range(5):
            transactional.produce(topic, key=f"k{i}", value=b"not json", partition=1)
        transactional.flush(30)
        end(30)
    landing.produce("--records", 500, "--seed", 1)
    landing.land()

    report = landing.verify().json
    assert report["clean"]
    [clicks] = [table for table in report["tables"] if table["table"] == "clicks"]
    without = {name: count for name, count in clicks["missing_offsets"].items() if count}
    assert without == {"tombstones": 7, "aborted": 5, "no_record": 2}
    assert clicks["tombstones"] == 7 and clicks["quarantined"] == {"not_json": 5}
    alone = landing.forebay("verify", "--lake", landing.lake, "--json").json
    assert alone["clean"] and [note["kind"] for note in alone["notes"]] == ["unexplained_offsets"]


def test_offsets_expired_in_kafka_are_not_explained(landing, broker):
    topic = landing.contract.topic("clicks")
    producer = Producer({"bootstrap.servers": broker.address})
    for i in range(10):
        producer.produce(topic, key="k", value=None if i % 2 else b"{}", partition=0)
    producer.flush(30)
    landing.land()
    admin = AdminClient({"bootstrap.servers": broker.address})
    for future in admin.delete_records([TopicPartition(topic, 0, 4)]).values():
        future.result(30)
    report = landing.verify().json
    [clicks] = [table for table in report["tables"] if table["table"] == "clicks"]
    assert report["clean"]
    assert {name: count for name, count in clicks["missing_offsets"].items() if count} == {"tombstones": 3,
                                                                                         "expired_in_kafka": 2}


def test_a_recreated_topic_is_named(landing, broker):
    landing.produce("--records", 300, "--seed", 1)
    landing.land()
    topic = landing.contract.topic("orders")
    topics.delete_topic(broker, topic)
    report = landing.verify(status=1).json
    assert [problem["found"] for problem in problems(report, "topic_recreated")] == ["no such topic"]
    topics.create_topic(broker, topic, 6)
    report = landing.verify(status=1).json
    [problem] = problems(report, "topic_recreated")
    assert problem["topic"] == topic and "--adopt-topic" in problem["next"]
    assert set(report["problems_by_kind"]) == {"topic_recreated"}


def test_brokers_that_end_before_the_landed_offsets_are_named(copy):
    """As after a broker that lost its newest records: here the ledger is made to be ahead."""
    topic_id, next_offset = sqlite3.connect(copy.lake / "_forebay" / "ledger.db").execute(
        "SELECT topic_id, next FROM partitions WHERE kafka_partition = 4").fetchone()
    where = f"topic_id = '{topic_id}' AND kafka_partition = 4"
    copy.sql(f"UPDATE partitions SET next = next + 5 WHERE {where}")
    copy.sql(f"UPDATE ranges SET to_offset = to_offset + 5 WHERE {where} AND to_offset = ?", next_offset)
    report = copy.verify()
    [problem] = problems(report, "broker_behind")
    assert (problem["partition"], problem["from_offset"], problem["to_offset"]) == (4, next_offset, next_offset + 5)
    assert set(report["problems_by_kind"]) == {"broker_behind"}


def test_an_invalid_lake_or_receipt_is_invalid_usage(landed, tmp_path):
    result = landed.forebay("verify", "--lake", tmp_path, status=2)
    assert "lake.json" in result.stderr and len(result.stderr.splitlines()) == 1
    (tmp_path / "r.json").write_text("{}")
    result = landed.forebay("verify", "--lake", landed.lake, "--receipt", tmp_path / "r.json", status=2)
    assert "r.json" in result.stderr
    landed.forebay("verify", "--lake", landed.lake, "--receipt", tmp_path / "none", status=2)
    result = landed.forebay("verify", "--lake", landed.lake, "--receipt", "/dev/zero", status=3)
    assert "/dev/zero" in result.stderr and "more than 268435456 bytes" in result.stderr
    landed.forebay("verify", "--lake", landed.lake, "--since", "-1", status=2)


def test_a_contract_that_was_corrected_after_producing_explains_the_receipt(forebay, broker, shop, tmp_path):
    """The receipt expects rows that the corrected contract rejects. Its records are not missing."""
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--records", 3000, "--seed", 1, "--table", "clicks")
    produced = shop.path.read_text()
    stricter = produced.replace("          - value: mobile\n", "", 1)
    assert stricter != produced
    shop.path.write_text(stricter)
    landed = landing.land().json
    assert 0 < landed["quarantined"] < landed["rows"] + landed["quarantined"] == 3000

    report = landing.verify()
    (note,) = (note for note in report.json["notes"] if note["kind"] == "receipt_other_contract")
    assert note["expected"] == "3000 rows and 0 rejected by the receipt"
    assert note["found"] == f"{landed['rows']} rows and {landed['quarantined']} rejected by the lake's contract"
    alone = landing.forebay("verify", "--lake", landing.lake, *landing.receipt_flags(), "--json").json
    assert "--brokers judges it" in alone["notes"][0]["detail"] and alone["clean"]

    victim = max(readers.files(landing.lake, "quarantine"), key=lambda file: file.stat().st_size)
    victim.unlink()
    assert not landing.verify(status=1).json["clean"]
    topics.delete_records(broker, shop.topic("clicks"), before=10)
    kinds = {note["kind"]: note for note in landing.verify(status=1).json["notes"]}
    assert "Kafka no longer has " in kinds["receipt_other_contract"]["detail"]
