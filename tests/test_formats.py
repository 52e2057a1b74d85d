"""The contract of a format, run over all of DEFAULTS: a new format inherits it.

Here too is what each format is made to hold: HOSTILE, values that have broken some writer, and HELD, what is read back.
"""

import itertools
import json
import math
import re
import time as clock
from collections import OrderedDict, deque, namedtuple
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from representations import (
    DEFAULTS,
    YAML,
    Alternate,
    Malformed,
    Metadata,
    Page,
    Representation,
    Rows,
    Unrepresentable,
    msgpack_body,
    xml_body,
    yaml_body,
)
from representations import csv as csv_format
from representations import json as json_format
from representations import ndjson as ndjson_format
from representations.data import MAX_DEPTH, number, plain, text
from representations.table import flatten, unflatten

FORMATS = [format_() for format_ in DEFAULTS]
TABLES = ("csv", "tsv", "html", "md")
"""Suffixes of the formats that write a header, also of no rows."""

ENDLESS = 2**32 - 1
"""What rows without end say of their count: some formats begin with it."""

BOM = b"\xef\xbb\xbf"


def by_suffix(format):
    return format.suffixes[0]


every_format = pytest.mark.parametrize("format", FORMATS, ids=by_suffix)
every_readable_format = pytest.mark.parametrize("format", [f for f in FORMATS if f.decode], ids=by_suffix)
every_text_format = pytest.mark.parametrize("format", [f for f in FORMATS if f.decode and not f.binary], ids=by_suffix)
every_table = pytest.mark.parametrize("format", [f for f in FORMATS if by_suffix(f) in TABLES], ids=by_suffix)

generated = settings(max_examples=100, deadline=None, derandomize=True, database=None)


# What is written: values


class Colour(Enum):
    RED = "red"
    NESTED = MappingProxyType({"r": 255})


class Name(StrEnum):
    ADA = "Ada"


class Level(IntEnum):
    HIGH = 3


class Word(str):
    __slots__ = ()

    def __str__(self):
        return "not the text"

    __repr__ = __str__


class Number(int):
    def __str__(self):
        return "not the number"

    __repr__ = __str__


Point = namedtuple("Point", ["x", "class_"])


@dataclass
class Place:
    name: str
    at: Point


NUMBERS = [
    *(None, True, False, 0, -1, -0.0, 0.1, 2**63, 2**64, -(2**63) - 1, 1e16, 1e22, 5e-324, 1.7976931348623157e308),
    *(float("nan"), float("inf"), float("-inf")),
    *(Decimal(digits) for digits in ("1.10", "1E+3", "NaN", "sNaN", "-Infinity", "1E-100", "-0.0", "0E-70", "7")),
    *(Fraction(1, 3), Number(5), Level.HIGH),
]

TIMES = [
    datetime(2024, 2, 29, 12, 30),
    datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 30, 15, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    *(datetime.min, datetime.max, date(2024, 2, 29), date.min, time(12, 30), time(23, 59, 59, 999999, tzinfo=UTC)),
    *(timedelta(days=-1, microseconds=1), timedelta(0), timedelta.min, timedelta.max),
]

