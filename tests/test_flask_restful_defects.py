"""What fails with Flask-RESTful 0.3.10 and holds here. The number is that of the defect in docs/flask-restful.md."""

import datetime as dt
import decimal
import re
import sys
import uuid
from collections import deque
from typing import NamedTuple

import pytest
from flask import Blueprint, Flask, got_request_exception, make_response, url_for
from flask_restful_pair import client_of, defect, raising, resource
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, Unauthorized

UNACCEPTABLE = {"Accept": "image/png"}


class Taken(Exception):
    pass


class TakenToday(Taken):
    pass


# 1 to 6: arguments


def parser_of(library, *names, options=(), **argument):
    parser = library.reqparse.RequestParser(**dict(options))
    for name in names:
        parser.add_argument(name, **argument)
    return parser


def arguments_client(library, parser):
    return client_of(library, get=lambda self: parser.parse_args(), post=lambda self: parser.parse_args())


@defect(1)
def test_default_location_reads_the_query_of_a_get(library):
    assert arguments_client(library, parser_of(library, "q")).get("/?q=1").json == {"q": "1"}


@defect(1)
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_default_location_reads_a_form(library, content_type):
    client = arguments_client(library, parser_of(library, "q"))

    assert client.post("/", data={"q": "1"}, content_type=content_type).json == {"q": "1"}


@defect(1)
def test_default_location_does_without_a_body(library):
    assert arguments_client(library, parser_of(library, "q")).post("/?q=1").json == {"q": "1"}


@defect(1)
def test_strict_parser_reads_the_query_of_a_get(library):
    parser = parser_of(library, "n", location="args")
    client = client_of(library, get=lambda self: parser.parse_args(strict=True))

    assert client.get("/?n=1").json == {"n": "1"}
    assert client.get("/?n=1&m=2").json == {"message": "Unknown arguments: m"}


@defect(4)
@pytest.mark.parametrize("error", [TypeError("no"), KeyError("no"), ZeroDivisionError("no")], ids=repr)
def test_bundled_error_of_any_class_refuses_the_value(library, error):
    def refuse(value):
        raise error

    parser = parser_of(library, "n", type=refuse, location="json", options={"bundle_errors": True})
    client = client_of(library, post=lambda self: {"stored": str(parser.parse_args()["n"])})
    response = client.post("/", json={"n": 1})

    assert (response.status_code, response.json) == (400, {"message": {"n": str(error)}})


@defect(5)
@pytest.mark.parametrize("body", ["[1, 2]", '"text"', "1", "true"])
def test_json_body_that_is_no_object_is_refused(library, body):
    client = arguments_client(library, parser_of(library, "n"))

    assert client.post("/", data=body, content_type="application/json").status_code == 400


@defect(6)
@pytest.mark.parametrize("tags", [[], ["ab"], ["ab", "cd"], [["a"], []]], ids=str)
def test_list_in_a_json_body_is_the_value(library, tags):
    client = arguments_client(library, parser_of(library, "tags", type=list))

    assert client.post("/", json={"tags": tags}).json == {"tags": tags}


@defect(23)
@pytest.mark.parametrize("help_", ["one of {a, b}", "{", "{0}"])
def test_help_may_have_braces(library, help_):
    client = arguments_client(library, parser_of(library, "n", type=int, location="args", help=help_))

    assert client.get("/?n=x").json == {"message": {"n": help_}}


@defect(23)
def test_choices_that_have_no_case_may_be_compared_without_it(library):
    argument = {"type": int, "choices": [1, 2], "case_sensitive": False, "location": "args"}
    client = arguments_client(library, parser_of(library, "n", **argument))

    assert [client.get(f"/?n={n}").status_code for n in (1, 3)] == [200, 400]


@defect(23)
def test_argument_with_a_tuple_of_many_choices_has_a_text(library):
    assert str(library.reqparse.Argument("n", choices=tuple("abcdef"))).endswith("choices: ['a', 'b', 'c', '...', 'f']")


@defect(23)
def test_regex_keeps_its_flags_in_a_copy_of_a_parser(library):
    parser = parser_of(library, "n", type=library.inputs.regex("^a$", re.IGNORECASE), location="args")

    assert arguments_client(library, parser.copy()).get("/?n=A").json == {"n": "A"}


