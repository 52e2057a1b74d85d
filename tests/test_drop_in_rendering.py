"""What is sent, as Flask-RESTful's users rely on it: every test holds with both libraries."""

import json

import pytest
from flask import Flask, make_response, redirect
from flask_restful_pair import client_of, either_library, resource
from werkzeug.wrappers import Response

pytestmark = either_library

RESULTS = {
    "dict": ({"a": 1}, (200, {"a": 1})),
    "list": ([1, 2], (200, [1, 2])),
    "text": ("hey", (200, "hey")),
    "null": (None, (200, None)),
    "status": (({"a": 1}, 201), (201, {"a": 1})),
    "error": (({"message": "no"}, 403), (403, {"message": "no"})),
    "headers": (({"a": 1}, 202, {"X-A": "1"}), (202, {"a": 1})),
    "tuple of one": (("hey",), (200, ["hey"])),
    "list of two": (["hey", 201], (200, ["hey", 201])),
    "tuple of four": ((1, 2, 3, 4), (200, [1, 2, 3, 4])),
}


@pytest.mark.parametrize(("result", "answer"), RESULTS.values(), ids=RESULTS)
def test_method_returns_data_and_perhaps_status_and_headers(library, result, answer):
    response = client_of(library, get=result).get("/")

    assert (response.status_code, response.json) == answer
    assert response.content_type == "application/json"


def test_headers_of_a_result_are_sent(library):
    response = client_of(library, get=({}, 200, {"X-A": "1", "ETag": '"e"'})).get("/")

    assert (response.headers["X-A"], response.headers["ETag"]) == ("1", '"e"')


@pytest.mark.parametrize("response", [Response("x", 202), redirect("/elsewhere")], ids=["response", "redirect"])
def test_response_is_sent_as_it_is(library, response):
    answer = client_of(library, get=lambda self: response).get("/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.get_data()) == (response.status_code, response.get_data())
    assert answer.headers.get("Location") == response.headers.get("Location")


def test_status_without_content_has_none(library):
    assert client_of(library, delete=("", 204)).delete("/").get_data() == b""


# JSON

DATA = {"b": [1, {"c": None}], "a": 3.0, "text": 'q"\\/\n'}


@pytest.mark.parametrize(
    "settings",
    [{}, {"indent": 2}, {"sort_keys": True}, {"separators": (",", ":")}, {"indent": 1, "separators": (", ", " : ")}],
    ids=str,
)
def test_json_is_what_json_dumps_writes_with_restful_json_and_a_newline(library, settings):
    assert client_of(library, {"RESTFUL_JSON": settings}, get=DATA).get("/").text == json.dumps(DATA, **settings) + "\n"


@pytest.mark.parametrize("settings", [{}, {"indent": 1}, {"sort_keys": True}], ids=str)
def test_json_is_indented_by_four_in_debug_mode_unless_restful_json_says(library, settings):
    client = client_of(library, {"DEBUG": True, "RESTFUL_JSON": dict(settings)}, get=DATA)

    assert client.get("/").text == json.dumps(DATA, **{"indent": 4, **settings}) + "\n"


def test_json_encoder_and_default_of_restful_json_write_what_json_does_not_know(library):
    class Encoder(json.JSONEncoder):
        def default(self, value):
            return "encoded"

    for settings in ({"cls": Encoder}, {"default": lambda value: "encoded"}):
        assert client_of(library, {"RESTFUL_JSON": settings}, get={"a": object()}).get("/").json == {"a": "encoded"}


def test_json_may_escape_what_is_not_ascii(library):
    client = client_of(library, {"RESTFUL_JSON": {"ensure_ascii": True}}, get={"name": "李"})

    assert client.get("/").get_data() == b'{"name": "\\u674e"}\n'


# Representations


def text(data, code, headers=None):
    return make_response(str(data), code, headers)


def serve(library, mediatypes=(), get="data", **options):
    """An Api that answers get at /, and writes these media types as text besides JSON."""
    app = Flask("app")
    api = library.Api(app, **options)
    for mediatype in mediatypes:
        api.representation(mediatype)(text)
    api.add_resource(resource(library, get=get), "/")
    api.client = app.test_client()
    return api


def asked(api, accept=None):
    response = api.client.get("/", headers={} if accept is None else {"Accept": accept})
    return response.status_code, response.mimetype


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/json", "application/json"),
        ("text/vcard", "text/vcard"),
        ("*/*", "application/json"),
        (None, "application/json"),
        ("image/png", "application/json"),
        ("application/json;q=0.1, text/vcard;q=1.0", "text/vcard"),
        ("application/json;q=0.1, text/vcard;q=0.3, text/calendar;q=0.2", "text/vcard"),
        ("text/calendar, application/json;q=0.9", "text/calendar"),
    ],
)
def test_accept_chooses_among_what_is_registered(library, accept, mimetype):
    assert asked(serve(library, ["text/vcard", "text/calendar"]), accept) == (200, mimetype)


def test_one_function_may_be_registered_for_several_media_types(library):
    api = serve(library)

    @api.representation("text/vcard")
    @api.representation("text/calendar")
    def written(data, code, headers=None):
        return text(data, code, headers)

    assert api.representations["text/vcard"] is api.representations["text/calendar"] is written
    assert [asked(api, mediatype) for mediatype in ("text/vcard", "text/calendar")] == [
        (200, "text/vcard"),
        (200, "text/calendar"),
    ]


