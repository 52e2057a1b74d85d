"""What an Api or a Resource offers: media types in server preference order, each with its transformer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, wraps
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Any

from representations import DEFAULTS, JSON, Representation

from .errors import PROBLEM
from .negotiation import MAX_CACHED, acceptable_offers, parse_accept, quality, without_parameters
from .transformers import Transformer

if TYPE_CHECKING:
    from .exchange import Exchange

_REGISTERED = MimeTypes(filenames=())
BUILT_IN = {name: format_ for format_ in (f() for f in DEFAULTS) for name in (format_.mediatype, *format_.aliases)}
"""The built-in formats, by each of their media types."""


class Offers:
    """Transformers by media type, and what follows from them.

    mediatypes  the offers, aliases after the media type they mean
    suffixes    suffix -> media type
    readable    media type -> the Representation that reads it; of a function's media type, that of DEFAULTS
    formats     media type -> suffix to link to, each format once
    link        a Link field to each of formats, with "\\0" and "\\1" for what is before and after the suffix
    declared    what they were made from, for as long as that is what it was
    """

    def __init__(
        self,
        declared: Mapping[str, Callable[..., Any]] | Sequence[Representation],
        transformers: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.declared = declared
        self._made_from = _state(declared)
        self.transformers = dict(transformers)
        self.mediatypes = tuple(self.transformers)
        self.suffixes: dict[str, str] = {}
        self.readable: dict[str, Representation] = {}
        self.formats: dict[str, str] = {}
        for mediatype, transformer in self.transformers.items():
            suffixes, main = _suffixes(mediatype, transformer)
            for suffix in suffixes:
                self.suffixes.setdefault(suffix, mediatype)
            if suffixes and self.suffixes[suffixes[0]] == mediatype and main:
                self.formats[mediatype] = suffixes[0]
            reader = transformer.representation if isinstance(transformer, Transformer) else BUILT_IN.get(mediatype)
            if reader and reader.decode:
                self.readable[mediatype] = reader
        self.link = ", ".join(f'<\0{suffix}\1>; rel="alternate"; type="{m}"' for m, suffix in self.formats.items())
        self._remembered = lru_cache(maxsize=512)(self._ranked)

    def are_of(self, declared: Any) -> bool:
        """Whether these are the offers of what is declared now."""
        return declared is self.declared and _state(declared) == self._made_from

    def acceptable(self, accept: str | None) -> tuple[str, ...]:
        """Media types to try in turn, best first. Parameters that nothing here has count only until nothing fits."""
        offers = acceptable_offers(self.mediatypes, accept)
        if offers or not accept:
            return offers
        html = accept.replace("application/xhtml+xml", "text/html")  # who reads only XHTML still is a browser
        return acceptable_offers(self.mediatypes, without_parameters(html))

    def ranked(self, accept: str | None, first: str | None = None) -> tuple[str, ...]:
        """The same, beginning with first if that is offered; who reads but problem details (RFC 9457) reads JSON."""
        is_long = accept is not None and len(accept) > MAX_CACHED
        return (self._ranked if is_long else self._remembered)(accept, first)

    def _ranked(self, accept: str | None, first: str | None) -> tuple[str, ...]:
        offers = self.acceptable(accept)
        if first in offers[1:]:
            return (first, *offers)
        if offers or not self.prefers(PROBLEM, accept):
            return offers
        return tuple(m for m in self.mediatypes if m == JSON.mediatype)

    def prefers(self, mediatype: str, accept: str | None) -> bool:
        """Whether an Accept field names a media type that is not among the offers, at no less than its best offer."""
        type_, _, subtype = mediatype.partition("/")
        if not any((r.type, r.subtype) == (type_, subtype) for r in parse_accept(accept)):
            return False
        best = acceptable_offers(self.mediatypes, accept)[:1]
        return quality(mediatype, accept) >= max((quality(offer, accept) for offer in best), default=0.001)


def transformers_of(
    representations: Iterable[Representation], exchange: Callable[[], Exchange]
) -> dict[str, Transformer]:
    """One transformer a Representation, under its media type and its aliases. Raises TypeError for anything else."""
    representations = list(representations)
    for given in representations:
        if not isinstance(given, Representation):
            raise TypeError(f"{given!r} is no Representation; give instances, as in representations=[JSON(), CSV()]")
    made = [Transformer(representation, exchange) for representation in representations]
    return {name: t for t in made for name in (t.representation.mediatype, *t.representation.aliases)}


class Declared(dict[str, Any]):
    """Transformers by media type, of which one number tells whether they are what they were.

    Whatever changes them counts, so that no request has to compare them.
    """

    changes = 0


def _counting(name: str) -> Callable[..., Any]:
    change = getattr(dict, name)

    @wraps(change)
    def changing(self: Declared, *args: Any, **kwargs: Any) -> Any:
        try:
            return change(self, *args, **kwargs)
        finally:
            self.changes += 1

    return changing


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Declared, _name, _counting(_name))


def _state(declared: Any) -> Any:
    """What is another where something else is declared, or in another order."""
    if type(declared) is Declared:
        return declared.changes
    return (*declared, *declared.values()) if isinstance(declared, Mapping) else tuple(declared)


def _suffixes(mediatype: str, transformer: Callable[..., Any]) -> tuple[tuple[str, ...], bool]:
    """Suffixes that mean a media type, and whether it is the one, not an alias, to link to."""
    if isinstance(transformer, Transformer):
        return transformer.representation.suffixes, transformer.representation.mediatype == mediatype
    if mediatype in BUILT_IN:
        return BUILT_IN[mediatype].suffixes, True
    extension = _REGISTERED.guess_extension(mediatype)
    suffix = extension[1:] if extension else mediatype.rpartition("/")[2]
    return (suffix,) if suffix.isalnum() else (), True
