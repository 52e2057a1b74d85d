"""Conditional requests to published tables (RFC 9110, section 13), and the versions that they go by."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import pairwise

import databases
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.pool import NullPool
from test_server import eventually

from negotiate_api import Api, fields
from negotiate_api.publish import publish
from negotiate_api.publish.databases import engines, versions

COLUMNS = "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20))"


def made(url, **options):
    """An engine of a database with one table."""
    engine = sa.create_engine(engines.url_of(url), **options)
    with engine.begin() as connection:
        connection.exec_driver_sql(COLUMNS)
        connection.exec_driver_sql("INSERT INTO things VALUES (1, 'one'), (2, 'two')")
    return engine


def client_of(engine, **options):
    app = Flask("test")
    publish(Api(app), engine, **options)
    return app.test_client()


def version(engine):
    with engine.connect() as connection:
        return versions.of(engine).read(connection)


@pytest.fixture
def statements():
    """What is asked of tables, on any engine."""
    asked = []

    def note(connection, cursor, statement, *rest):
        if "things" in statement:
            asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


# Versions


ELSEWHERE = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.close()"


def elsewhere(path, script):
    """Run SQL in another process, to whose end the last connection may be closed."""
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(path), script], check=True)


def file_of(tmp_path, mode):
    path = tmp_path / "things.sqlite"
    elsewhere(path, f"PRAGMA journal_mode = {mode}; {COLUMNS}; INSERT INTO things VALUES (0, 'zero')")
    return path


MODES = ["DELETE", "TRUNCATE", "PERSIST", "WAL"]

CHANGES = {
    "insert": "INSERT INTO things VALUES (9, 'nine')",
    "insert and remove": "INSERT INTO things VALUES (9, 'nine'); DELETE FROM things WHERE id = 9",
    "update": "UPDATE things SET name = 'ten' WHERE id = 0",
    "same length": "UPDATE things SET name = 'orez' WHERE id = 0",
    "delete": "DELETE FROM things",
    "table": "CREATE TABLE more (id INTEGER PRIMARY KEY)",
    "checkpoint": "UPDATE things SET name = 'x'; PRAGMA wal_checkpoint(TRUNCATE)",
    "mode": "UPDATE things SET name = 'x'; PRAGMA journal_mode = DELETE; UPDATE things SET name = 'y'",
}


@pytest.mark.parametrize("pool", [None, NullPool], ids=["pooled", "unpooled"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_version_of_sqlite_is_another_after_each_commit_of_another_process(tmp_path, mode, change, pool):
    path = file_of(tmp_path, mode)
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=pool)
    if "journal_mode" in change and mode == "WAL" and pool is None:
        change = CHANGES["update"]  # the mode cannot be changed while the pool has a connection
    before = version(engine)

    elsewhere(path, change)

    assert before is not None
    assert version(engine) not in (None, before)
    engine.dispose()


@pytest.mark.parametrize("mode", MODES)
def test_version_of_sqlite_is_another_after_each_own_commit(tmp_path, mode):
    path = file_of(tmp_path, mode)
    engine = sa.create_engine(f"sqlite:///{path}")
    seen = [version(engine)]
    for number in range(1, 30):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE things SET name = 'name {number % 2}'")
        seen.append(version(engine))
    assert None not in seen
    assert len(set(seen)) == len(seen)
    engine.dispose()


@pytest.mark.parametrize("mode", MODES)
def test_version_of_sqlite_is_the_same_while_nothing_is_committed(tmp_path, mode):
    path = file_of(tmp_path, mode)
    engine, other = (sa.create_engine(f"sqlite:///{path}") for _ in range(2))
    before = version(engine)
    with other.connect() as connection:
        connection.exec_driver_sql("UPDATE things SET name = 'never'")
        assert version(engine) == before
        connection.rollback()
        assert version(engine) == version(other) == before
    engine.dispose()
    other.dispose()


def test_version_of_sqlite_outlives_a_checkpoint_and_is_alike_in_each_process(tmp_path):
    path = file_of(tmp_path, "WAL")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET name = 'here'")
    before = version(engine)

    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    told = subprocess.run([sys.executable, "-c", TELL, f"sqlite:///{path}"], check=True, capture_output=True, text=True)
    assert version(engine) == before == told.stdout.strip()
    engine.dispose()


TELL = """
import sys, sqlalchemy
from negotiate_api.publish.databases import versions
engine = sqlalchemy.create_engine(sys.argv[1])
with engine.connect() as connection:
    print(versions.of(engine).read(connection))
