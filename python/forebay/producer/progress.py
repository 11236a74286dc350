"""The progress of a run: a line that is redrawn on a terminal, log lines every few seconds elsewhere."""

from __future__ import annotations

import logging
import sys
import time

log = logging.getLogger("forebay.producer")

REDRAW_S = 0.2
LOG_S = 5.0


class Progress:
    """A `total` of 0 means that the number of records is unknown."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._shown_at = self._rate_at = time.monotonic()
        self._rate_from = 0
        self._rate = 0.0
        self._drawn = False

    def update(self, acknowledged: int, lost: int) -> None:
        """Shows these numbers, at a limited rate."""
        now = time.monotonic()
        if now - self._shown_at < (REDRAW_S if self._terminal else LOG_S):
            return
        self._shown_at = now
        if now - self._rate_at >= 1:
            self._rate = (acknowledged - self._rate_from) / (now - self._rate_at)
            self._rate_at, self._rate_from = now, acknowledged
        line = f"produced {acknowledged:,}"
        if self._total > 0:
            line += f" of {self._total:,}"
        line += f", {self._rate:,.0f}/s"
        if lost > 0:
            line += f", {lost} not delivered"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._drawn = True
        else:
            log.info("%s", line)

    def finish(self) -> None:
        """Ends the terminal's line."""
        if self._drawn:
            sys.stderr.write("\n")
            self._drawn = False
