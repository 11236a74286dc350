"""Starts Airflow's processes, and ends them."""
import subprocess
import sys
import threading
import time

from dev import ROOT, Problem
from dev.airflow import DEFAULT_PORT, ENVIRONMENT, HOST
from dev.airflow.client import Client, Unreachable
from dev.airflow.supervisor import Supervisor
from dev.broker.home import port_is_free
from forebay.airflow.settings import Settings
from forebay.airflow.stream import process
from forebay.airflow.stream.engine import StreamEngine

START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 15
MIGRATE_TIMEOUT_S = 300
CONNECTION = "forebay_airflow_api"


def start(home, wanted_port):
    """REQUIRES: the home is locked. Returns whether this call started it; it answers by then."""
    if home.supervisor() is not None:
        if wanted_port not in (None, home.port()):
            raise Problem(f"Airflow is already running, on port {home.port()} and not {wanted_port}: stop it first "
                          "with `make airflow-stop`.")
        _wait_until_healthy(home)
        return False
    if not (ENVIRONMENT / "bin" / "airflow").is_file():
        raise Problem("Airflow's environment is not installed: run `make setup`.")
    process.terminate(home.processes(), STOP_TIMEOUT_S)  # left behind by a supervisor that was killed
    _prepare(home, wanted_port)
    if not (home.database.is_file() and home.is_migrated()):
        _migrate(home)
    _launch(home)
    try:
        _wait_until_healthy(home)
        _make_connection(home)
    except BaseException:
        stop(home)
        raise
    return True


def serve(home, wanted_port, when_healthy):
    """The same in the foreground, until SIGTERM or SIGINT: for a container."""
    _prepare(home, wanted_port)
    _migrate(home)

    def announce():
        _wait_until_healthy(home)
        _make_connection(home)
        when_healthy()

    threading.Thread(target=announce, daemon=True).start()
    Supervisor(home).run()
    process.terminate(_engines(home.processes()), Settings.from_environment().drain_s)


def _prepare(home, wanted_port):
    port = wanted_port or home.port() or DEFAULT_PORT
    if not port_is_free(port):
        raise Problem(f"Port {port} on {HOST} is in use: stop the program that listens there, or choose "
                      "another port (PORT=...).")
    home.prepare(port)


def _migrate(home):
    """Makes the metadata, or brings it up to date."""
    with open(home.log("migrate"), "wb") as log:
        status = subprocess.run([ENVIRONMENT / "bin" / "airflow", "db", "migrate"], env=home.environment(),
                                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                timeout=MIGRATE_TIMEOUT_S).returncode
    if status != 0:
        raise Problem(f"Airflow's metadata could not be made; see {home.log('migrate')}.")
    home.remember_migration()


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
    """The stream's trigger asks the API, as a user with read access only, whether its DAG is paused."""
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
        process.terminate([supervisor], STOP_TIMEOUT_S + 15)
    # First the processes that would restart an engine, then the engines, which land what they consumed, then the rest.
    components = [each for each in home.processes() if each.pid not in {engine.pid for engine in engines}]
    process.terminate([each for each in components if _is_airflow(each)], STOP_TIMEOUT_S)
    drained = process.terminate(engines, Settings.from_environment().drain_s)
    if not (process.terminate(home.processes(), STOP_TIMEOUT_S) and drained):
        raise Problem(f"some processes of {home.dir} can't be ended: {[each.pid for each in home.processes()]}")
    for file in (home.pids, home.session):
        file.unlink(missing_ok=True)
    return True


def _engines(processes):
    return [each for each in processes if StreamEngine.is_engine(each)]


def _is_airflow(each):
    return any("airflow" in word for word in each.argv[:2])
