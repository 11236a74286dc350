"""`forebay generate`: the scenario on stdout, the same bytes for the same flags, and its error messages."""
import json
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from support.forebay import clean_environment
from support.paths import CONTRACTS, FOREBAY

SHOP = CONTRACTS / "shop.odcs.yaml"


@pytest.fixture
def generate(forebay):
    def run(table, records, *more, status=0):
        return forebay("generate", "--contract", SHOP, "--table", table, "--records", records, *more, status=status)
    return run


def test_lines_are_json_with_the_contracts_members(generate, forebay):
    tables = forebay("contract", "check", "--json", SHOP).json["tables"]
    for table in tables:
        lines = generate(table["name"], 2000).stdout.splitlines()
        assert len(lines) == 2000
        for line in lines:
            members = list(json.loads(line))
            assert members == [name for name in table["fields"] if name in members]


def test_same_flags_same_bytes(generate):
    first = generate("clicks", 3000, "--seed", 9, "--faults", "late=0.1,duplicate=0.1,extra=0.1").stdout
    assert generate("clicks", 3000, "--seed", 9, "--faults", "extra=0.1,late=0.1,duplicate=0.1").stdout == first
    assert generate("clicks", 3000, "--seed", 10, "--faults", "late=0.1,duplicate=0.1,extra=0.1").stdout != first


def test_any_range_alone_has_the_same_bytes(generate):
    for table in "clicks", "orders":
        lines = generate(table, 70_000 if table == "clicks" else 2_000).stdout.splitlines()
        assert generate(table, 30, "--from", len(lines) - 30).stdout.splitlines() == lines[-30:]


def test_event_times_fill_the_span(generate):
    start = datetime(2026, 1, 2, 6, tzinfo=timezone.utc)
    lines = generate("orders", 1000, "--event-start", "2026-01-02T06:00:00Z", "--event-span", "36h").stdout.splitlines()
    times = [datetime.fromisoformat(json.loads(line)["order_time"].replace("Z", "+00:00")) for line in lines]
    assert times == sorted(times)
    assert start <= times[0] and times[-1] < start + timedelta(hours=36)
    assert times[-1] > start + timedelta(hours=34)


def test_event_rate_is_clicks_per_second(generate):
    lines = generate("clicks", 20_000, "--event-rate", "12.5").stdout.splitlines()
    first, last = (datetime.fromisoformat(json.loads(line)["event_time"].replace("Z", "+00:00"))
                   for line in (lines[0], lines[-1]))
    # A night from Sunday to Monday is quieter than the week on average.
    assert 1600 < (last - first).total_seconds() < 8 * 1600


@pytest.mark.parametrize("flags, message", [
    (["--faults", "lat=0.1"], "'lat=0.1' is not a fault"),
    (["--faults", "late=0.6,extra=0.6"], "more than 1"),
    (["--event-start", "yesterday"], "'yesterday' is not a time"),
    (["--event-start", "2025-10-30T24:00:00Z"], "is not a time"),
    (["--event-start", "1969-12-31"], "1971 to 8999"),
    (["--event-rate", "0"], "event rate must be"),
    (["--event-rate", "1.2345"], "is not a rate"),
    (["--event-rate", "2", "--event-span", "1d"], "exclude each other"),
    (["--event-span", "soon"], "is not a duration"),
    (["--event-span", "0"], "at least 1s"),
    (["--seed", "-1"], "--seed"),
    (["--from", "-1"], "--from"),
])
def test_wrong_flags(generate, flags, message):
    result = generate("clicks", 5, *flags, status=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_only_the_shops_tables(generate, forebay):
    assert "has no table 'visits'" in generate("visits", 1, status=2).stderr
    result = forebay("generate", "--contract", CONTRACTS / "weather.odcs.yaml", "--table", "seattle_weather",
                     "--records", 1, status=2)
    assert "the shop scenario makes clicks and orders" in result.stderr
    assert "--from FILE" in result.stderr


def test_a_closed_pipe_is_not_an_error():
    command = [FOREBAY, "generate", "--contract", SHOP, "--table", "clicks", "--records", "100000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment()) as process:
        assert process.stdout.readline().startswith(b'{"event_id":"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_full_disk_is_an_error():
    command = [FOREBAY, "generate", "--contract", SHOP, "--table", "clicks", "--records", "5"]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=clean_environment(), timeout=60)
    assert result.returncode == 3
    assert result.stderr == b"forebay: cannot write to stdout: No space left on device\n"


def test_help_has_an_example(forebay):
    assert "forebay generate --contract contracts/shop.odcs.yaml" in forebay("generate", "--help").stdout
