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


def staged(landing):
    return sorted((landing.lake / "_forebay" / "staging").iterdir())


@pytest.mark.parametrize("name, words", [
    ("margin_as_text", "column items_in_order with type string, and the table's files have it with type int32"),
    ("margin_in_another_case", "a column Items_In_Order, and .* one that is written items_in_order"),
])
def test_an_added_column_keeps_its_type_and_its_name(produced, name, words):
    produced.spark_here(transform="transforms:margin")
    produced.produce("--records", 500, "--seed", 2)
    with pytest.raises(ForebayError, match=words) as failure:
        produced.spark_here(transform=f"transforms:{name}")
    assert failure.value.exit_status == 2 and staged(produced) == []
    produced.spark_here(transform="transforms:margin")
    orders = f"FROM read_parquet('{produced.lake}/orders/**/*.parquet', union_by_name = true)"
    (types,) = duckdb.sql(f"SELECT DISTINCT typeof(items_in_order) {orders}").fetchall()
    assert types == ("INTEGER",)
    produced.assert_readers_agree()


@pytest.mark.parametrize("kind, lands", [("integer, physicalType: INT", True), ("string", False)])
def test_a_field_of_the_contract_has_the_type_of_the_column_that_a_transform_added(produced, kind, lands):
    produced.spark_here(transform="transforms:margin")
    orders = next(table for table in produced.contract.tables if table == "orders")
    text = produced.contract.path.read_text()
    at = text.index("properties:", text.index(f"- name: {orders}"))
    field = f"properties:\n      - {{name: items_in_order, logicalType: {kind}}}"
    produced.contract.path.write_text(text[:at].replace("version: 1.0.0", "version: 1.1.0", 1) + field + text[at + 11:])
    produced.produce("--records", 500, "--seed", 2)
    result = produced.land(status=0 if lands else 2)
    if not lands:
        assert "orders.items_in_order: column of type string; the table's files have a column" in result.stderr
        assert "which a transform added; give the field another name" in result.stderr


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
    ("adds_what_no_file_holds", "adds a column that files cannot hold"),
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
