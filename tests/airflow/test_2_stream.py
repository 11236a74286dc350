"""The stream while every process around it is killed: one supervised engine, no missing or duplicate record."""
import signal
import threading
import time

import pytest

from forebay.airflow.stream import process
from support.airflow import wait_until

DAG = "forebay_stream"


class Count(threading.Thread):
    """The largest number of engines at any time."""

    def __init__(self, airflow):
        super().__init__(daemon=True)
        self.airflow = airflow
        self.max = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.1):
            self.max = max(self.max, len(self.airflow.engines()))


@pytest.fixture(scope="module", autouse=True)
def stream(airflow):
    count = Count(airflow)
    count.start()
    airflow.client.pause(DAG, paused=False)
    the_engine(airflow)
    yield
    airflow.client.pause(DAG)
    wait_until(lambda: not airflow.engines(), 60, "the engine is stopped when its DAG is paused")
    count.done.set()
    count.join()
    assert count.max == 1


def the_engine(airflow, other_than=None, timeout_s=90):
    def found():
        engines = [each for each in airflow.engines() if each != other_than]
        return engines[0] if engines else None
    return wait_until(found, timeout_s, "an engine")


def newest_run(airflow):
    return airflow.client.runs(DAG)[0]["dag_run_id"]


def the_task(airflow):
    return airflow.client.tasks(DAG, newest_run(airflow))[0]


def assert_exact_and_one_engine(airflow, seed):
    """Produces records, which the only engine lands, without a missing or duplicate one."""
    airflow.produce("--records", 2000, "--seed", seed, "--faults", "default")
    wait_until(lambda: airflow.lag() == 0, 60, "everything is landed")
    assert airflow.verify("--require-landed")["clean"]
    assert len(airflow.engines()) == 1


def assert_supervised(airflow):
    """An engine that is killed is replaced."""
    before = the_engine(airflow)
    before.send(signal.SIGKILL)
    assert the_engine(airflow, other_than=before) != before


def test_it_holds_no_worker_slot(airflow):
    wait_until(lambda: the_task(airflow)["state"] == "deferred", 30, "the task is deferred")
    assert_exact_and_one_engine(airflow, 21)

    def is_all_deferred():
        pool = airflow.client.get("/pools/default_pool")
        return (pool["running_slots"], pool["deferred_slots"]) == (0, 1)
    wait_until(is_all_deferred, 60, "no task but the deferred one has a slot")


def test_the_engine_is_killed(airflow):
    before = the_engine(airflow)
    airflow.produce("--records", 5000, "--seed", 22)
    before.send(signal.SIGKILL)
    after = the_engine(airflow, other_than=before)
    assert_exact_and_one_engine(airflow, 23)
    assert the_engine(airflow) == after
    assert the_task(airflow)["try_number"] == 1


def test_a_micro_batch_verifies_and_does_not_land_beside_the_stream(airflow):
    run = airflow.run("forebay_microbatch", {"engine": "native"})
    assert "forebay_stream lands" in airflow.client.xcom("forebay_microbatch", run, "land")["summary"]
    assert airflow.states("forebay_microbatch", run)["verify"] == "success"


def test_the_triggerer_is_killed(airflow):
    before = the_engine(airflow)
    killed = airflow.kill_component("triggerer")
    airflow.produce("--records", 5000, "--seed", 24)
    airflow.wait_for_component("triggerer", killed)
    run, attempt = newest_run(airflow), the_task(airflow)["try_number"]
    wait_until(lambda: f"engine {before.pid} (native) adopted" in airflow.client.log(DAG, run, "stream", attempt), 90,
               "the next triggerer adopts the engine")
    assert_exact_and_one_engine(airflow, 25)
    assert the_engine(airflow) == before
    assert_supervised(airflow)


def test_triggerer_and_engine_are_killed_together(airflow):
    before = the_engine(airflow)
    airflow.produce("--records", 5000, "--seed", 26)
    airflow.kill_component("triggerer")
    before.send(signal.SIGKILL)
    the_engine(airflow, other_than=before)
    assert_exact_and_one_engine(airflow, 27)


