"""Reports of a running job: one JSON line per batch in the log, and a status file that is replaced atomically."""

import json
import logging
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)

from forebay import Committed
from forebay.spark import offsets

log = logging.getLogger("forebay.spark")


def now() -> str:
    """The time in RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Totals:
    """Sums over the batches of the run."""

    def __init__(self) -> None:
        self.batches = self.files = self.file_bytes = self.rows = self.quarantined = self.tombstones = 0
        self.untimed = 0  # records without a usable Kafka timestamp
        self.held_back = 0  # with --once: offsets behind open transactions, which a later run lands

    def add(self, landed: Committed) -> None:
        """Adds one batch."""
        self.batches += 1
        self.files += landed.files
        self.file_bytes += landed.bytes
        self.rows += landed.rows
        self.quarantined += landed.quarantined
        self.tombstones += landed.tombstones
        self.untimed += landed.untimed


class Reports:
    """The status file and the log lines. Thread-safe.

    Two parties report a batch: the driver what it landed and, shortly after, Spark what it read. The second report
    writes the batch's line.
    """

    def __init__(self, status_file: Path, lake: Path, *, follow: bool) -> None:
        self._file = status_file
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._begun = False
        self._landed: dict[tuple[str, int], Committed] = {}
        self._began = time.monotonic()
        self.totals = Totals()
        self.new_lake = False
        self.fields: dict[str, Any] = {}  # by table: what the landed rows tell about the contract
        self._status: dict[str, Any] = {
            "engine": "spark",
            "pid": os.getpid(),
            "lake": str(lake.absolute()),
            "mode": "follow" if follow else "once",
            "state": "starting",
            "started_at": now(),
            "tables": {},
        }

    def failed(self, error: str) -> None:
        """Records the error, unless the run never wrote the file: it may then belong to another run."""
        if self._begun:
            self.state("failed", error)

    def state(self, state: str, error: str | None = None) -> None:
        """Sets the state: starting, running, stopping, ended, partial or failed."""
        with self._lock:
            self._status["state"] = state
            if error is not None:
                self._status["error"] = error
            self._write()

    def landed(self, table: str, batch: int, committed: Committed) -> None:
        """The driver's report of one of Spark's batches."""
        with self._lock:
            self._landed[table, batch] = committed
            self.totals.add(committed)
            self._write()

    def progressed(self, table: str, progress: dict[str, Any]) -> None:
        """Spark's report of a batch (a StreamingQueryProgress as JSON)."""
        with self._lock:
            committed = self._landed.pop((table, progress["batchId"]), None)
            if committed is not None:
                line = batch_line(table, progress, committed)
                self._status["tables"][table] = line
                log.info("%s", json.dumps(line))
                self._settled.notify_all()
            self._write()

    def settle(self, timeout_s: float = 2.0) -> None:
        """Waits for Spark's reports of the landed batches, which arrive after the queries have ended."""
        with self._lock:
            self._settled.wait_for(lambda: not self._landed, timeout_s)
            self._landed.clear()

    def idle(self) -> None:
        """Refreshes `updated_at` while there is nothing to land."""
        with self._lock:
            self._write()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._began

    def _write(self) -> None:
        self._begun = True
        self._status |= {"updated_at": now(), "totals": vars(self.totals)}
        fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        fresh.write_text(json.dumps(self._status, indent=1) + "\n")
        fresh.replace(self._file)


def batch_line(table: str, progress: dict[str, Any], committed: Committed) -> dict[str, Any]:
    """One line of the log: what Spark read, and what the driver landed of it."""
    source = progress["sources"][0]
    end = source["endOffset"]
    latest = source.get("latestOffset") or end
    seconds = progress["batchDuration"] / 1000
    records = progress["numInputRows"]
    return {
        "time": now(),
        "table": table,
        "batch": committed.batch,
        "records": records,
        "records_per_second": round(records / seconds, 1) if seconds else None,
        "seconds": round(seconds, 3),
        "rows": committed.rows,
        "quarantined": committed.quarantined,
        "tombstones": committed.tombstones,
        "files": committed.files,
        "file_bytes": committed.bytes,
        "end_offsets": next(iter(end.values())) if len(end) == 1 else end,
        "lag": offsets.lag(offsets.places(end), offsets.places(latest)),
    }


class Listener(StreamingQueryListener):
    """Forwards Spark's events. A query has the name of its table."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def onQueryStarted(self, _event: QueryStartedEvent) -> None:  # noqa: N802 - Spark's name
        """Spark calls this when a query begins."""
        self._reports.idle()

    def onQueryProgress(self, event: QueryProgressEvent) -> None:  # noqa: N802
        """Spark calls this after each batch."""
        if event.progress.name is not None:
            self._reports.progressed(event.progress.name, json.loads(event.progress.json))

    def onQueryIdle(self, _event: QueryIdleEvent) -> None:  # noqa: N802
        """Spark calls this periodically while there is nothing to do."""
        self._reports.idle()

    def onQueryTerminated(self, _event: QueryTerminatedEvent) -> None:  # noqa: N802
        """Spark calls this when a query has ended."""
        self._reports.idle()
