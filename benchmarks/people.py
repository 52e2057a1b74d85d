"""What the benchmarks of requests serve: people of ten columns, in types that JSON has, and as programs have them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

SIZES = (25, 100)
"""Rows of the pages."""


def person(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person {number}",
        "email": f"person.{number}@example.org",
        "city": "Åsgårdstrand" if number % 3 else 'São Paulo, <Centro> & "Sé"',
        "balance": f"{number * 7919 % 100_000 / 100:.2f}",
        "rate": number / 7,
        "active": number % 2 == 0,
        "born": (date(1950, 1, 1) + timedelta(days=number)).isoformat(),
        "seen": (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=number)).isoformat(),
        "note": None if number % 5 else "a note\nof two lines",
    }


def record(number: int) -> dict[str, Any]:
    """The same person as a program has it, before anything is marshalled."""
    found = person(number)
    seen, city = datetime.fromisoformat(found["seen"]), {"name": found["city"], "country": "NO", "people": 420 + number}
    return {**found, "balance": float(found["balance"]), "city": city, "seen": seen, "secret": "not told"}


ITEM = person(1)
PAGES = {size: [person(number) for number in range(1, size + 1)] for size in SIZES}
RECORDS = {size: [record(number) for number in range(1, size + 1)] for size in SIZES}
