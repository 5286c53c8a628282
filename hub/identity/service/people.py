"""People, their accounts and what they may act as."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import insert
from hub.identity import queries, rules
from hub.identity.errors import AccountInvalid, GrantInvalid, GrantUnknown, LastManager, PersonUnknown
from hub.identity.models import (
    Account,
    Grant,
    Party,
    Person,
    ProviderLogin,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
)
from hub.identity.rules import Terms
from hub.identity.service import passwords

_MANAGERS = (rules.ENTERPRISE_MANAGER, rules.INSTITUTION_MANAGER)


def new_person(
    session: Session, display_name: str, *, name: str | None = None, is_demo: bool = False, now: datetime
) -> Person:
    """Somebody who was not known before, without any grant. `name` is what the audit will call them."""
    person_id = rules.new_id("p")
    person = Person(
        id=person_id,
        name=name or f"person:{person_id}",
        display_name=display_name[:60],
        is_demo=is_demo,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def put_account(
    session: Session,
    username: str,
    password: str,
    *,
    role: str,
    province: str | None = None,
    party_id: str | None = None,
    area: str | None = None,
    display_name: str = "",
    is_demo: bool = False,
    actor: str,
    now: datetime,
) -> Account:
    """Make an account, or give an existing one this password and, instead of all its grants, this one.

    Its name is what the audit calls the person, so it names an office (`staff-340000`) and nobody's name. Raises
    `AccountInvalid` and `GrantInvalid`.
    """
    terms = rules.terms_of(role, party_id=party_id, province=province, area=area)
    _check_account(username, password, terms)
    account = queries.account_named(session, username)
    if account is None:
        person = new_person(session, display_name or username, name=f"account:{username}", now=now)
        account = Account(username=username, person_id=person.id, password_hash="", created_at=now)
        session.add(account)
    person = session.get_one(Person, account.person_id)
    person.display_name, person.is_active, person.is_demo = (display_name or username)[:60], True, is_demo
    account.password_hash = passwords.hash_password(password)
    session.flush()
    for held in queries.grants_of(session, person.id):
        if _terms(held) != terms:
            _end(session, held.id, actor, now)
    grant(session, person.id, terms, actor=actor, now=now)
    told = {"role": role, "province": province}
    audit.record(session, actor, "identity.put_account", f"account:{username}", told, now=now)
    return account


def add_account(session: Session, person: Person, username: str, password: str, *, now: datetime) -> Account:
    """Give somebody without one a name and password to sign in with. Raises `AccountInvalid`."""
    check_username(username)
    check_password(password)
    if queries.account_named(session, username) is not None:
        raise AccountInvalid(
            "username", "该用户名已被使用，请换一个。", "This user name is taken; choose another."
        )
    account = Account(
        username=username,
        person_id=person.id,
        password_hash=passwords.hash_password(password),
        created_at=now,
    )
    session.add(account)
    session.flush()
    audit.record(session, person.name, "identity.add_account", person.name, now=now)
    return account


def change_password(session: Session, person: Person, password: str, *, now: datetime) -> None:
    """Give the person's account another password. Raises `AccountInvalid`."""
    check_password(password)
    changed = session.execute(
        update(Account)
        .where(Account.person_id == person.id)
        .values(password_hash=passwords.hash_password(password))
        .returning(Account.id)
    ).all()
    if not changed:
        raise AccountInvalid("password", "您没有本地账号。", "You have no local account.")
    audit.record(session, person.name, "identity.change_password", person.name, now=now)


def grant(session: Session, person_id: str, terms: Terms, *, actor: str, now: datetime) -> int:
    """Let a person act as this; the grant's number. Safe to repeat. Raises `GrantInvalid` and `PersonUnknown`."""
    check_terms(session, terms)
    person = session.get(Person, person_id)
    if person is None:
        raise PersonUnknown
    if any(rules.excludes(held.role, terms.role) for held in queries.grants_of(session, person_id)):
        raise GrantInvalid(
            "role",
            "枢纽管理员不得兼任驿站、管理单位或财政的角色，请另选人员。",
            "Nobody is both the hub's administrator and of a station, an institution or a finance office.",
        )
    row = {
        "person_id": person_id,
        "role": terms.role,
        "party_id": terms.party_id,
        "province": terms.province,
        "area": terms.area,
        "terms": str(terms),
        "granted_by": actor,
        "granted_at": now,
    }
    made = session.execute(
        insert(session, Grant).values(row).on_conflict_do_nothing().returning(Grant.id)
    ).scalar_one_or_none()
    if made is None:
        held = select(Grant.id).where(
            Grant.person_id == person_id, Grant.terms == str(terms), Grant.ended_at.is_(None)
        )
        return session.scalars(held).one()
    told = {"role": terms.role, "party": terms.party_id, "province": terms.province, "area": terms.area}
    audit.record(session, actor, "identity.grant", person.name, told, now=now)
    return made


