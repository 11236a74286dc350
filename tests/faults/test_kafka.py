"""Kafka as it is on a bad day. Each time what was landed is exact, or the landing stops and names the command that goes
on; that command is shown by verify from then on."""
import os
import time
import uuid
from datetime import datetime, timezone

import pytest
from confluent_kafka import Producer

from support import readers, topics
from support.landing import Landing
from support.proxy import Proxy

STOPPED_S = float(os.environ.get("FAULT_STOPPED_S", "15"))  # a night's run sets 60


def click(shop, number):
    """The value of a valid click."""
    text = (shop.path.parent / "click.json")
    return text.read_bytes().replace(b"NUMBER", str(number).encode())


@pytest.fixture
def empty(forebay, broker, shop, tmp_path):
    """Topics without records, and a sample of a click."""
    made = Landing(forebay, broker, shop, tmp_path)
    lines = forebay("generate", "--contract", shop, "--table", "clicks", "--records", 1, "--seed", 1).stdout
    (tmp_path / "click.json").write_text(lines.splitlines()[0])
    return made


def notes(report, kind):
    return [note for note in report.json["notes"] if note["kind"] == kind]


# --- A broker that is slow, cuts connections or says nothing --------------------------------------------------------

@pytest.mark.parametrize("manner", [{"delay_s": 0.05}, {"reset_after": 30_000}], ids=["slow", "resets"])
def test_a_bad_network(landing, broker, exact, manner):
    landing.produce("--records", 4000, "--seed", 2, "--faults", "default")
    with Proxy(broker, **manner) as proxy:
        result = landing.forebay("land", "--contract", landing.contract, "--brokers", proxy.address, "--lake",
                                 landing.lake, "--once", timeout_s=120)
        assert result.status == 0
        assert manner.get("delay_s") or proxy.resets > 0
    exact()


def test_connections_that_hang(landing, broker, exact):
    """Connections stay open and nothing comes: the landing waits, says so, and goes on."""
    with Proxy(broker) as proxy:
        words = ("land", "--contract", landing.contract, "--brokers", proxy.address, "--lake", landing.lake, "--follow",
                 "--flush-interval", "300ms")
        with landing.forebay.start(*words) as lander:
            time.sleep(2)
            proxy.hanging = True
            landing.produce("--records", 2000, "--seed", 2, "--faults", "default")
            time.sleep(STOPPED_S)
            assert lander.is_running
            proxy.hanging = False
            time.sleep(3)
            assert lander.terminate().status == 0
    exact()


# --- Transactions ---------------------------------------------------------------------------------------------------

def test_transactions_open_aborted_and_at_the_edges_of_batches(empty, broker, shop):
    topic = shop.topic("clicks")
    producer = Producer({"bootstrap.servers": broker.address, "transactional.id": uuid.uuid4().hex})
    producer.init_transactions()
    committed = 0
    for number in range(12):
        producer.begin_transaction()
        for _ in range(5):
            producer.produce(topic, click(shop, number), partition=0)
        if number % 3 == 2:
            producer.flush()
            producer.abort_transaction()
        else:
            producer.commit_transaction()
            committed += 5
    # Batches of one transaction each, so that markers stand at their edges; and of single records.
    assert empty.land("--batch-rows", 5).json["rows"] == committed
    producer.begin_transaction()
    for _ in range(5):
        producer.produce(topic, click(shop, 99), partition=0)
    producer.flush()
    assert empty.land("--batch-rows", 1).json["rows"] == 0  # it is open: not to be seen yet
    producer.commit_transaction()
    assert empty.land("--batch-rows", 1).json["rows"] == 5
    report = empty.verify()
    assert report.json["clean"]
    clicks = next(table for table in report.json["tables"] if table["table"] == "clicks")
    assert clicks["rows"] == committed + 5
    assert clicks["missing_offsets"]["aborted"] == 20
    assert clicks["missing_offsets"]["no_record"] == 13  # markers
    assert readers.positions_that_occur_twice(empty.lake, topic, "clicks") == 0


