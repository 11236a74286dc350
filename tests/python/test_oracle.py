"""The decoder compared with an independent implementation of the rules, the oracle: random contracts and records.

ORACLE_SEEDS=2000 tests more seeds; ORACLE_FIRST_SEED=7 starts at another one, and with ORACLE_SEEDS=1 repeats it.
"""
import random

import pyarrow as pa
import pytest
from oracle import rules, times
from oracle.random_tables import DAY_MS, NOW_MS, contract_of, random_table, seeds
from oracle.rows import END_MS, FIRST_MS, expected, plain_rows, unlike, without_details
from oracle.writer import KEYS, Writer, random_headers
from support.arrow_engine import WITH_HEADERS

import forebay

SEEDS = seeds(24)
RECORDS_OF_A_SEED = 500


def made(seed):
    """Returns (contract, table, records) of a seed."""
    draw = random.Random(seed)
    table = random_table(draw)
    writer, rows = Writer(draw, table), range(RECORDS_OF_A_SEED)
    timestamps = [NOW_MS] * 8 + [None, -1, FIRST_MS - 1, END_MS]
    columns = [[at % 3 for at in rows], [at * 2 for at in rows],
               [draw.choice([*timestamps, NOW_MS - draw.randint(0, 2 * DAY_MS)]) for _ in rows],
               [draw.choice(KEYS) for _ in rows], [None if at % 50 == 7 else writer.record() for at in rows],
               [random_headers(draw) for _ in rows]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, WITH_HEADERS)]
    batch = pa.record_batch(arrays, schema=WITH_HEADERS)
    several = rules.Oracle(table).of_several_topics
    topics = pa.array([draw.choice(["topic", "other"]) if several else "topic" for _ in rows])
    return contract_of(table), table, batch.append_column("topic", topics)


def differences(seed):
    """Yields a text for each record that the decoder and the oracle decode differently."""
    contract, table, batch = made(seed)
    oracle = rules.Oracle(table)
    decoded = forebay.Decoder(contract, "things").decode(batch, now_ms=NOW_MS)
    for part in decoded:
        assert (offsets := part["_kafka_offset"].to_pylist()) == sorted(set(offsets)), f"seed {seed}: out of order"
    found = {row["_kafka_offset"]: (kind, row) for kind, rows in decoded._asdict().items() for row in plain_rows(rows)}
    assert len(found) == sum(part.num_rows for part in decoded) == batch.num_rows, f"seed {seed}: not each one once"
    for record in plain_rows(batch):
        kind, right = expected(oracle, record)
        got_kind, got = found[record["offset"]]
        if got_kind == "rejects":
            got = without_details(got)
        if both := unlike(right, got):
            yield f"seed {seed}: {record['value']}\nby the rules {kind}, decoded {got_kind}: {both}\n{table}"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_record_is_decoded_by_the_rules(seed):
    for difference in differences(seed):
        pytest.fail(difference)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_no_record_depends_on_earlier_ones(seed):
    contract, _, batch = made(seed)
    draw = random.Random(seed)
    whole = forebay.Decoder(contract, "things").decode(batch, now_ms=NOW_MS)
    again, parts, count = forebay.Decoder(contract, "things"), [], 0
    while batch.num_rows > 0:
        batch, count = batch.slice(count), draw.choice([1, 2, 17, 130])
        decoder = draw.choice([again, forebay.Decoder(contract, "things")])
        parts.append(decoder.decode(batch.slice(0, count), now_ms=NOW_MS))
    for kind in whole._fields:
        joined = pa.Table.from_batches([getattr(part, kind).replace_schema_metadata(None) for part in parts])
        assert joined.equals(pa.table(getattr(whole, kind).replace_schema_metadata(None))), kind


@pytest.mark.parametrize("where, name, other", [
    (rules, "double", lambda text: float(text) + 0.0), (rules.Field, "check", lambda *_: None),
    (rules, "extra_member", lambda path, text: f'"{path[-1]}":{text}'),
    (rules.Oracle, "check_event_time", lambda *_: None), (times, "instant_of", lambda local, _: local),
    (times, "offset_of", lambda _: 0),
])
def test_a_changed_rule_is_detected(where, name, other, monkeypatch):
    monkeypatch.setattr(where, name, other)
    assert any(any(differences(seed)) for seed in range(1, 60))
