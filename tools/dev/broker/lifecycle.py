"""Starting a broker, and ending it."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from dev import Problem
from dev.broker import DEFAULT_PORT, DEPLOY, HOST, INSIDE_PORT
from dev.broker.home import Home, ask_cluster_id, free_port, is_alive, port_is_free
from dev.broker.java import CLASS_ARCHIVE, JARS, class_archive_flags, find_java

MIN_FREE_BYTES = 1 << 30
START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 30
JVM_FLAGS = ["-Xms128m", "-Xmx768m", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"]
PERFORMANCE_FLAGS = "-XX:+UseG1GC"


def start(home, wanted_port, class_flags=None):
    """REQUIRES: the home is locked. Returns the port, and whether this call started it."""
    if home.pid():
        return _running_port(home, wanted_port), False
    java = find_java()
    lib = JARS.install()
    _check_disk(home)
    any_port = wanted_port == 0
    port = free_port() if any_port else wanted_port or home.port() or DEFAULT_PORT
    if not port_is_free(port):
        raise Problem(f"Port {port} on {HOST} is in use: stop the program that listens there, or choose another port "
                      "(`tools/broker start --port N`; 0 takes any free one).")
    for attempts_left in (2, 1, 0):
        home.write_config(port, free_port())
        if home.cluster_id() is None:
            _format_storage(home, java, lib)
        try:
            _wait_until_it_answers(home, _launch(home, java, lib, class_flags), port)
            return port, True
        except Problem as problem:
            # Between choosing a free port and binding it, any other program may have taken it.
            if attempts_left == 0 or "Address already in use" not in str(problem):
                raise
            port = free_port() if any_port else port
    raise AssertionError("the last attempt returns or raises")


def serve(home, port, host):
    """Turns this process into the broker: in a container, which others know as `host`."""
    if port == INSIDE_PORT:
        raise Problem(f"Port {port} is where other containers reach the broker: publish another one.")
    java = find_java()
    lib = JARS.install()
    _check_disk(home)
    home.write_config(port, free_port(), host)
    if home.cluster_id() is None:
        _format_storage(home, java, lib)
    home.pid_file.write_text(f"{os.getpid()}\n")
    os.execv(java, _command(home, java, lib, "console"))


def archive_classes():
    """Starts a broker, ends it, and keeps the classes that it loaded as the JVM had them in memory: later ones start
    with half the work. Whether there was something to do; a JVM leaves the archive of another Java or other jars alone.
    """
    java = Path(find_java()).resolve()
    made_from = max(path.stat().st_mtime for path in (java, JARS.install()))
    if CLASS_ARCHIVE.is_file() and CLASS_ARCHIVE.stat().st_mtime > made_from:
        return False
    fresh = CLASS_ARCHIVE.with_suffix(".new")
    with tempfile.TemporaryDirectory() as directory:
        home = Home(directory)
        start(home, 0, [f"-XX:ArchiveClassesAtExit={fresh}"])
        stop(home)
    if not fresh.is_file():
        raise Problem(f"The JVM did not write {fresh}: is the disk full?")
    fresh.rename(CLASS_ARCHIVE)
    return True


def _running_port(home, wanted_port):
    port = home.port()
    if wanted_port not in (None, 0, port):
        raise Problem(f"The broker of {home.dir} is already running, on port {port} and not {wanted_port}: "
                      "stop it first with `tools/broker stop`.")
    if ask_cluster_id(port) is None:
        raise Problem(f"The broker of {home.dir} runs (process {home.pid()}) and does not answer on port {port}: "
                      "`tools/broker stop` it and start again.")
    return port


def _check_disk(home):
    free = shutil.disk_usage(home.dir).free
    if free < MIN_FREE_BYTES:
        raise Problem(f"Only {free >> 20} MiB are free where the broker keeps its data ({home.dir}), and it needs "
                      f"{MIN_FREE_BYTES >> 20} MiB: free some space, or choose another place with --dir.")


def _format_storage(home, java, lib):
    """Begins an empty data directory, as Kafka's own tool does it."""
    home.data.mkdir(parents=True, exist_ok=True)
    # Not one that begins with a hyphen: the tool would take it for an option.
    cluster_id = "F" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:21] + "A"
    run = subprocess.run([java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
                          *class_archive_flags(), "-cp", f"{lib}/*", "kafka.tools.StorageTool", "format",
                          "-t", cluster_id, "-c", home.config],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        raise Problem(f"The data directory {home.data} could not be formatted: {cause_of(run.stdout)}")


def _command(home, java, lib, appender, class_flags=None):
    """`appender`: one of log4j.properties, file or console. The environment's flags are those of Kafka's scripts."""
    performance_flags = os.environ.get("KAFKA_JVM_PERFORMANCE_OPTS", PERFORMANCE_FLAGS).split()
    class_flags = class_archive_flags() if class_flags is None else class_flags
    return [java, *JVM_FLAGS, *performance_flags, *class_flags,
            f"-Dforebay.broker.appender={appender}", f"-Dforebay.broker.log={home.log}",
            f"-Dlog4j.configuration=file:{DEPLOY / 'log4j.properties'}", "-cp", f"{lib}/*", "kafka.Kafka",
            str(home.config)]


def _launch(home, java, lib, class_flags):
    for log in (home.log, home.stdout):
        log.unlink(missing_ok=True)
    with open(home.stdout, "wb") as output:
        process = subprocess.Popen(_command(home, java, lib, "file", class_flags), stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, cwd=home.dir, start_new_session=True)
    home.pid_file.write_text(f"{process.pid}\n")
    return process


def _wait_until_it_answers(home, process, port):
    deadline = time.monotonic() + START_TIMEOUT_S
    try:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Problem(f"The broker ended while starting: {why_it_ended(home)} (its log: {home.log})")
            cluster = ask_cluster_id(port)
            if cluster is not None and cluster == home.cluster_id():
                return
            time.sleep(0.05)
        raise Problem(f"The broker did not answer on {HOST}:{port} within {START_TIMEOUT_S} s and was stopped: "
                      f"{why_it_ended(home)} (its log: {home.log})")
    except BaseException:  # an interrupt, too: a half-started broker is stopped
        process.kill()
        process.wait()
        home.pid_file.unlink(missing_ok=True)
        raise


def cause_of(log):
    """The line of a Java log that best explains why it ended."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for marker in (r"^Caused by: ", r"^[\w.$]+(Exception|Error): ", r" (ERROR|FATAL) ", r"Exception|Error"):
        found = [line for line in lines if re.search(marker, line)]
        if found:
            return found[-1]
    return lines[-1] if lines else "it left no log"


def why_it_ended(home):
    """The cause from its log or, if it ended before it had one, from its output."""
    texts = [path.read_text(errors="replace")[-20000:] for path in (home.log, home.stdout) if path.is_file()]
    return cause_of(next((text for text in texts if text.strip()), ""))


def stop(home):
    """REQUIRES: the home is locked. Whether there was something to stop."""
    pid = home.pid()
    if pid is not None and not _kill_and_wait(pid, signal.SIGTERM, STOP_TIMEOUT_S):
        print(f"The broker did not end within {STOP_TIMEOUT_S} s of SIGTERM; killing it.", file=sys.stderr)
        if not _kill_and_wait(pid, signal.SIGKILL, 10):
            raise Problem(f"The broker (process {pid}) can't be killed: see `ps -o stat,wchan -p {pid}`.")
    home.pid_file.unlink(missing_ok=True)
    return pid is not None


def _kill_and_wait(pid, signal_number, timeout_s):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal_number)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False


def wipe(home):
    """REQUIRES: the home is locked. Stops the broker and deletes its files, and no others."""
    stop(home)
    shutil.rmtree(home.data, ignore_errors=True)
    for path in [home.stdout, home.config, *home.dir.glob("broker.log*")]:
        path.unlink(missing_ok=True)
