"""reqparse: every location, bodies in every readable format, and Flask-RESTful's own where that works."""

import io

import flask_restful
import flask_restful.reqparse
import pytest
from flask import Flask
from ids import named
from werkzeug.datastructures import FileStorage

from negotiate_api import DEFAULTS, Api, Resource, inputs, reqparse
from representations import CSV

READABLE = [format_() for format_ in DEFAULTS if format_.decode]
every_format = pytest.mark.parametrize("format_", READABLE, ids=lambda f: f.suffixes[0])
either_location = pytest.mark.parametrize("options", [{}, {"location": "json"}], ids=["default location", "json"])

FORM = "application/x-www-form-urlencoded"


def parser_of(*arguments, module=reqparse, **options):
    """A parser; an argument is its name or a pair of that and its options."""
    parser = module.RequestParser(**options)
    for argument in arguments:
        name, details = (argument, {}) if isinstance(argument, str) else argument
        parser.add_argument(name, **details)
    return parser


def make_app(parser, api_class=Api, resource_class=Resource, strict=False, **options):
    """An application that answers every method at / with the arguments."""
    app = Flask("arguments")

    class Arguments(resource_class):
        def get(self):
            return parser.parse_args(strict=strict)

        post = put = patch = delete = get

    api_class(app, **options).add_resource(Arguments, "/")
    return app


def ask(*arguments, url="/", method="POST", strict=False, options=(), **request):
    """Status and body of the answer."""
    app = make_app(parser_of(*arguments, **dict(options)), strict=strict)
    response = app.test_client(use_cookies=False).open(url, method=method, **request)
    return response.status_code, response.get_json()


def parsed(*arguments, **request):
    """The arguments, as they come back in JSON."""
    status, body = ask(*arguments, **request)
    assert status == 200, body
    return body


def refused(*arguments, **request):
    """The message of an answer 400."""
    status, body = ask(*arguments, **request)
    assert status == 400, body
    return body["message"]


# The default location


def test_default_location_reads_the_query_of_a_get():
    assert parsed("q", ("n", {"type": int}), url="/?q=1&n=2", method="GET") == {"q": "1", "n": 2}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_default_location_does_without_a_body(method):
    assert parsed("q", url="/?q=1", method=method) == {"q": "1"}
    assert parsed("q", url="/?q=1", method=method, content_type="application/json") == {"q": "1"}
    assert parsed("q", url="/?q=1", method=method, content_type="text/plain") == {"q": "1"}
    assert parsed("q", method=method) == {"q": None}


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_default_location_reads_a_form_and_the_query(content_type):
    request = {"url": "/?b=2", "data": {"a": "1"}, "content_type": content_type}

    assert parsed("a", "b", **request) == {"a": "1", "b": "2"}


def test_default_location_reads_json_and_the_query():
    assert parsed(("a", {"type": int}), "b", url="/?b=2", json={"a": 1}) == {"a": 1, "b": "2"}


def test_default_location_takes_the_body_before_the_query():
    assert parsed("format", url="/?format=json", json={"format": "A4"}) == {"format": "A4"}


# A body in every format

RECORD = {"name": "Åse", "code": "04"}


@either_location
@every_format
def test_body_in_each_format_is_the_record(format_, options):
    request = {"data": format_.encode(RECORD), "content_type": format_.mediatype}

    assert parsed(("name", options), ("code", options), ("other", options), **request) == {**RECORD, "other": None}


@every_format
def test_body_is_read_by_alias_suffix_and_charset(format_):
    body = format_.encode(RECORD)
    types = [*format_.aliases, f"application/vnd.test+{format_.suffixes[0]}"]

    assert [parsed("name", data=body, content_type=type_) for type_ in types] == [{"name": "Åse"}] * len(types)


def test_body_is_read_in_its_charset():
    request = {"data": "name\nÅse\n".encode("latin-1"), "content_type": "text/csv; charset=latin-1"}

    assert parsed("name", **request) == {"name": "Åse"}


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_json_location_reads_no_form(content_type):
    request = {"data": {"a": "1"}, "content_type": content_type}

    status, body = ask(("a", {"location": "json"}), **request)
    assert (status, set(body) >= {"message", "readable"}, content_type in body["readable"]) == (415, True, False)
    assert parsed(("a", {"location": ["json", "args"]}), **request) == {"a": None}


