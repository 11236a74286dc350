"""python/ is held to strict types and a broad set of lints, and the stub says what the extension has."""
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import PACKAGE, ROOT

BIN = Path(sys.executable).parent


def run(*command, environment=None):
    return subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=600, env=environment)


@pytest.mark.parametrize("command", [
    ["mypy"],
    ["ruff", "check", "--no-cache", "python"],
    ["ruff", "format", "--no-cache", "--check", "python"],
], ids=["types", "lint", "format"])
def test_the_package_is_held_to(command):
    result = run(BIN / command[0], *command[1:])
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_strict_type_check_notices_a_mistake(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import forebay\n\n\n"
                     "def rows(landing: forebay.Landing) -> str:\n    return landing.plan()[0].next\n")
    result = run(BIN / "mypy", wrong)
    assert result.returncode == 1 and "Incompatible return value" in result.stdout, result.stdout + result.stderr


def test_the_stub_is_what_the_extension_has(tmp_path):
    made = tmp_path / "_core.pyi"
    script = f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); sys.argv[0] = 'stubgen'; " \
             "import runpy; runpy.run_module('nanobind.stubgen', run_name='__main__')"
    result = run(sys.executable, "-c", script, "-m", "forebay._core", "-o", made)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (ROOT / "python/forebay/_core.pyi").read_text() == made.read_text(), "run `make stub`"
