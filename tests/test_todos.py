"""Todos: the documentation's example, kept, and each user's own; and what preconditions make of two who write."""

from functools import partial

import pytest
from accounts_service import ADA, LI, at_once
from sqlalchemy import select

from negotiate_api import DEFAULTS
from negotiate_api.publish import etags
from negotiate_api.service.accounts import Todo
from negotiate_api.service.app import create_app
from negotiate_api.service.models import db

SUFFIXES = [format_.suffixes[0] for format_ in DEFAULTS]


pytestmark = pytest.mark.usefixtures("plain_environment")


def posted(client, *tasks):
    return [client.post("/api/todos", auth=ADA, json={"task": task}).json["todo_id"] for task in tasks]


def put(client, todo_id, task, **fields):
    return client.put(f"/api/todos/{todo_id}", auth=ADA, json={"task": task}, headers=fields)


def tag(client, path="/api/todos/todo1"):
    return client.get(path, auth=ADA).headers["ETag"]


# As in the documentation


def test_todos_are_numbered_as_they_come(client):
    response = client.post("/api/todos", auth=ADA, data={"task": "build an API"})
    assert (response.status_code, response.headers["Location"]) == (201, "/api/todos/todo1")
    assert response.json == {"todo_id": "todo1", "task": "build an API", "uri": "/api/todos/todo1"}
    assert posted(client, "x", "y") == ["todo2", "todo3"]
    assert [row["todo_id"] for row in client.get("/api/todos", auth=ADA).json] == ["todo1", "todo2", "todo3"]


def test_todo_that_is_not_there_is_404_in_the_words_of_the_documentation(client):
    for method in ("get", "delete"):
        response = client.open("/api/todos/todo3", method=method, auth=ADA)
        assert (response.status_code, response.json["message"]) == (404, "Todo todo3 doesn't exist")


def test_put_adds_or_changes(client):
    assert put(client, "todo3", "something different").status_code == 201
    response = put(client, "todo3", "something else")
    assert (response.status_code, response.json["task"]) == (200, "something else")
    assert posted(client, "next") == ["todo4"]


def test_delete_removes(client):
    posted(client, "x")
    response = client.delete("/api/todos/todo1", auth=ADA)
    assert (response.status_code, response.data) == (204, b"")
    assert client.get("/api/todos", auth=ADA).json == []


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("path", ["/api/todos", "/api/todos/todo1", "/api/todos/todo2"])
def test_todos_have_every_format(client, path, suffix):
    posted(client, '买牛奶, "now" <or> later')
    response = client.get(f"{path}.{suffix}", auth=ADA)
    assert response.status_code == (404 if path.endswith("2") else 200)
    assert response.mimetype == next(format_.mediatype for format_ in DEFAULTS if suffix in format_.suffixes)


def test_todos_are_each_users_own(client):
    posted(client, "x")
    assert client.get("/api/todos", auth=LI).json == []
    for method in ("get", "delete"):
        assert client.open("/api/todos/todo1", method=method, auth=LI).status_code == 404
    assert client.put("/api/todos/todo1", auth=LI, json={"task": "y"}).status_code == 201
    assert client.get("/api/todos/todo1", auth=ADA).json["task"] == "x"


def test_todos_are_kept(accounts_url, client, tmp_path):
    posted(client, "x")
    other = create_app(accounts_url, tmp_path)
    assert other.test_client().get("/api/todos/todo1", auth=ADA).json["task"] == "x"
    with other.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("todo_id", ["shopping", "买牛奶", "a-b_c", "x" * 100])
def test_id_may_be_chosen(client, todo_id):
    response = put(client, todo_id, "x")
    assert response.status_code == 201
    assert client.get(response.headers["Location"], auth=ADA).json["todo_id"] == todo_id
    assert posted(client, "y") == ["todo1"]


@pytest.mark.parametrize("todo_id", ["a b", "a.b", "x" * 101, "a%00b", "%F0%9F%98%80"])
def test_id_that_cannot_be_is_400_to_put_and_404_to_get(client, todo_id):
    response = put(client, todo_id, "x")
    assert (response.status_code, "1 to 100 letters" in response.json["message"]) == (400, True)
    assert client.get(f"/api/todos/{todo_id}", auth=ADA).status_code == 404


