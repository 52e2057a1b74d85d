"""Every public name of Flask-RESTful is at the same place here, and an application runs with its imports changed."""

import ast
import datetime as dt
import importlib
from pathlib import Path

import flask_restful
import pytest
from flask_restful_pair import client_of, either_library

NOWHERE = "flask_restful.utils.crypto"
"""Unpickles what it is sent, and needs a module that Flask-RESTful does not ask for: it cannot be imported."""


def modules():
    """The modules of Flask-RESTful as (name, path)."""
    root = Path(flask_restful.__file__).parent
    for path in sorted(root.rglob("*.py")):
        parts = ("flask_restful", *path.relative_to(root).with_suffix("").parts)
        name = ".".join(part for part in parts if part != "__init__")
        if name != NOWHERE and "._" not in name:
            yield name, path


def names_of(path):
    """The names that a module defines, and those of other modules of Flask-RESTful's that a package gives."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom) and path.stem == "__init__" and "flask_restful" in str(node.module):
            yield from (alias.asname or alias.name for alias in node.names)


NAMES = [(module, name) for module, path in modules() for name in names_of(path) if not name.startswith("_")]


@pytest.mark.parametrize("module", [module for module, _ in modules()])
def test_module_is_at_the_same_place(module):
    assert importlib.import_module(module.replace("flask_restful", "negotiate_api"))


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[f"{module}.{name}" for module, name in NAMES])
def test_name_is_at_the_same_place(module, name):
    assert hasattr(importlib.import_module(module.replace("flask_restful", "negotiate_api")), name)


def test_everything_that_a_star_gives_is_there():
    import negotiate_api

    assert set(flask_restful.__all__) <= set(negotiate_api.__all__)


def test_module_that_cannot_be_imported_is_the_only_one_missing():
    for module in (NOWHERE, NOWHERE.replace("flask_restful", "negotiate_api")):
        with pytest.raises(ImportError):
            importlib.import_module(module)


# One import changed

APPLICATION = """
import flask_restful as restful
import flask_restful.fields
from flask import Flask
from flask_restful import Api, Resource, abort, fields, inputs, marshal, marshal_with, marshal_with_field, reqparse
from flask_restful.fields import MarshallingException, Raw
from flask_restful.inputs import positive
from flask_restful.representations.json import output_json
from flask_restful.reqparse import Argument, RequestParser
from flask_restful.utils import http_status_message, unpack
from flask_restful.utils.cors import crossdomain

app = Flask("shop")
api = restful.Api(app, prefix="/v1", catch_all_404s=True, errors={"SoldOut": {"message": "Sold out.", "status": 409}})
api.representation("application/vnd.shop+json")(output_json)
TEAS = {1: {"name": "Assam", "grams": 250}, 2: {"name": "李", "grams": 100}}


class SoldOut(Exception):
    pass


class Weight(Raw):
    def format(self, value):
        if value < 0:
            raise MarshallingException("negative")
        return f"{value} g"


TEA = {"name": fields.String, "weight": Weight(attribute="grams"), "uri": restful.fields.Url("tea", absolute=True)}
parser = RequestParser(bundle_errors=True)
parser.add_argument(Argument("name", required=True, location="json", help="A tea has a name."))
parser.add_argument("grams", type=positive, location="json", default=100)
query = reqparse.RequestParser().add_argument("light", type=inputs.boolean, location="args", default=False)


class Tea(Resource):
    @marshal_with(TEA)
    def get(self, id):
        if id not in TEAS:
            abort(404, message=f"There is no tea {id}.")
        return {**TEAS[id], "id": id}

    def delete(self, id):
        raise SoldOut


class Teas(Resource):
    @crossdomain(origin="*", methods=["GET"])
    def get(self):
        light = query.parse_args().light
        return [marshal({**tea, "id": id}, TEA) for id, tea in TEAS.items() if not light or tea["grams"] < 200]

    def post(self):
        return parser.parse_args(), 201, {"X-Message": http_status_message(201)}


class Names(Resource):
    @marshal_with_field(fields.List(fields.String))
    def get(self):
        return unpack(([tea["name"] for tea in TEAS.values()], 203))


