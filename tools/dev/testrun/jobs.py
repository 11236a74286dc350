"""Jobs of a test run: side by side as far as there are cores for them, each a process with an output of its own."""
import contextlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from dev.testrun.counts import Count, failure
from dev.testrun.programs import RUN_MARK, adopt_orphans, reap_orphans, say

POLL_S = 0.05
END_TIMEOUT_S = 60
LOWEST_PRIORITY = 19


@dataclass(frozen=True)
class Job:
    """A build, or tests. It runs in a process of its own."""
    name: str  # of a group, or GROUP-PART
    run: Callable[[], Count]
    cores: float = 1.0  # the share of the processor that it keeps busy, on average
    needs: tuple = ()  # builds that have to succeed before it starts
    fills: bool = False  # it takes the time that the others leave, beside any of them: one such job at a time

    @property
    def group(self):
        return self.name.partition("-")[0]


@dataclass
class Result:
    job: Job
    count: Count
    wall_s: float = 0.0
    cpu_s: float = 0.0  # with that of the daemons that it started and ended


def in_own_process(job, directory, log):
    """Starts the job; its process id. `log` is where it prints, or None: where this process does."""
    sys.stdout.flush()
    child = os.fork()
    if child != 0:
        return child
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if log is not None:
            with open(log, "wb") as output:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
            sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115: until the process ends
        os.environ[RUN_MARK] += f"/{job.name}"
        if job.fills:
            os.nice(LOWEST_PRIORITY)
        adopt_orphans()
        count = job.run()
        fresh = directory / f"{job.name}.json.new"
        fresh.write_text(json.dumps([count.passed, count.failed, count.skipped, count.failures]))
        fresh.rename(directory / f"{job.name}.json")
        reap_orphans()
        status = 0
    except BaseException:  # noqa: BLE001: whatever it was, this process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def read_result(job, directory):
    try:
        passed, failed, skipped, failures = json.loads((directory / f"{job.name}.json").read_text())
    except (OSError, ValueError):
        return failure(f"{job.name}: it ended without a result")
    return Count(passed, failed, skipped, tuple(failures))


class Schedule:
    """Runs jobs in their order as far as `capacity` cores go; one that does not fit waits, and smaller ones may
    go first. Jobs that fill go beside them, after the builds that don't. A job whose build failed is not run and
    counts as a failure."""

    def __init__(self, jobs, capacity, directory, show_at_once=False):
        self.waiting = list(jobs)
        self.capacity = capacity
        self.directory = directory
        self.show_at_once = show_at_once
        self.running = {}  # process id -> (job, when it began)
        self.results = {}  # name -> Result, in the order of their ends
        self.began = time.monotonic()

    def run(self):
        try:
            while self.waiting or self.running:
                self._start_what_fits()
                self._collect()
                time.sleep(POLL_S)
        except BaseException:
            self._end_all()
            raise
        return list(self.results.values())

    def _start_what_fits(self):
        planned = {job.name for job in self.waiting} | {job.name for job, _ in self.running.values()}
        for job in list(self.waiting):
            broken = [need for need in job.needs if need in self.results and self.results[need].count.failed]
            if broken:
                self.waiting.remove(job)
                self._record(Result(job, failure(f"{job.name}: not run, because {broken[0]} failed")))
                continue
            if planned.isdisjoint(job.needs) and self._fits(job):
                self.waiting.remove(job)
                log = None if self.show_at_once else self._log(job)
                self.running[in_own_process(job, self.directory, log)] = job, time.monotonic()
                self._say(f"{job.name} starts")

    def _fits(self, job):
        running = [other for other, _ in self.running.values()]
        if job.fills:
            first = [other for other in [*running, *self.waiting] if other.group == "build" and not other.fills]
            return not first and not any(other.fills for other in running)
        busy = sum(other.cores for other in running if not other.fills)
        return busy == 0 or busy + job.cores <= self.capacity + 1e-9

    def _collect(self):
        for pid, (job, began) in list(self.running.items()):
            ended, _status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                del self.running[pid]
                self._record(Result(job, read_result(job, self.directory), time.monotonic() - began,
                                    usage.ru_utime + usage.ru_stime))

    def _record(self, result):
        self.results[result.job.name] = result
        self._say(f"{result.job.name} ends: {result.count} ({result.wall_s:.1f} s, {result.cpu_s:.1f} s of CPU)")
        is_good_build = result.count == Count()
        if not self.show_at_once and not is_good_build:
            with contextlib.suppress(OSError):
                say(f"{self._log(result.job).read_text(errors='replace').rstrip()}\n")

    def _end_all(self):
        for pid in self.running:
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + END_TIMEOUT_S
        while self.running and time.monotonic() < deadline:
            for pid in list(self.running):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self.running[pid]
            time.sleep(POLL_S)
        for pid in self.running:
            os.kill(pid, signal.SIGKILL)

    def _log(self, job):
        return self.directory / f"{job.name}.log"

    def _say(self, text):
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        say(f"== {minutes:2}:{seconds:02} {text}")
