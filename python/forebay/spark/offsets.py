"""Ranges of offsets: those that Spark is given to read, and those that it has read. Pure, except for `read_end`."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from forebay import Position

Offsets = Mapping[int, int]  # by Kafka partition
Range = tuple[str, int, int, int]  # topic, Kafka partition, from, to (half-open)

OFFSETS_PER_TASK = 250_000


def beginnings(positions: Iterable[Position]) -> dict[int, int]:
    """The ledger's positions of one topic, from which its partitions are read."""
    return {position.partition: position.next for position in positions}


def assignment(topic: str, start: Offsets) -> dict[str, str]:
    """Options of the Kafka source: exactly these partitions, each from its own offset."""
    return {
        "assign": json.dumps({topic: sorted(start)}),
        "startingOffsets": json.dumps({topic: {str(partition): start[partition] for partition in sorted(start)}}),
    }


def read_end(checkpoint: Path, batch: int, topic: str) -> dict[int, int]:
    """The end of a batch, by Kafka partition. Spark writes its offset log before it calls the batch's function.

    The file's last line holds the offsets of the only source. They are positions: gaps between offsets belong to a
    range.
    """
    last = (checkpoint / "offsets" / str(batch)).read_text().splitlines()[-1]
    return {int(partition): offset for partition, offset in json.loads(last)[topic].items()}


def ranges(topic: str, start: Offsets, end: Offsets) -> list[Range]:
    """The ranges between two positions, for the partitions whose position changed."""
    if start.keys() != end.keys():
        raise ValueError(f"Spark read partitions {sorted(end)} of {topic} instead of {sorted(start)}")
    return [
        (topic, partition, start[partition], end[partition])
        for partition in sorted(start)
        if end[partition] != start[partition]
    ]


def tasks(ranges: Collection[Range], parallelism: int | None) -> int:
    """The number of tasks for a batch: at most one for each partition, and no more than can run at a time.

    Every task writes its own files, so small batches get few tasks. `parallelism` is None where it follows the tasks:
    a limit would keep Spark's dynamic allocation from ever asking for another executor.
    """
    full_tasks = math.ceil(sum(to - begin for _, _, begin, to in ranges) / OFFSETS_PER_TASK)
    return max(1, min(full_tasks, len(ranges), parallelism or full_tasks))


def partitions(ranges: Iterable[Range]) -> set[int]:
    """The Kafka partitions of these ranges."""
    return {partition for _, partition, _, _ in ranges}


def lag(end: Offsets, latest: Offsets) -> int:
    """The number of offsets between the end of a batch and the ends of the topic."""
    return sum(max(0, offset - end.get(partition, 0)) for partition, offset in latest.items())
