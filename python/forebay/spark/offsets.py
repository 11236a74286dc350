"""Ranges of offsets: what Spark is told to read, and what it says it has read. Pure, but for reading one small file."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from forebay import Position

Offsets = Mapping[int, int]  # by Kafka partition
Range = tuple[str, int, int, int]  # topic, Kafka partition, from, to (half-open)


def beginnings(positions: Iterable[Position]) -> dict[int, int]:
    """Where one topic's partitions are read from: where the ledger stands."""
    return {position.partition: position.next for position in positions}


def assignment(topic: str, start: Offsets) -> dict[str, str]:
    """The Kafka source's options for exactly these partitions, each from its own offset."""
    return {
        "assign": json.dumps({topic: sorted(start)}),
        "startingOffsets": json.dumps({topic: {str(partition): start[partition] for partition in sorted(start)}}),
    }


def read_end(checkpoint: Path, batch: int, topic: str) -> dict[int, int]:
    """Where a batch ends, by Kafka partition. Spark writes its offset log before it calls the batch's function.

    The file's last line is the only source's offsets. They are positions: holes in the offsets are part of a range.
    """
    last = (checkpoint / "offsets" / str(batch)).read_text().splitlines()[-1]
    return {int(partition): offset for partition, offset in json.loads(last)[topic].items()}


def ranges(topic: str, start: Offsets, end: Offsets) -> list[Range]:
    """What lies between two positions, of the partitions that moved."""
    if start.keys() != end.keys():
        raise ValueError(f"Spark read partitions {sorted(end)} of {topic}, and was told to read {sorted(start)}")
    return [
        (topic, partition, start[partition], end[partition])
        for partition in sorted(start)
        if end[partition] != start[partition]
    ]


def lag(end: Offsets, latest: Offsets) -> int:
    """How many offsets there are between where a batch ended and what the topic has."""
    return sum(max(0, offset - end.get(partition, 0)) for partition, offset in latest.items())
