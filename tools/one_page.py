"""Prints docs/one-page.md as docs/one-page.pdf: one A4 page, by Chromium.

  .forebay/venv/bin/python tools/one_page.py [PDF]
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

DOCS = Path(__file__).resolve().parent.parent / "docs"
SOURCE = DOCS / "one-page.md"
TIMEOUT_S = 60
STYLE = """
  @page { size: A4; margin: 11mm 12mm }
  body { font: 7.7pt/1.26 "DejaVu Sans", sans-serif; color: #1a2027; margin: 0 }
  h1 { font-size: 14pt; margin: 0 0 3pt } h2 { font-size: 10pt; margin: 6pt 0 2pt; border-bottom: 0.6pt solid #9fb0bf }
  p { margin: 2.5pt 0 }
  table { border-collapse: collapse; width: 100%; margin: 3pt 0 }
  th, td { border: 0.5pt solid #c3ced8; padding: 1.5pt 3pt; text-align: left; vertical-align: top }
  th { background: #eef4f9 }
  td:first-child { width: 16%; font-weight: 600 }
  code, pre { font: 6.7pt "DejaVu Sans Mono", monospace }
  pre { background: #f3f6f9; padding: 3pt 4pt; margin: 3pt 0; white-space: pre-wrap }
"""


def page():
    """The document as HTML."""
    body = MarkdownIt("commonmark").enable("table").render(SOURCE.read_text())
    return ('<!doctype html><html lang="en"><meta charset="utf-8"><title>Forebay on one page</title>'
            f"<style>{STYLE}</style>{body}</html>")


def print_pdf(target):
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("one_page: Debian's chromium is missing: run `make setup`.")
    with tempfile.TemporaryDirectory(prefix="forebay-page-") as scratch:
        html = Path(scratch) / "page.html"
        html.write_text(page())
        subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={scratch}/profile",
                        "--no-pdf-header-footer", f"--print-to-pdf={Path(target).resolve()}", html.as_uri()],
                       check=True, capture_output=True, timeout=TIMEOUT_S)


if __name__ == "__main__":
    print_pdf(sys.argv[1] if len(sys.argv) > 1 else DOCS / "one-page.pdf")
