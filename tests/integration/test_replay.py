"""produce --from: the JSON of a file or of standard input, sent by both producers, or refused before it is sent."""
import gzip
import json
import subprocess

import pytest

from support.producing import (check_receipt, click, forebay, producing, topics,  # noqa: F401 - fixtures
                               wait_for_receipt)
from support.topics import read_topic


def test_replays_lines_of_any_origin(forebay, broker, topics, tmp_path):
    lines = [click(number) for number in range(3000)] + ['"text"', "", '{"user_id": 7}', click(1, extra="x")]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    forebay(*producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from", tmp_path / "in.jsonl"))
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["source"].endswith("in.jsonl")
    ((table, records),) = check_receipt(broker, receipt)
    sent = [line for line in lines if line]
    by_sequence = {int(record[4]["seq"]): record for record in records}
    assert [by_sequence[i][3].decode() for i in range(len(sent))] == sent
    assert by_sequence[0][2] == b"u0000000"
    assert by_sequence[3000][2] is None
    assert by_sequence[3001][2] == b"7"
    assert table["quarantined"] == {"not_an_object": 1, "wrong_type": 1}
    assert table["landed"]["date=2025-10-30"]["rows"] == 3001


def values_of(records):
    """The values in the order of their sequence numbers."""
    return [record[3].decode() for record in sorted(records, key=lambda record: int(record[4]["seq"]))]


@pytest.mark.parametrize("layout", ["array", "pretty array", "pretty stream", "concatenated", "packed"])
def test_replays_json_of_any_layout(forebay, broker, topics, tmp_path, layout):
    """A value on one line is sent as it is, one on several lines without the white space between its tokens."""
    sent = [click(number, page=f'/ "{number}\\', price=1.50) for number in range(300)]
    sent[0] = sent[0].replace("1.5", "1.50e0").replace('": ', '"  :')
    text = f"[{', '.join(sent)}]"
    if layout.startswith("pretty"):
        records = [json.loads(record) for record in sent]
        sent = [json.dumps(record, separators=(",", ":")) for record in records]
        text = json.dumps(records, indent=2) if layout == "pretty array" else "".join(
            json.dumps(record, indent="\t") for record in records)
    elif layout == "concatenated":
        text = "".join(sent)
    (tmp_path / "in.json").write_bytes(gzip.compress(text.encode()) if layout == "packed" else text.encode())
    forebay(*producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from", tmp_path / "in.json"))
    receipt = json.loads((tmp_path / "r.json").read_text())
    ((table, records),) = check_receipt(broker, receipt)
    assert values_of(records) == sent
    assert table["sequences"] == [[0, 300]] and table["landed"]["date=2025-10-30"]["rows"] == 300
    assert {record[2] for record in records} == {f"u{number:07}".encode() for number in range(50)}


@pytest.mark.parametrize(("text", "says"), [
    ("time,user\n1,2\n", "in.json is not JSON: unexpected 'time' at line 1, byte 1; JSON Lines, an array or a stream"),
    (f"{click(0)}\n" * 20_000 + '{"user_id": "u1",\n', "no end of the value that begins at line 20001, byte 1"),
    (f"[{click(0)},\n{click(1)}", "ends inside the array that begins at line 1, byte 1; it may be truncated"),
])
def test_what_is_not_json_is_refused_before_anything_is_sent(forebay, broker, topics, tmp_path, text, says):
    (tmp_path / "in.json").write_text(text)
    result = forebay(*producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from",
                                tmp_path / "in.json"), status=2)
    assert says in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "r.json").exists()
    assert read_topic(broker, topics.topic("clicks")) == []


def test_what_the_contract_rejects_is_said_before_anything_is_sent(forebay, broker, topics, tmp_path):
    lines = [click(0), click(1, quantity=0), click(2, country="de"), click(3, quantity=-1)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    arguments = ("--table", "clicks", "--from", tmp_path / "in.jsonl")
    expected = (f"3 of 4 records of {tmp_path}/in.jsonl will be rejected into quarantine, by field and reason:\n"
                "  quantity, out_of_range: 2 records\n    line 2 byte 1: '0' is outside the contract's bounds\n"
                f"      {lines[1][:160]}...\n  country, pattern_mismatch: 1 record\n    line 3 byte 1: ")
    refused = forebay(*producing(broker, topics, tmp_path / "r.json", *arguments, "--refuse-rejects"), status=2)
    assert f"forebay: nothing was sent (--refuse-rejects): {expected}" in refused.stderr
    assert not (tmp_path / "r.json").exists() and read_topic(broker, topics.topic("clicks")) == []

    result = forebay(*producing(broker, topics, tmp_path / "r.json", *arguments, "--json"))
    assert result.stderr.startswith(expected)
    assert result.json["tables"][0]["quarantined"] == 3 and result.json["acknowledged"] == 4

    (tmp_path / "in.jsonl").write_text(lines[0])
    result = forebay(*producing(broker, topics, tmp_path / "r2.json", *arguments, "--refuse-rejects"))
    assert "rejected" not in result.stderr


def test_standard_input_of_a_file_is_checked_too(forebay, broker, topics, tmp_path):
    arguments = producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from", "-")

    def replay(text, status):
        (tmp_path / "in.json").write_text(text)
        with (tmp_path / "in.json").open() as file, forebay.start(*arguments, stdin=file) as running:
            result = running.wait(60)
        assert result.status == status, result
        return result

    replay(f"{click(0)}\n" * 20_000 + "x", 2)
    assert read_topic(broker, topics.topic("clicks")) == [] and not (tmp_path / "r.json").exists()
    result = replay(f"[{click(0)},\n{click(1, quantity=0)}]", 0)
    assert "1 of 2 records of standard input will be rejected into quarantine" in result.stderr
    assert len(read_topic(broker, topics.topic("clicks"))) == 2


def test_a_pipe_is_sent_up_to_what_is_not_json(forebay, broker, topics, tmp_path):
    """What came together with it is not sent either, and the receipt names what was."""
    arguments = producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from", "-")
    refused = forebay(*arguments, "--refuse-rejects", status=2)
    assert "--refuse-rejects needs an input that can be read twice" in refused.stderr
    with forebay.start(*arguments, stdin=subprocess.PIPE) as running:
        running.process.stdin.write(f"[{click(0)}\n,{click(1)}")
        running.process.stdin.flush()
        wait_for_receipt(tmp_path / "r.json", 2)
        running.process.stdin.write(f"\n,{click(2)} {click(3)}]")
        result = running.wait(60)
    assert result.status == 2, result
    assert "standard input is not JSON: unexpected '{' at line 3, byte " in result.stderr
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "partial"
    ((_, records),) = check_receipt(broker, receipt)
    assert values_of(records) == [click(0), click(1)]


def test_replays_standard_input_until_it_ends(forebay, broker, topics, tmp_path):
    arguments = producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--from", "-")
    with forebay.start(*arguments, stdin=subprocess.PIPE) as running:
        running.process.stdin.write(click(0) + "\n")
        running.process.stdin.flush()
        wait_for_receipt(tmp_path / "r.json", 1)  # lines go out as they come
        running.process.stdin.write(click(1))
        result = running.wait(30)  # closes its standard input
    assert result.status == 0, result
    ((_, records),) = check_receipt(broker, json.loads((tmp_path / "r.json").read_text()))
    assert len(records) == 2
