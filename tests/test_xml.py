import logging
import re
import string
import subprocess
import sys
from collections import namedtuple
from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID
from xml.parsers import expat

import dicttoxml
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from representations import Malformed, Rows, Unrepresentable
from representations.data import MAX_DEPTH
from representations.xml import HEAD, XML, _remembered
from representations.xml_body import LONGEST, _tag, tag

HUGE = 10**5000
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HOSTILE = [
    *("", " ", "a b", "a ", " a", "a\tb", "a\nb", "a\r\nb", "a\x85b", "\xa0", "é ", "é\n", "é\xa0"),
    *("1", "12", "1.5", "1.50", "1e5", "-1", " 1", "²", "①", "١", "1" * (LONGEST - 1)),
    *("xml", "xmlns", "xml:id", "a:b", "é:b", "@id", "$ref", "a/b", "#text", ".", "\u0301x"),
    *(">", "<", "&", '"', "'", "a'b", "]]>", "a/><!--", "é/><!--", 'a b="c"', 'é a="1"', "%s", "%", "%%d"),
    *("item", "key", "name", "type", "root", "n1", "a_b", "true", "null", "é", "日本"),
    *("x" * LONGEST, "x" * (LONGEST - 1), "é" * 100_000),
]

any_text = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(
    [key for key in HOSTILE if len(key) < LONGEST - 1]
)
any_text = any_text.map(lambda text: FORBIDDEN.sub("\ufffd", text))
finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
any_atom = st.none() | st.booleans() | st.integers() | finite | decimals | any_text


def short(value):
    """The id of a parameter: str() refuses a huge integer."""
    try:
        return ascii(value)[:40]
    except ValueError:
        return "huge"


def nested(atoms, keys):
    return st.recursive(
        atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    )


any_data = nested(any_atom, any_text)
quick = settings(max_examples=150, deadline=None)


@pytest.fixture(autouse=True)
def silent_dicttoxml(monkeypatch):
    monkeypatch.setattr(dicttoxml.LOG, "disabled", True)


def written(data):
    """What encode writes within the declaration."""
    return XML().encode(data).decode().removeprefix(HEAD)


def inner(data):
    return written(data).removeprefix("<root>").removesuffix("</root>")


def read(text):
    return XML().decode(text.encode())


def streamed(columns, tuples):
    return b"".join(XML().iter_encode(Rows(columns, tuples)))


def complaint(body):
    """What decode says of body, if it is malformed."""
    try:
        XML().decode(body)
    except Malformed as error:
        return str(error)
    return None


def says_where(complaint):
    return complaint is None or re.search(r" at line [1-9]\d*, column [1-9]\d*$", complaint)


def assert_well_formed(document):
    expat.ParserCreate(namespace_separator=" ").Parse(document, True)
    etree.fromstring(document, etree.XMLParser(resolve_entities=False))


# Written


def test_xml_is_named_as_rfc_7303_names_it():
    assert (XML.mediatype, XML.aliases, XML.suffixes) == ("application/xml", ("text/xml",), ("xml",))
    assert XML.charset == "utf-8"


ordinary_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,6}", fullmatch=True) | st.sampled_from(
    ["é", "日本", "Größe"]
)
ordinary_names = ordinary_names.filter(lambda name: name != "item")
ordinary_text = st.text(
    st.sampled_from(string.printable.translate({11: None, 12: None, 13: None}) + "é日😀"), max_size=8
)
ordinary_decimals = st.decimals(-(10**9), 10**9, places=2)
ordinary_floats = finite.filter(lambda value: "e" not in str(value))
ordinary_atoms = st.none() | st.integers() | ordinary_floats | ordinary_decimals | ordinary_text
ordinary = nested(ordinary_atoms | st.dictionaries(ordinary_names, st.booleans(), max_size=2), ordinary_names)


@settings(max_examples=60, deadline=None)
@given(ordinary.filter(lambda data: data != {}))
@example([[], [[1, []]], {"a": {}}, None, "", {"a": None, "b": ""}])
@example(True)
def test_ordinary_data_is_written_byte_for_byte_as_dicttoxml_writes_it(data):
    assert XML().encode(data) == dicttoxml.dicttoxml(data)


