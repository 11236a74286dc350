"""Keeps Airflow's components running."""
import json
import os
import signal
import subprocess
import time

from dev.airflow import ENVIRONMENT
from dev.airflow.home import COMPONENTS
from forebay.airflow.stream import process

STOP_TIMEOUT_S = 5


class Supervisor:
    """Keeps the components running: one that dies is started again, after a delay that grows while it keeps dying."""

    FIRST_DELAY_S, LONGEST_DELAY_S, SETTLED_S = 0.5, 20, 60

    def __init__(self, home):
        self.home = home
        self.running = {}
        self.delays = dict.fromkeys(COMPONENTS, self.FIRST_DELAY_S)
        self.due = dict.fromkeys(COMPONENTS, 0.0)
        self.since = {}
        self.stopping = False

    def run(self):
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        leader = process.find(os.getsid(0))
        self.home.session.write_text(json.dumps({"pid": os.getsid(0), "started": leader and leader.started}) + "\n")
        while not self.stopping:
            self._look()
            time.sleep(0.2)
        self._end()

    def _on_signal(self, *_):
        self.stopping = True

    def _look(self):
        now = time.monotonic()
        for name in COMPONENTS:
            child = self.running.get(name)
            if child is not None and child.poll() is not None:
                settled = now - self.since[name] > self.SETTLED_S
                delay = self.FIRST_DELAY_S if settled else self.delays[name]
                self._say(f"{name} (process {child.pid}) ended with {child.returncode}; starting it again in {delay} s")
                self.due[name], self.delays[name] = now + delay, min(delay * 2, self.LONGEST_DELAY_S)
                del self.running[name]
            if name not in self.running and now >= self.due[name]:
                self._start(name)

    def _start(self, name):
        with open(self.home.log(name), "ab") as log:
            child = subprocess.Popen([ENVIRONMENT / "bin" / "airflow", *COMPONENTS[name]], cwd=self.home.dir,
                                     env=self.home.environment(), stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=subprocess.STDOUT)
        self.running[name], self.since[name] = child, time.monotonic()
        fresh = self.home.pids.with_suffix(".new")
        fresh.write_text(json.dumps({each: child.pid for each, child in self.running.items()}) + "\n")
        fresh.replace(self.home.pids)

    def _end(self):
        """The scheduler and the triggerer first: nothing new is begun."""
        for name in ("scheduler", "triggerer", "dag-processor", "api-server"):
            child = self.running.get(name)
            if child is None:
                continue
            child.terminate()
            try:
                child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    @staticmethod
    def _say(text):
        print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, flush=True)
