"""reqparse, as Flask-RESTful's users rely on it: every test holds with both libraries.

test_reqparse.py has the formats of bodies, the locations, and the same requests put to both libraries beside these.
"""

import decimal
import io

import pytest
from flask import Flask, Request
from flask_restful_pair import client_of, either_library
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest

pytestmark = either_library


def parser_of(library, **arguments):
    """A parser of arguments by name."""
    parser = library.reqparse.RequestParser()
    for name, options in arguments.items():
        parser.add_argument(name, **{"location": "args", **options})
    return parser


def parsed(parser, url="/", **request):
    with Flask("app").test_request_context(url, **request):
        return parser.parse_args()


DEFAULTS = {
    "name": "n",
    "dest": None,
    "default": None,
    "required": False,
    "ignore": False,
    "location": ("json", "values"),
    "choices": (),
    "action": "store",
    "help": None,
    "operators": ("=",),
    "case_sensitive": True,
    "store_missing": True,
    "trim": False,
    "nullable": True,
}


def test_argument_has_its_options_as_attributes(library):
    given = {**DEFAULTS, "dest": "m", "required": True, "location": ["args"], "choices": [1, 2], "action": "append"}

    assert {name: getattr(library.reqparse.Argument("n"), name) for name in DEFAULTS} == DEFAULTS
    assert {name: getattr(library.reqparse.Argument(**given), name) for name in given} == given


def test_options_of_an_argument_may_be_given_by_place(library):
    argument = library.reqparse.Argument("n", 5, "m", True, False, int, "args", (5, 6), "append", "one of them")

    assert (argument.default, argument.dest, argument.required, argument.ignore) == (5, "m", True, False)
    assert (argument.type, argument.location, argument.choices) == (int, "args", (5, 6))
    assert (argument.action, argument.help) == ("append", "one of them")


def test_type_of_an_argument_is_text_unless_it_is_given(library):
    assert library.reqparse.Argument("n").type(7) == "7"


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (lambda value, name, operator: f"{value} {name} {operator}", "1 n ="),
        (lambda value, name: f"{value} {name}", "1 n"),
        (lambda value: f"{value}", "1"),
        (int, 1),
        (decimal.Decimal, decimal.Decimal(1)),
    ],
    ids=["value name operator", "value name", "value", "int", "Decimal"],
)
def test_type_is_called_with_as_much_as_it_takes(library, type_, value):
    assert parsed(parser_of(library, n={"type": type_}), "/?n=1") == {"n": value}


def test_decimal_of_a_json_number_has_the_digits_that_were_written(library):
    parser = parser_of(library, n={"type": decimal.Decimal, "location": "json"})

    assert parsed(parser, method="POST", json={"n": 89.92}) == {"n": decimal.Decimal("89.92")}


@pytest.mark.parametrize(("text", "message"), [("x", "no x"), ("y", "y it is not")])
def test_error_of_a_type_is_the_message(library, text, message):
    def type_(value):
        raise ValueError(message)

    parser = parser_of(library, n={"type": type_})

    with pytest.raises(BadRequest) as raised:
        parsed(parser, f"/?n={text}")
    assert raised.value.data == {"message": {"n": message}}


def test_null_is_not_converted(library):
    parser = parser_of(library, n={"type": int, "location": "json"})

    assert parsed(parser, method="POST", json={"n": None}) == {"n": None}


@pytest.mark.parametrize("default", [7, lambda: 7], ids=["value", "function"])
def test_default_is_a_value_or_a_function(library, default):
    parser = parser_of(library, n={"default": default, "type": int})

    assert [parsed(parser, url)["n"] for url in ("/", "/?n=1")] == [7, 1]


@pytest.mark.parametrize(
    ("query", "value"),
    [("n%3E=1", "1"), ("n%3C=2", "2"), ("n=3", "3"), ("n!=4", None), ("n%3E=1&n%3C=2", "1"), ("", None)],
)
def test_first_operator_that_is_there_gives_the_value(library, query, value):
    assert parsed(parser_of(library, n={"operators": [">=", "<=", "="]}), f"/?{query}") == {"n": value}


def test_repeated_parameter_gives_its_first_value_unless_it_is_appended(library):
    assert parsed(parser_of(library, n={}), "/?n=1&n=2") == {"n": "1"}
    assert parsed(parser_of(library, n={"action": "append"}), "/?n=1&n=2") == {"n": ["1", "2"]}
    assert parsed(parser_of(library, n={"action": "split"}), "/?n=1&n=2") == {"n": ["1", "2"]}


def test_appended_values_that_are_refused_may_be_ignored(library):
    parser = parser_of(library, n={"action": "append", "type": int, "ignore": True})

    assert parsed(parser, "/?n=1&n=x&n=3") == {"n": [1, 3]}


