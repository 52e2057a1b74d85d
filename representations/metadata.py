"""What a format is told beside the data: where they are from, what else there is, how columns are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same resource in another format (RFC 8288, relation "alternate")."""

    mediatype: str
    href: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the rows a page holds. Counts from 1; total is None where it is not known.

    place  where the rows are that first and last do not number: "after NO"
    """

    number: int
    first: int
    last: int
    total: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What people are told of a column beside its name: what it is, what its figures count, and a line on it."""

    title: str = ""
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an encoder may know of the response around the data.

    name         of the resource, a word fit for a file name or a heading: "countries"
    status       status code of the response
    method, url  of the request; url is path and query as a client sees them
    description  of the resource, a paragraph of plain text or nothing
    links        URLs by link relation (RFC 8288): "up", "first", "prev", "next", "last"
    page         where the rows are a page of more
    alternates   gives every format of this resource, in server preference order
    related      titles and URLs of what the resource refers to, or is referred to by
    headings     what people are told of columns, or of the members of a mapping, by name
    hrefs        URLs that the members of a mapping lead to, by name
    above        URLs of what the resource is within, the outermost first
    """

    name: str = "data"
    status: int = 200
    method: str = "GET"
    url: str = ""
    description: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    page: Page | None = None
    alternates: Callable[[], tuple[Alternate, ...]] = tuple
    related: tuple[tuple[str, str], ...] = ()
    headings: Mapping[str, Heading] = field(default_factory=dict)
    hrefs: Mapping[str, str] = field(default_factory=dict)
    above: tuple[str, ...] = ()


PLAIN = Metadata()