def end_grant(session: Session, grant_id: int, *, actor: str, now: datetime) -> None:
    """End a grant; sessions under it go on without any. Raises `GrantUnknown`, and `LastManager` for the only one."""
    held = queries.grant_by_id(session, grant_id)
    if held is None:
        raise GrantUnknown
    if held.role in _MANAGERS and held.party_id is not None:
        others = [
            m for m in queries.members_of(session, held.party_id) if m.role == held.role and m.id != grant_id
        ]
        if not others:
            raise LastManager
    _end(session, grant_id, actor, now)


def check_terms(session: Session, terms: Terms) -> None:
    """Raise `GrantInvalid` when the terms contradict themselves or name a party that is not known or of another kind."""
    problem = rules.problem_of(terms)
    if problem is not None:
        raise GrantInvalid(problem.field, problem.zh, problem.en)
    if terms.party_id is not None and session.get(Party, terms.party_id) is None:
        raise GrantInvalid("party", "没有这个单位。", "There is no such organisation.")
    if terms.role == rules.STATION_STAFF:
        held = queries.station_of(session, terms.province or "")
        if held is None or held.operator_id != terms.party_id:
            raise GrantInvalid(
                "province",
                "该机构不运营这个省的服务驿站。",
                "This organisation does not run that province's station.",
            )


def switch_person(session: Session, person_id: str, *, is_active: bool, actor: str, now: datetime) -> None:
    """Switch a person off (every session ends at once) or on again. Raises `PersonUnknown`. Safe to repeat."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise PersonUnknown
    if person.is_active != is_active:
        person.is_active = is_active
        action = "identity.switch_on" if is_active else "identity.switch_off"
        audit.record(session, actor, action, person.name, now=now)


def erase_person(session: Session, person_id: str, *, actor: str, now: datetime) -> None:
    """Forget who somebody was: name, ways to sign in, private details of the audit. What they did stays recorded.

    Raises `PersonUnknown`. Safe to repeat.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise PersonUnknown
    if person.erased_at is not None:
        return
    for held in queries.grants_of(session, person_id):
        _end(session, held.id, actor, now)
    for table in (SignedInSession, RecoveryCode, SecondFactor, ProviderLogin, Account):
        session.execute(delete(table).where(table.person_id == person_id))
    person.display_name, person.is_active, person.erased_at = "（已注销）", False, now
    audit.erase_about(session, person.name, actor=actor, now=now)
    audit.record(session, actor, "identity.erase_person", person.name, now=now)


def switch_off_demo_accounts(session: Session, *, now: datetime) -> int:
    """Switch off every demo person, because their passwords are public; how many were on. Safe to repeat."""
    names = names_of_demo_accounts(session)
    if not names:
        return 0
    session.execute(
        update(Person)
        .where(Person.is_demo)
        .values(is_active=False)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, "system:web", "identity.switch_off_demo", "demo", {"accounts": len(names)}, now=now)
    return len(names)


def names_of_demo_accounts(session: Session) -> set[str]:
    """User names of the demo people who are switched on."""
    held = select(Account.username).join(Person).where(Person.is_demo, Person.is_active)
    return set(session.scalars(held))


def check_username(username: str) -> None:
    """Raise `AccountInvalid` for a user name that cannot be one."""
    if not rules.USERNAME.fullmatch(username):
        raise AccountInvalid(
            "username",
            "用户名应为 2–40 位小写字母、数字、点、下划线或连字符。",
            "A user name has 2–40 lower-case letters, digits, dots, underscores or hyphens.",
        )


def check_password(password: str) -> None:
    """Raise `AccountInvalid` for a password that is too short or too long."""
    if len(password) < rules.MIN_PASSWORD:
        raise AccountInvalid(
            "password", f"密码至少 {rules.MIN_PASSWORD} 位。", f"At least {rules.MIN_PASSWORD} characters."
        )
    if len(password) > 200:
        raise AccountInvalid("password", "密码最多 200 位。", "At most 200 characters.")


def _check_account(username: str, password: str, terms: Terms) -> None:
    check_username(username)
    check_password(password)
    problem = rules.problem_of(terms)
    if problem is not None:
        raise AccountInvalid(problem.field, problem.zh, problem.en)


def _terms(held: queries.HeldGrant) -> Terms:
    return Terms(held.role, held.party_id, held.province, held.area)


def _end(session: Session, grant_id: int, actor: str, now: datetime) -> None:
    row = session.get_one(Grant, grant_id)
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by = now, actor
    person = session.get_one(Person, row.person_id)
    told = {"role": row.role, "party": row.party_id, "province": row.province, "area": row.area}
    audit.record(session, actor, "identity.end_grant", person.name, told, now=now)
