"""Errors: every kind in every format, none in another type than asked for, nothing of the inside told."""

import json
import logging

import pytest
from flask import Flask
from werkzeug.exceptions import Conflict

from negotiate_api import DEFAULTS, Api, Resource, Rows, abort, reqparse

SECRET = "the password is swordfish"


class Taken(Exception):
    pass


class TakenToday(Taken):
    pass


def fail(*_):
    raise RuntimeError(SECRET)


class Strange:
    """Nothing that a format has a form for."""


def make_app(**options):
    app = Flask("errors")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    errors = {"Taken": {"message": "That name is taken.", "status": 409, "hint": "Choose another."}}
    api = Api(app, **{"default_mediatype": None, "catch_all_404s": True, "errors": errors, **options})
    parser = reqparse.RequestParser()
    parser.add_argument("task", required=True, help="What to do.")

    class Thing(Resource):
        def get(self, kind):
            if kind == "abort":
                abort(404, message="There is no such thing.")
            if kind == "mapped":
                raise Taken(SECRET)
            if kind == "subclass":
                raise TakenToday(SECRET)
            if kind == "uncaught":
                fail()
            if kind == "argument":
                return parser.parse_args()
            return {"unrenderable": {"thing": Strange()}, "first-row": Rows(("a",), map(fail, [1]))}[kind]

        def post(self, kind):
            return api.body()

    api.add_resource(Thing, "/things/<any(abort,mapped,subclass,uncaught,argument,unrenderable,'first-row'):kind>")
    return app


KINDS = {
    "handler abort": ("GET", "/things/abort", {}, 404, "There is no such thing."),
    "mapped exception": ("GET", "/things/mapped", {}, 409, "That name is taken."),
    "subclass of it": ("GET", "/things/subclass", {}, 409, "That name is taken."),
    "unknown URL": ("GET", "/nowhere", {}, 404, "not found"),
    "method not allowed": ("DELETE", "/things/abort", {}, 405, "not allowed"),
    "unsupported body": ("POST", "/things/abort", {"data": "x", "content_type": "image/png"}, 415, "image/png"),
    "malformed body": ("POST", "/things/abort", {"data": "{", "content_type": "application/json"}, 400, "line 1"),
    "missing argument": ("GET", "/things/argument", {}, 400, "What to do."),
    "too large": ("POST", "/things/abort", {"data": "1" * 2000, "content_type": "application/json"}, 413, "exceeds"),
    "uncaught exception": ("GET", "/things/uncaught", {}, 500, "Internal Server Error"),
    "failure while rendering": ("GET", "/things/unrenderable", {}, 500, "Internal Server Error"),
    "failure before the first row": ("GET", "/things/first-row", {}, 500, "Internal Server Error"),
}

every_format = pytest.mark.parametrize("format_", [f() for f in DEFAULTS], ids=lambda f: f.suffixes[0])
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def text_of(format_, response):
    """The body as text, read by the format's own reader where it has one."""
    body = response.get_data()
    return repr(format_.decode(body)) if format_.decode else body.decode()


def ask(client, kind, **headers):
    method, url, options, status, text = kind
    return client.open(url, method=method, headers=headers, **options), status, text


@every_format
@every_kind
def test_error_comes_in_the_format_that_accept_names(format_, kind):
    response, status, text = ask(make_app().test_client(), kind, Accept=format_.mediatype)

    assert (response.status_code, response.mimetype) == (status, format_.mediatype)
    assert text in text_of(format_, response)
    assert "Accept" in response.vary
    assert SECRET.encode() not in response.get_data()


@every_format
@every_kind
def test_error_comes_in_the_format_that_the_url_names(format_, kind):
    method, url, *rest = kind
    response, status, text = ask(make_app().test_client(), (method, f"{url}.{format_.suffixes[0]}", *rest))

    assert (response.status_code, response.mimetype) == (status, format_.mediatype)
    assert text in text_of(format_, response)


@every_format
def test_not_acceptable_in_a_chosen_format_lists_what_is_available(format_):
    response = make_app().test_client().get("/things/abort?format=nope", headers={"Accept": format_.mediatype})

    assert (response.status_code, response.mimetype) == (406, format_.mediatype)
    assert all(f.mediatype in text_of(format_, response).replace("\\", "") for f in DEFAULTS)


@pytest.mark.parametrize("kind", ["handler abort", "mapped exception", "unknown URL", "uncaught exception"])
def test_head_of_an_error_has_its_status_and_no_body(kind):
    _, url, _, status, _ = KINDS[kind]
    response = make_app().test_client().head(url)

    assert (response.status_code, response.get_data()) == (status, b"")


