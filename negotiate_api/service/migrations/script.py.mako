"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Each statement may have been run before: MariaDB keeps what was done before a revision was broken off."""
    ${upgrades if upgrades else "pass"}
