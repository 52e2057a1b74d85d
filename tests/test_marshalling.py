"""marshal and marshal_with: what Flask-RESTful's tell, of more than it can read, lazily where that may be."""

import asyncio
import csv
import gc
import json
import threading
import weakref
from collections import OrderedDict, UserDict, defaultdict, deque, namedtuple
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from http import HTTPStatus
from types import MappingProxyType, SimpleNamespace
from unittest.mock import MagicMock, Mock

import flask_restful
import flask_restful.fields
import pytest
from flask import Flask, Response
from hypothesis import given, settings
from hypothesis import strategies as st
from ids import named
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool
from werkzeug.local import LocalProxy

from negotiate_api import DEFAULTS, Api, Resource, Rows, fields, marshal, marshal_with, marshal_with_field
from negotiate_api.compilation import compiled
from negotiate_api.fields import MarshallingException

PERSON = {"id": fields.Integer, "name": fields.String}
PEOPLE = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]

every_format = pytest.mark.parametrize("format_", DEFAULTS, ids=lambda f: f.suffixes[0])


# The same as Flask-RESTful's


def exactly(data):
    """data with its types and the order of its keys, which == passes over."""
    if isinstance(data, dict):
        return [(key, exactly(value)) for key, value in data.items()]
    if isinstance(data, list):
        return ["list", *map(exactly, data)]
    return type(data), data


def outcome(library, data, definition):
    try:
        return exactly(library.marshal(data, definition))
    except Exception as error:
        return error


class Thing:
    def __init__(self, values):
        self.__dict__.update(values)


NAMES = ("a", "b", "c", "d")
ZONES = (None, UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11)))

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(-1000, 1000, places=3),
    st.text("xyz 1,é", max_size=4),
    st.sampled_from(["7", "1.50"]),
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.sampled_from(ZONES)),
)


def things(values):
    records = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)
    return st.one_of(records, records.map(Thing), records.map(OrderedDict))


values = st.recursive(
    atoms, lambda inner: st.one_of(things(inner), st.lists(inner, max_size=3), st.lists(inner, max_size=2).map(tuple))
)


def as_other_mapping(thing):
    return UserDict(thing if isinstance(thing, dict) else vars(thing))


def of_a(obj):
    return obj.get("a") if isinstance(obj, (dict, UserDict)) else getattr(obj, "a", None)


attributes = st.sampled_from([None, None, *NAMES, "a.b", "b.c.d", of_a])
defaults = st.sampled_from([None, 0, "none", [], {}])


def doubled(library, **options):
    class Doubled(library.fields.Raw):
        def format(self, value):
            return [value, value]

    return Doubled(**options)


def kind_of(library, **options):
    class Kind(library.fields.Raw):
        def output(self, key, obj):
            return [key, type(obj).__name__]

    return Kind(**options)


def shouted(library, **options):
    class Shouted(library.fields.String):
        def output(self, key, obj):
            return f"{super().output(key, obj)}!"

    return Shouted(**options)


def picky(library, **options):
    class Picky(library.fields.Raw):
        def format(self, value):
            raise library.fields.MarshallingException("never")

    return Picky(**options)


def simple(name, **more):
    """A strategy of functions that make a field of a library."""

    def made(attribute, default):
        options = {"attribute": attribute, **({} if default is None else {"default": default}), **more}
        return lambda library: getattr(library.fields, name)(**options)

    return st.builds(made, attributes, defaults)


def custom(make):
    return st.builds(lambda attribute: lambda library: make(library, attribute=attribute), attributes)


plain_names = ("Raw", "String", "Integer", "Float", "Boolean", "Arbitrary", "Fixed")
leaves = st.one_of(
    *map(simple, plain_names),
    simple("Fixed", decimals=2),
    simple("DateTime"),
    simple("DateTime", dt_format="iso8601"),
    *map(custom, (doubled, kind_of, shouted, picky)),
    st.sampled_from([lambda library, name=name: getattr(library.fields, name) for name in plain_names]),
    st.sampled_from(["{a}", "<{b}>{a}", "{0}", "plain"]).map(
        lambda s: lambda library: library.fields.FormattedString(s)
    ),
    st.sampled_from([("one", False), ("two", True)]).map(lambda e: lambda library: library.fields.Url(*e)),
)


