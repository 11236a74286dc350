"""The steps that Spark's workers run: decode and stage. Both map Arrow batches to Arrow batches, one call per task.

Invalid rows (reordered by a transform, or with a null in a required column) are returned to the driver as a refusal,
because a retry would not change them. Environment failures, such as a full disk, are raised, and Spark retries the
task, on another worker if it can.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

import forebay
from forebay.spark import shape
from forebay.spark.failures import EXIT_INVALID_USAGE

Batches = Iterator[pa.RecordBatch]

MANIFEST, REFUSAL = "manifest", "refusal"
STAGED_SCHEMA = f"{MANIFEST} string, {REFUSAL} string"
_STAGED = pa.schema([(MANIFEST, pa.string()), (REFUSAL, pa.string())])

# (Spark's batch, topic, Kafka partition, first offset) -> the partition statistics that a decode task
# reports, once it has read all of its input. A retried task reports the same under the same key, so that only
# one report counts.
DecodeStats = dict[tuple[int, str, int, int], list[str]]


class StatsSink(Protocol):
    """Collects the statistics of decode tasks: an accumulator of Spark's."""

    def add(self, term: DecodeStats) -> None:
        """Adds a task's statistics."""


@dataclass(frozen=True)
class Work:
    """A task's parameters, sent to the workers with each batch."""

    contract: forebay.Contract
    table: str
    topic: str  # the only one; empty where the table has several
    lake: str
    engine: str
    batch: int
    now_ms: int  # the batch's time, so that a retried task decodes a record to the same row
    file_bytes: int
    columns: pa.Schema  # of the table's files


def decode(work: Work, schema: pa.Schema, stats: StatsSink) -> Callable[[Batches], Batches]:
    """Maps records to rows, rejects and tombstones in the transport schema."""

    def run(records: Batches) -> Batches:
        first: tuple[str, int, int] | None = None
        documents: list[str] = []
        for batch, decoded in _decoded(work, records):
            first = first or tuple(batch.column(name)[0].as_py() for name in ("topic", "partition", "offset"))
            documents.append(forebay.partition_stats(decoded))
            if decoded.rows.num_rows:
                yield shape.merge_rows(decoded.rows, schema)
            if decoded.rejects.num_rows:
                yield shape.merge_side_channel(shape.REJECT, decoded.rejects, schema)
            if decoded.tombstones.num_rows:
                yield shape.merge_side_channel(shape.TOMBSTONE, decoded.tombstones, schema)
        if first is not None:
            stats.add({(work.batch, *first): documents})

    return run


def stage(work: Work) -> Callable[[Batches], Batches]:
    """Writes rows in the transport schema to the lake's staging area, and returns the manifests."""

    def run(batches: Batches) -> Batches:
        rejects, tombstones = forebay.quarantine_schema(), forebay.tombstone_schema()
        return _staged(work, ((*shape.split(batch, rejects, tombstones), None) for batch in batches))

    return run


def decode_and_stage(work: Work) -> Callable[[Batches], Batches]:
    """Both steps in one, for runs without a transform: rows never leave Arrow."""

    def run(records: Batches) -> Batches:
        return _staged(work, ((*decoded, forebay.partition_stats(decoded)) for _, decoded in _decoded(work, records)))

    return run


def _decoded(work: Work, records: Batches) -> Iterator[tuple[pa.RecordBatch, forebay.Decoded]]:
    decoder = forebay.Decoder(work.contract, work.table, work.topic)
    for batch in records:
        if batch.num_rows:
            yield batch, decoder.decode(batch, now_ms=work.now_ms)


def _staged(work: Work, parts: Iterable[tuple[pa.RecordBatch, pa.RecordBatch, pa.RecordBatch, str | None]]) -> Batches:
    parts = iter(parts)
    first = next(parts, None)
    if first is None:
        return
    try:
        with forebay.Stager(
            work.contract,
            work.table,
            work.lake,
            engine=work.engine,
            topic=work.topic,
            file_bytes=work.file_bytes,
            columns=work.columns,
        ) as stager:
            for rows, rejects, tombstones, stats in itertools.chain([first], parts):
                _add(stager.add_rows, rows)
                _add(stager.add_rejects, rejects)
                _add(stager.add_tombstones, tombstones)
                if stats is not None:
                    stager.add_stats(stats)
            manifests = stager.finish()
        yield _result(manifests=manifests)
    except forebay.ForebayError as refusal:
        if refusal.exit_status != EXIT_INVALID_USAGE:
            raise
        yield _result(refusal=str(refusal))


def _add(add: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch) -> None:
    if batch.num_rows:
        add(batch)


def _result(manifests: Iterable[str] = (), refusal: str | None = None) -> pa.RecordBatch:
    column = list(manifests) if refusal is None else [None]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, pa.string()), pa.array([refusal] * len(column), pa.string())], schema=_STAGED
    )
