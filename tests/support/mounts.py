"""Small filesystems for tests: full ones, read-only ones, ones without inodes. Always unmounted at the end."""
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)


class Mount:
    def __init__(self, path):
        self.path = Path(path)

    def remount(self, options):
        result = run("mount", "-o", f"remount,{options}", self.path)
        assert result.returncode == 0, result.stderr


@contextmanager
def tmpfs(path, options):
    """A filesystem in memory at `path`, which is made; skips the test where this machine does not let us."""
    if os.geteuid() != 0:
        pytest.skip("mounting a filesystem needs root")
    Path(path).mkdir(exist_ok=True)
    result = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
    if result.returncode != 0:
        pytest.skip(f"this machine does not let us mount: {result.stderr.strip()}")
    try:
        yield Mount(path)
    finally:
        result = run("umount", "-l", path)
        assert result.returncode == 0, result.stderr
