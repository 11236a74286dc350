"""Watching a stream: one step at a time, so that the trigger around it only waits and passes on."""

import json
import logging
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from forebay.airflow import commands, service_levels
from forebay.airflow.commands import CommandError, RefusedError
from forebay.airflow.dates import write_atomically
from forebay.airflow.settings import Settings
from forebay.airflow.stream.engine import Found, StreamEngine
from forebay.airflow.stream.watch import Backoff, Health, Sample, Watch

log = logging.getLogger("forebay.airflow")

LOOK_TIMEOUT_S = 60
TELL_S = 60


class StreamRefusedError(Exception):
    """The engine says that starting it again does not help."""


class Supervision:
    """Keeps one engine running. step() and close() may come from different threads; each waits for the other."""

    def __init__(self, settings: Settings, engine: str) -> None:
        self._settings = settings
        self._kind = engine
        self._stream = StreamEngine(settings)
        self._lock = threading.Lock()
        self._closed = False
        self._found: Found | None = None
        self._since = 0.0
        self._start_at = 0.0
        self._look_at = 0.0
        self._tell_at = 0.0
        self._restarts = 0
        self._was_late = False
        self._backoff = Backoff(settings.first_backoff_s, settings.longest_backoff_s)
        self._watch = Watch(service_levels.freshness_s(settings.contract), settings.stall_s)

    def step(self) -> None:
        """See to the engine once. Raises StreamRefusedError when it ended and would end again."""
        with self._lock:
            if self._closed:
                return
            now = time.monotonic()
            if self._found is not None and not self._found.process.is_alive():
                self._ended(now)
            if self._found is None and now >= self._start_at:
                self._begin(now)
            if self._found is not None and now >= self._look_at:
                self._look_at = now + self._settings.look_s
                self._look(now)

    def close(self, *, stop: bool) -> bool:
        """No step does anything from now on. With `stop` the engine lands what it consumed; whether it is gone."""
        with self._lock:
            self._closed = True
            if not stop:
                return True
            log.warning("the stream is stopped: the engine lands what it consumed")
            gone = self._stream.stop()
            log.warning("the engine is gone" if gone else "the engine still lands; the next attempt waits for it")
            self._say("stopped", None)
            return gone

    def _begin(self, now: float) -> None:
        self._found = self._stream.ensure(self._kind)
        self._since, self._look_at = now, now + self._settings.look_s
        self._watch.restart(now)
        log.warning(
            "engine %s (%s) %s; its log: %s", self._found.process.pid, self._kind, self._found.how, self._found.log_file
        )
        self._say("running", None)

    def _ended(self, now: float) -> None:
        status = self._stream.exit_status(self._found.process) if self._found is not None else None
        words = self._stream.last_log_line()
        self._found = None
        if status == commands.EXIT_INVALID_USAGE:
            raise StreamRefusedError(words)
        wait = self._backoff.after(now - self._since)
        self._start_at = now + wait
        self._restarts += 1
        log.error(
            "the engine ended%s; starting it again in %s s. It said last: %s",
            "" if status is None else f" with {status}",
            wait,
            words,
        )
        self._say("restarting", None)

    def _look(self, now: float) -> None:
        try:
            status = commands.forebay(
                self._settings,
                "status",
                "--lake",
                self._settings.lake,
                "--brokers",
                self._settings.brokers,
                timeout_s=LOOK_TIMEOUT_S,
                quiet=True,
            ).result
        except (CommandError, RefusedError) as failure:
            log.warning("could not look at the lake: %s", failure)
            return
        health = self._watch.see(now, Sample.at(status))
        if health.late != self._was_late:
            self._was_late = health.late
            if health.late:
                log.error(
                    "FRESHNESS is not kept: something has been in Kafka for %.0f s and is not landed (lag %s)",
                    health.pending_s,
                    health.lag,
                )
            else:
                log.warning("freshness is kept again (lag %s)", health.lag)
        if now >= self._tell_at:
            self._tell_at = now + TELL_S
            log.info("engine %s: lag %s", self._found.process.pid if self._found else "-", health.lag)
        self._say("running", health)
        if health.stalled:
            log.error("the engine does not move (lag %s); it is replaced", health.lag)
            self._stream.stop_or_kill()
            self._watch.restart(now)

    def _say(self, state: str, health: Health | None) -> None:
        """A file for people and dashboards; nothing rests on it."""
        process = self._found.process.pid if self._found is not None else None
        said: dict[str, Any] = {
            "state": state,
            "engine": self._kind,
            "pid": process,
            "restarts": self._restarts,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_atomically(
            self._settings.state / "stream" / "health.json",
            json.dumps(said | (asdict(health) if health is not None else {})),
        )