@either_location
@every_format
def test_list_of_one_record_is_that_record_in_a_table_alone(format_, options):
    status, body = ask(("name", options), data=format_.encode([RECORD]), content_type=format_.mediatype)
    message = "The body holds a list of 1; one record of named values is expected."

    assert (status, body) == ((200, {"name": "Åse"}) if format_.tabular else (400, {"message": message}))


@either_location
@every_format
def test_body_with_two_records_is_refused(format_, options):
    message = refused(("name", options), data=format_.encode([RECORD, RECORD]), content_type=format_.mediatype)

    assert message == "The body holds a list of 2; one record of named values is expected."


def test_body_with_no_record_in_a_table_is_refused():
    assert "a list of 0" in refused("name", data="name\r\n", content_type="text/csv")


def test_table_is_known_by_a_structured_suffix_and_by_the_formats_of_the_api():
    parser = parser_of("a", "b")
    app = make_app(parser, representations=[CSV(delimiter=";")])

    for content_type in ("text/csv", "application/vnd.test+csv"):
        answer = app.test_client().post("/", data="a;b\r\n1;2\r\n", content_type=content_type)
        assert answer.get_data() == b"a;b\r\n1;2\r\n"


@either_location
@pytest.mark.parametrize("body", ["[]", '[{"a": 1}]', "[1, 2]", '"a"', "1", "true", "null"])
def test_body_that_is_no_record_is_refused(body, options):
    message = refused(("a", options), data=body, content_type="application/json")

    assert message.endswith("; one record of named values is expected.")


@either_location
@every_format
def test_malformed_body_is_refused_saying_why(format_, options):
    message = refused(("a", options), data=b"\xff\xff", content_type=format_.mediatype)

    assert message.startswith(f"The body is not valid {type(format_).__name__}")


@either_location
@pytest.mark.parametrize("content_type", ["text/plain", "image/png", None])
def test_body_of_another_type_is_refused_naming_what_is_read(content_type, options):
    status, body = ask(("a", options), url="/?a=1", data="a=1", content_type=content_type)

    assert status == 415
    assert body["readable"] == [*(f.mediatype for f in READABLE), FORM, "multipart/form-data"]


def test_body_of_another_type_is_left_alone_where_no_argument_is_in_it():
    assert parsed(("a", {"location": "args"}), url="/?a=1", data="a=2", content_type="text/plain") == {"a": "1"}
    assert parsed(("a", {"location": "values"}), url="/?a=1", data="a=2", content_type="text/plain") == {"a": "1"}


def test_body_is_decoded_once_a_request():
    class Counted(CSV):
        calls = 0

        def decode(self, body):
            Counted.calls += 1
            return super().decode(body)

    app = make_app(parser_of("a", "b", "c"), representations=[Counted()])
    app.test_client().post("/", data="a,b\n1,2\n", content_type="text/csv")

    assert Counted.calls == 1


@pytest.mark.parametrize("location", ["form", "values", ("json", "values"), "files"])
@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=edge"])
def test_form_that_is_cut_off_is_refused(content_type, location):
    app = make_app(parser_of(("a", {"location": location})))
    environ = {"CONTENT_LENGTH": "100", "wsgi.input_terminated": True}
    answer = app.test_client().post("/", data=b"a=1", content_type=content_type, environ_overrides=environ)

    assert answer.status_code == 400
    assert "cut off: 3 bytes of 100" in answer.get_json()["message"]


@pytest.mark.parametrize("location", ["form", ("json", "values")])
def test_form_that_is_malformed_is_refused(location):
    assert "not a valid form" in refused(("a", {"location": location}), data=b"a=\xff", content_type=FORM)


# Other locations

EVERYWHERE = {"url": "/?a=args", "data": {"a": "form"}, "headers": {"A": "headers", "Cookie": "a=cookies"}}


@pytest.mark.parametrize(
    ("name", "location", "value"),
    [
        ("a", "args", "args"),
        ("a", "form", "form"),
        ("A", "headers", "headers"),
        ("a", "headers", "headers"),
        ("a", "cookies", "cookies"),
        ("a", "values", "args"),
    ],
)
def test_location_is_the_only_one_looked_into(name, location, value):
    assert parsed((name, {"location": location}), **EVERYWHERE) == {name: value}


