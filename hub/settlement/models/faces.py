"""The provinces' settlement faces: papers on their way, what home systems said of allotments, comparisons, cases."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only


class PaperDelivery(Base):
    """The way of one issued document to one province.

    `state`: pending (to be sent), unknown (may have arrived: only asked about), waiting (the province reads or downloads
    it), delivered, refused (by the province, in its words), dead (a person must act). `sent_at` is set before a byte
    leaves and cleared by proof of absence; `fence` grows with every claim.
    """

    __tablename__ = "settlement_delivery"
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending', 'unknown', 'waiting', 'delivered', 'refused', 'dead')", name="state"
        ),
        UniqueConstraint("document_id", "province"),
        Index("ix_settlement_delivery_due", "state", "due_at"),
        Index("ix_settlement_delivery_province", "province", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("settlement_document.id"))
    province: Mapped[str]
    kind: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="pending")
    due_at: Mapped[datetime]
    deadline: Mapped[datetime]
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lookups: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    remote_id: Mapped[str | None]
    last_error: Mapped[dict[str, Any] | None]


class FaceState(Base):
    """Where the hub stands with one province's face: cursor of its results, when to read again, failures in a row."""

    __tablename__ = "settlement_face"

    province: Mapped[str] = mapped_column(primary_key=True)
    results_cursor: Mapped[str | None]
    results_due_at: Mapped[datetime | None]
    allotments_due_at: Mapped[datetime | None]
    figures_due_at: Mapped[datetime | None]
    results_failures: Mapped[int] = mapped_column(default=0)
    allotments_failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[dict[str, Any] | None]
    last_success_at: Mapped[datetime | None]


class AllotmentTelling(Base):
    """One word of a home system about an allotment, and the hub's answer as it was given then. Rows are never changed.

    `outcome`: done, partly (the rest is held or used) or refused with `code`. Amounts in fen.
    """

    __tablename__ = "settlement_allotment_telling"
    __table_args__ = (CheckConstraint("outcome IN ('done', 'partly')", name="outcome"),)

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    province: Mapped[str]
    holder_code: Mapped[str]
    fen: Mapped[int]
    valid_until: Mapped[date]
    way: Mapped[str]
    outcome: Mapped[str]
    allotted_fen: Mapped[int]
    left_fen: Mapped[int]
    held_fen: Mapped[int]
    captured_fen: Mapped[int]
    heard_at: Mapped[datetime]


class Comparison(Base):
    """One comparison with one home system, as a rule one a night. `state`: agreeing, differing, or unheard (no figures)."""

    __tablename__ = "settlement_comparison"
    __table_args__ = (
        CheckConstraint("state IN ('agreeing', 'differing', 'unheard')", name="state"),
        Index("ix_settlement_comparison_day", "province", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    day: Mapped[date]
    state: Mapped[str]
    compared: Mapped[int] = mapped_column(default=0)
    differing: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None]
    taken_at: Mapped[datetime]


class ComparisonLine(Base):
    """One allotment of a comparison: the hub's figures and the home system's, in fen; null is "not told".

    `kind`: same, differs, missing_there (the home system does not know it), missing_here. Never changed.
    """

    __tablename__ = "settlement_comparison_line"
    __table_args__ = (
        CheckConstraint("kind IN ('same', 'differs', 'missing_there', 'missing_here')", name="kind"),
    )

    comparison_id: Mapped[int] = mapped_column(ForeignKey("settlement_comparison.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    programme_id: Mapped[str | None]
    external_id: Mapped[str]
    area: Mapped[str | None]
    holder: Mapped[str | None]
    allotted_fen: Mapped[int | None]
    held_fen: Mapped[int | None]
    captured_fen: Mapped[int | None]
    redeemed_fen: Mapped[int | None]
    their_allotted_fen: Mapped[int | None]
    their_held_fen: Mapped[int | None]
    their_captured_fen: Mapped[int | None]
    their_redeemed_fen: Mapped[int | None]


class FaceCase(Base):
    """Something about a province's settlement that the hub must not decide by itself.

    `open_key` is set while it is open and makes the same trouble one case; `seen` counts how often it was met.
    """

    __tablename__ = "settlement_face_case"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index("ix_settlement_face_case_province", "province", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    open_key: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    province: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    detail: Mapped[dict[str, Any]]
    seen: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    resolution: Mapped[str | None]


for append_only in (AllotmentTelling, ComparisonLine):
    event.listen(append_only.__table__, "after_create", guard_append_only)
