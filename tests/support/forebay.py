"""Runs the forebay binary as a user would."""
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support.paths import FOREBAY, PACKAGE

DEFAULT_TIMEOUT_S = 300
IDLE_TICKS = 5  # of 10 ms: polling alone uses less in two seconds


def clean_environment(extra=None):
    """The environment without the settings that a developer's shell may hold for forebay itself."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("FOREBAY_") or name in ("FOREBAY_TEST_RUN", "FOREBAY_SAFEGUARD_OFF")}
    return kept | (extra or {})


@dataclass
class Result:
    arguments: list
    status: int
    stdout: str
    stderr: str

    @property
    def json(self):
        return json.loads(self.stdout)

    def __str__(self):
        return (f"forebay {' '.join(self.arguments)}\nexit status {self.status}\n"
                f"{self.stdout[-4000:]}\n{self.stderr[-4000:]}")


class Running:
    """A forebay process in the background. A context manager: the process is killed at its end if it still runs."""

    def __init__(self, process, arguments):
        self.process = process
        self.arguments = arguments

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    @property
    def is_running(self):
        return self.process.poll() is None

    def wait_until_idle(self, idle_s=2, timeout_s=120):
        """Returns when the process has used hardly any CPU time for a while, after it has used some."""
        deadline = time.monotonic() + timeout_s
        used, since = self._cpu_ticks(), time.monotonic()
        while used == 0 or time.monotonic() - since < idle_s:
            assert self.is_running, self.wait(10)
            assert time.monotonic() < deadline, "still busy"
            time.sleep(0.1)
            now = self._cpu_ticks()
            if now > used + IDLE_TICKS:
                used, since = now, time.monotonic()

    @property
    def stands_still(self):
        """It was stopped by SIGSTOP, as by a failpoint with FOREBAY_FAILPOINT_STOPS."""
        return self._stat()[0] == "T"

    def _cpu_ticks(self):
        words = self._stat()
        return int(words[11]) + int(words[12])

    def _stat(self):
        """The words of /proc's stat from the state on."""
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()

    def peak_bytes(self):
        """The most memory that the process has held, resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def page_url(self, timeout_s=60):
        """The address of --http, from the process's stderr; without the trailing slash."""
        deadline = time.monotonic() + timeout_s
        said = []
        while time.monotonic() < deadline:
            line = self.process.stderr.readline()
            said.append(line)
            if "serving the live page at " in line:
                return line.split()[-1].rstrip("/")
            assert line, f"it ended without serving a page: {''.join(said)}"
        raise AssertionError(f"no page within {timeout_s} s: {''.join(said)}")

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def terminate(self, timeout_s=60):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout_s)

    def wait(self, timeout_s=DEFAULT_TIMEOUT_S):
        stdout, stderr = self.process.communicate(timeout=timeout_s)
        return Result(self.arguments, self.process.returncode, stdout, stderr)


class Forebay:
    """forebay("land", "--once", ..., status=0) runs a command to its end; start() leaves it in the background."""

    def __init__(self, binary=FOREBAY):
        self.binary = Path(binary)
        assert self.binary.is_file(), f"{self.binary} is not there: run `make build`, or set FOREBAY_BIN"

    def command(self, words):
        return [self.binary, *words]

    def start(self, *arguments, env=None, stdin=subprocess.DEVNULL):
        words = [str(argument) for argument in arguments]
        process = subprocess.Popen(self.command(words), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=clean_environment({"PYTHONPATH": str(PACKAGE)} | (env or {})))
        return Running(process, words)

    def __call__(self, *arguments, status=0, env=None, timeout_s=DEFAULT_TIMEOUT_S):
        """Asserts the exit status, unless `status` is None."""
        with self.start(*arguments, env=env) as running:
            result = running.wait(timeout_s)
        assert status is None or result.status == status, f"expected exit status {status}:\n{result}"
        return result


class ForebayWithPythonProducer(Forebay):
    """`produce` is the Python program; every other command is the binary's."""

    def command(self, words):
        if words[0] != "produce":
            return super().command(words)
        return [sys.executable, "-m", "forebay.producer", *words[1:]]
