"""Signing in: challenges, who may and who may not, what caches and other sites are told, and too many failures."""

import json
import logging
import re
import threading
import time
import unicodedata
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import product

import pytest
from accounts_service import ADA, LI, ROOT, service, token
from sqlalchemy import event, select
from werkzeug.security import check_password_hash

from negotiate_api import DEFAULTS
from negotiate_api.service import failures, hashing, passwords
from negotiate_api.service.accounts import Todo, Token, User
from negotiate_api.service.app import create_app
from negotiate_api.service.errors import Busy, Unusable
from negotiate_api.service.models import db
from negotiate_api.service.verified import Verified

SUFFIXES = [format_.suffixes[0] for format_ in DEFAULTS]

BASIC = 'Basic realm="negotiate_api", charset="UTF-8"'

PRIVATE = ["/api/user", "/api/user/1", "/api/tokens", "/api/tokens/1", "/api/todos", "/api/todos/todo1", "/api/create"]

OPEN = ["/", "/api/helloworld", "/api/convert", "/healthz", "/readyz"]

each_private = pytest.mark.parametrize("path", PRIVATE)


pytestmark = pytest.mark.usefixtures("plain_environment")


def challenges(response):
    return response.headers.getlist("WWW-Authenticate")


def basic(user):
    return b64encode(":".join(user).encode()).decode()


# Without credentials, or with wrong ones


@each_private
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
def test_private_resource_asks_for_credentials_by_each_scheme(client, path, method):
    response = client.open(path, method=method)
    if response.status_code != 405:
        assert response.status_code == 401
        assert challenges(response) == [BASIC, 'Bearer realm="negotiate_api"']


def test_every_route_is_private_but_those_that_are_known_to_be_open(app, client):
    paths = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/world/")}
    private = {re.sub(r"<.*>", "1", path) for path in paths} - set(OPEN)
    assert {path for path in private if client.get(path).status_code != 401} == set()


@pytest.mark.parametrize("path", OPEN)
def test_open_resource_asks_for_none(client, path):
    response = client.get(path, auth=("nobody", "wrong"))
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
    assert "Authorization" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("auth", [None, ("ada", "wrong password"), ("nobody", "wrong password")])
def test_refusal_is_told_in_the_format_asked_for(client, suffix, auth):
    response = client.get(f"/api/user.{suffix}", auth=auth)
    assert response.status_code == 401
    assert response.mimetype == next(format_.mediatype for format_ in DEFAULTS if suffix in format_.suffixes)
    assert (b"password is wrong" if auth else b"Sign in with a name and password") in response.data


def test_refusal_is_told_as_problem_details(client):
    response = client.get("/api/user", headers={"Accept": "application/problem+json"})
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert len(challenges(response)) == 2


