"""The job as a process: stopped, killed and without a broker, it continues from the ledger."""
import json
import os
import signal
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions

from support import readers
from support.forebay import Forebay
from support.paths import FOREBAY_WITH_HOOKS
from support.spark import SparkLanding, with_hooks


def wait_until(condition, timeout_s=600, running=None):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        assert running is None or running.is_running, running.wait(10)
        time.sleep(0.5)


def landed_rows(landing):
    return sum(readers.duckdb_rows(landing.lake, table).total() for table in ("clicks", "orders")
               if readers.files(landing.lake, table))


def is_landed(landing):
    expected = sum(table.rows.total() for table in landing.expected().values())
    return landed_rows(landing) == expected


def assert_whole(landing):
    report = landing.verify("--require-landed")
    assert report.json["clean"], report
    landing.assert_readers_agree()


def assert_no_leftovers(landing):
    """No temporary files of Spark; an empty staging area."""
    assert os.listdir(landing.directory / "tmp") == []
    assert os.listdir(landing.lake / "_forebay" / "staging") == []
    assert sorted(entry.name for entry in landing.directory.iterdir()) == sorted(
        {"lake", "receipts", "shop.odcs.yaml", "tmp", "lake.spark.log", "lake.spark-status.json"}
        | ({"broker"} if (landing.directory / "broker").exists() else set()))


def test_following_until_sigterm(landing):
    """Records that arrive while it runs are landed at the flush interval; added partitions are landed, too."""
    landing.produce("--records", 3000, "--seed", 1)
    with landing.start_spark("--follow", "--flush-interval", "2s", "--json") as job:
        wait_until(lambda: is_landed(landing), running=job)
        landing.produce("--records", 3000, "--seed", 2)
        wait_until(lambda: is_landed(landing), running=job)
        topic = landing.contract.topic("clicks")
        admin = AdminClient({"bootstrap.servers": landing.broker.address})
        admin.create_partitions([NewPartitions(topic, 3)])[topic].result(30)
        quarantined = readers.quarantined(landing.lake, topic).total()
        producer = Producer({"bootstrap.servers": landing.broker.address})
        wait_until(lambda: len(producer.list_topics(topic).topics[topic].partitions) == 3)
        producer.produce(topic, value=b"no JSON", partition=2)
        producer.flush()
        wait_until(lambda: readers.quarantined(landing.lake, topic).total() == quarantined + 1, running=job)
        result = job.terminate()
    assert result.status == 0, result
    assert result.json["rows"] == landed_rows(landing)
    assert "Traceback" not in result.stderr and "\tat " not in result.stderr
    assert landing.verify().json["clean"]
    assert_no_leftovers(landing)


def test_a_stop_file_ends_it_after_the_current_batch(landing, tmp_path):
    """A batch that is staged but not yet committed when the stop file appears is landed."""
    landing.produce("--records", 2000, "--seed", 1)
    stop = tmp_path / "tmp" / "stop"
    env = with_hooks(FOREBAY_FAILPOINT="commit:durable", FOREBAY_FAILPOINT_STOPS="1")
    with landing.start_spark("--follow", "--flush-interval", "1h", "--stop-file", stop, env=env) as job:
        wait_until(lambda: job.stands_still, running=job)
        assert os.listdir(landing.lake / "_forebay" / "staging") and landed_rows(landing) == 0
        stop.touch()
        job.send(signal.SIGCONT)
        result = job.wait(60)
    stop.unlink()
    assert result.status == 0, result
    assert landed_rows(landing) > 0
    assert_no_leftovers(landing)
    landing.land()
    assert_whole(landing)


