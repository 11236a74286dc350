"""Modules behind the commands of tools/: the development broker, Airflow, the demo's output, the Spark archive."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Problem(Exception):
    """An error that the user can correct; the message is one sentence that says how."""
