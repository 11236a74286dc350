"""An example of work on complete dates: a sales report per date, recomputed when the date changes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forebay.airflow import dates
from forebay.airflow.commands import CommandError
from forebay.airflow.dates import COMPLETE, DateEvent
from forebay.airflow.memory import write_atomically
from forebay.airflow.settings import Settings

TABLE = "orders"
# A producer may send an order twice; it counts once. A cancelled order is not a sale.
ORDERS = """SELECT DISTINCT ON (order_id) * FROM read_parquet($files)
  ORDER BY order_id, _kafka_partition, _kafka_offset"""
TOTALS = f"""SELECT currency, count(*) AS orders, count(DISTINCT user_id) AS customers,
  sum(total)::VARCHAR AS revenue, round(avg(total), 2)::VARCHAR AS average
  FROM ({ORDERS}) WHERE status <> 'cancelled' GROUP BY currency ORDER BY currency"""  # noqa: S608
ROWS = "SELECT count(*) FROM read_parquet($files)"


def newest(events: list[dict[str, Any]]) -> list[DateEvent]:
    """Returns the last event of each date of the orders; a run may process several."""
    last = {event["date"]: DateEvent(**event) for event in events if event.get("table") == TABLE}
    return [last[date] for date in sorted(last)]


def directory(settings: Settings, date: str) -> Path:
    """Returns the directory of a date's report, beside the lake."""
    return settings.reports / "sales" / f"date={date}"


def make(settings: Settings, event: DateEvent) -> str:
    """Writes the report of a date, or marks it as out of date if the date is re-opened. Returns a summary."""
    file = directory(settings, event.date) / "report.json"
    before = json.loads(file.read_text()) if file.is_file() else None
    if event.state != COMPLETE:
        if before is None:
            return f"{event.date}: re-opened, no report to mark"
        return _write(file, {**before, "outdated": True, "outdated_because": dates.describe(event)})
    if before is not None and not before["outdated"] and before["checksum"] == event.checksum:
        return f"{event.date}: report is up to date"
    return _write(
        file,
        {
            "report": "sales",
            "date": event.date,
            "revision": 1 + (before["revision"] if before else 0),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "outdated": False,
            "event": vars(event),
            **_compute(settings, event.date),
        },
    )


def _compute(settings: Settings, date: str) -> dict[str, Any]:
    """Reads rows, checksum and totals, and retries if the date changed meanwhile, so that they are consistent."""
    import duckdb  # noqa: PLC0415 - only this task needs it

    for _ in range(5):
        before = _state_of(settings, date)
        files = sorted(str(file) for file in (settings.lake / TABLE / f"date={date}").glob("*.parquet"))
        with duckdb.connect() as connection:
            rows = connection.execute(ROWS, {"files": files}).fetchone()
            totals = connection.execute(TOTALS, {"files": files})
            names = [column[0] for column in totals.description]
            lines = [dict(zip(names, row, strict=True)) for row in totals.fetchall()]
        if rows is not None and rows[0] == before["rows"] and _state_of(settings, date) == before:
            return {
                "rows": before["rows"],
                "checksum": before["checksum"],
                "last_batch": before["last_batch"],
                "sales": lines,
            }
    raise CommandError(f"{TABLE} of {date} changed during each of five reads")


def _state_of(settings: Settings, date: str) -> dict[str, Any]:
    tables = {table["table"]: table["dates"] for table in dates.status(settings)["tables"]}
    found = next((each for each in tables.get(TABLE, []) if each["date"] == date), None)
    if found is None:
        raise CommandError(f"{TABLE} of {date} missing in the lake")
    return {name: found[name] for name in ("rows", "checksum", "last_batch")}


def _write(file: Path, report: dict[str, Any]) -> str:
    write_atomically(file, json.dumps(report, indent=1))
    write_atomically(file.with_suffix(".md"), _markdown(report))
    if report["outdated"]:
        return f"{report['date']}: report marked as out of date"
    return f"{report['date']}: report {report['revision']} of {report['rows']} rows (checksum {report['checksum']})"


def _markdown(report: dict[str, Any]) -> str:
    lines = [f"# Sales of {report['date']}", ""]
    if report["outdated"]:
        lines += [f"**Out of date.** {report['outdated_because']}.", ""]
    lines += ["| currency | orders | customers | revenue | average |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {each['currency']} | {each['orders']} | {each['customers']} | {each['revenue']} | {each['average']} |"
        for each in report["sales"]
    ]
    source = f"{report['rows']} rows, checksum {report['checksum']}, up to batch {report['last_batch']}"
    lines += ["", f"Revision {report['revision']}, made {report['made_at']} from {source}."]
    return "\n".join(lines)
