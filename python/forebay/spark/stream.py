"""One table's streaming query: Spark runs it, and calls back with each batch, which is landed or not at all."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.accumulators import Accumulator, AccumulatorParam
from pyspark.sql.functions import col
from pyspark.sql.pandas.types import from_arrow_schema

import forebay
from forebay import Committed
from forebay.spark import offsets, shape, steps, transform
from forebay.spark.failures import usage_error
from forebay.spark.offsets import Range
from forebay.spark.steps import Tallies, Work

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from forebay.spark.options import Options
    from forebay.spark.transform import Transform

# (ranges, manifests, tallies of the decode step) -> what was landed. May be called by several tables at once.
Commit = Callable[[list[Range], list[str], list[str]], Committed]

ENGINE = "spark"
OFFSETS_PER_TASK = 250_000


class MergeTallies(AccumulatorParam[Tallies]):
    """The last word of each task counts: merging the same twice changes nothing."""

    def zero(self, _value: Tallies) -> Tallies:
        """What a task begins with."""
        return {}

    def addInPlace(self, value1: Tallies, value2: Tallies) -> Tallies:  # noqa: N802 - Spark's name
        """Both, and what the second says where both say something."""
        return {**value1, **value2}


@dataclass(frozen=True)
class Source:
    """What one table's query reads, and how."""

    contract: forebay.Contract
    table: forebay.Table
    start: Mapping[int, int]
    kafka: Mapping[str, str]
    transform: Transform | None


class StoppingError(Exception):
    """A batch began while the run was ending; it is left for the next run."""


class TableStream:
    """Starts the query and lands its batches.

    `gate` is held while a batch is in work: whoever holds it keeps the next one from beginning. After `closed` no batch
    is landed any more.
    """

    def __init__(  # noqa: PLR0913 - all but three are named
        self,
        spark: SparkSession,
        source: Source,
        options: Options,
        *,
        checkpoint: Path,
        commit: Commit,
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
        self._landed = landed
        self._next = dict(source.start)
        self._tallies: Accumulator[Tallies] = spark.sparkContext.accumulator({}, MergeTallies())

    def start(self) -> None:
        """Starts the query; it runs in threads of its own."""
        writer = (
            self._records()
            .writeStream.queryName(self.name)
            .option("checkpointLocation", self._checkpoint.as_uri())
            .foreachBatch(self._on_batch)
        )
        self.query = self._triggered(writer).start()

    def _records(self) -> DataFrame:
        """The topic, from where the ledger stands; only what decoding needs, and what a committed reader may see."""
        source, options = self._source, self._options
        topic = source.table.topic
        most = options.max_offsets_per_trigger
        limits = {"maxOffsetsPerTrigger": str(most)} if most else {}
        if options.follow:
            # A batch begins when it is full, or when the oldest record has waited for as long as it may.
            limits |= {"minOffsetsPerTrigger": str(most or 2**62), "maxTriggerDelay": f"{options.flush_interval_ms}ms"}
        reader = self._spark.readStream.format("kafka").options(
            **{
                "kafka.bootstrap.servers": options.brokers,
                **source.kafka,
                "kafka.isolation.level": "read_committed",
                "kafka.check.crcs": "true",
                "failOnDataLoss": "true",
                **offsets.assignment(topic, source.start),
                **limits,
            }
        )
        return reader.load().select("partition", "offset", "timestamp", "key", "value")

    def _triggered(self, writer: DataStreamWriter) -> DataStreamWriter:
        if not self._options.follow:
            return writer.trigger(availableNow=True)
        look_ms = min(self._options.trigger_interval_ms, self._options.flush_interval_ms)
        return writer.trigger(processingTime=f"{look_ms} milliseconds")

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
        end = offsets.read_end(self._checkpoint, batch, self._source.table.topic)
        ranges = offsets.ranges(self._source.table.topic, self._next, end)
        if not ranges:
            return  # Spark begins with an empty batch where there is nothing new
        self._tallies.value = {}
        answers = self._staged(records, batch, self._tasks(ranges)).collect()
        for refusal in (answer[steps.REFUSAL] for answer in answers if answer[steps.REFUSAL] is not None):
            raise usage_error(f"table {self.name}: {refusal}")
        manifests = [answer[steps.MANIFEST] for answer in answers]
        decoded = self._decoded(records, batch, ranges)
        committed = self._commit(ranges, manifests, decoded)
        self._next = end
        self.batches += 1
        self._landed(self.name, batch, committed)

    def _tasks(self, ranges: list[Range]) -> int:
        """How many tasks a batch is worth: each writes files of its own, and readers suffer from small files."""
        worth = math.ceil(sum(to - begin for _, _, begin, to in ranges) / OFFSETS_PER_TASK)
        return max(1, min(worth, self._spark.sparkContext.defaultParallelism))

    def _staged(self, records: DataFrame, batch: int, tasks: int) -> DataFrame:
        source = self._source
        work = Work(
            source.contract,
            self.name,
            str(self._options.lake.absolute()),
            ENGINE,
            batch,
            time.time_ns() // 1_000_000,
            self._options.file_bytes,
        )
        if source.transform is None:
            # Whole Kafka partitions are put together, one behind the other, so that their offsets still ascend. (Spark
            # makes no more tasks of it than there are partitions.)
            return records.coalesce(tasks).mapInArrow(steps.decode_and_stage(work), steps.STAGED_SCHEMA)
        schema = shape.transport_schema(source.table.decoded_schema, forebay.quarantine_schema())
        decoded = records.mapInArrow(steps.decode(work, schema, self._tallies), from_arrow_schema(schema))
        rows = transform.apply(source.transform, str(self._options.transform), decoded, self.name)
        return rows.mapInArrow(steps.stage(work), steps.STAGED_SCHEMA)

    def _decoded(self, records: DataFrame, batch: int, ranges: list[Range]) -> list[str]:
        """What the decode step saw, for the driver to hold against what was staged; nothing when they are one step.

        A plan from which Spark has optimized the decoding away (`limit(0)`) leaves no tallies at all. So where there
        are none, Kafka is asked whether there are no records either.
        """
        if self._source.transform is None:
            return []
        tallies = {key[1:]: said for key, said in self._tallies.value.items() if key[0] == batch}
        silent = {partition for _, partition, _, _ in ranges} - {partition for partition, _ in tallies}
        if silent and not records.where(col("partition").isin(sorted(silent))).isEmpty():
            raise usage_error(
                f"the transform {self._options.transform} left out all rows of table {self.name}'s "
                f"Kafka partition {min(silent)}; it is one row in, one row out"
            )
        return [document for said in tallies.values() for document in said]
