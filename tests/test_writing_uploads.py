"""Uploads read for a table: many values at a time as one by one, in memory that does not grow with them."""

import tracemalloc
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from ids import named

from negotiate_api.publish.databases import engines, transactions
from negotiate_api.publish.schema import kinds
from negotiate_api.publish.schema.reflection import reflect
from negotiate_api.publish.schema.tables import Column, Table
from negotiate_api.publish.writing import bulk, changes
from negotiate_api.publish.writing.batches import Mode, Writing
from negotiate_api.publish.writing.incoming import Incoming
from negotiate_api.publish.writing.report import Report
from negotiate_api.publish.writing.seen import token
from representations.slices import grouped

KINDS = {
    "text": kinds.text(3),
    "whole": kinds.whole(-100, 100),
    "long": kinds.WHOLE,
    "number": kinds.NUMBER,
    "date": kinds.DATE,
    "truth": kinds.BOOLEAN,
    "bytes of text": kinds.text(None, 8),
    "exact": kinds.EXACT,
    "placed": kinds.PLACED,
    "decimal": kinds.decimal(8, 2),
    "moment": kinds.DATE_TIME_WITH_ZONE,
    "UUID": kinds.UUID_,
    "value": kinds.ANY,
    "JSON": kinds.JSON,
    "year, as MariaDB has it": replace(kinds.whole(), read=kinds.whole(1901, 2155).read, bounds=None),
}

TEXTS = (
    "",
    "abc",
    "abcd",
    "1",
    "01",
    "-1",
    "101",
    "1.0",
    " 1",
    "１",
    "9" * 19,
    "2024-02-30",
    "2024-02-29",
    "true",
    "é",
    "\0",
    "-0",
    "-0.0",
    ".5",
    "1.5",
    "1.50",
    "1e3",
    "1e400",
    "0.1234567890123456789",
    "12345678901234.5",
    "1,2",
    "1\n",
    "null",
    "NaN",
    "1_0",
    str(2**63),
    str(-(2**63)),
    "2024-02-29T12:00Z",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "\ud800",
    "x" * 50,
)
NUMBERS = (0, 1, -1, 101, 1.0, 1.5, -0.0, 1e17, 2**53 + 1, 2**70, float("nan"), float("inf"), Decimal("1.10"))
VALUES = st.none() | st.sampled_from([*TEXTS, *NUMBERS, True, [1], {"a": 1}, b"x", date(2024, 1, 1)])
LISTS = st.one_of(
    st.lists(some, min_size=1, max_size=5)
    for some in (VALUES, st.none() | st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(["1", "2.5"]))
)


REFUSED = (ValueError, OverflowError, ArithmeticError)


def one_by_one(kind, values):
    return [None if value is None else kind.read(value) for value in values]


@pytest.mark.parametrize("name", KINDS)
@given(values=LISTS)
def test_many_values_are_read_as_one_by_one(name, values):
    kind = KINDS[name]
    many = bulk.reader(kind, kind.read)
    try:
        expected = one_by_one(kind, values)
    except REFUSED:
        for _ in range(2):
            with pytest.raises(REFUSED):
                many(values)
        return
    assert [repr(list(many(values))) for _ in range(2)] == [repr(expected)] * 2


def table_of(*columns, key=("id",)):
    source = sa.Table("things", sa.MetaData(), *(column.source for column in columns))
    return Table("things", source, columns, key, writable=True)


ID = Column("id", sa.Column("id", sa.Integer, primary_key=True), kinds.WHOLE, nullable=False)
NAME = Column("name", sa.Column("name", sa.String), kinds.TEXT)


class Counted:
    """An upload of many rows, which are made as they are read."""

    tabular = True

    def __init__(self, count):
        self.count = count

    def slices(self, uneven=None):
        numbers = range(1, self.count + 1)
        return grouped((number + 1, {"id": str(number), "name": f"name {number} {'x' * 80}"}) for number in numbers)


class Publication:
    confirm = staticmethod(lambda: None)

    def __init__(self, engine):
        self.engine = engine


@pytest.mark.parametrize("mode", [Mode.INSERT, Mode.MERGE, Mode.REPLACE], ids=lambda mode: mode.value)
def test_memory_does_not_grow_with_an_upload(tmp_path, mode):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'things.db'}")
    engines.adopt(engine)
    table = table_of(
        Column("id", sa.Column("id", sa.Integer, primary_key=True), kinds.WHOLE, nullable=False),
        Column("name", sa.Column("name", sa.String), kinds.TEXT),
    )
    table.source.create(engine)

    def peak(count):
        tracemalloc.start()
        with transactions.transaction(Publication(engine), keep=False) as connection:
            report = Report(steps=True)
            writing = Writing(connection, table, Counted(count), mode, report)
            if mode is Mode.REPLACE:
                writing.remove_missing()
            writing.write()
            assert report.counts["added"] == count
            report.close()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(10_000) < 3 * 1024**2  # of which the spool's is one; the rows would take 5


def test_records_of_changing_names_are_read_in_their_order():
    table = table_of(ID, NAME)
    records = [
        (1, {"id": 1}),
        (2, {"name": "x", "id": 2}),
        (3, {"id": 3, "name": None}),
        (4, {"id": "x"}),
        (5, {"id": 5}),
    ]
    rejected = []
    entries = list(Incoming(table).entries(records, lambda line, record, problems: rejected.append(line)))
    assert [(entry.line, entry.named()) for entry in entries] == [
        (1, {"id": 1}),
        (2, {"name": "x", "id": 2}),
        (3, {"id": 3, "name": None}),
        (5, {"id": 5}),
    ]
    assert rejected == [4]


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        (kinds.DECIMAL, ["1.10"], ["1.1"], True),
        (kinds.DECIMAL, [f"{10**30}.1"], [f"{10**30}.2"], False),
        (kinds.DECIMAL, ["100"], ["1"], False),
        (kinds.DECIMAL, ["-0.0"], ["0"], True),
        (kinds.DATE_TIME_WITH_ZONE, ["2024-01-01T12:00:00Z"], ["2024-01-01T13:00:00+01:00"], True),
        (kinds.TEXT, ["a", "b"], ["a,b", ""], False),
    ],
    ids=["decimal", "long", "hundred", "nought", "moment", "pair"],
)
def test_keys_are_told_apart_by_what_they_mean(kind, one, other, same):
    assert (token(map(kind.read, one)) == token(map(kind.read, other))) is same


