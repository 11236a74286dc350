"""Contracts of several topics: lists, patterns and templates, with topics that no other test uses."""
import json
import time
import uuid
from pathlib import Path

import duckdb

from support import readers
from support.landing import Landing
from support.topics import create_topic

TABLE = """
  - name: "{name}"
    customProperties:
      - {{property: kafka.topic, value: {topics}}}
      - {{property: eventTime, value: at}}
    properties:
      - {{name: id, logicalType: string, required: true{key}}}
      - {{name: at, logicalType: timestamp, required: true}}
      - {{name: note, logicalType: string}}
      - {{name: date, logicalType: date, partitioned: true, transformLogic: date(at)}}
"""


class Contract:
    """A contract file of tables; `prefix` begins the names of its topics."""

    def __init__(self, directory, *tables, version="1.0.0"):
        self.prefix = f"t{uuid.uuid4().hex[:10]}."
        self.path = Path(directory) / "contract.odcs.yaml"
        self.write(*tables, version=version)

    def __fspath__(self):
        return str(self.path)

    def __str__(self):
        return str(self.path)

    def write(self, *tables, version="1.0.0"):
        """Each table: (name, topics[, has a primary key]). "P" in the topics stands for the prefix."""
        text = f"apiVersion: v3.2.0\nkind: DataContract\nid: several\nversion: {version}\nschema:"
        for name, topics, *key in tables:
            topics = [self._named(topic) for topic in topics] if isinstance(topics, list) else self._named(topics)
            text += TABLE.format(name=name, topics=json.dumps(topics),
                                 key=", primaryKey: true" if not key or key[0] else "")
        self.path.write_text(text)

    def _named(self, topic):
        prefix = self.prefix.replace(".", "[.]") if topic.startswith("^") else self.prefix
        return topic.replace("P.", prefix)

    def topic(self, name):
        return self.prefix + name


class ToTopics:
    """Commands for a lake of such a contract."""

    def create(self, *names, partitions=1):
        for name in names:
            create_topic(self.broker, self.contract.topic(name), partitions)

    def send(self, name, records, *arguments):
        """Produces JSON values to a topic, with a receipt."""
        lines = self.lake.parent / f"{uuid.uuid4().hex}.jsonl"
        lines.write_text("".join(json.dumps(record) + "\n" for record in records))
        return self.produce("--topic", self.contract.topic(name), "--from", lines, *arguments)


class Several(ToTopics, Landing):
    """A lake of such a contract."""

    def __init__(self, forebay, broker, directory, *tables):
        self.broker = broker
        super().__init__(forebay, broker, Contract(directory, *tables), directory)


def record(number, day=30, **members):
    return {"id": f"i{number}", "at": f"2025-10-{day:02}T12:00:00Z"} | members


def rows_of(lake, table, columns="id, _kafka_topic, _kafka_partition, _kafka_offset"):
    if not readers.files(lake, table):
        return []
    query = f"SELECT {columns} FROM read_parquet('{lake}/{table}/**/*.parquet', union_by_name = true)"
    return sorted(duckdb.sql(query).fetchall(), key=repr)


def ids(several, table):
    return [row[0] for row in rows_of(several.lake, table, "id")]


def tables_of(several):
    return sorted(each.name for each in several.lake.iterdir() if not each.name.startswith("_"))


def status_of(several):
    status = several.forebay("status", "--lake", several.lake, *several.brokers, "--json").json
    return {table["table"]: table for table in status["tables"]}


def kinds(report, which="problems"):
    return sorted({finding["kind"] for finding in report.json[which]})


def eventually(holds, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
