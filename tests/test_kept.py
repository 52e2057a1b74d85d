"""Finished exports kept on disk, and sent from there: never others than they would be, and never more than may be."""

import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from accounts_service import ADA, UNSET, service
from flask import Flask
from test_server import SECONDS, eventually, read_all, run, running
from werkzeug.http import http_date

from negotiate_api import Api, fields
from negotiate_api.publish import Kept, publish
from negotiate_api.publish.databases import engines
from negotiate_api.publish.kept import exports, ranges
from negotiate_api.service.app import create_app
from negotiate_api.service.errors import Unusable
from negotiate_api.service.sources import sources
from representations import DEFAULTS, HTML

ROWS = 6000

FORMATS = [format_.suffixes[0] for format_ in DEFAULTS if format_().page_size is None]

ACCEPTED = ["application/json", "text/csv", "application/xml", "text/xml", "application/yaml"]

ROOM = 100_000_000

JSON = "/data/things.json"

NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{32}")


def filled(url, word="雷" * 40):
    """An engine of a database with a table that is sent as a stream, and others."""
    engine = sa.create_engine(engines.url_of(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL)")
        connection.exec_driver_sql("CREATE TABLE keyless (name VARCHAR(200))")
        connection.exec_driver_sql("CREATE VIEW seen AS SELECT id, name FROM things")
        rows = [{"id": number, "name": f"{number} {word}"} for number in range(ROWS)]
        connection.execute(sa.text("INSERT INTO things VALUES (:id, :name)"), rows)
        connection.execute(sa.text("INSERT INTO keyless VALUES (:name)"), rows)
    return engine


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "things.sqlite"
    filled(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def path(template, tmp_path):
    """A database of SQLite, to be changed at will."""
    return Path(shutil.copy(template, tmp_path / "things.sqlite"))


@pytest.fixture
def engine(path):
    engine = sa.create_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


def client_of(engine, folder, room=ROOM, api=None, **options):
    app = Flask("test")
    keep = Kept(folder, room) if room else None
    publish(Api(app, catch_all_404s=True, **(api or {})), engine, keep=keep, **options)
    return app.test_client()


@pytest.fixture
def client(engine, folder):
    return client_of(engine, folder)


def get(client, path=JSON, **fields):
    """An answer that has been sent whole."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.get(path, headers=headers, buffered=True)


def kept(folder):
    """The names of what is kept, drafts included."""
    return sorted(name for name in os.listdir(folder) if name != "lock")


def elsewhere(path, script):
    """Run SQL in another process."""
    line = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.close()"
    subprocess.run([sys.executable, "-c", line, str(path), script], check=True)


# The same


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_kept_is_what_was_sent(client, folder, suffix):
    first, second = (get(client, f"/data/things.{suffix}") for _ in range(2))
    assert second.data == first.data
    assert [first.headers.get(name) for name in ("Content-Length", "Accept-Ranges")] == [None, None]
    fields = dict(second.headers)
    assert (fields.pop("Content-Length"), fields.pop("Accept-Ranges")) == (str(len(first.data)), "bytes")
    assert fields == dict(first.headers)
    assert first.headers["ETag"].startswith('"')
    assert len(kept(folder)) == 1


def test_what_is_kept_is_sent_from_the_file(client, folder):
    get(client)
    (name,) = kept(folder)
    (folder / name).write_bytes(b"[]")
    assert get(client).data == b"[]"


def test_nothing_is_asked_of_the_table_for_what_is_kept(client, engine):
    get(client)
    asked = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    get(client)
    assert not [statement for statement in asked if "things" in statement]


def test_head_tells_the_length_of_what_is_kept_and_keeps_nothing(client, folder):
    before = client.head(JSON)
    assert "Content-Length" not in before.headers
    assert kept(folder) == []
    sent = get(client).data
    after = client.head(JSON)
    assert (after.status_code, after.data, after.headers["Content-Length"]) == (200, b"", str(len(sent)))
    assert after.headers["Accept-Ranges"] == "bytes"
    assert after.headers["ETag"] == before.headers["ETag"]


def test_conditions_hold_for_what_is_kept(client):
    tag = get(client).headers["ETag"]
    response = get(client, If_None_Match=tag, Range="bytes=0-9")
    assert (response.status_code, response.data) == (304, b"")
    response = get(client, If_None_Match="*", Range="bytes=0-9")
    assert (response.status_code, response.data, response.headers.get("Accept-Ranges")) == (304, b"", None)
    assert get(client, If_Match='"other"', Range="bytes=0-9").status_code == 412
    assert get(client, If_Match=tag, Range="bytes=0-9").status_code == 206


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("/data/things.json?limit=6000", id="page"),
        pytest.param("/data/things.html", id="HTML"),
        pytest.param("/data/things.json?group=name", id="groups"),
        pytest.param("/data/seen.json", id="view"),
        pytest.param("/data/things.json?id__lt=100", id="short"),
        pytest.param("/data/things/1.json", id="row"),
        pytest.param("/data/things.json?id=none", id="error"),
    ],
)
def test_what_is_no_whole_stream_of_a_known_version_is_not_kept(client, folder, url):
    first, second = get(client, url), get(client, url)
    assert kept(folder) == []
    assert second.data == first.data


def test_each_query_format_and_url_is_kept_by_itself(client, folder):
    paths = [f"{JSON}{query}" for query in ("", "?sort=-id", "?id__gt=10", "?fields=id,name")]
    paths += ["/data/things.csv", "/data/things?format=csv", "/data/things?format=json"]
    sent = [get(client, path).data for path in paths]
    assert len(kept(folder)) == len(paths)
    assert [get(client, path).data for path in paths] == sent
    assert len(set(sent)) == 4


def test_formats_of_one_url_are_kept_apart(client, folder):
    sent = {mediatype: get(client, "/data/things", Accept=mediatype) for mediatype in ACCEPTED}
    assert len(kept(folder)) == len(ACCEPTED)
    for mediatype, first in sent.items():
        response = get(client, "/data/things", Accept=mediatype)
        assert response.mimetype == mediatype
        assert response.data == first.data
        assert response.content_length


def test_formats_that_tell_urls_tell_those_of_the_request(engine, folder):
    app = Flask("test")
    publish(Api(app, representations=[HTML(page_size=None)]), engine, keep=Kept(folder, ROOM))
    paths = ["/data/things.html", "/data/things", "/data/things?format=html"]
    sent = [get(app.test_client(), path).data for path in paths]
    assert len(kept(folder)) == len(paths)
    assert [get(app.test_client(), path).data for path in paths] == sent
    for root in ("/one", "/two"):
        for _ in range(2):
            page = app.test_client().get("/data/things", base_url=f"http://localhost{root}", buffered=True).text
            assert f'href="{root}/data/things/1"' in page


def test_absolute_urls_are_those_of_the_host_that_was_asked(engine, folder):
    definition = {"name": fields.String, "uri": fields.Url("/data/things/<key>", absolute=True)}
    client = client_of(engine, folder, tables=["things"], fields=definition)
    for host in ("one.example", "two.example"):
        for _ in range(2):
            response = client.get(JSON, base_url=f"http://{host}/", buffered=True)
            assert response.json[1]["uri"] == f"http://{host}/data/things/1"
    assert len(kept(folder)) == 2


def test_what_asks_for_a_name_on_disk_has_none(client, folder):
    for path in ("/data/things.json?fields=id,name&x=../../evil", "/data/things.json?name__ne=../../evil%00"):
        get(client, path)
    assert all(NAME.fullmatch(name) for name in kept(folder))
    assert not [name for name in kept(folder) if "evil" in name]


def test_files_are_for_their_owner_alone(client, folder):
    get(client)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {(folder / name).stat().st_mode & 0o777 for name in os.listdir(folder)} == {0o600}


# Ranges


RANGES = {
    "bytes=0-9": (0, 10),
    "bytes=10-19": (10, 20),
    "bytes=10-": (10, 1000),
    "bytes=-7": (993, 1000),
    "bytes=-5000": (0, 1000),
    "bytes=999-5000": (999, 1000),
    "Bytes=0-0": (0, 1),
    "bytes=, 5-6 ,": (5, 7),
    "bytes=0-" + "9" * 900: (0, 1000),
    "bytes=0-1,5-6": None,
    "bytes=9-5": None,
    "bytes=": None,
    "bytes=-": None,
    "bytes=a-b": None,
    "bytes=١-٢": None,
    "bytes 0-1": None,
    "rows=0-1": None,
    "bytes=0-" + "9" * 9000: None,
    "bytes=1000-": 416,
    "bytes=5000-6000": 416,
    "bytes=-0": 416,
}


@pytest.mark.parametrize(("field", "expected"), RANGES.items(), ids=[field[:20] for field in RANGES])
def test_range_is_as_the_rfc_has_it(field, expected):
    if expected == 416:
        with pytest.raises(ranges.RequestedRangeNotSatisfiable):
            ranges.asked(field, 1000)
        return
    found = ranges.asked(field, 1000)
    assert (found and (found.start, found.stop)) == expected


@pytest.mark.parametrize("field", ["bytes=0-9", "bytes=1000-300999", "bytes=-300000", "bytes=500000-"])
def test_part_is_cut_out_of_the_whole(client, field):
    whole = get(client)
    part = ranges.asked(field, len(whole.data))
    response = get(client, Range=field)
    assert response.status_code == 206
    assert response.data == whole.data[part.start : part.stop]
    assert response.headers["Content-Range"] == f"bytes {part.start}-{part.stop - 1}/{len(whole.data)}"
    assert response.headers["Content-Length"] == str(len(part))
    for name in ("ETag", "Content-Type", "Cache-Control"):
        assert response.headers[name] == whole.headers[name]


def test_part_has_the_fields_of_the_whole(client):
    whole = get(client, "/data/things", Accept="text/csv")
    part = get(client, "/data/things", Accept="text/csv", Range="bytes=0-9")
    for name in ("Vary", "Content-Location", "X-Content-Type-Options"):
        assert part.headers[name] == whole.headers[name]


@pytest.mark.parametrize("field", ["bytes=0-1,5-6", "rows=0-1", "bytes=9-5"])
def test_what_is_no_single_range_gets_all(client, field):
    whole = get(client).data
    response = get(client, Range=field)
    assert (response.status_code, response.data) == (200, whole)
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize("suffix", FORMATS)
def test_range_beyond_the_end_is_416_in_each_format(client, suffix):
    whole = get(client, f"/data/things.{suffix}")
    response = get(client, f"/data/things.{suffix}", Range="bytes=99999999-")
    assert response.status_code == 416
    assert response.mimetype == whole.mimetype
    assert response.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    assert str(len(whole.data)).encode() in response.data


def test_range_of_what_is_not_kept_gets_all(client, folder):
    response = get(client, Range="bytes=0-9")
    assert response.status_code == 200
    assert len(response.json) == ROWS
    assert get(client, Range="bytes=0-9").status_code == 206


def test_range_of_head_is_passed_over(client):
    get(client)
    assert client.head(JSON, headers={"Range": "bytes=0-9"}).status_code == 200
    assert client.head(JSON, headers={"Range": "bytes=99999999-"}).status_code == 200


def test_if_range_asks_for_the_part_of_the_same_alone(engine, folder):
    app = Flask("test")
    publication = publish(Api(app), engine, keep=Kept(folder, ROOM))
    publication.modified = lambda: 1_700_000_000.9
    client = app.test_client()
    whole = get(client)
    tag = whole.headers["ETag"]
    expected = {
        tag: 206,
        f" {tag} ": 206,
        f"W/{tag}": 200,
        '"other"': 200,
        tag.strip('"'): 200,
        whole.headers["Last-Modified"]: 206,
        http_date(1_700_000_001): 200,
        http_date(1_600_000_000): 200,
        "yesterday": 200,
    }
    for field, status in expected.items():
        response = get(client, Range="bytes=2-5", If_Range=field)
        assert (field, response.status_code) == (field, status)
        assert response.data == (whole.data[2:6] if status == 206 else whole.data)


def test_if_range_with_a_date_is_false_where_there_is_none():
    assert not ranges.holds(http_date(1_700_000_000), '"x"', None)


def test_resuming_after_a_change_gets_the_new_whole(client, path):
    tag = get(client).headers["ETag"]
    elsewhere(path, "UPDATE things SET name = 'new' WHERE id = 0")
    get(client)
    response = get(client, Range="bytes=100-", If_Range=tag)
    assert (response.status_code, response.json[0]["name"]) == (200, "new")


# Versions


def test_change_by_another_program_is_seen_at_once_and_what_was_before_is_removed(client, folder, path):
    before = get(client)
    elsewhere(path, "UPDATE things SET name = 'new' WHERE id = 0")
    for _ in range(2):
        after = get(client)
        assert after.json[0]["name"] == "new"
        assert after.headers["ETag"] != before.headers["ETag"]
        assert len(kept(folder)) == 1


def test_what_is_kept_of_other_databases_stays(client, folder, path, tmp_path):
    other = sa.create_engine(f"sqlite:///{shutil.copy(path, tmp_path / 'other.sqlite')}")
    get(client_of(other, folder))
    get(client)
    elsewhere(path, "UPDATE things SET name = 'new' WHERE id = 0")
    get(client)
    assert len(kept(folder)) == 2
    other.dispose()


@pytest.mark.parametrize("moment", ["before the rows", "among the rows", "after the rows"])
def test_rows_are_not_kept_for_a_version_that_may_not_be_theirs(engine, folder, path, monkeypatch, moment):
    client = client_of(engine, folder)
    client.get("/data/")  # so that no writer waits for a first connection
    change = ["UPDATE things SET name = 'new' WHERE id = 0"]

    def commit():
        if change:
            elsewhere(path, change.pop())

    if moment == "before the rows":
        take_over = exports.take_over
        monkeypatch.setattr(exports, "take_over", lambda *given: (take_over(*given), commit())[0])
    elsewhere(path, "PRAGMA journal_mode = WAL")
    response = client.get(JSON)
    chunks = response.iter_encoded()
    sent = next(chunks)
    if moment == "among the rows":
        commit()
    sent += b"".join(chunks)
    if moment == "after the rows":
        commit()
    response.close()
    assert (b'"new"' in sent) == (moment == "before the rows")
    assert kept(folder) == []
    assert get(client).json[0]["name"] == "new"
    assert get(client).json[0]["name"] == "new"
    assert len(kept(folder)) == 1


def test_rows_are_not_kept_where_the_version_cannot_be_read_again(client, folder, monkeypatch):
    monkeypatch.setattr(exports.Copied, "__next__", unreadable(exports.Copied.__next__, client))
    assert len(get(client).json) == ROWS
    assert kept(folder) == []


def unreadable(following, client):
    """Let the database be away when the last chunk has been read."""

    def __next__(self):
        try:
            return following(self)
        except StopIteration:
            publication = self._is_current.args[0]

            def fail(*given):
                raise sa.exc.OperationalError(None, None, Exception("away"))

            publication.version = fail
            raise

    return __next__


def test_postgresql_is_kept_until_anybody_commits(servers, folder):
    engine = filled(servers.fresh("postgresql"))
    client = client_of(engine, folder)
    sent = get(client).data
    again = get(client, Range="bytes=0-99")
    assert (again.status_code, again.data) == (206, sent[:100])
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE things SET name = 'new' WHERE id = 0")
    after = get(client, Range="bytes=0-99")
    assert (after.status_code, after.json[0]["name"]) == (200, "new")
    assert get(client).json == after.json
    assert len(kept(folder)) == 1
    assert get(client, "/data/keyless.json").data
    assert len(kept(folder)) == 1
    engine.dispose()


def test_rows_of_postgresql_that_are_newer_than_their_tag_are_not_kept(servers, folder, monkeypatch):
    engine = filled(servers.fresh("postgresql"))
    client = client_of(engine, folder)
    take_over = exports.take_over

    def and_then_commit(*given):
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE things SET name = name || '!'")
        return take_over(*given)

    monkeypatch.setattr(exports, "take_over", and_then_commit)
    assert get(client).json[0]["name"].endswith("!")
    assert kept(folder) == []
    engine.dispose()


def test_mariadb_has_no_versions_and_nothing_is_kept(servers, folder):
    engine = filled(servers.fresh("mariadb"), "word" * 30)
    client = client_of(engine, folder)
    assert get(client).data == get(client).data
    assert kept(folder) == []
    engine.dispose()


# Clients and errors


def test_client_that_leaves_leaves_nothing(client, folder):
    response = client.get(JSON)
    next(response.iter_encoded())
    assert len(kept(folder)) == 1
    response.close()
    assert kept(folder) == []


def test_client_that_is_forgotten_leaves_nothing(client, folder):
    response = client.get(JSON)
    chunks = response.iter_encoded()
    next(chunks)
    del response, chunks
    assert kept(folder) == []


def test_export_that_fails_is_not_kept(engine, folder):
    def fails(value):
        if value == f"{ROWS - 1} {'雷' * 40}":
            raise RuntimeError("broken")
        return value

    class Failing(fields.Raw):
        def format(self, value):
            return fails(value)

    client = client_of(engine, folder, tables=["things"], fields={"id": fields.Integer, "name": Failing})
    with pytest.raises(RuntimeError, match="broken"):
        get(client)
    assert kept(folder) == []


def test_what_is_kept_is_not_counted_as_an_export(engine, folder):
    client = client_of(engine, folder, exports=1)
    get(client)
    running_export = client.get("/data/things.csv")
    assert get(client, "/data/things.yaml").status_code == 503
    assert get(client).status_code == 200
    running_export.close()
    assert len(kept(folder)) == 1


def test_what_is_removed_while_it_is_sent_is_sent_whole(client, folder):
    whole = get(client).data
    response = client.get(JSON)
    chunks = response.iter_encoded()
    sent = next(chunks)
    (name,) = kept(folder)
    (folder / name).unlink()
    assert sent + b"".join(chunks) == whole
    response.close()


def test_file_that_has_become_shorter_ends_the_connection(client, folder):
    whole = get(client).data
    response = client.get(JSON)
    assert response.headers["Content-Length"] == str(len(whole))
    (name,) = kept(folder)
    os.truncate(folder / name, 1000)
    with pytest.raises(EOFError):
        b"".join(response.iter_encoded())
    response.close()


@contextmanager
def longest_file(size):
    """Let no file get longer, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_export_goes_on_where_the_disk_is_full(client, folder, caplog):
    with longest_file(200_000):
        sent = get(client)
    assert len(sent.json) == ROWS
    assert kept(folder) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(folder) in caplog.text


def test_export_goes_on_where_the_folder_cannot_be_made(engine, folder, caplog):
    folder.write_text("a file")
    client = client_of(engine, folder)
    for _ in range(2):
        assert len(get(client).json) == ROWS
    assert len(caplog.records) == 3
    folder.unlink()
    assert get(client).data == get(client).data
    assert len(kept(folder)) == 1


def test_folder_that_is_removed_is_made_again(client, folder):
    get(client)
    shutil.rmtree(folder)
    assert get(client).data == get(client).data
    assert len(kept(folder)) == 1


# Room


def test_what_does_not_fit_is_not_kept(engine, folder):
    length = len(get(client_of(engine, folder, room=None)).data)
    small = client_of(engine, folder, room=length - 1)
    assert len(get(small).json) == ROWS
    assert kept(folder) == []
    exact = client_of(engine, folder, room=length)
    get(exact)
    assert len(kept(folder)) == 1


def test_what_was_used_least_recently_makes_room(engine, folder):
    paths = [f"{JSON}?id__gt={number}" for number in range(3)]
    length = len(get(client_of(engine, folder, room=None), paths[0]).data)
    client = client_of(engine, folder, room=2 * length + length // 2)
    for path in (paths[0], paths[1], paths[0], paths[2]):
        get(client, path)
    assert [client.head(path).content_length is not None for path in paths] == [True, False, True]
    assert sum((folder / name).stat().st_size for name in kept(folder)) <= 2.5 * length


def test_drafts_count_and_are_not_written_on_beyond_the_bound(folder):
    store = Kept(folder, 10_000_000)
    drafts = [store.draft(store.name("database", "version", str(number))) for number in range(5)]
    most = 0
    for _ in range(80):
        for draft in drafts:
            draft.write(b"x" * 100_000)
        most = max(most, sum((folder / name).stat().st_size for name in kept(folder)))
    assert most < 15_000_000
    for draft in drafts:
        draft.keep()
    names = kept(folder)
    assert all(NAME.fullmatch(name) for name in names)
    assert {(folder / name).stat().st_size for name in names} <= {8_000_000}


def test_what_a_crash_has_left_makes_room_first(folder):
    store = Kept(folder, 3_000_000)
    left = folder / f"{store.name('database', 'version', 'left')}.{'0' * 16}"
    left.write_bytes(b"x" * 2_000_000)
    os.utime(left, (1, 1))
    draft = store.draft(store.name("database", "version", "new"))
    for _ in range(20):
        draft.write(b"x" * 100_000)
    draft.keep()
    assert [(folder / name).stat().st_size for name in kept(folder)] == [2_000_000]
    assert not left.exists()


def test_start_removes_what_was_kept_and_what_a_crash_has_left(folder):
    store = Kept(folder, ROOM)
    name = store.name("database", "version", "export")
    for one in (name, f"{name}.{'0' * 16}", "of somebody else"):
        (folder / one).write_bytes(b"x")
    Kept(folder, ROOM)  # while the other is there
    assert len(kept(folder)) == 3
    del store
    Kept(folder, ROOM)
    assert kept(folder) == ["of somebody else"]


def test_start_beside_another_process_removes_nothing(folder):
    script = (
        "import sys; from negotiate_api.publish import Kept\n"
        "kept = Kept(sys.argv[1], 9); print(flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        name = "0" * 16 + "-" + "0" * 16 + "-" + "0" * 32
        (folder / name).write_bytes(b"x")
        Kept(folder, ROOM)
        assert kept(folder) == [name]
        other.stdin.close()
    Kept(folder, ROOM)
    assert kept(folder) == []


WRITE = """
import sys
from negotiate_api.publish import Kept

kept = Kept(sys.argv[1], 10**9)
name = kept.name("database", "version", "export")
print(flush=True)
sys.stdin.readline()
for turn in range(100):
    draft = kept.draft(name)
    for _ in range(100):
        draft.write(b"x" * 1000)
    draft.keep()
    if file := kept.find(name):
        with file:
            assert len(file.read(10**6)) == 100_000
    if turn % 3 == 0:
        kept.remove(name)
"""


def test_what_many_processes_write_at_once_is_kept_once_and_whole(folder):
    line = [sys.executable, "-c", WRITE, str(folder)]
    processes = [subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=SECONDS)
    assert [process.returncode for process in processes] == [0] * 4
    assert len(kept(folder)) <= 1
    assert all(NAME.fullmatch(name) for name in kept(folder))


# The service


@pytest.fixture
def plain(monkeypatch):
    """An environment that says nothing, before the test and after it."""
    for name in (*UNSET, "NEGOTIATE_PUBLISH", "NEGOTIATE_PRIVATE", "NEGOTIATE_KEEP", "NEGOTIATE_WRITABLE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_private_data_is_not_sent_from_what_is_kept_to_who_may_not_read(plain, monkeypatch, path, tmp_path):
    for name, value in (("PUBLISH", str(path)), ("PRIVATE", "1"), ("KEEP", "1GB")):
        monkeypatch.setenv(f"NEGOTIATE_{name}", value)
    instance = tmp_path / "instance"
    with service(None, instance) as app:
        client = app.test_client()
        for _ in range(2):
            mine = client.get(JSON, auth=ADA, buffered=True)
            assert mine.status_code == 200
        assert mine.content_length == len(mine.data)
        assert mine.headers["Cache-Control"] == "private, no-store"
        assert len(kept(instance / "kept")) == 1
        for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"}, {"If-None-Match": "*"}):
            for method in ("GET", "HEAD"):
                response = client.open(JSON, method=method, headers=headers, buffered=True)
                assert response.status_code == 401
                assert "雷" not in response.text
                assert "Content-Range" not in response.headers
        assert client.get(JSON, auth=(ADA[0], "wrong"), buffered=True).status_code == 401
        assert client.get(JSON, auth=ADA, headers={"Range": "bytes=0-9"}, buffered=True).status_code == 206


def test_what_was_kept_is_removed_where_nothing_is_any_more(plain, monkeypatch, path, tmp_path):
    monkeypatch.setenv("NEGOTIATE_PUBLISH", str(path))
    folder = tmp_path / "kept"
    create_app(None, tmp_path)
    assert not folder.exists()
    folder.mkdir()
    (folder / ("0" * 16 + "-" + "0" * 16 + "-" + "0" * 32)).write_bytes(b"x")
    create_app(None, tmp_path)
    assert kept(folder) == []


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 0), ("0", 0), ("10", 10), ("1GB", 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29), ("2k", 2000)],
)
def test_size_is_as_people_write_it(plain, monkeypatch, text, size):
    monkeypatch.setenv("NEGOTIATE_KEEP", text)
    assert sources().keep == size


@pytest.mark.parametrize("text", ["much", "-1", "1 PB", "1e9", "٣"])
def test_what_is_no_size_is_refused(plain, monkeypatch, text):
    monkeypatch.setenv("NEGOTIATE_KEEP", text)
    with pytest.raises(Unusable, match="500MB"):
        sources()


def test_what_is_no_size_is_told_at_the_start(tmp_path):
    ended = run("--instance", tmp_path, "--keep", "much")
    assert ended.returncode != 0
    assert "'much'" in ended.stderr
    assert "Traceback" not in ended.stderr


def curl(service, *options, path=JSON):
    line = ["curl", "-s", "-S", *options, f"http://127.0.0.1:{service.port}{path}"]
    return subprocess.run(line, capture_output=True, timeout=SECONDS, check=True).stdout


def test_two_workers_send_one_file_and_no_old_rows(path, tmp_path):
    folder = tmp_path / "instance" / "kept"
    options = ("--publish", path, "--instance", folder.parent, "--workers", 2, "--keep", "50MB")
    with running(*options) as started:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: curl(started), range(16)))
        assert len(set(answers)) == 1
        eventually(lambda: len(kept(folder)) == 1)
        with ThreadPoolExecutor(8) as pool:
            parts = list(pool.map(lambda n: curl(started, "-r", f"{n * 1000}-{n * 1000 + 999}"), range(40)))
        assert b"".join(parts) == answers[0][:40_000]

        (tmp_path / "part").write_bytes(answers[0][:123_456])
        curl(started, "-C", "-", "-o", str(tmp_path / "part"))
        assert (tmp_path / "part").read_bytes() == answers[0]
        assert int(re.search(rb"Content-Length: (\d+)", curl(started, "-I"))[1]) == len(answers[0])

        for number in range(5):
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("UPDATE things SET name = ? WHERE id = 0", [f"new {number}"])
            with ThreadPoolExecutor(4) as pool:
                for answer in pool.map(lambda _: curl(started), range(8)):
                    assert f'"new {number}"'.encode() in answer[:100]
        eventually(lambda: len(kept(folder)) == 1)
        assert "kept" not in started.stop()[2]