@pytest.mark.parametrize(
    "key", ["a b", "1", "12", "1.5", "@id", "a:b", "a/b", "", "-", ">", "'", "٣", "a b:", "nan", "1 2"]
)
def test_key_that_is_no_name_is_spelt_as_dicttoxml_spells_it(key):
    without_key = re.sub(' name="[^"]*"', "", XML().encode({key: 1, "z": 2}).decode())
    assert without_key == re.sub(' name="[^"]*"', "", dicttoxml.dicttoxml({key: 1, "z": 2}, return_bytes=False))


@pytest.mark.parametrize(
    ("key", "element"),
    [
        ("a b", '<a_b name="a b" type="int">1</a_b>'),
        ("1", '<n1 name="1" type="int">1</n1>'),
        ("1.5", '<n1.5 name="1.5" type="int">1</n1.5>'),
        ("1.50", '<n1.50 name="1.50" type="int">1</n1.50>'),
        ("1e5", '<key name="1e5" type="int">1</key>'),
        ("-1", '<key name="-1" type="int">1</key>'),
        (" 1", '<_1 name=" 1" type="int">1</_1>'),
        ("²", '<key name="²" type="int">1</key>'),
        ("a ", '<a_ name="a " type="int">1</a_>'),
        ("@id", '<key name="@id" type="int">1</key>'),
        ("a:b", '<key name="a:b" type="int">1</key>'),
        ("xml:id", '<key name="xml:id" type="int">1</key>'),
        ("", '<key name="" type="int">1</key>'),
        ("é é", '<é_é name="é é" type="int">1</é_é>'),
        ("\t\r\n", '<key name="&#9;&#13;&#10;" type="int">1</key>'),
        ("&<>\"'", '<key name="&amp;&lt;&gt;&quot;&apos;" type="int">1</key>'),
        ("a\0", '<key name="a\ufffd" type="int">1</key>'),
        ("x" * (LONGEST - 1), f'<{"x" * (LONGEST - 1)} type="int">1</{"x" * (LONGEST - 1)}>'),
        ("x" * LONGEST, f'<key name="{"x" * LONGEST}" type="int">1</key>'),
    ],
)
def test_key_that_is_no_name_stands_in_the_name_attribute(key, element):
    assert inner({key: 1}) == element


@pytest.mark.parametrize("key", HOSTILE, ids=short)
def test_hostile_key_is_well_formed_and_read_back(key):
    data = [{key: 1, "other": {key: ["x"]}}]
    document = XML().encode(data)
    assert_well_formed(document)
    assert XML().decode(document) == data
    assert streamed([key, "other"], [(1, {key: ["x"]})]) == document


def test_keys_that_xml_cannot_hold_stay_apart():
    assert read(written({"a\x01": 1, "a\x02": 2, "a\ufffd": 3})) == {"a\ufffd": 1, "a\ufffd~2": 2, "a\ufffd~3": 3}


def test_keys_do_not_fill_memory():
    for length in (LONGEST, 10_000):
        before = _remembered.cache_info().currsize, _tag.cache_info().currsize
        read(written({"x" * length: 1}))
        assert (_remembered.cache_info().currsize, _tag.cache_info().currsize) == before
    assert _remembered.cache_info().maxsize
    assert _tag.cache_info().maxsize


def test_tag_differs_from_its_key_unless_it_is_a_name():
    assert [tag(key) for key in ("a", "a b", "1", "@", "key", "item")] == ["a", "a_b", "n1", "key", "key", "item"]


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("<&>\"'", "&lt;&amp;&gt;&quot;&apos;"),
        ("]]>", "]]&gt;"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\r", "a&#13;\nb&#13;"),
        ("\x00\x01\x0b\x0c\x1f", "\ufffd" * 5),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("\ud800|\udfff", "\ufffd|\ufffd"),
        ("\x7f\x85\u2028\ufeff\ufffd\U0001ffff", "\x7f\x85\u2028\ufeff\ufffd\U0001ffff"),
        (" ", " "),
    ],
)
def test_text_is_written_so_that_it_survives(text, element):
    assert inner([text]) == f'<item type="str">{element}</item>'
    assert read(written([text])) == [FORBIDDEN.sub("\ufffd", text)]


