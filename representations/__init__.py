"""Formats, one module each; base.Representation says what a format is, data.py what each value becomes."""

from .base import Malformed, Representation, Unrepresentable
from .csv import CSV, TSV
from .html import HTML
from .json import JSON
from .markdown import Markdown
from .metadata import PLAIN, Alternate, Heading, Metadata, Page
from .msgpack import MessagePack
from .ndjson import NDJSON
from .rows import Part, Record, Rows, RowsConsumed, rows_or_list
from .xml import XML
from .yaml import YAML

DEFAULTS: tuple[type[Representation], ...] = (JSON, NDJSON, CSV, TSV, XML, YAML, MessagePack, Markdown, HTML)
"""In server preference order: who accepts anything gets the first, and HTML, the last, only who names it."""

__all__ = [
    "CSV",
    "DEFAULTS",
    "HTML",
    "JSON",
    "NDJSON",
    "PLAIN",
    "TSV",
    "XML",
    "YAML",
    "Alternate",
    "Heading",
    "Malformed",
    "Markdown",
    "MessagePack",
    "Metadata",
    "Page",
    "Part",
    "Record",
    "Representation",
    "Rows",
    "RowsConsumed",
    "Unrepresentable",
    "rows_or_list",
]