"""


def test_no_version_of_sqlite_comes_again_as_the_log_is_begun_anew(tmp_path):
    path = file_of(tmp_path, "WAL")
    engine = sa.create_engine(f"sqlite:///{path}")
    seen = []
    for number in range(20):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE things SET name = '{number % 2}'")
        seen.append(version(engine))
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(RESTART)")
    assert len(set(seen)) == len(seen)
    engine.dispose()


def test_version_of_sqlite_is_told_of_a_commit_that_is_in_the_log_and_not_yet_seen(tmp_path):
    """A commit is in the log before it is seen, for as long as the disk takes; no version may be of both."""
    path = file_of(tmp_path, "WAL")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE more (data TEXT)")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    before = version(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 1")  # so that the log is written to before the commit
        for _ in range(20):
            connection.exec_driver_sql("INSERT INTO more SELECT hex(randomblob(50000)) FROM things")
        assert os.path.getsize(f"{path}-wal") > 0
        assert version(engine) == before
        connection.commit()
    assert version(engine) != before
    engine.dispose()


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_version_of_sqlite_is_not_told_in_the_moment_of_a_commit(tmp_path, mode):
    """The next commit could be in the same moment of the kernel's clock."""
    path = file_of(tmp_path, mode)
    engine = sa.create_engine(f"sqlite:///{path}")
    assert version(engine)
    assert time.time_ns() - os.stat(path).st_mtime_ns > 20_000_000
    engine.dispose()


@pytest.mark.parametrize("index", ["there", "gone"])
def test_version_of_sqlite_that_was_left_with_a_log_is_that_of_what_is_read(tmp_path, index):
    path = file_of(tmp_path, "WAL")
    script = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); os._exit(0)"
    seen = []
    for name in "ab":
        subprocess.run([sys.executable, "-c", script, str(path), f"UPDATE things SET name = '{name}'"], check=True)
        engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
        if index == "gone":
            (tmp_path / "things.sqlite-shm").unlink()
        assert (tmp_path / "things.sqlite-wal").stat().st_size
        seen.append(version(engine))
    assert None not in seen
    assert len(set(seen)) == 2


def test_version_of_sqlite_covers_what_is_attached(tmp_path):
    path = file_of(tmp_path, "DELETE")
    attached = tmp_path / "more.sqlite"
    elsewhere(attached, "CREATE TABLE more (id INTEGER PRIMARY KEY)")
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", lambda c, record: c.execute(f"ATTACH '{attached}' AS \"more of it\"").close())
    before = version(engine)

    elsewhere(attached, "INSERT INTO more VALUES (1)")

    assert before is not None
    assert version(engine) not in (None, before)
    engine.dispose()


def test_sqlite_in_memory_has_no_version():
    engine = sa.create_engine("sqlite://")
    assert version(engine) is None
    engine.dispose()


def test_version_of_sqlite_that_cannot_be_written_to_is_known(tmp_path):
    path = file_of(tmp_path, "DELETE")
    os.chmod(path, 0o400)
    os.chmod(tmp_path, 0o500)
    try:
        engine = engines.create(f"sqlite:///{path}", writable=False)
        assert version(engine) == version(engine) is not None
        engine.dispose()
    finally:
        os.chmod(tmp_path, 0o700)


@pytest.mark.parametrize("mode", MODES)
def test_version_of_sqlite_takes_no_lock_away(tmp_path, mode):
    path = file_of(tmp_path, mode)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("UPDATE things SET name = 'mine'")
        version(engine)
        with pytest.raises(subprocess.CalledProcessError):
            elsewhere(path, "PRAGMA busy_timeout = 0; UPDATE things SET name = 'theirs'")
        connection.commit()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT name FROM things")) == "mine"
    engine.dispose()


def test_version_of_postgresql_is_another_after_each_commit(servers):
    engine = made(servers.fresh("postgresql"))
    other = sa.create_engine(engine.url)
    seen = [version(engine)]
    for number in range(5):
        with other.begin() as connection:
            connection.exec_driver_sql(f"UPDATE things SET name = 'name {number % 2}'")
        seen.append(version(engine))
    assert None not in seen
    assert all(a != b for a, b in pairwise(seen))
    assert version(engine) == version(engine) == version(other)
    engine.dispose()
    other.dispose()


def test_version_of_postgresql_is_of_what_is_committed_while_others_still_write(servers):
    engine = made(servers.fresh("postgresql"))
    with engine.connect() as first, engine.connect() as second:
        for number, connection in enumerate((first, second), 1):
            connection.exec_driver_sql(f"UPDATE things SET name = 'x' WHERE id = {number}")
        both = version(engine)
        second.commit()
        one = version(engine)
        first.commit()
        assert len({both, one, version(engine)}) == 3
    engine.dispose()


