"""The landing as a Python program that people write without an engine: confluent-kafka, pyarrow's JSON reader, Parquet.

It lands up to the ends that the topic has at the start, in batches, and keeps no record of what it did. It is here to
be measured against, with the same topic and the same number of rows in the end.
"""
import argparse
import uuid

import confluent_kafka as kafka
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.json as pj

BATCH = 500_000
CLICK = pa.schema([
    ("event_id", pa.string()), ("event_time", pa.timestamp("us", "UTC")), ("event_type", pa.string()),
    ("user_id", pa.string()), ("session_id", pa.string()), ("product_id", pa.string()), ("category", pa.string()),
    ("search_query", pa.string()), ("price", pa.float64()), ("currency", pa.string()), ("quantity", pa.int32()),
    ("country", pa.string()), ("device", pa.string()), ("page", pa.string())])


def to_table(messages: list[kafka.Message]) -> pa.Table:
    values = pa.BufferReader(b"\n".join(message.value() for message in messages))
    table = pj.read_json(values, pj.ReadOptions(block_size=8 << 20),
                         pj.ParseOptions(explicit_schema=CLICK, unexpected_field_behavior="ignore"))
    table = table.append_column("_kafka_partition", pa.array([m.partition() for m in messages], pa.int32()))
    table = table.append_column("_kafka_offset", pa.array([m.offset() for m in messages], pa.int64()))
    table = table.append_column("_kafka_timestamp", pa.array([m.timestamp()[1] for m in messages],
                                                             pa.timestamp("ms", "UTC")))
    return table.append_column("date", pc.cast(table["event_time"], pa.date32()))


def write(table: pa.Table, lake: str) -> None:
    ds.write_dataset(table, lake, format="parquet",
                     partitioning=ds.partitioning(pa.schema([("date", pa.date32())]), flavor="hive"),
                     file_options=ds.ParquetFileFormat().make_write_options(compression="zstd"),
                     basename_template=uuid.uuid4().hex + "-{i}.parquet", existing_data_behavior="overwrite_or_ignore")


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--brokers", "--topic", "--lake"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()

    consumer = kafka.Consumer({"bootstrap.servers": options.brokers, "group.id": "by-hand", "enable.auto.commit": False,
                               "fetch.queue.backoff.ms": 5, "isolation.level": "read_committed"})
    partitions = consumer.list_topics(options.topic).topics[options.topic].partitions
    ends = {p: consumer.get_watermark_offsets(kafka.TopicPartition(options.topic, p))[1] for p in partitions}
    left = sum(ends.values())
    consumer.assign([kafka.TopicPartition(options.topic, p, 0) for p in partitions])
    waiting: list[kafka.Message] = []
    while left > 0:
        messages = consumer.consume(10_000, timeout=1.0)
        waiting += messages
        left -= len(messages)
        if len(waiting) >= BATCH or left <= 0:
            write(to_table(waiting), options.lake)
            waiting = []
    consumer.close()


if __name__ == "__main__":
    main()
