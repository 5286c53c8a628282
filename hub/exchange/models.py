"""Messages that left, messages that came, and where each conversation stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Conversation(Base):
    """What the hub and one province say to each other about one subject (a booking's identifier).

    `last_out` and `last_in` are the highest sequence numbers, `last_in_at` the province's own time of the newest answer
    that carried no number.
    """

    __tablename__ = "exchange_conversation"

    subject: Mapped[str] = mapped_column(primary_key=True)
    province: Mapped[str]
    correlation_id: Mapped[str]
    last_out: Mapped[int] = mapped_column(default=0)
    last_in: Mapped[int] = mapped_column(default=0)
    last_in_at: Mapped[datetime | None]


class SealedMessage(Base):
    """A message to a province, stored before it is sent and never changed. `key` is its idempotency key.

    `signature` is the detached JWS it was last sent with; null where the dialect carries none.
    """

    __tablename__ = "exchange_message"
    __table_args__ = (UniqueConstraint("subject", "sequence"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(ForeignKey("exchange_conversation.subject"))
    province: Mapped[str]
    kind: Mapped[str]
    sequence: Mapped[int]
    key: Mapped[str]
    deadline: Mapped[datetime]
    content_hash: Mapped[str]
    body: Mapped[dict[str, Any]]
    sealed_at: Mapped[datetime]
    signature: Mapped[str | None]


class Receipt(Base):
    """That a message arrived: the province's own answer to it, by name and digest. The first one counts.

    The answer itself lies in the inbox under the same name; `way` says how it came.
    """

    __tablename__ = "exchange_receipt"

    message_id: Mapped[str] = mapped_column(ForeignKey("exchange_message.id"), primary_key=True)
    at: Mapped[datetime]
    way: Mapped[str]
    answer_id: Mapped[str]
    answer_hash: Mapped[str]
    is_signed: Mapped[bool]


class InboxEntry(Base):
    """One message from a province, as it came. `verdict` is apply, stale, conflicting or refused; repetitions add none.

    `subject` is null for what could not be attributed. `raw` holds the bytes, in the province's own words.
    """

    __tablename__ = "exchange_inbox"
    __table_args__ = (
        UniqueConstraint("province", "message_id", "content_hash"),
        CheckConstraint("verdict IN ('apply', 'stale', 'conflicting', 'refused')", name="verdict"),
        Index("ix_exchange_inbox_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    message_id: Mapped[str]
    content_hash: Mapped[str]
    subject: Mapped[str | None]
    kind: Mapped[str]
    sequence: Mapped[int | None]
    way: Mapped[str]
    is_signed: Mapped[bool]
    verdict: Mapped[str]
    why: Mapped[str | None]
    received_at: Mapped[datetime]
    raw: Mapped[bytes]
