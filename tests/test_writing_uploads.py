"""Uploads read for a table: many values at a time as one by one, in memory that does not grow with them."""

import tracemalloc
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from ids import named

from negotiate_api.publish.databases import engines, transactions
from negotiate_api.publish.schema import kinds
from negotiate_api.publish.schema.tables import Column, Table
from negotiate_api.publish.writing import bulk, changes
from negotiate_api.publish.writing.batches import Mode, Writing
from negotiate_api.publish.writing.incoming import Incoming
from negotiate_api.publish.writing.report import Report
from negotiate_api.publish.writing.seen import token

KINDS = {
    "text": kinds.text(3),
    "whole": kinds.whole(-100, 100),
    "long": kinds.WHOLE,
    "number": kinds.NUMBER,
    "date": kinds.DATE,
    "truth": kinds.BOOLEAN,
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
)
VALUES = st.none() | st.sampled_from([*TEXTS, 1, 101, 1.0, True, 2**70, [1], {"a": 1}])


def one_by_one(kind, values):
    return [None if value is None else kind.read(value) for value in values]


@pytest.mark.parametrize("name", KINDS)
@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_many_values_are_read_as_one_by_one(name, values):
    kind = KINDS[name]
    try:
        expected = one_by_one(kind, values)
    except ValueError:
        with pytest.raises(ValueError):
            bulk.reader(kind, kind.read)(values)
        return
    found = list(bulk.reader(kind, kind.read)(values))
    assert (found, list(map(type, found))) == (expected, list(map(type, expected)))


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

    def records(self, uneven=None):
        for number in range(1, self.count + 1):
            yield number + 1, {"id": str(number), "name": f"name {number} {'x' * 80}"}


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