api.add_resource(Tea, "/teas/<int:id>", endpoint="tea")
api.add_resource(Teas, "/teas", "/")
api.add_resource(Names, "/names")
"""

REQUESTS = [
    ("GET", "/v1/teas", {}),
    ("GET", "/v1/", {}),
    ("GET", "/v1/teas?light=true", {}),
    ("GET", "/v1/teas?light=perhaps", {}),
    ("GET", "/v1/teas/1", {}),
    ("GET", "/v1/teas/1", {"headers": {"Accept": "application/vnd.shop+json"}}),
    ("HEAD", "/v1/teas/1", {}),
    ("GET", "/v1/teas/9", {}),
    ("DELETE", "/v1/teas/1", {}),
    ("PUT", "/v1/teas/1", {}),
    ("POST", "/v1/teas", {"json": {"name": "Oolong", "grams": 50}}),
    ("POST", "/v1/teas", {"json": {"grams": -1}}),
    ("GET", "/v1/names", {}),
    ("GET", "/v1/nowhere", {}),
]


@pytest.fixture(scope="module")
def applications():
    """The application as it is written, and with its imports changed."""
    namespaces = {}, {}
    for namespace, source in zip(
        namespaces, (APPLICATION, APPLICATION.replace("flask_restful", "negotiate_api")), strict=True
    ):
        exec(compile(source, "shop.py", "exec"), namespace)
    return [namespace["app"] for namespace in namespaces]


@pytest.mark.parametrize(("method", "url", "request_"), REQUESTS, ids=[f"{m} {u} {r or ''}" for m, u, r in REQUESTS])
def test_application_answers_as_before_with_its_imports_changed(applications, method, url, request_):
    before, after = (app.test_client().open(url, method=method, **request_) for app in applications)

    assert (after.status_code, after.content_type) == (before.status_code, before.content_type)
    assert after.get_json(silent=True) == before.get_json(silent=True)
    assert all(after.headers[name] == value for name, value in before.headers.items() if name != "Content-Length")


def test_application_with_its_imports_changed_answers_in_other_formats(applications):
    response = applications[1].test_client().get("/v1/teas.csv")

    assert response.text.splitlines()[1] == "Assam,250 g,http://localhost/v1/teas/1"


# Cross-origin requests


def cross_origin(library, **options):
    """The answer to a GET of a resource whose method is for other origins."""
    decorator = library.utils.cors.crossdomain(**{"origin": "*", **options})
    return client_of(library, get=decorator(lambda self: {"a": 1}), post={}).get("/")


@either_library
def test_response_for_another_origin_says_what_it_may_do(library):
    response = cross_origin(library, expose_headers=["X-A", "X-B"], credentials=True)
    headers = response.headers

    assert (response.status_code, response.json) == (200, {"a": 1})
    assert (headers["Access-Control-Allow-Origin"], headers["Access-Control-Max-Age"]) == ("*", "21600")
    assert set(headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert headers["Access-Control-Expose-Headers"] == "X-A, X-B"
    assert headers["Access-Control-Allow-Credentials"] == "true"


@either_library
@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"methods": ["get", "head"]}, "Methods", "GET, HEAD"),
        ({"origin": ["http://a.example", "http://b.example"]}, "Origin", "http://a.example, http://b.example"),
        ({"headers": ["X-A"]}, "Headers", "X-A"),
        ({"headers": "X-A, X-B"}, "Headers", "X-A, X-B"),
        ({}, "Headers", None),
        ({"attach_to_all": False}, "Origin", None),
    ],
    ids=str,
)
def test_options_of_crossdomain_say_what_is_told(library, options, name, value):
    assert cross_origin(library, **options).headers.get(f"Access-Control-Allow-{name}") == value


@either_library
@pytest.mark.parametrize("max_age", [60, dt.timedelta(minutes=1)], ids=str)
def test_max_age_of_crossdomain_is_in_seconds(library, max_age):
    assert float(cross_origin(library, max_age=max_age).headers["Access-Control-Max-Age"]) == 60


@either_library
def test_response_is_for_its_own_origin_without_crossdomain(library):
    headers = client_of(library, get="data").get("/").headers

    assert not [name for name, _ in headers if name.startswith("Access-Control")]
