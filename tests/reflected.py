"""What tests of reflection share: a database that statements were run in, and what its tables hold."""

import sqlalchemy as sa

from negotiate_api.publish.databases import engines


def on(servers, kind, *statements):
    """The engine of a new database of a kind, in which statements were run."""
    engine = sa.create_engine(engines.url_of(servers.fresh(kind)))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return engine


def rows(engine, table, **where):
    conditions = [table.by_name[name].source == value for name, value in where.items()]
    with engine.connect() as connection:
        query = sa.select(*(column.source for column in table.columns)).where(*conditions)
        return [tuple(row) for row in connection.execute(query)]


def only(engine, table, column):
    """The values of one column."""
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(table.by_name[column].source)))
