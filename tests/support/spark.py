"""Runs the Spark engine: as processes, as users do, or in this process, on a session that tests share."""
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from forebay.spark import job
from forebay.spark.options import Options
from forebay.spark.progress import Reports
from support.forebay import Result, Running, clean_environment
from support.landing import Landing
from support.paths import PACKAGE, PACKAGE_WITH_HOOKS, ROOT

MASTER = "local[2,4]"
# In runs of seconds, an optimizing compiler costs more than it saves.
QUICK_JVM = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}


def quick_jvm(temporary):
    """The same, for JVMs whose temporary directory must be set."""
    temporary.mkdir(exist_ok=True)
    return {"JAVA_TOOL_OPTIONS": f"{QUICK_JVM['JAVA_TOOL_OPTIONS']} -Djava.io.tmpdir={temporary}",
            "TMPDIR": str(temporary), "SPARK_LOCAL_DIRS": str(temporary)}


def environment(extra=None):
    """An environment whose PYTHONPATH has the package and the tests' transforms."""
    return clean_environment({"PYTHONPATH": python_path(PACKAGE), **QUICK_JVM, **(extra or {})})


def with_hooks(**settings):
    """An environment with the package that was built with test hooks."""
    return {"PYTHONPATH": python_path(PACKAGE_WITH_HOOKS), **settings}


def python_path(package):
    return os.pathsep.join([str(package), str(ROOT / "tests" / "spark")])


class SparkLanding(Landing):
    """A lake for both engines."""

    def __init__(self, forebay, broker, contract, directory, session=None):
        super().__init__(forebay, broker, contract, directory)
        self.directory = directory
        self.broker = broker
        self.session = session

    def spark_arguments(self, *arguments):
        temporary = self.directory / "tmp"
        return ("--contract", self.contract, *self.brokers, "--lake", self.lake, "--master", MASTER,
                "--checkpoint-dir", temporary, *arguments)

    def start_spark(self, *arguments, env=None):
        return self.start_spark_bare(*self.spark_arguments(*arguments), env=env)

    def start_spark_bare(self, *arguments, env=None):
        """Starts a run without the common flags."""
        words = [str(word) for word in arguments]
        process = subprocess.Popen([sys.executable, "-m", "forebay.spark", *words], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(env),
                                   cwd=self.directory)
        return Running(process, words)

    def spark(self, *arguments, status=0, env=None, timeout_s=600) -> Result:
        """Runs a process to its end. Asserts the exit status, unless `status` is None."""
        with self.start_spark(*arguments, env=env) as running:
            result = running.wait(timeout_s)
        assert status is None or result.status == status, f"expected exit status {status}:\n{result}"
        return result

    def spark_here(self, lake=None, brokers=None, **options):
        """Runs the job in this process, on the shared session, and returns its totals. Raises its error."""
        settings = Options(contract=Path(self.contract), lake=lake or self.lake,
                           checkpoint_dir=Path(tempfile.mkdtemp(dir=self.directory)),
                           **{"brokers": brokers or self.broker.address, "follow": False, **options})
        reports = Reports(settings.beside_lake(".spark-status.json"), settings.lake, follow=settings.follow)
        job.run(settings, job.Stop(settings.stop_file), reports, lambda *_: nullcontext(self.session))
        reports.state("ended")
        return reports.totals
