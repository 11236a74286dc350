"""A real Kafka broker for tests: one process on a free port of 127.0.0.1, in a directory of its own."""
import json
import os
import signal
import subprocess
import sys

from support.paths import BROKER_TOOL


class Broker:
    """Use it as a context manager: it is stopped at the end, whatever happened. It keeps its port over restarts."""

    def __init__(self, directory):
        self.directory = directory
        self.address = None

    def __enter__(self):
        # Tests send records of the past, which a retention of days would remove while they run.
        settings = self.directory / "extra.properties"
        if not settings.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            settings.write_text("log.retention.ms=-1\n")
        self.start(port=0)
        return self

    def __exit__(self, *_):
        # A paused broker does not react to a request to stop, and a test's broker has nothing to flush.
        self.kill()

    def _tool(self, *arguments):
        return subprocess.run([sys.executable, BROKER_TOOL, *map(str, arguments), "--dir", self.directory],
                              capture_output=True, text=True, timeout=300)

    def start(self, port=None):
        """Starts it, or starts it again on the port it had; returns when it answers."""
        result = self._tool("start", *([] if port is None else ["--port", port]))
        assert result.returncode == 0, result.stderr
        self.address = result.stdout.strip()

    def stop(self):
        result = self._tool("stop")
        assert result.returncode == 0, result.stderr

    def status(self):
        return json.loads(self._tool("status", "--json").stdout)

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    @property
    def pid(self):
        return self.status()["pid"]

    def kill(self):
        """kill -9. Acknowledged records are in the page cache and survive."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            assert self._tool("stop").returncode == 0  # waits for nothing; takes the pid file away

    def pause(self):
        """Stops the process: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.pid, signal.SIGCONT)