class Colour(Enum):
    RED = "red"


class Name(str):
    pass


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (None, '<item type="null"></item>'),
        (True, '<item type="bool">true</item>'),
        (False, '<item type="bool">false</item>'),
        (float("nan"), '<item type="null"></item>'),
        (float("-inf"), '<item type="null"></item>'),
        (Decimal("NaN"), '<item type="null"></item>'),
        (Decimal("1.10"), '<item type="number">1.10</item>'),
        (Decimal("1E-7"), '<item type="number">0.0000001</item>'),
        (1e16, '<item type="float">1e16</item>'),
        (1e-5, '<item type="float">0.00001</item>'),
        (HUGE, f'<item type="int">1{"0" * 5000}</item>'),
        (Name("hi"), '<item type="str">hi</item>'),
        (Colour.RED, '<item type="str">red</item>'),
        (UUID(int=1), '<item type="str">00000000-0000-0000-0000-000000000001</item>'),
        (datetime(2020, 1, 2, 3), '<item type="str">2020-01-02T03:00:00</item>'),
        (b"hi", '<item type="str">aGk=</item>'),
        (namedtuple("Point", "x y")(1, 2), '<item type="dict"><x type="int">1</x><y type="int">2</y></item>'),
        (
            (1, [2]),
            '<item type="list"><item type="int">1</item><item type="list"><item type="int">2</item></item></item>',
        ),
    ],
    ids=short,
)
def test_value_is_written_as_the_data_model_says(value, element):
    assert inner([value]) == element
    assert streamed(["item"], [(value,)]) == XML().encode([{"item": value}])


@pytest.mark.parametrize(
    ("data", "document"),
    [
        ([], "<root></root>"),
        ({}, '<root type="dict"></root>'),
        ({"item": 1}, '<root type="dict"><item type="int">1</item></root>'),
        ({"item": 1, "b": 2}, '<root><item type="int">1</item><b type="int">2</b></root>'),
        ([1], '<root><item type="int">1</item></root>'),
        ([{}], '<root><item type="dict"></item></root>'),
        (None, '<root><item type="null"></item></root>'),
        ("a", '<root><item type="str">a</item></root>'),
    ],
    ids=short,
)
def test_root_tells_a_list_from_a_dict(data, document):
    assert written(data) == document
    assert read(document) == (data if isinstance(data, (list, dict)) else [data])


@quick
@given(st.lists(any_data, min_size=1, max_size=3) | st.dictionaries(any_text, any_data, max_size=3))
def test_xml_read_back_is_the_data_that_was_written(data):
    document = XML().encode(data)
    assert repr(XML().decode(document)) == repr(data)
    assert_well_formed(document)


@quick
@given(
    nested(
        any_atom | st.text(st.characters(exclude_categories=())) | st.floats(),
        st.text(st.characters(exclude_categories=())),
    )
)
def test_any_text_gives_well_formed_xml(data):
    document = XML().encode(data)
    assert_well_formed(document)
    XML().decode(document)


@quick
@given(st.text(st.characters(min_codepoint=0x80, exclude_categories=("Cs",)), min_size=1, max_size=3))
def test_every_name_beyond_ascii_is_accepted_by_libxml2_too(text):
    assert_well_formed(f"<a><{tag(text)}/></a>".encode())


@pytest.mark.parametrize("engine", ["builtin", "dicttoxml"])
def test_data_within_itself_is_unrepresentable(engine):
    circle = {}
    circle["a"] = circle
    with pytest.raises(Unrepresentable):
        XML(engine).encode(circle)
    with pytest.raises(Unrepresentable):
        list(XML(engine).iter_encode(Rows(["a"], [(circle,)])))


