"""`lake expire` and `lake rebuild`: files that an operator removes or rebuilds, with a real broker."""
import contextlib
import json
import os
import shutil
import sqlite3
from collections import Counter

import pytest

from support import readers
from support.landing import Landing


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 3000, "--seed", 1, "--faults", "default")
    made.land()
    return made


def expire(landing, *arguments, **options):
    return landing.forebay("lake", "expire", "--lake", landing.lake, "--table", *arguments, "--json", **options)


def rebuild(landing, *arguments, **options):
    return landing.forebay("lake", "rebuild", "--lake", landing.lake, *landing.brokers, "--json", *arguments, **options)


def dates(landing, table="clicks"):
    return sorted({path.parent.name for path in readers.files(landing.lake, table)})


def notes(report, kind):
    return [note for note in report.json["notes"] if note["kind"] == kind]


# --- lake expire -------------------------------------------------------------------------------------------------

def test_old_dates_go_and_everything_still_adds_up(landing):
    before = readers.duckdb_rows(landing.lake, "clicks")
    first, *others = dates(landing)
    boundary = others[0].removeprefix("date=")
    plan = expire(landing, "clicks", "--before", boundary, "--dry-run").json
    assert plan["removed"] is False and plan["rows"] == before[first]
    assert dates(landing) == [first, *others]

    done = expire(landing, "clicks", "--before", boundary, "--yes").json
    assert done["removed"] is True and done["rows"] == before[first]
    assert [directory["partition_dir"] for directory in done["directories"]] == [first]
    assert dates(landing) == others
    assert readers.duckdb_rows(landing.lake, "clicks") == {name: before[name] for name in others}

    report = landing.verify()  # with receipts: the expired rows are in the ledger's sums
    assert report.json["clean"]
    assert not notes(report, "receipt_not_comparable")
    assert any(f"--before {boundary}" in note["detail"] for note in notes(report, "expired_files"))
    status = landing.forebay("status", "--lake", landing.lake, "--json").json
    clicks = next(table for table in status["tables"] if table["table"] == "clicks")
    assert [date["date"] for date in clicks["dates"]] == [name.removeprefix("date=") for name in others]

    assert expire(landing, "clicks", "--before", boundary, "--yes").json["files"] == 0
    landing.produce("--records", 1000, "--seed", 2)
    landing.land()
    assert landing.verify().json["clean"]


def test_one_directory_of_a_table_and_of_the_quarantine_goes(landing):
    orders = dates(landing, "orders")
    expire(landing, "orders", "--partition", orders[0], "--yes")
    expire(landing, "quarantine", "--partition", dates(landing, "quarantine")[0], "--yes")
    assert dates(landing, "orders") == orders[1:]
    assert landing.verify().json["clean"]


def test_nothing_is_removed_without_a_yes_or_from_a_table_that_is_not_there(landing):
    before = dates(landing)
    refused = expire(landing, "clicks", "--before", "2999-01-01", status=2)
    assert "--yes" in refused.stderr
    assert "has no table" in expire(landing, "klicks", "--before", "2999-01-01", "--yes", status=2).stderr
    assert "not a date" in expire(landing, "clicks", "--before", "yesterday", "--yes", status=2).stderr
    assert "no level 'dat'" in expire(landing, "clicks", "--partition", "dat=2025-10-30", "--yes", status=2).stderr
    assert "not a partition" in expire(landing, "clicks", "--partition", "../..", "--yes", status=2).stderr
    expire(landing, "clicks", "--yes", status=2)
    assert dates(landing) == before


def test_expiry_beside_a_running_lander_and_a_verify(landing):
    with landing.follow("--flush-interval", "200ms") as lander:
        for seed in range(3, 7):
            landing.produce("--records", 1000, "--seed", seed)
            expire(landing, "clicks", "--partition", dates(landing)[0], "--yes")
            assert landing.verify().json["clean"]
        assert lander.terminate().status == 0
    landing.land()
    assert landing.verify().json["clean"]


# --- lake rebuild -------------------------------------------------------------------------------------------------

def damage(files):
    """One removed, one shortened, one overwritten with another, and a whole directory taken away."""
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:-100])
    shutil.copy(files[3], files[2])
    shutil.rmtree(files[-1].parent)


def test_damaged_files_are_landed_again(landing):
    landing.produce("--records", 3000, "--seed", 2, "--faults", "default")
    landing.land("--batch-rows", 1000)
    files = readers.files(landing.lake, "clicks")
    before = {table: readers.duckdb_rows(landing.lake, table) for table in ("clicks", "orders", "quarantine")}
    damage(files)
    readers.files(landing.lake, "quarantine")[0].unlink()
    readers.files(landing.lake, "orders")[0].write_bytes(b"")
    found = landing.verify(status=1).json
    named = {problem["file"] for problem in found["problems"] if "file" in problem}
    assert all("lake rebuild" in problem["next"] for problem in found["problems"] if problem["kind"] == "missing_file")

    done = rebuild(landing).json
    assert done["all_rebuilt"]
    assert named <= {file["file"] for file in done["files"]}
    for table, rows in before.items():
        assert readers.duckdb_rows(landing.lake, table) == rows
    landing.assert_readers_agree()
    report = landing.verify()
    assert report.json["clean"]
    assert len(notes(report, "rebuilt_files")) == len(done["files"])
    assert rebuild(landing).json == {"all_rebuilt": True, "files": []}


