"""The diagrams are what their sources say, and can be read aloud."""
import tomllib
import xml.etree.ElementTree as ET

import diagram
import pytest

SOURCES = sorted(diagram.IMAGES.glob("*.toml"))


def test_there_is_one():
    assert SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_picture_is_drawn_from_its_source(source):
    text = source.with_suffix(".svg").read_text()
    assert text == diagram.draw(tomllib.loads(source.read_text())), "run `make diagram`"
    root = ET.fromstring(text)
    assert root.get("role") == "img" and root[0].text and root[1].text
    assert "prefers-color-scheme: dark" in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")
