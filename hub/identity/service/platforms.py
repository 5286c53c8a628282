"""Onboarding provinces' platforms: an invitation with a one-time token, exchanged once for enrolment, then dead."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.core.ids import random_token
from hub.identity import queries, rules
from hub.identity.errors import InvitationRefused, PlatformInvalid, PlatformUnknown
from hub.identity.models import AccessToken, Platform, PlatformInvitation, SpentAssertion
from hub.identity.rules.public_keys import read_public_key
from hub.identity.rules.scopes import resources
from hub.identity.service.platform_keys import keep_key, require_room

SIGNED, SECRET = "private_key_jwt", "client_secret_basic"
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=14)
USUAL = timedelta(hours=72)
KEPT = timedelta(days=1)
"""How long a token's row is kept after the token expired."""

MAX_NAME = 60
_TOKEN = re.compile(r"jyi\.(?P<id>[0-9a-f]{12})\.(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation. `token` is shown once and cannot be read again."""

    id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A platform that may sign in now; `secret` is set exactly for those that cannot sign, and shown once."""

    platform: Platform
    kid: str | None
    secret: str | None


def invite_platform(
    session: Session,
    province: str,
    *,
    name: str = "",
    scopes: Collection[str] | None = None,
    may_use_secret: bool = False,
    platform_id: str | None = None,
    lifetime: timedelta = USUAL,
    actor: str,
    now: datetime,
) -> Invited:
    """Make a one-time token for a province's platform, for all resources unless `scopes` names fewer.

    With `platform_id` the token gives a platform that lost its keys one new key, and changes nothing else about it.
    `may_use_secret` declares a platform that cannot sign. Raises `PlatformInvalid` and `PlatformUnknown`.
    """
    granted = _check_invitation(province, name, scopes, lifetime)
    method = SECRET if may_use_secret else SIGNED
    if platform_id is not None:
        held = _active(session, platform_id)
        province, name, granted, method = held.province, held.name, list(held.scopes), held.auth_method
    invitation_id, secret = secrets.token_hex(6), random_token(32)
    session.add(
        PlatformInvitation(
            id=invitation_id,
            token_hash=rules.token_hash(secret),
            province=province,
            name=name.strip() or f"{schemas.codes('province')[province].zh}平台",
            auth_method=method,
            scopes=granted,
            invited_by=actor,
            created_at=now,
            expires_at=now + lifetime,
            platform_id=platform_id,
        )
    )
    detail = {"province": province, "scopes": granted, "method": method, "platform": platform_id}
    audit.record(session, actor, "platform.invite", f"invitation:{invitation_id}", detail, now=now)
    return Invited(invitation_id, f"jyi.{invitation_id}.{secret}", now + lifetime)


def withdraw_invitation(session: Session, invitation_id: str, *, actor: str, now: datetime) -> None:
    """Make a token that was not exchanged worthless. Safe to repeat. Raises `PlatformUnknown`."""
    held = session.get(PlatformInvitation, invitation_id)
    if held is None or held.used_at is not None:
        raise PlatformUnknown(invitation_id)
    if held.withdrawn_at is None:
        held.withdrawn_at = now
        audit.record(session, actor, "platform.withdraw", f"invitation:{held.id}", now=now)


def enrol_platform(
    session: Session, token: str, *, public_key: object = None, kid: str | None = None, now: datetime
) -> Enrolled:
    """Exchange a one-time token for a platform that may sign in with this public key. Works exactly once.

    Raises `InvitationRefused` (a second exchange is audited) and `PublicKeyRefused`; what is refused leaves the token
    as it was. A platform invited as unable to sign gets a secret instead, once.
    """
    invitation = _claim(session, token, now)
    platform = _platform_of(session, invitation, now)
    is_signing = platform.auth_method == SIGNED
    if not is_signing and public_key is not None:
        raise PlatformInvalid(
            "public_key",
            "该邀请声明平台不能签名，不接受公钥；请索取普通邀请。",
            "This invitation is for a platform that cannot sign; ask for an ordinary one to enrol a key.",
        )
    key = read_public_key(public_key, kid) if is_signing else None
    secret = None if is_signing else random_token(32)
    platform.secret_hash = None if secret is None else rules.token_hash(secret)
    session.add(platform)
    session.flush()
    if key is not None:
        require_room(session, platform.id)
        keep_key(session, platform.id, key, now=now)
    invitation.platform_id = platform.id
    name = f"platform:{platform.id}"
    held_kid = None if key is None else key.kid
    detail = {"province": platform.province, "kid": held_kid}
    audit.record(session, f"invitation:{invitation.id}", "platform.enrol", name, detail, now=now)
    return Enrolled(platform, held_kid, secret)


def revoke_platform(session: Session, platform_id: str, *, actor: str, now: datetime) -> None:
    """Shut a platform out at once, its live tokens included. Safe to repeat. Raises `PlatformUnknown`."""
    held = session.get(Platform, platform_id)
    if held is None:
        raise PlatformUnknown(platform_id)
    if held.revoked_at is None:
        held.revoked_at = now
        audit.record(session, actor, "platform.revoke", f"platform:{held.id}", now=now)


def forget_spent(session: Session, *, now: datetime) -> None:
    """Remove assertions and tokens that have expired for good. Safe to repeat."""
    session.execute(delete(SpentAssertion).where(SpentAssertion.expires_at <= now))
    session.execute(delete(AccessToken).where(AccessToken.expires_at < now - KEPT))


def _check_invitation(
    province: str, name: str, scopes: Collection[str] | None, lifetime: timedelta
) -> list[str]:
    if province not in schemas.codes("province"):
        raise PlatformInvalid(
            "province", f"没有省级代码「{province}」。", f"There is no province {province!r}."
        )
    if len(name) > MAX_NAME or not name.isprintable():
        raise PlatformInvalid(
            "name", f"名称最多 {MAX_NAME} 个可见字符。", f"A name has at most {MAX_NAME} visible characters."
        )
    if not SHORTEST <= lifetime <= LONGEST:
        raise PlatformInvalid(
            "hours", "有效期应为 1 小时至 14 天。", "An invitation lasts from one hour to 14 days."
        )
    asked = set(resources()) if scopes is None else set(scopes)
    if not asked or not asked <= set(resources()):
        listed = "、".join(resources())
        raise PlatformInvalid(
            "scopes", f"可选的授权范围：{listed}。", f"Scopes are some of: {', '.join(resources())}."
        )
    return [each for each in resources() if each in asked]


def _claim(session: Session, token: str, now: datetime) -> PlatformInvitation:
    parts = _TOKEN.fullmatch(token) if token.isascii() else None
    held = session.get(PlatformInvitation, parts["id"]) if parts is not None else None
    if (
        held is None
        or parts is None
        or not compare_digest(held.token_hash, rules.token_hash(parts["secret"]))
    ):
        raise InvitationRefused(
            "invitation_unknown", "一次性令牌无效。", "The one-time token is not known.", 401
        )
    if held.withdrawn_at is not None or held.expires_at <= now:
        raise InvitationRefused(
            "invitation_expired",
            "一次性令牌已过期或被撤回。",
            "The one-time token has expired or was withdrawn.",
            410,
        )
    won = session.scalar(
        update(PlatformInvitation)
        .where(PlatformInvitation.id == held.id, PlatformInvitation.used_at.is_(None))
        .values(used_at=now)
        .returning(PlatformInvitation.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        raise InvitationRefused(
            "invitation_used",
            "一次性令牌已被使用过，此次兑换被拒绝并已记录。",
            "The one-time token was exchanged before; this attempt was refused and recorded.",
            409,
            actor=f"invitation:{held.id}",
        )
    return held


def _platform_of(session: Session, invitation: PlatformInvitation, now: datetime) -> Platform:
    if invitation.platform_id is not None:
        return _active(session, invitation.platform_id)
    return Platform(
        id=f"pf-{invitation.province}-{secrets.token_hex(5)}",
        province=invitation.province,
        name=invitation.name,
        auth_method=invitation.auth_method,
        scopes=invitation.scopes,
        created_at=now,
    )


def _active(session: Session, platform_id: str) -> Platform:
    held = queries.platform_by_id(session, platform_id)
    if held is None or held.revoked_at is not None:
        raise PlatformUnknown(platform_id)
    return held
