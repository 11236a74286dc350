"""The command line. Flags override environment variables (FOREBAY_...); every error is one sentence."""

import argparse
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from pyspark.logger import PySparkLogger

from forebay import ForebayError, _core
from forebay.spark.failures import EXIT_FAILURE, EXIT_INTERRUPTED, JobError, exit_status_of, named, usage_error
from forebay.spark.job import Stop, StopRequestedError, run
from forebay.spark.options import Options, parse_duration_ms
from forebay.spark.progress import Reports

EXAMPLE = """example:
  python -m forebay.spark --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --lake lake --once"""
DESCRIPTION = "Lands the contract's topics in a lake, exactly once, with Spark Structured Streaming."
COMPLETE, PARTIAL, STOPPED = "complete", "partial", "stopped"  # as in the report of `forebay land`
INTERRUPTED = "interrupted; the landed batches count, and the next landing continues after them"


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as a JobError."""

    def error(self, message: str) -> NoReturn:
        """Raises with argparse's message."""
        raise usage_error(f"{message}; see --help")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parses the flags; the environment and the defaults complete them."""
    parser = Parser(
        prog="forebay.spark",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_landing(parser.add_argument_group("what to land"))
    _add_batches(parser.add_argument_group("batches"))
    _add_spark(parser.add_argument_group("Spark"))
    _add_reports(parser.add_argument_group("stopping and reporting"))
    return parser.parse_args(arguments)


def _add_landing(group: Any) -> None:
    _add(group, "--contract", type=Path, required=True, help="the contract, an ODCS YAML file")
    _add(group, "--brokers", required=True, help="Kafka brokers, host:port[,host:port...]")
    _add(group, "--lake", type=Path, required=True, help="the lake's directory")
    _add(group, "--kafka-config", type=Path, help="file of librdkafka settings (key=value lines), for TLS and SASL")
    mode = group.add_mutually_exclusive_group(required=True)
    mode.add_argument("--once", action="store_true", help="land up to the ends that the topics have now, and exit")
    mode.add_argument(
        "--follow",
        action="store_true",
        help="land until stopped (SIGINT, SIGTERM, --stop-file); records already consumed are landed first",
    )
    group.add_argument(
        "--wait", action="store_true", help="wait until the lake's lock is free, instead of exiting with status 4"
    )
    group.add_argument(
        "--existing", action="store_true", help="refuse to begin a new lake: for a lake that must exist already"
    )
    group.add_argument(
        "--start",
        default="earliest",
        help="where to start topics that are new to the lake: earliest, latest or a timestamp",
    )
    group.add_argument("--transform", metavar="MODULE:FUNCTION", help="your step between decoding and staging")
    group.add_argument(
        "--max-reject-rate",
        type=_share,
        metavar="SHARE",
        help="stop, before offsets are spent, when the contract rejects more than this share of a table's records in a "
        "batch (0 to 1; 1: never). Default: 0.9, of at least 10 rejected records",
    )
    group.add_argument(
        "--accept-loss",
        action="store_true",
        help="continue after records that expired before landing; the loss is recorded permanently",
    )
    group.add_argument(
        "--adopt-topic",
        action="append",
        default=[],
        metavar="TOPIC",
        help="accept a topic that was deleted and recreated",
    )
    group.add_argument(
        "--adopt-log",
        action="append",
        default=[],
        metavar="TOPIC:PARTITION",
        help="accept a partition's log that was cut back and grew again: it is landed from where it differs",
    )
    _add(
        group,
        "--consumer-group",
        default="forebay",
        metavar="NAME|none",
        help="the consumer group under which lag tools see the landed offsets; none: commit no offsets",
    )


def _add_batches(group: Any) -> None:
    _add(
        group,
        "--flush-interval",
        type=_duration,
        default="60s",
        help="the longest that a record waits for its batch to begin",
    )
    _add(group, "--trigger-interval", type=_duration, default="1s", help="how often --follow polls for new records")
    _add(
        group,
        "--max-offsets-per-trigger",
        type=_count,
        default="4000000",
        help="the most offsets in a batch; 0 for no limit",
    )


def _add_spark(group: Any) -> None:
    _add(group, "--master", help="Spark's master (default: local[*,4]; under spark-submit, its own)")
    group.add_argument(
        "--spark-conf",
        type=_setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of Spark's, such as spark.driver.memory=4g",
    )
    _add(
        group,
        "--connector",
        type=Path,
        metavar="DIR",
        help="the directory of the Spark Kafka connector's jars (`tools/spark install` downloads them)",
    )
    _add(
        group,
        "--checkpoint-dir",
        type=Path,
        metavar="DIR",
        help="the directory for temporary checkpoints (default: the system's temporary directory); none is kept",
    )


def _add_reports(group: Any) -> None:
    _add(group, "--stop-file", type=Path, help="stop, as with SIGTERM, when this file appears")
    _add(group, "--status-file", type=Path, help="the status of the run as JSON (default: LAKE.spark-status.json)")
    _add(group, "--log-file", type=Path, help="Spark's log of this run (default: LAKE.spark.log)")
    group.add_argument("--json", action="store_true", help="report as JSON")
    group.add_argument("--verbose", action="store_true", help="Spark's log, and stack traces, on stderr")


def _add(group: Any, flag: str, *, required: bool = False, **settings: Any) -> None:
    """Adds a flag whose default an environment variable may set: --stop-file, FOREBAY_STOP_FILE."""
    variable = "FOREBAY_" + flag.removeprefix("--").replace("-", "_").upper()
    given = os.environ.get(variable)
    if given is not None:
        settings["default"] = given
    group.add_argument(flag, required=required and given is None, **settings)


def _duration(text: str) -> int:
    try:
        milliseconds = parse_duration_ms(text)
    except JobError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if milliseconds == 0:
        raise argparse.ArgumentTypeError("it must be above 0")
    return milliseconds


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of offsets")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and 1")
    return share


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE")
    return key, value


def to_options(flags: argparse.Namespace) -> Options:
    """The options of the run."""
    return Options(
        contract=flags.contract,
        brokers=flags.brokers,
        lake=flags.lake,
        follow=flags.follow,
        kafka_config=flags.kafka_config,
        start=flags.start,
        wait=flags.wait,
        existing=flags.existing,
        flush_interval_ms=flags.flush_interval,
        trigger_interval_ms=flags.trigger_interval,
        max_offsets_per_trigger=flags.max_offsets_per_trigger,
        max_reject_rate=flags.max_reject_rate,
        accept_loss=flags.accept_loss,
        adopt_topics=flags.adopt_topic,
        adopt_logs=flags.adopt_log,
        consumer_group="" if flags.consumer_group == "none" else flags.consumer_group,
        transform=flags.transform,
        master=flags.master,
        spark_conf=dict(flags.spark_conf),
        connector=flags.connector,
        stop_file=flags.stop_file,
        status_file=flags.status_file,
        log_file=flags.log_file,
        checkpoint_dir=flags.checkpoint_dir,
        verbose=flags.verbose,
    )


def main(arguments: Sequence[str]) -> int:
    """Lands, prints the outcome, and returns the exit status."""
    verbose = "--verbose" in arguments
    _set_up_log(verbose=verbose)
    failure_report = FailureReport(verbose=verbose)
    try:
        flags = parse(arguments)
        options = to_options(flags)
        status_file = options.status_file or options.beside_lake(".spark-status.json")
        failure_report.reports = reports = Reports(status_file, options.lake, follow=options.follow)
        stop = Stop(options.stop_file)
        _install_stop_signals(stop)
        complete = options.follow
        with suppress(StopRequestedError):
            complete = run(options, stop, reports)
        state = PARTIAL if not complete else STOPPED if options.follow else COMPLETE
        reports.state("ended" if complete else PARTIAL)
        _report(reports, state, as_json=flags.json)
        if not complete:
            print(f"forebay: {INTERRUPTED}", file=sys.stderr, flush=True)  # noqa: T201 - the output of a program
            return EXIT_INTERRUPTED
    except (JobError, ForebayError) as failure:
        return failure_report.write(str(failure), exit_status_of(failure))
    except OSError as failure:
        file = f"{failure.filename}: " if failure.filename else ""
        return failure_report.write(f"{file}{failure.strerror or failure}", EXIT_FAILURE)
    except Exception as failure:  # noqa: BLE001 - users get a sentence for every failure
        return failure_report.write(f"unexpected error: {named(failure)}; --verbose prints where", EXIT_FAILURE)
    return 0


class FailureReport:
    """Reports why a run failed: on stderr, and in the status file once the run has one."""

    def __init__(self, *, verbose: bool) -> None:
        self.reports: Reports | None = None
        self._verbose = verbose

    def write(self, sentence: str, status: int) -> int:
        """Returns the exit status."""
        if self._verbose:
            traceback.print_exc()
        print(f"forebay: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 - the error output of a program
        if self.reports is not None:
            with suppress(OSError):
                self.reports.failed(sentence)
        return status


def _set_up_log(*, verbose: bool) -> None:
    """Logs to stderr, without the stack traces that py4j and pyspark log: the error sentence replaces them."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    if not verbose:
        handler.addFilter(logging.Filter("forebay"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("forebay").setLevel(logging.INFO)
    # This logger has its own handler.
    PySparkLogger.getLogger("DataFrameQueryContextLogger").setLevel(logging.CRITICAL)


def _install_stop_signals(stop: Stop) -> None:
    """The first signal stops after landing what was consumed; a second one ends the process, which loses no record."""
    signals: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        signals.append(number)
        if len(signals) > 1:
            os._exit(128 + number)
        stop.request()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


def _fields_text(table: str, fields: dict[str, Any]) -> str:
    lines = [f"{hint}: is one of them misspelled?" for hint in fields["hints"]]
    if missing := fields["always_missing"]:
        lines.append(f"fields without a value in any of {fields['rows']} rows: {', '.join(missing)}")
    if unknown := fields["unknown_members"]:
        members = ", ".join(f"{member} ({rows})" for member, rows in unknown.items())
        lines.append(f"members that the contract does not know, kept in _extra, with their rows: {members}")
    if wrong := fields["nulled_values"]:
        values = ", ".join(f"{field} ({rows})" for field, rows in wrong.items())
        lines.append(f"fields whose wrong values became null, kept in _extra, with their rows: {values}")
    return "".join(f"\n  {table}: {line}" for line in lines)


def _report(reports: Reports, state: str, *, as_json: bool) -> None:
    totals, seconds = reports.totals, reports.seconds
    waiting = (
        f"; {totals.held_back} records behind open transactions: a later run lands them" if totals.held_back else ""
    )
    if as_json:
        text = json.dumps(
            {
                "state": state,
                "new_lake": reports.new_lake,
                **vars(totals),
                "seconds": round(seconds, 3),
                "fields": reports.fields,
            }
        )
    elif totals.batches == 0:
        nothing = "nothing was landed" if state == PARTIAL else "nothing new to land"
        text = f"{nothing}{waiting} ({seconds:.1f} s)"
    else:
        text = (
            f"landed {totals.rows} rows in {totals.batches} batches, {totals.files} files, "
            f"{totals.file_bytes / 1e6:.1f} MB; {totals.quarantined} quarantined, {totals.tombstones} tombstones"
            f"{waiting}; {seconds:.1f} s"
        )
        if small := _core.small_files_text(totals.batches, totals.files, totals.file_bytes):
            text += f"\n  {small}"
        text += "".join(_fields_text(table, fields) for table, fields in reports.fields.items())
    print(text)  # noqa: T201 - the output of a program
