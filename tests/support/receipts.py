"""Sums of receipts: the expected contents of the lake."""
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Expected:
    """One table's sums of all receipts."""
    rows: Counter = field(default_factory=Counter)  # by partition directory
    key_sums: Counter = field(default_factory=Counter)  # by partition directory, modulo 2^64
    quarantined: Counter = field(default_factory=Counter)  # by reason
    acknowledged: int = 0


def add_up(*paths):
    """Table name -> Expected, over all receipts."""
    tables = {}
    for path in paths:
        for table in json.loads(Path(path).read_text())["tables"]:
            expected = tables.setdefault(table["table"], Expected())
            assert table["failed"] == 0 and table["uncertain"] == 0
            for directory, landed in table["landed"].items():
                expected.rows[directory] += landed["rows"]
                expected.key_sums[directory] = (expected.key_sums[directory] + int(landed["key_sum"], 16)) % 2**64
            expected.quarantined.update(table["quarantined"])
            expected.acknowledged += sum(partition["records"] for partition in table["partitions"])
    return tables
