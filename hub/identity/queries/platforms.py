"""Reading platforms, their keys, tokens and invitations, and the hub's own public keys."""

import re
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.identity import rules
from hub.identity.models import (
    AccessToken,
    Platform,
    PlatformInvitation,
    PlatformKey,
    PlatformPublicKey,
    SigningKey,
)
from hub.identity.rules import access_tokens
from hub.identity.rules.scopes import Resource, resources

# Names come unverified from requests, and PostgreSQL takes no text with a NUL in it.
_NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def principal_of_bearer(session: Session, text: str, *, issuer: str, now: datetime) -> rules.Principal | None:
    """Who sends this in `Authorization: Bearer`; None when it is nothing that the hub handed out or no longer valid."""
    if text.startswith("jyh."):
        return principal_of_key(session, text)
    return principal_of_token(session, text, issuer=issuer, now=now)


def principal_of_key(session: Session, text: str) -> rules.Principal | None:
    """Whose platform key this is; None when it is malformed, unknown, revoked or of another province."""
    parts = rules.parse_key(text)
    if parts is None:
        return None
    held = session.get(PlatformKey, parts.id)
    if held is None or held.revoked_at is not None or held.province != parts.province:
        return None
    if not compare_digest(held.secret_hash, rules.token_hash(parts.secret)):
        return None
    return rules.Principal(
        "key",
        f"key:{held.province}.{held.id}",
        held.label,
        held.scope,
        held.province,
        scopes=(held.scope,),
    )


def principal_of_token(session: Session, text: str, *, issuer: str, now: datetime) -> rules.Principal | None:
    """Whose access token this is; None when it is forged, expired, revoked, or its platform was."""
    found = live_token(session, text, issuer=issuer, now=now)
    if found is None:
        return None
    token, platform = found
    return rules.Principal(
        "platform",
        f"platform:{platform.id}",
        platform.name,
        "platform",
        platform.province,
        scopes=tuple(token.scopes),
    )


def live_token(
    session: Session, text: str, *, issuer: str, now: datetime
) -> tuple[AccessToken, Platform] | None:
    """The row and the platform of an access token that may be used now."""
    jws = access_tokens.read_token(text)
    if jws is None or not _NAME.fullmatch(jws.header["kid"]):
        return None
    key = session.get(SigningKey, jws.header["kid"])
    if key is None or key.purpose != "token" or not _is_published(key, now):
        return None
    jti = access_tokens.jti_of(jws, key.jwk, issuer, now)
    if jti is None:
        return None
    row = session.execute(
        select(AccessToken, Platform)
        .join(Platform, Platform.id == AccessToken.platform_id)
        .where(
            AccessToken.jti == jti,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
            Platform.revoked_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def list_keys(session: Session, province: str | None = None) -> list[PlatformKey]:
    """Platform keys, newest first, of one province or of all."""
    query = select(PlatformKey).order_by(PlatformKey.created_at.desc(), PlatformKey.id)
    if province is not None:
        query = query.where(PlatformKey.province == province)
    return list(session.scalars(query))


def platform_by_id(session: Session, platform_id: str) -> Platform | None:
    """The platform with this `client_id`, revoked ones included; whatever is no identifier names none."""
    return session.get(Platform, platform_id) if _NAME.fullmatch(platform_id) else None


def list_platforms(session: Session, province: str | None = None) -> list[Platform]:
    """Platforms of one province or of all, newest first."""
    query = select(Platform).order_by(Platform.created_at.desc(), Platform.id)
    return list(session.scalars(query if province is None else query.where(Platform.province == province)))


def public_keys_of(session: Session, platform_ids: Sequence[str]) -> list[PlatformPublicKey]:
    """Every key, retired ones included, of these platforms, oldest first."""
    query = select(PlatformPublicKey).where(PlatformPublicKey.platform_id.in_(platform_ids))
    return list(session.scalars(query.order_by(PlatformPublicKey.created_at, PlatformPublicKey.kid)))


def usable_keys(session: Session, platform_id: str) -> list[PlatformPublicKey]:
    """The keys that the platform may sign with now, oldest first."""
    return [key for key in public_keys_of(session, [platform_id]) if key.retired_at is None]


def invitation_by_id(session: Session, invitation_id: str) -> PlatformInvitation | None:
    """The invitation with this identifier, whatever became of it; whatever is no identifier names none."""
    return session.get(PlatformInvitation, invitation_id) if _NAME.fullmatch(invitation_id) else None


def list_invitations(session: Session, province: str | None = None) -> list[PlatformInvitation]:
    """Invitations of one province or of all, newest first."""
    query = select(PlatformInvitation).order_by(PlatformInvitation.created_at.desc(), PlatformInvitation.id)
    if province is not None:
        query = query.where(PlatformInvitation.province == province)
    return list(session.scalars(query))


def scope_resources() -> tuple[Resource, ...]:
    """What a platform may be granted, in the order of the table."""
    return tuple(resources().values())


def published_keys(session: Session, purpose: str, now: datetime) -> list[SigningKey]:
    """The hub's public keys of a purpose that others may still have to verify with, newest first."""
    query = (
        select(SigningKey)
        .where(
            SigningKey.purpose == purpose,
            or_(SigningKey.published_until.is_(None), SigningKey.published_until > now),
        )
        .order_by(SigningKey.signs_from.desc(), SigningKey.kid)
    )
    return list(session.scalars(query))


def _is_published(key: SigningKey, now: datetime) -> bool:
    return key.published_until is None or key.published_until > now
