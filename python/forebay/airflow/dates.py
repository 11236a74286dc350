"""Which dates are complete, which were told, and what there is to tell: a date that became complete, or came again."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forebay.airflow import commands, microbatch
from forebay.airflow.settings import Settings

COMPLETE, REOPENED = "complete", "reopened"
AT_ONCE = 500  # what one run tells at most; the next one goes on


@dataclass(frozen=True)
class DateEvent:
    """What is told of one date of one table.

    state "complete": all of it is landed and verified; `reopened` says that it had been told before, with
    `previous_checksum`. state "reopened": records came after it had been told as complete, and more may come.
    """

    lake_id: str
    table: str
    date: str
    state: str
    rows: int
    files: int
    checksum: str
    key_sum: str
    last_batch: int
    reopened: bool
    previous_checksum: str | None


@dataclass(frozen=True)
class Notified:
    """What was told last of a date."""

    state: str
    checksum: str


def changes(status: dict[str, Any], told: dict[str, Notified]) -> list[DateEvent]:
    """Return what differs between the lake, as `forebay status --json` says, and what was told of it."""
    found = []
    for table in status["tables"]:
        for date in table["dates"]:
            before = told.get(name_of(table["table"], date["date"]))
            state = _news(date, before)
            if state is not None:
                found.append(
                    DateEvent(
                        lake_id=status["lake_id"],
                        table=table["table"],
                        date=date["date"],
                        state=state,
                        rows=date["rows"],
                        files=date["files"],
                        checksum=date["checksum"],
                        key_sum=date["key_sum"],
                        last_batch=date["last_batch"],
                        reopened=before is not None,
                        previous_checksum=before.checksum if before is not None else None,
                    )
                )
    return sorted(found, key=lambda event: (event.date, event.table))


def _news(date: dict[str, Any], before: Notified | None) -> str | None:
    if date["state"] == COMPLETE:
        same = before is not None and before.state == COMPLETE and before.checksum == date["checksum"]
        return None if same else COMPLETE
    changed = before is not None and before.state == COMPLETE and before.checksum != date["checksum"]
    return REOPENED if changed else None


def name_of(table: str, date: str) -> str:
    """Return what a date of a table is called."""
    return f"{table}/{date}"


class Memory:
    """What was told, in a file beside the lake. Losing it tells everything once more, which is harmless."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.state / "dates.json"

    def read(self, lake_id: str) -> dict[str, Notified]:
        """Return what was told of this lake."""
        try:
            found = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        if found.get("lake_id") != lake_id:
            return {}
        return {name: Notified(**told) for name, told in found["dates"].items()}

    def add(self, events: list[DateEvent]) -> None:
        """Remember that these were told."""
        if not events:
            return
        lake_id = events[0].lake_id
        known = self.read(lake_id)
        known.update({name_of(event.table, event.date): Notified(event.state, event.checksum) for event in events})
        write_atomically(
            self._file,
            json.dumps(
                {"lake_id": lake_id, "dates": {name: asdict(told) for name, told in sorted(known.items())}}, indent=1
            ),
        )


def write_atomically(file: Path, text: str) -> None:
    """Whoever reads it sees the old text or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_text(text + "\n")
    fresh.replace(file)


def status(settings: Settings) -> dict[str, Any]:
    """What the lake holds, with the brokers asked."""
    return commands.forebay(
        settings,
        "status",
        "--lake",
        settings.lake,
        "--brokers",
        settings.brokers,
        "--grace",
        settings.grace,
        "--idle",
        settings.idle,
    ).result


def look(settings: Settings) -> list[DateEvent]:
    """What there is to tell, the whole lake verified; nothing is told of a lake in which something is wrong."""
    if not (settings.lake / "_forebay" / "lake.json").is_file():
        return []
    seen = status(settings)
    news = changes(seen, Memory(settings).read(seen["lake_id"]))[:AT_ONCE]
    if any(event.state == COMPLETE for event in news):
        microbatch.verify(settings, since=0)
    return news


def describe(event: DateEvent) -> str:
    """One line for people."""
    if event.state == REOPENED:
        return f"{event.table} {event.date} is RE-OPENED: records came late, {event.rows} rows now; it was told before"
    again = " again, after records came late" if event.reopened else ""
    return f"{event.table} {event.date} is complete{again}: {event.rows} rows, checksum {event.checksum}"


def lake_id(settings: Settings) -> str | None:
    """Return the lake's id, or None where nothing was ever landed."""
    try:
        found = json.loads((settings.lake / "_forebay" / "lake.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return str(found["lake_id"])
