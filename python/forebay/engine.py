"""The parts of an engine: decoding and staging for its workers, landing for its driver."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import pyarrow as pa

from forebay import _core
from forebay._errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from forebay.contract import Contract


class ArrowBatch(Protocol):
    """A record batch of any library that implements Arrow's C data interface."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The schema and the array, as capsules."""


class ArrowSchema(Protocol):
    """A schema of any library that implements Arrow's C data interface."""

    def __arrow_c_schema__(self) -> object:
        """The schema, as a capsule."""


class Decoded(NamedTuple):
    """A decoded batch. Each record is in exactly one of the three."""

    rows: pa.RecordBatch
    """Valid rows, with the schema `Table.decoded_schema`."""
    rejects: pa.RecordBatch
    """Rejected records, with the schema `quarantine_schema()`."""
    tombstones: pa.RecordBatch
    """Records without a value, with the schema `tombstone_schema()`."""


class Decoder:
    """Decodes Kafka records to rows, by the rules of the native engine. Create one per thread.

    `topic` is needed where a template makes the table.
    """

    def __init__(self, contract: Contract, table: str, topic: str = "") -> None:
        self._core = _core.Decoder(contract._core, table, topic)

    def decode(self, records: ArrowBatch, now_ms: int | None = None) -> Decoded:
        """Decodes a batch.

        `records` must have the columns partition (int32), offset (int64), timestamp (a timestamp, or int64
        milliseconds; nullable), key and value (bytes or text; nullable: a null value is a tombstone); and topic (text),
        if the table has several topics. `now_ms` replaces null timestamps; by default it is the wall clock.
        """
        rows, rejects, tombstones = self._core.decode(records, now_ms)
        return Decoded(pa.record_batch(rows), pa.record_batch(rejects), pa.record_batch(tombstones))


