"""The steps that Spark's workers run: decode and stage. Both take and give batches of Arrow, one call a task.

Whatever is wrong with the rows themselves (a transform that reorders them, a null where the contract wants a value) is
an answer and travels to the driver as a refusal: trying the task again would not change it. What the world does wrong
(a full disk) is raised, and Spark tries the task again, elsewhere if it can.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

import forebay
from forebay.spark import shape
from forebay.spark.failures import USAGE

Batches = Iterator[pa.RecordBatch]

MANIFEST, REFUSAL = "manifest", "refusal"
STAGED_SCHEMA = f"{MANIFEST} string, {REFUSAL} string"
_STAGED = pa.schema([(MANIFEST, pa.string()), (REFUSAL, pa.string())])

# (Spark's batch, Kafka partition, first offset) -> the tallies of what a decode task read from there. A task that is
# tried again says the same under the same key, so that the last word counts, and once.
Tallies = dict[tuple[int, int, int], list[str]]


class TallySink(Protocol):
    """Where decode tasks leave their tallies: an accumulator of Spark's."""

    def add(self, term: Tallies) -> None:
        """Takes a task's tallies."""


@dataclass(frozen=True)
class Work:
    """What a task needs to know. Sent to the workers with each batch."""

    contract: forebay.Contract
    table: str
    lake: str
    engine: str
    batch: int
    now_ms: int  # the batch's own time, so that a record means the same however often its task is tried
    file_bytes: int


def decode(work: Work, schema: pa.Schema, tallies: TallySink) -> Callable[[Batches], Batches]:
    """Records in; rows, rejects and tombstones out, in the shape that travels."""

    def run(records: Batches) -> Batches:
        first: tuple[int, int] | None = None
        said: list[str] = []
        for batch, decoded in _decoded(work, records):
            first = first or (batch.column("partition")[0].as_py(), batch.column("offset")[0].as_py())
            said.append(forebay.partition_stats(decoded))
            if decoded.rows.num_rows:
                yield shape.merge_rows(decoded.rows, schema)
            if decoded.rejects.num_rows:
                yield shape.merge_aside(shape.REJECT, decoded.rejects, schema)
            if decoded.tombstones.num_rows:
                yield shape.merge_aside(shape.TOMBSTONE, decoded.tombstones, schema)
        if first is not None:
            tallies.add({(work.batch, *first): said})

    return run


def stage(work: Work) -> Callable[[Batches], Batches]:
    """What travelled in; files on the lake's disk, and their manifests out."""

    def run(batches: Batches) -> Batches:
        rejects = forebay.quarantine_schema()
        return _staged(work, (shape.split(batch, rejects) for batch in batches))

    return run


def decode_and_stage(work: Work) -> Callable[[Batches], Batches]:
    """Both in one, when nothing stands between them: rows never leave Arrow."""

    def run(records: Batches) -> Batches:
        return _staged(work, (decoded for _, decoded in _decoded(work, records)))

    return run


def _decoded(work: Work, records: Batches) -> Iterator[tuple[pa.RecordBatch, forebay.Decoded]]:
    decoder = forebay.Decoder(work.contract, work.table)
    for batch in records:
        if batch.num_rows:
            yield batch, decoder.decode(batch, now_ms=work.now_ms)


def _staged(work: Work, parts: Iterable[tuple[pa.RecordBatch, pa.RecordBatch, pa.RecordBatch]]) -> Batches:
    parts = iter(parts)
    first = next(parts, None)
    if first is None:
        return
    try:
        with forebay.Stager(
            work.contract, work.table, work.lake, engine=work.engine, file_bytes=work.file_bytes
        ) as stager:
            for rows, rejects, tombstones in itertools.chain([first], parts):
                _add(stager.add_rows, rows)
                _add(stager.add_rejects, rejects)
                _add(stager.add_tombstones, tombstones)
            manifests = stager.finish()
        yield _answer(manifests=manifests)
    except forebay.ForebayError as refusal:
        if refusal.exit_status != USAGE:
            raise
        yield _answer(refusal=str(refusal))


def _add(add: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch) -> None:
    if batch.num_rows:
        add(batch)


def _answer(manifests: Iterable[str] = (), refusal: str | None = None) -> pa.RecordBatch:
    said = list(manifests)
    size = len(said) if refusal is None else 1
    return pa.RecordBatch.from_arrays(
        [pa.array(said if refusal is None else [None], pa.string()), pa.array([refusal] * size, pa.string())],
        schema=_STAGED,
    )
