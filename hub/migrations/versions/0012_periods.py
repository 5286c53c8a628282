"""settlement: periods, batches, payment lists, redemptions, credits

Revision 0012, after 0011.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_calculation", "settlement_member", "settlement_batch_event", "settlement_return")


def upgrade() -> None:
    op.create_table(
        "settlement_member",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("usage_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("programme_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payer_area", sa.String(), nullable=True),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("own_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "revision", "position", name=op.f("pk_settlement_member")),
    )
    op.create_index("ix_settlement_member_line_id", "settlement_member", ["line_id"], unique=False)
    op.create_table(
        "settlement_netting",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint("area <> other", name=op.f("ck_settlement_netting_sides")),
        sa.PrimaryKeyConstraint("area", "other", name=op.f("pk_settlement_netting")),
    )
    op.create_table(
        "settlement_payment_item",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("root_id", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=True),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redeemed_by", sa.String(), nullable=True),
        sa.Column("voided_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_payment_item_fen")),
        sa.CheckConstraint(
            "redeemed_by IS NULL OR voided_at IS NULL", name=op.f("ck_settlement_payment_item_once")
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_settlement_payment_item")),
    )
    op.create_index(
        "ix_settlement_payment_item_root_id", "settlement_payment_item", ["root_id"], unique=False
    )
    op.create_table(
        "settlement_period",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cutoff_at", db.UtcDateTime(), nullable=False),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_period")),
    )
    op.create_table(
        "settlement_redemption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("payer_area", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("received_at", db.UtcDateTime(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('applied', 'repeated', 'contradictory', 'refused')",
            name=op.f("ck_settlement_redemption_verdict"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_redemption")),
    )
    op.create_index(
        "ix_settlement_redemption_message", "settlement_redemption", ["province", "message_id"], unique=False
    )
    op.create_index(
        "ix_settlement_redemption_open", "settlement_redemption", ["is_open", "payer_area"], unique=False
    )
    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("period_id", sa.String(), nullable=False),
        sa.Column("visited", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cutoff_at", db.UtcDateTime(), nullable=True),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("own_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("maker", sa.String(), nullable=True),
        sa.Column("checker", sa.String(), nullable=True),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("review_until", db.UtcDateTime(), nullable=True),
        sa.Column("agreed_at", db.UtcDateTime(), nullable=True),
        sa.Column("posted_at", db.UtcDateTime(), nullable=True),
        sa.Column("statement_id", sa.String(), nullable=True),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("sealed_sha256", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'closing', 'calculated', 'under_review', 'returned', 'agreed', 'posted', 'paid', 'closed')",
            name=op.f("ck_settlement_batch_state"),
        ),
        sa.CheckConstraint("fee_fen = voucher_fen + own_fen", name=op.f("ck_settlement_batch_shares")),
        sa.CheckConstraint(
            "maker IS NULL OR checker IS NULL OR maker <> checker",
            name=op.f("ck_settlement_batch_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["settlement_period.id"],
            name=op.f("fk_settlement_batch_period_id_settlement_period"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_batch")),
        sa.UniqueConstraint(
            "period_id", "visited", "home", name=op.f("uq_settlement_batch_period_id_visited_home")
        ),
    )
    op.create_index("ix_settlement_batch_state", "settlement_batch", ["state"], unique=False)
    op.create_table(
        "settlement_batch_event",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("detail", db.Json(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["settlement_batch.id"],
            name=op.f("fk_settlement_batch_event_batch_id_settlement_batch"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_settlement_batch_event")),
    )
    op.create_table(
        "settlement_calculation",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("lines_sha256", sa.String(), nullable=False),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("calculated_at", db.UtcDateTime(), nullable=False),
        sa.Column("calculated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["settlement_batch.id"],
            name=op.f("fk_settlement_calculation_batch_id_settlement_batch"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "revision", name=op.f("pk_settlement_calculation")),
    )
    op.create_table(
        "settlement_credit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("proposed_at", db.UtcDateTime(), nullable=False),
        sa.Column("checker", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("payback_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payback_reference", sa.String(), nullable=True),
        sa.Column("payback_on", sa.Date(), nullable=True),
        sa.Column("payback_sha256", sa.String(), nullable=True),
        sa.Column("paid_back_by", sa.String(), nullable=True),
        sa.Column("paid_back_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'issued', 'refused')", name=op.f("ck_settlement_credit_state")
        ),
        sa.CheckConstraint(
            "checker IS NULL OR maker <> checker", name=op.f("ck_settlement_credit_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name=op.f("fk_settlement_credit_batch_id_settlement_batch")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["settlement_line.id"], name=op.f("fk_settlement_credit_line_id_settlement_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_credit")),
    )
    op.create_index("ix_settlement_credit_batch_id", "settlement_credit", ["batch_id"], unique=False)
    op.create_index(
        "uq_settlement_credit_live",
        "settlement_credit",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'issued')"),
        postgresql_where=sa.text("state IN ('proposed', 'issued')"),
    )
    op.create_table(
        "settlement_payment_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("period_id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("payer_area", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("budget_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("issued_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["settlement_batch.id"],
            name=op.f("fk_settlement_payment_list_batch_id_settlement_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["settlement_period.id"],
            name=op.f("fk_settlement_payment_list_period_id_settlement_period"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payment_list")),
    )
    op.create_index(
        "ix_settlement_payment_list_batch_id", "settlement_payment_list", ["batch_id"], unique=False
    )
    op.create_index(
        "ix_settlement_payment_list_payer",
        "settlement_payment_list",
        ["payer_area", "period_id"],
        unique=False,
    )
    op.create_table(
        "settlement_return",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("returned_by", sa.String(), nullable=False),
        sa.Column("returned_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name=op.f("fk_settlement_return_batch_id_settlement_batch")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["settlement_line.id"], name=op.f("fk_settlement_return_line_id_settlement_line")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_settlement_return")),
    )
    op.create_index("ix_settlement_return_batch_id", "settlement_return", ["batch_id"], unique=False)
    op.create_table(
        "settlement_payment_line",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("root_id", sa.String(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("payee_kind", sa.String(), nullable=False),
        sa.Column("payee_id", sa.String(), nullable=False),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("proof_sha256", sa.String(), nullable=True),
        sa.Column("paid_by", sa.String(), nullable=True),
        sa.Column("paid_at", db.UtcDateTime(), nullable=True),
        sa.Column("bounce_reason", sa.String(), nullable=True),
        sa.Column("bounce_text", sa.String(), nullable=True),
        sa.Column("bounced_by", sa.String(), nullable=True),
        sa.Column("bounced_at", db.UtcDateTime(), nullable=True),
        sa.Column("carried_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_settlement_payment_line_paid")
        ),
        sa.CheckConstraint(
            "payee_kind IN ('institution', 'enterprise')", name=op.f("ck_settlement_payment_line_payee_kind")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'paid', 'bounced', 'carried', 'voided')",
            name=op.f("ck_settlement_payment_line_state"),
        ),
        sa.CheckConstraint(
            "fen > 0 AND voided_fen BETWEEN 0 AND fen", name=op.f("ck_settlement_payment_line_fen")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["settlement_payment_list.id"],
            name=op.f("fk_settlement_payment_line_list_id_settlement_payment_list"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payment_line")),
    )
    op.create_index(
        "ix_settlement_payment_line_list_id", "settlement_payment_line", ["list_id"], unique=False
    )
    op.create_index(
        "ix_settlement_payment_line_root_id", "settlement_payment_line", ["root_id"], unique=False
    )
    op.create_index(
        "uq_settlement_payment_line_unpaid",
        "settlement_payment_line",
        ["root_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('due', 'carried')"),
        postgresql_where=sa.text("state IN ('due', 'carried')"),
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
