"""The pages in Chromium: what a person with a phone, a keyboard or a screen reader meets. axe-core is the judge.

Chromium must be there; without it these tests fail. axe-core comes with the package axe-playwright-python.
"""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

from representations import HTML, Alternate, Metadata, Page, Rows

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]

URL = "http://negotiate-api.test/"

WIDE, PHONE = 1280, 360

FORMATS = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "msgpack": "application/vnd.msgpack",
    "md": "text/markdown",
    "html": "text/html",
}
ALTERNATES = tuple(Alternate(mediatype, f"/countries.{suffix}", suffix) for suffix, mediatype in FORMATS.items())

COLUMNS = ("code", "name", "native_name", "capital", "population", "area_km2", "currency", "languages", "note", "site")
SITE = "https://www.example.org/a/rather/long/address/of/a/page?with=a&query=of#its-own"
COUNTRIES = [
    ("CN", "China", "中国", "Beijing", 1411778724, 9596960, "CNY", ["zh", "yue"], None, SITE),
    ("IN", "India", "भारत", "New Delhi", 1352617328, 3287590, "INR", ["hi", "en", "bn"], "", None),
    ("EG", "Egypt", "مصر", "Cairo", 98423595, 1001450, "EGP", ["ar"], "نص طويل باللغة العربية " * 6, SITE),
    ("IL", "Israel", "ישראל", "Jerusalem", 8883800, 20770, "ILS", {"official": "he", "also": [1, 2]}, None, None),
    ("TH", "Thailand", "ไทย", "Bangkok", 69428524, 514000, "THB", [], "ข้อความยาวมาก" * 12, None),
    ("ET", "Ethiopia", "ኢትዮጵያ", "Addis Ababa", 109224559, 1127127, "ETB", ["am"], "x" * 300, None),
    ("KR", "South Korea", "대한민국", "Seoul", 51635256, Decimal("99646.00"), "KRW", ["ko"], "A note. " * 30, SITE),
    ("AQ", "Antarctica", None, None, 0, None, None, None, "two\nlines", None),
]
LINKS = {"code": "/countries/{code}", "currency": "/currencies/{currency}"}
UP = {"up": "/"}


def meta(name="countries", **more):
    return Metadata(name=name, url=f"/{name}?sort=-population", alternates=lambda: ALTERNATES, **more)


def collection():
    description = "Countries and territories of the world with their names, codes, areas and populations."
    links = {**UP, "prev": "/countries?page=1", "next": "/countries?page=3"}
    rows = Rows(COLUMNS, COUNTRIES * 4, links=LINKS)
    return b"".join(HTML().iter_encode(rows, meta(description=description, links=links, page=Page(2, 33, 64, 34006))))


def narrow():
    rows = Rows(("id", "name"), [(number, f"City {number}") for number in range(60)])
    return b"".join(HTML(page_size=None).iter_encode(rows, meta("cities", links=UP)))


def empty():
    return b"".join(HTML().iter_encode(Rows(COLUMNS, []), meta(links=UP, page=Page(1, 0, 0, 0))))


def item():
    place = {"name": "東京", "at": {"latitude": Decimal("35.68950"), "longitude": Decimal("139.69171")}}
    data = {
        "code": "JP",
        "population": 126529100,
        "independent": True,
        "motto": "",
        "currency": None,
        "capital": place,
        "languages": ["ja", "ain"],
        "site": SITE,
        "self": "/countries/JP",
        "read": datetime.now(UTC),
        "long": "word " * 90,
        "names": {"ar": "اليابان", "hi": "जापान", "ru": "Япония", "longer": "x" * 400, "word": "W" * 40},
        "cities": [{"id": 1, **place, "note": "A note. " * 20}, {"id": 2}],
        "deep": [[[{"a": [{"b": {"c": [1]}}]}]]],
        "a_name_that_is_as_long_as_names_of_members_of_mappings_ever_get_to_be_in_practice": 1,
    }
    return HTML().encode(data, meta("countries JP", links={"index": "/", "up": "/countries"}))


def error():
    available = [{"mediatype": a.mediatype, "suffix": a.suffix, "href": a.href} for a in ALTERNATES]
    data = {"message": "There is no format 'pdf'. Available are those listed.", "available": available}
    return HTML().encode(data, meta(status=406, links=UP))


def invalid():
    data = {"message": {"name": "Missing required parameter in the JSON body", "age": "is no number"}}
    return HTML().encode(data, Metadata("countries", 500, "POST", "/countries"))


def scalar():
    return HTML().encode("Hello, world. " * 20, meta("hello", links=UP))


def values():
    return HTML().encode(["a", None, 5, "/countries", {"a": 1}, [{"b": 2}], "x" * 300], meta("index"))


PAGES = {make.__name__: make() for make in (collection, narrow, empty, item, error, invalid, scalar, values)}

every_page = pytest.mark.parametrize("name", PAGES)
every_width = pytest.mark.parametrize("width", [WIDE, PHONE])


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """Gives a page by its name, width, colour scheme; what it asks for and complains of is collected."""
    contexts = []

    def open_(name, width=WIDE, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda problem: page.complaints.append(str(problem)))
        page.route("**/*", lambda route: route.fulfill(body=PAGES[name], content_type="text/html; charset=utf-8"))
        page.goto(URL)
        return page

    yield open_
    for context in contexts:
        context.close()


