"""What a watcher concludes from what it sees of a stream. Pure: the time is an argument."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One look at the lake and its topics, all partitions together."""

    landed: int  # the sum of the positions up to which the lake has the topics
    stable: int  # the sum of the topics' last stable offsets

    @classmethod
    def at(cls, status: dict[str, Any]) -> "Sample":
        """Make it from what `forebay status --json --brokers` says."""
        partitions = [each for table in status["tables"] for each in table["partitions"]]
        return cls(
            sum(each["next"] for each in partitions), sum(max(each["next"], each["stable"] or 0) for each in partitions)
        )

    @property
    def lag(self) -> int:
        """How many offsets are not landed."""
        return self.stable - self.landed


@dataclass(frozen=True)
class Health:
    """How the stream does."""

    lag: int
    pending_s: float  # for how long, at least, something that is in Kafka has not been in the lake
    stalled: bool
    late: bool  # the contract's freshness is not kept


@dataclass
class Watch:
    """Remembers looks for as long as something that was seen in Kafka is not landed."""

    freshness_s: float | None
    stall_s: float
    _ends: deque[tuple[float, int]] = field(default_factory=deque)
    _moved: tuple[float, int] | None = None

    def see(self, now: float, look: Sample) -> Health:
        """`now` never goes back."""
        if self._moved is None or look.landed != self._moved[1]:
            self._moved = (now, look.landed)
        if not self._ends or look.stable > self._ends[-1][1]:
            self._ends.append((now, look.stable))
        while self._ends and self._ends[0][1] <= look.landed:
            self._ends.popleft()
        pending = now - self._ends[0][0] if self._ends else 0.0
        still = now - self._moved[0]
        return Health(
            look.lag,
            pending,
            stalled=min(pending, still) > self.stall_s,
            late=self.freshness_s is not None and pending > self.freshness_s,
        )

    def restart(self, now: float) -> None:
        """A new engine gets the whole time to move."""
        if self._moved is not None:
            self._moved = (now, self._moved[1])


@dataclass
class Backoff:
    """How long to wait before an engine is started again: longer while it keeps dying, short again once it settled."""

    first_s: float
    longest_s: float
    settled_s: float = 60
    _next_s: float | None = None

    def after(self, lived_s: float) -> float:
        """Return the wait after an engine that lived so long."""
        if self._next_s is None or lived_s > self.settled_s:
            self._next_s = self.first_s
        wait = self._next_s
        self._next_s = min(self._next_s * 2, self.longest_s)
        return wait
