"""Errors of one sentence with an exit status, and the extraction of that sentence from Spark's stack traces."""

import re
from typing import Any

EXIT_INVALID_USAGE = 2
EXIT_FAILURE = 3  # of brokers, disks, Java or Spark
EXIT_INTERRUPTED = 5

# Text without information about the cause.
_NOISE = re.compile(r"\s*(SQLSTATE: \w+;?|\[PYTHON_EXCEPTION\].*|=== Streaming Query ===.*)\s*$", re.DOTALL)
_EXCEPTION = re.compile(r"^(Caused by: )?(?:[\w$]+\.)*(?P<name>\w*(?:Error|Exception|Exit)): (?P<text>.+)$")
_WRAPPERS = ("PythonException", "StreamingQueryException", "SparkException")
_CLASS_PREFIX = re.compile(r"^\[[A-Z_.]+\] ")


class JobError(Exception):
    """Ends the job. str() is one sentence."""

    def __init__(self, sentence: str, exit_status: int = EXIT_FAILURE) -> None:
        super().__init__(sentence)
        self.exit_status = exit_status


def usage_error(sentence: str) -> JobError:
    """Wrong usage: exit status 2."""
    return JobError(sentence, EXIT_INVALID_USAGE)


def sentence_of(failure: BaseException | str) -> str:
    """The innermost cause in the text of a Spark failure, in one line.

    Spark nests causes as text: a Python traceback in a Java stack trace in a streaming exception. The cause is the last
    line that has the form of an exception.
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
    """The sentence of a plain Python exception, with its class: the text of KeyError('x') alone is "'x'"."""
    return sentence_of(f"{type(failure).__name__}: {failure}")


def exit_status_of(failure: BaseException) -> int:
    """The exit status for a failure of the job or of the core."""
    status: Any = getattr(failure, "exit_status", EXIT_FAILURE)
    return status if isinstance(status, int) else EXIT_FAILURE
