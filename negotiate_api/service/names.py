"""Names of users: UsernameCasePreserved (RFC 8265, section 3.4), so that two spellings of one name are one name.

A name is kept in normal form; whoever looks one up asks username() first.
"""

from __future__ import annotations

import re
from typing import Any
from unicodedata import category, normalize

MOST = 200

LONGEST = 4 * MOST
"""Characters of a name as it comes, decomposed maybe. Normalizing takes the square of the length."""

LETTERS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"))

SIGNS = re.compile(r"[!-9;-~]")
"""ASCII's own, but the colon: Basic ends the name with it (RFC 7617, section 2)."""

UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Unicode's Default_Ignorable_Code_Point, as far as they are LETTERS: names that look alike would differ by them."""


def username(text: Any) -> str:
    """A name in normal form. Raises ValueError saying what is wrong with it."""
    if not isinstance(text, str):
        raise ValueError("must be text; where a format takes it for something else, quote it")
    name = normalize("NFKC", text) if len(text) <= LONGEST else text
    if not 1 <= len(name) <= MOST:
        raise ValueError(f"has {len(name)} characters; it must have 1 to {MOST}")
    if "" in name.split(" "):
        raise ValueError("has a space before or after it, or two together")
    if ":" in name:
        raise ValueError("must not hold a colon")
    if unfit := next((char for char in name if not _fits(char)), None):
        raise ValueError(f"must not hold U+{ord(unfit):04X}; letters, digits, single spaces and ASCII's signs are fit")
    return name


def normal(text: str) -> str:
    """A name in normal form, to look it up; text that cannot be a name is left as it is, as nobody has it."""
    try:
        return username(text)
    except ValueError:
        return text


def _fits(char: str) -> bool:
    return char == " " or bool(SIGNS.match(char)) or (category(char) in LETTERS and not UNSEEN.match(char))
