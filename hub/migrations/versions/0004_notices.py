"""notices and webhooks

Revision 0004, after 0003.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""


def upgrade() -> None:
    op.create_table(
        "notices_contact",
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("changed_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "channel", name=op.f("pk_notices_contact")),
    )
    op.create_table(
        "notices_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("values", db.Json(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("read_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_notice")),
        sa.UniqueConstraint("recipient", "key", name=op.f("uq_notices_notice_recipient_key")),
    )
    op.create_index("ix_notices_notice_created_at", "notices_notice", ["created_at"], unique=False)
    op.create_index("ix_notices_notice_inbox", "notices_notice", ["recipient", "id"], unique=False)
    op.create_table(
        "notices_preference",
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("quiet_start", sa.Time(), nullable=False),
        sa.Column("quiet_end", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_notices_preference")),
    )
    op.create_table(
        "notices_webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("delivered", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rests_until", db.UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("delivered_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_webhook")),
    )
    op.create_index("ix_notices_webhook_owner", "notices_webhook", ["owner"], unique=False)
    op.create_table(
        "notices_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("due_at", db.UtcDateTime(), nullable=False),
        sa.Column("sent_at", db.UtcDateTime(), nullable=True),
        sa.Column("failed_at", db.UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices_notice.id"], name=op.f("fk_notices_delivery_notice_id_notices_notice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_delivery")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_notices_delivery_notice_id_channel")),
    )
    # ### end Alembic commands ###
