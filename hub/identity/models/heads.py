"""Heads of the audit that were handed out."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class AuditHead(Base):
    """The end of the audit's chain on one day, signed; whoever holds `jws` can show a chain that was rewritten later."""

    __tablename__ = "identity_audit_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[str]
    kid: Mapped[str]
    jws: Mapped[str]
    signed_at: Mapped[datetime]


class HeadDelivery(Base):
    """A head that one province is to have: `delivered_at` once its platform took it."""

    __tablename__ = "identity_audit_head_delivery"
    __table_args__ = (Index("ix_identity_audit_head_delivery_province", "province", "day"),)

    day: Mapped[date] = mapped_column(ForeignKey("identity_audit_head.day"), primary_key=True)
    province: Mapped[str] = mapped_column(primary_key=True)
    delivered_at: Mapped[datetime | None]
