"""Request bodies: what is read, what is refused and how that is told, and that nothing of a refused one is stored."""

import codecs
import contextlib
import encodings
import http.client
import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask, request
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from negotiate_api import DEFAULTS, Api, Resource, bodies
from representations import Representation

READABLE = [format_() for format_ in DEFAULTS if format_.decode]
TEXTS = [format_ for format_ in READABLE if not format_.binary]
BY_SUFFIX = {format_.suffixes[0]: format_ for format_ in READABLE}
NAMES = [(format_, name) for format_ in READABLE for name in (format_.mediatype, *format_.aliases)]
MEDIATYPES = [format_.mediatype for format_ in READABLE]
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"
MEGABYTE = 1024 * 1024

RECORD = {
    "code": "NO",
    "name": "Åse Ødegård",
    "note": "a \"b\", <c> & 'd': #e;\nf\\g\t- h",
    "address": {"city": "Tromsø", "post code": "09000"},
}
"""Text alone, so that every format holds it to the letter."""

by_suffix = {"ids": lambda f: f.suffixes[0] if isinstance(f, Representation) else str(f)}
every_format = pytest.mark.parametrize("format_", READABLE, **by_suffix)
every_text_format = pytest.mark.parametrize("format_", TEXTS, **by_suffix)


class Cut(Exception):
    """What a server may raise when it misses the end of a body; it is no OSError."""


def make_app(**config):
    """An application that stores the bodies that it gets."""
    app = Flask("bodies")
    app.config.update(config)
    api = Api(app)
    app.stored = []

    class Records(Resource):
        def get(self):
            return {"stored": len(app.stored)}

        def post(self):
            app.stored.append(api.body())
            return {"stored": len(app.stored)}, 201

        put = patch = post

    api.add_resource(Records, "/records")
    return app


def send(app, body, content_type, method="POST", **headers):
    return app.test_client().open(
        "/records",
        method=method,
        data=body,
        content_type=content_type,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )


def stored(body, content_type, **options):
    """What is stored of a body."""
    app = make_app()
    response = send(app, body, content_type, **options)
    assert response.status_code == 201, response.get_data(as_text=True)
    return app.stored[0]


def written(format_, record=RECORD):
    """A body with one record, and what it is read as."""
    return format_.encode(record), [record] if format_.tabular else record


def assert_refused(app, response, status, words=""):
    message = response.get_json()["message"]
    assert response.status_code == status, message
    assert re.search(words, message), message
    assert len(message) < 500
    assert app.stored == []


# What is read


@pytest.mark.parametrize(("format_", "name"), NAMES, **by_suffix)
def test_body_is_read_under_each_name_of_its_format(format_, name):
    body, value = written(format_)

    assert stored(body, name) == value


@every_format
def test_body_is_read_by_a_structured_suffix(format_):
    body, value = written(format_)
    types = [f"application/vnd.test+{suffix}" for suffix in format_.suffixes]

    assert [stored(body, type_) for type_ in types] == [value] * len(types)


@pytest.mark.parametrize("mediatype", ["application/vnd.api+json", "application/problem+json", "image/svg+json"])
def test_body_is_read_as_json_by_the_suffix_that_says_so(mediatype):
    assert stored(b'{"a": 1}', mediatype) == {"a": 1}


def test_body_of_patch_may_be_a_merge_patch():
    assert stored(b'{"a": null}', "application/merge-patch+json", method="PATCH") == {"a": None}


@every_format
def test_media_type_is_read_in_any_case_and_with_parameters(format_):
    body, value = written(format_)
    types = [
        format_.mediatype.upper(),
        f' {format_.mediatype} ;Profile="a;b=c" ; CHARSET="UTF-8"',
        f"{format_.mediatype};",
    ]

    assert [stored(body, type_) for type_ in types] == [value] * 3


CHARSETS = [
    "utf-8",
    "UTF8",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "utf-32",
    "latin-1",
    "ISO-8859-1",
    "windows-1252",
    "gb18030",
]


@every_text_format
@pytest.mark.parametrize("charset", CHARSETS)
def test_charset_parameter_says_how_text_is_encoded(format_, charset):
    body, value = written(format_)
    body = body.decode().encode(charset)

    assert stored(body, f"{format_.mediatype}; charset={charset}") == value


MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@every_text_format
@pytest.mark.parametrize("charset", MARKS)
def test_byte_order_mark_wins_over_the_charset_parameter(format_, charset):
    body, value = written(format_)
    body = MARKS[charset] + body.decode().encode(charset)

    for parameter in ("", "; charset=latin-1", "; charset=utf-8", "; charset=klingon"):
        assert stored(body, format_.mediatype + parameter) == value


