"""Whole tables: what the database gives comes unchanged and in order, and how many may be sent at once."""

import datetime
import decimal
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from itertools import chain

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_restful import fields
from sqlalchemy import exc
from test_engines import made, other, reading
from werkzeug.exceptions import ServiceUnavailable

from negotiate_api import Api
from negotiate_api.publish import publish, rows
from negotiate_api.publish.databases import apsw_reader, engines, sqlite_files
from negotiate_api.service import sources
from negotiate_api.service.errors import Unusable
from negotiate_api.service.slots import Slots
from representations import DEFAULTS

TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(40)),
    sa.Column("share", sa.Float),
    sa.Column("price", sa.Numeric(10, 2)),
    sa.Column("good", sa.Boolean),
    sa.Column("day", sa.Date),
    sa.Column("at", sa.DateTime),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("more", sa.JSON),
)

SIZES = (0, 1, 2, rows.BATCH - 1, rows.BATCH, rows.BATCH + 1, 2 * rows.BATCH + 1)

T = sa.select(sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), info={"rowid": "rowid"}))

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {}) "


def thing(number):
    """A row; every seventh has nothing but its key."""
    if number % 7 == 6:
        return {"id": number}
    return {
        "id": number,
        "name": f"Ü {number % 5}'\"",
        "share": number / 3,
        "price": decimal.Decimal(number) / 4,
        "good": number % 2 == 0,
        "day": datetime.date(2024, 1, 1) + datetime.timedelta(number),
        "at": datetime.datetime(2024, 1, 1, 12, 30, 15) + datetime.timedelta(number),
        "raw": bytes([number % 256]),
        "more": {"n": [number, None]},
    }


def stocked(url, size):
    """An engine for writing, of a database with so many things."""
    if url.startswith("sqlite"):
        engines.Path(engines.url_of(url).database).touch()
    engine = engines.create(url, writable=True)
    with engine.begin() as connection:
        TABLE.create(connection)
        shown = [dict.fromkeys(TABLE.c.keys()) | thing(number) for number in range(size)]
        if shown:
            connection.execute(sa.insert(TABLE), shown)
    return engine


def plain(connection, select):
    """What SQLAlchemy gives."""
    return [tuple(row) for row in connection.execute(select)]


def flat(batches):
    return list(chain.from_iterable(batches))


@contextmanager
def ended(engine):
    yield engine
    engine.dispose()


@pytest.fixture(params=["apsw", "sqlite3"])
def reader(request, monkeypatch):
    """What reads whole tables of SQLite."""
    if request.param == "sqlite3":
        monkeypatch.setattr(apsw_reader, "apsw", None)
    return request.param


@pytest.fixture
def read_by_apsw(monkeypatch):
    """The statements that apsw reads, as they come."""
    assert apsw_reader.apsw, "The tests need apsw: run `make test`, or install requirements.txt."
    found = []

    class Noted(apsw_reader.Reader):
        def __init__(self, path, inode, statement, *more):
            super().__init__(path, inode, statement, *more)
            found.append(statement)

    monkeypatch.setattr(apsw_reader, "Reader", Noted)
    return found


# What comes


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_those_that_sqlalchemy_gives(database_url, size):
    select = sa.select(TABLE).order_by(TABLE.c.id)
    with ended(stocked(database_url, size)) as engine, engine.connect() as connection:
        assert flat(rows.Batches(engine, select)) == plain(connection, select)
        assert all(type(row) is tuple for row in flat(rows.Batches(engine, select)))
        assert [len(batch) for batch in rows.Batches(engine, select)][:-1] == [rows.BATCH] * ((size - 1) // rows.BATCH)


@pytest.mark.parametrize("size", SIZES)
def test_rows_of_sqlite_are_those_that_sqlalchemy_gives(reader, servers, size):
    url = servers.fresh("sqlite")
    stocked(url, size).dispose()
    select = sa.select(TABLE, (TABLE.c.id * 2).label("twice")).where(TABLE.c.id != sa.literal(5))
    with ended(engines.create(url)) as engine, engine.connect() as connection:
        for asked in (select, select.order_by(TABLE.c.name, TABLE.c.id.desc()), select.limit(3).offset(1)):
            assert flat(rows.Batches(engine, asked)) == plain(connection, asked)


def test_rows_that_are_shaped_are_what_is_shown(database_url):
    with ended(stocked(database_url, rows.BATCH + 3)) as engine:
        app = Flask("test")
        definition = {"n": fields.Integer(attribute="id"), "cost": fields.Float(attribute="price")}
        publish(Api(app), engine, fields={"things": definition})
        client = app.test_client()
        found = client.get("/data/things").json
        assert found[3:7:3] == [{"n": 3, "cost": 0.75}, {"n": 6, "cost": None}]
        assert [row["n"] for row in found] == list(range(rows.BATCH + 3))
        assert client.get("/data/things?limit=2").json == found[:2]
        assert client.get("/data/things/3").json == found[3]


def test_rows_of_another_class_are_tuples(tmp_path):
    path = made(tmp_path / "a.db")
    with ended(sa.create_engine(f"sqlite:///{path}")) as engine:
        sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "row_factory", sqlite3.Row))
        found = flat(rows.Batches(engine, T))
        assert found == [(1,)]
        assert type(found[0]) is tuple