def test_once_that_is_stopped_on_its_way_is_partial(landing):
    """The stop comes while the first of several batches is committed."""
    landing.produce("--table", "clicks", "--records", 4000, "--seed", 1)
    env = with_hooks(FOREBAY_FAILPOINT="commit:durable", FOREBAY_FAILPOINT_STOPS="1")
    with landing.start_spark("--once", "--max-offsets-per-trigger", 500, "--json", env=env) as job:
        wait_until(lambda: job.stands_still, running=job)
        job.send(signal.SIGTERM)
        job.send(signal.SIGCONT)
        result = job.wait(60)
    assert result.status == 5 and result.json["state"] == "partial", result
    assert result.stderr.splitlines()[-1].startswith("forebay: interrupted")
    assert 0 < result.json["rows"] + result.json["quarantined"] < 4000
    rest = landing.spark("--once", "--json").json
    assert rest["state"] == "complete" and rest["rows"] > 0
    assert_whole(landing)


def test_a_broker_that_goes_away_and_comes_back(forebay, own_broker, shop, tmp_path):
    landing = SparkLanding(forebay, own_broker, shop, tmp_path)
    produce = landing.produce_arguments("--duration", "1h", "--rate", 1000, "--seed", 1, "--faults", "default")
    with landing.forebay.start(*produce) as producer, landing.start_spark("--follow", "--flush-interval", "1s") as job:
        wait_until(lambda: landed_rows(landing) > 0, running=job)
        own_broker.kill()
        time.sleep(4)
        own_broker.start()
        before = landed_rows(landing)
        wait_until(lambda: landed_rows(landing) > before + 1000, running=job)
        assert producer.terminate().status == 0
        result = job.terminate()
    assert result.status == 0, result
    landing.land()
    assert_whole(landing)


@pytest.mark.parametrize("point, next_engine", [
    ("commit:durable", "native"), ("decide:written", "native"), ("commit:decided", "spark")])
def test_kill_9_of_the_driver(landing, point, next_engine):
    """Before, during and after the commit. Needs the package with test hooks."""
    landing.produce("--records", 2000, "--seed", 1, "--faults", "default")
    result = landing.spark("--once", status=-signal.SIGKILL, env=with_hooks(FOREBAY_FAILPOINT=point))
    assert "landed" not in result.stdout
    wait_until(lambda: not processes_with(landing.directory))
    if next_engine == "native":
        landing.land()
    else:
        landing.spark("--once")
    assert_whole(landing)
    assert os.listdir(landing.lake / "_forebay" / "staging") == []


def test_a_driver_whose_records_another_process_landed(landing):
    """Without the lock: stopped before its commit while another process lands the records, it restarts."""
    landing.produce("--records", 2000, "--seed", 1, "--faults", "default")
    env = with_hooks(FOREBAY_FAILPOINT="commit:durable", FOREBAY_FAILPOINT_STOPS="1", FOREBAY_TEST_NO_LOCK="1")
    with landing.start_spark("--once", env=env) as job:
        wait_until(lambda: job.stands_still, running=job)
        Forebay(FOREBAY_WITH_HOOKS)(*landing.land_arguments("--once"), env={"FOREBAY_TEST_NO_LOCK": "1"})
        job.send(signal.SIGCONT)
        result = job.wait(120)
    assert result.status == 0 and "restarting from the ledger" in result.stderr, result
    assert_whole(landing)


def test_a_jvm_that_is_killed(landing):
    landing.produce("--records", 2000, "--seed", 1)
    with landing.start_spark("--follow", "--flush-interval", "1s") as job:
        wait_until(lambda: is_landed(landing), running=job)
        for pid in processes_with(landing.directory, b"java"):
            os.kill(pid, signal.SIGKILL)
        result = job.wait(60)
    assert result.status == 3 and "Traceback" not in result.stderr, result
    assert "Spark's JVM ended unexpectedly; see its log, " in result.stderr.splitlines()[-1]
    status = json.loads(landing.lake.with_name("lake.spark-status.json").read_text())
    assert status["state"] == "failed" and "ended unexpectedly" in status["error"]
    landing.land()
    assert_whole(landing)


def processes_with(directory, program=b""):
    """Processes with this directory on their command line: the JVM and its workers."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if os.fsencode(str(directory)) in words and program in words.partition(b"\0")[0]:
            found.append(int(entry.name))
    return found