# --- Records that go, topics that go ----------------------------------------------------------------------------------

def test_records_that_expired_before_they_were_landed(landing, shop, delete_records):
    landing.land("--batch-rows", 500)
    landing.produce("--records", 2000, "--seed", 2)
    delete_records(shop.topic("clicks"))
    stopped = landing.land(status=3)
    assert "expired before they were landed" in stopped.stderr and "--accept-loss" in stopped.stderr
    # The topic is as Kafka makes it: it takes a timestamp of last year, and expires such a record at once.
    assert "takes any timestamp" in stopped.stderr and "retention.ms=604800000" in stopped.stderr
    before = readers.duckdb_rows(landing.lake, "clicks")
    landing.land("--accept-loss")
    assert readers.duckdb_rows(landing.lake, "clicks") == before
    landing.produce("--records", 500, "--seed", 3)
    landing.land()
    report = landing.verify()
    assert report.json["clean"]
    losses = notes(report, "accepted_loss")
    assert losses and all("accepted on" in note["detail"] for note in losses)
    assert notes(report, "receipt_not_comparable")


def test_records_that_go_while_they_are_landed(landing, shop, delete_records, exact):
    """The landing stops, or was faster; either way nothing is passed over in silence."""
    landing.land()
    with landing.follow("--flush-interval", "200ms") as lander:
        time.sleep(1)
        landing.produce("--records", 3000, "--seed", 2)
        delete_records(shop.topic("clicks"))
        time.sleep(2)
        ended = lander.terminate()
    assert ended.status in (0, 3), ended
    after = landing.land("--accept-loss")
    assert after.status == 0
    assert landing.verify().json["clean"]


def test_a_topic_made_anew_between_landings(landing, broker, shop):
    landing.land()
    rows = readers.duckdb_rows(landing.lake, "clicks").total()
    topic = shop.topic("clicks")
    topics.recreate(broker, topic, partitions=4)
    stopped = landing.land(status=3)
    assert f"--adopt-topic {topic}" in stopped.stderr
    landing.produce("--records", 1000, "--seed", 2)
    added = landing.land("--adopt-topic", topic).json
    assert added["rows"] > 0
    assert readers.duckdb_rows(landing.lake, "clicks").total() > rows
    landing.land()
    report = landing.verify()
    assert [note["topic"] for note in notes(report, "topic_adopted")] == [topic]
    assert {problem["kind"] for problem in report.json["problems"]} == set()


def test_a_topic_made_anew_while_it_is_landed(landing, broker, shop):
    topic = shop.topic("clicks")
    with landing.follow("--flush-interval", "500ms") as lander:
        time.sleep(3)
        topics.recreate(broker, topic, partitions=4)
        landing.produce("--records", 1000, "--seed", 2)
        stopped = lander.wait(60)
    assert stopped.status == 3
    assert "deleted" in stopped.stderr or "recreated" in stopped.stderr, stopped
    again = landing.land(status=3)
    assert f"--adopt-topic {topic}" in again.stderr
    landing.land("--adopt-topic", topic)
    report = landing.verify()
    assert report.json["clean"]
    assert notes(report, "topic_adopted")


def test_partitions_that_are_added(landing, broker, shop, exact):
    topic = shop.topic("clicks")
    landing.land()
    topics.add_partitions(broker, topic, 8)
    landing.produce("--records", 1000, "--seed", 2)
    landing.land()
    with landing.follow("--flush-interval", "300ms") as lander:
        time.sleep(1)
        topics.add_partitions(broker, topic, 10)
        landing.produce("--records", 1000, "--seed", 3)
        time.sleep(3)
        assert lander.terminate().status == 0
    exact()
    assert len(topics.partitions_of(broker, topic)) == 10