def test_several_files_of_one_batch_and_directory_are_landed_again(forebay, broker, shop, tmp_path):
    """Which of them a row was in is not known any more, and does not matter."""
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--records", 150_000, "--seed", 1, "--faults", "default")
    landing.land("--file-size", "1kB", "--memory-limit", "192MB")
    files = readers.files(landing.lake, "clicks")
    directory, count = Counter(file.parent for file in files).most_common(1)[0]
    assert count > 3
    files = [file for file in files if file.parent == directory]
    for file in files[1:3]:
        file.unlink()
    assert len(rebuild(landing).json["files"]) == 2
    landing.assert_readers_agree()
    assert landing.verify().json["clean"]


def test_one_file_is_landed_again_by_its_name(landing):
    one, other = readers.files(landing.lake, "orders")[:2]
    one.unlink()
    other.unlink()
    name = str(one.relative_to(landing.lake))
    assert [file["file"] for file in rebuild(landing, "--file", one).json["files"]] == [name]
    assert one.exists() and not other.exists()
    assert [problem["kind"] for problem in landing.verify(status=1).json["problems"]].count("missing_file") == 1
    assert "no file" in rebuild(landing, "--file", "clicks/date=2025-01-01/b00000001-0.parquet", status=2).stderr


def test_a_file_whose_records_kafka_has_no_more_is_left_as_it_is(landing, broker, shop, delete_records):
    file = readers.files(landing.lake, "clicks")[0]
    file.unlink()
    delete_records(shop.topic("clicks"))
    done = rebuild(landing, status=1).json
    assert not done["all_rebuilt"]
    assert "of its" in done["files"][0]["error"]
    assert not file.exists()
    assert [problem["kind"] for problem in landing.verify(status=1).json["problems"]].count("missing_file") == 1
    assert not list((landing.lake / "_forebay" / "staging").iterdir())


def test_what_no_file_is_in_a_files_place(landing):
    """A pipe is replaced. A directory can't be, and nothing is decided that could not be done."""
    pipe, directory = readers.files(landing.lake, "clicks")[:2]
    for place in (pipe, directory):
        place.unlink()
    os.mkfifo(pipe)
    directory.mkdir()
    kinds = {problem["file"]: problem["kind"] for problem in landing.verify(status=1).json["problems"]
             if "file" in problem}
    assert kinds == {str(pipe.relative_to(landing.lake)): "unreadable_file",
                     str(directory.relative_to(landing.lake)): "missing_file"}
    done = {file["file"]: file.get("error") for file in rebuild(landing, status=1).json["files"]}
    assert done[str(directory.relative_to(landing.lake))] == f"{directory} is a directory; move it out of the lake"
    assert pipe.is_file() and directory.is_dir()
    landing.produce("--records", 100, "--seed", 3)
    landing.land()
    directory.rmdir()
    assert rebuild(landing).json["all_rebuilt"]
    landing.assert_readers_agree()
    assert landing.verify().json["clean"]


def test_the_decided_file_that_recovery_misses_is_landed_again(landing):
    """A batch was decided and its file is gone from staging: no landing gets past that, `lake rebuild` does."""
    ledger = landing.lake / "_forebay" / "ledger.db"
    landing.produce("--records", 500, "--seed", 2)
    landing.land()
    last = landing.verify().json["last_batch"]
    mark_decided(ledger, last)
    files_of_batch(landing.lake, "clicks", last)[0].unlink()
    stopped = landing.land(status=3)
    assert "lake rebuild" in stopped.stderr
    assert rebuild(landing).json["all_rebuilt"]
    landing.land()
    landing.assert_readers_agree()
    assert landing.verify().json["clean"]


def files_of_batch(lake, table, batch):
    """The table's files that the ledger lists in this batch. No Forebay process may be running."""
    with contextlib.closing(sqlite3.connect(lake / "_forebay" / "ledger.db")) as ledger:
        places = ledger.execute("SELECT partition_dir, file_name FROM files WHERE table_name = ? AND batch = ?",
                                (table, batch)).fetchall()
    return [lake / table / directory / name for directory, name in places]


def mark_decided(ledger, batch):
    with sqlite3.connect(ledger) as connection:
        connection.execute("UPDATE batches SET state = 'decided', published_at_ms = NULL WHERE batch = ?", (batch,))
    connection.close()


def test_another_lander_at_work_is_status_4(landing):
    readers.files(landing.lake, "clicks")[0].unlink()
    with landing.follow() as lander:
        lander.wait_until_idle(idle_s=1)
        assert rebuild(landing, status=4).stdout == ""


def test_help_shows_an_example(forebay):
    for command in ("expire", "rebuild"):
        assert f"forebay lake {command} --lake lake" in forebay("lake", command, "--help").stdout


def test_the_python_ledger_reports_expired_files(landing):
    from forebay.ledger import Ledger
    gone = dates(landing)[0]
    expire(landing, "clicks", "--partition", gone, "--yes")
    states = {file["state"] for batch in Ledger.open(landing.lake).batches() for file in batch["files"]
              if file["partition_dir"] == gone and file["table"] == "clicks"}
    assert states == {"expired"}
    assert json.loads(landing.verify().stdout)["clean"]