def containing(inner):
    definitions = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    nested = st.builds(
        lambda made, allow_null, default, attribute: (
            lambda library: library.fields.Nested(
                definition_of(library, made), allow_null, default=default, attribute=attribute
            )
        ),
        definitions,
        st.booleans(),
        defaults,
        attributes,
    )
    contained = st.one_of(
        st.sampled_from(plain_names).map(lambda name: lambda library: getattr(library.fields, name)),
        definitions.map(lambda made: lambda library: library.fields.Nested(definition_of(library, made))),
    )
    lists = st.builds(
        lambda made, attribute: lambda library: library.fields.List(made(library), attribute=attribute),
        st.one_of(contained, contained.map(lambda made: lambda library: library.fields.List(made(library)))),
        attributes,
    )
    below = definitions.map(lambda made: lambda library: definition_of(library, made))
    return st.one_of(nested, lists, below)


def definition_of(library, made):
    return {name: make(library) for name, make in made.items()}


made_definitions = st.dictionaries(st.sampled_from(NAMES), st.recursive(leaves, containing, max_leaves=6), max_size=4)


class Ours:
    """Our marshal with our fields."""

    fields, marshal = fields, staticmethod(marshal)


class Mixed:
    """Our marshal with Flask-RESTful's fields."""

    fields, marshal = flask_restful.fields, staticmethod(marshal)


class Lent:
    """Flask-RESTful's marshal with our fields."""

    fields, marshal = fields, staticmethod(flask_restful.marshal)


@settings(max_examples=400, deadline=None)
@given(
    made_definitions, st.one_of(things(values), things(values).map(as_other_mapping), st.lists(things(values)), values)
)
def test_marshal_tells_what_flask_restful_s_does(made, data):
    app = Flask("app")
    app.add_url_rule("/one/<a>", "one")
    app.add_url_rule("/two/<int:a>/<b>", "two")
    app.add_url_rule("/two", "two")

    with app.test_request_context("/"):
        expected = outcome(flask_restful, data, definition_of(flask_restful, made))
        for library in (Ours, Mixed, Lent):
            told = outcome(library, data, definition_of(library, made))
            if isinstance(expected, MarshallingException):
                assert isinstance(told, MarshallingException), library.__doc__
            elif not isinstance(expected, Exception):
                assert told == expected, library.__doc__


@settings(max_examples=50, deadline=None)
@given(made_definitions.filter(bool), st.lists(things(atoms), max_size=3))
def test_marshal_tells_of_rows_what_it_tells_of_their_dicts(made, objects):
    app = Flask("app")
    app.add_url_rule("/one/<a>", "one")
    app.add_url_rule("/two", "two")
    columns = ("a", "b", "d")
    tuples = [tuple(obj.get(name) if isinstance(obj, dict) else None for name in columns) for obj in objects]
    definition = definition_of(Ours, made)
    records = [dict(zip(columns, row, strict=True)) for row in tuples]

    with app.test_request_context("/"):
        try:
            expected = exactly(marshal(records, definition))
        except Exception as error:
            with pytest.raises(type(error)):
                list(marshal(Rows(columns, tuples), definition))
        else:
            assert exactly(list(marshal(Rows(columns, tuples), definition))) == expected
            assert exactly(list(marshal(iter(records), definition))) == expected


def test_marshal_gives_a_dict_in_declared_order():
    told = marshal({"name": "Ada", "id": "1"}, OrderedDict(name=fields.String, id=fields.Integer))

    assert told == OrderedDict(name="Ada", id=1)
    assert list(told) == ["name", "id"]


@pytest.mark.parametrize(
    "keys",
    [
        ("é", "ﬁ", "class", "a b", "'", '"\\', "\n", "{}", "\ud800", "o", "a0", "c3", "__import__('os')"),
        (1, 2),
        (None,),
    ],
    ids=["text", "integers", "null"],
)
def test_marshal_takes_keys_of_any_kind(keys):
    definition = {key: fields.Raw(attribute="x") for key in keys}

    assert marshal({"x": 1}, definition) == dict.fromkeys(keys, 1)
    assert marshal(SimpleNamespace(x=1), definition) == dict.fromkeys(keys, 1)
    assert list(marshal(iter([{"x": 1}]), definition)) == [dict.fromkeys(keys, 1)]


def test_marshal_reads_attributes_of_any_name():
    names = ("é", "class", "a b", "'", "\n", "\ud800", "o")
    definition = {f"k{index}": fields.Raw(attribute=name) for index, name in enumerate(names)}
    expected = {f"k{index}": index for index in range(len(names))}
    values = {name: index for index, name in enumerate(names)}

    assert marshal(values, definition) == marshal(Thing(values), definition) == expected


@pytest.mark.parametrize("definition", [{"a": "text"}, {"a": 3}, {"a": object}], ids=str)
def test_definition_with_what_is_no_field_is_told(definition):
    with pytest.raises(TypeError, match=r"'a' is defined as .*; a field is expected"):
        marshal({"a": 1}, definition)


