"""The scenario from Python: the bytes of `forebay generate`, and expected outcomes that the decoder matches."""
import pyarrow as pa
import pytest

import forebay
from support.arrow_engine import RECORDS
from support.forebay import Forebay
from support.paths import CONTRACTS

SHOP = CONTRACTS / "shop.odcs.yaml"
EVERY_FAULT = {"late": 0.02, "out_of_order": 0.02, "duplicate": 0.01, "extra": 0.01, "malformed": 0.1}


@pytest.fixture
def forebay_command():
    return Forebay()


@pytest.mark.parametrize("table", ["clicks", "orders"])
def test_same_bytes_as_generate(forebay_command, table):
    flags = ("--faults", "late=0.02,extra=0.01", "--seed", 5, "--event-start", "2025-01-02", "--event-rate", "12.5")
    printed = forebay_command("generate", "--contract", SHOP, "--table", table, "--records", 2000, "--from", 70_000,
                              *flags).stdout
    scenario = forebay.Scenario(seed=5, faults={"late": 0.02, "extra": 0.01}, event_start="2025-01-02",
                                event_rate="12.5")
    records = scenario.generate(table, 70_000, 2000)
    assert [records.value(i).decode() for i in range(len(records))] == printed.splitlines()
    assert [record.sequence for record in records] == list(range(70_000, 72_000))


@pytest.mark.parametrize("table", ["clicks", "orders"])
def test_the_decoder_matches_every_expected_outcome(table):
    records = list(forebay.Scenario(seed=11, faults=EVERY_FAULT).generate(table, 0, 20_000))
    columns = [[0] * len(records), list(range(len(records))), [1_790_000_000_000] * len(records),
               [record.key for record in records], [record.value for record in records]]
    batch = pa.record_batch([pa.array(c, field.type) for c, field in zip(columns, RECORDS)], schema=RECORDS)
    decoded = forebay.Decoder(forebay.Contract.read(SHOP), table).decode(batch)
    refused = dict(zip(decoded.rejects["_kafka_offset"].to_pylist(), decoded.rejects["reason"].to_pylist()))
    landed = dict(zip(decoded.rows["_kafka_offset"].to_pylist(), decoded.rows["_partition"].to_pylist()))
    assert refused == {i: record.reason for i, record in enumerate(records) if record.reason is not None}
    assert landed == {i: record.directory for i, record in enumerate(records) if record.reason is None}


def test_invalid_options():
    for options, message in (({"faults": "gremlins=1"}, "gremlins"), ({"event_span": "7d"}, "known number"),
                             ({"event_start": "soon"}, "is not a time"), ({"faults": {"late": 1.5}}, "is not a share")):
        with pytest.raises(forebay.InvalidArgumentError, match=message):
            forebay.Scenario(**options)
    with pytest.raises(forebay.InvalidArgumentError, match="sales"):
        forebay.Scenario().generate("sales", 0, 1)
    with pytest.raises(IndexError):
        forebay.Scenario().generate("clicks", 0, 1).value(1)
