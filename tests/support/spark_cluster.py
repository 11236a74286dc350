"""A Spark standalone cluster on loopback: processes of a master and of workers with one core each."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyspark

from support.forebay import clean_environment
from support.spark import quick_jvm

SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
START_TIMEOUT_S = 60
# Spark runs no second copy of a task on the same host, so each worker has an address of its own.
HOSTS = ("127.0.0.1", "127.0.0.2")


class Cluster:
    """A context manager, which ends all processes, executors included."""

    def __init__(self, directory):
        self.directory = directory
        self.master = None
        self._processes = []

    def __enter__(self):
        try:
            log = self._start("master", MASTER, "--host", HOSTS[0], "--port", "0", "--webui-port", "0", host=HOSTS[0])
            self.master = self._wait_for(log, r"Starting Spark master at (spark://\S+)")
            for number, host in enumerate(HOSTS):
                log = self._start(f"worker{number}", WORKER, "--host", host, "--webui-port", "0", "--cores", "1",
                                  "--memory", "1g", "--work-dir", self.directory / f"work{number}", self.master,
                                  host=host)
                self._wait_for(log, r"Successfully registered with master (\S+)")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.send_signal(signal.SIGTERM)  # a worker ends its executors
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name, *command, host):
        log = self.directory / f"{name}.log"
        environment = clean_environment({"SPARK_LOCAL_IP": host, "PYSPARK_PYTHON": sys.executable,
                                         "SPARK_DAEMON_MEMORY": "256m", **quick_jvm(self.directory / "tmp")})
        with open(log, "wb") as output:
            self._processes.append(subprocess.Popen([SPARK_CLASS, *map(str, command)], stdin=subprocess.DEVNULL,
                                                    stdout=output, stderr=subprocess.STDOUT, env=environment))
        return log

    def _wait_for(self, log, pattern):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            found = re.search(pattern, log.read_text(errors="replace"))
            if found:
                return found[1]
            assert all(process.poll() is None for process in self._processes), log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"no '{pattern}' in {log.read_text()}")


def listening_addresses():
    """Yields the listening local addresses of this machine in /proc's format, with their inodes."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A":
                yield words[1], int(words[9])


def sockets_of(pid):
    """Returns the inodes of a process's sockets."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(int(target[8:-1]))
    return inodes
