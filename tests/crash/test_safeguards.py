"""Safeguards are switched off one by one, and a test fails: the tests are tested. By tools/safeguards.

A third of them, drawn by SEED; all of them with NIGHT=1.
"""
import os
import subprocess
import sys

from support.paths import FOREBAY, FOREBAY_WITH_HOOKS, ROOT


def test_a_safeguard_is_missed_when_it_is_off(capsys):
    sample = [] if os.environ.get("NIGHT") else ["--sample", "22"]
    command = [sys.executable, ROOT / "tools" / "safeguards", *sample]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    with capsys.disabled():
        print("\n  " + result.stdout.replace("\n", "\n  "), flush=True)
    assert result.returncode == 0, result.stdout + result.stderr
    described = (ROOT / "docs/reliability.md").read_text()
    names = {line.split()[0] for line in result.stdout.splitlines() if "missed by" in line}
    assert [name for name in sorted(names) if f"`{name}`" not in described] == []


def test_a_release_has_no_switches():
    for switch in (b"FOREBAY_SAFEGUARD_OFF", b"FOREBAY_FAILPOINT", b"FOREBAY_TEST_NO_LOCK"):
        assert switch in FOREBAY_WITH_HOOKS.read_bytes()
        assert switch not in FOREBAY.read_bytes()
