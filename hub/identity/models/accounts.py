"""Local accounts, sessions, second factors, sign-in throttle, platform keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Account(Base):
    """A name and password with which a person signs in here."""

    __tablename__ = "identity_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class SignedInSession(Base):
    """A session that the server can end. The cookie is `<key>.<secret>`, kept only as hashes.

    The key stays, the secret rotates: the next one is offered with every answer until the browser has used it, so that
    an answer that got lost signs nobody out; then the present one becomes the previous. `offer_box` is the offered
    secret, closed with the present one: who reads the table can open no session.
    """

    __tablename__ = "identity_session"
    __table_args__ = (Index("ix_identity_session_expires_at", "expires_at"),)

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("identity_grant.id"), index=True)
    secret_hash: Mapped[str]
    previous_hash: Mapped[str | None]
    offered_hash: Mapped[str | None]
    offer_box: Mapped[str | None]
    rotated_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    agent: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A sign-in that is under way, bound to the browser by a cookie that is kept only as its hash.

    `provider`: sent to an identity provider, with what its answer must match. `second_factor`: the first factor was
    right, the second is still to come.
    """

    __tablename__ = "identity_sign_in_attempt"
    __table_args__ = (
        CheckConstraint("purpose IN ('provider', 'second_factor')", name="purpose"),
        CheckConstraint("(purpose = 'second_factor') = (person_id IS NOT NULL)", name="person"),
        Index("ix_identity_sign_in_attempt_expires_at", "expires_at"),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    provider: Mapped[str | None]
    state_hash: Mapped[str | None]
    nonce: Mapped[str | None]
    verifier: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("identity_person.id"), index=True)
    via: Mapped[str]
    target: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactor(Base):
    """A person's TOTP secret, sealed with the key `sealing_key`, which is not in the database.

    `last_step` is the 30-second step of the last code taken: no code works twice.
    """

    __tablename__ = "identity_second_factor"

    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    sealing_key: Mapped[str]
    sealed_secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that replaces the second factor once; kept as its hash."""

    __tablename__ = "identity_recovery_code"

    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failed attempts under one name (an account at an address, an address, an account, a second factor, a provider)."""

    __tablename__ = "identity_throttle"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class PlatformKey(Base):
    """A key by which one province's platform speaks to the hub; the secret is kept only as its hash."""

    __tablename__ = "identity_key"
    __table_args__ = (Index("ix_identity_key_province", "province"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    province: Mapped[str]
    scope: Mapped[str]
    secret_hash: Mapped[str]
    label: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
