"""docs/contract.md against the core and against ODCS itself: its examples are valid, and it documents every key."""
import json
import re

import pytest

from support.paths import ROOT

DOC = (ROOT / "docs" / "contract.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
HEAD = "apiVersion: v3.2.0\nkind: DataContract\nid: test\nversion: 1.0.0\n"
TABLE = "schema:\n  - name: test\n    customProperties: [{property: kafka.topic, value: test}]\n"
DAY = "      - {name: day, logicalType: date, required: true, partitioned: true}\n"


def check(forebay, tmp_path, text):
    """Returns the diagnostics of a contract, and the notes on it."""
    path = tmp_path / "test.odcs.yaml"
    path.write_text(text)
    report = forebay("contract", "check", "--json", path, status=None).json
    return [found["message"] for found in [*report.get("diagnostics", []), *report["notes"]]]


def test_examples_are_found():
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n")[0][:40])
def test_example_is_valid(forebay, tmp_path, example):
    if not example.startswith("apiVersion"):
        indented = "".join(f"      {line}\n" for line in example.splitlines())
        example = HEAD + TABLE + "    properties:\n" + indented + ("" if "partitioned" in example else DAY)
    assert check(forebay, tmp_path, example) == []


@pytest.fixture(scope="module")
def odcs():
    """ODCS's schema, from datacontract-cli."""
    (path,) = (ROOT / ".forebay" / "venv-datacontract").glob(
        "lib/python3*/site-packages/datacontract/schemas/odcs-3.2.0.schema.json")
    return json.loads(path.read_text())


def keys_of(odcs, *definitions):
    return sorted({key for name in definitions for key in odcs["$defs"][name]["properties"]})


def unknown(messages):
    return [message for message in messages if "is unknown" in message]


def test_another_key_is_unknown(forebay, tmp_path):
    table = "schema:\n  - owner:\n    physicalName: a\n    properties: [{owner: }]\n"
    assert len(unknown(check(forebay, tmp_path, "owner:\n" + table))) == 3


def test_every_key_of_the_file_is_known(forebay, tmp_path, odcs):
    messages = check(forebay, tmp_path, "".join(f"{key}:\n" for key in odcs["properties"]))
    assert unknown(messages) == []


def test_every_key_of_a_table_is_known(forebay, tmp_path, odcs):
    keys = keys_of(odcs, "SchemaElement", "SchemaObject")
    messages = check(forebay, tmp_path, HEAD + "schema:\n  - " + "    ".join(f"{key}:\n" for key in keys))
    assert unknown(messages) == []


@pytest.mark.parametrize("where", ["field", "nested", "element"])
def test_every_key_of_a_field_is_known(forebay, tmp_path, odcs, where):
    keys = keys_of(odcs, "SchemaElement", "SchemaBaseProperty")
    if where == "element":  # only a field of the record itself can be these
        keys = [key for key in keys if not re.match("primaryKey|partition|transformLogic", key)]
    field = "{" + ", ".join(f"{key}: " for key in keys) + "}"
    around = {"field": "{}", "nested": "{{name: a, logicalType: object, properties: [{}]}}",
              "element": "{{name: a, logicalType: array, items: {}}}"}[where]
    messages = check(forebay, tmp_path, HEAD + TABLE + DAY.replace("      -", "    properties:\n      -") +
                     "      - " + around.format(field) + "\n")
    assert messages
    assert unknown(messages) == []


def test_every_key_of_a_service_level_is_known(forebay, tmp_path, odcs):
    keys = keys_of(odcs, "ServiceLevelAgreementProperty")
    text = HEAD + "slaProperties:\n  - " + "    ".join(f"{key}:\n" for key in keys)
    assert unknown(check(forebay, tmp_path, text)) == []


def test_every_key_is_documented(odcs):
    keys = set(odcs["properties"])
    keys.update(keys_of(odcs, "SchemaElement", "SchemaObject", "SchemaBaseProperty", "ServiceLevelAgreementProperty"))
    for rule in odcs["$defs"]["SchemaBaseProperty"]["allOf"]:
        if re.search('"(map|vector)"', json.dumps(rule.get("if"))):
            continue  # types that are refused as a whole
        keys.update(rule.get("then", {}).get("properties", {}).get("logicalTypeOptions", {}).get("properties", {}))
    missing = sorted(key for key in keys if f"`{key}`" not in DOC)
    assert missing == []
