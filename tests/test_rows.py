"""Rows, a table read once; the data model and flattening, as laws."""

import itertools
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID

import aniso8601
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from representations import CSV, Malformed, Rows, RowsConsumed, Unrepresentable, rows_or_list
from representations.base import CHUNK, chunked
from representations.data import MAX_DEPTH, check_depth, number, plain, text
from representations.table import cell_text, flatten, path, table, unflatten

COLUMNS = ("id", "name")
TUPLES = [(1, "Ada"), (2, "Grace"), (3, None)]
RECORDS = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}, {"id": 3, "name": None}]

generated = settings(max_examples=100, deadline=None, derandomize=True, database=None)


class Source:
    """TUPLES as an iterator that tells what was read of it and whether it was closed; fails after so many."""

    def __init__(self, fails_after=None):
        self.items = iter(TUPLES)
        self.fails_after = fails_after
        self.read = 0
        self.closed = False

    def __iter__(self):
        return self

    def __next__(self):
        if self.read == self.fails_after:
            raise LookupError("the source is gone")
        item = next(self.items)
        self.read += 1
        return item

    def close(self):
        self.closed = True


# Two views of one table

MAKERS = {
    "list of tuples": lambda: Rows(COLUMNS, TUPLES),
    "iterator of tuples": lambda: Rows(iter(COLUMNS), iter(TUPLES)),
    "callable": lambda: Rows(list(COLUMNS), lambda: TUPLES),
    "callable with a generator": lambda: Rows(COLUMNS, lambda: (values for values in TUPLES)),
    "lists of tuples": lambda: Rows(COLUMNS, [TUPLES[:1], [], TUPLES[1:]], batched=True),
    "callable with lists": lambda: Rows(COLUMNS, lambda: iter([TUPLES[:2], TUPLES[2:]]), batched=True),
    "dicts": lambda: Rows.of(RECORDS),
    "iterator of dicts": lambda: Rows.of(iter(RECORDS)),
    "dicts in another order": lambda: Rows.of([RECORDS[0], *(OrderedDict(reversed(r.items())) for r in RECORDS[1:])]),
    "iterator of mappings": lambda: rows_or_list(OrderedDict(record) for record in RECORDS),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every_maker
def test_rows_are_tuples_in_the_order_of_columns(make):
    rows = make()
    assert rows.columns == COLUMNS
    assert list(rows.tuples()) == TUPLES


@every_maker
def test_rows_are_dicts(make):
    assert [dict(record) for record in make().dicts()] == RECORDS


@every_maker
@pytest.mark.parametrize("first", [Rows.tuples, Rows.dicts], ids=["tuples", "dicts"])
@pytest.mark.parametrize("second", [Rows.tuples, Rows.dicts, Rows.start], ids=["tuples", "dicts", "start"])
def test_rows_are_read_once(make, first, second):
    rows = make()
    first(rows)
    with pytest.raises(RowsConsumed):
        second(rows)


def test_rows_of_nothing_have_no_columns():
    rows = Rows.of([])
    assert rows.columns == ()
    assert list(rows.dicts()) == []
    assert list(Rows.of(iter(())).tuples()) == []


@pytest.mark.parametrize(
    "record",
    [{"id": 2, "name": "x", "more": 1}, {"id": 2, "Name": "x"}],
    ids=",".join,
)
def test_dict_with_a_key_that_the_first_has_not_has_no_place_in_tuples(record):
    tuples = Rows.of([RECORDS[0], record]).tuples()
    assert next(tuples) == TUPLES[0]
    with pytest.raises(Unrepresentable, match="row 2 has the columns"):
        next(tuples)


def test_key_that_a_dict_lacks_is_none_in_tuples():
    assert list(Rows.of([{"id": 1, "name": "x"}, {"name": "y"}, {}]).tuples()) == [(1, "x"), (None, "y"), (None, None)]


def test_dicts_may_have_other_keys_than_the_first():
    assert list(Rows.of([{"a": 1}, {"b": 2}]).dicts()) == [{"a": 1}, {"b": 2}]


# Reading is put off, and starts where it is told to


def test_callable_is_not_called_before_the_first_row_is_wanted():
    calls = []
    rows = Rows(COLUMNS, lambda: calls.append(1) or TUPLES)
    tuples = rows.tuples()
    assert calls == []
    assert next(tuples) == TUPLES[0]
    assert calls == [1]


def test_rows_are_read_as_they_are_wanted():
    source = Source()
    tuples = Rows(COLUMNS, source).tuples()
    assert source.read == 0
    next(tuples)
    assert source.read == 1


@every_maker
def test_start_loses_no_row(make):
    rows = make()
    rows.start()
    rows.start()
    assert list(rows.tuples()) == TUPLES


def test_start_reads_one_row():
    source = Source()
    Rows(COLUMNS, source).start()
    assert source.read == 1


def test_start_of_no_rows_gives_no_rows():
    rows = Rows(COLUMNS, [])
    rows.start()
    assert list(rows.tuples()) == []


@pytest.mark.parametrize("make", [Source, lambda n: lambda: Source(n)], ids=["iterator", "callable"])
def test_start_raises_the_error_of_the_source(make):
    with pytest.raises(LookupError, match="gone"):
        Rows(COLUMNS, make(0)).start()


def test_error_after_the_start_is_raised_by_the_reader():
    rows = Rows(COLUMNS, Source(fails_after=2))
    rows.start()
    tuples = rows.tuples()
    assert [next(tuples), next(tuples)] == TUPLES[:2]
    with pytest.raises(LookupError):
        next(tuples)


def test_rows_of_a_failing_source_of_dicts_raise_its_error():
    with pytest.raises(LookupError):
        Rows.of(Source(fails_after=0))


# Part of the rows

SLICES = [(0, 0), (0, 1), (1, 1), (0, 3), (2, 5), (3, 1), (9, 9)]
every_slice = pytest.mark.parametrize(("offset", "size"), SLICES, ids=[f"{o}+{s}" for o, s in SLICES])


@every_maker
@every_slice
def test_slice_gives_the_rows_after_offset(make, offset, size):
    part = make().slice(offset, size)
    assert part.columns == COLUMNS
    assert list(part.tuples()) == TUPLES[offset : offset + size]


@every_slice
def test_slice_of_dicts_gives_dicts(offset, size):
    assert list(Rows.of(RECORDS).slice(offset, size).dicts()) == RECORDS[offset : offset + size]


@every_slice
def test_slice_asks_the_window_where_there_is_one(offset, size):
    asked = []

    def window(offset, size):
        asked.append((offset, size))
        return iter(TUPLES[offset : offset + size])

    source = Source()
    part = Rows(COLUMNS, source, window=window).slice(offset, size)
    assert asked == []
    assert list(part.tuples()) == TUPLES[offset : offset + size]
    assert asked == [(offset, size)]
    assert source.read == 0


def test_slice_takes_the_place_of_the_rows():
    rows = Rows(COLUMNS, TUPLES)
    rows.slice(0, 1)
    with pytest.raises(RowsConsumed):
        rows.tuples()


def test_slice_reads_no_further_than_its_end():
    source = Source()
    list(Rows(COLUMNS, source).slice(0, 2).tuples())
    assert source.read == 2


@pytest.mark.parametrize("window", [None, lambda offset, size: TUPLES], ids=["read", "window"])
def test_slice_keeps_links(window):
    links = {"id": "/users/{id}"}
    rows = Rows(COLUMNS, TUPLES, links=links, window=window)
    links.clear()
    assert rows.slice(0, 1).links == rows.links == {"id": "/users/{id}"}


# How many there are


def test_count_is_not_known_unless_told():
    assert Rows(COLUMNS, TUPLES).count is None


def test_count_is_the_number_told():
    assert Rows(COLUMNS, TUPLES, count=3).count == 3


def test_count_is_asked_for_when_it_is_wanted():
    asked = []
    rows = Rows(COLUMNS, TUPLES, count=lambda: asked.append(1) or 3)
    assert asked == []
    assert rows.count == 3
    assert asked == [1]


# Letting go


def generator(closed):
    try:
        yield from TUPLES
    finally:
        closed.append(True)


STAGES = {
    "started": lambda rows: rows.start(),
    "read in part": lambda rows: next(rows.tuples()),
    "read in part as dicts": lambda rows: next(rows.dicts()),
}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize("make", [generator, lambda closed: lambda: generator(closed)])
def test_close_closes_a_generator_once(stage, make):
    closed = []
    rows = Rows(COLUMNS, make(closed))
    stage(rows)
    assert closed == []
    rows.close()
    rows.close()
    assert closed == [True]


def test_close_closes_a_generator_of_dicts():
    closed = []
    rows = Rows.of(dict(zip(COLUMNS, values, strict=True)) for values in generator(closed))
    rows.close()
    del rows
    assert closed == [True]


def test_close_closes_a_generator_that_rows_or_list_has_begun():
    def records():
        try:
            yield from RECORDS
        finally:
            closed.append(True)

    closed = []
    rows = rows_or_list(records())
    rows.close()
    assert closed == [True]


def test_close_does_not_call_a_callable_that_was_not_called():
    calls = []
    rows = Rows(COLUMNS, lambda: calls.append(1) or TUPLES)
    tuples = rows.tuples()
    rows.close()
    assert list(tuples) == []
    assert calls == []


def test_close_closes_a_source_that_has_been_sliced():
    source = Source()
    Rows(COLUMNS, source).slice(1, 1).close()
    assert source.closed


def test_close_closes_a_cursor():
    source = Source()
    rows = Rows(COLUMNS, source)
    list(rows.tuples())
    rows.close()
    assert source.closed


def test_closed_rows_cannot_be_read():
    rows = Rows(COLUMNS, TUPLES)
    rows.close()
    with pytest.raises(RowsConsumed):
        rows.tuples()


# What an iterator gives


@pytest.mark.parametrize("items", [[], [1, 2], [None], [(1, 2)], ["a"], [[{"a": 1}]]], ids=repr)
def test_iterator_of_no_mappings_is_a_list(items):
    assert rows_or_list(iter(items)) == items


def test_iterator_of_mappings_is_read_as_it_is_wanted():
    read = itertools.count()
    rows = rows_or_list({"n": next(read)} for _ in itertools.count())
    assert rows.columns == ("n",)
    assert list(itertools.islice(rows.dicts(), 3)) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert next(read) == 3


# Chunks


@pytest.mark.parametrize("length", [4, 100, 2_000, CHUNK])
def test_chunks_hold_all_items_in_order_in_about_64_kilobytes(length):
    chunks = list(chunked(iter(range(3000)), lambda items: b"".join(b"%*d" % (length, item) for item in items)))
    assert [int(digits) for chunk in chunks for digits in pieces(chunk, length)] == list(range(3000))
    assert max(map(len, chunks[1:])) <= max(CHUNK, length)


def pieces(chunk, length):
    return [chunk[at : at + length] for at in range(0, len(chunk), length)]


def test_chunks_of_nothing_are_none():
    assert list(chunked(iter(()), bytes)) == []


@given(lengths=st.lists(st.integers(0, 5), max_size=300))
@generated
def test_chunks_of_items_written_as_nothing_are_right_too(lengths):
    items = [b"x" * length for length in lengths]
    assert b"".join(chunked(iter(items), b"".join)) == b"".join(items)


# The data model, as laws


class Colour(Enum):
    RED = "red"


@dataclass
class Place:
    name: object


HASHABLE = st.one_of(
    *(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters()),
        st.uuids(),
        st.decimals(allow_nan=False),
    ),
    *(st.dates(), st.datetimes(timezones=st.none() | st.just(UTC)), st.times(), st.timedeltas(), st.binary()),
    *(st.fractions(), st.just(Colour.RED)),
)
ATOMS = HASHABLE | st.binary().map(bytearray) | st.just(Decimal("sNaN"))
KEYS = st.text(max_size=5) | st.integers(0, 3) | st.sampled_from([None, True, "1", "1~2", "null", 1.5, (1, 2)])
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        inner.map(Place),
        st.frozensets(HASHABLE, max_size=3),
    ),
    max_leaves=10,
)
PLAIN_ATOMS = (type(None), bool, int, float, Decimal, str)


