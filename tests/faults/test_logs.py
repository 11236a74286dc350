"""Logs that were cut back and grew again. The cases share one broker and its restarts; each has a topic and a lake
of its own."""
import sqlite3

import pytest

import forebay as core
from support import readers
from support.broker import Broker
from support.cut_logs import Case, World, logs_of
from support.topics import alter, delete_records, read_topic

CASES = [
    Case("cut within a batch, longer"),
    Case("cut within a batch, shorter", new=40),
    Case("cut within a batch, as long", new=100),
    Case("cut at the edge of a batch", one_batch=False),
    Case("cut and not grown", new=0),
    Case("cut to nothing", kept=0, new=50),
    Case("cut among transaction markers", transactions=True, new=10),
    Case("the same records again", again=True, new=100),
    Case("one of three partitions", partitions=3),
    Case("two of three partitions", partitions=3, cut=2),
]
FOLLOWED = Case("under a follower")
STAGED = Case("between an engine's reading and its commit")
EXPIRED = Case("and expired up to there", kept=100, lost=50, new=80)
# Landed in three batches, the second of a day of its own, which is removed from the lake; the log is cut within it.
REMOVED = Case("and rows were removed from the lake", kept=50, lost=100, new=250, one_batch=False)
COMPACTED = Case("and compacted", one_batch=False, keys=7)
# What the records before the cut tell is in the lake alone.
COMPACTION = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "100"}
ALL = [*CASES, FOLLOWED, STAGED, EXPIRED, REMOVED, COMPACTED]


@pytest.fixture(scope="module")
def world(forebay, tmp_path_factory):
    directory = tmp_path_factory.mktemp("logs")
    with Broker(directory / "broker") as broker:
        world = World(broker, forebay, directory)
        lost = {}
        for case in ALL:
            world.command(case, "topics", "apply")
            for partition in range(case.partitions):
                world.send(case, case.kept, partition)
            if not case.one_batch:
                world.land(case)
        world.send(REMOVED, 100, day=29)
        alter(world.broker, COMPACTED.topic, COMPACTION)
        world.copies.take(logs_of(*ALL))
        world.send(REMOVED, 50, day=29)
        world.land(REMOVED)
        for case in ALL:
            if case.transactions:
                world.abort(case, 5)
            else:
                lost[case.name] = world.send(case, case.lost)
            for partition in range(1, case.cut):
                world.send(case, case.lost, partition)
            if case not in (FOLLOWED, STAGED):
                world.land(case)
        with world.follower(FOLLOWED) as follower, world.engine(STAGED).open() as landing:
            world.follower_of_cut_log = follower
            world.wait_for_rows(FOLLOWED, 200)
            staged = world.engine(STAGED).stage_all(landing.plan())
            world.copies.put_back(logs_of(*ALL))
            for case in ALL:
                for partition in range(case.cut):
                    world.send(case, case.new, partition, first_id=lost[case.name] if case.again else None)
            with pytest.raises(core.ForebayError) as world.late_commit:
                landing.commit(*staged)
            world.follower_ended = follower.wait(120)
        yield world


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_it_stops_and_adopts_the_log_from_where_it_differs(world, case):
    before = world.rows(case)
    stopped = world.land(case, status=3)
    adopting = [word for partition in range(case.cut) for word in ("--adopt-log", f"{case.topic}:{partition}")]
    assert f"run `forebay land {' '.join(adopting)}`" in stopped.stderr, stopped.stderr
    assert world.rows(case) == before
    adopted = world.land(case, *adopting, *adopting)
    assert adopted.stderr.count("adopted the log") == case.cut
    # Every record that Kafka has is in the lake once, at its offset; and those that it lost stay.
    rows = world.rows(case)
    in_kafka = {(partition, offset, int(value.split(b",")[0].split(b":")[1]))
                for partition, offset, _, value, _, _ in read_topic(world.broker, case.topic)}
    assert in_kafka <= set(rows) and set(before) <= set(rows)
    assert len(rows) == len(set(rows))
    assert set(rows) == in_kafka | set(before)
    report = world.command(case, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]
    assert [note["kind"] for note in report["notes"]].count("log_adopted") == case.cut
    assert world.land(case, *adopting).stdout.startswith("nothing new")
    assert world.land(case, status=0).stdout.startswith("nothing new")


def test_files_of_the_earlier_log_are_rebuilt_up_to_the_cut(world):
    """Of the batch before the cut, and not of the one behind it."""
    case = next(case for case in CASES if case.name == "cut at the edge of a batch")
    before = world.rows(case)
    kept = {file: file.read_bytes() for file in readers.files(world.lake(case), "events")}
    for file in kept:
        file.unlink()
    done = world.forebay("lake", "rebuild", "--lake", world.lake(case), "--brokers", world.broker.address, "--json",
                         status=1).json
    assert ["another log" in file["error"] for file in done["files"] if file.get("error")] == [True]
    assert set(before) - set(world.rows(case)) == {row for row in before if 100 <= row[1] < 200 and row[2] not in
                                                   {found[2] for found in world.rows(case)}}
    for file, content in kept.items():
        file.write_bytes(content)
    assert sorted(world.rows(case)) == sorted(before)


def test_a_running_follower_stops(world):
    assert world.follower_ended.status == 3, world.follower_ended
    assert FOLLOWED.topic in world.follower_ended.stderr
    before = world.rows(FOLLOWED)
    assert len(before) == 200
    test_it_stops_and_adopts_the_log_from_where_it_differs(world, FOLLOWED)
    assert len(world.rows(FOLLOWED)) == 350


