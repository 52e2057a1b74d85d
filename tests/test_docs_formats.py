"""What docs/formats.md says is so: its tables are compared with DEFAULTS, its example is run."""

import inspect
import re
import sys
from collections import namedtuple
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
import test_formats
from flask import Flask

import representations
from negotiate_api import DEFAULTS, Api, Representation, Resource, Rows, abort
from representations import CSV, JSON, NDJSON, TSV, XML

PAGE = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
FORMATS, MODEL = (
    [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if not line.startswith("|-")]
    for table in re.findall(r"(?<=\n\n)\|.*?\|\n(?=\n)", PAGE, re.DOTALL)
)
BY_NAME = {format_.__name__: format_() for format_ in DEFAULTS}


def code(cell):
    return re.findall("`([^`]*)`", cell)


# The formats


def test_table_has_each_format_in_server_preference_order():
    assert [row[0] for row in FORMATS[1:]] == list(BY_NAME)


@pytest.mark.parametrize("row", FORMATS[1:], ids=lambda row: row[0])
def test_table_says_what_a_format_is_called_and_does(row):
    format_ = BY_NAME[row[0]]
    streams = type(format_).iter_encode is not Representation.iter_encode
    yes_or_no = ["yes" if does else "no" for does in (True, format_.decode, streams)]
    assert code(row[1]) == [format_.mediatype]
    assert code(row[2]) == list(format_.aliases)
    assert code(row[3]) == list(format_.suffixes)
    assert row[4:] == yes_or_no


# The data model


class Colour(Enum):
    RED = "red"


Point = namedtuple("Point", ["b", "a"])
NAMES = {
    "UTC": UTC,
    "Colour": Colour,
    "Decimal": Decimal,
    "Point": Point,
    "UUID": UUID,
    "date": date,
    "datetime": datetime,
    "time": time,
    "timedelta": timedelta,
}
EXPRESSIONS = [
    pytest.param(expression, cells, id=expression) for python, *cells in MODEL[1:] for expression in code(python)
]


def values(expression):
    """The value as often as it is wanted: some can be read once."""
    while True:
        yield eval(expression, dict(NAMES))


@pytest.mark.parametrize(("expression", "cells"), EXPRESSIONS)
def test_table_says_how_a_value_is_written(expression, cells):
    json, csv, xml, yaml, msgpack = cells
    value = values(expression)
    nested = isinstance(next(value), dict | Point)
    assert JSON().encode(next(value)).decode() == f"{code(json)[0]}\n"
    assert NDJSON().decode(NDJSON().encode([next(value)])) == JSON().decode(JSON().encode([next(value)]))
    assert written_as(xml, XML().encode({"v": next(value)}))
    assert written_as(csv, CSV().encode([{"id": 1, "v": next(value)}]), "{}" if nested else ",{}\r\n")
    assert TSV().decode(TSV().encode([{"a": 1, "v": next(value)}])) == CSV().decode(
        CSV().encode([{"a": 1, "v": next(value)}])
    )
    assert written_as(yaml, BY_NAME["YAML"].encode({"v": next(value)}), "{}\n")
    read = BY_NAME["MessagePack"].decode(BY_NAME["MessagePack"].encode(next(value)))
    assert repr(read) == code(msgpack)[0]


def written_as(cell, document, frame="{}"):
    """Whether the pieces of code in a cell are in a document; "nothing" is no characters, other words say anything."""
    pieces = [""] if cell == "nothing" else code(cell)
    return all(frame.format(piece) in document.decode() for piece in pieces) and (pieces or cell == "the characters")


# The example

BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def example():
    """The module of the page, as it would be in the package."""
    module = ModuleType("representations.json_seq")
    module.__package__ = "representations"
    exec(compile(BLOCKS[0], "docs/formats.md", "exec"), vars(module))
    return module


@pytest.fixture
def client(example):
    app = Flask("app")
    api = Api(app, default_mediatype=None, catch_all_404s=True)
    exec(BLOCKS[1], {"api": api, "JSONSequence": example.JSONSequence})

    @api.resource("/users")
    class Users(Resource):
        def get(self):
            return Rows(("id", "name"), [(1, "Ada"), (2, "李雷")])

        def post(self):
            return api.body()

        def delete(self):
            abort(409, message="They stay.")

    return app.test_client()


USERS = '\x1e{"id":1,"name":"Ada"}\n\x1e{"id":2,"name":"李雷"}\n'


@pytest.mark.parametrize(
    ("url", "accept"),
    [
        ("/users", "application/json-seq"),
        ("/users", "application/json;q=0.5, application/json-seq"),
        ("/users.json-seq", None),
        ("/users?format=json-seq", "application/json"),
    ],
)
def test_example_is_negotiated(client, url, accept):
    response = client.get(url, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.content_type, response.text) == (200, "application/json-seq", USERS)


def test_example_is_not_preferred(client):
    assert client.get("/users").content_type == "application/json"


def test_example_is_listed_among_the_alternates(client):
    assert '</users.json-seq>; rel="alternate"; type="application/json-seq"' in client.get("/users").headers["Link"]
    available = client.get("/users", headers={"Accept": "image/png"}).json["available"]
    assert {"mediatype": "application/json-seq", "suffix": "json-seq", "href": "/users.json-seq"} in available


def test_example_tells_errors(client):
    refused = client.delete("/users", headers={"Accept": "application/json-seq"})
    unknown = client.get("/nowhere.json-seq")
    assert (refused.status_code, refused.content_type, refused.text) == (
        409,
        "application/json-seq",
        '\x1e{"message":"They stay."}\n',
    )
    assert (unknown.status_code, unknown.content_type) == (404, "application/json-seq")


@pytest.mark.parametrize("mediatype", ["application/json-seq", "application/geo+json-seq"])
def test_example_reads_bodies(client, mediatype):
    response = client.post("/users", data='\x1e{"name": "Ada"}\n\x1e[1]\n', content_type=mediatype)
    assert (response.status_code, response.json) == (200, [{"name": "Ada"}, [1]])


@pytest.mark.parametrize(
    ("body", "what"),
    [("[1]", "begins with"), ("\x1e[1]\n\x1e[2", "text 2 is cut off"), ("\x1e[1]\n\x1e[1,]\n", "text 2: ")],
)
def test_example_says_what_is_malformed(client, body, what):
    response = client.post("/users", data=body, content_type="application/json-seq")
    assert response.status_code == 400
    assert what in response.json["message"]


CONTRACT = [
    function
    for name, function in vars(test_formats).items()
    if name.startswith("test_")
    and list(inspect.signature(function).parameters) == ["format"]
    and test_formats.every_table.mark not in function.pytestmark
]


@pytest.mark.parametrize("rule", CONTRACT, ids=lambda rule: rule.__name__)
def test_example_keeps_the_contract_of_a_format(example, rule, monkeypatch):
    monkeypatch.setitem(test_formats.HELD, "json-seq", test_formats.as_lines)
    rule(format=example.JSONSequence())


@pytest.mark.parametrize("make", test_formats.HOSTILE.values(), ids=test_formats.HOSTILE)
def test_example_holds_hostile_values(example, make, monkeypatch):
    monkeypatch.setitem(test_formats.HELD, "json-seq", test_formats.as_lines)
    test_formats.test_hostile_value_is_written(example.JSONSequence(), make)


def test_example_is_not_a_format_already():
    assert "json_seq" not in sys.modules
    assert not hasattr(representations, "JSONSequence")
