"""Settings of what is published: a small YAML file that renames, leaves out and describes.

    title: The library
    description: Every book since 1954.
    tables:
      bk_tbl:                     the database's name, or that of the file
        name: books               the name in URLs
        title: Books
        description: One row a copy.
        sort: -bought, title      the order where none is asked for, by either name of a column
        columns:
          bk_wt: {name: weight, title: Weight, unit: g}
          notes: {omit: true}     neither shown, nor searched, nor written
          isbn: {kind: text}      of a file's column that is not to be what its values look like
      staff: {omit: true}

A table or column that is not named stays as it is. All words may be left out; a word, table or column that does not
exist is refused, with its line and the nearest names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ..errors import Unusable

T = TypeVar("T")

LARGEST = 1_000_000
"""Bytes that a file of settings may have."""

MOST_TOLD = 10
"""Names that are told where none is like the one that there is not."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What may be said of a table and of a column. where tells where that is, for errors."""

    name: str = ""
    omit: bool = False
    title: str = ""
    description: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ColumnSettings(_Said):
    """What is said of a column. kind is for those of files."""

    unit: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class TableSettings(_Said):
    """What is said of a table; its columns are by the database's names. sort_where is the place of sort."""

    sort: str = ""
    columns: Mapping[str, ColumnSettings] = field(default_factory=dict)
    sort_where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is said of a database; its tables are by the database's names."""

    title: str = ""
    description: str = ""
    tables: Mapping[str, TableSettings] = field(default_factory=dict)
    where: str = field(default="", compare=False)


NONE = Settings()
NO_TABLE = TableSettings()
NO_COLUMN = ColumnSettings()


def read(path: str | PathLike[str]) -> Settings:
    """The settings of a file. Raises Unusable, with the line."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise Unusable(f"the settings {path} cannot be read: {error.strerror}") from None
    if len(body) > LARGEST:
        raise Unusable(f"the settings {path} are larger than {LARGEST:,} bytes")
    return parse(body, str(path))


def parse(body: bytes | str, source: str = "settings") -> Settings:
    """The settings of a YAML text; source is its name in errors. Raises Unusable, with the line."""
    try:
        node = yaml.compose(body, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unusable(f"{source}{line}: {error.problem or 'is no YAML'}") from None
    except (yaml.YAMLError, RecursionError, UnicodeError):
        raise Unusable(f"{source} is no YAML") from None
    return Settings(where=f"{source}, line 1") if node is None else _record(Settings, node, source)


def nearest(name: str, names: Iterable[str]) -> str:
    """The names to tell in place of an unknown one."""
    names = sorted(names)
    close = get_close_matches(name, names, 3, 0.5)
    shown = ", ".join(map(repr, close or names[:MOST_TOLD])) + (", …" if not close and names[MOST_TOLD:] else "")
    return f"did you mean {shown}?" if close else f"there is {shown}" if shown else "there is none"


def _record(class_: type[T], node: yaml.Node, source: str) -> T:
    """A mapping as an instance of one of the classes above."""
    words = {field.name: field for field in fields(class_) if not field.name.endswith("where")}  # type: ignore[arg-type]
    values: dict[str, Any] = {"where": _where(node, source)}
    for name, key, value in _pairs(node, source):
        if name not in words:
            raise Unusable(f"{_where(key, source)}: {name!r} is no word of settings; {nearest(name, words)}")
        values[name] = _READERS[name](value, source) if name in _READERS else _text(value, source)
        if name == "sort":
            values["sort_where"] = _where(key, source)
    return _several(class_, values)


def _several(class_: type[T], values: dict[str, Any]) -> T:
    for name, inner in (("tables", TableSettings), ("columns", ColumnSettings)):
        if name in values:
            values[name] = {key: _record(inner, node, source) for key, node, source in values[name]}
    return class_(**values)


def _entries(node: yaml.Node, source: str) -> list[tuple[str, yaml.Node, str]]:
    return [(name, value, source) for name, _, value in _pairs(node, source)]


def _pairs(node: yaml.Node, source: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """The names of a mapping, with their nodes and those of their values. Raises Unusable."""
    if _is_null(node):
        return []
    if not isinstance(node, yaml.MappingNode):
        raise Unusable(f"{_where(node, source)}: names with values are needed here, such as `title: Books`")
    named = [(_text(key, source), key, value) for key, value in node.value]
    seen: set[str] = set()
    for name, key, _ in named:
        if name in seen:
            raise Unusable(f"{_where(key, source)}: {name!r} is there twice")
        seen.add(name)
    return named


def _text(node: yaml.Node, source: str) -> str:
    """A text, or a number as it is written."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:binary":
        raise Unusable(f"{_where(node, source)}: a text is needed here")
    return "" if _is_null(node) else str(node.value).strip()


def _truth(node: yaml.Node, source: str) -> bool:
    text = node.value.lower() if isinstance(node, yaml.ScalarNode) else ""
    if text not in ("true", "false", "yes", "no"):
        raise Unusable(f"{_where(node, source)}: true or false is needed here")
    return text in ("true", "yes")


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _where(node: yaml.Node, source: str) -> str:
    return f"{source}, line {node.start_mark.line + 1}"


_READERS: dict[str, Callable[[yaml.Node, str], Any]] = {"omit": _truth, "tables": _entries, "columns": _entries}