def test_browser_is_asked_by_its_dialog(client):
    response = client.get("/api/user", headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert (response.status_code, response.mimetype, challenges(response)[0]) == (401, "text/html", BASIC)


def test_wrong_password_and_unknown_name_are_told_alike(client):
    wrong, unknown = (client.get("/api/user", auth=(name, "wrong password")) for name in ("ada", "nobody"))
    assert (wrong.status_code, wrong.data, wrong.headers) == (unknown.status_code, unknown.data, unknown.headers)


def test_unknown_name_costs_a_hash_as_dear_as_any(client, monkeypatch):
    seen = []
    monkeypatch.setattr(hashing, "check_password_hash", lambda stored, password: seen.append(stored))
    client.get("/api/user", auth=("nobody", "wrong password"))
    assert seen == [hashing.NOBODY]
    assert hashing.NOBODY.rpartition("$")[0].partition("$")[0] == hashing.METHOD


def test_hash_of_nobody_takes_as_long_and_matches_nothing():
    stored = hashing.hash_of("difference engine")
    assert check_password_hash(stored, "difference engine")
    times = {}
    for known in (stored, hashing.NOBODY):
        start = time.perf_counter()
        assert not check_password_hash(known, "wrong password")
        times[known] = time.perf_counter() - start
    assert 1 / 4 < times[stored] / times[hashing.NOBODY] < 4


@pytest.mark.parametrize(
    "credentials",
    [
        *("Basic", "Basic ", "Basic !!!!", "Basic YQ==", "Bearer", "Bearer ", "Digest username=ada", "nonsense", ""),
        *("Basic " + b64encode(b":").decode(), "Basic " + b64encode(b"a\0b:c").decode()),
        *("Basic " + b64encode(b"\xff\xfe:\xff").decode(), "Basic " + b64encode(b"x" * 5000 + b":y").decode()),
        f"Foo {basic(ADA)}",
        f"Bearer {basic(ADA)}",
    ],
    ids=lambda value: value[:16],
)
def test_credentials_that_are_none_are_401(client, credentials):
    assert client.get("/api/user", headers={"Authorization": credentials}).status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_scheme_is_known_in_any_case(client, scheme):
    assert client.get("/api/user", headers={"Authorization": f"{scheme} {basic(ADA)}"}).status_code == 200


def test_name_and_password_may_be_of_any_script(client):
    assert client.get("/api/user", auth=LI).json[0]["name"] == "李雷"


def test_credentials_in_the_url_are_none(client):
    assert client.get("/api/user?name=ada&password=difference engine").status_code == 401
    secret = token(client, ADA)["Authorization"].partition(" ")[2]
    assert client.get(f"/api/user?access_token={secret}").status_code == 401


def test_who_is_known_but_may_not_is_403_without_a_challenge(client):
    for suffix in SUFFIXES:
        response = client.get(f"/api/create.{suffix}", auth=ADA)
        assert (response.status_code, challenges(response)) == (403, [])
        assert b"administrators" in response.data


def test_options_asks_for_no_credentials(client):
    assert client.options("/api/user").status_code == 204


# Caches


@each_private
@pytest.mark.parametrize("auth", [None, ADA, ROOT])
def test_answer_that_depends_on_who_asks_is_kept_by_nobody(client, path, auth):
    response = client.get(path, auth=auth)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]


# Other sites


@pytest.mark.parametrize("fields", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
@pytest.mark.parametrize("mediatype", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None])
def test_form_of_another_site_is_refused(client, fields, mediatype):
    response = client.post("/api/todos.xml", auth=ADA, data="task=x", content_type=mediatype, headers=fields)
    assert (response.status_code, response.mimetype) == (403, "application/xml")
    assert client.get("/api/todos", auth=ADA).json == []


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost", "http://localhost:81"])
def test_form_of_another_origin_is_refused(client, origin):
    response = client.post("/api/todos", auth=ADA, data={"task": "x"}, headers={"Origin": origin})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "fields", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_form_of_this_site_is_taken(client, fields):
    assert client.post("/api/todos", auth=ADA, data={"task": "x"}, headers=fields).status_code == 201


def test_form_with_a_token_is_taken_as_no_browser_adds_one(client):
    headers = {**token(client, ADA, scope="write"), "Origin": "http://evil.example"}
    assert client.post("/api/todos", headers=headers, data={"task": "x"}).status_code == 201


