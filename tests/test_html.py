"""What a page shows of the data and of the response, and that nothing in either is ever markup."""

import itertools
import json
import re
import tracemalloc
from base64 import b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import html

from representations import HTML, Alternate, Metadata, Page, Rows, Unrepresentable
from representations.data import REPLACE, plain
from representations.html import extent, heading, label
from representations.html_rows import CONTROLS
from representations.markup import DEPTH, SAMPLE, Table, element, is_url
from representations.rows import Link
from representations.table import cell_text

generated = settings(max_examples=150, deadline=None, derandomize=True, database=None)

EVIL = [
    "<script>evil()</script>",
    "</td></table></main><script>evil()</script>",
    "</title></style><script>evil()</script>",
    '"><img src=x onerror=evil()>',
    "' onmouseover='evil()",
    '" onfocus="evil()" autofocus="',
    "<!--",
    "-->",
    "<![CDATA[",
    "&lt;b&gt;&amp;&#60;",
    "{{ 7*7 }}{% raw %}",
    '/"><script>evil()</script>',
    "https://a.example/'><script>evil()</script>",
    "javascript:evil()",
    "data:text/html,<script>evil()</script>",
    "\u202egnp.exe\u2066",
]

VOID = {"meta", "link"}

ALTERNATES = (
    Alternate("application/json", "/users.json?q=%26", "json"),
    Alternate("text/csv", "/users.csv?q=%26", "csv"),
    Alternate("text/html", "/users.html?q=%26", "html"),
)


def page(data, meta=Metadata()):  # noqa: B008 - immutable
    return html.document_fromstring(HTML().encode(data, meta).decode())


def table(columns, tuples, meta=Metadata(), **options):  # noqa: B008
    return html.document_fromstring(written(Rows(columns, tuples, **options), meta).decode())


def written(rows, meta=Metadata(), **options):  # noqa: B008
    return b"".join(HTML(**options).iter_encode(rows, meta))


def texts(tree, selector):
    return [node.text_content() for node in tree.cssselect(selector)]


def only(tree, selector):
    (node,) = tree.cssselect(selector)
    return node


def cell(value, **options):
    return only(table(("a",), [(value,)], **options), "tbody td")