def is_plain(data):
    if type(data) is dict:
        return all(type(key) is str and is_plain(value) for key, value in data.items())
    if type(data) is list:
        return all(map(is_plain, data))
    finite = data.is_finite() if type(data) is Decimal else type(data) is not float or abs(data) != float("inf")
    return type(data) in PLAIN_ATOMS and finite and data == data  # noqa: PLR0124 - NaN


@given(value=VALUES)
@generated
def test_plain_data_is_of_few_types(value):
    assert is_plain(plain(value))


@given(value=VALUES)
@generated
def test_plain_data_stays_as_it_is(value):
    data = plain(value)
    assert plain(data) == data


@given(value=st.dictionaries(KEYS, st.integers(), max_size=8))
@generated
def test_plain_mapping_loses_no_key(value):
    assert list(plain(value).values()) == list(value.values())


@given(value=VALUES)
@generated
def test_plain_data_is_not_changed_in_place(value):
    before = repr(value)
    plain(value)
    assert repr(value) == before


@given(value=st.timedeltas())
@generated
def test_duration_has_every_microsecond(value):
    written = plain(value)
    parsed = aniso8601.parse_duration(written.removeprefix("-"))
    assert (-parsed if written.startswith("-") else parsed) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (timedelta(minutes=-90), "-PT1H30M"),
        (timedelta(days=-1, microseconds=1), "-PT23H59M59.999999S"),
        (timedelta(seconds=10), "PT10S"),
        (timedelta(microseconds=500_000), "PT0.5S"),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), "2024-02-29T12:30:00+00:00"),
        (date(2024, 2, 29), "2024-02-29"),
        (time(12, 30, 0, 1), "12:30:00.000001"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\x00\xff", "AP8="),
        (Colour.RED, "red"),
        ({3, 1, 2}, [1, 2, 3]),
        (float("nan"), None),
        (Decimal("Infinity"), None),
    ],
    ids=repr,
)
def test_value_is_written_as(value, written):
    assert plain(value) == written


