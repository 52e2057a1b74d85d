"""Users, their tokens and todos."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import VARCHAR

revision = "0001"
down_revision = None

OPTIONS: Any = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4", "if_not_exists": True}


def upgrade() -> None:
    """Each statement may have been run before: MariaDB keeps what was done before a revision was broken off."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", symbols(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", symbols(20), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        **OPTIONS,
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", symbols(64), nullable=False),
        sa.Column("scope", symbols(20), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        **OPTIONS,
    )
    op.create_table(
        "todos",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("todo_id", symbols(100), nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_todos"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_todos_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "todo_id", name="uq_todos_user_id"),
        **OPTIONS,
    )
    if "ix_tokens_user_id" not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("tokens")}:
        op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def symbols(length: int) -> sa.String:
    """The type of codes, compared by their characters in every database."""
    plain = sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
    return plain.with_variant(VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
