"""What the tests of queries share: tables of a database that is made for them, asked by the text of a URL's query."""

from contextlib import contextmanager
from urllib.parse import parse_qsl

import sqlalchemy as sa

from negotiate_api.publish.databases import engines
from negotiate_api.publish.queries.query import Query
from negotiate_api.publish.schema.reflection import reflect


class Database:
    """The published tables of a database."""

    def __init__(self, engine):
        self.engine = engine
        self.reflect()

    def reflect(self):
        """Look at the database anew."""
        self.tables = reflect(self.engine)

    def query(self, table, text=""):
        """The query that a URL's query is, or its pairs."""
        pairs = parse_qsl(text, keep_blank_values=True) if isinstance(text, str) else text
        return Query.parse(self.tables[table], pairs, self.engine.dialect)

    def fetched(self, select):
        with self.engine.connect() as connection:
            return list(map(tuple, connection.execute(select)))

    def rows(self, table, text=""):
        """All rows of a query as they are shown, which are as many as it counts."""
        query = self.query(table, text)
        found = self.fetched(query.select())
        assert self.fetched(query.matching()) == [(len(found),)]
        return (query.shape() or list)(found)

    def column(self, table, text=""):
        """The first value of each row."""
        return [row[0] for row in self.rows(table, text)]

    def dicts(self, table, text=""):
        columns = self.query(table, text).columns
        return [dict(zip(columns, row, strict=True)) for row in self.rows(table, text)]

    def page(self, table, text, size):
        """Rows as they are shown, and what the next page begins after; None at the end."""
        query = self.query(table, text)
        found = self.fetched(query.window(size))
        after = query.position(found[:size][-1]) if len(found) > size else None
        return (query.shape() or list)(found[:size]), after

    def walk(self, table, text, size, between=lambda: None, word="after", start=""):
        """The rows of page after page, or of page before page, in the order that they come."""
        found, place = [], start
        while place is not None:
            begin = place
            rows, place = self.page(table, [*parse_qsl(text), (word, place)], size)
            assert place != begin, "a page begins where the one before it did"
            found += rows
            between()
        return found


@contextmanager
def database(url, *tables):
    """A database of these tables: pairs of sa.Table and rows, in an order that foreign keys allow."""
    engine = sa.create_engine(engines.url_of(url))
    with engine.begin() as connection:
        for table, rows in tables:
            table.create(connection)
            if rows:
                connection.execute(table.insert(), rows)
    try:
        yield Database(engine)
    finally:
        engine.dispose()


def table(name, *columns):
    return sa.Table(name, sa.MetaData(), *columns, mariadb_charset="utf8mb4")
