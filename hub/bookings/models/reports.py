"""Reports, their uploads in pieces, and who has fetched which."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Report(Base):
    """One version of a booking's report. The bytes lie in a file named by their digest; sizes in bytes.

    `scan`: waiting, clean or infected; only a clean one can be delivered. `delivered_at` null: uploaded, not yet given.
    `source`: station (uploaded here) or platform (fetched there, where it is known as `remote_id`).
    """

    __tablename__ = "bookings_report"
    __table_args__ = (
        UniqueConstraint("booking_id", "version"),
        CheckConstraint("scan IN ('waiting', 'clean', 'infected')", name="scan"),
        CheckConstraint("source IN ('station', 'platform')", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"))
    version: Mapped[int]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    scan: Mapped[str]
    source: Mapped[str] = mapped_column(default="station")
    remote_id: Mapped[str | None]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class Upload(Base):
    """A report that arrives in pieces. `received` counts the bytes that are safely on disk."""

    __tablename__ = "bookings_upload"
    __table_args__ = (Index("ix_bookings_upload_expires_at", "expires_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings_booking.id"))
    filename: Mapped[str]
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    report_id: Mapped[int | None]


class Download(Base):
    """A report version that left: to whom and when. The enterprise's first one is its receipt."""

    __tablename__ = "bookings_download"
    __table_args__ = (Index("ix_bookings_download_report_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("bookings_report.id"))
    side: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
