"""The command lines of the two engines."""

import os
from dataclasses import dataclass
from pathlib import Path

from forebay.airflow.commands import PermanentError
from forebay.airflow.settings import Settings


@dataclass(frozen=True)
class Command:
    """A command line, and additions to the environment."""

    argv: tuple[str, ...]
    environment: dict[str, str]


def landing(settings: Settings, engine: str, mode: str) -> Command:
    """Returns the engine's command; the mode is `--once` or `--follow`."""
    arguments = (
        "--contract",
        str(settings.contract),
        "--brokers",
        settings.brokers,
        "--lake",
        str(settings.lake),
        mode,
        *(("--existing",) if settings.existing else ()),
    )
    if engine == "native":
        return Command((settings.binary, "land", *arguments, "--json", *settings.native_options), {})
    if engine != "spark":
        raise PermanentError(f"'{engine}' is not an engine: choose spark or native")
    if not settings.spark_python.is_file():
        raise PermanentError(f"Spark's Python environment is missing: {settings.spark_python}; run `make setup`")
    argv = (str(settings.spark_python), "-m", "forebay.spark", *arguments, "--json", *settings.spark_options)
    return Command(argv, {"PYTHONPATH": _python_path(settings.spark_package)})


def _python_path(package: Path) -> str:
    """The package beside its extension, and the directories of users' transforms."""
    given = os.environ.get("FOREBAY_SPARK_PYTHONPATH", "")
    return os.pathsep.join([str(package), *filter(None, given.split(os.pathsep))])