def test_definition_may_contain_itself():
    tree = {"name": fields.String}
    tree["children"] = fields.List(fields.Nested(tree))
    data = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}, {"name": "d"}]}

    assert marshal(data, tree) == flask_restful.marshal(data, tree)


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType, UserDict], ids=lambda kind: kind.__name__)
def test_definition_may_be_any_mapping(kind):
    assert marshal({"id": "1", "name": "Ada"}, kind({"id": fields.Integer, "in": kind(PERSON)})) == {
        "id": 1,
        "in": PEOPLE[0],
    }


def test_object_may_say_how_it_is_marshalled():
    class Told:
        def __marshallable__(self):
            return {"name": "Ada"}

    app = Flask("app")
    app.add_url_rule("/<name>", "person")
    with app.test_request_context():
        told = marshal(Told(), {"text": fields.FormattedString("<{name}>"), "uri": fields.Url("person")})

    assert told == {"text": "<Ada>", "uri": "/Ada"}


@pytest.mark.parametrize(
    "data",
    [
        Mock(id=1),
        MagicMock(id=1),
        LocalProxy(lambda: Thing({"id": 1})),
        LocalProxy(lambda: {"id": 1}),
        defaultdict(int, {"id": 1}),
        namedtuple("Point", "id")(1),
    ],
    ids=["mock", "magic mock", "proxy of an object", "proxy of a dict", "dict with defaults", "named tuple"],
)
def test_object_of_an_odd_kind_is_one_object(data):
    assert marshal(data, {"id": fields.Raw}) == {"id": 1}
    assert marshal([data], {"id": fields.Raw}) == [{"id": 1}]


def test_object_that_iterates_over_its_own_items_is_one_object():
    class Model:
        id = 1

        def __iter__(self):
            yield "id", 1

    assert marshal(Model(), {"id": fields.Integer}) == {"id": 1}


@pytest.mark.parametrize("name", ["items", "keys", "get", "copy", "__class__", "__len__"])
@pytest.mark.parametrize("kind", [dict, OrderedDict, UserDict, defaultdict], ids=lambda kind: kind.__name__)
def test_name_that_is_missing_is_null_though_there_is_a_method_of_it(kind, name):
    data = kind() if kind is not defaultdict else defaultdict(None)

    assert marshal(data, {name: fields.String}) == {name: None}
    assert marshal({"in": data}, {"told": fields.String(attribute=f"in.{name}")}) == {"told": None}
    assert fields.String().output(name, data) is None


def test_attribute_of_a_dict_s_subclass_is_read():
    class Account(dict):
        items = "of its own"

        @property
        def shown(self):
            return self["name"].upper()

    assert marshal(Account(name="ada"), {"shown": fields.String}) == {"shown": "ADA"}


def test_method_of_a_list_is_no_value():
    assert fields.get_value("count", [1, 2]) is None
    assert fields.get_value("count", namedtuple("Counted", "count")(7)) == 7
    assert fields.get_value("index", namedtuple("Counted", "count")(7)) is None


# A definition that changes


def changed_attribute(definition):
    definition["field"].attribute = "b"


def changed_nested(definition):
    definition["nested"].nested["x"] = fields.String(attribute="b")


def reordered(definition):
    return dict(reversed(definition.items()))


def reordered_in_place(definition):
    definition["x"] = definition.pop("x")


