"""Errors, as Flask-RESTful's users rely on them: every test holds with both libraries."""

import logging

import flask
import pytest
from flask import Blueprint, Flask, got_request_exception, make_response
from flask_restful_pair import client_of, either_library, raising, resource
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, NotFound, Unauthorized

pytestmark = either_library


class OutOfTea(Exception):
    pass


class OnlyCoffee(HTTPException):
    code = 418
    description = "Only coffee."


def answer_of(library, error, config=(), **api_options):
    """The answer to a GET whose method raises error."""
    return client_of(library, config, api_options=api_options, get=raising(error)).get("/")


# abort


@pytest.mark.parametrize(
    ("details", "body"),
    [
        ({"message": "no tea"}, {"message": "no tea"}),
        ({"message": {"tea": "none"}}, {"message": {"tea": "none"}}),
        ({"left": 0, "try": ["later"]}, {"left": 0, "try": ["later"]}),
        ({}, {"message": NotFound.description}),
    ],
    ids=str,
)
def test_abort_answers_with_its_status_and_what_it_is_given(library, details, body):
    response = client_of(library, get=lambda self: library.abort(404, **details)).get("/")

    assert (response.status_code, response.json) == (404, body)
    assert response.content_type == "application/json"


def test_abort_raises_an_exception_of_werkzeug_s_that_has_data(library):
    with pytest.raises(Conflict) as raised:
        library.abort(409, left=0)
    assert raised.value.data == {"left": 0}


def test_abort_without_details_has_no_data(library):
    with pytest.raises(Conflict) as raised:
        library.abort(409)
    assert not hasattr(raised.value, "data")


def test_abort_of_flask_answers_with_its_description(library):
    response = client_of(library, get=lambda self: flask.abort(409, "taken")).get("/")

    assert (response.status_code, response.json) == (409, {"message": "taken"})


# Exceptions


def with_data(error, **attributes):
    vars(error).update(attributes)
    return error


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (BadRequest("what?"), 400, {"message": "what?"}),
        (BadRequest(), 400, {"message": BadRequest.description}),
        (OnlyCoffee(), 418, {"message": "Only coffee."}),
        (with_data(Conflict(), data={"left": 0}), 409, {"left": 0}),
        (OutOfTea("the secret is out"), 500, {"message": "Internal Server Error"}),
        (with_data(OutOfTea(), data={"left": 0}), 500, {"left": 0}),
        (with_data(OutOfTea(), code=409, data={"left": 0}), 500, {"left": 0}),
        (with_data(OutOfTea(), code="none"), 500, {"message": "Internal Server Error"}),
    ],
    ids=repr,
)
def test_exception_is_answered_with_its_status_and_data(library, error, status, body):
    response = answer_of(library, error)

    assert (response.status_code, response.json) == (status, body)


def test_response_that_an_exception_holds_is_the_answer(library):
    with Flask("app").app_context():
        response = answer_of(library, HTTPException(response=make_response("made", 403)))

    assert (response.status_code, response.text) == (403, "made")


def test_headers_that_an_exception_asks_for_are_sent_once(library):
    class TryLater(HTTPException):
        code = 503

        def get_headers(self, *args, **kwargs):
            return [*super().get_headers(*args, **kwargs), ("Retry-After", "120")]

    response = answer_of(library, TryLater())

    assert response.headers["Retry-After"] == "120"
    assert [len(response.headers.getlist(name)) for name in ("Content-Type", "Content-Length")] == [1, 1]


@pytest.mark.parametrize(
    "place",
    [
        {"__init__": raising(Conflict("early"))},
        {"method_decorators": [lambda method: raising(Conflict("early"))]},
    ],
    ids=["constructor", "decorator"],
)
def test_error_beside_the_method_is_an_error_of_the_api(library, place):
    response = client_of(library, get={}, **place).get("/")

    assert (response.status_code, response.json) == (409, {"message": "early"})


