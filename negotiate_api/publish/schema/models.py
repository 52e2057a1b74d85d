"""Models of SQLAlchemy's ORM, as Flask-SQLAlchemy has them: their engine, and what their attributes call columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm.exc import UnmappedColumnError

from .settings import NO_COLUMN, NO_TABLE, ColumnSettings, Settings, TableSettings


def given(database: Any) -> list[Any] | None:
    """The models that are to be published where a model stands for its database, or several do."""
    models = list(database) if isinstance(database, (list, tuple)) else [database]
    return models if models and all(hasattr(one, "__mapper__") for one in models) else None


def of(db: Any) -> list[Any]:
    """The models of Flask-SQLAlchemy's db that are in its main database, and its tables without a model."""
    mappers = (mapper for mapper in db.Model.registry.mappers if mapper.inherits is None)
    models = {mapper.local_table: mapper.class_ for mapper in mappers}
    return [models.get(table, table) for table in db.metadata.sorted_tables]


def engine_of(models: Iterable[Any]) -> Engine:
    """The engine of models. Raises ValueError unless it is one."""
    found = {_engine(model) for model in models}
    if len(found) > 1:
        raise ValueError("the models are in several databases; publish those of each by themselves")
    return found.pop()


def named(settings: Settings, tables: Iterable[Any]) -> Settings:
    """Settings in which columns of models have the names of their attributes, but where they say another."""
    found = dict(settings.tables)
    for model in (one for one in tables if hasattr(one, "__mapper__")):
        said = found.get(model.__table__.name, NO_TABLE)
        found[model.__table__.name] = replace(said, columns=_named(model, said))
    return replace(settings, tables=found)


def _engine(model: Any) -> Engine:
    db = getattr(model, "__fsa__", None)
    if db is None:
        name = model.__name__
        raise ValueError(f"{name} has no engine of its own; publish(api, engine, tables=[{name}]) says which")
    found: Engine = db.engines[model.metadata.info.get("bind_key")]
    return found


def _named(model: Any, said: TableSettings) -> dict[str, ColumnSettings]:
    columns = dict(said.columns)
    for column in model.__table__.columns:
        known = columns.get(column.name, NO_COLUMN)
        attribute = _attribute(model, column)
        if attribute != column.name and not known.name:
            columns[column.name] = replace(known, name=attribute)
    return columns


def _attribute(model: Any, column: Any) -> str:
    try:
        return str(model.__mapper__.get_property_by_column(column).key)
    except UnmappedColumnError:
        return str(column.name)
