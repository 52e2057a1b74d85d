"""What is written: by many at once, and by servers that are killed."""

import http.client
import os
import signal
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from test_server import ROOT, SECONDS, TESTS, environment, eventually, running
from writing_app import COUNT

from negotiate_api.publish.databases import engines, turns
from negotiate_api.service import schema, server
from negotiate_api.service.accounts import Todo, User
from negotiate_api.service.models import table_of

WRITERS = 24

IMMEDIATE = {engines.BEGIN: "IMMEDIATE"}

TODOS = table_of(Todo)


@pytest.fixture
def engine(database_url):
    """An engine of a database with one user and the counter."""
    engine = connected(database_url)
    schema.upgrade(engine)
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        connection.execute(table_of(User).insert().values(name="Ada", password_hash="", version=1))
        owner = connection.scalar(sa.select(User.id))
        connection.execute(TODOS.insert().values(user_id=owner, todo_id=COUNT, task="0", version=1))
    yield engine
    engine.dispose()


sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def connected(url):
    url = engines.url_of(url)
    engine = sa.create_engine(url, **engines.options(url))
    engines.prepare(engine)
    return engine


def begun(engine):
    """A connection in a transaction that writes."""
    connection = engine.connect().execution_options(**IMMEDIATE)
    connection.begin()
    return connection


def written(engine):
    """The todos, and what the counter says of them."""
    with engine.connect() as connection:
        tasks = dict(connection.execute(sa.select(TODOS.c.todo_id, TODOS.c.task)).all())
    return tasks.keys() - {COUNT}, int(tasks[COUNT])


# Many servers and clients


class Written:
    """A server of writing_app, and its clients, who keep what was acknowledged."""

    def __init__(self, engine, workers):
        self.bound = server.bind("127.0.0.1", 0)
        server.listen(self.bound)
        self.workers = workers
        self.environment = environment(
            PYTHONPATH=str(ROOT), DATABASE_URL=engine.url.render_as_string(hide_password=False), SECRET_KEY="x" * 32
        )
        self.acknowledged, self.statuses, self.slowest = set(), set(), 0.0
        self.names = map(str, count())
        self.start()

    def start(self):
        line = server.Server(app="writing_app:app", folder=TESTS, workers=self.workers).command(self.bound.fileno())
        self.process = subprocess.Popen(
            line,
            pass_fds=[self.bound.fileno()],
            env=self.environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def children(self):
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in text.split()]

    def ask(self, method, path):
        """The status of an answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.bound.getsockname()[1], timeout=SECONDS)) as client:
            client.request(method, path)
            return client.getresponse().status

    def post(self):
        """Write one todo; nothing is known of it where the connection broke."""
        name, start = next(self.names), time.monotonic()
        status = self.ask("POST", f"/written/{name}")
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.statuses.add(status)
        if status == 201:
            self.acknowledged.add(name)

    @contextmanager
    def writers(self):
        """Clients that write all the while."""
        ended = threading.Event()

        def write():
            while not ended.is_set():
                try:
                    self.post()
                except (OSError, http.client.HTTPException):
                    ended.wait(0.01)

        with ThreadPoolExecutor(WRITERS) as pool:
            futures = [pool.submit(write) for _ in range(WRITERS)]
            try:
                yield
            finally:
                ended.set()
        for future in futures:
            future.result()

    def goes_on(self):
        """Wait until more was acknowledged by every worker there is to be."""
        eventually(lambda: len(self.children()) == self.workers)
        enough = len(self.acknowledged) + WRITERS
        eventually(lambda: len(self.acknowledged) > enough)

    def kill(self):
        """Kill the server and all of its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)

    def stop(self):
        self.process.terminate()
        self.process.wait(SECONDS)
        self.bound.close()


@contextmanager
def serving(engine, workers):
    served = Written(engine, workers)
    try:
        yield served
    finally:
        served.stop()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_service_starts_on_a_database_server(servers, kind, tmp_path):
    with running("--database", servers.world(kind), "--instance", tmp_path) as service:
        assert service.get("/api/world/countries/NA.csv")[0].status == 200


