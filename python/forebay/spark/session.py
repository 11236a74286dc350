"""Java, the Kafka connector and the Spark session: found, checked, and started quietly."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.accumulators import AccumulatorTCPServer
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

import forebay
from forebay.spark.failures import JobError, sentence_of
from forebay.spark.options import Options

JAVA_MAJOR = 17
# With retries, which local mode does not have by default.
DEFAULT_MASTER = "local[*,4]"
EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions"
CONNECTOR_CLASS = "org.apache.spark.sql.kafka010.KafkaSourceProvider"
HERE = Path(__file__).resolve().parent
# The directory to import the package from; the checkout's build directory links to the sources.
PACKAGE_ROOT = Path(forebay.__file__).parents[1]
HOW_JAVA = "install openjdk-17-jre-headless, or set JAVA_HOME"
HOW_CONNECTOR = "run `tools/spark install`, or give the directory of its jars with --connector"


def submitted() -> bool:
    """Whether spark-submit started this process: the JVM then runs already, with its master, jars and log."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def check_environment(options: Options) -> None:
    """Checks Java and the connector before a JVM starts, which would report the same as a stack trace."""
    if not submitted():
        check_java()
        connector_jars(options)


def check_java() -> None:
    """Checks that Java is where Spark's scripts search for it, and new enough."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not java or not os.access(java, os.X_OK):
        where = f"JAVA_HOME is {home}" if home else "no java on the PATH"
        raise JobError(f"no Java found ({where}), and Spark needs Java {JAVA_MAJOR}: {HOW_JAVA}")
    asked = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - the user's
    found = re.search(r'version "(\d+)', asked.stderr)
    if not found or int(found[1]) < JAVA_MAJOR:
        raise JobError(
            f"{java} is Java {found[1] if found else 'of an unknown version'}, and Spark needs Java "
            f"{JAVA_MAJOR} or newer: {HOW_JAVA}"
        )


def connector_jars(options: Options) -> list[Path]:
    """The connector's jars, which Spark sends to its workers."""
    directory = options.connector or HERE.parents[2] / ".forebay" / "spark-jars"
    jars = sorted(directory.glob("*.jar")) if directory.is_dir() else []
    if not any(jar.name.startswith("spark-sql-kafka") for jar in jars):
        raise JobError(f"Spark's Kafka connector is not in {directory}: {HOW_CONNECTOR}")
    return jars


@contextmanager
def open_session(options: Options, work: Path) -> Iterator[SparkSession]:
    """A session, stopped at the end. Spark's temporary files go to `work`."""
    spark = start_session(options, work)
    gateway = spark.sparkContext._gateway
    try:
        yield spark
    finally:
        with suppress(Py4JError, OSError):  # the JVM may be what failed
            spark.stop()
        if not submitted():
            end_jvm(gateway)


def start_session(options: Options, work: Path) -> SparkSession:
    """A session in a new JVM, or in the one that spark-submit started."""
    silence_accumulators()
    on_interrupt = signal.getsignal(signal.SIGINT)
    if not submitted():
        export_environment(options)
        conf = SparkConf(loadDefaults=False).setAll(list(configuration(options, work).items()))
        try:
            with open_log(options) as log:
                gateway = launch_gateway(  # type: ignore[no-untyped-call]
                    conf, {"stdout": log, "stderr": log, "start_new_session": True}
                )
            SparkContext._ensure_initialized(gateway=gateway)
            SparkContext(conf=conf, gateway=gateway)
        except (PySparkException, OSError, Exception) as failure:
            raise JobError(
                f"cannot start Spark: {sentence_of(failure)}; see its log, {log_place(options)}"
            ) from failure
    # pyspark installs a SIGINT handler that cancels jobs.
    signal.signal(signal.SIGINT, on_interrupt)
    builder = SparkSession.builder.appName("forebay")
    settings = session_settings(options)
    if submitted():
        SparkContext._ensure_initialized()
        settings |= executor_properties(options, SparkConf().get(EXECUTOR_OPTIONS))
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    check_connector(spark)
    return spark


def executor_properties(options: Options, given: str | None) -> dict[str, str]:
    """The setting by which executors get the JVM's properties, beside the options that are given for them."""
    ours = [f"-D{name}={value}" for name, value in options.jvm_properties.items()]
    return {EXECUTOR_OPTIONS: " ".join([*filter(None, [given]), *ours])} if ours else {}


def set_driver_properties(spark: SparkSession, options: Options) -> None:
    """Sets the properties in the driver's JVM, which may have been started without them."""
    jvm: Any = spark.sparkContext._jvm
    for name, value in options.jvm_properties.items():
        jvm.java.lang.System.setProperty(name, value)


def silence_accumulators() -> None:
    """Keeps pyspark's accumulator server from printing stack traces when the JVM is gone, which the job reports."""
    setattr(AccumulatorTCPServer, "handle_error", lambda *_: None)  # noqa: B010 - mypy forbids assigning to a method


def check_connector(spark: SparkSession) -> None:
    """Checks that the JVM has the connector on its class path, from whatever source."""
    jvm: Any = spark.sparkContext._jvm
    try:
        jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(CONNECTOR_CLASS)
    except Exception as failure:
        raise JobError(
            "Spark's Kafka connector is not on its class path: give spark-submit its jars with --jars "
            "(`tools/spark install` fetches them)"
        ) from failure


def export_environment(options: Options) -> None:
    """Makes Spark's workers run this Python, unless another is configured, and import the package from here."""
    wanted = options.spark_conf.get("spark.pyspark.python") or os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = wanted or sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    known = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if str(PACKAGE_ROOT) not in known:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(PACKAGE_ROOT), *known])


def configuration(options: Options, work: Path) -> dict[str, str]:
    """Settings that must be set before the JVM starts. --spark-conf overrides them."""
    settings = {
        "spark.master": options.master or DEFAULT_MASTER,
        "spark.app.name": "forebay",
        "spark.jars": ",".join(map(str, connector_jars(options))),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(work / "local"),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{HERE / 'log4j2.properties'} "
        "-XX:-UsePerfData -Djava.io.tmpdir=" + str(work),
    }
    given = options.spark_conf.get(EXECUTOR_OPTIONS)
    return settings | session_settings(options) | options.spark_conf | executor_properties(options, given)


def session_settings(options: Options) -> dict[str, str]:
    """Settings that can be set in any session."""
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
        "spark.sql.execution.arrow.maxBytesPerBatch": str(32 << 20),
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.streaming.numRecentProgressUpdates": "10",
        "spark.sql.streaming.stopTimeout": "30s",
    }
    return {name: value for name, value in settings.items() if name not in options.spark_conf}


def log_place(options: Options) -> Path:
    """The file of Spark's log."""
    return options.log_file or options.beside_lake(".spark.log")


@contextmanager
def open_log(options: Options) -> Iterator[int]:
    """The descriptor for the JVM's output: a file, truncated by each run, or stderr with --verbose."""
    if options.verbose:
        yield sys.stderr.fileno()
        return
    place = log_place(options)
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def end_jvm(gateway: Any) -> None:
    """Ends the JVM that this process started, and waits for it."""
    process = gateway.proc
    gateway.shutdown()
    SparkContext._gateway = None
    SparkContext._jvm = None
    if process is not None:
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
