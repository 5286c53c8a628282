"""settlement: bank details of institutions, and samples of auditors

Revision 0016, after 0015.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_sample",)


def upgrade() -> None:
    op.create_table(
        "settlement_payee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("bank_name", sa.String(), nullable=False),
        sa.Column("account_number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_settlement_payee_decided")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by <> entered_by", name=op.f("ck_settlement_payee_second_person")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'replaced')", name=op.f("ck_settlement_payee_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_payee")),
    )
    op.create_index(
        "uq_settlement_payee_open",
        "settlement_payee",
        ["institution_id", "state"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.create_table(
        "settlement_sample",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("criteria", db.Json(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", db.UtcDateTime(), nullable=False),
        sa.Column("population", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_ids", db.Json(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("drawn_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_sample")),
    )
    op.create_index("ix_settlement_sample_area", "settlement_sample", ["area"], unique=False)
    _make_append_only()
    _refuse_truncate()


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


def _refuse_truncate() -> None:
    """PostgreSQL: TRUNCATE of what is append-only, and of the chained log, is refused; SQLite knows no TRUNCATE."""
    if op.get_bind().dialect.name == "sqlite":
        return
    guarded = op.get_bind().scalars(
        sa.text(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE tgname = relname || '_append_only' AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        )
    )
    for table in guarded.all():
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_change()"
        )
    op.execute(
        "CREATE OR REPLACE FUNCTION core_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''this table is append-only'' USING ERRCODE = ''restrict_violation''; END'"
    )
    op.execute(
        "CREATE TRIGGER core_change_no_truncate BEFORE TRUNCATE ON core_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_truncate()"
    )
