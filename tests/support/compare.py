"""Two lakes, row by row, as the demo compares them."""
import sys

from support.paths import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from lake_rows import differing_rows, has_files  # noqa: E402: after the path

__all__ = ["differing_rows", "has_files"]
