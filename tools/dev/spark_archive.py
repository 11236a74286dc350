"""One archive with all that Spark's workers need on a machine that has nothing but Java, Python and Debian's libraries.

It is .forebay/venv-spark without pyspark (a worker has Spark's own) and without the packages that only tests need,
and the package forebay, built for it.
"""
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from dev import ROOT, Problem

ENVIRONMENT = ROOT / ".forebay" / "venv-spark"
BUILD = ROOT / os.environ.get("BUILD", "build/release")
LEFT_OUT = ("pyspark", "py4j", "pip", "setuptools", "pkg_resources", "_distutils_hack", "wheel", "duckdb", "_duckdb",
            "adbc_driver_duckdb", "polars", "_polars", "pytest", "_pytest", "pygments")


def pack(archive):
    build = subprocess.run(["tools/build", "release", BUILD, os.environ.get("JOBS", "2"), "_core"], cwd=ROOT,
                           stdout=sys.stderr)
    if build.returncode != 0:
        raise Problem("The package could not be built; see the reason above.")
    print(f"Packing {archive} ...", file=sys.stderr, flush=True)
    site_packages = next(ENVIRONMENT.glob("lib/python3.*/site-packages")).relative_to(ENVIRONMENT)
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(ENVIRONMENT, arcname=".", filter=lambda entry: entry if is_wanted(entry.name, site_packages) else None)
        for name, file in package_files(BUILD / "python"):
            tar.add(file, arcname=str(site_packages / name))


def is_wanted(name, site_packages):
    path = Path(name)
    if path.parent == Path("bin"):
        return path.name.startswith("python")
    return path.name != "__pycache__" and not (path.parent == site_packages and path.name.startswith(LEFT_OUT))


def package_files(directory):
    """(name in the archive, file) of the package; a build directory links to the sources."""
    for place, directories, names in os.walk(directory / "forebay", followlinks=True):
        directories[:] = sorted(set(directories) - {"__pycache__"})
        for name in sorted(names):
            file = Path(place) / name
            yield file.relative_to(directory), file.resolve()
