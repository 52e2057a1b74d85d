"""The database as a resource: what it is, and made where it is not. Its address and its password are not told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect

from negotiate_api import Api, Resource

from . import auth, health, schema
from .errors import Unusable
from .load import load_world
from .models import Base, db


class Create(Resource):
    """The database. GET tells whether its tables are there; POST makes those that are not, and loads World."""

    decorators = [auth.administrator]

    def get(self) -> Any:
        return described()

    def post(self) -> Any:
        db.session.rollback()
        try:
            changed = [schema.upgrade(db.engine), load_world(db.engine)]
        except Unusable as error:  # its message names the address
            return health.unavailable(error)
        return {**described(), "created": any(changed)}


def described() -> dict[str, Any]:
    """What the database is and whether it has its tables."""
    with db.engine.connect() as connection:
        missing = sorted(set(Base.metadata.tables).difference(inspect(connection).get_table_names()))
        return {
            "message": f"The database exists, but lacks tables: {', '.join(missing)}. POST to make them."
            if missing
            else "The database exists, and is ready.",
            "database": kind(connection),
            "schema": schema.stored(connection),
            "ready": not missing,
        }


def kind(connection: Connection) -> str:
    """The database and its version: "postgresql 17.2"."""
    dialect = connection.dialect
    name = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    return f"{name} {'.'.join(map(str, dialect.server_version_info or ()))}".strip()


def register(api: Api) -> None:
    """Add the resource."""
    api.add_resource(Create, "/api/create", endpoint="create")