@pytest.mark.parametrize("write", [XML().encode, lambda data: streamed(["a"], [(data,)]), XML("dicttoxml").encode])
def test_data_of_any_depth_is_written_or_unrepresentable(write):
    data, outcomes = [], set()
    for depth in range(sys.getrecursionlimit()):
        data = [data]
        if depth % 90 == 0:
            try:
                outcomes.add(type(write(data)))
            except Unrepresentable:
                outcomes.add(Unrepresentable)
    assert outcomes == {bytes, Unrepresentable}


# Streamed


@quick
@given(st.data())
def test_stream_equals_encode_byte_for_byte(data):
    columns = data.draw(st.lists(any_text | st.text(st.characters(exclude_categories=())), max_size=4, unique=True))
    cells = any_data | st.floats() | st.text(st.characters(exclude_categories=()), max_size=4) | st.just(HUGE)
    tuples = data.draw(st.lists(st.tuples(*[cells] * len(columns)), max_size=4))
    assert streamed(columns, tuples) == XML().encode(list(Rows(columns, tuples).dicts()))


@pytest.mark.parametrize(
    "records",
    [
        [],
        [{}, {}],
        [{"a": 1, "b": 2}, {"b": 3, "a": 4}],
        [{"a": 1}, {"b": None, "c": [1, {"d": HUGE}]}],
        [{1: "x", None: Name("y"), (1, 2): b"z"}],
    ],
    ids=short,
)
def test_stream_of_dicts_equals_encode_whatever_their_keys(records):
    assert b"".join(XML().iter_encode(Rows.of(records))) == XML().encode(records)


@pytest.mark.parametrize("columns", [("a\0", "a\1"), (Name("a"), "b"), ("%s", "\0%"), ("x" * 300, "y")])
def test_stream_with_odd_columns_equals_encode(columns):
    tuples = [(1, "<"), (None, float("nan")), ([1], {"%": "%s"}), (HUGE, "%")]
    assert streamed(columns, tuples) == XML().encode(list(Rows(columns, tuples).dicts()))


def test_stream_of_generators_reads_each_once():
    assert read(streamed(["a", "b"], [((i for i in (1, 2)), HUGE)]).decode().replace("0" * 5000, "0")) == [
        {"a": [1, 2], "b": 10}
    ]


def test_stream_refuses_a_row_of_another_length():
    for row in ((1,), (1, 2, 3), (1.5,)):
        with pytest.raises(ValueError):
            streamed(["a", "b"], [row])


def test_stream_reads_rows_as_they_are_sent():
    seen = []
    rows = Rows(["a"], ((seen.append(i) or "x" * 1000,) for i in range(10_000)))
    chunks = XML().iter_encode(rows)
    assert next(chunks).startswith(f"{HEAD}<root><item".encode())
    assert len(seen) < 100
    assert max(map(len, chunks)) < 2 * 64 * 1024


def test_stream_writes_nothing_before_the_first_row_is_there():
    def failing():
        raise OSError("no database")
        yield

    with pytest.raises(OSError, match="no database"):
        next(XML().iter_encode(Rows(["a"], failing())))


# The engine dicttoxml


@quick
@given(
    nested(
        any_atom | st.text(st.characters(exclude_categories=())) | st.floats(),
        st.text(st.characters(exclude_categories=())),
    )
)
def test_engine_dicttoxml_writes_well_formed_xml_or_nothing(data):
    try:
        document = XML("dicttoxml").encode(data)
    except Unrepresentable:
        return
    expat.ParserCreate(namespace_separator=" ").Parse(document, True)


@pytest.mark.parametrize(
    ("data", "cleaned"),
    [
        ({"a b": [True, None, 1.5, Decimal("1.10")], "1": "x"},) * 2,
        ([{"a": 1}, {}, []],) * 2,
        ([Name("hi"), UUID(int=1), HUGE], ["hi", "00000000-0000-0000-0000-000000000001", Decimal(HUGE)]),
        ({"a\0": "\0\ud800", "a\1": {"\uffff": 1}}, {"a\ufffd": "\ufffd\ufffd", "a\ufffd~2": {"\ufffd": 1}}),
    ],
    ids=short,
)
def test_engine_dicttoxml_writes_what_dicttoxml_writes_of_plain_data(data, cleaned):
    assert XML("dicttoxml").encode(data) == dicttoxml.dicttoxml(cleaned)


