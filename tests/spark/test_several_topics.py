"""Spark lands several topics as one table, and a table for each topic, as the native engine does."""
import time

import pytest

from support.several import Contract, ToTopics, record, rows_of
from support.spark import SparkLanding


class SparkSeveral(ToTopics, SparkLanding):
    """A lake of a contract of several topics, for both engines."""

    def await_ids(self, job, table, wanted, timeout_s=120):
        deadline = time.monotonic() + timeout_s
        while {row[0] for row in rows_of(self.lake, table, "id")} != wanted:
            assert time.monotonic() < deadline and job.is_running, job.wait(10)
            time.sleep(0.5)


@pytest.fixture
def several(forebay, broker, tmp_path, spark_session):
    contract = Contract(tmp_path, ("orders", ["P.eu", "P.us"]), ("shop_{1}", "^P.shop[.](.*)"))
    landing = SparkSeveral(forebay, broker, contract, tmp_path, spark_session)
    landing.create("shop.a", "shop.b")
    landing.send("eu", [*(record(number) for number in range(5)), "no object"])
    landing.send("us", ["no object", *(record(100 + number, 29 + number % 2) for number in range(7)), "nor is this"])
    landing.send("shop.a", [record(1), "no object"])
    landing.send("shop.b", [record(2), record(3)])
    return landing


@pytest.mark.sampled(1)
@pytest.mark.parametrize("transform", [None, "transforms:unchanged"])
def test_both_engines_land_the_same(several, transform):
    several.spark_here(transform=transform, max_reject_rate=1)
    by_spark, several.lake = several.lake, several.directory / "native"
    several.land("--max-reject-rate", 1)
    for table in ("orders", "shop_a", "shop_b"):
        columns = "*" if table == "orders" else "id, _kafka_offset"
        assert rows_of(by_spark, table, columns) == rows_of(several.lake, table, columns) != []
    sums = [[(table["table"], [(date["checksum"], date["key_sum"]) for date in table["dates"]]) for table in
             several.forebay("status", "--lake", lake, "--json").json["tables"]] for lake in (by_spark, several.lake)]
    assert sums[0] == sums[1]
    several.lake = by_spark
    verified = several.verify("--content").json
    assert verified["clean"] and (transform or verified["content"]["compared"] == 19)


def test_a_transform_that_drops_the_rows_of_a_topic_is_refused(several):
    several.land("--max-reject-rate", 1)
    several.send("eu", [record(11)])
    several.send("us", [record(12)])
    with pytest.raises(Exception, match=r"topic '\S+eu' Kafka partition 0 were decoded and 0 were staged"):
        several.spark_here(transform="transforms:drops_what_is_of_eu")
    several.spark_here()
    assert several.verify("--content").json["clean"]


def test_topics_that_appear_are_landed_by_a_follower(several):
    with several.start_spark("--follow", "--flush-interval", "1s", "--max-reject-rate", 1) as job:
        several.await_ids(job, "shop_b", {"i2", "i3"})
        several.create("shop.c")
        several.send("shop.c", [record(4)])
        several.send("us", [record(120)])
        several.await_ids(job, "shop_c", {"i4"})
        several.await_ids(job, "orders", {f"i{n}" for n in (*range(5), *range(100, 107), 120)})
        ended = job.terminate()
    assert ended.status == 0, ended
    assert f"topic {several.contract.topic('shop.c')} has appeared" in ended.stderr
    assert several.verify("--require-landed").json["clean"]
