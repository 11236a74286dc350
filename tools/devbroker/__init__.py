"""The development broker: its jars, its directory, its life. Python's standard library is all this needs."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy" / "kafka"
STATE = ROOT / ".forebay" / "kafka"
HOST = "127.0.0.1"
DEFAULT_PORT = 9092


class Problem(Exception):
    """Something the user can mend; the message is one sentence that says how."""
