"""Errors of the core, as exceptions."""

from __future__ import annotations


class ForebayError(Exception):
    """An operation that the core refused or could not finish; `str()` says what failed, why, and what to do."""

    def __init__(self, message: str, code: str = "io_error", exit_status: int = 3) -> None:
        # All arguments are kept, so that the exception can be pickled: it crosses processes.
        super().__init__(message, code, exit_status)
        self.message = message
        self.code = code
        self.exit_status = exit_status

    def __str__(self) -> str:
        return self.message


class InvalidArgumentError(ForebayError):
    """Wrong flags, a wrong contract or malformed input."""


class CorruptionError(ForebayError):
    """The ledger, lake.json or a file is damaged or missing."""


class FailedPreconditionError(ForebayError):
    """The lake's state, or its filesystem, does not allow the operation."""


class UnavailableError(ForebayError):
    """The brokers do not answer, or do not have what was asked for."""


class IoError(ForebayError):
    """Disk, filesystem or permissions."""


class LockHeldError(ForebayError):
    """Another process holds the lake's lock."""


class ConflictError(ForebayError):
    """The compare-and-set on the ledger failed: nothing was landed; plan again."""


class CommitStateUnknownError(ForebayError):
    """The ledger's COMMIT failed, and whether it took effect is unknown: end the process, delete nothing."""


class CancelledError(ForebayError):
    """The caller asked to stop while the core was waiting."""


_BY_CODE: dict[str, type[ForebayError]] = {
    "invalid_argument": InvalidArgumentError,
    "corruption": CorruptionError,
    "failed_precondition": FailedPreconditionError,
    "unavailable": UnavailableError,
    "io_error": IoError,
    "lock_held": LockHeldError,
    "conflict": ConflictError,
    "commit_state_unknown": CommitStateUnknownError,
    "cancelled": CancelledError,
}


def make_error(message: str, code: str, exit_status: int) -> ForebayError:
    """The exception for an error of the core, which calls this."""
    return _BY_CODE[code](message, code, exit_status)
