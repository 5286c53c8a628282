"""availability

Revision 0005, after 0004.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""


def upgrade() -> None:
    op.create_table(
        "availability_calendar",
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("cell_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", db.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", db.UtcDateTime(), nullable=True),
        sa.Column("pulled_at", db.UtcDateTime(), nullable=True),
        sa.Column("pushed_at", db.UtcDateTime(), nullable=True),
        sa.Column("pull_due_at", db.UtcDateTime(), nullable=True),
        sa.Column("pull_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pull_error", db.Json(), nullable=True),
        sa.CheckConstraint("cell_minutes IN (5, 15, 30)", name=op.f("ck_availability_calendar_cell_minutes")),
        sa.PrimaryKeyConstraint("instrument_id", name=op.f("pk_availability_calendar")),
    )
    op.create_table(
        "availability_cell",
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column(
            "cell", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "lane", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("instrument_id", "cell", "lane", name=op.f("pk_availability_cell")),
    )
    op.create_index("ix_availability_cell_claim_id", "availability_cell", ["claim_id"], unique=False)
    op.create_table(
        "availability_claim",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", db.UtcDateTime(), nullable=False),
        sa.Column("ends_at", db.UtcDateTime(), nullable=False),
        sa.Column("until", db.UtcDateTime(), nullable=True),
        sa.Column("proposed_starts_at", db.UtcDateTime(), nullable=True),
        sa.Column("proposed_ends_at", db.UtcDateTime(), nullable=True),
        sa.Column("proposed_until", db.UtcDateTime(), nullable=True),
        sa.Column("is_guarded", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("external_key", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("changed_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'confirmed', 'external', 'released', 'lapsed')",
            name=op.f("ck_availability_claim_state"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_availability_claim_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_claim")),
    )
    op.create_index(
        "ix_availability_claim_instrument_id_starts_at",
        "availability_claim",
        ["instrument_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_availability_claim_proposed_until",
        "availability_claim",
        ["proposed_until"],
        unique=False,
        sqlite_where=sa.text("proposed_until IS NOT NULL"),
        postgresql_where=sa.text("proposed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_availability_claim_until",
        "availability_claim",
        ["until"],
        unique=False,
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )
    op.create_table(
        "availability_closure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("starts_at", db.UtcDateTime(), nullable=False),
        sa.Column("ends_at", db.UtcDateTime(), nullable=False),
        sa.Column("repeat_weeks", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("repeat_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", db.UtcDateTime(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_availability_closure_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_closure")),
    )
    op.create_index(
        "ix_availability_closure_subject", "availability_closure", ["subject", "ends_at"], unique=False
    )
    op.create_table(
        "availability_conflict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("others", db.Json(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", db.UtcDateTime(), nullable=False),
        sa.Column("resolved_at", db.UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_availability_conflict_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_conflict")),
    )
    op.create_index(
        op.f("ix_availability_conflict_claim_id"), "availability_conflict", ["claim_id"], unique=False
    )
    op.create_index(
        "ix_availability_conflict_state_instrument_id",
        "availability_conflict",
        ["state", "instrument_id"],
        unique=False,
    )
    op.create_table(
        "availability_quote",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("request", db.Json(), nullable=False),
        sa.Column("document", db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_quote")),
    )
    op.create_index("ix_availability_quote_expires_at", "availability_quote", ["expires_at"], unique=False)
    op.create_index(
        "ix_availability_quote_instrument_id", "availability_quote", ["instrument_id"], unique=False
    )
    op.create_table(
        "availability_rules",
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column(
            "version",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", db.UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("announced_at", db.UtcDateTime(), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("instrument_id", "version", name=op.f("pk_availability_rules")),
    )
    op.create_table(
        "availability_tariff",
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column(
            "version",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", db.UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("announced_at", db.UtcDateTime(), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("instrument_id", "version", name=op.f("pk_availability_tariff")),
    )
    op.create_table(
        "availability_training",
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("institution_id", "code", "holder", name=op.f("pk_availability_training")),
    )
    # ### end Alembic commands ###
