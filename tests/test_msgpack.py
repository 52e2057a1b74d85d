"""What MessagePack writes, whole and as rows, and what it takes in a body."""

import math
import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgpack import fallback

from representations import Malformed, Rows, Unrepresentable
from representations import msgpack as module
from representations.base import CHUNK
from representations.data import MAX_DEPTH
from representations.msgpack import IN_MEMORY, MessagePack, MiscountedRows

FORMAT = MessagePack()

generated = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@pytest.fixture(params=[msgpack.Unpacker, fallback.Unpacker], ids=["extension", "python"])
def unpacker(request, monkeypatch):
    """Bodies are read by msgpack's C extension, then without it."""
    monkeypatch.setattr(msgpack, "Unpacker", request.param)


def exact(data):
    """data as what is equal only if types and the order of keys are."""
    if isinstance(data, dict):
        return [(key, exact(item)) for key, item in data.items()]
    return [exact(item) for item in data] if isinstance(data, list) else (type(data), repr(data))


# What is written

WRITTEN = {
    "null": (None, b"\xc0"),
    "boolean": (True, b"\xc3"),
    "integer": (2**64 - 1, b"\xcf" + b"\xff" * 8),
    "negative integer": (-(2**63), b"\xd3\x80" + b"\0" * 7),
    "integer beyond 64 bits": (2**64, b"\xb418446744073709551616"),
    "negative integer beyond 64 bits": (-(2**63) - 1, b"\xb4-9223372036854775809"),
    "long integer": (10**5000, b"\xda\x13\x891" + b"0" * 5000),
    "float": (1.5, b"\xcb\x3f\xf8" + b"\0" * 6),
    "NaN": (math.nan, b"\xc0"),
    "infinity": ([-math.inf], b"\x91\xc0"),
    "Decimal": (Decimal("1.10"), b"\xa41.10"),
    "Decimal with an exponent": (Decimal("1E+90"), b"\xa51E+90"),
    "text": ("é", b"\xa2\xc3\xa9"),
    "half a character": ("a\ud800", b"\xa4a\xef\xbf\xbd"),
    "bytes": (b"\x00\xff", b"\xc4\x02\x00\xff"),
    "bytearray": ([bytearray(b"a")], b"\x91\xc4\x01a"),
    "date": (date(2020, 1, 1), b"\xaa2020-01-01"),
    "set": ({2, 1}, b"\x92\x01\x02"),
    "mapping": ({"b": 1, "a": {2: ()}}, b"\x82\xa1b\x01\xa1a\x81\xa12\x90"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_value_is_written_as(case):
    value, written = WRITTEN[case]
    assert FORMAT.encode(value) == written


DATA = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.text(), st.binary()),
        *(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**64 - 1)),
    ),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(), items, max_size=4),
    max_leaves=10,
)


@given(data=DATA)
@generated
def test_data_is_read_back(data):
    assert exact(FORMAT.decode(FORMAT.encode(data))) == exact(data)
    assert exact(msgpack.unpackb(FORMAT.encode(data))) == exact(data)


def test_data_nested_too_deeply_is_unrepresentable():
    data = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(Unrepresentable):
        FORMAT.encode(data)


def test_data_past_the_limit_of_msgpack_is_unrepresentable(monkeypatch):
    monkeypatch.setattr(module, "plain", lambda data, binary: data)
    data = []
    for _ in range(2000):
        data = [data]
    with pytest.raises(Unrepresentable):
        FORMAT.encode(data)


# Rows