WORDS = [
    *("", " ", " lead and trail ", "no", "y", "Yes", "on", "08", "0o7", "0x1F", "1e3", "1_000", "1:30", "+1", ".5"),
    *("2020-01-01", "2001-12-14t21:59:43.10-05:00", "~", "null", "Null", "true", "NaN", ".nan", "Infinity", "=", "<<"),
    *(
        "=1+1",
        "@x",
        "-5",
        "+1",
        "a,b",
        'a"b',
        "'",
        '"',
        "\\",
        "\\n",
        "a\\",
        "a\tb",
        "tab\t",
        "a;b",
        "#x",
        "a #b",
        "- a",
    ),
    *(
        "a: b",
        "a:",
        "!tag",
        "&anchor",
        "*alias",
        "%a",
        "`",
        "[",
        "{",
        "---",
        "...",
        "? a",
        "| pipe |",
        "> fold",
        "_*x*_",
    ),
    *(
        "]]>",
        "<b>&amp;",
        "&lt;",
        "-->",
        "<!--",
        "</script>",
        "</textarea>",
        "<?xml?>",
        "{{ 7*7 }}",
        "%s",
        "{0}",
        "${x}",
    ),
    *("\n", "\r", "\r\n", "a\nb", "a\rb", "a\r\nb", "\n\na", "a\n", "\x85", "a\x85b", "\u2028", "\u2029", "a\n\n  b\n"),
    *("\0", "a\0b", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x9f", "\ufffe", "\uffff", "\ufeff", "\ufeffa", "\ufdd0"),
    *(
        "\ud800",
        "a\udc00b",
        "\udfff\ud800",
        "\U0001f600",
        "李雷",
        "\u202eevil\u202c",
        "\u2066x\u2069",
        "e\u0301",
        "\u0301",
    ),
    *("\xa0", "\u3000", "\u200b", "\u200d", "\xad", "שלום", "1\u0660", "²", "\U0010ffff"),
]

OTHERS = {
    "UUID": lambda: UUID(int=255),
    "bytes": lambda: b"\x00\xff",
    "no bytes": lambda: b"",
    "bytearray": lambda: bytearray(b"\x00\xff"),
    "memoryview": lambda: memoryview(b"\x00\xff"),
    "Enum": lambda: Colour.RED,
    "Enum of a mapping": lambda: Colour.NESTED,
    "StrEnum": lambda: Name.ADA,
    "str subclass": lambda: Word("a<b"),
    "namedtuple": lambda: Point(1, None),
    "dataclass": lambda: Place("Ada", Point(1.5, "c")),
    "OrderedDict": lambda: OrderedDict(b=1, a=2),
    "MappingProxyType": lambda: MappingProxyType({"b": 1, "a": {}}),
    "set": lambda: {3, 1, 2},
    "frozenset of mixed types": lambda: frozenset((1, "a", None)),
    "generator": lambda: (i for i in range(3)),
    "generator of dicts": lambda: ({"i": i} for i in range(3)),
    "range": lambda: range(3),
    "dict keys": {"b": 1, "a": 2}.keys,
    "dict values": {"b": 1, "a": 2}.values,
    "dict items": {"b": 1, "a": 2}.items,
    "deque": lambda: deque([1, 2]),
    "empty list": list,
    "empty dict": dict,
    "list of empty dict": lambda: [{}],
    "list of dicts": lambda: [{"a": 1}, {"b": [2, {"c": None}]}],
    "nested lists": lambda: [[1, [2, []]], [], [[[]]]],
    "nested dicts": lambda: {"a": {"b.c": {"": None}}, "d": {}},
    "null or mapping": lambda: [{"a": None}, {"a": {"b": None, "c": 1}}],
    "long text": lambda: "x<" * 100_000,
    "long line of words": lambda: "word " * 20_000,
    "long integer": lambda: 10**5000,
    "long Decimal": lambda: Decimal(10) ** 60 + Decimal("0.1"),
    "60 lists": lambda: nested_lists(60),
    "60 dicts": lambda: nested_dicts(60),
}

HOSTILE = {
    **{f"{type(value).__name__} {value!s:.40}": lambda value=value: value for value in (*NUMBERS, *TIMES)},
    **{f"text {value!a:.40}": lambda value=value: value for value in WORDS},
    **OTHERS,
}
"""Makers of values, some of which can be read only once."""

every_hostile_value = pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)

PLACES = {
    "alone": lambda make: make(),
    "in a list": lambda make: [make(), make()],
    "in a dict": lambda make: {"a": make()},
    "in records": lambda make: [{"id": 1, "cell": make()}, {"id": 2, "cell": make()}],
}

OUTSIDE = {"object": object, "type": lambda: int, "function": lambda: nested_lists, "complex": lambda: 1j}
"""What the data model has no form for."""

