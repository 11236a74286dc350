"""The run: lock the lake, plan, start one query per table, and supervise the queries until the run is over.

The core (`forebay.Landing`) makes every decision, called by the driver, one commit at a time. Spark's checkpoints are
temporary: each start plans from the ledger.
"""

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

import forebay
from forebay import Committed, Landing, Position
from forebay.spark import kafka_config, offsets, transform
from forebay.spark.failures import JobError, sentence_of, usage_error
from forebay.spark.offsets import Range
from forebay.spark.options import Options
from forebay.spark.progress import Listener, Reports
from forebay.spark.session import check_environment, log_place, open_session, set_driver_properties
from forebay.spark.stream import ENGINE, Source, TableStream

log = logging.getLogger("forebay.spark")

POLL_S = 0.2
OpenSession = Callable[[Options, Path], AbstractContextManager[SparkSession]]


class StopRequestedError(Exception):
    """A stop was requested while no consumed record was waiting to be landed."""


class Stop:
    """A request to stop, by a signal or by a file that appears."""

    def __init__(self, file: Path | None = None) -> None:
        self._event = threading.Event()
        self._file = file
        self._raises = False

    def request(self) -> None:
        """Call it on the main thread, which then raises StopRequestedError inside `at_once`."""
        self._event.set()
        if self._raises:
            raise StopRequestedError

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Lets a stop interrupt the core's waits (for the lock, for brokers) while nothing is consumed."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def is_requested(self) -> bool:
        """Whether to end after the current batches."""
        if self._file is not None and self._file.exists():
            self._event.set()
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Sleeps until the time is over or a stop is requested by a signal."""
        self._event.wait(seconds)


def run(options: Options, stop: Stop, reports: Reports, session: OpenSession = open_session) -> bool:
    """Lands the contract's topics. The lake is locked before the JVM starts; with nothing to land, no JVM starts.

    False: a stop ended it before the ends that the topics had at the start were landed (--once).
    """
    if options.stop_file is not None and options.stop_file.exists():
        raise usage_error(f"stop file {options.stop_file} already exists, perhaps from an earlier run; remove it")
    contract = forebay.Contract.read(options.contract)
    kafka = kafka_config.read(options.kafka_config)
    options = replace(options, jvm_properties=kafka_config.jvm_properties(kafka))
    step = transform.load(options.transform) if options.transform else None
    check_environment(options)
    with open_landing(options, contract, stop) as landing:
        options = replace(options, brokers=landing.brokers)
        reports.state("starting")
        reports.new_lake = landing.new_lake
        if landing.recovered:
            log.info("%s", landing.recovered)
        with stop.at_once():
            plan = make_plan(landing, options, reports)
        if not options.follow and all(position.next == position.end for position in plan):
            return True
        with scratch(options) as work, session(options, work) as spark:
            set_driver_properties(spark, options)
            job = Job(options, landing, spark, work=work, stop=stop, reports=reports)
            listener = Listener(reports)
            spark.streams.addListener(listener)
            try:
                return job.run(contract, kafka, step, plan)
            except (Py4JError, ConnectionError) as failure:
                raise JobError(f"Spark's JVM ended unexpectedly; see its log, {log_place(options)}") from failure
            finally:
                with suppress(Py4JError, OSError):
                    spark.streams.removeListener(listener)


def open_landing(options: Options, contract: forebay.Contract, stop: Stop) -> Landing:
    """Locks the lake and recovers it."""
    with stop.at_once():
        return Landing.open(
            contract,
            options.brokers,
            options.lake,
            engine=ENGINE,
            wait=options.wait,
            existing=options.existing,
            follow=options.follow,
            start=options.start,
            kafka_config=options.kafka_config or "",
            accept_loss=options.accept_loss,
            adopt_topics=options.adopt_topics,
            adopt_logs=options.adopt_logs,
            max_reject_rate=options.max_reject_rate,
            consumer_group=options.consumer_group,
        )


def make_plan(landing: Landing, options: Options, reports: Reports) -> list[Position]:
    """Plans, and reports what a run of --once will leave behind open transactions."""
    plan = landing.plan()
    if not options.follow:
        reports.totals.held_back = landing.held_back
    return plan


@contextmanager
def scratch(options: Options) -> Iterator[Path]:
    """A temporary directory for checkpoints and Spark's files, removed when the run ends."""
    if options.checkpoint_dir is not None:
        options.checkpoint_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="forebay-spark-", dir=options.checkpoint_dir))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Job:
    """Runs the queries of all tables. Call run() once. The queries' threads commit, one at a time."""

    def __init__(  # noqa: PLR0913 - all but three are named
        self,
        options: Options,
        landing: Landing,
        spark: SparkSession,
        *,
        work: Path,
        stop: Stop,
        reports: Reports,
    ) -> None:
        self._options = options
        self._stop = stop
        self._reports = reports
        self._landing = landing
        self._spark = spark
        self._work = work
        self._landing_lock = threading.Lock()
        self._failed: set[str] = set()  # tables whose query failed in an earlier round

    def run(
        self, contract: forebay.Contract, kafka: dict[str, str], step: transform.Transform | None, plan: list[Position]
    ) -> bool:
        """Lands until nothing is left (--once) or a stop is requested. Each round plans from the ledger.

        False: with --once, the stop came before the ends of the plan were landed.
        """
        round_number = 0
        while True:
            if round_number > 0:
                with self._landing_lock, self._stop.at_once():
                    plan = make_plan(self._landing, self._options, self._reports)
            streams = self._streams(contract, kafka, step, plan, round_number)
            self._reports.state("running")
            try:
                ended = self._supervise(streams)
            finally:
                self._drain(streams)
                self._reports.settle()
            if ended:
                return self._options.follow or _reached(streams, plan)
            round_number += 1
            self._stop.wait(POLL_S)

    def _streams(
        self,
        contract: forebay.Contract,
        kafka: dict[str, str],
        step: transform.Transform | None,
        plan: list[Position],
        round_number: int,
    ) -> list[TableStream]:
        streams = []
        by_table: dict[str, list[Position]] = {}
        for position in plan:
            by_table.setdefault(position.table, []).append(position)
        for name, positions in by_table.items():
            if not self._options.follow and all(position.next == position.end for position in positions):
                continue
            table = contract.table(name, positions[0].topic)
            columns = self._landing.file_schema(name)
            source = Source(contract, table, columns, offsets.beginnings(positions), kafka, step)
            checkpoint = self._work / f"checkpoint-{round_number}-{table.name}"
            streams.append(
                TableStream(
                    self._spark,
                    source,
                    self._options,
                    checkpoint=checkpoint,
                    commit=self._commit,
                    check_columns=self._check_columns,
                    landed=self._reports.landed,
                )
            )
        return streams

    def _commit(self, ranges: list[Range], manifests: list[str], decoded: list[str]) -> Committed:
        with self._landing_lock:
            committed = self._landing.commit(ranges, manifests, decoded)
            self._landing.commit_offsets()
            self._reports.fields = self._landing.field_report()
            return committed

    def _check_columns(self, table: str, columns: pa.Schema) -> None:
        with self._landing_lock:
            self._landing.check_columns(table, columns)

    def _supervise(self, streams: list[TableStream]) -> bool:
        """Runs the queries: True when the run is over, False when they must be restarted from the ledger."""
        for stream in streams:
            try:
                stream.start()
            except PySparkException as failure:
                raise JobError(f"table {stream.name}: cannot start its query: {sentence_of(failure)}") from failure
        checked_at = time.monotonic()
        while True:
            if self._stop.is_requested():
                self._reports.state("stopping")
                return True
            running = [stream for stream in streams if stream.query is not None and stream.query.isActive]
            for stream in streams:
                if stream not in running and self._has_failed(stream):
                    return False
            if not running and (streams or not self._options.follow):
                return not self._options.follow
            if self._options.follow and time.monotonic() - checked_at > self._options.flush_interval_ms / 1000:
                checked_at = time.monotonic()
                if self._is_outdated():
                    return False
            self._stop.wait(POLL_S)

    def _is_outdated(self) -> bool:
        """Whether partitions or topics have appeared since the plan, or topics are gone that patterns matched."""
        try:
            with self._landing_lock:
                added = self._landing.new_partitions()
                topics = self._landing.new_topics()
        except forebay.ConflictError as conflict:
            log.warning("%s; restarting from the ledger", conflict)
            return True
        for position in added:
            log.info("topic %s has a new partition, %d", position.topic, position.partition)
        for topic in topics:
            log.info("topic %s has appeared", topic)
        return bool(added or topics)

    def _has_failed(self, stream: TableStream) -> bool:
        """Whether a query that ended failed and may be retried. Raises for an error that a retry would repeat."""
        failure = stream.failure or (stream.query.exception() if stream.query else None)
        if failure is None:
            return False
        if isinstance(failure, forebay.ConflictError):
            log.warning("table %s: %s; restarting from the ledger", stream.name, failure)
            return True
        # Errors of the core and of this job are permanent; Spark's may come from a broker or worker that was lost.
        if isinstance(failure, (forebay.ForebayError, JobError)):
            raise failure
        reason = sentence_of(failure)
        if stream.name in self._failed and stream.batches == 0:
            raise JobError(f"table {stream.name}: a batch failed twice, last with: {reason}") from failure
        self._failed.add(stream.name)
        log.warning("table %s: a batch failed, retrying: %s", stream.name, reason)
        return True

    def _drain(self, streams: list[TableStream]) -> None:
        """Waits for the current batches, prevents new ones, and stops the queries."""
        for stream in streams:
            with stream.gate:
                stream.closed = True
            if stream.query is not None:
                with suppress(Py4JError, PySparkException, OSError):  # the JVM may have ended
                    stream.query.stop()


def _reached(streams: list[TableStream], plan: list[Position]) -> bool:
    """Whether every partition is landed up to its end in the plan. A table without a stream had nothing to land."""
    landed = {stream.name: stream.positions for stream in streams}
    return all(
        landed[position.table].get((position.topic, position.partition), position.next) >= position.end
        for position in plan
        if position.table in landed
    )
