"""Uploads: a body of records received whole, however long it is, and what of it is refused and how that is told."""

import codecs
import contextlib
import http.client
import io
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from flask import Flask, request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from negotiate_api import DEFAULTS, Api, Resource
from negotiate_api.publish.writing import uploads
from representations import CSV, JSON, NDJSON, TSV

MEGABYTE = 1024 * 1024
READABLE = [format_() for format_ in DEFAULTS if format_.decode]
STREAMED = [NDJSON(), CSV(), TSV()]
WHOLE = [format_ for format_ in READABLE if type(format_) not in map(type, STREAMED)]
FORM = "application/x-www-form-urlencoded"
RECORDS = [{"code": "NO", "name": "Åse"}, {"code": "SE", "name": None}]

by_suffix = {"ids": lambda f: f.suffixes[0] if hasattr(f, "suffixes") else None}
every_format = pytest.mark.parametrize("format", READABLE, **by_suffix)
every_streamed_format = pytest.mark.parametrize("format", STREAMED, **by_suffix)
every_whole_format = pytest.mark.parametrize("format", WHOLE, **by_suffix)


def make_app(largest=uploads.LARGEST, **config):
    """An application that keeps what is uploaded, read twice."""
    app = Flask("uploads")
    app.config.update(config)
    api = Api(app)
    app.uploads = []

    class Uploads(Resource):
        def get(self):
            return {"uploads": len(app.uploads)}

        def post(self):
            with uploads.received(request, api.readable(), largest) as upload:
                first = list(upload.records())
                assert list(upload.records()) == first
            app.uploads.append((upload, first))
            return {"records": len(first)}, 201

    api.add_resource(Uploads, "/uploads")
    return app


def send(app, body, content_type, **options):
    return app.test_client().post("/uploads", data=body, content_type=content_type, **options)


def uploaded(body, content_type, app=None):
    """The upload that a body is, and its records."""
    app = app or make_app()
    response = send(app, body, content_type)
    assert response.status_code == 201, response.get_data(as_text=True)
    return app.uploads[-1]


def records(*sent):
    return [record for _, record in uploaded(*sent)[1]]


def assert_refused(response, status, words, app=None):
    message = response.get_json()["message"]
    assert response.status_code == status, message
    assert re.search(words, message), message
    assert len(message) < 500
    assert not (app and app.uploads)


def send_raw(app, body, content_type, announced, **environ):
    """A request as a server passes it on, its Content-Length and body as they are; no length means chunks."""
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    environ = {
        **create_environ("/uploads", method="POST"),
        "CONTENT_TYPE": content_type,
        "wsgi.input": stream,
        **environ,
    }
    environ.pop("CONTENT_LENGTH", None)
    environ["wsgi.input_terminated"] = True
    length = {"HTTP_TRANSFER_ENCODING": "chunked"} if announced is None else {"CONTENT_LENGTH": str(announced)}
    chunks, status, headers = run_wsgi_app(app, {**environ, **length}, buffered=True)
    return app.response_class(b"".join(chunks), status, headers)


class Trickle(io.RawIOBase):
    """A body that arrives in pieces of those sizes."""

    def __init__(self, body, sizes=(1, 2, 3)):
        self.body, self.sizes = io.BytesIO(body), itertools.cycle(sizes)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.body.read(min(len(buffer), next(self.sizes)))
        buffer[: len(data)] = data
        return len(data)