CHANGES = {
    "field added": lambda d: d.update(b=fields.Raw),
    "field removed": lambda d: d.pop("field"),
    "field replaced": lambda d: d.update(field=fields.Integer),
    "fields reordered": lambda d: d.update(field=d.pop("field")),
    "attribute": changed_attribute,
    "default": lambda d: setattr(d["absent"], "default", "none"),
    "default from zero to false": lambda d: setattr(d["zero"], "default", False),
    "format of an instance": lambda d: setattr(d["field"], "format", lambda value: f"<{value}>"),
    "output of an instance": lambda d: setattr(d["field"], "output", lambda key, obj: f"<{key}>"),
    "date format": lambda d: setattr(d["date"], "dt_format", "iso8601"),
    "nested definition": changed_nested,
    "nested definition in another order": lambda d: setattr(d["nested"], "nested", reordered(d["nested"].nested)),
    "nested definition reordered": lambda d: reordered_in_place(d["nested"].nested),
    "nested null": lambda d: setattr(d["nowhere"], "allow_null", True),
    "definition below": lambda d: d["below"].update(c=fields.Raw(attribute="b")),
    "definition below replaced": lambda d: d.update(below={"c": fields.Raw(attribute="b")}),
    "field of a list": lambda d: setattr(d["list"], "container", fields.Integer()),
    "attribute of a field of a list": lambda d: setattr(d["objects"].container, "attribute", "b"),
    "nested definition of a list": lambda d: d["several"].container.nested.update(x=fields.Raw(attribute="b")),
}
OBJECT = {
    "field": "1",
    "a": "1",
    "b": "2",
    "date": datetime(2024, 2, 29),
    "nested": {"x": 3, "b": 4},
    "list": ["1", "2"],
    "objects": [{"a": 1, "b": 2}],
    "several": [{"x": 1, "b": 2}],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("library", [Ours, Mixed], ids=["our fields", "Flask-RESTful's fields"])
def test_definition_that_changes_is_never_stale(library, change):
    kind = library.fields
    definition = {
        "field": kind.String(attribute="a"),
        "absent": kind.Raw(),
        "zero": kind.String(default=0),
        "date": kind.DateTime(),
        "nested": kind.Nested({"x": kind.String, "b": kind.String}),
        "nowhere": kind.Nested({"x": kind.String}),
        "below": {"c": kind.String(attribute="a")},
        "list": kind.List(kind.String),
        "objects": kind.List(kind.String(attribute="a")),
        "several": kind.List(kind.Nested({"x": kind.Raw})),
    }
    before = exactly(marshal(OBJECT, definition))
    change(definition)

    after = exactly(marshal(OBJECT, definition))
    assert after == exactly(flask_restful.marshal(OBJECT, definition))
    assert after != before


def test_definition_that_takes_the_place_of_another_in_memory_is_not_taken_for_it():
    first = fields.Raw()
    marshal({}, {"first": first})
    remembered = weakref.ref(first)
    del first
    for number in range(3000):
        definition = {f"k{number}": fields.Integer(default=number), "n": fields.Nested({f"x{number}": fields.Raw})}
        assert marshal({"n": {}}, definition) == {f"k{number}": number, "n": {f"x{number}": None}}
        del definition
    gc.collect()
    assert remembered() is None


def test_field_that_takes_the_place_of_another_in_memory_is_not_taken_for_it():
    definition = {}
    for number in range(3000):
        definition["a"] = fields.Integer(default=number)
        assert marshal({}, definition) == {"a": number}


def test_definition_that_changes_is_not_taken_for_one_with_its_former_fields():
    changing = {"id": fields.Integer}
    marshal({}, changing)
    former = dict(changing)
    changing["name"] = fields.String

    assert list(marshal(iter(PEOPLE), former).tuples()) == [(1,), (2,)]


def test_functions_for_ever_other_columns_are_not_kept():
    functions = compiled({"id": fields.Integer})
    first = weakref.ref(functions.row(("id", "first")))
    for number in range(100):
        functions.row(("id", number))
    gc.collect()

    assert first() is None


def test_definition_is_compiled_by_many_threads_at_once():
    for _ in range(30):
        tree = {"id": fields.Integer}
        tree["in"] = fields.Nested(tree, allow_null=True)
        barrier, told = threading.Barrier(8), []

        def work(tree=tree, barrier=barrier, told=told):
            barrier.wait()
            told.append(marshal({"id": 1, "in": {"id": 2}}, tree))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert told == [{"id": 1, "in": {"id": 2, "in": None}}] * 8


# Several


SEVERAL = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "values of a dict": lambda people: dict(enumerate(people)).values(),
    "empty list": lambda people: [],
    "list of lists": lambda people: [people, people],
}


@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
def test_several_in_memory_are_a_list(several):
    data = several(PEOPLE)
    told = marshal(data, PERSON)

    assert type(told) is list
    assert told == list(data)


@pytest.mark.parametrize("kind", [set, frozenset], ids=lambda kind: kind.__name__)
def test_set_is_a_list(kind):
    told = marshal(kind({Thing(person) for person in PEOPLE} if kind is set else map(Thing, PEOPLE)), PERSON)

    assert sorted(told, key=lambda person: person["id"]) == PEOPLE


@pytest.mark.parametrize("lazy", [iter, lambda people: map(dict, people), lambda people: map(Thing, people)])
def test_iterator_is_rows_read_as_they_are_wanted(lazy):
    seen = []
    rows = marshal((seen.append(person) or person for person in lazy(PEOPLE)), PERSON)

    assert isinstance(rows, Rows)
    assert (rows.columns, seen) == (("id", "name"), [])
    assert next(tuples := rows.tuples()) == (1, "Ada")
    assert len(seen) == 1
    assert list(tuples) == [(2, "Grace")]


@pytest.mark.parametrize("item", [(1, "Ada"), [1, "Ada"], {1, 2}], ids=["tuple", "list", "set"])
@pytest.mark.parametrize("options", [{}, {"skip_none": True}], ids=["", "skip_none"])
def test_iterator_of_what_is_no_object_is_told(item, options):
    with pytest.raises(MarshallingException, match=rf"a row is a {type(item).__name__}; an object or a mapping"):
        list(marshal(iter([item]), PERSON, **options))