def test_form_of_another_site_registers_nobody(tmp_path):
    with service(None, tmp_path, REGISTRATION="open") as app:
        client, form = app.test_client(), {"name": "grace", "password": "nanoseconds of wire"}
        for fields in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
            assert client.post("/api/user", data=form, headers=fields).status_code == 403
        assert client.post("/api/user", data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 201


@pytest.mark.parametrize("method", ["get", "delete"])
def test_preflight_gives_no_leave(client, method):
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": method.upper()}
    response = client.options("/api/user/1", headers=headers)
    assert not any(name.lower().startswith("access-control") for name, _ in response.headers)


# What is remembered


def test_password_is_hashed_once_for_many_requests(client, monkeypatch):
    seen = []
    monkeypatch.setattr(hashing, "check_password_hash", lambda *args: seen.append(args) or check_password_hash(*args))
    assert [client.get("/api/user", auth=ADA).status_code for _ in range(5)] == [200] * 5
    assert len(seen) == 1
    assert client.get("/api/user", auth=("ada", "wrong password")).status_code == 401


def test_password_is_hashed_once_for_requests_that_come_together(app, monkeypatch):
    clients = [app.test_client() for _ in range(8)]
    checked, all_checked, hashed = [], threading.Event(), []

    def noted(name):
        checked.append(name)
        if len(checked) == len(clients):
            all_checked.set()

    monkeypatch.setattr(failures, "check", noted)
    monkeypatch.setattr(hashing, "check_password_hash", lambda *args: hashed.append(args) or check_password_hash(*args))
    with ThreadPoolExecutor(len(clients)) as pool, hashing.turn(), hashing.turn():
        answers = pool.map(lambda client: client.get("/api/user", auth=ADA).status_code, clients)
        assert all_checked.wait(30)
    assert set(answers) == {200}
    assert len(hashed) <= hashing.AT_ONCE


def test_verified_credentials_are_forgotten_in_time():
    now = [0.0]
    verified = Verified(seconds=60, clock=lambda: now[0])
    verified.add("hash", "password", "::")
    assert (verified.has("hash", "password", "::"), verified.has("hash", "other", "::")) == (True, False)
    assert not verified.has("other hash", "password", "::")
    assert not verified.has("hash", "password", "192.0.2.1")
    now[0] = 60.0
    assert not verified.has("hash", "password", "::")


def test_verified_credentials_are_remembered_anew_by_their_use():
    now = [0.0]
    verified = Verified(seconds=60, most=2, clock=lambda: now[0])
    verified.add("hash", "used", "::")
    verified.add("hash", "unused", "::")
    for now[0] in (50.0, 100.0, 150.0):
        assert verified.has("hash", "used", "::")
    verified.add("hash", "third", "::")
    assert verified.has("hash", "used", "::")


def test_verified_credentials_are_so_many_at_most():
    verified = Verified(most=3)
    for number in range(5):
        verified.add("hash", str(number), "::")
    assert [verified.has("hash", str(number), "::") for number in range(5)] == [False, False, True, True, True]


def test_verified_credentials_hold_no_password():
    verified = Verified()
    verified.add("hash", "difference engine", "::")
    assert "difference" not in repr(vars(verified))


# What has changed while the body came

WRITES = [
    ("POST", "/api/user", {"name": "grace", "password": "nanoseconds of wire", "role": "administrator"}),
    ("PATCH", "/api/user/2", {"name": "lovelace"}),
    ("PATCH", "/api/user/2", {"password": "analytical engine"}),
    ("PATCH", "/api/user/2", {"role": "administrator"}),
    ("POST", "/api/tokens", {"name": "fresh"}),
    ("POST", "/api/todos", {"task": "x"}),
    ("PUT", "/api/todos/mine", {"task": "x"}),
]

each_write = pytest.mark.parametrize("write", WRITES, ids=[f"{m} {path} {[*body]}" for m, path, body in WRITES])


class Late(BytesIO):
    """A body that comes after something else has happened."""

    def __init__(self, body, before):
        super().__init__(json.dumps(body).encode())
        self.before = before

    def read(self, *args):
        self.happen()
        return super().read(*args)

    def readinto(self, *args):
        self.happen()
        return super().readinto(*args)

    def happen(self):
        before, self.before = self.before, None
        if before:
            with ThreadPoolExecutor(1) as pool:  # of its own, as it is another request
                pool.submit(before).result()


def late(app, write, before, **fields):
    """The answer to a write whose body comes after before() was called."""
    method, path, body = write
    stream = Late(body, before)
    length = str(len(stream.getbuffer()))
    return app.test_client().open(
        path, method=method, input_stream=stream, content_type="application/json", content_length=length, **fields
    )


def everything(app):
    with app.app_context():
        tables = (User.__table__, Token.__table__, Todo.__table__)
        return [db.session.execute(select(table).order_by(table.c.id)).all() for table in tables]


@each_write
@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("DELETE", None), 401),
        (("PATCH", {"password": "cards of Jacquard"}), 401),
        (("PATCH", {"role": "user"}), 403),
    ],
    ids=["removed", "password", "role"],
)
def test_who_may_no_more_as_the_body_comes_writes_nothing(app, write, change, status):
    root, after = app.test_client(), []
    root.patch("/api/user/2", auth=ROOT, json={"role": "administrator"})

    def before():
        assert root.open("/api/user/2", method=change[0], json=change[1], auth=ROOT).status_code < 300
        root.post("/api/user", auth=ROOT, json={"name": "another", "password": "nanoseconds of wire"})
        after.extend(everything(app))

    assert late(app, write, before, auth=ADA).status_code == status
    assert everything(app) == after


