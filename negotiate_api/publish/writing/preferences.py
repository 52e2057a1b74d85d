"""What a client would rather have of an answer: the Prefer field, and Preference-Applied (RFC 7240).

    return=representation|minimal|headers-only       section 4.2; headers-only is minimal
    handling=strict|lenient                          section 4.4
    resolution=merge-duplicates|ignore-duplicates    what is done with a row whose key is stored already

What is not known is passed over, as the RFC wants it; a client that prefers strict handling is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from werkzeug.exceptions import BadRequest

RETURN = ("representation", "minimal", "headers-only")
HANDLING = ("strict", "lenient")
RESOLUTION = ("merge-duplicates", "ignore-duplicates")

KNOWN: Mapping[str, tuple[str, ...]] = {"return": RETURN, "handling": HANDLING, "resolution": RESOLUTION}

# preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] ); word = token / quoted-string
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_MEMBER = re.compile(rf'(?:{_QUOTED}|[^",])*+')
_PREFERENCE = re.compile(rf"\s*({_TOKEN})\s*(?:=\s*({_TOKEN}|{_QUOTED})\s*)?(?:;.*)?", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")


class Unsupported(BadRequest):
    """400 to a client that prefers strict handling and something that is not known here."""

    def __init__(self, names: list[str]) -> None:
        known = [f"{name}={value}" for name, values in KNOWN.items() for value in values]
        message = f"There is no preference {', '.join(names)} here, and Prefer asks for strict handling."
        super().__init__(message)
        self.data = {"message": message, "preferences": known}


@dataclass(frozen=True)
class Preferences:
    """Those of a request. An empty text is no preference."""

    returns: str = ""
    handling: str = ""
    resolution: str = ""

    @classmethod
    def of(cls, text: str | None, supported: Iterable[str] = tuple(KNOWN)) -> Preferences:
        """The preferences of a Prefer field among those that a method has. Raises Unsupported."""
        supported = tuple(supported)
        given = dict(reversed(list(parse(text or ""))))  # of one that is there twice the first counts
        found = {name: value for name, value in given.items() if name in supported and value in KNOWN[name]}
        if found.get("handling") == "strict" and found.keys() != given.keys():
            raise Unsupported([f"{n}={v}" if v else n for n, v in given.items() if n not in found])
        return cls(found.get("return", ""), found.get("handling", ""), found.get("resolution", ""))

    def fields(self) -> dict[str, str]:
        """The header field that tells what was acted on."""
        found = {"return": self.returns, "handling": self.handling, "resolution": self.resolution}
        applied = ", ".join(f"{name}={value}" for name, value in found.items() if value)
        return {"Preference-Applied": applied} if applied else {}


def parse(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each preference, in order; what is malformed is passed over."""
    for member in filter(None, _MEMBER.findall(text)):
        match = _PREFERENCE.fullmatch(member)
        if match:
            name, value = match[1].lower(), match[2] or ""
            yield name, _ESCAPE.sub(r"\1", value[1:-1]) if value.startswith('"') else value
