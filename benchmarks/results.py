"""What a run found, kept in benchmarks/results/ as JSON: docs/performance.md and its chart are made from it."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"

PACKAGES = (
    *("Flask", "Flask-RESTful", "SQLAlchemy", "msgspec", "gunicorn", "gevent", "apsw", "dicttoxml", "PyYAML"),
    *("Django", "djangorestframework", "fastapi", "uvicorn", "orjson", "datasette", "roapi", "granian", "waitress"),
)


def save(name: str, **found: Any) -> None:
    """Keep what was found, and on what."""
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), **found}, indent=1, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def kept(name: str) -> bool:
    """Whether anything was."""
    return (FOLDER / f"{name}.json").exists()


def load(name: str) -> dict[str, Any]:
    """What was kept last."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def machine() -> str:
    """What it runs on, in a line."""
    information = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", information, re.MULTILINE)
    processor = re.sub(r"\((R|TM)\)", "", model[1]) if model else platform.machine()
    kernel = platform.release().partition("-")[0]
    return f"{os.cpu_count()} × {processor}, Linux {kernel}, Python {platform.python_version()}"


def versions() -> str:
    """What is compared, in a line."""
    found = [_sqlite()]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table; all columns but the first are of figures."""
    return "\n".join(map(line, [head, ("---", *("--:" for _ in head[1:])), *rows]))


def line(cells: tuple[str, ...]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def _sqlite() -> str:
    told = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout
    return f"sqlite3 {told.split()[0]}"
