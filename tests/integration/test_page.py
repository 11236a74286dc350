"""The live page in a real browser, of a real lander on a real broker."""
import json
import re

import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from support import readers
from support.browser import chromium, screenshot
from support.contracts import ContractCopy
from support.landing import Landing

TIMEOUT_MS = 20_000
HOSTILE = b"""<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\x1b[2J\xff \xe2\x80\xaegnp"""


@pytest.fixture(scope="module")
def browser():
    expect.set_options(timeout=TIMEOUT_MS)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def landing(forebay, broker, tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    return Landing(forebay, broker, ContractCopy("shop.odcs.yaml", directory), directory)


@pytest.fixture(scope="module")
def lander(landing):
    with landing.follow("--http", "127.0.0.1:0", "--flush-interval", "1s") as lander:
        lander.url = lander.page_url()
        yield lander


class Watched:
    """A page that remembers what it asked for and what went wrong in it."""

    def __init__(self, page, url):
        self.page = page
        self.url = url
        self.requests = []
        self.errors = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.goto(url + "/")

    def tile(self, name):
        term = self.page.locator("dt", has_text=re.compile(f"^{name}$"))
        return self.page.locator("dl > div").filter(has=term).locator("dd")

    def state(self):
        return self.page.get_by_role("status").first

    def call_things_as_users_do(self, landing):
        """For pictures: the test's own lake and prefix of topics would only raise questions."""
        prefix = landing.contract.topic("clicks").removesuffix("shop.clicks")
        self.page.evaluate("""names => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) for (const [from, to] of names)
                walker.currentNode.data = walker.currentNode.data.replaceAll(from, to);
        }""", [[str(landing.lake), "/srv/lake"], [prefix, ""]])


@pytest.fixture
def watched(browser, lander):
    page = browser.new_page(viewport={"width": 1100, "height": 1200}, locale="en-GB", timezone_id="UTC")
    yield Watched(page, lander.url)
    page.close()


def number(text):
    return int(re.sub(r"[^0-9]", "", text.split("records")[0]))


def test_the_numbers_move_and_the_lag_falls_to_nothing(landing, watched):
    expect(watched.state()).to_have_text("Live")
    produce = landing.produce_arguments("--records", 12_000, "--seed", 1, "--rate", 3000, "--faults",
                                        "malformed=0.02", "--event-span", "20d")
    rates = {}
    with landing.forebay.start(*produce) as producing:
        while producing.is_running:
            for stage in watched.page.locator("#stages > li").all():
                rate = number(stage.locator(".rate").inner_text())
                rates.setdefault(stage.locator(".name").inner_text(), set()).add(rate)
            watched.page.wait_for_timeout(300)
        assert producing.wait().status == 0
    assert list(rates) == ["Consumed from Kafka", "Decoded", "Written to staging", "Committed"]
    for stage, seen in rates.items():
        assert max(seen) > 300 and len(seen) > 1, (stage, seen)
    sent = sum(expected.acknowledged for expected in landing.expected().values())
    expect(watched.page.locator("#stages > li").last).to_contain_text(f"{sent:,} in total")
    expect(watched.tile("Lag")).to_have_text("0 records")
    assert landing.verify("--require-landed").json["clean"]
    expected = readers.duckdb_rows(landing.lake, "clicks").total()
    clicks = watched.page.locator("#tables tr", has_text="clicks")
    expect(clicks.locator("td").first).to_have_text(f"{expected:,}")
    expect(clicks.locator("td").nth(3)).to_have_text("0")
    assert watched.page.locator("#lag tbody tr").count() == 12
    assert watched.page.locator("#commits tr").count() >= 2
    assert watched.errors == []


def test_record_content_is_shown_and_not_run(landing, broker, watched):
    producer = Producer({"bootstrap.servers": broker.address})
    producer.produce(landing.contract.topic("clicks"), key=b"<b>key</b>", value=HOSTILE, partition=0)
    assert producer.flush(30) == 0
    watched.page.get_by_text("Examples: clicks, not_utf8").click()
    shown = watched.page.locator("#examples details[open] code").first
    expect(shown).to_have_text(
        '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\\x1b[2J\\xff \\xe2\\x80\\xaegnp')
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("main img, main script").count() == 0
    watched.page.wait_for_timeout(2500)
    expect(shown).to_be_visible()  # still open after the next answers
    assert watched.errors == []


def test_it_contacts_no_other_host(watched):
    expect(watched.state()).to_have_text("Live")
    watched.page.wait_for_timeout(1500)
    assert {f"{watched.url}{path}" for path in ("/", "/page.css", "/page.js", "/charts.js", "/api/status")} <= set(
        watched.requests)
    assert all(url.startswith(watched.url + "/") for url in watched.requests)
    assert watched.page.context.cookies() == []
    # The policy holds: markup that slipped in could not run.
    watched.page.evaluate("""() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 2';
                                     document.body.append(s); }""")
    assert watched.page.evaluate("window.pwned") is None


def test_a_phone_shows_all_of_it(landing, watched):
    expect(watched.state()).to_have_text("Live")
    watched.page.set_viewport_size({"width": 360, "height": 740})
    for details in watched.page.locator("summary").all():
        details.click()
    widths = watched.page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]")
    assert max(widths) <= 360, widths
    watched.page.reload()
    expect(watched.state()).to_have_text("Live")
    watched.page.evaluate("window.scrollTo(0, 0)")
    watched.page.emulate_media(color_scheme="dark")
    watched.page.wait_for_timeout(500)
    watched.call_things_as_users_do(landing)
    screenshot(watched.page, "page-phone.png")