def test_transformer_is_called_with_data_status_and_headers(library):
    called = []
    api = serve(library, get=({"a": 1}, 201, {"X-A": "1"}))

    @api.representation("text/vcard")
    def vcard(data, code, headers=None):
        called.append((data, code, dict(headers)))
        return make_response("x", code, headers)

    response = api.client.get("/", headers={"Accept": "text/vcard"})

    assert called == [({"a": 1}, 201, {"X-A": "1"})]
    assert (response.status_code, response.headers["X-A"]) == (201, "1")


def test_media_type_is_the_content_type_of_what_a_transformer_makes(library):
    assert serve(library, ["text/vcard"]).client.get("/", headers={"Accept": "text/vcard"}).content_type == "text/vcard"


def test_representations_may_be_assigned(library):
    api = serve(library, default_mediatype=None)
    api.representations = {"text/vcard": text}

    assert asked(api, "text/vcard") == (200, "text/vcard")
    assert asked(api, "application/json") == (406, "text/vcard")


def test_subclass_of_api_may_set_its_representations(library):
    class VcardApi(library.Api):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.representations = {"text/vcard": text}

    app = Flask("app")
    VcardApi(app, default_mediatype="text/vcard").add_resource(resource(library, get="Ada"), "/")

    assert app.test_client().get("/").text == "Ada"


def test_other_default_is_sent_where_nothing_is_acceptable(library):
    api = serve(library, ["text/vcard"], default_mediatype="text/vcard")

    assert asked(api, "image/png") == (200, "text/vcard")


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0"])
def test_without_a_default_nothing_acceptable_is_406(library, accept):
    api = serve(library, default_mediatype=None)

    assert asked(api, accept) == (406, "application/json")
    assert asked(api, "application/json") == (200, "application/json")


def test_without_any_representation_406_is_in_plain_text(library):
    api = serve(library, default_mediatype=None)
    api.representations = {}

    assert asked(api, "text/plain") == (406, "text/plain")


def test_default_that_is_not_registered_is_an_error_of_the_server(library):
    api = serve(library, default_mediatype="no/such")
    api.representations = {}

    assert asked(api, "text/plain")[0] == 500


def test_resource_s_own_transformer_is_chosen_by_accept(library):
    client = client_of(library, representations={"text/vcard": text}, get=("Ada", 201, {"X-A": "1"}))
    response = client.get("/", headers={"Accept": "text/vcard"})

    assert (response.status_code, response.text, response.mimetype) == (201, "Ada", "text/vcard")
    assert response.headers["X-A"] == "1"


# Called directly


@pytest.mark.parametrize(("result", "answer"), RESULTS.values(), ids=RESULTS)
def test_output_makes_a_view_of_a_function(library, result, answer):
    app = Flask("app")
    view = library.Api(app).output(lambda: result)

    with app.test_request_context():
        response = view()
    assert (response.status_code, response.json) == answer


def test_make_response_takes_status_and_headers_by_place_or_name(library):
    app = Flask("app")
    api = library.Api(app)

    with app.test_request_context():
        by_place, by_name = api.make_response({}, 201, {"X-A": "1"}), api.make_response({}, 201, headers={"X-A": "1"})
    assert [(r.status_code, r.headers["X-A"]) for r in (by_place, by_name)] == [(201, "1")] * 2


@pytest.mark.parametrize(
    ("fallback", "content_type", "body"),
    [("application/json", "application/json", b'{"a": 1}\n'), ("text/plain", "text/plain", b"{'a': 1}")],
)
def test_make_response_falls_back_where_nothing_is_acceptable(library, fallback, content_type, body):
    app = Flask("app")
    api = library.Api(app, default_mediatype=None)

    with app.test_request_context(headers={"Accept": "image/png"}):
        response = api.make_response({"a": 1}, 200, fallback_mediatype=fallback)
    assert (response.content_type.partition(";")[0], response.get_data()) == (content_type, body)


def test_mediatypes_are_those_of_accept_by_weight(library):
    app = Flask("app")
    api = library.Api(app)

    with app.test_request_context(headers={"Accept": "text/csv;q=0.3, application/xml;q=0.5, text/html"}):
        assert api.mediatypes() == ["text/html", "application/xml", "text/csv"]
        assert api.mediatypes_method()(None) == ["text/html", "application/xml", "text/csv", "application/json"]


def test_resource_knows_the_media_types_of_its_request(library):
    client = client_of(library, get=lambda self: self.mediatypes())

    assert client.get("/", headers={"Accept": "text/x;q=0.5, text/y"}).json == ["text/y", "text/x", "application/json"]


def test_subclass_of_api_may_change_each_response(library):
    class Stamping(library.Api):
        def make_response(self, data, *args, **kwargs):
            response = super().make_response({"data": data}, *args, **kwargs)
            response.headers["X-Stamp"] = "1"
            return response

    app = Flask("app")
    Stamping(app).add_resource(resource(library, get=[1]), "/")
    response = app.test_client().get("/")

    assert (response.json, response.headers["X-Stamp"]) == ({"data": [1]}, "1")
