"""The schema of accounts, kept up to date by the revisions in migrations/versions (Alembic, with Flask-Migrate).

World is no part of it: load.py makes its tables anew where they differ. A change of a model comes with a revision;
`flask --app negotiate_api.service.app db migrate --rev-id 0003 -m "what changes"` drafts it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import Migrate
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api.publish.databases import engines

from . import database
from .accounts import Todo, Token, User
from .errors import Unusable
from .models import WORLD, WorldVersion, db, table_of

FOLDER = Path(__file__).with_name("migrations")

VERSION = "alembic_version"
"""The table that holds the revision of the database."""

OTHERS = frozenset(table_of(model).name for model in WORLD)

TABLES = frozenset(table_of(model).name for model in (User, Token, Todo))

PRAGMAS = ("foreign_keys = OFF",)
"""Else SQLite deletes what refers to a table as Alembic makes that anew."""

migrate = Migrate(db=db, directory=str(FOLDER))
"""The commands `flask db ...`, for developers."""


def upgrade(engine: Engine, revision: str = "head") -> bool:
    """Whether the schema had to be brought to a revision, the latest if none is named. Raises Unusable."""
    try:
        return _upgrade(engine, revision)
    except SQLAlchemyError as error:
        raise engines.unusable(engine.url, error) from None


def config(connection: Connection | None = None) -> Config:
    """What Alembic's commands take, to run on a connection."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def stored(connection: Connection) -> str | None:
    """The revision of the database; None before the first."""
    return ", ".join(MigrationContext.configure(connection).get_current_heads()) or None


def is_migrated(item: Any, name: str | None, kind: str, *rest: Any) -> bool:
    """Whether a table is one that revisions change; what is in a table goes with it."""
    return kind != "table" or name in TABLES


def _upgrade(engine: Engine, revision: str) -> bool:
    script = ScriptDirectory.from_config(config())
    with engine.connect() as connection:
        if stored(connection) == script.as_revision_number(revision):
            return False
    with database.alone(engine, *PRAGMAS) as connection:
        before = stored(connection)
        _check(connection, script)
        command.upgrade(config(connection), revision)
        return before != stored(connection)


def _check(connection: Connection, script: ScriptDirectory) -> None:
    """Raises Unusable where the database is another program's, or a later version's."""
    database.check_names(connection, VERSION, TABLES)
    database.check_names(connection, WorldVersion.__tablename__, OTHERS)
    revision = stored(connection)
    if revision and revision not in {known.revision for known in script.walk_revisions()}:
        url = engines.shown(connection.engine.url)
        raise Unusable(f"the database {url} is of a later version or another program: its revision is {revision}")