def test_clients_that_leave_a_server_leave_nothing(path, tmp_path):
    folder = tmp_path / "instance" / "kept"
    elsewhere(path, "INSERT INTO things SELECT id + 10000, name || hex(randomblob(3000)) FROM things")
    options = ("--publish", path, "--instance", folder.parent, "--workers", 1, "--keep", "500MB")
    with running(*options) as started:
        for _ in range(5):
            with started.connect(buffer=4096) as client:
                client.sendall(b"GET /data/things.csv HTTP/1.1\r\nHost: x\r\n\r\n")
                client.recv(1000)
                eventually(lambda: kept(folder))
        eventually(lambda: not kept(folder))
        whole = curl(started, path="/data/things.csv")
        eventually(lambda: len(kept(folder)) == 1)
        with started.connect(buffer=4096) as client:
            client.sendall(b"GET /data/things.csv HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1000)
        with started.connect() as client:
            client.sendall(b"GET /data/things.csv HTTP/1.0\r\n\r\n")
            assert read_all(client).partition(b"\r\n\r\n")[2] == whole
        assert "Traceback" not in started.stop()[2]


def test_threads_that_fill_and_change_at_once_never_get_rows_of_before(client, folder, engine):
    begun, ended = threading.Event(), threading.Event()
    committed = [0]

    def change():
        begun.wait(SECONDS)
        for number in range(1, 30):
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE things SET name = '{number}' WHERE id IN (0, {ROWS - 1})")
            committed[0] = number
        ended.set()

    def read():
        reader = client.application.test_client()
        while not ended.is_set():
            least = committed[0]
            rows = get(reader).json
            begun.set()
            if least:
                assert rows[0]["name"] == rows[-1]["name"]
                assert int(rows[0]["name"]) >= least

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(one) for one in (read, read, read, change)]:
            future.result(SECONDS)
    get(client)
    assert len(kept(folder)) == 1
