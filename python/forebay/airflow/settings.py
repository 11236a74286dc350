"""Settings: paths, intervals and schedules, from environment variables with defaults."""

import os
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENGINES = ("spark", "native")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class SettingError(ValueError):
    """An invalid setting."""


def seconds(text: str) -> float:
    """Returns a duration such as 250ms, 90s, 5m, 2h or 1d in seconds."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)?", text)
    if match is None:
        raise SettingError(f"'{text}' is not a duration: write 250ms, 90s, 5m, 2h or 1d")
    return int(match[1]) * UNITS[match[2] or "s"]


@dataclass(frozen=True)
class Settings:
    """All settings. By default, reports, receipts and state are beside the lake."""

    binary: str
    contract: Path
    brokers: str
    lake: Path
    reports: Path
    receipts: Path
    state: Path
    engine: str
    native_options: tuple[str, ...]
    spark_options: tuple[str, ...]
    existing: bool
    spark_python: Path
    spark_package: Path
    grace: str
    idle: str
    microbatch_schedule: str | None
    daily_schedule: str | None
    stream_schedule: str | None
    retries: int
    retry_delay_s: float
    poll_s: float
    sample_s: float
    stall_s: float
    first_backoff_s: float
    max_backoff_s: float
    drain_s: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Reads the FOREBAY_... variables."""
        given = os.environ if environment is None else environment

        def text(name: str, default: object) -> str:
            return given.get(f"FOREBAY_{name}") or str(default)

        def schedule(name: str, default: str) -> str | None:
            found = text(name, default)
            return None if found == "none" else found

        def flag(name: str) -> bool:
            found = text(name, "0")
            if found not in ("0", "1"):
                raise SettingError(f"FOREBAY_{name}: '{found}' is neither 0 nor 1")
            return found == "1"

        lake = Path(text("LAKE", ROOT / ".forebay" / "shop" / "lake")).absolute()
        engine = text("ENGINE", "spark")
        if engine not in ENGINES:
            raise SettingError(f"FOREBAY_ENGINE: '{engine}' is not an engine; choose {' or '.join(ENGINES)}")
        return cls(
            binary=text("BIN", _built(ROOT / "build" / "release" / "forebay")),
            contract=Path(text("CONTRACT", ROOT / "contracts" / "shop.odcs.yaml")),
            brokers=text("BROKERS", "127.0.0.1:9092"),
            lake=lake,
            reports=Path(text("REPORTS", lake.parent / "reports")),
            receipts=Path(text("RECEIPTS", lake.parent / "receipts")),
            state=Path(text("AIRFLOW_STATE", lake.parent / "airflow-state")),
            engine=engine,
            native_options=tuple(shlex.split(text("NATIVE_OPTIONS", ""))),
            spark_options=tuple(shlex.split(text("SPARK_OPTIONS", ""))),
            existing=flag("EXISTING"),
            spark_python=Path(text("SPARK_PYTHON", ROOT / ".forebay" / "venv-spark" / "bin" / "python")),
            spark_package=Path(text("SPARK_PACKAGE", ROOT / "build" / "release" / "python")),
            grace=text("GRACE", "1h"),
            idle=text("IDLE", "10m"),
            microbatch_schedule=schedule("MICROBATCH_SCHEDULE", "* * * * *"),
            daily_schedule=schedule("DAILY_SCHEDULE", "*/5 * * * *"),
            stream_schedule=schedule("STREAM_SCHEDULE", "@continuous"),
            retries=int(text("RETRIES", 3)),
            retry_delay_s=seconds(text("RETRY_DELAY", "10s")),
            poll_s=seconds(text("STREAM_POLL", "1s")),
            sample_s=seconds(text("STREAM_SAMPLE", "10s")),
            stall_s=seconds(text("STREAM_STALL", "5m")),
            first_backoff_s=seconds(text("STREAM_BACKOFF", "1s")),
            max_backoff_s=seconds(text("STREAM_MAX_BACKOFF", "1m")),
            drain_s=seconds(text("STREAM_DRAIN", "80s")),
        )


def _built(path: Path) -> str:
    """Returns the binary of this checkout, or else the one on the PATH."""
    return str(path) if path.is_file() else shutil.which("forebay") or str(path)
