"""The tables of accounts: who may sign in, with what, and what is theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from .models import OPTIONS, Model, symbols

ADMINISTRATOR, USER = ROLES = ("administrator", "user")

READ, WRITE = SCOPES = ("read", "write")
"""What a token allows: to read, or to read and write."""


UNIQUE_IN_TIME = {**OPTIONS, "sqlite_autoincrement": True}
"""So that no id comes again: SQLite else gives the highest one anew once its row is gone."""


class Instant(TypeDecorator[datetime]):
    """A point in time, stored in UTC and given with its zone, in databases without zones too."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


def now() -> datetime:
    """The time in UTC, to the second, as every database keeps it."""
    return datetime.now(UTC).replace(microsecond=0)


class User(Model):
    """People and programs that sign in. A password is kept as its hash, and shown to nobody."""

    __tablename__ = "users"
    __table_args__ = UNIQUE_IN_TIME

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(symbols(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(symbols(20), default=USER)
    created: Mapped[datetime] = mapped_column(Instant, default=now)
    version: Mapped[int] = mapped_column()

    tokens: Mapped[list[Token]] = relationship(back_populates="user", cascade="all, delete-orphan")
    todos: Mapped[list[Todo]] = relationship(back_populates="user", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}


class Token(Model):
    """Bearer tokens. Of the secret only a digest is kept."""

    __tablename__ = "tokens"
    __table_args__ = UNIQUE_IN_TIME

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(symbols(64), unique=True)
    scope: Mapped[str] = mapped_column(symbols(20), default=WRITE)
    created: Mapped[datetime] = mapped_column(Instant, default=now)
    expires: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(back_populates="tokens")


class Todo(Model):
    """Things to do, each of one user."""

    __tablename__ = "todos"
    __table_args__ = (UniqueConstraint("user_id", "todo_id"), UNIQUE_IN_TIME)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    todo_id: Mapped[str] = mapped_column(symbols(100))
    task: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()

    user: Mapped[User] = relationship(back_populates="todos")

    __mapper_args__ = {"version_id_col": version}
