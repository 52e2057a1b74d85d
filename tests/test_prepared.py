"""What is asked again and again is answered as what is asked once."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from negotiate_api import Api
from negotiate_api.publish import publish

SCHEMA = """
    CREATE TABLE kinds (
        id INTEGER PRIMARY KEY, word TEXT, fraction REAL, amount DECIMAL(10, 2), yes BOOLEAN, day DATE, moment DATETIME,
        hour TIME, data BLOB, other JSON
    );
    INSERT INTO kinds
    VALUES (1, 'é', 0.5, 1.10, 1, '2024-02-29', '2024-02-29 12:00:00', '12:30:00', x'00ff', '{"a": 1}');
    INSERT INTO kinds VALUES (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE words (word TEXT PRIMARY KEY, day DATE, UNIQUE (word, day)) WITHOUT ROWID;
    INSERT INTO words VALUES ('a/b', '2024-02-29'), ('A', NULL);
    CREATE TABLE pairs (day DATE NOT NULL, word TEXT NOT NULL, PRIMARY KEY (day, word));
    INSERT INTO pairs VALUES ('2024-02-29', 'é');
"""

URLS = [
    *("/kinds/1", "/kinds/2", "/kinds/1?fields=moment,amount", "/kinds/3", "/words/a~2Fb", "/words/A", "/words/a"),
    *("/pairs/2024-02-29,é", "/pairs/2024-02-29,e", "/kinds?limit=1", "/kinds?id__in=1,2&limit=5", "/kinds?after=1"),
    *("/kinds?word=é&limit=9", "/kinds?day__gte=2024-01-01&limit=9", "/kinds?limit=1&page=2", "/kinds?before="),
]


@pytest.fixture
def path(tmp_path):
    with closing(sqlite3.connect(tmp_path / "kinds.db")) as connection:
        connection.executescript(SCHEMA)
    return tmp_path / "kinds.db"


@pytest.fixture
def served(path):
    app = Flask("prepared")
    publication = publish(Api(app), f"sqlite:///{path}", "")
    yield app.test_client(), publication.engine
    publication.engine.dispose()


@pytest.mark.parametrize("url", URLS)
def test_answer_is_the_same_each_time(served, url):
    client, engine = served
    event.listen(engine, "before_cursor_execute", note := lambda *call: None)  # then SQLAlchemy is asked
    first = client.get(url, headers={"Accept": "application/json"})
    event.remove(engine, "before_cursor_execute", note)
    for _ in range(4):
        again = client.get(url, headers={"Accept": "application/json"})
        assert (again.status, again.data, again.headers) == (first.status, first.data, first.headers)


def test_statements_are_told_to_who_listens(served):
    client, engine = served
    for _ in range(3):
        client.get("/kinds/1")
    heard = []
    event.listen(engine, "before_cursor_execute", note := lambda *call: heard.append(call[2]))
    client.get("/kinds/1")
    event.remove(engine, "before_cursor_execute", note)
    assert any("kinds" in statement for statement in heard)


def test_what_is_asked_again_needs_no_sqlalchemy(served, monkeypatch):
    client, _ = served
    for _ in range(3):
        client.get("/kinds/1")
    monkeypatch.setattr(sa.Connection, "execute", None)
    assert client.get("/kinds/1").status_code == 200


def test_row_is_read_anew_each_time(served, path):
    client, _ = served
    for number in range(5):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE kinds SET word = ? WHERE id = 1", (str(number),))
        assert client.get("/kinds/1.json").json["word"] == str(number)


def test_file_that_is_put_in_its_place_is_read(served, path, tmp_path):
    client, _ = served
    for _ in range(4):
        client.get("/kinds/1.json")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.executescript(SCHEMA)
        connection.execute("UPDATE kinds SET word = 'other' WHERE id = 1")
    (tmp_path / "other.db").replace(path)
    assert [client.get("/kinds/1.json").json["word"] for _ in range(4)] == ["other"] * 4


def test_connections_are_closed_with_their_engine(served):
    client, engine = served
    engine.dispose()
    opened = []
    event.listen(engine, "connect", lambda connection, record: opened.append(connection))
    for _ in range(4):
        client.get("/kinds/1.json")
    assert opened
    engine.dispose()
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_text_that_is_no_utf_8_is_read(served, path):
    client, _ = served
    for _ in range(3):
        client.get("/kinds/1.json")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE kinds SET word = CAST(x'61ff' AS TEXT) WHERE id = 1")
    assert [client.get("/kinds/1.json").json["word"] for _ in range(2)] == ["a\ufffd"] * 2


def test_table_that_is_gone_is_503(served, path):
    client, _ = served
    for _ in range(3):
        client.get("/kinds/1.json")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE kinds")
    response = client.get("/kinds/1.json")
    assert (response.status_code, response.json["message"][:28]) == (503, "What is published here is no")


def test_statement_that_takes_too_long_is_503(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) "
            "SELECT i FROM n"
        )
        connection.execute(
            "CREATE VIEW slow AS SELECT 1 AS id, count(*) AS n FROM n a, n b WHERE a.i + b.i = ?".replace("?", "7")
        )
    app = Flask("prepared")
    publication = publish(Api(app), f"sqlite:///{path}", "", query_seconds=0.05)
    statuses = [
        app.test_client().get("/slow?limit=1", headers={"Accept": "application/json"}).status_code for _ in range(4)
    ]
    publication.engine.dispose()
    assert statuses == [503] * 4


@pytest.mark.parametrize("url", ["/kinds/1", "/kinds?limit=1"])
def test_file_that_is_gone_is_503(served, path, url):
    client, _ = served
    for _ in range(3):
        assert client.get(url).status_code == 200
    path.rename(path.with_name("elsewhere"))
    assert [client.get(url).status_code for _ in range(3)] == [503, 503, 503]
    path.with_name("elsewhere").rename(path)
    assert client.get(url).status_code == 200
