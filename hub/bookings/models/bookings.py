"""Bookings, the append-only rows of what happened to them, the keys of commands, proposals of other terms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.core.idempotency import KeyColumns


class Booking(Base):
    """One booking. Its identifier is also the name of its claim on the slot and the subject of its messages.

    `revision` rises with every transition. `resume_state` is the state to go back to. `timer_at` is when the hub acts
    by itself, `turn_by` until when the side `turn_side` should. `undo` says how far the province has been told to forget
    the booking: none, open, done or stuck. `document` holds the facts of the order (names, contact, items, samples,
    purpose, terms); what it holds of persons and samples can be erased without touching the chained log.
    """

    __tablename__ = "bookings_booking"
    __table_args__ = (
        UniqueConstraint("province", "remote_id"),
        CheckConstraint("undo IN ('none', 'open', 'done', 'stuck')", name="undo"),
        CheckConstraint("payment IN ('none', 'due', 'paid')", name="payment"),
        CheckConstraint("channel IN ('platform', 'portal', 'counter')", name="channel"),
        CheckConstraint("responsible IN ('station', 'institution')", name="responsible"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="slot"),
        Index("ix_bookings_booking_enterprise_id", "enterprise_id", "created_at", "id"),
        Index("ix_bookings_booking_institution_id", "institution_id", "created_at", "id"),
        Index("ix_bookings_booking_province", "province", "created_at", "id"),
        Index("ix_bookings_booking_turn", "province", "turn_side", "turn_by"),
        Index("ix_bookings_booking_instrument_id", "instrument_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    revision: Mapped[int]
    state: Mapped[str]
    resume_state: Mapped[str | None]
    payment: Mapped[str] = mapped_column(default="none")
    is_disputed: Mapped[bool] = mapped_column(default=False)
    is_appealed: Mapped[bool] = mapped_column(default=False)
    service_mode: Mapped[str]
    province: Mapped[str]
    channel: Mapped[str]
    instrument_id: Mapped[str]
    institution_id: Mapped[str | None]
    operator_id: Mapped[str | None]
    responsible: Mapped[str] = mapped_column(default="station")
    enterprise_id: Mapped[str]
    home_area: Mapped[str | None]
    person_id: Mapped[str | None]
    applicant: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    fee_fen: Mapped[int | None]
    quote_id: Mapped[str | None]
    charge_fen: Mapped[int | None]
    remote_id: Mapped[str | None]
    undo: Mapped[str] = mapped_column(default="none")
    turn_side: Mapped[str]
    turn_by: Mapped[datetime | None]
    timer_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any]]


Index(
    "ix_bookings_booking_timer_at",
    Booking.timer_at,
    sqlite_where=Booking.timer_at.is_not(None),
    postgresql_where=Booking.timer_at.is_not(None),
)


class Transition(Base):
    """One thing that happened to a booking. Rows are added and never changed; topic `booking` chains them.

    `key` is the idempotency key of the command that caused it, `actor` who gave it; texts of people stay out of the
    chained log and may be erased.
    """

    __tablename__ = "bookings_transition"
    __table_args__ = (UniqueConstraint("booking_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"))
    revision: Mapped[int]
    at: Mapped[datetime]
    command: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    side: Mapped[str]
    actor: Mapped[str]
    role: Mapped[str]
    province: Mapped[str | None]
    reason: Mapped[str | None]
    text: Mapped[str | None]
    key: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None]


class CommandKey(KeyColumns, Base):
    """The idempotency key of a command that was carried out, and its answer; kept for the booking's life."""

    __tablename__ = "bookings_command_key"

    booking_id: Mapped[str | None] = mapped_column(index=True)


class Proposal(Base):
    """Other terms proposed by one side: a time, a fee, a day, another service mode. `state` open, agreed, declined, lapsed."""

    __tablename__ = "bookings_proposal"
    __table_args__ = (CheckConstraint("state IN ('open', 'agreed', 'declined', 'lapsed')", name="state"),)

    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[str]
    state: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    fee_fen: Mapped[int | None]
    service_mode: Mapped[str | None]
    reason: Mapped[str | None]
    text: Mapped[str | None]
    remote_id: Mapped[str | None]
    until: Mapped[datetime]
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
