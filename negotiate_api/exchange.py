"""A request as its Api sees it: what it asks for, and links to the resource in every format. Each worked out once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Request

from representations import Alternate, Heading, Metadata, Part, Representation

from . import errors, suffixes
from .offers import Offers

if TYPE_CHECKING:
    from .api import Api

LONGEST_LINK = 3000
"""Characters that the URLs of a Link field may have in all: with a longer query it is left out, as servers and proxies
have room for 4 or 8 kB of fields."""

_NEAREST = ("next", "prev", "first", "last")

KEY = "_negotiate_api"
"""Attribute of a request that an Api renders: its Exchange."""


class Exchange:
    """One request to an Api.

    suffix     what the URL chooses the format with: the suffix in the path, else in ?format=; None without either
    chosen     the media type that it means; None where the URL leaves it to the Accept field


    A resource may say more of itself, before its method returns:

    title      what pages call it, in place of a segment of its path
    paging     query parameters that say which part of it is meant
    related    titles and URLs of what it refers to, or is referred to by
    headings   what pages tell of columns beside their names
    hrefs      URLs that the values of an item lead to, by name
    tell       says title, headings and hrefs as soon as a format wants to know, as most never do
    tag        gives, of a media type, the entity tag of the answer
    also       further fields of the answer, without line breaks
    """

    title: str = ""
    paging: tuple[str, ...] = ("page",)
    related: tuple[tuple[str, str], ...] = ()
    headings: Mapping[str, Heading] = MappingProxyType({})
    hrefs: Mapping[str, str] = MappingProxyType({})
    suffix: str | None = None
    chosen: str | None = None
    tell: Callable[[], None] | None = None
    tag: Callable[[str], str] | None = None
    also: Sequence[tuple[str, str]] = ()

    def __init__(self, api: Api, app: Flask, request: Request, offers: Offers) -> None:
        environ = request.environ
        self.api, self.app, self.request, self.offers = api, app, request, offers
        self.accept: str | None = environ.get("HTTP_ACCEPT")
        suffix = environ.get(suffixes.SUFFIX)
        if not suffix and request.query_string and api.format_parameter:
            suffix = request.args.get(api.format_parameter)
        if suffix:
            self.suffix = suffix.lower()
            self.chosen = offers.suffixes.get(self.suffix)
        self.path = suffixes.path_of(request)
        self.takes_suffix = api.routes_suffix(request)
        self._ranked = (self.chosen,) if self.chosen else offers.ranked(self.accept, self._first())

    def acceptable(self) -> tuple[str, ...]:
        """Media types to try in turn, best first. Raises NotAcceptable, unless the Api has a default."""
        if self.suffix and not self.chosen:
            message = f"There is no format {self.suffix[:40]!r}. Available are those listed."
            raise errors.NotAcceptable(self.alternates(), message)
        found = self._ranked or self._default()
        if found:
            return found
        raise errors.NotAcceptable(self.alternates(), "None of the formats is acceptable. Available are those listed.")

    def acceptable_or(self, fallback: str) -> tuple[str, ...]:
        """Media types to try in turn for what has to be told somehow."""
        return self._ranked or (fallback,)

    def wants_problem(self) -> bool:
        """Whether an error is best told as problem details (RFC 9457)."""
        return not self.chosen and self.offers.prefers(errors.PROBLEM, self.accept)

    def alternates(self) -> tuple[Alternate, ...]:
        """Links to the resource in each of its formats."""
        around = self._around()
        formats = self.offers.formats.items() if around else ()
        return tuple(Alternate(m, suffix.join(around), suffix) for m, suffix in formats)

    def fields(
        self, status: int, mediatype: str | None = None, pages: Mapping[str, str] = MappingProxyType({})
    ) -> list[tuple[str, str]]:
        """The fields of a response that tell of negotiation and of pages (RFC 9110, 8.7 and 12.5.5; RFC 8288)."""
        shown = status if self.request.method in ("GET", "HEAD") else 0
        named = self.takes_suffix and not self.chosen and self.offers.formats.get(mediatype or "")
        around = self._around() if shown == 200 else ()
        located = f"{self.path}.{named}{suffixes.query(self.request)}" if named and shown in (200, 304) else ""
        fields = [*_negotiated(self.offers.link, len(self.offers.formats), around, located, not self.chosen)]
        if mediatype and status in (200, 201):
            fields += self.also
            if self.tag:
                fields.append(("ETag", self.tag(mediatype)))
        return [*fields, *links_to(pages, self.related)] if pages or self.related else fields

    def url(self, without: Iterable[str] = (), **parameters: str) -> str:
        """Path and query as the client sent them, with query parameters left out and set anew."""
        path, suffix = self.path, self.request.environ.get(suffixes.SUFFIX)
        if suffix and not path.endswith(f".{suffix}"):
            path = f"{path.removesuffix('/')}.{suffix}"
        return path + suffixes.query(self.request, {*without, *parameters}, **parameters)

    def describe(self, representation: Representation, status: int, part: Part | None = None) -> Metadata:
        """What a format may know of the response; for people also where it stands among others."""
        return _Later(lambda: self._described(representation.page_size is not None, status, part))

    def _described(self, for_people: bool, status: int, part: Part | None) -> Metadata:
        if self.tell:
            self.tell()
        request, description = self.request, ""
        above: tuple[str, ...] = ()
        links, page = (part.links, part.page) if part else ({}, None)
        if for_people:
            above = self._above(status)
            links = {**({"up": above[-1]} if above else {}), **links}
            description = _description(self.api.resource_of(request.endpoint))
        name = self.title or suffixes.name_of(request)
        own = (self.alternates, self.related, self.headings, self.hrefs, above)
        return Metadata(name, status, request.method, self.url(), description, links, page, *own)

    def _above(self, status: int) -> tuple[str, ...]:
        """URLs of what the resource is within; what was wrong with a query is within the resource."""
        above = suffixes.ways_up(self.request)
        return (*above, self.path) if status >= 400 and self.request.url_rule and self.request.query_string else above

    def _first(self) -> str | None:
        """What comes first without an Accept field: the Api's default, but where formats were given in their order."""
        own = self.accept is None and self.offers.declared is self.api.representations
        return self.api.default_mediatype if own and not self.api.ordered else None

    def _default(self) -> tuple[str, ...]:
        """What is sent when nothing is acceptable: the Api's default, or the first format of a resource without it."""
        default = self.api.default_mediatype
        if default is None or default in self.offers.mediatypes:
            return (default,) if default else ()
        own = self.offers.mediatypes[:1] if self.offers.declared is not self.api.representations else ()
        return own or (default,)

    def _around(self) -> tuple[str, str] | tuple[()]:
        """What stands before and after a suffix in the URL of the resource in another format, its first page."""
        parameter = self.api.format_parameter
        rest = suffixes.query(self.request, (parameter or "", *self.paging))
        if self.takes_suffix:
            return f"{self.path}.", rest
        return (f"{self.path}{rest}{'&' if rest else '?'}{quote(parameter)}=", "") if parameter else ()