def test_rows_nested_in_data_are_a_list():
    app = Flask("app")

    class People(Resource):
        def get(self):
            return {"people": marshal(iter(PEOPLE), PERSON), "total": 2}

    Api(app).add_resource(People, "/")

    assert app.test_client().get("/").json == {"people": PEOPLE, "total": 2}


def test_nested_iterator_is_a_list():
    assert marshal({"people": iter(PEOPLE)}, {"people": fields.Nested(PERSON)}) == {"people": PEOPLE}
    assert marshal({"people": iter(PEOPLE)}, {"people": fields.List(fields.Nested(PERSON))}) == {"people": PEOPLE}
    assert marshal({"people": Rows.of(PEOPLE)}, {"people": fields.Nested(PERSON)}) == {"people": PEOPLE}


# Rows of a database


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    @property
    def shout(self):
        return self.name.upper()


@pytest.fixture
def session():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(**person) for person in PEOPLE])
        session.flush()
        yield session
    engine.dispose()


RESULTS = {
    "result": lambda session: session.execute(select(User.name, User.id).order_by(User.id)),
    "result of entities": lambda session: session.execute(select(User).order_by(User.id)),
    "mappings": lambda session: session.execute(select(User.id, User.name).order_by(User.id)).mappings(),
    "scalars": lambda session: session.scalars(select(User).order_by(User.id)),
    "query": lambda session: session.query(User).order_by(User.id),
    "query of columns": lambda session: session.query(User.name, User.id).order_by(User.id),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_result_is_rows(session, result):
    rows = marshal(result(session), PERSON)

    assert isinstance(rows, Rows)
    assert list(rows.tuples()) == [(1, "Ada"), (2, "Grace")]


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_list_of_a_result_s_rows_is_a_list(session, result):
    assert marshal(list(result(session)), PERSON) == PEOPLE


def test_result_s_rows_keep_what_a_field_reads_of_the_whole(session):
    definition = {
        "text": fields.FormattedString("{id} {name}"),
        "first": fields.String(attribute=lambda row: row.name[0]),
    }
    query = select(User.id, User.name).order_by(User.id)

    assert list(marshal(session.execute(query), definition).tuples()) == [("1 Ada", "A"), ("2 Grace", "G")]


def test_joined_row_lends_the_attributes_of_its_entities(session):
    query = select(User, func.length(User.name).label("count")).order_by(User.id)
    definition = {
        "id": fields.Integer,
        "shout": fields.String,
        "count": fields.Integer,
        "by_path": fields.String(attribute="User.name"),
        "text": fields.FormattedString("{count} {name}"),
        "absent": fields.Integer,
        "index": fields.Raw,
    }
    ada = {"id": 1, "shout": "ADA", "count": 3, "by_path": "Ada", "text": "3 Ada", "absent": 0, "index": None}

    assert marshal(session.execute(query).first(), definition) == ada
    assert next(marshal(session.execute(query), definition).dicts()) == ada


def test_entity_is_told_of_after_a_commit(session):
    app = Flask("app")
    app.add_url_rule("/<int:id>", "user")
    user = session.get(User, 1)
    session.commit()  # which forgets what was loaded

    with app.test_request_context():
        assert marshal(user, {"uri": fields.Url("user"), "text": fields.FormattedString("{name}")}) == {
            "uri": "/1",
            "text": "Ada",
        }


def test_query_that_is_not_read_is_not_run(session):
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    rows = marshal(session.query(User), PERSON)
    rows.close()
    assert statements == []

    marshal(session.query(User), PERSON).start()
    assert len(statements) == 1


# Rows to rows


def test_rows_are_rows_again():
    rows = marshal(Rows(("name", "id", "secret"), [("Ada", "1", "x")], count=1), PERSON)

    assert (rows.columns, rows.count) == (("id", "name"), 1)
    assert list(rows.tuples()) == [(1, "Ada")]


def test_rows_of_ever_other_columns_are_read_by_their_own():
    definition = {"id": fields.Integer, "in": fields.Nested({"x": fields.Raw})}
    for number in range(100):
        columns = (*(f"c{index}" for index in range(number)), "id", "in")
        row = (*range(number), "7", {"x": number})
        assert list(marshal(Rows(columns, [row]), definition).tuples()) == [(7, {"x": number})]


def test_rows_of_dicts_are_rows_again():
    assert list(marshal(Rows.of([{"id": "1"}, {"name": "Grace", "id": 2}]), PERSON).tuples()) == [
        (1, None),
        (2, "Grace"),
    ]


def test_count_of_rows_is_asked_for_when_it_is_wanted():
    asked = []
    rows = marshal(Rows(("id",), [], count=lambda: asked.append(1) or 5), PERSON)

    assert asked == []
    assert (rows.count, asked) == (5, [1])
    assert marshal(Rows(("id",), []), PERSON).count is None


def test_window_of_rows_is_marshalled_too():
    def window(offset, size):
        return [(str(n), f"Person {n}") for n in range(offset, offset + size)]

    rows = marshal(Rows(("id", "name"), lambda: 1 / 0, window=window), PERSON)

    assert list(rows.slice(100, 2).tuples()) == [(100, "Person 100"), (101, "Person 101")]


def test_slice_of_rows_without_a_window_skips_rows():
    rows = marshal(Rows(("id",), ((str(n),) for n in range(10))), {"n": fields.Integer(attribute="id")})

    assert list(rows.slice(3, 2).tuples()) == [(3,), (4,)]


@pytest.mark.parametrize("how", ["unread", "started", "sliced", "read", "failed"])
@pytest.mark.parametrize("options", [{}, {"window": lambda offset, size: [(1,)]}], ids=["plain", "window"])
def test_rows_close_what_they_come_from(how, options):
    class Source:
        closed = False

        def __iter__(self):
            return iter([(1,), ("no number",)])

        def close(self):
            self.closed = True

    source = Source()
    rows = marshal(Rows(("id",), source, **options), {"id": fields.Integer})
    if how == "sliced" and not options:
        rows = rows.slice(0, 1)
        list(rows.tuples())
    if how == "started":
        rows.start()
    if how in ("read", "failed"):
        with pytest.raises(MarshallingException):
            list(rows.tuples())
    if how != "failed":
        rows.close()

    assert source.closed


def test_generator_is_closed_with_its_rows():
    closed = []

    def people():
        try:
            yield from PEOPLE
        finally:
            closed.append(True)

    rows = marshal(people(), PERSON)
    rows.start()
    rows.close()

    assert closed == [True]


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({"name": "/people/{id}"}, {"title": "/people/{key}"}),
        ({"name": "/{{x}}/{id}/{name}?a=1"}, {"title": "/{{x}}/{key}/{title}?a=1"}),
        ({"id": "/people/"}, {"key": "/people/"}),
        ({"name": "/people/{secret}"}, {}),
        ({"secret": "/people/{id}"}, {}),
        ({"born": "/days/{born}"}, {}),
        ({"odd": "/odd/{odd}"}, {}),
    ],
    ids=["renamed", "several", "constant", "variable left out", "column left out", "written otherwise", "no variable"],
)
def test_links_of_rows_go_by_their_new_names(links, told):
    definition = {
        "key": fields.Integer(attribute="id"),
        "again": fields.Integer(attribute="id"),
        "title": fields.String(attribute="name"),
        "born": fields.DateTime,
        "{odd}:": fields.Raw(attribute="odd"),
    }

    assert marshal(Rows(("id", "name", "secret", "born", "odd"), [], links=links), definition).links == told


