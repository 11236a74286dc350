"""The ledger, for reading: which offsets were landed in which files."""

from __future__ import annotations

import os
from typing import NamedTuple

from forebay import _core


class Progress(NamedTuple):
    """How far a Kafka partition is landed: [beginning, next)."""

    topic: str
    topic_id: str
    partition: int
    beginning: int
    next: int


class Ledger:
    """A lake's ledger. Takes no lock; each call reads anew, in one short transaction."""

    def __init__(self, core: _core.Ledger) -> None:
        self._core = core

    @classmethod
    def open(cls, lake: str | os.PathLike[str]) -> Ledger:
        """InvalidArgumentError when `lake` is not a lake."""
        return cls(_core.Ledger(os.fspath(lake)))

    @property
    def lake_id(self) -> str:
        """What lake.json and the ledger call the lake."""
        return self._core.lake_id

    @property
    def last_batch(self) -> int:
        """The newest batch; 0 before the first."""
        return self._core.last_batch

    def positions(self) -> list[Progress]:
        """Every partition of the current topics."""
        return [Progress(*position) for position in self._core.positions()]

    def batches(self, since: int = 0) -> list[dict[str, object]]:
        """The batches newer than `since`, with their ranges, files and quarantine counts."""
        return self._core.batches(since)
