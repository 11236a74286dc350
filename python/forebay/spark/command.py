"""The command line: flags beat environment variables (FOREBAY_...) beat defaults, and every error is one sentence."""

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

from forebay import ForebayError
from forebay.spark.failures import WORLD, JobError, exit_status_of, named, usage_error
from forebay.spark.job import Stop, StopRequestedError, run
from forebay.spark.options import Options, parse_duration_ms
from forebay.spark.progress import Reports, Totals

EXAMPLE = """example:
  python -m forebay.spark --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --lake lake --once"""
DESCRIPTION = "Lands the contract's topics in a lake, exactly once, with Spark Structured Streaming."


class Parser(argparse.ArgumentParser):
    """Says what is wrong as every other error is said."""

    def error(self, message: str) -> NoReturn:
        """Ends the parsing, with the sentence of argparse."""
        raise usage_error(f"{message}; see --help")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags, with what the environment and the defaults say of those that are not given."""
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
    _add(group, "--contract", type=Path, required=True, help="the contract: an ODCS YAML file")
    _add(group, "--brokers", required=True, help="Kafka brokers, host:port[,host:port...]")
    _add(group, "--lake", type=Path, required=True, help="the lake's directory")
    _add(group, "--kafka-config", type=Path, help="file of librdkafka settings (key=value lines), for TLS and SASL")
    mode = group.add_mutually_exclusive_group(required=True)
    mode.add_argument("--once", action="store_true", help="land up to the ends that the topics have now, and exit")
    mode.add_argument(
        "--follow",
        action="store_true",
        help="land until stopped (SIGINT, SIGTERM, --stop-file), which lands what was consumed",
    )
    group.add_argument(
        "--wait", action="store_true", help="wait for another lander on this lake to end, instead of exiting with 4"
    )
    group.add_argument(
        "--start",
        default="earliest",
        help="where topics that the lake has never seen begin: earliest, latest or a timestamp",
    )
    group.add_argument("--transform", metavar="MODULE:FUNCTION", help="your own step between decoding and landing")
    group.add_argument(
        "--max-reject-rate",
        type=_share,
        metavar="SHARE",
        help="stop when more than this share of a batch breaks the contract (0 to 1; off by default)",
    )
    group.add_argument(
        "--accept-loss",
        action="store_true",
        help="go on where records expired before they were landed; the loss is recorded for ever",
    )
    group.add_argument(
        "--adopt-topic",
        action="append",
        default=[],
        metavar="TOPIC",
        help="take a topic that was deleted and made again",
    )


def _add_batches(group: Any) -> None:
    _add(
        group,
        "--flush-interval",
        type=_duration,
        default="60s",
        help="the longest a record waits for its batch to begin",
    )
    _add(group, "--trigger-interval", type=_duration, default="1s", help="how often --follow looks for new records")
    _add(
        group,
        "--max-offsets-per-trigger",
        type=_count,
        default="4000000",
        help="offsets in a batch, at most; 0: no limit",
    )


def _add_spark(group: Any) -> None:
    _add(group, "--master", help="Spark's master (default: local[*,4]; with spark-submit: what it was told)")
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
        help="where the jars of Spark's Kafka connector are (`tools/spark install` fetches them)",
    )
    _add(
        group,
        "--checkpoint-dir",
        type=Path,
        metavar="DIR",
        help="where temporary checkpoints are made (default: the system's directory for such); nothing in it is kept",
    )


def _add_reports(group: Any) -> None:
    _add(group, "--stop-file", type=Path, help="stop, as with SIGTERM, when this file appears")
    _add(group, "--status-file", type=Path, help="kept up to date while it runs (default: LAKE.spark-status.json)")
    _add(group, "--log-file", type=Path, help="Spark's own log of this run (default: LAKE.spark.log)")
    group.add_argument("--json", action="store_true", help="report as JSON")
    group.add_argument("--verbose", action="store_true", help="Spark's log, and stack traces, on stderr")


def _add(group: Any, flag: str, *, required: bool = False, **settings: Any) -> None:
    """A flag that an environment variable may give: --stop-file, FOREBAY_STOP_FILE."""
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
        raise argparse.ArgumentTypeError("it has to be above 0")
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
    """What the run itself is told."""
    return Options(
        contract=flags.contract,
        brokers=flags.brokers,
        lake=flags.lake,
        follow=flags.follow,
        kafka_config=flags.kafka_config,
        start=flags.start,
        wait=flags.wait,
        flush_interval_ms=flags.flush_interval,
        trigger_interval_ms=flags.trigger_interval,
        max_offsets_per_trigger=flags.max_offsets_per_trigger,
        max_reject_rate=flags.max_reject_rate,
        accept_loss=flags.accept_loss,
        adopt_topics=flags.adopt_topic,
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
    """Lands, and says how it went: the exit status."""
    verbose = "--verbose" in arguments
    _set_up_log(verbose=verbose)
    failed = Failed(verbose=verbose)
    try:
        flags = parse(arguments)
        options = to_options(flags)
        status_file = options.status_file or options.beside_lake(".spark-status.json")
        failed.reports = reports = Reports(status_file, options.lake, follow=options.follow)
        stop = Stop(options.stop_file)
        _install_stop_signals(stop)
        with suppress(StopRequestedError):
            run(options, stop, reports)
        reports.state("ended")
        _report(reports.totals, reports.seconds, as_json=flags.json)
    except (JobError, ForebayError) as failure:
        return failed.say(str(failure), exit_status_of(failure))
    except OSError as failure:
        where = f": {failure.filename}" if failure.filename else ""
        return failed.say(f"{failure.strerror or failure}{where}", WORLD)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the user gets a sentence
        return failed.say(f"unexpected: {named(failure)}; --verbose shows where", WORLD)
    return 0


class Failed:
    """Says why a run failed: on stderr, and in the status file where the run got that far."""

    def __init__(self, *, verbose: bool) -> None:
        self.reports: Reports | None = None
        self._verbose = verbose

    def say(self, sentence: str, status: int) -> int:
        """Gives the exit status back."""
        if self._verbose:
            traceback.print_exc()
        print(f"forebay: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 - that is its purpose
        if self.reports is not None:
            with suppress(OSError):
                self.reports.failed(sentence)
        return status


def _set_up_log(*, verbose: bool) -> None:
    """Ours goes to stderr. What py4j and pyspark log there are stack traces of what is then said in one sentence."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    if not verbose:
        handler.addFilter(logging.Filter("forebay"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("forebay").setLevel(logging.INFO)
    # This one has a handler of its own.
    PySparkLogger.getLogger("DataFrameQueryContextLogger").setLevel(logging.CRITICAL)


def _install_stop_signals(stop: Stop) -> None:
    """The first one lands what was consumed; the second ends at once, and costs nothing but work."""
    signals: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        signals.append(number)
        if len(signals) > 1:
            os._exit(128 + number)
        stop.ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


def _report(totals: Totals, seconds: float, *, as_json: bool) -> None:
    if as_json:
        text = json.dumps({**vars(totals), "seconds": round(seconds, 3)})
    elif totals.batches == 0:
        text = f"nothing new to land ({seconds:.1f} s)"
    else:
        text = (
            f"landed {totals.rows} rows in {totals.batches} batches, {totals.files} files, "
            f"{totals.file_bytes / 1e6:.1f} MB; {totals.quarantined} quarantined, {totals.tombstones} tombstones; "
            f"{seconds:.1f} s"
        )
    print(text)  # noqa: T201 - that is its purpose
