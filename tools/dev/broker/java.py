"""Java, and the broker's jars."""
import os
import re
import shutil
import subprocess
from pathlib import Path

from dev import Problem
from dev.broker import DEPLOY, STATE
from dev.broker.jars import Jars

JAVA_MAJOR = 17
HOW = "run `make setup`, or install openjdk-17-jre-headless"
JARS = Jars(DEPLOY, STATE / "lib", "the broker's")
CLASS_ARCHIVE = STATE / "classes.jsa"


def class_archive_flags():
    return [f"-XX:SharedArchiveFile={CLASS_ARCHIVE}"] if CLASS_ARCHIVE.is_file() else []


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