@every_page
@every_width
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_of_any_rule_it_knows(opened, name, width, scheme):
    page = opened(name, width, scheme)
    page.evaluate(AXE)
    every_rule = "Object.fromEntries(axe.getRules().map(rule => [rule.ruleId, {enabled: true}]))"
    found = page.evaluate(f"axe.run(document, {{rules: {every_rule}}})")

    assert [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found["violations"]] == []
    assert {"color-contrast-enhanced", "region", "landmark-unique", "page-has-heading-one"} <= {
        rule["id"] for rule in found["passes"] + found["inapplicable"]
    }


@every_page
def test_dark_scheme_is_dark(opened, name):
    brightness = "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"

    assert opened(name).evaluate(brightness) > 200
    assert opened(name, scheme="dark").evaluate(brightness) < 60


@every_page
@pytest.mark.parametrize("width", [320, PHONE, 640, 960, WIDE])
def test_page_is_no_wider_than_the_screen(opened, name, width):
    assert opened(name, width).evaluate("document.scrollingElement.scrollWidth") <= width


@every_page
def test_page_is_one_request_without_complaints(opened, name):
    page = opened(name)
    page.wait_for_load_state("networkidle")

    assert page.requests == [URL]
    assert page.complaints == []


def test_script_that_gets_in_does_not_run(opened):
    page = opened("scalar")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))")

    assert page.evaluate("window.ran === undefined")
    assert "Content Security Policy" in " ".join(page.complaints)


@pytest.mark.parametrize("name", ["collection", "narrow"])
@every_width
def test_header_stays_while_the_table_scrolls(opened, name, width):
    page = opened(name, width)
    page.evaluate("document.querySelector('main .scroll').scrollTo(120, 1e6); scrollTo(0, 1e6)")
    hidden = """() => [...document.querySelectorAll("main .scroll > table > thead th")].filter(th => {
        const {left, right, top, bottom} = th.getBoundingClientRect();
        const region = document.querySelector("main .scroll").getBoundingClientRect();
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        if (x < region.left || x > region.right) return false;
        const shown = document.elementFromPoint(x, y);
        return top < region.top || y < 0 || y > innerHeight || shown.tagName != "TH";
    }).map(th => th.textContent)"""

    assert page.evaluate("document.querySelector('main .scroll').scrollTop") > 500
    assert page.evaluate(hidden) == []


def test_first_column_stays_beside_a_wide_table(opened):
    page = opened("collection")
    page.evaluate("document.querySelector('main .scroll').scrollTo(1e6, 0)")
    edges = "['main .scroll', 'tbody td'].map(s => document.querySelector(s).getBoundingClientRect().left)"
    region, cell = page.evaluate(edges)

    assert page.evaluate("document.querySelector('main .scroll').scrollLeft") > 300
    assert 0 <= cell - region <= 2


def test_table_and_the_way_to_the_next_page_are_on_one_screen(opened):
    assert opened("collection").evaluate("document.scrollingElement.scrollHeight") <= 800


def test_first_key_leads_past_the_navigation_to_the_data(opened):
    page = opened("collection")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the data"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_seen_on_all_that_can_have_it(opened, scheme):
    page = opened("collection", scheme=scheme)
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        style = "(({tagName}, {outlineStyle, outlineWidth}) => [tagName, outlineStyle, outlineWidth])"
        seen.append(page.evaluate(f"{style}(document.activeElement, getComputedStyle(document.activeElement))"))

    assert all((style, width) == ("solid", "3px") for _, style, width in seen)
    assert {"A", "DIV"} == {tag for tag, *_ in seen}


def test_table_is_scrolled_by_keyboard(opened):
    page = opened("collection")
    page.focus("main .scroll")
    page.keyboard.press("End")
    for _ in range(50):
        if page.evaluate("document.querySelector('main .scroll').scrollTop") > 500:
            return
        page.wait_for_timeout(100)
    raise AssertionError("End has not scrolled the table")


def test_figures_are_copied_as_they_are(opened):
    assert opened("collection").inner_text("tbody tr:first-child td.num") == "1411778724"


def test_text_runs_in_its_own_direction(opened):
    page = opened("collection")
    direction = (
        "text => getComputedStyle([...document.querySelectorAll('td')].find(td => td.innerText == text)).direction"
    )

    assert [page.evaluate(direction, text) for text in ("中国", "مصر", "ישראל", "Cairo")] == [
        "ltr",
        "rtl",
        "rtl",
        "ltr",
    ]


@every_page
def test_print_has_all_rows_and_no_navigation(opened, name):
    page = opened(name, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")

    cut = "[...document.querySelectorAll('.scroll')].filter(e => getComputedStyle(e).overflowY != 'visible').length"
    assert page.evaluate(cut) == 0
    assert page.evaluate("[...document.querySelectorAll('nav, footer, .skip')].every(e => e.offsetParent === null)")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 32, 35)"
