"""Forebay from Python: contracts, the decoder, and what an engine needs to land Kafka topics exactly once."""

# pyarrow comes first: it loads the Arrow libraries that the core is built with, so that both use the same ones.
import pyarrow as pa  # noqa: F401

from forebay import _core
from forebay._errors import (
    AnotherLanderError,
    ConflictError,
    ForebayError,
    StoppedError,
    UnknownOutcomeError,
    UsageError,
    WorldError,
)
from forebay.contract import Contract, Field, Table, quarantine_schema, tombstone_schema
from forebay.engine import Committed, Decoded, Decoder, Landing, Position, Stager, decode, tally
from forebay.ledger import Ledger, Progress
from forebay.scenario import Record, Records, Scenario

__version__ = _core.VERSION

__all__ = [
    "AnotherLanderError",
    "Committed",
    "ConflictError",
    "Contract",
    "Decoded",
    "Decoder",
    "Field",
    "ForebayError",
    "Landing",
    "Ledger",
    "Position",
    "Progress",
    "Record",
    "Records",
    "Scenario",
    "Stager",
    "StoppedError",
    "Table",
    "UnknownOutcomeError",
    "UsageError",
    "WorldError",
    "__version__",
    "decode",
    "quarantine_schema",
    "tally",
    "tombstone_schema",
]
