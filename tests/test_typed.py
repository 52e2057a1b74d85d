"""An Api as a type checker sees it, which `make check` does with mypy --strict, and as it then runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, assert_type

import pytest
from flask import Flask, Response, make_response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from negotiate_api import Api, Resource, Rows, abort, fields, inputs, marshal, marshal_with, reqparse
from representations import CSV, Alternate


@dataclass
class Planet:
    number: int
    name: str
    day: float


PLANETS = {1: Planet(1, "Mercury", 4222.6), 3: Planet(3, "Earth", 24.0)}

FIELDS = {"number": fields.Integer, "name": fields.String, "day": fields.Fixed(decimals=1)}

parser = reqparse.RequestParser(bundle_errors=True)
parser.add_argument("name", required=True, help="A planet has a name.").add_argument("day", type=float, default=24.0)
parser.add_argument("moons", type=inputs.natural, action="append", location="json")

api = Api(default_mediatype=None, catch_all_404s=True)


def known(number: int) -> Planet:
    """abort() does not return: without that, this would give a Planet or None."""
    planet = PLANETS.get(number)
    if planet is None:
        abort(404, message=f"There is no planet {number}.")
    return planet


@api.resource("/planets/<int:number>", endpoint="planet")
class One(Resource):
    @marshal_with(FIELDS)
    def get(self, number: int) -> Planet:
        return known(number)

    def put(self, number: int) -> tuple[dict[str, Any], int]:
        given = parser.parse_args(strict=True)
        return {"name": given.name, "day": given["day"], "uri": api.url_for(One, number=number)}, 201


class All(Resource):
    representations = (CSV(delimiter=";"),)

    def get(self) -> Rows:
        return Rows(("number", "name"), self.rows(), count=len(PLANETS))

    def rows(self) -> Iterator[tuple[int, str]]:
        return ((planet.number, planet.name) for planet in PLANETS.values())


class Shout(fields.Raw):
    def format(self, value: Any) -> str:
        return str(value).upper()


@api.representation("text/vcard")
def vcard(data: Any, code: int, headers: dict[str, str] | None = None) -> Response:
    return make_response(f"FN:{data['name']}", code, headers)


@api.errorhandler(ZeroDivisionError)
def divided(error: ZeroDivisionError) -> tuple[dict[str, str], int]:
    return {"message": str(error)}, 400


api.add_resource(All, "/planets", "/planeten", endpoint="planets", resource_class_kwargs={})


def test_api_has_types() -> None:
    app = Flask(__name__)
    api.init_app(app)
    with app.test_request_context("/planets/1"):
        assert_type(api.url_for(One, number=3), str)
        assert_type(api.make_response(PLANETS[1], 200), BaseResponse)
        assert_type(api.alternates(), tuple[Alternate, ...])
    assert_type(api.representation(CSV(delimiter="|")), CSV)
    assert_type(api.representations, dict[str, Callable[..., BaseResponse]])


def test_decorated_functions_and_classes_keep_their_types() -> None:
    assert_type(Api().resource("/elsewhere")(One), type[One])
    assert One().get(number=3) == {"number": 3, "name": "Earth", "day": "24.0"}
    assert_type(All().get(), Rows)
    assert_type(divided(ZeroDivisionError("by 0")), tuple[dict[str, str], int])
    with Flask(__name__).app_context():
        assert_type(vcard({"name": "Ada"}, 200), Response)


def test_reqparse_has_types() -> None:
    assert_type(parser.copy().remove_argument("day").replace_argument("name", type=str), reqparse.RequestParser)
    with Flask(__name__).test_request_context("/?name=Venus"):
        given = parser.parse_args()
    assert_type(given, reqparse.Namespace)
    assert (given.name, given["day"]) == ("Venus", 24.0)
    with pytest.raises(TypeError):
        parser.copy().add_argument("moons", requierd=True)  # type: ignore[call-arg]


def test_marshal_gives_what_its_data_is() -> None:
    assert_type(marshal(iter(PLANETS.values()), FIELDS), Rows)
    assert_type(marshal(list(PLANETS.values()), FIELDS), list[dict[Any, Any]])
    assert_type(marshal(PLANETS[1], FIELDS, envelope="planet"), dict[str, Any])
    assert marshal(PLANETS[3], {"name": Shout}) == {"name": "EARTH"}


def test_abort_does_not_return() -> None:
    def gone() -> NoReturn:
        abort(410)

    assert_type(known(3), Planet)
    with pytest.raises(HTTPException):
        gone()


def test_what_mypy_reads_runs() -> None:
    app = Flask(__name__)
    api.init_app(app)
    client = app.test_client()

    assert client.get("/planets/3.json").json == {"number": 3, "name": "Earth", "day": "24.0"}
    assert client.put("/planets/4?name=Mars").json == {"name": "Mars", "day": 24.0, "uri": "/planets/4"}
    assert client.get("/planets").text == "number;name\r\n1;Mercury\r\n3;Earth\r\n"
    assert client.get("/planets/9.json").json == {"message": "There is no planet 9."}
