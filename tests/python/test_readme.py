"""What the README says to type exists: every make command, every forebay command with its flags, every file."""
import re
import subprocess

import pytest

from support.paths import ROOT

README = (ROOT / "README.md").read_text()
COMMANDS = sorted({line.split("#")[0].strip() for line in README.splitlines() if line.startswith("forebay ")})


def test_there_are_commands_to_check():
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_forebay_command_has_the_flags_that_are_shown(forebay, command):
    words = command.split()[1:]
    names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    text = forebay(*names, "--help").stdout
    assert f"Usage: forebay {' '.join(names)} " in text
    for flag in (word for word in words if word.startswith("--")):
        assert re.search(rf"^\s+{flag}\b", text, re.MULTILINE), f"{flag} is not a flag of {' '.join(names)}"


def test_every_make_command_exists():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^  make (\S+)", listed, re.MULTILINE))
    shown = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert shown and shown <= known


def test_every_file_exists():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    links += re.findall(r"`((?:contracts|deploy|docs|tools)/[^`]*)`", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