@pytest.mark.parametrize(
    ("kind", "old", "new", "same"),
    [
        (kinds.DECIMAL, Decimal("1.10"), Decimal("1.1"), True),
        (kinds.DECIMAL, 1, Decimal("1.0"), True),
        (kinds.BOOLEAN, 1, True, True),
        (kinds.UUID_, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), True),
        (kinds.BINARY, memoryview(b"x"), b"x", True),
        (kinds.INTERVAL, timedelta(days=1), kinds.INTERVAL.read("P1D"), True),
        (kinds.JSON, {"a": 1.0, "b": [True]}, {"b": [True], "a": 1}, True),
        (kinds.JSON, [True], [1], False),
        (kinds.JSON, {"a": None}, {}, False),
        (kinds.TEXT, "", None, False),
        (kinds.TEXT, "1", "01", False),
        (kinds.NUMBER, float("nan"), None, True),
        (kinds.NUMBER, 1.0, None, False),
        (kinds.DATE_TIME, datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 1), False),
    ],
    ids=named,
)
def test_values_are_compared_by_what_they_mean(kind, old, new, same):
    assert changes.is_same(kind, old, new) is same


def test_a_field_that_reads_as_the_export_wrote_it_is_untouched():
    assert changes.is_same(kinds.JSON, 5, "5", given="5", tabular=True)
    assert not changes.is_same(kinds.JSON, 5, "6", given="6", tabular=True)
    assert not changes.is_same(kinds.JSON, 5, "5", given="5")


def written(engine, mode, *batches):
    """The counts after an upload of CSV's records, each with the line of its number."""
    table = reflect(engine)["things"]
    with engine.begin() as connection:
        report = Report()
        Writing(connection, table, Tabular(batches), mode, report).write()
    return {action: count for action, count in report.counts.items() if count}


class Tabular:
    """The part of an Upload that is read: records of text."""

    tabular = True

    def __init__(self, records):
        self.all = records

    def slices(self, uneven=None):
        return grouped(enumerate(self.all, 2))


@pytest.mark.parametrize("nulls", [{"every": 1}, {"every": 3}], ids=["all", "a third"])
def test_rows_without_a_key_are_numbered(tmp_path, nulls):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'things.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"))
    keys = [None if number % nulls["every"] == 0 else str(number * 1000) for number in range(60)]
    records = [{"id": key, "name": f"n{number}"} for number, key in enumerate(keys)]
    assert written(engine, Mode.INSERT, *records) == {"added": 60}
    with engine.begin() as connection:
        found = connection.execute(sa.text("SELECT id, name FROM things")).all()
    given = {f"n{number}": int(key) for number, key in enumerate(keys) if key}
    assert {name for _, name in found} == {record["name"] for record in records}
    assert {name: key for key, name in found if name in given} == given


@pytest.mark.parametrize("key", ["id", "id, day", "day, note"])
@pytest.mark.parametrize("count", [3, 101, 700])
def test_many_rows_are_compared_with_those_that_are_stored(tmp_path, key, count):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'things.db'}")
    columns = "id INTEGER NOT NULL, day DATE NOT NULL, price NUMERIC(8,2), note TEXT NOT NULL, at DATETIME"
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE things ({columns}, PRIMARY KEY ({key}))"))
    days = [f"2024-{number % 12 + 1:02}-01" for number in range(count)]
    rows = [
        {"id": str(number), "day": day, "price": f"{number}.50", "note": f"n{number}", "at": f"{day} 12:00:00"}
        for number, day in enumerate(days)
    ]
    assert written(engine, Mode.INSERT, *rows) == {"added": count}
    assert written(engine, Mode.MERGE, *rows) == {"unchanged": count}
    other = {**rows[1], "price": "7.25", "at": None}
    added = {**rows[0], "id": str(count), "note": "new"}
    counts = {"added": 1, "changed": 1, "unchanged": count - 1}
    assert written(engine, Mode.MERGE, rows[0], other, *rows[2:], added) == counts
    assert written(engine, Mode.MERGE, rows[0], other, *rows[2:], added) == {"unchanged": count + 1}


STORED = st.one_of(
    st.none(),
    st.sampled_from([0, 1, 1.0, True, 1.5, "a", "1", "", date(2024, 1, 1), [1], {"a": 1}]),
    st.builds(float, st.just("nan")),
)


@given(st.lists(st.tuples(STORED, STORED, STORED, STORED, st.booleans()), min_size=1, max_size=6))
def test_rows_that_do_not_differ_have_the_same_values(pairs):
    rows = [None if is_new else (None, first, second) for first, second, *_, is_new in pairs]
    columns = [[third for _, _, third, _, _ in pairs], [fourth for _, _, _, fourth, _ in pairs]]
    differ = changes.differing(columns, rows, (2, 1))

    for row, new, is_other in zip(rows, zip(*columns, strict=True), differ, strict=True):
        if not is_other:
            assert changes.is_same(kinds.OTHER, row[2], new[0])
            assert changes.is_same(kinds.OTHER, row[1], new[1])
