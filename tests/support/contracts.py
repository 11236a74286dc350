"""Contracts with topic names of their own, so that tests can share one broker."""
import re
import uuid

import yaml

from support.paths import CONTRACTS

TOPIC = re.compile(r"(- property: kafka\.topic\s+value: )(\S+)")
PARTITIONS = re.compile(r"(- property: kafka\.partitions\s+value: )\d+")


class ContractCopy:
    """A copy of FOLDER/NAME in which every topic has a prefix of its own, and as many partitions as are asked for.
    Nothing else differs."""

    def __init__(self, name, directory, partitions=None, folder=CONTRACTS):
        prefix = f"t{uuid.uuid4().hex[:10]}."
        text, topics = TOPIC.subn(rf"\g<1>{prefix}\g<2>", (folder / name).read_text())
        assert topics > 0, f"no kafka.topic in {name}"
        if partitions is not None:
            text = PARTITIONS.sub(rf"\g<1>{partitions}", text)
        self.path = directory / name
        self.path.write_text(text)
        self.tables = {table["name"]: table for table in yaml.safe_load(text)["schema"]}

    def __fspath__(self):
        return str(self.path)

    def __str__(self):
        return str(self.path)

    def setting(self, table, name):
        """The value of one of a table's custom properties."""
        return {entry["property"]: entry["value"] for entry in self.tables[table]["customProperties"]}[name]

    def topic(self, table):
        return self.setting(table, "kafka.topic")