class Long(io.RawIOBase):
    """A body far longer than any bound, of which is known how much was read."""

    told = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        size = len(buffer) if self.told < 64 * MEGABYTE else 0
        buffer[:size] = (b"a,b\n" * (size // 4 + 1))[:size]
        self.told += size
        return size


# What is read


@every_format
def test_upload_gives_the_records_of_a_body(format):
    upload, found = uploaded(format.encode(RECORDS), format.mediatype)

    assert [record for _, record in found] == RECORDS
    assert not upload.one


def test_record_has_its_line_or_its_number():
    for format_ in READABLE:
        _, found = uploaded(format_.encode(RECORDS), format_.mediatype)
        assert [place for place, _ in found] == ([2, 3] if isinstance(format_, CSV) else [1, 2])


@every_whole_format
def test_single_mapping_is_one(format):
    upload, found = uploaded(format.encode(RECORDS[0]), format.mediatype)

    assert (upload.one, found) == (True, [(1, RECORDS[0])])


@every_streamed_format
def test_single_row_is_a_list_of_one(format):
    upload, found = uploaded(format.encode(RECORDS[:1]), format.mediatype)

    assert (upload.one, len(found)) == (False, 1)


@every_format
def test_tabular_are_the_formats_whose_values_are_text(format):
    upload, _ = uploaded(format.encode(RECORDS), format.mediatype)

    assert upload.tabular == isinstance(format, CSV)
    assert upload.columns == (("code", "name") if isinstance(format, CSV) else None)


def test_table_without_rows_has_its_columns():
    for body in (b"code,name", b"\xef\xbb\xbfcode,name\r\n"):
        upload, found = uploaded(body, "text/csv")
        assert (upload.columns, found, upload.one) == (("code", "name"), [], False)


@every_whole_format
def test_list_may_be_empty(format):
    upload, found = uploaded(format.encode([]), format.mediatype)

    assert (upload.one, found) == (False, [])


def test_null_is_told_from_empty_text():
    assert records(b'a,b\r\n,""\r\n', "text/csv") == [{"a": None, "b": ""}]


def test_upload_is_read_from_a_file_where_it_is_long():
    body = b"a,b\r\n" + b"".join(b"%d,%s\r\n" % (number, b"x" * 1000) for number in range(3000))
    _, found = uploaded(body, "text/csv")

    assert len(found) == 3000
    assert found[2999] == (3001, {"a": "2999", "b": "x" * 1000})


def test_upload_is_let_go_of():
    app = make_app()
    with app.test_request_context(method="POST", data=b"a\n1\n", content_type="text/csv"):
        with uploads.received(request, {"text/csv": CSV()}) as upload:
            assert list(upload.records()) == [(2, {"a": "1"})]
        with pytest.raises(ValueError, match="closed"):
            list(upload.records())


def test_upload_may_be_read_in_part_and_again():
    app = make_app()
    body = b"a\n" + b"1\n" * 100_000
    context = app.test_request_context(method="POST", data=body, content_type="text/csv")
    with context, uploads.received(request, {"text/csv": CSV()}) as upload:
        assert next(upload.records()) == (2, {"a": "1"})
        assert sum(1 for _ in upload.records()) == 100_000


def test_body_that_another_has_read_is_read():
    app = make_app()
    app.before_request(lambda: request.get_data() and None)

    assert records(b"a\n1\n", "text/csv", app) == [{"a": "1"}]
    assert records(b'{"a": 1}', "application/json", app) == [{"a": 1}]


# Charsets


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF8", "utf-8-sig", "latin-1", "windows-1252", "utf-16", "utf-16-le", "utf-32", "gb18030"]
)
@every_format
def test_charset_parameter_says_how_a_text_is_encoded(format, charset):
    if format.binary:
        return
    text = format.encode(RECORDS).decode()
    if format.mediatype == "application/xml":
        text = text.partition("?>")[2]

    assert records(text.encode(charset), f"{format.mediatype}; charset={charset}") == RECORDS


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
@every_streamed_format
def test_byte_order_mark_wins_over_the_charset_parameter(format, charset):
    body = format.encode(RECORDS).decode().encode(charset)

    assert records(body, format.mediatype) == records(body, f"{format.mediatype}; charset=latin-1") == RECORDS


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "shift_jis", "iso2022_jp"])
def test_characters_may_lie_across_pieces(charset):
    text = "a,b\r\n" + "日本,語\r\n" * 40_000
    for sizes in ((1, 2, 3), (64 * 1024 - 1, 7)):
        app, body = make_app(), text[: 2_000 if sizes[0] == 1 else None].rpartition("\r\n")[0].encode(charset)
        response = send_raw(app, Trickle(body, sizes), f"text/csv; charset={charset}", len(body))
        assert response.status_code == 201, response.get_data(as_text=True)
        assert {tuple(record.values()) for _, record in app.uploads[0][1]} == {("日本", "語")}


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_may_arrive_in_pieces(charset):
    app, body = make_app(), "a,b\r\nÅ,\ufeff\r\n".encode(charset)

    assert send_raw(app, Trickle(body, (1,)), "text/csv", len(body)).status_code == 201
    assert app.uploads[0][1] == [(2, {"a": "Å", "b": "\ufeff"})]