@pytest.mark.parametrize("choices", [[1, 2], (1, 2), {1, 2}, range(1, 3)], ids=str)
def test_choices_are_of_values_after_conversion(library, choices):
    parser = parser_of(library, n={"type": int, "choices": choices})

    assert parsed(parser, "/?n=2") == {"n": 2}
    with pytest.raises(BadRequest) as raised:
        parsed(parser, "/?n=3")
    assert raised.value.data == {"message": {"n": "3 is not a valid choice"}}


def test_help_tells_the_error_where_it_says_so(library):
    parser = parser_of(library, n={"choices": ["one"], "help": "Bad choice: {error_msg}"})

    with pytest.raises(BadRequest) as raised:
        parsed(parser, "/?n=𐍈")
    assert raised.value.data == {"message": {"n": "Bad choice: 𐍈 is not a valid choice"}}


def test_bundled_errors_have_the_status_that_parse_args_is_given(library):
    parser = library.reqparse.RequestParser(bundle_errors=True).add_argument("n", type=int, location="args")
    client = client_of(library, get=lambda self: parser.parse_args(http_error_code=422))

    assert client.get("/?n=x").status_code == 422


def test_strict_parser_names_what_it_does_not_know(library):
    parser = parser_of(library, n={})
    client = client_of(library, post=lambda self: parser.parse_args(strict=True))

    assert client.post("/?n=1", json={}).json == {"n": "1"}
    assert client.post("/?n=1&m=2", json={}).json == {"message": "Unknown arguments: m"}
    assert client.post("/?n=1", json={"o": 3}).json == {"message": "Unknown arguments: o"}


@pytest.mark.parametrize(
    "type_", [FileStorage, lambda file: FileStorage(file.stream, file.filename)], ids=["as it is", "own"]
)
def test_file_is_given_as_it_is_or_to_a_type_of_one_s_own(library, type_):
    parser = parser_of(library, f={"type": type_, "location": "files"})

    with Flask("app").test_request_context(method="POST", data={"f": (io.BytesIO(b"hello"), "f.txt")}):
        file = parser.parse_args().f
        assert (file.filename, file.read()) == ("f.txt", b"hello")


# Requests of one's own


def test_parser_reads_a_request_that_it_is_given(library):
    parser = parser_of(library, n={"type": int})

    assert parser.parse_args(Request.from_values("/?n=7")) == {"n": 7}


def test_parser_reads_any_object_that_has_the_location(library):
    class Message:
        args = {"n": "7"}
        letter = MultiDict([("n", "8"), ("n", "9")])

    assert parser_of(library, n={"type": int}).parse_args(Message()) == {"n": 7}
    assert parser_of(library, n={"location": "letter", "action": "append"}).parse_args(Message()) == {"n": ["8", "9"]}
    assert parser_of(library, n={"location": ["letter"]}).parse_args(Message()) == {"n": "8"}
    assert parser_of(library, n={"location": "nowhere"}).parse_args(Message()) == {"n": None}


# Parsers


def test_parser_is_given_back_by_what_changes_it(library):
    parser = library.reqparse.RequestParser()

    assert parser.add_argument("n") is parser
    assert parser.replace_argument("n", type=int) is parser
    assert parser.remove_argument("n") is parser
    assert parser.args == []


def test_copy_of_a_parser_has_arguments_of_its_own(library):
    parser = parser_of(library, n={"type": int}, m={})
    copy = parser.copy()
    copy.args[0].type = str

    assert (parsed(parser, "/?n=1"), parsed(copy, "/?n=1")) == ({"n": 1, "m": None}, {"n": "1", "m": None})


@pytest.mark.parametrize("setting", ["trim", "bundle_errors"])
def test_copy_of_a_parser_keeps_its_settings(library, setting):
    assert getattr(library.reqparse.RequestParser(**{setting: True}).copy(), setting) is True


def test_arguments_are_of_the_class_that_the_parser_is_given(library):
    assert type(parsed(library.reqparse.RequestParser(namespace_class=dict))) is dict
    assert type(parsed(library.reqparse.RequestParser())) is library.reqparse.Namespace


def test_namespace_has_items_as_attributes_and_attributes_as_items(library):
    namespace = library.reqparse.Namespace(a=1)
    namespace.b = 2

    assert (namespace.a, namespace["b"], dict(namespace)) == (1, 2, {"a": 1, "b": 2})
    with pytest.raises(AttributeError):
        _ = namespace.c
    with pytest.raises(KeyError):
        _ = namespace["c"]


def test_subclass_of_argument_may_look_elsewhere_convert_and_refuse_in_its_own_way(library):
    class Own(library.reqparse.Argument):
        def source(self, request):
            return {"n": request.headers.get("X-N")}

        def convert(self, value, op):
            return int(super().convert(value, op)) + 1

        def handle_validation_error(self, error, bundle_errors):
            raise BadRequest(f"own: {type(error).__name__}")

    parser = library.reqparse.RequestParser(argument_class=Own).add_argument("n")

    assert parsed(parser, headers={"X-N": "1"}) == {"n": 2}
    with pytest.raises(BadRequest, match="own: ValueError"):
        parsed(parser, headers={"X-N": "x"})