KEYS = [
    *(
        "",
        " ",
        "a b",
        " a",
        "a ",
        "a.b",
        ".",
        "a..b",
        "a\\b",
        "a\\.b",
        "\\",
        "1",
        "1a",
        "-",
        "1.5",
        "xml",
        "XMLa",
        "a:b",
    ),
    *("@id", "$ref", "#text", "<", ">", '"', "'", "&", "a\nb", "a\tb", "\r", "\0", "\x0b", "\x85", "\u2028", "\ufeff"),
    *(
        "\ud800",
        "\U0001f600",
        "é",
        "e\u0301",
        "²",
        "k" * 300,
        "k" * 100_000,
        "~",
        "null",
        "no",
        "-x",
        "? x",
        "<<",
        "*a",
    ),
    *("format", "page", "item", "root", "value", "type", "name", "id", "key", "__class__", "__proto__", "self", "loop"),
    *("a|b", "=1+1", "a,b", "%s", "{{x}}", "a;b", "| x |", "# x", "[x](y)"),
]
OTHER_KEYS = [
    1,
    0,
    None,
    True,
    1.5,
    float("nan"),
    (1, 2),
    b"x",
    date(2024, 2, 29),
    Level.HIGH,
    Word("w"),
    frozenset((1,)),
]

every_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key!a:.30}")
every_other_key = pytest.mark.parametrize("key", OTHER_KEYS, ids=lambda key: f"{type(key).__name__} {key!r}")


def nested_lists(levels, leaf=1):
    return nested(list, levels, leaf)


def nested_dicts(levels, leaf=1):
    return nested(dict, levels, leaf)


def nested(kind, levels, leaf):
    for _ in range(levels):
        leaf = [leaf] if kind is list else {"a": leaf}
    return leaf


# What is read back


def sound(data, bad=re.compile("[\ud800-\udfff]")):
    """Plain data with U+FFFD for what no text format can hold."""
    if isinstance(data, dict):
        return {sound(key, bad): sound(value, bad) for key, value in data.items()}
    if isinstance(data, list):
        return [sound(item, bad) for item in data]
    return bad.sub("\ufffd", data) if isinstance(data, str) else data


def with_json_numbers(data):
    """Plain data with each Decimal as the number that its digits are read as."""
    if isinstance(data, dict):
        return {key: with_json_numbers(value) for key, value in data.items()}
    if isinstance(data, list):
        return [with_json_numbers(item) for item in data]
    return json.loads(number(data)) if isinstance(data, Decimal) else data


def as_json(data):
    return with_json_numbers(sound(plain(data)))


def as_lines(data):
    data = as_json(data)
    return data if isinstance(data, list) else [data]


