"""What methods may return, and what others do with the responses that are made of it."""

import copy
import dataclasses
import pickle
from http import HTTPStatus

import pytest
from flask import Blueprint, Flask, Response

import negotiate_api
from negotiate_api import DEFAULTS, Api, Resource, Rows
from representations import CSV, JSON, XML, Metadata, Representation

DATA = {"a": 1}


def make_client(result=DATA, path="/things", **options):
    app = Flask("results")

    class Things(Resource):
        def get(self):
            return result

    Api(app, **options).add_resource(Things, path)
    return app.test_client()


@pytest.mark.parametrize(
    ("result", "status", "own"),
    [
        ((DATA, {"X-A": "1"}), 200, "1"),
        ((DATA, [("X-A", "1")]), 200, "1"),
        ((DATA, 201, [("X-A", "1")]), 201, "1"),
        ((DATA, None, {"X-A": "1"}), 200, "1"),
        ((DATA, "201 CREATED", {"X-A": "1"}), 201, "1"),
        ((DATA, "201"), 201, None),
        ((DATA, HTTPStatus.CREATED), 201, None),
        ((DATA, 201, None), 201, None),
    ],
    ids=str,
)
def test_status_and_fields_may_have_any_shape_that_flask_knows(result, status, own):
    response = make_client(result).get("/things")
    assert (response.status_code, response.headers.get("X-A"), response.json) == (status, own, DATA)


def test_response_can_be_pickled_and_copied():
    app = Flask("results")
    api = Api(app)
    with app.test_request_context("/"):
        response = api.make_response(DATA, 200)
        for twin in (pickle.loads(pickle.dumps(response)), copy.copy(response)):
            assert (type(twin), twin.json, twin.headers) == (Response, DATA, response.headers)


def test_response_class_may_correct_its_fields():
    class Signed(Response):
        def get_wsgi_headers(self, environ):
            headers = super().get_wsgi_headers(environ)
            headers["X-Signed"] = "1"
            return headers

    client = make_client()
    client.application.response_class = Signed
    assert client.get("/things").headers["X-Signed"] == "1"


@pytest.mark.parametrize("hook", [None, "add_etag", "get_data"])
def test_head_has_the_fields_of_get(hook):
    client = make_client()

    @client.application.after_request
    def called(response):
        if hook:
            getattr(response, hook)()
        return response

    get, head = client.get("/things"), client.head("/things")
    assert (head.data, head.headers) == (b"", get.headers)


def test_head_of_rows_reads_none():
    read = []
    rows = Rows(("n",), (read.append(n) or (n,) for n in range(3)))
    assert make_client(rows).head("/things").status_code == 200
    assert read == []


@pytest.mark.parametrize("format_", [f() for f in DEFAULTS], ids=lambda f: f.suffixes[0])
def test_mistakes_of_a_method_are_errors_of_the_server(format_, tmp_path):
    (tmp_path / "secret").write_text("swordfish\n")

    def uneven():
        return Rows(("a", "b"), [(1,), (1, 2, 3)])

    with (tmp_path / "secret").open() as file:
        for result in (file, {"file": file}, uneven()):
            response = make_client(result).get(f"/things.{format_.suffixes[0]}")
            assert (response.status_code, b"swordfish" in response.data) == (500, False)


# Which format without Accept


def test_without_accept_assigned_representations_answer_in_the_default():
    app = Flask("results")
    api = Api(app)
    api.representations = {name: api.representations[name] for name in ("application/xml", "application/json")}

    class Things(Resource):
        def get(self):
            return DATA

    api.add_resource(Things, "/things")
    client = app.test_client()
    assert client.get("/things").mimetype == "application/json"
    assert client.get("/things", headers={"Accept": "*/*"}).mimetype == "application/xml"


def test_without_accept_formats_given_in_order_answer_in_the_first():
    assert make_client(representations=[XML(), JSON()]).get("/things").mimetype == "application/xml"


@pytest.mark.parametrize("given", [JSON, "json", None], ids=str)
def test_what_is_no_format_is_refused_at_once(given):
    with pytest.raises(TypeError, match="give instances"):
        Api(representations=[given])


# URLs


def test_route_of_its_own_is_no_suffix():
    client = make_client()
    client.application.add_url_rule("/things.csv", "csv", lambda: "my own")
    assert client.get("/things.csv").text == "my own"
    assert client.get("/things.xml").mimetype == "application/xml"


def test_link_is_left_out_where_the_url_is_long():
    client = make_client()
    assert "Link" in client.get("/things?q=" + "x" * 100).headers
    long = client.get("/things?q=" + "x" * 1000)
    assert "Link" not in long.headers
    assert sum(len(name) + len(value) for name, value in long.headers) < 2000


def test_parameter_of_the_format_may_have_any_name():
    link = make_client(format_parameter="格式", representations=[JSON(), CSV()]).get("/things").headers["Link"]
    assert link.isascii()


