"""${message}

Revision ${up_revision}, after ${down_revision or 'an empty database'}.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