def as_xml(data):
    """An atom alone is an item of a list, as in dicttoxml."""
    data = plain(data)
    data = data if isinstance(data, (list, dict)) else [data]
    return sound(data, re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"))


def as_table(data):
    """Text and null in records that have all columns; with one column alone, null is empty text."""
    data = sound(plain(data))
    records = [flatten(item) for item in (data if isinstance(data, list) else [data])]
    columns = dict.fromkeys(name for record in records for name in record)
    null = "" if len(columns) == 1 else None
    rows = [{name: as_cell(record.get(name), null) for name in columns} for record in records]
    return [unflatten(row) for row in rows] if columns else []


def as_cell(value, null):
    if isinstance(value, (list, dict)):
        return text_of(FORMATS[1], value).strip() if value else "[]" if isinstance(value, list) else "{}"
    if isinstance(value, float):
        return msgspec.json.encode(value).decode()
    return null if value is None else text(value)


def text_of(format, value):
    return format.encode([value]).decode()


def as_msgpack(data):
    """Bytes are held; Decimals and what is beyond 64 bits are their digits."""
    return with_digits(sound(plain(data, binary=True)))


def with_digits(data):
    if isinstance(data, dict):
        return {key: with_digits(value) for key, value in data.items()}
    if isinstance(data, list):
        return [with_digits(item) for item in data]
    too_long = type(data) is int and not -(2**63) <= data < 2**64
    return number(data) if too_long or isinstance(data, Decimal) else data


HELD = {
    "json": as_json,
    "ndjson": as_lines,
    "csv": as_table,
    "tsv": as_table,
    "xml": as_xml,
    "yaml": as_json,
    "msgpack": as_msgpack,
}
"""What a format gives back of data that it wrote, by suffix."""


def held(format, data):
    return HELD.get(by_suffix(format), lambda data: plain(data, format.binary))(data)


def exact(data):
    """data as what is equal only if every type, digit and the order of keys are."""
    if isinstance(data, dict):
        return [(key, exact(value)) for key, value in data.items()]
    if isinstance(data, list):
        return ("list", [exact(item) for item in data])
    return type(data), number(data) if isinstance(data, (int, float, Decimal)) and data is not True else data


def document(format, rows, meta=Metadata()):  # noqa: B008 - immutable
    return b"".join(format.iter_encode(rows, meta))


def same_document(format, one, other):
    """Whether two documents are the same; in JSON the white space may differ."""
    return (
        json.loads(one, parse_int=str) == json.loads(other, parse_int=str)
        if by_suffix(format) == "json"
        else one == other
    )


def assert_valid(format, written):
    """written is bytes, of text in UTF-8, that the format itself can read."""
    assert isinstance(written, bytes)
    if not format.binary:
        written.decode()
    if format.decode:
        format.decode(written)


# How a format is named


@every_format
def test_mediatypes_are_lower_case_type_and_subtype(format):
    restricted_name = "[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"  # RFC 6838, section 4.2
    assert all(re.fullmatch(f"{restricted_name}/{restricted_name}", m) for m in (format.mediatype, *format.aliases))


@every_format
def test_suffixes_are_lower_case_words(format):
    assert format.suffixes
    assert all(re.fullmatch("[a-z][a-z0-9-]*", suffix) for suffix in format.suffixes)


@every_format
def test_charset_is_only_of_text(format):
    assert format.charset in ((None,) if format.binary or "json" in format.mediatype else (None, "utf-8"))


def test_mediatypes_and_aliases_are_unique():
    names = [name for f in FORMATS for name in (f.mediatype, *f.aliases)]
    assert sorted(set(names)) == sorted(names)


def test_suffixes_are_unique():
    suffixes = [suffix for f in FORMATS for suffix in f.suffixes]
    assert sorted(set(suffixes)) == sorted(suffixes)


# Instances are shared

COLUMNS = ("id", "name", "city", "price", "since", "active", "note")


def row(number):
    since = date(2000, 1, 1) + timedelta(days=number)
    return (number, f"Name {number}", "Å<&>\"'|,", Decimal(number) / 100, since, number % 2 == 0, None)


def rows_of(count):
    return Rows(COLUMNS, [row(number) for number in range(count)])


def records_of(count):
    return list(rows_of(count).dicts())


@every_format
def test_encoding_again_gives_the_same_bytes(format):
    before = dict(vars(format))
    assert format.encode(records_of(3)) == format.encode(records_of(3))
    assert document(format, rows_of(3)) == document(format, rows_of(3))
    assert vars(format) == before


@every_format
def test_instance_is_shared_between_threads(format):
    counts = [1, 2, 3, 50, 51, 200] * 4
    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(lambda n: (format.encode(records_of(n)), document(format, rows_of(n))), counts))
    assert written == [(format.encode(records_of(n)), document(format, rows_of(n))) for n in counts]


# Rows


@every_format
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_chunks_joined_are_what_encode_gives(format, count):
    assert same_document(format, document(format, rows_of(count)), format.encode(records_of(count)))


@every_format
@pytest.mark.parametrize("odd", [2**70, "\ud800", Decimal("1E-7"), "a,b", None, [1]], ids=ascii)
def test_rows_are_written_the_same_whatever_comes_after_them(format, odd):
    records = [*({"a": 1e16, "b": "x"} for _ in range(100)), {"a": odd, "b": ""}]
    written = document(format, Rows(("a", "b"), [tuple(record.values()) for record in records]))
    assert same_document(format, written, format.encode(records))