def test_many_writers_are_all_answered_and_none_is_lost(engine):
    workers = 4 if engine.dialect.name == "sqlite" else 2
    with serving(engine, workers) as served, ThreadPoolExecutor(WRITERS) as pool:
        for future in [pool.submit(served.post) for _ in range(10 * WRITERS)]:
            future.result()
    assert served.statuses == {201}
    assert written(engine) == (served.acknowledged, 10 * WRITERS)
    assert served.slowest < turns.SECONDS / 2


@sqlite_only
def test_worker_that_waits_to_write_answers_others(engine):
    with serving(engine, workers=1) as served, closing(sqlite3.connect(engine.url.database)) as other:
        served.post()
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(served.post)
            assert [served.ask("GET", "/healthz") for _ in range(50)] == [200] * 50
            assert not writing.done()
            other.rollback()
    assert served.statuses == {201}
    assert served.slowest < turns.SECONDS / 2


@sqlite_only
def test_what_was_acknowledged_outlives_kill(engine):
    with serving(engine, workers=2) as served, served.writers():
        served.goes_on()
        for _ in range(2):
            for _ in range(2):
                os.kill(served.children()[0], signal.SIGKILL)
                served.goes_on()
            served.kill()
            served.start()
            served.goes_on()
    names, counted = written(engine)
    assert served.acknowledged <= names
    assert counted == len(names)
    assert served.statuses == {201}
    with closing(sqlite3.connect(engine.url.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# Turns


@sqlite_only
def test_transaction_that_writes_waits_for_its_turn(engine):
    with ThreadPoolExecutor(1) as pool:
        with begun(engine) as first:
            second = pool.submit(begun, engine)
            first.execute(sa.update(TODOS).values(task="1"))
            first.commit()
        with second.result() as connection:
            assert connection.scalar(sa.select(TODOS.c.task)) == "1"


@sqlite_only
@pytest.mark.parametrize("end", [lambda c: c.commit(), lambda c: c.rollback(), lambda c: c.close()])
def test_turn_ends_with_the_transaction(engine, end):
    with begun(engine) as connection:
        end(connection)
        begun(engine).close()


@sqlite_only
def test_turn_ends_where_the_transaction_could_not_begin(engine, monkeypatch):
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(turns, "SECONDS", 0.05)
        with pytest.raises(exc.OperationalError, match="locked"):
            begun(engine)
    begun(engine).close()


@sqlite_only
def test_turn_that_does_not_come_is_an_error(engine, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS", 0.05)
    with begun(engine), pytest.raises(exc.TimeoutError, match="writing"):
        begun(engine)


@sqlite_only
def test_statement_that_writes_waits_too(engine):
    with closing(sqlite3.connect(engine.url.database, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
            waiting = pool.submit(connection.execute, sa.update(TODOS).values(task="1"))
            other.execute("UPDATE todos SET task = '2'")
            other.execute("COMMIT")
            waiting.result()
        assert other.execute("SELECT task FROM todos").fetchall() == [("1",)]


@sqlite_only
def test_statement_does_not_wait_in_vain(engine, monkeypatch):
    with engine.connect() as reader, begun(engine) as writer:
        reader.execute(sa.select(TODOS)).all()
        writer.execute(sa.update(TODOS).values(task="1"))
        writer.commit()
        monkeypatch.setattr(turns.time, "sleep", lambda seconds: pytest.fail("it waits"))
        with pytest.raises(exc.OperationalError, match="locked"):
            reader.execute(sa.update(TODOS).values(task="2"))


@sqlite_only
def test_reading_does_not_wait_for_writing(engine):
    with begun(engine) as writer, engine.connect() as reader:
        writer.execute(sa.update(TODOS).values(task="1"))
        assert reader.scalar(sa.select(TODOS.c.task)) == "0"
