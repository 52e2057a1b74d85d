"""fields: every class of Flask-RESTful's, by itself: what it tells, what it refuses, and what it takes of an object."""

import inspect
import pickle
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

import flask_restful
import pytest
from flask import Blueprint, Flask
from flask_restful import fields as theirs
from hypothesis import given
from hypothesis import strategies as st
from ids import named
from werkzeug.routing import BuildError

from negotiate_api import Api, Resource, fields, marshal
from negotiate_api.dates import rfc822
from negotiate_api.fields import MarshallingException

CLASSES = [getattr(theirs, name) for name in theirs.__all__ if name != "Price"]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)

ARGUMENTS = {"FormattedString": ("{a}",), "Nested": ({"a": fields.Raw},), "List": (fields.Raw,)}


def made(module, cls):
    return getattr(module, cls.__name__)(*ARGUMENTS.get(cls.__name__, ()))


# The same names and classes


def test_every_name_of_flask_restful_s_module_is_there():
    own = {name for name, value in vars(theirs).items() if getattr(value, "__module__", "") == theirs.__name__}
    public = {name for name in own if not name.startswith("_")} | {"ZERO", *theirs.__all__}

    assert public == set(fields.__all__)
    assert fields.MarshallingException is theirs.MarshallingException
    assert fields.Price is fields.Fixed


@every_class
def test_field_is_one_of_flask_restful_s(cls):
    field = made(fields, cls)

    assert isinstance(field, cls)
    assert isinstance(field, theirs.Raw)
    assert isinstance(field, fields.Raw)


@every_class
def test_field_has_flask_restful_s_attributes(cls):
    assert vars(made(fields, cls)).keys() == vars(made(theirs, cls)).keys()


@every_class
def test_constructor_names_all_it_takes(cls):
    ours = inspect.signature(getattr(fields, cls.__name__).__init__)

    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in ours.parameters.values())
    assert all(
        parameter.annotation is not parameter.empty for name, parameter in ours.parameters.items() if name != "self"
    )


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls is not theirs.FormattedString], ids=lambda c: c.__name__)
def test_constructor_takes_a_default_and_an_attribute(cls):
    kind = getattr(fields, cls.__name__)
    field = kind(*ARGUMENTS.get(cls.__name__, ()), default=5, attribute="b")

    assert (field.default, field.attribute) == (5, "b")


@pytest.mark.parametrize("outer", [fields, theirs], ids=["in ours", "in Flask-RESTful's"])
@pytest.mark.parametrize("inner", [fields, theirs], ids=["ours", "Flask-RESTful's"])
@pytest.mark.parametrize("marshal_", [marshal, flask_restful.marshal], ids=["our marshal", "Flask-RESTful's marshal"])
def test_fields_of_both_go_together(outer, inner, marshal_):
    definition = {
        "list": outer.List(inner.Integer),
        "class": outer.List(inner.Integer()),
        "nested": outer.Nested({"id": inner.Integer}),
        "several": outer.List(inner.Nested({"id": outer.Integer})),
    }
    data = {"list": ["1"], "class": ["2"], "nested": {"id": "3"}, "several": [{"id": "4"}]}

    assert marshal_(data, definition) == {"list": [1], "class": [2], "nested": {"id": 3}, "several": [{"id": 4}]}


@every_class
def test_field_can_be_copied(cls):
    field = made(fields, cls)

    assert type(deepcopy(field)) is type(field)
    assert type(pickle.loads(pickle.dumps(field))) is type(field)


@pytest.mark.parametrize("wrong", ["text", object(), dict, 1], ids=named)
def test_list_of_what_is_no_field_is_refused(wrong):
    with pytest.raises(MarshallingException):
        fields.List(wrong)


