"""A published table, written and read at once by two services of several processes each, on each kind of database."""

import http.client
import itertools
import json
import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import databases
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from test_server import SECONDS, body_of, eventually, read_all, running

from negotiate_api.publish.databases import engines
from negotiate_api.service.config import SQLITE

CLIENTS, TIMES = 6, 4

ROWS = 60_000

PASSWORD = "four words of tests"

TABLES = MetaData()
COUNTERS = Table("counters", TABLES, Column("id", Integer, primary_key=True), Column("n", Integer, nullable=False))
ENTRIES = Table("entries", TABLES, Column("name", String(40), primary_key=True), Column("n", Integer))
ACCOUNTS = Table(
    "accounts",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("balance", Integer, nullable=False),
    Column("owner", String(100)),
)


class Client:
    """A program that asks one service after the other, with a token."""

    def __init__(self, ports, token):
        self.ports, self.token = itertools.cycle(ports), token

    def ask(self, method, path, body=None, **fields):
        """Status, fields and body of an answer."""
        headers = {"Authorization": f"Bearer {self.token}", **fields}
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection("127.0.0.1", next(self.ports), timeout=SECONDS)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()


class Published:
    """A database that two services publish."""

    def __init__(self, kind, url, services, token):
        self.kind, self.services, self.token = kind, services, token
        self.engine = engines.create(url, writable=True)

    def client(self):
        return Client([service.port for service in self.services], self.token)

    def workers(self):
        pids = [service.process.pid for service in self.services]
        return [int(p) for pid in pids for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module", params=databases.KINDS)
def published(request, servers, tmp_path_factory):
    url, folder = servers.fresh(request.param), tmp_path_factory.mktemp("concurrency")
    make(url)
    shutil.copy(engines.url_of(servers.world("sqlite")).database, folder / SQLITE)  # which saves time
    options = ("--publish", url, "--writable", "counters,entries,accounts", "--instance", folder)
    options = (*options, "--workers", 2, "--exports", 1)
    with ExitStack() as stack:
        known = {"NEGOTIATE_ADMIN_PASSWORD": PASSWORD, "NEGOTIATE_SECRET_KEY": "x" * 32}
        services = at_once(*[lambda: stack.enter_context(running(*options, **known))] * 2)
        stack.callback(lambda: [service.process.terminate() for service in services])  # so that both end at once
        found = Published(request.param, url, services, token(services[0]))
        stack.callback(found.engine.dispose)
        yield found


def make(url):
    """A database with the tables."""
    url = engines.url_of(url)
    if url.get_backend_name() == "sqlite":
        Path(url.database).touch()
    engine = engines.create(url, writable=True)
    with engine.begin() as connection:
        TABLES.create_all(connection)
        connection.execute(insert(COUNTERS).values(id=1, n=0))
        rows = [{"id": number, "balance": 0, "owner": "x" * 100} for number in range(ROWS)]
        connection.execute(insert(ACCOUNTS), rows)
    engine.dispose()


def token(service):
    """The secret of a token that writes."""
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=SECONDS)) as connection:
        credentials = "Basic YWRtaW46Zm91ciB3b3JkcyBvZiB0ZXN0cw=="
        fields = {"Authorization": credentials, "Content-Type": "application/json"}
        connection.request("POST", "/api/tokens", json.dumps({"name": "tests", "scope": "write"}), fields)
        return json.loads(connection.getresponse().read())["token"]


