"""Users as resources: who sees and changes what, in every format, and what happens when two do it at once."""

import re
from functools import partial

import msgpack
import pytest
from accounts_service import ADA, LI, ROOT, at_once, service, token
from sqlalchemy import select, update

from negotiate_api import DEFAULTS
from negotiate_api.service import user_store
from negotiate_api.service.accounts import ADMINISTRATOR, USER, Todo, User
from negotiate_api.service.errors import LastAdministrator, UserAlreadyExistsError
from negotiate_api.service.models import db

SUFFIXES = [format_.suffixes[0] for format_ in DEFAULTS]

BODIES = {
    "application/json": b'{"name": "grace", "password": "nanoseconds of wire"}',
    "application/yaml": b"name: grace\npassword: nanoseconds of wire\n",
    "application/xml": b"<root><name>grace</name><password>nanoseconds of wire</password></root>",
    "text/csv": b"name,password\r\ngrace,nanoseconds of wire\r\n",
    "text/tab-separated-values": b"name\tpassword\ngrace\tnanoseconds of wire\n",
    "application/x-ndjson": b'{"name": "grace", "password": "nanoseconds of wire"}\n',
    "application/vnd.msgpack": msgpack.packb({"name": "grace", "password": "nanoseconds of wire"}),
    "application/x-www-form-urlencoded": b"name=grace&password=nanoseconds+of+wire",
}

UNSEEN = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180d\u180f\u200b\u200d\u200f\u2060\ufe00\ufe0f\ufeff\U000e0100"

PASSWORDS = [
    ("short", "must have 8 to 200 characters"),
    ("x" * 201, "must have 8 to 200 characters"),
    ("abababab", "must have 4 different characters"),
    ("password", "tried first"),
    ("PassWord2024!", "tried first"),
    ("gracegrace", None),
    ("grace", "must have 8 to 200"),
    ("Grace12345", "is the name"),
    ("null\0byte", "control characters"),
    (12345678, "must be text"),
    (None, "is empty"),
]

NAMES = [
    ("", "has 0 characters"),
    ("x" * 201, "has 201 characters"),
    ("a:b", "must not hold a colon"),
    (" a", "has a space"),
    ("a  b", "has a space"),
    ("a\nb", "must not hold U+000A"),
    ("a\u202eb", "must not hold U+202E"),
    ("a😀", "must not hold U+1F600"),
    ("a" * 801, "has 801 characters"),
    *((f"ad{char}a", f"must not hold U+{ord(char):04X}") for char in UNSEEN),
    ("ad\u3164a", "must not hold U+1160"),
    ("ad\uffa0a", "must not hold U+1160"),
    (5, "must be text"),
]


pytestmark = pytest.mark.usefixtures("plain_environment")


def stored(app, model=User):
    with app.app_context():
        return list(db.session.scalars(select(model)))


# What is shown


def test_list_has_every_user_for_an_administrator(client):
    rows = client.get("/api/user", auth=ROOT).json
    assert [(row["id"], row["name"], row["role"], row["uri"]) for row in rows] == [
        (1, "root", "administrator", "/api/user/1"),
        (2, "ada", "user", "/api/user/2"),
        (3, "李雷", "user", "/api/user/3"),
    ]
    assert list(rows[0]) == ["id", "name", "role", "created", "uri"]


def test_list_has_the_own_user_for_others(client):
    assert [row["name"] for row in client.get("/api/user", auth=ADA).json] == ["ada"]


@pytest.mark.parametrize("path", ["/api/user", "/api/todos", "/api/tokens"])
def test_list_leads_people_to_each(client, path):
    client.post("/api/todos", auth=ROOT, json={"task": "x"})
    client.post("/api/tokens", auth=ROOT, json={"name": "x"})
    links = re.findall(rf'<td[^>]*><a href="({path}/[^".]+)"', client.get(f"{path}.html", auth=ROOT).text)
    assert links
    assert {client.get(link, auth=ROOT).status_code for link in links} == {200}


def test_list_is_paged_for_people(app, client):
    with app.app_context():
        db.session.add_all(User(name=f"user{number}", password_hash="") for number in range(100))
        db.session.commit()
    page = client.get("/api/user.html?page=2", auth=ROOT)
    assert "user97" in page.text
    assert "user96" not in page.text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_user_has_every_format(client, suffix):
    response = client.get(f"/api/user/3.{suffix}", auth=LI)
    assert response.status_code == 200
    data = msgpack.unpackb(response.data) if suffix == "msgpack" else response.text
    assert "李雷" in str(data)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("number", [1, 3, 99])