@pytest.mark.parametrize("todo_id", ["todo0", "todo007", "todos", f"todo{10**18}", "Todo9"])
def test_id_that_is_no_number_of_ours_counts_for_nothing(client, todo_id):
    put(client, todo_id, "x")
    posted(client, "y")
    assert posted(client, "z") == ["todo2"]


@pytest.mark.parametrize("highest", [10**18 - 1, 10**18 - 2])
def test_id_that_has_none_after_it_stops_nobody(client, highest):
    put(client, f"todo{highest}", "x")
    put(client, "todo7", "x")
    found = posted(client, "a", "b", "c")
    assert found[-1] in ("todo9", "todo10")
    assert len(set(found)) == 3


def test_longest_task_is_taken_however_it_is_escaped(client):
    assert client.post("/api/todos", auth=ADA, json={"task": "😀" * 10_000}).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *(({}, "task"), ({"task": ""}, "task"), ({"task": "x" * 10_001}, "task"), ({"task": "a\0b"}, "task")),
        *(({"task": " "}, "task"), ({"task": "\t \u3000\n"}, "task")),
        *(({"task": None}, "task"), ({"task": 5}, "task"), ({"task": "x", "user_id": 1}, "user_id")),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("post", "/api/todos"), ("put", "/api/todos/todo1")])
def test_body_that_is_wrong_is_400_naming_the_field(client, method, path, body, field):
    response = client.open(path, method=method, auth=ADA, json=body)
    assert (response.status_code, list(response.json["fields"])) == (400, [field])


def test_task_keeps_its_lines_and_scripts(client):
    task = "one\n\ttwo  three\n买牛奶 😀 e\u0301"
    posted(client, task)
    assert client.get("/api/todos/todo1", auth=ADA).json["task"] == task


# Tags and preconditions


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tag_is_strong_and_the_formats_own(client, suffix):
    posted(client, "x")
    found = tag(client, f"/api/todos/todo1.{suffix}")
    assert found.startswith('"1-')
    assert (found == tag(client)) == (suffix == "json")


