"""The steps of a micro-batch: the world is fit, land, verify what is new, say what was verified."""

import logging
from typing import Any

from forebay.airflow import commands, engines
from forebay.airflow.commands import LockHeldError, RefusedError
from forebay.airflow.settings import Settings
from forebay.airflow.stream.engine import StreamEngine

log = logging.getLogger("forebay.airflow")

BROKER_TIMEOUT = "20s"
FINDINGS_SHOWN = 10


class NotVerifiedError(RefusedError):
    """The lake is not what it has to be; the message names the findings."""


def check(settings: Settings) -> list[str]:
    """Ask the brokers for the contract's topics, and make those that are missing. What was found, topic by topic."""
    answer = commands.forebay(
        settings,
        "topics",
        "apply",
        "--contract",
        settings.contract,
        "--brokers",
        settings.brokers,
        "--wait",
        BROKER_TIMEOUT,
        allowed=(0, commands.EXIT_CHECK_FAILED),
    )
    topics = answer.result["topics"]
    different = [
        f"{topic['topic']}: {each['setting']} is {each['broker']}, the contract says {each['contract']}"
        for topic in topics
        for each in topic["differences"]
    ]
    if different:
        raise RefusedError("; ".join(different))
    return [f"{topic['topic']} was created" if topic["created"] else f"{topic['topic']} is there" for topic in topics]


def land(settings: Settings, engine: str) -> dict[str, Any]:
    """Land up to the ends that the topics have now. Safe to repeat: what was landed is not landed again."""
    command = engines.landing(settings, engine, "--once")
    try:
        landed = commands.run(command.words, environment=command.environment).result
    except LockHeldError:
        if StreamEngine(settings).find() is None:
            raise
        return {
            "engine": engine,
            "rows": 0,
            "batches": 0,
            "summary": "forebay_stream is landing into this lake; nothing to do here but verify what it landed",
        }
    rows, batches = landed["rows"], landed["batches"]
    summary = (
        f"landed {rows} rows in {batches} batches; {landed['quarantined']} quarantined"
        if batches
        else "nothing new to land"
    )
    log.info("%s", summary)
    return {"engine": engine, "summary": summary, **landed}


def verify(settings: Settings, since: int) -> dict[str, Any]:
    """Hold every batch newer than `since` against files, brokers and receipts. Raises when it finds something."""
    if not (settings.lake / "_forebay" / "lake.json").is_file():
        return {"summary": "nothing was ever landed here", "since": since, "last_batch": since}
    answer = commands.forebay(
        settings,
        "verify",
        "--lake",
        settings.lake,
        "--brokers",
        settings.brokers,
        "--since",
        since,
        *_receipts(settings),
        allowed=(0, commands.EXIT_CHECK_FAILED),
    )
    report = answer.result
    if answer.status != 0 or not report["clean"]:
        raise NotVerifiedError(describe(report))
    last = report["last_batch"]
    counts = {table["table"]: table["rows"] for table in report["tables"]}
    found = f"batches {since + 1} to {last} are verified: {report['rows']} rows, {report['quarantined']} quarantined"
    summary = found if last > since else f"nothing new to verify after batch {since}"
    log.info("%s", summary)
    return {
        "summary": summary,
        "lake_id": report["lake_id"],
        "since": since,
        "last_batch": last,
        "rows": counts,
        "quarantined": report["quarantined"],
        "receipts": report["receipts"],
    }


def describe(report: dict[str, Any]) -> str:
    """What verify found, in one sentence a finding, with what to do."""
    kinds = ", ".join(f"{kind} ({count})" for kind, count in report["problems_by_kind"].items())
    lines = [
        f"verify found: {kinds}. Nothing newer than batch {report['since']} counts as verified until it is mended."
    ]
    for finding in report["problems"][:FINDINGS_SHOWN]:
        where = " ".join(str(finding[key]) for key in ("table", "partition_dir", "file", "batch") if key in finding)
        lines.append(f"  {finding['kind']}: {where} {finding.get('detail', '')} -> {finding.get('next', '')}")
    return "\n".join(lines)


def _receipts(settings: Settings) -> tuple[str, ...]:
    return ("--receipt", str(settings.receipts)) if any(settings.receipts.glob("*.json")) else ()


def last_verified(events: list[dict[str, Any]], lake_id: str | None) -> int:
    """Return the newest batch that was verified and published, by the asset's events; 0 when it is another lake."""
    fitting = [event["last_batch"] for event in events if event.get("lake_id") == lake_id and "last_batch" in event]
    return max(fitting, default=0)
