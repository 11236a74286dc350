"""The command line: the options of `forebay produce`, which the core reads where there is something to read."""

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
  python -m forebay.producer ... --table clicks --from my.jsonl --receipt receipts/my.json

Without --records, events are of now. The exit status is 0 when every record was delivered, 2 for wrong usage or a wrong
contract, and 3 when the broker or the disk failed or a record was not delivered; the receipt says how many failed and
how many are uncertain."""


@dataclass(frozen=True)
class Options:
    """What a run was asked for."""

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
        raise argparse.ArgumentTypeError("at least 1 was expected; without it, records are made until it is stopped")
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

    option("--contract", "FOREBAY_CONTRACT", "The contract: an ODCS YAML file")
    option("--brokers", "FOREBAY_BROKERS", "Kafka brokers, host:port[,host:port...]")
    option("--kafka-config", "FOREBAY_KAFKA_CONFIG", "File of librdkafka settings, for TLS and SASL", "")
    parser.add_argument("--receipt", required=True, help="Where the receipt goes: a file, or a directory for RUN.json")


def _run_options(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--table", default="", help="This table alone (default: clicks, and the orders that belong to them)")
    option("--records", type=_records, default=0, help="How many clicks (of --table: records); default: until stopped")
    option("--first", type=_count, default=0, help="The sequence of the first one, to go on after an earlier run")
    option("--duration", default="", help="Stop after this time: 90s, 5m, 2h")
    option("--rate", type=_rate, default=0.0, help="Records a second in all; default: as fast as the broker takes them")
    option(
        "--from",
        dest="replay",
        default="",
        metavar="FILE",
        help="Send the lines of this JSON Lines file (- is standard input) to --table",
    )
    option(
        "--delivery-timeout",
        default="0",
        help="Give a record up as failed after this time; 0 waits for the broker for ever",
    )
    option(
        "--stop-timeout",
        default="30s",
        help="How long SIGINT or SIGTERM waits for the broker to acknowledge what was sent",
    )
    option("--json", action="store_true", help="Prints the outcome as one JSON object")


def _scenario_options(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("--seed", type=_count, default=1, help="The same seed and options give the same bytes")
    option("--faults", default="none", help="none, default, or NAME=SHARE[,NAME=SHARE...] such as late=0.01")
    option("--event-start", default="", help="Where event time begins: 2025-10-30, 2025-10-30T06:00:00Z or now")
    option("--event-rate", default="", help="Clicks a second of event time, on average over the week")
    option("--event-span", default="", help="Spread the records over this much event time instead: 12h, 7d")


def parse(arguments: list[str] | None = None) -> Options:
    """The options; ends the program with status 2 for a command line that can't be read."""
    parser = argparse.ArgumentParser(
        prog="python -m forebay.producer",
        description="Produces the shop scenario, or your own JSON Lines, to the contract's topics.",
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
        replay=asked.replay,
        records=asked.records,
        first=asked.first,
        duration=asked.duration,
        rate=asked.rate,
        delivery_timeout=asked.delivery_timeout,
        stop_timeout=asked.stop_timeout,
        scenario=scenario,
    )
    return Options(asked.contract, asked.brokers, asked.kafka_config, asked.receipt, asked.json, plan)
