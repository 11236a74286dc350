"""The points at which forebay_hooks can be killed: those that the source names."""
import re

from support.paths import ROOT

_POINT = re.compile(r'FOREBAY_FAILPOINT\("([^"]+)"\)')
POINTS = sorted({name for source in (ROOT / "src").rglob("*.cc") for name in _POINT.findall(source.read_text())})
# Passed by `lake expire` and `lake rebuild`, and by the start that takes an older ledger over.
MAINTENANCE = [point for point in POINTS if point.startswith(("expire:", "rebuild:", "upgrade:"))]
