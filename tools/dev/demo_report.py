"""The lake as `make demo` prints it at its end: from the list of files, and with DuckDB."""
import duckdb

MOST_LINES = 8

QUERY = """
WITH visits AS (
  SELECT date, country, count(DISTINCT session_id) AS sessions
  FROM (SELECT DISTINCT ON (event_id) * FROM read_parquet('{lake}/clicks/**/*.parquet', hive_partitioning = true))
  GROUP BY ALL
), sales AS (
  SELECT date, country, currency, count(*) AS orders, sum(total) AS revenue
  FROM (SELECT DISTINCT ON (order_id) * FROM read_parquet('{lake}/orders/**/*.parquet', hive_partitioning = true))
  WHERE status <> 'cancelled'
  GROUP BY ALL
)
SELECT date, country, sessions, orders, round(100.0 * orders / sessions, 1) AS "conversion %", revenue, currency
FROM visits JOIN sales USING (date, country)
ORDER BY date DESC, sessions DESC
LIMIT 12
""".strip()


def size_text(size):
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


def counted(number, noun):
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def has_files(table):
    return any(table.glob("**/*.parquet"))


def rows_by_directory(table):
    """Partition directory -> rows, counted from the files themselves."""
    found = duckdb.sql(f"SELECT file_name, num_rows FROM parquet_file_metadata('{table}/**/*.parquet')").fetchall()
    rows = {}
    for file_name, count in found:
        directory = file_name.removeprefix(f"{table}/").rpartition("/")[0]
        rows[directory] = rows.get(directory, 0) + count
    return rows


def partition_lines(table):
    """(text, number of partitions): one line a partition directory; the middle is left out where there are many."""
    lines = []
    for directory, rows in sorted(rows_by_directory(table).items()):
        files = list((table / directory).glob("*.parquet"))
        size = sum(file.stat().st_size for file in files)
        lines.append(f"{directory + '/':<20} {counted(len(files), 'file'):>9} {size_text(size):>10} {rows:>12,} rows")
    if len(lines) <= MOST_LINES:
        return lines, len(lines)
    head, tail = lines[:MOST_LINES // 2], lines[-(MOST_LINES // 2):]
    return head + [f"... {len(lines) - len(head) - len(tail)} more ..."] + tail, len(lines)


def show_lake(lake, shown):
    print(f"\nThe lake\n  {shown}/")
    tables = sorted(entry for entry in lake.iterdir() if entry.is_dir() and not entry.name.startswith("_"))
    for table in tables:
        if not has_files(table):
            continue
        lines, partitions = partition_lines(table)
        files = list(table.glob("**/*.parquet"))
        size = size_text(sum(file.stat().st_size for file in files))
        print(f"  ├── {table.name}/  ({counted(partitions, 'partition')}, {counted(len(files), 'file')}, {size})")
        for number, line in enumerate(lines, 1):
            print(f"  │   {'└──' if number == len(lines) else '├──'} {line}")
    print(f"  └── _forebay/  ({', '.join(sorted(entry.name for entry in (lake / '_forebay').iterdir()))})")


def show_quarantine(lake):
    print("\nQuarantine, by reason")
    if not has_files(lake / "quarantine"):
        print("  (nothing was refused)")
        return
    query = f"""SELECT reason, _kafka_topic, count(*) FROM read_parquet('{lake}/quarantine/**/*.parquet')
                GROUP BY ALL ORDER BY 3 DESC, 1, 2"""
    for reason, topic, rows in duckdb.sql(query).fetchall():
        print(f"  {rows:>9,}  {reason:<18} {topic}")


def show_query(lake):
    print("\nRevenue and conversion by date and country: the latest, each event and order once by its key (DuckDB)")
    if not (has_files(lake / "clicks") and has_files(lake / "orders")):
        print("  (clicks or orders are empty)")
        return
    result = duckdb.sql(QUERY.format(lake=lake))
    rows = [tuple(f"{value:,}" if isinstance(value, int) else str(value) for value in row) for row in result.fetchall()]
    widths = [max(map(len, column)) for column in zip(result.columns, *rows)]
    for row in [tuple(result.columns), *rows]:
        print("  " + "  ".join(value.rjust(width) for value, width in zip(row, widths)))


def show_next(forebay, lake, contract, brokers, stop):
    """`stop`: how to stop a broker that is still running; None: there is none of this demo's."""
    print("\nWhat to try next")
    if stop:
        print(f"  the broker is still running on {brokers}; stop it with: {stop}")
    else:
        print("  make demo                 once more: the shop's next week, landed behind this one")
        print("  make demo KEEP=1          leaves the broker running")
    print(f"  {forebay} status --lake {lake}")
    print(f"  {forebay} quarantine list --lake {lake}")
    if stop:
        print(f"  {forebay} land --contract {contract} --brokers {brokers} --lake {lake} --follow")
    print(f"  .forebay/venv/bin/python -c \"import polars; print(polars.scan_parquet('{lake}/clicks/**/*.parquet')"
          ".group_by('event_type').len().collect())\"")
    print("  make test                 every test of the project")