def test_links_of_rows_are_links_of_the_page():
    rows = marshal(
        Rows(("id", "name"), [(7, "Ada")], links={"name": "/people/{id}"}),
        {"who": fields.String(attribute="name"), "id": fields.Raw},
    )
    app = Flask("app")
    Api(app).add_resource(type("People", (Resource,), {"get": lambda self: rows}), "/")

    assert '<a href="/people/7">Ada</a>' in app.test_client().get("/", headers={"Accept": "text/html"}).text


# In every format


def client_of(get, **options):
    app = Flask("app")
    Api(app, **options).add_resource(type("People", (Resource,), {"get": get}), "/")
    return app.test_client()


def body_of(get, format_, query=""):
    response = client_of(get).get(f"/?format={format_.suffixes[0]}{query}")
    assert response.status_code == 200
    return response.get_data()


LAZY = {
    "generator": lambda: (person for person in [*PEOPLE, {"id": 3}]),
    "objects": lambda: map(Thing, [*PEOPLE, {"id": 3}]),
    "rows": lambda: Rows(("name", "id"), [("Ada", "1"), ("Grace", 2.0), (None, 3)]),
}


@every_format
@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_lazy_result_is_sent_as_a_list_is(format_, lazy):
    sent = body_of(marshal_with(PERSON)(lambda self: lazy()), format_)
    expected = body_of(lambda self: Rows(("id", "name"), [(1, "Ada"), (2, "Grace"), (3, None)]), format_)

    assert sent == expected
    if format_.decode:
        told = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}, {"id": 3, "name": None}]
        assert format_().decode(sent) == format_().decode(body_of(lambda self: told, format_))


