"""Platform keys: issuing and revoking."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.ids import random_token
from hub.identity import queries, rules
from hub.identity.errors import AccountInvalid
from hub.identity.models import PlatformKey


def is_key(session: Session, text: str) -> bool:
    """Whether this is the text of a platform key in use."""
    return queries.principal_of_key(session, text) is not None


def issue_key(
    session: Session, province: str, *, scope: str = "sync", label: str = "", actor: str, now: datetime
) -> str:
    """A new platform key for a province; the text is returned once and cannot be read again."""
    if not rules.PROVINCE.fullmatch(province):
        raise AccountInvalid("province", "省级代码应为六位数字。", "A province code has six digits.")
    if scope not in rules.KEY_SCOPES:
        raise AccountInvalid("scope", "不支持的密钥用途。", "No such scope of a key.")
    text = rules.PlatformKeyText(province, secrets.token_hex(5), random_token(32).replace(".", "_"))
    session.add(
        PlatformKey(
            id=text.id,
            province=province,
            scope=scope,
            secret_hash=rules.token_hash(text.secret),
            label=label or f"{province} 平台",
            created_at=now,
        )
    )
    audit.record(session, actor, "identity.issue_key", f"key:{province}.{text.id}", {"scope": scope}, now=now)
    return str(text)


def revoke_key(session: Session, key_id: str, *, actor: str, now: datetime) -> bool:
    """Switch a platform key off; False when there is no such key in use. Safe to repeat."""
    held = session.get(PlatformKey, key_id)
    if held is None or held.revoked_at is not None:
        return False
    held.revoked_at = now
    audit.record(session, actor, "identity.revoke_key", f"key:{held.province}.{held.id}", now=now)
    return True
