"""Tokens: what they allow, how far they reach, and that their secret is told once."""

from datetime import datetime, timedelta

import pytest
from accounts_service import ADA, LI, ROOT, service, token
from sqlalchemy import event, select

from negotiate_api import DEFAULTS
from negotiate_api.service.accounts import Token, now
from negotiate_api.service.models import db
from negotiate_api.service.sign_in import digest

SUFFIXES = [format_.suffixes[0] for format_ in DEFAULTS]

INVALID = 'Bearer realm="negotiate_api", error="invalid_token"'

INSUFFICIENT = 'Bearer realm="negotiate_api", error="insufficient_scope"'


pytestmark = pytest.mark.usefixtures("plain_environment")


def made(client, **fields):
    return client.post("/api/tokens", auth=ADA, json={"name": "laptop", **fields})


def test_token_is_made_and_its_secret_told_this_once(app, client):
    response = made(client)
    assert (response.status_code, response.headers["Location"]) == (201, "/api/tokens/1")
    assert list(response.json) == ["token", "id", "name", "scope", "created", "expires", "uri"]
    secret = response.json["token"]
    assert secret.startswith("nga_")
    assert len(secret) == 4 + 43
    for path in ("/api/tokens", "/api/tokens/1", "/api/user/2"):
        for suffix in SUFFIXES:
            shown = client.get(f"{path}.{suffix}", auth=ADA).data
            assert secret.encode() not in shown
            assert digest(secret).encode() not in shown


def test_token_is_kept_as_its_digest(app, client):
    secret = made(client).json["token"]
    with app.app_context():
        row = db.session.execute(select(Token.__table__)).one()
    assert digest(secret) == row.digest
    assert secret not in map(str, row)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_list_has_the_own_tokens_in_every_format(client, suffix):
    made(client)
    client.post("/api/tokens", auth=LI, json={"name": "desktop"})
    response = client.get(f"/api/tokens.{suffix}", auth=ADA)
    assert response.status_code == 200
    assert b"laptop" in response.data
    assert b"desktop" not in response.data


@pytest.mark.parametrize(
    ("mediatype", "body"),
    [
        ("application/yaml", "name: laptop\nscope: write\nexpires: P30D\n"),
        ("text/csv", "name,scope,expires\nlaptop,write,P30D\n"),
        ("application/xml", "<root><name>laptop</name><scope>write</scope><expires>P30D</expires></root>"),
        ("application/x-www-form-urlencoded", "name=laptop&scope=write&expires=P30D"),
    ],
)
def test_token_is_made_by_a_body_in_any_format(client, mediatype, body):
    response = client.post("/api/tokens", auth=ADA, data=body, content_type=mediatype)
    assert (response.status_code, response.json["scope"]) == (201, "write")


@pytest.mark.parametrize("who", [LI, ROOT])
@pytest.mark.parametrize("method", ["get", "delete"])
def test_token_of_another_is_not_there(client, who, method):
    headers = {"Authorization": f"Bearer {made(client).json['token']}"}
    assert client.open("/api/tokens/1", method=method, auth=who).status_code == 404
    assert client.get("/api/user", headers=headers).status_code == 200


# What it allows


def test_token_signs_in_with_no_password_hashed(app, client, monkeypatch):
    headers = token(client, ADA)
    monkeypatch.setattr("negotiate_api.service.hashing.check_password_hash", None)
    statements = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert client.get("/api/todos/todo1", headers=headers).status_code == 404
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


def test_token_for_reading_reads_only(client):
    headers = token(client, ADA, scope="read")
    assert client.get("/api/todos", headers=headers).status_code == 200
    assert client.head("/api/todos", headers=headers).status_code == 200
    for path in ("/api/todos", "/api/tokens", "/api/user"):
        response = client.post(f"{path}.xml", headers=headers, json={})
        assert (response.status_code, response.mimetype) == (403, "application/xml")
        assert response.headers.getlist("WWW-Authenticate") == [INSUFFICIENT]
    assert client.delete("/api/user/2", headers=headers).status_code == 403


def test_token_is_for_reading_where_nothing_else_is_said(client):
    assert made(client).json["scope"] == "read"


