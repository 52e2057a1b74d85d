"""marshal and marshal_with: Flask-RESTful's, compiled, and streaming what need not be in memory.

Several objects are a list. Where they are read one by one, from Rows, a generator or a query, they are Rows again,
whose columns are the keys of the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set, ValuesView
from dataclasses import replace
from functools import wraps
from inspect import iscoroutinefunction
from string import Formatter
from typing import Any, ParamSpec, overload

from flask_restful.utils import unpack
from werkzeug.wrappers import Response

from representations import Part, Rows

from . import converters
from .compilation import Compiled, compiled
from .converters import Convert, Definition
from .values import is_lazy

P = ParamSpec("P")

_IN_MEMORY = frozenset((dict, list))
_MARKS = frozenset("{}!:")
"""What a variable of a template has not in its name."""


@overload
def marshal(data: Rows | Iterator[Any], fields: Definition, envelope: None = None, skip_none: bool = False) -> Rows: ...
@overload
def marshal(
    data: list[Any] | Set[Any] | ValuesView[Any], fields: Definition, envelope: None = None, skip_none: bool = False
) -> list[dict[Any, Any]]: ...
@overload
def marshal(data: object, fields: Definition, envelope: str, skip_none: bool = False) -> dict[str, Any]: ...
@overload
def marshal(data: object, fields: Definition, envelope: str | None = None, skip_none: bool = False) -> Any: ...
def marshal(data: Any, fields: Definition, envelope: str | None = None, skip_none: bool = False) -> Any:
    """What fields tell of data: a dict of one object, a list of several, Rows of what is read one by one.

    envelope   key of a dict around it; there several are always a list
    skip_none  keys of null are left out, also within; the columns of Rows stay
    """
    return _marshalled(data, compiled(fields), envelope, skip_none)


def _marshalled(data: Any, functions: Compiled, envelope: str | None, skip_none: bool) -> Any:
    if type(data) not in _IN_MEMORY and is_lazy(data):
        result: Any = _rows(data, functions, skip_none)
        return {envelope: list(result)} if envelope else result
    result = functions.mapping(skip_none)(data)
    return {envelope: result} if envelope else result


class marshal_with:  # noqa: N801 - a decorator
    """Marshals what a method returns: data, or the data of (data, status) and (data, status, headers).

    What is no data stays as it is: a Response, the body of an error (a status of 400 or more), and null.

    allow_null  False: null is an object of defaults, as in Flask-RESTful
    errors      True: the body of an error is marshalled too, as in Flask-RESTful
    """

    def __init__(
        self,
        fields: Definition,
        envelope: str | None = None,
        skip_none: bool = False,
        *,
        allow_null: bool = True,
        errors: bool = False,
    ) -> None:
        self.fields = fields
        self.envelope = envelope
        self.skip_none = skip_none
        self.allow_null = allow_null
        self.errors = errors
        self._functions: Compiled | None = None

    def __call__(self, method: Callable[P, Any]) -> Callable[P, Any]:
        return _around(method, self._result)

    def _result(self, result: Any) -> Any:
        return self._marshal(result) if type(result) is dict else _applied(self._marshal, result, self.errors)

    def _marshal(self, data: Any) -> Any:
        if data is None and self.allow_null:
            return None
        self._functions = functions = compiled(self.fields, self._functions)
        return _marshalled(data, functions, self.envelope, self.skip_none)


class marshal_with_field:  # noqa: N801 - a decorator
    """Marshals what a method returns with one field. What is no data stays as it is, as with marshal_with."""

    def __init__(self, field: Any) -> None:
        self.field = converters.instance_of(field)

    def __call__(self, method: Callable[P, Any]) -> Callable[P, Any]:
        return _around(method, self._result)

    def _result(self, result: Any) -> Any:
        convert = converters.converter(self.field, lambda fields: lambda data: marshal(data, fields))
        return _applied(convert or converters.method(self.field, "format"), result)


def _around(method: Callable[P, Any], convert: Convert) -> Callable[P, Any]:
    if not iscoroutinefunction(method):
        return wraps(method)(lambda *args, **kwargs: convert(method(*args, **kwargs)))

    @wraps(method)
    async def awaiting(*args: P.args, **kwargs: P.kwargs) -> Any:
        return convert(await method(*args, **kwargs))

    return awaiting


def _applied(convert: Convert, result: Any, errors: bool = False) -> Any:
    """The result of a method with its data converted."""
    if not isinstance(result, tuple) or hasattr(result, "_fields"):
        return result if isinstance(result, Response) else convert(result)
    data, code, headers = unpack(result)
    is_error = isinstance(code, int) and code >= 400 and not errors
    return (data if is_error or isinstance(data, Response) else convert(data)), code, headers


# Rows


class _Told:
    """What convert makes of items, when it is read. Closing it closes what they come from."""

    def __init__(self, convert: Convert, items: Callable[[], Iterable[Any]], origin: Any) -> None:
        self._convert, self._items, self._origin = convert, items, origin

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from map(self._convert, self._items())
        finally:
            self.close()

    def close(self) -> None:
        if callable(close := getattr(self._origin, "close", None)):
            close()


def _rows(data: Any, functions: Compiled, sparse: bool) -> Rows:
    if isinstance(data, Rows):
        rows = Rows(
            functions.columns,
            _told(data, functions, sparse),
            count=lambda: data.count,  # type: ignore[arg-type, return-value]  # None where it is not known, as there
            links=_links(data, functions),
            window=lambda offset, size: _told(data.slice(offset, size), functions),
            pages=_pages(data.pages, functions, sparse) if data.pages else None,
        )
    else:
        convert = functions.row(_columns(data, functions), sparse)
        rows = Rows(functions.columns, _Told(convert, lambda: data, data))
    rows.mappings = sparse  # dicts that may lack a key, and not tuples
    return rows


def _pages(pages: Callable[[int | None], Part], functions: Compiled, sparse: bool) -> Callable[[int | None], Part]:
    """Those parts, marshalled."""

    def part(size: int | None) -> Part:
        found = pages(size)
        return replace(found, rows=_rows(found.rows, functions, sparse))

    return part


def _told(rows: Rows, functions: Compiled, sparse: bool = False) -> _Told:
    if rows.mappings:
        return _Told(functions.row(None, sparse), rows.dicts, rows)
    return _Told(functions.row(rows.columns, sparse), rows.tuples, rows)


def _columns(data: Any, functions: Compiled) -> tuple[str, ...] | None:
    """The columns of a database result, where its rows can be read as tuples by them."""
    if not (hasattr(data, "keys") and hasattr(data, "scalars")):
        return None
    columns = tuple(data.keys())
    return columns if all(name in columns for name in functions.sources().values()) else None


def _links(rows: Rows, functions: Compiled) -> dict[str, str]:
    """The links of rows, by the names that the fields give to their columns; those that need more are left behind."""
    names = {column: key for column, key in functions.kept().items() if not _MARKS.intersection(str(key))}
    links = {}
    for column, template in rows.links.items():
        if callable(template):  # of a row as it was before
            continue
        parts = [(literal, variable) for literal, variable, *_ in Formatter().parse(template)]
        if column in names and all(variable is None or variable in names for _, variable in parts):
            links[names[column]] = "".join(_part(literal, variable, names) for literal, variable in parts)
    return links


def _part(literal: str, variable: str | None, names: Mapping[str, Any]) -> str:
    text = literal.replace("{", "{{").replace("}", "}}")
    return text if variable is None else f"{text}{{{names[variable]}}}"
