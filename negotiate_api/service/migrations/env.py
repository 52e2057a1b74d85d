"""Alembic's environment. It runs on the connection that schema.py gives, and for `flask db` on one of its own."""

from alembic import context
from sqlalchemy import Connection

from negotiate_api.service import database, schema
from negotiate_api.service.models import Base, db


def run(connection: Connection) -> None:
    """Run what was asked for."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=schema.is_migrated,
        render_as_batch=True,
    )
    context.run_migrations()


if given := context.config.attributes.get("connection"):
    run(given)
else:
    with database.alone(db.engine, *schema.PRAGMAS) as own:
        run(own)