def test_columns_without_names_are_refused():
    with pytest.raises(ValueError, match="1 names for 9 columns"):
        rows.rows(sa.create_engine("sqlite://"), sa.select(TABLE), ["id"])


def test_types_of_sqlite_are_known_where_nothing_is_made_of_its_values(servers):
    url = servers.fresh("sqlite")
    with ended(stocked(url, 10)) as engine:
        known = rows.rows(engine, sa.select(TABLE.c.id, TABLE.c.name, TABLE.c.share, TABLE.c.raw))
        assert known.types == {int, float, str, bytes, type(None)}
        assert known.types.issuperset(map(type, chain.from_iterable(known.tuples())))
        assert rows.rows(engine, sa.select(TABLE.c.id, TABLE.c.day)).types is None
        assert rows.rows(engine, sa.select(TABLE.c.id), shape=list).types is None
    with ended(sa.create_engine(f"sqlite:///{engines.url_of(url).database}")) as foreign:
        assert rows.rows(foreign, sa.select(TABLE.c.id)).types is None


FAILING = {
    "sqlite": "CASE id WHEN {} THEN abs(-9223372036854775807 - 1) ELSE id END",
    "postgresql": "1 / (id - {})",
    "mysql": "CASE id WHEN {} THEN (SELECT 1 UNION SELECT 2) ELSE id END",
}


