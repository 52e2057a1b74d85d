"""Rows of a database, in process: a published table, beside Flask-RESTful with Flask-SQLAlchemy and marshal_with.

/data/people/1 and /orm/people/1 are a row by its key, /data/people?limit=25 and /orm/people?limit=25 a page. Both read
one SQLite file, and tell the same. Ours has entity tags and links to other pages besides; the other is what its
documentation shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import flask_restful
from flask import Flask, request
from flask_restful import fields
from flask_sqlalchemy import SQLAlchemy

from negotiate_api import Api
from negotiate_api.publish import publish

from .people import person
from .requests import JSON, told, wsgi
from .table import Case

ROWS = 1000
SIZES = (25, 100)
PERSON = {
    "id": fields.Integer,
    "name": fields.String,
    "email": fields.String,
    "city": fields.String,
    "balance": fields.Float,
    "rate": fields.Float,
    "active": fields.Boolean,
    "born": fields.String,
    "seen": fields.DateTime(dt_format="iso8601"),
    "note": fields.String,
}


def stock(url: str) -> Flask:
    """Flask-RESTful over a model, which it also fills the database with."""
    app = Flask("stock")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db = SQLAlchemy(app)

    class Person(db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "people"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(80), nullable=False)
        email = db.Column(db.String(80), nullable=False)
        city = db.Column(db.String(80), nullable=False)
        balance = db.Column(db.Float, nullable=False)
        rate = db.Column(db.Float, nullable=False)
        active = db.Column(db.Boolean, nullable=False)
        born = db.Column(db.String(10), nullable=False)
        seen = db.Column(db.DateTime, nullable=False)
        note = db.Column(db.String(80))

    class Item(flask_restful.Resource):  # type: ignore[misc]
        @flask_restful.marshal_with(PERSON)  # type: ignore[untyped-decorator]
        def get(self, id: int) -> Any:  # noqa: A002 - as the column
            return db.get_or_404(Person, id)

    class List(flask_restful.Resource):  # type: ignore[misc]
        @flask_restful.marshal_with(PERSON)  # type: ignore[untyped-decorator]
        def get(self) -> Any:
            query = db.select(Person).order_by(Person.id).limit(int(request.args["limit"]))
            return db.session.scalars(query).all()

    api = flask_restful.Api(app)
    api.add_resource(Item, "/orm/people/<int:id>")
    api.add_resource(List, "/orm/people")
    with app.app_context():
        db.create_all()
        db.session.add_all(Person(**as_columns(number)) for number in range(1, ROWS + 1))
        db.session.commit()
    return app


def as_columns(number: int) -> dict[str, Any]:
    found = person(number)
    seen = datetime.fromisoformat(found["seen"]).replace(tzinfo=None)
    return {**found, "balance": float(found["balance"]), "seen": seen}


def ours(url: str) -> Flask:
    """The same table, published."""
    app = Flask("ours")
    publish(Api(app), url)
    return app


def cases() -> Iterator[Case]:
    """Ours against theirs. Raises AssertionError where they tell something else."""
    folder = Path(mkdtemp())
    url = f"sqlite:///{folder}/people.db"
    theirs = stock(url)
    mine = ours(url)
    paths = [("/{}/1", "item"), *((f"/{{}}?limit={size}", f"{size} rows") for size in SIZES)]
    for path, what in paths:
        pair = path.format("data/people"), path.format("orm/people")
        assert told(mine, pair[0]) == told(theirs, pair[1])
        name = f"database: JSON, {what} / Flask-RESTful with the ORM"
        yield Case(name, wsgi(mine, pair[0], JSON), wsgi(theirs, pair[1], JSON), 3.5 if what == "item" else None)
