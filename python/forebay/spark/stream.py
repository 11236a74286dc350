"""One table's streaming query. Spark runs it and calls back with each batch, which is landed whole or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.accumulators import Accumulator, AccumulatorParam
from pyspark.sql.functions import col
from pyspark.sql.pandas.types import from_arrow_schema

import forebay
from forebay import Committed
from forebay.spark import offsets, shape, steps, transform
from forebay.spark.failures import usage_error
from forebay.spark.offsets import Range
from forebay.spark.steps import DecodeStats, Work

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from forebay.spark.options import Options
    from forebay.spark.transform import Transform

# (ranges, manifests, statistics of the decode step) -> the committed batch. Called by several tables concurrently.
Commit = Callable[[list[Range], list[str], list[str]], Committed]
# (table, the columns that a transform returned): raises if files have one of them with another type. Likewise.
CheckColumns = Callable[[str, pa.Schema], None]

ENGINE = "spark"


class MergeStats(AccumulatorParam[DecodeStats]):
    """Keeps the last report of each task; merging a report twice changes nothing."""

    def zero(self, _value: DecodeStats) -> DecodeStats:
        """The value that a task starts with."""
        return {}

    def addInPlace(self, value1: DecodeStats, value2: DecodeStats) -> DecodeStats:  # noqa: N802 - Spark's name
        """The union; the second wins."""
        return {**value1, **value2}


@dataclass(frozen=True)
class Source:
    """The input of one table's query."""

    contract: forebay.Contract
    table: forebay.Table
    columns: pa.Schema  # of the table's files
    start: offsets.Offsets
    kafka: Mapping[str, str]
    transform: Transform | None


class StoppingError(Exception):
    """A batch began after the run was asked to stop; the next run lands it."""


