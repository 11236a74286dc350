"""Ranges of offsets: those that Spark is given to read, and those that it has read. Pure, except for `read_end`."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from forebay import Position

Place = tuple[str, int]  # topic, Kafka partition
Offsets = Mapping[Place, int]
Range = tuple[str, int, int, int]  # topic, Kafka partition, from, to (half-open)

OFFSETS_PER_TASK = 250_000


def beginnings(positions: Iterable[Position]) -> dict[Place, int]:
    """The ledger's positions of one table, from which its partitions are read."""
    return {(position.topic, position.partition): position.next for position in positions}


def assignment(start: Offsets) -> dict[str, str]:
    """Options of the Kafka source: exactly these partitions, each from its own offset."""
    partitions: dict[str, list[int]] = {}
    offsets: dict[str, dict[str, int]] = {}
    for topic, partition in sorted(start):
        partitions.setdefault(topic, []).append(partition)
        offsets.setdefault(topic, {})[str(partition)] = start[topic, partition]
    return {"assign": json.dumps(partitions), "startingOffsets": json.dumps(offsets)}


def places(offsets: Mapping[str, Mapping[str, int]]) -> dict[Place, int]:
    """Spark's offsets of a source, by topic and partition."""
    return {
        (topic, int(partition)): offset
        for topic, partitions in offsets.items()
        for partition, offset in partitions.items()
    }


def read_end(checkpoint: Path, batch: int) -> dict[Place, int]:
    """The end of a batch. Spark writes its offset log before it calls the batch's function.

    The file's last line holds the offsets of the only source. They are positions: gaps between offsets belong to a
    range.
    """
    return places(json.loads((checkpoint / "offsets" / str(batch)).read_text().splitlines()[-1]))


def ranges(start: Offsets, end: Offsets) -> list[Range]:
    """The ranges between two positions, for the partitions whose position changed."""
    if start.keys() != end.keys():
        raise ValueError(f"Spark read partitions {sorted(end)} instead of {sorted(start)}")
    return [(*place, start[place], end[place]) for place in sorted(start) if end[place] != start[place]]


def tasks(ranges: Collection[Range], parallelism: int | None) -> int:
    """The number of tasks for a batch: at most one for each partition, and no more than can run at a time.

    Every task writes its own files, so small batches get few tasks. `parallelism` is None where it follows the tasks:
    a limit would keep Spark's dynamic allocation from ever asking for another executor.
    """
    full_tasks = math.ceil(sum(to - begin for _, _, begin, to in ranges) / OFFSETS_PER_TASK)
    return max(1, min(full_tasks, len(ranges), parallelism or full_tasks))


def partitions(ranges: Iterable[Range]) -> set[Place]:
    """The Kafka partitions of these ranges."""
    return {(topic, partition) for topic, partition, _, _ in ranges}


def lag(end: Offsets, latest: Offsets) -> int:
    """The number of offsets between the end of a batch and the ends of the topics."""
    return sum(max(0, offset - end.get(place, 0)) for place, offset in latest.items())
