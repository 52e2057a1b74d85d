"""What YAML writes, as three readers of YAML 1.1 and 1.2 see it, and what it takes in a body."""

import math
import time
import tracemalloc
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
import ruamel.yaml
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from representations import Malformed, Rows, Unrepresentable, yaml_body
from representations.base import CHUNK
from representations.data import MAX_DEPTH
from representations.yaml import LONG_KEY, YAML, _by_pyyaml, _dumper
from representations.yaml_body import MAX_ALIASED, MAX_DIGITS

BUILTIN, PYYAML = YAML(), YAML("pyyaml")
BOM = b"\xef\xbb\xbf"

generated = settings(max_examples=100, deadline=None, derandomize=True, database=None)
each_engine = pytest.mark.parametrize("format", [BUILTIN, PYYAML], ids=["builtin", "pyyaml"])


@pytest.fixture(params=[yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
def loader(request, monkeypatch):
    """Bodies are parsed by libyaml, then by PyYAML without it."""
    monkeypatch.setattr(yaml_body, "LOADER", request.param)


def read_by_all(document):
    """The data that we, PyYAML (1.1) with and without libyaml, and ruamel.yaml (1.2) read in document."""
    strict = ruamel.yaml.YAML(typ="safe", pure=True)
    return [
        BUILTIN.decode(document),
        yaml.load(document, yaml.CSafeLoader),
        yaml.load(document, yaml.SafeLoader),
        strict.load(document.decode()),
    ]


def exact(data):
    """data as what is equal only if types and the order of keys are."""
    if isinstance(data, dict):
        return [(key, exact(item)) for key, item in data.items()]
    return [exact(item) for item in data] if isinstance(data, list) else (type(data), repr(data))


def assert_read_by_all(document, data):
    for seen in read_by_all(document):
        assert exact(seen) == exact(data), document


# Layout

WORDS = """
    y Y n N yes Yes YES no No NO on On ON off OFF true True TRUE false null Null NULL None nil nan NaN inf Infinity ~ =
    08 004 0 7 -1 +1 1_000 0b1 0o7 0o777 0x1F 010 1e3 1E3 -1e3 1e+3 1.0e3 25921e05 .5 5. 1.5 .inf -.INF .nan
    1:30 190:20:30 12:30:45 2020-01-01 2020-13-01 2001-12-14t21:59:43.10-05:00 <<
    - -- --- ... ? : , [] {} [a {a ]a # #a & &a * *a ! !a !!str | > ' " % %a @a ` a: :a a:: a::b <a
"""
SPACED = (
    "",
    " ",
    "  ",
    " a",
    "a ",
    "a: b",
    "a #b",
    "- a",
    "? a",
    "a\n",
    "\na",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\t",
    "a:\tb",
)
MARKS = "\x00 \x07 \x7f \x9f \ufffe \uffff \U0001f600 \U0001fffe \u0301x १२"
WITHIN = 'a\\b a"b a\x7fb a\ufeff \ufeffa a\xad a\u200bb'
BREAKS = ("a\x85b", "\x85", "a\xa0b", "a\u2028b", "a\u2029b", "\u3000a", "a\u3000")
AMBIGUOUS = [*WORDS.split(), *SPACED, *MARKS.split(" "), *WITHIN.split(" "), *BREAKS]

UNQUOTED = [
    *("Ada", "Ada Lovelace", "O'Brien", "São Paulo", "Århus", "日本", "Ελλάδα", "a😀b", "C++", "R&D", "x=y", "a,b; c!"),
    *("Bolivia, Plurinational State of", "Côte d'Ivoire", "Micronesia (Federated States of)", "a-b_c.d/e", "x1", "e3"),
    *("https://example.com:80/a?b=c&d=e%20f", "mailto:ada@example.org", "yes!", "nothing", "Norway", "a  b", "key~2"),
]


@pytest.mark.parametrize("text", AMBIGUOUS, ids=ascii)
@each_engine
def test_ambiguous_text_is_text_to_every_reader(format, text):
    for data in (text, [text], {text: text}, {"a": {text: [{text: text}]}}):
        assert_read_by_all(format.encode(data), data)
    assert BUILTIN.encode(text).startswith(b'"')


@pytest.mark.parametrize("text", UNQUOTED)
def test_unambiguous_text_is_written_as_it_is(text):
    assert BUILTIN.encode({text: text}).decode() == f"{text}: {text}\n"
    assert_read_by_all(BUILTIN.encode({text: [text]}), {text: [text]})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('say "hi"\\', r'"say \"hi\"\\"'),
        ("two\nlines\r\n\t", r'"two\nlines\r\n\t"'),
        ("\x00\x1f\x7f\x80\x85\x9f", r'"\u0000\u001f\u007f\u0080\u0085\u009f"'),
        ("\u2028\u2029\ufeff\ufffe\uffff", r'"\u2028\u2029\ufeff\ufffe\uffff"'),
        ("1 \xa0é日😀\ufffd", '"1 \xa0é日😀\ufffd"'),
        ("a\ud800b\udc00", '"a\ufffdb\ufffd"'),
    ],
    ids=ascii,
)
def test_text_in_quotation_marks_has_escapes_only_where_needed(text, written):
    assert BUILTIN.encode(text).decode() == f"{written}\n"


