"""Supervision of a stream without Airflow, with a real engine and broker, and short timeouts."""
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from forebay.airflow.commands import EXIT_LOCK_HELD
from forebay.airflow.settings import Settings
from forebay.airflow.stream import process
from forebay.airflow.stream.engine import StreamEngine
from forebay.airflow.stream.supervision import PermanentStreamError, Supervision
from support.airflow import wait_until
from support.forebay import Forebay
from support.paths import FOREBAY

SHORT_TIMEOUTS = {"FOREBAY_STREAM_SAMPLE": "500ms", "FOREBAY_STREAM_STALL": "3s", "FOREBAY_STREAM_DRAIN": "5s",
             "FOREBAY_STREAM_BACKOFF": "500ms", "FOREBAY_NATIVE_OPTIONS": "--memory-limit 256MB --flush-interval 1s"}


class Shop:
    def __init__(self, directory, broker, contract):
        self.broker, self.contract = broker, contract
        self.common = ("--contract", contract, "--brokers", broker.address)
        Forebay()("topics", "apply", *self.common)
        self.settings = self.settings_with(directory / "lake")
        self.stream = StreamEngine(self.settings)
        self.directory = directory

    def settings_with(self, lake, **more):
        return Settings.from_environment(SHORT_TIMEOUTS | {
            "FOREBAY_LAKE": str(lake), "FOREBAY_BROKERS": self.broker.address, "FOREBAY_CONTRACT": str(self.contract),
            "FOREBAY_BIN": str(FOREBAY)} | more)

    def produce(self, seed):
        Forebay()("produce", *self.common, "--records", 1000, "--seed", seed, "--receipt",
                  self.directory / f"receipt-{seed}.json")

    def lag(self):
        """None while there is no lake."""
        if not (self.settings.lake / "_forebay" / "lake.json").is_file():
            return None
        status = Forebay()("status", "--lake", self.settings.lake, "--brokers", self.broker.address, "--json").json
        return sum(table["lag"] for table in status["tables"])

    def engines(self):
        return [each for each in process.find_by_environment("FOREBAY_STREAM_LAKE", str(self.settings.lake))
                if StreamEngine.is_engine(each)]


@pytest.fixture
def made(tmp_path, broker, shop):
    made = Shop(tmp_path, broker, shop)
    yield made
    process.terminate(made.engines(), 5)


def step_until(supervision, condition, what, timeout_s=30):
    def stepped():
        supervision.step()
        return condition()
    return wait_until(stepped, timeout_s, what)


def test_it_starts_an_engine_and_the_next_supervision_adopts_it(made):
    first, second = (Supervision(made.settings, "native") for _ in range(2))
    first.step()
    (engine,) = made.engines()
    second.step()
    assert made.engines() == [engine]
    first.close(stop=False)
    engine.send(signal.SIGKILL)
    step_until(second, lambda: made.engines(), "another engine")
    made.produce(1)
    step_until(second, lambda: made.lag() == 0, "everything is landed")
    assert second.close(stop=True) and made.engines() == []
    second.step()
    assert made.engines() == []


def test_a_stalled_engine_is_replaced(made, monkeypatch):
    monkeypatch.setattr("forebay.airflow.stream.supervision.SAMPLE_TIMEOUT_S", 5)
    supervision = Supervision(made.settings, "native")
    supervision.step()
    (engine,) = made.engines()
    made.produce(1)
    step_until(supervision, lambda: made.lag() == 0, "everything is landed")
    engine.send(signal.SIGSTOP)
    made.produce(2)
    step_until(supervision, lambda: not engine.is_alive(), "the stalled engine is killed", 60)
    step_until(supervision, lambda: made.lag() == 0, "another one lands")
    assert supervision.close(stop=True)


def test_an_engine_is_replaced_while_the_ledger_stays_locked(made, monkeypatch, caplog):
    """As by an engine that hangs in the middle of a transaction."""
    monkeypatch.setattr("forebay.airflow.stream.supervision.SAMPLE_TIMEOUT_S", 1)
    supervision = Supervision(made.settings, "native")
    supervision.step()
    (engine,) = made.engines()
    made.produce(1)
    step_until(supervision, lambda: made.lag() == 0, "everything is landed")
    with closing(sqlite3.connect(made.settings.lake / "_forebay" / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("BEGIN EXCLUSIVE")
        step_until(supervision, lambda: not engine.is_alive(), "the engine is replaced", 60)
    assert "its lake's status cannot be read" in caplog.text
    made.produce(2)
    step_until(supervision, lambda: made.lag() == 0, "another one lands")
    assert supervision.close(stop=True)


def test_an_engine_is_not_replaced_for_brokers_that_are_away(made, caplog):
    supervision = Supervision(made.settings, "native")
    supervision.step()
    made.produce(1)
    step_until(supervision, lambda: made.lag() == 0, "everything is landed")
    engines = made.engines()
    made.broker.pause()
    try:
        step_until(supervision, lambda: caplog.text.count("cannot read the topics' ends") == 2, "two samples fail", 60)
    finally:
        made.broker.resume()
    assert made.engines() == engines and supervision.close(stop=True)


def test_a_stopping_engine_is_waited_for_and_not_adopted(made):
    made.stream.ensure("native")
    (engine,) = made.engines()
    wait_until(lambda: made.lag() is not None, 30, "it has started, and handles signals")
    engine.send(signal.SIGSTOP)  # it does not handle the request to stop
    assert not made.stream.stop()
    began = time.monotonic()
    found = made.stream.ensure("native")
    assert found.how == "replaced" and not engine.is_alive() and made.engines() == [found.process]
    assert time.monotonic() - began >= 4  # it was killed only after the drain time
    assert made.stream.stop()


def test_an_engine_with_another_command_line_is_replaced(made):
    first = made.stream.ensure("native")
    changed = made.settings_with(made.settings.lake, FOREBAY_NATIVE_OPTIONS="--memory-limit 300MB")
    second = StreamEngine(changed).ensure("native")
    assert second.how == "replaced" and made.engines() == [second.process] and not first.process.is_alive()
    assert StreamEngine(changed).ensure("native").how == "adopted"
    assert StreamEngine(changed).stop()


def test_a_permanent_error_is_not_retried(made, caplog):
    wrong = made.settings_with(made.directory / "wrong", FOREBAY_NATIVE_OPTIONS="--memory-limit 1MB")
    supervision = Supervision(wrong, "native")
    with pytest.raises(PermanentStreamError, match="memory-limit"):
        step_until(supervision, lambda: False, "the error", 10)


def test_a_locked_lake_is_retried_with_backoff(made, caplog):
    with Forebay().start("land", *made.common, "--lake", made.settings.lake, "--follow") as other:
        wait_until(lambda: (made.settings.lake / "_forebay" / "lake.json").is_file(), 30, "the lake exists")
        supervision = Supervision(made.settings, "native")
        step_until(supervision, lambda: "restarting it in 1.0 s" in caplog.text, "the second attempt", 30)
        assert f"engine ended with exit status {EXIT_LOCK_HELD}" in caplog.text and "another" in caplog.text
        assert other.terminate().status == 0
    step_until(supervision, lambda: len(made.engines()) == 1, "the engine")
    assert supervision.close(stop=True)
