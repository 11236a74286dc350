"""What the README says of the project's commands, files and data is so."""
import json
import re
import subprocess

import pytest
import yaml

from support import readme
from support.paths import CONTRACTS, ROOT

README = readme.README
COMMANDS = sorted({line.split("#")[0].strip() for line in README.splitlines() if line.startswith("forebay ")})


def test_there_are_commands_to_check():
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_forebay_command_has_the_flags_that_are_shown(forebay, command):
    words = command.split()[1:]
    names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    text = forebay(*names, "--help").stdout
    assert f"Usage: forebay {' '.join(names)} " in text
    for flag in (word for word in words if word.startswith("--")):
        assert re.search(rf"^\s+{flag}\b", text, re.MULTILINE), f"{flag} is not a flag of {' '.join(names)}"


def test_every_make_command_exists():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^  make (\S+)", listed, re.MULTILINE))
    shown = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert shown and shown <= known


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in
                                        [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]))
def test_every_file_and_heading_that_a_page_links_to_exists(page):
    text = (ROOT / page).read_text()
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        file, _, heading = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}, link
    for name in re.findall(r"`((?:contracts|deploy|docs|tools)/[^`*\s]*)`", text):
        assert (ROOT / name).exists(), name


def test_the_records_are_the_contracts_examples():
    shown = [json.loads(block.text) for block in readme.blocks() if block.words == ("json",)]
    kept = [CONTRACTS / "examples" / f"{table}.json" for table in ("clicks", "orders")]
    assert shown == [json.loads(example.read_text()) for example in kept]


@pytest.mark.parametrize("table", ["clicks", "orders"])
def test_the_columns_are_the_contracts(table):
    contract = yaml.safe_load((CONTRACTS / "shop.odcs.yaml").read_text())
    (fields,) = (made["properties"] for made in contract["schema"] if made["name"] == table)
    section = README.partition(f"\n**{table}**")[2].partition("```json")[0]
    shown = re.findall(r"\| `(\w+)` \| (\w+)", section)
    assert sorted(name for name, _ in shown) == sorted(field["name"] for field in fields)
    kinds = {"string": "string", "timestamp": "timestamp", "date": "day", "integer": "int32", "object": "struct",
             "array": "list", "number": "decimal"}
    assert dict(shown) == {field["name"]: kinds[field["logicalType"]] for field in fields}


def test_both_drawings_name_the_same_parts():
    (text,) = (block.text for block in readme.blocks() if block.section == "" and block.words == ("text",))
    picture = (ROOT / "docs/img/architecture.svg").read_text()
    for part in ("contract", "scenario", "producer", "Kafka", "decode", "stage", "decide", "publish", "ledger",
                 "verify", "receipts", "quarantine/date=", "Airflow", "produced = landed + quarantined"):
        assert part in text and part in picture