def test_blueprint_may_have_another_name_in_another_application():
    blueprint = Blueprint("things", "things")
    api = Api(blueprint)

    class Things(Resource):
        def get(self):
            return {"url": api.url_for(Things)}

    api.add_resource(Things, "/x")
    for name in ("one", "two"):
        app = Flask(name)
        app.register_blueprint(blueprint, name=name, url_prefix=f"/{name}")
        assert app.test_client().get(f"/{name}/x").json == {"url": f"/{name}/x"}


def test_host_that_is_not_trusted_is_400():
    client = make_client(catch_all_404s=True)
    client.application.config["TRUSTED_HOSTS"] = ["localhost"]
    assert client.get("/things").status_code == 200
    for path in ("/things", "/things.csv", "/nowhere"):
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_resource_may_have_attributes_of_any_name():
    app = Flask("results")

    class Things(Resource):
        _method = "x"

        def get(self):
            return self._method

    Api(app).add_resource(Things, "/things")
    assert app.test_client().get("/things").json == "x"


# Names


def test_what_flask_restful_imports_can_be_imported_from_here():
    from negotiate_api import HTTPException, current_app, request, url_for  # noqa: F401

    assert negotiate_api.representations.json.output_json
    with pytest.raises(AttributeError, match="negotiate_api"):
        negotiate_api.nothing  # noqa: B018


# Metadata


class Noting(Representation):
    """Notes its metadata."""

    mediatype, suffixes = "application/x-noting", ("noting",)

    def encode(self, data, meta):
        self.meta = meta
        return b""


def test_metadata_can_be_used_like_any():
    format_ = Noting()
    make_client(representations=[format_]).get("/things?a=1")
    meta = format_.meta
    assert (meta.name, meta.status, meta.method, meta.url) == ("things", 200, "GET", "/things?a=1")
    assert dataclasses.replace(meta, name="q").name == "q"
    assert not hasattr(dataclasses.replace(meta, name="q"), "nothing")
    assert isinstance(meta, Metadata)


def changed_by(hook):
    """A client whose responses a function gets before they are sent."""
    client = make_client()

    @client.application.after_request
    def changed(response):
        hook(response)
        return response

    return client


@pytest.mark.parametrize(
    ("hook", "sent"),
    [
        (lambda response: response.set_data(b"other"), b"other"),
        (lambda response: response.response.append(b"more"), b'{"a": 1}\nmore'),
        (lambda response: response.stream.write(b"more"), b'{"a": 1}\nmore'),
        (lambda response: setattr(response, "response", ["t\u00e9xt"]), "t\u00e9xt".encode()),
        (lambda response: setattr(response, "status_code", 204), b""),
        (lambda response: setattr(response, "status_code", 304), b""),
    ],
    ids=["set_data", "append", "stream", "text", "204", "304"],
)
def test_body_is_sent_as_it_is_left(hook, sent):
    response = changed_by(hook).get("/things")
    assert response.data == sent


def test_fields_are_sent_as_they_are_left():
    def hook(response):
        response.headers["X-Own"] = "1"
        del response.headers["Vary"]
        response.headers["Location"] = "/elsewhere/\u00e9"

    headers = changed_by(hook).get("/things").headers
    assert (headers["X-Own"], headers["Location"], "Vary" in headers) == ("1", "/elsewhere/%C3%A9", False)


def test_what_is_to_be_closed_with_a_response_is():
    closed = []
    changed_by(lambda response: response.call_on_close(lambda: closed.append(1))).get("/things").close()
    assert closed == [1]


def test_response_class_may_have_a_constructor():
    class Marked(Response):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.headers["X-Marked"] = "1"

    client = make_client()
    client.application.response_class = Marked
    assert client.get("/things").headers["X-Marked"] == "1"


@pytest.mark.parametrize("name", ["Location", "Content-Location", "location"])
def test_urls_in_fields_of_a_method_are_corrected(name):
    response = make_client((DATA, 200, {name: "/\u00e9"})).get("/things")
    assert response.headers[name] == "/%C3%A9"


def test_fields_of_one_answer_are_not_those_of_the_next():
    first = changed_by(lambda response: response.headers.add("X-Own", "1"))
    assert [first.get("/things").headers.getlist("X-Own") for _ in range(3)] == [["1"]] * 3


def test_answers_at_many_paths_link_to_themselves():
    app = Flask("results")

    class Thing(Resource):
        def get(self, number):
            return {"number": number}

    Api(app).add_resource(Thing, "/things/<int:number>")
    client = app.test_client()
    for number in (1, 2, 1):
        headers = client.get(f"/things/{number}").headers
        assert headers["Content-Location"] == f"/things/{number}.json"
        assert f"</things/{number}.csv>" in headers["Link"]
