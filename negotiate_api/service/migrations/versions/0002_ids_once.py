"""No id comes again: SQLite else gives the highest one anew once its row is gone."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables anew on SQLite, which keeps nothing of a revision broken off. Other databases need no telling."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("users", "tokens", "todos"):
            with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
                pass