def test_error_before_the_request_is_an_error_of_the_api(library):
    client = client_of(library, get={})
    client.application.before_request(lambda: flask.abort(403, "not you"))

    assert (client.get("/").status_code, client.get("/").json) == (403, {"message": "not you"})


# The errors dictionary

ERRORS = {
    "OutOfTea": {"message": "There is no tea.", "status": 503, "left": 0},
    "OnlyCoffee": {"message": "Coffee?", "status": 451},
}


@pytest.mark.parametrize("error", [OutOfTea("x"), OnlyCoffee()], ids=repr)
def test_errors_dictionary_answers_by_class_name(library, error):
    entry, response = ERRORS[type(error).__name__], answer_of(library, error, errors=ERRORS)

    assert (response.status_code, response.json) == (entry["status"], entry)


def test_errors_dictionary_completes_the_data_of_an_exception(library):
    error = with_data(OutOfTea(), data={"message": "own", "kept": True})

    assert answer_of(library, error, errors=ERRORS).json == {**ERRORS["OutOfTea"], "kept": True}


# What is the Api's, and what is not


def site(library, **options):
    """An application with a page, and an Api on a blueprint beside it, and that Api."""
    app, blueprint = Flask("site"), Blueprint("api", "api", url_prefix="/api")
    api = library.Api(blueprint, **options)
    api.add_resource(resource(library, get=raising(Conflict("taken"))), "/thing", endpoint="thing")
    api.add_resource(resource(library, get={}), "/slash/", endpoint="slash")
    app.register_blueprint(blueprint)
    app.add_url_rule("/page", "page", raising(Conflict("taken")), methods=["GET"])
    return app, api


@pytest.mark.parametrize(
    ("method", "url", "status", "mimetype"),
    [
        ("GET", "/api/thing", 409, "application/json"),
        ("POST", "/api/thing", 405, "application/json"),
        ("GET", "/api/nowhere", 404, "text/html"),
        ("GET", "/nowhere", 404, "text/html"),
        ("POST", "/page", 405, "text/html"),
        ("GET", "/api/slash", 308, "text/html"),
    ],
)
def test_errors_of_resources_are_the_api_s_and_all_others_flask_s(library, method, url, status, mimetype):
    response = site(library)[0].test_client().open(url, method=method)

    assert (response.status_code, response.mimetype) == (status, mimetype)


def test_error_of_a_plain_view_is_flask_s(library):
    app = Flask("app")
    library.Api(app)
    app.add_url_rule("/page", "page", lambda: flask.abort(409))
    app.errorhandler(409)(lambda error: ("the site's own", 409))

    assert app.test_client().get("/page").text == "the site's own"


def test_unknown_url_is_the_api_s_with_catch_all_404s(library):
    app = Flask("app")
    library.Api(app, catch_all_404s=True)
    response = app.test_client().get("/nowhere")

    assert (response.status_code, response.mimetype) == (404, "application/json")
    assert "not found" in response.json["message"]


def test_405_names_the_methods_that_are_allowed(library):
    response = client_of(library, get={}, put={}).post("/")

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


@pytest.mark.parametrize(
    ("method", "url", "before_routing", "owned"),
    [
        ("GET", "/api/thing", False, True),
        ("POST", "/api/thing", True, True),
        ("POST", "/page", False, False),
        ("GET", "/page", False, False),
        ("GET", "/nowhere", False, False),
    ],
)
def test_api_knows_the_requests_that_are_its_own(library, method, url, before_routing, owned):
    app, api = site(library)

    with app.test_request_context(url, method=method):
        assert bool(api._should_use_fr_error_handler()) is before_routing
        assert bool(api._has_fr_route()) is owned


def test_errors_of_two_apis_go_each_to_its_own(library):
    app = Flask("app")
    for name, status in (("a", 410), ("b", 411)):
        api = library.Api(app, prefix=f"/{name}", errors={"OutOfTea": {"status": status}})
        api.add_resource(resource(library, get=raising(OutOfTea())), "/", endpoint=name)

    assert [app.test_client().get(url).status_code for url in ("/a/", "/b/")] == [410, 411]


