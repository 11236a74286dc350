"""The user's transform: what it may do, and the error for each violation, after which nothing is landed."""
import duckdb
import pytest

from forebay import ForebayError
from forebay.spark.failures import JobError
from support import readers


@pytest.fixture
def produced(here):
    here.produce("--records", 2000, "--seed", 1, "--faults", "malformed=0.05")
    return here


def test_a_transform_adds_columns_and_changes_values(produced):
    produced.spark_here(transform="transforms:margin")
    orders = f"read_parquet('{produced.lake}/orders/**/*.parquet')"
    query = f"""SELECT count(*),
                       count(*) FILTER (items_in_order = list_sum([item.quantity FOR item IN items])),
                       count(*) FILTER (coupon <> upper(coupon)) FROM {orders}"""
    ((rows, summed, lower),) = duckdb.sql(query).fetchall()
    assert rows == summed > 0 and lower == 0
    assert "items_in_order" not in duckdb.sql(f"FROM read_parquet('{produced.lake}/clicks/**/*.parquet')").columns
    assert produced.verify().json["clean"]


@pytest.mark.parametrize("name, words", [
    ("drops_a_row", "dropped"),
    ("drops_what_was_refused", ""),
    ("drops_everything", "transforms:drops_everything dropped rows of table"),
    ("keeps_no_row", "transforms:keeps_no_row dropped rows of table"),
    ("keeps_ten_rows", ""),
    ("doubles", ""),
    ("reorders", ""),
    ("moves_offsets", ""),
    ("renames", "column country is missing"),
    ("retypes", "column country has type int instead of string"),
    ("forgets_values", "country"),
    ("moves_to_another_directory", ""),
    ("fails", "nowhere"),
    ("gives_nothing", "returned NoneType for table"),
])
def test_a_transform_that_violates_its_contract_stops_the_landing(produced, name, words):
    with pytest.raises((JobError, ForebayError)) as failure:
        produced.spark_here(transform=f"transforms:{name}")
    sentence = str(failure.value)
    assert failure.value.exit_status == 2
    assert "\n" not in sentence and words in sentence
    assert readers.files(produced.lake, "clicks") == []
    produced.land()
    assert produced.verify().json["clean"]


@pytest.mark.parametrize("name, words", [
    ("no_colon", "is not MODULE:FUNCTION"),
    ("nowhere:f", "No module named 'nowhere'"),
    ("transforms:nothing", "has no function nothing"),
])
def test_a_transform_that_cannot_be_loaded(produced, name, words):
    with pytest.raises(JobError, match=words) as failure:
        produced.spark_here(transform=name)
    assert failure.value.exit_status == 2


@pytest.mark.parametrize("name", ["worker_dies_once", "task_fails_once"])
def test_a_worker_that_dies_is_replaced(produced, name, tmp_path, monkeypatch):
    monkeypatch.setenv("MARKER", str(tmp_path / "marker"))
    produced.spark_here(transform=f"transforms:{name}")
    assert list(tmp_path.glob("marker-*"))
    assert produced.verify().json["clean"]
    produced.assert_readers_agree()


def test_a_batch_that_fails_twice_stops_with_the_reason(produced):
    with pytest.raises(JobError, match="a batch failed twice.*No space left on device") as failure:
        produced.spark_here(transform="transforms:always_raises")
    assert failure.value.exit_status == 3
    assert readers.files(produced.lake, "clicks") == []
    produced.spark_here()
    assert produced.verify().json["clean"]
