"""The one engine of a lake that follows its topics: found, started, replaced and stopped, by whoever watches it.

The engine is a process of its own, in a session of its own, so that it outlives the task, the triggerer and Airflow
itself. It carries the lake's name in its environment: by that it is found again, and no file that says which process
it is can be wrong. Who starts or stops it holds a lock that a process loses when it dies. Two watchers therefore never
have two engines; and if they had, the second one would not get the lake's own lock.
"""

import fcntl
import hashlib
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forebay.airflow import engines
from forebay.airflow.settings import Settings
from forebay.airflow.stream import process
from forebay.airflow.stream.process import Process

log = logging.getLogger("forebay.airflow")

LAKE_MARK, COMMAND_MARK = "FOREBAY_STREAM_LAKE", "FOREBAY_STREAM_COMMAND"
LOGS_KEPT = 5
LEFTOVER_S = 5
SETTLED_S = 5
# The engines that this process started, so that whoever watches them here learns how they end.
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True)
class Found:
    """The engine that runs now, and how it came about: "started", "adopted" or "replaced"."""

    process: Process
    how: str
    log_file: Path | None


class StreamEngine:
    """The engine of `settings.lake`. Its methods block; call them from a thread where that matters."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mark = str(settings.lake)
        self._directory = settings.state / "stream"

    @staticmethod
    def is_engine(candidate: Process) -> bool:
        """Whether it is an engine that follows, and not what an engine started."""
        return "--follow" in candidate.words and LAKE_MARK in candidate.environment()

    def find(self) -> Process | None:
        """Return the engine that works on the lake, whoever started it."""
        return next((each for each in process.marked(LAKE_MARK, self._mark) if self.is_engine(each)), None)

    def ensure(self, engine: str) -> Found:
        """Adopt the engine that runs, or start one. One of another kind, or one that is ending, is waited for first."""
        command = engines.landing(self._settings, engine, "--follow")
        wanted = hashlib.sha256(json.dumps([command.words, command.environment]).encode()).hexdigest()
        with self._lock():
            running = self.find()
            if running is not None and not self._is_stopping(running):
                if running.environment().get(COMMAND_MARK) == wanted:
                    return Found(running, "adopted", self._newest_log())
                log.warning("engine %s: command line changed; restarting", running.pid)
            how = "started" if running is None else "replaced"
            self._clear(running)
            return self._start(command, wanted, how)

    def stop(self) -> bool:
        """Ask the engine to land what it consumed and to end, and wait for that. Whether it is gone."""
        with self._lock():
            running = self.find()
            if running is None:
                return True
            self._ask(running)
            return process.wait_until_gone([running], self._settings.drain_s)

    def stop_or_kill(self) -> None:
        """Stop the engine, and where it does not react, kill it: what it had not landed is landed by the next one."""
        with self._lock():
            self._clear(self.find())

    @staticmethod
    def exit_status(ended: Process) -> int | None:
        """How an engine ended; None for one that runs, or that another process started."""
        child = _CHILDREN.get(ended.pid)
        return None if child is None else child.poll()

    def last_log_line(self) -> str:
        """Return the last line of the engine's newest log."""
        newest = self._newest_log()
        lines = newest.read_text(errors="replace").splitlines() if newest is not None else []
        return lines[-1].removeprefix("forebay: ") if lines else ""

    # --- Under the lock ---------------------------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _ask(self, running: Process) -> None:
        """SIGTERM, once: a second one would end it without landing."""
        if not self._is_stopping(running):
            self._stop_note(running).touch()
            running.send(signal.SIGTERM)

    def _is_stopping(self, running: Process) -> bool:
        return self._stop_note(running).exists()

    def _stop_note(self, running: Process) -> Path:
        return self._directory / f"stopping-{running.pid}-{running.started}"

    def _clear(self, running: Process | None) -> None:
        """No engine is left, nor anything that one started, such as a JVM."""
        if running is not None:
            self._ask(running)
            if not process.wait_until_gone([running], self._settings.drain_s):
                log.error("engine %s did not end within %s s; it is killed", running.pid, self._settings.drain_s)
                running.send(signal.SIGKILL)
                process.wait_until_gone([running], LEFTOVER_S)
        process.end(process.marked(LAKE_MARK, self._mark), LEFTOVER_S)
        for note in self._directory.glob("stopping-*"):
            note.unlink()

    def _start(self, command: engines.Command, wanted: str, how: str) -> Found:
        log_file = (
            self._directory / f"engine-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{time.time_ns() % 10**6}.log"
        )
        marks = {LAKE_MARK: self._mark, COMMAND_MARK: wanted}
        with log_file.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - no shell, and the words are ours
                command.words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **command.environment, **marks},
                start_new_session=True,
            )
        for ended in [pid for pid, known in _CHILDREN.items() if known.poll() is not None]:
            del _CHILDREN[ended]
        _CHILDREN[child.pid] = child
        for old in self._logs()[:-LOGS_KEPT]:
            old.unlink()
        return Found(self._settled(child, command), how, log_file)

    def _settled(self, child: "subprocess.Popen[bytes]", command: engines.Command) -> Process:
        """The child, once it can be found again: the kernel shows its environment a moment after it has begun."""
        deadline = time.monotonic() + SETTLED_S
        while (started := process.find(child.pid)) is not None:
            if self.is_engine(started) or time.monotonic() > deadline:
                return started
            time.sleep(0.005)
        return Process(child.pid, 0, tuple(command.words))  # it ended at once; the next look says why

    def _logs(self) -> list[Path]:
        return sorted(self._directory.glob("engine-*.log"))

    def _newest_log(self) -> Path | None:
        return max(self._logs(), default=None)
