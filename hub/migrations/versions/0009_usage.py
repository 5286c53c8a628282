"""settlement: usage, disputes, keys of commands

Revision 0009, after 0008.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = (
    "settlement_usage_version",
    "settlement_usage_told",
    "settlement_usage_decision",
    "settlement_usage_return",
)


def upgrade() -> None:
    op.create_table(
        "settlement_command_key",
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("answer", db.Json(), nullable=True),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_settlement_command_key")),
    )
    op.create_index(
        op.f("ix_settlement_command_key_subject"), "settlement_command_key", ["subject"], unique=False
    )
    op.create_table(
        "settlement_usage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visited", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("home_area", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("operator_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facts", db.Json(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(), nullable=False),
        sa.Column("confirm_by", db.UtcDateTime(), nullable=True),
        sa.Column("timer_at", db.UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", db.UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("updated_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('service', 'cancellation', 'no_show')", name=op.f("ck_settlement_usage_kind")
        ),
        sa.CheckConstraint(
            "source IN ('staff', 'institution', 'platform', 'sensor')",
            name=op.f("ck_settlement_usage_source"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'disputed', 'confirmed', 'rated', 'returned', 'waived')",
            name=op.f("ck_settlement_usage_state"),
        ),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_settlement_usage_fee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_usage")),
        sa.UniqueConstraint("reference", "kind", name=op.f("uq_settlement_usage_reference_kind")),
    )
    op.create_index(
        "ix_settlement_usage_enterprise_id",
        "settlement_usage",
        ["enterprise_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_settlement_usage_home", "settlement_usage", ["home", "recorded_at", "id"], unique=False
    )
    op.create_index(
        "ix_settlement_usage_institution_id",
        "settlement_usage",
        ["institution_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index("ix_settlement_usage_timer_at", "settlement_usage", ["timer_at"], unique=False)
    op.create_index(
        "ix_settlement_usage_visited", "settlement_usage", ["visited", "recorded_at", "id"], unique=False
    )
    op.create_table(
        "settlement_usage_dispute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("evidence", db.Json(), nullable=False),
        sa.Column("raised_at", db.UtcDateTime(), nullable=False),
        sa.Column("decide_by", db.UtcDateTime(), nullable=False),
        sa.Column("arbiter", sa.String(), nullable=True),
        sa.Column("arbiter_person_id", sa.String(), nullable=True),
        sa.Column("arbiter_province", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_dispute_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_usage_dispute")),
    )
    op.create_index(
        "ix_settlement_usage_dispute_usage_id", "settlement_usage_dispute", ["usage_id"], unique=False
    )
    op.create_table(
        "settlement_usage_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dispute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("forgotten_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "side IN ('enterprise', 'provider')", name=op.f("ck_settlement_usage_evidence_side")
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["settlement_usage_dispute.id"],
            name=op.f("fk_settlement_usage_evidence_dispute_id_settlement_usage_dispute"),
        ),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_evidence_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_usage_evidence")),
        sa.UniqueConstraint("usage_id", "sha256", name=op.f("uq_settlement_usage_evidence_usage_id_sha256")),
    )
    op.create_index(
        "ix_settlement_usage_evidence_added_at", "settlement_usage_evidence", ["added_at"], unique=False
    )
    op.create_index(
        "ix_settlement_usage_evidence_sha256", "settlement_usage_evidence", ["sha256"], unique=False
    )
    op.create_table(
        "settlement_usage_notice",
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column(
            "version",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("queued_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_notice_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint(
            "usage_id", "version", "number", "recipient", "channel", name=op.f("pk_settlement_usage_notice")
        ),
    )
    op.create_table(
        "settlement_usage_return",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("returned_by", sa.String(), nullable=False),
        sa.Column("returned_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["settlement_line.id"],
            name=op.f("fk_settlement_usage_return_line_id_settlement_line"),
        ),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_return_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_settlement_usage_return")),
    )
    op.create_index(
        op.f("ix_settlement_usage_return_usage_id"), "settlement_usage_return", ["usage_id"], unique=False
    )
    op.create_table(
        "settlement_usage_told",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_told_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint("origin", "external_id", name=op.f("pk_settlement_usage_told")),
    )
    op.create_table(
        "settlement_usage_version",
        sa.Column("usage_id", sa.String(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["usage_id"],
            ["settlement_usage.id"],
            name=op.f("fk_settlement_usage_version_usage_id_settlement_usage"),
        ),
        sa.PrimaryKeyConstraint("usage_id", "number", name=op.f("pk_settlement_usage_version")),
    )
    op.create_table(
        "settlement_usage_decision",
        sa.Column("dispute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("used", db.Json(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["settlement_usage_dispute.id"],
            name=op.f("fk_settlement_usage_decision_dispute_id_settlement_usage_dispute"),
        ),
        sa.PrimaryKeyConstraint("dispute_id", "number", name=op.f("pk_settlement_usage_decision")),
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
