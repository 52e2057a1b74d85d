"""or=(country=NO,population__gt=5,and(a=1,b__lt=2)): conditions of which one holds, or all where they are in and(…).

group     = "(" term *( "," term ) ")"
term      = ( "and" / "or" ) group / name "=" value
name      = quoted / 1*( any but "=" and DQUOTE )
value     = quoted / *( any but "," "(" ")" and DQUOTE )
quoted    = DQUOTE *( any but DQUOTE / 2DQUOTE ) DQUOTE
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa

from .filters import Condition
from .parameters import BadParameter

MOST_TERMS = 100
DEEPEST = 8

_QUOTED = r'"(?:[^"]|"")*+"'
_GROUP = re.compile(r"(and|or)\(")
_NAME = re.compile(rf'({_QUOTED}|[^="]++)=')
_VALUE = re.compile(rf'({_QUOTED}|[^,()"]*+)(?=[,)])')


class Alternatives:
    """Reads a value of `or`; leaf makes a condition of a name and a value. What it reads, it reads once."""

    def __init__(self, text: str, leaf: Callable[[str, str], Condition]) -> None:
        self.text = text
        self.leaf = leaf
        self.position = 0
        self.terms = 0

    def condition(self) -> Condition:
        """Raises BadParameter."""
        if not self.text.startswith("("):
            raise self.malformed("begins with a parenthesis")
        self.position = 1
        found = self.group("or", 1)
        if self.position != len(self.text):
            raise self.malformed("ends with the parenthesis that closes it")
        return found

    def group(self, word: str, depth: int) -> Condition:
        """The group whose opening parenthesis is read."""
        if depth > DEEPEST:
            raise BadParameter(f"or takes groups in groups {DEEPEST} deep, and this is deeper.", "or", self.text)
        terms = [self.term(depth)]
        while self.text[self.position : self.position + 1] == ",":
            self.position += 1
            terms.append(self.term(depth))
        if self.text[self.position : self.position + 1] != ")":
            raise self.malformed("has a comma or a closing parenthesis here")
        self.position += 1
        return (sa.or_ if word == "or" else sa.and_)(*terms)

    def term(self, depth: int) -> Condition:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise BadParameter(f"or takes up to {MOST_TERMS} terms.", "or", self.text)
        if group := _GROUP.match(self.text, self.position):
            self.position = group.end()
            return self.group(group[1], depth + 1)
        name = self.take(_NAME, "has column=value here")
        return self.leaf(name, self.take(_VALUE, 'has a value here, in quotation marks if it has one of ,()"'))

    def take(self, pattern: re.Pattern[str], rule: str) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:
            raise self.malformed(rule)
        self.position = match.end()
        return match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1]

    def malformed(self, rule: str) -> BadParameter:
        at = self.text[self.position : self.position + 20]
        where = f"at character {self.position + 1}, {at!r}" if at else "at its end"
        return BadParameter(f"or is like (a=1,b__gt=2,and(c=3,d=4)) and {rule}: look {where}.", "or", self.text)
