"""tools/build: two builds of one directory follow each other."""
import fcntl
import os
import shutil
import subprocess

from support.paths import ROOT


def test_a_build_waits_for_one_of_the_same_directory(tmp_path):
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/build", tmp_path / "tools/build")
    (tmp_path / "cmake").write_text("#!/bin/sh\necho cmake \"$1\"\n")
    (tmp_path / "cmake").chmod(0o755)
    (tmp_path / "build").mkdir()
    command = [tmp_path / "tools/build", "release", "build", "2"]
    with open(tmp_path / "build/.building", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = subprocess.Popen(command, env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert build.stderr.readline() == "Waiting for the build that is running in build ...\n"
        assert build.poll() is None
    output, _ = build.communicate(timeout=10)
    assert output == "cmake --build\n" and build.returncode == 0
