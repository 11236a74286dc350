"""kill -9 of `lake expire` and `lake rebuild` at each of their points, and of the landing that finishes them."""
import re
import signal
import sqlite3

import pytest

from support import readers
from support.failpoints import MAINTENANCE
from support.forebay import Forebay
from support.landing import Landing
from support.paths import FOREBAY_WITH_HOOKS, ROOT

EXPIRE = [point for point in MAINTENANCE if point.startswith("expire:")]
REBUILD = [point for point in MAINTENANCE if point.startswith("rebuild:")]


@pytest.fixture(scope="module")
def forebay():
    return Forebay(FOREBAY_WITH_HOOKS)


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    made = Landing(forebay, broker, shop, tmp_path)
    made.produce("--records", 1000, "--seed", 1, "--faults", "default")
    made.land()
    return made


def expire_first_date(landing, **options):
    first = min(path.parent.name for path in readers.files(landing.lake, "clicks"))
    return landing.forebay("lake", "expire", "--lake", landing.lake, "--table", "clicks", "--partition", first, "--yes",
                           **options)


def rebuild(landing, **options):
    return landing.forebay("lake", "rebuild", "--lake", landing.lake, *landing.brokers, **options)


def test_every_point_is_known():
    assert len(EXPIRE) > 5 and len(REBUILD) > 7 and "upgrade:written" in MAINTENANCE


@pytest.mark.sampled(3)
@pytest.mark.parametrize("point", EXPIRE)
def test_kill_of_expire(landing, point):
    before = readers.duckdb_rows(landing.lake, "clicks")
    assert expire_first_date(landing, env={"FOREBAY_FAILPOINT": point}, status=None).status == -signal.SIGKILL
    # The landing that would finish it is killed there as well, where it comes by.
    assert landing.land(env={"FOREBAY_FAILPOINT": point}, status=None).status in (0, -signal.SIGKILL)
    landing.land()
    assert landing.verify().json["clean"]
    left = readers.duckdb_rows(landing.lake, "clicks")
    assert left == before or len(left) == len(before) - 1


@pytest.mark.sampled(3)
@pytest.mark.parametrize("point", REBUILD)
def test_kill_of_rebuild(landing, point):
    before = readers.duckdb_rows(landing.lake, "clicks")
    files = readers.files(landing.lake, "clicks")
    files[0].unlink()
    files[1].write_bytes(b"not what it was")
    assert rebuild(landing, env={"FOREBAY_FAILPOINT": point}, status=None).status == -signal.SIGKILL
    assert landing.land(env={"FOREBAY_FAILPOINT": point}, status=None).status in (0, -signal.SIGKILL)
    landing.land()
    landing.verify(status=None)
    rebuild(landing)
    assert landing.verify().json["clean"]
    assert readers.duckdb_rows(landing.lake, "clicks") == before
    landing.assert_readers_agree()


def write_as_version_1(ledger):
    """Puts the content of a ledger into the tables of the first version."""
    source = (ROOT / "src/ledger/older_ledgers.h").read_text()
    schema = re.search(r'kLedgerOfVersion1 = R"sql\((.*?)^INSERT', source, re.DOTALL | re.MULTILINE)[1]
    older = ledger.with_name("older.db")
    connection = sqlite3.connect(older)
    connection.executescript(f"{schema}; PRAGMA user_version=1; ATTACH '{ledger}' AS newer")
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        columns = ", ".join(column for _, column, *_ in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} SELECT {columns} FROM newer.{table}")
    connection.commit()
    connection.close()
    older.rename(ledger)


def test_kill_of_the_start_that_takes_an_older_ledger_over(landing):
    write_as_version_1(landing.lake / "_forebay" / "ledger.db")
    assert landing.verify().json["clean"]  # as it is
    assert landing.land(env={"FOREBAY_FAILPOINT": "upgrade:written"}, status=None).status == -signal.SIGKILL
    landing.land()
    assert landing.verify().json["clean"]
    expire_first_date(landing)
