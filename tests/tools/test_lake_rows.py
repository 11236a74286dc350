"""The comparison of two lakes in the demo and in tests of the engines."""
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dev.lake_rows import differing_rows


@pytest.fixture
def lakes(tmp_path):
    return tmp_path / "one", tmp_path / "other"


def write(lake, name, numbers, table="clicks"):
    path = lake / table / name
    path.parent.mkdir(parents=True, exist_ok=True)
    items = [[{"id": number, "tags": ["a", None]}] for number in numbers]
    pq.write_table(pa.table({"number": numbers, "items": items}), path)


def test_files_and_order_do_not_matter(lakes):
    one, other = lakes
    write(one, "date=2025-01-01/a.parquet", [1, 2, 3, 3])
    write(other, "date=2025-01-01/b.parquet", [3, 2])
    write(other, "date=2025-01-01/c.parquet", [3, 1])
    assert differing_rows(one, other, "clicks") == []


@pytest.mark.parametrize("name, numbers", [
    ("date=2025-01-01/b.parquet", [1, 2]),           # one is missing
    ("date=2025-01-01/b.parquet", [1, 2, 3, 4]),     # one is foreign
    ("date=2025-01-01/b.parquet", [1, 2, 3, 3]),     # one is there twice
    ("date=2025-01-01/b.parquet", [1, 2, 4]),        # one is another
    ("date=2025-01-02/b.parquet", [1, 2, 3]),        # all lie elsewhere
])
def test_every_difference_is_found(lakes, name, numbers):
    one, other = lakes
    write(one, "date=2025-01-01/a.parquet", [1, 2, 3])
    write(other, name, numbers)
    assert differing_rows(one, other, "clicks") != []
    assert differing_rows(other, one, "clicks") != []


def test_a_table_that_one_lake_lacks_differs_in_all_its_rows(lakes):
    one, other = lakes
    write(one, "date=2025-01-01/a.parquet", [1, 2, 3])
    other.mkdir()
    assert len(differing_rows(one, other, "clicks")) == len(differing_rows(other, one, "clicks")) == 3
    assert differing_rows(one, other, "orders") == []