def test_engine_dicttoxml_refuses_what_it_would_write_malformed():
    with pytest.raises(Unrepresentable, match="malformed"):
        XML("dicttoxml").encode({"²": {}})


def test_engine_dicttoxml_streams_what_it_encodes():
    rows = [("x", None), (1, [True])]
    expected = dicttoxml.dicttoxml([{"a": "x", "b": None}, {"a": 1, "b": [True]}])
    assert b"True" in expected
    assert b"".join(XML(engine="dicttoxml").iter_encode(Rows(["a", "b"], rows))) == expected


def test_engine_dicttoxml_logs_no_value(caplog):
    dicttoxml.LOG.disabled = False
    with caplog.at_level(logging.INFO):
        XML(engine="dicttoxml").encode({"password": "secret"})
    assert caplog.records == []


def test_dicttoxml_is_imported_only_when_selected():
    code = "import sys, representations as r; r.XML().encode([1]); print('dicttoxml' in sys.modules); "
    code += "r.XML(engine='dicttoxml'); print('dicttoxml' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "True"]


def test_engine_of_another_name_is_refused():
    with pytest.raises(ValueError, match="lxml"):
        XML(engine="lxml")


# Read


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ('<root type="int"> 7\n</root>', 7),
        ('<root><item type="int">-07</item><item type="int">+1</item></root>', [-7, 1]),
        ('<root><item type="float">1</item><item type="float">.5e1</item></root>', [1.0, 5.0]),
        (
            '<root><item type="number">1.10</item><item type="number">1E+3</item></root>',
            [Decimal("1.10"), Decimal("1E+3")],
        ),
        ('<root><item type="bool">True</item><item type="bool"> false </item></root>', [True, False]),
        ('<root><item type="null"> </item><item type="null"/></root>', [None, None]),
        ('<root><item type="str"> a\n</item><item type="str"/></root>', [" a\n", ""]),
        ('<root type="list"><a type="int">1</a><b/></root>', [1, ""]),
        ('<root type="list">\n</root>', []),
        ('<root type="dict">\n</root>', {}),
        ('<root><a_b name="a b">x</a_b><n1 name="1"/><key name="@id"/></root>', {"a b": "x", "1": "", "@id": ""}),
        ('<root><key name="b">x</key></root>', {"key": {"name": "b", "#text": "x"}}),
        ('<root><a name="a">x</a></root>', {"a": {"name": "a", "#text": "x"}}),
        ('<root><a_b name="a b"/><a_b/></root>', {"a b": "", "a_b": ""}),
        ('<a_b name="a b"/>', {"name": "a b"}),
    ],
    ids=short,
)
def test_decode_reads_our_vocabulary(document, data):
    assert repr(read(document)) == repr(data)


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ("<root/>", []),
        ("<root>\n</root>", []),
        ("<root>text</root>", "text"),
        ("<root> <item>a</item> <item/> </root>", ["a", ""]),
        ("<people><person>a</person></people>", {"person": "a"}),
        ("<people><person>a</person><x/><person>b</person><person/></people>", {"person": ["a", "b", ""], "x": ""}),
        ('<a><b type="list"><c/></b><b/><b/></a>', {"b": [[""], "", ""]}),
        ("<a><list><item>1</item><item>2</item></list></a>", {"list": {"item": ["1", "2"]}}),
        ("<a><b>  x  </b><c> </c></a>", {"b": "  x  ", "c": " "}),
        ('<a id="1"/>', {"id": "1"}),
        ('<a id="1">x</a>', {"id": "1", "#text": "x"}),
        ('<a id="1"><item>x</item></a>', {"id": "1", "item": "x"}),
        ('<a><b id="1"><c>x</c></b></a>', {"b": {"id": "1", "c": "x"}}),
        ('<a><b type="home">x</b></a>', {"b": {"type": "home", "#text": "x"}}),
        ('<a><b type="int" id="1">5</b></a>', {"b": {"id": "1", "#text": 5}}),
        ('<a><b type="str" id="1"/></a>', {"b": {"id": "1", "#text": ""}}),
        ('<a><b type="dict" id="1"><c/></b></a>', {"b": {"id": "1", "c": ""}}),
        ('<a><b type="list" id="1"><c/></b></a>', {"b": {"id": "1", "#text": [""]}}),
        ('<a xmlns="urn:x" xmlns:p="urn:p"><p:b p:c="1"/></a>', {"p:b": {"p:c": "1"}}),
        ('<root xmlns="urn:x"><item/></root>', [""]),
        ("<?pi x?><!-- c --><a><?pi?><b>x<!-- c -->y<?pi?></b></a><!-- end -->", {"b": "xy"}),
        ("<a><b><![CDATA[<&]]>&amp;&#233;</b></a>", {"b": "<&&é"}),
        ("<a><b>x\r\ny\rz&#13;</b></a>", {"b": "x\ny\nz\r"}),
        ("<a><b>" + "long &amp; " * 50_000 + "</b></a>", {"b": "long & " * 50_000}),
    ],
    ids=short,
)
def test_decode_reads_other_xml_by_its_shape(document, data):
    assert read(document) == data


