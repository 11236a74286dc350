"""`pip install .` gives a package that works by itself.

It is built as a wheel, installed into an empty environment, and used from another directory.
"""
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from support.paths import ROOT

PIP_TIMEOUT_S = 3000
LAKE_JSON = '{"forebay_lake": 1, "lake_id": "01234567-89ab-4cde-8fab-0123456789ab"}\n'


def run(*command, cwd=None, status=0):
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("PYTHONPATH", "LD_LIBRARY_PATH") and not name.startswith("FOREBAY_BIN")}
    # The compiler cache knows the same sources by the same names, wherever they are built; the compiler, too, by the
    # name that CMake gives it, where Python would ask for the one that it was built with itself.
    environment |= {"CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(ROOT), "CCACHE_SLOPPINESS": "locale", "CXX": "c++"}
    result = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=PIP_TIMEOUT_S,
                            env=environment)
    assert status is None or result.returncode == status, f"{command}\n{result.stdout[-6000:]}\n{result.stderr[-6000:]}"
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built with the project's environment, which holds what pyproject.toml asks for (see the first test)."""
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation",
        "--wheel-dir", directory, f"--config-settings=build-dir={ROOT / 'build' / 'wheel'}", ROOT)
    [wheel] = directory.glob("forebay-*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment that holds the wheel and what it depends on, nothing else. Its bin directory."""
    directory = tmp_path_factory.mktemp("environment") / "venv"
    run(sys.executable, "-m", "venv", directory)
    run(directory / "bin/pip", "--disable-pip-version-check", "install", "--only-binary", ":all:", wheel)
    return directory / "bin"


def python(environment, directory, code):
    return run(environment / "python", "-c", code, cwd=directory).stdout


def test_the_build_and_the_lock_file_name_the_same_versions():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = (ROOT / "requirements/base.txt").read_text()
    asked = settings["build-system"]["requires"] + settings["project"]["dependencies"]
    assert {name.partition("==")[0] for name in asked} == {"scikit-build-core", "nanobind", "pyarrow",
                                                           "confluent-kafka"}
    for requirement in asked:
        assert f"\n{requirement} " in "\n" + locked


def test_the_wheel_holds_what_it_should(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    package = [name for name in names if name.startswith("forebay/")]
    assert {"forebay/__init__.py", "forebay/py.typed", "forebay/_core.pyi"} <= set(package)
    assert [name for name in package if name.endswith(".so")] == [name for name in package if "_core.cpython" in name]
    assert any(name.endswith(".data/scripts/forebay") for name in names)
    assert not [name for name in names if "pyarrow" in name or "librdkafka" in name or name.endswith((".a", ".h"))]
    metadata = next(name for name in names if name.endswith("METADATA"))
    required = [line for line in zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
                if line.startswith("Requires-Dist")]
    always = [line for line in required if "extra ==" not in line]
    assert sorted(always) == ["Requires-Dist: confluent-kafka==2.16.1", "Requires-Dist: pyarrow==26.0.1"]
    assert sorted(set(required) - set(always)) == ['Requires-Dist: pandas<3; extra == "spark"',
                                                   'Requires-Dist: pyspark==4.2.0; extra == "spark"']


def test_no_path_of_the_build_is_left_in_the_programs(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".so") or name.endswith("scripts/forebay"):
                dynamic = run("readelf", "-d", archive.extract(name, tmp_path)).stdout
                paths = [line for line in dynamic.splitlines() if "RUNPATH" in line or "RPATH" in line]
                assert len(paths) == 1
                for path in paths[0].partition("[")[2].rstrip("]").split(":"):
                    assert path.startswith("$ORIGIN/")


def test_decodes_and_stages_from_another_directory(environment, tmp_path):
    lake = tmp_path / "lake"
    (lake / "_forebay/staging").mkdir(parents=True)
    (lake / "_forebay/lake.json").write_text(LAKE_JSON)
    code = f"""
import forebay, json, pathlib
import pyarrow as pa
contract = forebay.Contract.read({str(ROOT / "contracts/shop.odcs.yaml")!r})
example = pathlib.Path({str(ROOT / "contracts/examples/clicks.json")!r}).read_bytes()
records = pa.record_batch([pa.array([0, 0], pa.int32()), pa.array([5, 6], pa.int64()), pa.array([1761825600000] * 2),
                           pa.array([None, b"k"], pa.binary()), pa.array([example, b"{{"], pa.binary())],
                          names=["partition", "offset", "timestamp", "key", "value"])
decoded = forebay.Decoder(contract, "clicks").decode(records)
stager = forebay.Stager(contract, "clicks", "lake", engine="test")
stager.add_rows(decoded.rows)
stager.add_rejects(decoded.rejects)
print(json.dumps([json.loads(m) for m in stager.finish()]))
print(json.dumps([forebay.__version__, forebay.__file__]))
"""
    manifests, facts = map(json.loads, python(environment, tmp_path, code).splitlines())
    assert [(m["kind"], m.get("rows")) for m in manifests][:2] == [("file", 1), ("file", 1)]
    assert len(list((lake / "_forebay/staging").iterdir())) == 2
    assert facts[1].startswith(str(environment.parent))
    assert facts[0] == json.loads(run(environment / "python", "-c", "import importlib.metadata, json; print(json.dumps("
                                      "importlib.metadata.version('forebay')))").stdout)


@pytest.mark.parametrize("order", ["import pyarrow, forebay", "import forebay, pyarrow",
                                   "import confluent_kafka, forebay", "import forebay, confluent_kafka"])
def test_there_is_one_arrow_and_one_librdkafka_in_the_process(environment, tmp_path, order):
    code = f"""
{order}
import forebay, pyarrow.parquet, confluent_kafka
maps = {{line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}}
for part in ("libarrow.so", "libparquet.so", "librdkafka"):
    print(len([m for m in maps if part in m]))
print(len([m for m in maps if "jemalloc" in m]))
"""
    assert python(environment, tmp_path, code).split() == ["1", "1", "1", "0"]


def test_the_command_line_runs(environment, tmp_path):
    version = run(environment / "forebay", "--version", cwd=tmp_path).stdout
    assert python(environment, tmp_path, "import forebay; print(forebay.__version__)").strip() in version
    assert "clicks" in run(environment / "forebay", "contract", "check", ROOT / "contracts/shop.odcs.yaml",
                           cwd=tmp_path).stdout
    lines = run(environment / "forebay", "generate", "--contract", ROOT / "contracts/shop.odcs.yaml", "--table",
                "orders", "--records", "3", cwd=tmp_path).stdout
    assert len(lines.splitlines()) == 3
    # librdkafka is found as well.
    refused = run(environment / "forebay", "topics", "apply", "--contract", ROOT / "contracts/shop.odcs.yaml",
                  "--brokers", "nonsense:port", cwd=tmp_path, status=None)
    assert refused.returncode in (2, 3) and "shared" not in refused.stderr


def test_the_producer_runs(environment, tmp_path):
    program = (environment / "python", "-m", "forebay.producer")
    assert "--stop-timeout" in run(*program, "--help", cwd=tmp_path).stdout
    refused = run(*program, "--contract", "nowhere.yaml", "--brokers", "127.0.0.1:1", "--receipt", "r", cwd=tmp_path,
                  status=2)
    assert refused.stderr.startswith("forebay: ") and "nowhere.yaml" in refused.stderr


def test_the_types_of_the_package_are_found(environment, tmp_path):
    user = tmp_path / "user.py"
    user.write_text("import forebay\n\nposition: int = forebay.Landing.open(1, '', '', engine='x')\n")
    result = run(Path(sys.executable).parent / "mypy", "--python-executable", environment / "python", "--strict",
                 "--config-file=", f"--cache-dir={tmp_path / 'cache'}", user, cwd=tmp_path, status=1)
    assert "Incompatible types in assignment" in result.stdout and 'expected "Contract"' in result.stdout
