"""inputs: the types of arguments, what each gives, and that each refuses in one way."""

import contextlib
import copy
import inspect
import re
from datetime import UTC, datetime

import flask_restful
import pytest
from flask import Flask
from flask_restful import inputs as theirs
from hypothesis import given
from hypothesis import strategies as st

from negotiate_api import Api, Resource, inputs, reqparse

FUNCTIONS = {
    "url": inputs.url,
    "regex": inputs.regex("^[0-9]+$"),
    "iso8601interval": inputs.iso8601interval,
    "date": inputs.date,
    "natural": inputs.natural,
    "positive": inputs.positive,
    "int_range": inputs.int_range(-5, 5),
    "boolean": inputs.boolean,
    "datetime_from_rfc822": inputs.datetime_from_rfc822,
    "datetime_from_iso8601": inputs.datetime_from_iso8601,
}
THEIRS = {**{name: getattr(theirs, name) for name in FUNCTIONS}, "regex": theirs.regex("^[0-9]+$")}
THEIRS["int_range"] = theirs.int_range(-5, 5)

every_function = pytest.mark.parametrize("name", FUNCTIONS)


def test_every_name_of_flask_restful_s_module_is_there():
    own = {name for name, value in vars(theirs).items() if getattr(value, "__module__", "") == theirs.__name__}
    public = {name for name in own if not name.startswith("_")} | {"START_OF_DAY", "END_OF_DAY", "url_regex"}

    assert public == set(inputs.__all__)


@every_function
def test_signature_is_flask_restful_s_with_types(name):
    ours, other = inspect.signature(getattr(inputs, name)), inspect.signature(getattr(theirs, name))

    assert list(ours.parameters) == list(other.parameters)
    assert all(parameter.annotation is not parameter.empty for parameter in ours.parameters.values())


@pytest.mark.parametrize("name", ["regex", "int_range"])
def test_class_is_one_of_flask_restful_s(name):
    assert issubclass(getattr(inputs, name), getattr(theirs, name))


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("url", "http://user:word@example.com:8000/a?b=c", "http://user:word@example.com:8000/a?b=c"),
        ("url", "https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("regex", "123", "123"),
        ("date", "2024-02-29", datetime(2024, 2, 29)),
        ("natural", "0", 0),
        ("natural", 7, 7),
        ("natural", 7.0, 7),
        ("positive", "1", 1),
        ("int_range", "-5", -5),
        ("int_range", 5, 5),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("boolean", True, True),
        ("boolean", False, False),
        ("datetime_from_rfc822", "Wed, 02 Oct 2002 08:00:00 EST", datetime(2002, 10, 2, 13, tzinfo=UTC)),
        ("datetime_from_iso8601", "2012-01-01T23:30:00+02:00", datetime(2012, 1, 1, 21, 30, tzinfo=UTC)),
        ("datetime_from_iso8601", "2012-01-01T23:30:00", datetime(2012, 1, 1, 23, 30)),
        ("iso8601interval", "2013-01-01", (datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 2, tzinfo=UTC))),
        (
            "iso8601interval",
            "2013-01-01T06:00+02:00/PT30M",
            (datetime(2013, 1, 1, 4, tzinfo=UTC), datetime(2013, 1, 1, 4, 30, tzinfo=UTC)),
        ),
    ],
    ids=str,
)
def test_value_is_read(name, value, result):
    assert FUNCTIONS[name](value) == result
    assert type(FUNCTIONS[name](value)) is type(result)


ODD = [None, "", "x", 0, -1, 1, 5, float("inf"), float("nan"), [], ["1"], {}, {"a": 1}, b"1", "1" * 5000]
ODD += ["9999-12-31", "9999-12-31T23:59:59", "0001-01-01T00:00+05:00", "-1", "T12/P1D", "2013-01-01/2013-01-02T12"]
ODD += ["2013-01-01T12:00Z/2013-01-02T00:00", "2013-01-01/P9999999D", "Wed, 02 Oct 99999 08:00:00 EST", "Wed, 1"]


@every_function
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:40])
def test_value_of_any_kind_is_read_or_refused_by_value_error(name, value):
    try:
        expected = THEIRS[name](value)
    except Exception:
        with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
            FUNCTIONS[name](value)
    else:
        assert FUNCTIONS[name](value) == expected


