"""Evaluates lines of docs/readers.md, in the lake's directory and in the environment of any reader: stdin has
{"first": a statement, "lines": [expressions]}, stdout gets for each line the sorted ids of its rows, or the error."""
import json
import sys


def ids(rows):
    """Of whatever a reader's line gives."""
    kind = type(rows).__module__.partition(".")[0]
    if kind in ("duckdb", "_duckdb"):
        return [row[rows.columns.index("id")] for row in rows.fetchall()]
    if kind == "polars":
        return rows.collect()["id"].to_list()
    if kind == "pyspark":
        return [row["id"] for row in rows.select("id").collect()]
    if kind == "datafusion":
        rows = rows.to_pydict()
    if kind == "pyarrow":
        return rows["id"].to_pylist()
    return [row["id"] for row in rows] if isinstance(rows, list) else list(rows["id"])


def main():
    asked = json.load(sys.stdin)
    names = {}
    exec(asked["first"], names)
    results = []
    for line in asked["lines"]:
        try:
            results.append(sorted(ids(eval(line, names))))
        except Exception as error:  # each reader has its own
            results.append(f"{type(error).__name__}: {error}")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