def test_a_compacted_topic(empty, broker, shop):
    """Offsets have holes where Kafka dropped older values of a key."""
    topic = shop.topic("clicks")
    settings = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "100"}
    topics.alter(broker, topic, settings)
    producer = Producer({"bootstrap.servers": broker.address})
    for number in range(6):
        for key in range(5):
            producer.produce(topic, click(shop, number), key=str(key), partition=0)
        producer.flush()
        time.sleep(0.3)
    deadline = time.monotonic() + 60
    while topics.count(broker, topic, 0) == 30 and time.monotonic() < deadline:
        time.sleep(1)
    left = topics.count(broker, topic, 0)
    assert left < 30, "Kafka did not compact the topic"
    assert empty.land("--batch-rows", 3).json["rows"] == left
    report = empty.verify()
    assert report.json["clean"]
    clicks = next(table for table in report.json["tables"] if table["table"] == "clicks")
    assert clicks["missing_offsets"]["no_record"] == 30 - left


# --- Bytes that changed at the broker ---------------------------------------------------------------------------------

def test_a_batch_that_is_damaged_at_the_broker(empty, broker, shop):
    """What came before it lands; then the landing stops and says how to go on."""
    topic = shop.topic("clicks")
    producer = Producer({"bootstrap.servers": broker.address})
    for number in range(3):
        producer.produce(topic, click(shop, number).replace(b"{", b'{"number":%d,' % number, 1), partition=0)
        assert producer.flush(30) == 0
    (segment,) = broker.directory.glob(f"**/{topic}-0/*.log")
    stored = segment.read_bytes()
    assert stored.count(b'"number":1') == 1
    with open(segment, "r+b") as file:
        file.seek(stored.index(b'"number":1'))
        file.write(b'"bumper":1')
    stopped = empty.land(status=3)
    assert f"record batch of {topic} partition 0 at or after offset 1 is damaged at the broker" in stopped.stderr
    assert "--accept-loss" in stopped.stderr
    assert readers.duckdb_rows(empty.lake, "clicks").total() == 1
    topics.delete_records(broker, topic, 2, partitions=[0])
    assert "--accept-loss" in empty.land(status=3).stderr
    empty.land("--accept-loss")
    assert readers.duckdb_rows(empty.lake, "clicks").total() == 2
    report = empty.verify()
    assert report.json["clean"] and notes(report, "accepted_loss")


# --- The clock ------------------------------------------------------------------------------------------------------

def test_a_clock_that_is_ahead_completes_no_date(landing, preload):
    """Two days, where `status` runs: by this clock alone today is over, and the topics are idle."""
    today = datetime.now(timezone.utc).date().isoformat()
    landing.produce("--records", 500, "--seed", 2, "--event-start", today, "--event-span", "1s")
    landing.land()

    def state(local_clock):
        environment = preload(CLOCK_BACK_S="-172800") | {"FOREBAY_LOCAL_CLOCK": local_clock}
        tables = landing.forebay("status", "--lake", landing.lake, *landing.brokers, "--json", env=environment).json
        (clicks,) = [table for table in tables["tables"] if table["table"] == "clicks"]
        (found,) = [date for date in clicks["dates"] if date["date"] == today]
        return found

    assert state("untrusted")["state"] == "open"
    assert "only this machine's clock says that the period is over" in state("untrusted")["waits_for"]
    assert state("trusted")["state"] == "complete"
    refused = landing.forebay("status", "--lake", landing.lake, "--local-clock", "right", status=2)
    assert "auto, trusted or untrusted was expected" in refused.stderr


def test_a_clock_that_was_set_back(landing, exact, preload):
    """Two days: batches, beginnings and deadlines do not rest on the wall clock."""
    landing.land()
    for seed in (2, 3):
        landing.produce("--records", 500, "--seed", seed)
        landing.land(env=preload(CLOCK_BACK_S="172800"))
    with landing.follow("--flush-interval", "300ms") as lander:
        landing.produce("--records", 500, "--seed", 4)
        time.sleep(2)
        assert lander.terminate().status == 0
    exact()
