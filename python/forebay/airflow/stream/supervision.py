"""Supervision of a stream, one step at a time, so that the trigger around it only waits and forwards events."""

import json
import logging
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from forebay.airflow import commands, service_levels
from forebay.airflow.commands import CommandError, PermanentError
from forebay.airflow.memory import write_atomically
from forebay.airflow.settings import Settings
from forebay.airflow.stream.engine import RunningEngine, StreamEngine
from forebay.airflow.stream.watch import Backoff, Health, Sample, Watch

log = logging.getLogger("forebay.airflow")

SAMPLE_TIMEOUT_S = 60
LAG_LOG_INTERVAL_S = 60


class PermanentStreamError(Exception):
    """The engine ended with an error that a restart would repeat."""


class Supervision:
    """Keeps one engine running. step() and close() may be called from different threads; each waits for the other."""

    def __init__(self, settings: Settings, engine: str) -> None:
        self._settings = settings
        self._kind = engine
        self._stream = StreamEngine(settings)
        self._lock = threading.Lock()
        self._closed = False
        self._running: RunningEngine | None = None
        self._running_since = 0.0
        self._start_at = 0.0
        self._sample_at = 0.0
        self._log_lag_at = 0.0
        self._restarts = 0
        self._was_late = False
        self._was_held_back = False
        self._backoff = Backoff(settings.first_backoff_s, settings.max_backoff_s)
        self._watch = Watch(service_levels.freshness_s(settings.contract), settings.stall_s)

    def step(self) -> None:
        """Does what is due: (re)starts the engine, samples the lake. Raises PermanentStreamError."""
        with self._lock:
            if self._closed:
                return
            now = time.monotonic()
            if self._running is not None and not self._running.process.is_alive():
                self._handle_exit(now)
            if self._running is None and now >= self._start_at:
                self._start(now)
            if self._running is not None and now >= self._sample_at:
                self._sample_at = now + self._settings.sample_s
                self._sample(now)

    def close(self, *, stop: bool) -> bool:
        """Makes every later step a no-op. With `stop`, stops the engine; returns whether it has ended."""
        with self._lock:
            self._closed = True
            if not stop:
                return True
            log.warning("stopping the stream: the engine lands the records that it consumed")
            ended = self._stream.stop()
            log.warning(
                "the engine has ended" if ended else "the engine is still landing; the next attempt waits for it"
            )
            self._write_health("stopped", None)
            return ended

    def _start(self, now: float) -> None:
        self._running = self._stream.ensure(self._kind)
        self._running_since, self._sample_at = now, now + self._settings.sample_s
        self._watch.restart(now)
        log.warning(
            "engine %s (%s) %s; its log: %s",
            self._running.process.pid,
            self._kind,
            self._running.how,
            self._running.log_file,
        )
        self._write_health("running", None)

    def _handle_exit(self, now: float) -> None:
        status = self._stream.exit_status(self._running.process) if self._running is not None else None
        last_log_line = self._stream.last_log_line()
        self._running = None
        if status == commands.EXIT_INVALID_USAGE:
            raise PermanentStreamError(last_log_line)
        delay = self._backoff.after(now - self._running_since)
        self._start_at = now + delay
        self._restarts += 1
        log.error(
            "engine ended%s; restarting it in %s s; its last log line: %s",
            "" if status is None else f" with exit status {status}",
            delay,
            last_log_line,
        )
        self._write_health("restarting", None)

    def _sample(self, now: float) -> None:
        try:
            sampled = commands.forebay(
                self._settings,
                "status",
                "--lake",
                self._settings.lake,
                "--brokers",
                self._settings.brokers,
                allowed=(0, commands.EXIT_UNAVAILABLE),
                timeout_s=SAMPLE_TIMEOUT_S,
                quiet=True,
            )
        except PermanentError as failure:
            log.warning("cannot read the lake's status: %s", failure)
            return
        except CommandError as failure:
            self._count_failed_sample(now, str(failure))
            return
        if sampled.status != 0:
            # Without the brokers the lake is shown nevertheless, and another engine would not bring them back.
            if "tables" in sampled.result:
                log.warning("cannot read the topics' ends: %s", sampled.last_log_line)
            else:
                self._count_failed_sample(now, sampled.last_log_line)
            return
        health = self._watch.update(now, Sample.at(sampled.result))
        self._log_health(now, health)
        self._write_health("running", health)
        if health.stalled:
            self._replace(now, f"lag {health.lag}")

    def _count_failed_sample(self, began: float, why: str) -> None:
        log.warning("cannot read the lake's status: %s", why)
        now = time.monotonic()
        if self._watch.fail(began, now):
            self._replace(now, "its lake's status cannot be read")

    def _replace(self, now: float, why: str) -> None:
        """Ends a stalled engine. The next step starts another one."""
        log.error("engine stalled (%s); replacing it", why)
        self._stream.stop_or_kill()
        self._watch.restart(now)

    def _log_health(self, now: float, health: Health) -> None:
        if health.late and not self._was_late:
            log.error(
                "FRESHNESS violated: records in Kafka for %.0f s, not landed (lag %s)", health.pending_s, health.lag
            )
        elif self._was_late and not health.late:
            log.warning("freshness restored (lag %s)", health.lag)
        self._was_late = health.late
        if health.held_back and not self._was_held_back:
            log.warning("%s records wait behind open transactions; `forebay status` names them", health.held_back)
        self._was_held_back = health.held_back > 0
        if now >= self._log_lag_at:
            self._log_lag_at = now + LAG_LOG_INTERVAL_S
            log.info(
                "engine %s: lag %s, behind open transactions %s",
                self._running.process.pid if self._running else "-",
                health.lag,
                health.held_back,
            )

    def _write_health(self, state: str, health: Health | None) -> None:
        """Writes health.json, for people and dashboards; Forebay does not read it."""
        report: dict[str, Any] = {
            "state": state,
            "engine": self._kind,
            "pid": self._running.process.pid if self._running is not None else None,
            "restarts": self._restarts,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_atomically(
            self._settings.state / "stream" / "health.json",
            json.dumps(report | (asdict(health) if health is not None else {})),
        )