@pytest.mark.parametrize(
    ("locations", "value"),
    [
        (["args", "form"], "form"),
        (["form", "args"], "args"),
        (["args", "form", "cookies"], "cookies"),
        (("cookies", "json"), "cookies"),
        (["json", "values"], "args"),
        (["files", "view_args", "args"], "args"),
        (["args", "files"], "args"),
    ],
)
def test_later_location_has_precedence(locations, value):
    assert parsed(("a", {"location": locations}), **EVERYWHERE) == {"a": value}


def test_later_location_has_precedence_over_a_body_too():
    assert parsed(("a", {"location": ["args", "json"]}), url="/?a=args", json={"a": "json"}) == {"a": "json"}
    assert parsed(("a", {"location": ["json", "args"]}), url="/?a=args", json={"a": "json"}) == {"a": "args"}


def test_append_takes_from_every_location_in_their_order():
    append = {"action": "append", "location": ["args", "form", "cookies"]}

    assert parsed(("a", append), **EVERYWHERE) == {"a": ["args", "form", "cookies"]}


def test_file_is_of_the_files_location():
    parser = parser_of(("f", {"type": FileStorage, "location": "files", "required": True}))
    app = Flask("files")

    class Upload(Resource):
        def post(self):
            return {"name": parser.parse_args()["f"].filename, "text": parser.parse_args()["f"].read().decode()}

    Api(app).add_resource(Upload, "/")
    answer = app.test_client().post("/", data={"f": (io.BytesIO(b"hello"), "f.txt")})

    assert answer.get_json() == {"name": "f.txt", "text": "hello"}
    assert app.test_client().post("/", data={"f": "hello"}).status_code == 400


def test_view_arguments_are_a_location():
    app, parser = Flask("view"), parser_of(("number", {"location": "view_args", "type": int}))

    class Item(Resource):
        def get(self, number):
            return parser.parse_args()

    Api(app).add_resource(Item, "/<number>")

    assert app.test_client().get("/7").get_json() == {"number": 7}


# What an argument asks


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Missing required parameter in the JSON body or the post body or the query string"),
        ({"location": "args"}, "Missing required parameter in the query string"),
        ({"location": ["form", "cookies"]}, "Missing required parameter in the post body or the request's cookies"),
        ({"help": "Who is it?"}, "Who is it?"),
        ({"help": "Who? ({error_msg})", "location": "json"}, "Who? (Missing required parameter in the JSON body)"),
    ],
)
def test_required_argument_that_is_missing_is_told(options, message):
    assert refused(("name", {"required": True, **options}), json={"other": 1}) == {"name": message}


@pytest.mark.parametrize("help_", ["one of {a, b}", "{0}", "{", "{error_msg.x}", "{error_msg!x}"])
def test_help_may_have_braces_of_its_own(help_):
    assert refused(("a", {"type": int, "help": help_}), json={"a": "x"})["a"].startswith(help_[:1])


def test_help_with_braces_still_tells_the_error():
    message = refused(("a", {"choices": ("x",), "help": "{x}: {error_msg}"}), json={"a": "y"})

    assert message == {"a": "{x}: y is not a valid choice"}


def test_value_that_its_type_refuses_is_told():
    assert refused(("n", {"type": int}), json={"n": "x"}) == {"n": "invalid literal for int() with base 10: 'x'"}
    assert refused(("n", {"type": inputs.positive}), json={"n": 0}) == {
        "n": "Invalid n: 0. n must be a positive integer"
    }


def test_value_that_its_type_refuses_may_be_ignored():
    assert parsed(("n", {"type": int, "ignore": True, "default": 3}), json={"n": "x"}) == {"n": 3}


@every_format
def test_append_gives_a_list_of_one_or_more(format_):
    append = ("a", {"action": "append"})

    assert parsed(append, data=format_.encode({"a": "x"}), content_type=format_.mediatype) == {"a": ["x"]}
    assert parsed(append, url="/?a=x&a=y", method="GET") == {"a": ["x", "y"]}
    assert parsed(append, data={"a": ["x", "y"]}) == {"a": ["x", "y"]}
    assert parsed(("a", {"action": "append", "type": int}), json={"a": [1, "2"]}) == {"a": [1, 2]}


