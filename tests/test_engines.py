"""Engines: what each kind of database is opened with, and that reading an SQLite database changes nothing."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import exc
from test_server import eventually

from negotiate_api import Api
from negotiate_api.publish import publish, rows
from negotiate_api.publish.databases import clocks, engines, sqlite_files
from negotiate_api.publish.errors import Unusable

NAMES = ("of words.db", "100%.db", "a?b#c.db", "ü李.db")

IMMEDIATE = {engines.BEGIN: "IMMEDIATE"}

PROGRAM = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
for statement in sys.stdin:
    if not statement.strip():
        os._exit(0)
    connection.execute(statement).fetchall()
    print(flush=True)
connection.close()
"""
"""Another program, which crashes at an empty line."""

MANY = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO t SELECT i FROM n"


@pytest.fixture(params=NAMES)
def path(request, tmp_path):
    return made(tmp_path / request.param)


def made(path, mode="wal"):
    """A database with one row, used by nobody."""
    with other(path) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        connection.execute("INSERT INTO t VALUES (1)")
    return path


class Other:
    """Another program, in a process of its own: what one process does with a file SQLite knows without asking it."""

    def __init__(self, path):
        line = [sys.executable, "-S", "-c", PROGRAM, str(path)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def execute(self, statement):
        self.tell(statement)
        assert self.process.stdout.readline()

    def tell(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def crash(self):
        self.tell("")
        self.process.wait()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def other(path):
    return closing(Other(path))


@contextmanager
def reading(path):
    engine = engines.create(engines.sqlite(path))
    yield engine
    engine.dispose()


@contextmanager
def writing(path):
    engine = engines.create(engines.sqlite(path), writable=True)
    yield engine
    engine.dispose()


def crashed(path, *statements):
    """What a program leaves that ends amid its work."""
    with other(path) as program:
        for statement in statements:
            program.execute(statement)
        program.crash()


def count(engine):
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def folder(path):
    """All that can be seen of a folder but when it was read; read by another process, as closing a file ends locks."""
    files = sorted(path.parent.iterdir())
    sums = subprocess.run(["sha256sum", "--zero", *files], capture_output=True, check=True).stdout
    return sums, [(each.stat().st_ino, each.stat().st_mtime_ns, each.stat().st_mode) for each in files]


# SQLite, read


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate"])
@pytest.mark.parametrize("name", NAMES)
def test_reading_changes_nothing(tmp_path, name, mode):
    path = made(tmp_path / name, mode)
    before = folder(path)
    with reading(path) as engine:
        assert count(engine) == 1
        with pytest.raises(exc.OperationalError, match="readonly"), engine.connect() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (2)")
        assert folder(path) == before
    assert folder(path) == before


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_database_in_a_folder_that_nobody_may_write_to_is_read(tmp_path, mode):
    path = made(tmp_path / "a.db", mode)
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with reading(path) as engine:
            assert count(engine) == 1
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_what_another_program_writes_is_read_at_once(path, mode):
    with other(path) as first:
        first.execute(f"PRAGMA journal_mode = {mode}")
    with reading(path) as engine:
        assert count(engine) == 1
        with other(path) as program:
            for rows in (2, 3, 4):
                program.execute("INSERT INTO t VALUES (NULL)")
                before = folder(path)
                assert count(engine) == rows
                assert folder(path) == before
                program.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert count(engine) == 4


def test_transaction_sees_one_state_while_another_program_writes(tmp_path):
    path = made(tmp_path / "a.db")
    with reading(path) as engine, other(path) as program:
        program.execute(MANY)
        with engine.connect() as connection:
            rows = connection.execution_options(yield_per=100).exec_driver_sql("SELECT a FROM t")
            first = rows.fetchmany(100)
            program.execute("DELETE FROM t")
            program.execute("PRAGMA wal_checkpoint(PASSIVE)")
            assert len(first) + len(rows.fetchall()) == 50000
        assert count(engine) == 0


def test_answer_is_broken_off_where_a_program_begins_to_write_over_what_is_read(tmp_path):
    path = made(tmp_path / "a.db")
    with other(path) as program:
        program.execute(MANY)
    with reading(path) as engine, engine.connect() as connection:
        rows = connection.execution_options(yield_per=100).exec_driver_sql("SELECT a FROM t")
        assert len(rows.fetchmany(100)) == 100
        with other(path) as program:
            program.execute("UPDATE t SET a = -a")
        with pytest.raises(exc.OperationalError, match="another program has begun to write"):
            rows.fetchall()
        connection.rollback()
        assert count(engine) == 50000


def test_program_that_only_looks_breaks_nothing_off(tmp_path):
    path = made(tmp_path / "a.db")
    with reading(path) as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT a FROM t")
        with other(path) as program:
            program.execute("SELECT * FROM t")
            assert rows.all() == [(1,)]


def test_file_that_was_replaced_is_the_one_that_is_read(tmp_path):
    path, newer = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    with other(newer) as program:
        program.execute("INSERT INTO t VALUES (2)")
    with reading(path) as engine:
        assert count(engine) == 1
        newer.replace(path)
        assert count(engine) == 2


def test_file_that_was_removed_is_an_error_until_it_is_back(tmp_path):
    path = made(tmp_path / "a.db")
    with reading(path) as engine:
        path.rename(tmp_path / "b.db")
        with pytest.raises(exc.OperationalError, match="No such file"):
            count(engine)
        (tmp_path / "b.db").rename(path)
        assert count(engine) == 1


def test_log_that_a_crash_left_is_read_and_not_merged(tmp_path):
    path = made(tmp_path / "a.db")
    crashed(path, "INSERT INTO t VALUES (2)")
    before = folder(path)
    with reading(path) as engine:
        assert count(engine) == 2
    assert folder(path) == before


def test_log_without_its_index_is_told(tmp_path):
    path = made(tmp_path / "a.db")
    crashed(path, "INSERT INTO t VALUES (2)")
    (tmp_path / "a.db-shm").unlink()
    before = folder(path)
    with pytest.raises(Unusable, match=r"changes in .*a\.db-wal .* open it once"):
        engines.create(engines.sqlite(path))
    assert folder(path) == before


def test_journal_that_a_crash_left_is_told(tmp_path):
    path = made(tmp_path / "a.db", "delete")
    crashed(path, "BEGIN", MANY)
    before = folder(path)
    with pytest.raises(Unusable, match="left in the middle of a change; open it once"):
        engines.create(engines.sqlite(path))
    assert folder(path) == before


def test_reader_keeps_no_program_from_its_locks(tmp_path):
    """A descriptor that is closed would take away the locks of this process: the log would go from under it."""
    path = made(tmp_path / "a.db")
    with other(path) as program, reading(path) as engine:
        program.execute("INSERT INTO t VALUES (2)")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 2
            for _ in range(3):
                assert sqlite_files.peek(path, 16) == sqlite_files.MAGIC
                assert len(sqlite_files.peek(f"{path}-shm", 48)) == 48
            program.close()
            assert (tmp_path / "a.db-wal").exists()
            assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 2


def test_peek_keeps_no_descriptor_of_a_file_that_is_gone(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"first")
    sqlite_files.peek(path, 5)
    before = len(os.listdir("/proc/self/fd"))
    for text in (b"second", b"third", b"fourth"):
        path.unlink()
        path.write_bytes(text)
        assert sqlite_files.peek(path, 3, 1) == text[1:4]
    assert len(os.listdir("/proc/self/fd")) == before


# SQLite, written to


def rows_of(path):
    """What another program reads in a file."""
    with closing(sqlite3.connect(path)) as connection:
        return [a for (a,) in connection.execute("SELECT a FROM t ORDER BY a")]


def add(engine, value):
    with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
        connection.exec_driver_sql(f"INSERT INTO t VALUES ({value})")


OWN = ["created", "adopted", "documented"]


@contextmanager
def opened(kind, path):
    if kind == "created":
        with writing(path) as engine:
            yield engine
        return
    engine = sa.create_engine(f"sqlite:///{path}")
    engines.adopt(documented(engine) if kind == "documented" else engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_file_that_was_replaced_is_the_one_that_is_written(tmp_path, mode, kind):
    path, newer = made(tmp_path / "a.db", mode), made(tmp_path / "b.db", mode)
    with other(newer) as program:
        program.execute("INSERT INTO t VALUES (10)")
    with opened(kind, path) as engine:
        with engine.connect() as first:
            first.exec_driver_sql("SELECT a FROM t")
            newer.replace(path)
            assert count(engine) == 2
            add(engine, 11)
            assert rows_of(path) == [1, 10, 11]
        assert count(engine) == 3
    assert rows_of(path) == [1, 10, 11]


def test_log_of_a_file_that_was_replaced_gets_into_no_other_one(tmp_path):
    path, newer = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    log, index = tmp_path / "a.db-wal", tmp_path / "a.db-shm"
    with writing(path) as engine:
        add(engine, 2)
        os.link(path, tmp_path / "old.db")
        newer.replace(path)
        for _ in range(3):
            with pytest.raises(
                exc.OperationalError, match=r"was replaced, and beside it is .*a\.db-wal, .* move the log away"
            ):
                count(engine)
        log.rename(tmp_path / "old.db-wal")
        index.unlink()
        assert count(engine) == 1
    assert rows_of(path) == [1]
    assert rows_of(tmp_path / "old.db") == [1, 2]  # with its log


def test_what_others_commit_to_a_file_that_was_put_in_place_stays(tmp_path):
    """They do so to the log that they found."""
    path, newer = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    with writing(path) as engine:
        assert count(engine) == 1
        newer.replace(path)
        with other(path) as program:
            program.execute("INSERT INTO t VALUES (10)")
            with pytest.raises(exc.OperationalError, match="was replaced"):
                count(engine)
            engine.dispose()
            assert rows_of(path) == [1, 10]
            program.execute("INSERT INTO t VALUES (11)")
        assert count(engine) == 3
    assert rows_of(path) == [1, 10, 11]


@pytest.mark.parametrize("kind", OWN)
def test_file_that_was_removed_is_an_error_until_it_is_back_and_is_not_made_anew(tmp_path, kind):
    path = made(tmp_path / "a.db")
    with opened(kind, path) as engine:
        add(engine, 2)
        path.rename(tmp_path / "b.db")
        for _ in range(3):
            with pytest.raises(exc.OperationalError, match="was removed"):
                count(engine)
            with pytest.raises(exc.OperationalError, match="was removed"):
                add(engine, 3)
        assert not path.exists()
        (tmp_path / "b.db").rename(path)
        assert count(engine) == 2


@pytest.mark.parametrize("way", ["replaced", "removed"])
def test_write_to_a_file_that_goes_meanwhile_is_503_and_not_stored(tmp_path, way):
    path, newer = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    app = Flask("test")

    def go():
        newer.replace(path) if way == "replaced" else path.unlink()

    publication = publish(Api(app), f"sqlite:///{path}", writable=["t"], confirm=go)
    client = app.test_client()
    response = client.post("/data/t", json={"a": 2})
    assert response.status_code == 503
    assert "replaced or removed" in response.json["message"]
    publication.confirm = lambda: None
    assert client.post("/data/t", json={"a": 3}).status_code == (201 if way == "replaced" else 503)
    assert path.exists() == (way == "replaced")
    publication.engine.dispose()


def test_writing_is_durable_and_checks_foreign_keys(tmp_path):
    path = made(tmp_path / "a.db", "delete")
    with writing(path) as engine, engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_file_that_may_not_be_written_to_is_refused_for_writing(tmp_path, monkeypatch):
    path = made(tmp_path / "a.db")
    monkeypatch.setattr(engines, "PRAGMAS", (*engines.PRAGMAS, "query_only = ON"))  # as root may write to any file
    with pytest.raises(Unusable, match="attempt to write a readonly database"):
        engines.create(engines.sqlite(path), writable=True)


def test_writer_that_is_an_engine_of_somebody_else_waits_for_its_turn(tmp_path):
    path = made(tmp_path / "a.db")
    with closing_engine(sa.create_engine(f"sqlite:///{path}")) as engine:
        engines.adopt(engine)
        increments_are_all_kept(engine)


def closing_engine(engine):
    @contextmanager
    def closed():
        yield engine
        engine.dispose()

    return closed()


def documented(engine):
    """The listeners that SQLAlchemy's documentation shows for SQLite."""

    @sa.event.listens_for(engine, "connect")
    def connected(connection, record):
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN")

    return engine


def test_writer_that_is_an_engine_with_listeners_of_its_own_waits_for_its_turn(tmp_path):
    path = made(tmp_path / "a.db")
    with closing_engine(documented(sa.create_engine(f"sqlite:///{path}"))) as engine:
        engines.adopt(engine)
        engines.adopt(engine)
        increments_are_all_kept(engine)


def test_writer_in_memory_takes_turns():
    with closing_engine(sa.create_engine("sqlite://", poolclass=sa.StaticPool)) as engine:
        engines.adopt(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert count(engine) == 1


@pytest.mark.parametrize("kind", ["create", "prepare"])
def test_adopting_our_own_engine_changes_nothing(tmp_path, kind):
    path = made(tmp_path / "a.db")
    with writing(path) as engine:
        engines.adopt(engine)
        increments_are_all_kept(engine)


def increments_are_all_kept(engine, times=40):
    barrier = threading.Barrier(4)

    def increment():
        barrier.wait()
        for _ in range(times):
            with engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
                now = connection.exec_driver_sql("SELECT max(a) FROM t").scalar()
                connection.exec_driver_sql(f"INSERT INTO t VALUES ({now + 1})")

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(increment) for _ in range(4)]:
            future.result()
    assert count(engine) == 4 * times + 1


# What cannot be opened


def test_missing_file_is_told_and_not_made(tmp_path):
    for writable in (False, True):
        with pytest.raises(Unusable, match=r"^there is no file .*/a\.db$"):
            engines.create(f"sqlite:///{tmp_path}/a.db", writable)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("writable", [False, True])
def test_file_of_another_kind_is_told_and_not_changed(tmp_path, writable):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n" * 500)
    with pytest.raises(Unusable, match="is no SQLite database"):
        engines.create(f"sqlite:///{path}", writable)
    assert path.read_bytes() == b"a,b\r\n1,2\r\n" * 500


def test_damaged_database_is_told(tmp_path):
    path = made(tmp_path / "a.db", "delete")
    path.write_bytes(path.read_bytes()[:100] + b"x" * 5000)
    with pytest.raises(Unusable, match="malformed"):
        engines.create(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/x", "refused"),
        ("mariadb://me:s3cret@127.0.0.1:1/x", "refused"),
        ("oracle://me:s3cret@h/x", "no driver for oracle"),
        ("nonsense:s3cret", "given by a URL"),
        ("sqlite://", "in memory"),
        ("postgresql://me:s3cret@h:port/x", "given by a URL"),
    ],
)
def test_url_that_leads_nowhere_is_told_without_its_password(url, reason):
    with pytest.raises(Unusable, match=reason) as told:
        engines.create(url)
    assert "s3cret" not in str(told.value)
    assert "\n" not in str(told.value)


# Each kind of database


def test_engine_for_reading_writes_nothing(database_url):
    with table(database_url), closing_engine(engines.create(database_url)) as engine:
        assert count(engine) == 1
        for statement in ("INSERT INTO t VALUES (2)", "UPDATE t SET a = 2", "DELETE FROM t", "DROP TABLE t"):
            with engine.connect() as connection, pytest.raises(exc.DBAPIError, match=r"(?i)read.?only"):
                connection.exec_driver_sql(statement)
        assert count(engine) == 1


@pytest.mark.parametrize("type_", ["point", "box", "polygon", "xml", "json", "jsonpath", "json[]"])
def test_column_that_postgresql_cannot_sort_by_is_told_with_those_it_can(servers, type_):
    with table(servers.fresh("postgresql")) as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE t ADD odd {type_}")
        app = Flask("test")
        publish(Api(app), engine)
        client = app.test_client()
        for parameter in ("sort=odd", "sort=-odd", "group=odd", "distinct=true&fields=odd"):
            response = client.get(f"/data/t?{parameter}")
            assert (response.status_code, response.json["parameter"]) == (400, parameter.partition("=")[0])
        assert client.get("/data/t?sort=odd").json["message"].endswith("there are a.")
        assert client.get("/data/t?odd__isnull=true").json == [{"a": 1, "odd": None}]


# How long a statement may take

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a FROM n WHERE i = 0",
    "postgresql": "SELECT a FROM t WHERE pg_sleep(600) IS NOT NULL",
    "mysql": "SELECT a FROM t WHERE BENCHMARK(1000000000000, MD5(a)) = 0",
}


@pytest.mark.parametrize("path", ["/data/slow.csv", "/data/slow.json?limit=1", "/data/slow?count=exact&limit=1"])
def test_statement_whose_time_is_over_is_503_and_the_next_is_answered(database_url, path, caplog):
    with table(database_url) as engine:
        name = engine.dialect.name.replace("mariadb", "mysql")
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE VIEW slow AS {SLOW[name].replace('%', '%%')}")
        app = Flask("test")
        publish(Api(app), engine, query_seconds=0.3)
        client = app.test_client()
        response = client.get(path)
        assert response.status_code == 503
        assert "--query-seconds" in response.text
        assert "Traceback" not in caplog.text
        assert client.get("/data/t/1").json == {"a": 1}
        if name == "mysql":
            eventually(lambda: not working(engine))


def working(engine):
    """The statements that MariaDB works at, beside this one."""
    with engine.connect() as connection:
        statement = "SELECT info FROM information_schema.PROCESSLIST WHERE info LIKE '%slow%' AND id <> CONNECTION_ID()"
        return connection.execute(sa.text(statement)).all()


def test_what_the_reader_of_a_stream_takes_does_not_count(database_url):
    with table(database_url) as engine:
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO t VALUES (:a)"), [{"a": number} for number in range(2, 30_000)])
        limited = clocks.limited(engine, 0.3)
        streamed = rows.Batches(limited, sa.select(sa.column("a")).select_from(sa.table("t")))
        first = next(streamed)
        time.sleep(0.5)
        assert sum(map(len, [first, *streamed])) == 29_999


def test_time_is_the_publications_alone(database_url):
    with table(database_url) as engine:
        clocks.limited(engine, 0.001)
        statement = sa.text(f"SELECT 1 FROM t WHERE {LONGER[engine.dialect.name]}")
        for limited in (clocks.limited(engine, 60), engine):
            with limited.connect() as connection:
                assert connection.execute(statement).all() == [(1,)]


LONGER = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99999) SELECT max(i) FROM n) > 0",
    "postgresql": "pg_sleep(0.05) IS NOT NULL",
    "mysql": "SLEEP(0.05) = 0",
    "mariadb": "SLEEP(0.05) = 0",
}
"""What takes longer than a millisecond."""


@contextmanager
def table(url):
    """An engine for writing, of a database with a table of one row."""
    if url.startswith("sqlite"):
        made(engines.Path(engines.url_of(url).database))
    with closing_engine(engines.create(url, writable=True)) as engine:
        if not url.startswith("sqlite"):
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE t (a INTEGER PRIMARY KEY)")
                connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        yield engine