@pytest.mark.parametrize("format", [f for f in FORMATS if not f.binary], ids=by_suffix)
@pytest.mark.parametrize("value", [1e16, -1.5e16, 1e-5, 100.00001, 1e-7, 5e-324, 0.1], ids=str)
@pytest.mark.parametrize("beside", [[], [None], [0.5, math.nan]], ids=["alone", "null", "others"])
def test_float_is_spelled_in_every_format_as_in_json(format, value, beside):
    digits = msgspec.json.encode(value).decode()
    if isinstance(format, YAML) and "e" in digits:  # which readers of YAML 1.1 take for text without a dot and a sign
        mantissa, exponent = digits.split("e")
        digits = f"{mantissa}{'' if '.' in mantissa else '.0'}e{int(exponent):+}"
    spelled = re.compile(rf"(?<![\w.+-]){re.escape(digits)}(?![\w.+])").findall
    column = [value, *beside] * 30

    assert len(spelled(document(format, Rows(("a",), [(cell,) for cell in column])).decode())) == 30
    assert len(spelled(format.encode([{"a": cell} for cell in column]).decode())) == 30
    assert len(spelled(format.encode({"a": value}).decode())) == 1


@every_format
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_rows_of_dicts_and_of_tuples_encode_the_same(format, count):
    assert document(format, Rows.of(records_of(count))) == document(format, rows_of(count))


@every_format
def test_no_rows_are_a_document(format):
    written = document(format, Rows(COLUMNS, []))
    assert_valid(format, written)
    assert not format.decode or format.decode(written) == []
    assert_valid(format, document(format, Rows.of([])))


@every_format
def test_no_rows_are_written_as_no_records_are(format):
    assert same_document(format, document(format, Rows.of([])), format.encode([]))


@every_table
def test_no_rows_are_a_header(format):
    header = document(format, Rows(("column of numbers", "column of words"), []))
    assert 0 <= header.find(b"column of numbers") < header.find(b"column of words")


@every_format
@pytest.mark.parametrize("error", [KeyError("lost"), OSError(5, "gone")], ids=lambda error: type(error).__name__)
def test_error_of_the_source_is_passed_on(format, error):
    def source():
        yield from map(row, range(1000))
        raise error

    with pytest.raises(type(error)):
        document(format, Rows(COLUMNS, source()))


@every_format
def test_first_chunk_needs_no_more_than_some_rows(format):
    read = itertools.count()
    chunks = format.iter_encode(Rows(COLUMNS, (row(next(read)) for _ in itertools.count()), count=ENDLESS))
    assert next(filter(None, itertools.islice(chunks, 10)))
    assert next(read) <= 2000


@every_format
def test_closing_rows_closes_their_source(format):
    source = map_lazily(itertools.count())
    rows = Rows(COLUMNS, source, count=ENDLESS)
    chunks = format.iter_encode(rows)
    first = list(itertools.islice(chunks, 2))
    rows.close()
    assert first
    assert source.gi_frame is None


@every_format
def test_letting_go_of_chunks_lets_go_of_the_source(format):
    closed = []
    chunks = format.iter_encode(Rows(COLUMNS, map_lazily(itertools.count(), closed), count=ENDLESS))
    assert list(itertools.islice(chunks, 2))
    del chunks
    assert closed == [True]


def map_lazily(numbers, closed=None):
    try:
        for value in numbers:
            yield row(value)
    finally:
        if closed is not None:
            closed.append(True)