# Values


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("String", 3, "3"),
        ("Integer", "3", 3),
        ("Integer", None, 0),
        ("Integer", True, 1),
        ("Float", "-3.13", -3.13),
        ("Boolean", "false", True),
        ("Boolean", [], False),
        ("Arbitrary", Decimal(f"{'7' * 40}.23432"), f"{'7' * 40}.23432"),
        ("Fixed", "3.141592", "3.14159"),
        ("Fixed", 0, "0.00000"),
        ("DateTime", date(2024, 2, 29), "Thu, 29 Feb 2024 00:00:00 -0000"),
        ("DateTime", datetime(1, 2, 3, 4, 5, 6), "Sat, 03 Feb 0001 04:05:06 -0000"),
    ],
    ids=str,
)
def test_value_is_told_as_text_or_number(module, name, value, told):
    result = marshal({"a": value}, {"a": getattr(module, name)})["a"]

    assert (result, type(result)) == (told, type(told))


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Integer", "three", "invalid literal"),
        ("Float", "three", "could not convert"),
        ("Fixed", "inf", "Invalid Fixed precision number"),
        ("Fixed", "NaN", "Invalid Fixed precision number"),
        ("Fixed", "three", "'three' is no number"),
        ("Fixed", 10**40, "has too many digits for 5 decimals"),
        ("Arbitrary", "three", "'three' is no number"),
        ("DateTime", "2024-02-29", "'2024-02-29' is no datetime"),
    ],
    ids=str,
)
def test_value_that_has_no_form_is_a_marshalling_error(module, name, value, message):
    with pytest.raises(MarshallingException, match=message):
        marshal({"a": value}, {"a": getattr(module, name)})


def test_unknown_date_format_is_a_marshalling_error():
    with pytest.raises(MarshallingException, match="Unsupported date format raw"):
        marshal({"a": datetime(2024, 2, 29)}, {"a": fields.DateTime("raw")})


zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.one_of(st.none(), zones)))
def test_datetime_is_told_as_flask_restful_tells_it(moment):
    assert rfc822(moment) == theirs._rfc822(moment)
    assert marshal({"a": moment}, {"a": fields.DateTime}) == {"a": theirs._rfc822(moment)}
    assert marshal({"a": moment}, {"a": fields.DateTime("iso8601")}) == {"a": moment.isoformat()}


def test_datetime_of_another_library_is_told():
    class Moment:
        def utctimetuple(self):
            return datetime(2024, 2, 29, 12).utctimetuple()

        def isoformat(self):
            return "then"

    definition = {"a": fields.DateTime, "b": fields.DateTime("iso8601", attribute="a")}

    assert marshal({"a": Moment()}, definition) == {"a": "Thu, 29 Feb 2024 12:00:00 -0000", "b": "then"}


def test_subclass_of_datetime_is_told_by_itself():
    class Moment(datetime):
        def isoformat(self, *arguments):
            return "then"

    assert marshal({"a": Moment(2024, 2, 29)}, {"a": fields.DateTime("iso8601")}) == {"a": "then"}


# Fields of a user's own


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
def test_format_of_a_user_is_called_with_values_other_than_null(module):
    class Title(module.String):
        def format(self, value):
            return super().format(value).title()

    definition = {"a": Title, "b": Title(default="none"), "list": module.List(Title)}

    assert marshal({"a": "ada", "list": ["ada", None]}, definition) == {"a": "Ada", "b": "none", "list": ["Ada", None]}


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
def test_output_of_a_user_is_called_with_key_and_object(module):
    class Upper(module.Raw):
        def output(self, key, obj):
            return f"{key}={super().output(key, obj)}"

    assert marshal({"a": 1}, {"a": Upper, "b": Upper(attribute="a")}) == {"a": "a=1", "b": "b=1"}
    assert list(marshal(iter([{"a": 1}]), {"a": Upper}).tuples()) == [("a=1",)]


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
def test_nested_and_list_of_a_user_are_called(module):
    class Either(module.Nested):
        def output(self, key, obj):
            told = super().output(key, obj)
            return told["id"] if list(told) == ["id"] else told

    class Joined(module.List):
        def format(self, value):
            return ",".join(map(str, super().format(value)))

    definition = {"one": Either({"id": module.Raw}), "all": Joined(module.Integer)}

    assert marshal({"one": {"id": 1}, "all": ["1", 2]}, definition) == {"one": 1, "all": "1,2"}


