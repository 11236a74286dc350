"""An object that may be absent, with members that may not: a row, and null in every reader."""
from datetime import date, datetime

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet
import pytest

from data import trades
from support import readers
from support.landing import Landing

COUNT = 60


@pytest.fixture
def landed(forebay, broker, tmp_path):
    contract = trades.contract(tmp_path)
    landing = Landing(forebay, broker, contract, tmp_path)
    trades.produce(broker, contract.topic("trades"), COUNT)
    assert landing.land().json["rows"] == COUNT
    return landing


def test_every_reader_sees_null_where_there_is_no_object(landed):
    assert landed.verify().json["clean"]
    wanted = [(record["number"], record.get("party"), record.get("legs")) for record in trades.records(COUNT)]
    files = f"{landed.lake}/trades/**/*.parquet"

    text = "|| ' ' ||".join(("{0}.name", "{0}.kind", "{0}.size", "{0}.address.zip"))
    found = duckdb.sql(f"""SELECT number, {text.format('party')}, [{text.format('leg')} for leg in legs]
                           FROM read_parquet('{files}', hive_partitioning = true) ORDER BY number""").fetchall()
    assert found == [(number, trades.party_text(party), legs and [trades.party_text(leg) for leg in legs])
                     for number, party, legs in wanted]

    frame = polars.read_parquet(files, hive_partitioning=True).sort("number")
    assert [row["party"] is None for row in frame.to_dicts()] == [party is None for _, party, _ in wanted]
    assert frame["party"].struct.field("address").struct.field("floor").null_count() == COUNT

    table = pyarrow.dataset.dataset(landed.lake / "trades", partitioning="hive").to_table().sort_by("number")
    for row, (number, party, legs) in zip(table.to_pylist(), wanted, strict=True):
        assert row["number"] == number
        assert [leg and leg["tags"] for leg in row["legs"] or []] == [leg and leg["tags"] for leg in legs or []]
        assert (row["party"] and float(row["party"]["limit"])) == (party and party["limit"])


def test_what_the_clock_showed_is_a_timestamp_without_a_time_zone(landed):
    signed = datetime.fromisoformat(trades.PARTY["signed"])
    rows = duckdb.sql(f"SELECT DISTINCT typeof(party.signed), party.signed, party.born, party.place "
                      f"FROM read_parquet('{landed.lake}/trades/**/*.parquet') WHERE party IS NOT NULL").fetchall()
    assert rows == [("TIMESTAMP", signed, date(1815, 12, 10), trades.PARTY["place"])]
    for file in readers.files(landed.lake, "trades"):
        schema = str(pyarrow.parquet.read_metadata(file).schema)
        assert "Timestamp(isAdjustedToUTC=false, timeUnit=microseconds" in schema
    frame = polars.read_parquet(f"{landed.lake}/trades/**/*.parquet")
    assert frame["party"].struct.field("signed").drop_nulls().unique().to_list() == [signed]