def test_user_that_is_not_shown_is_not_there(client, method, number):
    body = {"name": "mine", "password": "difference engine"}
    response = client.open(f"/api/user/{number}", method=method, auth=ADA, json=body)
    assert (response.status_code, response.json["message"]) == (404, f"There is no user '{number}'.")
    assert client.get("/api/user/1", auth=ROOT).json["name"] == "root"


# Adding


@pytest.mark.parametrize("mediatype", BODIES)
def test_user_is_added_by_a_body_in_any_format(client, mediatype):
    response = client.post("/api/user", auth=ROOT, data=BODIES[mediatype], content_type=mediatype)
    assert (response.status_code, response.headers["Location"]) == (201, "/api/user/4")
    assert response.json["message"] == "The user grace was added."
    assert client.get("/api/user", auth=("grace", "nanoseconds of wire")).json[0]["name"] == "grace"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_added_user_is_told_in_any_format(client, suffix):
    response = client.post(f"/api/user.{suffix}", auth=ROOT, json={"name": "grace", "password": "nanoseconds of wire"})
    assert response.status_code == 201
    assert b"grace" in response.data
    assert b"nanoseconds" not in response.data


def test_administrator_adds_administrators(client):
    body = {"name": "grace", "password": "nanoseconds of wire", "role": "administrator"}
    assert client.post("/api/user", auth=ROOT, json=body).json["role"] == "administrator"


def test_name_that_is_taken_is_409_in_the_words_of_the_documentation(client):
    response = client.post("/api/user.yaml", auth=ROOT, json={"name": "ada", "password": "nanoseconds of wire"})
    assert (response.status_code, response.mimetype) == (409, "application/yaml")
    assert "A user with that username already exists." in response.text


@pytest.mark.parametrize("name", ["ｇｒａｃｅ", "grace"])
def test_name_is_the_same_in_each_of_its_spellings(client, name):
    client.post("/api/user", auth=ROOT, json={"name": "grace", "password": "nanoseconds of wire"})
    body = {"name": name, "password": "nanoseconds of wire"}
    assert client.post("/api/user", auth=ROOT, json=body).status_code == 409
    assert client.get("/api/user", auth=(name, "nanoseconds of wire")).status_code == 200


def test_name_keeps_its_case(client):
    assert client.post("/api/user", auth=ROOT, json={"name": "Ada", "password": "nanoseconds of wire"}).json["id"] == 4


@pytest.mark.parametrize(("name", "reason"), NAMES, ids=[ascii(name)[:12] for name, _ in NAMES])
def test_name_that_cannot_be_is_400_saying_why(client, name, reason):
    response = client.post("/api/user", auth=ROOT, json={"name": name, "password": "nanoseconds of wire"})
    assert response.status_code == 400
    assert reason in response.json["fields"]["name"]


@pytest.mark.parametrize(("password", "reason"), PASSWORDS, ids=[ascii(password)[:12] for password, _ in PASSWORDS])
def test_password_that_is_weak_is_400_saying_why(client, password, reason):
    response = client.post("/api/user", auth=ROOT, json={"name": "grace", "password": password})
    assert response.status_code == (400 if reason else 201)
    if reason:
        assert reason in response.json["fields"]["password"]


@pytest.mark.parametrize("password", ["p" * 5 + "äß€ ", "correct horse battery staple", "密码是一个很长的句子"])
def test_password_of_any_characters_signs_in(client, password):
    assert client.post("/api/user", auth=ROOT, json={"name": "grace", "password": password}).status_code == 201
    assert client.get("/api/user", auth=("grace", password)).status_code == 200
    assert client.get("/api/user", auth=("grace", password[:-1])).status_code == 401


def test_body_that_lacks_a_field_is_400_naming_each(client):
    response = client.post("/api/user", auth=ROOT, json={})
    assert response.json["message"] == "name is missing; password is missing."


@pytest.mark.parametrize("field", ["id", "version", "password_hash", "created", "uri", "tokens"])
@pytest.mark.parametrize("user", [ROOT, ADA])
def test_field_that_is_not_declared_is_400_and_sets_nothing(client, user, field):
    mine = client.get("/api/user", auth=user).json[0]["uri"] if user is ADA else "/api/user/1"
    before = client.get(mine, auth=user).json
    response = client.patch(mine, auth=user, json={"name": "other", field: 7})
    assert response.status_code == 400
    assert "these can: name, password" in response.json["fields"][field]
    assert client.get(mine, auth=user).json == before


