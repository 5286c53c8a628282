"""Signing in and out, making accounts, issuing and revoking platform keys."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import Database, insert
from hub.core.ids import random_token
from hub.identity import queries, rules
from hub.identity.errors import AccountInvalid, CredentialsRefused, SignInThrottled
from hub.identity.models import Account, PlatformKey, SignedInSession, SignInThrottle
from hub.identity.rules import Principal

# argon2id with OWASP's recommended least: 19 MiB, two passes; twenty at once must fit into a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified against when the name is unknown, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's token, the pages' CSRF token, who it is and until when."""

    token: str
    csrf_token: str
    principal: Principal
    expires_at: datetime


def sign_in(database: Database, username: str, password: str, *, address: str, now: datetime) -> SignedIn:
    """Open a session for a person. Raises `CredentialsRefused` or `SignInThrottled`.

    Takes the database and not a session: the throttle and the audit of a refusal are committed on their own,
    and no transaction is open while the password is checked (about 20 ms).
    """
    name = username.strip().lower()[:40]
    _count_attempt(database, name, address, now)
    with database.read() as session:
        account = queries.account_named(session, name)
    is_right = _is_password(account.password_hash if account is not None else _NOBODY, password)
    with database.write() as session:
        if account is None or not account.is_active or not is_right:
            refused = account.username if account is not None else "-"
            audit.record(session, f"account:{refused}", "identity.refuse_sign_in", address, now=now)
        else:
            return _open_session(session, account, name, address, now)
    raise CredentialsRefused


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a session on the server: its cookie is worth nothing afterwards. Safe to repeat."""
    principal = queries.principal_of_session(session, token, now)
    if principal is None:
        return
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.token_hash == rules.token_hash(token))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, principal.name, "identity.sign_out", principal.name, now=now)


def end_sessions_of(session: Session, username: str, *, actor: str, now: datetime) -> None:
    """End every session of an account, for example after its password was lost. Safe to repeat."""
    account = queries.account_named(session, username)
    if account is None:
        return
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.account_id == account.id, SignedInSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, actor, "identity.end_sessions", f"account:{username}", now=now)


def principal_of(session: Session, token: str | None, *, now: datetime) -> Principal | None:
    """Who holds this session token, or None."""
    return queries.principal_of_session(session, token, now)


def csrf_token(token: str) -> str:
    """The CSRF token that forms of the session carry as the field `csrf_token`."""
    return rules.csrf_token(token)


def put_account(
    session: Session,
    username: str,
    password: str,
    *,
    role: str,
    province: str | None = None,
    display_name: str = "",
    is_demo: bool = False,
    actor: str,
    now: datetime,
) -> Account:
    """Make an account, or give an existing one this password, role and province. Raises `AccountInvalid`."""
    _check_account(username, password, role, province)
    account = queries.account_named(session, username)
    if account is None:
        account = Account(username=username, created_at=now)
        session.add(account)
    account.display_name = display_name or username
    account.password_hash = _hasher.hash(password)
    account.role, account.province, account.is_active = role, province, True
    account.is_demo = is_demo
    session.flush()
    audit.record(
        session,
        actor,
        "identity.put_account",
        f"account:{username}",
        {"role": role, "province": province},
        now=now,
    )
    return account


def switch_off_demo_accounts(session: Session, *, now: datetime) -> int:
    """Switch off every demo account, because its password is public; how many were on. Safe to repeat."""
    names = names_of_demo_accounts(session)
    if not names:
        return 0
    session.execute(
        update(Account)
        .where(Account.is_demo)
        .values(is_active=False)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, "system:web", "identity.switch_off_demo", "demo", {"accounts": len(names)}, now=now)
    return len(names)


def names_of_demo_accounts(session: Session) -> set[str]:
    """User names of the demo accounts that are switched on."""
    return set(session.scalars(select(Account.username).where(Account.is_demo, Account.is_active)))


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


def forget_expired(session: Session, *, now: datetime) -> None:
    """Remove sessions and throttle entries that nothing depends on any more. Safe to repeat."""
    session.execute(delete(SignedInSession).where(SignedInSession.expires_at < now - rules.SESSION_LIFE))
    session.execute(
        delete(SignInThrottle).where(SignInThrottle.first_at < now - rules.ACCOUNT_POLICY.window * 2)
    )


def _throttle_names(username: str, address: str) -> dict[str, rules.ThrottlePolicy]:
    return {
        f"pair:{username}@{address}": rules.PAIR_POLICY,
        f"address:{address}": rules.ADDRESS_POLICY,
        f"account:{username}": rules.ACCOUNT_POLICY,
    }


def _count_attempt(database: Database, username: str, address: str, now: datetime) -> None:
    policies = _throttle_names(username, address)
    with database.write() as session:
        blank = [{"name": name, "failures": 0, "first_at": now} for name in sorted(policies)]
        session.execute(insert(session, SignInThrottle).on_conflict_do_nothing(), blank)
        rows = session.scalars(
            select(SignInThrottle)
            .where(SignInThrottle.name.in_(policies))
            .order_by(SignInThrottle.name)
            .with_for_update()
        ).all()
        blocked = max(rules.blocked_seconds(_state(row), now) for row in rows)
        if not blocked:
            for row in rows:
                counted = rules.count_attempt(_state(row), policies[row.name], now)
                row.failures, row.first_at = counted.failures, counted.first_at
                row.blocked_until = counted.blocked_until
    if blocked:
        raise SignInThrottled(blocked)


def _take_back_attempt(session: Session, username: str, address: str) -> None:
    session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.name.in_(_throttle_names(username, address)))
        .values(failures=SignInThrottle.failures - 1, blocked_until=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(SignInThrottle).where(SignInThrottle.name == f"pair:{username}@{address}"))


def _state(row: SignInThrottle) -> rules.ThrottleState:
    return rules.ThrottleState(row.failures, row.first_at, row.blocked_until)


def _open_session(session: Session, account: Account, username: str, address: str, now: datetime) -> SignedIn:
    _take_back_attempt(session, username, address)
    token = random_token(32)
    expires_at = now + rules.SESSION_LIFE
    session.add(
        SignedInSession(
            token_hash=rules.token_hash(token), account_id=account.id, created_at=now, expires_at=expires_at
        )
    )
    audit.record(session, f"account:{account.username}", "identity.sign_in", address, now=now)
    return SignedIn(token, rules.csrf_token(token), queries.principal_of_account(account), expires_at)


def _is_password(held: str, password: str) -> bool:
    if len(password) > 1000:
        return False
    try:
        return _hasher.verify(held, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _check_account(username: str, password: str, role: str, province: str | None) -> None:
    if not rules.USERNAME.fullmatch(username):
        raise AccountInvalid(
            "username",
            "用户名应为 2–40 位小写字母、数字、点、下划线或连字符。",
            "A user name has 2–40 lower-case letters, digits, dots, underscores or hyphens.",
        )
    if len(password) < rules.MIN_PASSWORD:
        raise AccountInvalid(
            "password", f"密码至少 {rules.MIN_PASSWORD} 位。", f"At least {rules.MIN_PASSWORD} characters."
        )
    if role not in rules.ROLES:
        raise AccountInvalid("role", "没有这种角色。", "There is no such role.")
    if (role == rules.PROVINCE_STAFF) != (province is not None and bool(rules.PROVINCE.fullmatch(province))):
        raise AccountInvalid(
            "province",
            "省级人员须指定六位省级代码。",
            "Province staff need a six-digit province code, others none.",
        )