def luminance(colour):
    channels = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme, name", [("light", "page-light.png"), ("dark", "page-dark.png")])
def test_light_and_dark_can_be_read(landing, watched, scheme, name):
    watched.page.emulate_media(color_scheme=scheme)
    expect(watched.state()).to_have_text("Live")
    expect(watched.page.locator("#dates svg").first).to_be_visible()
    ground = luminance(watched.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (ground > 0.5) == (scheme == "light")
    for selector in ("body", ".tiles dt", "#connection", "thead th", "h1", "caption"):
        text = luminance(watched.page.locator(selector).first.evaluate("e => getComputedStyle(e).color"))
        contrast = (max(text, ground) + 0.05) / (min(text, ground) + 0.05)
        assert contrast >= 4.5, (selector, contrast)
    more = landing.produce_arguments("--records", 20_000, "--seed", len(name), "--rate", 4000, "--event-span", "20d")
    with landing.forebay.start(*more) as producing:
        watched.page.wait_for_timeout(3500)
        if scheme == "dark":  # the other half of the page
            watched.page.locator("#dates-title").evaluate("title => title.scrollIntoView()")
        watched.call_things_as_users_do(landing)
        screenshot(watched.page, name)
        assert producing.terminate().status in (0, 5)


def test_a_screen_reader_finds_its_way(watched):
    expect(watched.state()).to_have_text("Live")
    expect(watched.page.locator("#commits tr").first).to_be_visible()
    snapshot = watched.page.locator("body").aria_snapshot()
    for heading in ("Now", "Flow", "Tables", "Lag by partition", "Rows by date", "Quarantine", "Last commits"):
        assert f'heading "{heading}" [level=2]' in snapshot
    for words in ('table "Size, freshness and lag of each table"', "columnheader \"Lag\"",
                  'img "Rows by date of clicks:', 'rowheader "clicks"', 'table "Partitions of topic',
                  'link "Skip to the content"', "status: Live"):
        assert words in snapshot, words
    page = watched.page
    assert page.locator("table").count() == page.locator("table > caption").count() > 5
    assert page.locator("svg:not([aria-hidden]):not([role=img][aria-label])").count() == 0
    assert page.locator("[aria-live]").count() == 2  # states and notices; numbers do not speak every second
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"


def test_a_lake_that_another_process_lands(landing, browser, tmp_path_factory):
    landing.lake.with_name("lake.spark-status.json").write_text(json.dumps({"engine": "spark", "state": "running",
                                                                            "tables": {}}))
    with landing.forebay.start("ui", "--lake", landing.lake, "--http", "127.0.0.1:0") as ui:
        page = browser.new_page()
        watched = Watched(page, ui.page_url())
        expect(watched.state()).to_have_text("Live")
        expect(page.locator("#flow-note")).to_contain_text("The spark engine is running")
        expect(page.locator("#lag-note")).to_contain_text("without --brokers")
        expect(watched.tile("Lag")).to_have_text("unknown")
        expect(page.locator("#stages")).to_be_hidden()
        assert page.locator("#commits tr").count() >= 2
        assert watched.errors == []
        page.close()
        assert ui.terminate().status == 0


def test_a_lake_that_is_begun_later(forebay, broker, shop, browser, tmp_path):
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--records", 100, "--seed", 1)
    with forebay.start("ui", "--wait", "--lake", landing.lake, "--http", "127.0.0.1:0") as ui:
        page = browser.new_page()
        page.goto(ui.page_url())
        expect(page.get_by_text("is not a lake")).to_be_visible()
        landing.land()
        expect(page.locator("#commits tr")).to_have_count(1)
        expect(page.get_by_text("is not a lake")).to_be_hidden()
        page.close()
        assert ui.terminate().status == 0


def test_a_killed_lander_is_seen(lander, watched):
    expect(watched.state()).to_have_text("Live")
    lander.process.kill()
    expect(watched.state()).to_contain_text("Connection lost; showing data from")
    expect(watched.state()).to_have_attribute("aria-live", "polite")
