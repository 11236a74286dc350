"""Contracts and their tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from forebay import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Field(NamedTuple):
    """A field on the top level of a table's records."""

    name: str
    type: str
    """The type's name in messages: "string", "integer", "decimal", "object" and so on."""
    required: bool


class Table:
    """A topic, or several, and the directory they are landed in; or a template of such tables. Created by its Contract.

    A template has a name with placeholders; `Contract.table` gives the tables that it makes.
    """

    def __init__(self, contract: Contract, core: _core.Table) -> None:
        self._contract = contract
        self._core = core
        self.name = core.name
        self.topic = core.topic
        """The only topic; None of a table of several, and of a template."""
        self.topics = core.topics
        """The topics that the contract names."""
        self.topic_patterns = core.topic_patterns
        self.is_template = core.is_template
        self.has_topic_column = core.has_topic_column
        """Whether rows may be of several topics, so that they have the column `_kafka_topic`."""
        self.partitions = core.partitions
        self.key = core.key
        self.primary_key = core.primary_key
        self.event_time = core.event_time
        self.partition_columns = core.partition_columns
        self.fields = [Field(*field) for field in core.fields]
        self.schema: pa.Schema = pa.schema(core.schema)
        """The schema of a landed file, without the partition columns, which are in its path."""
        self.decoded_schema: pa.Schema = pa.schema(core.decoded_schema)
        """`schema` and the column `_partition`, which a Decoder adds and a Stager requires."""

    def __reduce__(self) -> tuple[Callable[[Contract, str, str], Table], tuple[Contract, str, str]]:
        return _restore_table, (self._contract, self.name, self.topic or "")

    def __repr__(self) -> str:
        return f"<forebay.Table {self.name}>"


class Contract:
    """A valid data contract (ODCS). Pickled as its text."""

    def __init__(self, core: _core.Contract) -> None:
        self._core = core
        self.id = core.id
        self.name = core.name
        self.version = core.version
        self.yaml = core.yaml
        self.path = core.path
        """The file it was read from; empty if it was parsed from text."""
        self.tables = [Table(self, table) for table in core.tables]

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Contract:
        """Reads a contract. InvalidArgumentError lists every diagnostic, one per line."""
        return cls(_core.Contract.read(os.fspath(path)))

    @classmethod
    def parse(cls, yaml: str, name: str = "contract") -> Contract:
        """Parses a contract; messages call it `name`."""
        return cls(_core.Contract.parse(yaml, name))

    @classmethod
    def infer(cls, records: Iterable[bytes | str], *, topic: str, table: str = "") -> Contract:
        """Infers a contract from a sample of a topic's values, as `forebay contract infer` does: see its `yaml`.

        `table` is by default named after the topic. InvalidArgumentError if no record is a JSON object.
        """
        values = [record.encode() if isinstance(record, str) else record for record in records]
        return cls(_core.Contract.infer(values, topic, table))

    def table(self, name: str, topic: str = "") -> Table:
        """Returns the table with this name; `topic` is its topic, where a template makes it."""
        for table in self.tables:
            if table.name == name:
                return table
        return Table(self, self._core.table(name, topic))

    def __reduce__(self) -> tuple[Callable[[str, str], Contract], tuple[str, str]]:
        return _restore_contract, (self.yaml, self.path)

    def __repr__(self) -> str:
        return f"<forebay.Contract {self.id} {self.version}>"


def _restore_contract(yaml: str, path: str) -> Contract:
    contract = Contract.parse(yaml, path or "contract")
    contract.path = path
    return contract


def _restore_table(contract: Contract, name: str, topic: str) -> Table:
    return contract.table(name, topic)


def quarantine_schema() -> pa.Schema:
    """The schema of rejected records."""
    return pa.schema(_core.quarantine_schema())


def tombstone_schema() -> pa.Schema:
    """The schema of tombstones, which are records without a value."""
    return pa.schema(_core.tombstone_schema())
