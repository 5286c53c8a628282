"""The public keys of platforms: several at once, so that a platform changes its key without a moment without one."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.identity import queries
from hub.identity.errors import LastPublicKey, PlatformUnknown, PublicKeyTaken, TooManyPublicKeys
from hub.identity.models import AccessToken, Platform, PlatformPublicKey
from hub.identity.rules.public_keys import MAX_KEYS, PublicKey, read_public_key


def add_key(
    session: Session,
    platform_id: str,
    public_key: object,
    kid: str | None = None,
    *,
    actor: str,
    now: datetime,
) -> PlatformPublicKey:
    """Give a platform one more key; the others go on. Sending the same key under the same name again is harmless.

    Raises `PlatformUnknown`, `PublicKeyRefused`, `PublicKeyTaken`, `TooManyPublicKeys`.
    """
    key = read_public_key(public_key, kid)
    platform = _locked(session, platform_id)
    if platform.auth_method != "private_key_jwt":
        raise PlatformUnknown(platform_id)
    for held in queries.usable_keys(session, platform_id):
        if (held.kid, held.thumbprint) == (key.kid, key.thumbprint):
            return held
    require_room(session, platform_id)
    made = keep_key(session, platform_id, key, now=now)
    audit.record(session, actor, "platform.add_key", f"platform:{platform_id}", {"kid": key.kid}, now=now)
    return made


def retire_key(
    session: Session, platform_id: str, kid: str, *, is_forced: bool, actor: str, now: datetime
) -> None:
    """Stop a key, and the live tokens that were got with it, at once. Safe to repeat.

    Unless `is_forced` (staff, when a key is in wrong hands), another key must have signed in before: a platform that
    sent a key it cannot use does not lock itself out. Raises `PlatformUnknown`, `LastPublicKey`.
    """
    _locked(session, platform_id)
    held = session.get(PlatformPublicKey, (platform_id, kid))
    if held is None:
        raise PlatformUnknown(kid)
    if held.retired_at is not None:
        return
    others = [key for key in queries.usable_keys(session, platform_id) if key.kid != kid]
    if not is_forced and not any(key.last_used_at is not None for key in others):
        raise LastPublicKey(kid)
    held.retired_at = now
    session.execute(
        update(AccessToken)
        .where(
            AccessToken.platform_id == platform_id, AccessToken.kid == kid, AccessToken.revoked_at.is_(None)
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, actor, "platform.retire_key", f"platform:{platform_id}", {"kid": kid}, now=now)


def require_room(session: Session, platform_id: str) -> None:
    """Raise `TooManyPublicKeys` when the platform has as many keys in use as it may."""
    if len(queries.usable_keys(session, platform_id)) >= MAX_KEYS:
        raise TooManyPublicKeys(MAX_KEYS)


def keep_key(session: Session, platform_id: str, key: PublicKey, *, now: datetime) -> PlatformPublicKey:
    """Keep a key under a name and with a value that the platform never had before. Raises `PublicKeyTaken`."""
    for held in queries.public_keys_of(session, [platform_id]):
        if held.kid == key.kid or held.thumbprint == key.thumbprint:
            raise PublicKeyTaken(key.kid)
    made = PlatformPublicKey(
        platform_id=platform_id,
        kid=key.kid,
        algorithm=key.algorithm,
        jwk=key.jwk,
        thumbprint=key.thumbprint,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _locked(session: Session, platform_id: str) -> Platform:
    # Two keys of one name at once, or the last two keys retired at once, wait for each other here.
    platform = session.get(Platform, platform_id, with_for_update=True)
    if platform is None or platform.revoked_at is not None:
        raise PlatformUnknown(platform_id)
    return platform