WORD = st.from_regex(r"[A-Z][a-z]{3,8}( [a-z]{1,6}){0,2}", fullmatch=True).filter(lambda word: len(word) > 5)
ORDINARY = st.recursive(
    WORD | st.integers(-(10**30), 10**30) | st.booleans() | st.none(),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(WORD, items, max_size=3),
    max_leaves=12,
).filter(lambda data: isinstance(data, (list, dict)))


@given(data=ORDINARY)
@example(data={"a b": [[1, [2, []]], {"c d": {"e f": [{}], "g h": []}}], "i j": {}})
@example(data=[[[{"a": [1]}]], {"b": [[]]}])
@generated
def test_ordinary_data_is_laid_out_as_by_pyyaml(data):
    reference = yaml.dump(data, sort_keys=False, allow_unicode=True, default_flow_style=False, width=math.inf)
    assert BUILTIN.encode(data).decode() == reference
    assert PYYAML.encode(data).decode() == reference


def test_long_key_is_explicit():
    for data in ("Ada", ["Ada"], {"b": ["Ada"]}, [], {}):
        assert BUILTIN.encode({"k" * LONG_KEY: data}).startswith(b"k")
        for key in ("k" * (LONG_KEY + 1), "\x7f" * 300, "1" * 3000):
            assert BUILTIN.encode({key: data}).startswith(b"? ")
            assert_read_by_all(BUILTIN.encode([{key: data, "z": 1}]), [{key: data, "z": 1}])
    assert BUILTIN.encode([{"x" * 1001: ["Ada"]}]).decode() == f"- ? {'x' * 1001}\n  :\n  - Ada\n"


@each_engine
def test_long_text_is_one_line(format):
    plain, quoted = "word " * 1000 + "word", "- " * 1000 + "word"
    assert format.encode([plain, quoted]).decode() == f'- {plain}\n- "{quoted}"\n'


@each_engine
def test_shared_data_is_written_each_time(format):
    shared, number = ["Ada"], Decimal("1.10")
    assert (
        format.encode({"a": shared, "b": shared, "c": number, "d": number})
        == b"a:\n- Ada\nb:\n- Ada\nc: 1.10\nd: 1.10\n"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (10**30, "1" + "0" * 30),
        (10**5000, "1" + "0" * 5000),
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (1e16, "1.0e+16"),
        (-1e16, "-1.0e+16"),
        (1.5e300, "1.5e+300"),
        (1.0000000000000002e16, "1.0000000000000002e+16"),
        (1e-05, "0.00001"),
        (-1e-07, "-1.0e-7"),
        (math.nan, "null"),
        (-math.inf, "null"),
        (Decimal("1.10"), "1.10"),
        (Decimal("100"), "100"),
        (Decimal("1E+5"), "1.0E+5"),
        (Decimal("1.25E+90"), "1.25E+90"),
        (Decimal("-1E-70"), "-1.0E-70"),
        (date(2020, 1, 1), '"2020-01-01"'),
        (b"\x00", "AA=="),
        ([], "[]"),
        ({}, "{}"),
        ("Ada", "Ada"),
    ],
    ids=lambda value: ascii(value)[:20] if type(value) is not int else "int",
)
@each_engine
def test_atom_is_written_as(format, value, written):
    assert format.encode(value).decode() == f"{written}\n"
    assert format.encode({"k": value}).decode() == f"k: {written}\n"


@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers())
@generated
def test_number_is_the_same_number_to_every_reader(number):
    for engine in (BUILTIN, PYYAML):
        assert_read_by_all(engine.encode([number]), [number])


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**300), max_value=10**300))
@generated
def test_decimal_is_a_number_to_every_reader(number):
    for seen in read_by_all(BUILTIN.encode(number)):
        assert type(seen) in (int, float)
        assert float(seen) == float(number)


