"""Slices of tables written by columns, in XML and YAML: the same bytes as a value at a time, and few calls."""

import sys
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from itertools import cycle, islice
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from representations import XML, YAML, Rows, Unrepresentable
from representations.rows import Record

FORMATS = [XML(), YAML()]
MANY = 24
"""Rows that are written by columns."""

generated = settings(max_examples=60, deadline=None, derandomize=True, database=None)
each_format = pytest.mark.parametrize("format", FORMATS, ids=["xml", "yaml"])


class Level(IntEnum):
    LOW = 1


class Ratio(Enum):
    HALF = 0.5
    TEXT = "null"
    NOTHING = None


class Name(str):
    pass


class Count(int):
    pass


class Size(float):
    pass


Point = namedtuple("Point", "x y")

TEXTS = [
    *("", " ", "a", "a ", " a", "Ada Lovelace", "no", "NO", "Null", "yes!", "infinity", "08", "1e3", "2020-01-01", "-"),
    *("a: b", "a:b", "a #b", "a\nb", "a\r\nb", "\ta", "a\0b", "\0", "\0\0", "a\x07", "\x7f", "\x85", "\xa0", "\xad"),
    *("<&>\"'", "]]>", '"', "\\", 'a","b', '\\","', "a,b", ",", '","', "\ufffd"),
    *("é", "日本", "ｆｕｌｌ", "😀", "\u2028", "\ufeff"),
    *("\ud800", "a\udc00b", "\ufffe", "\uffff", "%s", "{}", "null", "true", "x" * 300),
]
INTEGERS = [0, -1, 7, 2**63, -(2**63) - 1, 2**64, 10**30, 10**5000]
FLOATS = [0.0, -0.0, 0.1, 1.0, 1e15, 1e16, 1e-4, 1e-5, 1e-7, 2.5e-300, 5e-324, 1.5e300, float("nan"), float("-inf")]
DECIMALS = [Decimal(digits) for digits in ("0", "1.10", "-0.00", "1E+5", "1E-7", "0E-9", "NaN", "sNaN", "-Infinity")]
TIMES = [
    *(datetime(2020, 1, 2, 3, tzinfo=UTC), datetime(1, 1, 1, microsecond=1), date(2020, 1, 2), time(1, 2, 3)),
    *(datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=-3.5))), timedelta(days=1)),
]
OTHERS = [
    *(b"\xff", UUID(int=1), Level.LOW, *Ratio, Name("no"), Count(3), Size(0.5), Point(1, "a"), (1, 2), {3}),
    *([], {}, [1, [2]], {"a": {"b": "c: d"}}, {"a": [], "no": [{}]}, [[]], {1: "<", None: 2}),
]
POOLS = [TEXTS, INTEGERS, FLOATS, DECIMALS, TIMES, [True, False], [None], [*TEXTS, *INTEGERS, *FLOATS, *OTHERS]]

text = st.text(st.characters(exclude_categories=()), max_size=6)
values = [st.sampled_from(pool) for pool in POOLS]
values += [text, st.integers(), st.floats(), st.floats().map(lambda number: round(number, 2)), st.decimals()]
column = st.one_of([st.lists(value, min_size=1, max_size=5) for value in values])
column |= st.lists(st.one_of(values), min_size=1, max_size=5)
columns = st.dictionaries(text | st.sampled_from(TEXTS), column, min_size=1, max_size=4)


def one_by_one(format, records):
    """records as they are written where they are no table: within a mapping."""
    document = format.encode({"r": records})
    if isinstance(format, YAML):
        return document.removeprefix(b"r:\n")
    return document.replace(b'<r type="list">', b"", 1).removesuffix(b"</r></root>") + b"</root>"


def repeated(pools, count=MANY):
    """Rows in which each column holds the values of its pool again and again."""
    return list(zip(*(islice(cycle(pool), count) for pool in pools), strict=True))


def streamed(format, names, rows, **options):
    return b"".join(format.iter_encode(Rows(names, rows, **options)))


@given(table=columns)
@example(table={"a": TEXTS, "b": [None, *TEXTS], "c": ["Ada", "Grace"], "d": ["08", "09"], "%": ["a", None]})
@example(table={"a": INTEGERS, "b": [1, None], "c": [1, True], "d": [1, 1.5], "e": [None], "f": [Level.LOW, 2]})
@example(table={"a": FLOATS, "b": [0.5, None], "c": [1e-7, 0.5], "d": [float("nan"), 1], "e": [None, float("inf")]})
@example(table={"a": DECIMALS, "b": TIMES, "c": OTHERS, "d": [Decimal(1), None], "e": [1, *OTHERS], "f": [True, None]})
@example(table={"a": [",", "a"], "b": ["no", ","], "c": ['","', ',"', '",']})
@example(table={'"': [1], "\\": [2], "\n": [3], "%s": ["%s"], "{}": ["{}"], "": [""], "é 日": ["é 日"], "class": [4]})
@generated
@each_format
def test_columns_are_written_as_values_one_by_one_are(format, table):
    rows = repeated(table.values(), max(MANY, *map(len, table.values())))
    records = [dict(zip(table, row, strict=True)) for row in rows]
    document = one_by_one(format, records)
    assert format.encode(records) == document
    assert streamed(format, table, rows) == document