def test_bytes_are_left_to_formats_that_hold_them():
    assert plain([b"a", bytearray(b"b"), memoryview(b"c")], binary=True) == [b"a", b"b", b"c"]


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1E+3"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E-100"), "1E-100"),
        (Decimal("-0.0"), "-0.0"),
        (10**30, "1" + "0" * 30),
        (10**5000, "1" + "0" * 5000),
        (-(10**5000), "-1" + "0" * 5000),
        (10**30_000, "1" + "0" * 30_000),
        (0.1, "0.1"),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_number_has_every_digit(value, digits):
    assert number(value) == digits


@given(
    value=st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
@generated
def test_number_is_read_back_as_itself(value):
    assert type(value)(number(value)) == value


@pytest.mark.parametrize("wrap", [lambda data: [1, data], lambda data: {"b": 1, "a": data}], ids=["list", "dict"])
@pytest.mark.parametrize("levels", [0, 1, MAX_DEPTH, MAX_DEPTH + 1, 100_000])
def test_depth_is_checked(levels, wrap):
    data = "leaf"
    for _ in range(levels):
        data = wrap(data)
    if levels <= MAX_DEPTH:
        assert check_depth(data) is data
    else:
        with pytest.raises(Malformed):
            check_depth(data)


# Tables, as laws

LEAVES = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.just({})
NAMES = st.text(max_size=3) | st.text("ab.\\", max_size=4)
NESTED = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=4),
    lambda inner: st.dictionaries(NAMES, LEAVES | inner, max_size=4),
    max_leaves=8,
)