@defect(32)
def test_body_of_a_type_that_is_not_read_is_refused_naming_those_that_are(library):
    client = arguments_client(library, parser_of(library, "n"))
    response = client.post("/", data="n", content_type="text/plain")

    assert response.status_code == 415
    assert "application/json" in response.headers["Accept"]


# 2 and 24: blueprints, several Apis


def nested(library, depth=1, **names):
    """An application with a resource in a blueprint within others, of which the outermost lets nobody in."""
    app, inner = Flask("app"), Blueprint("inner", "inner", url_prefix="/inner")
    secret = resource(library, get={"secret": 42})
    library.Api(inner).add_resource(secret, "/secret", endpoint="secret")
    for level in range(depth):
        outer = Blueprint(f"outer{level}", "outer", url_prefix=f"/outer{level}")
        outer.register_blueprint(inner, **(names if level == 0 else {}))
        inner = outer
    inner.before_request(lambda: ("no", 401))
    app.register_blueprint(inner)
    return app


@defect(2)
@pytest.mark.parametrize(("depth", "url"), [(1, "/outer0/inner/secret"), (2, "/outer1/outer0/inner/secret")])
def test_guard_of_an_outer_blueprint_guards_the_resources_of_an_inner_one(library, depth, url):
    response = nested(library, depth).test_client().get(url)

    assert (response.status_code, response.text) == (401, "no")


@defect(2)
@pytest.mark.parametrize(
    ("depth", "names", "endpoint"),
    [
        (1, {}, "outer0.inner.secret"),
        (2, {}, "outer1.outer0.inner.secret"),
        (1, {"name": "other"}, "outer0.other.secret"),
    ],
    ids=["one", "two", "renamed"],
)
def test_endpoint_of_a_nested_blueprint_names_the_outer_ones(library, depth, names, endpoint):
    assert endpoint in nested(library, depth, **names).view_functions


@defect(2)
def test_url_for_finds_the_resource_of_a_nested_blueprint(library):
    app, outer, inner = Flask("app"), Blueprint("outer", "o", url_prefix="/o"), Blueprint("inner", "i", url_prefix="/i")
    api, thing = library.Api(inner), resource(library, get={})
    api.add_resource(thing, "/things/<int:id>", endpoint="thing")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)

    with app.test_request_context():
        assert (api.url_for(thing, id=1), url_for("outer.inner.thing", id=1)) == ("/o/i/things/1", "/o/i/things/1")


@defect(2)
def test_error_in_a_nested_blueprint_passes_its_outer_one(library):
    app, outer, inner = Flask("app"), Blueprint("outer", "o"), Blueprint("inner", "i")
    library.Api(inner).add_resource(resource(library, get=raising(Conflict("taken"))), "/")
    outer.after_request(lambda response: make_response(response.get_data(), response.status_code, {"X-Outer": "1"}))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    response = app.test_client().get("/")

    assert (response.status_code, response.headers.get("X-Outer")) == (409, "1")
    assert b'"message": "taken"' in response.get_data()


@defect(2)
def test_blueprint_may_be_registered_under_another_name(library):
    app, blueprint = Flask("app"), Blueprint("users", "users")
    api, thing = library.Api(blueprint), resource(library, get=raising(Conflict("taken")))
    api.add_resource(thing, "/", endpoint="thing")
    app.register_blueprint(blueprint, name="people")

    assert app.test_client().get("/").json == {"message": "taken"}
    with app.test_request_context():
        assert (url_for("people.thing"), api.url_for(thing)) == ("/", "/")


@defect(24)
def test_blueprint_may_be_registered_twice(library):
    app, blueprint = Flask("app"), Blueprint("things", "things")
    api, thing = (
        library.Api(blueprint),
        resource(library, get=lambda self, **where: {"url": api.url_for(thing, **where)}),
    )
    api.add_resource(thing, "/<int:id>", endpoint="thing")
    app.register_blueprint(blueprint, url_prefix="/v1")
    app.register_blueprint(blueprint, url_prefix="/v2", name="second")
    client = app.test_client()

    assert client.get("/v1/1").json == {"url": "/v1/1"}
    assert client.get("/v2/1").json == {"url": "/v2/1"}
    assert "application/json" in client.post("/v2/1").content_type


