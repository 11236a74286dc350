"""Compares two lakes row by row, as DuckDB reads them."""
import duckdb


def has_files(lake, table):
    return any((lake / table).glob("**/*.parquet"))


def rows_of(lake, table):
    """A query: each row with its partition directory."""
    return (f"SELECT replace(parse_dirpath(filename), '{lake}/', '') AS directory, * EXCLUDE (filename) "
            f"FROM read_parquet('{lake}/{table}/**/*.parquet', filename = true, hive_partitioning = false)")


def count(lake, table):
    if not has_files(lake, table):
        return 0
    return duckdb.sql(f"SELECT count(*) FROM ({rows_of(lake, table)})").fetchall()[0][0]


def only_in(here, there, table):
    """A query: the rows that `here` has and `there` has not, each as often as it has more of them."""
    if not has_files(there, table):
        return rows_of(here, table)
    return f"{rows_of(here, table)} EXCEPT ALL {rows_of(there, table)}"


def differing_rows(one, other, table):
    """The rows, with their directory, that one of the two lakes has alone."""
    return [row for here, there in ((one, other), (other, one)) if has_files(here, table)
            for row in duckdb.sql(only_in(here, there, table)).fetchall()]
