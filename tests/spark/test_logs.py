"""A log that was cut back and grew again, before a run and between two triggers of a stream."""
import time

import forebay as core
import pytest
from confluent_kafka import Producer

from support import readers
from support.logs import LogCopies
from support.spark import SparkLanding


def send(landing, topic, number, records):
    producer = Producer({"bootstrap.servers": landing.broker.address})
    for _ in range(records):
        producer.produce(topic, b"refused %d" % number, partition=0)
    assert producer.flush(60) == 0


def wait_for(landing, records, stream):
    deadline = time.monotonic() + 180
    while len(refused(landing)) < records:
        assert stream.is_running and time.monotonic() < deadline
        time.sleep(0.1)


def refused(landing):
    """The values of the refused records, which tell the logs apart."""
    return readers.rows(landing.lake, "quarantine", ["_kafka_offset", "value::VARCHAR"])


def test_a_run_stops_and_another_one_adopts_the_log(forebay, own_broker, shop, tmp_path, spark_session):
    landing = SparkLanding(forebay, own_broker, shop, tmp_path, spark_session)
    topic = shop.topic("clicks")
    copies = LogCopies(own_broker, tmp_path / "copies")
    everything = {"max_reject_rate": 1.0}
    send(landing, topic, 1, 30)
    copies.take([f"{topic}-0"])
    send(landing, topic, 2, 30)
    landing.spark_here(**everything)
    with landing.start_spark("--follow", "--flush-interval", "300ms", "--max-reject-rate", "1") as stream:
        wait_for(landing, 60, stream)
        send(landing, topic, 3, 1)
        wait_for(landing, 61, stream)
        copies.put_back([f"{topic}-0"])
        send(landing, topic, 4, 50)
        ended = stream.wait(180)
    assert ended.status == 3, ended
    before = refused(landing)
    assert len(before) == 61
    with pytest.raises(core.UnavailableError, match=f"--adopt-log {topic}:0"):
        landing.spark_here(**everything)
    assert refused(landing) == before
    landing.spark_here(adopt_logs=[f"{topic}:0"], **everything)
    assert refused(landing) == sorted([*before, *((offset, "refused 4") for offset in range(30, 80))])
    report = landing.verify("--content").json
    assert report["clean"], report["problems"]
    assert landing.spark_here(**everything).batches == 0
