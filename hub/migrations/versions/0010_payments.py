"""settlement: payments of the own share, order forms' confirmations, invoices

Revision 0010, after 0009.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_payment_event", "settlement_form_confirmation")


def upgrade() -> None:
    op.create_table(
        "settlement_channel_message",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_settlement_channel_message")),
    )
    op.create_table(
        "settlement_payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=True),
        sa.Column("operator_id", sa.String(), nullable=True),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("home_area", sa.String(), nullable=True),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owed_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("surplus_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_due", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("invoice_amount", sa.String(), nullable=False),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(), nullable=False),
        sa.Column("paid_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('none', 'due', 'overdue', 'initiated', 'unknown', 'paid', 'partly_refunded', 'refunded')",
            name=op.f("ck_settlement_payment_state"),
        ),
        sa.CheckConstraint("fee_fen = voucher_fen + owed_fen", name=op.f("ck_settlement_payment_shares")),
        sa.CheckConstraint(
            "refunded_fen BETWEEN 0 AND paid_fen", name=op.f("ck_settlement_payment_refunded")
        ),
        sa.CheckConstraint(
            "returned_fen BETWEEN 0 AND surplus_fen", name=op.f("ck_settlement_payment_returned")
        ),
        sa.CheckConstraint("voucher_fen >= 0 AND owed_fen >= 0", name=op.f("ck_settlement_payment_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payment")),
        sa.UniqueConstraint("reference", name=op.f("uq_settlement_payment_reference")),
    )
    op.create_index("ix_settlement_payment_due_on", "settlement_payment", ["state", "due_on"], unique=False)
    op.create_index(
        "ix_settlement_payment_enterprise_id",
        "settlement_payment",
        ["enterprise_id", "made_at"],
        unique=False,
    )
    op.create_index(
        "ix_settlement_payment_institution_id",
        "settlement_payment",
        ["institution_id", "made_at"],
        unique=False,
    )
    op.create_index(
        "ix_settlement_payment_province", "settlement_payment", ["province", "state"], unique=False
    )
    op.create_table(
        "settlement_form_confirmation",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "side IN ('enterprise', 'provider')", name=op.f("ck_settlement_form_confirmation_side")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["settlement_document.id"],
            name=op.f("fk_settlement_form_confirmation_document_id_settlement_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", "side", name=op.f("pk_settlement_form_confirmation")),
    )
    op.create_table(
        "settlement_invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("net_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vat_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gross_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payer_name", sa.String(), nullable=False),
        sa.Column("payer_credit_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'red') = (reverses_id IS NOT NULL)", name=op.f("ck_settlement_invoice_reverses")
        ),
        sa.CheckConstraint("kind IN ('blue', 'red')", name=op.f("ck_settlement_invoice_kind")),
        sa.CheckConstraint(
            "state IN ('valid', 'void', 'reversed')", name=op.f("ck_settlement_invoice_state")
        ),
        sa.CheckConstraint("net_fen + vat_fen = gross_fen", name=op.f("ck_settlement_invoice_sum")),
        sa.CheckConstraint("net_fen >= 0 AND vat_fen >= 0", name=op.f("ck_settlement_invoice_amounts")),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["settlement_payment.id"],
            name=op.f("fk_settlement_invoice_payment_id_settlement_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["settlement_invoice.id"],
            name=op.f("fk_settlement_invoice_reverses_id_settlement_invoice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_invoice")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_settlement_invoice_code_number")),
    )
    op.create_index("ix_settlement_invoice_payment_id", "settlement_invoice", ["payment_id"], unique=False)
    op.create_index("ix_settlement_invoice_reference", "settlement_invoice", ["reference"], unique=False)
    op.create_table(
        "settlement_payment_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("redirect_url", sa.String(), nullable=True),
        sa.Column("proof", db.Json(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("received_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_surplus", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=True),
        sa.Column("ask_at", db.UtcDateTime(), nullable=True),
        sa.Column("asked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (received_fen IS NOT NULL)",
            name=op.f("ck_settlement_payment_attempt_received"),
        ),
        sa.CheckConstraint(
            "channel IN ('bank_transfer', 'online', 'counter')",
            name=op.f("ck_settlement_payment_attempt_channel"),
        ),
        sa.CheckConstraint(
            "state IN ('stored', 'open', 'unknown', 'submitted', 'paid', 'failed', 'refused', 'withdrawn')",
            name=op.f("ck_settlement_payment_attempt_state"),
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_payment_attempt_fen")),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["settlement_payment.id"],
            name=op.f("fk_settlement_payment_attempt_payment_id_settlement_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payment_attempt")),
        sa.UniqueConstraint("code", name=op.f("uq_settlement_payment_attempt_code")),
        sa.UniqueConstraint(
            "payment_id", "number", name=op.f("uq_settlement_payment_attempt_payment_id_number")
        ),
    )
    op.create_index(
        "ix_settlement_payment_attempt_ask_at", "settlement_payment_attempt", ["ask_at"], unique=False
    )
    op.create_index(
        "uq_settlement_payment_attempt_under_way",
        "settlement_payment_attempt",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('stored', 'open', 'unknown', 'submitted')"),
        postgresql_where=sa.text("state IN ('stored', 'open', 'unknown', 'submitted')"),
    )
    op.create_table(
        "settlement_payment_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("detail", db.Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["settlement_payment.id"],
            name=op.f("fk_settlement_payment_event_payment_id_settlement_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payment_event")),
        sa.UniqueConstraint(
            "payment_id", "revision", name=op.f("uq_settlement_payment_event_payment_id_revision")
        ),
    )
    op.create_table(
        "settlement_refund",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("try_at", db.UtcDateTime(), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('wanted', 'unknown', 'manual', 'done')", name=op.f("ck_settlement_refund_state")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_refund_fen")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["settlement_payment_attempt.id"],
            name=op.f("fk_settlement_refund_attempt_id_settlement_payment_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["settlement_payment.id"],
            name=op.f("fk_settlement_refund_payment_id_settlement_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_refund")),
        sa.UniqueConstraint("payment_id", "number", name=op.f("uq_settlement_refund_payment_id_number")),
    )
    op.create_index("ix_settlement_refund_try_at", "settlement_refund", ["try_at"], unique=False)
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
