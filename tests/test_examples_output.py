"""What the examples answer in JSON, to the character: what the documents they come from show, or better."""

import json
import logging
from io import BytesIO

import pytest
import test_examples
from test_examples import ADA, TEST, Ask

load = test_examples.load  # a fixture

NEW_YORK = {"city": "New York", "state": "NY", "zip": "10468"}
USER_LINKS = {"friends": "http://localhost/Users/1/Friends", "posts": "http://localhost/Users/1/Posts"}

ANSWERS = [
    (Ask("minimal", "GET /"), {"hello": "world"}),
    (Ask("todo_simple", "PUT /todo1", form={"data": "Remember the milk"}), {"todo1": "Remember the milk"}),
    (Ask("todo_simple", "GET /todo1"), {"todo1": "Remember the milk"}),
    (Ask("todo_simple", "PUT /todo2", form={"data": "Change my brakepads"}), {"todo2": "Change my brakepads"}),
    (Ask("todo_simple", "GET /todo2", 404), {"message": "Todo todo2 doesn't exist"}),
    (Ask("responses", "GET /todo1"), {"task": "Hello world"}),
    (Ask("responses", "GET /todo2", 201), {"task": "Hello world"}),
    (Ask("responses", "GET /todo3", 201), {"task": "Hello world"}),
    (Ask("endpoints", "GET /"), {"hello": "world"}),
    (Ask("endpoints", "GET /hello"), {"hello": "world"}),
    (Ask("endpoints", "GET /todo/7"), {"todo_id": 7, "uri": "/todo/7"}),
    (Ask("endpoints", "GET /foo"), "Hello, World!"),
    (Ask("endpoints", "GET /special/foo"), {"message": "Hello, special World!", "elsewhere": "/foo"}),
    (
        Ask("todo", "GET /todos"),
        {"todo1": {"task": "build an API"}, "todo2": {"task": "?????"}, "todo3": {"task": "profit!"}},
    ),
    (Ask("todo", "GET /todos/todo3"), {"task": "profit!"}),
    (Ask("todo", "POST /todos", 201, form={"task": "something new"}), {"task": "something new"}),
    (Ask("todo", "PUT /todos/todo3", 201, form={"task": "something different"}), {"task": "something different"}),
    (Ask("todo", "GET /todos/todo4", 404), {"message": "Todo todo4 doesn't exist"}),
    (Ask("parsing", "POST /rate", form={"rate": "3", "name": "bob", "other": "x"}), {"rate": 3, "name": "bob"}),
    (Ask("parsing", "GET /rate"), {"rate": None, "name": None}),
    (
        Ask("parsing", "POST /rate", 400, form={"rate": "foo"}),
        {"message": {"rate": "Rate cannot be converted: invalid literal for int() with base 10: 'foo'"}},
    ),
    (Ask("parsing", "GET /required", 400), {"message": {"name": "Name cannot be blank!"}}),
    (Ask("parsing", "POST /names", form={"name": ["bob", "sue", "joe"]}), {"name": ["bob", "sue", "joe"]}),
    (Ask("parsing", "GET /renamed?name=bob"), {"public_name": "bob"}),
    (Ask("parsing", "GET /strict?rate=3&rat=4", 400), {"message": "Unknown arguments: rat"}),
    (Ask("parsing", "GET /strict?rate=3&format=json"), {"rate": 3, "name": None}),
    (Ask("parsing", "GET /options"), {"size": "small", "tags": None, "pages": None}),
    (
        Ask("parsing", "GET /options?size=LARGE&tags=a&tags=b&pages=many&note=+hi+"),
        {"size": "large", "tags": ["a", "b"], "pages": None, "note": "hi"},
    ),
    (
        Ask(
            "locations",
            "POST /?name=query&PageSize=9",
            form={"name": "form", "PageSize": "1"},
            headers={"User-Agent": "Browser"},
        ),
        {"name": "form", "PageSize": 9, "User-Agent": "Browser", "session_id": None, "picture": None},
    ),
    (Ask("locations", "GET /text?text=query", headers={"text": "header"}), {"text": "query"}),
    (Ask("locations", "GET /text", headers={"text": "header"}), {"text": "header"}),
    (Ask("parser_inheritance", "GET /parent?foo=1&bar=2"), {"foo": 1}),
    (Ask("parser_inheritance", "GET /copy?foo=1&bar=2"), {"foo": 1, "bar": 2}),
    (Ask("parser_inheritance", "GET /removed?foo=1&bar=2"), {"bar": 2}),
    (Ask("marshalling", "GET /todo/my_todo"), {"task": "Remember the milk", "uri": "/todo/my_todo"}),
    (Ask("marshalling", "GET /numbers"), [1, 2, 3]),
    (
        Ask("marshalling", "GET /profile"),
        {
            "resource": {
                "name": "Ada",
                "address": "12 St James's Square",
                "date_updated": "Sun, 01 Jan 2012 12:00:00 -0000",
            }
        },
    ),
    (Ask("fields", "GET /renamed"), {"name": "bob", "shouted": "BOB", "address": "New York"}),
    (Ask("fields", "GET /default"), {"name": "Anonymous User", "address": None}),
    (
        Ask("fields", "GET /types"),
        {
            "string": "5",
            "formatted": "Hello Doug",
            "integer": 5,
            "float": 0.1,
            "arbitrary": "634271127864378216478362784632784678324.23432",
            "fixed": "3.14",
            "price": "9.99000",
            "boolean": False,
            "rfc822": "Sun, 01 Jan 2012 12:00:00 -0000",
            "iso8601": "2012-01-01T12:00:00+00:00",
            "list": [1, 2],
            "raw": {"as": "it is"},
        },
    ),
    (
        Ask("custom_fields", "GET /messages"),
        [
            {"name": "lunch", "all_caps_name": "LUNCH", "priority": "Normal", "status": "Read"},
            {"name": "fire", "all_caps_name": "FIRE", "priority": "Urgent", "status": "Unread"},
        ],
    ),
    (
        Ask("links", "GET /todos/1"),
        {
            "name": "milk",
            "uri": "/todos/1",
            "absolute_uri": "http://localhost/todos/1",
            "https_uri": "https://localhost/todos/1",
        },
    ),
    (
        Ask("structures", "GET /complex"),
        {"name": "bob", "address": {"line 1": "123 fake street", "line 2": "", **NEW_YORK}},
    ),
    (Ask("structures", "GET /list"), {"name": "Bougnazal", "first_names": ["Emile", "Raoul"]}),
    (
        Ask("structures", "GET /nested"),
        {
            "name": "bob",
            "billing_address": {"line 1": "123 fake street", "line 2": None, **NEW_YORK},
            "shipping_address": {"line 1": "555 nowhere", "line 2": None, **NEW_YORK},
        },
    ),
    (Ask("structures", "GET /absent"), {"all_null": {"city": None}, "null": None, "default": {}}),
    (
        Ask("representation_by_decorator", "GET /cities"),
        [{"name": "Windhoek", "people": 268132}, {"name": "Rundu", "people": 58172}],
    ),
    (Ask("custom_inputs", "GET /?OddNumber=7"), {"OddNumber": 7, "Odd": None, "Status": None}),
    (Ask("custom_inputs", "GET /?OddNumber=8", 400), {"message": {"OddNumber": "Value is not odd"}}),
    (
        Ask("custom_inputs", "GET /?Odd=8", 400),
        {"message": {"Odd": "The parameter 'Odd' is not odd. You gave us the value: 8"}},
    ),
    *(
        (Ask("custom_inputs", f"GET /?Status={status}"), {"OddNumber": None, "Odd": None, "Status": number})
        for number, status in enumerate(("init", "in-progress", "completed"))
    ),
    (Ask("method_decorators", "GET /diary", 401), {"message": "Sign in, please."}),
    (Ask("method_decorators", "GET /diary", auth=ADA), {"entry": "The engine weaves algebraic patterns."}),
    (Ask("method_decorators", "GET /stamped"), {"letter": "Dear reader", "by": "The view"}),
    (
        Ask("errors", "POST /users", 409, form={"name": "ada"}),
        {"message": "A user with that username already exists.", "status": 409},
    ),
    (
        Ask("errors", "GET /users/2", 410),
        {"message": "A resource with that ID no longer exists.", "status": 410, "extra": "User 1 is still there."},
    ),
    (Ask("errors", "GET /crash", 500), {"message": "Internal Server Error"}),
    (
        Ask("user", "GET /Users/1"),
        {
            "id": 1,
            "username": "ada",
            "email": "ada@example.org",
            "user_priority": 4,
            "custom_greeting": "Hey there ada!",
            "date_created": "Sun, 01 Jan 2012 12:00:00 -0000",
            "date_updated": "Sun, 01 Jan 2012 12:00:00 -0000",
            "links": USER_LINKS,
        },
    ),
    (
        Ask("user", "POST /Users", 400, form={"username": "bob", "email": "bob"}),
        {"message": {"email": "The user's email: bob is not a valid email"}},
    ),
    (
        Ask("user", "POST /Users", 400, form={"username": "bob", "email": "bob@example.org", "user_priority": "5"}),
        {"message": {"user_priority": "The user's priority: 5 is not a valid choice"}},
    ),
    (Ask("server", "GET /api/helloworld"), {"status": 1, "message": "Hello World!"}),
    (
        Ask("server", "POST /api/create", 409, form={"name": "a", "password": "b"}),
        {"message": "The database exists already!"},
    ),
    (Ask("server", "GET /api/user", 401), {"message": "Unauthorized Access"}),
    (Ask("server", "GET /api/user", auth=TEST), {"users": [{"id": 1, "name": "test"}]}),
    (
        Ask("server", "POST /api/user", 201, form={"name": "1234", "password": "1234"}, auth=TEST),
        {"message": "Add User: 1234 finish!"},
    ),
]


