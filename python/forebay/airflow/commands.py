"""Runs the `forebay` command, and translates its exit statuses: whether a retry may help."""

import ctypes
import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from forebay.airflow.settings import Settings

log = logging.getLogger("forebay.airflow")

EXIT_CHECK_FAILED, EXIT_INVALID_USAGE, EXIT_UNAVAILABLE, EXIT_LOCK_HELD = 1, 2, 3, 4
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
TAIL_LINES = 20


class CommandError(Exception):
    """A command failed. A retry may help, for instance once the broker is back. `status` is its exit status."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return self.message


class PermanentError(CommandError):
    """A retry does not help: invalid usage, an invalid contract, or a failed check."""


@dataclass(frozen=True)
class CommandResult:
    """A command's exit status, its JSON output and the last line of its log."""

    status: int
    result: dict[str, Any]
    last_log_line: str


def forebay(
    settings: Settings,
    *arguments: object,
    allowed: Sequence[int] = (0,),
    timeout_s: float | None = None,
    quiet: bool = False,
) -> CommandResult:
    """Runs `forebay ARGUMENTS --json`. Raises for an exit status that is not allowed."""
    return run([settings.binary, *map(str, arguments), "--json"], allowed=allowed, timeout_s=timeout_s, quiet=quiet)


def run(
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    allowed: Sequence[int] = (0,),
    timeout_s: float | None = None,
    quiet: bool = False,
) -> CommandResult:
    """Runs a command that prints JSON, and logs its stderr. It gets SIGTERM when this process dies."""
    log.log(logging.DEBUG if quiet else logging.INFO, "$ %s", " ".join(command))
    try:
        child = subprocess.Popen(  # noqa: S603 - no shell, and the arguments are Forebay's
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
            preexec_fn=_terminate_with(os.getpid()),  # noqa: PLW1509 - two system calls, no lock
        )
    except OSError as failure:
        raise PermanentError(f"cannot run {command[0]}: {failure.strerror}; build it with `make build`") from failure
    result = _wait(child, timeout_s)
    if result.status in allowed:
        return result
    message = result.last_log_line or f"{command[0]} ended with exit status {result.status}"
    raise error_class(result.status)(message, result.status)


def error_class(status: int) -> type[CommandError]:
    """Returns the exception class for an exit status."""
    return PermanentError if status in (EXIT_CHECK_FAILED, EXIT_INVALID_USAGE) else CommandError


def _terminate_with(parent: int) -> Callable[[], None]:
    """Makes a function for the child that requests SIGTERM on the death of its parent, however that dies."""

    def request() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGTERM)

    return request


def _wait(child: "subprocess.Popen[str]", timeout_s: float | None) -> CommandResult:
    tail: list[str] = []
    if child.stdout is None or child.stderr is None:
        raise ValueError("both are pipes")
    reader = threading.Thread(target=_forward_log, args=(child.stderr, tail), daemon=True)
    # Not SIGTERM: a command that waits for the ledger reacts to it only afterwards.
    timer = threading.Timer(timeout_s or 0, child.kill)
    timer.daemon = True
    reader.start()
    if timeout_s is not None:
        timer.start()
    try:
        text = child.stdout.read()
        status = child.wait()
    except BaseException:
        child.terminate()  # it lands the records that it consumed, and ends
        raise
    finally:
        timer.cancel()
    reader.join(5)
    child.stdout.close()
    child.stderr.close()
    return CommandResult(status, _parse(text), tail[-1].removeprefix("forebay: ") if tail else "")


def _forward_log(stream: IO[str], tail: list[str]) -> None:
    for line in stream:
        tail.append(line.rstrip())
        del tail[:-TAIL_LINES]
        log.info("%s", line.rstrip())


def _parse(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
