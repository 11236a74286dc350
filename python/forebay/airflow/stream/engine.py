"""The engine that follows a lake's topics: one process per lake, found, started, replaced and stopped.

The engine is a detached process in its own session, so that it outlives the task, the triggerer and Airflow. It is
found by the lake's path in its environment, without a PID file that could be stale. Starting and stopping it requires a
file lock, which the kernel releases when its holder dies, so that two supervisors never start two engines. A second
engine would still not get the lake's own lock.
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
TERMINATE_TIMEOUT_S = 5
VISIBLE_TIMEOUT_S = 5
# Engines that this process started: their exit statuses are known here.
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True)
class RunningEngine:
    """The running engine, and how it was obtained: "started", "adopted" or "replaced"."""

    process: Process
    how: str
    log_file: Path | None


class StreamEngine:
    """The engine of `settings.lake`. Its methods block."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mark = str(settings.lake)
        self._directory = settings.state / "stream"

    @staticmethod
    def is_engine(candidate: Process) -> bool:
        """Whether it is an engine that follows, and not a child of one."""
        return "--follow" in candidate.argv and LAKE_MARK in candidate.environment()

    def find(self) -> Process | None:
        """Returns the engine of the lake, whichever process started it."""
        return next((each for each in self._processes() if self.is_engine(each)), None)

    def ensure(self, engine: str) -> RunningEngine:
        """Adopts the running engine, or starts one.

        An engine with another command line, or one that is stopping, is replaced: it is stopped, and waited for, first.
        """
        command = engines.landing(self._settings, engine, "--follow")
        command_hash = hashlib.sha256(json.dumps([command.argv, command.environment]).encode()).hexdigest()
        with self._lock():
            running = self.find()
            if running is not None and not self._is_stopping(running):
                if running.environment().get(COMMAND_MARK) == command_hash:
                    return RunningEngine(running, "adopted", self._newest_log())
                log.warning("engine %s: command line changed; restarting", running.pid)
            how = "started" if running is None else "replaced"
            self._stop_all(running)
            return self._start(command, command_hash, how)

    def stop(self) -> bool:
        """Requests a stop, before which the engine lands what it consumed, and waits. Whether the engine has ended."""
        with self._lock():
            running = self.find()
            if running is None:
                return True
            self._request_stop(running)
            return process.wait_for_exit([running], self._settings.drain_s)

    def stop_or_kill(self) -> None:
        """Stops the engine, and kills it after the drain time; the next engine lands what this one had not landed."""
        with self._lock():
            self._stop_all(self.find())

    @staticmethod
    def exit_status(ended: Process) -> int | None:
        """The exit status of an engine; None if it runs, or if another process started it."""
        child = _CHILDREN.get(ended.pid)
        return None if child is None else child.poll()

    def last_log_line(self) -> str:
        """Returns the last line of the newest engine's log."""
        newest = self._newest_log()
        lines = newest.read_text(errors="replace").splitlines() if newest is not None else []
        return lines[-1].removeprefix("forebay: ") if lines else ""

    def _processes(self) -> list[Process]:
        """The engine and its children, such as a JVM."""
        return process.find_by_environment(LAKE_MARK, self._mark)

    # --- REQUIRES: the lock -----------------------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _request_stop(self, running: Process) -> None:
        """Sends SIGTERM, once: a second SIGTERM would end the engine without landing."""
        if not self._is_stopping(running):
            self._stop_note(running).touch()
            running.send(signal.SIGTERM)

    def _is_stopping(self, running: Process) -> bool:
        return self._stop_note(running).exists()

    def _stop_note(self, running: Process) -> Path:
        return self._directory / f"stopping-{running.pid}-{running.started}"

    def _stop_all(self, running: Process | None) -> None:
        """Ends the engine and every process that an engine of the lake started."""
        if running is not None:
            self._request_stop(running)
            if not process.wait_for_exit([running], self._settings.drain_s):
                log.error("engine %s did not end within %s s; killing it", running.pid, self._settings.drain_s)
                running.send(signal.SIGKILL)
                process.wait_for_exit([running], TERMINATE_TIMEOUT_S)
        process.terminate(self._processes(), TERMINATE_TIMEOUT_S)
        for note in self._directory.glob("stopping-*"):
            note.unlink()

    def _start(self, command: engines.Command, command_hash: str, how: str) -> RunningEngine:
        log_file = (
            self._directory / f"engine-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{time.time_ns() % 10**6}.log"
        )
        marks = {LAKE_MARK: self._mark, COMMAND_MARK: command_hash}
        with log_file.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - no shell, and the arguments are Forebay's
                command.argv,
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
        return RunningEngine(self._wait_until_visible(child, command), how, log_file)

    def _wait_until_visible(self, child: "subprocess.Popen[bytes]", command: engines.Command) -> Process:
        """Returns the child once `find` finds it: its environment appears in /proc only after its exec."""
        deadline = time.monotonic() + VISIBLE_TIMEOUT_S
        while (started := process.find(child.pid)) is not None:
            if self.is_engine(started) or time.monotonic() > deadline:
                return started
            time.sleep(0.005)
        return Process(child.pid, 0, tuple(command.argv))  # it has ended; the supervisor reports why

    def _logs(self) -> list[Path]:
        return sorted(self._directory.glob("engine-*.log"))

    def _newest_log(self) -> Path | None:
        return max(self._logs(), default=None)
