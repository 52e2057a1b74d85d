"""HTML (the WHATWG's living standard), for people: one page, one request, no scripts, in light and dark.

null is a word in italics, empty text is nothing, numbers have every digit and no separators, so that what is copied is
the data; markup.py says how the rest is laid out, templates/ holds the page around it. Nothing in the data is ever
markup: control characters are written as U+FFFD, all else is escaped, and the page forbids scripts by a
Content-Security-Policy of its own.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .base import Representation
from .data import REPLACE, plain
from .html_rows import CONTROLS
from .markup import Table, body, element, is_table, is_url, pairs, rows_of, text
from .metadata import PLAIN, Metadata, Page
from .rows import Rows
from .table import cell_text

TEMPLATES = Path(__file__).parent / "templates"

PAGES = {"first": "First", "prev": "Previous", "next": "Next", "last": "Last"}
"""Link relation -> what its link is called."""

ROWS = Markup(token_hex(16))
"""The piece of a page that stands for the rows, which no data can guess."""

# To search a page for CONTROLS takes longer than all else. One of these bytes is in each of them, and seldom in a page.
_CONTROLS = bytes(range(0x20)).translate(None, b"\t\n\r") + b"\x7f"
_OTHERS = (b"\xc2", b"\xef")


class HTML(Representation):
    """Pages of a table hold page_size rows; None is all of them."""

    mediatype = "text/html"
    suffixes = ("html",)
    charset = "utf-8"

    def __init__(self, page_size: int | None = 100) -> None:
        self.page_size = page_size

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        data = plain(data)
        if meta.status >= 400:
            return _bytes(_page("error.html", meta, phrase(meta.status), **_error(data)))
        if is_table(data):
            return b"".join(_table(rows_of(data), meta))
        laid_out = Markup(body(data, meta.headings, meta.hrefs))
        return _bytes(_page("item.html", meta, _title(data) or heading(meta.name), body=laid_out))

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        if meta.status >= 400:
            yield self.encode(list(rows.dicts()), meta)
        else:
            yield from _table(rows, meta)


def _title(data: Any) -> str:
    """The name that an item has itself, where it is a line of text."""
    name = data.get("name") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name.strip() and name.isprintable() and len(name) <= 80 else ""


def heading(name: str) -> str:
    """The name of a resource for people: "country_names" is "Country names"."""
    words = " ".join(re.split(r"[_\s]+", name)).strip()
    return words[:1].upper() + words[1:] or "Data"


def label(url: str) -> str:
    """What a page is called of which only the URL is known: its last segment, "Home" at the root."""
    *_, last = unquote(re.split("[?#]", url)[0]).rstrip("/").split("/")
    return heading(last) if last else "Home"


def phrase(status: int) -> str:
    """The status and its phrase (RFC 9110, section 15): "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def count(rows: int) -> str:
    """ "34,006 rows", "1 row", "No rows"."""
    return f"{rows:,} row{'' if rows == 1 else 's'}" if rows else "No rows"


def extent(page: Page | None) -> str:
    """ "Rows 1–100 of 34,006"; "100 rows after NO"; "3 rows" where they are all; "" where nothing is known."""
    if page is None:
        return ""
    if page.place:
        return f"{count(page.last)} {page.place}" + ("" if page.total is None else f", of {page.total:,}")
    if page.first <= 1 and page.last in (0, page.total):
        return count(page.last)
    return f"Rows {page.first:,}–{page.last:,}" + ("" if page.total is None else f" of {page.total:,}")


def _table(rows: Rows, meta: Metadata) -> Iterator[bytes]:
    table = Table(rows, meta.headings)
    pieces = _page("rows.html", meta, heading(meta.name), table=table, extent=extent(meta.page))
    yield _bytes(iter(pieces.__next__, ROWS))
    yield from table.body()
    yield _bytes(pieces)


def _error(data: Any) -> Mapping[str, Any]:
    """The message of an error, which may be a mapping (of a field to what is wrong with it), and its other members."""
    members = dict(data) if isinstance(data, dict) else {"message": data}
    message = members.pop("message", None)
    rest = Markup(pairs(members, _member) if members else "")
    if message and isinstance(message, (dict, list)):
        return {"message": "", "body": Markup(body(message)) + rest}
    return {"message": cell_text(message), "body": rest}


def _member(name: str, value: Any) -> str:
    """A value; a list of links where every item has a href."""
    if not (value and is_table(value) and all(is_url(str(item.get("href"))) for item in value)):
        return element("dd", value, name=name)
    items = ((str(item.get("title") or item.get("mediatype") or item["href"]), item["href"]) for item in value)
    return f'<dd><ul class="links">{"".join(text("li", title, href) for title, href in items)}</ul></dd>'


def _page(template: str, meta: Metadata, title: str, **context: Any) -> Iterator[str]:
    """The page, in pieces, without the links that lead elsewhere than to this site or the web."""
    links = {relation: url for relation, url in meta.links.items() if is_url(url) or url.startswith("?")}
    above = dict.fromkeys(filter(is_url, (links.get("index", ""), *meta.above, links.get("up", ""))))
    alternates = [alternate for alternate in meta.alternates() if is_url(alternate.href)]
    related = [(name, url) for name, url in meta.related if is_url(url)]
    context.update(meta=meta, title=title, links=links, above=above, alternates=alternates, related=related)
    return _ENVIRONMENT.get_template(template).generate(context)


def _bytes(pieces: Iterable[str]) -> bytes:
    page = "".join(pieces)
    written = page.encode("utf-8", REPLACE)
    if len(written.translate(None, _CONTROLS)) == len(written) and not any(map(written.__contains__, _OTHERS)):
        return written
    return CONTROLS.sub("\ufffd", page).encode("utf-8", REPLACE)


def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        auto_reload=False,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheet = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(sheet.encode()).digest()).decode()  # allows this sheet alone (CSP 3, section 2.3.1)
    environment.globals.update(sheet=Markup(sheet), digest=digest, mediatype=HTML.mediatype, pages=PAGES, rows=ROWS)
    environment.filters.update(heading=heading, label=label, phrase=phrase, count=count)
    return environment


_ENVIRONMENT = _environment()