def test_version_of_postgresql_is_another_after_a_crash():
    """Which empties unlogged tables, and gives numbers of transactions anew."""
    with ExitStack() as stack:
        server = databases.PostgreSQL()
        stack.callback(server.stop)
        engine = sa.create_engine(engines.url_of(server.fresh("crashing")))
        stack.callback(engine.dispose)
        with engine.begin() as connection:
            connection.exec_driver_sql(COLUMNS.replace("TABLE", "UNLOGGED TABLE"))
            connection.exec_driver_sql("INSERT INTO things VALUES (1, 'one')")
        client = client_of(engine)
        tag = client.get("/data/things").headers["ETag"]
        with engine.connect() as connection:
            os.kill(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar(), signal.SIGKILL)
            connection.invalidate()
        eventually(lambda: is_empty(engine))
        response = client.get("/data/things", headers={"If-None-Match": tag})
        assert (response.status_code, response.json) == (200, [])


def is_empty(engine):
    """Whether the table is, on a server that may be beginning anew."""
    try:
        with engine.connect() as connection:
            return not connection.scalar(sa.text("SELECT count(*) FROM things"))
    except sa.exc.OperationalError:
        engine.dispose()
        return False


def test_mariadb_has_no_version(servers):
    engine = made(servers.fresh("mariadb"))
    assert version(engine) is None
    engine.dispose()


# Requests


@pytest.fixture
def engine(database_url):
    engine = made(database_url)
    yield engine
    engine.dispose()


ONES_WITH_TAGS = ["/data/things", "/data/things?limit=1", "/data/things?name=one", "/data/things/1"]


def has_version(engine):
    return engine.dialect.name not in ("mysql", "mariadb")


def has_tag(engine, path):
    """On a database without versions, what is no page has no tag."""
    return has_version(engine) or path not in ("/data/things", "/data/things?name=one")