TABLES = {
    "no rows": [],
    "one": [(1, "Ada")],
    "fifteen": [(n, None) for n in range(15)],
    "sixteen": [(n, b"\0") for n in range(16)],
    "many": [(n, "x" * n) for n in range(500)],
    "large": [(n, "x" * 1_000_000) for n in range(3)],
    "other types": [(Decimal("1.10"), {"a": {2, 1}}), (2**64, math.nan), ("\ud800", date(2020, 1, 1))],
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("counted", [True, False], ids=["counted", "uncounted"])
def test_chunks_joined_are_the_document(table, counted):
    rows = TABLES[table]
    document = FORMAT.encode([{"id": id_, "name": name} for id_, name in rows])
    assert b"".join(FORMAT.iter_encode(Rows(["id", "name"], rows, count=len(rows) if counted else None))) == document


def test_count_may_be_a_callable():
    assert b"".join(FORMAT.iter_encode(Rows(["a"], [(1,), (2,)], count=lambda: 2))) == FORMAT.encode(
        [{"a": 1}, {"a": 2}]
    )


@pytest.mark.parametrize(
    ("announced", "there"), [(2, 1), (1, 2), (0, 1), (1, 0), (300, 299), (300, 301), (50, 51), (50, 10**9)]
)
def test_rows_other_than_counted_are_an_error(announced, there):
    chunks = FORMAT.iter_encode(Rows(["a"], ((n,) for n in range(there)), count=announced))
    with pytest.raises(MiscountedRows, match=f"{announced} rows were announced"):
        list(chunks)
    assert issubclass(MiscountedRows, RuntimeError)


def test_counted_rows_are_sent_while_they_are_read():
    read = []
    rows = Rows(["a"], (read.append(n) or (n,) for n in range(100_000)), count=100_000)
    next(iter(FORMAT.iter_encode(rows)))
    assert len(read) < 1000


@pytest.mark.parametrize("count", [40_000, None], ids=["counted", "uncounted"])
def test_rows_are_written_in_chunks_and_constant_memory(count):
    rows = Rows(["id", "name"], ((n, f"{n:0100}") for n in range(40_000)), count=count)
    tracemalloc.start()
    sizes = [len(chunk) for chunk in FORMAT.iter_encode(rows)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > 4_000_000
    assert peak < 2 * IN_MEMORY + 4 * CHUNK
    assert max(sizes) < 2 * CHUNK


def test_file_of_uncounted_rows_is_closed_with_the_generator(monkeypatch):
    files = []

    def spooled(**options):
        files.append(original(**options))
        return files[-1]

    original = module.SpooledTemporaryFile
    monkeypatch.setattr(module, "SpooledTemporaryFile", spooled)
    chunks = FORMAT.iter_encode(Rows(["a"], ((f"{n:0100}",) for n in range(20_000))))
    next(chunks)
    assert not files[0].closed
    assert files[0]._rolled
    chunks.close()
    assert files[0].closed


def test_uncounted_rows_go_to_their_file_in_chunks(monkeypatch):
    written = []

    class Spool(module.SpooledTemporaryFile):
        def write(self, data):
            written.append(len(data))
            return super().write(data)

    monkeypatch.setattr(module, "SpooledTemporaryFile", Spool)
    sent = sum(map(len, FORMAT.iter_encode(Rows(["a"], [(f"{n:0100}",) for n in range(20_000)]))))
    assert sum(written) == sent - 3
    assert len(written) < sent / CHUNK + 10


def test_failing_rows_that_are_not_counted_send_nothing():
    def rows():
        yield from ((n,) for n in range(100_000))
        raise ConnectionError

    chunks = FORMAT.iter_encode(Rows(["a"], rows))
    with pytest.raises(ConnectionError):
        next(chunks)


# Bodies


def timestamp(seconds, nanoseconds=0):
    return msgpack.packb(msgpack.Timestamp(seconds, nanoseconds))


READ = {
    "integer names": (b"\x82\x01\xa1a\xff\xc0", {"1": "a", "-1": None}),
    "binary": (b"\x91\xc4\x02\x00\xff", [b"\x00\xff"]),
    "float 32": (b"\xca\x3f\xc0\x00\x00", 1.5),
    "timestamp 32": (timestamp(0), "1970-01-01T00:00:00+00:00"),
    "timestamp 64": (timestamp(2**33), datetime.fromtimestamp(2**33, UTC).isoformat()),
    "timestamp 96": (timestamp(-62135596800), "0001-01-01T00:00:00+00:00"),
    "timestamp with microseconds": ([timestamp(-1, 1000)], ["1969-12-31T23:59:59.000001+00:00"]),
    "timestamp with nanoseconds": (timestamp(1, 1001), "1970-01-01T00:00:01.000001001+00:00"),
}


@pytest.mark.parametrize("case", READ)
@pytest.mark.usefixtures("unpacker")
def test_body_is_read_as(case):
    body, data = READ[case]
    body = b"\x91" + body[0] if isinstance(body, list) else body
    assert exact(FORMAT.decode(body)) == exact(data)


REFUSED = {
    "nothing": (b"", "the body ends before its value does"),
    "array cut off": (b"\x92\x01", "the body ends before its value does at byte 3"),
    "text cut off": (b"\xa3ab", "the body ends before its value does"),
    "map cut off": (b"\x81\xa1a", "the body ends before its value does at byte 4"),
    "no type": (b"\x92\x01\xc1", "no MessagePack at byte 3"),
    "two values": (b"\x01\x02", "more than one value at byte 2"),
    "a name twice": (b"\x92\x01\x82\xa1a\x01\xa1a\x02", "the name 'a' is there twice in one map at byte 9"),
    "a name twice as text": (b"\x82\x01\x02\xa11\x03", "the name '1' is there twice in one map"),
    "name null": (b"\x81\xc0\x01", "a name is neither text nor an integer but NoneType"),
    "name a boolean": (b"\x81\xc3\x01", "a name is neither text nor an integer but bool"),
    "name a float": (b"\x81\xca\x3f\xc0\x00\x00\x01", "a name is neither text nor an integer but float"),
    "name bytes": (b"\x81\xc4\x01a\x01", "a name is neither text nor an integer but bytes"),
    "name an array": (b"\x81\x90\x01", "a name is neither text nor an integer but list"),
    "name a map": (b"\x81\x80\x01", "a name is neither text nor an integer but dict"),
    "name a timestamp": (b"\x81" + timestamp(0) + b"\x01", "a name is neither text nor an integer but Timestamp"),
    "extension type": (b"\x91\xd4\x05a", "the extension type 5 is not read"),
    "NaN": (b"\xcb\x7f\xf8" + b"\0" * 6, "NaN and the infinities are no numbers here"),
    "infinity": (b"\x81\xa1a\x91\xca\xff\x80\0\0", "NaN and the infinities are no numbers here"),
    "text not UTF-8": (b"\x91\xa2a\xff", "text is not UTF-8"),
    "half a character": (b"\xa3\xed\xa0\x80", "text is not UTF-8"),
    "name not UTF-8": (b"\x81\xa1\xff\x01", "text is not UTF-8"),
    "timestamp of another length": (b"\xd4\xffa", "no MessagePack"),
    "timestamp with too many nanoseconds": (b"\xd7\xff" + b"\xff" * 8, "no MessagePack"),
    "timestamp too late": (timestamp(2**40), "a timestamp lies outside the years 1 to 9999"),
    "timestamp much too late": (timestamp(2**62), "a timestamp lies outside the years 1 to 9999"),
    "array announced": (b"\xdd\xff\xff\xff\xff", "no MessagePack: 4294967295 exceeds"),
    "map announced": (b"\xdf\xff\xff\xff\xff", "no MessagePack: 4294967295 exceeds"),
    "text announced": (b"\xdb\xff\xff\xff\xff", ""),
    "nested too deeply": (b"\x91" * MAX_DEPTH + b"\x90", f"nested deeper than {MAX_DEPTH} levels"),
    "nested much too deeply": (b"\x91" * 100_000 + b"\x90", f"nested deeper than {MAX_DEPTH} levels"),
    "maps nested too deeply": (b"\x81\xa0" * MAX_DEPTH + b"\x80", f"nested deeper than {MAX_DEPTH} levels"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.usefixtures("unpacker")
def test_body_is_refused(case, request):
    body, message = REFUSED[case]
    if "python" in request.node.callspec.id:
        message = message.partition(" at byte ")[0] if case != "two values" else message
    with pytest.raises(Malformed) as raised:
        FORMAT.decode(body)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 120


def test_body_as_deep_as_allowed_is_read():
    assert FORMAT.decode(b"\x91" * (MAX_DEPTH - 1) + b"\x90")


ANNOUNCED = """
import resource
from representations import Malformed, MessagePack

resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000))
try:
    MessagePack().decode(b"\\xdd\\x00\\x0f\\x42\\x40" * 1000 + b"\\xc0" * 1_000_000)
except Malformed as error:
    print(error)
"""


def test_announced_lengths_take_no_memory():
    """In a process that may have 300 MB: 1000 arrays of a million values each, announced in 5 MB."""
    run = subprocess.run([sys.executable, "-c", ANNOUNCED], capture_output=True, text=True, check=True)
    assert "more than 1,000,000 values" in run.stdout or "the body ends before its value does" in run.stdout


def valid_or_bytes():
    cut = st.tuples(DATA.map(FORMAT.encode), st.integers(0, 40), st.integers(0, 3), st.binary(max_size=3))
    return cut.map(lambda parts: parts[0][: parts[1]] + parts[3] + parts[0][parts[1] + parts[2] :]) | st.binary(
        max_size=40
    )


@given(body=valid_or_bytes())
@settings(generated, max_examples=500)
@pytest.mark.parametrize("reader", [msgpack.Unpacker, fallback.Unpacker], ids=["extension", "python"])
def test_any_bytes_are_read_or_malformed(reader, body):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(msgpack, "Unpacker", reader)
        try:
            data = FORMAT.decode(body)
        except Malformed:
            return
    assert exact(FORMAT.decode(FORMAT.encode(data))) == exact(data)
