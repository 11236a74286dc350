"""forebay land on a real broker, and what anybody who lists the files sees of it."""
import json
import signal
import time
from collections import Counter
from decimal import Decimal

import duckdb
import pytest

from support import readers
from support.landing import Landing

EVERY_FAULT = "late=0.02,out_of_order=0.02,duplicate=0.01,extra=0.01,malformed=0.05"
REASONS = {"not_utf8", "not_json", "not_an_object", "duplicate_member", "too_deep", "too_large", "missing_field",
           "wrong_type", "out_of_range", "bad_timestamp", "not_in_enum", "pattern_mismatch", "bad_length"}


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def test_every_fault_is_landed_or_refused_in_several_batches(landing):
    landed = 0
    for seed in (1, 2, 3):
        landing.produce("--records", 20000, "--seed", seed, "--faults", f"{EVERY_FAULT},too_large=0.0002",
                        "--event-span", "3d")
        report = landing.land("--batch-rows", 8000).json
        assert report["batches"] > 1
        landed += report["rows"] + report["quarantined"]
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()

    expected = landing.expected()
    assert landed == sum(table.acknowledged for table in expected.values())
    assert set(+expected["clicks"].quarantined) == REASONS
    for table, key in (("clicks", "event_id"), ("orders", "order_id")):
        assert readers.key_sums(landing.lake, table, key) == +expected[table].key_sums


def test_values_arrive_as_they_were_sent(landing):
    """`forebay generate` prints the same records: every member of every record, compared in both directions."""
    flags = ("--records", 3000, "--seed", 7, "--faults", "none")
    landing.produce(*flags)
    landing.land()
    for table, key in (("clicks", "event_id"), ("orders", "order_id")):
        lines = landing.forebay("generate", "--contract", landing.contract, "--table", table, *flags).stdout
        records = [json.loads(line, parse_float=Decimal) for line in lines.splitlines()]
        sent = {record[key]: record for record in records}
        files = f"read_parquet('{landing.lake}/{table}/**/*.parquet', hive_partitioning = false)"
        columns = [column[0] for column in duckdb.sql(f"DESCRIBE SELECT * FROM {files}").fetchall()
                   if not column[0].startswith("_")]
        selected = ", ".join(f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS {name}"
                             if name.endswith("_time") else name for name in columns)
        rows = duckdb.sql(f"SELECT {selected} FROM {files}").fetchall()
        found = {record[key]: record for record in (plain(dict(zip(columns, row))) for row in rows)}
        # `generate` counts the table's records, `produce` the clicks that the orders belong to.
        common = found.keys() & sent.keys()
        assert len(rows) == len(found) == len(common) and len(common) > 0
        differing = [(found[name], plain(sent[name])) for name in common if found[name] != plain(sent[name])]
        assert differing[:1] == []