@given(pools=st.lists(column, min_size=1, max_size=3), cuts=st.lists(st.integers(1, 90), min_size=1, max_size=4))
@generated
@each_format
def test_bytes_do_not_depend_on_how_rows_come(format, pools, cuts):
    rows = repeated(pools, 90)
    names = [f"c{place}" for place in range(len(pools))]
    source, sizes = iter(rows), cycle(cuts)
    batches = list(iter(lambda: list(islice(source, next(sizes))), []))
    document = one_by_one(format, [dict(zip(names, row, strict=True)) for row in rows])
    types = {type(value) for row in rows for value in row}
    assert streamed(format, names, batches, batched=True, types=types) == document
    assert b"".join(format.iter_encode(Rows.of([dict(zip(names, row, strict=True)) for row in rows]))) == document


def moved(record):
    ordered = OrderedDict(record)
    ordered.move_to_end("a")
    return ordered


@pytest.mark.parametrize(
    "change",
    [
        OrderedDict,
        lambda record: Record(record, nested={}),
        moved,
        lambda record: {"b": 0, **record},
        lambda record: record | {"c": None},
        lambda record: {"a": record["a"]},
        lambda record: {1: "x", None: "y"} | record,
        lambda record: {**record, Name("a"): 0},
        lambda _: {},
        lambda _: None,
        lambda record: list(record.values()),
    ],
    ids=["ordered", "record", "moved", "other order", "more", "fewer", "numbers", "name", "empty", "null", "list"],
)
@pytest.mark.parametrize("which", [slice(None), slice(0, 1), slice(230, 231), slice(None, None, 2)], ids=str)
@each_format
def test_records_need_not_be_alike(format, change, which):
    records = [{"a": number, "b": f"n{number}"} for number in range(250)]
    records[which] = map(change, records[which])
    assert format.encode(records) == one_by_one(format, records)
    if isinstance(records[0], dict):
        assert b"".join(format.iter_encode(Rows.of(records))) == one_by_one(format, records)


@each_format
def test_numbers_that_equal_each_other_are_other_names(format):
    records = [{number: "x"} for number in (1, True, 1.0, Decimal(1)) * MANY]
    assert format.encode(records) == one_by_one(format, records)


@each_format
@pytest.mark.parametrize("count", [1, 2, 20, 21])
def test_thousands_of_columns_are_written(format, count):
    names = [f"column {number}" for number in range(3000)]
    rows = repeated([[number, None, f"n{number}"] for number in range(3000)], count)
    records = [dict(zip(names, row, strict=True)) for row in rows]
    assert format.encode(records) == streamed(format, names, rows) == one_by_one(format, records)


@each_format
@pytest.mark.parametrize("count", [1, MANY])
@pytest.mark.parametrize("row", [(1,), (1, 2, 3), ()], ids=len)
def test_row_of_another_length_is_refused(format, count, row):
    with pytest.raises(ValueError, match=r"zip|values for"):
        streamed(format, ["a", "b"], [[(1, 2)] * count + [row]], batched=True)
    with pytest.raises(ValueError, match=r"zip|values for"):
        streamed(format, ["a", "b"], [(1, 2)] * count + [row])


@each_format
def test_generators_in_columns_are_read_once(format):
    records = [{"a": (item for item in (1, number))} for number in range(MANY)]
    assert format.encode(records) == one_by_one(format, [{"a": [1, number]} for number in range(MANY)])


@each_format
def test_column_of_what_has_no_form_is_unrepresentable(format):
    circle = []
    circle.append(circle)
    for value in (object(), circle):
        rows = [(1,)] * MANY + [(value,)]
        with pytest.raises(Unrepresentable):
            format.encode([{"a": item} for (item,) in rows])
        with pytest.raises(Unrepresentable):
            streamed(format, ["a"], [rows], batched=True)


# Work


def calls(work):
    """How many functions work calls, of Python and of C."""
    seen = []
    sys.setprofile(lambda frame, event, argument: seen.append(event) if event in ("call", "c_call") else None)
    try:
        work()
    finally:
        sys.setprofile(None)
    return len(seen)


ORDINARY = [
    [1, 2, None],
    ["Ada", "Grace", "李雷"],
    ["08", "09"],
    [0.5, 1.25, None],
    ["Oslo", None],
    [True],
    [None],
    [10**9],
]
AWKWARD = ["<a> & b: c", "é", "no", "a\0b"]


@pytest.mark.parametrize(
    ("pools", "most"),
    [
        (ORDINARY, 0.2),
        ([[f"n{number}" for number in range(1000)], list(range(1000)), [f"é {number}" for number in range(1000)]], 0.2),
        ([["Ada"] * 30 + AWKWARD, ["08"] * 40 + AWKWARD, [1] * 50 + [None]], 1.0),
        ([[1] * 99 + ["x"], ["x"] * 99 + [1], [0.5] * 99 + [Decimal(1)]], 3.0),
    ],
    ids=["ordinary", "all distinct", "awkward text", "awkward types"],
)
@each_format
def test_columns_cost_few_calls_a_value(format, pools, most):
    rows = repeated(pools, 1000)
    names = [f"c{place}" for place in range(len(pools))]
    values = len(rows) * len(names)
    assert calls(lambda: streamed(format, names, [rows], batched=True)) < most * values
    records = [dict(zip(names, row, strict=True)) for row in rows]
    assert calls(lambda: format.encode(records)) < most * values + 3 * len(rows)