def test_client_that_has_it_gets_304(client):
    posted(client, "x")
    first = client.get("/api/todos/todo1", auth=ADA)
    for value in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"other", {first.headers["ETag"]}', "*"):
        response = client.get("/api/todos/todo1", auth=ADA, headers={"If-None-Match": value})
        assert (response.status_code, response.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control", "Content-Location"):
            assert response.headers[name] == first.headers[name]
    yaml = client.get("/api/todos/todo1.yaml", auth=ADA, headers={"If-None-Match": first.headers["ETag"]})
    assert yaml.status_code == 200


def test_tag_changes_with_what_is_shown(client):
    posted(client, "x")
    before = tag(client)
    put(client, "todo1", "y")
    assert tag(client) != before


def test_tag_of_another_todo_of_the_same_id_differs(client):
    posted(client, "x")
    before = tag(client)
    client.delete("/api/todos/todo1", auth=ADA)
    posted(client, "y")
    assert tag(client) != before
    assert put(client, "todo1", "z", **{"If-Match": before}).status_code == 412


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_if_match_takes_the_tag_of_any_format(client, suffix):
    posted(client, "x")
    read = tag(client, f"/api/todos/todo1.{suffix}")
    assert put(client, "todo1", "y", **{"If-Match": read}).status_code == 200
    refused = client.put(f"/api/todos/todo1.{suffix}", auth=ADA, json={"task": "z"}, headers={"If-Match": read})
    assert refused.status_code == 412
    assert refused.mimetype == next(format_.mediatype for format_ in DEFAULTS if suffix in format_.suffixes)
    assert client.get("/api/todos/todo1", auth=ADA).json["task"] == "y"


@pytest.mark.parametrize("method", ["put", "delete"])
@pytest.mark.parametrize("value", ['"1"', "W/{tag}", "nonsense", ",", '""', 'W/"*"'])
def test_if_match_that_does_not_hold_changes_nothing(client, method, value):
    posted(client, "x")
    headers = {"If-Match": value.format(tag=tag(client))}
    response = client.open("/api/todos/todo1", method=method, auth=ADA, json={"task": "y"}, headers=headers)
    assert response.status_code == 412
    assert client.get("/api/todos/todo1", auth=ADA).json["task"] == "x"


def test_if_match_any_asks_that_it_is_there(client):
    assert put(client, "todo1", "x", **{"If-Match": "*"}).status_code == 412
    posted(client, "x")
    assert put(client, "todo1", "y", **{"If-Match": "*"}).status_code == 200


def test_if_none_match_any_asks_that_it_is_not(client):
    assert put(client, "todo1", "x", **{"If-None-Match": "*"}).status_code == 201
    assert put(client, "todo1", "y", **{"If-None-Match": "*"}).status_code == 412
    assert client.get("/api/todos/todo1", auth=ADA).json["task"] == "x"


def test_if_match_of_a_read_is_heeded(client):
    posted(client, "x")
    response = client.get("/api/todos/todo1.yaml", auth=ADA, headers={"If-Match": '"1"'})
    assert (response.status_code, response.mimetype) == (412, "application/yaml")
    held = {"If-Match": tag(client)}
    assert client.get("/api/todos/todo1.yaml", auth=ADA, headers=held).status_code == 200


def test_precondition_comes_after_what_is_wrong_without_it(client):
    headers = {"If-Match": '"1"', "If-None-Match": "*"}
    assert client.get("/api/todos/todo1", headers=headers).status_code == 401
    assert client.delete("/api/todos/todo1", auth=ADA, headers=headers).status_code == 404


def test_answer_to_put_has_no_tag_as_it_is_not_what_was_sent(client):
    posted(client, "x")
    assert "ETag" not in put(client, "todo1", "y").headers
    assert "ETag" not in put(client, "todo2", "y").headers


def test_answer_to_post_has_the_tag_of_what_was_added(client):
    response = client.post("/api/todos", auth=ADA, json={"task": "x"})
    assert response.headers["ETag"] == tag(client)


def test_error_has_no_tag(client):
    assert "ETag" not in client.get("/api/todos/todo1", auth=ADA).headers


def test_state_tells_versions_and_content_apart():
    states = [etags.state({"a": 1}), etags.state({"a": 2}), etags.state({"a": 1}, 2)]
    assert len(set(states)) == 3
    assert etags.state({"a": 1, "b": 2}) == etags.state({"b": 2, "a": 1})


# At once


def test_todos_posted_at_once_get_ids_of_their_own(app):
    clients = [app.test_client() for _ in range(6)]
    clients[0].get("/api/todos", auth=ADA)
    found = at_once(*(partial(posted, client, "x", "y", "z") for client in clients))
    ids = [todo_id for some in found for todo_id in some]
    assert sorted(ids, key=lambda name: int(name[4:])) == [f"todo{number}" for number in range(1, 19)]


def test_todo_put_at_once_is_changed_once_where_all_had_read_the_same(app):
    clients = [app.test_client() for _ in range(4)]
    posted(clients[0], "x")
    for number in range(3):
        held = {"If-Match": tag(clients[0])}
        answers = at_once(*(partial(put, c, "todo1", f"{number}{n}", **held) for n, c in enumerate(clients)))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


def test_todo_put_at_once_is_added_once(app):
    clients = [app.test_client() for _ in range(4)]
    clients[0].get("/api/todos", auth=ADA)
    answers = at_once(*(partial(put, client, "mine", "x", **{"If-None-Match": "*"}) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]


def test_last_who_puts_wins_where_nobody_asks(app):
    clients = [app.test_client() for _ in range(4)]
    posted(clients[0], "x")
    answers = at_once(*(partial(put, client, "todo1", f"task {n}") for n, client in enumerate(clients)))
    assert [answer.status_code for answer in answers] == [200] * 4
    with app.app_context():
        assert db.session.execute(select(Todo.version)).scalar_one() == 5


def test_todos_of_every_script_on_each_database(app):
    client = app.test_client()
    assert put(client, "买牛奶", "😀 买牛奶").status_code == 201
    assert client.get("/api/todos.csv", auth=ADA).text.splitlines()[1].startswith("买牛奶,😀 买牛奶,")
    put(client, "A", "x"), put(client, "a", "y")
    assert client.get("/api/todos/A", auth=ADA).json["task"] == "x"