class TableStream:
    """Starts the query and lands its batches.

    `gate` is held while a batch is landed, so holding it delays the next batch. Once `closed` is set, under `gate`, no
    further batch is landed.
    """

    def __init__(  # noqa: PLR0913 - all but three are named
        self,
        spark: SparkSession,
        source: Source,
        options: Options,
        *,
        checkpoint: Path,
        commit: Commit,
        check_columns: CheckColumns,
        landed: Callable[[str, int, Committed], None],
    ) -> None:
        self.name = source.table.name
        self.gate = threading.Lock()
        self.closed = False
        self.failure: BaseException | None = None
        self.batches = 0
        self.query: StreamingQuery | None = None
        self._spark = spark
        self._source = source
        self._options = options
        self._checkpoint = checkpoint
        self._commit = commit
        self._check_columns = check_columns
        self._landed = landed
        self._next = dict(source.start)
        self._stats: Accumulator[DecodeStats] = spark.sparkContext.accumulator({}, MergeStats())

    @property
    def positions(self) -> offsets.Offsets:
        """The next offset of each Kafka partition that was landed up to it."""
        return self._next

    def start(self) -> None:
        """Starts the query, which runs on its own threads."""
        writer = (
            self._records()
            .writeStream.queryName(self.name)
            .option("checkpointLocation", self._checkpoint.as_uri())
            .foreachBatch(self._on_batch)
        )
        self.query = self._triggered(writer).start()

    def _records(self) -> DataFrame:
        """The topics' committed records from the ledger's positions, with the columns that decoding needs."""
        source, options = self._source, self._options
        most = options.max_offsets_per_trigger
        limits = {"maxOffsetsPerTrigger": str(most)} if most else {}
        if options.follow:
            # A batch begins when it is full, or when its oldest record has waited for the flush interval.
            limits |= {"minOffsetsPerTrigger": str(most or 2**62), "maxTriggerDelay": f"{options.flush_interval_ms}ms"}
        reader = self._spark.readStream.format("kafka").options(
            **{
                "kafka.bootstrap.servers": options.brokers,
                **source.kafka,
                "kafka.isolation.level": "read_committed",
                "kafka.check.crcs": "true",
                "failOnDataLoss": "true",
                "includeHeaders": "true",
                **offsets.assignment(source.start),
                **limits,
            }
        )
        return reader.load().select("topic", "partition", "offset", "timestamp", "key", "value", "headers")

    def _triggered(self, writer: DataStreamWriter) -> DataStreamWriter:
        if not self._options.follow:
            return writer.trigger(availableNow=True)
        interval_ms = min(self._options.trigger_interval_ms, self._options.flush_interval_ms)
        return writer.trigger(processingTime=f"{interval_ms} milliseconds")

    def _on_batch(self, records: DataFrame, batch: int) -> None:
        with self.gate:
            if self.closed:
                raise StoppingError
            try:
                self._land(records, batch)
            except BaseException as failure:
                self.failure = failure
                raise

    def _land(self, records: DataFrame, batch: int) -> None:
        end = offsets.read_end(self._checkpoint, batch)
        ranges = offsets.ranges(self._next, end)
        if not ranges:
            return  # when there are no new records, Spark begins with an empty batch
        self._stats.value = {}
        staged = self._staged(records, batch, offsets.tasks(ranges, self._parallelism())).collect()
        for refusal in (row[steps.REFUSAL] for row in staged if row[steps.REFUSAL] is not None):
            raise usage_error(f"table {self.name}: {refusal}")
        manifests = [row[steps.MANIFEST] for row in staged]
        decoded = self._decoded(records, batch, ranges)
        committed = self._commit(ranges, manifests, decoded)
        self._next = end
        self.batches += 1
        self._landed(self.name, batch, committed)

    def _parallelism(self) -> int | None:
        """The number of tasks that can run at a time; None if executors are added for tasks that wait."""
        context = self._spark.sparkContext
        grows = context.getConf().get("spark.dynamicAllocation.enabled", "false") == "true"
        return None if grows else context.defaultParallelism

    def _staged(self, records: DataFrame, batch: int, tasks: int) -> DataFrame:
        source = self._source
        work = Work(
            source.contract,
            self.name,
            source.table.topic or "",
            str(self._options.lake.absolute()),
            ENGINE,
            batch,
            time.time_ns() // 1_000_000,
            self._options.file_bytes,
            source.columns,
        )
        if source.transform is None:
            # coalesce concatenates whole Kafka partitions, so that the offsets of each still ascend. It never makes
            # more tasks than there are partitions.
            return records.coalesce(tasks).mapInArrow(steps.decode_and_stage(work), steps.STAGED_SCHEMA)
        schema = shape.transport_schema(source.table.decoded_schema, forebay.quarantine_schema())
        decoded = records.mapInArrow(
            steps.decode(work, schema, self._stats), from_arrow_schema(schema, prefer_timestamp_ntz=True)
        )
        rows = transform.apply(source.transform, str(self._options.transform), decoded, self.name)
        self._check_columns(self.name, transform.columns(str(self._options.transform), rows))
        return rows.mapInArrow(steps.stage(work), steps.STAGED_SCHEMA)

    def _decoded(self, records: DataFrame, batch: int, ranges: list[Range]) -> list[str]:
        """The decode step's statistics, to compare with what was staged; none when decode and stage are one step.

        A Kafka partition of the batch without statistics was not decoded to its end, so it must have no records.
        """
        if self._source.transform is None:
            return []
        stats = {key: documents for key, documents in self._stats.value.items() if key[0] == batch}
        undecoded = offsets.partitions(ranges) - {(topic, partition) for _, topic, partition, _ in stats}
        if undecoded:
            self._check_empty(records, undecoded)
        return [document for documents in stats.values() for document in documents]

    def _check_empty(self, records: DataFrame, partitions: set[offsets.Place]) -> None:
        """Reads these Kafka partitions of the batch again. A record in one of them is a row that the transform dropped.

        A range of offsets may have no records, after aborted transactions or compaction.
        """
        for topic in sorted({topic for topic, _ in partitions}):
            of_topic = sorted(partition for name, partition in partitions if name == topic)
            wanted = (col("topic") == topic) & col("partition").isin(of_topic)
            found = records.where(wanted).select("partition").first()
            if found is not None:
                raise usage_error(
                    f"the transform {self._options.transform} dropped rows of table {self.name}, topic {topic}, Kafka "
                    f"partition {found['partition']}; it must return one row for each row"
                )
