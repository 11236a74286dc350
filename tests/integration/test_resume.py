"""Producing runs that were stopped or killed: both producers continue them where they stopped."""
import json
import signal

import pytest

from support.producing import (check_order_by_key, check_receipt, click, forebay, producing,  # noqa: F401 - fixtures
                               topics, wait_for_receipt)
from support.topics import read_topic

LINES = 60_000


@pytest.fixture
def lines(tmp_path):
    """A file of as many different lines, some of them no records of the table; returns its path and the lines."""
    sent = [click(number) if number % 1000 else str(number) for number in range(LINES)]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(sent) + "\n")
    return path, sent


def replaying(broker, topics, receipt, path, *arguments):
    return producing(broker, topics, receipt, "--table", "clicks", "--from", path, "--json", *arguments)


def check_all_sent_once(broker, receipt, sent):
    """Every line is in the topic once, and the receipt names exactly them, with the expectations of each."""
    assert receipt["state"] == "complete"
    ((table, records),) = check_receipt(broker, receipt)
    by_sequence = {int(record[4]["seq"]): record[3].decode() for record in records}
    assert len(records) == len(sent) and [by_sequence[number] for number in range(len(sent))] == sent
    assert table["sequences"] == [[0, len(sent)]] and table["failed"] == table["uncertain"] == 0
    assert table["quarantined"] == {"not_an_object": sum(line.isdigit() for line in sent)}
    check_order_by_key([record for record in records if record[2] is not None])


def test_a_replay_that_is_stopped_is_partial_and_resumes_where_it_stopped(forebay, broker, topics, tmp_path, lines):
    path, sent = lines
    arguments = replaying(broker, topics, tmp_path / "r.json", path)
    with forebay.start(*arguments, "--rate", 5_000) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        refused = forebay(*arguments, "--resume", status=4)
        assert "is still producing" in refused.stderr
        stopped = running.terminate()
    assert stopped.status == 5 and stopped.json["state"] == "partial", stopped
    assert "--resume" in stopped.stderr.splitlines()[-1]
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "partial" and 0 < stopped.json["acknowledged"] < LINES
    list(check_receipt(broker, receipt))

    resumed = forebay(*arguments, "--resume").json
    assert (resumed["state"], resumed["run"], resumed["acknowledged"]) == ("complete", receipt["run"], LINES)
    check_all_sent_once(broker, json.loads((tmp_path / "r.json").read_text()), sent)
    refused = forebay(*arguments, "--resume", status=2)
    assert "it is complete" in refused.stderr


def test_a_replay_of_limited_time_is_partial(forebay, broker, topics, tmp_path, lines):
    """The message names the receipt of a run that was given a directory."""
    path, _ = lines
    (tmp_path / "receipts").mkdir()
    arguments = replaying(broker, topics, f"{tmp_path}/receipts/", path)
    ended = forebay(*arguments, "--rate", 5_000, "--duration", "1s", status=5)
    assert ended.json["state"] == "partial"
    (receipt,) = (tmp_path / "receipts").glob("*.json")
    assert f"repeat it with --resume --receipt {receipt}" in ended.stderr
    assert "Is a directory" in forebay(*arguments, "--resume", status=2).stderr
    resumed = forebay(*replaying(broker, topics, receipt, path), "--resume").json
    assert (resumed["state"], resumed["acknowledged"]) == ("complete", LINES)


