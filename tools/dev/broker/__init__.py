"""The development broker: its jars, its directory, starting and stopping it. Needs the standard library alone."""
from dev import ROOT

DEPLOY = ROOT / "deploy" / "kafka"
STATE = ROOT / ".forebay" / "kafka"
HOST = "127.0.0.1"
DEFAULT_PORT = 9092
INSIDE_PORT = 19092  # where other containers reach a broker that runs in one