def plain(value):
    """A record without what is absent, and with every number as an exact decimal."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value)).normalize()
    if isinstance(value, Decimal):
        return value.normalize()
    return value if isinstance(value, (bool, int, str)) else str(value)


def test_a_new_lake_is_said_and_existing_refuses_one(landing):
    landing.produce("--records", 200, "--seed", 1)
    refused = landing.land("--existing", status=2)
    assert "is not a lake, and --existing allows no new one to begin" in refused.stderr
    assert not landing.lake.exists()
    landing.lake.mkdir()  # as an empty mount point
    landing.land("--existing", status=2)
    assert list(landing.lake.iterdir()) == []
    begun = landing.land()
    assert begun.json["new_lake"] and f"began a new lake in {landing.lake}" in begun.stderr
    again = landing.land("--existing")
    assert not again.json["new_lake"] and "new lake" not in again.stderr


def test_a_second_landing_finds_nothing_new(landing):
    landing.produce("--records", 5000, "--seed", 1)
    assert landing.land().json["rows"] > 0
    before = {file: file.stat().st_mtime_ns for file in readers.files(landing.lake, "clicks")}
    again = landing.land().json
    assert (again["batches"], again["rows"]) == (0, 0)
    assert {file: file.stat().st_mtime_ns for file in readers.files(landing.lake, "clicks")} == before
    landing.produce("--records", 5000, "--seed", 2)
    landing.land()
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()


def test_sigterm_lands_what_was_consumed(landing):
    landing.produce("--records", 30000, "--seed", 1)
    with landing.follow("--flush-interval", "1h") as lander:
        lander.wait_until_idle()  # it has consumed all there is; nothing is due to be landed for an hour
        assert readers.files(landing.lake, "clicks") == []
        result = lander.terminate()
    assert result.status == 0, result
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()


def test_the_tail_of_an_idle_topic_is_landed_by_the_clock(landing):
    with landing.follow("--flush-interval", "1s") as lander:
        landing.produce("--records", 2000, "--seed", 1)
        lander.wait_until_idle(3)  # longer than the flush interval
        landing.assert_readers_agree()
        assert landing.verify().json["clean"]  # beside the live lander
        assert lander.terminate().status == 0


def test_a_follower_says_what_it_commits_and_nothing_while_it_is_idle(landing):
    landing.produce("--records", 500, "--seed", 1)
    with landing.follow("--flush-interval", "200ms") as lander:
        lander_is_at_work(landing)
        time.sleep(6)  # idle for longer than the five seconds after which it used to report a rate of 0
        result = lander.terminate()
    assert result.status == 0
    lines = result.stderr.splitlines()
    assert sum(" batch " in line and " rows, " in line for line in lines) >= 1
    assert not any("/s" in line for line in lines), result


def lander_is_at_work(landing):
    deadline = time.monotonic() + 60
    while not readers.files(landing.lake, "clicks"):
        assert time.monotonic() < deadline, "nothing was landed within a minute"
        time.sleep(0.1)


def test_of_two_landers_one_works(landing):
    landing.produce("--records", 2000, "--seed", 1)
    with landing.follow("--flush-interval", "1s") as first:
        lander_is_at_work(landing)
        refused = landing.land(status=4)
        assert "lander" in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
        with landing.forebay.start(*landing.land_arguments("--once", "--wait")) as second:
            time.sleep(1)
            assert second.is_running and first.is_running
            assert first.terminate().status == 0
            assert second.wait(60).status == 0
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()


def test_a_lander_that_is_killed_leaves_no_lock(landing):
    landing.produce("--records", 2000, "--seed", 1)
    with landing.follow("--flush-interval", "1s") as lander:
        lander_is_at_work(landing)
        lander.send(signal.SIGKILL)
        lander.wait(10)
    landing.land()
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()


def test_a_backlog_of_many_dates_stays_within_the_memory_limit(landing):
    landing.produce("--table", "clicks", "--records", 1_500_000, "--seed", 1, "--event-span", "60d")
    with landing.follow("--memory-limit", "192MB", "--flush-interval", "1s") as lander:
        lander.wait_until_idle()
        assert lander.peak_bytes() <= 192_000_000
        assert lander.terminate().status == 0
    assert landing.verify("--require-landed").json["clean"]


def test_unused_memory_returns_to_the_system_within_half_a_second(forebay):
    """The memory limit depends on it: jemalloc's default is ten seconds."""
    printed = forebay("--version", env={"MALLOC_CONF": "stats_print:true,stats_print_opts:mdablxe"})
    assert "opt.dirty_decay_ms: 500 " in printed.stderr


def test_keys_come_from_one_partition_each(landing):
    """What the contract's kafka.key promises: all events of a user stand in one partition."""
    landing.produce("--records", 20000, "--seed", 1)
    landing.land()
    query = """SELECT user_id, count(DISTINCT _kafka_partition) FROM read_parquet('{}/{}/**/*.parquet') GROUP BY ALL"""
    for table in ("clicks", "orders"):
        counts = Counter(partitions for _, partitions in duckdb.sql(query.format(landing.lake, table)).fetchall())
        assert set(counts) == {1}