def test_a_replay_that_is_killed_resumes_without_doubling_or_losing_a_line(forebay, broker, topics, tmp_path, lines):
    """Twice. Its receipt is up to three seconds old; the topic knows the rest."""
    path, sent = lines
    arguments = replaying(broker, topics, tmp_path / "r.json", path)
    forebay(*producing(broker, topics, tmp_path / "other.json", "--table", "clicks", "--records", 500))
    unnamed = named = 0
    for resume in ((), ("--resume",)):
        with forebay.start(*arguments, "--rate", 5_000, *resume) as running:
            wait_for_receipt(tmp_path / "r.json", named + 1)
            running.send(signal.SIGKILL)
            running.wait(10)
        receipt = json.loads((tmp_path / "r.json").read_text())
        assert receipt["state"] == "running"
        named = sum(part["records"] for part in receipt["tables"][0]["partitions"])
        unnamed += in_topic(broker, topics, receipt) - named
    assert unnamed > 0, "the receipts knew all of it, and the test tested nothing"
    resumed = forebay(*arguments, "--resume").json
    assert (resumed["run"], resumed["acknowledged"]) == (receipt["run"], LINES)
    receipt = json.loads((tmp_path / "r.json").read_text())
    own = [record for record in read_topic(broker, topics.topic("clicks"))
           if record[4]["run"].decode() == receipt["run"]]
    assert sorted(int(record[4]["seq"]) for record in own) == list(range(LINES))
    assert [record[3].decode() for record in sorted(own, key=lambda record: int(record[4]["seq"]))] == sent
    named = {(part["partition"], offset) for part in receipt["tables"][0]["partitions"]
             for begin, end in part["acknowledged"] for offset in range(begin, end)}
    assert named == {record[:2] for record in own}
    assert receipt["tables"][0]["quarantined"] == {"not_an_object": LINES // 1000}


def test_values_are_counted_and_not_lines(forebay, broker, topics, tmp_path):
    """An array whose elements have several lines each, or share one."""
    records = [json.loads(click(number)) for number in range(LINES)]
    sent = [json.dumps(record) if number % 3 else json.dumps(record, separators=(",", ":"))
            for number, record in enumerate(records)]
    path = tmp_path / "in.json"
    path.write_text("[" + ",".join(text if number % 3 else json.dumps(records[number], indent=1)
                                   for number, text in enumerate(sent)) + "]")
    arguments = replaying(broker, topics, tmp_path / "r.json", path)
    with forebay.start(*arguments, "--rate", 10_000) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        running.send(signal.SIGKILL)
        running.wait(10)
    resumed = forebay(*arguments, "--resume").json
    assert (resumed["state"], resumed["acknowledged"]) == ("complete", LINES)
    own = read_topic(broker, topics.topic("clicks"))
    assert [record[3].decode() for record in sorted(own, key=lambda record: int(record[4]["seq"]))] == sent
    assert json.loads((tmp_path / "r.json").read_text())["tables"][0]["sequences"] == [[0, LINES]]


def in_topic(broker, topics, receipt):
    return sum(record[4]["run"].decode() == receipt["run"] for record in read_topic(broker, topics.topic("clicks")))


def test_what_is_not_the_interrupted_run_is_not_resumed(forebay, broker, topics, tmp_path, lines):
    path, sent = lines
    arguments = replaying(broker, topics, tmp_path / "r.json", path)
    refused = forebay(*arguments, "--resume", status=2)
    assert "r.json cannot be read" in refused.stderr
    with forebay.start(*arguments, "--rate", 5_000) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        assert running.terminate().status == 5
    kept = (tmp_path / "r.json").read_text()
    path.write_text("\n".join([sent[1], sent[0], *sent[2:]]))
    assert "not the records of run" in forebay(*arguments, "--resume", status=2).stderr
    refused = forebay(*replaying(broker, topics, tmp_path / "r.json", "-"), "--resume", status=2)
    assert "standard input cannot be read again" in refused.stderr
    path.write_text("\n".join(sent))
    topics.path.write_text(topics.path.read_text() + "\n")
    assert "its contract was another one" in forebay(*arguments, "--resume", status=2).stderr
    assert (tmp_path / "r.json").read_text() == kept


def test_a_number_of_scenario_records_resumes_too(forebay, broker, topics, tmp_path):
    arguments = producing(broker, topics, tmp_path / "r.json", "--records", 30_000, "--seed", 4, "--faults", "default",
                          "--json")
    with forebay.start(*arguments, "--rate", 4_000) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        assert running.terminate().status == 5
    forebay(*arguments, "--resume")
    again = forebay(*producing(broker, topics, tmp_path / "whole.json", "--records", 30_000, "--seed", 4, "--faults",
                               "default"))
    assert again.status == 0
    resumed, whole = (json.loads((tmp_path / name).read_text()) for name in ("r.json", "whole.json"))
    for one, other in zip(resumed["tables"], whole["tables"]):
        assert [one[name] for name in ("table", "landed", "quarantined", "sequences", "sent_sum")] == [
            other[name] for name in ("table", "landed", "quarantined", "sequences", "sent_sum")]
