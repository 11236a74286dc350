"""The README as data: its blocks, by the section they stand in."""
import re
from dataclasses import dataclass

from support.paths import ROOT

README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"^```(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    section: str
    words: tuple  # after the fence: ("sh",), ("sh", "docker"), ("json",), ...
    text: str


def blocks():
    """All of them, in order; those before the first section belong to ""."""
    headings = [(match.start(), match[1]) for match in re.finditer(r"^##+ (.+)$", README, re.MULTILINE)]
    found = []
    for match in FENCE.finditer(README):
        section = next((title for start, title in reversed(headings) if start < match.start()), "")
        found.append(Block(section, tuple(match["words"].split()), match["text"]))
    return found


def commands(section):
    """The commands of this section, as one script."""
    return "\n".join(block.text for block in blocks() if block.section == section and block.words == ("sh",))