@every_format
def test_chunks_of_small_rows_are_about_64_kilobytes(format):
    wide = tuple(f"column_{n}" for n in range(10))
    rows = Rows(wide, ((*range(n, n + 5), *(f"text {n + i}" for i in range(5))) for n in range(8_000)), count=8_000)
    sizes = sorted(map(len, format.iter_encode(rows)))
    assert 30_000 < sizes[len(sizes) // 2] < 130_000
    assert sizes[-1] < 1_000_000


@every_format
def test_chunks_of_large_rows_are_a_row_each(format):
    cell = "x" * 1_000_000
    rows = Rows(("id", "text"), ((n, cell) for n in range(12)), count=12)
    assert max(map(len, format.iter_encode(rows))) < 2_200_000


@every_format
def test_chunks_stay_small_where_rows_grow(format):
    rows = Rows(("id", "text"), ((n, "x" * (n // 2)) for n in range(5_000)), count=5_000)
    assert max(map(len, format.iter_encode(rows))) < 1_000_000


# What is written is what is read


@every_format
@every_hostile_value
def test_hostile_value_is_written(format, make):
    for place in PLACES.values():
        written = format.encode(place(make))
        if make is not HOSTILE["long integer"]:
            assert_valid(format, written)
            assert not format.decode or exact(format.decode(written)) == exact(held(format, place(make)))


@every_format
@every_hostile_value
def test_hostile_value_is_streamed_as_it_is_written(format, make):
    written = document(format, Rows(("id", "cell"), [(1, make()), (2, make())]))
    if not (isinstance(plain(make()), dict) and by_suffix(format) in TABLES):
        assert same_document(format, written, format.encode(PLACES["in records"](make)))
    assert document(format, Rows.of(PLACES["in records"](make))) == written


@every_format
def test_long_integer_is_written_whole(format):
    written = format.encode([{"id": 1, "long": 10**5000}])
    assert b"1" + b"0" * 5000 in written
    if format.decode:
        assert_read_or_malformed(format, written)


@every_format
@pytest.mark.parametrize("make", OUTSIDE.values(), ids=OUTSIDE)
def test_value_outside_the_data_model_is_unrepresentable(format, make):
    for place in PLACES.values():
        with pytest.raises(Unrepresentable):
            format.encode(place(make))
    with pytest.raises(Unrepresentable):
        document(format, Rows(("id", "cell"), [(1, make())]))


@every_format
@every_key
def test_hostile_key_is_written(format, key):
    for data in ({key: 1}, [{key: 1}, {key: None}], {"a": {key: {key: [{key: 2}]}}}, [{"a": 1, key: "x"}]):
        written = format.encode(data)
        assert_valid(format, written)
        if format.decode:
            assert exact(format.decode(written)) == exact(held(format, data))


@every_format
@every_key
def test_hostile_column_is_written(format, key):
    columns = (key, f"{key} too")
    written = document(format, Rows(columns, [(1, "x"), (None, "")]))
    assert_valid(format, written)
    assert document(format, Rows.of([dict(zip(columns, r, strict=True)) for r in [(1, "x"), (None, "")]])) == written
    if not (by_suffix(format) in TABLES and ("." in key or "\\" in key)):
        assert same_document(format, written, format.encode([{key: 1, columns[1]: "x"}, {key: None, columns[1]: ""}]))


@every_format
@every_other_key
def test_key_that_is_not_text_is_written_as_text(format, key):
    for data in ({key: 1}, [{key: 1, "a": 2}], {"a": {key: [{key: 2}]}}):
        assert format.encode(data) == format.encode(plain(data))
    record = {key: 1, "a": 2}
    if by_suffix(format) in TABLES and "." in str(key):
        return
    assert same_document(format, document(format, Rows.of([record])), format.encode([record]))
    assert same_document(format, document(format, Rows((key, "a"), [(1, 2)])), format.encode([record]))


@every_format
def test_keys_that_become_one_text_stay_apart(format):
    data = [{1: "a", "1": "b"}]
    assert format.encode(data) == format.encode([{"1": "a", "1~2": "b"}])
    assert same_document(format, document(format, Rows.of(data)), format.encode(data))


@every_format
@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("leaf", [1, Decimal("1.1"), "\ud800"], ids=repr)
def test_nesting_of_any_depth_is_written_or_unrepresentable(format, kind, leaf):
    for levels in (100, 300, *range(430, 500, 3), 1000):
        data = nested(kind, levels, leaf)
        for write in (format.encode, lambda data: document(format, Rows(("a",), [(data,)]))):
            try:
                assert isinstance(write(data), bytes)
            except Unrepresentable:
                assert levels > 200


@every_format
@pytest.mark.parametrize("kind", [list, dict])
def test_nesting_without_end_is_unrepresentable(format, kind):
    itself = [] if kind is list else {}
    itself.append(itself) if kind is list else itself.update(a=itself)
    for data in (nested(kind, 10_000, 1), itself):
        with pytest.raises(Unrepresentable):
            format.encode(data)
        with pytest.raises(Unrepresentable):
            document(format, Rows(("a",), [(data,)]))


ATOMS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(WORDS), st.uuids()),
    *(st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.dates(), st.datetimes(), st.times()),
    *(st.timedeltas(), st.binary(max_size=20)),
)
NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=8) | st.sampled_from(["a", "b", "a.b"])
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@every_format
@generated
@given(data=VALUES)
def test_any_data_is_written_and_read_back(format, data):
    written = format.encode(data)
    assert_valid(format, written)
    if format.decode:
        assert exact(format.decode(written)) == exact(held(format, data))


@every_format
@generated
@given(data=st.data())
def test_any_table_is_streamed_as_it_is_written(format, data):
    columns = data.draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    cell = ATOMS | st.lists(ATOMS, max_size=2)
    tuples = data.draw(st.lists(st.tuples(*[cell] * len(columns)), min_size=1, max_size=4))
    records = [dict(zip(columns, values, strict=True)) for values in tuples]
    assert same_document(format, document(format, Rows(columns, tuples)), format.encode(records))


# Errors, and what surrounds the data

ALTERNATES = (Alternate("application/json", "/users.json", "json"), Alternate("text/csv", "/users.csv", "csv"))
HOSTILE_TEXT = "<script>evil</script>\"'&\n\0\ud800]]>{{ 7*7 }}|"
METAS = {
    "none": Metadata(),
    "error": Metadata(name="users", status=404, url="/users/7", alternates=lambda: ALTERNATES),
    "page": Metadata(
        name="users", url="/users?page=2", links={"prev": "/users?page=1", "up": "/"}, page=Page(2, 101, 102, 102)
    ),
    "hostile": Metadata(
        name=HOSTILE_TEXT,
        status=500,
        method="POST",
        url=f"/users?q={HOSTILE_TEXT}",
        description=HOSTILE_TEXT,
        links={"next": HOSTILE_TEXT, "up": HOSTILE_TEXT},
        page=Page(1, 0, 0),
        alternates=lambda: (Alternate("a/b", f"/{HOSTILE_TEXT}", HOSTILE_TEXT),),
    ),
}
ERRORS = [
    {"message": "There is no user 7.", "status": 404},
    {"message": {"name": "Missing required parameter", "age": "invalid literal for int()"}},
    {"message": "None is acceptable.", "available": [{"mediatype": "text/csv", "suffix": "csv", "href": "/users.csv"}]},
    *({}, [], None, True, 0, 1.5, "No such user.", [[1, [2]], []], [None], [{}], [1, {"a": 2}, "x"]),
]


@every_format
@pytest.mark.parametrize("data", ERRORS, ids=repr)
@pytest.mark.parametrize("meta", METAS.values(), ids=METAS)
def test_body_of_an_error_is_written(format, data, meta):
    assert_valid(format, format.encode(data, meta))


@every_format
@pytest.mark.parametrize("meta", METAS.values(), ids=METAS)
def test_rows_are_written_whatever_surrounds_them(format, meta):
    written = document(format, rows_of(3), meta)
    assert_valid(format, written)
    assert b"<script>evil" not in written


# What is read

SAMPLE = [
    {"id": 1, "name": "Åse \"A\", <b>&amp; \r\n'x': |", "tags": ["a", 1.5, None, True], "at": {"b.c": {"d": None}}},
    {"id": -2, "name": "", "tags": [], "at": {"b.c": {"d": "no"}}},
]


def assert_read_or_malformed(format, body):
    """Whatever is read is plain data, in text that UTF-8 can hold, and no deeper than any body may be."""
    try:
        data = format.decode(body)
    except Malformed:
        return
    assert exact(plain(data, format.binary)) == exact(data)
    assert exact(sound(data)) == exact(data)


@every_readable_format
@generated
@given(body=st.binary(max_size=60))
def test_any_bytes_are_read_or_malformed(format, body):
    assert_read_or_malformed(format, body)


@every_readable_format
@generated
@given(data=st.data())
def test_pieces_of_a_document_are_read_or_malformed(format, data):
    whole = format.encode(SAMPLE)
    pieces = sorted({*re.findall(rb"\w+|\W", whole, re.DOTALL), whole[: len(whole) // 2], whole[len(whole) // 2 :]})
    parts = data.draw(st.lists(st.sampled_from(pieces) | st.binary(max_size=2), max_size=20))
    assert_read_or_malformed(format, b"".join(parts))


@every_readable_format
@generated
@given(position=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), replaced=st.integers(0, 3))
def test_document_with_a_byte_changed_is_read_or_malformed(format, position, byte, replaced):
    whole = format.encode(SAMPLE)
    at = int(position * len(whole))
    assert_read_or_malformed(format, whole[:at] + bytes([byte]) + whole[at + replaced :])


@every_readable_format
def test_document_cut_off_is_read_or_malformed(format):
    whole = format.encode(SAMPLE)
    for end in range(len(whole)):
        assert_read_or_malformed(format, whole[:end])


@every_readable_format
def test_document_nested_too_deeply_is_malformed(format):
    data = nested_dicts(MAX_DEPTH + 2)
    with pytest.raises(Malformed):
        format.decode(format.encode(data))


@every_readable_format
def test_long_document_is_read_in_linear_time(format):
    """Also one that is malformed: a name is there twice, at the end."""
    names = [f"n{number}" for number in range(20_000)]
    columns = format.encode([dict.fromkeys(names, 1)])
    quoted = format.encode([{"a": "\"'<&\n\\" * 30_000}])
    records = format.encode([{"a": n, "b": [n]} for n in range(3_000)])
    for body in (columns, columns.replace(b"n19999", b"n19998"), quoted, quoted[:-3], records):
        start = clock.process_time()
        with suppress(Malformed):
            format.decode(body)
        assert clock.process_time() - start < 2


@every_text_format
def test_byte_order_mark_is_passed_over(format):
    whole = format.encode(SAMPLE)
    assert format.decode(BOM + whole) == format.decode(whole)


@every_text_format
def test_body_that_is_not_utf_8_is_malformed(format):
    body = format.encode([{"a": "Å"}]).replace("Å".encode(), b"\xe5")
    with pytest.raises(Malformed):
        format.decode(body)


@pytest.mark.parametrize("format", [f for f in FORMATS if f.decode and f.tabular], ids=by_suffix)
@pytest.mark.parametrize("data", [{"a": 1, "b": "x"}, [{"a": 1, "b": "x"}] * 3, []], ids=["one", "three", "none"])
def test_tabular_format_reads_a_list(format, data):
    assert isinstance(format.decode(format.encode(data)), list)


@every_format
def test_format_is_a_representation_that_tells_its_mediatype(format):
    assert isinstance(format, Representation)
    assert format.mediatype in repr(format)


# As many values as fit into the longest body, in the fewest bytes
SWARMS = {
    "json": lambda n: b"[" + b"0," * n + b"0]",
    "ndjson": lambda n: b"0\n" * n,
    "csv": lambda n: b"a\n" + b"0\n" * n,
    "tsv": lambda n: b"a\n" + b"0\n" * n,
    "xml": lambda n: b"<a>" + b"<b/>" * n + b"</a>",
    "yaml": lambda n: b"- 0\n" * n,
    "msgpack": lambda n: b"\xdd" + n.to_bytes(4, "big") + b"\x00" * n,
}


@every_readable_format
def test_body_of_more_values_than_the_most_is_malformed(format, monkeypatch):
    for module in (json_format, ndjson_format, csv_format, xml_body, yaml_body, msgpack_body):
        monkeypatch.setattr(module, "MAX_VALUES", 1000)
    swarm = SWARMS[format.suffixes[0]]
    format.decode(swarm(990))
    with pytest.raises(Malformed):
        format.decode(swarm(1001))
