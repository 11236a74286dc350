"""A run: plan, send, wait for the deliveries, and write the receipt."""

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

POLL_S = 0.1
STALL_WARNING_S = 10.0  # without an acknowledgement, until a warning is logged
PURGE_S = 5.0  # for the reports of the records that are purged
NOT_DELIVERED = 3
PARTIAL = 5
LOG_LEVELS = {  # by their names in FOREBAY_LOG, which the binary reads, too
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
    """A run whose topics exist and whose receipt is created."""

    def __init__(self, run: _core.ProducerRun, stop: _core.StopFlag) -> None:
        self._run = run
        self._stop = stop
        self._client = Client(run)
        self._sender = Sender(run, self._client, stop, self.poll)
        self._progress = Progress(run.total)
        self._began = self._reported_at = self._written_at = time.monotonic()

    def work(self) -> None:
        """Sends all records and waits for their deliveries. The receipt is written afterwards, even on an error."""
        try:
            try:
                self._sender.work()
            finally:
                self._run.stop_making()
                self._wait()
        finally:
            self._run.finish(time.monotonic() - self._began, self._client.fatal is not None)
            self._progress.finish()
        if self._client.fatal is not None:
            raise forebay.UnavailableError(self._client.fatal)

    def poll(self, seconds: float) -> None:
        """Handles delivery reports, warns of a stall, and updates receipt and progress when they are due."""
        self._client.poll(seconds)
        now = time.monotonic()
        if self._run.handle_reports() > 0 or self._run.outstanding == 0:
            self._reported_at = now
        if now - self._reported_at >= STALL_WARNING_S:
            log.warning(
                "no acknowledgement from the broker for %.0f s; waiting (%d records in flight)",
                STALL_WARNING_S,
                self._run.outstanding,
            )
            self._reported_at = now
        if now - self._written_at >= self._run.receipt_interval_s:
            self._run.write_receipt()
            self._written_at = time.monotonic()
        self._progress.update(self._run.acknowledged, self._run.failed + self._run.uncertain)

    def _wait(self) -> None:
        """Waits until nothing is outstanding, a fatal error, or the stop timeout."""
        deadline = float("inf")
        while self._run.outstanding > 0:
            if self._client.fatal is not None:
                break
            if self._stop.is_set():
                deadline = min(deadline, time.monotonic() + self._run.stop_timeout_s)
            if time.monotonic() >= deadline:
                break
            self.poll(POLL_S)
        if self._run.outstanding == 0:
            return
        log.error("%d records not acknowledged by the broker in time; they count as uncertain", self._run.outstanding)
        self._client.purge()
        purge_end = time.monotonic() + PURGE_S
        while self._run.outstanding > 0 and time.monotonic() < purge_end:
            self.poll(POLL_S)


def _stop_on_signals(stop: _core.StopFlag) -> None:
    """The first SIGINT or SIGTERM stops the run gracefully, a second one ends the process."""

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


def produce(options: command_line.Options, stop: _core.StopFlag) -> int:
    """Runs, prints the outcome, and returns the exit status."""
    contract = forebay.Contract.read(options.contract)
    run = _core.ProducerRun(contract._core, stop, options.plan, options.brokers, options.kafka_config, options.receipt)
    if run.expected_rejects:
        sys.stderr.write(run.expected_rejects + "\n")
    Run(run, stop).work()
    sys.stdout.write(run.summary(options.json) + "\n")
    sys.stdout.flush()
    for reason, count in run.failures:
        log.error("%d records were not delivered: %s", count, reason)
    run.check_topics()
    if run.failed + run.uncertain > 0:
        return NOT_DELIVERED
    if not run.complete:
        sys.stderr.write(f"forebay: {run.partial_message()}\n")
        return PARTIAL
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the program and returns its exit status."""
    options = command_line.parse(arguments)
    _log_to_stderr()
    stop = _core.StopFlag()
    _stop_on_signals(stop)
    try:
        return produce(options, stop)
    except forebay.ForebayError as error:
        sys.stderr.write(f"forebay: {error}\n")
        return error.exit_status
