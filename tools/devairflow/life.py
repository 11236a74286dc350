"""Starting an Airflow, and ending it."""
import os
import signal
import subprocess
import sys
import time

from devairflow import DEFAULT_PORT, ENVIRONMENT, HOST
from devairflow.client import Client, Unreachable
from devairflow.home import COMPONENTS
from devbroker import ROOT, Problem
from devbroker.home import port_is_free
from forebay.airflow import process
from forebay.airflow.settings import Settings
from forebay.airflow.stream import StreamEngine

START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 15
MIGRATE_TIMEOUT_S = 300
CONNECTION = "forebay_airflow_api"


def start(home, wanted_port):
    """REQUIRES: the home is locked. Whether this call is what started it; it answers when this returns."""
    if home.supervisor() is not None:
        if wanted_port not in (None, home.port()):
            raise Problem(f"Airflow is already running, on port {home.port()} and not {wanted_port}: stop it first with "
                          "`make airflow-stop`.")
        _wait_until_healthy(home)
        return False
    if not (ENVIRONMENT / "bin" / "airflow").is_file():
        raise Problem("Airflow's environment is not installed: run `make setup`.")
    process.end(home.processes(), STOP_TIMEOUT_S)  # what a supervisor that was killed left behind
    port = wanted_port or home.port() or DEFAULT_PORT
    if not port_is_free(port):
        raise Problem(f"Port {port} on {HOST} is in use: stop what listens there, or choose another port (PORT=...).")
    home.prepare(port)
    _migrate(home)
    _launch(home)
    try:
        _wait_until_healthy(home)
        _make_connection(home)
    except BaseException:
        stop(home)
        raise
    return True


def _migrate(home):
    """Makes or brings up to date the metadata; a version that has done so is remembered."""
    lock = (ROOT / "requirements-airflow.txt").read_text()
    if home.database.is_file() and home.migrated.is_file() and home.migrated.read_text() == lock:
        return
    with open(home.log("migrate"), "wb") as log:
        status = subprocess.run([ENVIRONMENT / "bin" / "airflow", "db", "migrate"], env=home.environment(), stdout=log,
                                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=MIGRATE_TIMEOUT_S).returncode
    if status != 0:
        raise Problem(f"Airflow's metadata could not be made; see {home.log('migrate')}.")
    home.migrated.write_text(lock)


def _launch(home):
    with open(home.log("supervisor"), "ab") as log:
        subprocess.Popen([sys.executable, ROOT / "tools" / "airflow", "_supervise", "--home", home.dir], cwd=ROOT,
                         stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=home.environment(),
                         start_new_session=True)


def _wait_until_healthy(home):
    deadline = time.monotonic() + START_TIMEOUT_S
    unhealthy = []
    client = Client(home)
    while time.monotonic() < deadline:
        try:
            unhealthy = client.unhealthy()
            if not unhealthy:
                return
        except Unreachable as reason:
            unhealthy = [str(reason)]
        time.sleep(0.3)
    raise Problem(f"Airflow was not healthy within {START_TIMEOUT_S} s ({', '.join(unhealthy)}); its logs are in "
                  f"{home.log('scheduler').parent}.")


def _make_connection(home):
    """The stream's trigger asks the API, as a user who may only look, whether its DAG is paused."""
    wanted = {"connection_id": CONNECTION, "conn_type": "http", "host": HOST, "port": home.port(), "schema": "http",
              "login": "watcher", "password": home.password("watcher")}
    client = Client(home)
    if client.exists(f"/connections/{CONNECTION}"):
        client.patch(f"/connections/{CONNECTION}", wanted)
    else:
        client.post("/connections", wanted)


def stop(home):
    """REQUIRES: the home is locked. Whether there was something to stop."""
    found = home.processes()
    if not found:
        return False
    supervisor = home.supervisor()
    engines = _engines(found)
    if supervisor is not None:
        process.end([supervisor], STOP_TIMEOUT_S + 15)
    # First what would start an engine again, then the engines, which land what they consumed, then all that is left.
    components = [each for each in home.processes() if each.pid not in {engine.pid for engine in engines}]
    process.end([each for each in components if _is_airflow(each)], STOP_TIMEOUT_S)
    drained = process.end(engines, Settings.from_environment().drain_s)
    if not (process.end(home.processes(), STOP_TIMEOUT_S) and drained):
        raise Problem(f"some processes of {home.dir} can't be ended: {[each.pid for each in home.processes()]}")
    for file in (home.pids, home.session):
        file.unlink(missing_ok=True)
    return True


def _engines(processes):
    return [each for each in processes if StreamEngine.is_engine(each)]


def _is_airflow(each):
    return any("airflow" in word for word in each.words[:2])


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
        me = process.find(os.getpid())
        self.home.session.write_text(f'{{"pid": {me.pid}, "started": {me.started}}}\n')
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
        fresh.write_text("{" + ", ".join(f'"{each}": {child.pid}' for each, child in self.running.items()) + "}\n")
        fresh.replace(self.home.pids)

    def _end(self):
        """The scheduler and the triggerer first: nothing new is begun."""
        for name in ("scheduler", "triggerer", "dag-processor", "api-server"):
            child = self.running.get(name)
            if child is None:
                continue
            child.terminate()
            try:
                child.wait(STOP_TIMEOUT_S / 3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    @staticmethod
    def _say(text):
        print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, flush=True)