WRONG_CHARSETS = [("us-ascii", b"\xff"), ("cp1252", b"\x81"), ("gb18030", b"\xff"), ("utf-16", b"\x00\xd8x\x00")]


@pytest.mark.parametrize("ahead", [0, 100_000])
@pytest.mark.parametrize(("charset", "wrong"), WRONG_CHARSETS)
def test_body_that_is_not_in_its_charset_is_refused_saying_where(charset, wrong, ahead):
    app, start = make_app(), ("a\n" + "x\n" * ahead).encode(charset)
    response = send_raw(app, Trickle(start + wrong, (5000,)), f"text/csv; charset={charset}", None)

    assert_refused(response, 400, f"not {charset} at byte {len(start) + 1}", app)


@every_streamed_format
def test_body_that_is_not_utf_8_is_refused_saying_where(format):
    body = format.encode(RECORDS).replace("Å".encode(), b"\xc5")

    assert_refused(send(app := make_app(), body, format.mediatype), 400, "line [12]: not UTF-8 at byte", app)


@pytest.mark.parametrize("charset", ["klingon", "zlib", "hex", "rot13", "idna", "utf-7", "x" * 3000])
@every_streamed_format
def test_unknown_charset_is_refused_saying_so(format, charset):
    response = send(app := make_app(), format.encode(RECORDS), f'{format.mediatype}; charset="{charset}"')

    assert_refused(response, 415, f"charset '{charset[:40]}", app)
    assert format.mediatype in response.headers["Accept-Post"]


# Forms


def with_files(*files, **fields):
    """A form with files: (name, content, Content-Type)."""
    return {**fields, "file": [(io.BytesIO(content), name, mediatype) for name, content, mediatype in files]}


@every_format
def test_file_of_a_form_is_an_upload(format):
    upload, found = uploaded(with_files(("f", format.encode(RECORDS), format.mediatype)), None)

    assert [record for _, record in found] == RECORDS
    assert (upload.one, upload.tabular) == (False, isinstance(format, CSV))


@pytest.mark.parametrize("mediatype", ["application/octet-stream", "application/vnd.ms-excel", "text/plain", ""])
@pytest.mark.parametrize(
    ("format", "name"),
    [(f, f"Data.of.{s}") for f in READABLE for s in (*f.suffixes, f.suffixes[0].upper())],
    **by_suffix,
)
def test_file_of_a_type_that_says_nothing_is_read_by_the_suffix_of_its_name(format, name, mediatype):
    assert records(with_files((name, format.encode(RECORDS), mediatype)), None) == RECORDS


def test_file_is_read_by_its_type_where_that_says_something():
    assert records(with_files(("data.csv", JSON().encode(RECORDS), "application/json")), None) == RECORDS
    assert records(with_files(("data.csv", JSON().encode(RECORDS), "application/vnd.api+json")), None) == RECORDS


def test_file_has_a_charset_of_its_own():
    body = CSV().encode(RECORDS).decode().encode("latin-1")

    assert records(with_files(("a.csv", body, "text/csv; charset=latin-1")), None) == RECORDS
    assert records(with_files(("a.csv", codecs.BOM_UTF8 + CSV().encode(RECORDS), "text/csv")), None) == RECORDS


def test_file_may_have_fields_beside_it():
    assert records(with_files(("a.csv", b"a\n1\n", "text/csv"), token="x"), None) == [{"a": "1"}]


