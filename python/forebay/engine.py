"""What an engine needs: decoding and staging for its workers, landing for its driver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import pyarrow as pa

from forebay import _core
from forebay._errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from forebay.contract import Contract


class ArrowBatch(Protocol):
    """A record batch of any library that speaks Arrow's C data interface."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The schema and the array, as capsules."""


class Decoded(NamedTuple):
    """What became of a batch of records. Each of them is in exactly one of the three."""

    rows: pa.RecordBatch
    """`Table.schema` and `_partition`."""
    rejects: pa.RecordBatch
    """`quarantine_schema()`."""
    tombstones: pa.RecordBatch
    """`tombstone_schema()`."""


class Decoder:
    """Kafka records in, rows out, by the rules of the native engine. One for each thread."""

    def __init__(self, contract: Contract, table: str) -> None:
        self._core = _core.Decoder(contract._core, table)

    def decode(self, records: ArrowBatch, now_ms: int | None = None) -> Decoded:
        """Decodes a batch.

        `records` has, among others, the columns partition (int32), offset (int64), timestamp (a timestamp, or int64
        milliseconds; nullable), key and value (bytes or text; nullable: a null value is a tombstone). `now_ms` stands
        in for timestamps that are not there; by default it is the wall clock.
        """
        rows, rejects, tombstones = self._core.decode(records, now_ms)
        return Decoded(pa.record_batch(rows), pa.record_batch(rejects), pa.record_batch(tombstones))


def decode(contract: Contract, table: str, records: ArrowBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The rows and the rejects of one batch: for a look; a Decoder is made once and used often."""
    decoded = Decoder(contract, table).decode(records)
    return decoded.rows, decoded.rejects


def partition_stats(decoded: Decoded) -> str:
    """The document with what was counted while decoding, for `Landing.commit(decoded=...)`."""
    metadata = decoded.rows.schema.metadata or {}
    text = metadata.get(_core.STATS_KEY.encode())
    if text is None:
        message = "these rows carry no partition statistics: pass what Decoder.decode returned, unchanged"
        raise InvalidArgumentError(message, "invalid_argument", 2)
    document: str = text.decode()
    return document


class Stager:
    """Writes rows into the lake's staging area, as the native engine would. One for each task.

    As a context manager it removes what it began when it is left without `finish()`.
    """

    def __init__(  # noqa: PLR0913 - all but three are named
        self,
        contract: Contract,
        table: str,
        lake: str | os.PathLike[str],
        *,
        engine: str,
        file_bytes: int = 256_000_000,
        row_group_rows: int = 131_072,
        memory_limit: int = 256_000_000,
    ) -> None:
        self._core = _core.Stager(
            contract._core, table, os.fspath(lake), engine, file_bytes, row_group_rows, memory_limit
        )

    def add_rows(self, batch: ArrowBatch) -> None:
        """Takes rows: the decoder's columns in any order, and those that a transform added."""
        self._core.add_rows(batch)

    def add_rejects(self, batch: ArrowBatch) -> None:
        """Takes refused records as the decoder gave them."""
        self._core.add_rejects(batch)

    def add_tombstones(self, batch: ArrowBatch) -> None:
        """Counts tombstones as the decoder gave them."""
        self._core.add_tombstones(batch)

    def finish(self) -> list[str]:
        """Closes and syncs every file, and gives the documents that `Landing.commit` wants."""
        return self._core.finish()

    def close(self) -> None:
        """Removes the files that were begun, unless they were finished."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Position(NamedTuple):
    """Where a Kafka partition is to be landed from, and how far it could be by now."""

    table: str
    topic: str
    topic_id: str
    partition: int
    next: int
    end: int
    """The last stable offset."""


class Committed(NamedTuple):
    """What a batch landed. Batch 0: there was nothing to land, and nothing was written."""

    batch: int
    rows: int
    quarantined: int
    tombstones: int
    files: int
    bytes: int


class Landing:
    """The driver's side: holds the lake's lock from `open` to `close`. A context manager."""

    def __init__(self, core: _core.Landing) -> None:
        self._core = core
        self.brokers = core.brokers
        """The brokers' addresses written in full, `host:port,host:port`: for clients in Java and others."""
        self.recovered = core.recovered
        """What the recovery at the start did, as a sentence; empty when there was nothing to do."""

    @staticmethod
    def open(  # noqa: PLR0913 - all but three are named
        contract: Contract,
        brokers: str,
        lake: str | os.PathLike[str],
        *,
        engine: str,
        tables: Sequence[str] | None = None,
        kafka_config: str | os.PathLike[str] = "",
        wait: bool = False,
        follow: bool = False,
        start: str = "earliest",
        accept_loss: bool = False,
        adopt_topics: Iterable[str] = (),
        max_reject_rate: float | None = None,
    ) -> Landing:
        """Takes the lock, opens the lake and recovers it, as `forebay land` does with the same options."""
        return Landing(
            _core.Landing(
                contract._core,
                brokers,
                os.fspath(lake),
                engine,
                list(tables or ()),
                os.fspath(kafka_config),
                wait,
                follow,
                start,
                accept_loss,
                list(adopt_topics),
                max_reject_rate,
            )
        )

    def plan(self) -> list[Position]:
        """Every partition's position. To be called first, and again after a ConflictError."""
        return [Position(*position) for position in self._core.plan()]

    def commit(
        self, ranges: Iterable[tuple[str, int, int, int]], manifests: Iterable[str], decoded: Iterable[str] = ()
    ) -> Committed:
        """Decides and publishes what was staged for these ranges of (topic, partition, from, to)."""
        return Committed(*self._core.commit(list(ranges), list(manifests), list(decoded)))

    def new_partitions(self) -> list[Position]:
        """Partitions that were added since the plan: begun at 0, and part of the plan from now on."""
        return [Position(*position) for position in self._core.new_partitions()]

    def leave_offsets(self) -> None:
        """Leaves the landed positions at the brokers, for lag tools."""
        self._core.leave_offsets()

    def close(self) -> None:
        """Gives the lock back."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