def test_output_of_a_user_in_a_list_has_the_index_and_the_list_or_an_item_with_keys():
    class Seen(fields.Raw):
        def output(self, key, obj):
            return key, obj

    assert marshal({"a": [5, {"x": 1}]}, {"a": fields.List(Seen)}) == {"a": [(0, [5, {"x": 1}]), (1, {"x": 1})]}
    assert marshal({"a": iter([5])}, {"a": fields.List(Seen)}) == {"a": [(0, [5])]}


def test_object_with_output_is_a_field():
    class Constant:
        def output(self, key, obj):
            return 42

    assert marshal({}, {"a": Constant(), "b": Constant}) == {"a": 42, "b": 42}


# output() by itself


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (fields.Nested({"id": fields.Integer, "in": {"x": fields.Raw(attribute="id")}}), {"id": 1, "in": {"x": "1"}}),
        (fields.Nested({"id": fields.Integer}, attribute="b"), [{"id": 2}, {"id": 3}]),
        (fields.Nested({"id": fields.Integer}, attribute="c"), {"id": 0}),
        (fields.Nested({"id": fields.Integer}, True, attribute="c"), None),
        (fields.Nested({"id": fields.Integer}, attribute="c", default={}), {}),
        (fields.List(fields.Nested({"id": fields.Integer}), attribute="b"), [{"id": 2}, {"id": 3}]),
        (fields.List(fields.Nested({"id": fields.Integer})), [{"id": 1}]),
        (fields.List(fields.Integer(attribute="id"), attribute="b"), [2, 3]),
        (fields.List(fields.Integer, attribute="c", default=[]), []),
        (fields.Nested({"id": fields.Raw}, attribute=lambda obj: iter(obj["b"])), [{"id": "2"}, {"id": "3"}]),
    ],
)
def test_output_tells_what_marshal_does(field, told):
    data = {"a": {"id": "1"}, "b": [{"id": "2"}, {"id": "3"}], "c": None}

    assert field.output("a", data) == told
    assert marshal(data, {"a": field}) == {"a": told}


# Lists


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (["1", 2], [1, 2]),
        (("1", 2), [1, 2]),
        ({5}, [5]),
        ({"x": "7"}.values(), [7]),
        (iter("12"), [1, 2]),
        ("12", [12]),
        (None, None),
        ([None], [0]),
        ([], []),
    ],
    ids=named,
)
def test_list_tells_of_each_item(value, told):
    definition = {"a": fields.List(fields.Integer)}
    if not hasattr(value, "__next__"):
        assert fields.List(fields.Integer).output("a", {"a": value}) == told
    assert marshal({"a": value}, definition) == {"a": told}


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
@pytest.mark.parametrize(
    ("container", "told"),
    [
        (lambda m: m.Raw(attribute="id"), [1, 2]),
        (lambda m: m.String(attribute=lambda item: item["id"]), ["1", "2"]),
        (lambda m: m.Nested({"x": m.Raw}, attribute="in"), [{"x": 3}, {"x": None}]),
        (lambda m: m.String, ["{'id': 1, 'in': {'x': 3}}", "{'id': 2}"]),
    ],
    ids=["raw", "function", "nested", "as text"],
)
def test_attribute_of_a_list_s_field_is_one_of_its_items(module, container, told):
    definition = {"a": module.List(container(module))}

    assert marshal({"a": [{"id": 1, "in": {"x": 3}}, {"id": 2}]}, definition) == {"a": told}


# FormattedString


@pytest.mark.parametrize("data", [{"a": {"b": 1}}, SimpleNamespace(a={"b": 1})], ids=["dict", "object"])
def test_formatted_string_has_values_of_the_object(data):
    assert marshal(data, {"t": fields.FormattedString("<{a[b]:03}>")}) == {"t": "<001>"}


