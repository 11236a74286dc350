"""Processes of Linux's /proc: found by their environment or session, ended with signals.

A process is identified by its PID and its start time in the kernel's clock ticks, which every process reads alike, so
that the identity can be written to a file. psutil identifies processes to others by their creation time, which moves
when the system clock is corrected; its waits treat zombies as alive; and tools/airflow runs on the system's Python,
without packages.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
# Indexes of the fields of /proc/PID/stat, counted from the state.
STATE, PARENT, SESSION, STARTED = 0, 1, 3, 19


@dataclass(frozen=True)
class Process:
    """A process. Another process that gets the same PID later has another start time."""

    pid: int
    started: int
    argv: tuple[str, ...]

    def is_alive(self) -> bool:
        """Whether it runs; a zombie does not."""
        return _started(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Sends a signal, unless the process has ended."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def parent(self) -> "Process | None":
        """Returns the parent process; None if either process has ended."""
        fields = _fields(self.pid)
        return find(int(fields[PARENT])) if fields else None

    def environment(self) -> dict[str, str]:
        """Returns its initial environment; empty if it has ended or belongs to another user."""
        entries = (entry.partition("=") for entry in _strings(self.pid, "environ"))
        return {name: value for name, _, value in entries}


def find(pid: int) -> Process | None:
    """Returns the process with this PID, or None."""
    started = _started(pid)
    return None if started is None else Process(pid, started, tuple(_strings(pid, "cmdline")))


def find_by_environment(name: str, value: str) -> list[Process]:
    """Returns the other processes of this user with this environment variable, the oldest first."""
    mark = os.fsencode(f"{name}={value}")
    marked = (pid for pid in _other_pids() if mark in _read(pid, "environ").split(b"\0"))
    return sorted(_existing(marked), key=lambda process: process.started)


def in_session(session: int | None) -> list[Process]:
    """Returns the other processes of a session; none for None."""
    number = [str(session).encode()]
    return list(_existing(pid for pid in _other_pids() if _fields(pid)[SESSION : SESSION + 1] == number))


def wait_for_exit(processes: Iterable[Process], timeout_s: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Waits until all have ended; False after the timeout."""
    deadline = time.monotonic() + timeout_s
    running = list(processes)
    while running := [process for process in running if process.is_alive()]:
        if time.monotonic() >= deadline:
            return False
        sleep(0.05)
    return True


def terminate(processes: Iterable[Process], timeout_s: float, kill_timeout_s: float = 5) -> bool:
    """Sends SIGTERM, and SIGKILL after the timeout. Returns whether all have ended."""
    running = list(processes)
    for process in running:
        process.send(signal.SIGTERM)
    if wait_for_exit(running, timeout_s):
        return True
    for process in running:
        process.send(signal.SIGKILL)
    return wait_for_exit(running, kill_timeout_s)


def _other_pids() -> Iterator[int]:
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return (pid for pid in pids if pid != os.getpid())


def _existing(pids: Iterable[int]) -> Iterator[Process]:
    return (process for pid in pids if (process := find(pid)) is not None)


def _read(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _strings(pid: int, name: str) -> list[str]:
    """The strings of a file in which each ends with NUL."""
    content = _read(pid, name).removesuffix(b"\0")
    return [os.fsdecode(text) for text in content.split(b"\0")] if content else []


def _fields(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat after the name, the state first; empty if the process has ended."""
    return _read(pid, "stat").rpartition(b")")[2].split()


def _started(pid: int) -> int | None:
    """The start time in clock ticks; None if the process has ended or is a zombie."""
    fields = _fields(pid)
    return int(fields[STARTED]) if fields and fields[STATE] not in (b"Z", b"X") else None