TEXT = (
    st.text(max_size=8)
    | st.sampled_from(AMBIGUOUS)
    | st.text("ayno0x1.:# -?,[]{}&*!|>'\"%@`~=e_\\\t\n\x85é", max_size=6)
)
DATA = st.recursive(
    TEXT | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(TEXT, items, max_size=3),
    max_leaves=8,
)


@given(data=DATA)
@settings(generated, max_examples=300)
def test_data_is_read_back(data):
    assert exact(BUILTIN.decode(BUILTIN.encode(data))) == exact(data)


@given(data=DATA)
@generated
def test_every_reader_sees_the_same_data(data):
    assert_read_by_all(BUILTIN.encode(data), data)


@given(data=DATA)
@generated
def test_engines_write_the_same_data(data):
    assert_read_by_all(PYYAML.encode(data), data)


def test_pyyaml_without_libyaml_writes_the_same_data(monkeypatch):
    monkeypatch.setitem(_by_pyyaml.__globals__, "_Dumper", _dumper(yaml.SafeDumper))
    data = {"texts": AMBIGUOUS, **dict.fromkeys(AMBIGUOUS, 1.5e300)}
    assert_read_by_all(PYYAML.encode(data), data)
    assert PYYAML.encode("Ada") == b"Ada\n"


def test_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="ruamel"):
        YAML("ruamel")


def nested(depth):
    data = []
    for level in range(depth):
        data = [data] if level % 3 else {"a": data}
    return data


@pytest.mark.parametrize(("format", "step"), [(BUILTIN, 1), (PYYAML, 50)], ids=["builtin", "pyyaml"])
def test_data_nested_too_deeply_is_unrepresentable(format, step):
    for depth in (*range(380, 450, step), 100_000):
        with pytest.raises(Unrepresentable) if depth == 100_000 else suppress(Unrepresentable):
            format.encode(nested(depth))
        with pytest.raises(Unrepresentable) if depth == 100_000 else suppress(Unrepresentable):
            list(format.iter_encode(Rows(["a"], [(nested(depth),)])))


# Rows

TABLES = {
    "one row": (["id", "name"], [(1, "Ada")]),
    "many": (["id", "no", "%s", "a b", "x" * 1001], [(n, f"n{n}", None, "no", n / 7) for n in range(2000)]),
    "nested": (["a", "b"], [({"c": [1, {"d": "e"}]}, [[1], []]), ({}, []), ([{}], (1, 2))]),
    "other types": (["a"], [(Decimal("1.10"),), (date(2020, 1, 1),), (math.nan,), ("\ud800",), (10**5000,)]),
    "no columns": ([], [(), ()]),
    "columns of other types": ([1, None, "1"], [(1, 2, 3)]),
    "no rows": (["a"], []),
}


@pytest.mark.parametrize("table", TABLES)
@each_engine
def test_chunks_joined_are_the_document(format, table):
    columns, rows = TABLES[table]
    document = format.encode([dict(zip(columns, row, strict=True)) for row in rows])
    assert b"".join(format.iter_encode(Rows(columns, rows))) == document
    assert b"".join(format.iter_encode(Rows.of([dict(zip(columns, row, strict=True)) for row in rows]))) == document


def test_mappings_with_other_keys_are_written_with_their_own():
    assert b"".join(BUILTIN.iter_encode(Rows.of([{"a": 1}, {"b": 2}]))) == b"- a: 1\n- b: 2\n"


def test_rows_are_laid_out_a_record_a_block():
    rows = Rows(["id", "name", "tags"], [(1, "Ada", ["x"]), (2, "no", {})])
    written = b"".join(BUILTIN.iter_encode(rows)).decode()
    assert written == '- id: 1\n  name: Ada\n  tags:\n  - x\n- id: 2\n  name: "no"\n  tags: {}\n'