def test_file_of_one_mapping_is_one():
    assert uploaded(with_files(("a.json", b'{"a": 1}', "application/json")), None)[0].one


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([("a.csv", b"a\n1\n", "text/csv"), ("b.csv", b"a\n2\n", "text/csv")], 400, "has 2 files; one at a time"),
        ([("", b"", "application/octet-stream")], 400, "no file; choose one"),
        ([("a.csv", b"", "text/csv")], 400, "empty file"),
        ([("a.csv", b"a,b\n1\n", "text/csv")], 400, "line 2 has 1 fields, the header has 2"),
        ([("a.json", b"{", "application/json")], 400, "not valid JSON"),
        ([("a.png", b"x", "image/png")], 415, "file 'a.png' is of type 'image/png'"),
        ([("a.csv", b"a\n1\n", "image/png")], 415, "file 'a.csv' is of type 'image/png'"),
        ([("a.xls", b"x", "application/vnd.ms-excel")], 415, "file 'a.xls'"),
        ([("csv", b"x", "application/octet-stream")], 415, "file 'csv'"),
        ([("a" * 900, b"x", "b/" + "c" * 900)], 415, "file 'aaa"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_form_without_a_file_that_is_read_is_refused(files, status, words):
    assert_refused(send(app := make_app(), with_files(*files), None), status, words, app)


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_form_without_a_file_is_one_record(content_type):
    upload, found = uploaded({"a": "1", "b": "", "c": ["2", "3"]}, content_type)

    assert found == [(1, {"a": "1", "b": None, "c": ["2", "3"]})]
    assert (upload.one, upload.tabular, upload.columns) == (True, True, None)


def test_form_in_which_no_file_was_chosen_is_one_record():
    assert records(with_files(("", b"", "application/octet-stream"), a="1"), None) == [{"a": "1"}]


@pytest.mark.parametrize("format", [CSV(), NDJSON(), JSON()], **by_suffix)
def test_file_that_is_sent_as_a_form_is_refused_saying_so(format):
    """As curl --data-binary does without a Content-Type."""
    assert_refused(send(app := make_app(), format.encode(RECORDS), FORM), 400, "name its type", app)


# What is refused


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "text/csv", "no body"),
        (b"", "application/x-ndjson", "no body"),
        (b"", "application/json", "no body"),
        (b"", None, "no body"),
        (b"\r\n", "text/csv", "not valid CSV: no header"),
        (b"a,b,a\r\n1,2,3\r\n", "text/csv", "not valid CSV: line 1: the column 'a' is there twice"),
        (b"a,b\r\n1,2\r\n1\r\n", "text/csv", "not valid CSV: line 3 has 1 fields"),
        (b'a\tb\r\n1\t"\r\n', "text/tab-separated-values", "not valid TSV: line 2, field 2: a quotation mark"),
        (b"a,b\r\n1," + b"x" * 2 * MEGABYTE, "text/csv", "line 2: a record longer than 1,048,576"),
        (b'{"a": 1}\n{"a": }\n', "application/x-ndjson", "not valid NDJSON: line 2"),
        (b'{"a": 1}\n[1]\n', "application/x-ndjson", "Line 2 of the body holds a list; a record of named values"),
        (b"3\n", "application/x-ndjson", "Line 1 of the body holds a single value"),
        (b'{"a": }', "application/json", "not valid JSON"),
        (b"3", "application/json", "body holds a single value; a record of named values, or a list"),
        (b'[{"a": 1}, null]', "application/json", "Record 2 of the body holds a single value"),
        (b"- [1]\n", "application/yaml", "Record 1 of the body holds a list"),
    ],
)
def test_body_is_refused_saying_what_and_where(body, content_type, words):
    assert_refused(send(app := make_app(), body, content_type), 400, words, app)


@pytest.mark.parametrize("asked", [format_() for format_ in DEFAULTS], **by_suffix)
def test_body_is_refused_in_the_format_asked_for(asked):
    response = send(make_app(), b"a,b\r\n1\r\n", "text/csv", headers={"Accept": asked.mediatype})

    assert (response.status_code, response.mimetype) == (400, asked.mediatype)
    assert b"line 2" in response.get_data()


@pytest.mark.parametrize("content_type", ["image/png", "text/plain", "text/html", "application/octet-stream"])
def test_body_of_another_type_is_refused_with_those_that_are_read(content_type):
    response = send(app := make_app(), b"a\n1\n", content_type)

    assert_refused(response, 415, content_type, app)
    assert response.get_json()["readable"] == response.headers["Accept-Post"].split(", ")


