"""What an application's own error handlers answer about resources: in the format asked for, no page to others."""

import pytest
from flask import Flask, Response, jsonify
from flask import abort as flask_abort
from werkzeug.datastructures import Headers

from negotiate_api import DEFAULTS, Api, Resource, abort
from negotiate_api.transformers import add_fields

DATA = {"error": "expired", "code": 7}
PAGE = "<h1>Gone fishing</h1>"

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Expired(Exception):
    pass


def make_client(handler, raised=Expired, **options):
    app = Flask("app")
    app.errorhandler(raised)(handler)

    class Session(Resource):
        def get(self):
            raise Expired("inside")

        def put(self):
            flask_abort(410)

        def post(self):
            abort(410, message="This session is over.")

    Api(app, **options).add_resource(Session, "/session")
    return app.test_client()


ANSWERS = {
    "data": lambda error: (DATA, 401, {"X-Own": "1"}),
    "status in words": lambda error: (DATA, "401 EXPIRED", {"X-Own": "1"}),
    "response": lambda error: (jsonify(DATA), 401, {"X-Own": "1"}),
}


@pytest.mark.parametrize("format_", [f() for f in DEFAULTS if f().decode], ids=lambda f: f.suffixes[0])
@pytest.mark.parametrize("answer", ANSWERS)
def test_data_of_a_handler_is_in_the_format_asked_for(answer, format_):
    response = make_client(ANSWERS[answer]).get("/session", headers={"Accept": format_.mediatype})
    assert (response.status_code, response.mimetype) == (401, format_.mediatype)
    assert response.headers["X-Own"] == "1"
    read = format_.decode(response.get_data())
    record = read[0] if isinstance(read, list) else read
    assert {name: str(value) for name, value in record.items()} == {"error": "expired", "code": "7"}


def test_handler_may_leave_the_status_out():
    response = make_client(lambda error: (DATA, {"X-Own": "1"})).get("/session")
    assert (response.status_code, response.json, response.headers["X-Own"]) == (200, DATA, "1")


def test_page_of_a_handler_is_for_who_gets_pages():
    client = make_client(lambda error: (PAGE, 410))
    page = client.get("/session", headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype, page.text) == (410, "text/html", PAGE)
    for accept in ("application/json", "*/*", None):
        data = client.get("/session", headers={"Accept": accept} if accept else {})
        assert (data.status_code, data.json) == (410, {"message": "Internal Server Error"})


def test_response_of_a_type_that_is_not_offered_is_sent_as_it_is():
    client = make_client(lambda error: Response(b"GIF89a", 410, mimetype="image/gif"))
    response = client.get("/session", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype, response.data) == (410, "image/gif", b"GIF89a")


def test_handler_of_a_status_leaves_alone_what_a_resource_says_itself():
    client = make_client(lambda error: ({"handler": True}, 410), raised=410)
    assert client.put("/session").json == {"handler": True}
    assert client.post("/session").json == {"message": "This session is over."}


def test_unknown_url_that_the_api_catches_is_its_own():
    client = make_client(lambda error: ({"handler": True}, 404), raised=404, catch_all_404s=True)
    assert "handler" not in client.get("/nowhere").json


def test_handlers_of_the_application_may_be_left_out():
    client = make_client(lambda error: ({"handler": True}, 410), app_errorhandlers=False)
    assert client.get("/session").status_code == 500


def test_handler_of_the_api_comes_first():
    client = make_client(lambda error: ({"handler": "app"}, 410), errors={Expired: {"handler": "api", "status": 409}})
    assert client.get("/session").json == {"message": "Conflict", "handler": "api", "status": 409}


def test_entry_of_the_errors_dictionary_may_be_a_status():
    response = make_client(lambda error: "unused", errors={"Expired": 403}).get("/session")
    assert (response.status_code, response.json) == (403, {"message": "Forbidden", "status": 403})


@pytest.mark.parametrize(
    ("own", "varies"), [(None, "Accept"), ("Origin", "Origin, Accept"), ("accept, Origin", "accept, Origin")]
)
def test_vary_is_added_to(own, varies):
    headers = Headers({"Vary": own} if own else {})
    add_fields(headers, [("Vary", "Accept")])
    assert headers["Vary"] == varies


def test_fields_of_the_resource_come_before_those_of_negotiation():
    headers = Headers({"X-Content-Type-Options": "own", "Link": "<a>"})
    add_fields(headers, [("X-Content-Type-Options", "nosniff"), ("Link", "<b>")])
    assert headers.to_wsgi_list() == [("X-Content-Type-Options", "own"), ("Link", "<a>"), ("Link", "<b>")]
