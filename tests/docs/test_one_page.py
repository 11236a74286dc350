"""docs/one-page.pdf: one A4 page, and what docs/one-page.md says."""
import html
import re
import subprocess
import sys
import unicodedata

import pypdf
import pytest
from markdown_it import MarkdownIt

from support.paths import ROOT

PDF = ROOT / "docs/one-page.pdf"
A4_POINTS = (595.28, 841.89)


def words(text):
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text))  # printers make one character of "fi"


def text_of(markdown):
    made = MarkdownIt("commonmark").enable("table").render(markdown)
    return html.unescape(re.sub(r"<[^>]+>", " ", made))


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    target = tmp_path_factory.mktemp("page") / "page.pdf"
    subprocess.run([sys.executable, ROOT / "tools/one_page.py", target], check=True)
    return target


@pytest.mark.parametrize("which", ["kept", "printed"])
def test_it_is_one_a4_page(which, printed):
    (page,) = pypdf.PdfReader(PDF if which == "kept" else printed).pages
    assert all(abs(float(size) - wanted) < 2 for size, wanted in zip(page.mediabox[2:], A4_POINTS))


def test_the_kept_one_says_what_the_source_says():
    (page,) = pypdf.PdfReader(PDF).pages
    assert words(page.extract_text()) == words(text_of((ROOT / "docs/one-page.md").read_text()))