def decode(contract: Contract, table: str, records: ArrowBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Returns the rows and rejects of one batch. To decode many batches, create one Decoder."""
    decoded = Decoder(contract, table).decode(records)
    return decoded.rows, decoded.rejects


def partition_stats(decoded: Decoded) -> str:
    """Returns the partition statistics of a decoded batch, a document for `Landing.commit(decoded=...)`."""
    metadata = decoded.rows.schema.metadata or {}
    text = metadata.get(_core.STATS_KEY.encode())
    if text is None:
        message = "rows without partition statistics: pass the result of Decoder.decode unchanged"
        raise InvalidArgumentError(message, "invalid_argument", 2)
    document: str = text.decode()
    return document


class Stager:
    """Writes rows to files in the lake's staging area. Create one per task.

    `topic` is needed where a template makes the table. As a context manager it removes its files, unless
    `finish()` was called.
    """

    def __init__(  # noqa: PLR0913 - all but three are named
        self,
        contract: Contract,
        table: str,
        lake: str | os.PathLike[str],
        *,
        engine: str,
        topic: str = "",
        file_bytes: int = 256_000_000,
        row_group_rows: int = 131_072,
        memory_limit: int = 256_000_000,
        columns: ArrowSchema | None = None,
    ) -> None:
        """Creates a stager.

        `columns` is `Landing.file_schema`: without it, files lack the columns that earlier contracts had.
        """
        self._core = _core.Stager(
            contract._core, table, topic, os.fspath(lake), engine, file_bytes, row_group_rows, memory_limit, columns
        )

    def add_rows(self, batch: ArrowBatch) -> None:
        """Adds rows, with the decoder's columns in any order and those that a transform added."""
        self._core.add_rows(batch)

    def add_rejects(self, batch: ArrowBatch) -> None:
        """Adds the decoder's rejected records."""
        self._core.add_rejects(batch)

    def add_tombstones(self, batch: ArrowBatch) -> None:
        """Counts the decoder's tombstones."""
        self._core.add_tombstones(batch)

    def add_stats(self, document: str) -> None:
        """Adds `partition_stats` of records that were added as they were decoded.

        By the last record of each Kafka partition, later landings recognize a log that was cut back.
        """
        self._core.add_stats(document)

    def finish(self) -> list[str]:
        """Closes and syncs every file, and returns the manifests for `Landing.commit`."""
        return self._core.finish()

    def close(self) -> None:
        """Removes the staged files, unless `finish()` was called."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Position(NamedTuple):
    """The range of a Kafka partition that can be landed now: [next, end)."""

    table: str
    topic: str
    topic_id: str
    partition: int
    next: int
    end: int
    """The last stable offset."""


class Committed(NamedTuple):
    """The counts of a committed batch. Batch 0 means that there was nothing to land and nothing was written."""

    batch: int
    rows: int
    quarantined: int
    tombstones: int
    files: int
    bytes: int
    untimed: int = 0
    """Records without a usable Kafka timestamp: absent, before 2000, or after 2099."""


class Landing:
    """The driver's side: holds the lake's lock from `open` to `close`. A context manager."""

    def __init__(self, core: _core.Landing) -> None:
        self._core = core
        self.brokers = core.brokers
        """The brokers' addresses in full, `host:port,host:port`, for other Kafka clients."""
        self.new_lake = core.new_lake
        """Whether this landing began the lake."""
        self.recovered = core.recovered
        """A summary of the recovery at the start; empty if there was nothing to recover."""

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
        existing: bool = False,
        follow: bool = False,
        start: str = "earliest",
        accept_loss: bool = False,
        adopt_topics: Iterable[str] = (),
        adopt_logs: Iterable[str] = (),
        max_reject_rate: float | None = None,
        consumer_group: str = "forebay",
    ) -> Landing:
        """Locks, opens and recovers the lake, as `forebay land` does with the same options.

        `consumer_group` is for `commit_offsets`; with an empty one, it does nothing.
        """
        return Landing(
            _core.Landing(
                contract._core,
                brokers,
                os.fspath(lake),
                engine,
                list(tables or ()),
                os.fspath(kafka_config),
                wait,
                existing,
                follow,
                start,
                accept_loss,
                list(adopt_topics),
                list(adopt_logs),
                max_reject_rate,
                consumer_group,
            )
        )

    def plan(self) -> list[Position]:
        """Returns every partition's position. Call it first, and again after a ConflictError."""
        return [Position(*position) for position in self._core.plan()]

    @property
    def held_back(self) -> int:
        """The offsets behind open transactions, beyond the ends of the last plan."""
        return self._core.held_back

    def file_schema(self, table: str) -> pa.Schema:
        """Returns the columns of the table's files, for its stagers.

        They are the contract's, and those that files have from earlier contracts, which are null in new ones.
        """
        return pa.schema(self._core.file_schema(table))

    def check_columns(self, table: str, columns: ArrowSchema) -> None:
        """Checks the columns of a table's rows, before they are staged: those of the decoder, and those of a transform.

        Raises if a column is of another type than in the files that were landed before.
        """
        self._core.check_columns(table, columns)

    def commit(
        self, ranges: Iterable[tuple[str, int, int, int]], manifests: Iterable[str], decoded: Iterable[str] = ()
    ) -> Committed:
        """Commits and publishes the staged files of these ranges, each (topic, partition, from, to)."""
        return Committed(*self._core.commit(list(ranges), list(manifests), list(decoded)))

    def new_partitions(self) -> list[Position]:
        """Adds the partitions that are new since the plan to the plan, each from offset 0, and returns them."""
        return [Position(*position) for position in self._core.new_partitions()]

    def new_topics(self) -> list[str]:
        """Returns the topics that have appeared since the plan and match patterns of the contract: `plan` has them."""
        return self._core.new_topics()

    def field_report(self) -> dict[str, Any]:
        """Returns, by table, what the landed rows tell about the contract, as `forebay land --json` does."""
        report: dict[str, Any] = json.loads(self._core.field_report())
        return report

    def commit_offsets(self) -> None:
        """Commits the landed positions as consumer offsets, for lag monitors."""
        self._core.commit_offsets()

    def close(self) -> None:
        """Releases the lock."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