@pytest.mark.parametrize(("ask", "data"), ANSWERS, ids=str)
def test_example_answers_this_json(load, ask, data):
    response = ask.answer(load(ask.name))
    assert (response.status_code, response.text) == (ask.status, json.dumps(data) + "\n")


@pytest.mark.parametrize(
    ("value", "interval"),
    [
        ("2013-01-01", ("2013-01-01T00:00:00", "2013-01-02T00:00:00")),
        ("2013-01-01T12", ("2013-01-01T12:00:00", "2013-01-01T13:00:00")),
        ("2013-01-01/2013-02-28", ("2013-01-01T00:00:00", "2013-02-28T00:00:00")),
        ("2013-01-01/P3D", ("2013-01-01T00:00:00", "2013-01-04T00:00:00")),
        ("2013-01-01T12:00/PT30M", ("2013-01-01T12:00:00", "2013-01-01T12:30:00")),
        ("2013-01-01T06:00/2013-01-01T12:00", ("2013-01-01T06:00:00", "2013-01-01T12:00:00")),
    ],
)
def test_interval_is_read_as_its_two_ends(load, value, interval):
    response = Ask("inputs", f"GET /?iso8601interval={value}").answer(load("inputs"))
    assert response.json == {"iso8601interval": [f"{end}+00:00" for end in interval]}


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("url", "http://example.org/a", "http://example.org/a"),
        ("regex", "abc", "abc"),
        ("natural", "0", 0),
        ("positive", "1", 1),
        ("int_range", "12", 12),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("date", "2013-01-01", "2013-01-01T00:00:00"),
        ("datetime_from_iso8601", "2012-01-01T23:30:00%2B02:00", "2012-01-01T23:30:00+02:00"),
        ("datetime_from_rfc822", "Wed, 02 Oct 2002 08:00:00 EST", "2002-10-02T13:00:00+00:00"),
    ],
)
def test_input_is_read(load, name, value, read):
    response = load("inputs").test_client().get(f"/?{name}={value}")
    assert response.json == {name: read}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("url", "example.org", "example.org is not a valid URL. Did you mean: http://example.org"),
        ("regex", "A1", "pattern"),
        ("natural", "-1", "non-negative integer"),
        ("positive", "0", "positive integer"),
        ("int_range", "13", "within the range 1 - 12"),
        ("boolean", "perhaps", "perhaps"),
        ("date", "2013-02-30", "2013-02-30|day"),
        ("datetime_from_iso8601", "noon", "noon"),
        ("datetime_from_rfc822", "noon", "noon"),
        ("iso8601interval", "noon", "noon"),
    ],
)
def test_input_is_refused_with_what_is_wrong(load, name, value, reason):
    response = load("inputs").test_client().get(f"/?{name}={value}")
    assert response.status_code == 400
    assert any(words in response.json["message"][name] for words in reason.split("|"))


