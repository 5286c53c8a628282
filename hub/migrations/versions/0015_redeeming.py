"""settlement: ties, what was told of an order, checks, papers and claims

Revision 0015, after 0014.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_check",)


def upgrade() -> None:
    op.create_table(
        "settlement_check",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("findings", db.Json(), nullable=False),
        sa.Column("checked_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('seamless', 'papers', 'own', 'waiting')", name=op.f("ck_settlement_check_verdict")
        ),
        sa.PrimaryKeyConstraint("reference", "number", name=op.f("pk_settlement_check")),
    )
    op.create_table(
        "settlement_claim",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payer_area", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee_kind", sa.String(), nullable=False),
        sa.Column("payee_id", sa.String(), nullable=False),
        sa.Column("base_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.Column("applied_at", db.UtcDateTime(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("first_at", db.UtcDateTime(), nullable=True),
        sa.Column("second_by", sa.String(), nullable=True),
        sa.Column("second_at", db.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("listed_as", sa.String(), nullable=True),
        sa.Column("paid_as", sa.String(), nullable=True),
        sa.Column("paid_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('rebate', 'owner_subsidy')", name=op.f("ck_settlement_claim_kind")),
        sa.CheckConstraint(
            "payee_kind IN ('enterprise', 'institution')", name=op.f("ck_settlement_claim_payee_kind")
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'checked', 'approved', 'listed', 'paid', 'refused', 'withdrawn')",
            name=op.f("ck_settlement_claim_state"),
        ),
        sa.CheckConstraint("fen >= 0 AND fen <= base_fen", name=op.f("ck_settlement_claim_fen")),
        sa.CheckConstraint(
            "second_by IS NULL OR second_by <> first_by", name=op.f("ck_settlement_claim_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_claim")),
        sa.UniqueConstraint("payee_id", "key", name=op.f("uq_settlement_claim_payee_id_key")),
    )
    op.create_index(
        "ix_settlement_claim_payee", "settlement_claim", ["payee_id", "programme_id", "year"], unique=False
    )
    op.create_index(
        "ix_settlement_claim_payer", "settlement_claim", ["payer_area", "programme_id", "state"], unique=False
    )
    op.create_table(
        "settlement_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("payer_area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("side IN ('enterprise', 'institution')", name=op.f("ck_settlement_paper_side")),
        sa.CheckConstraint(
            "state IN ('waiting', 'agreed', 'refused', 'replaced')", name=op.f("ck_settlement_paper_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_paper")),
    )
    op.create_index("ix_settlement_paper_reference", "settlement_paper", ["reference"], unique=False)
    op.create_index("ix_settlement_paper_state", "settlement_paper", ["state", "payer_area"], unique=False)
    op.create_table(
        "settlement_tie",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('shareholding', 'affiliation')", name=op.f("ck_settlement_tie_kind")),
        sa.CheckConstraint("one < other", name=op.f("ck_settlement_tie_ordered")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_tie")),
        sa.UniqueConstraint(
            "one", "other", "kind", "valid_from", name=op.f("uq_settlement_tie_one_other_kind_valid_from")
        ),
    )
    op.create_index("ix_settlement_tie_other", "settlement_tie", ["other"], unique=False)
    op.create_table(
        "settlement_told",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("evidence", db.Json(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "name", name=op.f("pk_settlement_told")),
    )
    op.create_table(
        "settlement_claim_line",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=True),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["settlement_claim.id"],
            name=op.f("fk_settlement_claim_line_claim_id_settlement_claim"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["settlement_line.id"], name=op.f("fk_settlement_claim_line_line_id_settlement_line")
        ),
        sa.PrimaryKeyConstraint("claim_id", "line_id", name=op.f("pk_settlement_claim_line")),
    )
    op.create_index(
        "uq_settlement_claim_line_live",
        "settlement_claim_line",
        ["programme_id", "line_id"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
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
