"""Where things are in this repository."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BROKER_TOOL = ROOT / "tools" / "broker"
CONTRACTS = ROOT / "contracts"
FOREBAY = Path(os.environ.get("FOREBAY_BIN") or ROOT / os.environ.get("BUILD", "build/release") / "forebay").resolve()