@pytest.mark.parametrize("write", [WRITES[1], *WRITES[4:]], ids=lambda write: " ".join(write[:2]))
@pytest.mark.parametrize("change", ["revoked", "expired"])
def test_token_that_holds_no_more_as_the_body_comes_writes_nothing(app, write, change):
    after, headers = [], token(app.test_client(), ADA, scope="write", expires="P1D")

    def before():
        with app.app_context():
            row = db.session.scalars(select(Token)).one()
            if change == "revoked":
                db.session.delete(row)
            else:
                row.expires = row.created
            db.session.commit()
        after.extend(everything(app))

    response = late(app, write, before, headers=headers)
    assert (response.status_code, 'error="invalid_token"' in str(response.headers)) == (401, True)
    assert everything(app) == after


def test_who_is_as_before_when_the_body_comes_writes(app):
    for write in WRITES[4:]:
        assert late(app, write, lambda: None, auth=ADA).status_code == 201


def test_rights_are_looked_up_again_by_each_function_that_writes(app):
    client = app.test_client()
    for method, path in (("DELETE", "/api/todos/todo1"), ("DELETE", "/api/tokens/1"), ("DELETE", "/api/user/2")):
        client.post("/api/todos", auth=ADA, json={"task": "x"})
        client.post("/api/tokens", auth=ADA, json={"name": "x"})
        with app.app_context():
            engine = db.engine
        found = []

        def note(connection, cursor, statement, *rest, found=found):
            if statement.startswith(("SELECT users.id, users.name, users.role", "DELETE")):
                found.append(statement[:6])

        event.listen(engine, "before_cursor_execute", note)
        assert client.open(path, method=method, auth=ADA).status_code == 204
        event.remove(engine, "before_cursor_execute", note)
        assert found[:2] == ["SELECT", "SELECT"]  # as the request comes, and in the transaction that deletes
        assert "DELETE" in found[2:]


# What is given to sign in with


def test_long_password_signs_in_decomposed(client):
    password = "ǖềống"[:3] * 50
    assert len(unicodedata.normalize("NFD", password)) > 2 * passwords.MOST
    assert client.post("/api/user", auth=ROOT, json={"name": "grace", "password": f"{password}!"}).status_code == 201
    given = unicodedata.normalize("NFD", f"{password}!")
    assert client.get("/api/user", auth=("grace", given)).status_code == 200


@pytest.mark.parametrize("tail", ["\0", "\0\0\0", "\x01", "\n"])
def test_password_with_control_characters_is_nobodys(client, tail):
    assert client.get("/api/user", auth=(ADA[0], ADA[1] + tail)).status_code == 401


def test_password_is_not_cut_to_be_right(client):
    password = unicodedata.normalize("NFD", "ǖbcd" * 50)
    client.post("/api/user", auth=ROOT, json={"name": "grace", "password": password})
    assert client.get("/api/user", auth=("grace", password)).status_code == 200
    assert client.get("/api/user", auth=("grace", password + "\u0301" * 1000)).status_code == 401


@pytest.mark.parametrize("which", ["name", "password"])
def test_text_that_is_slow_to_normalize_is_refused_first(client, which):
    marks = "a" + "\u0301\u0316" * 30_000
    values = {"name": "grace", "password": "nanoseconds of wire"}
    client.get("/api/user", auth=ROOT)
    start = time.process_time()
    response = client.post(
        "/api/user",
        auth=ROOT,
        data=json.dumps({**values, which: marks}, ensure_ascii=False),
        content_type="application/json",
    )
    assert (response.status_code, list(response.json["fields"])) == (400, [which])
    user = {**values, which: marks}
    assert client.get("/api/user", auth=(user["name"], user["password"])).status_code == 401
    assert time.process_time() - start < 1


