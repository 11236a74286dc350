"""Type-checks forebay.airflow with Airflow's types, which only Airflow's environment has."""
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

MYPY = [Path(sys.executable).parent / "mypy", "--strict", "--config-file=", "--explicit-package-bases",
        "--follow-imports=silent", f"--cache-dir={ROOT / '.forebay' / 'mypy-airflow'}"]


def mypy(*arguments):
    environment = {"MYPYPATH": str(ROOT / "python"), "PATH": "/usr/bin:/bin"}
    return subprocess.run([*MYPY, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, env=environment)


def test_the_package_passes_strict_type_checks():
    result = mypy("python/forebay/airflow")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_type_error_in_airflows_classes_is_detected(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from forebay.airflow.stream.trigger import StreamTrigger\n\n"
                     "StreamTrigger(engine=1, dag_id='x')\n")
    result = mypy(wrong)
    assert result.returncode == 1 and "arg-type" in result.stdout, result.stdout + result.stderr
