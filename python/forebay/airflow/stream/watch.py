"""The health of a stream, computed from samples of its lake. Pure: the time is an argument."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """Positions of the lake and ends of its topics, summed over all partitions."""

    landed: int  # the sum of the lake's positions
    stable: int  # the sum of the topics' last stable offsets
    held_back: int = 0  # offsets behind open transactions, beyond the last stable offsets

    @classmethod
    def at(cls, status: dict[str, Any]) -> "Sample":
        """Makes a sample from the result of `forebay status --json --brokers`."""
        partitions = [each for table in status["tables"] for each in table["partitions"]]
        return cls(
            sum(each["next"] for each in partitions),
            sum(max(each["next"], each["stable"] or 0) for each in partitions),
            sum(each["held_back"] or 0 for each in partitions),
        )

    @property
    def lag(self) -> int:
        """The number of offsets that are not landed."""
        return self.stable - self.landed


@dataclass(frozen=True)
class Health:
    """The health of a stream."""

    lag: int
    pending_s: float  # the least time for which a record has been in Kafka and not in the lake
    stalled: bool
    late: bool  # the contract's freshness is violated
    held_back: int = 0  # offsets behind transactions that have been open since the last sample


@dataclass
class Watch:
    """Computes the health from successive samples."""

    freshness_s: float | None
    stall_s: float
    # (time, end of the topics) of each sample whose end is not landed yet.
    _pending: deque[tuple[float, int]] = field(default_factory=deque)
    _held_at: int | None = None  # the end of the topics in the last sample
    # (time, position) of the sample that last showed progress.
    _progress: tuple[float, int] | None = None
    _unread_since: float | None = None  # when the first of the samples was begun that failed since the last good one

    def update(self, now: float, sample: Sample) -> Health:
        """Adds a sample. REQUIRES: `now` never decreases."""
        self._unread_since = None
        if self._progress is None or sample.landed != self._progress[1]:
            self._progress = (now, sample.landed)
        if not self._pending or sample.stable > self._pending[-1][1]:
            self._pending.append((now, sample.stable))
        while self._pending and self._pending[0][1] <= sample.landed:
            self._pending.popleft()
        pending_s = now - self._pending[0][0] if self._pending else 0.0
        without_progress_s = now - self._progress[0]
        # An end that moves is one of transactions that end.
        held_back = sample.held_back if sample.stable == self._held_at else 0
        self._held_at = sample.stable
        return Health(
            sample.lag,
            pending_s,
            stalled=min(pending_s, without_progress_s) > self.stall_s,
            late=self.freshness_s is not None and pending_s > self.freshness_s,
            held_back=held_back,
        )

    def fail(self, began: float, now: float) -> bool:
        """Adds a sample that could not be read. Returns whether none could be read for the stall time.

        An engine that hangs in a transaction keeps the ledger locked, so that nobody else sees that it hangs.
        """
        if self._unread_since is None:
            self._unread_since = began
        return now - self._unread_since > self.stall_s

    def restart(self, now: float) -> None:
        """Gives a new engine the whole stall time."""
        self._unread_since = None
        if self._progress is not None:
            self._progress = (now, self._progress[1])


@dataclass
class Backoff:
    """The delay before a restart. It doubles while engines end early, and is reset by one that does not."""

    first_s: float
    max_s: float
    reset_after_s: float = 60
    _next_s: float | None = None

    def after(self, lifetime_s: float) -> float:
        """Returns the delay after an engine with this lifetime."""
        if self._next_s is None or lifetime_s > self.reset_after_s:
            self._next_s = self.first_s
        delay = self._next_s
        self._next_s = min(self._next_s * 2, self.max_s)
        return delay
