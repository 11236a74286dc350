"""Contracts and their tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from forebay import _core
from forebay._errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Field(NamedTuple):
    """A field on the top level of a table's records."""

    name: str
    type: str
    """The type's name in messages: "string", "integer", "decimal", "object" and so on."""
    required: bool


class Table:
    """A topic and the directory it is landed in. Created by its Contract, which it keeps alive."""

    def __init__(self, contract: Contract, core: _core.Table) -> None:
        self._contract = contract
        self._core = core
        self.name = core.name
        self.topic = core.topic
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

    def __reduce__(self) -> tuple[Callable[[Contract, str], Table], tuple[Contract, str]]:
        return _restore_table, (self._contract, self.name)

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

    def table(self, name: str) -> Table:
        """Returns the table with this name."""
        for table in self.tables:
            if table.name == name:
                return table
        message = f"the contract has no table '{name}'"
        raise InvalidArgumentError(message, "invalid_argument", 2)

    def __reduce__(self) -> tuple[Callable[[str, str], Contract], tuple[str, str]]:
        return _restore_contract, (self.yaml, self.path)

    def __repr__(self) -> str:
        return f"<forebay.Contract {self.id} {self.version}>"


def _restore_contract(yaml: str, path: str) -> Contract:
    contract = Contract.parse(yaml, path or "contract")
    contract.path = path
    return contract


def _restore_table(contract: Contract, name: str) -> Table:
    return contract.table(name)


def quarantine_schema() -> pa.Schema:
    """The schema of rejected records."""
    return pa.schema(_core.quarantine_schema())


def tombstone_schema() -> pa.Schema:
    """The schema of tombstones, which are records without a value."""
    return pa.schema(_core.tombstone_schema())
