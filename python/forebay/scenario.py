"""The shop scenario: seeded, realistic records, each with its expected outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from forebay import _core

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Record(NamedTuple):
    """A record of the scenario."""

    sequence: int
    key: bytes | None
    value: bytes
    reason: str | None
    """The expected reason of its rejection; None if it must be landed."""
    directory: str
    """The directory it must be landed in, such as "date=2025-10-30"; empty if it must be rejected."""
    key_hash: int
    """The hash of its primary key; receipts contain sums of these."""


class Records:
    """Consecutive records that share one buffer."""

    def __init__(self, core: _core.Records) -> None:
        self._core = core

    def __len__(self) -> int:
        return len(self._core)

    def key(self, i: int) -> bytes | None:
        """Returns the Kafka key, or None."""
        return self._core.key(i)

    def value(self, i: int) -> bytes:
        """Returns the value: a JSON document, or deliberately malformed."""
        return self._core.value(i)

    def sequence(self, i: int) -> int:
        """Returns the position in the table's stream."""
        return self._core.sequence(i)

    def __getitem__(self, i: int) -> Record:
        core = self._core
        return Record(core.sequence(i), core.key(i), core.value(i), core.reason(i), core.directory(i), core.key_hash(i))

    def __iter__(self) -> Iterator[Record]:
        return (self[i] for i in range(len(self)))


class Scenario:
    """The shop, as a pure function of its options, the table and the sequence. Options are as in `forebay generate`.

    `clicks` is the total number of clicks, over which `event_span` is spread.
    """

    def __init__(  # noqa: PLR0913 - all are named
        self,
        *,
        seed: int = 1,
        faults: str | Mapping[str, float] = "none",
        event_start: str = "",
        event_span: str = "",
        event_rate: str = "",
        clicks: int = 0,
    ) -> None:
        if not isinstance(faults, str):
            faults = ",".join(f"{name}={share:.6f}" for name, share in faults.items()) or "none"
        text = _core.ScenarioText(seed, faults or "none", event_start, event_span, event_rate)
        self._core = _core.Scenario(text, clicks)

    def generate(self, table: str, first: int, count: int) -> Records:
        """Generates the records [first, first + count) of `clicks` or `orders`."""
        return Records(self._core.generate(table, first, count))
