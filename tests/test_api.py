"""Api: negotiation of whole requests, suffixes, links, rows."""

import pytest
from flask import Blueprint, Flask, current_app, make_response, request

from negotiate_api import DEFAULTS, Api, Resource, Rows
from representations import CSV, JSON, NDJSON, Representation, Unrepresentable

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def make_app(result=None, api_options=(), **resource_attributes):
    """An application with one resource, /users, which answers GET and POST with result or what it makes."""
    app = Flask("app")
    api = Api(app, **{"default_mediatype": None, **dict(api_options)})
    calls = []

    def answer(self):
        calls.append(1)
        return result() if callable(result) else {"name": "Ada"} if result is None else result

    users = type("Users", (Resource,), {"get": answer, "post": answer, **resource_attributes})
    api.add_resource(users, "/users")
    app.calls = calls
    return app


def get(app, url="/users", accept=None, **options):
    headers = {} if accept is None else {"Accept": accept}
    return app.test_client().get(url, headers=headers, **options)


@pytest.mark.parametrize("accept", [None, "", "*/*", "*", "application/*", "nonsense", "*/*;q=0.1"])
def test_who_accepts_anything_gets_json(accept):
    assert get(make_app(), accept=accept).content_type == "application/json"


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda f: f.suffixes[0])
def test_each_format_is_sent_under_the_name_it_was_asked_for(format_):
    names = (format_.mediatype, *format_.aliases)

    assert [get(make_app(), accept=name).mimetype for name in names] == list(names)


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda f: f.suffixes[0])
def test_suffix_query_and_accept_give_the_same_representation(format_):
    app = make_app()
    by_accept = get(app, accept=format_.mediatype)
    answers = [get(app, url) for s in format_.suffixes for url in (f"/users.{s}", f"/users?format={s}")]

    assert {(r.status_code, r.content_type) for r in answers} == {(200, by_accept.content_type)}


def test_suffix_wins_over_query_and_query_over_accept():
    app = make_app()

    assert get(app, "/users.ndjson?format=csv", "application/json").mimetype == "application/x-ndjson"
    assert get(app, "/users?format=csv", "application/json").mimetype == "text/csv"


def test_an_override_wins_even_where_accept_refuses_everything():
    assert get(make_app(), "/users.csv", "image/png").status_code == 200


def test_browser_gets_html_and_a_wildcard_never_does():
    app = make_app()

    assert get(app, accept=BROWSER).mimetype == "text/html"
    assert get(app, accept="application/json;q=0, */*").mimetype not in ("text/html", "application/json")


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "*/*;q=0", "text/rtf, image/*"])
def test_nothing_acceptable_is_406_before_the_method_runs(accept):
    app = make_app()

    assert app.test_client().post("/users", headers={"Accept": accept}).status_code == 406
    assert app.calls == []


def test_unknown_format_in_the_query_is_406_before_the_method_runs():
    app = make_app()

    assert app.test_client().post("/users?format=nope").status_code == 406
    assert app.calls == []


def test_default_mediatype_is_sent_where_nothing_is_acceptable():
    app = make_app(api_options={"default_mediatype": "application/json"})

    assert get(app, accept="image/png").mimetype == "application/json"


@pytest.mark.parametrize("accept", ["text/csv;header=present", "text/csv; charset=utf-16", "text/csv;charset=UTF-8"])
def test_parameters_that_no_format_has_do_not_make_it_unacceptable(accept):
    assert get(make_app(), accept=accept).content_type == "text/csv; charset=utf-8"


def test_who_reads_only_problem_details_gets_data_as_json():
    assert get(make_app(), accept="application/problem+json").content_type == "application/json"


@pytest.mark.parametrize(("url", "varies"), [("/users", True), ("/users.csv", False), ("/users?format=csv", False)])
def test_vary_names_accept_where_it_decided(url, varies):
    assert ("Accept" in get(make_app(), url).vary) is varies


