"""Forebay from Python: contracts, the decoder, and what an engine needs to land Kafka topics exactly once."""

# pyarrow comes first: it loads the Arrow libraries that the core is built with, so that both use the same ones.
import pyarrow as _pyarrow  # noqa: F401, I001

from forebay._core import __version__
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
