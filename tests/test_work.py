"""What answers cost, counted and not timed: calls a row, memory, statements of SQL a request."""

import sqlite3
import sys
import tracemalloc
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import event

from negotiate_api import Api
from negotiate_api.publish import publish
from representations import CSV, HTML, JSON, NDJSON, TSV, XML, YAML, Markdown, MessagePack, Rows

COLUMNS = ("id", "day", "carrier", "tail", "delay", "distance")
TYPES = (int, float, str, bytes, type(None))
FEW, MANY = 4000, 12_000

CALLS = {
    CSV(): (0.1, 6),
    TSV(): (0.1, 6),
    JSON(): (0.1, 0.1),
    NDJSON(): (0.1, 0.1),
    MessagePack(): (0.1, 3),
    XML(): (0.5, 0.6),
    YAML(): (0.3, 0.5),
    HTML(page_size=None): (0.3, 14),
    Markdown(): (0.1, 24),
}
"""What each format may call for a row, of functions in Python and in C: most only for a chunk of them; and where one
row of a hundred has a value of each kind that shortcuts may not write."""

every_format = pytest.mark.parametrize(
    ("representation", "most", "most_awkward"), [(one, *most) for one, most in CALLS.items()], ids=map(repr, CALLS)
)


def row(number):
    return number, f"2013-01-{number % 28 + 1:02}", ("UA", "AA", "B6")[number % 3], f"N{number}", None, number / 4


def awkward(number):
    return row(number) if number % 100 else (number, 'a, "b"\n', "<&>", "", float("nan"), 1e300)


def calls(work):
    """How many functions work() calls."""
    count = 0

    def note(frame, what, argument):
        nonlocal count
        count += what in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def a_row(work):
    """What work(rows) calls for each row more."""
    work(FEW)  # what is prepared once is there
    return (calls(lambda: work(MANY)) - calls(lambda: work(FEW))) / (MANY - FEW)


def writer(representation, make, **options):
    """What writes as many rows, which are there."""
    made = [list(map(make, range(start, start + 500))) for start in range(1, MANY, 500)]

    def write(count):
        rows = Rows(COLUMNS, made[: count // 500], count=count, batched=True, **options)
        for _ in representation.iter_encode(rows):
            pass

    return write


@every_format
def test_row_costs_few_calls(representation, most, most_awkward):
    assert a_row(writer(representation, row, types=TYPES)) <= most


@every_format
def test_row_of_any_types_costs_few_calls(representation, most, most_awkward):
    assert a_row(writer(representation, row)) <= most


@every_format
def test_awkward_rows_cost_a_bounded_number_of_calls(representation, most, most_awkward):
    assert a_row(writer(representation, awkward, types=TYPES)) <= most_awkward


def peak(work):
    """Bytes that work() holds at most, beside those that are held before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@every_format
def test_memory_does_not_grow_with_rows(representation, most, most_awkward):
    write = writer(representation, row, types=TYPES)
    write(FEW)
    assert peak(lambda: write(MANY)) < 1.3 * peak(lambda: write(FEW)) + 50_000


# From a database


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A client of a table's resources, and the engine that they ask."""
    path = tmp_path_factory.mktemp("work") / "flights.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE flights (id INTEGER PRIMARY KEY, day TEXT, carrier, tail, delay, distance)")
        connection.executemany("INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?)", map(row, range(1, MANY + 1)))
        connection.commit()
    app = Flask(__name__)
    api = Api(app)
    api.representation(HTML(page_size=None))
    publication = publish(api, f"sqlite:///{path}")
    yield app.test_client(), publication.engine
    publication.engine.dispose()


def read(client, url):
    with client.get(url) as response:
        assert response.status_code == 200, response.data
        for _ in response.response:
            pass


EXPORTS = {one.suffixes[0]: most for one, (most, _) in CALLS.items()}


@pytest.mark.parametrize(("suffix", "most"), EXPORTS.items(), ids=EXPORTS)
def test_row_of_an_export_costs_few_calls(service, suffix, most):
    client, _ = service
    fetched = 1.2  # SQLAlchemy hands on each
    assert a_row(lambda count: read(client, f"/data/flights.{suffix}?id__lte={count}")) <= most + fetched


STATEMENTS = {
    "/data/flights.csv": 2,
    "/data/flights.json": 2,
    "/data/flights.msgpack": 3,
    "/data/flights.html": 2,
    "/data/flights?limit=25": 2,
    "/data/flights?limit=25&after=500": 2,
    "/data/flights/7": 2,
    "/data/flights/7.html": 2,
}
"""Statements of SQL that a request may take, BEGIN among them, which is how SQLite's transactions begin."""


@pytest.mark.parametrize(("url", "most"), STATEMENTS.items(), ids=STATEMENTS)
def test_request_asks_few_statements(service, url, most):
    client, engine = service
    read(client, url)  # what is asked once is known
    asked = []
    event.listen(engine, "before_cursor_execute", note := lambda *call: asked.append(call[2]))
    try:
        read(client, url)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == most, asked
