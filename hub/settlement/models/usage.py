"""Usage: what orders really used, in versions; who was told, who disputes it, what was decided, what was returned."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.core.idempotency import KeyColumns
from hub.settlement.models.journal import guard_append_only


class Usage(Base):
    """What is charged for one order by one kind (service, cancellation, no_show). Amounts in fen.

    `version` is the present one, `revision` rises with everything that happens to it. `visited` and `home` are provinces,
    `home_area` the enterprise's own area (six digits). `facts` hold names, planned time and mode. The states locked and
    settled are those of its live line and are not written here. `timer_at` is when the hub looks at it again by itself.
    """

    __tablename__ = "settlement_usage"
    __table_args__ = (
        CheckConstraint(
            "state IN ('submitted', 'disputed', 'confirmed', 'rated', 'returned', 'waived')", name="state"
        ),
        CheckConstraint("kind IN ('service', 'cancellation', 'no_show')", name="kind"),
        CheckConstraint("source IN ('staff', 'institution', 'platform', 'sensor')", name="source"),
        CheckConstraint("fee_fen >= 0", name="fee"),
        UniqueConstraint("reference", "kind"),
        Index("ix_settlement_usage_enterprise_id", "enterprise_id", "recorded_at", "id"),
        Index("ix_settlement_usage_institution_id", "institution_id", "recorded_at", "id"),
        Index("ix_settlement_usage_visited", "visited", "recorded_at", "id"),
        Index("ix_settlement_usage_home", "home", "recorded_at", "id"),
        Index("ix_settlement_usage_timer_at", "timer_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str]
    kind: Mapped[str]
    order_number: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    revision: Mapped[int]
    visited: Mapped[str]
    home: Mapped[str]
    home_area: Mapped[str]
    enterprise_id: Mapped[str]
    institution_id: Mapped[str]
    operator_id: Mapped[str | None]
    person_id: Mapped[str | None]
    source: Mapped[str]
    external_id: Mapped[str]
    fee_fen: Mapped[int]
    facts: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    confirm_by: Mapped[datetime | None]
    timer_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    updated_at: Mapped[datetime]


class UsageVersion(Base):
    """One version of a usage; versions are added and never changed. `document` holds what was used and its price."""

    __tablename__ = "settlement_usage_version"

    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    side: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str | None]
    made_at: Mapped[datetime]


class UsageTold(Base):
    """What a source told under its own number: the same again gives the same answer, other content is refused."""

    __tablename__ = "settlement_usage_told"

    origin: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"))
    version: Mapped[int]
    told_at: Mapped[datetime]


class UsageNotice(Base):
    """A notice about one version that was really queued: to whom, by which channel, under which key of notices."""

    __tablename__ = "settlement_usage_notice"

    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    queued_at: Mapped[datetime]


class UsageDispute(Base):
    """A disagreement about one version. `evidence` is what the order shows of it, kept as it was then.

    `arbiter` is the person (a principal's name) whom the alliance names when the two provinces do not agree in time.
    """

    __tablename__ = "settlement_usage_dispute"
    __table_args__ = (Index("ix_settlement_usage_dispute_usage_id", "usage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"))
    version: Mapped[int]
    side: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str]
    text: Mapped[str | None]
    evidence: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    decide_by: Mapped[datetime]
    arbiter: Mapped[str | None]
    arbiter_person_id: Mapped[str | None]
    arbiter_province: Mapped[str | None]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class UsageEvidence(Base):
    """A file that proves what was used; its bytes lie below HUB_HOME under their hash. `size` in bytes.

    `version` is the first version that names it, `dispute_id` the dispute that it was handed in to; without either nobody has
    taken it up yet. `forgotten_at`: the file was removed by its retention; this row with the hash stays.
    """

    __tablename__ = "settlement_usage_evidence"
    __table_args__ = (
        UniqueConstraint("usage_id", "sha256"),
        CheckConstraint("side IN ('enterprise', 'provider')", name="side"),
        Index("ix_settlement_usage_evidence_sha256", "sha256"),
        Index("ix_settlement_usage_evidence_added_at", "added_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"))
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    filename: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str | None]
    side: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    version: Mapped[int | None]
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_usage_dispute.id"))
    forgotten_at: Mapped[datetime | None]


class UsageDecision(Base):
    """What one side said to a dispute; what it says last counts. Rows are added and never changed."""

    __tablename__ = "settlement_usage_decision"

    dispute_id: Mapped[int] = mapped_column(ForeignKey("settlement_usage_dispute.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[str]
    actor: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    text: Mapped[str | None]
    used: Mapped[dict[str, Any] | None]
    decided_at: Mapped[datetime]


class UsageReturn(Base):
    """A line that the payer's side sent back, with its code; the station mends it by a new version."""

    __tablename__ = "settlement_usage_return"

    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"), primary_key=True)
    usage_id: Mapped[str] = mapped_column(ForeignKey("settlement_usage.id"), index=True)
    version: Mapped[int]
    code: Mapped[str]
    text: Mapped[str | None]
    returned_by: Mapped[str]
    returned_at: Mapped[datetime]


class CommandKey(KeyColumns, Base):
    """The idempotency key of a command over money that was carried out, and its answer. `subject` is what it was about."""

    __tablename__ = "settlement_command_key"

    subject: Mapped[str | None] = mapped_column(index=True)


for append_only in (UsageVersion, UsageTold, UsageDecision, UsageReturn):
    event.listen(append_only.__table__, "after_create", guard_append_only)
