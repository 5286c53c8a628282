"""The slot guard's tables: the grid of an instrument, claims on it, their cells, and conflicts with the province."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Calendar(Base):
    """One instrument that has ever been claimed or read: the guard's grid, and how the platform was last read.

    `cell_minutes` only ever gets finer, so that every live claim stays guarded when rules change. Rows appear when
    they are needed: an instrument that nobody has booked has none. `pushed_at` is the source's own time of the newest
    reservations that were pushed.
    """

    __tablename__ = "availability_calendar"
    __table_args__ = (CheckConstraint("cell_minutes IN (5, 15, 30)", name="cell_minutes"),)

    instrument_id: Mapped[str] = mapped_column(primary_key=True)
    cell_minutes: Mapped[int]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    pulled_at: Mapped[datetime | None]
    pushed_at: Mapped[datetime | None]
    pull_due_at: Mapped[datetime | None]
    pull_failures: Mapped[int] = mapped_column(default=0)
    pull_error: Mapped[dict[str, Any] | None]


class Claim(Base):
    """Somebody's hold on a time of an instrument: `state` is held, confirmed, external, released or lapsed.

    A held one lapses at `until`. A proposed time is kept beside the old one until it is settled or `proposed_until`.
    An external one is a reservation that the province or a local user made; without cells (`is_guarded` false) when
    it met taken ones. `source` is hub, platform, pushed or local; `label` is what staff wrote, never a person's name.
    """

    __tablename__ = "availability_claim"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'confirmed', 'external', 'released', 'lapsed')", name="state"),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_availability_claim_instrument_id_starts_at", "instrument_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    instrument_id: Mapped[str]
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    until: Mapped[datetime | None]
    proposed_starts_at: Mapped[datetime | None]
    proposed_ends_at: Mapped[datetime | None]
    proposed_until: Mapped[datetime | None]
    is_guarded: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(default="hub")
    label: Mapped[str | None]
    external_key: Mapped[str | None]
    made_by: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


Index(
    "ix_availability_claim_until",
    Claim.until,
    sqlite_where=Claim.until.is_not(None),
    postgresql_where=Claim.until.is_not(None),
)
Index(
    "ix_availability_claim_proposed_until",
    Claim.proposed_until,
    sqlite_where=Claim.proposed_until.is_not(None),
    postgresql_where=Claim.proposed_until.is_not(None),
)


class Cell(Base):
    """One lane of one cell of time, taken. The primary key is the guard: two claims cannot both have it.

    `cell` is whole `cell_minutes` since 1970 in UTC, `lane` 0 … capacity - 1.
    """

    __tablename__ = "availability_cell"
    __table_args__ = (Index("ix_availability_cell_claim_id", "claim_id"),)

    instrument_id: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    claim_id: Mapped[str]


class Conflict(Base):
    """A reservation of the province that met taken cells: a case for a person. `state` is open or resolved.

    `others` are the claims it met when it was opened.
    """

    __tablename__ = "availability_conflict"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'resolved')", name="state"),
        Index("ix_availability_conflict_state_instrument_id", "state", "instrument_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[str]
    claim_id: Mapped[str] = mapped_column(index=True)
    others: Mapped[list[str]]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolution: Mapped[str | None]