def test_token_for_writing_writes(client):
    headers = token(client, ADA, scope="write")
    assert client.post("/api/todos", headers=headers, json={"task": "x"}).status_code == 201


def test_token_of_an_administrator_administers(client):
    assert len(client.get("/api/user", headers=token(client, ROOT)).json) == 3
    assert client.get("/api/create", headers=token(client, ADA)).status_code == 403


def test_token_makes_none_that_reaches_further(client):
    writing = token(client, ADA, scope="write", expires="P2D")
    longer = {"name": "x", "expires": "P3D"}
    response = client.post("/api/tokens", headers=writing, json=longer)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (403, INSUFFICIENT)
    narrower = client.post("/api/tokens", headers=writing, json={"name": "x", "scope": "write", "expires": "PT1H"})
    assert narrower.status_code == 201
    assert (
        client.get("/api/tokens/1", auth=ADA).json["expires"]
        == (client.post("/api/tokens", headers=writing, json={"name": "x"}).json["expires"])
    )


# Until when


@pytest.mark.parametrize(
    ("given", "length"),
    [("P30D", timedelta(30)), ("PT8H", timedelta(hours=8)), (30, timedelta(30)), ("30", timedelta(30))],
)
def test_token_expires_after_a_time(client, given, length):
    response = made(client, expires=given)
    expires = datetime.fromisoformat(response.json["expires"])
    assert expires - datetime.fromisoformat(response.json["created"]) == length


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2999-01-31T12:00:00Z", "2999-01-31T12:00:00+00:00"),
        ("2999-01-31T12:00:00+02:00", "2999-01-31T10:00:00+00:00"),
        ("2999-01-31T12:00:00", "2999-01-31T12:00:00+00:00"),
    ],
)
def test_token_expires_at_a_time(client, given, kept):
    assert made(client, expires=given).json["expires"] == kept


@pytest.mark.parametrize(
    "given", ["soon", "2001-01-31T12:00:00Z", "-P1D", "P0D", 0, "P99999999Y", "P9999999999999D", "", [], None, True]
)
def test_token_that_expires_at_no_time_is_400(client, given):
    response = made(client, expires=given)
    assert (response.status_code, list(response.json["fields"])) == (400, ["expires"])


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "x" * 201), ("scope", "all"), ("user_id", 1), ("digest", "x")]
)
def test_field_that_is_wrong_is_400_naming_it(client, field, value):
    response = made(client, **{field: value})
    assert (response.status_code, list(response.json["fields"])) == (400, [field])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_token_that_has_expired_is_401_invalid_token(app, client, suffix):
    headers = token(client, ADA, expires="PT1H")
    assert client.get(f"/api/todos.{suffix}", headers=headers).status_code == 200
    with app.app_context():
        db.session.execute(select(Token)).scalar_one().expires = now()
        db.session.commit()
    response = client.get(f"/api/todos.{suffix}", headers=headers)
    assert (response.status_code, response.headers.getlist("WWW-Authenticate")[1]) == (401, INVALID)
    assert b"expired" in response.data


def test_token_that_is_revoked_is_401_invalid_token(client):
    headers = token(client, ADA, scope="write")
    assert client.delete("/api/tokens/1", headers=headers).status_code == 204
    response = client.get("/api/todos", headers=headers)
    assert (response.status_code, response.headers.getlist("WWW-Authenticate")[1]) == (401, INVALID)
    assert client.get("/api/tokens", auth=ADA).json == []
    assert client.delete("/api/tokens/1", auth=ADA).status_code == 404


def test_token_on_each_database(database_url, tmp_path):
    with service(database_url, tmp_path) as app:
        client = app.test_client()
        headers = token(client, LI, scope="write", expires="P1D")
        assert client.get("/api/user", headers=headers).json[0]["name"] == "李雷"
        assert client.get("/api/tokens.csv", headers=headers).text.startswith("id,name,scope,created,expires,uri\r\n1,")
        assert client.delete("/api/tokens/1", headers=headers).status_code == 204
        assert client.get("/api/user", headers=headers).status_code == 401