@pytest.mark.parametrize(("declared", "charset"), [("ISO-8859-1", "latin-1"), ("UTF-16", "utf-16"), ("utf-8", "utf-8")])
@pytest.mark.parametrize("mediatype", ["application/xml", "text/xml"])
def test_xml_is_read_by_its_own_declaration(mediatype, declared, charset):
    document = f'<?xml version="1.0" encoding="{declared}"?><root><name>Åse</name></root>'

    assert stored(document.encode(charset), mediatype) == {"name": "Åse"}


def test_charset_parameter_wins_over_the_declaration_of_xml():
    document = '<?xml version="1.0" encoding="ISO-8859-1"?><root><name>Åse</name></root>'

    assert stored(document.encode(), "text/xml; charset=utf-8") == {"name": "Åse"}


@pytest.mark.parametrize("format_", [f for f in READABLE if f.binary], **by_suffix)
def test_binary_format_has_no_charset(format_):
    body, value = written(format_)

    assert stored(body, f"{format_.mediatype}; charset=klingon") == value


def test_yaml_may_have_a_few_aliases():
    assert stored("a: &x [1]\nb: *x\n", "application/yaml") == {"a": [1], "b": [1]}


def test_body_may_be_read_twice():
    app = Flask("twice")
    api = Api(app)

    class Twice(Resource):
        def post(self):
            return [api.body(), api.body()]

    api.add_resource(Twice, "/")

    assert app.test_client().post("/", json={"a": 1}).get_json() == [{"a": 1}] * 2
    assert app.test_client().post("/", data={"a": "1"}).get_json() == [{"a": "1"}] * 2


# Forms


def multipart(*parts, end=b"--edge--\r\n"):
    head = 'Content-Disposition: form-data; name="%s"'
    lines = [f"--edge\r\n{head % name}\r\n\r\n{value}\r\n" for name, value in parts]
    return "".join(lines).encode() + end


FORMS = {
    "urlencoded": (b"a=1&b=%C3%85+se&a=2&c=", FORM),
    "multipart": (multipart(("a", "1"), ("b", "Å se"), ("a", "2"), ("c", "")), MULTIPART),
}
every_form = pytest.mark.parametrize(("body", "content_type"), FORMS.values(), ids=FORMS)


@every_form
def test_form_is_a_dict_with_a_list_where_a_name_is_repeated(body, content_type):
    assert stored(body, content_type) == {"a": ["1", "2"], "b": "Å se", "c": ""}


def test_form_may_be_empty():
    assert stored(b"", FORM) == {}
    assert stored(b"", MULTIPART) == {}
    assert stored(b"--edge--\r\n", MULTIPART) == {}


def test_files_of_a_form_are_left_to_the_request():
    assert stored({"a": "1", "f": (io.BytesIO(b"x"), "f.txt")}, "multipart/form-data") == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=\xff", FORM),
        (multipart(("a", "1"), end=b""), MULTIPART),
        (multipart(("a", "1"), end=b"--edge\r\n"), MULTIPART),
        (multipart(("a", "1")), "multipart/form-data"),
        (multipart(("a", "1")), "multipart/form-data; boundary=other"),
        (b"--edge\r\n\r\n1\r\n--edge--\r\n", MULTIPART),
    ],
    ids=["not UTF-8", "no end", "half a part", "no boundary", "another boundary", "no name"],
)
def test_form_that_is_malformed_is_not_an_empty_one(body, content_type):
    app = make_app()

    assert_refused(app, send(app, body, content_type), 400, "not a valid form")


def test_form_with_too_much_in_it_is_refused():
    app = make_app(MAX_FORM_MEMORY_SIZE=100, MAX_FORM_PARTS=10)

    assert_refused(app, send(app, multipart(("a", "x" * 200)), MULTIPART), 413, "exceeds")
    assert_refused(app, send(app, multipart(*[("a", "x")] * 20), MULTIPART), 413, "exceeds")


# What is refused: the matrix of formats and kinds


def nested(opening, closing, levels, middle=""):
    return opening * levels + middle + closing * levels


def deep(suffix, levels):
    """A body nested that many levels deep."""
    return {
        "json": lambda: nested("[", "]", levels, "1"),
        "ndjson": lambda: '{"a": 1}\n' + nested('{"a":', "}", levels, "1"),
        "csv": lambda: ".".join("a" * levels) + "\r\nx\r\n",
        "tsv": lambda: "b\t" + ".".join("a" * levels) + "\r\ny\tx\r\n",
        "xml": lambda: f"<root>{nested('<a>', '</a>', levels, 'x')}</root>",
        "yaml": lambda: nested("[", "]", levels, "1"),
        "msgpack": lambda: b"\x91" * levels + b"\xc0",
    }[suffix]()