def test_error_router_gives_what_is_not_the_api_s_to_the_original_handler(library):
    app, api = site(library)

    with app.test_request_context("/page"):
        assert api.error_router(lambda error: f"original {error}", ValueError("x")) == "original x"


def test_error_router_gives_what_the_api_cannot_answer_to_the_original_handler(library):
    class Broken(library.Api):
        def handle_error(self, e):
            raise RuntimeError

    app = Flask("app")
    api = Broken(app)
    api.add_resource(resource(library), "/", endpoint="thing")

    with app.test_request_context("/"):
        assert api.error_router(lambda error: f"original {error}", ValueError("x")) == "original x"


def test_subclass_of_api_may_answer_errors_itself(library):
    class Own(library.Api):
        def handle_error(self, e):
            if isinstance(e, OutOfTea):
                return self.make_response({"own": str(e)}, 503)
            return super().handle_error(e)

    app = Flask("app")
    api = Own(app)
    api.add_resource(resource(library, get=raising(OutOfTea("x")), put=raising(Conflict("y"))), "/")
    client = app.test_client()

    assert [(r.status_code, r.json) for r in (client.get("/"), client.put("/"))] == [
        (503, {"own": "x"}),
        (409, {"message": "y"}),
    ]


def test_handle_error_gives_the_response(library):
    app = Flask("app")
    api = library.Api(app)

    with app.test_request_context():
        response = api.handle_error(Conflict("taken"))
    assert (response.status_code, response.get_data()) == (409, b'{"message": "taken"}\n')


# 401


@pytest.mark.parametrize(
    ("options", "config", "challenge"),
    [
        ({}, {}, None),
        ({"serve_challenge_on_401": True}, {}, 'Basic realm="flask-restful"'),
        ({"serve_challenge_on_401": True}, {"HTTP_BASIC_AUTH_REALM": "tea"}, 'Basic realm="tea"'),
    ],
    ids=["off", "on", "realm"],
)
def test_challenge_is_served_on_401_where_it_is_asked_for(library, options, config, challenge):
    assert answer_of(library, Unauthorized(), config, **options).headers.get("WWW-Authenticate") == challenge
    assert answer_of(library, Conflict(), config, **options).headers.get("WWW-Authenticate") is None


def test_subclass_of_api_may_challenge_in_its_own_way(library):
    class Bearer(library.Api):
        def unauthorized(self, response):
            response.headers["WWW-Authenticate"] = "Bearer"
            return response

    app = Flask("app")
    Bearer(app).add_resource(resource(library, get=raising(Unauthorized())), "/")

    assert app.test_client().get("/").headers["WWW-Authenticate"] == "Bearer"


# Who else is told

BOTH = pytest.mark.parametrize("error", [Conflict(), OutOfTea()], ids=repr)


@BOTH
def test_signal_is_sent_once_for_every_exception(library, error):
    sent = []
    client = client_of(library, get=raising(error))
    with got_request_exception.connected_to(lambda _, exception: sent.append(exception), client.application):
        client.get("/")

    assert sent == [error]


@BOTH
def test_errors_of_the_server_alone_are_logged(library, error, caplog):
    with caplog.at_level(logging.ERROR):
        answer_of(library, error)

    assert ("Exception on /" in caplog.text) is isinstance(error, OutOfTea)


PROPAGATING = {
    "PROPAGATE_EXCEPTIONS": {"PROPAGATE_EXCEPTIONS": True},
    "TESTING": {"TESTING": True},
    "DEBUG": {"DEBUG": True},
}


@pytest.mark.parametrize("config", PROPAGATING.values(), ids=PROPAGATING)
def test_exception_propagates_where_flask_lets_it(library, config):
    with pytest.raises(OutOfTea):
        answer_of(library, OutOfTea(), config)
    assert answer_of(library, Conflict(), config).status_code == 409


def test_exception_does_not_propagate_where_the_configuration_forbids_it(library):
    assert answer_of(library, OutOfTea(), {"TESTING": True, "PROPAGATE_EXCEPTIONS": False}).status_code == 500
