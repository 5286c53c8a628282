"""settlement: the ledger

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

