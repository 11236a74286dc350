"""Runs forebay with system calls that fail: strace's fault injection."""
import shutil
import subprocess

import pytest

from support.forebay import Forebay


class Injected(Forebay):
    """A forebay whose system calls fail as `inject` says: "fsync:error=EIO:when=2". Counted by thread. With `path`,
    only those that have to do with this file."""

    def __init__(self, binary, inject, path=None):
        super().__init__(binary)
        self.inject = inject
        self.path = path

    def command(self, words):
        name = self.inject.partition(":")[0]
        only = ["-P", self.path] if self.path else []
        return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={self.inject}", *only,
                *super().command(words)]


def need_strace():
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        pytest.skip("strace may not trace here")
