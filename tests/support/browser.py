"""Debian's Chromium, without a window, for tests of pages."""
import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from support.paths import ROOT

SHOTS = ROOT / ".forebay" / "screenshots"


@contextmanager
def chromium():
    path = shutil.which("chromium")
    assert path, "Debian's chromium is missing: run `make setup`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def screenshot(page, name, **options):
    """Takes a picture. It becomes the one in docs/img when that is missing, or KEEP_SCREENSHOTS is set."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    shot = SHOTS / name
    page.screenshot(path=shot, **options)
    assert 10_000 < shot.stat().st_size < 200_000
    kept = ROOT / "docs" / "img" / name
    if not kept.is_file() or os.environ.get("KEEP_SCREENSHOTS"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shot, kept)
