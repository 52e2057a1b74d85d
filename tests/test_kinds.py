"""Kinds: what each reads of text and of data, and with which words it refuses."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate_api.publish.schema import kinds

INT32 = kinds.whole(-(2**31), 2**31 - 1)
PRICE = kinds.decimal(5, 2)
LEVEL = kinds.enum(("low", "high"))
BOOK = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

READ = (
    (kinds.TEXT, "Å", "Å"),
    (kinds.TEXT, "", ""),
    (kinds.TEXT, 5, "5"),
    (kinds.TEXT, True, "true"),
    (kinds.TEXT, Decimal("1.10"), "1.10"),
    (kinds.TEXT, date(2024, 2, 29), "2024-02-29"),
    (kinds.text(3), "äöü", "äöü"),
    (kinds.text(size=4), "åå", "åå"),
    (INT32, "5", 5),
    (INT32, " 5", 5),
    (INT32, "-5", -5),
    (INT32, "5.0", 5),
    (INT32, "1e3", 1000),
    (INT32, 5, 5),
    (INT32, "0e999999999", 0),
    (kinds.DECIMAL, "0e999999999", Decimal(0)),
    (INT32, 5.0, 5),
    (INT32, Decimal("5.00"), 5),
    (INT32, "2147483647", 2147483647),
    (kinds.whole(0, 2**64 - 1), "18446744073709551615", 2**64 - 1),
    (kinds.NUMBER, "1.5", 1.5),
    (kinds.NUMBER, "-.5e-3", -0.0005),
    (kinds.NUMBER, 5, 5.0),
    (kinds.EXACT, "5", 5),
    (kinds.EXACT, "1.5", 1.5),
    (kinds.EXACT, "9007199254740993", 9007199254740993),
    (PRICE, "1.10", Decimal("1.10")),
    (PRICE, "1.1000", Decimal("1.1")),
    (PRICE, 1.1, Decimal("1.1")),
    (PRICE, "999.99", Decimal("999.99")),
    (PRICE, 0, Decimal(0)),
    (kinds.decimal(3, -2), "12300", Decimal(12300)),
    (kinds.DECIMAL, "12345678901234567890.12345678901234567890", Decimal("12345678901234567890.12345678901234567890")),
    (kinds.BOOLEAN, "true", True),
    (kinds.BOOLEAN, "False", False),
    (kinds.BOOLEAN, "1", True),
    (kinds.BOOLEAN, 0, False),
    (kinds.FLAG, "7", 7),
    (kinds.FLAG, -1, -1),
    (kinds.DATE, "2024-02-29", date(2024, 2, 29)),
    (kinds.DATE, "2024-02-29T00:00:00", date(2024, 2, 29)),
    (kinds.DATE, date(2024, 2, 29), date(2024, 2, 29)),
    (kinds.DATE, datetime(2024, 2, 29), date(2024, 2, 29)),
    (kinds.TIME, "10:00", time(10)),
    (kinds.TIME, "10:00:00.5", time(10, 0, 0, 500000)),
    (kinds.clock(zone=True), "10:00+02:00", time(10, tzinfo=timezone(timedelta(hours=2)))),
    (kinds.DATE_TIME, "2024-02-29", datetime(2024, 2, 29)),
    (kinds.DATE_TIME, "2024-02-29 10:00", datetime(2024, 2, 29, 10)),
    (kinds.DATE_TIME, "2024-02-29T10:00:00.1234560", datetime(2024, 2, 29, 10, 0, 0, 123456)),
    (kinds.DATE_TIME, date(2024, 2, 29), datetime(2024, 2, 29)),
    (kinds.DATE_TIME_WITH_ZONE, "2024-02-29T10:00Z", datetime(2024, 2, 29, 10, tzinfo=UTC)),
    (kinds.DATE_TIME_WITH_ZONE, "2024-02-29T10:00", datetime(2024, 2, 29, 10, tzinfo=UTC)),
    (kinds.DATE_TIME_WITH_ZONE, "2024-02-29 12:00+0200", datetime(2024, 2, 29, 10, tzinfo=UTC)),
    (kinds.UUID_, BOOK, UUID(BOOK)),
    (kinds.UUID_, BOOK.replace("-", "").upper(), UUID(BOOK)),
    (kinds.BINARY, "AP8=", b"\x00\xff"),
    (kinds.BINARY, b"\x00", b"\x00"),
    (kinds.BINARY, "", b""),
    (kinds.JSON, '{"a": [1]}', {"a": [1]}),
    (kinds.JSON, {"a": [1]}, {"a": [1]}),
    (kinds.JSON, '"quoted"', "quoted"),
    (kinds.JSON, "word", "word"),
    (kinds.JSON, 5, 5),
    (kinds.array(INT32), "[1, null, [2]]", [1, None, [2]]),
    (kinds.array(INT32), ["1", 2], [1, 2]),
    (LEVEL, "low", "low"),
    (kinds.several(("b", "a")), "a,b", ["b", "a"]),
    (kinds.several(("b", "a")), ["a"], ["a"]),
    (kinds.several(("b", "a")), "", []),
    (kinds.INTERVAL, "p1dt2h", "P1DT2H"),
    (kinds.INTERVAL, timedelta(days=1, hours=2), "P1DT2H"),
    (kinds.TIMEDELTA, "-P1DT2H", -timedelta(days=1, hours=2)),
    (kinds.TIMEDELTA, "PT0.5S", timedelta(seconds=0.5)),
    (kinds.OTHER, "[1,5)", "[1,5)"),
    (kinds.ANY, "5", 5),
    (kinds.ANY, "1.5", 1.5),
    (kinds.ANY, "005", "005"),
    (kinds.ANY, "1.50", "1.50"),
    (kinds.ANY, "99999999999999999999", "99999999999999999999"),
    (kinds.ANY, True, 1),
    (kinds.digits(3, fewer=False), "101", "101"),
)


@pytest.mark.parametrize(("kind", "given", "value"), READ, ids=[f"{kind.name} {given!r}" for kind, given, _ in READ])
def test_a_kind_reads_text_and_data(kind, given, value):
    read = kind.read(given)
    assert read == value
    assert type(read) is type(value)


REFUSED = (
    (kinds.TEXT, "a\0", "has the character U+0000"),
    (kinds.TEXT, "\ud800", "has half a character"),
    (kinds.TEXT, [], "is no text"),
    (kinds.TEXT, {}, "is no text"),
    (kinds.TEXT, None, "is no text"),
    (kinds.TEXT, b"", "is no text"),
    (kinds.text(3), "abcd", "is longer than 3 characters"),
    (kinds.text(1), "ab", "is longer than 1 character"),
    (kinds.text(size=4), "ååå", "is longer than 4 bytes"),
    (INT32, "abc", "is no whole number"),
    (INT32, "", "is no whole number"),
    (INT32, "5.5", "is no whole number"),
    (INT32, 5.5, "is no whole number"),
    (INT32, True, "is no whole number"),
    (INT32, None, "is no whole number"),
    (INT32, float("nan"), "is no whole number"),
    (INT32, "1_000", "is no whole number"),
    (INT32, "٣", "is no whole number"),
    (INT32, "0x10", "is no whole number"),
    (INT32, "2147483648", "is beyond 2147483647"),
    (INT32, "-2147483649", "is beyond -2147483648"),
    (INT32, "1e999999999", "is beyond 2147483647"),
    (INT32, "9" * 100_000, "is beyond 2147483647"),
    (INT32, "1e9999999999", "is no whole number"),
    (kinds.NUMBER, "abc", "is no number"),
    (kinds.NUMBER, "nan", "is no number"),
    (kinds.NUMBER, "inf", "is no number"),
    (kinds.NUMBER, "1e999", "is beyond"),
    (kinds.NUMBER, True, "is no number"),
    (kinds.NUMBER, "3,5", "is no number"),
    (kinds.NUMBER, float("inf"), "is no number"),
    (kinds.EXACT, "0.12345678901234567890123", "has more digits than the database keeps"),
    (kinds.EXACT, "12345678901234567890", "has more digits than the database keeps"),
    (PRICE, "1.105", "has more than 2 decimal places"),
    (PRICE, "1000", "is beyond 999.99"),
    (PRICE, "1e999999999", "is beyond 999.99"),
    (PRICE, "abc", "is no number"),
    (PRICE, Decimal("NaN"), "is no number"),
    (kinds.DECIMAL, "-1e1000", "has more than 1000 digits"),
    (kinds.DECIMAL, "1e-999999999", "has more than 1000 decimal places"),
    (kinds.BOOLEAN, "maybe", "is neither true nor false"),
    (kinds.BOOLEAN, 2, "is neither true nor false"),
    (kinds.BOOLEAN, 1.5, "is neither true nor false"),
    (kinds.FLAG, "300", "is neither true nor false"),
    (kinds.DATE, "2024-02-30", "is no date, such as 2024-12-31"),
    (kinds.DATE, "29.2.2024", "is no date"),
    (kinds.DATE, "20240229", "is no date"),
    (kinds.DATE, "2024-02-29T10:00", "has a time, and the column takes a date"),
    (kinds.DATE, 5, "is no date"),
    (kinds.TIME, "25:00", "is no time of a day"),
    (kinds.TIME, "noon", "is no time, such as 23:59:00"),
    (kinds.TIME, "10:00Z", "has a time zone, and the column takes none"),
    (kinds.clock(zone=True), "10:00", "has no time zone"),
    (kinds.DATE_TIME, "2024-02-29T25:00", "is no date and time of the calendar"),
    (kinds.DATE_TIME, "soon", "is no date and time, such as 2024-12-31T23:59:00"),
    (kinds.DATE_TIME, "2024-02-29T10:00Z", "has a time zone, and the column takes none"),
    (kinds.DATE_TIME, "2024-02-29T10:00:00.1234567", "has more than 6 digits of a second's fraction"),
    (kinds.moment(False, 0), "2024-02-29T10:00:00.5", "has more than 0 digits of a second's fraction"),
    (kinds.moment(False, 3), "2024-02-29T10:00:00.1234", "has more than 3 digits of a second's fraction"),
    (kinds.UUID_, "abc", "is no UUID"),
    (kinds.UUID_, 5, "is no UUID"),
    (kinds.BINARY, "a", "is no base64"),
    (kinds.BINARY, "å", "is no base64"),
    (kinds.binary(1), "AP8=", "is longer than 1 byte"),
    (kinds.JSON, "{a", "is no JSON"),
    (kinds.JSON, "[" * 100_000, "is no JSON"),
    (kinds.array(INT32), "1,2", "is no list in JSON"),
    (kinds.array(INT32), 5, "is no list"),
    (kinds.array(INT32), ["a"], "is no whole number"),
    (LEVEL, "middle", "is none of 'low', 'high'"),
    (LEVEL, [], "is none of 'low', 'high'"),
    (kinds.several(("a", "b")), "a,c", "is none of 'a', 'b'"),
    (kinds.several(("a", "b")), 5, "is no list of words"),
    (kinds.INTERVAL, "1 day", "is no duration, such as P1DT2H30M"),
    (kinds.INTERVAL, "P", "is no duration"),
    (kinds.INTERVAL, "P1DT", "is no duration"),
    (kinds.TIMEDELTA, "P1M", "has years or months"),
    (kinds.TIMEDELTA, "P9999999999D", "is beyond 999999999 days"),
    (kinds.OTHER, [1], "is no text"),
    (kinds.ANY, [1], "is no single value"),
    (kinds.digits(3, fewer=False), "10", "is no 3 digits of 0 and 1"),
    (kinds.digits(3, fewer=True), "1000", "is no 3 digits of 0 and 1 at most"),
)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    REFUSED,
    ids=[f"{kind.name} {str(given)[:20]!r} {n}" for n, (kind, given, _) in enumerate(REFUSED)],
)
def test_a_kind_refuses_in_words_that_follow_the_value(kind, given, words):
    with pytest.raises(ValueError) as refused:
        kind.read(given)
    assert str(refused.value).startswith(words)


EVERY = (
    *(kinds.TEXT, kinds.WHOLE, kinds.NUMBER, kinds.EXACT, kinds.DECIMAL, kinds.BOOLEAN, kinds.FLAG, kinds.DATE),
    *(kinds.TIME, kinds.DATE_TIME, kinds.DATE_TIME_WITH_ZONE, kinds.UUID_, kinds.BINARY, kinds.JSON, kinds.INTERVAL),
    *(kinds.TIMEDELTA, kinds.OTHER, kinds.ANY, PRICE, LEVEL, kinds.array(INT32), kinds.several(("a", "b"))),
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.decimals() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", EVERY, ids=[f"{kind.name} {n}" for n, kind in enumerate(EVERY)])
@given(data=DATA)
def test_a_kind_refuses_by_value_error_alone_and_reads_its_own_text(kind, data):
    if data is None:
        return
    try:
        value = kind.read(data)
    except ValueError:
        return
    if kind not in (kinds.JSON, kinds.ANY) and value == value:  # noqa: PLR0124 - NaN is not
        assert kind.read(kind.text(value)) == value


NAMES = (
    (kinds.WHOLE, "a whole number"),
    (kinds.TEXT, "text"),
    (kinds.BINARY, "base64 text"),
    (kinds.DATE_TIME, "a date and time"),
    (kinds.array(kinds.DATE_TIME), "a list of dates and times"),
    (kinds.array(kinds.TEXT), "a list of texts"),
    (kinds.UUID_, "a UUID"),
)


@pytest.mark.parametrize(("kind", "described"), NAMES, ids=[described for _, described in NAMES])
def test_a_kind_is_described_as_a_sentence_takes_it(kind, described):
    assert kind.described == described


def test_a_value_that_sqlite_holds_is_itself_where_its_kind_refuses_it():
    assert kinds.held(kinds.WHOLE, "abc", "sqlite") == "abc"
    assert kinds.held(kinds.WHOLE, "5", "sqlite") == 5
    with pytest.raises(ValueError, match="is no whole number"):
        kinds.held(kinds.WHOLE, "abc", "postgresql")
