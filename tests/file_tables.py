"""What the tests of files share: files that are written, and the tables that become of them."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from negotiate_api.publish import files
from negotiate_api.publish.databases import engines
from negotiate_api.publish.schema import reflection


@contextmanager
def opened(url):
    """An engine that writes."""
    url = engines.url_of(url)
    engine = sa.create_engine(url, **engines.options(url))
    engines.prepare(engine)
    yield engine
    engine.dispose()


def writer(folder):
    """What writes a file there."""

    def write(name, content):
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(engine, name):
    """All rows of a table as tuples of Python values, in the order of its first column."""
    columns = [column.source for column in reflection.reflect(engine)[name].columns]
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(columns[0]))]


def kinds(loaded):
    return {column.name: column.kind for column in loaded.columns}


def reason(loaded, name):
    return next(column.reason for column in loaded.columns if column.name == name)


def refused(path, engine, **options):
    with pytest.raises(files.Unloadable) as caught:
        files.load(path, engine, **options)
    return str(caught.value)
