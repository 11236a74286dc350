"""This checkout for one test alone: a file system of its own is laid over it, so that commands which write into the
checkout, such as `make broker-start`, can be run as they are written, beside what a developer has running there.
"""
import re
import subprocess
import uuid

import pytest
from dev.broker.home import free_port
from forebay.airflow.stream import process
from support.forebay import clean_environment
from support.paths import ROOT

MARK = "FOREBAY_README_RUN"
OVERLAY = f"""
mount -t overlay overlay -o lowerdir="{ROOT}",upperdir="$UPPER/upper",workdir="$UPPER/work" "{ROOT}" || exit 77
cd "{ROOT}"
[ -L .forebay/kafka ] || rm -rf .forebay/kafka/broker  # a link leads out of what is laid over
rm -rf .forebay/airflow .forebay/shop .forebay/demo lake lake.* mine receipts airflow-state reports
"""
# A command that runs until it is stopped: it gets time to start, and then SIGTERM.
STOPPED = """
stopped() {
  "$@" & local command=$!
  case "$*" in
    *forebay.spark*)
      for _ in $(seq 240); do grep -qs '"state": "running"' lake.spark-status.json && break; sleep 0.25; done ;;
    *) sleep 2 ;;
  esac
  kill -TERM "$command" && wait "$command"
}
set -euo pipefail
"""


class Checkout:
    def __init__(self, directory):
        self.mark = uuid.uuid4().hex
        for name in ("upper", "work"):
            (directory / name).mkdir()
        self.environment = clean_environment({MARK: self.mark, "UPPER": str(directory)})
        self.ports = {"9092": free_port(), "8080": free_port(), "8090": free_port()}

    def run(self, script, timeout_s=300, **environment):
        """Runs a script of the README in bash, on free ports, up to the first command that fails."""
        for shown, free in self.ports.items():
            script = script.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{free}")
        script = re.sub(r"^(forebay ui|\S.*?--follow)\b", r"stopped \1", script, flags=re.MULTILINE)
        for command, shown in (("broker-start", "9092"), ("demo", "9092"), ("airflow", "8080")):
            script = re.sub(rf"\bmake {command}(?![-\w])", f"PORT={self.ports[shown]} make {command}", script)
        result = subprocess.run(["unshare", "--mount", "bash", "-c", OVERLAY + STOPPED + script], text=True,
                                capture_output=True, timeout=timeout_s, stdin=subprocess.DEVNULL,
                                env=self.environment | environment)
        if result.returncode == 77:
            pytest.skip(f"no file system can be laid over the checkout here: {result.stderr.strip()}")
        return result

    def close(self):
        """Nothing that a script started outlives the test; a script that went well left nothing."""
        left = process.find_by_environment(MARK, self.mark)
        process.terminate(left, 10)
        return left