def test_what_was_read_before_the_cut_is_not_committed(world):
    assert world.late_commit.value.exit_status == 3
    assert f"--adopt-log {STAGED.topic}:0" in str(world.late_commit.value)
    assert world.rows(STAGED) == []
    world.land(STAGED)  # nothing was landed of the earlier log: there is nothing to adopt
    assert len(world.rows(STAGED)) == 250
    assert world.command(STAGED, "verify", "--json", "--content").json["content"] == {"compared": 250, "gone": 0}


def test_records_that_expired_prove_nothing_and_the_rest_does(world):
    delete_records(world.broker, EXPIRED.topic, before=90)
    world.land(EXPIRED, status=3)
    world.land(EXPIRED, "--adopt-log", f"{EXPIRED.topic}:0")
    assert len(world.rows(EXPIRED)) == 230  # 150 of the earlier log, 80 of the new one
    report = world.command(EXPIRED, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]
    assert report["content"] == {"compared": 90, "gone": 140}


def test_rows_that_were_removed_prove_nothing(world):
    """Nothing tells which records of the second batch Kafka has kept: all are landed that it has."""
    kept = [row for row in world.rows(REMOVED) if row[1] < 50 or row[1] >= 200]
    world.forebay("lake", "expire", "--lake", world.lake(REMOVED), "--table", "events",
                  "--partition", "date=2025-10-29", "--yes")
    world.land(REMOVED, status=3)
    world.land(REMOVED, "--adopt-log", f"{REMOVED.topic}:0")
    rows = world.rows(REMOVED)
    assert set(kept) <= set(rows)
    in_kafka = {(partition, offset) for partition, offset, *_ in read_topic(world.broker, REMOVED.topic)}
    assert in_kafka == {row[:2] for row in rows}
    report = world.command(REMOVED, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]


def test_records_that_were_compacted_prove_nothing_and_the_rest_does(world):
    before = world.rows(COMPACTED)
    world.compact(COMPACTED, at_most=4 * COMPACTED.keys)
    world.land(COMPACTED, status=3)
    world.land(COMPACTED, "--adopt-log", f"{COMPACTED.topic}:0")
    rows = world.rows(COMPACTED)
    assert set(before) < set(rows) and len(rows) == len(set(rows))
    assert max(offset for _, offset, _ in rows) == 100 + COMPACTED.new + COMPACTED.keys - 1
    report = world.command(COMPACTED, "verify", "--json", "--content").json
    assert report["clean"], report["problems"]
    assert report["content"]["compared"] >= COMPACTED.keys


def test_a_log_that_was_cut_again_above_and_below_the_first_cut(world):
    """The second time right after the adoption, before anything was landed of the adopted log."""
    above, below = CASES[0], CASES[4]  # the other one was adopted where it ends
    rows = {case.name: world.rows(case) for case in (above, below)}
    world.copies.put_back(logs_of(above), emptied=logs_of(below))
    for case in (above, below):
        world.send(case, 30)
        world.land(case, status=3)
        world.land(case, "--adopt-log", f"{case.topic}:0")
        assert len(world.rows(case)) == len(rows[case.name]) + 30
        report = world.command(case, "verify", "--json", "--content").json
        assert report["clean"], report["problems"]
        assert [note["incarnation"] for note in report["notes"] if note["kind"] == "log_adopted"] == [2, 3]
        status = world.forebay("status", "--lake", world.lake(case), "--json").json
        assert [log["incarnation"] for log in status["adopted_logs"]] == [2, 3]


def test_an_older_ledger_and_a_log_that_ends_early(world):
    """A ledger without fingerprints, as an older version wrote it: there is a way out of a log that is too short."""
    case = Case("older")
    world.command(case, "topics", "apply")
    world.send(case, 100)
    world.copies.take(logs_of(case))
    world.send(case, 100)
    world.land(case)
    with sqlite3.connect(world.lake(case) / "_forebay" / "ledger.db") as ledger:
        ledger.execute("UPDATE ranges SET last_record_offset = NULL, last_record_fingerprint = NULL,"
                       " last_record_leader_epoch = NULL")
    ledger.close()
    world.copies.put_back(logs_of(case))
    assert f"--adopt-log {case.topic}:0" in world.land(case, status=3).stderr
    world.land(case, "--adopt-log", f"{case.topic}:0")
    world.send(case, 150)
    world.land(case)
    assert len(world.rows(case)) == 350
    assert world.command(case, "verify", "--json", "--content").json["clean"]


def test_a_damaged_file_is_no_difference(world):
    """What can't be read of the lake proves nothing; the cut is behind it."""
    case = Case("damaged")
    world.command(case, "topics", "apply")
    world.send(case, 60, day=29)
    world.send(case, 40, day=30)
    world.copies.take(logs_of(case))
    world.send(case, 100, day=30)
    world.land(case)
    (damaged,) = world.lake(case).glob("events/date=2025-10-29/*.parquet")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-10])
    world.copies.put_back(logs_of(case))
    world.send(case, 150)
    world.land(case, status=3)
    world.land(case, "--adopt-log", f"{case.topic}:0")
    damaged.write_bytes(whole)
    rows = world.rows(case)
    assert len(rows) == 350 == len(set(rows))
    assert world.command(case, "verify", "--json", "--content").json["clean"]


def test_a_log_that_is_the_landed_one_is_not_adopted(world):
    case = Case("whole")
    world.command(case, "topics", "apply")
    world.send(case, 10)
    world.land(case)
    refused = world.land(case, "--adopt-log", f"{case.topic}:0", status=2)
    assert "nothing to adopt" in refused.stderr
    assert "TOPIC:PARTITION" in world.land(case, "--adopt-log", case.topic, status=2).stderr