@pytest.mark.parametrize("result", [{"a": 1}, ({"a": 1}, 404), ({"a": 1}, 500)])
def test_vary_names_accept_on_errors_too(result):
    assert "Accept" in get(make_app(result)).vary


def test_vary_of_a_resource_is_kept():
    assert set(get(make_app(({}, 200, {"Vary": "Cookie"}))).vary) == {"Cookie", "Accept"}


def test_link_names_every_format_and_each_link_gives_it():
    app = make_app()
    links = get(app, "/users?q=a%26b").headers["Link"].split(", ")
    found = {link.split('type="')[1].rstrip('"'): link[1 : link.index(">")] for link in links}

    assert list(found) == [f.mediatype for f in DEFAULTS]
    assert {m: get(app, href).mimetype for m, href in found.items()} == {m: m for m in found}
    assert all(href.endswith("?q=a%26b") for href in found.values())


def test_content_location_names_the_chosen_form():
    app = make_app()
    response = get(app, "/users?q=1", "text/csv")

    assert response.headers["Content-Location"] == "/users.csv?q=1"
    assert get(app, response.headers["Content-Location"]).get_data() == response.get_data()


def test_unknown_suffix_is_404():
    assert get(make_app(), "/users.nope").status_code == 404


def test_format_parameter_can_be_renamed_or_left_to_the_resource():
    app = make_app(api_options={"format_parameter": "as"})
    assert (get(app, "/users?as=csv").mimetype, get(app, "/users?format=csv").mimetype) == (
        "text/csv",
        "application/json",
    )

    app = make_app(api_options={"format_parameter": None})
    assert get(app, "/users?format=csv").mimetype == "application/json"


@pytest.fixture
def named():
    app = Flask("named")
    api = Api(app, default_mediatype=None)

    class Echo(Resource):
        def get(self, **values):
            return values

    class Opted(Echo):
        suffixes = True

    api.add_resource(Echo, "/free/<name>", endpoint="free")
    api.add_resource(Opted, "/opted/<name>", endpoint="opted")
    api.add_resource(Echo, "/typed/<int:number>", endpoint="typed")
    api.add_resource(Echo, "/short/<string(length=2):code>", endpoint="short")
    api.add_resource(Echo, "/slash/", endpoint="slash")
    app.add_url_rule("/page", view_func=lambda: "a page", endpoint="page")
    return app


@pytest.mark.parametrize(
    ("url", "mimetype", "values"),
    [
        ("/free/a.b@c.csv", "application/json", {"name": "a.b@c.csv"}),
        ("/opted/ada.json", "application/json", {"name": "ada"}),
        ("/opted/a.b@c.com", "application/json", {"name": "a.b@c.com"}),
        ("/opted/%E6%9D%8E.json", "application/json", {"name": "李"}),
        ("/typed/7.json", "application/json", {"number": 7}),
        ("/short/NA.json", "application/json", {"code": "NA"}),
        ("/slash.json", "application/json", {}),
    ],
)
def test_suffix_is_taken_off_typed_last_segments_and_those_that_opt_in(named, url, mimetype, values):
    response = get(named, url)

    assert (response.mimetype, response.json) == (mimetype, values)


@pytest.mark.parametrize("url", ["/users.csv", "/users.CSV", "/users?format=CSV"])
def test_suffix_of_a_fixed_route_wins_over_a_free_text_route_beside_it(url):
    app = Flask("app")
    api = Api(app, default_mediatype=None)
    api.add_resource(type("Users", (Resource,), {"get": lambda self: {"all": 1}}), "/users")
    api.add_resource(type("User", (Resource,), {"get": lambda self, name: {"name": name}}), "/<name>")

    assert get(app, url).text == "all\r\n1\r\n"
    assert "</users.csv>" in get(app, "/users").headers["Link"]
    assert get(app, "/ada.csv").json == {"name": "ada.csv"}


