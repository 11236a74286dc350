"""`forebay contract check`: a summary of a valid contract, or all errors of an invalid one."""
import json

import pytest

from support.paths import CONTRACTS

SHOP = CONTRACTS / "shop.odcs.yaml"


def line_of(text, part):
    return text[:text.index(part)].count("\n") + 1


@pytest.fixture
def broken(tmp_path):
    """The shop's contract with three errors: (path, their lines)."""
    text = SHOP.read_text()
    lines = []
    for valid, wrong in [("value: shop.clicks", "value: shop clicks"),
                         ("physicalType: DECIMAL(12,2)", "physicaltype: DECIMAL(12,2)"),
                         ("    primaryKey: true\n", "    primarykey: true\n")]:
        lines.append(line_of(text, valid))
        text = text.replace(valid, wrong, 1)
    path = tmp_path / "broken.odcs.yaml"
    path.write_text(text)
    return path, sorted(lines)


def test_valid_contract_is_summarized(forebay):
    result = forebay("contract", "check", SHOP)
    assert "valid contract. Online shop, version 1.0.0." in result.stdout
    rows = {line.split()[0]: line for line in result.stdout.splitlines()[2:5]}
    assert "shop.clicks" in rows["clicks"] and "7d" in rows["clicks"] and "date = date(event_time)" in rows["clicks"]
    assert "shop.orders" in rows["orders"] and "30d" in rows["orders"]
    assert result.stderr == ""


def test_valid_contract_as_json(forebay):
    report = forebay("contract", "check", "--json", CONTRACTS / "weather.odcs.yaml").json
    assert report["ok"] is True
    (table,) = report["tables"]
    assert table["name"] == "seattle_weather"
    assert table["topic"] == "weather.seattle"
    assert table["partitioned_by"] == ["weather", "date"]
    assert table["fields"] == ["date", "precipitation", "temp_max", "temp_min", "wind", "weather"]


def test_every_table_has_an_example_record_with_its_fields(forebay):
    tables = [table for path in sorted(CONTRACTS.glob("*.yaml"))
              for table in forebay("contract", "check", "--json", path).json["tables"]]
    assert tables
    for table in tables:
        example = json.loads((CONTRACTS / "examples" / f"{table['name']}.json").read_text())
        in_order = [name for name in table["fields"] if name in example]
        assert list(example) == in_order, table["name"]


def test_all_errors_at_once_with_their_lines(forebay, broken):
    path, lines = broken
    result = forebay("contract", "check", path, status=2)
    assert result.stdout == ""
    *errors, last = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in errors] == [f"{path}:{line}" for line in lines]
    assert "did you mean 'primaryKey'?" in errors[1]
    assert last.startswith(f"forebay: 3 errors in {path}")


def test_errors_as_json(forebay, broken):
    path, lines = broken
    report = forebay("contract", "check", "--json", path, status=2).json
    assert report["ok"] is False
    assert [found["line"] for found in report["diagnostics"]] == lines


@pytest.fixture
def noted(tmp_path):
    """The shop's contract with what landing does not enforce: (path, its line)."""
    text = SHOP.read_text().replace("physicalType: DECIMAL(12,2)", "physicalType: DECIMAL", 1)
    path = tmp_path / "noted.odcs.yaml"
    path.write_text(text)
    return path, line_of(text, "physicalType: DECIMAL\n")


def test_what_is_not_enforced_is_listed(forebay, noted):
    path, line = noted
    result = forebay("contract", "check", path)
    (note,) = [text for text in result.stdout.splitlines() if text.startswith(f"{path}:{line}: ")]
    assert "the column is a DOUBLE" in note
    report = forebay("contract", "check", "--json", path).json
    assert report["ok"] is True
    assert line in [found["line"] for found in report["notes"]]


def test_strict_refuses_it(forebay, noted):
    path, line = noted
    result = forebay("contract", "check", "--strict", path, status=2)
    assert result.stderr.startswith(f"{path}:{line}: field 'clicks.price': ")
    report = forebay("contract", "check", "--strict", "--json", path, status=2).json
    assert [found["line"] for found in report["diagnostics"]] == [line], "a quality rule is for other tools"


@pytest.mark.parametrize("contract", sorted(CONTRACTS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_projects_contracts_are_strict(forebay, contract):
    forebay("contract", "check", "--strict", contract)


def test_a_contract_without_topics_is_valid_and_not_landed(forebay, tmp_path):
    path = tmp_path / "no-topics.odcs.yaml"
    path.write_text(SHOP.read_text().replace("kafka.", "mqtt.").replace("eventTime", "time"))
    result = forebay("contract", "check", path)
    assert "table 'clicks': it is not landed" in result.stdout
    result = forebay("topics", "apply", "--contract", path, "--brokers", "127.0.0.1:1", status=2)
    assert "no table has a topic" in result.stderr


def test_no_such_file(forebay, tmp_path):
    result = forebay("contract", "check", tmp_path / "none.yaml", status=2)
    assert "No such file or directory" in result.stderr
    assert result.stderr.count("\n") == 1


def test_help_has_an_example(forebay):
    assert "forebay contract check contracts/shop.odcs.yaml" in forebay("contract", "check", "--help").stdout