# What is not in the body


def test_todo_is_created_at_a_url_of_its_own(load):
    client = load("todo").test_client()
    created = [client.post("/todos", data={"task": str(n)}).headers["Location"] for n in range(8)]
    assert created == [f"/todos/todo{n}" for n in range(4, 12)]
    assert client.get(created[-1]).json == {"task": "7"}


def test_todo_is_deleted(load):
    client = load("todo").test_client()
    gone = client.delete("/todos/todo2")
    assert (gone.status_code, gone.data, client.get("/todos/todo2").status_code) == (204, b"", 404)


@pytest.mark.parametrize(
    ("mediatype", "body"),
    [
        ("application/json", '{"task": "x"}'),
        ("application/yaml", "task: x\n"),
        ("application/xml", "<root><task>x</task></root>"),
        ("text/csv", "task\r\nx\r\n"),
    ],
)
def test_todo_is_read_in_every_format(load, mediatype, body):
    response = load("todo").test_client().post("/todos", data=body, content_type=mediatype)
    assert (response.status_code, response.json) == (201, {"task": "x"})


def test_headers_are_those_that_the_method_returns(load):
    assert Ask("responses", "GET /todo3").answer(load("responses")).headers["ETag"] == '"some-opaque-string"'


def test_picture_is_taken_from_the_files_and_the_session_from_a_cookie(load):
    client = load("locations").test_client()
    client.set_cookie("session_id", "s1")
    response = client.post("/", data={"picture": (BytesIO(b"hello"), "a.png")})
    assert response.json["picture"] == "a.png of 5 bytes"
    assert response.json["session_id"] == "s1"


