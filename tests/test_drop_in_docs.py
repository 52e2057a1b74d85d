"""The page docs/flask-restful.md: its blocks run, its defects have tests, and what it says is different is."""

import re
from pathlib import Path

import flask_restful
import pytest
import test_flask_restful_defects
from flask import Flask
from flask_restful_pair import DEFECTS, client_of, raising
from werkzeug.exceptions import NotFound

import negotiate_api
from representations import JSON

PAGE = (Path(__file__).parent.parent / "docs" / "flask-restful.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client():
    namespace = {"__name__": "page"}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "page.md", "exec"), namespace)
    return namespace["app"].test_client()


def test_every_defect_of_the_page_has_a_test_and_every_test_is_of_one():
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]

    assert test_flask_restful_defects
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(numbers) == DEFECTS


@pytest.mark.parametrize(
    ("url", "mimetype", "text"),
    [
        ("/teas?most=100", "application/json", '[{"name": "Sencha", "weight": 100}'),
        ("/teas.csv", "text/csv", "Sencha,100"),
        ("/v1/teas", "application/json", '"name": "\\u674e"'),
        ("/v1/teas?format=csv", "application/json", '"name": "Assam"'),
        ("/old/teas/1", "application/json", '{"name": "Assam", "grams": 250}'),
        ("/old/teas/1?format=xml", "application/json", '{"name": "Assam", "grams": 250}'),
        ("/new/teas/1.xml", "application/xml", ">Assam<"),
    ],
)
def test_get_answers_as_the_page_says(client, url, mimetype, text):
    response = client.get(url)

    assert (response.status_code, response.mimetype) == (200, mimetype)
    assert text.replace(" ", "") in response.text.replace(" ", "")  # a stream of rows has another layout


@pytest.mark.parametrize("url", ["/old/teas/x", "/new/teas/x"])
def test_unknown_url_is_the_site_s_where_both_libraries_run(client, url):
    assert (client.get(url).status_code, client.get(url).mimetype) == (404, "text/html")


@pytest.mark.parametrize("url", ["/old/teas/1", "/new/teas/1"])
def test_error_is_its_own_api_s_where_both_libraries_run(client, url):
    assert (client.post(url).status_code, client.post(url).mimetype) == (405, "application/json")


@pytest.mark.parametrize("place", ["old", "new"])
def test_resource_of_flask_restful_goes_into_an_api_of_either(place):
    app = Flask("app")
    library = {"old": flask_restful, "new": negotiate_api}[place]
    thing = type("Thing", (flask_restful.Resource,), {"get": lambda self: ({"a": 1}, 201)})
    library.Api(app).add_resource(thing, "/")

    assert (app.test_client().get("/").status_code, app.test_client().get("/").json) == (201, {"a": 1})


# What is different, and as it was

AS_IT_WAS = {"representations": [JSON()], "format_parameter": None, "app_errorhandlers": False}
BROWSER = {"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}


class Broken(Exception):
    pass


def answers(library, options, url="/", headers=(), method="GET", config=()):
    client = client_of(library, config, api_options=options, get={"name": "李"}, put=raising(Broken()))
    client.application.errorhandler(Broken)(lambda error: ({"handler": "heard"}, 418))
    response = client.open(url, method=method, headers=dict(headers))
    return response.status_code, response.mimetype, response.get_data()


@pytest.mark.parametrize(
    ("request_", "config"),
    [
        ({"headers": BROWSER}, {}),
        ({"url": "/?format=csv"}, {}),
        ({"url": "/?format=of-my-own"}, {}),
        ({}, {"RESTFUL_JSON": {"ensure_ascii": True}}),
        ({"method": "PUT"}, {}),
    ],
    ids=["browser", "format", "unknown format", "text", "handler"],
)
def test_difference_is_there_and_its_switch_undoes_it(request_, config):
    before = answers(flask_restful, {}, **request_)
    escaped = {"RESTFUL_JSON": {"ensure_ascii": True}}

    assert answers(negotiate_api, {}, **request_) != before
    assert answers(negotiate_api, AS_IT_WAS, config=escaped, **request_) == before


@pytest.mark.parametrize(
    ("locations", "library", "value"),
    [
        (["args", "json"], flask_restful, "query"),
        (["args", "json"], negotiate_api, "body"),
        (["json", "args"], negotiate_api, "query"),
    ],
)
def test_later_location_wins_here_and_the_first_there(locations, library, value):
    parser = library.reqparse.RequestParser().add_argument("a", location=locations)
    client = client_of(library, post=lambda self: parser.parse_args())

    assert client.post("/?a=query", json={"a": "body"}).json == {"a": value}


@pytest.mark.parametrize(
    ("library", "options", "value"),
    [
        (flask_restful, {"type": dict}, {"b": 1}),
        (negotiate_api, {"type": list}, [{"b": 1}, {"b": 2}]),
        (negotiate_api, {"type": dict, "action": "append"}, [{"b": 1}, {"b": 2}]),
        (flask_restful, {"type": dict, "action": "append"}, [{"b": 1}, {"b": 2}]),
    ],
)
def test_list_in_a_body_is_its_first_item_there_and_one_value_here(library, options, value):
    parser = library.reqparse.RequestParser().add_argument("a", **options)
    client = client_of(library, post=lambda self: parser.parse_args())

    assert client.post("/", json={"a": [{"b": 1}, {"b": 2}]}).json == {"a": value}


@pytest.mark.parametrize("result", [None, ({"message": "no"}, 403)], ids=["null", "error"])
def test_marshal_with_makes_defaults_of_errors_and_null_there_and_here_where_it_is_told(result):
    fields = {"id": flask_restful.fields.Integer, "name": flask_restful.fields.String}
    decorators = [
        flask_restful.marshal_with(fields),
        negotiate_api.marshal_with(fields, errors=True, allow_null=False),
        negotiate_api.marshal_with(fields),
    ]
    there, told, here = (
        client_of(negotiate_api, get=decorator(lambda self: result)).get("/").json for decorator in decorators
    )

    assert there == told == {"id": 0, "name": None}
    assert here == (result and result[0])


@pytest.mark.parametrize("type_", ["natural", "positive"])
def test_fraction_is_cut_off_there_and_refused_here(type_):
    assert getattr(flask_restful.inputs, type_)(1.5) == 1
    with pytest.raises(ValueError, match=r"1\.5 is not a valid integer"):
        getattr(negotiate_api.inputs, type_)(1.5)


@pytest.mark.parametrize(("library", "status"), [(flask_restful, 200), (negotiate_api, 204)])
def test_options_have_no_content(library, status):
    assert client_of(library, get={}).options("/").status_code == status


@pytest.mark.parametrize(
    ("library", "mimetype"), [(flask_restful, "application/json"), (negotiate_api, "application/problem+json")]
)
def test_problem_details_are_for_who_asks_for_them(library, mimetype):
    client = client_of(library, get=raising(NotFound()))

    assert client.get("/", headers={"Accept": "application/problem+json"}).mimetype == mimetype


@pytest.mark.parametrize(("library", "status"), [(flask_restful, 200), (negotiate_api, 400)])
def test_name_that_is_twice_in_an_object_is_refused(library, status):
    parser = library.reqparse.RequestParser().add_argument("a", location="json")
    client = client_of(library, post=lambda self: parser.parse_args())

    assert client.post("/", data='{"a": 1, "a": 2}', content_type="application/json").status_code == status
