"""Shared by the tests of faults: one broker, one small topic each."""
import subprocess
from pathlib import Path

import pytest

from support.landing import Landing


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    """Two thousand records, some of them for the quarantine; nothing is landed yet."""
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 2000, "--seed", 1, "--faults", "default")
    return made


@pytest.fixture
def exact(landing):
    """exact(): the next landing succeeds, and every record is there exactly once."""
    def check():
        landing.land()
        report = landing.verify()
        assert report.json["clean"]
        landing.assert_readers_agree()
        return report
    return check


@pytest.fixture(scope="session")
def preload(tmp_path_factory):
    """preload(**settings): the environment that makes calls fail or sets the clock back, see preload.c."""
    library = tmp_path_factory.mktemp("preload") / "preload.so"
    source = Path(__file__).with_name("preload.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return lambda **settings: {"LD_PRELOAD": str(library)} | settings
