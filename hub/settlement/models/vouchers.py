"""Programmes in versions, grants and allotments, what was taken within a year, and the holds of orders."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base

_IS_HELD = text("state = 'held'")


class ProgrammeRow(Base):
    """One version of a programme; versions are added and never changed. `document` is of the specification."""

    __tablename__ = "settlement_programme"
    __table_args__ = (
        CheckConstraint("kind IN ('voucher', 'rebate', 'owner_subsidy')", name="kind"),
        Index("ix_settlement_programme_area", "area"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area: Mapped[str]
    kind: Mapped[str]
    valid_from: Mapped[date]
    document: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Grant(Base):
    """Money of one programme for one holder: granted here (`authority` hub), or allotted by the home area's system (home).

    `fen` is what was given less what went back; what is left and what is held are balances of the accounts `voucher:<id>`
    and `held:<id>`, and the rest was captured. `revision` is the home system's own count of changes, `postings` ours. `rank` is the order of use
    that the holder chose, then the earliest `valid_until`. `state` ending: over, but some of it is still held.
    """

    __tablename__ = "settlement_grant"
    __table_args__ = (
        CheckConstraint("authority IN ('hub', 'home')", name="authority"),
        CheckConstraint("state IN ('active', 'ending', 'ended')", name="state"),
        CheckConstraint("fen >= 0", name="fen"),
        UniqueConstraint("programme_id", "external_id"),
        Index("ix_settlement_grant_holder", "holder", "programme_id"),
        Index("ix_settlement_grant_valid_until", "state", "valid_until"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    holder: Mapped[str]
    authority: Mapped[str]
    area: Mapped[str]
    year: Mapped[int]
    external_id: Mapped[str]
    fen: Mapped[int]
    revision: Mapped[int] = mapped_column(default=0)
    postings: Mapped[int] = mapped_column(default=0)
    rank: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="active")
    valid_until: Mapped[date]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Allowance(Base):
    """What a holder has taken of a programme within the year of a cap: held and captured. Its row is the cap's lock."""

    __tablename__ = "settlement_allowance"
    __table_args__ = (CheckConstraint("used_fen >= 0", name="used"),)

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    used_fen: Mapped[int] = mapped_column(default=0)


class OrderRow(Base):
    """What was decided for an order: its facts, both decisions with their programmes' versions, and the shares."""

    __tablename__ = "settlement_order"
    __table_args__ = (CheckConstraint("fee_fen IS NULL OR fee_fen = voucher_fen + own_fen", name="shares"),)

    reference: Mapped[str] = mapped_column(primary_key=True)
    fee_fen: Mapped[int | None]
    voucher_fen: Mapped[int]
    own_fen: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    decisions: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]


class Hold(Base):
    """Money kept for one order. `state` held, then once and for ever captured or released. Of an order at most one is held."""

    __tablename__ = "settlement_hold"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'captured', 'released')", name="state"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("captured_fen BETWEEN 0 AND fen", name="captured"),
        CheckConstraint("(state = 'held') = (resolved_at IS NULL)", name="resolved"),
        UniqueConstraint("reference", "number"),
        Index("ix_settlement_hold_holder", "holder", "programme_id"),
        Index(
            "uq_settlement_hold_held",
            "reference",
            unique=True,
            sqlite_where=_IS_HELD,
            postgresql_where=_IS_HELD,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(ForeignKey("settlement_order.reference"))
    number: Mapped[int]
    programme_id: Mapped[str]
    version: Mapped[int]
    holder: Mapped[str]
    year: Mapped[int]
    fen: Mapped[int]
    captured_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="held")
    held_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class HoldPart(Base):
    """How much of a hold a grant gives, in the order of use."""

    __tablename__ = "settlement_hold_part"
    __table_args__ = (CheckConstraint("fen > 0", name="fen"),)

    hold_id: Mapped[str] = mapped_column(ForeignKey("settlement_hold.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    grant_id: Mapped[str] = mapped_column(ForeignKey("settlement_grant.id"))
    fen: Mapped[int]
