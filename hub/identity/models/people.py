"""People, what they act as, whom they act for, and how somebody is invited."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base

_IS_ENTERPRISE = text("kind = 'enterprise'")
_IS_ACTIVE = text("ended_at IS NULL")


class Person(Base):
    """Somebody who signs in. `name` is what the audit calls them and holds nothing personal.

    Passwords of demo people are known to everybody; a web that is no demo switches them off when it starts.
    """

    __tablename__ = "identity_person"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class ProviderLogin(Base):
    """Who a person is at an identity provider: the pair (issuer, subject), never a mail address or a name."""

    __tablename__ = "identity_provider_login"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime]


class Party(Base):
    """An organisation that people act for. The id of an institution is the catalogue's.

    The same `credit_code` under two kinds is the same organisation: a station's operator that is also an enterprise.
    """

    __tablename__ = "identity_party"
    __table_args__ = (
        CheckConstraint("kind IN ('enterprise', 'institution', 'operator')", name="kind"),
        Index("ix_identity_party_credit_code", "credit_code"),
        Index(
            "uq_identity_party_enterprise",
            "credit_code",
            unique=True,
            sqlite_where=_IS_ENTERPRISE,
            postgresql_where=_IS_ENTERPRISE,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    credit_code: Mapped[str | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Grant(Base):
    """What a person may act as: a role for a party, a province or an area. Ended, never deleted.

    `terms` spells the four out in one text, so that nobody holds the same grant twice.
    """

    __tablename__ = "identity_grant"
    __table_args__ = (
        Index("ix_identity_grant_person_id", "person_id"),
        Index("ix_identity_grant_party_id", "party_id"),
        Index(
            "uq_identity_grant_active",
            "person_id",
            "terms",
            unique=True,
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"))
    role: Mapped[str]
    party_id: Mapped[str | None] = mapped_column(ForeignKey("identity_party.id"))
    province: Mapped[str | None]
    area: Mapped[str | None]
    terms: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Invitation(Base):
    """A one-time offer of a grant. The token in its link is kept only as its hash."""

    __tablename__ = "identity_invitation"
    __table_args__ = (Index("ix_identity_invitation_party_id", "party_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    party_id: Mapped[str | None] = mapped_column(ForeignKey("identity_party.id"))
    province: Mapped[str | None]
    area: Mapped[str | None]
    note: Mapped[str]
    invited_by: Mapped[str]
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None] = mapped_column(ForeignKey("identity_person.id"), index=True)
    withdrawn_at: Mapped[datetime | None]


class Station(Base):
    """The 服务驿站 of a province and the organisation that runs it; one may run several."""

    __tablename__ = "identity_station"

    province: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    since: Mapped[datetime]
