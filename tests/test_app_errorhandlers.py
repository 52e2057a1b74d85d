"""What an application's own error handlers answer about resources: in the format asked for, no page to others."""

import pytest
from flask import Flask, Response, jsonify
from flask import abort as flask_abort
from werkzeug.datastructures import Headers
from werkzeug.exceptions import Conflict

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


@pytest.mark.parametrize("of_api", [False, True])
@pytest.mark.parametrize("passed", ["itself", "another"])
def test_exception_that_a_handler_passes_on_keeps_its_status(passed, of_api):
    app = Flask("app")
    api = Api(app)
    register = api.errorhandler if of_api else app.errorhandler
    register(Exception)(lambda error: error if passed == "itself" else Conflict("Another."))

    class Door(Resource):
        def get(self):
            flask_abort(401)

        def delete(self):
            flask_abort(403)

    api.add_resource(Door, "/door")
    client = app.test_client()
    answers = [client.open("/door", method=method) for method in ("GET", "DELETE")]
    assert [a.status_code for a in answers] == ([401, 403] if passed == "itself" else [409, 409])
    assert all(set(a.json) == {"message"} for a in answers)
    assert client.put("/door").status_code == (405 if passed == "itself" else 409)


def test_handler_that_returns_nothing_is_an_error_of_the_server():
    assert make_client(lambda error: None).get("/session").status_code == 500


def test_handler_may_be_async():
    async def handler(error):
        return DATA, 401

    assert make_client(handler).get("/session").json == DATA


def test_handler_of_500_is_asked_about_what_nothing_else_answers():
    client = make_client(lambda error: ({"was": type(error.original_exception).__name__}, 500), raised=500)
    response = client.get("/session", headers={"Accept": "application/xml"})
    assert response.text.endswith('<root><was type="str">Expired</was></root>')


def test_handler_is_asked_where_the_data_of_an_exception_are_for_it_alone():
    app = Flask("app")
    app.errorhandler(422)(lambda error: ({"errors": error.data["messages"]}, 422))

    class Form(Resource):
        def post(self):
            abort(422, messages={"a": ["missing"]}, schema=object())

    Api(app).add_resource(Form, "/form")
    assert app.test_client().post("/form").json == {"errors": {"a": ["missing"]}}


def test_data_of_a_handler_of_405_come_with_allow():
    client = make_client(lambda error: ({"handler": True}, 405), raised=405)
    response = client.delete("/session")
    assert response.json == {"handler": True}
    assert "GET" in response.headers["Allow"]


def test_page_of_a_handler_tells_caches_that_accept_decides():
    client = make_client(lambda error: (PAGE, 410))
    assert "Accept" in client.get("/session", headers={"Accept": BROWSER}).headers["Vary"]


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
