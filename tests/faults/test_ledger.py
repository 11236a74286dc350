"""A ledger that was damaged, cut off, taken away or put back from an older copy: the landing says so and stops; put
back, everything is exact."""
import random
import shutil

import pytest


@pytest.fixture
def ledger(landing):
    landing.land()
    return landing.lake / "_forebay" / "ledger.db"


def assert_refused(landing, words):
    refused = landing.land(status=2)
    assert words in refused.stderr, refused
    found = landing.forebay("verify", "--lake", landing.lake, "--json", status=None)
    assert found.status in (1, 2), found


def test_truncated(landing, ledger, exact):
    whole = ledger.read_bytes()
    for size in (0, 50, 4096, len(whole) // 2, len(whole) - 1):
        ledger.write_bytes(whole[:size])
        assert_refused(landing, "backup")
    ledger.write_bytes(whole)
    exact()


def test_removed(landing, ledger, exact):
    shutil.move(ledger, ledger.parent.parent.parent)
    assert_refused(landing, "ledger.db does not exist")
    assert not ledger.exists()
    shutil.move(ledger.parent.parent.parent / "ledger.db", ledger)
    exact()


def test_an_older_copy(landing, ledger, exact):
    old = ledger.read_bytes()
    landing.produce("--records", 500, "--seed", 2)
    landing.land()
    new = ledger.read_bytes()
    ledger.write_bytes(old)
    assert_refused(landing, "is older than its files")
    ledger.write_bytes(new)
    exact()


def test_another_lakes(landing, ledger, exact, forebay):
    whole = ledger.read_bytes()
    other = landing.lake.parent / "other"
    forebay("land", *landing.common, "--lake", other, "--once")
    shutil.copy(other / "_forebay" / "ledger.db", ledger)
    assert_refused(landing, "belongs to another lake")
    ledger.write_bytes(whole)
    exact()


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bytes(landing, ledger, exact, seed):
    """Twelve bytes, one at a time. Whatever it is, it is either seen, or does no harm to what is landed."""
    whole = ledger.read_bytes()
    places = random.Random(seed)
    for _ in range(12):
        at = places.randrange(len(whole))
        ledger.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << places.randrange(8))]) + whole[at + 1:])
        result = landing.forebay("verify", "--lake", landing.lake, "--json", status=None)
        assert result.status in (0, 1, 2, 3), f"byte {at}: {result}"
        if result.status == 0:
            continue
        assert landing.land(status=None).status in (0, 2, 3), f"byte {at}"
    ledger.write_bytes(whole)
    for left in ledger.parent.glob("ledger.db-journal"):
        left.unlink()
    assert exact()
