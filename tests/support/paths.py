"""Where things are in this repository."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BROKER_TOOL = ROOT / "tools" / "broker"
CONTRACTS = ROOT / "contracts"
FOREBAY = Path(os.environ.get("FOREBAY_BIN") or ROOT / os.environ.get("BUILD", "build/release") / "forebay").resolve()
# The same objects, linked with the switches of src/testhooks: targets forebay_hooks and _core_hooks.
FOREBAY_WITH_HOOKS = Path(os.environ.get("FOREBAY_HOOKS_BIN") or FOREBAY.parent / "hooks/forebay").resolve()
# The Python package beside the binary: `tools/build` makes it with the target _core.
PACKAGE = FOREBAY.parent / "python"
PACKAGE_WITH_HOOKS = FOREBAY_WITH_HOOKS.parent / "python"
