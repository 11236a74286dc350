"""One Spark session for all tests that can share it: starting a JVM takes longer than most of them."""
import sys
from pathlib import Path

import pytest

from forebay.spark import session
from forebay.spark.options import Options
from support.spark import MASTER, SparkLanding

sys.path.append(str(Path(__file__).parent))  # --transform transforms:...


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory):
    work = tmp_path_factory.mktemp("spark")
    options = Options(contract=Path(), brokers="", lake=work / "lake", follow=False, master=MASTER)
    with session.open_session(options, work) as shared:
        yield shared


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    """Runs the job in processes of its own."""
    return SparkLanding(forebay, broker, shop, tmp_path)


@pytest.fixture
def here(forebay, broker, shop, tmp_path, spark_session):
    """Runs the job in this process."""
    return SparkLanding(forebay, broker, shop, tmp_path, spark_session)