@pytest.mark.parametrize("content_type", ["text/csv", "application/json", "multipart/form-data; boundary=x", FORM])
def test_coded_body_is_refused(content_type):
    response = send(app := make_app(), b"x", content_type, headers={"Content-Encoding": "gzip"})

    assert_refused(response, 415, "Content-Encoding is 'gzip'", app)


def multipart(content, mediatype="text/csv"):
    lines = ["--edge", 'Content-Disposition: form-data; name="f"; filename="f"', f"Content-Type: {mediatype}", "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n--edge--\r\n"


ARRIVING = {
    **{format_.suffixes[0]: (format_.encode(RECORDS), format_.mediatype) for format_ in READABLE},
    "form": (b"a=1&b=2", FORM),
    "file": (multipart(CSV().encode(RECORDS)), "multipart/form-data; boundary=edge"),
}
every_body = pytest.mark.parametrize(("body", "content_type"), ARRIVING.values(), ids=ARRIVING)


@every_body
def test_body_that_was_cut_off_is_refused(body, content_type):
    app = make_app()
    for arrived in (0, 1, len(body) // 2, len(body) - 1):
        response = send_raw(app, body[:arrived], content_type, len(body))
        assert_refused(response, 400, f"cut off: {arrived} bytes of {len(body)} arrived", app)

    assert send_raw(app, body, content_type, len(body)).status_code == 201
    assert send_raw(app, body, content_type, None).status_code == 201


@every_body
def test_body_that_breaks_off_is_refused(body, content_type):
    class Breaking(io.RawIOBase):
        def __init__(self):
            self.parts = [body[:-1]]

        def read(self, size=-1):
            if not self.parts:
                raise OSError("reset")
            return self.parts.pop()

    app = make_app()

    assert_refused(send_raw(app, Breaking(), content_type, None), 400, "broke off", app)


# How long a body may be


@every_streamed_format
def test_long_body_is_read_beyond_the_bound_of_the_application(format):
    app, many = make_app(MAX_CONTENT_LENGTH=1000), RECORDS * 1000

    assert len(records(format.encode(many), format.mediatype, app)) == 2000
    assert len(records(with_files(("f", format.encode(many), format.mediatype)), None, app)) == 2000


@pytest.mark.parametrize("announced", [True, False])
@every_streamed_format
def test_body_beyond_the_largest_is_refused(format, announced):
    app, body = make_app(largest=5000), format.encode(RECORDS * 1000)
    response = send_raw(app, body, format.mediatype, len(body) if announced else None)

    assert_refused(response, 413, "exceeds 5000 bytes", app)


def test_body_beyond_the_largest_is_not_read_to_its_end():
    app, body = make_app(largest=MEGABYTE), Long()

    assert_refused(send_raw(app, body, "text/csv", None), 413, "exceeds 1048576 bytes", app)
    assert body.told < 2 * MEGABYTE


def test_file_beyond_the_largest_is_refused():
    app = make_app(largest=5000)

    assert_refused(send(app, with_files(("a.csv", b"a\n" + b"1\n" * 5000, "text/csv")), None), 413, "exceeds", app)


@pytest.mark.parametrize("config", [{}, {"MAX_CONTENT_LENGTH": 16 * MEGABYTE}, {"MAX_CONTENT_LENGTH": 1000}], ids=str)
@every_whole_format
def test_body_that_is_read_whole_has_a_bound_that_names_the_longer_ones(format, config):
    app, most = make_app(**config), min(config.get("MAX_CONTENT_LENGTH", 16 * MEGABYTE), 16 * MEGABYTE)
    words = f"exceeds {most} bytes, the most that is read of {type(format).__name__}. "
    words += f"NDJSON and CSV and TSV may have up to {1024**3}"
    file = multipart(b" " * (most + 1), format.mediatype)

    assert_refused(send_raw(app, b"", format.mediatype, most + 1), 413, words, app)
    assert_refused(send_raw(app, file, "multipart/form-data; boundary=edge", len(file)), 413, words, app)


def test_largest_bounds_what_is_read_whole_too():
    assert_refused(
        send(app := make_app(largest=10), b'{"a": "0123456789"}', "application/json"), 413, "exceeds 10", app
    )


FLAT = """
    import io, itertools, resource, sys
    from flask import Flask, request
    from negotiate_api.publish.writing import uploads
    from representations import CSV, NDJSON

    readable = {"text/csv": CSV(), "application/x-ndjson": NDJSON()}

    class Body(io.RawIOBase):
        def __init__(self, start, row, count):
            self.rows, self.rest = itertools.chain([start], itertools.repeat(row, count)), b""

        def readable(self):
            return True

        def readinto(self, buffer):
            data = self.rest or next(self.rows, b"")
            size = min(len(buffer), len(data))
            buffer[:size], self.rest = data[:size], data[size:]
            return size

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def upload(start, row, count, content_type):
        environ = {"wsgi.input": Body(start, row, count), "wsgi.input_terminated": True, "CONTENT_TYPE": content_type}
        with Flask("flat").test_request_context(method="POST", environ_overrides=environ):
            with uploads.received(request, readable) as upload:
                return sum(1 for _ in upload.records())

    text = b"x" * 50_000
    cases = [
        (b"a,b\\r\\n", b'1,"' + text + b'"\\r\\n', "text/csv"),
        (b"\\n", b'{"a": "' + text + b'"}\\n', "application/x-ndjson"),
        ("a,b\\r\\n".encode("utf-16"), ("1," + "y" * 25_000 + "\\r\\n").encode("utf-16-le"), "text/csv"),
    ]
    for start, row, content_type in cases:
        assert upload(start, row, 20, content_type) == 20
    before = peak()
    for start, row, content_type in cases:
        assert upload(start, row, 2_000, content_type) == 2_000
    print(peak() - before)
"""


def test_memory_does_not_grow_with_the_length_of_a_body():
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(FLAT)], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 16, "MiB that 300 MB of bodies took"


# Through gunicorn


@pytest.fixture(scope="module")
def port():
    """The port of gunicorn with a gevent worker that serves make_app()."""
    here = Path(__file__).parent
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gevent", "--bind", f"fd://{listener.fileno()}"]
        environ = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}", "PYTHONWARNINGS": "ignore"}
        process = subprocess.Popen(
            [*command, "test_uploads:make_app()"],
            pass_fds=[listener.fileno()],
            cwd=here.parent,
            env=environ,
            stderr=subprocess.DEVNULL,
        )
        yield listener.getsockname()[1]
        process.terminate()
        process.wait(timeout=30)