@given(record=NESTED)
@generated
def test_unflatten_is_the_inverse_of_flatten(record):
    assert unflatten(flatten(record)) == record


@given(record=NESTED)
@generated
def test_flat_record_has_nothing_nested_but_lists_and_empty_mappings(record):
    assert all(not isinstance(value, dict) or value == {} for value in flatten(record).values())


@given(keys=st.lists(NAMES, min_size=1, max_size=5))
@generated
def test_path_of_a_column_is_the_keys_that_lead_to_it(keys):
    record = 1
    for key in reversed(keys):
        record = {key: record}
    (column,) = flatten(record)
    assert path(column) == keys


@given(columns=st.lists(st.text("ab.\\", max_size=6) | st.text(), unique=True, max_size=6), value=st.text() | st.none())
@generated
def test_any_columns_are_unflattened_or_malformed(columns, value):
    try:
        record = unflatten(dict.fromkeys(columns, value))
    except Malformed:
        assert value is not None or len({tuple(path(column)) for column in columns}) < len(columns)
    else:
        assert all(type(key) is str for key in record)


@given(records=st.lists(NESTED, min_size=1, max_size=4))
@generated
def test_table_has_null_for_what_a_record_has_not(records):
    columns, rows = table(records)
    for record, row in zip(records, rows, strict=True):
        flat = flatten(record)
        assert dict(zip(columns, row, strict=True)) == {column: flat.get(column) for column in columns}


