"""Where enterprises belong, and what the offices decide about it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base

_IS_PRESENT = text("until IS NULL")
_IS_OPEN = text("state = 'open'")


class Home(Base):
    """The registered address of an enterprise from one instant on; the newest row without `until` is the present one.

    `basis` says how it was verified, `recheck_on` when that must be done again.
    """

    __tablename__ = "identity_home"
    __table_args__ = (
        CheckConstraint("basis IN ('provider_claim', 'register_document', 'bureau_staff')", name="basis"),
        Index("ix_identity_home_recheck_on", "recheck_on"),
        Index(
            "uq_identity_home_present",
            "enterprise_id",
            unique=True,
            sqlite_where=_IS_PRESENT,
            postgresql_where=_IS_PRESENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    area: Mapped[str]
    address: Mapped[str]
    basis: Mapped[str]
    verified_by: Mapped[str]
    verified_at: Mapped[datetime]
    recheck_on: Mapped[date]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Case(Base):
    """A question about an enterprise that an office answers.

    `verification`: somebody says that they act for it and where it belongs. `move`: from one area to another, which
    both sides confirm. `foreign_claim`: an identity provider asserted it although it belongs to another province.
    """

    __tablename__ = "identity_case"
    __table_args__ = (
        CheckConstraint("kind IN ('verification', 'move', 'foreign_claim')", name="kind"),
        CheckConstraint("state IN ('open', 'confirmed', 'refused', 'withdrawn')", name="state"),
        Index("ix_identity_case_state_to_area", "state", "to_area"),
        Index("ix_identity_case_state_from_area", "state", "from_area"),
        Index("ix_identity_case_enterprise_id", "enterprise_id"),
        Index(
            "uq_identity_case_open",
            "subject",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    subject: Mapped[str]
    """What the case is about in one text; of one subject there is at most one open case."""
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("identity_party.id"))
    credit_code: Mapped[str]
    enterprise_name: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("identity_person.id"), index=True)
    provider: Mapped[str | None]
    from_area: Mapped[str | None]
    to_area: Mapped[str]
    address: Mapped[str]
    reasons: Mapped[list[str]]
    opened_at: Mapped[datetime]
    times_seen: Mapped[int] = mapped_column(default=1)
    given_up_by: Mapped[str | None]
    given_up_at: Mapped[datetime | None]
    taken_over_by: Mapped[str | None]
    taken_over_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str]


class CaseDocument(Base):
    """A document that was handed in with a case, for the deciding office only; its content is erased by rule."""

    __tablename__ = "identity_case_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("identity_case.id"), index=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    handed_in_at: Mapped[datetime]
