"""Applications for vouchers with their papers and history, drafts of programmes, and instructions about money."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only

_IS_DRAFT = text("state = 'draft'")
_IS_PROPOSED = text("state = 'proposed'")


class Application(Base):
    """One enterprise's application for a voucher of one programme. Amounts in fen; states are of the machine `application`.

    `once` holds programme, holder and year where the programme takes one application a year, and is emptied when the
    application came to nothing: of one text there is at most one row. `answers` by field name. `missing` are kinds of papers
    that the office asked for. `first_by` and `decided_by` are the two people who approved.
    """

    __tablename__ = "settlement_application"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'papers_missing', 'approved_once', 'waiting_budget', 'granted', 'refused',"
            " 'withdrawn', 'handed_over')",
            name="state",
        ),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("(state = 'granted') = (grant_id IS NOT NULL)", name="grant"),
        CheckConstraint("decided_by IS NULL OR first_by IS NULL OR decided_by <> first_by OR state = 'refused'", name="two_people"),
        Index("ix_settlement_application_holder", "holder", "programme_id"),
        Index("ix_settlement_application_area", "area", "state"),
        Index("ix_settlement_application_queue", "programme_id", "state", "submitted_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[str]
    programme_version: Mapped[int]
    area: Mapped[str]
    year: Mapped[int]
    holder: Mapped[str]
    holder_name: Mapped[str]
    credit_code: Mapped[str]
    home_area: Mapped[str]
    once: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    fen: Mapped[int]
    approved_fen: Mapped[int | None]
    answers: Mapped[dict[str, Any]]
    missing: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(default="")
    external_reference: Mapped[str | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    first_by: Mapped[str | None]
    first_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("settlement_grant.id"))


class ApplicationPaper(Base):
    """A paper of an application, for its two sides only. Withdrawn from the application by `removed_at`, never overwritten.

    `content` is null once it was forgotten by its retention; the hash stays.
    """

    __tablename__ = "settlement_application_paper"
    __table_args__ = (Index("ix_settlement_application_paper_application_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("settlement_application.id"))
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    handed_in_by: Mapped[str]
    handed_in_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ApplicationEvent(Base):
    """One step of an application's history; append-only. `note` is what was said to the other side."""

    __tablename__ = "settlement_application_event"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("settlement_application.id"))
    number: Mapped[int]
    command: Mapped[str]
    side: Mapped[str]
    to_state: Mapped[str]
    note: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class ProgrammeDraft(Base):
    """What a programme is to become: edited, then published by somebody who did not edit it, or discarded.

    Of one programme at most one draft is open. `base_version` is the version it was begun from (0: a new programme).
    """

    __tablename__ = "settlement_programme_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'discarded')", name="state"),
        CheckConstraint("(state = 'published') = (version IS NOT NULL)", name="version"),
        Index("ix_settlement_programme_draft_area", "area", "state"),
        Index(
            "uq_settlement_programme_draft_open",
            "programme_id",
            unique=True,
            sqlite_where=_IS_DRAFT,
            postgresql_where=_IS_DRAFT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    area: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    base_version: Mapped[int]
    version: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    editors: Mapped[list[str]]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Instruction(Base):
    """What staff want done with a programme's money: proposed by one, carried out when another confirms it.

    `kind`: fund (the pool of `year`), grant (to `holder`), raise or end (the grant `grant_id`). Fen; 0 for end.
    """

    __tablename__ = "settlement_instruction"
    __table_args__ = (
        CheckConstraint("kind IN ('fund', 'grant', 'raise', 'end')", name="kind"),
        CheckConstraint("state IN ('proposed', 'done', 'refused')", name="state"),
        CheckConstraint("(kind = 'end') = (fen = 0) AND fen >= 0", name="fen"),
        CheckConstraint("state <> 'done' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)", name="two_people"),
        Index("ix_settlement_instruction_programme_id", "programme_id", "state"),
        Index(
            "uq_settlement_instruction_open", "key", unique=True,
            sqlite_where=_IS_PROPOSED, postgresql_where=_IS_PROPOSED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    programme_id: Mapped[str]
    area: Mapped[str]
    year: Mapped[int]
    holder: Mapped[str | None]
    grant_id: Mapped[str | None]
    fen: Mapped[int]
    note: Mapped[str]
    state: Mapped[str] = mapped_column(default="proposed")
    reason: Mapped[str] = mapped_column(default="")
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


event.listen(ApplicationEvent.__table__, "after_create", guard_append_only)