# Registration


def test_registration_is_for_administrators(client):
    body = {"name": "grace", "password": "nanoseconds of wire"}
    assert client.post("/api/user", json=body).status_code == 401
    assert client.post("/api/user", json=body, auth=ADA).status_code == 403
    assert client.post("/api/user", json=body, auth=ROOT).status_code == 201


def test_registration_that_is_open_is_for_everybody(tmp_path):
    with service(None, tmp_path, REGISTRATION="open") as app:
        client = app.test_client()
        assert client.post("/api/user", json={"name": "g", "password": "nanoseconds of wire"}).json["role"] == "user"
        refused = client.post("/api/user", json={"name": "h", "password": "nanoseconds", "role": "administrator"})
        assert refused.status_code == 400
        assert client.post("/api/user", json={}, auth=("ada", "wrong")).status_code == 401
        assert client.get("/api/user").status_code == 401


# Changing


def test_put_needs_name_and_password(client):
    assert client.put("/api/user/2", auth=ADA, json={"name": "lovelace"}).status_code == 400
    body = {"name": "lovelace", "password": "analytical engine"}
    assert client.put("/api/user/2", auth=ADA, json=body).json["name"] == "lovelace"
    assert client.get("/api/user/2", auth=("lovelace", "analytical engine")).status_code == 200


def test_patch_changes_what_it_names(client):
    assert client.patch("/api/user/2", auth=ADA, json={"name": "lovelace"}).json["name"] == "lovelace"
    assert client.get("/api/user/2", auth=("lovelace", ADA[1])).status_code == 200


def test_patch_that_names_nothing_is_400(client):
    response = client.patch("/api/user/2", auth=ADA, json={})
    assert (response.status_code, response.json["message"]) == (400, "the body has none of name, password.")


def test_changed_password_is_the_only_one_from_then_on(client):
    assert client.get("/api/user/2", auth=ADA).status_code == 200
    assert client.patch("/api/user/2", auth=ADA, json={"password": "analytical engine"}).status_code == 200
    assert client.get("/api/user/2", auth=ADA).status_code == 401
    assert client.get("/api/user/2", auth=("ada", "analytical engine")).status_code == 200


def test_password_is_forgotten_when_another_worker_changes_it(app, client):
    assert client.get("/api/user/2", auth=ADA).status_code == 200
    with app.app_context():
        user = db.session.get(User, 2)
        user.password_hash = db.session.get(User, 3).password_hash
        db.session.commit()
    assert client.get("/api/user/2", auth=ADA).status_code == 401


def test_name_changed_to_one_that_is_taken_is_409(client):
    assert client.patch("/api/user/2", auth=ADA, json={"name": "root"}).status_code == 409


def test_password_must_differ_from_the_name_it_has(client):
    client.patch("/api/user/2", auth=ADA, json={"name": "lovelace"})
    response = client.patch("/api/user/2", auth=("lovelace", ADA[1]), json={"password": "Lovelace1"})
    assert (response.status_code, "is the name" in response.json["message"]) == (400, True)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_role_is_for_administrators_to_change(client, method):
    body = {"name": "ada", "password": "analytical engine", "role": "administrator"}
    assert client.open("/api/user/2", method=method, auth=ADA, json=body).status_code == 400
    assert client.open("/api/user/2", method=method, auth=ROOT, json=body).json["role"] == "administrator"


def test_password_is_not_changed_with_a_token(client):
    headers = token(client, ADA, scope="write")
    response = client.patch("/api/user/2", headers=headers, json={"password": "analytical engine"})
    assert (response.status_code, 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]) == (403, True)
    assert client.patch("/api/user/2", headers=headers, json={"name": "lovelace"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/user", {"name": "grace", "password": "nanoseconds of wire"}),
        ("POST", "/api/user", {"name": "grace", "password": "nanoseconds of wire", "role": "administrator"}),
        ("PATCH", "/api/user/2", {"role": "administrator"}),
        ("PATCH", "/api/user/1", {"password": "nanoseconds of wire"}),
        ("PUT", "/api/user/2", {"name": "ada", "password": "nanoseconds of wire"}),
        ("DELETE", "/api/user/2", None),
    ],
)
@pytest.mark.parametrize("registration", ["closed", "open"])
def test_token_leaves_nothing_that_outlives_it(app, client, method, path, body, registration):
    app.config["REGISTRATION"] = registration
    headers = token(client, ROOT, scope="write")
    before = client.get("/api/user", auth=ROOT).json
    response = client.open(path, method=method, headers=headers, json=body)
    assert (response.status_code, 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]) == (403, True)
    assert client.get("/api/user", auth=ROOT).json == before