@every_format
@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_envelope_of_a_lazy_result_is_sent_as_that_of_a_list_is(format_, lazy):
    listed = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}, {"id": 3, "name": None}]
    sent = body_of(marshal_with(PERSON, envelope="people")(lambda self: lazy()), format_)

    assert sent == body_of(lambda self: {"people": listed}, format_)


@pytest.mark.parametrize("options", [{}, {"envelope": "people"}], ids=["bare", "envelope"])
def test_row_that_fails_first_is_an_error(options):
    get = marshal_with({"id": fields.Integer}, **options)(lambda self: iter([{"id": "one"}]))
    response = client_of(get).get("/")

    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})


def test_transformer_of_flask_restful_is_handed_a_list():
    app = Flask("app")
    api = Api(app)

    @api.representation("text/plain")
    def text(data, code, headers=None):
        return Response(json.dumps(data), code, headers)

    api.add_resource(type("People", (Resource,), {"get": marshal_with(PERSON)(lambda self: iter(PEOPLE))}), "/")

    assert json.loads(app.test_client().get("/", headers={"Accept": "text/plain"}).text) == PEOPLE


# envelope, skip_none


@pytest.mark.parametrize("data", [PEOPLE[0], PEOPLE, [], iter(PEOPLE), Rows.of(PEOPLE)], ids=lambda d: type(d).__name__)
def test_envelope_is_around_the_result(data):
    told = marshal(data, PERSON, envelope="people")

    assert told == {"people": [] if data == [] else PEOPLE[0] if isinstance(data, dict) else PEOPLE}


def test_envelope_that_is_empty_is_none():
    assert marshal(PEOPLE, PERSON, envelope="") == PEOPLE


def test_envelope_closes_rows_that_fail():
    closed = []

    def people():
        try:
            yield {"id": "no number"}
        finally:
            closed.append(True)

    with pytest.raises(MarshallingException):
        marshal(people(), PERSON, envelope="people")
    assert closed == [True]


SPARSE = {
    "id": fields.Integer(default=None),
    "name": fields.String,
    "below": {"city": fields.String},
    "home": fields.Nested({"city": fields.String, "zip": fields.String}),
    "away": fields.Nested({"city": fields.String}, allow_null=True),
    "posts": fields.List(fields.Nested({"title": fields.String})),
    "tags": fields.List(fields.String),
    "any": fields.Raw(default=0),
}
SPARSE_DATA = {"name": "Ada", "home": {"city": "Oslo"}, "posts": [{"title": None}, {"title": "x"}], "tags": [None]}
SPARSE_TOLD = {
    "name": "Ada",
    "below": {},
    "home": {"city": "Oslo"},
    "posts": [{}, {"title": "x"}],
    "tags": [None],
    "any": 0,
}


def test_skip_none_leaves_out_keys_of_null():
    assert marshal(SPARSE_DATA, SPARSE, skip_none=True) == SPARSE_TOLD
    assert marshal([SPARSE_DATA], SPARSE, None, True) == [SPARSE_TOLD]
    assert marshal(SPARSE_DATA, SPARSE, "told", True) == {"told": SPARSE_TOLD}
    assert "id" in marshal(SPARSE_DATA, SPARSE)


@pytest.mark.parametrize(
    "lazy",
    [lambda: iter([{}, *PEOPLE]), lambda: Rows(("id", "name"), [(None, None), (1, "Ada"), (2, "Grace")])],
    ids=["iterator", "rows"],
)
def test_skip_none_leaves_keys_out_of_rows_and_their_columns_alone(lazy):
    definition = {"id": fields.Raw, "name": fields.String}
    rows = marshal(lazy(), definition, skip_none=True)

    assert rows.columns == ("id", "name")
    assert list(rows.dicts()) == [{}, *PEOPLE]
    assert list(marshal(lazy(), definition, skip_none=True).tuples()) == [(None, None), (1, "Ada"), (2, "Grace")]
    assert list(marshal(lazy(), definition, skip_none=True).slice(0, 2).tuples()) == [(None, None), (1, "Ada")]
    assert marshal(lazy(), definition, envelope="e", skip_none=True) == {"e": [{}, *PEOPLE]}


def test_skip_none_is_seen_by_formats_that_have_keys():
    get = marshal_with({"id": fields.Raw, "name": fields.String}, skip_none=True)(lambda self: iter([{"id": 1}, {}]))
    client = client_of(get)

    assert client.get("/").text.split() == ['[{"id":1},', "{}]"]
    assert list(csv.reader(client.get("/?format=csv").text.splitlines())) == [["id", "name"], ["1", ""], ["", ""]]


# marshal_with