def at_once(*functions):
    """Run these, each in a thread; gives what they give."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(function) for function in functions]]


def test_increments_with_if_match_are_none_lost(published):
    statuses, ended = set(), threading.Event()

    def increment(client):
        while True:
            _, fields, body = client.ask("GET", "/data/counters/1")
            change = {"n": json.loads(body)["n"] + 1}
            status, _, _ = client.ask("PATCH", "/data/counters/1", change, **{"If-Match": fields["ETag"]})
            statuses.add(status)
            if status != 412:
                return

    def write():
        client = published.client()
        for _ in range(TIMES):
            increment(client)

    def read():
        client, seen = published.client(), [0]
        while not ended.is_set():
            for path in ("/data/counters.csv", "/data/counters/1.csv", "/data/counters.csv?limit=1"):
                status, _, body = client.ask("GET", path)
                statuses.add(status)
                seen.append(int(body.split(b",")[-1]))
        return seen

    def write_all():
        try:
            at_once(*[write] * CLIENTS)
        finally:
            ended.set()

    _, seen = at_once(write_all, read)
    with published.engine.connect() as connection:
        assert connection.scalar(select(COUNTERS.c.n)) == CLIENTS * TIMES
    assert statuses == {200, 412}
    assert seen == sorted(seen)


def test_what_was_acknowledged_outlives_killed_workers(published):
    acknowledged, statuses, ended, names = set(), set(), threading.Event(), itertools.count()

    def write():
        client = published.client()
        while not ended.is_set():
            name = f"entry {next(names)}"
            try:
                status, _, _ = client.ask("POST", "/data/entries", {"name": name, "n": 1})
            except (OSError, http.client.HTTPException):
                ended.wait(0.01)
                continue
            statuses.add(status)
            if status == 201:
                acknowledged.add(name)

    def kill():
        try:
            for _ in range(2):
                enough = len(acknowledged) + 2 * CLIENTS
                eventually(lambda: len(published.workers()) == 4 and len(acknowledged) > enough)  # noqa: B023
                os.kill(published.workers()[0], signal.SIGKILL)
            enough = len(acknowledged) + 2 * CLIENTS
            eventually(lambda: len(published.workers()) == 4 and len(acknowledged) > enough)
        finally:
            ended.set()

    at_once(kill, *[write] * CLIENTS)
    with published.engine.connect() as connection:
        stored = set(connection.scalars(select(ENTRIES.c.name)))
    assert acknowledged <= stored
    assert statuses == {201}


def test_export_sees_one_state_and_stops_no_writer(published):
    client = published.client()
    transfer = [{"id": ROWS - 1, "balance": 5}, {"id": 0, "balance": -5}]
    with closing(published.services[0].connect(buffer=4096)) as export:
        export.sendall(b"GET /data/accounts.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        first = export.recv(2000)
        statuses = [client.ask("PATCH", "/data/accounts", transfer)[0] for _ in range(10)]
        exported = body_of(first + read_all(export))
    _, _, now = client.ask("GET", "/data/accounts.csv?balance__ne=0&fields=id,balance")
    assert set(statuses) <= {200, 204}
    assert now == f"id,balance\r\n0,-5\r\n{ROWS - 1},5\r\n".encode()
    lines = exported.splitlines()
    assert len(lines) == ROWS + 1
    assert {line.split(b",")[1] for line in lines[1:]} == {b"0"}


def test_client_that_goes_lets_its_export_go_with_all_that_it_held(published):
    client = published.client()
    with closing(published.services[0].connect(buffer=4096)) as export:
        export.sendall(b"GET /data/accounts.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert export.recv(2000).startswith(b"HTTP/1.1 200 ")
        for _ in range(4):  # of both services
            status, fields, body = client.ask("GET", "/data/accounts.json")
            assert (status, fields["Content-Type"]) == (503, "application/json")
            assert int(fields["Retry-After"]) > 0
            assert "Try again" in json.loads(body)["message"]
        assert client.ask("GET", "/data/accounts.json?limit=2")[0] == 200
        assert is_reading(published)
    gone = time.monotonic()
    eventually(lambda: not is_reading(published))
    eventually(lambda: client.ask("GET", "/data/accounts.json")[0] == 200)
    assert time.monotonic() - gone < 2  # of which the answer takes a part


def is_reading(published):
    """Whether anybody has a transaction open in which a table is being read."""
    with published.engine.connect() as connection:
        if published.kind == "sqlite":  # which puts off to empty the log as long as somebody reads from it
            connection.exec_driver_sql("ROLLBACK")
            return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()[0] == 1
        return bool(connection.exec_driver_sql(READING[published.kind]).scalar())


READING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE 'FETCH%%'",
    "mariadb": "SELECT count(*) FROM information_schema.PROCESSLIST WHERE info LIKE 'SELECT accounts%%'",
}


def test_upload_of_many_rows_is_seen_whole_or_not_at_all(published):
    rows = [{"name": f"upload {number}", "n": 1} for number in range(20_000)]
    client, ended, seen, statuses = published.client(), threading.Event(), set(), set()

    def upload():
        try:
            return client.ask("POST", "/data/entries", rows)[0]
        finally:
            ended.set()

    def read():
        reader = published.client()
        while not ended.is_set():
            status, fields, _ = reader.ask("GET", "/data/entries.csv?name__startswith=upload&limit=1&count=exact")
            statuses.add(status)
            seen.add(int(fields["X-Total-Count"]))

    status, *_ = at_once(upload, read, read)
    assert (status, statuses) == (201, {200})
    assert seen <= {0, len(rows)}
    with published.engine.connect() as connection:
        stored = select(func.count()).where(ENTRIES.c.name.startswith("upload"))
        assert connection.scalar(stored) == len(rows)
