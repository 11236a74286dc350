"""One run from beginning to end: it is planned, sent, waited for, and accounted for in its receipt."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import forebay
from forebay import _core
from forebay.producer import options as command_line
from forebay.producer.client import Client
from forebay.producer.progress import Progress
from forebay.producer.sending import Sender

if TYPE_CHECKING:
    from types import FrameType

log = logging.getLogger("forebay.producer")

LISTEN_S = 0.1
SILENCE_S = 10.0  # without an acknowledgement before a person hears of it
LAST_WORDS_S = 5.0  # what the client may take to say what it gave up on
NOT_DELIVERED = 3
LOG_LEVELS = {  # as FOREBAY_LOG calls them for the binary
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "err": logging.ERROR,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "off": logging.CRITICAL + 1,
}


class Run:
    """A run that has its topics and its receipt."""

    def __init__(self, run: _core.ProducerRun, stop: _core.StopFlag) -> None:
        self._run = run
        self._stop = stop
        self._client = Client(run)
        self._sender = Sender(run, self._client, stop, self.listen)
        self._progress = Progress(run.total)
        self._began = self._heard = self._written = time.monotonic()

    def work(self) -> None:
        """Sends everything and waits for it. Whatever the end is, the receipt is complete afterwards."""
        try:
            try:
                self._sender.work()
            finally:
                self._run.stop_making()
                self._wait()
        finally:
            self._run.finish(time.monotonic() - self._began)
            self._progress.finish()
        if self._client.fatal is not None:
            raise forebay.UnavailableError(self._client.fatal)

    def listen(self, seconds: float) -> None:
        """Takes in what became of records, and does what is due meanwhile."""
        self._client.listen(seconds)
        now = time.monotonic()
        if self._run.take_reports() > 0 or self._run.outstanding == 0:
            self._heard = now
        if now - self._heard >= SILENCE_S:
            outstanding = self._run.outstanding
            log.warning(
                "no acknowledgement from the broker for %.0f s; waiting (%d records in flight)",
                SILENCE_S,
                outstanding,
            )
            self._heard = now
        if now - self._written >= self._run.receipt_interval_s:
            self._run.write_receipt()
            self._written = time.monotonic()
        self._progress.update(self._run.acknowledged, self._run.failed + self._run.uncertain)

    def _wait(self) -> None:
        """Until nothing is outstanding, or waiting for it has no use any more."""
        give_up_at = float("inf")
        while self._run.outstanding > 0:
            if self._client.fatal is not None:
                break
            if self._stop.is_set():
                give_up_at = min(give_up_at, time.monotonic() + self._run.stop_timeout_s)
            if time.monotonic() >= give_up_at:
                break
            self.listen(LISTEN_S)
        if self._run.outstanding == 0:
            return
        log.error("%d records not acknowledged by the broker in time; they count as uncertain", self._run.outstanding)
        self._client.give_up()
        last_words_end = time.monotonic() + LAST_WORDS_S
        while self._run.outstanding > 0 and time.monotonic() < last_words_end:
            self.listen(LISTEN_S)


def _stop_on_signals(stop: _core.StopFlag) -> None:
    """The first SIGINT or SIGTERM ends the run in order, a second one ends the process at once."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


def _log_to_stderr() -> None:
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr,
        level=LOG_LEVELS.get(os.environ.get("FOREBAY_LOG", ""), logging.INFO),
        format="%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )


def produce(options: command_line.Options, stop: _core.StopFlag) -> bool:
    """Whether every record was delivered; prints how it ended."""
    contract = forebay.Contract.read(options.contract)
    run = _core.ProducerRun(contract._core, stop, options.plan, options.brokers, options.kafka_config, options.receipt)
    Run(run, stop).work()
    sys.stdout.write(run.summary(options.json) + "\n")
    sys.stdout.flush()
    for reason, count in run.failures:
        log.error("%d records were not delivered: %s", count, reason)
    run.check_topics()
    return run.failed + run.uncertain == 0


def main(arguments: list[str] | None = None) -> int:
    """The program; its exit status."""
    options = command_line.parse(arguments)
    _log_to_stderr()
    stop = _core.StopFlag()
    _stop_on_signals(stop)
    try:
        return 0 if produce(options, stop) else NOT_DELIVERED
    except forebay.ForebayError as error:
        sys.stderr.write(f"forebay: {error}\n")
        return error.exit_status
