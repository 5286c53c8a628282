"""exchange and bookings

Revision 0006, after 0005.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""


def upgrade() -> None:
    op.create_table(
        "bookings_booking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("revision", db.BigId, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resume_state", sa.String(), nullable=True),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("is_appealed", sa.Boolean(), nullable=False),
        sa.Column("service_mode", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=True),
        sa.Column("operator_id", sa.String(), nullable=True),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("home_area", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("applicant", sa.String(), nullable=False),
        sa.Column("starts_at", db.UtcDateTime(), nullable=True),
        sa.Column("ends_at", db.UtcDateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("fee_fen", db.BigId, nullable=True),
        sa.Column("quote_id", sa.String(), nullable=True),
        sa.Column("charge_fen", db.BigId, nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("undo", sa.String(), nullable=False),
        sa.Column("turn_side", sa.String(), nullable=False),
        sa.Column("turn_by", db.UtcDateTime(), nullable=True),
        sa.Column("timer_at", db.UtcDateTime(), nullable=True),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("submitted_at", db.UtcDateTime(), nullable=True),
        sa.Column("updated_at", db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.Column("resolved_at", db.UtcDateTime(), nullable=True),
        sa.Column("document", db.Json(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('platform', 'portal', 'counter')", name=op.f("ck_bookings_booking_channel")
        ),
        sa.CheckConstraint("payment IN ('none', 'due', 'paid')", name=op.f("ck_bookings_booking_payment")),
        sa.CheckConstraint(
            "responsible IN ('station', 'institution')", name=op.f("ck_bookings_booking_responsible")
        ),
        sa.CheckConstraint(
            "undo IN ('none', 'open', 'done', 'stuck')", name=op.f("ck_bookings_booking_undo")
        ),
        sa.CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name=op.f("ck_bookings_booking_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_booking")),
        sa.UniqueConstraint("number", name=op.f("uq_bookings_booking_number")),
        sa.UniqueConstraint("province", "remote_id", name=op.f("uq_bookings_booking_province_remote_id")),
    )
    op.create_index(
        "ix_bookings_booking_enterprise_id",
        "bookings_booking",
        ["enterprise_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_bookings_booking_institution_id",
        "bookings_booking",
        ["institution_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_bookings_booking_instrument_id", "bookings_booking", ["instrument_id", "starts_at"], unique=False
    )
    op.create_index(
        "ix_bookings_booking_province", "bookings_booking", ["province", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_bookings_booking_timer_at",
        "bookings_booking",
        ["timer_at"],
        unique=False,
        sqlite_where=sa.text("timer_at IS NOT NULL"),
        postgresql_where=sa.text("timer_at IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_booking_turn", "bookings_booking", ["province", "turn_side", "turn_by"], unique=False
    )
    op.create_table(
        "bookings_calendar_feed",
        sa.Column("grant_id", db.BigId, autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_bookings_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_bookings_calendar_feed_token_hash")),
    )
    op.create_table(
        "bookings_case",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("open_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", db.Json(), nullable=False),
        sa.Column("opened_at", db.UtcDateTime(), nullable=False),
        sa.Column("seen", db.BigId, nullable=False),
        sa.Column("closed_at", db.UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_bookings_case_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_case")),
        sa.UniqueConstraint("open_key", name=op.f("uq_bookings_case_open_key")),
    )
    op.create_index("ix_bookings_case_booking_id", "bookings_case", ["booking_id"], unique=False)
    op.create_index("ix_bookings_case_state", "bookings_case", ["state", "kind", "id"], unique=False)
    op.create_table(
        "bookings_command_key",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("answer", db.Json(), nullable=True),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_bookings_command_key")),
    )
    op.create_index(
        op.f("ix_bookings_command_key_booking_id"), "bookings_command_key", ["booking_id"], unique=False
    )
    op.create_table(
        "bookings_route",
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("failures", db.BigId, nullable=False),
        sa.Column("open_until", db.UtcDateTime(), nullable=True),
        sa.Column("last_success_at", db.UtcDateTime(), nullable=True),
        sa.Column("last_error", db.Json(), nullable=True),
        sa.Column("feed_cursor", sa.String(), nullable=True),
        sa.Column("feed_read_at", db.UtcDateTime(), nullable=True),
        sa.Column("feed_due_at", db.UtcDateTime(), nullable=True),
        sa.Column("feed_failures", db.BigId, nullable=False),
        sa.Column("refused_signatures", db.BigId, nullable=False),
        sa.Column("refused_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("province", name=op.f("pk_bookings_route")),
    )
    op.create_table(
        "bookings_wish",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("applicant", sa.String(), nullable=False),
        sa.Column("from_at", db.UtcDateTime(), nullable=False),
        sa.Column("until_at", db.UtcDateTime(), nullable=False),
        sa.Column("minutes", db.BigId, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("offered_start", db.UtcDateTime(), nullable=True),
        sa.Column("offered_end", db.UtcDateTime(), nullable=True),
        sa.Column("offer_until", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'gone')", name=op.f("ck_bookings_wish_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_wish")),
    )
    op.create_index("ix_bookings_wish_enterprise_id", "bookings_wish", ["enterprise_id", "id"], unique=False)
    op.create_index(
        "ix_bookings_wish_instrument_id", "bookings_wish", ["instrument_id", "state", "id"], unique=False
    )
    op.create_table(
        "exchange_conversation",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("last_out", db.BigId, nullable=False),
        sa.Column("last_in", db.BigId, nullable=False),
        sa.Column("last_in_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_exchange_conversation")),
    )
    op.create_table(
        "exchange_inbox",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sequence", db.BigId, nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("received_at", db.UtcDateTime(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('apply', 'stale', 'conflicting', 'refused')", name=op.f("ck_exchange_inbox_verdict")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_inbox")),
        sa.UniqueConstraint(
            "province",
            "message_id",
            "content_hash",
            name=op.f("uq_exchange_inbox_province_message_id_content_hash"),
        ),
    )
    op.create_index("ix_exchange_inbox_subject", "exchange_inbox", ["subject"], unique=False)
    op.create_table(
        "bookings_note",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings_booking.id"], name=op.f("fk_bookings_note_booking_id_bookings_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_note")),
    )
    op.create_index("ix_bookings_note_booking_id", "bookings_note", ["booking_id", "id"], unique=False)
    op.create_table(
        "bookings_proposal",
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("number", db.BigId, autoincrement=False, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", db.UtcDateTime(), nullable=True),
        sa.Column("ends_at", db.UtcDateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("fee_fen", db.BigId, nullable=True),
        sa.Column("service_mode", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("until", db.UtcDateTime(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("settled_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'agreed', 'declined', 'lapsed')", name=op.f("ck_bookings_proposal_state")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_proposal_booking_id_bookings_booking"),
        ),
        sa.PrimaryKeyConstraint("booking_id", "number", name=op.f("pk_bookings_proposal")),
    )
    op.create_table(
        "bookings_rating",
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("stars", db.BigId, nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("rated_by", sa.String(), nullable=False),
        sa.Column("rated_at", db.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_bookings_rating_stars")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_rating_booking_id_bookings_booking"),
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_bookings_rating")),
    )
    op.create_table(
        "bookings_report",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("version", db.BigId, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", db.BigId, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("scan", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", db.UtcDateTime(), nullable=False),
        sa.Column("delivered_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("scan IN ('waiting', 'clean', 'infected')", name=op.f("ck_bookings_report_scan")),
        sa.CheckConstraint("source IN ('station', 'platform')", name=op.f("ck_bookings_report_source")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_report_booking_id_bookings_booking"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_report")),
        sa.UniqueConstraint("booking_id", "version", name=op.f("uq_bookings_report_booking_id_version")),
    )
    op.create_table(
        "bookings_transition",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("revision", db.BigId, nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("detail", db.Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_transition_booking_id_bookings_booking"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_transition")),
        sa.UniqueConstraint(
            "booking_id", "revision", name=op.f("uq_bookings_transition_booking_id_revision")
        ),
    )
    op.create_table(
        "bookings_upload",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size", db.BigId, nullable=False),
        sa.Column("received", db.BigId, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("report_id", db.BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_upload_booking_id_bookings_booking"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_upload")),
    )
    op.create_index("ix_bookings_upload_expires_at", "bookings_upload", ["expires_at"], unique=False)
    op.create_table(
        "exchange_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sequence", db.BigId, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("deadline", db.UtcDateTime(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("body", db.Json(), nullable=False),
        sa.Column("sealed_at", db.UtcDateTime(), nullable=False),
        sa.Column("signature", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"],
            ["exchange_conversation.subject"],
            name=op.f("fk_exchange_message_subject_exchange_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_message")),
        sa.UniqueConstraint("subject", "sequence", name=op.f("uq_exchange_message_subject_sequence")),
    )
    op.create_table(
        "exchange_receipt",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("answer_hash", sa.String(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["exchange_message.id"],
            name=op.f("fk_exchange_receipt_message_id_exchange_message"),
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_exchange_receipt")),
    )
    op.create_table(
        "bookings_delivery",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sequence", db.BigId, nullable=False),
        sa.Column("proposal", db.BigId, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", db.UtcDateTime(), nullable=False),
        sa.Column("deadline", db.UtcDateTime(), nullable=False),
        sa.Column("attempts", db.BigId, nullable=False),
        sa.Column("lookups", db.BigId, nullable=False),
        sa.Column("sent_at", db.UtcDateTime(), nullable=True),
        sa.Column("done_at", db.UtcDateTime(), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", db.UtcDateTime(), nullable=True),
        sa.Column("fence", db.BigId, nullable=False),
        sa.Column("last_error", db.Json(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'unknown', 'waiting', 'delivered', 'void', 'skipped', 'dead')",
            name=op.f("ck_bookings_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings_booking.id"],
            name=op.f("fk_bookings_delivery_booking_id_bookings_booking"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["exchange_message.id"],
            name=op.f("fk_bookings_delivery_message_id_exchange_message"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_bookings_delivery_message_id")),
    )
    op.create_index(
        "ix_bookings_delivery_booking_id", "bookings_delivery", ["booking_id", "sequence"], unique=False
    )
    op.create_index(
        "ix_bookings_delivery_due",
        "bookings_delivery",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'unknown')"),
    )
    op.create_index(
        "ix_bookings_delivery_leased",
        "bookings_delivery",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_delivery_waiting", "bookings_delivery", ["province", "state", "id"], unique=False
    )
    op.create_table(
        "bookings_download",
        sa.Column("id", db.BigId, nullable=False),
        sa.Column("report_id", db.BigId, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["bookings_report.id"], name=op.f("fk_bookings_download_report_id_bookings_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings_download")),
    )
    op.create_index("ix_bookings_download_report_id", "bookings_download", ["report_id"], unique=False)
