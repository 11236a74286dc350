"""Safeguards are switched off one by one, and a test fails: the tests are tested. By tools/safeguards.

A third of them, drawn by SEED; all of them with NIGHT=1.
"""
import os
import subprocess
import sys

from support.paths import FOREBAY, FOREBAY_WITH_HOOKS, ROOT


def safeguards(*arguments):
    return subprocess.run([sys.executable, ROOT / "tools" / "safeguards", *arguments], capture_output=True, text=True,
                          check=False)


def test_a_safeguard_is_missed_when_it_is_off(capsys):
    result = safeguards(*([] if os.environ.get("NIGHT") else ["--sample", "22"]))
    with capsys.disabled():
        print("\n  " + result.stdout.replace("\n", "\n  "), flush=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_safeguard_is_described():
    described = (ROOT / "docs/reliability.md").read_text()
    names = safeguards("--list").stdout.split()
    assert len(names) > 50 and [name for name in names if f"`{name}`" not in described] == []


def test_a_release_has_no_switches():
    for switch in (b"FOREBAY_SAFEGUARD_OFF", b"FOREBAY_FAILPOINT", b"FOREBAY_TEST_NO_LOCK"):
        assert switch in FOREBAY_WITH_HOOKS.read_bytes()
        assert switch not in FOREBAY.read_bytes()