def test_empty_format_in_the_query_is_none():
    assert get(make_app(), "/users?format=", "text/csv").mimetype == "text/csv"


@pytest.mark.parametrize("url", ["/page.csv", "/slash/.csv", "/typed/x.csv", "/.csv", "/typed/7.csv/"])
def test_suffix_belongs_to_resources_alone(named, url):
    assert get(named, url).status_code == 404


@pytest.mark.parametrize(
    ("url", "by"), [("/free/ada", "?format=csv"), ("/opted/ada", ".csv"), ("/slash/", "?format=csv")]
)
def test_links_use_the_suffix_where_it_works(named, url, by):
    assert f"<{url}{by}>" in get(named, url).headers["Link"]


def test_resource_with_its_own_formats_offers_these_and_its_first_is_its_default():
    app = make_app(representations=(CSV(), NDJSON()))

    assert get(app).mimetype == "text/csv"
    assert get(app, accept="application/x-ndjson").mimetype == "application/x-ndjson"
    assert get(app, accept="application/json").status_code == 406
    assert get(app, "/users.json").status_code == 404
    assert get(app, accept="application/json").mimetype == "text/csv"


def test_resource_with_its_own_transformers_works_as_in_flask_restful():
    def vcard(data, code, headers=None):
        return make_response(f"FN:{data['name']}", code)

    app = make_app(representations={"text/vcard": vcard})

    assert (get(app).mimetype, get(app).get_data()) == ("text/vcard", b"FN:Ada")
    assert get(app, "/users.vcard").get_data() == b"FN:Ada"


def test_transformer_function_keeps_its_own_content_type():
    app = Flask("app")
    api = Api(app)

    @api.representation("text/vcard")
    def vcard(data, code, headers=None):
        return make_response("FN", code, {"Content-Type": "text/vcard; version=4.0"})

    class Users(Resource):
        def get(self):
            return {}

    api.add_resource(Users, "/users")

    assert get(app, accept="text/vcard").content_type == "text/vcard; version=4.0"


@pytest.mark.parametrize("formats", [(CSV(),), {"text/html": make_response}, {"application/json": make_response}])
def test_resource_reads_what_its_api_reads_whatever_it_offers(formats):
    app = Flask("app")
    api = Api(app, representations=(NDJSON(),))
    resource = type(
        "Echo", (Resource,), {"representations": formats, "post": lambda self: make_response(repr(api.body()))}
    )
    api.add_resource(resource, "/")
    bodies = (("application/json", '{"a": 1}'), ("application/x-ndjson", '{"a": 1}'))

    assert [app.test_client().post("/", data=b, content_type=m).text for m, b in bodies] == ["{'a': 1}", "[{'a': 1}]"]


def test_api_offers_the_formats_it_is_given_in_their_order():
    app = make_app(api_options={"representations": (NDJSON(), JSON())})

    assert get(app).mimetype == "application/x-ndjson"
    assert get(app, accept="text/csv").status_code == 406


class Numbers(Representation):
    """Writes numbers alone."""

    mediatype = "text/numbers"
    suffixes = ("numbers",)

    def encode(self, data, meta=None):
        if not isinstance(data, int):
            raise Unrepresentable("no number")
        return str(data).encode()


def test_data_without_a_form_in_the_best_format_comes_in_the_next():
    app = make_app(api_options={"representations": (JSON(), Numbers())})

    assert get(app, accept="text/numbers, application/json;q=0.5").mimetype == "application/json"
    assert get(app, accept="text/numbers").status_code == 406


def test_after_a_write_data_without_a_form_in_any_acceptable_format_comes_in_the_default():
    app = make_app(api_options={"representations": (JSON(), Numbers())})
    response = app.test_client().post("/users", headers={"Accept": "text/numbers"})

    assert (response.status_code, response.mimetype, app.calls) == (200, "application/json", [1])


