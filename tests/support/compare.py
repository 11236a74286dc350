"""Two lakes, row by row, as DuckDB reads them."""
import duckdb

from support import readers


def rows_of(lake, table):
    return (f"SELECT replace(parse_dirpath(filename), '{lake}/', '') AS directory, * EXCLUDE (filename) "
            f"FROM read_parquet('{lake}/{table}/**/*.parquet', filename = true, hive_partitioning = false)")


def differing_rows(one, other, table):
    """Rows, with their directory, that are in one of the two lakes alone, each as often as it is there."""
    with_files = [bool(readers.files(lake, table)) for lake in (one, other)]
    assert with_files[0] == with_files[1], f"only one of the lakes has files of {table}"
    if not with_files[0]:
        return []
    return [row for here, there in ((one, other), (other, one))
            for row in duckdb.sql(f"{rows_of(here, table)} EXCEPT ALL {rows_of(there, table)}").fetchall()]
