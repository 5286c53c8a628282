"""Who signed, acknowledged or received which document, the public keys of sides without a platform, and time-stamps."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only


class Signature(Base):
    """One side's word about one document; never changed. `side` is a six-digit area code, or `hub`.

    `kind`: signed (a JWS by a key of the side), acknowledged (a person with a second factor, no signature), receipt
    (a JWS that says only that the document arrived). `sha256` is the document's; `at` is when the hub took it in.
    """

    __tablename__ = "settlement_signature"
    __table_args__ = (
        CheckConstraint("kind IN ('signed', 'acknowledged', 'receipt')", name="kind"),
        CheckConstraint("(kind = 'acknowledged') = (jws IS NULL)", name="jws"),
        CheckConstraint("(jws IS NULL) = (kid IS NULL) AND (jws IS NULL) = (alg IS NULL)", name="key"),
        UniqueConstraint("document_id", "side", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("settlement_document.id"))
    side: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str]
    alg: Mapped[str | None]
    kid: Mapped[str | None]
    jws: Mapped[str | None]
    person: Mapped[str | None]
    at: Mapped[datetime]


class OfficerKey(Base):
    """A public key that a side without a platform signs with; its private half is on the officer's own machine.

    It counts from `approved_at` (by another person than who proposed it) to `revoked_at`. `kid` is the RFC 7638
    thumbprint, so that a key has one name for ever.
    """

    __tablename__ = "settlement_officer_key"
    __table_args__ = (
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
        Index("ix_settlement_officer_key_side", "side"),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[str]
    algorithm: Mapped[str]
    jwk: Mapped[dict[str, Any]]
    label: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]


class TimeStamp(Base):
    """An RFC 3161 time-stamp of a document or of a chain's head: wanted, and once it is there its token.

    `subject` is `document:<id>`, stamped as the document's canonical form, or `head:<topic>/<number>/<hash>`, stamped as
    that very text; `digest` is the SHA-256, in hexadecimal, that is stamped.
    `reply` is the authority's whole answer as DER; a row without it is tried again at `next_at`.
    """

    __tablename__ = "settlement_time_stamp"
    __table_args__ = (
        CheckConstraint("(reply IS NULL) = (stamped_at IS NULL)", name="reply"),
        Index("ix_settlement_time_stamp_next_at", "next_at"),
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    wanted_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    reply: Mapped[bytes | None]
    authority: Mapped[str | None]
    stamped_at: Mapped[datetime | None]


event.listen(Signature.__table__, "after_create", guard_append_only)