def test_head_has_the_fields_of_get_and_reads_no_row():
    def rows():
        return Rows(("a",), lambda: pytest.fail("a row was read"))

    app = make_app(lambda: Rows(("a",), [(1,)]))
    head, get_ = app.test_client().head("/users"), get(app)

    assert (head.status_code, head.get_data()) == (200, b"")
    assert {**head.headers, "Content-Length": ""} == {**get_.headers, "Content-Length": ""}
    assert make_app(rows).test_client().head("/users.csv").status_code == 200


def test_options_tells_methods_and_readable_formats_without_running_a_method():
    app = make_app()
    response = app.test_client().options("/users")

    assert (response.status_code, response.get_data(), app.calls) == (204, b"", [])
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert "application/json" in response.headers["Accept-Post"]
    assert "Content-Type" not in response.headers


def test_generator_of_mappings_is_a_table_in_every_format():
    app = make_app(lambda: ({"id": number} for number in range(3)))

    assert get(app, accept="text/csv").get_data() == b"id\r\n0\r\n1\r\n2\r\n"
    assert get(app).json == [{"id": 0}, {"id": 1}, {"id": 2}]


def test_iterator_of_other_values_is_a_list():
    assert get(make_app(lambda: iter([1, 2]))).json == [1, 2]


def test_rows_are_read_as_the_client_reads():
    read = []

    def numbers():
        for number in range(100_000):
            read.append(number)
            yield (number,)

    response = get(make_app(lambda: Rows(("n",), numbers())), "/users.csv")
    next(response.iter_encoded())

    assert len(read) < 10_000
    response.close()


@pytest.mark.parametrize(("size", "known"), [(0, True), (10, True), (100_000, False)])
def test_rows_that_end_soon_are_sent_with_their_length(size, known):
    response = get(make_app(lambda: Rows(("n",), ((number,) for number in range(size)))), "/users.csv")

    assert (response.content_length is not None) is known
    assert len(response.get_data().splitlines()) == size + 1


def test_rows_are_closed_when_the_client_goes():
    closed = []

    def numbers():
        try:
            yield from ((number,) for number in range(100_000))
        finally:
            closed.append(True)

    response = get(make_app(lambda: Rows(("n",), numbers())), "/users.csv")
    next(response.iter_encoded())
    response.close()

    assert closed == [True]


def test_context_of_the_request_is_torn_down_after_the_last_row():
    events = []

    def numbers():
        for number in range(100_000):
            assert current_app
            assert request.path == "/users"
            yield (number,)
        events.append("read")

    app = make_app(lambda: Rows(("n",), numbers()))
    app.teardown_appcontext(lambda _: events.append("torn down"))
    get(app, "/users.csv").get_data()

    assert events == ["read", "torn down"]


def test_context_of_the_request_is_torn_down_when_the_client_goes_at_once():
    events = []
    app = make_app(lambda: Rows(("n",), ((number,) for number in range(100_000))))
    app.teardown_appcontext(lambda _: events.append("torn down"))
    get(app, "/users.csv").close()

    assert events == ["torn down"]
    assert not current_app


def test_interleaved_streams_in_one_thread_keep_their_requests():
    app = make_app(lambda: Rows(("path",), ((request.full_path,) for _ in range(50_000))))
    first, second = get(app, "/users.csv?first"), get(app, "/users.csv?second")

    assert "second" not in first.text
    assert "first" not in second.text


def html_of(size, **options):
    return make_app(lambda: Rows(("n",), ((f"row{number}",) for number in range(size)), **options))


