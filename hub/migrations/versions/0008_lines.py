"""settlement: rated lines and issued documents

Revision 0008, after 0007.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_document",)


def upgrade() -> None:
    op.create_table(
        "settlement_document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("previous_sha256", sa.String(), nullable=True),
        sa.Column("body", db.Json(), nullable=False),
        sa.Column("issued_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_document")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_settlement_document_series_number")),
        sa.UniqueConstraint("sha256", name=op.f("uq_settlement_document_sha256")),
    )
    op.create_table(
        "settlement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("usage_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("visited", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("programme_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payer_area", sa.String(), nullable=True),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("own_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("rated_at", db.UtcDateTime(), nullable=False),
        sa.Column("ready_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('rated', 'ready', 'batched', 'settled', 'returned', 'withdrawn')",
            name=op.f("ck_settlement_line_state"),
        ),
        sa.CheckConstraint(
            "(voucher_fen = 0) = (programme_id IS NULL)", name=op.f("ck_settlement_line_programme")
        ),
        sa.CheckConstraint("fee_fen = voucher_fen + own_fen", name=op.f("ck_settlement_line_shares")),
        sa.CheckConstraint(
            "fee_fen >= 0 AND voucher_fen >= 0 AND own_fen >= 0", name=op.f("ck_settlement_line_amounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint(
            "usage_id", "usage_version", name=op.f("uq_settlement_line_usage_id_usage_version")
        ),
    )
    op.create_index("ix_settlement_line_batch_id", "settlement_line", ["batch_id"], unique=False)
    op.create_index("ix_settlement_line_enterprise_id", "settlement_line", ["enterprise_id"], unique=False)
    op.create_index("ix_settlement_line_pair", "settlement_line", ["visited", "home", "state"], unique=False)
    op.create_index("ix_settlement_line_reference", "settlement_line", ["reference"], unique=False)
    op.create_index(
        "uq_settlement_line_live",
        "settlement_line",
        ["usage_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('returned', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('returned', 'withdrawn')"),
    )
    op.create_table(
        "settlement_series",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("issued", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settlement_series")),
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