def connected(port):
    return contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30))


@pytest.mark.parametrize("chunked", [False, True])
def test_server_answers_others_while_a_body_arrives(port, chunked):
    body = b"a,b\r\n" + b"1,2\r\n" * 400_000
    with connected(port) as slow, connected(port) as quick:
        slow.putrequest("POST", "/uploads")
        slow.putheader("Content-Type", "text/csv")
        slow.putheader(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        slow.endheaders()
        for start in range(0, len(body), MEGABYTE):
            part = body[start : start + MEGABYTE]
            slow.send(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
            quick.request("GET", "/uploads")
            assert quick.getresponse().read()
        if chunked:
            slow.send(b"0\r\n\r\n")
        response = slow.getresponse()

        assert (response.status, json.load(response)) == (201, {"records": 400_000})


@pytest.mark.parametrize("chunked", [False, True])
def test_server_keeps_nothing_of_a_body_cut_off_by_its_client(port, chunked):
    def count():
        with connected(port) as connection:
            connection.request("GET", "/uploads")
            return json.load(connection.getresponse())["uploads"]

    before = count()
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 2000000"
    head = f"POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n{length}\r\n\r\n".encode()
    body = b"a,b\r\n" + b"1,2\r\n" * 200_000
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head + (b"%x\r\n%s\r\n" % (len(body), body) if chunked else body))
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()

    assert not answer or answer.startswith(b"HTTP/1.1 400 ")
    assert count() == before


# Any bytes at all


@pytest.mark.parametrize("content_type", [*(f.mediatype for f in READABLE), FORM, "multipart/form-data; boundary=edge"])
def test_any_bytes_are_read_or_refused(content_type):
    app = make_app()

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=80) | st.binary(max_size=80).map(multipart))
    def check(body):
        app.uploads.clear()
        status = send(app, body, content_type).status_code
        assert status in (201, 400, 413, 415)
        assert len(app.uploads) == (status == 201)

    check()
