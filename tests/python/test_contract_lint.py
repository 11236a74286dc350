"""The contracts are valid ODCS: `datacontract lint` of datacontract-cli accepts them."""
import os
import subprocess

import pytest

from support.paths import CONTRACTS, ROOT

DATACONTRACT = ROOT / ".forebay" / "venv-datacontract" / "bin" / "datacontract"


def lint(path, tmp_path):
    assert DATACONTRACT.is_file(), f"{DATACONTRACT} is not there: run `make setup`"
    # A home of its own: the tool reads the user's configuration there, and .env files.
    environment = dict(os.environ, HOME=str(tmp_path), NO_COLOR="1", COLUMNS="200")
    return subprocess.run([DATACONTRACT, "lint", path], cwd=tmp_path, env=environment, capture_output=True, text=True,
                          timeout=120)


@pytest.mark.parametrize("name", sorted(path.name for path in CONTRACTS.glob("*.yaml")))
def test_shipped_contract_is_clean(name, tmp_path):
    result = lint(CONTRACTS / name, tmp_path)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert "Data contract is valid against ODCS v3.2.0" in output
    for word in ("warning", "failed", "error"):
        assert word not in output.lower(), output


def test_both_contracts_are_checked():
    assert {path.name for path in CONTRACTS.glob("*.yaml")} >= {"shop.odcs.yaml", "weather.odcs.yaml"}


@pytest.mark.parametrize("valid, broken, complaint", [
    ("logicalType: timestamp", "logicalType: moment", "moment"),
    ("    required: true", "    required: perhaps", "required"),
    ("id: shop", "identity: shop", "id"),
])
def test_broken_contract_is_not(valid, broken, complaint, tmp_path):
    text = (CONTRACTS / "shop.odcs.yaml").read_text()
    assert valid in text
    path = tmp_path / "broken.odcs.yaml"
    path.write_text(text.replace(valid, broken, 1))
    result = lint(path, tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert complaint in result.stdout
