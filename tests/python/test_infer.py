"""Contracts that are inferred: for other tools, and from Python."""
import json
import random

import pyarrow as pa
import pytest

import forebay
from data.event_kinds import KINDS
from python.test_contract_lint import lint


def values(kind, count=200):
    return [json.dumps(record) for _, record in KINDS[kind](count, random.Random(1)) if record is not None]


@pytest.mark.parametrize("kind", ["cloud_events", "iot", "kubernetes", "odd_values"])
def test_an_inferred_contract_is_clean_to_datacontract_cli(kind, tmp_path):
    path = tmp_path / "inferred.odcs.yaml"
    path.write_text(forebay.Contract.infer(values(kind), topic=f"world.{kind}").yaml)
    result = lint(path, tmp_path)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    for word in ("warning", "failed", "error"):
        assert word not in output.lower(), output


def test_a_contract_is_inferred_from_values_and_decodes_them():
    records = [b'{"id": "a", "time": "2025-10-30T11:00:00Z", "n": 1}', b'{"id": "b", "time": "2025-10-30T12:00:00Z"}']
    contract = forebay.Contract.infer(records, topic="shop.things")
    (table,) = contract.tables
    assert (contract.path, table.name, table.topic) == ("", "shop_things", "shop.things")
    assert table.primary_key == ["id"] and table.event_time == "time" and table.partition_columns == ["date"]
    batch = pa.record_batch({"partition": pa.array([0, 0], pa.int32()), "offset": pa.array([0, 1], pa.int64()),
                             "timestamp": pa.nulls(2, pa.int64()), "key": pa.nulls(2, pa.binary()),
                             "value": pa.array(records, pa.binary())})
    rows, rejects = forebay.decode(contract, table.name, batch)
    assert rejects.num_rows == 0 and rows.column("n").to_pylist() == [1, None]
    assert forebay.Contract.infer(records, topic="shop.things", table="mine").tables[0].name == "mine"


def test_values_of_another_format_are_an_error():
    with pytest.raises(forebay.InvalidArgumentError, match="no record of topic t is a JSON object.*plain text"):
        forebay.Contract.infer([b"a,b"], topic="t")