@either_location
@pytest.mark.parametrize("value", [[], ["ab", "cd"], ["ab"], [["ab"], []]], ids=str)
def test_list_in_a_body_is_one_value(value, options):
    assert parsed(("a", {"type": list, **options}), json={"a": value}) == {"a": value}


def test_dest_names_the_value():
    assert parsed(("a", {"dest": "b"}), json={"a": "1"}) == {"b": "1"}


def test_choices_are_the_values_that_are_taken():
    choices = ("a", {"choices": ("x", "y")})

    assert parsed(choices, json={"a": "x"}) == {"a": "x"}
    assert parsed(choices, json={}) == {"a": None}
    assert refused(choices, json={"a": "z"}) == {"a": "z is not a valid choice"}


def test_choices_without_case_are_taken_in_any():
    assert parsed(("a", {"choices": ("One", "TWO"), "case_sensitive": False}), json={"a": "OnE"}) == {"a": "one"}


def test_choices_that_are_numbers_have_no_case():
    numbers = {"type": int, "choices": (1, 2), "case_sensitive": False}

    assert parsed(("a", numbers), url="/?a=2") == {"a": 2}
    assert refused(("a", numbers), url="/?a=3") == {"a": "3 is not a valid choice"}


@pytest.mark.parametrize("choices", [(), (1, 2), range(3), tuple(range(9)), list("abcdefgh"), {"a", "b"}])
def test_argument_can_be_written(choices):
    argument = reqparse.Argument("a", choices=choices)

    assert str(argument).startswith("Name: a, type: ")
    assert repr(argument).startswith("Argument('a'")


def test_many_choices_are_written_short():
    assert str(reqparse.Argument("a", choices=tuple(range(9)))).endswith("choices: [0, 1, 2, '...', 8]")


def test_trim_is_of_a_parser_or_of_an_argument():
    assert parsed("a", json={"a": " x "}) == {"a": " x "}
    assert parsed(("a", {"trim": True}), json={"a": " x "}) == {"a": "x"}
    assert parsed("a", json={"a": " x "}, options={"trim": True}) == {"a": "x"}
    assert parsed(("a", {"trim": False}), json={"a": " x "}, options={"trim": True}) == {"a": " x "}


def test_trim_is_of_an_argument_that_is_ready_too():
    parser = reqparse.RequestParser(trim=True).add_argument(reqparse.Argument("a"))

    assert make_app(parser).test_client().post("/", json={"a": " x "}).get_json() == {"a": "x"}


@every_format
def test_strict_parser_refuses_what_it_does_not_know(format_):
    request = {"data": format_.encode(RECORD), "content_type": format_.mediatype, "strict": True}

    assert parsed("name", "code", **request) == RECORD
    assert refused("name", **request) == "Unknown arguments: code"


def test_strict_parser_looks_into_query_and_form():
    assert refused("a", url="/?a=1&b=2", method="GET", strict=True) == "Unknown arguments: b"
    assert refused("a", url="/?a=1", data={"c": "3"}, strict=True) == "Unknown arguments: c"
    assert parsed("a", url="/?a=1", method="GET", strict=True) == {"a": "1"}


def test_default_stands_for_what_is_missing():
    assert parsed(("a", {"default": 7}), ("b", {"default": lambda: [8]}), json={}) == {"a": 7, "b": [8]}
    assert parsed(("a", {"default": 7}), json={"a": "x"}) == {"a": "x"}
    assert parsed(("a", {"default": 7}), json={"a": None}) == {"a": None}


def test_missing_argument_may_be_left_out():
    assert parsed("a", ("b", {"store_missing": False}), json={}) == {"a": None}


@every_format
def test_null_is_a_value_unless_it_is_refused(format_):
    request = {"data": format_.encode({"a": None, "b": "x"}), "content_type": format_.mediatype}

    assert parsed(("a", {"type": int}), **request) == {"a": None}
    assert refused(("a", {"nullable": False}), **request) == {"a": "Must not be null!"}


def test_operators_are_of_the_name():
    operators = {"operators": ("<=", "="), "action": "append"}

    assert parsed(("a", operators), url="/?a%3C=1&a=2") == {"a": ["1", "2"]}


