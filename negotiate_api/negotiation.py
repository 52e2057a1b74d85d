"""Proactive negotiation (RFC 9110, section 12.5.1): which offers suit an Accept field.

Strings in, strings out: no request, no Flask. An offer is a media type, maybe with parameters. Lenient where deployed
clients need it: "*" for "*/*", weights like "q=.2" and "q=1.", charset=utf-8 on any range. A member that is no media
range is dropped, and a field in which nothing is left counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count, islice
from typing import NamedTuple

MAX_LENGTH = 8192
"""Characters of an Accept field that are read."""

MAX_RANGES = 100
"""Members of an Accept field that are read."""

MAX_PARAMETERS = 32
"""Parameters that a member may have; one with more is none."""

MAX_CACHED = 512
"""Characters of the longest Accept field that is remembered for long."""

# token = 1*tchar; quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE (RFC 9110, sections 5.6.2 and 5.6.4).
# Every repetition is possessive or over characters that cannot begin what follows: time is linear in the text.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# member of a list, which a comma within quotation marks does not end; an unclosed mark runs to the end
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
# media-range = ( "*/*" / ( type "/*" ) / ( type "/" subtype ) ) parameters (section 12.5.1)
_RANGE = re.compile(rf"[ \t]*+(?:({_TOKEN})/({_TOKEN})|\*)[ \t]*+(?=;|\Z)")
# parameters = *( OWS ";" OWS [ parameter ] ); parameter = name "=" ( token / quoted-string ) (section 5.6.6)
_PARAMETER = re.compile(rf";[ \t]*+(?:({_TOKEN})=({_TOKEN}|{_QUOTED}))?+[ \t]*+", re.DOTALL)
# qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) (section 12.4.2), and more digits, and ".5"
_QVALUE = re.compile(r"(?:0?\.\d*|0|1(?:\.0*)?)", re.ASCII)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

Parameters = frozenset[tuple[str, str]]

UTF_8: Parameters = frozenset({("charset", "utf-8")})
"""What a range may ask for of an offer that names no charset."""


class MediaType(NamedTuple):
    """type/subtype;parameters, names in lower case."""

    type: str
    subtype: str
    parameters: Parameters

    @property
    def names_charset(self) -> bool:
        return any(name == "charset" for name, _ in self.parameters)


class MediaRange(NamedTuple):
    """A member of an Accept field."""

    type: str
    subtype: str
    parameters: Parameters
    quality: float

    def specificity(self, offer: MediaType) -> int:
        """0 if the offer is outside this range; 1 for */*, 2 for type/*, 3 for type/subtype, 1 more a parameter."""
        if self.type == "*":
            return int(self.subtype == "*")
        if self.type != offer.type:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != offer.subtype:
            return 0
        wanted = self.parameters
        if wanted >= UTF_8 and not offer.names_charset:
            wanted -= UTF_8
        return 3 + len(wanted) if wanted <= offer.parameters else 0


def acceptable_offers(offers: tuple[str, ...], accept: str | None) -> tuple[str, ...]:
    """The offers that an Accept field accepts, best first; none at all is 406.

    Of offers with the same quality, those named by a more specific range come first, then those earlier in offers.
    None, an empty field and "*/*" all accept every offer.
    """
    long = accept is not None and len(accept) > MAX_CACHED
    return (_briefly_cached_offers if long else _cached_offers)(offers, accept)


def quality(offer: str, accept: str | None) -> float:
    """The weight, 0 to 1, of the most specific range that the offer is in; 1 without an Accept field."""
    return _weigh(offer, parse_accept(accept))[0]


@lru_cache(maxsize=64)
def parse_accept(accept: str | None) -> tuple[MediaRange, ...]:
    """The media ranges of an Accept field in the order sent, those that are none left out."""
    members = islice(_MEMBER.finditer((accept or "")[: MAX_LENGTH + 1]), MAX_RANGES)
    ranges = (_media_range(member[0]) for member in members if member.end() <= MAX_LENGTH)
    return tuple(found for found in ranges if found)


@lru_cache(maxsize=512)
def parse_mediatype(value: str) -> MediaType:
    """Raises ValueError unless value is type/subtype[;parameters]."""
    parsed = _parse(value)
    if parsed is None or "*" in parsed[:2]:
        raise ValueError(f"not a media type: {value!r}")
    return MediaType(parsed[0], parsed[1], frozenset(parsed[2].items()))


def without_parameters(accept: str) -> str:
    """The same Accept field with nothing but types and weights, for a second try before 406.

    What is refused with parameters is left out: the type without them is not refused.
    """
    ranges = (r for r in parse_accept(accept) if r.quality or not r.parameters)
    return ", ".join(f"{r.type}/{r.subtype};q={r.quality:.17f}" for r in ranges)


def _acceptable_offers(offers: tuple[str, ...], accept: str | None) -> tuple[str, ...]:
    ranges = parse_accept(accept)
    if not ranges:
        return offers
    weighed = [(_weigh(offer, ranges), offer) for offer in offers]
    return tuple(offer for weight, offer in sorted(weighed, key=lambda pair: pair[0], reverse=True) if weight[0])


_cached_offers = lru_cache(maxsize=2048)(_acceptable_offers)
_briefly_cached_offers = lru_cache(maxsize=16)(_acceptable_offers)  # a request asks more than once


def _weigh(offer: str, ranges: tuple[MediaRange, ...]) -> tuple[float, int]:
    """Quality and specificity of the range that decides; of equal ranges one that refuses, else the heaviest."""
    if not ranges:
        return 1.0, 0
    try:
        mediatype = parse_mediatype(offer)
    except ValueError:
        return 0.0, 0
    found = [(r.specificity(mediatype), r.quality) for r in ranges]
    most = max(found)[0]
    weights = [weight for specificity, weight in found if specificity == most]
    return (max(weights) if most and all(weights) else 0.0), most


def _media_range(member: str) -> MediaRange | None:
    parsed = _parse(member)
    if parsed is None:
        return None
    type_, subtype, parameters = parsed
    weight = parameters.pop("q", "1")
    if not _QVALUE.fullmatch(weight) or weight == "." or (type_ == "*" != subtype):
        return None
    return MediaRange(type_, subtype, frozenset(parameters.items()), float(weight))


def _parse(value: str) -> tuple[str, str, dict[str, str]] | None:
    """type, subtype, parameters; a bare "*" is "*", "*"."""
    match = _RANGE.match(value)
    parameters = match and dict(_parameters(value, match.end()))
    if not match or parameters is None or None in parameters:
        return None
    if "charset" in parameters:
        parameters["charset"] = parameters["charset"].lower()  # section 8.3.2
    return (match[1] or "*").lower(), (match[2] or "*").lower(), parameters


def _parameters(value: str, position: int) -> Iterator[tuple[str, str]]:
    """Name and value of each; a name of None where the text is no parameter."""
    for number in count(1):
        if position >= len(value):
            return
        match = _PARAMETER.match(value, position)
        if match is None or number > MAX_PARAMETERS:
            yield None, ""  # type: ignore[misc]
            return
        name, text = match.groups()
        if name:
            yield name.lower(), _QUOTED_PAIR.sub(r"\1", text[1:-1]) if text[0] == '"' else text
        position = match.end()
