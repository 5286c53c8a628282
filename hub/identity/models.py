"""Accounts, sessions, sign-in throttle, platform keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Account(Base):
    """A person who signs in here. `province` is set for province staff and only for them.

    Passwords of demo accounts are known to everybody; a web that is no demo switches them off when it starts.
    """

    __tablename__ = "identity_account"
    __table_args__ = (
        CheckConstraint("role IN ('hub_admin', 'province_staff')", name="role"),
        CheckConstraint("(role = 'province_staff') = (province IS NOT NULL)", name="province"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    province: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class SignedInSession(Base):
    """A session that the server can end. The cookie's token is kept only as its hash."""

    __tablename__ = "identity_session"
    __table_args__ = (Index("ix_identity_session_expires_at", "expires_at"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("identity_account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failed attempts under one name (an account at an address, an address, an account)."""

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