@defect(35)
def test_prefix_of_the_api_holds_for_a_resource_added_late(library):
    app, blueprint = Flask("app"), Blueprint("bp", "bp", url_prefix="/bp")
    api = library.Api(blueprint, prefix="/v1")
    app.register_blueprint(blueprint)
    api.add_resource(resource(library, get="here"), "/late", endpoint="late")

    assert app.test_client().get("/bp/v1/late").json == "here"


@defect(35)
def test_resource_may_be_added_after_init_app(library):
    app, api = Flask("app"), library.Api()
    api.init_app(app)
    api.add_resource(resource(library, get="here"), "/late", endpoint="late")

    assert app.test_client().get("/late").json == "here"


@defect(24)
def test_one_resource_in_two_apis_has_a_url_in_each(library):
    app, thing = Flask("app"), resource(library, get={})
    first, second = library.Api(app, prefix="/v1"), library.Api(app, prefix="/v2")
    first.add_resource(thing, "/things", endpoint="first")
    second.add_resource(thing, "/things", endpoint="second")

    with app.test_request_context():
        assert (first.url_for(thing), second.url_for(thing)) == ("/v1/things", "/v2/things")


@defect(24)
def test_one_resource_in_the_apis_of_two_blueprints_has_a_url_in_each(library):
    app, thing, apis = Flask("app"), resource(library, get={}), []
    for name in ("first", "second"):
        blueprint = Blueprint(name, name, url_prefix=f"/{name}")
        apis.append(library.Api(blueprint))
        apis[-1].add_resource(thing, "/", endpoint=f"{name}-thing")
        app.register_blueprint(blueprint)

    with app.test_request_context():
        assert [api.url_for(thing) for api in apis] == ["/first/", "/second/"]


@defect(24)
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_method_may_be_async(library):
    async def get(self):
        return {"a": 1}, 201

    response = client_of(library, get=get).get("/")

    assert (response.status_code, response.json) == (201, {"a": 1})


@defect(14)
def test_catch_all_404s_of_a_blueprint_leaves_the_rest_of_the_site_alone(library):
    app, blueprint = Flask("app"), Blueprint("api", "api", url_prefix="/api")
    library.Api(blueprint, catch_all_404s=True)
    app.register_blueprint(blueprint)
    client = app.test_client()

    assert client.get("/api/nowhere").mimetype == "application/json"
    assert client.get("/site-page").mimetype == "text/html"


# 3, 20 to 22: marshalling


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(order_by="Post.id")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


@pytest.fixture
def session():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            [User(id=1, name="Ada", posts=[Post(title="one"), Post(title="two")]), User(id=2, name="Grace")]
        )
        session.flush()
        yield session
    engine.dispose()


PEOPLE = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]
SEVERAL = {
    "generator": lambda: (person for person in PEOPLE),
    "iterator": lambda: iter(PEOPLE),
    "map": lambda: map(dict, PEOPLE),
    "values of a dict": dict(enumerate(PEOPLE)).values,
    "deque": lambda: deque(PEOPLE),
}
QUERIES = {
    "scalars": lambda session: session.scalars(select(User).order_by(User.id)),
    "query": lambda session: session.query(User).order_by(User.id),
    "result": lambda session: session.execute(select(User.id, User.name).order_by(User.id)),
    "mappings": lambda session: session.execute(select(User.id, User.name).order_by(User.id)).mappings(),
}


def person(library):
    return {"id": library.fields.Integer, "name": library.fields.String}


@defect(3)
@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
def test_several_of_any_kind_are_marshalled_one_by_one(library, several):
    get = lambda self: library.marshal(several(), person(library))  # noqa: E731

    assert client_of(library, get=get).get("/").json == PEOPLE


@defect(3)
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_query_is_marshalled_row_by_row(library, query, session):
    get = lambda self: library.marshal(query(session), person(library))  # noqa: E731

    assert client_of(library, get=get).get("/").json == PEOPLE


@defect(3)
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_query_may_be_marshalled_into_a_part_of_the_data(library, query, session):
    get = lambda self: {"people": library.marshal(query(session), person(library)), "more": False}  # noqa: E731

    assert client_of(library, get=get).get("/").json == {"people": PEOPLE, "more": False}