@pytest.mark.parametrize("name", ["natural", "positive", "int_range"])
def test_number_with_a_fraction_is_no_integer(name):
    with pytest.raises(ValueError, match=r"1\.5 is not a valid integer"):
        FUNCTIONS[name](1.5)


anything = st.one_of(
    st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.integers(), max_size=2)
)
dates = st.from_regex(r"\A[0-9T:/PWZYMDHS+-]{1,24}\Z")


@given(st.sampled_from(sorted(FUNCTIONS)), st.one_of(anything, dates))
def test_value_is_never_refused_by_another_error(name, value):
    with contextlib.suppress(ValueError):
        FUNCTIONS[name](value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("url", "google.com", "google.com is not a valid URL. Did you mean: http://google.com"),
        ("url", 5, "5 is not a valid URL"),
        ("regex", "a", 'Value does not match pattern: "^[0-9]+$"'),
        ("regex", 5, 'Value does not match pattern: "^[0-9]+$"'),
        ("date", "2024-02-30", "day is out of range for month"),
        ("date", 20240229, "20240229 is not a date of the form YYYY-MM-DD"),
        ("natural", "three", "three is not a valid integer"),
        ("natural", float("inf"), "inf is not a valid integer"),
        ("positive", 0, "Invalid argument: 0. argument must be a positive integer"),
        ("int_range", 6, "Invalid argument: 6. argument must be within the range -5 - 5"),
        ("int_range", 2.5, "2.5 is not a valid integer"),
        ("boolean", "yes", "Invalid literal for boolean(): yes"),
        ("boolean", 1, "Invalid literal for boolean(): 1"),
        ("boolean", None, "boolean type must be non-null"),
        ("datetime_from_rfc822", "soon", "'soon' is not a date of RFC 822"),
        ("datetime_from_iso8601", 5, "Date time must be string."),
        (
            "iso8601interval",
            "2013-01-01/2013-01-02T12",
            "Invalid argument: 2013-01-01/2013-01-02T12. argument must be a valid ISO8601 date/time interval.",
        ),
    ],
    ids=str,
)
def test_refusal_says_what_is_wrong(name, value, message):
    with pytest.raises(ValueError) as caught:
        FUNCTIONS[name](value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "function", [inputs.natural, inputs.positive, inputs.iso8601interval], ids=lambda f: f.__name__
)
def test_refusal_names_the_argument(function):
    with pytest.raises(ValueError, match="Invalid age: -1"):
        function("-1", argument="age")


def test_range_names_its_argument():
    with pytest.raises(ValueError, match=r"Invalid age: 9\. age must be within the range 1 - 5"):
        inputs.int_range(1, 5, "age")(9)


def test_regex_keeps_its_flags_in_a_copy():
    pattern = inputs.regex("^[A-Z]+$", re.IGNORECASE)

    assert copy.deepcopy(pattern)("abc") == "abc"
    assert copy.deepcopy(copy.deepcopy(pattern)).re.flags == pattern.re.flags
    assert type(copy.deepcopy(pattern)) is inputs.regex


def test_regex_keeps_its_flags_in_a_copy_of_a_parser():
    parser = reqparse.RequestParser()
    parser.add_argument("code", type=inputs.regex("^[a-z]+$", re.IGNORECASE), location="args")
    app = Flask("app")

    class Code(Resource):
        def get(self):
            return parser.copy().parse_args()

    Api(app).add_resource(Code, "/")

    assert app.test_client().get("/?code=ABC").json == {"code": "ABC"}
    assert app.test_client().get("/?code=123").status_code == 400


def test_regex_that_is_none_is_refused_when_it_is_made():
    with pytest.raises(re.error):
        inputs.regex("[")


def test_input_of_a_json_body_is_refused_with_its_message():
    parser = reqparse.RequestParser()
    parser.add_argument("born", type=inputs.date)
    app = Flask("app")

    class Born(Resource):
        def post(self):
            return parser.parse_args()

    Api(app).add_resource(Born, "/")
    response = app.test_client().post("/", json={"born": 20240229})

    assert (response.status_code, response.json) == (
        400,
        {"message": {"born": "20240229 is not a date of the form YYYY-MM-DD"}},
    )


def test_flask_restful_itself_is_left_alone():
    assert flask_restful.inputs.regex.__deepcopy__ is not inputs.regex.__deepcopy__
