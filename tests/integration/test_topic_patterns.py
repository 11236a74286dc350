"""Topics by pattern: which match, those that appear later, and those that go."""
import json
import re
import time

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from support import readers
from support.several import Several, eventually, ids, kinds, record, rows_of, status_of, tables_of
from support.topics import admin_of, alter, create_topic, delete_topic


@pytest.fixture
def shops(forebay, broker, tmp_path):
    """A pattern: its topics are one table."""
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop[.][a-z]+"))
    several.create("shop.a", "shop.b", "shop.b.old", "myshop.a")
    for number, name in enumerate(("shop.a", "shop.b", "shop.b.old", "myshop.a")):
        if name in ("shop.a", "shop.b"):
            several.send(name, [record(number)])
    return several


def test_a_pattern_matches_whole_names(shops):
    assert shops.land().json["rows"] == 2
    topics = {shops.contract.topic(name) for name in ("shop.a", "shop.b")}
    assert {row[1] for row in rows_of(shops.lake, "shops")} == topics
    assert shops.verify("--content").json["clean"]


def test_topics_that_appear_later_are_landed_by_a_follower(shops):
    with shops.follow("--flush-interval", "1s", "--start", "latest") as lander:
        eventually(lambda: "shops" in status_of(shops) if (shops.lake / "_forebay" / "lake.json").exists() else False)
        shops.create("shop.c", "shop.d")
        shops.send("shop.c", [record(number) for number in range(3)])
        eventually(lambda: ids(shops, "shops") == ["i0", "i1", "i2"])
        shops.send("shop.d", [record(9)])
        shops.send("shop.a", [record(8)])
        eventually(lambda: ids(shops, "shops") == ["i0", "i1", "i2", "i8", "i9"])
        ended = lander.terminate()
    assert ended.status == 0
    assert re.search(rf"topic '{re.escape(shops.contract.topic('shop.c'))}' has appeared", ended.stderr)
    assert shops.verify("--content").json["clean"]


def test_a_topic_that_appears_between_landings_is_landed_from_its_first_record(shops):
    shops.land()
    shops.create("shop.late")
    shops.send("shop.late", [record(5)])
    assert shops.land("--start", "latest").json["rows"] == 1
    assert shops.verify().json["clean"]


def test_a_topic_that_goes_leaves_its_rows(shops):
    with shops.follow("--flush-interval", "1s") as lander:
        eventually(lambda: len(ids(shops, "shops")) == 2)
        delete_topic(shops.broker, shops.contract.topic("shop.b"))
        shops.send("shop.a", [record(7)])
        eventually(lambda: len(ids(shops, "shops")) == 3)
        ended = lander.terminate()
    assert ended.status == 0, ended
    assert "was deleted while it was being landed; landed records stay" in ended.stderr
    report = shops.verify("--content")
    assert report.json["clean"] and kinds(report, "notes") == ["topic_gone"]
    table = status_of(shops)["shops"]
    assert [topic["ended"] for topic in table["topics"]] == ["", "deleted"]
    assert table["lag"] == 0
    assert shops.land().json["rows"] == 0
    recreate_with = shops.contract.topic("shop.b")
    create_topic(shops.broker, recreate_with)
    refused = shops.land(status=3)
    assert "was deleted and recreated" in refused.stderr and f"--adopt-topic {recreate_with}" in refused.stderr
    shops.send("shop.b", [record(6)])
    assert shops.land("--adopt-topic", recreate_with).json["rows"] == 1


def test_deletions_do_not_keep_the_other_topics_from_landing(forebay, broker, tmp_path):
    """A topic is deleted in each flush interval, as by a service that makes one for each job."""
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop.*"))
    several.create("shop.stays", *(f"shop{number}" for number in range(6)))
    with several.follow("--flush-interval", "2s") as lander:
        eventually(lambda: "shops" in status_of(several) if (several.lake / "_forebay" / "lake.json").exists() else 0)
        for number in range(6):
            several.send("shop.stays", [record(number)])
            delete_topic(broker, several.contract.topic(f"shop{number}"))
            time.sleep(1.5)
        landed = len(ids(several, "shops"))
        assert landed >= 3
        eventually(lambda: len(ids(several, "shops")) == 6)
        assert lander.terminate().status == 0
    assert several.verify("--content").json["clean"]


