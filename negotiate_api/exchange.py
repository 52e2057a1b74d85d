"""A request as its Api sees it: what it asks for, and links to the resource in every format. Each worked out once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Request

from representations import JSON, Alternate

from . import errors, suffixes
from .offers import Offers

if TYPE_CHECKING:
    from .api import Api

KEY = "_negotiate_api"
"""Attribute of a request that an Api renders: its Exchange."""


class Exchange:
    """One request to an Api.

    suffix     what the URL chooses the format with: the suffix in the path, else in ?format=; None without either
    chosen     the media type that it means; None where the URL leaves it to the Accept field
    """

    def __init__(self, api: Api, request: Request, offers: Offers) -> None:
        self.api, self.request, self.offers = api, request, offers
        self.accept: str | None = request.environ.get("HTTP_ACCEPT")
        suffix = request.environ.get(suffixes.SUFFIX)
        if not suffix and api.format_parameter and request.query_string:
            suffix = request.args.get(api.format_parameter)
        self.suffix: str | None = suffix.lower() if suffix else None
        self.chosen = offers.suffixes.get(self.suffix) if self.suffix else None

    def acceptable(self) -> tuple[str, ...]:
        """Media types to try in turn, best first. Raises NotAcceptable, unless the Api has a default."""
        if self.suffix and not self.chosen:
            message = f"There is no format {self.suffix[:40]!r}. Available are those listed."
            raise errors.NotAcceptable(self.alternates(), message)
        found = self._ranked or self._default
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
        before, after = self._around
        return tuple(Alternate(m, f"{before}{suffix}{after}", suffix) for m, suffix in self._formats.items())

    def link(self) -> str:
        """The same as a Link field (RFC 8288)."""
        before, after = self._around
        return self.offers.link.replace("\0", before).replace("\1", after) if self._formats else ""

    def location(self, mediatype: str | None) -> str | None:
        """URL of what is sent, where the Accept field chose among several (RFC 9110, section 8.7)."""
        suffix = self.offers.formats.get(mediatype or "")
        routed = suffix and not self.chosen and self.takes_suffix
        return suffixes.url_of(self.request, suffix=suffix) if routed else None

    @cached_property
    def takes_suffix(self) -> bool:
        """Whether the path takes a suffix."""
        return self.api.routes_suffix(self.request)

    @cached_property
    def _ranked(self) -> tuple[str, ...]:
        if self.chosen:
            return (self.chosen,)
        found = self.offers.acceptable(self.accept)
        if not found and self.offers.prefers(errors.PROBLEM, self.accept):  # who reads problems reads JSON
            return tuple(m for m in self.offers.mediatypes if m == JSON.mediatype)
        return found

    @cached_property
    def _default(self) -> tuple[str, ...]:
        """What is sent when nothing is acceptable: the Api's default, or the first format of a resource without it."""
        default = self.api.default_mediatype
        if default is None or default in self.offers.mediatypes:
            return (default,) if default else ()
        own = self.offers.mediatypes[:1] if self.offers.declared is not self.api.representations else ()
        return own or (default,)

    @cached_property
    def _around(self) -> tuple[str, str]:
        return suffixes.around(self.request, self.api.format_parameter, self.takes_suffix)

    @cached_property
    def _formats(self) -> dict[str, str]:
        return self.offers.formats if self.takes_suffix or self.api.format_parameter else {}


def exchange_of(request: Any) -> Exchange | None:
    """That of a request which an Api renders."""
    return getattr(request, KEY, None)
