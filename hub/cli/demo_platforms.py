"""The demo's platforms that come to the hub by themselves: each is invited by a one-time token, as a real one is."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from hub.cli.demo_people import ACTOR
from hub.core.clock import Clock
from hub.core.db import Database
from hub.identity import queries
from hub.identity.models import Platform
from hub.identity.service import platforms

NAMES: Mapping[str, str] = {
    "310000": "上海创新券系统（演示，不能签名）",
    "340000": "安徽仪器共享平台（演示）",
}
CANNOT_SIGN = frozenset({"310000"})
"""Invited as unable to sign: the declared fallback, by a secret, stays in use."""

STANDING = "hub-access.json"
"""What a simulated platform keeps in its folder once it has enrolled."""

_LIFETIME = timedelta(hours=1)


def invite(database: Database, folder: Path, *, clock: Clock) -> dict[str, str]:
    """Province code → one-time token, for the platforms that cannot sign in yet. Safe to repeat.

    `folder` holds the simulators' own folders. A platform that has lost its folder gets another key or secret; one that
    the database does not know is invited anew. Tokens that an earlier run left unused are withdrawn.
    """
    tokens, now = {}, clock()
    for code, name in NAMES.items():
        with database.write() as session:
            held = _enrolled(session, code, name)
            if held is not None and (folder / code / STANDING).exists():
                continue
            for old in queries.list_invitations(session, code):
                if old.invited_by == ACTOR and old.used_at is None and old.withdrawn_at is None:
                    platforms.withdraw_invitation(session, old.id, actor=ACTOR, now=now)
            invited = platforms.invite_platform(
                session,
                code,
                name=name,
                may_use_secret=code in CANNOT_SIGN,
                platform_id=None if held is None else held.id,
                lifetime=_LIFETIME,
                actor=ACTOR,
                now=now,
            )
            tokens[code] = invited.token
    return tokens


def _enrolled(session: Session, code: str, name: str) -> Platform | None:
    held = queries.list_platforms(session, code)
    return next((one for one in held if one.name == name and one.revoked_at is None), None)
