"""publish(): models, and declared fields, which say what there is of a table."""

import csv
import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from negotiate_api import Api, fields
from negotiate_api.publish import publish

SHOWN = {"id": fields.Integer, "who": fields.String(attribute="name")}
"""Of Author: neither its email nor its password."""

BOOK = {
    "id": fields.Integer,
    "title": fields.String,
    "author_id": fields.Integer(default=None),
    "author": fields.Url("/data/author/<key>"),
}

FORMATS = ["json", "csv", "tsv", "xml", "yaml", "ndjson", "msgpack"]


class Shop:
    """An application with models of its own, whose attributes are called otherwise than their columns."""

    def __init__(self, folder):
        self.app = Flask("test")
        self.app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/shop.sqlite"
        self.app.config["SQLALCHEMY_BINDS"] = {"other": f"sqlite:///{folder}/other.sqlite"}
        self.db = db = SQLAlchemy(self.app)

        class Author(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column("n", db.String(20), nullable=False)
            email = db.Column(db.String(20), unique=True)
            password = db.Column("pw", db.String(20), default="none")

        class Book(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column("t", db.String(20))
            author_id = db.Column("a", db.ForeignKey("author.id"))
            editor_id = db.Column("e", db.ForeignKey("author.id"))

        class Elsewhere(db.Model):
            __bind_key__ = "other"
            id = db.Column(db.Integer, primary_key=True)

        self.Author, self.Book, self.Elsewhere = Author, Book, Elsewhere
        with self.app.app_context():
            db.create_all()
            db.session.add_all(
                [
                    Author(id=1, name="Ada", email="ada@x", password="s3cret"),
                    Author(id=2, name="Bob", email="bob@x", password="aaa"),
                    Book(id=1, title="Notes", author_id=1, editor_id=2),
                    Book(id=2, title="More", author_id=None, editor_id=2),
                ]
            )
            db.session.commit()

    def publish(self, *arguments, **options):
        publish(Api(self.app, catch_all_404s=True), *arguments, **options)
        return self.app.test_client()

    def authors(self):
        """What is stored."""
        with self.app.app_context():
            found = self.db.session.execute(self.db.select(self.Author).order_by(self.Author.id)).scalars()
            return [(one.id, one.name, one.email, one.password) for one in found]


STORED = [(1, "Ada", "ada@x", "s3cret"), (2, "Bob", "bob@x", "aaa")]


@pytest.fixture
def shop(tmp_path):
    found = Shop(tmp_path)
    yield found
    with found.app.app_context():
        for engine in found.db.engines.values():
            engine.dispose()


def related(response):
    """URLs of what is related, by title."""
    text = "\n".join(response.headers.getlist("Link"))
    return {title: url for url, title in re.findall(r'<([^>]*)>; rel="related"; title="([^"]*)"', text)}


# Models


@pytest.mark.parametrize("given", ["db", "model", "models", "tables"])
def test_models_are_published_with_the_names_of_their_attributes(shop, given):
    database = {"model": shop.Author, "models": [shop.Author, shop.Book]}.get(given, shop.db)
    client = shop.publish(database, tables=[shop.Author] if given == "tables" else None)
    assert client.get("/data/author/1").json == {"id": 1, "name": "Ada", "email": "ada@x", "password": "s3cret"}
    assert [row["id"] for row in client.get("/data/author?name=Bob&sort=password").json] == [2]
    assert client.get("/data/author?pw=aaa").status_code == 400
    assert client.get("/data/book").status_code == (404 if given in ("model", "tables") else 200)


def test_model_of_another_bind_is_published_from_its_database(shop):
    assert shop.publish(shop.Elsewhere).get("/data/elsewhere").json == []
    with pytest.raises(ValueError, match="several databases"):
        shop.publish([shop.Author, shop.Elsewhere], "/both")


def test_model_without_a_database_is_told_of(shop):
    class Base(DeclarativeBase):
        pass

    class Loose(Base):
        __tablename__ = "loose"
        id = shop.db.Column(shop.db.Integer, primary_key=True)

    with pytest.raises(ValueError, match=r"Loose has no engine .*tables=\[Loose\]"):
        shop.publish(Loose)


def test_model_is_written_by_the_names_of_its_attributes(shop):
    client = shop.publish(shop.Author, writable=["author"])
    assert client.post("/data/author", json={"name": "Eva", "email": "eva@x"}).json["password"] == "none"
    assert client.patch("/data/author/2", json={"name": "Bo"}).json["name"] == "Bo"


# What declared fields show


@pytest.mark.parametrize("by", ["definition", "model", "name"])
def test_declared_fields_are_what_is_shown(shop, by):
    given = {"definition": SHOWN, "model": {shop.Author: SHOWN}, "name": {"author": SHOWN}}[by]
    client = shop.publish(shop.Author, fields=given)
    assert client.get("/data/author").json == [{"id": 1, "who": "Ada"}, {"id": 2, "who": "Bob"}]
    assert client.get("/data/author/2").json == {"id": 2, "who": "Bob"}
    assert client.get("/data/author.csv?limit=1").text.splitlines() == ["id,who", "1,Ada"]
    assert '<a href="/data/author/1">1</a>' in client.get("/data/author.html").text


def test_names_of_fields_are_asked_for(shop):
    client = shop.publish(shop.Author, fields=SHOWN)
    assert client.get("/data/author?who=Bob").json == [{"id": 2, "who": "Bob"}]
    assert client.get("/data/author?sort=-who&fields=who").json == [{"who": "Bob"}, {"who": "Ada"}]
    assert client.get("/data/author?q=ad&or=(who=Ada,id=9)").json == [{"id": 1, "who": "Ada"}]
    assert client.get("/data/author?group=who").json == [{"who": "Ada", "count": 1}, {"who": "Bob", "count": 1}]
    assert client.get("/data/author?distinct=true&fields=who").json == [{"who": "Ada"}, {"who": "Bob"}]


@pytest.mark.parametrize(
    "parameter",
    [
        *(f"{name}={value}" for name in ("password", "pw") for value in ("s3cret", "x")),
        *(f"password__{operator}=s" for operator in ("ne", "lt", "gte", "in", "startswith", "icontains", "like")),
        "pw__isnull=true",
        "or=(id=9,password=s3cret)",
        "sort=pw",
        "sort=password",
        "fields=password",
        "group=password",
        "max=pw",
        "name=Ada",
        "expand=password",
    ],
)
@pytest.mark.parametrize("path", ["/data/author", "/data/author/1"])
def test_hidden_columns_cannot_be_asked_for(shop, path, parameter):
    client = shop.publish([shop.Author, shop.Book], fields={"author": SHOWN})
    response = client.get(f"{path}?{parameter}&count=exact")
    assert response.status_code == 400
    assert "X-Total-Count" not in response.headers


def test_hidden_columns_are_not_searched(shop):
    client = shop.publish(shop.Author, fields=SHOWN)
    assert client.get("/data/author?q=s3cret").json == []


@pytest.mark.parametrize("path", ["/data/book", "/data/book/1", "/data/book.csv", "/data/book.html"])
def test_expanded_row_is_as_its_own_fields_show_it(shop, path):
    client = shop.publish([shop.Author, shop.Book], fields={"author": SHOWN})
    text = client.get(f"{path}?expand=author").text
    assert "who" in text
    assert "Ada" in text
    assert "s3cret" not in text
    assert "ada@x" not in text


def test_hidden_columns_change_no_tag(shop):
    client = shop.publish(shop.Author, fields=SHOWN)
    before = client.get("/data/author/1").headers["ETag"]
    with shop.app.app_context():
        shop.db.session.get(shop.Author, 1).password = "another"
        shop.db.session.commit()
    assert client.get("/data/author/1").headers["ETag"] == before
    with shop.app.app_context():
        shop.db.session.get(shop.Author, 1).name = "Adele"
        shop.db.session.commit()
    assert client.get("/data/author/1").headers["ETag"] != before


def test_table_whose_key_is_hidden_has_no_rows_with_urls(shop):
    client = shop.publish([shop.Author, shop.Book], fields={"author": {"name": fields.String}})
    assert client.get("/data/author").json == [{"name": "Ada"}, {"name": "Bob"}]
    assert client.get("/data/author/1").status_code == 404
    assert client.get("/data/author?id=1").status_code == 400
    assert client.get("/data/author?after=1&limit=1").status_code == 400
    first = client.get("/data/author?limit=1")
    assert 'page=2>; rel="next"' in "".join(first.headers.getlist("Link"))
    assert client.get("/data/book?expand=author").status_code == 400
    assert related(client.get("/data/book/1")) == {}


@pytest.mark.parametrize(
    "definition",
    [
        {"id": fields.Integer, "has": fields.Boolean(attribute="password")},
        {"id": fields.Integer, "has": fields.Raw(attribute=lambda row: len(row["password"]))},
        {"id": fields.Integer, "has": fields.FormattedString("{password}")},
        {"id": fields.Integer, "has": type("Masked", (fields.Raw,), {"format": lambda self, value: "***"})("pw")},
    ],
    ids=["boolean", "function", "template", "own"],
)
def test_what_a_field_makes_of_a_column_does_not_publish_it(shop, definition):
    definition = {**definition}
    if type(definition["has"]).__name__ == "Masked":
        definition["has"].attribute = "password"
    client = shop.publish(shop.Author, fields=definition)
    assert client.get("/data/author/1").json["has"] is not None
    for parameter in ("has=s3cret", "password=s3cret", "sort=has", "group=has", "distinct=true"):
        assert client.get(f"/data/author?{parameter}").status_code == 400
    assert [list(row) for row in client.get("/data/author?fields=has").json] == [["has"], ["has"]]


def test_field_of_nothing_is_refused(shop):
    with pytest.raises(ValueError, match=r"'naem'.*did you mean 'name'"):
        shop.publish(shop.Author, fields={"id": fields.Integer, "who": fields.String(attribute="naem")})


# Foreign keys


def test_field_url_leads_to_the_row_of_a_foreign_key(shop):
    definition = {
        **BOOK,
        "editor": fields.Url("/data/author/<key>", absolute=True),
        "uri": fields.Url("/data/book/<key>"),
    }
    client = shop.publish([shop.Author, shop.Book], fields={"book": definition})
    one, two = client.get("/data/book").json
    assert one["author"] == "/data/author/1"
    assert one["editor"] == "http://localhost/data/author/2"
    assert one["uri"] == "/data/book/1"
    assert two["author"] is None
    assert client.get(one["author"]).json["name"] == "Ada"


def test_field_url_of_its_own_row_tells_its_key(shop):
    definition = {"uri": fields.Url("/data/author/<key>"), "name": fields.String}
    client = shop.publish(shop.Author, fields=definition)
    found = client.get("/data/author").json
    assert found[0] == {"uri": "/data/author/1", "name": "Ada"}
    assert client.get(found[1]["uri"]).json == found[1]


def test_field_url_has_to_say_which_of_several_keys(shop):
    definition = {"id": fields.Integer, "person": fields.Url("/data/author/<key>")}
    with pytest.raises(ValueError, match=r"'person' of book .*'author', 'editor'"):
        shop.publish([shop.Author, shop.Book], fields={"book": definition})
    definition["person"] = fields.Url("/data/author/<key>", attribute="editor")
    client = shop.publish([shop.Author, shop.Book], "/data", fields={"book": definition})
    assert client.get("/data/book/1").json["person"] == "/data/author/2"


def test_field_url_to_rows_without_urls_is_refused(shop):
    given = {"book": BOOK, "author": {"name": fields.String}}
    with pytest.raises(ValueError, match="do not tell their key"):
        shop.publish([shop.Author, shop.Book], fields=given)


def test_two_foreign_keys_from_a_table_are_told_apart(shop):
    client = shop.publish([shop.Author, shop.Book])
    assert related(client.get("/data/book/1")) == {"author": "/data/author/1", "editor": "/data/author/2"}
    back = related(client.get("/data/author/2"))
    assert back == {"book (author)": "/data/book?author_id=2", "book (editor)": "/data/book?editor_id=2"}


# Written


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("table", ["author", "book"])
def test_what_was_read_can_be_sent_back_and_hidden_columns_stay(shop, suffix, table):
    given = {"author": SHOWN, "book": BOOK}
    client = shop.publish([shop.Author, shop.Book], writable=["author", "book"], fields=given)
    read = client.get(f"/data/{table}.{suffix}")
    done = client.put(f"/data/{table}", data=read.data, content_type=read.content_type)
    assert done.json == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}
    assert shop.authors() == STORED


def test_item_is_written_by_the_names_of_its_fields(shop):
    client = shop.publish(shop.Author, writable=["author"], fields=SHOWN)
    assert client.put("/data/author/1", json={"id": 1, "who": "Eva"}).json == {"id": 1, "who": "Eva"}
    assert client.patch("/data/author/2", json={"who": "Bo"}).status_code == 200
    assert client.post("/data/author", json={"who": "Cy"}).json == {"id": 3, "who": "Cy"}
    assert shop.authors() == [(1, "Eva", "ada@x", "s3cret"), (2, "Bo", "bob@x", "aaa"), (3, "Cy", None, "none")]


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_hidden_columns_are_not_written(shop, method):
    client = shop.publish(shop.Author, writable=["author"], fields=SHOWN)
    for name in ("password", "pw", "name"):
        response = client.open(
            "/data/author?missing=keep" if method == "PUT" else "/data/author",
            method=method,
            json=[{"id": 1, "who": "Ada", name: "x"}],
        )
        assert response.status_code == 422
        assert "s3cret" not in response.text
    assert shop.authors() == STORED


def test_dry_run_tells_nothing_of_hidden_columns(shop):
    client = shop.publish(shop.Author, writable=["author"], fields=SHOWN)
    text = client.put("/data/author?dry_run=1&missing=delete", json=[{"id": 1, "who": "Eva"}]).text
    assert "Eva" in text
    assert not [word for word in ("s3cret", "aaa", "ada@x", "bob@x", "pw", "password") if word in text]


def test_rule_about_a_hidden_column_is_not_told_in_whatever_case_it_names_it(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/rules.sqlite")
    rule = "CHECK (length(name) < 5 OR PIN = '1234s')"
    made = f"CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, pin TEXT DEFAULT 'x', {rule})"
    with engine.begin() as connection:
        connection.exec_driver_sql(made)
    app = Flask("test")
    publish(Api(app), engine, writable=["people"], fields={"people": {"id": fields.Integer, "name": fields.String}})
    response = app.test_client().post("/data/people", json={"name": "too long"})
    assert response.status_code == 422
    assert "rule" in response.text
    assert "PIN" not in response.text
    engine.dispose()


def test_rows_that_were_written_are_shown_as_declared(shop):
    client = shop.publish(shop.Author, writable=["author"], fields=SHOWN)
    prefer = {"Prefer": "return=representation"}
    assert client.post("/data/author", json=[{"who": "Cy"}], headers=prefer).json == [{"id": 3, "who": "Cy"}]


# In columns alone


def test_expanded_row_has_columns_of_its_own_where_there_are_only_columns(shop):
    client = shop.publish([shop.Author, shop.Book], fields={"author": SHOWN, "book": BOOK})
    found = list(csv.reader(io.StringIO(client.get("/data/book.csv?expand=author").text)))
    assert found[0] == ["id", "title", "author_id", "author.id", "author.who"]
    assert found[1:] == [["1", "Notes", "1", "1", "Ada"], ["2", "More", "", "", ""]]
    assert "author.who" in client.get("/data/book.html?expand=author").text
    assert "author.who" in client.get("/data/book.md?expand=author&limit=1").text
    assert client.get("/data/book?expand=author").json[0]["author"] == {"id": 1, "who": "Ada"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_expanded_rows_are_not_written(shop, suffix):
    client = shop.publish([shop.Author, shop.Book], writable=["book"])
    read = client.get(f"/data/book.{suffix}?expand=author")
    sent = {"data": read.data, "content_type": read.content_type}
    refused = client.put("/data/book?missing=keep", **sent)
    assert refused.status_code == 422
    assert "is the row that author_id refers to" in refused.text
    lenient = client.put("/data/book", **sent, headers={"Prefer": "handling=lenient"})
    assert lenient.json["unchanged"] == 2
