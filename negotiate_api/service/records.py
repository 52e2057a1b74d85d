"""One record of a body, in any format that is read: its fields as declared, and no others.

A field that nobody declared is an error, not passed over, so that none is set by whom it is not for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from flask import request

from negotiate_api import abort, reqparse

Field = Callable[[Any], Any]
"""Value as read -> value as meant. Raises ValueError with what is wrong with it, after its name."""

Fields = dict[str, Field]

LARGEST = 128 * 1024
"""Bytes of a body: the longest task fits, in any script and with every character escaped. A larger one is 413."""

SHOWN = 40
"""Characters of a name that is not known that are told."""


def read(required: Fields, optional: Fields | None = None) -> dict[str, Any]:
    """The fields that the body of the request has. Answers 400 telling of every one that is wrong."""
    fields = {**required, **(optional or {})}
    request.max_content_length = LARGEST
    body: Mapping[str, Any] = reqparse.record(request)
    values, errors = {}, _unknown(body, fields)
    for name, field in fields.items():
        if name in body:
            try:
                values[name] = field(_given(body[name]))
            except ValueError as error:
                errors[name] = str(error)
        elif name in required:
            errors[name] = "is missing"
    if not (errors or values):
        refuse({"the body": f"has none of {', '.join(fields)}"})
    return refuse(errors) if errors else values


def refuse(errors: Mapping[str, str]) -> NoReturn:
    """Answers 400 with what is wrong, by field."""
    message = "; ".join(f"{name} {error}" for name, error in errors.items())
    raise abort(400, message=f"{message}.", fields=errors)


def text(most: int) -> Field:
    """A field: text of 1 to most characters."""

    def field(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be text; where a format takes it for something else, quote it")
        if not 1 <= len(value) <= most:
            raise ValueError(f"has {len(value)} characters; it must have 1 to {most}")
        if not value.strip():
            raise ValueError("has nothing but spaces")
        if not all(char.isprintable() or char in "\n\r\t" or char.isspace() for char in value):
            raise ValueError("must not hold control characters")
        return value

    return field


def one_of(values: Iterable[str]) -> Field:
    """A field: one of these words."""
    known = tuple(values)

    def field(value: Any) -> str:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return str(value)

    return field


def _given(value: Any) -> Any:
    if value is None:
        raise ValueError("is empty")
    return value


def _unknown(body: Mapping[str, Any], fields: Iterable[str]) -> dict[str, str]:
    known = ", ".join(fields)
    return {name[:SHOWN]: f"cannot be set here; these can: {known}" for name in map(str, body) if name not in fields}
