"""Rated lines: one priced version of one usage, the unit that everything after it counts, pays and proves."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base

_IS_LIVE = text("state NOT IN ('returned', 'withdrawn')")


class RatedLine(Base):
    """What one version of one usage comes to. Amounts in fen; `visited` and `home` are provinces, six digits.

    `reference` is the booking's identifier, `order_number` the one that people read. `payer_area` pays the voucher's share
    and is null where no voucher pays. `document` is of the specification (`rated-line`) and never changes; a correction is
    a line of the next version, or a credit document once the line was settled.

    `state`: rated (papers or the own share are missing) → ready → batched → settled; returned and withdrawn lines are not
    live any more. Of a usage at most one line is live.
    """

    __tablename__ = "settlement_line"
    __table_args__ = (
        CheckConstraint("state IN ('rated', 'ready', 'batched', 'settled', 'returned', 'withdrawn')", name="state"),
        CheckConstraint("fee_fen = voucher_fen + own_fen", name="shares"),
        CheckConstraint("fee_fen >= 0 AND voucher_fen >= 0 AND own_fen >= 0", name="amounts"),
        CheckConstraint("(voucher_fen = 0) = (programme_id IS NULL)", name="programme"),
        UniqueConstraint("usage_id", "usage_version"),
        Index("uq_settlement_line_live", "usage_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        Index("ix_settlement_line_batch_id", "batch_id"),
        Index("ix_settlement_line_pair", "visited", "home", "state"),
        Index("ix_settlement_line_reference", "reference"),
        Index("ix_settlement_line_enterprise_id", "enterprise_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[str]
    usage_version: Mapped[int]
    reference: Mapped[str]
    order_number: Mapped[str]
    visited: Mapped[str]
    home: Mapped[str]
    enterprise_id: Mapped[str]
    institution_id: Mapped[str]
    programme_id: Mapped[str | None]
    programme_version: Mapped[int | None]
    payer_area: Mapped[str | None]
    fee_fen: Mapped[int]
    voucher_fen: Mapped[int]
    own_fen: Mapped[int]
    state: Mapped[str] = mapped_column(default="rated")
    batch_id: Mapped[str | None]
    document: Mapped[dict[str, Any]]
    rated_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
