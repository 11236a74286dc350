"""Forebay from Python: contracts, the decoder, and the parts of an engine that lands Kafka topics exactly once.

Names are imported on first use, so that forebay.airflow works without the extension and without pyarrow.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forebay import _core
    from forebay._errors import (
        CancelledError,
        CommitStateUnknownError,
        ConflictError,
        CorruptionError,
        FailedPreconditionError,
        ForebayError,
        InvalidArgumentError,
        IoError,
        LockHeldError,
        UnavailableError,
    )
    from forebay.contract import Contract, Field, Table, quarantine_schema, tombstone_schema
    from forebay.engine import Committed, Decoded, Decoder, Landing, Position, Stager, decode, partition_stats
    from forebay.ledger import Ledger, Progress
    from forebay.scenario import Record, Records, Scenario

    __version__ = _core.VERSION

__all__ = [
    "CancelledError",
    "CommitStateUnknownError",
    "Committed",
    "ConflictError",
    "Contract",
    "CorruptionError",
    "Decoded",
    "Decoder",
    "FailedPreconditionError",
    "Field",
    "ForebayError",
    "InvalidArgumentError",
    "IoError",
    "Landing",
    "Ledger",
    "LockHeldError",
    "Position",
    "Progress",
    "Record",
    "Records",
    "Scenario",
    "Stager",
    "Table",
    "UnavailableError",
    "__version__",
    "decode",
    "partition_stats",
    "quarantine_schema",
    "tombstone_schema",
]

_HOME = {
    "_errors": (
        "CancelledError",
        "CommitStateUnknownError",
        "ConflictError",
        "CorruptionError",
        "FailedPreconditionError",
        "ForebayError",
        "InvalidArgumentError",
        "IoError",
        "LockHeldError",
        "UnavailableError",
    ),
    "contract": ("Contract", "Field", "Table", "quarantine_schema", "tombstone_schema"),
    "engine": ("Committed", "Decoded", "Decoder", "Landing", "Position", "Stager", "decode", "partition_stats"),
    "ledger": ("Ledger", "Progress"),
    "scenario": ("Record", "Records", "Scenario"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Imports a name on first use. Type checkers see the imports above."""
        if name == "_core":
            # pyarrow must be imported first: it loads the Arrow libraries that the core is linked with.
            importlib.import_module("pyarrow")
            return importlib.import_module("forebay._core")
        if name == "__version__":
            return __getattr__("_core").VERSION
        if name in _MODULE_OF:
            return getattr(importlib.import_module(f"forebay.{_MODULE_OF[name]}"), name)
        raise AttributeError(f"module 'forebay' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """All names, whether imported yet or not."""
        return sorted({*globals(), *__all__})