@defect(3)
@pytest.mark.parametrize("several", [set, frozenset])
def test_set_is_marshalled_one_by_one(library, several):
    marshalled = library.marshal(several({User(id=1, name="Ada"), User(id=2, name="Grace")}), person(library))

    assert sorted(marshalled, key=lambda row: row["id"]) == PEOPLE


@defect(38)
def test_named_tuple_is_marshalled_as_one_object(library):
    class Person(NamedTuple):
        id: int
        name: str

    assert library.marshal(Person(1, "Ada"), person(library)) == PEOPLE[0]
    assert library.marshal([Person(**row) for row in PEOPLE], person(library)) == PEOPLE


@defect(3)
def test_envelope_holds_several_of_any_kind(library):
    assert library.marshal(iter(PEOPLE), person(library), envelope="people") == {"people": PEOPLE}


@defect(3)
@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
def test_method_may_return_several_of_any_kind(library, several):
    get = library.marshal_with(person(library))(lambda self: several())

    assert client_of(library, get=get).get("/").json == PEOPLE


@defect(3)
def test_nested_field_holds_several_of_any_kind(library):
    fields = {"people": library.fields.Nested(person(library))}

    assert library.marshal({"people": iter(PEOPLE)}, fields) == {"people": PEOPLE}


@defect(3)
def test_joined_row_has_the_attributes_of_its_entity(library, session):
    rows = session.execute(
        select(User, func.count(Post.id).label("total")).join(Post, isouter=True).group_by(User.id).order_by(User.id)
    )
    fields = {**person(library), "total": library.fields.Integer}

    assert library.marshal(rows.all(), fields) == [{**PEOPLE[0], "total": 2}, {**PEOPLE[1], "total": 0}]


@defect(20)
def test_value_is_marshalled_in_few_calls(library):
    names = [f"f{number}" for number in range(10)]
    rows, fields = [dict.fromkeys(names, "x")] * 100, dict.fromkeys(names, library.fields.String)
    calls = []
    sys.setprofile(lambda frame, event, _: calls.append(1) if event == "call" else None)
    try:
        library.marshal(rows, fields)
    finally:
        sys.setprofile(None)

    assert len(calls) < 4 * len(rows) * len(names)


@defect(26)
@pytest.mark.parametrize("name", ["items", "keys", "values", "pop", "get"])
def test_name_that_is_missing_is_null_though_dicts_have_a_method_of_it(library, name):
    assert library.marshal({}, {name: library.fields.String}) == {name: None}


@defect(21)
@pytest.mark.parametrize("name", ["endpoint", "_external", "_method", "_scheme"])
def test_url_is_built_from_the_values_that_its_rule_has_alone(library, name):
    get = library.marshal_with({"uri": library.fields.Url()})(lambda self, **where: {**where, name: "ws"})

    assert client_of(library, url="/<int:id>", get=get).get("/7").json == {"uri": "/7"}


@defect(22)
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_that_a_marshalled_method_returns_is_as_it_is(library, status):
    get = library.marshal_with(person(library))(lambda self: ({"message": "no"}, status))
    response = client_of(library, get=get).get("/")

    assert (response.status_code, response.json) == (status, {"message": "no"})


@defect(22)
def test_response_that_a_marshalled_method_returns_is_as_it_is(library):
    get = library.marshal_with(person(library))(lambda self: make_response("x", 201))
    response = client_of(library, get=get).get("/")

    assert (response.status_code, response.text) == (201, "x")


@defect(22)
@pytest.mark.parametrize("result", [None, (None, 200)], ids=str)
def test_nothing_that_a_marshalled_method_returns_is_null(library, result):
    get = library.marshal_with(person(library))(lambda self: result)

    assert client_of(library, get=get).get("/").text == "null\n"


@defect(22)
@pytest.mark.parametrize("result", [make_response, "x"], ids=["response", "error"])
def test_method_marshalled_with_a_field_may_return_an_error(library, result):
    method = lambda self: make_response("x", 418) if callable(result) else ({"message": "no"}, 418)  # noqa: E731
    response = client_of(library, get=library.marshal_with_field(library.fields.Integer)(method)).get("/")

    assert (response.status_code, response.get_data()) == (418, b"x" if callable(result) else b'{"message": "no"}\n')


