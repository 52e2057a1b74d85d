"""Tables of an application's own models and engine, written under the rules that their database has."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from negotiate_api import Api
from negotiate_api.publish import publish


@contextmanager
def library(tmp_path):
    """A client of authors and their books on SQLite, as models are published, and the application's engine."""
    app = Flask("test")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'library.db'}"
    api, db = Api(app), SQLAlchemy(app)

    class Author(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(100))

    class Book(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        author_id = db.Column(db.ForeignKey("author.id"))
        pages = db.Column("page_count", db.Integer, db.CheckConstraint("page_count > 0"))
        price = db.Column(db.Numeric(8, 2))
        cost = db.Column(db.Integer)
        stars = db.Column(db.Integer)
        __table_args__ = (
            db.CheckConstraint(price >= 0, name="fair"),
            db.CheckConstraint(cost.is_(None) | (cost < stars)),
        )

    with app.app_context():
        db.create_all()
        db.session.add_all([Author(id=7, name="Ann"), Book(id=1, author_id=7, pages=9)])
        db.session.commit()
        publish(api, [Author, Book], writable=["author", "book"])
        yield app.test_client(), db.engine
        db.session.remove()
        db.engine.dispose()


def test_foreign_keys_are_kept_where_the_application_does_not_ask_for_it(tmp_path):
    with library(tmp_path) as (client, _):
        for method, path, body in (
            ("PATCH", "book/1", {"author_id": 99}),
            ("PATCH", "book", [{"id": 1, "author_id": 99}]),
            ("POST", "book", {"author_id": 99}),
            ("DELETE", "author/7", None),
            ("DELETE", "author?name=Ann&confirm=1", None),
            ("PUT", "author?missing=delete", [{"id": 8, "name": "Bob"}]),
        ):
            answer = client.open(f"/data/{path}", method=method, json=body)
            assert answer.status_code == 409, (method, path, answer.text)
            dry = client.open(f"/data/{path}{'&' if '?' in path else '?'}dry_run=1", method=method, json=body)
            assert "rejected" in [step["action"] for step in dry.json]
        assert client.get("/data/author/7").status_code == 200
        assert client.patch("/data/book/1", json={"author_id": None}).status_code == 200
        assert client.delete("/data/author/7").status_code == 204


@pytest.mark.parametrize("arguments", [{}, {"poolclass": sa.StaticPool}], ids=["a file", "one connection"])
def test_an_engine_that_is_lent_checks_foreign_keys_in_writes_of_ours_alone(tmp_path, arguments):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}", **arguments)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a)")
    app = Flask("test")
    publish(Api(app), engine, writable=["b"])
    client = app.test_client()
    assert client.post("/data/b", json={"a": 5}).status_code == 409
    assert client.post("/data/b", json={"a": None}).status_code == 201
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        connection.exec_driver_sql("INSERT INTO b (a) VALUES (5)")
    assert client.post("/data/b", json={"a": 5}).status_code == 409
    engine.dispose()


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ({"pages": 0}, "pages", 0, "breaks the rule page_count > 0"),
        ({"price": -1}, "price", "-1", "breaks the rule price >= 0 (constraint fair)"),
        (
            {"cost": 5, "stars": 3},
            "cost, stars",
            None,
            "breaks the rule cost IS NULL OR cost < stars: cost is 5 and stars is 3",
        ),
    ],
    ids=["of a column", "with a name", "of two columns"],
)
def test_a_rule_of_a_model_that_a_row_breaks_is_told_with_its_words(tmp_path, row, column, value, reason):
    with library(tmp_path) as (client, _):
        answer = client.patch("/data/book/1", json=row)
        (error,) = answer.json["errors"]
        assert (answer.status_code, error["column"], str(error["value"]), error["reason"]) == (
            422,
            column,
            str(value),
            reason,
        )


def test_an_identity_that_only_a_model_knows_of_keeps_no_key_from_being_stored(tmp_path):
    tables = sa.MetaData()
    table = sa.Table("t", tables, sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    tables.create_all(engine)
    app = Flask("test")
    publish(Api(app), engine, tables=[table], writable=["t"])
    assert app.test_client().post("/data/t", json={"id": 7}).json == {"id": 7}
    engine.dispose()
