"""The examples answer each of their URLs in JSON, XML, CSV, YAML and HTML, with the same data in all of them.

The documents are read by other parsers than the library's: ElementTree, csv, PyYAML, lxml.
"""

import csv
import importlib
import io
import json
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import lxml.html
import pytest
import yaml
from flask import Flask
from werkzeug import security

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.iterdir() if path.name[0] not in "_.")

NOON = datetime(2012, 1, 1, 12, tzinfo=UTC)


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return NOON


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Gives the application of an example, fresh each time; in all of them it is the same moment."""
    apps = []
    quick = partial(security.generate_password_hash, method="pbkdf2:sha256:1")  # scrypt takes its time on purpose
    monkeypatch.setattr(security, "generate_password_hash", quick)

    def load(name):
        for module in [module for module in sys.modules if module.startswith("examples.")]:
            monkeypatch.delitem(sys.modules, module)
        module = importlib.import_module(f"examples.{name}")
        for part in [part for path, part in sys.modules.items() if path.startswith("examples.")]:
            if getattr(part, "datetime", None) is datetime:
                monkeypatch.setattr(part, "datetime", Noon)
        if isinstance(getattr(module, "app", None), Flask):
            return module.app
        if name != "server":
            return module.create_app()
        database = f"sqlite:///{tmp_path}/{len(apps)}.sqlite"
        apps.append(module.create_app({"SQLALCHEMY_DATABASE_URI": database}))
        return apps[-1]

    yield load
    for app in apps:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


# What is asked


@dataclass
class Ask:
    """A request to an example, and the status of its answer."""

    name: str
    line: str
    status: int = 200
    form: dict | None = None
    json: dict | None = None
    headers: dict = field(default_factory=dict)
    auth: tuple | None = None

    def __str__(self):
        return f"{self.name} {self.line} {self.status}"

    @property
    def method(self):
        return self.line.split()[0]

    @property
    def path(self):
        return self.line.split()[1]

    def answer(self, app, accept="application/json"):
        client = app.test_client()
        for ask in PREPARED.get(self.name, ()):
            ask.send(client, "application/json")
        return self.send(client, accept)

    def send(self, client, accept):
        headers = {"Accept": accept, **self.headers}
        body = {"data": self.form, "json": self.json}
        return client.open(self.path, method=self.method, headers=headers, auth=self.auth, **body)


TEST = ("test", "test")
ADA = ("ada", "lovelace")

PREPARED = {
    "todo_simple": [Ask("todo_simple", "PUT /todo1", form={"data": "Remember the milk"})],
    "myapi": [Ask("myapi", "PUT /api/v1/Baz/x7", 201, form={"name": "seventh"})],
    "server": [Ask("server", "POST /api/create", 201, form={"name": "test", "password": "test"})],
}

ASKED = [
    Ask("minimal", "GET /"),
    Ask("todo_simple", "GET /todo1"),
    Ask("todo_simple", "GET /todo2", 404),
    Ask("todo_simple", "PUT /todo2", form={"data": "Change my brakepads"}),
    Ask("todo_simple", "PUT /todo2", 400),
    Ask("responses", "GET /todo1"),
    Ask("responses", "GET /todo2", 201),
    Ask("responses", "GET /todo3", 201),
    Ask("responses", "GET /todo4"),
    Ask("endpoints", "GET /"),
    Ask("endpoints", "GET /hello"),
    Ask("endpoints", "GET /todo/7"),
    Ask("endpoints", "GET /foo"),
    Ask("endpoints", "GET /special/foo"),
    Ask("todo", "GET /todos"),
    Ask("todo", "POST /todos", 201, form={"task": "something new"}),
    Ask("todo", "POST /todos", 400),
    Ask("todo", "GET /todos/todo3"),
    Ask("todo", "GET /todos/todo9", 404),
    Ask("todo", "PUT /todos/todo3", 201, form={"task": "something different"}),
    Ask("todo", "DELETE /todos/todo9", 404),
    Ask("parsing", "GET /rate?rate=3&name=bob"),
    Ask("parsing", "POST /rate", form={"rate": "4"}),
    Ask("parsing", "POST /rate", 400, form={"rate": "foo"}),
    Ask("parsing", "GET /strict?rate=3"),
    Ask("parsing", "GET /strict?rat=3", 400),
    Ask("parsing", "POST /strict", 400, form={"rat": "3"}),
    Ask("parsing", "POST /strict", form={"rate": "3"}),
    Ask("parsing", "GET /required?name=bob"),
    Ask("parsing", "POST /required", form={"name": "bob"}),
    Ask("parsing", "POST /required", 400),
    Ask("parsing", "GET /names?name=bob&name=sue"),
    Ask("parsing", "POST /names", form={"name": ["bob", "sue", "joe"]}),
    Ask("parsing", "GET /renamed?name=bob"),
    Ask("parsing", "POST /renamed", form={"name": "bob"}),
    Ask("parsing", "GET /options"),
    Ask("parsing", "GET /options?size=LARGE&tags=a&tags=b&pages=many&note=+hi+"),
    Ask("parsing", "POST /options", 400, form={"size": "huge"}),
    Ask("parsing", "POST /options", form={"size": "small"}),
    Ask(
        "locations",
        "POST /?PageSize=9",
        form={"name": "Ada"},
        headers={"User-Agent": "Browser"},
    ),
    Ask("locations", "POST /?PageSize=many", 400),
    Ask("locations", "GET /text?text=query", headers={"text": "header"}),
    Ask("locations", "POST /body", json={"name": "Ada", "born": "1815"}),
    Ask("locations", "POST /body", 400, json={"born": "1815"}),
    Ask("parser_inheritance", "GET /parent?foo=1&bar=2"),
    Ask("parser_inheritance", "GET /copy?foo=1&bar=2"),
    Ask("parser_inheritance", "POST /replaced?bar=2", json={"foo": "one"}),
    Ask("parser_inheritance", "POST /replaced?foo=one", 400),
    Ask("parser_inheritance", "GET /removed?foo=1&bar=2"),
    Ask("custom_inputs", "GET /?OddNumber=7&Odd=9&Status=completed"),
    Ask("custom_inputs", "GET /?OddNumber=8", 400),
    Ask("custom_inputs", "GET /?Odd=8", 400),
    Ask("custom_inputs", "GET /?Status=lost", 400),
    Ask("inputs", "GET /?natural=0&boolean=false&iso8601interval=2013-01-01"),
    Ask("inputs", "GET /?positive=7"),
    Ask("inputs", "GET /?url=example.org", 400),
    Ask("marshalling", "GET /todo/my_todo"),
    Ask("marshalling", "GET /profile"),
    Ask("marshalling", "POST /profile", 201),
    Ask("marshalling", "GET /profiles"),
    Ask("marshalling", "GET /numbers"),
    Ask("fields", "GET /renamed"),
    Ask("fields", "GET /default"),
    Ask("fields", "GET /types"),
    Ask("custom_fields", "GET /messages"),
    Ask("custom_fields", "GET /messages/fire"),
    Ask("custom_fields", "GET /messages/flood", 404),
    Ask("custom_fields", "GET /random"),
    Ask("links", "GET /todos"),
    Ask("links", "GET /todos/1"),
    Ask("links", "GET /todos/9", 404),
    Ask("structures", "GET /complex"),
    Ask("structures", "GET /list"),
    Ask("structures", "GET /nested"),
    Ask("structures", "GET /absent"),
    Ask("method_decorators", "GET /diary", 401),
    Ask("method_decorators", "GET /diary", auth=ADA),
    Ask("method_decorators", "GET /diary", 401, auth=("ada", "wrong")),
    Ask("method_decorators", "GET /notes"),
    Ask("method_decorators", "DELETE /notes", 401),
    Ask("method_decorators", "DELETE /notes", auth=ADA),
    Ask("method_decorators", "GET /letters"),
    Ask("method_decorators", "DELETE /letters", 401, headers={"Authorization": "Bearer ada"}),
    Ask("method_decorators", "DELETE /letters", auth=ADA),
    Ask("method_decorators", "GET /stamped"),
    Ask("errors", "GET /users"),
    Ask("errors", "POST /users", 201, form={"name": "grace"}),
    Ask("errors", "POST /users", 409, form={"name": "ada"}),
    Ask("errors", "GET /users/1"),
    Ask("errors", "GET /users/2", 410),
    Ask("errors", "GET /crash", 500),
    Ask("errors", "GET /nowhere", 404),
    Ask("errors", "PATCH /users", 405),
    Ask("user", "GET /Users"),
    Ask("user", "POST /Users", 201, form={"username": "bob", "email": "bob@example.org"}),
    Ask("user", "POST /Users", 400, form={"username": "bob", "email": "bob"}),
    Ask("user", "GET /Users/1"),
    Ask("user", "GET /Users/9", 404),
    Ask("user", "GET /Users/1/Friends"),
    Ask("user", "GET /Users/1/Posts"),
    Ask("myapi", "GET /api/v1/Foo"),
    Ask("myapi", "POST /api/v1/Foo", 201, form={"name": "second"}),
    Ask("myapi", "POST /api/v1/Foo", 400, form={"name": " "}),
    Ask("myapi", "GET /api/v1/Foo/1"),
    Ask("myapi", "GET /api/v1/Foo/9", 404),
    Ask("myapi", "GET /api/v1/Bar"),
    Ask("myapi", "GET /api/v1/Bar/north"),
    Ask("myapi", "GET /api/v1/Bar/east", 404),
    Ask("myapi", "GET /api/v1/Baz/x7"),
    Ask("myapi", "GET /api/v1/Baz/x8", 404),
    Ask("myapi", "PUT /api/v1/Baz/x7", form={"name": "another"}),
    Ask("myapi", "GET /api/v1/nowhere", 404),
    Ask("server", "GET /api/helloworld"),
    Ask("server", "POST /api/create", 409, form={"name": "other", "password": "other"}),
    Ask("server", "POST /api/create", 400, form={"name": "a:b", "password": "other"}),
    Ask("server", "GET /api/user", 401),
    Ask("server", "GET /api/user", 401, auth=("test", "wrong")),
    Ask("server", "GET /api/user", auth=TEST),
    Ask("server", "POST /api/user", 401, form={"name": "1234", "password": "1234"}),
    Ask("server", "POST /api/user", 201, form={"name": "1234", "password": "1234"}, auth=TEST),
    Ask("server", "POST /api/user", 409, form={"name": "test", "password": "1234"}, auth=TEST),
]

OWN_FORMATS = [
    Ask("representation_by_decorator", "GET /cities"),
    Ask("representation_by_decorator", "GET /cities/Rundu"),
    Ask("representation_by_decorator", "GET /cities/Oslo", 404),
    Ask("representation_by_subclass", "GET /cities"),
    Ask("representation_by_subclass", "GET /nowhere", 404),
]

NO_DATA = [
    Ask("todo", "DELETE /todos/todo2", 204),
    Ask("responses", "GET /todo5"),
    Ask("errors", "GET /about"),
    Ask("server", "GET /"),
]


# The same data, read back


def from_xml(document):
    return of_element(ElementTree.fromstring(document))


def of_element(element):
    kind = element.get("type") or ("dict" if any(child.tag != "item" for child in element) else "list")
    if kind == "dict":
        return {child.get("name", child.tag): of_element(child) for child in element}
    if kind == "list":
        return [of_element(child) for child in element]
    convert = {"null": lambda _: None, "bool": "true".__eq__, "int": int, "float": float, "number": Decimal}
    return convert.get(kind, str)(element.text or "")


def as_xml(data):
    """The same, with a value alone as an item, which is how XML tells it."""
    return data if isinstance(data, dict | list) else [data]


def from_csv(document, delimiter=","):
    return list(csv.DictReader(io.StringIO(document.decode(), newline=""), delimiter=delimiter))


def as_csv(data):
    """The records of a table, nested names joined by dots, values as text."""
    records = [dict(flat(item)) for item in (data if isinstance(data, list) else [data])]
    columns = dict.fromkeys(name for record in records for name in record)
    return [{name: record.get(name, "") for name in columns} for record in records]


def flat(data, path=()):
    if isinstance(data, dict) and data:
        for name, value in data.items():
            yield from flat(value, (*path, name.replace(".", "\\.")))
    else:
        yield ".".join(path) or "value", text(data)


def text(value):
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_html(document):
    main = lxml.html.document_fromstring(document.decode()).get_element_by_id("main")
    data = main.xpath("./div[@class='item']/*") or main.xpath(".//table")
    message = main.xpath("./p[@class='message']")
    if not message and main.findtext("h1")[:1] in "45":  # an error whose message is no text
        return {"message": of_html(data[0]), **(of_html(data[1]) if data[1:] else {})}
    members = of_html(data[0]) if data else {}
    return {"message": message[0].text_content(), **members} if message else members


def of_html(element):
    if element.tag in ("dd", "li", "td"):
        return of_html(element[0]) if element.get("class") == "nest" else element.text_content()
    if element.tag == "dl":
        return {
            dt.text_content(): of_html(dt.getnext())
            for dt in element.iter("dt")
            if dt.getparent().getparent() is element
        }
    if element.tag == "ul":
        return [of_html(item) for item in element]
    if element.tag == "div":
        return of_html(element[0])
    if element.tag == "table":
        columns = [heading.text_content() for heading in element.iterfind("./thead/tr/th")]
        rows = element.iterfind("./tbody/tr") if columns else ()
        return [dict(zip(columns, map(of_html, row), strict=True)) for row in rows]
    return as_html(json.loads(element.text_content())) if element.tag == "code" else element.text_content()


def as_html(data):
    """The same with every value as the text that people read."""
    if isinstance(data, dict):
        return {name: as_html(value) for name, value in data.items()}
    if isinstance(data, list):
        columns = dict.fromkeys(name for item in data if isinstance(item, dict) for name in item)
        return [as_html({name: item.get(name) for name in columns} if columns else item) for item in data]
    return data if isinstance(data, str) else json.dumps(data)


def itself(data):
    return data


FORMATS = {
    "application/xml": (from_xml, as_xml),
    "text/csv": (from_csv, as_csv),
    "application/yaml": (yaml.safe_load, itself),
    "text/html": (from_html, as_html),
}


@pytest.mark.parametrize("mediatype", FORMATS)
@pytest.mark.parametrize("ask", ASKED, ids=str)
def test_example_answers_with_the_data_of_its_json(load, monkeypatch, ask, mediatype):
    read, as_read = FORMATS[mediatype]
    monkeypatch.setattr(random, "random", lambda: 0.25)
    expected, response = ask.answer(load(ask.name)), ask.answer(load(ask.name), mediatype)
    assert (expected.status_code, expected.mimetype) == (ask.status, "application/json")
    assert (response.status_code, response.mimetype) == (ask.status, mediatype)
    assert read(response.data) == as_read(expected.json)


@pytest.mark.parametrize("ask", NO_DATA, ids=str)
def test_example_answers_the_same_in_every_format_where_it_has_no_data(load, ask):
    answers = [ask.answer(load(ask.name), mediatype) for mediatype in ("application/json", *FORMATS)]
    assert {answer.status_code for answer in answers} == {ask.status}
    assert len({(answer.content_type, answer.data) for answer in answers}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_method_of_every_url_is_asked(load, name):
    app = load(name)
    adapter = app.url_map.bind("localhost")
    asked = [ask for ask in (*ASKED, *OWN_FORMATS, *NO_DATA, *PREPARED.get(name, ())) if ask.name == name]
    succeeded = [ask for ask in asked if ask.status < 400 or ask.status == 500]
    matched = {
        (adapter.match(ask.path.split("?")[0], ask.method, return_rule=True)[0].rule, ask.method) for ask in succeeded
    }
    there = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert matched == there


# Formats of the examples' own


def of_records(document):
    return [{value.tag: value.text for value in record} for record in ElementTree.fromstring(document)]


def of_plain_table(document):
    head, *rows = lxml.html.document_fromstring(document.decode()).iter("tr")
    return [dict(zip([th.text for th in head], [td.text for td in row], strict=True)) for row in rows]


BY_DECORATOR = {**FORMATS, "text/csv": (lambda document: from_csv(document, ";"), as_csv)}
BY_SUBCLASS = {
    **FORMATS,
    "application/xml": (of_records, as_csv),
    "text/html": (of_plain_table, as_csv),
}


@pytest.mark.parametrize("mediatype", FORMATS)
@pytest.mark.parametrize("ask", OWN_FORMATS, ids=str)
def test_example_with_formats_of_its_own_answers_with_the_data_of_its_json(load, ask, mediatype):
    formats = BY_DECORATOR if ask.name == "representation_by_decorator" else BY_SUBCLASS
    read, as_read = formats[mediatype]
    expected, response = ask.answer(load(ask.name)), ask.answer(load(ask.name), mediatype)
    assert (expected.status_code, expected.mimetype) == (ask.status, "application/json")
    assert (response.status_code, response.mimetype) == (ask.status, mediatype)
    assert read(response.data) == as_read(expected.json)


def test_page_by_subclass_names_its_charset(load):
    response = load("representation_by_subclass").test_client().get("/cities", headers={"Accept": "text/html"})
    assert response.content_type == "text/html; charset=utf-8"