@given(records=st.lists(NESTED, min_size=1, max_size=4))
@generated
def test_value_beside_mappings_is_read_back(records):
    """A column may hold values where other records have columns below it: {"a": 1} beside {"a": {"b": 2}}."""
    columns, rows = table(records)
    for record, row in zip(records, rows, strict=True):
        back = flatten(unflatten(dict(zip(columns, row, strict=True))))
        assert {k: v for k, v in back.items() if v is not None} == {
            k: v for k, v in flatten(record).items() if v is not None
        }


@pytest.mark.parametrize(
    ("flat", "nested"),
    [
        ({"a": None, "a.b": None}, {"a": None}),
        ({"a.b": None, "a": None}, {"a": None}),
        ({"a": "1", "a.b": None}, {"a": "1"}),
        ({"a.b": None, "a": "1"}, {"a": "1"}),
        ({"a": None, "a.b": "1", "a.c": None}, {"a": {"b": "1", "c": None}}),
        ({"a.b": None, "a.c": "1", "a": None}, {"a": {"b": None, "c": "1"}}),
        ({"a": None, "a.b": None, "a.b.c": "1"}, {"a": {"b": {"c": "1"}}}),
        ({"a": None, "a.b": "1", "a.b.c": None}, {"a": {"b": "1"}}),
        ({"a.b": None}, {"a": {"b": None}}),
    ],
    ids=str,
)
def test_null_beside_columns_below_it_is_left_out(flat, nested):
    assert unflatten(flat) == nested


@pytest.mark.parametrize("flat", [{"a": "1", "a.b": "2"}, {"a.b": "2", "a": "1"}, {"a.b.c": "", "a": "1"}], ids=str)
def test_column_with_a_value_and_values_below_it_is_malformed(flat):
    with pytest.raises(Malformed, match="column 'a"):
        unflatten(flat)


def test_column_nested_too_deeply_is_malformed():
    assert unflatten({".".join("a" * (MAX_DEPTH - 1)): 1})
    with pytest.raises(Malformed, match="nested deeper"):
        unflatten({".".join("a" * MAX_DEPTH): 1})


def test_short_rows_of_deep_columns_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("representations.csv.MAX_NESTED", 50_000)
    header = ",".join(f"{n}" + ".a" * 60 for n in range(100))
    with pytest.raises(Malformed, match="more than 50000 nested"):
        CSV().decode(f"{header}\n".encode() + (b"," * 99 + b"\n") * 1000)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (True, "true"),
        (1.5, "1.5"),
        (Decimal("1.10"), "1.10"),
        ("a", "a"),
        ([1, {"a": None}], '[1,{"a":null}]'),
        ({}, "{}"),
        (float("nan"), None),
        (date(2024, 2, 29), "2024-02-29"),
        ([2**70, "\ud800"], f'[{2**70},"\ufffd"]'),
    ],
    ids=repr,
)
def test_text_of_a_cell(value, cell):
    assert cell_text(value) == cell
    assert cell is None or text(cell) == cell
