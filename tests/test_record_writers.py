"""Rows in JSON, NDJSON and MessagePack: many are written at once, and each as it would be by itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_formats import HOSTILE, KEYS, OTHER_KEYS, OUTSIDE, PLACES, Name, Word

from representations import JSON, NDJSON, MessagePack, Rows, Unrepresentable
from representations.data import REPLACE, number, plain
from representations.json import LINES
from representations.msgpack import _array_header
from representations.structs import ATOMS, maker

generated = settings(max_examples=100, deadline=None, derandomize=True, database=None)

# The same data by the shortest way, one record at a time


def json_text(data):
    """Plain data as JSON, value by value."""
    if isinstance(data, dict):
        return "{" + ",".join(f"{json_text(name)}:{json_text(item)}" for name, item in data.items()) + "}"
    if isinstance(data, list):
        return f"[{','.join(map(json_text, data))}]"
    if isinstance(data, float):
        return msgspec.json.encode(data).decode()
    if isinstance(data, (int, Decimal)) and not isinstance(data, bool):
        return str(Decimal(data))
    return json.dumps(data, ensure_ascii=False)


def json_line(data):
    return json_text(plain(data)).encode("utf-8", REPLACE)


def packed(data):
    return msgpack.packb(plain(data, binary=True), default=number, unicode_errors=REPLACE)


BY_ITSELF = {
    JSON: lambda records: b"[" + b",\n".join(map(json_line, records)) + b"]\n",
    NDJSON: lambda records: b"".join(json_line(record) + b"\n" for record in records),
    MessagePack: lambda records: _array_header(len(records)) + b"".join(map(packed, records)),
}

every_format = pytest.mark.parametrize("format", BY_ITSELF, ids=lambda kind: kind.suffixes[0])


def document(format, rows):
    return b"".join(format().iter_encode(rows))


# Any rows

SMALL = [make for name, make in HOSTILE.items() if not name.startswith(("long", "60"))]
ZONES = st.none() | st.timezones() | st.just(UTC)

CELLS = st.one_of(
    *(st.integers(), st.integers(-(2**70), 2**70), st.floats(), st.text(), st.binary(max_size=9), st.booleans()),
    *(st.dates(), st.times(), st.datetimes(timezones=ZONES), st.timedeltas(), st.uuids(), st.decimals()),
    *(st.characters(), st.sampled_from(["\ud800", "a\udfffb", 2**64, -(2**63) - 1, float("nan"), float("-inf")])),
).map(lambda value: lambda: value)
NAMES = st.sampled_from([name for name in KEYS if len(name) < 400] + OTHER_KEYS) | st.text(max_size=5)


@st.composite
def tables(draw):
    """Columns, and rows of makers of values: most of a few kinds, as in a table, some of any."""
    columns = draw(st.lists(NAMES, unique=True, max_size=5))
    usual = st.sampled_from([draw(CELLS) for _ in range(3)])
    cells = st.one_of(*[usual] * 6, CELLS, st.sampled_from(SMALL))
    return columns, draw(st.lists(st.tuples(*(cells for _ in columns)), max_size=40))


def made(rows):
    return [tuple(make() for make in row) for row in rows]


def types_of(rows):
    return frozenset(type(value) for row in made(rows) for value in row)


def batches(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


@every_format
@given(table=tables(), known=st.booleans(), size=st.none() | st.integers(1, 50))
@generated
def test_rows_are_written_as_each_by_itself(format, table, known, size):
    columns, rows = table
    expected = BY_ITSELF[format]([dict(zip(columns, row, strict=True)) for row in made(rows)])
    source = made(rows) if size is None else batches(made(rows), size)
    types = types_of(rows) if known else None
    assert document(format, Rows(columns, source, batched=size is not None, types=types)) == expected


@every_format
@given(table=tables(), left_out=st.sets(st.integers(0, 40), max_size=3), turned=st.booleans())
@generated
def test_mappings_are_written_as_each_by_itself(format, table, left_out, turned):
    columns, rows = table

    def records():
        for place, row in enumerate(made(rows)):
            pairs = list(zip(columns, row, strict=True))[place in left_out :]
            yield dict(reversed(pairs) if turned and place % 7 == 0 else pairs)

    assert document(format, Rows.of(records())) == BY_ITSELF[format](list(records()))


@every_format
@given(table=tables())
@generated
def test_documents_are_what_their_rows_are(format, table):
    columns, rows = table
    records = [dict(zip(columns, row, strict=True)) for row in made(rows)]
    again = [dict(zip(columns, row, strict=True)) for row in made(rows)]
    written, expected = format().encode(records), BY_ITSELF[format](again)
    assert compact(written) == compact(expected) if format is JSON else written == expected


def compact(document):
    return msgspec.json.format(document, indent=-1).rstrip()


@every_format
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_value_is_written_as_by_itself_wherever_it_is(format, make):
    for odd in (0, 57):
        rows = [(n, make() if n == odd else "x") for n in range(100)]
        again = [{"id": n, "cell": make() if n == odd else "x"} for n in range(100)]
        assert document(format, Rows(("id", "cell"), rows)) == BY_ITSELF[format](again)


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", PLACES)
def test_messagepack_document_is_what_msgpack_writes(make, place):
    assert MessagePack().encode(PLACES[place](make)) == packed(PLACES[place](make))


@every_format
@pytest.mark.parametrize("name", KEYS + OTHER_KEYS, ids=lambda name: f"{type(name).__name__} {name!a:.30}")
def test_hostile_column_is_written_as_by_itself(format, name):
    rows = [(n, "x", 1.5) for n in range(50)]
    records = [{"class": n, name: text, "f0": fraction} for n, text, fraction in rows]
    assert document(format, Rows(("class", name, "f0"), rows)) == BY_ITSELF[format](records)
    assert document(format, Rows.of(iter(records))) == BY_ITSELF[format](records)


@every_format
def test_columns_that_are_equal_as_keys_keep_their_names(format):
    for name in (1, True, 1.0, "1"):
        records = [{name: n, "b": n} for n in range(3)]
        assert document(format, Rows((name, "b"), [(n, n) for n in range(3)])) == BY_ITSELF[format](records)
        assert document(format, Rows.of(records)) == BY_ITSELF[format](records)


@every_format
@pytest.mark.parametrize("width", [0, 1, 1999, 2000, 2001, 5000])
def test_rows_of_any_width_are_written_as_each_by_itself(format, width):
    columns = [f"column {n}" for n in range(width)]
    rows = [tuple(range(width)) for _ in range(4)]
    assert document(format, Rows(columns, rows)) == BY_ITSELF[format](
        [dict(zip(columns, row, strict=True)) for row in rows]
    )


@every_format
@pytest.mark.parametrize("types", [None, (int, datetime), (int,)], ids=["unknown", "others", "known"])
@pytest.mark.parametrize("odd", [(1,), (1, 2, 3)], ids=["short", "long"])
def test_row_of_another_width_is_an_error_and_not_cut(format, types, odd):
    second = 1 if types == (int,) else datetime(2024, 1, 1)
    batch = [*((n, second) for n in range(9)), odd]
    rows = Rows(("a", "b"), [batch], batched=True, types=types)
    with pytest.raises((ValueError, TypeError)):
        document(format, rows)


@every_format
@pytest.mark.parametrize("make", OUTSIDE.values(), ids=OUTSIDE)
def test_value_outside_the_data_model_is_unrepresentable(format, make):
    with pytest.raises(Unrepresentable, match="no form in the data model"):
        document(format, Rows(("id", "cell"), [*((n, "x") for n in range(50)), (50, make())]))


def test_numbers_have_the_same_digits_beside_text_that_is_refused():
    cells = {"a": Decimal("1E-7"), "b": Decimal("1.10"), "c": 1e16, "d": 1e-7}
    lines = NDJSON().encode([{**cells, "e": "x"}, {**cells, "e": "\ud800"}]).replace("\ufffd".encode(), b"x")
    assert lines == b'{"a":1E-7,"b":1.10,"c":1e16,"d":1e-7,"e":"x"}\n' * 2
    assert JSON().encode({**cells, "e": "\ud800"}) == JSON().encode({**cells, "e": "\ufffd"})


@every_format
@pytest.mark.parametrize("key", [*OTHER_KEYS, "\ud800"], ids=lambda key: f"{type(key).__name__} {key!a}")
def test_hostile_key_within_a_document_is_text(format, key):
    for data in ([{"a": {key: 1}}], [{"a": [[{key: 1}]]}], [{key: {"b": 1}}]):
        assert format().encode(data) == format().encode(plain(data))


@every_format
def test_what_can_be_read_once_is_kept_beside_text_that_is_refused(format):
    records = [{"a": (n for n in range(3)), "b": text} for text in ("\ud800", "x")]
    assert format().encode(records) == format().encode([{"a": [0, 1, 2], "b": text} for text in ("\ufffd", "x")])


@every_format
@pytest.mark.parametrize("odd", [Word("a"), Name.ADA, Word("\ud800")], ids=ascii)
def test_a_key_that_is_equal_to_text_is_text(format, odd):
    records = [{str.__str__(odd): 1}, {odd: 2}, {odd: [3]}]
    assert format().encode(records) == format().encode([{str.__str__(odd): value} for value in (1, 2, [3])])
    assert document(format, Rows.of(records)) == BY_ITSELF[format](records)


# How much is done


def counting(function):
    def counted(value):
        counted.values.append(value)
        return function(value)

    counted.values = []
    return counted


def test_only_what_is_refused_is_written_by_itself():
    refused = counting(LINES.refused)
    rows = [(n, "\ud800" if n in (3, 500, 999) else "x") for n in range(1000)]
    written = replace(LINES, refused=refused).tuples(("id", "cell"), rows)
    assert [record["id"] for record in refused.values] == [3, 500, 999]
    assert written == document(NDJSON, Rows(("id", "cell"), rows))


def test_a_few_refused_rows_are_found_in_few_steps():
    encode = counting(LINES.encode)
    rows = [(n, "\ud800" if n in (3, 500, 999) else "x") for n in range(1000)]
    replace(LINES, encode=encode).tuples(("id", "cell"), rows)
    assert sum(map(len, encode.values)) < 3 * len(rows)
    assert len(encode.values) < 110


@pytest.mark.parametrize("records", [False, True], ids=["tuples", "mappings"])
def test_only_values_of_other_types_are_converted(records):
    convert = counting(LINES.convert)
    writer = replace(LINES, convert=convert)
    rows = [(n, [n] if n % 100 == 7 else "x", n / 2, None) for n in range(1000)]
    if records:
        writer.mappings([dict(zip("abcd", row, strict=True)) for row in rows])
    else:
        writer.tuples(tuple("abcd"), rows)
    assert convert.values == [[n] for n in range(7, 1000, 100)]


def test_nothing_is_looked_for_that_the_source_knows():
    writer = replace(LINES, convert=pytest.fail)
    looked_at = []

    class Looked(tuple):
        def __iter__(self):
            looked_at.append(self)
            return super().__iter__()

    rows = [Looked((1, "x"))]
    items, write = writer.of(Rows("ab", [rows], batched=True, types=ATOMS))
    write(list(items))
    assert len(looked_at) == 1


def test_struct_of_a_table_is_made_once():
    assert maker(("a", "b")) is maker(("a", "b"))
    assert maker.cache_info().maxsize
