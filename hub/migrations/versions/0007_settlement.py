"""settlement: the ledger, programmes, grants and holds

Revision 0007, after 0006.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_posting", "settlement_entry")


def upgrade() -> None:
    op.create_table(
        "settlement_account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("balance_fen", db.BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('authority', 'pool', 'voucher', 'held', 'captured', 'payable', 'receivable', 'clearing', 'bank')",
            name=op.f("ck_settlement_account_kind"),
        ),
        sa.CheckConstraint(
            "balance_fen >= 0 OR kind IN ('authority', 'payable', 'receivable', 'clearing', 'bank')",
            name=op.f("ck_settlement_account_balance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_account")),
    )
    op.create_table(
        "settlement_posting",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("posted_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_posting")),
        sa.UniqueConstraint("reference", name=op.f("uq_settlement_posting_reference")),
    )
    op.create_table(
        "settlement_entry",
        sa.Column("posting_id", db.BigId, nullable=False),
        sa.Column("line", db.BigId, autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("fen", db.BigId, nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_entry_fen")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_settlement_entry_sides")),
        sa.ForeignKeyConstraint(
            ["posting_id"],
            ["settlement_posting.id"],
            name=op.f("fk_settlement_entry_posting_id_settlement_posting"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["settlement_account.id"],
            name=op.f("fk_settlement_entry_source_id_settlement_account"),
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["settlement_account.id"],
            name=op.f("fk_settlement_entry_target_id_settlement_account"),
        ),
        sa.PrimaryKeyConstraint("posting_id", "line", name=op.f("pk_settlement_entry")),
    )
    op.create_index("ix_settlement_entry_source_id", "settlement_entry", ["source_id"], unique=False)
    op.create_index("ix_settlement_entry_target_id", "settlement_entry", ["target_id"], unique=False)
    _make_append_only()
    _create_vouchers()


def _create_vouchers() -> None:
    op.create_table(
        "settlement_allowance",
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("year", db.BigId, autoincrement=False, nullable=False),
        sa.Column("used_fen", db.BigId, nullable=False),
        sa.CheckConstraint("used_fen >= 0", name=op.f("ck_settlement_allowance_used")),
        sa.PrimaryKeyConstraint("programme_id", "holder", "year", name=op.f("pk_settlement_allowance")),
    )
    op.create_table(
        "settlement_grant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("year", db.BigId, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("fen", db.BigId, nullable=False),
        sa.Column("revision", db.BigId, nullable=False),
        sa.Column("postings", db.BigId, nullable=False),
        sa.Column("rank", db.BigId, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("authority IN ('hub', 'home')", name=op.f("ck_settlement_grant_authority")),
        sa.CheckConstraint("state IN ('active', 'ending', 'ended')", name=op.f("ck_settlement_grant_state")),
        sa.CheckConstraint("fen >= 0", name=op.f("ck_settlement_grant_fen")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_grant")),
        sa.UniqueConstraint(
            "programme_id", "external_id", name=op.f("uq_settlement_grant_programme_id_external_id")
        ),
    )
    op.create_index(
        "ix_settlement_grant_holder", "settlement_grant", ["holder", "programme_id"], unique=False
    )
    op.create_index(
        "ix_settlement_grant_valid_until", "settlement_grant", ["state", "valid_until"], unique=False
    )
    op.create_table(
        "settlement_order",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("fee_fen", db.BigId, nullable=True),
        sa.Column("voucher_fen", db.BigId, nullable=False),
        sa.Column("own_fen", db.BigId, nullable=True),
        sa.Column("facts", db.Json(), nullable=False),
        sa.Column("decisions", db.Json(), nullable=False),
        sa.Column("decided_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "fee_fen IS NULL OR fee_fen = voucher_fen + own_fen", name=op.f("ck_settlement_order_shares")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_settlement_order")),
    )
    op.create_table(
        "settlement_programme",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", db.BigId, autoincrement=False, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('voucher', 'rebate', 'owner_subsidy')", name=op.f("ck_settlement_programme_kind")
        ),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_settlement_programme")),
    )
    op.create_index("ix_settlement_programme_area", "settlement_programme", ["area"], unique=False)
    op.create_table(
        "settlement_hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("number", db.BigId, nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("version", db.BigId, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("year", db.BigId, nullable=False),
        sa.Column("fen", db.BigId, nullable=False),
        sa.Column("captured_fen", db.BigId, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held_at", db.UtcDateTime(), nullable=False),
        sa.Column("resolved_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'held') = (resolved_at IS NULL)", name=op.f("ck_settlement_hold_resolved")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'captured', 'released')", name=op.f("ck_settlement_hold_state")
        ),
        sa.CheckConstraint("captured_fen BETWEEN 0 AND fen", name=op.f("ck_settlement_hold_captured")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_hold_fen")),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["settlement_order.reference"],
            name=op.f("fk_settlement_hold_reference_settlement_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_hold")),
        sa.UniqueConstraint("reference", "number", name=op.f("uq_settlement_hold_reference_number")),
    )
    op.create_index("ix_settlement_hold_holder", "settlement_hold", ["holder", "programme_id"], unique=False)
    op.create_index(
        "uq_settlement_hold_held",
        "settlement_hold",
        ["reference"],
        unique=True,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "settlement_hold_part",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("line", db.BigId, autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.String(), nullable=False),
        sa.Column("fen", db.BigId, nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_hold_part_fen")),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["settlement_grant.id"],
            name=op.f("fk_settlement_hold_part_grant_id_settlement_grant"),
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["settlement_hold.id"], name=op.f("fk_settlement_hold_part_hold_id_settlement_hold")
        ),
        sa.PrimaryKeyConstraint("hold_id", "line", name=op.f("pk_settlement_hold_part")),
    )


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
    op.execute(
        "CREATE OR REPLACE FUNCTION settlement_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''this table is append-only'' USING ERRCODE = ''restrict_violation''; END'"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION settlement_refuse_change()"
        )
