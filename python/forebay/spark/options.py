"""The options of one run."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from forebay.spark.failures import usage_error

_UNITS_MS = {"": 1000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True)
class Options:
    """The command line's options; docs/spark.md describes them."""

    contract: Path
    brokers: str
    lake: Path
    follow: bool
    kafka_config: Path | None = None
    start: str = "earliest"
    wait: bool = False
    existing: bool = False
    flush_interval_ms: int = 60_000
    trigger_interval_ms: int = 1_000
    max_offsets_per_trigger: int = 4_000_000
    file_bytes: int = 256_000_000
    max_reject_rate: float | None = None
    accept_loss: bool = False
    adopt_topics: list[str] = field(default_factory=list)
    adopt_logs: list[str] = field(default_factory=list)
    consumer_group: str = "forebay"  # empty: no offsets are committed for lag tools
    transform: str | None = None
    master: str | None = None
    spark_conf: dict[str, str] = field(default_factory=dict)
    connector: Path | None = None
    stop_file: Path | None = None
    status_file: Path | None = None
    log_file: Path | None = None
    checkpoint_dir: Path | None = None
    verbose: bool = False
    # Not an option of the command line: properties of the JVMs, which follow from kafka_config.
    jvm_properties: dict[str, str] = field(default_factory=dict)

    def beside_lake(self, ending: str) -> Path:
        """The path of a report, beside the lake."""
        lake = self.lake.absolute()
        return lake.with_name(lake.name + ending)


def parse_duration_ms(text: str) -> int:
    """Parses a duration as the `forebay` command does."""
    found = re.fullmatch(r"(\d+)(|ms|s|m|h|d)", text)
    if not found:
        raise usage_error(f"'{text}' is not a duration: write 250ms, 90s, 5m, 2h or 1d")
    return int(found[1]) * _UNITS_MS[found[2]]
