"""Failures with one sentence and an exit status; and how to find that sentence in what Spark says."""

import re
from typing import Any

USAGE = 2
WORLD = 3

# What says nothing about the cause, whoever wrote it.
_NOISE = re.compile(r"\s*(SQLSTATE: \w+;?|\[PYTHON_EXCEPTION\].*|=== Streaming Query ===.*)\s*$", re.DOTALL)
_EXCEPTION = re.compile(r"^(Caused by: )?(?:[\w$]+\.)*(?P<name>\w*(?:Error|Exception|Exit)): (?P<text>.+)$")
_WRAPPERS = ("PythonException", "StreamingQueryException", "SparkException")
_CLASS_PREFIX = re.compile(r"^\[[A-Z_.]+\] ")


class JobError(Exception):
    """Ends the job. str() is one clear sentence."""

    def __init__(self, sentence: str, exit_status: int = WORLD) -> None:
        super().__init__(sentence)
        self.exit_status = exit_status


def usage_error(sentence: str) -> JobError:
    """Wrong usage: exit status 2."""
    return JobError(sentence, USAGE)


def sentence_of(failure: BaseException | str) -> str:
    """The innermost cause that a Spark failure's text names, in one line.

    Spark wraps causes in layers of text: a Python traceback in a Java stack trace in a streaming exception. The cause
    is the last line that looks like an exception and is not a Java frame.
    """
    text = failure if isinstance(failure, str) else str(failure)
    found = [match for line in text.splitlines() if (match := _EXCEPTION.match(line.strip()))]
    if found:
        name, words = found[-1]["name"], found[-1]["text"]
        words = _CLASS_PREFIX.sub("", _NOISE.sub("", words)).strip()
        return words if name in _WRAPPERS else f"{words} ({name})"
    first = next((line for line in text.splitlines() if line.strip()), type(failure).__name__)
    return _CLASS_PREFIX.sub("", _NOISE.sub("", first)).strip()


def named(failure: BaseException) -> str:
    """The same for a plain Python exception, whose text alone often says little: KeyError('x') is "'x'"."""
    return sentence_of(f"{type(failure).__name__}: {failure}")


def exit_status_of(failure: BaseException) -> int:
    """Of our own failures and of the core's."""
    status: Any = getattr(failure, "exit_status", WORLD)
    return status if isinstance(status, int) else WORLD
