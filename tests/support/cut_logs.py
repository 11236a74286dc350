"""Topics whose logs are cut back and grow again, each with a contract and a lake of its own."""
import time
import uuid
from dataclasses import dataclass, field

from confluent_kafka import Producer

from support import readers
from support.arrow_engine import ArrowEngine
from support.logs import LogCopies
from support.topics import count

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
    """Records of the partitions that are cut: `kept` before the copy, `lost` after it, and then `new` ones in the place
    of those."""
    name: str
    kept: int = 100
    lost: int = 100
    new: int = 150
    partitions: int = 1
    cut: int = 1  # so many of them, from 0 on
    one_batch: bool = True  # else one before the copy, and one after it
    transactions: bool = False  # what is lost is an aborted transaction: its markers and no record
    again: bool = False  # the new records are the lost ones
    keys: int = 0  # of a compacted topic
    topic: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}")


def logs_of(*cases):
    return [f"{case.topic}-{partition}" for case in cases for partition in range(case.cut)]


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

    def send(self, case, records, partition=0, first_id=None, day=30):
        """Returns the first id. The Kafka timestamp of a record follows from its id."""
        first = self.next_id if first_id is None else first_id
        producer = Producer({"bootstrap.servers": self.broker.address})
        for number in range(first, first + records):
            producer.produce(case.topic, b'{"id": %d, "at": "2025-10-%dT12:00:00Z"}' % (number, day),
                             key=str(number % case.keys) if case.keys else None, partition=partition,
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

    def compact(self, case, at_most):
        """Sends another record of each key: the earlier segments are compacted once a later record has begun the next
        one."""
        self.next_id += 1000  # milliseconds, which end a segment
        self.send(case, case.keys)
        deadline = time.monotonic() + 120
        while count(self.broker, case.topic, 0) > at_most:
            assert time.monotonic() < deadline, "Kafka did not compact the topic"
            time.sleep(1)

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
