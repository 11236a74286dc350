"""A complete engine in one process, made with the package: the Spark job's steps, without Spark."""
import itertools

import confluent_kafka
import pyarrow as pa

import forebay

RECORDS = pa.schema([("partition", pa.int32()), ("offset", pa.int64()), ("timestamp", pa.timestamp("ms", "UTC")),
                     ("key", pa.binary()), ("value", pa.binary())])
WITH_HEADERS = RECORDS.append(pa.field("headers", pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))))
POLL_RECORDS = 5000
POLL_SECONDS = 0.05


def record_batch(messages):
    """confluent_kafka's messages as the batch that a Decoder takes."""
    rows = [(m.partition(), m.offset(), m.timestamp()[1] if m.timestamp()[0] else None, m.key(), m.value(),
             [{"key": name, "value": value} for name, value in m.headers() or ()] or None) for m in messages]
    columns = list(zip(*rows)) or [()] * len(WITH_HEADERS)
    batch = pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, WITH_HEADERS)],
                            schema=WITH_HEADERS)
    return batch.append_column("topic", pa.array([m.topic() for m in messages], pa.string()))


def consume(brokers, topic, partition, begin, end):
    """Every record of [begin, end) that a read_committed consumer sees, in batches."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "arrow-engine",
                                         "enable.auto.commit": False, "auto.offset.reset": "error",
                                         "isolation.level": "read_committed", "enable.partition.eof": True})
    try:
        place = confluent_kafka.TopicPartition(topic, partition, begin)
        consumer.assign([place])
        reached = begin
        while reached < end:
            polled = consumer.consume(POLL_RECORDS, POLL_SECONDS)
            messages = [m for m in polled if m.error() is None and m.offset() < end]
            failed = [m.error() for m in polled if m.error() is not None
                      and m.error().code() != confluent_kafka.KafkaError._PARTITION_EOF]
            assert not failed, failed
            if messages:
                yield record_batch(messages)
            reached = max(reached, *(p.offset for p in consumer.position([place])))
    finally:
        consumer.close()


def batched(items, size):
    return [items[begin:begin + size] for begin in range(0, len(items), size)]


class ArrowEngine:
    def __init__(self, contract, brokers, lake, transform=lambda rows: rows, **stager_options):
        self.contract = forebay.Contract.read(contract)
        self.brokers = brokers
        self.lake = lake
        self.transform = transform
        self.stager_options = stager_options
        self.columns = {}  # of the files, by table

    def open(self, **options):
        return forebay.Landing.open(self.contract, self.brokers, self.lake, engine="arrow", **options)

    def stage(self, *positions):
        """One task: ranges of one table's Kafka partitions. Returns its manifests and partition statistics."""
        table = positions[0].table
        topic = positions[0].topic
        decoder = forebay.Decoder(self.contract, table, topic)
        stats = []
        with forebay.Stager(self.contract, table, self.lake, engine="arrow", topic=topic,
                            columns=self.columns.get(table), **self.stager_options) as stager:
            for position in positions:
                for records in consume(self.brokers, position.topic, position.partition, position.next, position.end):
                    decoded = decoder.decode(records)
                    stats.append(forebay.partition_stats(decoded))
                    stager.add_rows(self.transform(decoded.rows))
                    stager.add_rejects(decoded.rejects)
                    stager.add_tombstones(decoded.tombstones)
            return stager.finish(), stats

    def stage_all(self, positions, task_partitions=1):
        """The argument of Landing.commit. A task has up to `task_partitions` Kafka partitions of one table."""
        ranges, manifests, stats = [], [], []
        for _, of_table in itertools.groupby(positions, key=lambda position: position.table):
            for task in batched(list(of_table), task_partitions):
                staged, counted = self.stage(*task)
                ranges += [(position.topic, position.partition, position.next, position.end) for position in task]
                manifests += staged
                stats += counted
        return ranges, manifests, stats

    def land(self, task_partitions=1, **options):
        """Everything up to the ends that the topics have now, as one batch."""
        with self.open(**options) as landing:
            positions = landing.plan()
            self.columns = {position.table: landing.file_schema(position.table) for position in positions}
            return landing.commit(*self.stage_all(positions, task_partitions))