def test_replaced_argument_is_read_from_the_body_alone(load):
    client = load("parser_inheritance").test_client()
    assert client.post("/replaced?foo=query", json={"foo": "body", "bar": 2}).json == {"bar": 2, "foo": "body"}
    assert client.post("/replaced?foo=query", json={}).status_code == 400


def test_random_number_is_another_each_time(load):
    client = load("custom_fields").test_client()
    assert client.get("/random").json["random"] != client.get("/random").json["random"]


@pytest.mark.parametrize(("name", "url"), [("method_decorators", "/diary"), ("server", "/api/user")])
def test_401_asks_for_credentials(load, name, url):
    response = Ask(name, f"GET {url}").answer(load(name))
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_exceptions_are_logged_and_not_told(load, caplog):
    app = load("errors")
    response = Ask("errors", "GET /crash").answer(app)
    assert "fire" not in response.text
    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == ["Got exception during processing: RuntimeError('The engine is on fire.')"]


@pytest.mark.parametrize("path", ["/nowhere", "/users/x", "/a/b.xml"])
def test_unknown_urls_are_answered_in_the_format_asked_for(load, path):
    response = Ask("errors", f"GET {path}").answer(load("errors"), "application/xml")
    assert (response.status_code, response.mimetype) == (404, "application/xml")


def test_created_user_has_its_own_links_and_is_found_by_them(load):
    client = load("user").test_client()
    user = client.post("/Users", json={"username": "bob", "email": "bob@example.org"}).json
    assert (user["id"], user["user_priority"], user["custom_greeting"]) == (2, 1, "Hey there bob!")
    assert client.get(user["links"]["friends"]).json == [{"username": "ada", "uri": "http://localhost/Users/1"}]
    assert client.get(user["links"]["posts"]).json == [{"text": "bob was here."}]


@pytest.mark.parametrize("missing", ["username", "email"])
def test_user_without_a_required_argument_is_refused(load, missing):
    whole = {"username": "bob", "email": "bob@example.org"}
    response = load("user").test_client().post("/Users", json={k: v for k, v in whole.items() if k != missing})
    assert response.status_code == 400
    assert response.json["message"][missing].startswith(f"The user's {missing}: Missing required parameter")


# The server


def test_server_says_that_there_is_no_database_yet(load):
    response = load("server").test_client().get("/api/user", auth=TEST)
    assert response.status_code == 503
    assert "POST /api/create" in response.json["message"]


def test_server_keeps_and_tells_no_password(load):
    app = load("server")
    client = app.test_client()
    client.post("/api/create", json={"name": "test", "password": "s3cret"})
    with app.app_context():
        database = app.extensions["sqlalchemy"]
        kept = [str(row) for row in database.session.execute(database.text('SELECT * FROM "user"'))]
        database.session.remove()
    assert len(kept) == 1
    assert "s3cret" not in kept[0]
    users = client.get("/api/user", auth=("test", "s3cret"))
    assert users.json == {"users": [{"id": 1, "name": "test"}]}


def test_server_makes_its_first_user_once(load):
    client = load("server").test_client()
    answers = [client.post("/api/create", json={"name": name, "password": "x"}) for name in ("first", "second")]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert client.get("/api/user", auth=("second", "x")).status_code == 401


@pytest.mark.parametrize("body", [{}, {"name": "a"}, {"name": "a:b", "password": "x"}, {"name": "a", "password": ""}])
def test_server_refuses_credentials_that_nobody_could_sign_in_with(load, body):
    response = load("server").test_client().post("/api/create?name=a&password=x", json=body)
    assert (response.status_code, list(response.json)) == (400, ["message"])