def test_html_shows_a_page_and_links_to_the_next_and_the_one_before():
    app = html_of(250)
    first, middle, last = (get(app, f"/users.html?page={page}&q=x") for page in (1, 2, 3))

    assert "row99<" in first.text
    assert "row100<" not in first.text
    assert "row100<" in middle.text
    assert "row249<" in last.text
    first, middle, last = (", ".join(response.headers.getlist("Link")) for response in (first, middle, last))
    assert '</users.html?q=x&page=2>; rel="next"' in first
    assert 'rel="prev"' not in first
    assert '</users.html?q=x&page=3>; rel="next"' in middle
    assert '</users.html?q=x&page=1>; rel="prev"' in middle
    assert 'rel="next"' not in last


def test_other_formats_have_all_rows_whatever_the_page():
    assert get(html_of(250), "/users.csv?page=2").get_data().count(b"row") == 250


def test_page_is_taken_from_a_source_that_can_skip_rows():
    asked = []

    def window(offset, size):
        asked.append((offset, size))
        return [(number,) for number in range(offset, offset + size)]

    app = make_app(lambda: Rows(("n",), lambda: pytest.fail("all rows were read"), count=10**9, window=window))

    assert get(app, "/users.html?page=5000000").status_code == 200
    assert asked == [(499_999_900, 101)]


@pytest.mark.parametrize(
    ("page", "status"), [("0", 400), ("-1", 400), ("x", 400), ("1e3", 400), ("9" * 99, 400), ("4", 404), ("", 400)]
)
def test_page_that_is_none_is_told(page, status):
    assert get(html_of(250), f"/users.html?page={page}").status_code == status


def test_empty_table_has_a_first_page():
    assert get(html_of(0), "/users.html").status_code == 200


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({}, b'{"name": "\xe6\x9d\x8e"}\n'),
        ({"RESTFUL_JSON": {"ensure_ascii": True}}, b'{"name": "\\u674e"}\n'),
        ({"RESTFUL_JSON": {"indent": 2}}, b'{\n  "name": "\xe6\x9d\x8e"\n}\n'),
        ({"DEBUG": True}, b'{\n    "name": "\xe6\x9d\x8e"\n}\n'),
    ],
)
def test_json_has_the_layout_that_restful_json_asks_for(settings, body):
    app = make_app({"name": "李"})
    app.config.update(settings)

    assert get(app).get_data() == body


def test_api_on_a_blueprint_has_suffixes_and_catches_the_404s_below_its_prefix_alone():
    app = Flask("app")
    blueprint = Blueprint("api", "api", url_prefix="/api")
    api = Api(blueprint, catch_all_404s=True, default_mediatype=None)

    @api.resource("/users/<int:id>")
    class User(Resource):
        def get(self, id):
            return {"id": id}

    app.register_blueprint(blueprint)

    assert get(app, "/api/users/1.csv").get_data() == b"id\r\n1\r\n"
    assert get(app, "/api/nowhere", "text/csv").mimetype == "text/csv"
    assert get(app, "/elsewhere", "text/csv").mimetype == "text/html"
    assert get(app, "/apiary", "text/csv").mimetype == "text/html"


def test_two_apis_in_one_application_keep_their_formats_apart():
    app = Flask("app")
    first = Api(app, representations=(JSON(), CSV()), default_mediatype=None)
    second = Api(app, representations=(NDJSON(),), default_mediatype=None)
    first.add_resource(type("A", (Resource,), {"get": lambda self: {"a": 1}}), "/a")
    second.add_resource(type("B", (Resource,), {"get": lambda self: {"b": 1}}), "/b")

    assert [get(app, url).status_code for url in ("/a.csv", "/b.csv", "/a.ndjson", "/b.ndjson")] == [200, 404, 404, 200]


def test_response_of_a_resource_passes_untouched():
    app = make_app(lambda: make_response("as it is", 202))
    response = get(app)

    assert (response.status_code, response.get_data(), response.mimetype) == (202, b"as it is", "text/html")


def test_links_keep_the_prefix_of_a_mounted_application():
    response = make_app().test_client().get("/users", base_url="http://localhost/mounted")

    assert "</mounted/users.csv>" in response.headers["Link"]
