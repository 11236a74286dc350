"""The contract's service levels that the supervision of a stream checks."""

from pathlib import Path

import yaml

SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "m": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
}


def freshness_s(contract: Path) -> float | None:
    """Returns the longest time from Kafka to the lake that the contract allows; None if it has no freshness."""
    for entry in yaml.safe_load(contract.read_text()).get("slaProperties") or []:
        if entry.get("property") == "freshness" and entry.get("unit", "s") in SECONDS:
            return float(entry["value"]) * SECONDS[entry.get("unit", "s")]
    return None
