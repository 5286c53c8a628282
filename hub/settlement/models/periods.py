"""Settlement periods, the batch of each pair of provinces in each, what was calculated, and everything that happened to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only


class Period(Base):
    """One month of the calendar. `id` is `YYYY-MM`; lines that were rated before `cutoff_at` and are ready belong to it.

    `ends_on` is its last day. `closed_at`: when the hub had cut every batch of it.
    """

    __tablename__ = "settlement_period"

    id: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    cutoff_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Batch(Base):
    """What one province owes another for one period; `visited` = `home` for orders inside a province.

    `id` is `<period>.<visited>-<home>`; `state` is of the machine `settlement-batch`. `version` grows with every command.
    `revision` counts the calculations that differed; lines, amounts (fen) and `sha256` are those of the newest. `maker` and
    `checker` are who submitted and who agreed, the hash that each approved stands in the events. `review_until` is when
    staff of the provinces may decide instead. `sealed_sha256` is the hash of everything, published when it is closed.
    """

    __tablename__ = "settlement_batch"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'closing', 'calculated', 'under_review', 'returned', 'agreed', 'posted', 'paid', 'closed')",
            name="state",
        ),
        CheckConstraint("fee_fen = voucher_fen + own_fen", name="shares"),
        CheckConstraint("maker IS NULL OR checker IS NULL OR maker <> checker", name="two_people"),
        UniqueConstraint("period_id", "visited", "home"),
        Index("ix_settlement_batch_state", "state"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    period_id: Mapped[str] = mapped_column(ForeignKey("settlement_period.id"))
    visited: Mapped[str]
    home: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    cutoff_at: Mapped[datetime | None]
    lines: Mapped[int] = mapped_column(default=0)
    fee_fen: Mapped[int] = mapped_column(default=0)
    voucher_fen: Mapped[int] = mapped_column(default=0)
    own_fen: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str | None]
    maker: Mapped[str | None]
    checker: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    review_until: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    statement_id: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    sealed_sha256: Mapped[str | None]


class Calculation(Base):
    """One result of calculating a batch: the same lines give the same `document` and `sha256`, wherever and whenever."""

    __tablename__ = "settlement_calculation"

    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    lines_sha256: Mapped[str]
    document: Mapped[dict[str, Any]]
    calculated_at: Mapped[datetime]
    calculated_by: Mapped[str]


class Member(Base):
    """One line of a calculation, as it was then: membership by list. `sha256` is that of its entry in the list's file.

    `position` counts from 1 in the order of `usage_id`. Visited and home province are the batch's.
    """

    __tablename__ = "settlement_member"
    __table_args__ = (Index("ix_settlement_member_line_id", "line_id"),)

    batch_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line_id: Mapped[int]
    usage_id: Mapped[str]
    usage_version: Mapped[int]
    reference: Mapped[str]
    order_number: Mapped[str]
    enterprise_id: Mapped[str]
    institution_id: Mapped[str]
    programme_id: Mapped[str | None]
    programme_version: Mapped[int | None]
    payer_area: Mapped[str | None]
    fee_fen: Mapped[int]
    voucher_fen: Mapped[int]
    own_fen: Mapped[int]
    document_sha256: Mapped[str]
    sha256: Mapped[str]


class BatchEvent(Base):
    """One command on a batch: who, on which side, from which state to which, over which hash. Never changed."""

    __tablename__ = "settlement_batch_event"

    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    command: Mapped[str]
    actor: Mapped[str]
    side: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    sha256: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class LineReturn(Base):
    """A line that the home side sent back, with its code (list `line_return`) and words."""

    __tablename__ = "settlement_return"
    __table_args__ = (Index("ix_settlement_return_batch_id", "batch_id"),)

    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"))
    usage_id: Mapped[str]
    code: Mapped[str]
    text: Mapped[str]
    returned_by: Mapped[str]
    returned_at: Mapped[datetime]


for append_only in (Calculation, Member, BatchEvent, LineReturn):
    event.listen(append_only.__table__, "after_create", guard_append_only)
