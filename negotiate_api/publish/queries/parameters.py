"""Parameters of a query: lists, numbers, and what is said of a bad one.

Nothing here takes longer than the text is long: a number is bounded before it is one, a list is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from werkzeug.exceptions import BadRequest

MOST_TOLD = 20
"""Names that a message lists."""

LONGEST_SHOWN = 60
"""Characters of a value that a message repeats; the error's "value" is whole."""

# list = item *( "," item ); item = quoted / *( any but "," ); quoted = DQUOTE *( any but DQUOTE / 2DQUOTE ) DQUOTE
_ITEM = re.compile(r'(?:"((?:[^"]|"")*+)"|((?!")[^,]*+))(?:(,)|\Z)')
_WHOLE = re.compile(r"[0-9]{1,18}")


class BadParameter(BadRequest):
    """400 that names the parameter, and where there are such its value and the type that it takes."""

    def __init__(self, message: str, parameter: str, value: str | None = None, **more: Any) -> None:
        super().__init__(message)
        given = {} if value is None else {"value": value}
        self.data: dict[str, Any] = {"message": message, "parameter": parameter, **given, **more}


def items(name: str, text: str) -> list[str]:
    """The items of a list: a,b,"c,d" with a quotation mark in it written twice. Raises BadParameter."""
    found, position = [], 0
    while position <= len(text):
        match = _ITEM.match(text, position)
        if match is None:
            raise BadParameter(f'{name} is {shown(text)}; it takes a list such as a,b,"c,d".', name, text)
        found.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end() if match[3] else len(text) + 1
    return found


def whole(name: str, text: str, low: int, high: int, hint: str = "") -> int:
    """A whole number from low to high, in ASCII digits. Raises BadParameter."""
    if _WHOLE.fullmatch(text) and low <= int(text) <= high:
        return int(text)
    message = f"{name} is {shown(text)}; it takes a whole number from {low} to {high}{hint}."
    raise BadParameter(message, name, text, type="whole number")


def choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    """One of some words. Raises BadParameter."""
    if text in choices:
        return text
    raise BadParameter(f"{name} is {shown(text)}; it takes {' or '.join(choices)}.", name, text)


def truth(name: str, text: str) -> bool:
    """Raises BadParameter unless text is true or false."""
    return choice(name, text, ("true", "false")) == "true"


def shown(text: str) -> str:
    """A value as a message repeats it."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """The names most like one, at most three."""
    return get_close_matches(name[:LONGEST_SHOWN], list(names), n=3)


def unknown(parameter: str, name: str, names: Iterable[str], what: str, value: str | None = None) -> BadParameter:
    """That there is nothing of that name, and what is named nearly so."""
    names = tuple(names)
    if near := nearest(name, names):
        told = f"Did you mean {' or '.join(near)}?"
        return BadParameter(f"There is no {what} {shown(name)}. {told}", parameter, value, nearest=near)
    there = f" There is {', '.join(names[:MOST_TOLD])}{', …' if len(names) > MOST_TOLD else ''}." if names else ""
    return BadParameter(f"There is no {what} {shown(name)}.{there}", parameter, value)