def test_nested_parser_reads_what_another_has_parsed():
    app, outer = Flask("nested"), parser_of(("address", {"type": dict, "location": "json"}))
    inner = parser_of(("city", {"location": "address", "required": True}))

    class Nested(Resource):
        def post(self):
            return inner.parse_args(req=outer.parse_args())

    Api(app).add_resource(Nested, "/")

    assert app.test_client().post("/", json={"address": {"city": "Oslo"}}).get_json() == {"city": "Oslo"}
    assert app.test_client().post("/", json={"address": {}}).status_code == 400


# Errors

WRONG = [("n", {"type": int}), ("m", {"required": True, "help": "m it is"}), ("c", {"choices": ("x",)})]
TOLD = {"n": "invalid literal for int() with base 10: 'a'", "m": "m it is", "c": "z is not a valid choice"}


def test_first_error_alone_is_told_unless_errors_are_bundled():
    assert refused(*WRONG, json={"n": "a", "c": "z"}) == {"n": TOLD["n"]}
    assert refused(*WRONG, json={"n": "a", "c": "z"}, options={"bundle_errors": True}) == TOLD


def test_errors_are_bundled_where_the_application_says_so():
    app = make_app(parser_of(*WRONG))
    app.config["BUNDLE_ERRORS"] = True

    assert app.test_client().post("/", json={"n": "a", "c": "z"}).get_json() == {"message": TOLD}


@pytest.mark.parametrize(
    "error", [TypeError("no"), KeyError("no"), ZeroDivisionError("no"), RuntimeError("no")], ids=repr
)
def test_bundled_error_of_any_class_is_an_error(error):
    def refuse(value):
        raise error

    message = refused(("a", {"type": refuse}), "b", json={"a": 1, "b": 2}, options={"bundle_errors": True})

    assert message == {"a": str(error)}


@every_format
def test_error_comes_in_the_format_asked_for(format_):
    app = make_app(parser_of(*WRONG, bundle_errors=True))
    answer = app.test_client().post("/", json={"n": "a", "c": "z"}, headers={"Accept": format_.mediatype})
    told = format_.decode(answer.get_data())

    assert (answer.status_code, answer.mimetype) == (400, format_.mediatype)
    assert told == ([{"message": TOLD}] if format_.tabular else {"message": TOLD})


# Parsers that are made of others


def test_copy_is_a_parser_of_its_own():
    first = parser_of("a", trim=True, bundle_errors=True)
    second = first.copy().add_argument("b").replace_argument("a", type=int)

    assert [argument.name for argument in first.args] == ["a"]
    assert (first.args[0].type, second.trim, second.bundle_errors) == (reqparse.Argument("a").type, True, True)
    assert make_app(second).test_client().post("/", json={"a": 1, "b": " x "}).get_json() == {"a": 1, "b": "x"}
    assert make_app(first).test_client().post("/", json={"a": " 1 "}).get_json() == {"a": "1"}


def test_argument_may_be_replaced_or_removed():
    parser = parser_of("a", "b", ("c", {"required": True}))
    parser.replace_argument("b", location="args", required=True).remove_argument("c").remove_argument("z")
    client = make_app(parser).test_client()

    assert client.post("/?b=2", json={"a": "1"}).get_json() == {"a": "1", "b": "2"}
    assert client.post("/", json={"a": "1", "b": "2"}).status_code == 400


def test_subclasses_of_argument_parser_and_namespace_are_used():
    class Shouted(reqparse.Argument):
        def convert(self, value, op):
            return super().convert(value, op).upper()

    class Marked(reqparse.Namespace):
        pass

    class Parser(reqparse.RequestParser):
        def __init__(self, *args, **kwargs):
            super().__init__(*(args or (Shouted, Marked)), **kwargs)

    app, parser = Flask("subclasses"), Parser().add_argument("a").copy()
    with app.test_request_context("/", method="POST", json={"a": "x"}):
        arguments = parser.parse_args()

    assert (type(arguments), arguments.a) == (Marked, "X")


def test_namespace_has_attributes():
    with Flask("namespace").test_request_context("/?a=1"):
        arguments = parser_of("a").parse_args()
        arguments.b = 2

    assert (arguments.a, arguments["b"]) == ("1", 2)
    with pytest.raises(AttributeError):
        _ = arguments.c


# Without an Api


