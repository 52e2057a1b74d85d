"""What 153 recorded requests of browsers, spreadsheets and programs get (data/client-headers.json)."""

import json
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask, redirect

from negotiate_api import DEFAULTS, Api, Resource

REQUESTS = json.loads((Path(__file__).parent / "data" / "client-headers.json").read_text(encoding="utf-8"))

JSON, CSV, XML, HTML = "application/json", "text/csv", "application/xml", "text/html"

BY_SUFFIX = {suffix: format_.mediatype for format_ in DEFAULTS for suffix in format_.suffixes}

# What is answered where the URL leaves the choice to Accept; None is a request without the field.
BY_ACCEPT = {
    None: JSON,
    "*/*": JSON,
    # programs
    "application/json": JSON,
    "application/json, */*;q=0.5": JSON,  # HTTPie, to send JSON
    "application/json, text/plain, */*": JSON,  # axios
    "application/json, text/xml, application/xml, */*": JSON,  # R httr
    "application/json, text/*, */*": JSON,  # R jsonlite
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9": JSON,  # Power Query
    "*/*,application/metalink4+xml,application/metalink+xml": JSON,  # aria2c
    "text/csv": CSV,
    # browsers, when they go to a page
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7": HTML,  # Chromium
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": HTML,  # Firefox
    "text/html, text/*;q=0.5, image/*, application/*": HTML,  # w3m
    "text/html, text/plain, text/sgml, text/css, */*;q=0.01": HTML,  # Lynx
    "text/html, image/gif, image/jpeg, */*; q=0.2": HTML,  # Java's HttpURLConnection, which is no browser but says so
    # browsers, when they load what a page is made of
    "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8": JSON,
    "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5": JSON,
    "text/css,*/*;q=0.1": JSON,
}

# The URL that stands for the one recorded. Elements of a page and a video ask for whatever they are pointed at.
PATHS = {
    "suffix .csv": "/people.csv",
    "suffix .json": "/people.json",
    "suffix .xlsx": "/people.xlsx",
    "suffix .xml": "/people.xml",
    "parquet": "/people.parquet",
    "redirect": "/moved",
    **dict.fromkeys(["negotiated (no suffix)", "any", "html page", "OData feed"], "/people"),
    **dict.fromkeys(["<img>", "<script>", "<link rel=stylesheet>", "/data.bin"], "/people"),
}


@pytest.fixture(scope="module")
def client():
    app = Flask("people")
    api = Api(app, default_mediatype=None)
    people = [{"name": "Ada", "born": 1815}, {"name": "李雷", "born": None}]

    @api.resource("/people")
    class People(Resource):
        def get(self):
            return people

        def post(self):
            return people

    @app.route("/moved", methods=["GET", "OPTIONS"], provide_automatic_options=False)
    def moved():
        return redirect("/people.csv", HTTPStatus.TEMPORARY_REDIRECT)

    return app.test_client()


def accept_of(request):
    """The value of the Accept field, None without one."""
    fields = [value for name, value in request["headers"] if name.lower() == "accept"]
    return ", ".join(fields) if fields else None


def suffix_of(request):
    """The suffix of the URL that is answered in the end."""
    path = PATHS[request["url_kind"]].replace("/moved", "/people.csv")
    return path.partition(".")[2] or None


def send(client, request):
    """The answer to a recorded request, with a short body in place of the one that was not recorded."""
    headers = [(name, value) for name, value in request["headers"] if name.lower() not in ("content-length", "host")]
    body = b'{"name": "Ada"}' if request["method"] == "POST" else None
    return client.open(
        PATHS[request["url_kind"]], method=request["method"], headers=headers, data=body, follow_redirects=True
    )


def name_of(request):
    return f"{request['client']} {request['method']} {request['url_kind']}"


KNOWN = [r for r in REQUESTS if suffix_of(r) is None or suffix_of(r) in BY_SUFFIX]
UNKNOWN = [r for r in REQUESTS if r not in KNOWN]
READING = [r for r in KNOWN if r["method"] != "OPTIONS"]
ASKING = [r for r in KNOWN if r["method"] == "OPTIONS"]


@pytest.mark.parametrize("request_", READING, ids=name_of)
def test_client_gets_the_format_it_can_use(client, request_):
    suffix, accept = suffix_of(request_), accept_of(request_)

    answer = send(client, request_)

    assert answer.status_code == 200
    assert answer.mimetype == (BY_SUFFIX[suffix] if suffix else BY_ACCEPT[accept])
    assert bool(answer.data) is (request_["method"] != "HEAD")


@pytest.mark.parametrize("request_", ASKING, ids=name_of)
def test_client_that_asks_for_options_gets_the_methods(client, request_):
    answer = send(client, request_)

    assert answer.status_code == 204
    assert answer.allow >= {"GET", "HEAD", "POST", "OPTIONS"}
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("request_", UNKNOWN, ids=name_of)
def test_client_that_wants_another_suffix_finds_nothing(client, request_):
    assert send(client, request_).status_code == 404


@pytest.mark.parametrize(("accept", "mediatype"), BY_ACCEPT.items())
def test_accept_field_decides_where_the_url_does_not(client, accept, mediatype):
    answer = client.get("/people", headers={} if accept is None else {"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (200, mediatype)
    assert "Accept" in answer.vary


@pytest.mark.parametrize(("csv", "json_"), [("1", "0.1"), ("0.1", "1")])
def test_two_accept_lines_are_one_list(client, csv, json_):
    answer = client.get("/people", headers=[("Accept", f"text/csv;q={csv}"), ("Accept", f"application/json;q={json_}")])

    assert answer.mimetype == (CSV if csv > json_ else JSON)


@pytest.mark.parametrize("accept", BY_ACCEPT)
@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_suffix_decides_whatever_the_accept_field(client, suffix, accept):
    answer = client.get(f"/people.{suffix}", headers={} if accept is None else {"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (200, BY_SUFFIX[suffix])


def test_every_recorded_request_is_answered_for():
    assert len(REQUESTS) == len(READING) + len(ASKING) + len(UNKNOWN) == 153
    assert {accept_of(request) for request in REQUESTS} == set(BY_ACCEPT)
    assert {request["url_kind"] for request in REQUESTS} == set(PATHS)
    assert {suffix: BY_SUFFIX[suffix] for suffix in ("csv", "json", "xml")} == {"csv": CSV, "json": JSON, "xml": XML}
