"""Java, and the broker's jars."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from devbroker import DEPLOY, STATE, Problem
from devbroker.home import locked

JAVA_MAJOR = 17
HOW = "run `make setup`, or install openjdk-17-jre-headless"


def find_java():
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not java or not os.access(java, os.X_OK):
        where = f"JAVA_HOME is {home}" if home else "no java on the PATH"
        raise Problem(f"No Java found ({where}); the broker needs Java {JAVA_MAJOR}: {HOW}.")
    version = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', version)
    if not found or int(found[1]) < JAVA_MAJOR:
        raise Problem(f"{java} is Java {found[1] if found else 'of an unknown version'}; "
                      f"the broker needs Java {JAVA_MAJOR} or newer: {HOW}, or set JAVA_HOME.")
    return java


def expected_jars():
    """File name -> SHA-256, for each jar."""
    lines = (DEPLOY / "jars.sha256").read_text().splitlines()
    return dict(reversed(line.split()) for line in lines)


def _stamp():
    return hashlib.sha256((DEPLOY / "pom.xml").read_bytes() + (DEPLOY / "jars.sha256").read_bytes()).hexdigest()


def install_jars():
    """The directory of the jars, fetched by their Maven coordinates and held against deploy/kafka/jars.sha256."""
    lib = STATE / "lib"
    stamp = lib / ".stamp"
    if stamp.is_file() and stamp.read_text() == _stamp():
        return lib
    STATE.mkdir(parents=True, exist_ok=True)
    with locked(STATE / "install.lock"):
        if not (stamp.is_file() and stamp.read_text() == _stamp()):
            fresh = STATE / "lib.new"
            shutil.rmtree(fresh, ignore_errors=True)
            _fetch(fresh)
            shutil.rmtree(lib, ignore_errors=True)
            fresh.rename(lib)
            stamp.write_text(_stamp())
    return lib


def _fetch(directory):
    if not shutil.which("mvn"):
        raise Problem("No mvn on the PATH to fetch the broker's jars with: run `make setup`, or install maven.")
    jars = expected_jars()
    print(f"Fetching the broker's {len(jars)} jars (55 MB) through Maven ...", file=sys.stderr, flush=True)
    run = subprocess.run(["mvn", "-B", "-ntp", "-q", "-Dstyle.color=never", "-f", DEPLOY / "pom.xml",
                          "dependency:copy-dependencies", f"-DoutputDirectory={directory}"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        errors = [line[8:] for line in run.stdout.splitlines() if line.startswith("[ERROR]")]
        raise Problem("Maven could not fetch the broker's jars; check the network and Maven's settings. Maven says: "
                      + (errors[0] if errors else run.stdout[-300:].strip()))
    check_jars(directory, jars)


def check_jars(directory, jars):
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in directory.glob("*.jar")}
    wrong = sorted(name for name in found.keys() | jars.keys() if found.get(name) != jars.get(name))
    if wrong:
        raise Problem(f"{wrong[0]} is not the file that deploy/kafka/jars.sha256 names ({len(wrong)} such files): "
                      "look at where Maven takes its artifacts from before you trust it.")