@pytest.mark.parametrize(
    ("document", "what", "line", "column"),
    [
        ("", "no element found", 1, 1),
        ("<a>", "no element found", 1, 4),
        ("<a>\n</b>", "mismatched tag", 2, 3),
        ("<a/><b/>", "junk after document element", 1, 5),
        ("<a>\x01</a>", "not well-formed", 1, 4),
        ("<a>&x;</a>", "undefined entity", 1, 4),
        ("<a b='1' b='2'/>", "duplicate attribute", 1, 10),
        ("<!DOCTYPE a><a/>", "DOCTYPE", 1, 12),
        ("\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE", 2, 13),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE", 1, 40),
        ('<a>\n <b type="int">1.5</b></a>', "'1.5' is not an integer", 2, 2),
        ('<a type="int"></a>', "'' is not an integer", 1, 1),
        ('<a type="int">١</a>', "is not an integer", 1, 1),
        ('<a type="int">1_0</a>', "is not an integer", 1, 1),
        (f'<a type="int">{"1" * 5000}</a>', "too many digits", 1, 1),
        ('<a type="float">NaN</a>', "'NaN' is not a number", 1, 1),
        ('<a type="float">-inf</a>', "'-inf' is not a number", 1, 1),
        ('<a type="float">1e999</a>', "too large", 1, 1),
        ('<a type="number">Infinity</a>', "is not a number", 1, 1),
        ('<a type="number">1e9999999999999999999999</a>', "exponent", 1, 1),
        ('<a type="bool">1</a>', "'1' is neither true nor false", 1, 1),
        ('<a type="null">x</a>', "'x' in a null", 1, 1),
        ('<a type="str"><b/></a>', "elements in <a>, which is of type str", 1, 1),
        ('<a type="int">1<b/></a>', "elements in <a>", 1, 1),
        ('<a type="list">x</a>', "text in a list", 1, 1),
        ('<a type="dict">x</a>', "text beside elements", 1, 1),
        ("<a> x <b/></a>", "text beside elements", 1, 1),
        ("<a><b/>\n<c>x<d/></c></a>", "text beside elements, in <c>", 2, 1),
        ('<a><b type="dict"><c/>\n <c/></b></a>', "'c' is there twice", 2, 2),
        ('<a type="dict"><item/><item/></a>', "'item' is there twice", 1, 23),
        ('<a b="1"><b/></a>', "'b' is there twice", 1, 10),
        ('<a><c b="1">\n<b/></c></a>', "'b' is there twice", 2, 1),
        ('<?xml version="1.0" encoding="nonsense"?><a/>', "encoding", 1, 1),
        ('<?xml version="1.0" encoding="utf-32"?><a/>', "encoding", 1, 1),
        ('<?xml version="1.0" encoding="utf-16"?><a/>', "encoding", 1, 31),
        ("<a>" * 100, "nested deeper than 64 levels", 1, 3 * (MAX_DEPTH + 1) + 1),
    ],
    ids=short,
)
def test_decode_says_what_is_wrong_and_where(document, what, line, column):
    with pytest.raises(Malformed) as caught:
        read(document)
    assert what in str(caught.value)
    assert str(caught.value).endswith(f" at line {line}, column {column}")


