"""Bodies read a record at a time: the records that decode() gives, where each starts, and the memory they take."""

import io
import itertools
import json
import time
import tracemalloc
from collections import deque
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from representations import CSV, DEFAULTS, JSON, NDJSON, TSV, YAML, Malformed, Representation, csv_records
from representations.base import LONGEST_RECORD
from representations.csv_body import Reader
from representations.slices import Slice

MEGABYTE = 1024 * 1024
READABLE = [format_() for format_ in DEFAULTS if format_.decode]
STREAMED = [CSV(), TSV(), CSV(";"), NDJSON()]
NO_HEADER = "no header: the first line names the columns"


def named(value):
    return f"{value.suffixes[0]}{getattr(value, 'delimiter', '')!r}" if isinstance(value, Representation) else None


every_format = pytest.mark.parametrize("format", READABLE, ids=named)
every_streamed_format = pytest.mark.parametrize("format", STREAMED, ids=named)
either_table = pytest.mark.parametrize("format", [CSV(), TSV()], ids=named)


class Dribble(io.RawIOBase):
    """A file that gives as many bytes at a time as sizes say, again and again, however many are asked for."""

    def __init__(self, body, sizes):
        self.body, self.sizes = io.BytesIO(body), itertools.cycle(sizes)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.body.read(min(len(buffer), next(self.sizes)))
        buffer[: len(data)] = data
        return len(data)