def test_formatted_string_reads_what_is_made_up_too():
    class Person:
        __slots__ = ()
        kind = "person"

        @property
        def name(self):
            return "Ada"

    assert marshal(Person(), {"t": fields.FormattedString("{name}, a {kind}")}) == {"t": "Ada, a person"}


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
@pytest.mark.parametrize(
    ("text", "data", "message"),
    [
        ("{name}", {}, "'{name}' for dict: there is no 'name'"),
        ("{items}", {}, "there is no 'items'"),
        ("{a.b}", {"a": 1}, "no attribute 'b'"),
        ("{a:x.y}", {"a": "t"}, "Invalid format specifier"),
        ("{0}", {"a": 1}, "positional"),
        ("{a}", None, "None is no object to read values from"),
        ("{", {"a": 1}, "'{' for dict"),
    ],
    ids=str,
)
def test_formatted_string_that_cannot_be_made_says_why(module, text, data, message):
    with pytest.raises(MarshallingException, match=message):
        marshal(data, {"t": module.FormattedString(text)})


# Url


def routed(*rules):
    app = Flask("app")
    for rule, endpoint in rules:
        app.add_url_rule(rule, endpoint)
    return app


@pytest.mark.parametrize("module", [fields, theirs], ids=["our fields", "Flask-RESTful's fields"])
@pytest.mark.parametrize("name", ["endpoint", "_external", "_method", "_scheme", "_anchor", "values", "self"])
def test_url_takes_nothing_but_the_values_of_its_rule(module, name):
    with routed(("/things/<int:id>", "thing")).test_request_context():
        assert marshal({"id": 7, name: "ftp"}, {"uri": module.Url("thing")}) == {"uri": "/things/7"}


@pytest.mark.parametrize(
    ("options", "uri"),
    [
        (("thing",), "/things/7"),
        ((), "/things/7"),
        (("thing", True), "http://localhost/things/7"),
        (("thing", True, "https"), "https://localhost/things/7"),
    ],
    ids=["relative", "of the request", "absolute", "scheme"],
)
@pytest.mark.parametrize("data", [{"id": 7}, SimpleNamespace(id=7)], ids=["dict", "object"])
def test_url_is_of_the_endpoint(options, uri, data):
    with routed(("/things/<int:id>", "thing")).test_request_context("/things/1"):
        assert marshal(data, {"uri": fields.Url(*options)}) == {"uri": uri}


def test_url_is_by_the_rule_that_the_object_has_values_for():
    app = routed(("/", "list"), ("/<a>", "list"), ("/<a>/<b>", "list"))
    app.add_url_rule("/special", "list", defaults={"a": "special"})
    definition = {"uri": fields.Url("list")}
    with app.test_request_context():
        for data in ({}, {"a": 1}, {"a": 1, "b": 2}, {"b": 2}, {"a": "special"}):
            assert marshal(data, definition) == flask_restful.marshal(data, {"uri": theirs.Url("list")})


def test_url_keeps_a_semicolon():
    with routed(("/<path:name>", "file")).test_request_context():
        assert marshal({"name": "a/b;c"}, {"uri": fields.Url("file")}) == {"uri": "/a/b;c"}


def test_url_has_a_value_that_is_made_up():
    class Person:
        @property
        def id(self):
            return 7

    with routed(("/<int:id>", "person")).test_request_context():
        assert marshal(Person(), {"uri": fields.Url("person")}) == {"uri": "/7"}


@pytest.mark.parametrize("endpoint", ["nowhere", "thing"])
def test_url_that_cannot_be_built_is_told_by_flask(endpoint):
    with routed(("/<id>", "thing")).test_request_context(), pytest.raises(BuildError, match=endpoint):
        marshal({"name": 1}, {"uri": fields.Url(endpoint)})


