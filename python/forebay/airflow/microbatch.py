"""The steps of a micro-batch: check brokers and topics, land, verify the new batches."""

import logging
from collections import Counter
from typing import Any

from forebay.airflow import commands, engines
from forebay.airflow.commands import CommandError, PermanentError
from forebay.airflow.settings import Settings
from forebay.airflow.stream import process
from forebay.airflow.stream.engine import StreamEngine

log = logging.getLogger("forebay.airflow")

BROKER_TIMEOUT = "20s"
FINDINGS_SHOWN = 10
# In the environment of a lander that a run of a DAG started: the lake's path.
RUN_MARK = "FOREBAY_RUN_LAKE"


class VerificationError(PermanentError):
    """The lake failed verification; the message lists the findings."""


def check(settings: Settings) -> list[str]:
    """Checks that brokers respond, and creates the contract's missing topics. Returns a line per topic.

    A topic that differs from the contract, or whose settings may not be read, is landed all the same: records that
    wait for the contract to be corrected would expire.
    """
    applied = commands.forebay(
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
    topics = applied.result["topics"]
    for topic in topics:
        for each in topic["differences"]:
            log.warning(
                "topic %s: %s is %s, but %s in the contract; it is landed as it is. %s",
                topic["topic"],
                each["setting"],
                each["broker"],
                each["contract"],
                each["advice"],
            )
    return [describe_topic(topic) for topic in topics]


def describe_topic(topic: dict[str, Any]) -> str:
    """Returns a topic of `forebay topics apply --json` as a line of text."""
    differing = ", ".join(each["setting"] for each in topic["differences"])
    line = f"topic {topic['topic']} {'created' if topic['created'] else 'exists'}"
    if differing:
        line += f", and differs from the contract: {differing}"
    if not topic["settings_compared"]:
        line += "; its settings were not compared, which needs the right DescribeConfigs on it"
    return line


def land(settings: Settings, engine: str) -> dict[str, Any]:
    """Lands up to the topics' current ends. Safe to repeat: a record is landed once.

    Succeeds, too, where the stream or another run lands: a backfill may run beside the schedule. Raises a CommandError
    when another program has the lake's lock, such as a lander that was started by hand.
    """
    command = engines.landing(settings, engine, "--once")
    try:
        landed = commands.run(command.argv, environment={**command.environment, RUN_MARK: str(settings.lake)}).result
    except CommandError as error:
        other = _other_lander(settings) if error.status == commands.EXIT_LOCK_HELD else None
        if other is None:
            raise
        summary = f"{other} lands into this lake; this run only verifies"
        log.info("%s", summary)
        return {"engine": engine, "rows": 0, "batches": 0, "summary": summary}
    rows, batches = landed["rows"], landed["batches"]
    summary = (
        f"landed {rows} rows in {batches} batches; {landed['quarantined']} quarantined"
        if batches
        else "nothing new to land"
    )
    if landed["held_back"]:
        summary += f"; {landed['held_back']} records wait behind open transactions: a later run lands them"
    log.info("%s", summary)
    return {"engine": engine, "summary": summary, **landed}


def _other_lander(settings: Settings) -> str | None:
    """Names the DAG's lander that has the lake's lock; None if it ended meanwhile, or is none of a DAG."""
    if StreamEngine(settings).find() is not None:
        return "forebay_stream"
    return "another run" if process.find_by_environment(RUN_MARK, str(settings.lake)) else None


def verify(settings: Settings, since: int) -> dict[str, Any]:
    """Compares every batch after `since` with files, brokers and receipts. Raises VerificationError."""
    if not (settings.lake / "_forebay" / "lake.json").is_file():
        return {"summary": "nothing was landed yet", "since": since, "last_batch": since}
    verified = commands.forebay(
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
    report = verified.result
    if verified.status != 0 or not report["clean"]:
        raise VerificationError(describe(report), verified.status)
    last = report["last_batch"]
    counts: Counter[str] = Counter()
    for table in report["tables"]:  # an entry for each topic
        counts[table["table"]] += table["rows"]
    summary = (
        f"verified batches {since + 1} to {last}: {report['rows']} rows, {report['quarantined']} quarantined"
        if last > since
        else f"nothing new to verify after batch {since}"
    )
    log.info("%s", summary)
    return {
        "summary": summary,
        "lake_id": report["lake_id"],
        "since": since,
        "last_batch": last,
        "rows": dict(counts),
        "quarantined": report["quarantined"],
        "receipts": report["receipts"],
    }


def describe(report: dict[str, Any]) -> str:
    """Returns the findings as text, a line each, with the next command."""
    kinds = ", ".join(f"{kind} ({count})" for kind, count in report["problems_by_kind"].items())
    lines = [
        f"verification failed: {kinds}. No batch after batch {report['since']} is published until this is repaired."
    ]
    for finding in report["problems"][:FINDINGS_SHOWN]:
        where = " ".join(str(finding[key]) for key in ("table", "partition_dir", "file", "batch") if key in finding)
        lines.append(f"  {finding['kind']}: {where} {finding.get('detail', '')} -> {finding.get('next', '')}")
    return "\n".join(lines)


def _receipts(settings: Settings) -> tuple[str, ...]:
    return ("--receipt", str(settings.receipts)) if any(settings.receipts.glob("*.json")) else ()


def last_published(events: list[dict[str, Any]], lake_id: str | None) -> int:
    """Returns the newest published batch of this lake, from the asset's events; 0 if there is none."""
    published = [event["last_batch"] for event in events if event.get("lake_id") == lake_id and "last_batch" in event]
    return max(published, default=0)
