"""Templates: a table for each topic."""
import json
import re

import duckdb
import pytest

from support import readers
from support.arrow_engine import ArrowEngine
from support.several import Several, eventually, ids, record, status_of, tables_of
from support.topics import delete_topic


@pytest.fixture
def template(forebay, broker, tmp_path):
    """A table for each topic."""
    several = Several(forebay, broker, tmp_path, ("shop_{1}", "^P.shop[.](.*)"))
    several.create("shop.a", "shop.b")
    several.send("shop.a", [record(1), "no object"])
    several.send("shop.b", [record(2), record(3)])
    return several


def test_a_template_gives_a_table_for_each_topic(template):
    template.land()
    assert tables_of(template) == ["quarantine", "shop_a", "shop_b"]
    assert (ids(template, "shop_a"), ids(template, "shop_b")) == (["i1"], ["i2", "i3"])
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{template.lake}/shop_b/**/*.parquet')").fetchall()
    assert "_kafka_topic" not in [column[0] for column in columns]
    verified = template.verify("--content", "--keys").json
    assert verified["clean"] and verified["content"]["compared"] == 4
    assert [(table["table"], table["rows"]) for table in verified["tables"]] == [("shop_a", 1), ("shop_b", 2)]
    status = status_of(template)
    assert (status["shop_a"]["topic"], status["shop_a"]["quarantined"]) == (
        template.contract.topic("shop.a"), {"not_an_object": 1})
    assert status["shop_b"]["dates"][0]["date"] == "2025-10-30"
    listed = template.forebay("quarantine", "list", "--lake", template.lake, "--table", "shop_a", "--json").json
    assert [each["table"] for each in listed["records"]] == ["shop_a"]


def test_the_tables_of_a_template_are_rebuilt_and_expire(template):
    template.land()
    readers.files(template.lake, "shop_b")[0].unlink()
    template.forebay("lake", "rebuild", "--lake", template.lake, *template.brokers)
    assert ids(template, "shop_b") == ["i2", "i3"]
    template.forebay("lake", "expire", "--lake", template.lake, "--table", "shop_b", "--before", "2025-11-01", "--yes")
    assert template.verify("--content").json["clean"] and ids(template, "shop_b") == []


def test_an_engine_of_ones_own_lands_the_tables_of_a_template(template):
    engine = ArrowEngine(template.contract, template.broker.address, template.lake)
    engine.land()
    assert (ids(template, "shop_a"), ids(template, "shop_b")) == (["i1"], ["i2", "i3"])
    assert template.verify("--content").json["clean"]
    with engine.open() as landing:
        landing.plan()
        assert landing.new_topics() == []
        template.create("shop.c")
        assert landing.new_topics() == [template.contract.topic("shop.c")]
        assert "shop_c" in {position.table for position in landing.plan()}


def test_new_topics_are_new_tables_in_a_follower(template):
    with template.follow("--flush-interval", "1s") as lander:
        eventually(lambda: ids(template, "shop_b") == ["i2", "i3"])
        template.create("shop.c")
        template.send("shop.c", [record(4)])
        eventually(lambda: ids(template, "shop_c") == ["i4"])
        assert lander.terminate().status == 0
    assert template.verify().json["clean"]


def test_two_topics_of_a_template_with_the_same_table_are_refused_by_name(template):
    template.land()
    template.create("shop.B")
    refused = template.land(status=2)
    assert "gives table 'shop_b', and topic " in refused.stderr and "gives table 'shop_B'; " in refused.stderr
    delete_topic(template.broker, template.contract.topic("shop.B"))
    delete_topic(template.broker, template.contract.topic("shop.b"))
    template.contract.write(("shop_{1}", "^P.shop2?[.](.*)"))
    template.create("shop2.b")
    refused = template.land(status=2)
    assert re.search(r"topic '\S+shop2.b' gives table 'shop_b', in which topic '\S+shop.b' was landed", refused.stderr)


def test_a_template_does_not_give_a_table_of_the_contract(forebay, broker, tmp_path):
    several = Several(forebay, broker, tmp_path, ("orders", "^P.o[.].*"), ("{1}", "^P.t[.](.*)"))
    several.create("t.orders")
    assert "gives table 'orders', and the contract has table 'orders'" in several.land(status=2).stderr


def test_a_table_of_a_template_may_be_written_out(template):
    """Its batches are read with the contracts that they were landed with, and so is what was in their files."""
    template.land()
    template.create("aaa")
    template.contract.write(("shop_b", ["P.aaa", "P.shop.b"]), version="2.0.0")
    template.send("aaa", [record(7)])
    template.send("shop.b", [record(8)])
    template.land()
    assert ids(template, "shop_b") == ["i2", "i3", "i7", "i8"]
    assert template.verify("--content").json["clean"]
    readers.files(template.lake, "shop_b")[0].unlink()
    template.forebay("lake", "rebuild", "--lake", template.lake, *template.brokers)
    assert template.verify("--content").json["clean"]
    text = template.contract.path.read_text()
    template.contract.path.write_text(text.replace("note, logicalType: string", "note, logicalType: integer"))
    assert "note" in template.land(status=2).stderr


def test_produce_to_a_table_of_a_template(template):
    template.land()
    lines = template.lake.parent / "one.jsonl"
    lines.write_text(json.dumps(record(9)))
    topic = template.contract.topic("shop.a")
    template.produce("--table", "shop_a", "--topic", topic, "--from", lines)
    template.produce("--table", "shop_{1}", "--topic", topic, "--from", lines)
    refused = template.forebay(*template.produce_arguments("--table", "shop_{1}", "--from", lines), status=2)
    assert "--topic names the one to produce to" in refused.stderr
    missing = template.contract.topic("shop.none")
    refused = template.forebay(*template.produce_arguments("--topic", missing, "--from", lines), status=3)
    assert "does not exist, and no topic is created for a pattern" in refused.stderr
    template.land()
    assert template.verify().json["clean"] and ids(template, "shop_a") == ["i1", "i9", "i9"]