@defect(23)
def test_formatted_string_with_a_name_that_is_missing_is_told_as_a_marshalling_error(library):
    with pytest.raises(library.fields.MarshallingException, match="name"):
        library.marshal({}, {"greeting": library.fields.FormattedString("Hello {name}")})


@defect(33)
def test_date_is_marshalled_as_a_datetime_is(library):
    fields = {"day": library.fields.DateTime}

    assert library.marshal({"day": dt.date(2024, 2, 29)}, fields) == {"day": "Thu, 29 Feb 2024 00:00:00 -0000"}


# 7, 15 to 19: what is sent


@defect(7)
@pytest.mark.parametrize(
    "content_type", ["text/csv; charset=utf-8", "text/csv; header=present", "application/vnd.cities+csv"]
)
def test_transformer_s_own_content_type_is_kept(library, content_type):
    app = Flask("app")
    api = library.Api(app)
    api.representation("text/csv")(lambda data, code, headers: make_response("a", code, {"Content-Type": content_type}))
    api.add_resource(resource(library, get={}), "/")

    assert app.test_client().get("/", headers={"Accept": "text/csv"}).content_type == content_type


@defect(7)
@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.cities+json"])
def test_resource_s_own_content_type_is_kept(library, content_type):
    client = client_of(library, get=({"a": 1}, 200, {"Content-Type": content_type}))

    assert client.get("/").headers.getlist("Content-Type") == [content_type]


@defect(15)
def test_request_without_accept_is_answered_where_an_unacceptable_one_is_406(library):
    client = client_of(library, api_options={"default_mediatype": None}, get={"a": 1})

    assert client.get("/", headers=UNACCEPTABLE).status_code == 406
    assert (client.get("/").status_code, client.get("/").json) == (200, {"a": 1})


@defect(15)
def test_406_is_answered_before_anything_is_done(library):
    done = []
    client = client_of(library, api_options={"default_mediatype": None}, post=lambda self: done.append(1))

    assert (client.post("/", headers=UNACCEPTABLE).status_code, done) == (406, [])


@defect(34)
def test_weight_in_accept_may_do_without_its_zero(library):
    app = Flask("app")
    api = library.Api(app)
    api.representation("text/vcard")(vcard)
    api.add_resource(resource(library, get="Ada"), "/")

    assert app.test_client().get("/", headers={"Accept": "application/json;q=.1, text/vcard;q=.5"}).text == "FN:Ada"


@defect(16)
@pytest.mark.parametrize("result", [{"a": 1}, ({"a": 1}, 404), raising(Conflict())], ids=["200", "404", "409"])
def test_vary_names_accept(library, result):
    assert "Accept" in client_of(library, get=result).get("/").vary


def vcard(data, code, headers=None):
    return make_response(f"FN:{data}", code, headers)


@defect(17)
def test_resource_with_its_own_representation_answers_in_it_without_accept(library):
    assert client_of(library, representations={"text/vcard": vcard}, get="Ada").get("/").text == "FN:Ada"


@defect(17)
def test_resource_with_its_own_representation_answers_errors_in_it(library):
    client = client_of(library, representations={"text/vcard": vcard}, get=raising(Conflict("taken")))
    response = client.get("/", headers={"Accept": "text/vcard"})

    assert (response.status_code, response.text) == (409, "FN:{'message': 'taken'}")


