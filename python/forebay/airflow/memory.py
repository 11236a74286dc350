"""What the DAGs have verified and emitted, in files beside the lake.

Airflow's database is no place for it: `airflow db clean` deletes events, and without them every batch would be
verified and emitted again. Runs may overlap (a backfill beside the schedule), so that a change is a compare-and-set: it
is made under a lock, from what the file holds by then.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forebay.airflow.commands import PermanentError
from forebay.airflow.settings import Settings


class Memory:
    """A JSON object in a file, of one lake: another lake's is read as empty, and replaced by the first change."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, lake_id: str | None) -> dict[str, Any]:
        """Returns the object; empty if there is none for this lake."""
        try:
            document = json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as damage:
            raise self._damaged(f"is not JSON ({damage})") from damage
        if not isinstance(document, dict):
            raise self._damaged("is not a JSON object")
        found: dict[str, Any] = document
        return found if lake_id is not None and found.get("lake_id") == lake_id else {}

    def _damaged(self, what: str) -> PermanentError:
        return PermanentError(f"{self._file} {what}: restore it, or remove it to verify and emit everything again")

    @contextmanager
    def change(self, lake_id: str) -> Iterator[dict[str, Any]]:
        """Yields the object to be changed, and writes it if it was. No other process changes it meanwhile."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_name(f".{self._file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self.read(lake_id)
            document = json.loads(json.dumps(before)) | {"lake_id": lake_id}
            yield document
            if document != before:
                write_atomically(self._file, json.dumps(document, indent=1))


class VerifiedBatches:
    """The newest batch up to which all were verified and emitted."""

    def __init__(self, settings: Settings) -> None:
        self._memory = Memory(settings.state / "verified.json")

    def last(self, lake_id: str | None) -> int:
        """Returns the batch; 0 if none was emitted yet."""
        return int(self._memory.read(lake_id).get("last_batch", 0))

    def record(self, lake_id: str, last_batch: int) -> None:
        """Records that all batches up to this one were emitted; never goes back."""
        with self._memory.change(lake_id) as document:
            document["last_batch"] = max(last_batch, document.get("last_batch", 0))


def write_atomically(file: Path, text: str) -> None:
    """Replaces the file; a reader, also after a power cut, sees the old text or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with fresh.open("w") as output:
        output.write(text + "\n")
        output.flush()
        os.fsync(output.fileno())
    fresh.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
