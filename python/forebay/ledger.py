"""Read access to the ledger: which offsets were landed, in which files."""

from __future__ import annotations

import os
from typing import NamedTuple

from forebay import _core


class Progress(NamedTuple):
    """The landed range of a Kafka partition: [beginning, next)."""

    topic: str
    topic_id: str
    partition: int
    beginning: int
    next: int


class Ledger:
    """A lake's ledger. It takes no lock; each call reads in one short transaction."""

    def __init__(self, core: _core.Ledger) -> None:
        self._core = core

    @classmethod
    def open(cls, lake: str | os.PathLike[str]) -> Ledger:
        """InvalidArgumentError when `lake` is not a lake."""
        return cls(_core.Ledger(os.fspath(lake)))

    @property
    def lake_id(self) -> str:
        """The lake's id, in lake.json and in the ledger."""
        return self._core.lake_id

    @property
    def last_batch(self) -> int:
        """The newest batch; 0 if there is none."""
        return self._core.last_batch

    def positions(self) -> list[Progress]:
        """Returns the landed range of every partition of the current topics."""
        return [Progress(*position) for position in self._core.positions()]

    def batches(self, since: int = 0) -> list[dict[str, object]]:
        """Returns the batches after `since`, with their ranges, files and quarantine counts."""
        return self._core.batches(since)
