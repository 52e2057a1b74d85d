"""What CSV and TSV write, beside what the csv module writes of the same cells."""

import csv
import io
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from representations import CSV, TSV, Rows
from representations.csv_lines import FEW
from representations.data import REPLACE
from representations.structs import ATOMS
from representations.table import cell_text

generated = settings(max_examples=60, deadline=None, derandomize=True, database=None)

DELIMITERS = [",", "\t", ";", " ", "\x01"]

ODD = ["", "null", ",null", "[null", "]\n[", ",", ";", "\t", "|", "[", "]", '"', '""', "\\", '\\"', "\\n", "\\u0000"]
ODD += [
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\x1f",
    "\x08",
    "\x0c",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ud800",
    "é",
    "\U0001f600",
]
ODD += ["a,b", "x;y", "a\tb", " ", "'", "true", "1", "1e16", "\xf5", "\xff", ":", "\x01"]

TEXT = st.lists(st.sampled_from([*ODD, "a"]), max_size=4).map("".join) | st.text(max_size=5)
ATOM = st.none() | st.integers(-(10**20), 10**20) | st.booleans() | st.floats() | st.binary(max_size=4) | TEXT
OTHER = st.decimals() | st.dates() | st.datetimes() | st.uuids() | st.lists(TEXT, max_size=2) | st.just(10**5000)


def written(rows, format=CSV(), batched=False, types=None):  # noqa: B008 - immutable
    columns = tuple(f"c{index}" for index in range(len(rows[0])))
    source = [rows[:1], rows[1:]] if batched else rows
    chunks = format.iter_encode(Rows(columns, source, batched=batched, types=types))
    return b"".join(chunks).split(b"\r\n", 1)[1]


def by_module(rows, delimiter=","):
    """Rows as the csv module writes them, but that empty text is told from null."""
    return b"".join(line(row, delimiter) for row in rows)


def line(row, delimiter):
    fields = ["" if cell == "" else field(cell, delimiter) for cell in map(cell_text, row)]
    empty = ['""' if cell == "" or (cell is None and len(row) == 1) else "" for cell in map(cell_text, row)]
    told = [one or other for one, other in zip(fields, empty, strict=True)]
    return (delimiter.join(told) + "\r\n").encode("utf-8", REPLACE)


def field(cell, delimiter):
    if cell is None:
        return ""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerow([cell, "x"])
    return buffer.getvalue().removesuffix(f"{delimiter}x\r\n")


def named(value):
    return "long integer" if isinstance(value, int) else ascii(value)


@pytest.mark.parametrize("delimiter", DELIMITERS, ids=ascii)
@generated
@given(data=st.data())
def test_any_rows_are_what_the_csv_module_writes(delimiter, data):
    width = data.draw(st.integers(1, 4))
    kinds = [data.draw(st.sampled_from([ATOM, TEXT, st.integers(0, 9), ATOM | OTHER])) for _ in range(width)]
    rows = data.draw(st.lists(st.tuples(*kinds), min_size=1, max_size=2 * FEW + 3))
    records = [dict(zip(map(str, range(width)), row, strict=True)) for row in rows]

    expected = by_module(rows, delimiter)

    assert written(rows, CSV(delimiter)) == expected
    assert written(rows, CSV(delimiter), batched=True) == expected
    assert CSV(delimiter).encode(records).split(b"\r\n", 1)[1] == expected
    if ATOMS.issuperset(type(value) for row in rows for value in row):
        assert written(rows, CSV(delimiter), batched=True, types=ATOMS) == expected


@pytest.mark.parametrize("odd", [*ODD, 10**5000, [1, "a"], {"a": 1}, 1e16, Decimal("1E+3")], ids=named)
def test_rows_beside_one_that_is_odd_are_as_they_are_without_it(odd):
    plain = [(n, f"name {n}", None) for n in range(200)]
    rows = [*plain[:100], (100, odd, ""), *plain[100:]]

    assert written(rows) == b"".join([by_module(plain[:100]), by_module([rows[100]]), by_module(plain[100:])])


def test_row_that_the_encoder_refuses_leaves_most_others_to_it(monkeypatch):
    refused = []
    monkeypatch.setattr("representations.csv_lines._sound", lambda value: refused.append(value) or "?")

    written([*[("a",)] * 999, ("\ud800",)], batched=False)

    assert 1 <= len(refused) <= FEW


def test_floats_are_spelled_as_in_json():
    floats = [1e16, 1e-5, 1e-7, 0.1, -0.0, 1.7976931348623157e308, 5e-324, 123456789012345680.0]

    expected = [msgspec.json.encode(value).decode() for value in floats]
    assert written([(value, "a") for value in floats]).decode().split() == [f"{text},a" for text in expected]
    assert [cell_text(value) for value in floats] == expected
    assert [float(text) for text in expected] == floats
    assert written([(float("nan"), float("inf"), float("-inf"))]) == b",,\r\n"


def test_columns_of_other_types_are_written_as_their_values_are():
    row = (datetime(2024, 2, 29, 12, tzinfo=UTC), date(2024, 2, 29), Decimal("1.10"), UUID(int=1), b"\xff", True)

    assert written([row, (None,) * 6]) == (
        b"2024-02-29T12:00:00+00:00,2024-02-29,1.10,00000000-0000-0000-0000-000000000001,/w==,true\r\n,,,,,\r\n"
    )


@pytest.mark.parametrize("delimiter", ["a", "7", "é", "→", '"', "\\", "\n", "\r", ".", "-", "+", "[", ",,"])
def test_delimiter_that_separates_nothing_is_refused(delimiter):
    with pytest.raises(ValueError, match="separates no fields"):
        CSV(delimiter)


def test_ordered_dicts_are_written_in_their_order():
    record = OrderedDict(a=1, b=2)
    record.move_to_end("a")

    assert CSV().encode([record]) == b"b,a\r\n2,1\r\n"
    assert CSV().encode([record, OrderedDict(a=3, b=4)]) == b"b,a\r\n2,1\r\n4,3\r\n"


@pytest.mark.parametrize("name", ["\ufeffa", "\ufeff", "\ufeffa,b"], ids=ascii)
@pytest.mark.parametrize("format", [CSV(), TSV()], ids=["csv", "tsv"])
def test_byte_order_mark_in_the_first_name_is_not_the_files(format, name):
    body = format.encode([{name: 1, "b": 2}])

    assert body.startswith(b'"\xef\xbb\xbf')
    assert format.decode(body) == [{name: "1", "b": "2"}]
