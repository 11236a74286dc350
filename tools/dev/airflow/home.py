"""One Airflow's directory: settings, secrets, metadata, logs, and which processes belong to it."""
import contextlib
import fcntl
import json
import os
import re
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from dev import ROOT
from dev.airflow import DEPLOY, ENVIRONMENT, PACKAGE
from forebay.airflow.stream import process

LOCK = ROOT / "requirements/airflow.txt"
# Where Airflow listens and where its metadata is may be said from outside, by a container's settings.
PASSED_ON = ("AIRFLOW__API__HOST", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
# Settings that are files or directories: a relative one is meant from where Airflow is started, and not from where a
# task happens to run.
PATHS = ("FOREBAY_CONTRACT", "FOREBAY_LAKE", "FOREBAY_REPORTS", "FOREBAY_RECEIPTS", "FOREBAY_AIRFLOW_STATE",
         "FOREBAY_SPARK_PYTHON", "FOREBAY_SPARK_PACKAGE", "FOREBAY_KAFKA_CONFIG")
COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


class Home:
    """The files of one Airflow. Its secrets are in files that only their owner can read."""

    def __init__(self, directory):
        self.dir = Path(directory).resolve()
        self.config = self.dir / "airflow.cfg"
        self.passwords = self.dir / "passwords.json"
        self.shown = self.dir / "password-was-shown"
        self.migrated = self.dir / "migrated"
        self.database = self.dir / "airflow.db"
        self.pids = self.dir / "pids.json"
        self.session = self.dir / "session.json"

    @contextlib.contextmanager
    def lock(self):
        self.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.dir / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def log(self, component):
        return self.dir / "logs" / "components" / f"{component}.log"

    def port(self):
        try:
            found = re.search(r"^port = (\d+)$", self.config.read_text(), re.MULTILINE)
        except FileNotFoundError:
            return None
        return int(found[1]) if found else None

    def url(self):
        return f"http://127.0.0.1:{self.port()}"

    def password(self, user="admin"):
        return json.loads(self.passwords.read_text())[user]

    def is_migrated(self):
        """Whether the metadata was brought up to date by the Airflow that is installed now."""
        return self.migrated.is_file() and self.migrated.read_text() == LOCK.read_text()

    def remember_migration(self):
        self.migrated.write_text(LOCK.read_text())

    def environment(self):
        """The environment of every process of this Airflow; AIRFLOW_HOME identifies them."""
        kept = {name: value for name, value in os.environ.items()
                if name in PASSED_ON or not name.startswith(("AIRFLOW_", "PYTHONPATH"))}
        kept |= {name: os.path.abspath(kept[name]) for name in PATHS if kept.get(name)}
        return kept | {"AIRFLOW_HOME": str(self.dir), "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1",
                       "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    def processes(self):
        """Every process that was started for this Airflow, including its tasks and their children.

        Airflow writes titles over its processes' environments; those are known by the session they are in.
        """
        found = process.find_by_environment("AIRFLOW_HOME", str(self.dir))
        known = {each.pid for each in found}
        return found + [each for each in process.in_session(self._session()) if each.pid not in known]

    def _session(self):
        """The session of the processes: that of the last supervisor, which may be gone."""
        try:
            noted = json.loads(self.session.read_text())
        except (FileNotFoundError, ValueError):
            return None
        leader = process.find(noted["pid"])
        reused = leader is not None and leader.started != noted["started"]
        return None if reused else noted["pid"]

    def supervisor(self):
        """The process that keeps the components running, or None."""
        return next((found for found in self.processes() if {"_supervise", "serve"} & set(found.argv)), None)

    def component_pids(self):
        try:
            return json.loads(self.pids.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def prepare(self, port):
        """Settings for this port, and secrets that are made once."""
        os.umask(0o077)
        for directory in ("logs/components", "plugins"):
            (self.dir / directory).mkdir(parents=True, exist_ok=True)
        if not self.passwords.is_file():
            made = {user: secrets.token_urlsafe(12) for user in ("admin", "watcher")}
            self.passwords.write_text(json.dumps(made) + "\n")
        kept = self._kept_secrets()
        text = (DEPLOY / "airflow.cfg").read_text()
        for word, value in {"@ROOT@": ROOT, "@HOME@": self.dir, "@PORT@": port, **kept}.items():
            text = text.replace(word, str(value))
        self.config.write_text(text)

    def _kept_secrets(self):
        file = self.dir / "secrets.json"
        if not file.is_file():
            fernet = urlsafe_b64encode(secrets.token_bytes(32)).decode()
            file.write_text(json.dumps({"@FERNET_KEY@": fernet, "@API_SECRET@": secrets.token_hex(32),
                                        "@JWT_SECRET@": secrets.token_hex(32)}) + "\n")
        return json.loads(file.read_text())