def test_topics_that_are_deleted_while_a_landing_is_planned(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop.*"))
    names = [f"shop{number}" for number in range(60)]
    create_many(broker, [several.contract.topic(name) for name in [*names, "shop.stays"]])
    several.send("shop.stays", [record(1)])
    with several.follow("--flush-interval", "1s") as lander:
        eventually(lambda: ids(several, "shops") == ["i1"])
        admin = admin_of(broker)
        for name in names:
            for answer in admin.delete_topics([several.contract.topic(name)]).values():
                answer.result(30)
        several.send("shop.stays", [record(2)])
        eventually(lambda: ids(several, "shops") == ["i1", "i2"])
        ended = lander.terminate()
    assert ended.status == 0, ended
    assert "60 topics of table 'shops' that the lake has are not at the brokers" in several.land().stderr


def test_acknowledged_records_that_went_with_a_topic_are_no_longer_awaited(shops):
    shops.land()
    shops.send("shop.a", [record(7)])
    delete_topic(shops.broker, shops.contract.topic("shop.a"))
    report = shops.verify(status=1)
    assert kinds(report) == ["expired_before_landing"] and "1 acknowledged records" in report.stdout
    assert kinds(report, "notes") == ["receipt_not_comparable", "topic_gone"]


@pytest.mark.parametrize("how", ["two landings", "a follower"])
def test_start_does_not_hold_for_the_first_topics_of_a_pattern_that_matched_nothing(forebay, broker, tmp_path, how):
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop.*"))
    if how == "two landings":
        several.land("--start", "latest")
        several.create("shop.a")
        several.send("shop.a", [record(1)])
        several.land("--start", "latest")
    else:
        with several.follow("--flush-interval", "2s", "--start", "latest") as lander:
            eventually(lambda: (several.lake / "_forebay" / "lake.json").exists())
            time.sleep(1)
            several.create("shop.a")
            several.send("shop.a", [record(1)])
            eventually(lambda: ids(several, "shops") == ["i1"])
            assert lander.terminate().status == 0
    assert ids(several, "shops") == ["i1"] and several.verify().json["clean"]


def test_a_pattern_that_matches_nothing_is_said(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop"))
    once = several.land()
    assert (once.json["state"], once.json["rows"]) == ("complete", 0)
    assert "no topic matches ^" in once.stderr and "the topics of table 'shops'" in once.stderr
    several.create("shop.a")
    assert re.search(r"a pattern matches the whole name: \^\S+shop\.\* would match 1", several.land().stderr)
    several.contract.write(("shops", "^P.sho.*"))
    several.send("shop.a", [record(1)])
    assert several.land().json["rows"] == 1


def test_a_follower_waits_for_the_first_topic(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("shops", "^P.shop.*"))
    with several.follow("--flush-interval", "1s") as lander:
        time.sleep(3)
        assert lander.is_running
        several.create("shop.a")
        several.send("shop.a", [record(1)])
        eventually(lambda: ids(several, "shops") == ["i1"])
        ended = lander.terminate()
    assert ended.status == 0 and ended.stderr.count("no topic matches") == 1


def test_a_topic_of_two_tables_is_refused(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("a", "^P.x.*"), ("b", "^P..*y"))
    several.create("x1", "2y")
    several.land()
    several.create("xy")
    refused = several.land(status=2)
    assert re.search(r"the topic '\S+xy' is matched by the topics of table 'b'.* a topic of one table alone was "
                     "expected", refused.stderr)
    several.contract.write(("a", "P.x1"), ("b", "^P.x.*"))
    checked = forebay("contract", "check", several.contract, status=2)
    assert "is that of table 'a', and matched by the topics of table 'b'" in checked.stderr


def test_topics_check_compares_what_matches(shops):
    applied = shops.forebay("topics", "apply", *shops.common, "--json").json
    assert [(each["table"], each["topics"]) for each in applied["patterns"]] == [("shops", 2)]
    assert [each["created"] for each in applied["topics"]] == [False, False]
    assert "2 topics of table 'shops' match; no topic is created for a pattern" in (
        shops.forebay("topics", "check", *shops.common).stdout)
    alter(shops.broker, shops.contract.topic("shop.a"), {"cleanup.policy": "compact"})
    eventually(lambda: shops.forebay("topics", "check", *shops.common, status=None).status == 1)
    found = shops.forebay("topics", "check", *shops.common, "--json", status=1).json["topics"]
    assert [[each["setting"] for each in topic["differences"]] for topic in found] == [["cleanup.policy"], []]


def create_many(broker, topics):
    admin = admin_of(broker)
    for answer in admin.create_topics([NewTopic(topic, 1, 1) for topic in topics]).values():
        answer.result(60)
    eventually(lambda: set(topics) <= admin.list_topics(timeout=10).topics.keys())


def produce_one_each(broker, topics):
    producer = Producer({"bootstrap.servers": broker.address})
    for number, topic in enumerate(topics):
        producer.produce(topic, json.dumps(record(number)))
    assert producer.flush(60) == 0


def test_many_topics_are_one_table(forebay, broker, tmp_path):
    """Requests are for many topics at once."""
    several = Several(forebay, broker, tmp_path, ("many", "^P.m[0-9]+"), ("each_{1}", "^P.e([0-9]+)"))
    names = [f"m{number}" for number in range(120)] + [f"e{number}" for number in range(30)]
    create_many(broker, [several.contract.topic(name) for name in names])
    produce_one_each(broker, [several.contract.topic(name) for name in names])
    assert several.land().json["rows"] == 150
    assert len(rows_of(several.lake, "many")) == 120 and len(readers.files(several.lake, "many")) == 1
    assert len(tables_of(several)) == 31
    assert several.verify("--content").json["clean"]
    assert len(status_of(several)["many"]["topics"]) == 120
