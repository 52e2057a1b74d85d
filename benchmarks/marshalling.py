"""marshal against Flask-RESTful's, in one process: python -m benchmarks.marshalling [--rows N]

Ten fields of five types, one of them under another name, of dicts and of objects; the same with a nested object as one
of them; a table to a table; and one object alone. What the two tell is compared first. It prints a table in Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import flask_restful

from negotiate_api import Rows, fields, marshal

from .rounds import Ratio, compare

PLAIN = {
    "id": fields.Integer,
    "name": fields.String,
    "email": fields.String,
    "city": fields.String(attribute="town"),
    "rate": fields.Float,
    "age": fields.Integer,
    "height": fields.Float,
    "active": fields.Boolean,
    "seen": fields.DateTime(dt_format="iso8601"),
    "note": fields.String,
}
NESTED = {**PLAIN, "note": fields.Nested({"code": fields.String, "population": fields.Integer}, attribute="country")}


def person(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person {number}",
        "email": f"person.{number}@example.org",
        "town": "Åsgårdstrand",
        "rate": number / 7,
        "age": number % 100,
        "height": 1.5 + number % 50 / 100,
        "active": number % 2 == 0,
        "seen": datetime(2024, 1, 1) + timedelta(seconds=number),
        "note": None if number % 5 else "a note",
        "country": {"code": "NO", "population": 5_550_203},
    }


def as_object(record: dict[str, Any]) -> SimpleNamespace:
    values = {name: as_object(value) if isinstance(value, dict) else value for name, value in record.items()}
    return SimpleNamespace(**values)


def measured(data: Any, definition: Any) -> Ratio:
    assert marshal(data, definition) == flask_restful.marshal(data, definition)
    return compare(times(lambda: marshal(data, definition)), times(lambda: flask_restful.marshal(data, definition)))


def measured_table(dicts: list[dict[str, Any]], definition: Any) -> Ratio:
    """Tuples from Rows of tuples. Flask-RESTful needs a dict of each, and its own made a tuple again."""
    columns, tuples = tuple(dicts[0]), [tuple(record.values()) for record in dicts]

    def ours() -> list[Any]:
        return list(marshal(Rows(columns, tuples), definition).tuples())

    def theirs() -> list[Any]:
        records = [dict(zip(columns, row, strict=True)) for row in tuples]
        return [tuple(record.values()) for record in flask_restful.marshal(records, definition)]

    assert ours() == theirs()
    return compare(times(ours), times(theirs))


def times(work: Callable[[], Any]) -> Callable[[int], None]:
    def run(count: int) -> None:
        for _ in range(count):
            work()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    count = parser.parse_args().rows
    dicts = [person(number) for number in range(count)]
    objects = [as_object(record) for record in dicts]
    print(f"{count:,} objects of {len(PLAIN)} fields, as many times as fast as Flask-RESTful's\n")
    print("| what | times as fast | quartiles | µs an object | µs with Flask-RESTful's |")
    print("|---|--:|--:|--:|--:|")
    for name, data, definition in (
        ("dicts", dicts, PLAIN),
        ("objects", objects, PLAIN),
        ("dicts, one field nested", dicts, NESTED),
        ("objects, one field nested", objects, NESTED),
    ):
        report(name, measured(data, definition), count)
    report("Rows to tuples", measured_table(dicts, PLAIN), count)
    report("one dict", measured(dicts[1], PLAIN), 1)
    report("one object", measured(objects[1], PLAIN), 1)


def report(name: str, ratio: Ratio, count: int) -> None:
    low, high = ratio.quartiles
    ours, theirs = (seconds / count * 1e6 for seconds in (ratio.ours, ratio.theirs))
    print(f"| {name} | {ratio.median:.1f} | {low:.1f} to {high:.1f} | {ours:.2f} | {theirs:.2f} |", flush=True)


if __name__ == "__main__":
    main()
