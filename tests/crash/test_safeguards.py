"""Each safeguard is switched off by itself, and a test fails: the tests are tested. By tools/safeguards."""
import subprocess
import sys

from support.paths import ROOT


def test_each_safeguard_is_missed_when_it_is_off(capsys):
    command = [sys.executable, ROOT / "tools" / "safeguards"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    with capsys.disabled():
        print("\n  " + result.stdout.replace("\n", "\n  "), flush=True)
    assert result.returncode == 0, result.stdout + result.stderr
