"""Jars that Maven fetches by their coordinates, checked against recorded hashes."""
import hashlib
import shutil
import subprocess
import sys

from dev import Problem
from dev.broker.home import locked


class Jars:
    """The jars that deploy/NAME (pom.xml and jars.sha256) lists, in `lib`. `whose` is for messages: "the broker's"."""

    def __init__(self, deploy, lib, whose):
        self.deploy = deploy
        self.lib = lib
        self.whose = whose

    def expected(self):
        """File name -> SHA-256, for each jar."""
        lines = (self.deploy / "jars.sha256").read_text().splitlines()
        return dict(reversed(line.split()) for line in lines)

    def install(self):
        """The directory with the jars; they are fetched where they are missing or others are asked for by now."""
        if not self._is_installed():
            self.lib.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.lib.with_name(f"{self.lib.name}.lock")):
                if not self._is_installed():
                    self._install()
        return self.lib

    def check(self, directory, expected):
        found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in directory.glob("*.jar")}
        wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        if wrong:
            raise Problem(f"{wrong[0]} is not the file that deploy/{self.deploy.name}/jars.sha256 names ({len(wrong)} "
                          "such files): check where Maven fetches its artifacts from before you trust it.")

    @property
    def _stamp(self):
        return self.lib / ".stamp"

    def _wanted(self):
        return hashlib.sha256((self.deploy / "pom.xml").read_bytes()
                              + (self.deploy / "jars.sha256").read_bytes()).hexdigest()

    def _is_installed(self):
        return self._stamp.is_file() and self._stamp.read_text() == self._wanted()

    def _install(self):
        fresh = self.lib.with_name(f"{self.lib.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        expected = self.expected()
        self._fetch(fresh, len(expected))
        self.check(fresh, expected)
        shutil.rmtree(self.lib, ignore_errors=True)
        fresh.rename(self.lib)
        self._stamp.write_text(self._wanted())

    def _fetch(self, directory, count):
        if not shutil.which("mvn"):
            raise Problem(f"No mvn on the PATH to fetch {self.whose} jars with: run `make setup`, or install maven.")
        print(f"Fetching {self.whose} {count} jars through Maven ...", file=sys.stderr, flush=True)
        run = subprocess.run(["mvn", "-B", "-ntp", "-q", "-Dstyle.color=never", "-f", self.deploy / "pom.xml",
                              "dependency:copy-dependencies", f"-DoutputDirectory={directory}"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            errors = [line[8:] for line in run.stdout.splitlines() if line.startswith("[ERROR]")]
            raise Problem(f"Maven could not fetch {self.whose} jars; check the network and Maven's settings. Maven "
                          f"says: {errors[0] if errors else run.stdout[-300:].strip()}")