def test_not_acceptable_lists_every_format_with_its_url():
    client = make_app().test_client()
    response = client.get("/things/abort", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert [a["mediatype"] for a in response.json["available"]] == [f.mediatype for f in DEFAULTS]
    assert {client.get(a["href"]).mimetype for a in response.json["available"]} == {f.mediatype for f in DEFAULTS}


def test_method_not_allowed_lists_the_methods_that_are():
    response = make_app().test_client().delete("/things/abort")

    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/problem+json", "application/problem+json"),
        ("application/json, application/problem+json", "application/problem+json"),
        ("application/problem+json;q=0.5, text/csv", "text/csv"),
        ("application/problem+json;q=0, application/json", "application/json"),
        ("application/*, */*", "application/json"),
    ],
)
def test_problem_details_are_sent_where_accept_names_them_first(accept, mimetype):
    response = make_app().test_client().get("/things/mapped", headers={"Accept": accept})

    assert (response.status_code, response.mimetype) == (409, mimetype)


def test_problem_details_have_the_members_of_rfc_9457_beside_the_error_s_own():
    response = make_app().test_client().get("/things/mapped", headers={"Accept": "application/problem+json"})

    assert json.loads(response.get_data()) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "That name is taken.",
        "message": "That name is taken.",
        "hint": "Choose another.",
    }


@pytest.mark.parametrize("setting", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_errors_dictionary_works_where_exceptions_propagate(setting):
    app = make_app()
    app.config[setting] = True

    assert app.test_client().get("/things/subclass").status_code == 409


def test_unmapped_exception_propagates_where_the_application_asks_for_it():
    app = make_app()
    app.config["TESTING"] = True

    with pytest.raises(RuntimeError):
        app.test_client().get("/things/uncaught")


def test_errors_dictionary_is_not_changed_by_an_error():
    entry = {"message": "That name is taken.", "status": 409}
    app = make_app(errors={"Taken": entry})
    before = dict(entry)
    app.test_client().get("/things/mapped")

    assert entry == before


def test_entry_without_status_keeps_the_exception_s_own():
    app = Flask("errors")
    api = Api(app, errors={"Conflict": {"message": "Try later."}})

    @api.resource("/")
    class Thing(Resource):
        def get(self):
            raise Conflict

    response = app.test_client().get("/")

    assert (response.status_code, response.json) == (409, {"message": "Try later."})


@pytest.mark.parametrize(("errors", "status"), [({Taken: {"status": 410}}, 410), ({"Taken": "Gone."}, 500)])
def test_entry_may_be_for_a_class_or_be_a_message(errors, status):
    assert make_app(errors=errors).test_client().get("/things/subclass").status_code == status


def test_nearest_class_decides():
    errors = {"Taken": {"status": 409}, "TakenToday": {"status": 410}, "Exception": {"status": 418}}
    client = make_app(errors=errors).test_client()

    assert [client.get(f"/things/{kind}").status_code for kind in ("mapped", "subclass", "uncaught")] == [409, 410, 418]


def test_errorhandler_answers_its_class_and_subclasses_in_every_format():
    app = Flask("errors")
    api = Api(app)

    @api.errorhandler(Taken)
    def taken(error):
        return {"message": f"{error} is taken"}, 409, {"X-Name": str(error)}

    @api.resource("/")
    class Thing(Resource):
        def get(self):
            raise TakenToday("Ada")

    response = app.test_client().get("/", headers={"Accept": "text/csv"})

    assert (response.status_code, response.mimetype, response.headers["X-Name"]) == (409, "text/csv", "Ada")
    assert response.get_data() == b"message\r\nAda is taken\r\n"


def test_failing_transformer_is_answered_as_json_and_logged(caplog):
    app = Flask("errors")
    api = Api(app)
    api.representation("text/vcard")(fail)

    @api.resource("/")
    class Thing(Resource):
        def get(self):
            return {"a": 1}

    response = app.test_client().get("/", headers={"Accept": "text/vcard"})

    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})
    assert SECRET in caplog.text


def test_uncaught_exception_reaches_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        make_app().test_client().get("/things/uncaught")

    assert SECRET in caplog.text


def test_failure_after_the_first_byte_is_raised_to_the_server_and_logged(caplog):
    app = Flask("errors")
    api = Api(app)

    @api.resource("/")
    class Thing(Resource):
        def get(self):
            return Rows(("a",), ((number,) if number < 50_000 else fail() for number in range(100_000)))

    response = app.test_client().get("/", headers={"Accept": "text/csv"})

    assert response.status_code == 200
    with pytest.raises(RuntimeError):
        b"".join(response.response)
    assert "aborted" in caplog.text


@pytest.mark.parametrize("code", [204, 304])
@every_format
def test_status_without_content_has_neither_body_nor_content_type(code, format_):
    app = Flask("errors")
    api = Api(app)

    @api.resource("/")
    class Thing(Resource):
        def get(self):
            return {"left": "out"}, code

    response = app.test_client().get("/", headers={"Accept": format_.mediatype})

    assert (response.status_code, response.get_data()) == (code, b"")
    assert "Content-Type" not in response.headers
    assert "Accept" in response.vary