def test_rows_are_written_in_chunks_and_constant_memory():
    rows = Rows(["id", "name"], ((n, f"{n:0100}") for n in range(30_000)))
    tracemalloc.start()
    sizes = [len(chunk) for chunk in BUILTIN.iter_encode(rows)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > 3_000_000
    assert peak < 1_000_000
    assert max(sizes) < 2 * CHUNK


# Bodies: what is read


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *(("12", 12), ("-12", -12), ("+3", 3), ("0", 0), ("0o14", 12), ("0xfF", 255), ("9" * 4300, int("9" * 4300))),
        *((text, text) for text in ("012", "-012", "+08", "00", "01234", "01.5", "00.5")),
        *(("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-3", -0.0015), ("+1.0e+16", 1e16)),
        *(
            (text, text)
            for text in ("no", "Yes", "on", "y", "nULL", "tRUE", "12:30", "190:20:30", "2020-13-01", "1_000")
        ),
        *(
            (text, text)
            for text in ("0b1", "-0o7", "-0x1", "0o8", "0xg", "1e", "e3", ".", "--", "+", "1.2.3", "=", "<<")
        ),
        *((f"'{text}'", text) for text in ("", "1", "null", "true", "<<")),
        *(
            ('"1"', "1"),
            ('"\\u00e9\\x41\\n\\/"', "éA\n/"),
            ("|-\n 1", "1"),
            (">-\n 1\n 2\n", "1 2"),
            ("a\n  b\n\n  c", "a b\nc"),
        ),
        *(
            ("!!str 1", "1"),
            ("!!str", ""),
            ("!!int '0x10'", 16),
            ("!!int 012", 12),
            ("!!float 1", 1.0),
            ("!!float 0x10", 16.0),
        ),
        *(('!!bool "true"', True), ("!!null ''", None), ("!<tag:yaml.org,2002:str> null", "null")),
        *(("!!map {a: 1}", {"a": 1}), ("!!seq [1]", [1]), ("{a: [1, {}], 'b': }", {"a": [1, {}], "b": None})),
    ],
    ids=lambda value: ascii(value)[:20] if type(value) is not int else "int",
)
@pytest.mark.usefixtures("loader")
def test_scalar_is_read_by_the_core_schema(scalar, value):
    assert exact(BUILTIN.decode(scalar.encode())) == exact(value)
    assert exact(BUILTIN.decode(f"a: {scalar}\n".encode())) == exact({"a": value})


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *(("1", "1"), ("0x10", "16"), ("1.50", "1.5"), ("null", "null"), ("true", "true"), ("~", "null")),
        *(("no", "no"), ("'<<'", "<<"), ("!!str <<", "<<"), ("? a\n", "a"), ("!!int '7'", "7"), ("007", "007")),
    ],
)
def test_key_becomes_text(key, name):
    assert BUILTIN.decode(f"{key}: 1".encode()) == {name: 1}


@pytest.mark.parametrize(
    "body", [b"", b"\n \n", b"# a comment", b"---", b"---\n...\n", b"%YAML 1.1\n---\n", BOM, BOM + b"# a\n--- ~"]
)
@pytest.mark.usefixtures("loader")
def test_empty_document_is_null(body):
    assert BUILTIN.decode(body) is None


@pytest.mark.parametrize(
    "body", [BOM + b"a: no", b"%YAML 1.1\n---\na: no\n...\n", b"%YAML 1.2\n--- {a: no}", b"a:  no # 1\n"]
)
@pytest.mark.usefixtures("loader")
def test_body_is_read_by_yaml_1_2_whatever_it_declares(body):
    assert BUILTIN.decode(body) == {"a": "no"}