@pytest.mark.parametrize(
    ("returned", "result"),
    [
        ({"id": "1"}, {"id": 1}),
        (({"id": "1"}, 201), ({"id": 1}, 201, {})),
        (({"id": "1"}, 201, {"X": "y"}), ({"id": 1}, 201, {"X": "y"})),
        (({"message": "no"}, 403), ({"message": "no"}, 403, {})),
        (({"message": "no"}, HTTPStatus.CONFLICT, {"X": "y"}), ({"message": "no"}, 409, {"X": "y"})),
        (("text", 500), ("text", 500, {})),
        (({"id": "1"}, 399), ({"id": 1}, 399, {})),
        (None, None),
        ((None, 204), (None, 204, {})),
        (namedtuple("Row", "id name")("1", "Ada"), {"id": 1}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_marshal_with_marshals_data(returned, result):
    assert marshal_with({"id": fields.Integer})(lambda: returned)() == result


def test_marshal_with_leaves_a_response_alone():
    response = Response("x", 201)

    assert marshal_with(PERSON)(lambda: response)() is response
    assert marshal_with(PERSON)(lambda: (response, 200))()[0] is response
    assert marshal_with(PERSON, errors=True, allow_null=False)(lambda: response)() is response
    assert marshal_with_field(fields.Integer)(lambda: response)() is response


def test_marshal_with_marshals_errors_and_null_where_told_to():
    as_before = marshal_with({"id": fields.Integer}, allow_null=False, errors=True)

    assert as_before(lambda: None)() == {"id": 0}
    assert as_before(lambda: (None, 200))() == ({"id": 0}, 200, {})
    assert as_before(lambda: (SimpleNamespace(id="1"), 409))() == ({"id": 1}, 409, {})


def test_marshal_with_passes_options_on():
    assert marshal_with({"id": fields.Raw, "x": fields.Raw}, "e", True)(lambda: {"id": 1})() == {"e": {"id": 1}}


def test_marshal_with_keeps_the_name_and_arguments_of_the_method():
    @marshal_with(PERSON)
    def get(id, name="?"):
        """Documented."""
        return {"id": id, "name": name}

    assert (get.__name__, get.__doc__) == ("get", "Documented.")
    assert get(1, name="Ada") == PEOPLE[0]


@pytest.mark.parametrize("decorator", [marshal_with({"id": fields.Integer}), marshal_with_field(fields.Integer)])
def test_coroutine_function_is_one_after_marshalling(decorator):
    async def get(value):
        await asyncio.sleep(0)
        return ({"id": value} if isinstance(decorator, marshal_with) else value), 201

    told = asyncio.run(decorator(get)("7"))

    assert told == ({"id": 7} if isinstance(decorator, marshal_with) else 7, 201, {})


def test_async_method_is_served():
    @marshal_with(PERSON)
    async def get(self):
        return iter(PEOPLE)

    assert client_of(get).get("/").json == PEOPLE


def test_marshal_with_sees_a_definition_that_changes():
    definition = {"id": fields.Integer}
    get = marshal_with(definition)(lambda: {"id": 1, "name": "Ada"})
    get()
    definition["name"] = fields.String

    assert get() == PEOPLE[0]


# marshal_with_field


@pytest.mark.parametrize(
    ("field", "returned", "result"),
    [
        (fields.Integer, "7", 7),
        (fields.Integer(), ("7", 202), (7, 202, {})),
        (fields.List(fields.Integer), ["1", 2, 3.0], [1, 2, 3]),
        (fields.List(fields.Integer), iter(["1", 2]), [1, 2]),
        (flask_restful.fields.List(flask_restful.fields.Integer), iter(["1", 2]), [1, 2]),
        (fields.List(fields.Nested(PERSON)), PEOPLE, PEOPLE),
        (fields.Nested({"id": fields.Integer}), PEOPLE[0], {"id": 1}),
        (fields.Integer, None, 0),
        (fields.String, None, None),
        (fields.String(default="none"), None, "none"),
        (fields.Integer, ({"message": "no"}, 404), ({"message": "no"}, 404, {})),
    ],
    ids=lambda value: named(value)[:30],
)
def test_marshal_with_field_tells_by_one_field(field, returned, result):
    assert marshal_with_field(field)(lambda: returned)() == result


def test_marshal_with_field_sees_a_field_that_changes():
    nested = fields.Nested({"id": fields.Integer})
    get = marshal_with_field(nested)(lambda: {"id": "1", "name": "Ada"})
    get()
    nested.nested["name"] = fields.String

    assert get() == PEOPLE[0]


def test_date_is_marshalled():
    assert marshal({"day": date(2024, 2, 29), "n": Decimal("1.5")}, {"day": fields.DateTime, "n": fields.Fixed(2)}) == {
        "day": "Thu, 29 Feb 2024 00:00:00 -0000",
        "n": "1.50",
    }