class _Later(Metadata):
    """Metadata that is made when a format first asks for a part of it, as most never do."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Metadata] | None = None, **fields: Any) -> None:
        if make:
            object.__setattr__(self, "_make", make)
        else:
            super().__init__(**fields)

    def __getattr__(self, name: str) -> Any:
        """Fills the slots; of those of Metadata all are empty or none."""
        if name == "_make":
            raise AttributeError(name)
        made = self._make()
        super().__init__(*(getattr(made, field) for field in Metadata.__slots__))
        return object.__getattribute__(self, name)


@lru_cache(maxsize=512)
def _negotiated(
    link: str, formats: int, around: tuple[str, ...], located: str, varies: bool
) -> tuple[tuple[str, str], ...]:
    """The fields of a response that tell of negotiation."""
    fields = [("X-Content-Type-Options", "nosniff")]
    if varies:
        fields.append(("Vary", "Accept"))
    if around and formats * sum(map(len, around)) <= LONGEST_LINK:
        before, after = around
        fields.append(("Link", link.replace("\0", before).replace("\1", after)))
    if located:
        fields.append(("Content-Location", located))
    return tuple(fields)


def links_to(pages: Mapping[str, str], related: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """Link fields to other pages and to what is related, as many as have room, what is nearest first."""
    links = [f'<{pages[relation]}>; rel="{relation}"' for relation in _NEAREST if relation in pages]
    links += [f'<{url}>; rel="related"; {_title(title)}' for title, url in related]
    ends = accumulate(map(len, links))
    return [("Link", link) for link, end in zip(links, ends, strict=True) if end <= LONGEST_LINK]


def _title(text: str) -> str:
    """A title as a parameter of a Link field; other than ASCII is RFC 8187's."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'title="{escaped}"'
    return f"title*=UTF-8''{quote(text, safe='')}"


def _description(resource: Any) -> str:
    """The first paragraph of a resource's own docstring."""
    text = (vars(resource).get("__doc__") if resource else None) or ""
    return inspect.cleandoc(text).partition("\n\n")[0]


def exchange_of(request: Any) -> Exchange | None:
    """That of a request which an Api renders."""
    return getattr(request, KEY, None)
