"""Quotes as they were given."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class QuoteRow(Base):
    """A snapshot: what was asked, by whom, and the quote document with its tariff and rules. Never changed.

    `fee_fen` is null for a fee on request. `party_id` is the enterprise that was quoted to.
    """

    __tablename__ = "availability_quote"
    __table_args__ = (
        Index("ix_availability_quote_instrument_id", "instrument_id"),
        Index("ix_availability_quote_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    instrument_id: Mapped[str]
    party_id: Mapped[str | None]
    made_by: Mapped[str]
    fee_fen: Mapped[int | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    request: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]
