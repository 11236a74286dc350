"""What the core refuses, as exceptions."""

from __future__ import annotations


class ForebayError(Exception):
    """Something that the core refused; `str()` is one sentence: what is wrong, where, and what to do."""

    def __init__(self, message: str, code: str = "world", exit_status: int = 3) -> None:
        # All arguments are kept, so that the exception can be pickled: it crosses processes.
        super().__init__(message, code, exit_status)
        self.message = message
        self.code = code
        self.exit_status = exit_status

    def __str__(self) -> str:
        return self.message


class UsageError(ForebayError):
    """Wrong input that the caller can mend."""


class WorldError(ForebayError):
    """Broker, disk, file system, permissions."""


class AnotherLanderError(ForebayError):
    """Another lander is at work on the lake."""


class ConflictError(ForebayError):
    """The compare-and-set was lost: nothing was landed, and the plan is to be read again."""


class UnknownOutcomeError(ForebayError):
    """The ledger's COMMIT failed, and whether it took place is unknown: end the process, delete nothing."""


class StoppedError(ForebayError):
    """Asked to stop while waiting."""


_BY_CODE: dict[str, type[ForebayError]] = {
    "usage": UsageError,
    "world": WorldError,
    "another_lander": AnotherLanderError,
    "conflict": ConflictError,
    "unknown_outcome": UnknownOutcomeError,
    "stopped": StoppedError,
}


def make_error(message: str, code: str, exit_status: int) -> ForebayError:
    """The exception for an error of the core, which calls this."""
    return _BY_CODE[code](message, code, exit_status)
