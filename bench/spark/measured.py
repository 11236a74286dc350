"""What a command costs, all the processes that it starts included: JVMs, Python workers, and those that outlive it."""
import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_S = 0.25


@dataclass
class Run:
    status: int
    output: str
    wall_s: float
    cpu_s: float
    peak_bytes: int


def adopt_orphans() -> None:
    """Processes whose parent ends become ours, so that their CPU time is reported to us, and not to init."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None, log: Path | None = None) -> Run:
    """Runs it until all its processes have ended. REQUIRES: adopt_orphans was called, nothing else runs below us."""
    sampler = PeakSampler()
    with open(log or os.devnull, "wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        assert process.stdout is not None
        with sampler:
            output = process.stdout.read()
            status, cpu, wall = None, 0.0, 0.0
            # A process's own usage holds that of the children it waited for; the others come to us, one by one.
            while (reaped := wait_for_any()) is not None:
                pid, code, seconds = reaped
                cpu += seconds
                if pid == process.pid:
                    status, wall = os.waitstatus_to_exitcode(code), time.monotonic() - began
    assert status is not None
    process.returncode = status
    return Run(status, output, wall, cpu, sampler.peak)


def wait_for_any() -> tuple[int, int, float] | None:
    try:
        pid, code, usage = os.wait4(-1, 0)
    except ChildProcessError:
        return None
    return pid, code, usage.ru_utime + usage.ru_stime


class PeakSampler:
    """The greatest sum of memory (proportional set size: shared pages count once) of all processes below this one."""

    def __init__(self) -> None:
        self.peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_S):
            self.peak = max(self.peak, sum(map(proportional_bytes, descendants(os.getpid()))))


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(parent_of(entry), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def parent_of(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def proportional_bytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
