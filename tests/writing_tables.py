"""Tables for the tests of writing, on each kind of database, and a client of them."""

from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask

from negotiate_api import Api
from negotiate_api.publish import publish
from negotiate_api.publish.databases import engines


def metadata():
    """Countries and their cities, and a table without a key."""
    tables = sa.MetaData()
    sa.Table(
        "countries",
        tables,
        sa.Column("code", sa.String(2), primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("population", sa.Integer),
        sa.CheckConstraint("population >= 0", "people"),
        sa.UniqueConstraint("name", name="one_name"),
    )
    sa.Table(
        "cities",
        tables,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("country_code", sa.ForeignKey("countries.code")),
        sa.Column("area", sa.Numeric(8, 2), server_default="7"),
        sa.Column("letters", sa.Integer, sa.Computed("length(name)", persisted=True)),
        sa.UniqueConstraint("name", "country_code", name="once"),
    )
    sa.Table(
        "names",
        tables,
        sa.Column("country_code", sa.ForeignKey("countries.code"), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(50)),
    )
    sa.Table("notes", tables, sa.Column("text", sa.String(50)), sa.Column("stars", sa.Integer))
    for table in tables.tables.values():
        table.dialect_options["mariadb"]["charset"] = "utf8mb4"
    return tables


ROWS = {
    "countries": [("NO", "Norway", 5), ("SE", "Sweden", None)],
    "cities": [(1, "Oslo", "NO", 480.75), (2, "Bergen", "NO", None)],
    "names": [("NO", "nb", "Norge"), ("NO", "nn", "Noreg"), ("SE", "sv", "Sverige")],
    "notes": [("one", 1)],
}

WRITABLE = tuple(ROWS)


@contextmanager
def filled(url, tables=None, rows=ROWS):
    """An engine of a database with these tables and rows."""
    with_tables = sa.create_engine(engines.url_of(url), poolclass=sa.NullPool)
    tables = tables or metadata()
    tables.create_all(with_tables)
    with with_tables.begin() as connection:
        for name, values in rows.items():
            columns = [c.name for c in tables.tables[name].columns if c.computed is None]
            connection.execute(tables.tables[name].insert(), [dict(zip(columns, row, strict=True)) for row in values])
    engine = engines.create(url, writable=True)
    yield engine
    engine.dispose()


def client_of(engine, writable=WRITABLE, **options):
    app = Flask("test")
    publish(Api(app), engine, writable=writable, **options)
    return app.test_client()


def stored(engine, table, order="1"):
    """The rows of a table."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {order}")]
