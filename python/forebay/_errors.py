"""The core's errors as exceptions."""

from __future__ import annotations


class ForebayError(Exception):
    """An operation of the core failed. `str()` is the operation that failed, the cause, and the next step."""

    def __init__(self, message: str, code: str = "io_error", exit_status: int = 3) -> None:
        # Keeps all arguments, so that pickling the exception works: it is sent between processes.
        super().__init__(message, code, exit_status)
        self.message = message
        self.code = code
        self.exit_status = exit_status

    def __str__(self) -> str:
        return self.message


class InvalidArgumentError(ForebayError):
    """Invalid flags, an invalid contract or malformed input."""


class CorruptionError(ForebayError):
    """The ledger, lake.json or a file is damaged or missing."""


class FailedPreconditionError(ForebayError):
    """The lake's state, or its filesystem, does not allow the operation."""


class UnavailableError(ForebayError):
    """The brokers do not respond, or do not have the requested data."""


class IoError(ForebayError):
    """Disk, filesystem or permissions."""


class LockHeldError(ForebayError):
    """Another process holds the lake's lock."""


class ConflictError(ForebayError):
    """The ledger's compare-and-set failed: nothing was landed; plan again."""


class CommitStateUnknownError(ForebayError):
    """The ledger's COMMIT failed, and may have taken effect: end the process, delete nothing."""


class CancelledError(ForebayError):
    """The caller requested a stop while the core was waiting."""


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
    """Returns the exception for an error; called by the core."""
    return _BY_CODE[code](message, code, exit_status)
