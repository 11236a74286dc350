"""Logs that were cut back and grew again. The cases share one broker and its restarts; each has a topic and a lake
of its own."""
import time
import uuid
from dataclasses import dataclass, field

import pytest
from confluent_kafka import Producer

import forebay as core
from support import readers
from support.arrow_engine import ArrowEngine
from support.broker import Broker
from support.cluster import Cluster
from support.logs import LogCopies
from support.topics import delete_records, read_topic

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: events
version: 1.0.0
status: active
schema:
  - name: events
    logicalType: object
    customProperties:
      - {{property: kafka.topic, value: {topic}}}
      - {{property: kafka.partitions, value: {partitions}}}
      - {{property: eventTime, value: at}}
    properties:
      - {{name: id, logicalType: integer, physicalType: BIGINT, required: true,
         primaryKey: true, primaryKeyPosition: 1}}
      - {{name: at, logicalType: timestamp, physicalType: timestamp_tz, required: true}}
      - {{name: date, logicalType: date, physicalType: DATE, required: true, partitioned: true, partitionKeyPosition: 1,
         transformLogic: date(at)}}
"""


@dataclass
class Case:
    """Records of partition 0: `kept` before the copy, `lost` after it, and then `new` ones in the place of those."""
    name: str
    kept: int = 100
    lost: int = 100
    new: int = 150
    partitions: int = 1
    one_batch: bool = True  # else one before the copy, and one after it
    transactions: bool = False  # what is lost is an aborted transaction: its markers and no record
    again: bool = False  # the new records are the lost ones
    topic: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}")


CASES = [
    Case("cut within a batch, longer"),
    Case("cut within a batch, shorter", new=40),
    Case("cut within a batch, as long", new=100),
    Case("cut at the edge of a batch", one_batch=False),
    Case("cut and not grown", new=0),
    Case("cut to nothing", kept=0, new=50),
    Case("cut among transaction markers", transactions=True, new=10),
    Case("the same records again", again=True, new=100),
    Case("one of three partitions", partitions=3),
]
FOLLOWED = Case("under a follower")
STAGED = Case("between an engine's reading and its commit")
EXPIRED = Case("and expired up to there", kept=100, lost=50, new=80)
ALL = [*CASES, FOLLOWED, STAGED, EXPIRED]


def topics_of(cases):
    return [case.topic for case in cases]


class World:
    def __init__(self, broker, forebay, directory):
        self.broker = broker
        self.forebay = forebay
        self.directory = directory
        self.next_id = 0
        self.began_ms = time.time_ns() // 1_000_000
        self.copies = LogCopies(broker, directory / "copies")

    def contract(self, case):
        path = self.directory / f"{case.topic}.yaml"
        path.write_text(CONTRACT.format(topic=case.topic, partitions=case.partitions))
        return path

    def lake(self, case):
        return self.directory / f"{case.topic}.lake"

    def command(self, case, *words, status=0):
        brokers = ("--brokers", self.broker.address)
        if words[0] != "verify":
            words = (*words, "--contract", self.contract(case))
        if words[0] in ("land", "verify"):
            words = (*words, "--lake", self.lake(case))
        return self.forebay(*words, *brokers, status=status)

    def land(self, case, *words, status=0):
        return self.command(case, "land", "--once", *words, status=status)

    def send(self, case, records, partition=0, first_id=None):
        """Returns the first id. The time of a record follows from its id."""
        first = self.next_id if first_id is None else first_id
        producer = Producer({"bootstrap.servers": self.broker.address})
        for number in range(first, first + records):
            producer.produce(case.topic, b'{"id": %d, "at": "2025-10-30T12:00:00Z"}' % number, partition=partition,
                             timestamp=self.began_ms + number)
        assert producer.flush(60) == 0
        if first_id is None:
            self.next_id += records
        return first

    def abort(self, case, records):
        producer = Producer({"bootstrap.servers": self.broker.address, "transactional.id": uuid.uuid4().hex})
        producer.init_transactions()
        producer.begin_transaction()
        for _ in range(records):
            producer.produce(case.topic, b"{}", partition=0)
        producer.flush(60)
        producer.abort_transaction()

    def follower(self, case):
        return self.forebay.start("land", "--follow", "--flush-interval", "200ms", "--contract", self.contract(case),
                                  "--lake", self.lake(case), "--brokers", self.broker.address)

    def wait_for_rows(self, case, rows):
        deadline = time.monotonic() + 120
        while len(self.rows(case)) < rows:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def engine(self, case):
        return ArrowEngine(self.contract(case), self.broker.address, self.lake(case))

    def rows(self, case):
        """(partition, offset, id) of every row."""
        return readers.rows(self.lake(case), "events", ["_kafka_partition", "_kafka_offset", "id"])


@pytest.fixture(scope="module")
def world(forebay, tmp_path_factory):
    directory = tmp_path_factory.mktemp("logs")
    with Broker(directory / "broker") as broker:
        world = World(broker, forebay, directory)
        lost = {}
        for case in ALL:
            world.command(case, "topics", "apply")
            for partition in range(case.partitions):
                world.send(case, case.kept, partition)
            if not case.one_batch:
                world.land(case)
        world.copies.take(topics_of(ALL))
        for case in ALL:
            if case.transactions:
                world.abort(case, 5)
            else:
                lost[case.name] = world.send(case, case.lost)
            if case not in (FOLLOWED, STAGED):
                world.land(case)
        with world.follower(FOLLOWED) as follower, world.engine(STAGED).open() as landing:
            world.follower_of_cut_log = follower
            world.wait_for_rows(FOLLOWED, 200)
            staged = world.engine(STAGED).stage_all(landing.plan())
            world.copies.put_back(topics_of(ALL))
            for case in ALL:
                world.send(case, case.new, first_id=lost[case.name] if case.again else None)
            with pytest.raises(core.ForebayError) as world.late_commit:
                landing.commit(*staged)
            world.follower_ended = follower.wait(120)
        yield world


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_it_stops_and_adopts_the_log_from_where_it_differs(world, case):
    before = world.rows(case)
    stopped = world.land(case, status=3)
    assert f"--adopt-log {case.topic}:0" in stopped.stderr, stopped.stderr
    assert world.rows(case) == before
    adopted = world.land(case, "--adopt-log", f"{case.topic}:0")
    assert "adopted the log" in adopted.stderr
    # Every record that Kafka has is in the lake once, at its offset; and those that it lost stay.
    rows = world.rows(case)
    in_kafka = {(partition, offset, int(value.split(b",")[0].split(b":")[1]))
                for partition, offset, _, value, _, _ in read_topic(world.broker, case.topic)}
    assert in_kafka <= set(rows) and set(before) <= set(rows)
    assert len(rows) == len(set(rows))
    assert set(rows) == in_kafka | set(before)
    report = world.command(case, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]
    assert [note["kind"] for note in report["notes"] if note["kind"] == "log_adopted"] == ["log_adopted"]
    assert world.land(case, status=0).stdout.startswith("nothing new")


def test_a_running_follower_stops(world):
    assert world.follower_ended.status == 3, world.follower_ended
    assert FOLLOWED.topic in world.follower_ended.stderr
    before = world.rows(FOLLOWED)
    assert len(before) == 200
    test_it_stops_and_adopts_the_log_from_where_it_differs(world, FOLLOWED)
    assert len(world.rows(FOLLOWED)) == 350


def test_what_was_read_before_the_cut_is_not_committed(world):
    assert world.late_commit.value.exit_status == 3
    assert f"--adopt-log {STAGED.topic}:0" in str(world.late_commit.value)
    assert world.rows(STAGED) == []
    world.land(STAGED)  # nothing was landed of the earlier log: there is nothing to adopt
    assert len(world.rows(STAGED)) == 250
    assert world.command(STAGED, "verify", "--json", "--content").json["content"] == {"compared": 250, "gone": 0}


def test_records_that_expired_prove_nothing_and_the_rest_does(world):
    delete_records(world.broker, EXPIRED.topic, before=90)
    world.land(EXPIRED, status=3)
    world.land(EXPIRED, "--adopt-log", f"{EXPIRED.topic}:0")
    assert len(world.rows(EXPIRED)) == 230  # 150 of the earlier log, 80 of the new one
    report = world.command(EXPIRED, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]
    assert report["content"] == {"compared": 90, "gone": 140}


def test_a_log_that_was_cut_again_above_and_below_the_first_cut(world):
    """The second time right after the adoption, before anything was landed of the adopted log."""
    above, below = CASES[0], CASES[4]  # the other one was adopted where it ends
    rows = {case.name: world.rows(case) for case in (above, below)}
    world.copies.put_back([above.topic], emptied=[below.topic])
    for case in (above, below):
        world.send(case, 30)
        world.land(case, status=3)
        world.land(case, "--adopt-log", f"{case.topic}:0")
        assert len(world.rows(case)) == len(rows[case.name]) + 30
        report = world.command(case, "verify", "--json", "--content").json
        assert report["clean"], report["problems"]
        assert [note["incarnation"] for note in report["notes"] if note["kind"] == "log_adopted"] == [2, 3]
        status = world.forebay("status", "--lake", world.lake(case), "--json").json
        assert [log["incarnation"] for log in status["adopted_logs"]] == [2, 3]


def test_a_log_that_is_the_landed_one_is_not_adopted(world):
    case = Case("whole")
    world.command(case, "topics", "apply")
    world.send(case, 10)
    world.land(case)
    refused = world.land(case, "--adopt-log", f"{case.topic}:0", status=2)
    assert "nothing to adopt" in refused.stderr
    assert "TOPIC:PARTITION" in world.land(case, "--adopt-log", case.topic, status=2).stderr


def test_an_unclean_leader_election(forebay, tmp_path):
    """A replica that lags becomes the leader: the records that it never had are gone, and others take their offsets."""
    case = Case("unclean")
    with Cluster(tmp_path) as cluster:
        world = World(cluster, forebay, tmp_path)
        cluster.create_topic(case.topic, (2, 3))
        world.send(case, 100)
        cluster.wait_for_isr(case.topic, {2, 3})
        cluster.kill(3)
        cluster.wait_for_isr(case.topic, {2})
        world.send(case, 100)
        world.land(case)
        cluster.kill(2)
        cluster.start(3)
        cluster.wait_for_leader(case.topic, {3})
        world.send(case, 150)
        before = world.rows(case)
        assert len(before) == 200
        assert f"--adopt-log {case.topic}:0" in world.land(case, status=3).stderr
        world.land(case, "--adopt-log", f"{case.topic}:0")
        rows = world.rows(case)
        assert len(rows) == 350 and set(before) <= set(rows)
        report = world.command(case, "verify", "--json", "--content").json
        assert report["clean"], report["problems"]
        assert report["content"] == {"compared": 250, "gone": 100}
