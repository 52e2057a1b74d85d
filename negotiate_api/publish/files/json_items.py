"""The items of a JSON array (RFC 8259) one by one, so that an array as long as the disk takes no memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from representations import Malformed
from representations.json import loads

from .problems import Problems

CHUNK = 1 << 18

LONGEST = 64 * 1024 * 1024
"""Characters of an item, and of a document that is no array."""

_BLANK = " \t\r\n"
_end_of = json.JSONDecoder(parse_float=len, parse_int=len, parse_constant=len).raw_decode


class _Text:
    """Text of which a part is held: what is read and not yet done with."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.held, self.position, self.line, self.column = file, "", 0, 1, 1
        self.ended = False

    def more(self) -> None:
        """Hold twice as much."""
        added = self.file.read(max(CHUNK, len(self.held) - self.position))
        self.held, self.position = self.held[self.position :] + added, 0
        self.ended = not added

    def skip(self, length: int) -> None:
        passed = self.held[self.position : self.position + length]
        if ends := passed.count("\n"):
            self.line += ends
            self.column = len(passed) - passed.rfind("\n")
        else:
            self.column += length
        self.position += length

    def next(self) -> str:
        """The next character that is no blank; nothing at the end."""
        while True:
            rest = len(self.held)
            position = self.position
            while position < rest and self.held[position] in _BLANK:
                position += 1
            self.skip(position - self.position)
            if position < rest:
                return self.held[position]
            if self.ended:
                return ""
            self.more()


def items(file: TextIO, problems: Problems) -> Iterator[tuple[int, Any]]:
    """The line on which each item begins, and the item; 0 and the document where that is no array."""
    text = _Text(file)
    if text.next() != "[":
        yield 0, _document(text, problems)
        return
    text.skip(1)
    if text.next() == "]":
        text.skip(1)
    else:
        yield from _items(text, problems)
    if text.next():
        raise problems.fail(text.line, text.column, "text after the end of the array")


def _items(text: _Text, problems: Problems) -> Iterator[tuple[int, Any]]:
    mark = ","
    while mark == ",":
        text.next()
        line, item = text.line, _item(text, problems)
        try:
            yield line, loads(item.encode(), exactly=True)
        except Malformed as error:
            problems.add(line, None, f"{error}, counted from where this item begins")
        mark = text.next()
        if mark not in (",", "]") or not mark:
            raise problems.fail(text.line, text.column, "neither a comma nor the end of the array after an item")
        text.skip(1)


def _item(text: _Text, problems: Problems) -> str:
    """The text of an item. A number may go on where what is held ends."""
    while True:
        try:
            _, end = _end_of(text.held, text.position)
            if end < len(text.held) or text.ended:
                item = text.held[text.position : end]
                text.skip(len(item))
                return item
        except json.JSONDecodeError as error:
            if text.ended:
                text.skip(error.pos - text.position)
                raise problems.fail(text.line, text.column, error.msg) from None
        except RecursionError:
            raise problems.fail(text.line, text.column, "nested too deeply") from None
        if len(text.held) - text.position > LONGEST:
            raise problems.fail(text.line, text.column, f"an item that does not end within {LONGEST:,} characters")
        text.more()


def _document(text: _Text, problems: Problems) -> Any:
    while not text.ended:
        if len(text.held) > LONGEST:
            raise problems.fail(None, None, f"a document of more than {LONGEST:,} characters that is no array")
        text.more()
    try:
        return loads(text.held.encode(), exactly=True)
    except Malformed as error:
        raise problems.fail(None, None, str(error)) from None
