"""`forebay contract check --sample`: what a landing would make of the records of a file."""
import gzip
import json
import subprocess

import pytest

from support.forebay import clean_environment
from support.paths import CONTRACTS, FOREBAY
from support.producing import click

SHOP = CONTRACTS / "shop.odcs.yaml"
CLICKS = [click(0), click(1, event_time="2025-10-31T00:00:00.000Z"), click(2, deck=7), click(3, quantity=0),
          click(4, quantity=5000), click(5, country="de", Page="/")]


def check(*arguments, stdin=None):
    """Runs it on the shop's clicks; returns the finished process."""
    return subprocess.run([FOREBAY, "contract", "check", SHOP, *map(str, arguments)], input=stdin, capture_output=True,
                          env=clean_environment())


def sample_of(result):
    assert result.stderr == b"", result.stderr
    (sample,) = json.loads(result.stdout)["samples"]
    return sample


@pytest.fixture
def sample(tmp_path):
    """sample(text or bytes): the path of a file with it."""
    def write(content, name="clicks.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path
    return write


def test_what_would_land_and_what_would_be_rejected(sample):
    path = sample("\n".join(CLICKS) + "\n")
    result = check("--table", "clicks", "--sample", path)
    text = result.stdout.decode()
    assert result.returncode == 1 and result.stderr == b""
    assert "valid contract. Online shop" in text
    assert f"clicks: 6 records of {path}\n  3 rows would land in 2 directories, about " in text
    assert "  3 records would be rejected into quarantine, by field and reason:\n" in text
    assert "    quantity, out_of_range: 2 records\n      line 4 byte 1: '0' is outside the contract's bounds\n" in text
    assert "    country, pattern_mismatch: 1 record\n      line 6 byte 1: " in text
    assert "kept in _extra, with their rows: deck (1)\n" in text
    assert "fields without a value in any of 3 rows: category" in text


def test_the_same_as_json(sample):
    result = check("--table", "clicks", "--sample", sample("\n".join(CLICKS)), "--json")
    assert result.returncode == 1
    found = sample_of(result)
    counts = [found[name] for name in ("records", "rows", "rejected", "tombstones", "untimed")]
    assert counts == [6, 3, 3, 0, 0]
    assert {entry["directory"]: entry["rows"] for entry in found["directories"]} == {
        "date=2025-10-30": 2, "date=2025-10-31": 1}
    assert found["parquet_bytes"] == sum(entry["parquet_bytes"] for entry in found["directories"]) > 0
    assert found["value_bytes"] == sum(len(record) for record in CLICKS)
    assert [(group["field"], group["reason"], group["records"]) for group in found["groups"]] == [
        ("quantity", "out_of_range", 2), ("country", "pattern_mismatch", 1)]
    assert found["groups"][0]["samples"][1]["value_preview"] == f"{CLICKS[4][:160]}..."
    assert [entry["line"] for entry in found["groups"][0]["samples"]] == [4, 5]
    assert found["unknown_members"] == {"deck": 1}
    assert "quantity" in found["always_missing"]


def test_a_misspelling_is_told(sample):
    records = [{name: value for name, value in json.loads(record).items()} | {"Category": "shoes"}
               for record in CLICKS[:3]]
    result = check("--table", "clicks", "--sample", sample("\n".join(map(json.dumps, records))))
    assert result.returncode == 0
    assert "`category` is always missing; `Category` is unknown in 3 of 3 rows" in result.stdout.decode()


def test_every_layout_is_the_same_sample(sample):
    def outcome(content, *arguments):
        found = sample_of(check("--table", "clicks", "--sample", sample(content), "--json", *arguments))
        rows = {entry["directory"]: entry["rows"] for entry in found["directories"]}
        return rows, found["rejected"], found["unknown_members"]

    lines = "\n".join(CLICKS)
    expected = outcome(lines)
    array = f"[{','.join(CLICKS)}]"
    for content in (lines.replace("\n", "\r\n\r\n"), array, "".join(CLICKS), "\ufeff" + array,
                    json.dumps(json.loads(array), indent=4),
                    "\n".join(json.dumps(json.loads(record), indent="\t") for record in CLICKS),
                    gzip.compress(array.encode()), gzip.compress(lines.encode()) + gzip.compress(b"\n")):
        assert outcome(content) == expected


def test_standard_input(sample):
    result = check("--table", "clicks", "--sample", "-", stdin=f"[{CLICKS[0]}]".encode())
    assert result.returncode == 0, result.stderr
    assert "clicks: 1 record of standard input\n  1 row would land in 1 directory, about " in result.stdout.decode()


def test_some_records_of_a_large_file(sample):
    result = check("--table", "clicks", "--sample", sample("\n".join(CLICKS)), "--records", 3, "--json")
    assert result.returncode == 0
    assert sample_of(result)["records"] == 3


@pytest.mark.parametrize(("content", "says"), [
    ('{"a": 1}\n{"a" 1}\n', "clicks.json is not JSON: unexpected '1' at line 2, byte 6; JSON Lines, an array"),
    ("event_id,user\n1,2\n", "clicks.json is not JSON: unexpected 'event_id' at line 1, byte 1; "),
    ('[{"a": 1},\n{"a": 1}', "clicks.json ends inside the array that begins at line 1, byte 1; it may be truncated"),
    ('{"a": 1}\n{"a": [', "clicks.json has no end of the value that begins at line 2, byte 1; it may be truncated"),
    ("[{}]".encode("utf-16"), "it begins with the byte order mark of UTF-16; convert it with `iconv "),
    (gzip.compress(b"[{}]")[:-3], "clicks.json is truncated: its gzip data have no end"),
    ("\n\n", "clicks.json holds no records; check --sample"),
])
def test_what_is_no_sample_is_said(sample, content, says):
    result = check("--table", "clicks", "--sample", sample(content))
    assert result.returncode == 2 and result.stdout == b""
    assert says in result.stderr.decode() and result.stderr.count(b"\n") == 1


def test_records_that_are_no_objects_are_rejected(sample):
    result = check("--table", "clicks", "--sample", sample('7 "x" {} [[1]] {"a":1,"a":2}'), "--json")
    assert result.returncode == 1
    assert {group["reason"]: group["records"] for group in sample_of(result)["groups"]} == {
        "not_an_object": 3, "missing_field": 1, "duplicate_member": 1}


def test_when_nearly_all_are_rejected_a_landing_would_stop(sample):
    text = check("--table", "clicks", "--sample", sample("{}\n" * 10)).stdout.decode()
    assert "more than 90% are rejected: a landing stops at them" in text
    assert "more than 90%" not in check("--table", "clicks", "--sample", sample("{}\n" * 9)).stdout.decode()


def test_the_table_is_needed_where_there_are_several(sample, tmp_path):
    path = sample(CLICKS[0])
    result = check("--sample", path)
    assert result.returncode == 2
    assert "--sample requires --table, the table of the records: clicks or orders" in result.stderr.decode()
    result = check("--sample", path, "--table", "click")
    assert result.returncode == 2
    assert "the contract has no table 'click', only clicks or orders; check --table" in result.stderr.decode()
    result = check("--sample", path, "--topic")
    assert result.returncode == 2 and b"--sample excludes --topic" in result.stderr
    result = check("--table", "clicks")
    assert result.returncode == 2 and b"--table and --records apply only to --sample and --topic" in result.stderr


def test_an_invalid_contract_is_not_tried(sample, tmp_path):
    broken = tmp_path / "broken.odcs.yaml"
    broken.write_text(SHOP.read_text().replace("primaryKey: true", "primarykey: true", 1))
    result = subprocess.run([FOREBAY, "contract", "check", broken, "--sample", sample(CLICKS[0])], capture_output=True,
                            env=clean_environment())
    assert result.returncode == 2 and b"did you mean 'primaryKey'?" in result.stderr