class Elements(HTMLParser):
    """The elements of a page, each of them closed where it must be."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def assert_harmless(text):
    elements = Elements(text).found
    assert not {"script", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in elements}
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
    for tag, attributes in elements:
        href = attributes.get("href") or "/"
        inert = href.startswith("data:image/svg+xml,") if attributes.get("rel") == "icon" else href.startswith("#")
        assert inert or is_url(href) or href.startswith("?"), (tag, href)


# Nothing is markup


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_text_of_the_data_is_never_markup(evil):
    for data in (
        *(evil, [evil], {evil: evil}, [{evil: evil}], [{"a": {evil: [evil]}}], {evil: [{evil: evil}, {"b": [evil]}]}),
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": evil}}}}}}},
    ):
        text = HTML().encode(data).decode()
        assert_harmless(text)
        assert evil.replace('"', '\\"') in (content := html.document_fromstring(text).text_content()) or evil in content


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_metadata_is_never_markup(evil):
    meta = Metadata(
        name=evil,
        method=evil,
        url=evil,
        description=evil,
        links={"up": evil, "prev": evil, "next": evil, "index": evil},
        page=Page(2, 101, 102, 102),
        alternates=lambda: (Alternate(evil, evil, evil), Alternate(evil, f"/{evil.replace(' ', '')}", evil)),
    )
    for text in (HTML().encode({}, meta), written(Rows((evil,), [(evil,)], links={evil: "/{x}"}), meta)):
        assert_harmless(text.decode())


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_error_is_never_markup(evil):
    meta = Metadata(status=400, links={"up": evil})
    for message in (evil, {evil: evil}, [evil]):
        data = {"message": message, evil: evil, "available": [{"href": evil, "mediatype": evil}]}
        assert_harmless(HTML().encode(data, meta).decode())


@pytest.mark.parametrize("character", ["\0", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\ufffe", "\ud800"])
def test_character_that_html_cannot_hold_is_replaced(character):
    text = HTML().encode({character: [character, {character: character}]}, Metadata(name=character, url=character))
    assert character.encode("utf-8", "surrogatepass") not in text
    assert text.decode().count("\ufffd") >= 5
    assert "\ufffd" in written(Rows((character,), [(character,)])).decode()


@generated
@given(value=st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_text_of_a_cell_is_what_it_was(value):
    assert cell(value).text_content() == value
    assert only(page({value: value}), "dd").text_content() == value
    assert only(page({value: value}), "dt").text_content() == value
    assert only(page([value]), ".item li").text_content() == value


def test_line_ends_and_blanks_of_text_are_kept():
    assert cell("  a\n\tb  ").text_content() == "  a\n\tb  "


def test_page_has_no_script_and_allows_none():
    text = HTML().encode([{"a": 1}]).decode()
    sheet = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    policy = only(html.document_fromstring(text), "meta[http-equiv]").get("content")

    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'" in policy
    assert "script" not in text.lower()


def test_style_is_small_and_asks_for_nothing():
    sheet = only(page({}), "style").text_content()

    assert len(sheet.encode()) < 15_000
    assert not re.search(r"url\(|@import|https?:", sheet)


@pytest.mark.parametrize("data", [1, "a", [], [1], {}, {"a": [{"b": 1}]}, [{"a": 1}]], ids=repr)
def test_page_is_named_and_of_one_piece(data):
    text = HTML().encode(data, Metadata(name="country_names", description="Of the world.")).decode()
    tree = html.document_fromstring(text)

    assert text.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert Elements(text).found
    assert texts(tree, "title") == texts(tree, "h1") == ["Country names"]
    assert texts(tree, ".intro") == ["Of the world."]
    assert all(len(tree.cssselect(landmark)) == 1 for landmark in ("header", "main", "footer"))
    assert only(tree, "a.skip").get("href") == "#" + only(tree, "main").get("id")


# Values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "null"), (True, "true"), (False, "false"), (0, "0"), (-1, "-1"), (10**6, "1000000"), ("", "")),
        *((1.5, "1.5"), (float("nan"), "null"), (Decimal("1.10"), "1.10"), (date(2024, 2, 29), "2024-02-29")),
        *((b"\0", "AA=="), (10**5000, "1" + "0" * 5000)),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_value_is_the_text_of_the_data_model(value, text):
    assert cell(value).text_content() == text
    assert only(page({"a": value}), "dd").text_content() == text
    assert only(page(value), ".item p").text_content() == text


def test_null_differs_from_text():
    assert [cell(value).get("class") for value in (None, "null", "")] == ["null", None, None]


@pytest.mark.parametrize(
    ("value", "is_link"),
    [
        *(("https://example.org/a?b=c#d", True), ("http://example.org", True), ("HTTPS://example.org/å", True)),
        *(("/users/7", True), ("/", True), ("/a?b=c", True)),
        *(("//example.org", False), ("/\\example.org", False), ("/a b", False), ("/\t/example.org", False)),
        *(("javascript:alert(1)", False), ("data:text/html,x", False), ("see https://example.org", False)),
        *(("https://a.example b", False), ("mailto:a@example.org", False), ("ftp://example.org", False)),
        *(
            ("https:/example.org", False),
            ("/a\n", False),
            ("/\0", False),
            ("hello", False),
            ("", False),
            (" /a", False),
        ),
    ],
    ids=repr,
)
def test_url_is_a_link_where_it_stays_here_or_leads_to_the_web(value, is_link):
    for tree in (cell(value), only(page({"a": value}), "dd"), only(page([value]), ".item li")):
        assert [a.get("href") for a in tree.cssselect("a")] == [value] * is_link


def test_direction_of_text_is_its_own():
    assert [cell(value).get("dir") for value in ("مصر", "日本", "Oslo", 5)] == ["auto", "auto", None, None]
    assert only(table(("مصر",), []), "th").get("dir") == "auto"


# Tables


def test_table_has_a_header_and_a_row_for_each():
    tree = table(("id", "full_name"), [(1, "Åse"), (2, None)], Metadata(name="users"))

    assert texts(tree, "thead th[scope=col]") == ["id", "full_name"]
    assert [texts(row, "td") for row in tree.cssselect("tbody tr")] == [["1", "Åse"], ["2", "null"]]
    assert texts(tree, "caption") == ["Users"]
    assert texts(tree, ".bar p") == ["2 rows"]


def test_figures_are_aligned_to_the_right_and_so_is_their_header():
    rows = [(None, None, "1", True, 1), (1.5, None, "b", None, "c")]
    tree = table(("a", "b", "c", "d", "e"), rows)

    assert [th.get("class") for th in tree.cssselect("th")] == ["num", None, None, None, "num"]
    assert [td.get("class") for td in tree.cssselect("td")] == [
        *("num null", "null", None, None, "num"),
        *("num", "null", None, "null", None),
    ]


def test_header_knows_no_more_than_the_first_rows():
    rows = [(None,)] * SAMPLE + [(1,)]

    assert only(table(("a",), rows), "th").get("class") is None
    assert only(table(("a",), rows[1:]), "th").get("class") == "num"


def test_region_of_a_table_can_be_scrolled_by_keyboard():
    region = only(table(("a",), [(1,)], Metadata(name="users")), "main .scroll")

    assert (region.get("tabindex"), region.get("role"), region.get("aria-label")) == ("0", "region", "Table of Users")


def test_no_rows_are_a_header_and_words():
    tree = table(("id", "name"), [], Metadata(page=Page(1, 0, 0, 0)))

    assert texts(tree, "th") == ["id", "name"]
    assert [(td.text_content(), td.get("colspan")) for td in tree.cssselect("td")] == [("No rows", "2")]
    assert texts(page([]), "td") == ["No rows"]
    assert texts(page([]), "th") == []


def test_records_have_the_columns_of_them_all():
    tree = page([{"a": 1}, {"b": 2, "a": None}])

    assert texts(tree, "th") == ["a", "b"]
    assert texts(tree, "td") == ["1", "null", "null", "2"]


def test_nested_values_of_a_cell_are_laid_out_one_level_deep():
    assert texts(cell(["a", None]), "ul > li") == ["a", "null"]
    assert texts(cell({"b": 1, "c": [2]}), "dl > div > *") == ["b", "1", "c", "[2]"]
    assert texts(cell([{"d": 1}]), "code") == ['[{"d":1}]']
    assert texts(cell([]), "code") == ["[]"]


def test_cell_that_can_be_read_once_is_read_once():
    assert texts(table(("a", "b"), [((i for i in range(3)), 1)], links={"b": "/{b}"}), "li:not(nav li)") == [
        "0",
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("template", "row", "href"),
    [
        ("/users/{id}", (7, "x"), "/users/7"),
        ("/users/{name}/{id}", (7, "å/b?c#d&e %"), "/users/%C3%A5%2Fb%3Fc%23d%26e%20%25/7"),
        ("/users/{name}", (7, '"><b>'), "/users/%22%3E%3Cb%3E"),
        ("/users/{name}", (7, "\ud800"), "/users/%EF%BF%BD"),
        ("/users?on={name}", (7, date(2024, 2, 29)), "/users?on=2024-02-29"),
        ("/users/{name}", (7, True), "/users/true"),
        ("/users", (7, "x"), "/users"),
        ("/{{users}}/{id}", (7, "x"), "/{users}/7"),
        *(("/users/{name}/{id}", (7, value), None) for value in (None, "", ".", "..")),
        ("/users/{id.real}", (7, "x"), None),
        ("/users/{other}", (7, "x"), None),
    ],
    ids=repr,
)
def test_link_of_a_column_is_filled_from_the_row(template, row, href):
    first, _ = table(("id", "name"), [row], links={"id": template, "absent": "/{id}"}).cssselect("td")

    assert [a.get("href") for a in first.cssselect("a")] == [href] * (href is not None)
    assert first.text_content() == "7"
    assert first.get("class") == "num"


WORDS = [
    "JFK",
    "a b",
    "",
    ".",
    "..",
    "null",
    "/users/7",
    "https://example.org",
    "<b>&\"'",
    "x" * 40,
    "x" * 41,
    "%s",
    "{a}",
]
WORDS += ["å", "a\n", "\0", "\x85", "\ufdd0", "\ud800", "/\x9f", "/\0", "H", "a-b_c", "true"]
VALUES = [
    st.sampled_from(WORDS) | st.text(max_size=3),
    st.sampled_from(["JFK", "LAX", "a-1"]),
    *(st.sampled_from(["a", odd]) for odd in ("&", "<", ">", '"', "'", "/", "é")),
    st.integers(0, 9),
    st.just(10**5000) | st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals() | st.dates() | st.uuids() | st.binary(max_size=3),
    st.lists(st.sampled_from(WORDS), max_size=2) | st.dictionaries(st.sampled_from(WORDS), st.none(), max_size=2),
]


def as_rows(rows, hrefs):
    """Rows as they are where each cell is an element of its own."""
    figures = [column_of(values) for values in zip(*rows, strict=True)]
    return "".join(
        f"<tr>{''.join(map(as_cell, row, figures, links))}</tr>\n" for row, links in zip(rows, hrefs, strict=True)
    )


def column_of(values):
    first = next((value for value in map(plain, values) if value is not None), None)
    return isinstance(first, (int, float, Decimal)) and not isinstance(first, bool)


def as_cell(value, figures, href):
    value = plain(value)
    if value is None:
        return f'<td class="{"num " * figures}null">null</td>'
    return CONTROLS.sub("\ufffd", element("td", value, 1, href))


def as_href(value):
    text = cell_text(value)
    return "" if text in (None, "", ".", "..") else f"/%s?a&{quote(text.encode('utf-8', REPLACE), safe='')}"


@generated
@given(data=st.data())
def test_cells_are_the_same_whatever_stands_beside_them(data):
    kinds = data.draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3))
    kinds = [kind | st.none() if data.draw(st.booleans()) else kind for kind in kinds]
    rows = data.draw(st.lists(st.tuples(*kinds), min_size=1, max_size=12))
    names = [f"c{n}" for n in range(len(kinds))]
    key = data.draw(st.sampled_from(names))
    links = data.draw(st.sampled_from([{}, {"c0": f"/%s?a&{{{key}}}"}, {"c0": lambda row: f"/{row[0]}"[:9]}]))

    def href(row):
        given = links.get("c0")
        return "" if not given else given(row) if callable(given) else as_href(row[names.index(key)])

    assume(not (callable(links.get("c0")) and any(isinstance(row[0], int) and row[0] > 10**300 for row in rows)))
    hrefs = [[href(row) if row[0] is not None else "", *[""] * (len(row) - 1)] for row in rows]
    expected = as_rows(rows, hrefs).encode("utf-8", REPLACE)
    assert b"".join(Table(Rows(names, rows, links=links)).body()) == expected
    assert b"".join(Table(Rows(names, [rows], links=links, batched=True)).body()) == expected


def test_values_without_markup_need_no_element(monkeypatch):
    rows = [(n, "JFK", None, n / 8, n % 2 == 0, f"N-{n}") for n in range(50)]
    columns = ("id", "origin", "note", "delay", "late", "plane")
    links = {"id": "/flights/{id}", "origin": "/airports/{origin}?by={plane}", "note": "/notes/{note}"}
    expected = written(Rows(columns, rows, links=links))
    monkeypatch.setattr("representations.markup.element", None)

    assert written(Rows(columns, rows, links=links)) == expected
    assert b'<td><a href="/airports/JFK?by=N-7">JFK</a></td>' in expected


@pytest.mark.parametrize(
    ("value", "href"),
    [(7, "/7"), ("b-C_9", "/b-C_9"), ("a.b", "/~a.b"), ("å", "/~å"), (1.5, "/~1.5"), ("", "/~"), (None, None)],
    ids=repr,
)
def test_function_with_a_template_is_called_where_the_template_does_not_do(value, href):
    link = Link(lambda row: f"/~{row[0]}", "/{a}")

    tree = table(("a",), [(value,)], links={"a": link})

    assert [a.get("href") for a in tree.cssselect("td a")] == [href] * (href is not None)


def test_link_may_be_made_of_a_column_with_any_name():
    assert only(table(("a.b c",), [("x",)], links={"a.b c": "/{a.b c}"}), "td a").get("href") == "/x"


# A page of more rows

PAGES = [
    (None, ""),
    (Page(1, 0, 0, 0), "No rows"),
    (Page(1, 0, 0), "No rows"),
    (Page(1, 1, 1, 1), "1 row"),
    (Page(1, 1, 3, 3), "3 rows"),
    (Page(1, 1, 100, 34006), "Rows 1–100 of 34,006"),
    (Page(12, 1101, 1200), "Rows 1,101–1,200"),
    (Page(2, 101, 101, 101), "Rows 101–101 of 101"),
]


@pytest.mark.parametrize(("part", "words"), PAGES, ids=[words for _, words in PAGES])
def test_extent_of_a_page_is_said_in_words(part, words):
    assert extent(part) == words


def test_page_links_to_the_one_before_and_the_one_after():
    meta = Metadata(page=Page(2, 2, 2, 3), links={"prev": "/users?page=1&a=%26", "next": "?page=3"})
    tree = table(("id",), [(2,)], meta)

    assert [(a.get("rel"), a.get("href")) for a in tree.cssselect("nav[aria-label=Pages] a")] == [
        ("prev", "/users?page=1&a=%26"),
        ("next", "?page=3"),
    ]
    assert texts(tree, "title") == ["Data, page 2"]
    assert texts(tree, ".bar p") == ["Rows 2–2 of 3"]
    assert not table(("id",), [(2,)]).cssselect("nav")


def test_page_size_is_a_hundred_unless_told():
    assert [HTML().page_size, HTML(page_size=20).page_size, HTML(page_size=None).page_size] == [100, 20, None]


# Streams


@generated
@given(data=st.data())
def test_chunks_joined_are_what_encode_gives(data):
    columns = data.draw(st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True))
    atom = st.one_of(st.text(), st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.dates())
    rows = data.draw(st.lists(st.tuples(*[atom] * len(columns)), min_size=1, max_size=3))
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    meta = Metadata(name="users", page=Page(1, 1, 3, 3), alternates=lambda: ALTERNATES)

    assert written(Rows(columns, rows), meta) == HTML().encode(records, meta)


@pytest.mark.parametrize("size", [1, SAMPLE, SAMPLE + 1, 5000])
def test_long_stream_is_what_encode_gives(size):
    rows = [(n, f"name {n}", n / 8) for n in range(size)]

    assert written(Rows(("id", "name", "x"), rows)) == HTML().encode(list(Rows(("id", "name", "x"), rows).dicts()))


def test_head_is_sent_before_the_rows_are_read():
    read = []
    chunks = HTML(page_size=None).iter_encode(Rows(("id",), (read.append(n) or (n,) for n in itertools.count())))

    assert next(chunks).startswith(b"<!doctype html>")
    assert len(read) <= SAMPLE
    next(chunks)
    assert len(read) <= 2000
    chunks.close()


def test_memory_of_a_stream_does_not_grow():
    def peak(size):
        rows = Rows(("id", "name"), ((n, "x" * 90) for n in range(size)))
        tracemalloc.start()
        total = sum(map(len, HTML(page_size=None).iter_encode(rows)))
        try:
            return total, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2000)  # what is imported and compiled once
    (_, small), (total, large) = peak(2000), peak(20_000)
    assert total > 2_000_000
    assert large < small + 300_000


# One item, lists, values


def test_item_is_names_and_values():
    tree = page({"full_name": "Åse", "tags": ["a", "b"], "address": {"city": "Oslo", "zip": None}, "none": {}})

    assert texts(tree, ".item > dl > div > dt") == ["full_name", "tags", "address", "none"]
    assert texts(tree, "dd > ul > li") == ["a", "b"]
    assert texts(tree, "dd dl dt") == ["city", "zip"]
    assert texts(tree, "dd dl dd") == ["Oslo", "null"]
    assert texts(tree, "dd > code") == ["{}"]


def test_records_within_an_item_are_a_table_of_their_own():
    tree = page({"a": {"users": [{"id": 1, "tags": ["x"]}, {"id": 2}]}, "b": [[{"id": 3}], 4]})

    assert texts(tree, "dd .scroll th") == ["id", "tags", "id"]
    assert texts(tree, "dd .scroll td") == ["1", "x", "2", "null", "3"]
    regions = tree.cssselect("dd .scroll[role=region][tabindex='0']")
    assert [region.get("aria-label") for region in regions] == ["a users", "b 1"]


def test_what_lies_deeper_than_depth_is_json():
    data = leaf = {}
    for _ in range(DEPTH + 1):
        leaf["a"] = leaf = {}
    leaf["b"] = [1, "<"]

    assert json.loads(only(page(data), ".item code").text_content()) == {"a": {"b": [1, "<"]}}
    assert len(page(data).cssselect("dl")) == DEPTH


def test_list_of_values_is_a_list():
    tree = page(["a", None, {"b": 1}, [2]])

    assert texts(tree, ".item > ul > li") == ["a", "null", "b1", "2"]
    assert texts(tree, ".item dt") == ["b"]


@pytest.mark.parametrize("depth", [10, 100, 250])
def test_deep_data_is_written(depth):
    data = 1
    for _ in range(depth):
        data = [data, {"a": data}] if depth == 10 else {"a": data}
    assert_harmless(HTML().encode(data).decode())


def test_data_outside_the_model_is_unrepresentable():
    for data in (object(), [{"a": object()}], {"a": [object()]}):
        with pytest.raises(Unrepresentable):
            HTML().encode(data)
    with pytest.raises(Unrepresentable):
        written(Rows(("a",), [(object(),)]))


# Errors


def test_error_has_its_status_as_heading_and_its_message():
    tree = page({"message": "There is no user 7.", "code": 7}, Metadata(name="users", status=404))

    assert texts(tree, "h1") == texts(tree, "title") == texts(tree, ".status") == ["404 Not Found"]
    assert texts(tree, ".message") == ["There is no user 7."]
    assert texts(tree, "dl *") == ["code7", "code", "7"]
    assert [(a.text_content(), a.get("href")) for a in tree.cssselect("main a")] == [("Home", "/")]


def test_error_links_to_what_is_above_and_to_what_is_available():
    available = [{"mediatype": a.mediatype, "suffix": a.suffix, "href": a.href} for a in ALTERNATES]
    tree = page({"message": "No.", "available": available}, Metadata(status=406, links={"up": "/api/users"}))

    assert [(a.text_content(), a.get("href")) for a in tree.cssselect("dd li a")] == [
        (a.mediatype, a.href) for a in ALTERNATES
    ]
    assert [(a.text_content(), a.get("href")) for a in tree.cssselect("a.back")] == [("Users", "/api/users")]


def test_list_with_another_scheme_s_link_is_a_table():
    tree = page({"available": [{"href": "javascript:evil()"}]}, Metadata(status=406))

    assert texts(tree, "dd td") == ["javascript:evil()"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"message": {"age": "is no number", "name": ["is missing"]}}, ["age", "name"]),
        ({"message": {"age": "is no number"}, "status": 400}, ["age", "status"]),
        ({"error": "Gone"}, ["error"]),
        ({"message": None}, []),
        ({}, []),
    ],
    ids=repr,
)
def test_members_of_an_error_are_shown(data, shown):
    assert texts(page(data, Metadata(status=400)), "dt:not(dd dt)") == shown


@pytest.mark.parametrize("data", ["Gone", ["Gone"], None, 5, True, [{"a": 1}]], ids=repr)
def test_error_may_be_any_data(data):
    tree = page(data, Metadata(status=410))

    assert texts(tree, "h1") == ["410 Gone"]
    assert data is None or str(data).strip("[']").lower() in tree.text_content().lower() or texts(tree, "td") == ["1"]


def test_status_without_a_phrase_is_its_figures():
    assert texts(page({}, Metadata(status=499)), "h1") == ["499"]


def test_rows_under_the_status_of_an_error_are_the_error():
    rows, meta = Rows(("a",), [(1,)]), Metadata(status=500)

    assert written(rows, meta) == HTML().encode([{"a": 1}], meta)


# The response around the data


def test_request_line_tells_method_url_and_status():
    tree = page({}, Metadata(method="POST", url="/users?a=1&b=<", status=201))

    assert texts(tree, ".request code") == ["POST /users?a=1&b=<"]
    assert texts(tree, ".request .status") == ["201 Created"]


def test_formats_are_links_by_suffix_and_this_one_is_current():
    links = page({}, Metadata(alternates=lambda: ALTERNATES)).cssselect("nav[aria-label=Formats] a")

    assert [(a.text_content(), a.get("href"), a.get("title")) for a in links] == [
        (a.suffix.upper(), a.href, a.mediatype) for a in ALTERNATES
    ]
    assert [a.get("aria-current") for a in links] == [None, None, "page"]
    assert not page({}).cssselect("nav")


def test_alternates_are_asked_for_once_a_page():
    asked = []
    written(Rows(("a",), [(1,)]), Metadata(alternates=lambda: asked.append(1) or ALTERNATES))

    assert asked == [1]


def test_breadcrumb_leads_up():
    meta = Metadata(name="users 7", links={"index": "/api/", "up": "/api/user_names?a=/b"})
    tree = page({}, meta)
    same = page({}, Metadata(links={"index": "/", "up": "/"}))

    assert texts(tree, "nav[aria-label=Breadcrumb] li") == ["Api", "User names", "Users 7"]
    assert texts(tree, "[aria-current=page]") == ["Users 7"]
    assert texts(same, "nav[aria-label=Breadcrumb] li") == ["Home", "Data"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("country_names", "Country names"),
        ("users 7", "Users 7"),
        ("ISO", "ISO"),
        ("", "Data"),
        ("_", "Data"),
        ("ß", "SS"),
    ],
)
def test_heading_is_the_name_for_people(name, words):
    assert heading(name) == words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        *(
            ("/", "Home"),
            ("", "Home"),
            ("?page=2", "Home"),
            ("/users/", "Users"),
            ("/user_names?a=b/c#d", "User names"),
        ),
        *(("/caf%C3%A9", "Café"), ("https://example.org/users", "Users"), ("http://[", "[")),
    ],
)
def test_label_is_the_last_segment_of_a_url(url, words):
    assert label(url) == words


def test_format_is_only_written():
    assert HTML().decode is None


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"code": "CN", "name": "中国"}, "中国"),
        ({"name": "<b>"}, "&lt;b&gt;"),
        ({"name": " "}, "Countries CN"),
        ({"name": "a\nb"}, "Countries CN"),
        ({"name": "x" * 81}, "Countries CN"),
        ({"name": 7}, "Countries CN"),
        ({"code": "CN"}, "Countries CN"),
    ],
)
def test_heading_of_an_item_is_its_name_where_it_has_one(data, title):
    page = HTML().encode(data, Metadata(name="countries CN")).decode()
    assert f'<h1 dir="auto">{title}</h1>' in page
