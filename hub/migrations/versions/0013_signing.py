"""settlement: signatures, keys of sides, time-stamps

Revision 0013, after 0012.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_signature",)


def upgrade() -> None:
    op.create_table(
        "settlement_officer_key",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("jwk", db.Json(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", db.UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", db.UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_settlement_officer_key_approved")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by",
            name=op.f("ck_settlement_officer_key_two_people"),
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_settlement_officer_key")),
    )
    op.create_index("ix_settlement_officer_key_side", "settlement_officer_key", ["side"], unique=False)
    op.create_table(
        "settlement_time_stamp",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("wanted_at", db.UtcDateTime(), nullable=False),
        sa.Column("next_at", db.UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("authority", sa.String(), nullable=True),
        sa.Column("stamped_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(reply IS NULL) = (stamped_at IS NULL)", name=op.f("ck_settlement_time_stamp_reply")
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_settlement_time_stamp")),
    )
    op.create_index("ix_settlement_time_stamp_next_at", "settlement_time_stamp", ["next_at"], unique=False)
    op.create_table(
        "settlement_signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("alg", sa.String(), nullable=True),
        sa.Column("kid", sa.String(), nullable=True),
        sa.Column("jws", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'acknowledged') = (jws IS NULL)", name=op.f("ck_settlement_signature_jws")
        ),
        sa.CheckConstraint(
            "kind IN ('signed', 'acknowledged', 'receipt')", name=op.f("ck_settlement_signature_kind")
        ),
        sa.CheckConstraint(
            "(jws IS NULL) = (kid IS NULL) AND (jws IS NULL) = (alg IS NULL)",
            name=op.f("ck_settlement_signature_key"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["settlement_document.id"],
            name=op.f("fk_settlement_signature_document_id_settlement_document"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_signature")),
        sa.UniqueConstraint(
            "document_id", "side", "kind", name=op.f("uq_settlement_signature_document_id_side_kind")
        ),
    )
    _make_append_only()


def _make_append_only() -> None:
    """Triggers refuse UPDATE and DELETE, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION settlement_refuse_change()"
        )
