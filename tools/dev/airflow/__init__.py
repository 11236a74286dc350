"""Airflow for development and tests: its home, its processes, and a client of its REST API."""
import sys

from dev import ROOT

HOST = "127.0.0.1"
DEFAULT_PORT = 8080
STATE = ROOT / ".forebay"
DEPLOY = ROOT / "deploy" / "airflow"
ENVIRONMENT = STATE / "venv-airflow"
PACKAGE = ROOT / "python"

if str(PACKAGE) not in sys.path:
    sys.path.insert(0, str(PACKAGE))
