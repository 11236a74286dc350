"""Spark lands under a contract that follows another one: columns of the earlier one stay in its files."""
import duckdb
import pyarrow.parquet as pq
import pytest

from data import parcels
from forebay import ForebayError
from support import readers
from support.spark import SparkLanding


@pytest.fixture
def evolved(forebay, broker, tmp_path, spark_session):
    """A lake that was landed under the earlier contract, and records for the next one."""
    landing = SparkLanding(forebay, broker, parcels.Versions(tmp_path), tmp_path, spark_session)
    parcels.produce(landing, parcels.OLD_RECORDS)
    landing.land("--max-reject-rate", 1)
    landing.contract.write("2.0.0", parcels.NEW)
    parcels.produce(landing, parcels.NEW_RECORDS)
    return landing


def newest(lake):
    return max(readers.files(lake, "parcels"), key=lambda file: file.name)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("transform", [None, "transforms:unchanged"])
def test_the_lake_is_whole(evolved, transform):
    evolved.spark_here(transform=transform)
    files = f"read_parquet('{evolved.lake}/parcels/**/*.parquet', hive_partitioning = true, union_by_name = true)"
    rows = duckdb.sql(f"FROM {files}")
    found = {}
    for row in rows.fetchall():
        found |= parcels.row(dict(zip(rows.columns, row)))
    assert found == parcels.ROWS
    assert pq.read_schema(newest(evolved.lake)).field("from").type.names == ["city", "code"]
    for arguments in ((), ("--content",)):
        assert evolved.verify(*arguments).json["clean"]


def test_a_transform_may_fill_an_earlier_column(evolved):
    with pytest.raises(ForebayError, match="adds column note with type int64, and files of an earlier contract have it "
                                           "with type string") as failure:
        evolved.spark_here(transform="transforms:numbers_notes")
    assert failure.value.exit_status == 2
    evolved.spark_here(transform="transforms:notes")
    notes = f"SELECT note FROM read_parquet('{evolved.lake}/parcels/**/*.parquet') WHERE note IS NOT NULL ORDER BY note"
    assert duckdb.sql(notes).fetchall() == [("of a",), ("of d",), ("x",)]
    assert evolved.verify().json["clean"]
