"""The two engines, as commands."""

import os
from dataclasses import dataclass
from pathlib import Path

from forebay.airflow.commands import RefusedError
from forebay.airflow.settings import Settings


@dataclass(frozen=True)
class Command:
    """What to run, and what to add to its environment."""

    words: tuple[str, ...]
    environment: dict[str, str]


def landing(settings: Settings, engine: str, mode: str) -> Command:
    """Return the command that lands `--once` or `--follow` (the mode)."""
    what = ("--contract", str(settings.contract), "--brokers", settings.brokers, "--lake", str(settings.lake), mode)
    if engine == "native":
        return Command((settings.binary, "land", *what, "--json", *settings.native_options), {})
    if engine != "spark":
        raise RefusedError(f"'{engine}' is not an engine: choose spark or native")
    if not settings.spark_python.is_file():
        raise RefusedError(f"Spark's environment is not at {settings.spark_python}: run `make setup`")
    command = (str(settings.spark_python), "-m", "forebay.spark", *what, "--json", *settings.spark_options)
    return Command(command, {"PYTHONPATH": _python_path(settings.spark_package)})


def _python_path(package: Path) -> str:
    """Spark's Python finds the package beside the extension, and what a user's own transforms are in."""
    given = os.environ.get("FOREBAY_SPARK_PYTHONPATH", "")
    return os.pathsep.join([str(package), *filter(None, given.split(os.pathsep))])
