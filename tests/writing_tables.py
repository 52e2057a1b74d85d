"""Tables for the tests of writing, on each kind of database, and a client of them."""

from contextlib import contextmanager
from functools import cache

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
    fill(with_tables, tables, rows)
    engine = engines.create(url, writable=True)
    yield engine
    engine.dispose()


def fill(engine, tables, rows):
    with engine.begin() as connection:
        for name, values in rows.items():
            columns = [c.name for c in tables.tables[name].columns if c.computed is None]
            connection.execute(tables.tables[name].insert(), [dict(zip(columns, row, strict=True)) for row in values])


def refill(engine):
    """Let a database that is filled be as it was: to make another takes longer than a test."""
    tables = metadata()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables.tables)} RESTART IDENTITY")
        else:
            for table in reversed(tables.sorted_tables):
                connection.execute(table.delete())
        if engine.dialect.name == "mariadb":
            connection.exec_driver_sql("ALTER TABLE cities AUTO_INCREMENT = 1")
    fill(engine, tables, ROWS)


@cache
def _again(servers, kind):
    return servers.fresh(kind)


def emptied(servers, kind):
    """The URL of an empty database: where making one takes long, of the one that was made before."""
    if kind == "sqlite":
        return servers.fresh(kind)
    url = sa.engine.make_url(_again(servers, kind))
    names = ["SCHEMA public"] if kind == "postgresql" else [f"DATABASE {url.database}", f"USE {url.database}"]
    made(url, f"DROP {names[0]}{' CASCADE' * (kind == 'postgresql')}", f"CREATE {names[0]}", *names[1:]).dispose()
    return url.render_as_string(hide_password=False)


def made(url, *statements):
    """An engine of a database after these statements."""
    engine = sa.create_engine(engines.url_of(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return engines.create(url, writable=True)


def client_of(engine, writable=WRITABLE, **options):
    app = Flask("test")
    publish(Api(app), engine, writable=writable, **options)
    return app.test_client()


def stored(engine, table, order="1"):
    """The rows of a table."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {order}")]
