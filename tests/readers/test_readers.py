"""Each line of the tables of docs/readers.md, run by its reader on a lake that `forebay land` made."""
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from support.contracts import ContractCopy
from support.forebay import clean_environment
from support.landing import Landing
from support.paths import ROOT

TEXT = (ROOT / "docs/readers.md").read_text()
OWN, SPARK = (ROOT / ".forebay" / name / "bin/python" for name in ("venv-readers", "venv-spark"))
PYTHONS = {"DuckDB": sys.executable, "Polars": sys.executable, "pandas": sys.executable, "PyArrow": sys.executable,
           "Spark": SPARK, "chdb (ClickHouse)": OWN, "DataFusion": OWN, "fastparquet": OWN}
QUIET_SPARK = {"SPARK_LOCAL_IP": "127.0.0.1", "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
               "PYSPARK_SUBMIT_ARGS": "--master local[1] --conf spark.ui.enabled=false "
                                      "--conf spark.sql.timeType.enabled=true pyspark-shell"}
BEGIN = datetime(2025, 10, 29, tzinfo=timezone.utc)
HOURS = 72


def tables():
    """Section -> {reader: its line}; the first table is that of the section ""."""
    found = {}
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE):
        title = part.partition("\n")[0] if found else ""
        found[title] = dict(re.findall(r"^\| ([^|]+) \| `(.+)` \|$", part, re.MULTILINE))
    return {title: lines for title, lines in found.items() if lines}


TABLES = tables()
FUNCTIONS = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]
SECTIONS = [title for title in TABLES if title]


def orders():
    """One each hour of three days; every third customer has a tier, every fourth order a member of its own."""
    for number in range(HOURS):
        customer = {"name": f"c{number % 7}"} | ({"tier": ["gold", "silver"][number % 2]} if number % 3 == 0 else {})
        payment = {"card": {"digits": str(number)}} if number % 2 else {"cash": True}
        yield {"id": f"order-{number}", "at": at(number), "price": number / 4, "customer": customer,
               "items": [f"sku-{number}", "sku-0"], "pick_up": f"{number % 24:02}:30:00",
               "delivered": at(number).removesuffix("Z"), "labels": {"size": number},
               "payment": payment} | ({"campaign": "spring"} if number % 4 == 0 else {})


# What parcels.odcs was before: narrow numbers, a field that is gone, a member that is gone, and none that is new.
FORMER = [("{name: weight, logicalType: integer}", "{name: weight, logicalType: integer, physicalType: INTEGER}"),
          ("DECIMAL(18,2)", "DECIMAL(9,2)"),
          ("{name: state, logicalType: string}", "{name: state, logicalType: string, required: true}"),
          ("{name: to, logicalType: string}", "{name: note, logicalType: string}"),
          ("[{name: height, logicalType: integer}]",
           "[{name: width, logicalType: string}, {name: height, logicalType: integer, physicalType: INTEGER}]")]


def former(text):
    """The contract with the former table of parcels."""
    begin = text.index("  - name: parcels")
    parcels = text[begin:]
    for now, before in FORMER:
        assert now in parcels
        parcels = parcels.replace(now, before)
    return text[:begin] + parcels


def parcels(former):
    """Of the same days under both contracts, so that readers meet files of either first."""
    for number in range(6):
        parcel = {"id": f"parcel-{number}", "at": at(number * 12), "weight": number, "price": number / 4,
                  "state": "sent", "note": "x", "size": {"width": "w", "height": number}}
        if not former:
            parcel |= {"id": f"heavy-{number}", "weight": 2**40 + number, "price": 10**12 + number, "to": "Ulm",
                       "size": {"height": 2**40}}
        yield parcel


def at(number):
    return f"{BEGIN + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"


EXPECTED = {
    "Dates": {f"order-{number}" for number in range(24, HOURS)},
    "Hours": {f"visit-{number}" for number in range(24 + 18, 24 + 21)},
    "Local timestamps": {f"order-{number}" for number in range(24 + 18, HOURS)},
    "Columns that hold JSON": {"order-25"},
    "Files of several contracts": {f"heavy-{number}" for number in range(6)},
    "Members that the contract does not define": {f"order-{number}" for number in range(0, HOURS, 6)},
}


@pytest.fixture(scope="module", params=["plain", "delta-times", "delta"])
def lake(request, forebay, broker, tmp_path_factory):
    """With each setting of the files' encodings."""
    directory = tmp_path_factory.mktemp(request.param)
    contract = ContractCopy("readers.odcs.yaml", directory, folder=ROOT / "tests/data")
    encodings = f"      - property: parquet.encodings\n        value: {request.param}\n"
    contract.path.write_text(contract.path.read_text().replace("      - property: eventTime", encodings
                                                               + "      - property: eventTime"))
    landing = Landing(forebay, broker, contract, directory)

    def produce(table, records):
        file = directory / f"{table}.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records))
        landing.produce("--table", table, "--from", file)

    now = contract.path.read_text()
    contract.path.write_text(former(now))
    produce("parcels", parcels(former=True))
    landing.land()
    contract.path.write_text(now)
    produce("parcels", parcels(former=False))
    produce("orders", orders())
    produce("visits", [{"id": f"visit-{number}", "at": at(number)} for number in range(HOURS)])
    landing.land()
    return request.param, landing.lake


@pytest.fixture(scope="module")
def results(lake):
    """results(reader): section -> the ids, or the error. One process for all lines of a reader."""
    known = {}

    def of(reader):
        if reader not in known:
            asked = {"first": f"{TABLES[''][reader]}\n{FUNCTIONS}",
                     "lines": [TABLES[section][reader] for section in SECTIONS]}
            run = subprocess.run([PYTHONS[reader], Path(__file__).with_name("evaluate.py")], input=json.dumps(asked),
                                 cwd=lake[1].parent, capture_output=True, text=True,
                                 env=clean_environment(QUIET_SPARK))
            assert run.returncode == 0, run.stderr
            known[reader] = dict(zip(SECTIONS, json.loads(run.stdout.splitlines()[-1])))
        return known[reader]
    return of


def test_each_table_has_all_readers():
    assert set(SECTIONS) == set(EXPECTED)
    assert all(set(lines) == set(PYTHONS) for lines in TABLES.values())


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("reader", PYTHONS)
def test_a_line(lake, results, reader, section):
    found = results(reader)[section]
    if reader == "fastparquet" and lake[0] == "delta":
        assert "Encoding" in found  # what docs/readers.md says of it
    else:
        assert found == sorted(EXPECTED[section]), TABLES[section][reader]
