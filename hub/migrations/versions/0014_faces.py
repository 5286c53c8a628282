"""settlement: the provinces' faces

Revision 0014, after 0013.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_allotment_telling", "settlement_comparison_line")


def upgrade() -> None:
    op.create_table(
        "settlement_allotment_telling",
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("holder_code", sa.String(), nullable=False),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("allotted_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("captured_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("heard_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'partly')", name=op.f("ck_settlement_allotment_telling_outcome")
        ),
        sa.PrimaryKeyConstraint(
            "programme_id", "external_id", "revision", name=op.f("pk_settlement_allotment_telling")
        ),
    )
    op.create_table(
        "settlement_comparison",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("compared", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("differing", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("error", db.Json(), nullable=True),
        sa.Column("taken_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('agreeing', 'differing', 'unheard')", name=op.f("ck_settlement_comparison_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_comparison")),
    )
    op.create_index(
        "ix_settlement_comparison_day", "settlement_comparison", ["province", "day"], unique=False
    )
    op.create_table(
        "settlement_face",
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("results_cursor", sa.String(), nullable=True),
        sa.Column("results_due_at", db.UtcDateTime(), nullable=True),
        sa.Column("allotments_due_at", db.UtcDateTime(), nullable=True),
        sa.Column("figures_due_at", db.UtcDateTime(), nullable=True),
        sa.Column("results_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "allotments_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("last_error", db.Json(), nullable=True),
        sa.Column("last_success_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("province", name=op.f("pk_settlement_face")),
    )
    op.create_table(
        "settlement_face_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("open_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", db.Json(), nullable=False),
        sa.Column("seen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", db.UtcDateTime(), nullable=False),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_settlement_face_case_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_face_case")),
        sa.UniqueConstraint("open_key", name=op.f("uq_settlement_face_case_open_key")),
    )
    op.create_index(
        "ix_settlement_face_case_province", "settlement_face_case", ["province", "state"], unique=False
    )
    op.create_table(
        "settlement_comparison_line",
        sa.Column("comparison_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("allotted_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("held_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("captured_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("redeemed_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("their_allotted_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("their_held_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("their_captured_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("their_redeemed_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "kind IN ('same', 'differs', 'missing_there', 'missing_here')",
            name=op.f("ck_settlement_comparison_line_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["settlement_comparison.id"],
            name=op.f("fk_settlement_comparison_line_comparison_id_settlement_comparison"),
        ),
        sa.PrimaryKeyConstraint("comparison_id", "line", name=op.f("pk_settlement_comparison_line")),
    )
    op.create_table(
        "settlement_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", db.UtcDateTime(), nullable=False),
        sa.Column("deadline", db.UtcDateTime(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", db.UtcDateTime(), nullable=True),
        sa.Column("fence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lookups", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent_at", db.UtcDateTime(), nullable=True),
        sa.Column("done_at", db.UtcDateTime(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("last_error", db.Json(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'unknown', 'waiting', 'delivered', 'refused', 'dead')",
            name=op.f("ck_settlement_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["settlement_document.id"],
            name=op.f("fk_settlement_delivery_document_id_settlement_document"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_delivery")),
        sa.UniqueConstraint(
            "document_id", "province", name=op.f("uq_settlement_delivery_document_id_province")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_settlement_delivery_message_id")),
    )
    op.create_index("ix_settlement_delivery_due", "settlement_delivery", ["state", "due_at"], unique=False)
    op.create_index(
        "ix_settlement_delivery_province", "settlement_delivery", ["province", "state"], unique=False
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
