"""Provinces' platforms as OAuth 2.0 clients: invitations, public keys, tokens, spent assertions; the hub's own keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Platform(Base):
    """A province's platform that signs in by itself; `id` is its OAuth 2.0 `client_id`.

    `scopes` are resource words of `scopes.csv`, each for `province` only. `secret_hash` is set exactly for platforms
    that were invited as unable to sign (`client_secret_basic`).
    """

    __tablename__ = "identity_platform"
    __table_args__ = (
        CheckConstraint("auth_method IN ('private_key_jwt', 'client_secret_basic')", name="auth_method"),
        CheckConstraint("(auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)", name="secret"),
        Index("ix_identity_platform_province", "province"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    province: Mapped[str]
    name: Mapped[str]
    auth_method: Mapped[str]
    secret_hash: Mapped[str | None]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PlatformPublicKey(Base):
    """A public key that a platform's assertions may be signed with. A retired key's name is never given again."""

    __tablename__ = "identity_platform_key"
    __table_args__ = (CheckConstraint("algorithm IN ('ES256', 'EdDSA')", name="algorithm"),)

    platform_id: Mapped[str] = mapped_column(ForeignKey("identity_platform.id"), primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    jwk: Mapped[dict[str, Any]]
    thumbprint: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class PlatformInvitation(Base):
    """A one-time token that enrols a platform, or gives one that lost its keys a new one (`platform_id` is set).

    The token's secret is kept as its hash; `used_at` is set once, by the exchange that won.
    """

    __tablename__ = "identity_platform_invitation"
    __table_args__ = (Index("ix_identity_platform_invitation_province", "province"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    province: Mapped[str]
    name: Mapped[str]
    auth_method: Mapped[str]
    scopes: Mapped[list[str]]
    invited_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    platform_id: Mapped[str | None] = mapped_column(ForeignKey("identity_platform.id"), index=True)


class SpentAssertion(Base):
    """A client assertion that was accepted once; kept until it would be refused as expired anyway."""

    __tablename__ = "identity_spent_assertion"
    __table_args__ = (Index("ix_identity_spent_assertion_expires_at", "expires_at"),)

    platform_id: Mapped[str] = mapped_column(ForeignKey("identity_platform.id"), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class AccessToken(Base):
    """An access token that was issued; the token itself is a signed JWT and is not kept. `kid` is the platform's key."""

    __tablename__ = "identity_access_token"
    __table_args__ = (
        Index("ix_identity_access_token_expires_at", "expires_at"),
        Index("ix_identity_access_token_platform_id_kid", "platform_id", "kid"),
    )

    jti: Mapped[str] = mapped_column(primary_key=True)
    platform_id: Mapped[str] = mapped_column(ForeignKey("identity_platform.id"))
    kid: Mapped[str | None]
    scopes: Mapped[list[str]]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SigningKey(Base):
    """The public half of one of the hub's own keys; the private half is a file of the machine that signs with it.

    Published from `created_at` to `published_until` (null: for ever), signs from `signs_from` to `signs_until`.
    """

    __tablename__ = "identity_signing_key"
    __table_args__ = (Index("ix_identity_signing_key_purpose", "purpose"),)

    kid: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    jwk: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    signs_until: Mapped[datetime | None]
    published_until: Mapped[datetime | None]