def plain_app(parser):
    app = Flask("plain")

    @app.route("/", methods=["GET", "POST"])
    def view():
        return parser.parse_args()

    return app


@either_location
@every_format
def test_plain_view_reads_every_format(format_, options):
    client = plain_app(parser_of(("name", options))).test_client()
    body = format_.encode([RECORD] if format_.tabular else RECORD)

    assert client.post("/", data=body, content_type=format_.mediatype).get_json() == {"name": "Åse"}


def test_plain_view_reads_query_and_forms():
    client = plain_app(parser_of("name")).test_client()

    assert client.get("/?name=x").get_json() == {"name": "x"}
    assert client.post("/", data={"name": "x"}).get_json() == {"name": "x"}
    assert client.post("/", data={"name": "x"}, content_type="multipart/form-data").get_json() == {"name": "x"}


def test_plain_view_answers_errors_with_their_status():
    client = plain_app(parser_of(("n", {"type": int}))).test_client()

    assert client.post("/", json={"n": "x"}).status_code == 400
    assert client.post("/", json=[1]).status_code == 400
    assert client.post("/", data="{", content_type="application/json").status_code == 400
    assert client.post("/", data="x", content_type="text/plain").status_code == 415


def test_resource_of_flask_restful_reads_every_format():
    app = make_app(parser_of("name"), flask_restful.Api, flask_restful.Resource)

    for format_ in READABLE:
        answer = app.test_client().post("/", data=format_.encode(RECORD), content_type=format_.mediatype)
        assert answer.get_json() == {"name": "Åse"}


# Beside Flask-RESTful's own

JSON_BODIES = [
    {},
    {"a": "x"},
    {"a": 1, "b": "2"},
    {"a": None},
    {"a": True, "b": 1.5},
    {"a": {"c": 1}},
    {"a": "é ", "b": ""},
]
OPTIONS = [
    *({}, {"type": int}, {"type": dict}, {"required": True}, {"required": True, "help": "wrong: {error_msg}"}),
    *(
        {"default": 5},
        {"dest": "z"},
        {"choices": ("x", "1")},
        {"action": "append"},
        {"action": "split"},
        {"trim": True},
    ),
    *({"nullable": False}, {"store_missing": False}, {"ignore": True, "type": int}, {"type": inputs.boolean}),
    *({"case_sensitive": False, "choices": ("X", "y")},),
]


def assert_same(arguments, requests, **options):
    """Flask-RESTful and this package give the same answers."""
    theirs = make_app(
        parser_of(*arguments, module=flask_restful.reqparse), flask_restful.Api, flask_restful.Resource, **options
    )
    ours = make_app(parser_of(*arguments), **options)
    for request in requests:
        expected, answer = (app.test_client().post(**request) for app in (theirs, ours))
        assert (answer.status_code, answer.get_json()) == (expected.status_code, expected.get_json())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("location", [None, "json", ("json",), "args", ["args", "cookies"]], ids=str)
@pytest.mark.parametrize("options", OPTIONS, ids=named)
def test_json_body_is_parsed_as_flask_restful_does(options, location, strict):
    place = {"location": location} if location else {}
    requests = [{"path": "/?a=q&b=7", "json": body} for body in JSON_BODIES]

    assert_same([("a", {**options, **place}), ("b", place)], requests, strict=strict)


@pytest.mark.parametrize("location", ["form", "values", ["args", "form"]], ids=str)
@pytest.mark.parametrize("options", OPTIONS, ids=named)
def test_form_is_parsed_as_flask_restful_does(options, location):
    bodies = ({}, {"a": "x"}, {"a": "1", "b": ["2", "3"]}, {"a": ["x", "1"]}, {"a": " "})
    requests = [{"path": "/?c=7", "data": body} for body in bodies]

    assert_same([("a", {**options, "location": location}), ("b", {"location": location})], requests)


def test_strict_parser_lets_the_format_be_chosen():
    app = Flask("app")
    parser = reqparse.RequestParser().add_argument("rate", type=int)
    api = Api(app)
    api.add_resource(type("Rate", (Resource,), {"get": lambda self: parser.parse_args(strict=True)}), "/")

    assert app.test_client().get("/?rate=3&format=csv").text == "rate\r\n3\r\n"
    assert app.test_client().get("/?rate=3&other=4&format=csv").status_code == 400