class Made(io.RawIOBase):
    """A file that is made as it is read, of start and count times more; told is how much was read."""

    def __init__(self, start, more, count):
        at_once = max(1, 64 * 1024 // len(more))
        self.parts = itertools.chain([start], itertools.repeat(more * at_once, count // at_once))
        self.part, self.told = b"", 0

    def readable(self):
        return True

    def readinto(self, buffer):
        part = self.part or next(self.parts, b"")
        size = min(len(buffer), len(part))
        buffer[:size], self.part = part[:size], part[size:]
        self.told += size
        return size


def gigabyte(start, more):
    return Made(start, more, 1024 * MEGABYTE // len(more))


def records(format, body):
    return [record for _, record in format.iter_decode(io.BytesIO(body))]


def positions(format, body):
    return [position for position, _ in format.iter_decode(io.BytesIO(body))]


def outcome(read):
    """What a body is read as, or why it is not."""
    try:
        return list(read())
    except Malformed as error:
        return str(error)


def by_hand(text, delimiter):
    """Line and fields of each record, a character at a time; None in place of the first that is malformed."""
    found, line, start, fields, position = [], 1, 1, [], 0
    text = text.removeprefix("\ufeff")
    while position < len(text) or fields:
        if text[position : position + 1] == '"':
            value, position = "", position + 1
            while text[position : position + 1] != '"' or text[position : position + 2] == '""':
                if position >= len(text):
                    return [*found, None]
                step = 2 if text[position] == '"' else 1
                value += text[position]
                ends = text[position] == "\n" or (text[position] == "\r" and text[position + 1 : position + 2] != "\n")
                line, position = line + ends, position + step
            position += 1
        else:
            begin = position
            while position < len(text) and text[position] not in f'"\r\n{delimiter}':
                position += 1
            value = text[begin:position] or None
        fields.append(value)
        if text[position : position + 1] == delimiter:
            position += 1
            continue
        if position < len(text) and text[position] not in "\r\n":
            return [*found, None]
        if fields != [None]:
            found.append((start, fields))
        position += 2 if text[position : position + 2] == "\r\n" else 1
        line += 1
        start, fields = line, []
    return found


def by_reader(text, delimiter, sizes=(1 << 20,), block=64 * 1024):
    """The same by the reader, whose file gives sizes of bytes."""
    found = Reader(delimiter).records(Dribble(text.encode(), sizes), LONGEST_RECORD, block)
    return list(till_malformed(found))


def till_malformed(found):
    try:
        yield from found
    except Malformed:
        yield None


# The same as decode()


SAMPLE = [{"a": "1", "b": "x"}, {"a": None, "b": 'é,;\t"\r\n😀'}, {"a": "", "b": "\ufeff"}] * 3


@every_format
def test_records_are_those_that_decode_gives(format):
    body = format.encode(SAMPLE)

    assert records(format, body) == format.decode(body) == SAMPLE


@every_format
def test_single_mapping_is_one_record(format):
    record = {"a": "1", "b": "x"}

    assert list(format.iter_decode(io.BytesIO(format.encode(record)))) == [
        (2 if "csv" in format.mediatype or "tab" in format.mediatype else 1, record)
    ]


CELLS = [
    "a",
    "b",
    "1",
    "",
    "é",
    "😀",
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\ufeff",
    "\0",
    " ",
    ".",
    "\\",
    "\x0b",
    "\u2028",
]
PARTS = ["a,b", '"a","b"\r\n', '"",', '"a,"",b"', '"\n""\n"', "1,2\n", "\n\n"]
tables = st.lists(st.sampled_from([*CELLS, *PARTS]), max_size=30).map("".join)
sizes = st.lists(st.integers(1, 7), min_size=1, max_size=5)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_table_is_read_by_its_grammar(delimiter):
    @settings(max_examples=1000, deadline=None)
    @given(tables)
    @example('a,b\r"c"\r"d"\r\n\r\n""\n"')
    @example('"a\r",\r\n"\r\n"\n"""",""')
    @example('"a"b')
    @example('a"b",c')
    @example('""\n"a,"",b","\t"",;"";"\r"""","""a","",;\t\n"\n""\r","","a"\r\n,""')
    @example('"\0\0",\0\0,"","""","a,"",b"\n')
    def check(text):
        assert by_reader(text, delimiter) == by_hand(text, delimiter)

    check()


@settings(max_examples=600, deadline=None)
@given(tables, sizes, st.sampled_from([1, 2, 5, 64]))
@example('"a\r\n""b"\r\n"c', [1], 1)
@example("a\r\n\r\nb", [2], 1)
def test_table_is_read_alike_in_pieces_of_any_size(text, sizes, block):
    assert by_reader(text, ",", sizes, block) == by_reader(text, ",")


def spoiled(body):
    return st.tuples(st.integers(0, len(body)), st.integers(0, 4), st.binary(max_size=3)).map(
        lambda change: body[: change[0]] + change[2] + body[change[0] + change[1] :]
    )


@every_streamed_format
def test_any_bytes_are_read_as_decode_reads_them_or_refused_alike(format):
    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=60) | spoiled(format.encode(SAMPLE)) | tables.map(str.encode), sizes)
    @example(b"a,b\r\n1,\xff", [1])
    @example("a\né".encode()[:-1], [1])
    @example(b"\xef\xbb", [1])
    @example(b"\xef\xbb\xbf\xef\xbb\xbfa\n1\n", [2])
    @example(b'a,b\n"1\n\xff', [1])
    @example(b"a\\b,ab\n", [1])
    def check(body, sizes):
        expected = outcome(lambda: format.decode(body))
        if not expected and outcome(lambda: records(format, body)) == NO_HEADER:
            return  # as decode() gives of no records at all
        assert outcome(lambda: records(format, body)) == expected
        dribble = io.BufferedReader(Dribble(body, sizes)) if isinstance(format, NDJSON) else Dribble(body, sizes)
        assert outcome(lambda: [record for _, record in format.iter_decode(dribble)]) == expected

    check()


@every_format
def test_body_that_decode_refuses_is_refused_with_the_same_words(format):
    body = format.encode(SAMPLE)[:-1] + b"\xff"
    with pytest.raises(Malformed) as expected:
        format.decode(body)
    with pytest.raises(Malformed) as told:
        records(format, body)

    assert str(told.value) == str(expected.value)


# Many at a time


def in_slices(format, file):
    """What iter_slices() gives, record by record."""
    return with_repr(
        record
        for found in format.iter_slices(file)
        for record in (found.records() if isinstance(found, Slice) else found)
    )


def with_repr(found):
    """Line and record of each, and what tells 1 from 1.0 in it; the order of names may be another's."""
    return (
        (line, record, repr(sorted(record.items()) if isinstance(record, dict) else record)) for line, record in found
    )


@pytest.mark.parametrize("format", [CSV(), TSV(), CSV(";")], ids=named)
def test_table_is_read_many_lines_at_a_time_as_one_by_one(format):
    def together(body, told=None, block=64 * 1024):
        uneven = None if told is None else lambda *row: told.append(row)
        found = csv_records.in_slices(Reader(format.delimiter), io.BytesIO(body), uneven, (), block)
        return outcome(lambda: with_repr(record for some in found for record in some.records()))

    @settings(max_examples=300, deadline=None)
    @given(
        st.sampled_from(["a", "a,b", "a,b.c,b.d", "a.b,a.c", "a\\b,ab", "a,b,c"]), tables, st.sampled_from([1, 20, 999])
    )
    @example("a", "1\n\n2\n", 1)
    @example("a,b", "1,2\n\n3,\n,\n4\n5,6\r\n", 1)
    @example("a,b", "1,2\n3\n4,5,6\n7,8\n", 7)
    @example("a,b", "1\n2,3,4\n", 5)
    @example("a,b", '1,2\n"3""",4\n"5\n",6\n7,8\n', 3)
    def check(header, text, block):
        body = f"{header}\n{text}".replace(",", format.delimiter).encode()
        told, expected_told = [], []
        expected = outcome(
            lambda: with_repr(format.iter_decode(io.BytesIO(body), lambda *row: expected_told.append(row)))
        )
        assert together(body, told, block) == expected
        assert told == expected_told or isinstance(expected, str)
        assert together(body, None, block) == outcome(lambda: with_repr(format.iter_decode(io.BytesIO(body))))

    check()


OBJECTS = [
    '{"a": 1, "b": "x"}',
    '{"a": 2, "b": null}',
    '{"b": 1, "a": 2}',
    '{"a": 1}',
    '{"a": 1, "a": 2}',
    '{"a": 1, "\\u0061": 2}',
    '{"a" : 1, "a": 2}',
    '{"a"\t: 1}',
    '{"a": "\\":", "a": ":"}',
    '{"a": ":", "b": ","}',
    '{"a": "} {", "b": "[{"}',
    '{"a": {"c": 1, "c": 2}}',
    '{"a": {"c": 1}}',
    '{"a": {}, "b": []}',
    '{"a": [1, {"c": 1}]}',
    '{"a": ' + "[" * 150 + "]" * 150 + "}",
    '{"a": 1}{"b": 2}',
    '{"a": 1} 5',
    '{"a": 1}{"b":',
    '{"c": 3}}',
    '{"a":',
    "1}",
    "{}",
    "[]",
    "5",
    '"x"',
    "null",
    "",
    " ",
    "\x0b",
    "\ufeff",
    '{"a": 1.10, "b": 0.1}',
    '{"a": 1234567890123456.5678}',
    '{"a": 1e400}',
    '{"a": 1e-400}',
    '{"a": -0, "b": -0.0}',
    '{"a": 1E5}',
    '{"a": 18446744073709551616}',
    '{"a": ' + "9" * 5000 + "}",
    '{"a": NaN}',
    '{"a": Infinity}',
    '{"a": 01}',
    '{"a": true, "b": false}',
    '{"a": "\\ud800"}',
    '{"a": "\\ud83d\\ude00"}',
    '{"a": "\\u0000\x7f\u2028"}',
    '{"a": "\t"}',
    '{"\\"a\\n": 1}',
    '{"": 1, "é": 2}',
]


@pytest.mark.parametrize("exactly", [False, True], ids=["floats", "every digit"])
def test_lines_of_ndjson_are_read_together_as_one_by_one(exactly):
    ndjson = NDJSON().exactly() if exactly else NDJSON()
    some = st.lists(st.sampled_from(OBJECTS) | st.just(OBJECTS[0]), min_size=1, max_size=60)

    @settings(max_examples=400, deadline=None)
    @given(some, st.sampled_from(["\n", "\r\n"]), sizes)
    @example([OBJECTS[0]] * 40 + ['{"a": 1, "a": 2}'] + [OBJECTS[0]] * 40, "\n", [1])
    def check(lines, end, sizes):
        body = end.join(lines).encode()
        expected = outcome(lambda: with_repr(ndjson.iter_decode(io.BytesIO(body))))
        assert outcome(lambda: in_slices(ndjson, io.BytesIO(body))) == expected
        assert outcome(lambda: in_slices(ndjson, Dribble(body, sizes))) == expected

    check()


def test_records_that_are_alike_are_read_together():
    rows = [{"a": str(number), "b": None if number % 9 else "x,y" * (number % 2)} for number in range(5000)]
    for streamed in STREAMED:
        sizes = [len(found.lines) for found in streamed.iter_slices(io.BytesIO(streamed.encode(rows)))]
        assert (sum(sizes), len(sizes) < 10) == (5000, True)


# Where a record starts


LINES = {
    "plain": (b"a,b\n1,2\n3,4\n", [2, 3]),
    "CRLF": (b"a,b\r\n1,2\r\n3,4\r\n", [2, 3]),
    "CR": (b"a,b\r1,2\r3,4\r", [2, 3]),
    "no end": (b"a,b\n1,2\n3,4", [2, 3]),
    "blank lines": (b"\r\na,b\r\n\r\n1,2\n\n\r3,4\n", [4, 7]),
    "quoted breaks": (b'a,b\n1,"x\ny\r\nz\rw"\n3,4\n"5\n","6"\n7,8\n', [2, 6, 7, 9]),
    "quoted quotes": (b'a,b\n1,"x""\ny"\n3,"\n"""\n7,8\n', [2, 4, 6]),
    "byte order mark": (b"\xef\xbb\xbfa,b\n1,2\n", [2]),
}


@pytest.mark.parametrize(("body", "lines"), LINES.values(), ids=LINES)
def test_record_of_a_table_has_the_line_on_which_it_starts(body, lines):
    assert positions(CSV(), body) == lines
    assert positions(TSV(), body.replace(b",", b"\t")) == lines


@pytest.mark.parametrize("longest", range(3, 12))
def test_line_is_counted_once_wherever_its_end_is_met(longest):
    body = b'"a"\r\n' * 5 + b"b\r\n" + b'"c"\r\n' * 2

    assert [line for line, _ in Reader(",").records(io.BytesIO(body), longest)] == list(range(1, 9))


def test_record_of_ndjson_has_its_line():
    assert positions(NDJSON(), b'\xef\xbb\xbf\r\n{"a": 1}') == [2]
    assert positions(NDJSON(), b'\xef\xbb\xbf{"a": 1}\r\n\n \n2\n\r\nnull') == [1, 4, 6]


@pytest.mark.parametrize(
    "format", [f for f in READABLE if f.mediatype not in {s.mediatype for s in STREAMED}], ids=named
)
def test_record_of_any_other_format_has_its_number(format):
    assert positions(format, format.encode(SAMPLE)) == list(range(1, len(SAMPLE) + 1))


# Columns


def test_columns_are_the_names_in_the_records():
    assert CSV().columns(io.BytesIO(b'\xef\xbb\xbf\r\nb,"a,c",d.e,d.f,"g\\.h"\r\n1,2,3,4,5\r\n')) == (
        "b",
        "a,c",
        "d",
        "g.h",
    )
    assert TSV().columns(io.BytesIO(b"a\tb")) == ("a", "b")


def test_columns_are_known_of_a_table_without_rows():
    for body in (b"a,b", b"a,b\r\n", b"a,b\n\n\n"):
        assert CSV().columns(io.BytesIO(body)) == ("a", "b")
        assert records(CSV(), body) == []


def test_columns_are_read_without_the_rows():
    file = gigabyte(b"a,b\r\n", b"1,2\r\n")

    assert CSV().columns(file) == ("a", "b")
    assert file.told < MEGABYTE


@pytest.mark.parametrize("format", [f for f in READABLE if not isinstance(f, CSV)], ids=named)
def test_columns_are_told_by_no_format_without_a_header(format):
    assert format.columns(io.BytesIO(format.encode(SAMPLE))) is None


@pytest.mark.parametrize("count", [1000, 100_000])
def test_table_may_have_many_columns(count):
    names = [f"c{number}" for number in range(count)]
    body = ",".join(names) + "\n" + ",".join("1" * count) + "\n"

    assert CSV().columns(io.BytesIO(body.encode())) == tuple(names)
    assert records(CSV(), body.encode()) == [dict.fromkeys(names, "1")]


# What is refused


REFUSED = {
    "empty": (b"", NO_HEADER),
    "mark alone": (b"\xef\xbb\xbf", NO_HEADER),
    "blank lines": (b"\r\n\n\r", NO_HEADER),
    "too few fields": (b"a,b\n1,2\n3\n", "line 3 has 1 fields, the header has 2"),
    "too many fields": (b'a,b\n"1\n",2\n3,4,5\n', "line 4 has 3 fields, the header has 2"),
    "duplicate": (b"\na,b,a\n", "line 2: the column 'a' is there twice"),
    "duplicate path": (b"a.b,a\\.b,a.b\n", "line 1: the column 'a.b' is there twice"),
    "lone quote": (b'a,b\n"', "line 2, field 1: a quotation mark out of place or not closed"),
    "quote not closed": (b'a,b\n1,2\n"x\n",3,"\n4,5\n', "line 4, field 3: a quotation mark out of place or not closed"),
    "quote within": (b'a,b\n1,x"y"\n', "line 2, field 2: a quotation mark out of place or not closed"),
    "quote after": (b'a,b\n1,"x"y\n', "line 2, field 2: a quotation mark out of place or not closed"),
    "quote at the end": (b'a,b\n1,x"', "line 2, field 2: a quotation mark out of place or not closed"),
    "not UTF-8": (b"a,b\n1,2\n1,\xff\n", "line 3: not UTF-8 at byte 11"),
    "not UTF-8, quoted": (b'a,b\n1,"2\n\xff"\n', "line 3: not UTF-8 at byte 10"),
    "half a character": (b"a,b\n1,\xc3", "line 2: not UTF-8 at byte 7"),
    "value and path": (b"a,a.b\n1,2\n", "column 'a.b' lies below a column that holds values itself"),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
@either_table
def test_table_is_refused_saying_what_and_where(format, body, words):
    with pytest.raises(Malformed, match=words):
        records(format, body.replace(b",", format.delimiter.encode()))


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_columns_of_no_header_are_refused(body):
    with pytest.raises(Malformed, match=NO_HEADER):
        CSV().columns(io.BytesIO(body))


def test_records_before_the_one_that_is_malformed_are_given():
    found = CSV().iter_decode(io.BytesIO(b"a,b\n1,2\n3,4\n5\n6,7\n"))

    assert [next(found), next(found)] == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]
    with pytest.raises(Malformed, match="line 4 "):
        next(found)


def test_nul_is_a_character_of_a_table():
    assert records(CSV(), b'a,b\n\0,"x\0y"\n') == [{"a": "\0", "b": "x\0y"}]


def test_columns_of_a_stream_nest_a_few_values_only():
    header = ",".join(f"{number}{'.a' * 60}" for number in range(200))
    with pytest.raises(Malformed, match="nest more than"):
        records(CSV(), header.encode() + b"\n" + b"," * 199 + b"\n")


# How long a record may be


LONG = {
    "line": lambda size: b"a,b\n1,2\n3," + b"x" * (size - 2),
    "line that ends": lambda size: b"a,b\r\n1,2\r\n3," + b"x" * (size - 2) + b"\r\n4,5\r\n",
    "quoted": lambda size: b'a,b\n1,2\n3,"' + b"x\r\n" * ((size - 4) // 3) + b"x" * ((size - 4) % 3) + b'"',
    "quoted twice": lambda size: b'a,b\n1,2\n3,"""' + b"x" * (size - 6) + b'"\n4,5\n',
    "characters": lambda size: b"a,b\n1,2\n3," + "é".encode() * (size - 2),
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_record_of_a_table_has_a_bound(body):
    assert len(records(CSV(), body(LONGEST_RECORD))) >= 2
    with pytest.raises(Malformed, match="line 3: a record longer than 1,048,576 characters"):
        records(CSV(), body(LONGEST_RECORD + 1))


def test_header_of_a_table_has_the_same_bound():
    with pytest.raises(Malformed, match="line 1: a record longer"):
        CSV().columns(io.BytesIO(b"a" * (LONGEST_RECORD + 1) + b"\n1\n"))


def test_record_of_ndjson_has_a_bound():
    line = json.dumps({"a": "x" * (LONGEST_RECORD - 9)}).encode()

    assert records(NDJSON(), b"1\n" + line) == [1, json.loads(line)]
    with pytest.raises(Malformed, match="line 2: longer than 1,048,576 bytes"):
        records(NDJSON(), b"1\n " + line)


def test_record_of_a_body_read_whole_may_be_longer():
    body = b"a,b\n1," + b"x" * 3 * LONGEST_RECORD + b'\n1,"' + b"x" * 3 * LONGEST_RECORD + b'"\n'

    assert [len(record["b"]) for record in CSV().decode(body)] == [3 * LONGEST_RECORD] * 2


def test_values_of_a_record_have_the_bound_of_a_body():
    for row in (b"," * 1_000_000, b'""' + b"," * 1_000_000):
        with pytest.raises(Malformed, match="line 2: more than 1,000,000 values"):
            records(CSV(), b"a\n" + row + b"\n1\n")


GIGABYTES = {
    "field": (CSV(), b"a,b\n1,2\n3,", b"x"),
    "quoted field": (CSV(), b'a,b\n1,2\n3,"', b"x"),
    "quoted lines": (CSV(), b'a,b\n1,2\n3,"', b"x,y\r\n"),
    "quoted quotes": (CSV(), b'a,b\n1,2\n3,"', b'""'),
    "fields": (CSV(), b"a,b\n1,2\n3,", b"x,"),
    "quoted fields": (CSV(), b"a,b\n1,2\n3,", b'"",'),
    "line of NDJSON": (NDJSON(), b'{"a": 1}\n{}\n{"a": "', b"x"),
    "blanks of NDJSON": (NDJSON(), b'{"a": 1}\n{}\n', b" "),
}


@pytest.mark.parametrize(("format", "start", "more"), GIGABYTES.values(), ids=GIGABYTES)
def test_gigabyte_without_an_end_is_refused_early(format, start, more):
    file, began = gigabyte(start, more), time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(Malformed, match=r"line 3: .*longer than 1,048,576"):
            list(format.iter_decode(io.BufferedReader(file)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert file.told < 4 * MEGABYTE
    assert peak < 32 * MEGABYTE
    assert time.process_time() - began < 5


# How much memory and time a body takes


ROWS = {
    "csv": (CSV(), b"a,b\r\n", b"1," + b"x" * 1000 + b"\r\n"),
    "csv quoted": (CSV(), b"a,b\r\n", b'1,"' + b"x" * 1000 + b'"\r\n'),
    "csv with quotes and breaks": (CSV(), b"a,b\r\n", b'1,"' + b'""\r\n' * 250 + b'"\r\n'),
    "tsv": (TSV(), b"a\tb\n", b"1\t" + b"x" * 1000 + b"\n"),
    "ndjson": (NDJSON(), b"\n", b'{"a": "' + b"x" * 1000 + b'"}\n'),
}


@pytest.mark.parametrize(("format", "start", "row"), ROWS.values(), ids=ROWS)
def test_memory_does_not_grow_with_the_length_of_a_body(format, start, row):
    file, at_once = io.BufferedReader(Made(start, row, 40_000)), 64 * 1024 // len(row)
    tracemalloc.start()
    try:
        assert sum(1 for _ in format.iter_decode(file)) == 40_000 // at_once * at_once
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * MEGABYTE


def test_stream_may_have_more_values_than_a_body_read_whole(monkeypatch):
    for name in ("csv", "csv_body", "ndjson", "json"):
        monkeypatch.setattr(f"representations.{name}.MAX_VALUES", 100)

    assert len(records(CSV(), b"a,b\n" + b"1,2\n" * 1000)) == 1000
    assert len(records(NDJSON(), b"[1,2]\n" * 1000)) == 1000


HOSTILE = {
    "quotes": b'a,b\n1,"' + b'""' * 500_000 + b'"\n',
    "breaks": b'a,b\n1,"' + b"\n" * 1_000_000 + b'"\n',
    "quoted fields": b"a\n" + b'"",' * 300_000 + b'""\n',
    "not closed": b'a,b\n1,"' + b'x",""' * 150_000 + b'\n"\n' * 10_000,
    "rows of quotes": b"a\n" + b'""\n' * 300_000,
    "carriage returns": b"a\n" + b"1\r" * 300_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_table_is_read_in_linear_time(body):
    began = time.process_time()
    with suppress(Malformed):
        deque(CSV().iter_decode(io.BytesIO(body)), maxlen=0)  # records that are held would be what takes the time

    assert time.process_time() - began < 3


LONG = "1234567890123456.5678"


@pytest.mark.parametrize("written", [LONG, f"-{LONG}", "0.1000000000000000055511151231257827", "1e400", "1.5E-330"])
@pytest.mark.parametrize("format", [JSON(), NDJSON(), YAML()], ids=named)
def test_a_number_that_a_float_does_not_keep_is_a_decimal_to_an_exact_reader_alone(format, written):
    body = f'{{"a": [{written}]}}\n'.encode()
    for [record] in (
        _listed(format.exactly().decode(body)),
        [r for _, r in format.exactly().iter_decode(io.BytesIO(body))],
    ):
        [found] = record["a"]
        assert (type(found), found) == (Decimal, Decimal(written))
    if written != "1e400":
        [record] = _listed(format.decode(body))
        assert type(record["a"][0]) is float


@pytest.mark.parametrize("format", [JSON(), NDJSON(), YAML()], ids=named)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_one_to_an_exact_reader(format, value):
    [record] = _listed(format.exactly().decode(f'{{"a": {value!r}}}'.encode()))
    assert (type(record["a"]), record["a"]) == (float, value)


@pytest.mark.parametrize("written", ["1e99999999999999999999", "1e5000", "1." + "1" * 5000])
@pytest.mark.parametrize("format", [JSON(), NDJSON(), YAML()], ids=named)
def test_a_number_of_too_many_digits_is_refused_by_an_exact_reader(format, written):
    with pytest.raises(Malformed, match="the number 1"):
        format.exactly().decode(f'{{"a": {written}}}'.encode())


def test_half_a_character_beside_an_exact_number_is_refused():
    with pytest.raises(Malformed, match="surrogate"):
        JSON().exactly().decode(f'{{"a": {LONG}, "b": "\\ud800"}}'.encode())


def _listed(data):
    return data if isinstance(data, list) else [data]