def test_the_scheduler_is_killed(airflow):
    before = the_engine(airflow)
    killed = airflow.kill_component("scheduler")
    airflow.produce("--records", 5000, "--seed", 28)
    airflow.wait_for_component("scheduler", killed)
    assert_exact_and_one_engine(airflow, 29)
    assert the_engine(airflow) == before
    assert_supervised(airflow)
    airflow.run("forebay_microbatch")  # the new scheduler schedules


def test_a_cleared_task_stops_the_engine_gracefully_and_the_next_attempt_starts_one(airflow):
    before = the_engine(airflow)
    log = max((airflow.settings.state / "stream").glob("engine-*.log"))
    producer = threading.Thread(target=airflow.produce, args=("--records", 3000, "--rate", 600, "--seed", 30))
    producer.start()
    time.sleep(1.5)
    run = newest_run(airflow)
    airflow.client.post(f"/dags/{DAG}/clearTaskInstances",
                        {"dry_run": False, "dag_run_id": run, "task_ids": ["stream"], "only_failed": False,
                         "reset_dag_runs": True})
    wait_until(lambda: not before.is_alive(), 60, "the engine ends")
    text = log.read_text()
    assert '"batches":' in text.splitlines()[-1], text  # it ended gracefully, with its report
    after = the_engine(airflow, other_than=before)
    producer.join()
    assert_exact_and_one_engine(airflow, 31)
    assert the_engine(airflow) == after


def test_a_pause_stops_it_until_it_is_unpaused(airflow):
    before = the_engine(airflow)
    airflow.client.pause(DAG)
    wait_until(lambda: not before.is_alive(), 60, "the engine ends")
    assert airflow.lag() == 0 and not airflow.engines()
    airflow.produce("--records", 2000, "--seed", 32)
    time.sleep(3)
    assert airflow.lag() > 0 and not airflow.engines()
    airflow.client.pause(DAG, paused=False)
    assert_exact_and_one_engine(airflow, 33)


def test_the_task_is_killed(airflow, broker):
    """During its check of the brokers, the only time when it runs on a worker."""
    airflow.client.pause(DAG)
    wait_until(lambda: not airflow.engines(), 60, "the engine ends")
    broker.pause()
    try:
        airflow.client.pause(DAG, paused=False)
        check = wait_until(lambda: next((each for each in process.find_by_environment("FOREBAY_LAKE", str(airflow.lake))
                                          if "apply" in each.argv), None), 60, "the task checks the brokers")
        task = check.parent()
        task.send(signal.SIGKILL)
        wait_until(lambda: not check.is_alive(), 10, "the command ends with its task")
    finally:
        broker.resume()
    the_engine(airflow)
    assert_exact_and_one_engine(airflow, 34)


@pytest.fixture
def by_spark(airflow):
    airflow.client.post("/variables", {"key": "forebay_engine", "value": "spark"})
    yield
    airflow.client.delete("/variables/forebay_engine")


def test_the_spark_engine_is_supervised_in_the_same_way(airflow, by_spark):
    """The Variable sets the engine, which takes effect when the DAG is unpaused."""
    native = the_engine(airflow)
    airflow.client.pause(DAG)
    wait_until(lambda: not native.is_alive(), 60, "the native engine ends")
    airflow.client.pause(DAG, paused=False)
    spark = the_engine(airflow)
    assert "forebay.spark" in spark.argv
    airflow.produce("--records", 2000, "--seed", 35, "--faults", "default")
    wait_until(lambda: airflow.lag() == 0, 240, "Spark has landed everything")
    spark.send(signal.SIGKILL)
    assert "forebay.spark" in the_engine(airflow, other_than=spark).argv
    airflow.produce("--records", 2000, "--seed", 36)
    wait_until(lambda: airflow.lag() == 0, 240, "another Spark has landed everything")
    assert airflow.verify("--require-landed")["clean"] and len(airflow.engines()) == 1
    airflow.client.pause(DAG)
    wait_until(lambda: not process.find_by_environment("FOREBAY_STREAM_LAKE", str(airflow.lake)), 90, "no JVM is left")
