"""Formats, one module each; base.Representation says what a format is, data.py what each value becomes."""

from .base import PLAIN, Alternate, Malformed, Metadata, Page, Representation, Rows, RowsConsumed, Unrepresentable, rows_or_list
from .csv import CSV, TSV
from .json import JSON
from .ndjson import NDJSON
from .xml import XML

DEFAULTS: tuple[type[Representation], ...] = (JSON, NDJSON, CSV, TSV, XML)
"""In server preference order: a client that accepts anything gets the first, and HTML, the last, only when it names it."""

__all__ = [
    "CSV",
    "DEFAULTS",
    "JSON",
    "NDJSON",
    "PLAIN",
    "TSV",
    "XML",
    "Alternate",
    "Malformed",
    "Metadata",
    "Page",
    "Representation",
    "Rows",
    "RowsConsumed",
    "Unrepresentable",
    "rows_or_list",
]
