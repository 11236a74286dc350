"""A standalone cluster of two workers, with the package as an archive, hanging tasks and dying executors."""
import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from support.forebay import clean_environment
from support.paths import PACKAGE, ROOT
from support.spark import quick_jvm
from support.spark_cluster import Cluster, listening_addresses, sockets_of

SUBMIT = Path(pyspark.__file__).parent / "bin" / "spark-submit"
JARS = sorted((ROOT / ".forebay" / "spark-jars").glob("*.jar"))
# One executor at first: the second is asked for because tasks wait.
GROWTH = {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.shuffleTracking.enabled": "true",
          "spark.dynamicAllocation.minExecutors": "1", "spark.dynamicAllocation.maxExecutors": "2",
          "spark.executor.cores": "1"}
SPECULATION = {"spark.speculation": "true", "spark.speculation.interval": "200ms", "spark.speculation.multiplier": "2",
               "spark.speculation.quantile": "0.5", "spark.speculation.minTaskRuntime": "500ms"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    file = tmp_path_factory.mktemp("archive") / "forebay-workers.tar.gz"
    subprocess.run([ROOT / "tools/spark", "pack", file], check=True)
    return file


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def submit(landing, cluster, archive, *arguments, conf=(), marker):
    """Runs spark-submit as docs/spark.md describes."""
    settings = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
                "spark.executor.memory": "512m", "spark.pyspark.python": "./environment/bin/python",
                "spark.pyspark.driver.python": sys.executable, "spark.local.dir": str(landing.directory / "local"),
                **dict(conf)}
    flags = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command = [SUBMIT, "--master", cluster.master, "--jars", ",".join(map(str, JARS)),
               "--archives", f"{archive}#environment", *flags, ROOT / "python/forebay/spark/__main__.py",
               "--contract", landing.contract, *landing.brokers, "--lake", landing.lake, "--once", *arguments]
    path = os.pathsep.join([str(PACKAGE), str(ROOT / "tests/spark")])
    environment = clean_environment({"PYTHONPATH": path, "MARKER": str(marker),
                                     **quick_jvm(landing.directory / "tmp")})
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=900, env=environment,
                            cwd=landing.directory)
    assert result.returncode == 0, result.stdout + result.stderr[-6000:]
    return result


def test_speculative_and_retried_tasks_land_each_row_once(landing, cluster, archive, tmp_path):
    """A speculative copy of a hanging task, and the retry of one that lost its executor."""
    landing.produce("--records", 5000, "--seed", 1, "--faults", "default")
    submit(landing, cluster, archive, "--transform", "transforms:cluster_failures", conf=SPECULATION | GROWTH,
           marker=tmp_path / "marker")
    assert {file.name for file in tmp_path.glob("marker-*")} == {"marker-sleep_long", "marker-kill_executor"}
    assert landing.verify("--require-landed").json["clean"]
    landing.assert_readers_agree()


def test_spark_refuses_deploy_mode_cluster_as_the_documents_say(cluster, tmp_path):
    result = subprocess.run([SUBMIT, "--master", cluster.master, "--deploy-mode", "cluster",
                             ROOT / "python/forebay/spark/__main__.py"], capture_output=True, text=True, timeout=300,
                            env=clean_environment(quick_jvm(tmp_path / "tmp")))
    assert result.returncode != 0 and "not supported for python applications on standalone" in result.stderr
    documented = (ROOT / "docs/spark.md").read_text()
    assert "| standalone | works (tested" in documented and "does not work: Spark does not support it" in documented


def test_the_cluster_listens_on_loopback_only(cluster):
    ours = set().union(*(sockets_of(process.pid) for process in cluster._processes))
    addresses = {address.partition(":")[0] for address, inode in listening_addresses() if inode in ours}
    loopback = {"0100007F", "0200007F", "0000000000000000FFFF00000100007F", "0000000000000000FFFF00000200007F"}
    assert addresses and addresses <= loopback
