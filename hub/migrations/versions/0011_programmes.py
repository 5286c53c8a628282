"""settlement: applications, drafts of programmes, instructions about money

Revision 0011, after 0010.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

APPEND_ONLY = ("settlement_application_event",)


def upgrade() -> None:
    op.create_table(
        "settlement_instruction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("grant_id", sa.String(), nullable=True),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'end') = (fen = 0) AND fen >= 0", name=op.f("ck_settlement_instruction_fen")
        ),
        sa.CheckConstraint(
            "kind IN ('fund', 'grant', 'raise', 'end')", name=op.f("ck_settlement_instruction_kind")
        ),
        sa.CheckConstraint(
            "state <> 'done' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_settlement_instruction_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'done', 'refused')", name=op.f("ck_settlement_instruction_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_instruction")),
    )
    op.create_index(
        "ix_settlement_instruction_programme_id",
        "settlement_instruction",
        ["programme_id", "state"],
        unique=False,
    )
    op.create_index(
        "uq_settlement_instruction_open",
        "settlement_instruction",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "settlement_programme_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("base_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.Column("editors", db.Json(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("changed_at", db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (version IS NOT NULL)",
            name=op.f("ck_settlement_programme_draft_version"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'discarded')", name=op.f("ck_settlement_programme_draft_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_programme_draft")),
    )
    op.create_index(
        "ix_settlement_programme_draft_area", "settlement_programme_draft", ["area", "state"], unique=False
    )
    op.create_index(
        "uq_settlement_programme_draft_open",
        "settlement_programme_draft",
        ["programme_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "settlement_application",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("programme_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_name", sa.String(), nullable=False),
        sa.Column("credit_code", sa.String(), nullable=False),
        sa.Column("home_area", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answers", db.Json(), nullable=False),
        sa.Column("missing", db.Json(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("external_reference", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("first_at", db.UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("grant_id", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'granted') = (grant_id IS NOT NULL)", name=op.f("ck_settlement_application_grant")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR first_by IS NULL OR decided_by <> first_by OR state = 'refused'",
            name=op.f("ck_settlement_application_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'papers_missing', 'approved_once', 'waiting_budget', 'granted', 'refused', 'withdrawn', 'handed_over')",
            name=op.f("ck_settlement_application_state"),
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_settlement_application_fen")),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["settlement_grant.id"],
            name=op.f("fk_settlement_application_grant_id_settlement_grant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_application")),
        sa.UniqueConstraint("number", name=op.f("uq_settlement_application_number")),
        sa.UniqueConstraint("once", name=op.f("uq_settlement_application_once")),
    )
    op.create_index(
        "ix_settlement_application_area", "settlement_application", ["area", "state"], unique=False
    )
    op.create_index(
        "ix_settlement_application_holder", "settlement_application", ["holder", "programme_id"], unique=False
    )
    op.create_index(
        "ix_settlement_application_queue",
        "settlement_application",
        ["programme_id", "state", "submitted_at"],
        unique=False,
    )
    op.create_table(
        "settlement_application_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["settlement_application.id"],
            name=op.f("fk_settlement_application_event_application_id_settlement_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_application_event")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_settlement_application_event_application_id_number")
        ),
    )
    op.create_table(
        "settlement_application_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("handed_in_by", sa.String(), nullable=False),
        sa.Column("handed_in_at", db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["settlement_application.id"],
            name=op.f("fk_settlement_application_paper_application_id_settlement_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_application_paper")),
    )
    op.create_index(
        "ix_settlement_application_paper_application_id",
        "settlement_application_paper",
        ["application_id"],
        unique=False,
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
