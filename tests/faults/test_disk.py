"""Disks that are full, broken, read-only or forbidden. Each landing stops with a clear reason and status 3 (or 2 where
the place itself is wrong), and the next one, on a repaired disk, is exact."""
import os
import shutil
import subprocess

import pytest

from support.forebay import Forebay
from support.mounts import tmpfs
from support.strace import Injected, need_strace

FULL = "No space left on device"


def stops(landing, *words, arguments=(), status=3, **options):
    result = landing.land(*arguments, status=status, **options)
    assert any(word in result.stderr for word in words), result
    return result


# --- No room ------------------------------------------------------------------------------------------------------

@pytest.mark.sampled(1)
@pytest.mark.parametrize("size", ["60k", "120k", "170k"])
def test_a_full_disk(landing, exact, size):
    """The smaller it is, the earlier: the ledger does not fit, a table's file does not, the quarantine's does not."""
    with tmpfs(landing.lake, f"size={size}") as disk:
        stops(landing, FULL, "is full")
        stops(landing, FULL, "is full")  # again, and nothing has become worse
        disk.remount("size=20m")
        exact()


def test_a_disk_that_is_full_for_the_quarantine(landing, exact):
    """All records are refused: what does not fit is the quarantine's file."""
    landing.produce("--records", 3000, "--seed", 3, "--faults", "malformed=1")
    with tmpfs(landing.lake, "size=20m") as disk:
        landing.land()
        landing.produce("--records", 3000, "--seed", 4, "--faults", "malformed=1")
        used = disk.path.joinpath("filler")
        filler = os.open(used, os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError):
            while True:
                os.write(filler, b"\0" * 4096)
        os.close(filler)
        any_rate = ("--max-reject-rate", 1)
        stops(landing, FULL, "is full", arguments=any_rate)
        used.unlink()
        landing.land(*any_rate)
        exact()


def test_no_inodes(landing, exact):
    with tmpfs(landing.lake, "size=20m,nr_inodes=14") as disk:
        stops(landing, FULL)
        disk.remount("nr_inodes=1000")
        exact()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("when", [1, 2, 4])
@pytest.mark.parametrize("file", ["ledger.db", "ledger.db-journal"])
def test_no_room_for_the_ledger(forebay, landing, exact, file, when):
    need_strace()
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    landing.forebay = Injected(forebay.binary, f"pwrite64:error=ENOSPC:when={when}+",
                               landing.lake / "_forebay" / file)
    stops(landing, "full", FULL)
    landing.forebay = forebay
    exact()


# --- Failing calls ------------------------------------------------------------------------------------------------

@pytest.mark.sampled(2)
@pytest.mark.parametrize("inject", [
    "fsync:error=EIO:when=1", "fsync:error=EIO:when=3", "fsync:error=EIO:when=6",
    "renameat2:error=EIO:when=1"])
def test_a_call_that_fails(forebay, landing, exact, inject):
    need_strace()
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    landing.forebay = Injected(forebay.binary, inject)
    # Counted by thread: where no thread comes to that number, the landing is exact.
    result = landing.land(status=None)
    assert result.status in (0, 3), result
    if result.status == 3:
        assert "Input/output error" in result.stderr or "disk I/O error" in result.stderr, result
    landing.forebay = forebay
    exact()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("call, words", [("close", "cannot close"), ("write", "write to"), ("fsync", "cannot sync")])
def test_a_staged_file_that_fails(landing, exact, preload, call, words):
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    result = stops(landing, "Input/output error", env=preload(FAIL_CALL=call, FAIL_PATH="/staging/s-"))
    assert words in result.stderr and "kernel's log" in result.stderr
    exact()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("when", range(1, 8))
def test_commit_fails(forebay, landing, exact, when):
    """Every sync of the ledger fails in turn: the one of COMMIT leaves the outcome unknown, and nothing is deleted."""
    need_strace()
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    landing.forebay = Injected(forebay.binary, f"fdatasync:error=EIO:when={when}")
    assert landing.land(status=None).status in (0, 3)
    landing.forebay = forebay
    exact()


# --- Places that are wrong ------------------------------------------------------------------------------------------

def test_a_read_only_disk(landing, exact):
    with tmpfs(landing.lake, "size=20m") as disk:
        landing.land()
        landing.produce("--records", 500, "--seed", 2)
        disk.remount("ro")
        stops(landing, "read-only", "readonly")
        disk.remount("rw")
        exact()


class Nobody(Forebay):
    def command(self, words):
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *super().command(words)]


def test_a_forbidden_directory(forebay, landing, exact, tmp_path):
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("becoming another user needs root")
    nobody = Nobody(forebay.binary)
    if subprocess.run(nobody.command(["--version"]), capture_output=True).returncode != 0:
        pytest.skip("another user may not run the binary where it lies")
    landing.land()
    (landing.lake / "clicks").chmod(0o700)
    (landing.lake / "_forebay").chmod(0o700)
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    landing.forebay = nobody
    stops(landing, "Permission denied")
    landing.forebay = forebay
    exact()


def test_a_table_that_is_a_mount(landing, exact):
    landing.land()
    shutil.move(landing.lake / "clicks", landing.lake.parent / "clicks")
    with tmpfs(landing.lake / "clicks", "size=20m"):
        stops(landing, "different devices", status=2)
    (landing.lake / "clicks").rmdir()
    shutil.move(landing.lake.parent / "clicks", landing.lake / "clicks")
    exact()


@pytest.mark.parametrize("below", ["clicks", "clicks/date"])
def test_a_table_or_a_directory_that_is_a_link(landing, exact, below):
    """Nothing is written through a link that leads out of the lake."""
    landing.land()
    victim = landing.lake / "clicks"
    if below != "clicks":
        victim = max(victim.iterdir())
    outside = landing.lake.parent / "outside"
    shutil.move(victim, outside)
    victim.symlink_to(outside)
    before = sorted(outside.rglob("*"))
    landing.produce("--records", 500, "--seed", 2)
    stops(landing, "symbolic link", status=2)
    assert sorted(outside.rglob("*")) == before
    victim.unlink()
    shutil.move(outside, victim)
    exact()