def test_decode_reads_as_deep_as_every_format_does():
    data = "x"
    for _ in range(MAX_DEPTH):
        data = [data]
    assert read(written(data)) == data
    with pytest.raises(Malformed, match="deeper"):
        read(written([data]))


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "koi8-r", "us-ascii", "iso-8859-15"]
)
def test_decode_follows_the_encoding_declared(codec):
    text = "d" if codec == "us-ascii" else "д" if codec == "koi8-r" else "é"
    assert XML().decode(f'<?xml version="1.0" encoding="{codec}"?><a><b>{text}</b></a>'.encode(codec)) == {"b": text}


@pytest.mark.parametrize("codec", ["iso-8859-1", "utf-16", "utf-8", "nonsense"])
def test_decode_takes_a_byte_order_mark_over_the_declaration(codec):
    document = f'\ufeff<?xml version="1.0" encoding="{codec}"?><a><b>é</b></a>'
    assert read(document) == {"b": "é"}
    assert complaint("\ufeff<a></b>".encode()).endswith("line 1, column 6")


@pytest.mark.parametrize(
    "codec",
    [
        *(
            "base64",
            "zip",
            "rot13",
            "idna",
            "punycode",
            "undefined",
            "unicode_escape",
            "raw_unicode_escape",
            "mbcs",
            "utf-7",
        ),
        *(
            "utf_8_sig",
            "big5",
            "hex",
            "string_escape",
            "x" * 1000,
            "aliases",
            "cp65001",
            "oem",
            "charmap",
            "unicode-internal",
        ),
    ],
    ids=short,
)
def test_decode_lets_no_codec_fail_otherwise(codec):
    document = b'<?xml version="1.0" encoding="%s"?><a>\xe9\xff</a>' % codec.encode()
    assert says_where(complaint(document))


PIECES = [
    *(
        "<",
        ">",
        "</",
        "/>",
        "<a",
        "<a>",
        "</a>",
        "<item",
        "<item>",
        "</item>",
        "<root>",
        "</root>",
        "<!DOCTYPE a>",
        "<!--",
    ),
    *(
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        '<?xml version="1.0"',
        ' encoding="',
        "utf-16",
        '"?>',
        '"',
        "'",
        "=",
        " ",
        "\n",
    ),
    *(' type="int"', ' type="float"', ' type="number"', ' type="bool"', ' type="null"', ' type="dict"', ' type="list"'),
    *(' name="a b"', ' id="1"', "1", "1e999", "true", "x", "&amp;", "&#0;", "&x;", "\ufeff", "é", "\0", "\ufffe"),
]


@quick
@given(
    st.binary(max_size=40)
    | st.text(max_size=40).map(str.encode)
    | st.lists(st.sampled_from(PIECES)).map(lambda p: "".join(p).encode())
)
def test_decode_of_any_bytes_fails_as_malformed_only(body):
    assert says_where(complaint(body))


SAMPLE = XML().encode([{"id": 1, "a b": "é<", "n": None, "f": 1.5, "d": Decimal("1.10"), "l": [True, {"x": ""}]}])


@quick
@given(st.sampled_from(["utf-8", "utf-16", "utf-16-le"]), st.integers(0, 2 * len(SAMPLE)), st.binary(max_size=3))
def test_decode_of_a_damaged_document_fails_as_malformed_only(codec, at, damage):
    body = SAMPLE.decode().encode(codec)
    for damaged in (body[:at], body[at:], body[:at] + damage + body[at + len(damage) :]):
        assert says_where(complaint(damaged))


def test_decode_of_every_truncation_is_malformed():
    for end in range(len(SAMPLE)):
        with pytest.raises(Malformed):
            XML().decode(SAMPLE[:end])