@pytest.mark.parametrize("nothing", [None, "", "text"], ids=repr)
def test_url_of_nothing_is_a_marshalling_error(nothing):
    with routed(("/", "thing")).test_request_context(), pytest.raises(MarshallingException, match="is no object"):
        marshal(nothing, {"uri": fields.Url("thing")})


def test_url_of_an_endpoint_with_a_variable_named_endpoint_is_a_marshalling_error():
    with routed(("/<endpoint>", "thing")).test_request_context(), pytest.raises(MarshallingException, match="endpoint"):
        marshal({"endpoint": 1}, {"uri": fields.Url("thing")})


@pytest.mark.parametrize("depth", [0, 1, 2], ids=["no blueprint", "blueprint", "nested blueprint"])
def test_url_may_be_relative_to_the_blueprint(depth):
    app = Flask("app")
    blueprints = [Blueprint(f"b{level}", "b", url_prefix=f"/b{level}") for level in range(depth)]
    api = Api(blueprints[-1] if blueprints else app)

    class Todo(Resource):
        def get(self, id):
            definition = {"uri": fields.Url(".todo"), "absolute": fields.Url(".todo", absolute=True)}
            return marshal({"id": id}, definition)

    api.add_resource(Todo, "/todos/<int:id>", endpoint="todo")
    for outer, inner in pairwise(blueprints):
        outer.register_blueprint(inner)
    if blueprints:
        app.register_blueprint(blueprints[0])
    uri = "".join(f"/b{level}" for level in range(depth)) + "/todos/3"

    assert app.test_client().get(uri).json == {"uri": uri, "absolute": f"http://localhost{uri}"}


# Reading values


@pytest.mark.parametrize(
    ("key", "value"),
    [("a", 1), ("b.c", 2), ("b.x", None), ("x.y.z", None), (lambda obj: obj["a"] + 1, 2), ("list", [4, 5])],
    ids=named,
)
def test_get_value_follows_names(key, value):
    assert fields.get_value(key, {"a": 1, "b": SimpleNamespace(c=2), "list": [4, 5]}) == value


def test_get_value_takes_an_index_and_a_default():
    assert fields.get_value(1, [4, 5]) == 5
    assert fields.get_value(7, [4, 5], "none") == "none"
    assert fields.get_value(0, SimpleNamespace(), "none") == "none"
    assert fields.get_value("a.b", {}, "none") == "none"


def test_to_marshallable_type_gives_what_has_items():
    data = {"a": 1}

    assert fields.to_marshallable_type(data) is data
    assert fields.to_marshallable_type(None) is None
    assert fields.to_marshallable_type(SimpleNamespace(a=1)) == data


@pytest.mark.parametrize(
    ("obj", "expected"), [([], True), ({}, True), (iter(()), True), ("", False), (b"", False), (1, False)], ids=named
)
def test_is_indexable_but_not_string(obj, expected):
    assert fields.is_indexable_but_not_string(obj) is expected


def test_moment_is_in_utc():
    assert rfc822(datetime(2024, 2, 29, 23, tzinfo=timezone(timedelta(hours=-5)))) == "Fri, 01 Mar 2024 04:00:00 -0000"
    assert rfc822(datetime(2024, 2, 29, tzinfo=UTC)) == "Thu, 29 Feb 2024 00:00:00 -0000"


def test_url_has_the_defaults_of_the_application_and_the_path_of_its_mount():
    app = routed(("/<lang>/things/<int:id>", "thing"))
    app.url_defaults(lambda endpoint, values: values.setdefault("lang", "de"))
    with app.test_request_context(base_url="http://localhost/mounted"):
        told = [marshal({"id": 7}, {"uri": module.Url("thing")}) for module in (fields, theirs)]
        assert told == [{"uri": "/mounted/de/things/7"}] * 2


def test_url_at_a_subdomain_is_a_path():
    app = Flask("app", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/things/<int:id>", "thing", subdomain="api")
    with app.test_request_context():
        assert marshal({"id": 7}, {"uri": fields.Url("thing")}) == {"uri": "/things/7"}
