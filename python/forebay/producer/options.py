"""The command line: the options of `forebay produce`, whose values the core parses."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

import forebay
from forebay import _core

EXAMPLES = """Examples:
  python -m forebay.producer --contract contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --records 1000000 \\
      --seed 7 --faults default --receipt receipts/7.json
  python -m forebay.producer ... --rate 200 --receipt receipts/      # like a live shop, until SIGINT or SIGTERM
  python -m forebay.producer ... --table clicks --from my.jsonl --receipt receipts/my.json [--resume]

Without --records, event time is the current time. Exit status: 0 every record was delivered; 2 invalid usage or
contract; 3 broker or disk failure, or a record was not delivered; 5 stopped before the end of --from or --records. The
receipt has the numbers of failed and of uncertain records."""


@dataclass(frozen=True)
class Options:
    """The options of a run."""

    contract: str
    brokers: str
    kafka_config: str
    receipt: str
    json: bool
    plan: _core.ProducerPlan


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _records(text: str) -> int:
    if (number := _count(text)) == 0:
        raise argparse.ArgumentTypeError("must be at least 1; omit it to produce until stopped")
    return number


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate < float("inf"):
        raise ValueError
    return rate


def _connection_options(parser: argparse.ArgumentParser) -> None:
    def option(flag: str, variable: str, meaning: str, default: str | None = None) -> None:
        value = os.environ.get(variable, default)
        parser.add_argument(flag, default=value, required=value is None, help=f"{meaning} ({variable})")

    option("--contract", "FOREBAY_CONTRACT", "The contract, an ODCS YAML file")
    option("--brokers", "FOREBAY_BROKERS", "Kafka brokers, host:port[,host:port...]")
    option("--kafka-config", "FOREBAY_KAFKA_CONFIG", "File of librdkafka settings, for TLS and SASL", "")
    parser.add_argument("--receipt", required=True, help="File of the receipt, or a directory for RUN.json")


def _run_options(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--table", default="", help="Only this table (default: clicks, and their orders)")
    option("--topic", default="", help="The topic, where the table has several, or a template makes it")
    option("--records", type=_records, default=0, help="Number of clicks (of records, with --table); default: no limit")
    option("--first", type=_count, default=0, help="Sequence of the first record, to continue an earlier run")
    option("--duration", default="", help="Stop after this time: 90s, 5m, 2h")
    option("--rate", type=_rate, default=0.0, help="Total records per second; default: as fast as the broker accepts")
    option(
        "--from",
        dest="replay",
        default="",
        metavar="FILE",
        help="Produce the records of this file to --table: JSON Lines, an array, or a stream of JSON values; plain, "
        "gzip or zstd; - is standard input",
    )
    option(
        "--refuse-rejects",
        action="store_true",
        help="Send nothing if the contract would reject a record of --from",
    )
    option(
        "--resume",
        action="store_true",
        help="Continue the interrupted run of --receipt: send only the records that are not in the topic yet",
    )
    option(
        "--delivery-timeout",
        default="0",
        help="Report a record as failed after this time; 0 waits forever",
    )
    option(
        "--stop-timeout",
        default="30s",
        help="After SIGINT or SIGTERM, wait this long for acknowledgements",
    )
    option("--json", action="store_true", help="Print the outcome as one JSON object")


def _scenario_options(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--seed", type=_count, default=1, help="Random seed; the same seed and options give the same bytes")
    option("--faults", default="none", help="none, default, or NAME=SHARE[,NAME=SHARE...] such as late=0.01")
    option("--event-start", default="", help="Start of event time: 2025-10-30, 2025-10-30T06:00:00Z or now")
    option("--event-rate", default="", help="Clicks per second of event time, on average over the week")
    option("--event-span", default="", help="Instead of a rate, the event time to spread the records over: 12h, 7d")


def parse(arguments: list[str] | None = None) -> Options:
    """Parses the command line; exits with status 2 if it is invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m forebay.producer",
        description="Produces the shop scenario, or your own JSON, to the contract's topics.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=forebay.__version__)
    _connection_options(parser)
    _run_options(parser)
    _scenario_options(parser)
    asked = parser.parse_args(arguments)
    scenario = _core.ScenarioText(asked.seed, asked.faults, asked.event_start, asked.event_span, asked.event_rate)
    plan = _core.ProducerPlan(
        contract=asked.contract,
        producer=f"forebay.producer {forebay.__version__}",
        table=asked.table,
        topic=asked.topic,
        replay=asked.replay,
        records=asked.records,
        first=asked.first,
        duration=asked.duration,
        rate=asked.rate,
        delivery_timeout=asked.delivery_timeout,
        stop_timeout=asked.stop_timeout,
        refuse_rejects=asked.refuse_rejects,
        resume=asked.resume,
        scenario=scenario,
    )
    return Options(asked.contract, asked.brokers, asked.kafka_config, asked.receipt, asked.json, plan)
