"""Notices and their ways out, contacts of people, webhooks of subscribers."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Notice(Base):
    """One thing one person is told: the inbox's row. `key` makes telling it again a repetition."""

    __tablename__ = "notices_notice"
    __table_args__ = (
        UniqueConstraint("recipient", "key"),
        Index("ix_notices_notice_inbox", "recipient", "id"),
        Index("ix_notices_notice_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    key: Mapped[str]
    template: Mapped[str]
    values: Mapped[dict[str, Any]]
    subject: Mapped[str]
    link: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Delivery(Base):
    """A notice on its way over one outside channel. `failed_at` is set when sending again is useless."""

    __tablename__ = "notices_delivery"
    __table_args__ = (UniqueConstraint("notice_id", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices_notice.id"))
    channel: Mapped[str]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[str | None]


class Contact(Base):
    """Where one person wants to be reached over one channel: personal data, never shown to others."""

    __tablename__ = "notices_contact"

    recipient: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    secret: Mapped[str | None]
    changed_at: Mapped[datetime]


class Preference(Base):
    """A person's language and quiet hours, where they differ from the usual ones."""

    __tablename__ = "notices_preference"

    recipient: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str]
    quiet_start: Mapped[time]
    quiet_end: Mapped[time]


class Webhook(Base):
    """A subscriber's address for events of one party.

    `delivered` is the last event number that the address has taken; what follows is pushed in order. The secret
    signs and must therefore be kept readable.
    """

    __tablename__ = "notices_webhook"
    __table_args__ = (Index("ix_notices_webhook_owner", "owner"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    party: Mapped[str]
    url: Mapped[str]
    secret: Mapped[str]
    delivered: Mapped[int]
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    fault: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