VALUES = {
    "Decimal": (decimal.Decimal("1.10"), "1.10"),
    "datetime": (dt.datetime(2024, 2, 29, 12), '"2024-02-29T12:00:00"'),
    "date": (dt.date(2024, 2, 29), '"2024-02-29"'),
    "UUID": (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    "set": ({1}, "[1]"),
    "bytes": (b"abc", '"YWJj"'),
    "NaN": (float("nan"), "null"),
    "infinity": (float("inf"), "null"),
}


@defect(18)
@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_value_has_a_form_in_json(library, value, text):
    assert client_of(library, get={"value": value}).get("/").text == f'{{"value": {text}}}\n'


@defect(19)
def test_generator_is_sent_as_it_is_read(library):
    read = []

    def numbers(self):
        for number in range(100_000):
            read.append(number)
            yield {"n": number}

    response = client_of(library, get=numbers).get("/")
    first = next(response.iter_encoded())
    response.close()

    assert first.startswith(b'[{"n":0}')
    assert len(read) < 50_000


@defect(37)
def test_representations_may_be_those_of_a_subclass_of_api(library):
    app, vcards = Flask("app"), type("Vcards", (library.Api,), {"representations": {"text/vcard": vcard}})
    vcards(app).add_resource(resource(library, get="Ada"), "/")

    assert app.test_client().get("/", headers={"Accept": "text/vcard"}).text == "FN:Ada"


@defect(29)
def test_representation_may_be_registered_with_a_charset(library):
    app = Flask("app")
    api = library.Api(app)
    api.representations = {"application/json": vcard, "text/vcard; charset=utf-8": vcard}
    api.add_resource(resource(library, get={}), "/")

    response = app.test_client().get("/", headers={"Accept": "text/vcard"})

    assert response.content_type == "text/vcard; charset=utf-8"


@defect(28)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_representation_without_a_media_type_does_not_break_the_others(library):
    app = Flask("app")
    api = library.Api(app)
    api.representation("vcard")(vcard)
    api.add_resource(resource(library, get={"a": 1}), "/")

    assert app.test_client().get("/", headers={"Accept": "application/json"}).json == {"a": 1}


@defect(31)
def test_request_in_debug_mode_leaves_the_configuration_alone(library):
    client = client_of(library, {"DEBUG": True, "RESTFUL_JSON": {}}, get={"a": 1})
    client.get("/")

    assert client.application.config["RESTFUL_JSON"] == {}


@defect(30)
def test_resource_without_methods_answers_405(library):
    assert client_of(library).get("/").status_code == 405


# 8 to 13, 25: errors

MODES = [{}, {"TESTING": True}, {"DEBUG": True}, {"PROPAGATE_EXCEPTIONS": True}]
every_mode = pytest.mark.parametrize("config", MODES, ids=str)
propagating = pytest.mark.parametrize("config", MODES[1:], ids=str)


@defect(8)
@pytest.mark.parametrize("error", [Taken, TakenToday])
def test_handler_of_the_application_answers_its_class_and_subclasses(library, error):
    client = client_of(library, get=raising(error()))
    client.application.errorhandler(Taken)(lambda error: ({"handler": type(error).__name__}, 418))
    response = client.get("/")

    assert (response.status_code, response.json) == (418, {"handler": error.__name__})


@defect(8)
@pytest.mark.parametrize("key", [404, HTTPException], ids=str)
def test_handler_of_the_application_answers_its_status(library, key):
    client = client_of(library, get=lambda self: library.abort(404))
    client.application.errorhandler(key)(lambda error: ({"handler": error.code}, 418))
    response = client.get("/")

    assert (response.status_code, response.json) == (418, {"handler": 404})


@defect(8)
def test_handler_of_a_blueprint_answers_its_resources(library):
    app, blueprint = Flask("app"), Blueprint("api", "api")
    blueprint.errorhandler(Taken)(lambda error: ({"handler": "blueprint"}, 418))
    library.Api(blueprint).add_resource(resource(library, get=raising(Taken())), "/")
    app.register_blueprint(blueprint)
    response = app.test_client().get("/")

    assert (response.status_code, response.json) == (418, {"handler": "blueprint"})


@defect(9)
@propagating
def test_errors_dictionary_works_where_exceptions_propagate(library, config):
    client = client_of(library, config, api_options={"errors": {"Taken": {"status": 409}}}, get=raising(Taken()))

    assert client.get("/").status_code == 409


@defect(10)
def test_errors_dictionary_answers_subclasses(library):
    client = client_of(library, api_options={"errors": {"Taken": {"status": 409}}}, get=raising(TakenToday()))

    assert client.get("/").status_code == 409


@defect(10)
def test_errors_dictionary_tells_classes_of_one_name_apart(library):
    other = type("Taken", (Exception,), {})
    errors = {Taken: {"status": 409}, other: {"status": 410}}

    assert [
        client_of(library, api_options={"errors": errors}, get=raising(e())).get("/").status_code for e in errors
    ] == [
        409,
        410,
    ]


@defect(10)
def test_errors_dictionary_may_hold_a_function(library):
    errors = {"Taken": lambda error: ({"message": str(error)}, 409)}
    response = client_of(library, api_options={"errors": errors}, get=raising(Taken("taken"))).get("/")

    assert (response.status_code, response.json) == (409, {"message": "taken"})


@defect(11)
@pytest.mark.parametrize("data", ["text", ["a"], None, 7], ids=repr)
def test_errors_dictionary_answers_an_exception_with_any_data(library, data):
    error = Conflict()
    error.data = data
    response = client_of(library, api_options={"errors": {"Conflict": {"status": 410}}}, get=raising(error)).get("/")

    assert (response.status_code, response.mimetype) == (410, "application/json")


@defect(11)
def test_errors_dictionary_may_hold_a_message(library):
    response = client_of(library, api_options={"errors": {"Conflict": "Later."}}, get=raising(Conflict())).get("/")

    assert (response.status_code, response.json) == (409, {"message": "Later."})


@defect(12)
def test_entry_without_a_status_keeps_the_exception_s_own(library):
    options = {"errors": {"BadRequest": {"message": "What?"}}}
    response = client_of(library, api_options=options, get=raising(BadRequest())).get("/")

    assert (response.status_code, response.json) == (400, {"message": "What?"})


@defect(13)
def test_error_whose_message_has_no_form_is_answered_in_json_all_the_same(library):
    response = client_of(library, get=lambda self: library.abort(400, message=object())).get("/")

    assert (response.status_code, response.mimetype) == (400, "application/json")


@defect(13)
def test_transformer_that_fails_is_answered_in_json(library):
    app = Flask("app")
    api = library.Api(app)
    api.representation("text/vcard")(lambda data, code, headers: 1 / 0)
    api.add_resource(resource(library, get={}), "/")
    response = app.test_client().get("/", headers={"Accept": "text/vcard"})

    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})