# Hashing


def test_hashes_are_made_by_few_at_once(monkeypatch):
    held, most, together, lock = [0], [0], threading.Barrier(2), threading.Lock()

    def slow(stored, password):
        with lock:
            held[0] += 1
            most[0] = max(most[0], held[0])
        together.wait()  # two are here at once; a third would break the count
        with lock:
            held[0] -= 1

    monkeypatch.setattr(hashing, "check_password_hash", slow)

    def sign_in():
        with hashing.turn():
            hashing.matches("password", "hash")

    threads = [threading.Thread(target=sign_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == hashing.AT_ONCE == 2


def test_who_waits_too_long_for_a_hash_is_told_to_come_again(client, monkeypatch):
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    with hashing.turn(), hashing.turn():
        response = client.get("/api/user.yaml", auth=ADA)
        with pytest.raises(Busy):
            hashing.hash_of("difference engine")
    assert (response.status_code, response.mimetype, response.headers["Retry-After"]) == (503, "application/yaml", "5")
    assert client.get("/api/user", auth=ADA).status_code == 200


def test_no_connection_is_held_while_a_password_is_hashed(app, client, monkeypatch):
    with app.app_context():
        pool = db.engine.pool
    held = []
    monkeypatch.setattr(hashing, "check_password_hash", lambda *args: held.append(pool.checkedout()))
    client.get("/api/user", auth=ADA)
    assert held == [0]


# Too many failures


def failed(client, count, name="ada", **fields):
    return [client.get("/api/user", auth=(name, "wrong password"), headers=fields).status_code for _ in range(count)]


@pytest.fixture
def limited(tmp_path, monkeypatch):
    """The service with small limits."""
    monkeypatch.setenv("NEGOTIATE_ACCOUNT_LIMIT", "3 per minute")
    monkeypatch.setenv("NEGOTIATE_ADDRESS_LIMIT", "6 per minute")
    with service(None, tmp_path) as app:
        yield app


@pytest.mark.parametrize("name", ["ada", "nobody", "a\0b", "x" * 300])
def test_account_that_failed_too_often_is_429(limited, name):
    assert failed(limited.test_client(), 5, name) == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_429_is_told_in_the_format_asked_for_with_when_to_come_again(limited, suffix):
    client = limited.test_client()
    failed(client, 3)
    response = client.get(f"/api/user.{suffix}", auth=ADA)
    assert (response.status_code, 1 <= int(response.headers["Retry-After"]) <= 61) == (429, True)
    assert f"Try again in {response.headers['Retry-After']} seconds".encode() in response.data


def test_one_name_in_two_spellings_is_one_account(limited):
    assert failed(limited.test_client(), 3, "ａｄａ") == [401] * 3
    assert failed(limited.test_client(), 1, "ada") == [429]


def test_address_that_failed_too_often_is_429_for_every_account(limited):
    client = limited.test_client()
    assert [failed(client, 1, f"user{number}")[0] for number in range(8)] == [401] * 6 + [429] * 2
    assert client.get("/api/user", auth=LI).status_code == 429


def test_right_password_does_not_count(limited):
    client = limited.test_client()
    answers = [client.get("/api/user", auth=ADA).status_code for _ in range(20)]
    assert (set(answers), failed(client, 4)) == ({200}, [401, 401, 401, 429])


def test_who_was_let_in_a_moment_ago_is_not_shut_out_by_others_failed(limited):
    client = limited.test_client()
    assert client.get("/api/user", auth=ADA).status_code == 200
    failed(client, 4)
    assert client.get("/api/user", auth=ADA).status_code == 200


def test_password_that_was_right_is_no_way_round_the_limit_from_elsewhere(limited):
    client = limited.test_client()
    assert client.get("/api/user", auth=ADA).status_code == 200
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    for password in (*["wrong password"] * 4, ADA[1]):
        last = client.get("/api/user", auth=("ada", password), environ_base=elsewhere)
    assert last.status_code == 429
    assert client.get("/api/user", auth=ADA).status_code == 200


def test_what_needs_no_password_is_not_limited(limited):
    client = limited.test_client()
    headers = token(client, ADA)
    failed(client, 8)
    assert client.get("/api/user", headers=headers).status_code == 200
    assert client.get("/api/helloworld", auth=("ada", "wrong")).status_code == 200
    assert client.get("/api/user").status_code == 401


def test_guesses_at_once_are_not_let_through(limited, monkeypatch):
    clients = [limited.test_client() for _ in range(24)]
    checked, all_checked, check = [], threading.Event(), failures.check

    def noted(name):
        check(name)
        checked.append(name)
        if len(checked) == len(clients):
            all_checked.set()

    monkeypatch.setattr(failures, "check", noted)
    with ThreadPoolExecutor(len(clients)) as pool, hashing.turn(), hashing.turn():
        answers = pool.map(lambda client: failed(client, 1)[0], clients)
        assert all_checked.wait(30)  # all were let to wait for their turn, as nobody has failed yet
    assert 3 <= list(answers).count(401) < 3 + hashing.AT_ONCE


def test_who_failed_too_often_keeps_nobody_waiting(limited):
    client = limited.test_client()
    failed(client, 3)
    with hashing.turn(), hashing.turn():
        assert failed(client, 1) == [429]


def test_x_forwarded_for_is_believed_of_so_many_proxies(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGOTIATE_ADDRESS_LIMIT", "2 per minute")

    def answers():
        with service(f"sqlite:///{tmp_path}/{time.monotonic_ns()}.sqlite", tmp_path) as app:
            client = app.test_client()
            return [
                failed(client, 1, f"user{number}", **{"X-Forwarded-For": f"{number}.0.0.1, 198.51.100.{number}"})[0]
                for number in range(1, 5)
            ]

    assert answers() == [401, 401, 429, 429]
    monkeypatch.setenv("NEGOTIATE_TRUSTED_PROXIES", "1")
    assert answers() == [401, 401, 401, 401]


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:1::"], [401, 401, 429]),
        (["2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"], [401, 401, 401]),
        (["::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], [401, 401, 401]),
        (["::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"], [401, 401, 429]),
    ],
)
def test_network_of_ipv6_is_one_address(tmp_path, monkeypatch, addresses, expected):
    monkeypatch.setenv("NEGOTIATE_ADDRESS_LIMIT", "2 per minute")
    with service(None, tmp_path) as app:
        client = app.test_client()
        answers = [
            client.get("/api/user", auth=(f"user{n}", "wrong"), environ_base={"REMOTE_ADDR": address}).status_code
            for n, address in enumerate(addresses)
        ]
    assert answers == expected


def test_failures_are_counted_for_all_workers_in_redis(tmp_path, monkeypatch, redis_url):
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("NEGOTIATE_ACCOUNT_LIMIT", "3 per minute")
    name = f"user{time.monotonic_ns()}"
    with service(None, tmp_path) as one:
        other = create_app(None, tmp_path)
        assert failed(one.test_client(), 2, name) == [401, 401]
        assert failed(other.test_client(), 2, name) == [401, 429]
        assert failed(one.test_client(), 1, name) == [429]
        with other.app_context():
            db.engine.dispose()


def test_failures_are_counted_in_memory_where_redis_does_not_answer(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@127.0.0.1:1/0")
    monkeypatch.setenv("NEGOTIATE_ACCOUNT_LIMIT", "3 per minute")
    with service(None, tmp_path) as app:
        client = app.test_client()
        assert client.get("/api/user", auth=ADA).status_code == 200
        assert failed(client, 4, "李雷") == [401, 401, 401, 429]
    assert "falling back to in-memory" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("NEGOTIATE_ACCOUNT_LIMIT", "often", "the limit 'often' is not of the form"),
        ("NEGOTIATE_REGISTRATION", "maybe", "must be open or closed"),
        ("NEGOTIATE_TRUSTED_PROXIES", "-1", "must be a number"),
        ("REDIS_URL", "http://:s3cret@h/", "given by a URL like redis://"),
        ("REDIS_URL", "redis://:s3cret@h:x/", "given by a URL like redis://"),
    ],
)
def test_setting_that_cannot_be_is_refused(tmp_path, monkeypatch, variable, value, reason):
    monkeypatch.setenv(variable, value)
    with pytest.raises(Unusable, match=reason) as raised:
        create_app(None, tmp_path)
    assert "s3cret" not in str(raised.value)


# Secrets


SECRET = "hunter2-is-my-secret"

MALFORMED = [
    ("application/json", f'{{"name": "g", "password": "{SECRET}"'),
    ("application/json", f'{{"name": "g", "password": "{SECRET}"}} x'),
    ("application/json", f'{{"name": "g", "password": "{SECRET}", "password": "{SECRET}"}}'),
    ("application/json", f'{{"name": ":", "password": ["{SECRET}"]}}'),
    ("application/json", f'{{"name": "", "password": "{SECRET}"}}'),
    ("application/json", f'{{"name": "root", "password": "{SECRET}"}}'),
    ("application/json", f'{{"name": "g", "password": "{SECRET * 20}"}}'),
    ("application/json", f'["{SECRET}"]'),
    ("application/json", f'"{SECRET}"'),
    ("application/yaml", f"name: g\npassword: [{SECRET}: {SECRET}\n x"),
    ("application/yaml", f"name: g\npassword: &a {SECRET}\nother: !!x *a"),
    ("application/xml", f"<root><name>g</name><password>{SECRET}</root>"),
    ("text/csv", f"name,password\ng,{SECRET},x\n"),
    ("text/csv", f'name,password\ng,"{SECRET}"x\n'),
    ("text/csv", f"name,password\ng,{SECRET}\nh,{SECRET}\n"),
    ("application/x-www-form-urlencoded", f"name=:&password={SECRET}&password={SECRET}"),
    ("text/plain", f"{SECRET}"),
]


@pytest.mark.parametrize(("mediatype", "body"), MALFORMED, ids=[str(n) for n in range(len(MALFORMED))])
@pytest.mark.parametrize("accept", ["application/json", "application/problem+json", "text/html", "text/csv"])
def test_password_in_a_bad_body_is_not_told_back(client, caplog, mediatype, body, accept):
    caplog.set_level(logging.DEBUG)
    client.get("/api/user", auth=ROOT)
    response = client.post("/api/user", auth=ROOT, data=body, content_type=mediatype, headers={"Accept": accept})
    assert 400 <= response.status_code < 500
    assert SECRET not in response.text + str(response.headers) + caplog.text


def test_password_and_hash_are_in_no_representation_log_or_repr(app, client, caplog):
    caplog.set_level(logging.DEBUG)
    added = client.post("/api/user", auth=ROOT, json={"name": "grace", "password": SECRET})
    with app.app_context():
        user = db.session.get(User, 4)
        hashed, shown = user.password_hash, repr(user) + str(user)
    texts = [added.text, shown]
    users = (ROOT, ("grace", SECRET), ("grace", "wrong password"))
    paths = ("/api/user", "/api/user/4", "/api/tokens", "/api/create")
    urls = [f"{path}.{suffix}" for path in paths for suffix in SUFFIXES]
    texts += [client.get(url, auth=user).data.decode("utf-8", "replace") for url, user in product(urls, users)]
    texts += [caplog.text, repr(vars(app)), repr(app.extensions)]
    together = "\n".join(texts)
    assert (SECRET in together, hashed in together, hashed.rpartition("$")[2] in together) == (False, False, False)


def test_sql_that_fails_tells_no_password(app, client, caplog):
    with app.app_context():
        engine = db.engine

    def fail(connection, cursor, statement, *rest):
        if statement.startswith("INSERT"):
            raise RuntimeError("broken")

    event.listen(engine, "before_cursor_execute", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.post("/api/user", auth=ROOT, json={"name": "grace", "password": SECRET})
    assert (response.status_code, SECRET in response.text + caplog.text, "scrypt" in response.text) == (
        500,
        False,
        False,
    )


# Common passwords


def test_common_passwords_are_those_that_the_data_file_says():
    assert len(passwords.common()) == 10_000
    assert {"password", "qwertyuiop", "letmein"} <= passwords.common()
