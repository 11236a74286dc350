"""One Spark session for all tests that can share it: a JVM takes longer to start than most tests to run."""
import logging
import os
import sys
from pathlib import Path

import pytest

from forebay.spark import session
from forebay.spark.options import Options
from support.contracts import ContractCopy
from support.spark import MASTER, QUICK_JVM, SparkLanding

sys.path.append(str(Path(__file__).parent))  # --transform transforms:...
logging.getLogger("py4j").setLevel(logging.CRITICAL)
os.environ.update(QUICK_JVM)


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory):
    work = tmp_path_factory.mktemp("spark")
    options = Options(contract=Path(), brokers="", lake=work / "lake", follow=False, master=MASTER)
    with session.open_session(options, work) as shared:
        yield shared


@pytest.fixture
def shop(tmp_path):
    """Few partitions, and so few Spark tasks, each of which costs more than its records."""
    return ContractCopy("shop.odcs.yaml", tmp_path, partitions=2)


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    """Runs the job as processes."""
    return SparkLanding(forebay, broker, shop, tmp_path)


@pytest.fixture
def here(forebay, broker, shop, tmp_path, spark_session):
    """Runs the job in this process."""
    return SparkLanding(forebay, broker, shop, tmp_path, spark_session)