@pytest.mark.parametrize("path", ONES_WITH_TAGS)
def test_who_has_it_gets_304_with_the_fields_of_200(engine, path):
    client = client_of(engine, cache_control="max-age=5")
    first = client.get(path)
    if not has_tag(engine, path):
        assert "ETag" not in first.headers
        return
    for method in ("GET", "HEAD"):
        second = client.open(path, method=method, headers={"If-None-Match": first.headers["ETag"]})
        assert (second.status_code, second.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control", "Content-Location"):
            assert second.headers[name] == first.headers[name]
        assert "Content-Type" not in second.headers


@pytest.mark.parametrize("path", ["/data/things", "/data/things?limit=1&count=exact", "/data/things?format=html"])
def test_304_of_a_collection_asks_nothing_of_its_table(engine, path, statements):
    client = client_of(engine)
    tag = client.get(path).headers.get("ETag")
    del statements[:]
    response = client.get(path, headers={"If-None-Match": tag or '"none"'})
    assert (response.status_code, len(statements)) == (304, 0) if has_version(engine) else (200, 1)


@pytest.mark.parametrize("path", ONES_WITH_TAGS)
def test_what_is_changed_has_another_tag(engine, path):
    client = client_of(engine)
    before = client.get(path).headers.get("ETag")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET name = 'One' WHERE id = 1")
    response = client.get(path, headers={"If-None-Match": before or '"none"'})
    assert response.status_code == 200
    assert response.headers.get("ETag") != before or not has_tag(engine, path)


def test_item_keeps_its_tag_while_others_change(engine):
    client = client_of(engine)
    before = client.get("/data/things/1").headers["ETag"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET name = 'Two' WHERE id = 2")
    assert client.get("/data/things/1", headers={"If-None-Match": before}).status_code == 304
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET id = 3 WHERE id = 1")
        connection.exec_driver_sql("UPDATE things SET id = 1, name = 'one' WHERE id = 2")
    assert client.get("/data/things/1").headers["ETag"] == before


def test_tags_differ_by_format_and_by_what_is_asked_for(engine):
    client = client_of(engine)
    paths = [
        "/data/things?limit=5",
        "/data/things?limit=5&format=csv",
        "/data/things?limit=5&format=html",
        "/data/things?limit=4",
        "/data/things?limit=5&sort=-id",
        "/data/things?limit=5&fields=id",
        "/data/things/1",
        "/data/things/1.csv",
        "/data/things/1?fields=id",
        "/data/things/2",
    ]
    tags = [client.get(path).headers["ETag"] for path in paths]
    assert len(set(tags)) == len(tags)
    assert all(tag.startswith('"') for tag in tags)
    same = [client.get(path).headers["ETag"] for path in ("/data/things/1.json", "/data/things/1?format=json")]
    assert same == [tags[6]] * 2
    assert tags[0].partition(".")[0] == tags[1].partition(".")[0] == tags[2].partition(".")[0]


def test_tags_differ_by_settings(tmp_path):
    engine = made(f"sqlite:///{tmp_path}/things.sqlite")
    tags = []
    for options in ({}, {"fields": {"id": fields.Integer}}, {"prefix": "/more"}):
        client = client_of(engine, **options)
        prefix = options.get("prefix", "/data")
        tags += [client.get(f"{prefix}/things").headers["ETag"], client.get(f"{prefix}/things/1").headers["ETag"]]
    assert len(set(tags)) == len(tags)
    engine.dispose()


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('W/"other",W/{tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("nonsense", 200),
    ],
)
@pytest.mark.parametrize("path", ["/data/things?limit=9", "/data/things/1"])
def test_if_none_match_is_a_list_compared_weakly(engine, path, template, status):
    client = client_of(engine)
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": template.format(tag=tag)}).status_code == status


def test_tag_of_another_format_is_no_304(engine):
    client = client_of(engine)
    tag = client.get("/data/things/1.csv").headers["ETag"]
    assert client.get("/data/things/1.json", headers={"If-None-Match": tag}).status_code == 200


def test_if_match_on_reading_is_412_where_it_is_another(engine):
    client = client_of(engine)
    assert client.get("/data/things/1", headers={"If-Match": '"other"'}).status_code == 412
    assert client.get("/data/things/1", headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("path", ["/data/things?nope=1", "/data/things/99", "/data/things?page=9"])
def test_errors_have_no_tag(engine, path):
    assert "ETag" not in client_of(engine).get(path, headers={"If-None-Match": "*"}).headers
    assert client_of(engine).get(path).status_code in (400, 404)


def test_whatever_is_there_is_304_to_who_wants_nothing_that_is(engine):
    client = client_of(engine)
    for path in filter(lambda path: has_tag(engine, path), ONES_WITH_TAGS):
        assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304
    assert engine.pool.checkedout() == 0


def test_view_has_no_tag_unless_it_is_a_page(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW seen AS SELECT * FROM things")
    client = client_of(engine)
    assert "ETag" not in client.get("/data/seen").headers
    tag = client.get("/data/seen?limit=1").headers["ETag"]
    assert client.get("/data/seen?limit=1", headers={"If-None-Match": tag}).status_code == 304


def test_last_modified_is_told_of_a_file_that_is_some_seconds_old(tmp_path, monkeypatch):
    path = file_of(tmp_path, "DELETE")
    client = client_of(f"sqlite:///{path}")
    assert "Last-Modified" not in client.get("/data/things").headers
    monkeypatch.setattr(versions, "SECOND", -1)
    response = client.get("/data/things")
    assert response.last_modified.timestamp() > 1_700_000_000  # no settings are older than the publication
    since = {"If-Modified-Since": response.headers["Last-Modified"]}
    assert client.get("/data/things", headers=since).status_code == 304
    assert client.get("/data/things", headers={"If-Modified-Since": "Sun, 09 Sep 2001 01:46:40 GMT"}).status_code == 200
    assert client.get("/data/things", headers={**since, "If-None-Match": '"other"'}).status_code == 200
    monkeypatch.undo()
    elsewhere(path, CHANGES["update"])
    assert client.get("/data/things", headers=since).status_code == 200


@pytest.mark.parametrize("way", ["moved", "copied", "linked"])
def test_modified_is_later_where_an_older_file_is_put_in_place(tmp_path, monkeypatch, way):
    monkeypatch.setattr(versions, "SECOND", -1)
    kept, new, folder = tmp_path / "kept", tmp_path / "new", tmp_path / "data"
    kept.mkdir()
    new.mkdir()
    path = folder / file_of(new, "DELETE").name
    folder.symlink_to(new)
    old = file_of(kept, "DELETE")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
    found = versions.of(engine)

    def modified():
        with engine.connect() as connection:
            assert found.read(connection)
        return found.modified()

    before = modified()
    if way == "moved":
        old.replace(path)
    elif way == "copied":
        shutil.copy2(old, path)
    else:
        folder.unlink()
        folder.symlink_to(kept)
    assert modified() > before > 1_700_000_000


def test_database_that_is_replaced_is_read_anew(tmp_path):
    path = file_of(tmp_path, "DELETE")
    client = client_of(f"sqlite:///{path}")
    first = client.get("/data/things")
    (tmp_path / "new").mkdir()
    new = file_of(tmp_path / "new", "DELETE")
    elsewhere(new, CHANGES["update"])
    kept = path.stat()
    os.utime(new, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    new.replace(path)
    second = client.get("/data/things", headers={"If-None-Match": first.headers["ETag"]})
    assert second.json == [{"id": 0, "name": "ten"}]
