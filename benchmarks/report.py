"""docs/performance.md and its chart, made from what the benchmarks have kept: python -m benchmarks.report

A table is between <!-- NAME --> and <!-- end -->, where NAME is that of a file in benchmarks/results/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import chart, concurrency, dialects, exports, growth, results, servers, stages, table

DOCS = Path(__file__).resolve().parent.parent / "docs"

TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "exports": exports.table,
    "requests": lambda found: "\n".join([table.HEAD, *found["lines"]]),
    "stages": stages.table,
    "growth": growth.table,
    "dialects": dialects.table,
    "concurrency": concurrency.table,
    "servers": servers.table,
    "uploads": lambda found: results.markdown(tuple(found["head"]), [tuple(line) for line in found["lines"]]),
}


def filled(text: str) -> str:
    """The text with the tables of the last runs; what was never kept stays as it is."""
    return re.sub(r"(?s)<!-- (\w+) -->\n.*?<!-- end -->", lambda match: _block(match[1]) or match[0], text)


def _block(name: str) -> str:
    if not results.kept(name):
        return ""
    found = results.load(name)
    return f"<!-- {name} -->\n{TABLES[name](found)}\n\nOn {found['machine']}.\n<!-- end -->"


def main() -> None:
    page = DOCS / "performance.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "exports.svg").write_text(chart.chart(results.load("exports")), encoding="utf-8")


if __name__ == "__main__":
    main()
