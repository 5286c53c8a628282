"""Reading accounts, sessions and keys."""

from datetime import datetime
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.identity import rules
from hub.identity.models import Account, PlatformKey, SignedInSession


def principal_of_session(session: Session, token: str | None, now: datetime) -> rules.Principal | None:
    """Who holds this session token; None when it is unknown, ended, expired, or the account was switched off."""
    if not token or len(token) > 200:
        return None
    account = session.scalar(
        select(Account)
        .join(SignedInSession, SignedInSession.account_id == Account.id)
        .where(
            SignedInSession.token_hash == rules.token_hash(token),
            SignedInSession.ended_at.is_(None),
            SignedInSession.expires_at > now,
            Account.is_active,
        )
    )
    return None if account is None else principal_of_account(account)


def principal_of_account(account: Account) -> rules.Principal:
    """The principal that an account stands for."""
    return rules.Principal(
        "account", f"account:{account.username}", account.display_name, account.role, account.province
    )


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
    return rules.Principal("key", f"key:{held.province}.{held.id}", held.label, held.scope, held.province)


def account_named(session: Session, username: str) -> Account | None:
    """The account with this user name."""
    return session.scalar(select(Account).where(Account.username == username))


def list_keys(session: Session, province: str | None = None) -> list[PlatformKey]:
    """Platform keys, newest first, of one province or of all."""
    query = select(PlatformKey).order_by(PlatformKey.created_at.desc(), PlatformKey.id)
    if province is not None:
        query = query.where(PlatformKey.province == province)
    return list(session.scalars(query))
