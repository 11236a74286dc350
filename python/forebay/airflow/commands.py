"""The `forebay` command, and what its exit statuses mean to a task: whether trying again may help."""

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

EXIT_CHECK_FAILED, EXIT_INVALID_USAGE, EXIT_LOCK_HELD = 1, 2, 4
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
TAIL_LINES = 20


class CommandError(Exception):
    """A command that did not succeed. Trying again may help: a broker comes back, a disk is cleared."""


class RefusedError(CommandError):
    """Trying again does not help: wrong usage, a wrong contract, or an answer that is no."""


class LockHeldError(CommandError):
    """Another lander is at work on the lake."""


@dataclass(frozen=True)
class Answer:
    """What a command said: its exit status, its result and the last lines of its log."""

    status: int
    result: dict[str, Any]
    last_log_line: str


def forebay(
    settings: Settings,
    *arguments: object,
    allowed: Sequence[int] = (0,),
    timeout_s: float | None = None,
    quiet: bool = False,
) -> Answer:
    """Run `forebay ARGUMENTS --json`. An exit status that is not allowed is raised as the exception that it means."""
    return run([settings.binary, *map(str, arguments), "--json"], allowed=allowed, timeout_s=timeout_s, quiet=quiet)


def run(
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    allowed: Sequence[int] = (0,),
    timeout_s: float | None = None,
    quiet: bool = False,
) -> Answer:
    """Run a command that prints JSON. Its log goes into ours; it is asked to end when this process dies."""
    log.log(logging.DEBUG if quiet else logging.INFO, "$ %s", " ".join(command))
    try:
        child = subprocess.Popen(  # noqa: S603 - no shell, and the words are ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - it makes two system calls and takes no lock
        )
    except OSError as failure:
        raise RefusedError(f"{command[0]} can't be run: {failure.strerror}; build it with `make build`") from failure
    answer = _wait(child, timeout_s)
    if answer.status in allowed:
        return answer
    raise meaning_of(answer.status)(answer.last_log_line or f"{command[0]} ended with exit status {answer.status}")


def meaning_of(status: int) -> type[CommandError]:
    """Return which exception an exit status is."""
    if status in (EXIT_CHECK_FAILED, EXIT_INVALID_USAGE):
        return RefusedError
    return LockHeldError if status == EXIT_LOCK_HELD else CommandError


def _end_with(parent: int) -> Callable[[], None]:
    """What the child does first: arrange to get SIGTERM when its parent dies, whatever killed it."""

    def arrange() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGTERM)

    return arrange


def _wait(child: "subprocess.Popen[str]", timeout_s: float | None) -> Answer:
    tail: list[str] = []
    if child.stdout is None or child.stderr is None:
        raise ValueError("both are pipes")
    reader = threading.Thread(target=_pass_on, args=(child.stderr, tail), daemon=True)
    overdue = threading.Timer(timeout_s or 0, child.terminate)
    overdue.daemon = True
    reader.start()
    if timeout_s is not None:
        overdue.start()
    try:
        text = child.stdout.read()
        status = child.wait()
    except BaseException:
        child.terminate()  # it lands what it consumed, and ends
        raise
    finally:
        overdue.cancel()
    reader.join(5)
    child.stdout.close()
    child.stderr.close()
    return Answer(status, _parsed(text), tail[-1].removeprefix("forebay: ") if tail else "")


def _pass_on(stream: IO[str], tail: list[str]) -> None:
    for line in stream:
        tail.append(line.rstrip())
        del tail[:-TAIL_LINES]
        log.info("%s", line.rstrip())


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
