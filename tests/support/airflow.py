"""A real Airflow for tests, with its own home, port, lake, receipts and reports."""
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from dev.airflow import ENVIRONMENT
from dev.airflow.client import Client
from dev.airflow.home import Home
from dev.broker.home import free_port
from forebay.airflow.settings import Settings
from forebay.airflow.stream import process
from forebay.airflow.stream.engine import StreamEngine
from support.forebay import Forebay, clean_environment
from support.paths import FOREBAY, PACKAGE, ROOT

TOOL = ROOT / "tools" / "airflow"
# Shorter intervals than an operator would set. Micro-batches are due on leap days: a backfill needs a schedule.
SHORT_INTERVALS = {
    "FOREBAY_MICROBATCH_SCHEDULE": "0 0 29 2 *", "FOREBAY_DAILY_SCHEDULE": "none", "FOREBAY_RETRY_DELAY": "2s",
    "FOREBAY_STREAM_SAMPLE": "2s", "FOREBAY_STREAM_POLL": "500ms", "FOREBAY_FLUSH_INTERVAL": "2s",
    "FOREBAY_SPARK_OPTIONS": "--master local[2,4]", "FOREBAY_NATIVE_OPTIONS": "--memory-limit 256MB",
    "FOREBAY_ENGINE": "native", "FOREBAY_IDLE": "3s"}


def wait_until(condition, timeout_s, what):
    """Waits until the condition is true, and returns its value."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.1)


class Airflow:
    """A context manager, which stops all processes at the end, engines included."""

    def __init__(self, directory, broker, contract):
        self.directory = directory
        self.broker = broker
        self.contract = contract
        self.home = Home(directory / "airflow")
        self.client = Client(self.home)
        self.lake = directory / "lake"
        self.receipts = directory / "receipts"
        self.environment = clean_environment(SHORT_INTERVALS | {
            "FOREBAY_LAKE": str(self.lake), "FOREBAY_BROKERS": broker.address, "FOREBAY_CONTRACT": str(contract),
            "FOREBAY_BIN": str(FOREBAY), "FOREBAY_SPARK_PACKAGE": str(PACKAGE)})
        self.settings = Settings.from_environment(self.environment)
        self.engine = StreamEngine(self.settings)

    def __enter__(self):
        try:
            self.start(free_port())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.tool("stop")
        process.terminate(self.home.processes() + self.engines(), 1)

    def tool(self, command, *arguments):
        return subprocess.run([sys.executable, TOOL, command, *map(str, arguments), "--home", self.home.dir],
                              capture_output=True, text=True, timeout=300, env=self.environment)

    def start(self, port=None):
        result = self.tool("start", *(["--port", port] if port else []))
        assert result.returncode == 0, result.stderr + self.last_logs()
        return result.stdout

    def last_logs(self):
        return "".join(f"\n== {log.name}\n{log.read_text(errors='replace')[-2000:]}"
                       for log in self.home.log("x").parent.glob("*.log"))

    # --- Runs --------------------------------------------------------------------------------------------------

    def run(self, dag, conf=None, state="success", timeout_s=180):
        """Triggers a run over the REST API, waits for its end, and returns its id."""
        self.client.pause(dag, paused=False)
        run = self.client.trigger(dag, conf)
        return self.wait_for(dag, run, state, timeout_s)

    def wait_for(self, dag, run, state="success", timeout_s=180):
        ended = self.client.wait_for(dag, run, timeout_s)
        assert ended["state"] == state, self.describe(dag, run)
        return run

    def describe(self, dag, run):
        lines = [f"{dag} {run}"]
        for task in self.client.tasks(dag, run):
            lines.append(f"== {task['task_id']}: {task['state']}, attempt {task['try_number']}")
            if task["try_number"] and task["state"] != "success":
                lines.append(self.client.log(dag, run, task["task_id"], task["try_number"], task["map_index"])[-3000:])
        return "\n".join(lines)

    def states(self, dag, run):
        return {task["task_id"]: task["state"] for task in self.client.tasks(dag, run)}

    def clean_events(self):
        """`airflow db clean` of all events so far, as of old ones in an Airflow that is older than a test."""
        command = [ENVIRONMENT / "bin" / "airflow", "db", "clean", "--tables", "asset_event", "--skip-archive", "--yes",
                   "--clean-before-timestamp", (datetime.now(UTC) + timedelta(hours=1)).isoformat()]
        cleaned = subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.home.environment())
        assert cleaned.returncode == 0, cleaned.stdout + cleaned.stderr

    # --- Processes ---------------------------------------------------------------------------------------------

    def engines(self):
        marked = process.find_by_environment("FOREBAY_STREAM_LAKE", str(self.lake))
        return [each for each in marked if StreamEngine.is_engine(each)]

    def kill_component(self, name):
        """Kills a component with SIGKILL, but none of its children."""
        pid = self.home.component_pids()[name]
        process.find(pid).send(signal.SIGKILL)
        return pid

    def wait_for_component(self, name, other_than, timeout_s=60):
        wait_until(lambda: self.home.component_pids().get(name) not in (None, other_than), timeout_s, f"a new {name}")

    # --- The lake ----------------------------------------------------------------------------------------------

    def verify(self, *arguments, status=0):
        receipts = ("--receipt", self.receipts) if any(self.receipts.glob("*.json")) else ()
        return Forebay()("verify", "--lake", self.lake, "--brokers", self.broker.address, "--json", *receipts,
                         *arguments, status=status).json

    def lag(self):
        return sum(table["lag"] for table in self.status()["tables"])

    def status(self, *arguments):
        return Forebay()("status", "--lake", self.lake, "--brokers", self.broker.address, "--json", *arguments).json

    def produce(self, *arguments):
        self.receipts.mkdir(exist_ok=True)
        return Forebay()("produce", "--contract", self.contract, "--brokers", self.broker.address, "--receipt",
                         f"{self.receipts}/", "--json", *arguments).json

