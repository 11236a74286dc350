"""Airflow's pages in a real browser: produce and land from the UI."""
import os
import re
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from support.airflow import wait_until
from support.paths import ROOT

SHOTS = ROOT / ".forebay" / "screenshots"
DOCS = ROOT / "docs" / "img" / "airflow-grid.png"
TIMEOUT_MS = 90_000


@pytest.fixture(scope="module")
def page(airflow):
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is missing: run `make setup`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1760, "height": 900}, locale="en-GB", timezone_id="UTC")
        page.set_default_timeout(TIMEOUT_MS)
        expect.set_options(timeout=TIMEOUT_MS)
        page.goto(airflow.home.url())
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(airflow.home.password())
        page.locator("button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)
        yield page
        browser.close()


def test_produce_and_land_from_the_ui(airflow, page):
    made = trigger_from_the_ui(airflow, page, "forebay_produce", records="1234", seed="77", faults="none")
    produced = airflow.client.xcom("forebay_produce", made, "produce")
    assert {table["table"]: table["acknowledged"] for table in produced["tables"]}["clicks"] == 1234
    trigger_from_the_ui(airflow, page, "forebay_microbatch")
    assert airflow.lag() == 0 and airflow.verify("--require-landed")["clean"]


def trigger_from_the_ui(airflow, page, dag, **params):
    """Triggers a run, waits until it has succeeded, and returns its id."""
    before = len(airflow.client.runs(dag))
    page.goto(f"{airflow.home.url()}/dags/{dag}")
    page.get_by_role("button", name="Trigger Dag", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for name, value in params.items():
        field = dialog.locator(f"input[name=element_{name}]")
        field.fill(value)
        field.blur()
    dialog.get_by_role("button", name="Trigger", exact=True).click()
    expect(dialog).to_be_hidden()
    runs = wait_until(lambda: len(found := airflow.client.runs(dag)) > before and found, 30, "the run")
    return airflow.wait_for(dag, runs[0]["dag_run_id"])


def test_the_grid_shows_the_runs(airflow, page):
    page.goto(f"{airflow.home.url()}/dags/forebay_microbatch")
    for task in ("check", "land", "verify", "publish"):
        expect(page.get_by_role("link", name=re.compile(rf"^{task}")).first).to_be_visible()
    page.wait_for_timeout(1500)  # the charts are animated
    SHOTS.mkdir(parents=True, exist_ok=True)
    shot = SHOTS / "airflow-grid.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 20_000
    if not DOCS.is_file() or os.environ.get("KEEP_SCREENSHOTS"):
        DOCS.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shot, DOCS)
