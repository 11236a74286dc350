"""Records of visits.odcs.yaml."""
import json
from datetime import datetime, timedelta, timezone

from support.contracts import ContractCopy
from support.paths import ROOT


def contract(directory, zone="America/New_York"):
    copy = ContractCopy("visits.odcs.yaml", directory, folder=ROOT / "tests/data")
    copy.path.write_text(copy.path.read_text().replace("America/New_York", zone))
    return copy


def instants(first, count, step):
    """From `first` on, a UTC time such as 2025-11-02T04:00."""
    begin = datetime.fromisoformat(first).replace(tzinfo=timezone.utc)
    return [begin + number * step for number in range(count)]


def around_the_changes_of_clocks():
    """Every ten minutes of the days before, on and after which New York's clocks are set, and a day around."""
    return [at for first in ("2025-03-08T00:00", "2025-11-01T00:00")
            for at in instants(first, 4 * 144, timedelta(minutes=10))]


def json_lines(directory, times):
    path = directory / f"visits-{len(list(directory.glob('visits-*')))}.jsonl"
    lines = [json.dumps({"id": f"v{number}-{at:%s}", "at": at.isoformat().replace("+00:00", "Z")})
             for number, at in enumerate(times)]
    path.write_text("\n".join(lines) + "\n")
    return path