@pytest.mark.parametrize("at", [0, rows.BATCH + 10])
def test_error_of_the_driver_is_sqlalchemys_wherever_it_comes(database_url, at):
    with ended(stocked(database_url, rows.BATCH + 20)) as engine, Flask("test").app_context():
        expression = FAILING[engine.dialect.name.replace("mariadb", "mysql")].format(at)
        select = sa.select(TABLE.c.id, sa.literal_column(expression).label("n")).order_by(TABLE.c.id)
        seen = []
        with engine.connect() as connection, pytest.raises(exc.DBAPIError):
            seen.extend(map(len, rows._batches(connection, select)))
        assert seen == [rows.BATCH] * (at // rows.BATCH)
        assert engine.pool.checkedout() == 0


@pytest.mark.parametrize("at", [3, rows.BATCH + 10])
def test_text_that_is_no_utf_8_is_shown_as_far_as_it_is(reader, servers, at):
    url = servers.fresh("sqlite")
    with ended(stocked(url, rows.BATCH + 20)) as engine, engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE things SET name = CAST(X'41FF42' AS TEXT) WHERE id = {at}")
    with ended(engines.create(url)) as engine:
        found = flat(rows.Batches(engine, sa.select(TABLE.c.id, TABLE.c.name).order_by(TABLE.c.id)))
        assert [row[0] for row in found] == list(range(rows.BATCH + 20))
        assert found[at] == (at, "A\ufffdB")


# SQLite, read through apsw


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate"])
def test_apsw_reads_a_file_that_is_only_read(tmp_path, read_by_apsw, mode):
    path = made(tmp_path / "of words?#%.db", mode)
    with reading(path) as engine:
        assert flat(rows.Batches(engine, T)) == [(1,)]
        assert len(read_by_apsw) == 1
        with engine.connect() as connection:
            connection.execute(T)
        assert len(read_by_apsw) == 1  # a small request is the driver's


def test_log_with_rows_is_the_drivers(tmp_path, read_by_apsw):
    path = made(tmp_path / "a.db")
    with reading(path) as engine, other(path) as program:
        program.execute("INSERT INTO t VALUES (2)")
        assert flat(rows.Batches(engine, T)) == [(1,), (2,)]
        assert read_by_apsw == []
        program.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert flat(rows.Batches(engine, T)) == [(1,), (2,)]
        assert len(read_by_apsw) == 1


def test_writable_database_is_the_drivers(servers, read_by_apsw):
    with ended(stocked(servers.fresh("sqlite"), 3)) as engine:
        assert len(flat(rows.Batches(engine, sa.select(TABLE)))) == 3
        assert read_by_apsw == []


@pytest.mark.parametrize("expression", ["(a || '') REGEXP '1'", "unknown(a)"])
def test_function_that_apsw_lacks_is_the_drivers(tmp_path, read_by_apsw, expression):
    with reading(made(tmp_path / "a.db")) as engine:
        sa.event.listen(engine.pool, "checkout", lambda c, *_: c.create_function("unknown", 1, lambda a: a))
        select = sa.select(sa.literal_column(expression).label("n")).select_from(sa.table("t"))
        assert flat(rows.Batches(engine, select)) == [(1,)]
        assert read_by_apsw == []


def test_floor_is_sqlalchemys(tmp_path, reader):
    with reading(made(tmp_path / "a.db")) as engine:
        select = sa.select(sa.func.floor(2.5)).select_from(sa.table("t"))
        (found,) = flat(rows.Batches(engine, select))
        assert [(type(value), value) for value in found] == [(int, 2)]


LOCKED = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN EXCLUSIVE")
except sqlite3.OperationalError as error:
    print(error)
"""


def who_writes(path):
    """Nothing, or why another program that wants to write may not."""
    return subprocess.run([sys.executable, "-c", LOCKED, path], capture_output=True, text=True, check=True).stdout


def test_apsw_takes_no_lock_of_the_drivers_away(tmp_path, read_by_apsw):
    path = made(tmp_path / "a.db", "delete")
    with reading(path) as engine:
        with engine.connect() as connection:
            connection.execute(T).all()  # and so its transaction holds a lock
            assert flat(rows.Batches(engine, T)) == [(1,)]
            assert len(read_by_apsw) == 1
            assert "locked" in who_writes(path)
        assert who_writes(path) == ""


def filled(path, mode):
    """A database with many rows, used by nobody."""
    with other(made(path, mode)) as program:
        program.execute(f"INSERT INTO t {NUMBERS.format(20_000)} SELECT i + 1 FROM n")
    return path


def test_export_keeps_a_writer_from_its_file_with_a_rollback_journal(reader, tmp_path):
    path = filled(tmp_path / "a.db", "delete")
    with reading(path) as engine, closing(rows.Batches(engine, T)) as found:
        seen = list(next(found))
        assert "locked" in who_writes(path)
        assert [*seen, *flat(found)] == [(number,) for number in range(1, 20_002)]
        assert who_writes(path) == ""


def test_export_sees_one_state_while_another_program_writes(reader, tmp_path):
    path = filled(tmp_path / "a.db", "wal")
    with other(path) as program, reading(path) as engine:
        program.execute("SELECT 1 FROM t")  # so that there is a log, which is empty
        with closing(rows.Batches(engine, T)) as found:
            seen = list(next(found))
            program.execute("UPDATE t SET a = -a")
            program.execute("PRAGMA wal_checkpoint(PASSIVE)")
            assert [*seen, *flat(found)] == [(number,) for number in range(1, 20_002)]
        assert flat(rows.Batches(engine, T))[-1] == (-1,)


def test_export_is_broken_off_where_a_program_begins_to_write(reader, tmp_path):
    path = filled(tmp_path / "a.db", "wal")
    with reading(path) as engine, Flask("test").app_context(), closing(rows.Batches(engine, T)) as found:
        next(found)
        with other(path) as program:
            program.execute("UPDATE t SET a = -a")
        with pytest.raises(ServiceUnavailable):
            next(found)


def test_file_that_is_replaced_is_read_to_its_end(tmp_path, read_by_apsw):
    path, newer = made(tmp_path / "a.db", "delete"), made(tmp_path / "b.db", "delete")
    with other(path) as program:
        program.execute(f"INSERT INTO t {NUMBERS.format(50_000)} SELECT i + 1 FROM n")
    with reading(path) as engine:
        with closing(rows.Batches(engine, T)) as found:
            first = next(found)
            newer.replace(path)
            assert flat(rows.Batches(engine, T)) == [(1,)]
            assert len(first) + len(flat(found)) == 50_001
        assert len(read_by_apsw) == 2
    assert not any(sqlite_files._held.values())


SLOW = f"CREATE VIEW slow AS {NUMBERS.replace(' LIMIT {}', '')}SELECT i AS a FROM n WHERE i {{}}"


@pytest.mark.parametrize("where", ["= 0", "% 1000000 = 1"], ids=["no row", "few rows"])
def test_statement_of_a_whole_table_whose_time_is_over_is_503(reader, tmp_path, where):
    path = made(tmp_path / "a.db")
    with other(path) as program:
        program.execute(SLOW.format(where))
    app = Flask("test")
    publish(Api(app), f"sqlite:///{path}", query_seconds=0.2)
    response = app.test_client().get("/data/slow.csv")
    assert response.status_code == 503
    assert "--query-seconds" in response.text
    assert app.test_client().get("/data/t.csv").text == "a\r\n1\r\n"


# How many at once


@contextmanager
def exporting(engine, exports):
    """A client of many things, of which so many are sent whole at once."""
    app = Flask("test")
    publish(Api(app), engine, exports=exports)
    with ended(engine):
        yield app.test_client()


def many(servers, exports):
    engine = stocked(servers.fresh("sqlite"), 20_000)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE few (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO few {NUMBERS.format(rows.BATCH - 1)} SELECT i FROM n")
    return exporting(engine, exports)


def test_further_export_is_503_in_every_format_until_one_is_read_or_left(servers):
    streams = [format_ for format_ in DEFAULTS if format_.mediatype != "text/html"]
    with many(servers, 1) as client:
        for end in (lambda response: response.close(), lambda response: response.get_data()):
            first = client.get("/data/things.csv")
            assert first.is_streamed
            for format_ in streams:
                refused = client.get("/data/things", headers={"Accept": format_.mediatype})
                assert (refused.status_code, refused.mimetype) == (503, format_.mediatype)
                assert int(refused.headers["Retry-After"]) > 0
                assert b"Try again later" in refused.data
            end(first)
            assert client.get("/data/things.csv").status_code == 200


@pytest.mark.parametrize(
    "path", ["/data/", "/data/things/7", "/data/things?limit=500", "/data/things?format=html", "/data/few.csv"]
)
def test_rows_and_pages_are_answered_beside_exports(servers, path):
    with many(servers, 1) as client, closing(client.get("/data/things.csv")):
        assert client.get(path).status_code == 200


def test_export_with_text_that_is_no_utf_8_counts_too(servers):
    engine = stocked(servers.fresh("sqlite"), 20_000)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET name = CAST(X'FF' AS TEXT)")
    with exporting(engine, 1) as client, closing(client.get("/data/things.csv")):
        assert client.get("/data/things.csv").status_code == 503


def test_limit_is_not_taken_by_an_export_that_fails(servers):
    with many(servers, 1) as client:
        for _ in range(3):
            assert client.get("/data/things.csv?sort=nothing").status_code == 400
        assert client.get("/data/things.csv").status_code == 200


def test_semaphore_may_be_that_of_several_publications(servers, tmp_path):
    shared = Slots(tmp_path, 1)
    with many(servers, shared) as one, many(servers, shared) as other_:
        with closing(one.get("/data/things.csv")):
            assert other_.get("/data/things.csv").status_code == 503
        assert other_.get("/data/things.csv").status_code == 200


HOLDER = """
import pathlib, sys
from negotiate_api.service import sources
from negotiate_api.service.errors import Unusable
from negotiate_api.service.slots import Slots
held = Slots(pathlib.Path(sys.argv[1]), 2)
print(held.acquire(), flush=True)
sys.stdin.read()
"""


def test_slots_count_in_several_processes_and_outlive_none(tmp_path):
    line = [sys.executable, "-c", HOLDER, str(tmp_path)]
    holder = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "True\n"
        here = Slots(tmp_path, 2)
        assert [here.acquire(), here.acquire()] == [True, False]
        here.release()
        assert here.acquire()
        holder.kill()
        holder.wait()
    assert [here.acquire(), here.acquire()] == [True, False]
    here.release()
    here.release()


def test_slots_are_this_process_s_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").touch()
    here = Slots(tmp_path / "file" / "exports", 1)
    assert [here.acquire(), here.acquire()] == [True, False]
    here.release()
    assert here.acquire()


def test_slots_outlive_their_folder(tmp_path):
    here = Slots(tmp_path / "exports", 2)
    assert here.acquire()
    shutil.rmtree(tmp_path / "exports")
    assert here.acquire()
    here.release()
    here.release()


@pytest.mark.parametrize("text", ["-1", "many", "1.5", "²", "100000"])
def test_number_of_exports_that_is_none_is_told(monkeypatch, text):
    monkeypatch.setenv("NEGOTIATE_EXPORTS", text)
    with pytest.raises(Unusable, match="NEGOTIATE_EXPORTS is"):
        sources.sources()


def test_export_that_nobody_reads_to_its_end_is_let_go_of_without_a_word(reader, tmp_path, caplog):
    with reading(filled(tmp_path / "a.db", "delete")) as engine:
        with closing(rows.Batches(engine, T)) as found:
            next(found)
        assert engine.pool.checkedout() == 0
    assert caplog.records == []
    assert not any(sqlite_files._held.values())


def test_database_that_a_link_leads_to_is_read_with_its_log(reader, tmp_path):
    path, link = made(tmp_path / "a.db"), tmp_path / "link.db"
    link.symlink_to(path)
    with other(path) as program, reading(link) as engine:
        for number in (2, 3):
            program.execute(f"INSERT INTO t VALUES ({number})")
            assert flat(rows.Batches(engine, T))[-1] == (number,)


COMPUTED = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, share REAL, said TEXT AS (share || '') VIRTUAL)",
    f"INSERT INTO t (id, share) {NUMBERS.format(600)} SELECT i, i / 7.0 FROM n",
    "CREATE VIEW sums AS SELECT id % 10 AS id, sum(share) AS share FROM t GROUP BY 1",
    "CREATE TABLE plain (id INTEGER PRIMARY KEY, share REAL)",
    "INSERT INTO plain SELECT id, share FROM t",
)


def test_what_sqlite_computes_is_the_same_in_a_whole_table_and_in_pages(tmp_path, read_by_apsw):
    path = tmp_path / "a.db"
    with other(path) as program:
        for statement in COMPUTED:
            program.execute(statement)
    app = Flask("test")
    with ended(publish(Api(app), f"sqlite:///{path}").engine):
        client = app.test_client()
        for name in ("t", "sums", "plain"):
            assert client.get(f"/data/{name}.ndjson").data == client.get(f"/data/{name}.ndjson?limit=1000").data
    assert len(read_by_apsw) == 1


# Counted for formats that begin with their length


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_as_many_as_are_counted(database_url, size):
    with ended(stocked(database_url, size)) as engine:
        found = rows.Batches(engine, sa.select(TABLE.c.id).where(TABLE.c.id != 1).order_by(TABLE.c.id))
        assert found.count() == len(flat(found)) == size - (size > 1)


def test_rows_are_counted_in_the_transaction_that_reads_them(database_url):
    with ended(stocked(database_url, 2 * rows.BATCH)) as engine:
        found = rows.Batches(engine, sa.select(TABLE.c.id))
        count = found.count()
        with engine.begin() as connection:
            connection.execute(sa.delete(TABLE).where(TABLE.c.id < 7))
            connection.execute(sa.insert(TABLE), [thing(5000)])
        assert len(flat(found)) == count == 2 * rows.BATCH


def test_rows_that_were_counted_and_are_not_read_let_go_of_their_connection(database_url):
    with ended(stocked(database_url, 1)) as engine:
        found = rows.Batches(engine, sa.select(TABLE.c.id))
        found.count()
        assert engine.pool.checkedout() == 1
        found.close()
        assert engine.pool.checkedout() == 0
