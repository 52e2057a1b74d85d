"""The schema of accounts, brought up to date on each database."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from databases import KINDS
from sqlalchemy import event

from negotiate_api.publish.databases import engines
from negotiate_api.service import database, load, schema
from negotiate_api.service.errors import Unusable
from negotiate_api.service.models import Base

ROOT = Path(__file__).parents[1]

REVISIONS = [revision.revision for revision in ScriptDirectory.from_config(schema.config()).walk_revisions()]

ROWS = {
    "users": {"id": 1, "name": "李雷", "password_hash": "scrypt:1$a$b", "role": "user", "version": 7},
    "tokens": {"id": 2, "user_id": 1, "name": "laptop", "digest": "0" * 64, "scope": "read"},
    "todos": {"id": 3, "user_id": 1, "todo_id": "todo1", "task": "build an API", "version": 4},
}
"""A row of each table, the parents first; times are added."""


class BrokenOff(Exception):
    pass


@contextmanager
def connected(url):
    """An engine of its own, as another process has."""
    url = engines.url_of(url)
    engine = sa.create_engine(url, **engines.options(url))
    engines.prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database_url):
    with connected(database_url) as engine:
        yield engine


def tables(engine):
    return set(sa.inspect(engine).get_table_names())


def stored(engine):
    """Every row of every table."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()}


def fill(engine):
    """Put a row into each table that there is."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for name in filter(metadata.tables.__contains__, ROWS):
            table = metadata.tables[name]
            times = {column.name: sa.func.now() for column in table.columns if column.name in ("created", "expires")}
            connection.execute(table.insert().values({**ROWS[name], **times}))


@contextmanager
def broken_off(engine, after):
    """Fail where more statements than so many would change the database."""
    count = 0

    def check(connection, cursor, statement, *rest):
        nonlocal count
        count += statement.lstrip().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"))
        if count > after:
            raise BrokenOff

    event.listen(engine, "before_cursor_execute", check)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", check)


def check(engine):
    """Fail where a revision is missing."""
    with engine.connect() as connection:
        command.check(schema.config(connection))


def test_revisions_are_a_line():
    assert len(ScriptDirectory.from_config(schema.config()).get_heads()) == 1


def test_schema_is_what_the_models_say(engine):
    assert schema.upgrade(engine)
    check(engine)
    Base.metadata.create_all(engine)
    check(engine)


def test_schema_that_is_up_to_date_is_left_alone(engine):
    schema.upgrade(engine)
    with broken_off(engine, after=0):
        assert not schema.upgrade(engine)


def test_upgrade_says_nothing(engine, capfd):
    schema.upgrade(engine)
    assert capfd.readouterr() == ("", "")


def test_upgrade_leaves_the_world_of_the_first_release_as_it_was(engine):
    load.load_world(engine)
    world = stored(engine)
    assert schema.upgrade(engine)
    assert {name: rows for name, rows in stored(engine).items() if name in world} == world
    assert not load.load_world(engine)


@pytest.mark.parametrize("revision", REVISIONS)
def test_upgrade_from_each_revision_keeps_every_row(engine, revision):
    schema.upgrade(engine, revision)
    fill(engine)
    before = stored(engine)
    assert before["users"]
    schema.upgrade(engine)
    check(engine)
    for name, rows in stored(engine).items():
        for old, new in zip(before.get(name, []), rows, strict=True):
            assert name == schema.VERSION or old._asdict().items() <= new._asdict().items()


def test_upgrades_at_once_are_one(database_url):
    with ExitStack() as stack:
        engines = [stack.enter_context(connected(database_url)) for _ in range(6)]
        with ThreadPoolExecutor(len(engines)) as pool:
            assert sorted(pool.map(schema.upgrade, engines)) == [False] * 5 + [True]


@pytest.mark.parametrize("kind", KINDS)
def test_upgrade_broken_off_anywhere_is_finished_by_the_next(servers, kind):
    ended, after = False, 0
    while not ended:
        with connected(servers.fresh(kind)) as engine:
            try:
                with broken_off(engine, after):
                    ended = schema.upgrade(engine)
            except BrokenOff:
                assert schema.upgrade(engine)
            check(engine)
        after += 1
    assert after > 5


@pytest.mark.parametrize("name", ["users", "tokens", "todos", "cities"])
def test_upgrade_refuses_tables_of_others(engine, name):
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {name} (mine VARCHAR(10))"))
        connection.execute(sa.text(f"INSERT INTO {name} VALUES ('kept')"))
    with pytest.raises(Unusable, match=f"^the database .* has tables of its own named {name}$"):
        schema.upgrade(engine)
    assert stored(engine) == {name: [("kept",)]}


def test_upgrade_refuses_a_later_version(engine):
    schema.upgrade(engine)
    fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = stored(engine)
    with pytest.raises(Unusable, match=r"^the database .* later version .* revision is 9999$"):
        schema.upgrade(engine)
    assert stored(engine) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_table_made_anew_keeps_what_refers_to_it(engine):
    schema.upgrade(engine)
    fill(engine)
    before = stored(engine)
    with database.alone(engine, *schema.PRAGMAS) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("users", recreate="always") as batch:
            batch.alter_column("role", nullable=True)
    assert stored(engine) == before
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM users"))
    assert stored(engine)["todos"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("revision", REVISIONS)
def test_id_once_given_is_never_given_again(engine, revision):
    schema.upgrade(engine, revision)
    fill(engine)
    schema.upgrade(engine)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    for name in reversed(ROWS):
        table = metadata.tables[name]
        row = {**stored(engine)[name][0]._mapping, "name": "another", "digest": "1" * 64, "todo_id": "todo2"}
        row = {key: value for key, value in row.items() if key != "id" and key in table.columns}
        with engine.begin() as connection:
            given = connection.execute(table.insert().values(row)).inserted_primary_key[0]
            connection.execute(table.delete().where(table.c.id == given))
            assert connection.execute(table.insert().values(row)).inserted_primary_key[0] > given


def test_package_holds_every_revision():
    package = ROOT / "negotiate_api" / "service"
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    files = [path.relative_to(package) for path in schema.FOLDER.rglob("*") if path.suffix in (".py", ".mako")]
    assert len(files) > 2
    for file in files:
        assert any(file.match(pattern) for pattern in data["negotiate_api.service"])
