"""tools/spark: the connector's jars, and the archive for a cluster's workers."""
import re
from pathlib import Path

import pytest

from dev import Problem, spark_archive
from dev.broker.jars import Jars
from support.paths import ROOT

JARS = Jars(ROOT / "deploy" / "spark", ROOT / ".forebay" / "spark-jars", "the Spark connector's")
SITE = Path("lib/python3.11/site-packages")


def test_jars_are_the_ones_that_were_looked_at(tmp_path):
    expected = JARS.expected()
    assert len(expected) == 4
    JARS.check(JARS.lib, expected)
    with pytest.raises(Problem, match="deploy/spark/jars.sha256 names .4 such files"):
        JARS.check(tmp_path, expected)


def test_the_connector_is_of_pysparks_version():
    connector = re.search(r"<spark.version>(.*?)<", (ROOT / "deploy/spark/pom.xml").read_text())[1]
    assert f"pyspark=={connector} " in (ROOT / "requirements/spark.txt").read_text()
    assert f'"pyspark=={connector}"' in (ROOT / "pyproject.toml").read_text()


def test_both_environments_have_the_same_arrow_and_librdkafka():
    for name in ("pyarrow", "confluent-kafka"):
        versions = {re.search(rf"^{name}==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)[1]
                    for lock in ("requirements/base.txt", "requirements/spark.txt")}
        assert len(versions) == 1


@pytest.mark.parametrize("name", ["bin/python3", "lib", f"{SITE}", f"{SITE}/pyarrow", f"{SITE}/pandas/core/wheel.py"])
def test_workers_get_what_they_run(name):
    assert spark_archive.is_wanted(name, SITE)


@pytest.mark.parametrize("name", ["bin/pip", f"{SITE}/pyspark", f"{SITE}/polars", f"{SITE}/pandas/__pycache__"])
def test_workers_do_not_get_what_they_have_or_never_run(name):
    assert not spark_archive.is_wanted(name, SITE)


def test_the_package_is_packed_as_files_and_not_as_links(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "job.py").write_text("")
    (tmp_path / "forebay").mkdir()
    (tmp_path / "forebay" / "spark").symlink_to(tmp_path / "sources")
    files = list(spark_archive.package_files(tmp_path))
    assert files == [(Path("forebay/spark/job.py"), tmp_path / "sources" / "job.py")]