REFUSED = {
    "anchor unknown": (b"a: *b", "the alias *b is of no complete node before it at line 1, column 4"),
    "cycle": (b"&a [1, *a]", "the alias *a is of no complete node before it at line 1, column 8"),
    "cycle, anchor of before": (b"- &a 1\n- &a [*a]", "of no complete node before it at line 2, column 7"),
    "key twice": (b"a: 1\nb: 2\na: 3", "the name 'a' is there twice in one mapping at line 3, column 1"),
    "key twice as text": (b'{1: a, "1": b}', "the name '1' is there twice in one mapping at line 1, column 8"),
    "key twice, null": (b"{~: a, null: b}", "the name 'null' is there twice"),
    "key a sequence": (b"? [a]\n: 1", "a key is no scalar at line 1, column 3"),
    "key a mapping": (b"{{a: 1}: 1}", "a key is no scalar at line 1, column 2"),
    "key an alias of a sequence": (b"- &a []\n- {*a : 1}", "a key is no scalar at line 2, column 4"),
    "merge key": (
        b"a: &a {b: 1}\nc:\n  <<: *a",
        'the merge key << is not read (as a name it is "<<") at line 3, column 3',
    ),
    "second document": (b"a: 1\n---\nb: 2", "a second document at line 2, column 1"),
    "infinity": (b"a: .inf", ".inf is not a number here at line 1, column 4"),
    "minus infinity": (b"- -.INF", "-.INF is not a number here at line 1, column 3"),
    "nan": (b".NaN", ".NaN is not a number here at line 1, column 1"),
    "float too large": (b"[1e400]", "the number 1e400 is too large at line 1, column 2"),
    "tagged float too large": (b"!!float 0x" + b"f" * 4000, "too large to convert to float at line 1, column 1"),
    "integer too long": (b"a: " + b"9" * (MAX_DIGITS + 1), "an integer has too many digits at line 1, column 4"),
    "integer much too long": (b"9" * 1_000_000, "an integer has too many digits at line 1, column 1"),
    "hexadecimal too long": (b"0x" + b"f" * 1_000_000, "an integer has too many digits at line 1, column 1"),
    "tag of a language": (b"!!python/object/apply:os.system [ls]", "python/object/apply:os.system is not read here"),
    "tag of our own": (b"a: !b c", "the tag !b is not read here at line 1, column 4"),
    "tag not specific": (b"! a", "the tag ! is not read here at line 1, column 1"),
    "tag of another kind": (b"!!str [a]", "the tag tag:yaml.org,2002:str is not read here at line 1, column 1"),
    "tag of binary": (b"!!binary AA==", "the tag tag:yaml.org,2002:binary is not read here"),
    "tag of a set": (b"!!set {a}", "the tag tag:yaml.org,2002:set is not read here"),
    "tag without a meaning": (b"!!int a", "'a' is no !!int at line 1, column 1"),
    "boolean not of 1.2": (b"!!bool yes", "'yes' is no !!bool at line 1, column 1"),
    "not UTF-8": (b"a: b\nc: \xff", "not UTF-8 at line 2, column 4"),
    "not UTF-8 after a mark": (BOM + b"\xe9", "not UTF-8 at line 1, column 1"),
    "UTF-16": ("a: 1".encode("utf-16"), "not UTF-8 at line 1, column 1"),
    "zero": (b"\x00", "the character U+0000 is not allowed at line 1, column 1"),
    "control": (b"a:\n  b\x07", "the character U+0007 is not allowed at line 2, column 4"),
    "noncharacter": ("\uffff".encode(), "the character U+FFFF is not allowed at line 1, column 1"),
    "half a character": (b'"\\ud83d"', "at line 1, column"),
    "beyond Unicode": (b'a: "\\UFFFFFFFF"', "at line 1, column"),
    "no version": (b"%YAML 1." + b"9" * 5000 + b"\n---", "at line 1, column"),
    "sequence open": (b"[a", "while parsing a flow sequence at line"),
    "text open": (b'"a', "found unexpected end of stream while scanning a quoted scalar at line 1, column 3"),
    "colon twice": (b"a: b: c", "mapping values are not allowed"),
    "tab": (b"a:\n\tb: c", "at line 2, column"),
    "directives": (b"".join(b"%%TAG !a%d! b\n" % n for n in range(40_000)), "more than 100 %TAG directives at line 1"),
    "directives after it": (b"a\n...\r" + b"%TAG ! a\r" * 200, "more than 100 %TAG directives"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.usefixtures("loader")
def test_body_is_refused_with_its_place(case):
    body, message = REFUSED[case]
    with pytest.raises(Malformed) as raised:
        BUILTIN.decode(body)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 300


def test_mention_of_directives_in_text_is_no_directive():
    text = "%TAG " * 1000
    assert BUILTIN.decode(BUILTIN.encode([text])) == [text]


def test_depth_is_bounded():
    assert BUILTIN.decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert BUILTIN.decode(b"- " * (MAX_DEPTH - 1) + b"a: 1")
    for body in (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), b"- " * MAX_DEPTH + b"a: 1"):
        with pytest.raises(Malformed, match=f"nested deeper than {MAX_DEPTH} levels at line 1, column"):
            BUILTIN.decode(body)


# Aliases


def nested_aliases(levels, width):
    """Each level a list of the one before it, width times."""
    lines = [b"- &a0 [x]"]
    lines += [b"- &a%d [%s]" % (n, b", ".join([b"*a%d" % (n - 1)] * width)) for n in range(1, levels)]
    return b"\n".join(lines)


def test_alias_is_a_copy():
    data = BUILTIN.decode(b"k: &k d\na: &x {b: [1, two]}\nc: *x\n*k : 1")
    assert data == {"k": "d", "a": {"b": [1, "two"]}, "c": {"b": [1, "two"]}, "d": 1}
    data["c"]["b"].append(3)
    assert data["a"] == {"b": [1, "two"]}


def test_alias_is_of_the_latest_node_with_its_anchor():
    assert BUILTIN.decode(b"[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]


def test_values_that_aliases_add_are_bounded():
    nodes = b"- &ten [1, 2, 3, 4, 5, 6, 7, 8, 9]\n- &one x\n" + b"- *ten\n" * (MAX_ALIASED // 10)
    assert len(BUILTIN.decode(nodes)) == MAX_ALIASED // 10 + 2
    with pytest.raises(Malformed, match=f"aliases add more than {MAX_ALIASED} values at line 1003, column 3"):
        BUILTIN.decode(nodes + b"- *one\n")


@pytest.mark.parametrize(
    "bomb",
    [
        nested_aliases(9, 9),
        b"- &a " + b"x" * 100_000 + b"\n- *a" * 9000,
        b"- &a {" + b"x" * 1000 + b": 1}" + b"\n- *a" * 4000,
        b"- &a " + b"9" * 4000 + b"\n- *a" * 9000,
        nested_aliases(9, 9) + b"\n- {<<: [*a8, *a8]}",
    ],
    ids=["nodes", "text", "key", "digits", "merge"],
)
def test_alias_bomb_is_malformed(bomb):
    with pytest.raises(Malformed, match="aliases add more than"):
        BUILTIN.decode(bomb)


def test_depth_through_aliases_is_bounded():
    assert BUILTIN.decode(nested_aliases(MAX_DEPTH - 1, 1))
    with pytest.raises(Malformed, match=f"nested deeper than {MAX_DEPTH} levels at line {MAX_DEPTH}"):
        BUILTIN.decode(nested_aliases(MAX_DEPTH + 1, 1))


# Bodies: any bytes


@pytest.mark.parametrize(
    "body",
    [
        *(
            piece * (50_000 // len(piece))
            for piece in (b"[", b"{", b"- ", b"? ", b"[{", b"{? ", b"a: ", b"[a,", b"!", b"&a ")
        ),
        *(
            piece * (50_000 // len(piece))
            for piece in (b"*a ", b'"', b"'", b"|\n", b"\t", b": ", b"---\n", b"...\n", b"%")
        ),
        *(
            piece * (50_000 // len(piece))
            for piece in (b"\n", b"-\n", b"?\n", b"k: v\n", b"- a\n", b"a\n\n", b"#", b"<<: ")
        ),
        b"[" * 100_000,
        b"? " * 5000,
    ],
    ids=lambda body: repr(body[:4]),
)
@pytest.mark.usefixtures("loader")
def test_repetition_is_read_or_malformed_in_time(body):
    start = time.process_time()
    with suppress(Malformed):
        BUILTIN.decode(body)
    assert time.process_time() - start < 3


WRITTEN = (
    "a 1 - ? : , [ ] { } # & &a *a ! !! !!int !<a> | > |2 ' \" \\ \\u \\x4 \\UFFFFFFFF %YAML %TAG --- ... << ~ @ `"
)
SPACES = (" ", "\n", "\n  ", "\t", "\r", "- ", ": ", "? ", "\x85", "\ufeff", "é", "\u2028", "%TAG ! a\n", "---\n")
PIECES = st.sampled_from([*WRITTEN.split(), *SPACES])


def read_or_malformed(body):
    """What is read, [] of a body that is refused."""
    try:
        return BUILTIN.decode(body)
    except Malformed as error:
        assert " at line " in str(error)  # noqa: PT017 - whether it is raised is not known
        return []


@given(body=st.lists(PIECES, max_size=25).map("".join).map(str.encode) | st.binary(max_size=30))
@settings(generated, max_examples=400)
@pytest.mark.parametrize("parser", [yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
def test_any_bytes_are_read_or_malformed(parser, body):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_body, "LOADER", parser)
        data = read_or_malformed(body)
    assert exact(BUILTIN.decode(BUILTIN.encode(data))) == exact(data)


def test_document_cut_off_is_read_or_malformed():
    whole = BUILTIN.encode({"a": [AMBIGUOUS, {"b": 1.5, "x" * 1001: None}], "c": "é😀"})
    for end in range(0, len(whole), 3):
        read_or_malformed(whole[:end])
