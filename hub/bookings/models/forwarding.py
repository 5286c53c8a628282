"""What must reach provinces, how each province is doing, and what waits for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Delivery(Base):
    """The way of one sealed message to its province.

    `state`: pending (to be sent), unknown (may have been acted on: only asked about), waiting (the province fetches),
    delivered, void (no longer wanted and surely not acted on), skipped (the dialect has no word for it), dead (a person
    must act). `proposal` is the number of the proposal it is about. `sent_at` is set before a byte
    leaves and cleared only when the province surely did not act. A holder works under `lease_until` and `fence`.
    """

    __tablename__ = "bookings_delivery"
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending', 'unknown', 'waiting', 'delivered', 'void', 'skipped', 'dead')", name="state"
        ),
        Index("ix_bookings_delivery_booking_id", "booking_id", "sequence"),
        Index("ix_bookings_delivery_waiting", "province", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"))
    message_id: Mapped[str] = mapped_column(ForeignKey("exchange_message.id"), unique=True)
    province: Mapped[str]
    kind: Mapped[str]
    sequence: Mapped[int]
    proposal: Mapped[int | None]
    state: Mapped[str]
    due_at: Mapped[datetime]
    deadline: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lookups: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[dict[str, Any] | None]


_OPEN = Delivery.state.in_(("pending", "unknown"))
Index("ix_bookings_delivery_due", Delivery.due_at, Delivery.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index(
    "ix_bookings_delivery_leased",
    Delivery.lease_until,
    sqlite_where=Delivery.lease_until.is_not(None),
    postgresql_where=Delivery.lease_until.is_not(None),
)


class Route(Base):
    """One province's booking interface as it does now: failures in a row, until when it is left alone, its order feed,
    and how many answers in its name were refused for their signature.
    """

    __tablename__ = "bookings_route"

    province: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[dict[str, Any] | None]
    feed_cursor: Mapped[str | None]
    feed_read_at: Mapped[datetime | None]
    feed_due_at: Mapped[datetime | None]
    feed_failures: Mapped[int] = mapped_column(default=0)
    refused_signatures: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None]


class Case(Base):
    """Something a person must look at. At most one of a kind is open for a booking (or, without one, for a subject)."""

    __tablename__ = "bookings_case"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index("ix_bookings_case_state", "state", "kind", "id"),
        Index("ix_bookings_case_booking_id", "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    open_key: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    province: Mapped[str]
    booking_id: Mapped[str | None]
    state: Mapped[str]
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    seen: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    resolution: Mapped[str | None]