def test_token_of_an_administrator_renames(client):
    headers = token(client, ROOT, scope="write")
    assert client.patch("/api/user/2", headers=headers, json={"name": "lovelace"}).status_code == 200


def test_body_that_is_too_large_is_413(client):
    body = {"name": "grace", "password": "x" * 200_000}
    assert client.post("/api/user", auth=ROOT, json=body).status_code == 413


# Removing


def test_removed_user_is_gone_with_todos_and_tokens(app, client):
    client.post("/api/todos", auth=ADA, json={"task": "x"})
    headers = token(client, ADA)
    response = client.delete("/api/user/2", auth=ADA)
    assert (response.status_code, response.data) == (204, b"")
    assert client.get("/api/user", auth=ADA).status_code == 401
    assert client.get("/api/user", headers=headers).status_code == 401
    assert stored(app, Todo) == []


@pytest.mark.parametrize(("method", "body"), [("delete", None), ("patch", {"role": "user"})])
def test_last_administrator_stays(client, method, body):
    response = client.open("/api/user/1", method=method, auth=ROOT, json=body)
    assert (response.status_code, "last administrator" in response.json["message"]) == (409, True)
    client.patch("/api/user/2", auth=ROOT, json={"role": "administrator"})
    assert client.open("/api/user/1", method=method, auth=ROOT, json=body).status_code < 300


# At once


def outcome(app, function, *args):
    """What a function gives within an app's context, or the class of what it raises."""
    with app.app_context():
        try:
            return function(*args)
        except Exception as error:
            return type(error)


def unchecked(user):
    """Check nothing."""


def test_administrators_who_demote_each_other_leave_one(app):
    for _ in range(5):
        with app.app_context():
            db.session.execute(update(User).values(role=ADMINISTRATOR))
            db.session.commit()
        calls = (partial(outcome, app, user_store.change, n, {"role": USER}, unchecked) for n in (1, 2, 3))
        found = at_once(*calls)
        assert found.count(LastAdministrator) == 1
        assert [user.role for user in stored(app)].count(ADMINISTRATOR) == 1


def test_administrators_who_remove_each_other_leave_one(app):
    root, ada = app.test_client(), app.test_client()
    root.patch("/api/user/2", auth=ROOT, json={"role": "administrator"})
    answers = at_once(
        lambda: root.delete("/api/user/2", auth=ROOT).status_code,
        lambda: ada.delete("/api/user/1", auth=ADA).status_code,
    )
    assert [user.role for user in stored(app)].count(ADMINISTRATOR) == 1
    assert answers.count(204) == 1
    assert set(answers) - {204} <= {401, 404, 409}


def test_name_that_many_want_is_one_users(app):
    values = {"name": "grace", "password_hash": "x"}
    found = at_once(*[lambda: outcome(app, user_store.add, dict(values))] * 6)
    assert found.count(UserAlreadyExistsError) == 5
    assert [user.name for user in stored(app)].count("grace") == 1


def test_change_based_on_the_same_state_is_made_once(app):
    clients = [app.test_client() for _ in range(4)]
    tag = clients[0].get("/api/user/2", auth=ADA).headers["ETag"]
    answers = at_once(
        *(
            lambda client=client, number=number: (
                client.patch(
                    "/api/user/2", auth=ROOT, json={"name": f"ada{number}"}, headers={"If-Match": tag}
                ).status_code
            )
            for number, client in enumerate(clients)
        )
    )
    assert sorted(answers) == [200, 412, 412, 412]


def test_id_of_a_removed_user_is_given_to_no_other(client):
    for number in (4, 5):
        added = client.post("/api/user", auth=ROOT, json={"name": "grace", "password": "nanoseconds of wire"})
        assert added.json["id"] == number
        client.delete(f"/api/user/{number}", auth=ROOT)


def test_user_is_added_changed_and_removed_on_each_database(app):
    client = app.test_client()
    added = client.post("/api/user", auth=ROOT, json={"name": "Ádám", "password": "nanoseconds of wire"})
    assert client.get(added.headers["Location"], auth=ROOT).json["name"] == "Ádám"
    assert client.patch(added.headers["Location"], auth=ROOT, json={"name": "ádám"}).json["name"] == "ádám"
    assert client.delete(added.headers["Location"], auth=ROOT).status_code == 204
    assert client.get(added.headers["Location"], auth=ROOT).status_code == 404
