"""Complete dates: compares the lake with the events that were emitted, and makes the events that are due."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from forebay.airflow import commands, microbatch
from forebay.airflow.memory import Memory
from forebay.airflow.settings import Settings

COMPLETE, REOPENED = "complete", "reopened"
MAX_EVENTS = 500  # in one run; the next run emits more


@dataclass(frozen=True)
class DateEvent:
    """A change of one date of one table.

    state "complete": the date is landed and verified; with `reopened` it was emitted before, with
    `previous_checksum`. state "reopened": records arrived after it was emitted as complete, and more may arrive.
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
    time_zone: str | None = "UTC"  # of the date; earlier versions emitted events without it


@dataclass(frozen=True)
class Notified:
    """The last event that was emitted for a date."""

    state: str
    checksum: str
    last_batch: int = 0  # files of earlier versions have none


def changes(status: dict[str, Any], notified: dict[str, Notified]) -> list[DateEvent]:
    """Returns the events that are due, given `forebay status --json` and the last event of each date."""
    events = []
    for table in status["tables"]:
        for date in table["dates"]:
            before = notified.get(date_key(table["table"], date["date"]))
            state = _changed_state(date, before)
            if state is not None:
                events.append(
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
                        time_zone=table["time_zone"],
                    )
                )
    return sorted(events, key=lambda event: (event.date, event.table))


def _changed_state(date: dict[str, Any], before: Notified | None) -> str | None:
    if date["state"] == COMPLETE:
        same = before is not None and before.state == COMPLETE and before.checksum == date["checksum"]
        return None if same else COMPLETE
    changed = before is not None and before.state == COMPLETE and before.checksum != date["checksum"]
    return REOPENED if changed else None


def date_key(table: str, date: str) -> str:
    """Returns the key of a table's date."""
    return f"{table}/{date}"


class NotifiedDates:
    """The last event of each date, in a file beside the lake. Without the file, every event is emitted again."""

    def __init__(self, settings: Settings) -> None:
        self._memory = Memory(settings.state / "dates.json")

    def read(self, lake_id: str) -> dict[str, Notified]:
        """Returns the last events of this lake's dates."""
        return _notified(self._memory.read(lake_id))

    def still_due(self, events: list[DateEvent]) -> list[DateEvent]:
        """Returns the events of dates of which nothing was recorded since the events were made."""
        known = self.read(events[0].lake_id) if events else {}
        return [event for event in events if _follows(event, known.get(date_key(event.table, event.date)))]

    def add(self, events: list[DateEvent]) -> None:
        """Records that these events were emitted.

        Two runs that overlap may emit different events of a date, in any order. The older one is kept then, so that
        the next run emits the newer one again: last, and perhaps twice.
        """
        if not events:
            return
        with self._memory.change(events[0].lake_id) as document:
            notified = _notified(document)
            for event in events:
                key = date_key(event.table, event.date)
                known = notified.get(key)
                if known is None or _follows(event, known) or event.last_batch < known.last_batch:
                    notified[key] = Notified(event.state, event.checksum, event.last_batch)
            document["dates"] = {key: asdict(last) for key, last in sorted(notified.items())}


def _notified(document: dict[str, Any]) -> dict[str, Notified]:
    return {key: Notified(**members) for key, members in document.get("dates", {}).items()}


def _follows(event: DateEvent, known: Notified | None) -> bool:
    """Whether the event was made from what is known of its date."""
    return event.previous_checksum == (None if known is None else known.checksum)


def status(settings: Settings) -> dict[str, Any]:
    """Returns `forebay status`, with the topics' ends from the brokers."""
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


def find_changes(settings: Settings) -> list[DateEvent]:
    """Returns the events that are due. Raises if any date is complete and the lake does not verify."""
    if not (settings.lake / "_forebay" / "lake.json").is_file():
        return []
    current = status(settings)
    events = changes(current, NotifiedDates(settings).read(current["lake_id"]))[:MAX_EVENTS]
    if any(event.state == COMPLETE for event in events):
        microbatch.verify(settings, since=0)
    return events


def describe(event: DateEvent) -> str:
    """Returns an event as a line of text."""
    if event.state == REOPENED:
        return f"{event.table} {event.date} is RE-OPENED by late records: {event.rows} rows now; it was complete before"
    again = " again, after late records" if event.reopened else ""
    return f"{event.table} {event.date} is complete{again}: {event.rows} rows, checksum {event.checksum}"


def lake_id(settings: Settings) -> str | None:
    """Returns the lake's id; None if nothing was ever landed."""
    try:
        document = json.loads((settings.lake / "_forebay" / "lake.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return str(document["lake_id"])