@defect(13)
@pytest.mark.parametrize("headers", [UNACCEPTABLE, {}], ids=["unacceptable", "no Accept"])
def test_error_of_a_strict_api_is_answered_in_a_format_of_it(library, headers):
    app = Flask("app")
    library.Api(app, default_mediatype=None, catch_all_404s=True)
    response = app.test_client().get("/nowhere", headers=headers)

    assert (response.status_code, response.mimetype) == (404, "application/json")


@defect(27)
def test_exception_that_does_not_call_its_base_class_has_its_status(library):
    class OutOfStock(HTTPException):
        code = 409
        description = "Out of stock."

        def __init__(self, thing):
            self.thing = thing

    response = client_of(library, get=raising(OutOfStock("tea"))).get("/")

    assert (response.status_code, response.json) == (409, {"message": "Out of stock."})


@defect(25)
def test_client_s_errors_may_be_kept_from_the_signal(library):
    sent = []
    client = client_of(
        library, api_options={"report_client_errors": False}, get=raising(Conflict()), put=raising(Taken())
    )
    with got_request_exception.connected_to(lambda _, exception: sent.append(exception), client.application):
        answers = [client.get("/"), client.delete("/"), client.put("/")]

    assert [answer.status_code for answer in answers] == [409, 405, 500]
    assert [type(exception) for exception in sent] == [Taken]


@defect(25)
def test_challenge_of_an_exception_is_kept(library):
    error = Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "x"}))
    client = client_of(library, api_options={"serve_challenge_on_401": True}, get=raising(error))

    assert client.get("/").headers.getlist("WWW-Authenticate") == ["Bearer realm=x"]


# Other origins


@defect(36)
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_api_may_be_opened_to_other_origins_with_a_decorator(library, method):
    decorators = [library.utils.cors.crossdomain(origin="*")]
    response = client_of(library, api_options={"decorators": decorators}, get={}, put={}).open("/", method=method)

    assert response.status_code < 300
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert set(response.headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


@defect(36)
def test_resource_may_be_opened_to_other_origins_with_a_decorator(library):
    decorators = [library.utils.cors.crossdomain(origin="*")]
    response = client_of(library, method_decorators=decorators, get={"a": 1}).get("/")

    assert (response.status_code, response.json) == (200, {"a": 1})
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@defect(36)
def test_method_that_is_open_to_other_origins_answers_as_any_other(library):
    get = library.utils.cors.crossdomain(origin="*")(lambda self: "data")

    assert client_of(library, get=get).get("/").json == "data"
