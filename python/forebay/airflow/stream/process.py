"""Processes as Linux shows them: found again by what is in their environment, and ended by their ids."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
# Where in /proc/PID/stat, counted from the state.
PARENT, SESSION, STARTED = 1, 3, 19


@dataclass(frozen=True)
class Process:
    """One process. A number that has since gone to another one is told apart by the time it was started."""

    pid: int
    started: int
    words: tuple[str, ...]

    def is_alive(self) -> bool:
        """Whether it still works; a zombie does not."""
        return _started(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it is gone."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def parent(self) -> "Process | None":
        """Return what started it, or what took it over; None when it is gone."""
        fields = _fields(self.pid)
        return find(int(fields[PARENT])) if len(fields) > PARENT else None

    def environment(self) -> dict[str, str]:
        """What it was started with; empty when it is gone or another user's."""
        return _environment(self.pid)


def find(pid: int) -> Process | None:
    """Return the process of this number, or None."""
    started = _started(pid)
    return None if started is None else Process(pid, started, _words(pid))


def marked(name: str, value: str) -> list[Process]:
    """Every process of ours whose environment has this variable with this value, but for this one."""
    mark = os.fsencode(f"{name}={value}")
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        if mark in _read(entry / "environ").split(b"\0"):
            process = find(int(entry.name))
            if process is not None:
                found.append(process)
    return sorted(found, key=lambda process: process.started)


def in_session(session: int | None) -> list[Process]:
    """Every process of this session, but for this one."""
    if session is None:
        return []
    numbers = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    candidates = [process for number in numbers if number != os.getpid() and (process := find(number)) is not None]
    return [process for process in candidates if _fields(process.pid)[SESSION : SESSION + 1] == [str(session).encode()]]


def wait_until_gone(
    processes: Iterable[Process], timeout_s: float, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Whether all of them ended in time."""
    left = list(processes)
    deadline = time.monotonic() + timeout_s
    while True:
        left = [process for process in left if process.is_alive()]
        if not left or time.monotonic() >= deadline:
            return not left
        sleep(0.05)


def end(processes: Iterable[Process], timeout_s: float, kill_timeout_s: float = 5) -> bool:
    """Ask with SIGTERM, and after a while with SIGKILL. Whether all of them are gone."""
    asked = list(processes)
    for process in asked:
        process.send(signal.SIGTERM)
    if wait_until_gone(asked, timeout_s):
        return True
    for process in asked:
        process.send(signal.SIGKILL)
    return wait_until_gone(asked, kill_timeout_s)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _fields(pid: int) -> list[bytes]:
    """What /proc/PID/stat says after the name: the state first."""
    return _read(PROC / str(pid) / "stat").rpartition(b")")[2].split()


def _words(pid: int) -> tuple[str, ...]:
    return tuple(os.fsdecode(word) for word in _read(PROC / str(pid) / "cmdline").split(b"\0")[:-1])


def _environment(pid: int) -> dict[str, str]:
    entries = (os.fsdecode(entry).partition("=") for entry in _read(PROC / str(pid) / "environ").split(b"\0") if entry)
    return {name: value for name, _, value in entries}


def _started(pid: int) -> int | None:
    """When it was started, in the kernel's ticks; None for one that is gone or a zombie."""
    fields = _fields(pid)
    return int(fields[STARTED]) if len(fields) > STARTED and fields[0] not in (b"Z", b"X") else None