def laughs(levels):
    """A document that is tenfold longer with every level of its entities."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(levels))
    return f'<!DOCTYPE root [<!ENTITY e0 "ha">{entities}]><root>&e{levels};</root>'


YAML_ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
YAML_MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 30))
MANY = "9" * 5000
PLACE = r"line \d+|byte \d+"

WRONG = {
    "json": {
        "not json": ('{"a": 1,}', PLACE),
        "second line": ('{"a": 1,\n"b": x}', "line 2, column 6"),
        "two texts": ("{} {}", PLACE),
        "empty text": (" \n", PLACE),
        "control character": ('{"a": "\x01"}', PLACE),
        "not UTF-8": (b'{"a": "\xff"}', "byte 8"),
        "overlong": (b'{"a": "\xc0\xaf"}', "byte 8"),
        "encoded surrogate": (b'{"a": "\xed\xa0\x80"}', "byte 8"),
        "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), ""),
        "duplicate": ('{"a": 1, "a": 2}', "'a' is there twice"),
        "duplicate below": ('{"b": [{"a": 1, "c": 0, "\\u0061": 2}]}', "'a' is there twice"),
        "NaN": ('{"a": NaN}', "NaN"),
        "Infinity": ('{"a": -Infinity}', "Infinity"),
        "1e400": ('{"a": 1e400}', "1e400"),
        "5000 digits": (f'{{"a": {MANY}}}', "too many digits"),
    },
    "ndjson": {
        "not json": ('{"a": 1}\n{"a": }\n', "line 2"),
        "two a line": ('{"a": 1}\n{"a": 2} {"a": 3}\n', "line 2"),
        "not UTF-8": (b'{"a": 1}\n{"a": "\xff"}\n', "line 2"),
        "duplicate": ('{"a": 1}\n{"a": 1, "a": 2}\n', "line 2.*'a'"),
        "NaN": ('{"a": 1}\n{"a": NaN}\n', "line 2.*NaN"),
        "Infinity": ('{"a": Infinity}\n', "line 1.*Infinity"),
        "1e400": ('{"a": 1e400}\n', "line 1.*1e400"),
        "5000 digits": (f'{{"a": 1}}\n{{"a": {MANY}}}\n', "line 2.*too many digits"),
    },
    "csv": {
        "too many fields": ("a,b\r\n1,2\r\n1,2,3\r\n", "line 3"),
        "too few fields": ("a,b\r\n1,2\r\n1\r\n", "line 3"),
        "quote not closed": ('a,b\r\n1,"2\r\n', "line 2"),
        "quote out of place": ('a,b\r\n1,2"3"\r\n', "line 2"),
        "not UTF-8": (b"a,b\r\n1,\xff\r\n", "line 2.*byte 8"),
        "duplicate": ("a,b,a\r\n1,2,3\r\n", "'a' is there twice"),
        "value and path": ("a,a.b\r\n1,2\r\n", "'a.b'"),
        "path and value": ("a.b,a\r\n1,2\r\n", "'a'"),
    },
    "tsv": {
        "too many fields": ("a\tb\r\n1\t2\r\n1\t2\t3\r\n", "line 3"),
        "not UTF-8": (b"a\tb\r\n1\t\xff\r\n", "line 2.*byte 8"),
        "duplicate": ("a\ta\r\n1\t2\r\n", "'a' is there twice"),
    },
    "xml": {
        "not closed": ("<root>\n<a>1</b></root>", "line 2, column"),
        "two roots": ("<a/><b/>", PLACE),
        "no root": ("<!-- nothing -->", PLACE),
        "text alone": ("hello", PLACE),
        "not UTF-8": (b"<root><a>\xff</a></root>", PLACE),
        "not as declared": (b'<?xml version="1.0" encoding="us-ascii"?><root><a>\xff</a></root>', PLACE),
        "unknown encoding": ('<?xml version="1.0" encoding="klingon"?><root/>', "encoding.*line 1"),
        "control character": ("<root><a>\x01</a></root>", PLACE),
        "control reference": ("<root><a>&#1;</a></root>", PLACE),
        "duplicate": ('<root type="dict"><a>1</a>\n<a>2</a></root>', "'a' is there twice at line 2"),
        "document type": ("<!DOCTYPE root><root/>", "DOCTYPE.*line 1"),
        "internal entity": ('<!DOCTYPE root [<!ENTITY a "b">]><root>&a;</root>', "DOCTYPE"),
        "external entity": ('<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]><root>&a;</root>', "DOCTYPE"),
        "parameter entity": ('<!DOCTYPE root [<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]><root/>', "DOCTYPE"),
        "external subset": ('<!DOCTYPE root SYSTEM "http://127.0.0.1:9/a.dtd"><root/>', "DOCTYPE"),
        "entity bomb": (laughs(30), "DOCTYPE"),
        "unknown entity": ("<root>&a;</root>", PLACE),
        "NaN": ('<root><a type="float">NaN</a></root>', f"NaN.*({PLACE})"),
        "Infinity": ('<root><a type="float">-INF</a></root>', f"INF.*({PLACE})"),
        "1e400": ('<root><a type="float">1e400</a></root>', f"1e400.*({PLACE})"),
        "huge exponent": ('<root><a type="number">1e99999999999999999999</a></root>', PLACE),
        "5000 digits": (f'<root><a type="int">{MANY}</a></root>', f"too many digits.*({PLACE})"),
        "no number": ('<root><a type="int">1_0</a></root>', f"1_0.*({PLACE})"),
        "no boolean": ('<root><a type="bool">yes</a></root>', f"yes.*({PLACE})"),
    },
    "yaml": {
        "not closed": ("a: [1, 2", PLACE),
        "bad indentation": ("a:\n  b: 1\n c: 2\n", PLACE),
        "tab": ("a:\n\tb: 1\n", PLACE),
        "not UTF-8": (b"a: \xff", PLACE),
        "control character": (b"a: \x01", PLACE),
        "duplicate": ("a: 1\nb: 2\na: 3\n", "'a'.*line 3"),
        "duplicate below": ("a:\n  - {b: 1, 'b': 2}\n", "'b'.*line 2"),
        "two documents": ("a: 1\n---\nb: 2\n", PLACE),
        "alias bomb": (YAML_ALIASES, f"alias.*({PLACE})"),
        "merge key": ("a: {<<: {b: 1}}\n", f"merge key.*({PLACE})"),
        "merge bomb": (YAML_MERGES, PLACE),
        "alias of itself": ("&a [*a]", PLACE),
        "unknown alias": ("a: *x", PLACE),
        "unknown tag": ("a: !thing 1", f"tag.*({PLACE})"),
        "python tag": ("!!python/object/apply:os.system [echo]", f"tag.*({PLACE})"),
        "python name": ("a: !!python/name:os.system", f"tag.*({PLACE})"),
        "NaN": ("a: .nan", f"nan.*({PLACE})"),
        "Infinity": ("a: -.inf", f"inf.*({PLACE})"),
        "1e400": ("a: 1.0e+400", f"too large.*({PLACE})"),
        "5000 digits": (f"a: {MANY}", f"too many digits.*({PLACE})"),
    },
    "msgpack": {
        "two values": (b"\x01\x02", "byte"),
        "not UTF-8": (b"\x81\xa1a\xa2\xc3(", "byte"),
        "duplicate": (b"\x82\xa1a\x01\xa1a\x02", "'a'"),
        "reserved byte": (b"\x92\xc1", "byte 2"),
        "huge array": (b"\xdd\xff\xff\xff\xff", ""),
        "huge map": (b"\xdf\xff\xff\xff\xff", ""),
        "huge text": (b"\xdb\xff\xff\xff\xff", ""),
        "NaN": (b"\x81\xa1a\xcb" + struct.pack(">d", float("nan")), ""),
        "Infinity": (b"\x81\xa1a\xca" + struct.pack(">f", float("-inf")), ""),
    },
}
for suffix_, kinds_ in WRONG.items():
    kinds_ |= {f"{levels} levels": (deep(suffix_, levels), "deep") for levels in (65, 100_000)}
    kinds_ |= {"empty": (b"", "no body")}

REFUSED = [
    pytest.param(BY_SUFFIX[suffix], body, words, id=f"{suffix}-{kind}")
    for suffix, kinds in WRONG.items()
    if suffix in BY_SUFFIX
    for kind, (body, words) in kinds.items()
]
every_refused_body = pytest.mark.parametrize(("format_", "body", "words"), REFUSED)


def test_matrix_has_a_row_for_every_format():
    assert WRONG.keys() == BY_SUFFIX.keys()


@every_refused_body
def test_wrong_body_is_refused_saying_what_and_where(format_, body, words):
    app = make_app()

    assert_refused(app, send(app, body, format_.mediatype), 400, words)


@pytest.mark.parametrize("asked", [f() for f in DEFAULTS], **by_suffix)
@every_refused_body
def test_wrong_body_is_refused_in_the_format_asked_for(asked, format_, body, words):
    app = make_app()
    response = send(app, body, format_.mediatype, Accept=asked.mediatype)
    content = response.get_data()
    told = repr(asked.decode(content)) if asked.decode else content.decode()

    assert (response.status_code, response.mimetype) == (400, asked.mediatype)
    assert "The body is not valid" in told or "The request has no body" in told
    assert app.stored == []


def msgpack_of(names):
    """The entries of a map, 1 for each name."""
    return b"".join(bytes([0xA0 + len(name)]) + name.encode() + b"\x01" for name in names)


MANY_NAMES = [f"n{number}" for number in range(20_000)] + ["last", "last"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", "{" + ",".join(f'"{name}":1' for name in MANY_NAMES) + "}"),
        ("application/x-ndjson", "{" + ",".join(f'"{name}":1' for name in MANY_NAMES) + "}"),
        ("text/csv", ",".join(MANY_NAMES)),
        ("text/tab-separated-values", "\t".join(MANY_NAMES)),
        ("application/xml", f"""<root type="dict">{"".join(f"<{name}/>" for name in MANY_NAMES)}</root>"""),
        ("application/yaml", "".join(f"{name}: 1\n" for name in MANY_NAMES)),
        ("application/vnd.msgpack", b"\xdf" + struct.pack(">L", 20_002) + msgpack_of(MANY_NAMES)),
    ],
)
def test_duplicate_among_many_names_is_found_in_linear_time(content_type, body):
    app, start = make_app(), time.process_time()

    assert_refused(app, send(app, body, content_type), 400, "'last' is there twice")
    assert time.process_time() - start < 3


@every_format
def test_deepest_nesting_that_is_read_has_64_levels(format_):
    body = deep(format_.suffixes[0], 64 - format_.tabular)

    assert stored(body, format_.mediatype)


@every_format
def test_body_is_not_read_cut_off_at_any_byte(format_):
    """Some formats cannot tell; the Content-Length does."""
    app, (body, _) = make_app(), written(format_)
    for length in range(len(body)):
        response = post_raw(app, body[:length], format_.mediatype, announced=len(body))
        assert_refused(app, response, 400, f"cut off: {length} bytes of {len(body)} arrived")


@pytest.mark.parametrize("format_", [f for f in READABLE if f.suffixes[0] in ("json", "xml", "msgpack")], **by_suffix)
def test_body_that_is_truncated_is_no_other_record(format_):
    app, (body, value) = make_app(), written(format_)
    for length in range(1, len(body)):
        response = send(app, body[:length], format_.mediatype)
        assert response.status_code == 400 or app.stored.pop() == value
        assert app.stored == []


@pytest.mark.parametrize("sent", READABLE, **by_suffix)
@every_format
def test_body_in_another_format_than_it_says_is_refused_or_holds_just_that(sent, format_):
    app, (body, _) = make_app(), written(sent)
    response = send(app, body, format_.mediatype)

    assert response.status_code in (201, 400)
    assert app.stored == ([format_.decode(body)] if response.status_code == 201 else [])


@pytest.mark.parametrize("kind", ["NaN", "Infinity", "1e400"])
@pytest.mark.parametrize("format_", [f for f in READABLE if f.tabular and f.suffixes[0] != "ndjson"], **by_suffix)
def test_number_is_text_where_a_format_has_only_text(format_, kind):
    assert stored(f"a{format_.delimiter}b\r\n{kind}{format_.delimiter}{MANY}\r\n", format_.mediatype) == [
        {"a": kind, "b": MANY}
    ]


# 413


@pytest.mark.parametrize("content_type", [*MEDIATYPES, FORM, MULTIPART])
def test_body_longer_than_the_application_allows_is_refused(content_type):
    app = make_app(MAX_CONTENT_LENGTH=1000)

    assert_refused(app, send(app, b"x" * 1001, content_type), 413, "exceeds 1000 bytes")


@pytest.mark.parametrize("content_type", [*MEDIATYPES, FORM])
def test_body_longer_than_the_default_is_refused_before_it_is_read(content_type):
    app = make_app()
    response = post_raw(app, b"", content_type, announced=16 * MEGABYTE + 1)

    assert_refused(app, response, 413, "exceeds 16777216 bytes")


def test_uploaded_file_may_be_longer_than_the_default(monkeypatch):
    monkeypatch.setattr(bodies, "MAX_BYTES", 1000)
    app, file = make_app(), (io.BytesIO(bytes(2000)), "f.bin")

    assert send(app, {"a": "1", "f": file}, "multipart/form-data").status_code == 201
    assert send(app, b"a=" + b"1" * 2000, FORM).status_code == 413


class Long(io.RawIOBase):
    """A stream far longer than any limit, of which is known how much was read."""

    read_so_far = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        size = len(buffer) if self.read_so_far < 64 * MEGABYTE else 0
        buffer[:size] = b"[" * size
        self.read_so_far += size
        return size


@pytest.mark.parametrize(("config", "most"), [({}, 16 * MEGABYTE), ({"MAX_CONTENT_LENGTH": 1000}, 1000)])
@pytest.mark.parametrize("content_type", [*MEDIATYPES, FORM])
def test_body_without_a_length_is_read_to_the_limit(content_type, config, most):
    app, stream = make_app(**config), Long()

    assert_refused(app, post_raw(app, stream, content_type, announced=None), 413, "exceeds")
    assert stream.read_so_far <= most + MEGABYTE


# 415


def readable_media_types(response, field):
    return response.headers[field].split(", ")


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        ("image/png", "'image/png'"),
        ("text/plain", "'text/plain'"),
        ("application/json-seq", "'application/json-seq'"),
        ("application/vnd.test+zip", r"'application/vnd.test\+zip'"),
        ("text/html", "'text/html'"),
        ("json", "'json'"),
        ("*/*", r"'\*/\*'"),
        ("a/" + "b" * 5000, "'a/bbb"),
        (None, "no Content-Type"),
        ("", "no Content-Type"),
        (";charset=utf-8", "no Content-Type"),
    ],
)
def test_body_of_another_type_is_refused_saying_which_are_read(content_type, words):
    app = make_app()
    response = send(app, b"{}", content_type)

    assert_refused(app, response, 415, words)
    assert readable_media_types(response, "Accept") == response.get_json()["readable"]
    assert {*MEDIATYPES, FORM, "multipart/form-data"} == set(response.get_json()["readable"])


@pytest.mark.parametrize("asked", [f() for f in DEFAULTS], **by_suffix)
def test_body_of_another_type_is_refused_in_the_format_asked_for(asked):
    response = send(make_app(), b"x", "image/png", Accept=asked.mediatype)

    assert (response.status_code, response.mimetype) == (415, asked.mediatype)
    assert b"image/png" in response.get_data()


@pytest.mark.parametrize(
    ("method", "fields"),
    [("POST", {"Accept", "Accept-Post"}), ("PATCH", {"Accept", "Accept-Patch"}), ("PUT", {"Accept"})],
)
def test_fields_of_a_refusal_name_the_method(method, fields):
    response = send(make_app(), b"x", "image/png", method=method)

    assert {name for name in response.headers.keys() if name.startswith("Accept")} == fields  # noqa: SIM118
    assert {response.headers[name] for name in fields} == {response.headers["Accept"]}


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", FORM, MULTIPART, "image/png"])
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "x" * 3000])
def test_coded_body_is_refused_saying_which_coding_is_read(coding, content_type):
    app = make_app()
    response = send(app, b"\x1f\x8b\x08", content_type, Content_Encoding=coding)

    assert_refused(app, response, 415, f"Content-Encoding is '{coding.lower()[:40]}'")
    assert response.headers["Accept-Encoding"] == "identity"
    assert "Accept-Post" not in response.headers


@pytest.mark.parametrize("coding", ["identity", " Identity ", ""])
def test_identity_is_no_coding(coding):
    assert stored(b"[]", "application/json", Content_Encoding=coding) == []
    assert stored(b"a=1", FORM, Content_Encoding=coding) == {"a": "1"}


NO_CHARSETS = [
    *("klingon", "base64", "hex", "zlib", "bz2", "rot13", "idna", "punycode", "undefined", "aliases", "..", "é", "%00"),
    *("unicode_escape", "unicode-escape", "raw-unicode-escape", "UTF-7", "u7", "mbcs", "oem", "utf_8.", "x" * 3000),
]


@every_text_format
@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_unknown_charset_is_refused_saying_so(format_, charset):
    app, (body, _) = make_app(), written(format_)
    response = send(app, body, f'{format_.mediatype}; charset="{charset}"')

    assert_refused(app, response, 415, f"charset '{re.escape(charset.lower()[:40])}")
    assert format_.mediatype in readable_media_types(response, "Accept-Post")


def test_unknown_charset_is_not_kept_in_memory():
    app, known = make_app(), len(encodings._cache)
    for number in range(10):
        send(app, b"{}", f"application/json; charset=x{number}")

    assert len(encodings._cache) == known


@every_text_format
@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("utf-8", b"a\xff"),
        ("us-ascii", b"a\xff"),
        ("utf-16", b"\xff\xfea"),
        ("gb18030", b"a\xff"),
        ("cp1252", b"a\x81"),
    ],
)
def test_body_that_is_not_in_its_charset_is_refused(format_, charset, body):
    app = make_app()

    assert_refused(
        app, send(app, body, f"{format_.mediatype}; charset={charset}"), 400, f"not {charset}.* at byte [123]"
    )


# OPTIONS


def test_options_tells_which_bodies_are_read():
    response = make_app().test_client().options("/records")
    readable = [*MEDIATYPES, FORM, "multipart/form-data"]

    assert response.status_code == 204
    assert [readable_media_types(response, f) for f in ("Accept", "Accept-Post", "Accept-Patch")] == [readable] * 3


# A body that does not arrive whole


def post_raw(app, body, content_type, announced, terminated=True):
    """A response to a request as a server passes it on, its Content-Length and body as they are."""
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    environ = {**create_environ("/records", method="POST"), "CONTENT_TYPE": content_type, "wsgi.input": stream}
    environ.pop("CONTENT_LENGTH", None)
    if terminated:  # gunicorn's word for it that it ends the stream where the body ends
        environ["wsgi.input_terminated"] = True
    length = {"HTTP_TRANSFER_ENCODING": "chunked"} if announced is None else {"CONTENT_LENGTH": str(announced)}
    chunks, status, headers = run_wsgi_app(app, {**environ, **length}, buffered=True)
    return app.response_class(b"".join(chunks), status, headers)


WHOLE = {
    **{f.suffixes[0]: (written(f)[0], f.mediatype) for f in READABLE},
    "csv rows": (b"a,b\r\n1,2\r\n3,4\r\n", "text/csv"),
    "form": (b"a=1&b=2&c=3", FORM),
    "multipart": (multipart(("a", "1"), ("b", "2")), MULTIPART),
}
every_whole_body = pytest.mark.parametrize(("body", "content_type"), WHOLE.values(), ids=WHOLE)
either_server = pytest.mark.parametrize("terminated", [True, False], ids=["ended by the server", "ended by its length"])


@either_server
@every_whole_body
def test_body_shorter_than_its_content_length_is_refused(body, content_type, terminated):
    app, length = make_app(), len(body)
    for arrived in (0, 1, length // 2, length - 1):
        response = post_raw(app, body[:arrived], content_type, length, terminated)
        assert_refused(app, response, 400, f"cut off: {arrived} bytes of {length} arrived")

    assert post_raw(app, body, content_type, length, terminated).status_code == 201


@either_server
@every_whole_body
def test_what_follows_a_body_is_not_of_it(body, content_type, terminated):
    app = make_app()

    assert post_raw(app, body + b"POST /records HTTP/1.1\r\n", content_type, len(body), terminated).status_code == 201


@pytest.mark.parametrize("error", [OSError("reset"), ValueError("chunk"), Cut("chunk")], ids=lambda e: type(e).__name__)
@every_whole_body
def test_body_that_breaks_off_is_refused(body, content_type, error):
    class Breaking(io.RawIOBase):
        def __init__(self):
            self.parts = [body[:-1]]

        def read(self, size=-1):
            if not self.parts:
                raise error
            return self.parts.pop()

    app = make_app()

    assert_refused(app, post_raw(app, Breaking(), content_type, None), 400, f"broke off.* {len(body) - 1} bytes")
    assert_refused(app, post_raw(app, Breaking(), content_type, len(body)), 400, f"broke off.* {len(body) - 1} bytes")


@every_whole_body
def test_body_without_a_length_ends_where_the_server_says(body, content_type):
    app = make_app()

    assert post_raw(app, body, content_type, None).status_code == 201


@every_whole_body
def test_body_that_another_has_read_is_measured_too(body, content_type):
    app = make_app()
    app.before_request(lambda: request.get_data() and None)

    assert_refused(app, post_raw(app, body[:-1], content_type, len(body)), 400, "cut off")
    assert post_raw(app, body, content_type, len(body)).status_code == 201
    assert post_raw(app, body, content_type, None).status_code == 201


def test_form_that_another_has_parsed_is_read():
    app = make_app()
    app.before_request(lambda: request.form.get("csrf"))

    assert send(app, b"a=1", FORM).status_code == 201
    assert send(app, b'{"a": 1}', "application/json").status_code == 201
    assert app.stored == [{"a": "1"}, {"a": 1}]


# Through gunicorn


class Server:
    """gunicorn with a gevent worker, serving app_of_records() on a free port of this machine."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        here = Path(__file__).parent
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--worker-class", "gevent"),
                *("--bind", f"fd://{self.listener.fileno()}", "test_bodies:make_app()"),
            ],
            pass_fds=[self.listener.fileno()],
            cwd=here.parent,
            env={**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}", "PYTHONWARNINGS": "ignore"},
            stderr=subprocess.DEVNULL,
        )

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.listener.close()

    def answer(self, sent):
        """Status and body of the answer to bytes after which the client sends no more; (0, b"") if there is none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection, method="POST")
            try:
                response.begin()
                return response.status, response.read()
            except (http.client.BadStatusLine, ConnectionError):
                return 0, b""
            finally:
                response.close()

    def count(self):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", "/records")
            return json.load(connection.getresponse())["stored"]


@pytest.fixture(scope="module")
def server():
    with contextlib.closing(Server()) as running:
        yield running


def request_of(content_type, *fields):
    lines = ["POST /records HTTP/1.1", "Host: localhost", f"Content-Type: {content_type}", *fields]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


@every_whole_body
def test_server_stores_a_whole_body(server, body, content_type):
    before = server.count()
    by_length = request_of(content_type, f"Content-Length: {len(body)}") + body
    by_chunks = request_of(content_type, "Transfer-Encoding: chunked") + chunked(body[:5], body[5:], b"")

    assert [server.answer(sent)[0] for sent in (by_length, by_chunks)] == [201, 201]
    assert server.count() == before + 2


@every_whole_body
def test_server_stores_nothing_of_a_body_cut_off_by_its_client(server, body, content_type):
    before = server.count()
    head = request_of(content_type, f"Content-Length: {len(body)}")
    for arrived in (1, len(body) // 2, len(body) - 1):
        status, answer = server.answer(head + body[:arrived])
        assert status in (0, 400)
        assert not status or f"cut off: {arrived} bytes of {len(body)}".encode() in answer

    assert server.count() == before


@every_whole_body
def test_server_stores_nothing_of_chunks_cut_off_by_the_client(server, body, content_type):
    before = server.count()
    head = request_of(content_type, "Transfer-Encoding: chunked")
    whole = chunked(body[:5], body[5:], b"")
    cuts = {
        whole[:3],
        whole[:8],
        chunked(body[:5]),
        whole[: -len(chunked(b"")) - 3],
        whole[: -len(chunked(b""))],
        whole[:-3],
    }
    for cut in cuts:
        assert server.answer(head + cut)[0] in (0, 400), cut

    assert server.count() == before


@pytest.mark.parametrize(
    "chunks",
    [b"x\r\n", b"3\r\n[]", b"2\r\n[]0\r\n\r\n", b"2\r\n[]\r\n0\r\nbad trailer\r\n\r\n", b"-1\r\n[]\r\n0\r\n\r\n"],
)
def test_server_stores_nothing_of_malformed_chunks(server, chunks):
    before = server.count()
    status, _ = server.answer(request_of("application/json", "Transfer-Encoding: chunked") + chunks)

    assert status in (0, 400)
    assert server.count() == before


# Any bytes at all


@st.composite
def spoiled(draw, body):
    """A body with some of it taken out and something else put in."""
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 8)))
    put = draw(
        st.one_of(st.binary(max_size=8), st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")))
    )
    return body[:start] + put + body[end:]


def assert_answered(app, body, content_type):
    app.stored.clear()
    response = send(app, body, content_type)

    assert response.status_code in (201, 400, 413, 415)
    assert len(app.stored) == (response.status_code == 201)


@every_format
def test_any_bytes_are_read_or_refused(format_):
    app = make_app()

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=200) | spoiled(written(format_)[0]))
    @example(b"\x00")
    @example(codecs.BOM_UTF8)
    @example(codecs.BOM_UTF16_LE + b"\x00\xd8")
    def check(body):
        assert_answered(app, body, format_.mediatype)

    check()


@pytest.mark.parametrize("form", FORMS)
def test_any_bytes_of_a_form_are_read_or_refused(form):
    app = make_app()

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=200) | spoiled(FORMS[form][0]))
    def check(body):
        assert_answered(app, body, FORMS[form][1])

    check()


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
@example("application/json; charset=\x00")
@example("application/json; charset=")
@example("application/json; charset*=utf-8''utf-8")
@example("+json")
@example("/+")
def test_any_content_type_is_read_or_refused(content_type):
    app = make_app()
    environ = {**create_environ("/records", method="POST", data=b"{}"), "CONTENT_TYPE": content_type}
    _, status, _ = run_wsgi_app(app, environ, buffered=True)

    assert status[:3] in ("201", "400", "415")


def test_request_without_body_and_type_is_told_so():
    app = Flask("app")
    api = Api(app)
    api.add_resource(type("Echo", (Resource,), {"post": lambda self: api.body()}), "/")
    response = app.test_client().post("/")

    assert (response.status_code, response.json) == (400, {"message": "The request has no body."})


@pytest.mark.parametrize("body", [b"a=bad%FFutf", b"a=1&b=%C3%28", b"%ED%A0%80=1"])
def test_form_that_is_not_utf_8_when_unquoted_is_malformed(body):
    app = Flask("forms")
    api = Api(app)

    class Form(Resource):
        def post(self):
            return api.body()

    api.add_resource(Form, "/")
    client, type_ = app.test_client(), "application/x-www-form-urlencoded"
    response = client.post("/", data=body, content_type=type_)
    assert (response.status_code, "not UTF-8 at byte" in response.json["message"]) == (400, True)
    assert client.post("/", data=b"a=%25FF+%C3%A9", content_type=type_).json == {"a": "%FF \u00e9"}
