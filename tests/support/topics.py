"""The records of a topic, read by confluent-kafka, without Forebay."""
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType)


def end_offset(consumer, topic, number):
    """The end of a partition. A broker that has just restarted may not lead it yet, and then answers with an error."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=30)[1]
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def read_topic(broker, topic):
    """Every record of a topic, as (partition, offset, key, value, headers, timestamp)."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "test", "enable.auto.commit": False,
                         "auto.offset.reset": "error", "isolation.level": "read_committed"})
    try:
        ends = {number: end_offset(consumer, topic, number)
                for number in consumer.list_topics(topic, timeout=30).topics[topic].partitions}
        consumer.assign([TopicPartition(topic, number, 0) for number in ends])
        records = []
        deadline = time.monotonic() + 60
        while len(records) < sum(ends.values()):
            assert time.monotonic() < deadline, f"{len(records)} of {sum(ends.values())} records came"
            for message in consumer.consume(10_000, timeout=1):
                assert message.error() is None, message.error()
                records.append((message.partition(), message.offset(), message.key(), message.value(),
                                dict(message.headers() or []), message.timestamp()[1]))
        return records
    finally:
        consumer.close()


def admin_of(broker):
    return AdminClient({"bootstrap.servers": broker.address})


def partitions_of(broker, topic):
    return sorted(admin_of(broker).list_topics(topic, timeout=30).topics[topic].partitions)


def wait_for_leaders(broker, topic, timeout_s):
    """Until the broker leads each partition: it takes over the partitions of a new topic one after the other."""
    admin = admin_of(broker)
    deadline = time.monotonic() + timeout_s
    while True:
        ask = {TopicPartition(topic, number): OffsetSpec.latest() for number in partitions_of(broker, topic)}
        failures = [answer.exception(30) for answer in admin.list_offsets(ask).values()]
        if not any(failures):
            return
        assert time.monotonic() < deadline, failures
        time.sleep(0.5)


def delete_records(broker, topic, before=None, partitions=None):
    """Kafka forgets what lies before this offset of every partition, or all there is: as its retention does."""
    ask = [TopicPartition(topic, number, -1 if before is None else before)
           for number in partitions or partitions_of(broker, topic)]
    admin = admin_of(broker)  # kept: the answers come from its thread
    for answer in admin.delete_records(ask).values():
        answer.result(30)


def delete_topic(broker, topic):
    """Returns once it is gone: the broker lists a deleted topic for a moment longer."""
    admin = admin_of(broker)
    for answer in admin.delete_topics([topic]).values():
        answer.result(30)
    deadline = time.monotonic() + 60
    while topic in admin.list_topics(timeout=10).topics:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def recreate(broker, topic, partitions=1):
    """A new topic of the same name, and with another id."""
    delete_topic(broker, topic)
    create_topic(broker, topic, partitions)


def create_topic(broker, topic, partitions=1):
    """Returns once the broker lists it."""
    admin = admin_of(broker)
    deadline = time.monotonic() + 60
    while True:
        try:
            for answer in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
                answer.result(30)
            break
        except KafkaException:  # still being deleted
            assert time.monotonic() < deadline
            time.sleep(0.2)
    while topic not in admin.list_topics(timeout=10).topics:  # the broker answers before it knows the topic itself
        assert time.monotonic() < deadline
        time.sleep(0.05)


def add_partitions(broker, topic, total):
    admin = admin_of(broker)
    for answer in admin.create_partitions([NewPartitions(topic, total)]).values():
        answer.result(30)


def alter(broker, topic, settings):
    admin = admin_of(broker)
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
               for name, value in settings.items()]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    for answer in admin.incremental_alter_configs([resource]).values():
        answer.result(30)


def count(broker, topic, number):
    """How many records a partition has, holes left out."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "test", "enable.auto.commit": False,
                         "auto.offset.reset": "error", "enable.partition.eof": True})
    try:
        consumer.assign([TopicPartition(topic, number, 0)])
        records = 0
        while True:
            for message in consumer.consume(1000, timeout=1):
                if message.error() is not None:
                    return records
                records += 1
    finally:
        consumer.close()
