"""Reading people, sessions and grants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from hub.core.db import table_of
from hub.identity import rules
from hub.identity.models import (
    Account,
    Grant,
    Invitation,
    Party,
    Person,
    ProviderLogin,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
    Station,
)
from hub.identity.rules import sessions


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session that a cookie opened: who it is, what its secret turned out to be, and the next secret when it is due."""

    principal: rules.Principal
    key_hash: str
    verdict: sessions.Verdict
    is_due: bool
    cookie: sessions.CookieText


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant as people see it: its terms, and the names of holder and party.

    `person_name` is for people, `principal_name` is what the audit and notices call the holder.
    """

    id: int
    person_id: str
    person_name: str
    principal_name: str
    role: str
    party_id: str | None
    party_name: str | None
    province: str | None
    area: str | None
    granted_by: str
    granted_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StationOperator:
    """Who runs the 服务驿站 of a province."""

    province: str
    operator_id: str
    operator_name: str


_SIGNED_IN, _PERSON, _GRANT = table_of(SignedInSession), table_of(Person), table_of(Grant)
_SESSION = (
    select(
        *(
            _SIGNED_IN.c[each]
            for each in ("key_hash", "secret_hash", "previous_hash", "offered_hash", "rotated_at")
        ),
        *(_PERSON.c[each].label(f"person_{each}") for each in ("id", "name", "display_name")),
        *(_GRANT.c[each] for each in ("role", "province", "party_id", "area")),
    )
    .select_from(
        _SIGNED_IN.join(_PERSON, _PERSON.c.id == _SIGNED_IN.c.person_id).outerjoin(
            _GRANT, (_GRANT.c.id == _SIGNED_IN.c.grant_id) & _GRANT.c.ended_at.is_(None)
        )
    )
    .where(
        _SIGNED_IN.c.key_hash == bindparam("key"),
        _SIGNED_IN.c.ended_at.is_(None),
        _SIGNED_IN.c.expires_at > bindparam("at"),
        _PERSON.c.is_active,
    )
)
"""Asked for every request of somebody who is signed in, so it is built once."""


def account_named(session: Session, username: str) -> Account | None:
    """The account with this user name."""
    return session.scalar(select(Account).where(Account.username == username))


def principal_of_session(session: Session, cookie: str | None, now: datetime) -> rules.Principal | None:
    """Who holds this session; None when it is unknown, ended, expired, stolen, or the person was switched off."""
    held = held_session(session, cookie, now)
    return None if held is None or held.verdict == "stolen" else held.principal


def held_session(session: Session, cookie: str | None, now: datetime) -> HeldSession | None:
    """The session behind a cookie, in one statement. None as for `principal_of_session`, but for a stolen one."""
    parts = sessions.parse_cookie(cookie)
    if parts is None:
        return None
    held = session.execute(_SESSION, {"key": rules.token_hash(parts.key), "at": now}).one_or_none()
    if held is None:
        return None
    secrets = sessions.Secrets(held.secret_hash, held.previous_hash, held.offered_hash, held.rotated_at)
    verdict = sessions.judge_secret(secrets, parts.secret, now)
    if verdict == "unknown":
        return None
    is_present = held.secret_hash == rules.token_hash(parts.secret)
    is_due = is_present and sessions.is_due(secrets, now)
    principal = rules.Principal(
        "account",
        held.person_name,
        held.person_display_name,
        held.role or rules.PERSON,
        held.province,
        held.person_id,
        held.party_id,
        held.area,
    )
    return HeldSession(principal, held.key_hash, verdict, is_due, parts)


def principal_of(person: Person, grant: Grant | None) -> rules.Principal:
    """The principal that a person is under a grant, or under none."""
    if grant is None:
        return rules.Principal("account", person.name, person.display_name, rules.PERSON, None, person.id)
    return rules.Principal(
        "account",
        person.name,
        person.display_name,
        grant.role,
        grant.province,
        person.id,
        grant.party_id,
        grant.area,
    )


def person_by_id(session: Session, person_id: str) -> Person | None:
    """Somebody who is known."""
    return session.get(Person, person_id)


def person_named(session: Session, name: str) -> Person | None:
    """Whoever the audit calls by this name."""
    return session.scalar(select(Person).where(Person.name == name))


def people_states(session: Session, person_ids: Iterable[str]) -> dict[str, tuple[bool, bool]]:
    """Person → whether they are switched on, and whether their second factor is in force."""
    rows = session.execute(
        select(Person.id, Person.is_active, SecondFactor.confirmed_at.is_not(None))
        .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
        .where(Person.id.in_(list(person_ids)))
    )
    return {person_id: (is_active, bool(has_factor)) for person_id, is_active, has_factor in rows}


def account_of(session: Session, person_id: str) -> Account | None:
    """The name and password with which the person signs in here, if they have any."""
    return session.scalar(select(Account).where(Account.person_id == person_id).limit(1))


def has_account(session: Session, person_id: str) -> bool:
    """Whether the person signs in with a name and password of this platform."""
    return account_of(session, person_id) is not None


def grants_of(session: Session, person_id: str) -> list[HeldGrant]:
    """What a person may act as, the last used first."""
    return _grants(session, Grant.person_id == person_id)


def members_of(session: Session, party_id: str) -> list[HeldGrant]:
    """Who acts for a party, the last used first."""
    return _grants(session, Grant.party_id == party_id)


def grants_of_province(session: Session, province: str) -> list[HeldGrant]:
    """Who belongs to the offices or the station of a province."""
    return _grants(session, Grant.province == province)


def staff_grants(session: Session, *, search: str = "", limit: int = 200) -> list[HeldGrant]:
    """Everybody with a grant that needs a second factor, by name; `search` is part of a name or a party's name."""
    wanted: ColumnElement[bool] = Grant.role.in_(rules.STAFF_ROLES)
    if search:
        pattern = f"%{search.replace('%', '').replace('_', '')}%"
        wanted = wanted & (
            Person.display_name.ilike(pattern) | Person.name.ilike(pattern) | Party.name.ilike(pattern)
        )
    return _grants(session, wanted, limit=limit)


def grant_by_id(session: Session, grant_id: int) -> HeldGrant | None:
    """A grant that has not ended."""
    found = _grants(session, Grant.id == grant_id)
    return found[0] if found else None


def present_grant(session: Session, principal: rules.Principal) -> int | None:
    """The number of the live grant that a person acts under; None under none."""
    terms = (principal.role, principal.party_id, principal.province, principal.area)
    for held in grants_of(session, principal.person_id or ""):
        if (held.role, held.party_id, held.province, held.area) == terms:
            return held.id
    return None


def principal_of_grant(session: Session, grant_id: int) -> rules.Principal | None:
    """Who acts under a live grant; None when it has ended or its person is switched off."""
    row = session.execute(
        select(Person, Grant)
        .join(Grant, Grant.person_id == Person.id)
        .where(Grant.id == grant_id, Grant.ended_at.is_(None), Person.is_active)
    ).first()
    return None if row is None else principal_of(*row)


def display_name(session: Session, name: str) -> str | None:
    """What people call the principal whom the audit calls `name`; None for somebody unknown."""
    return session.scalar(select(Person.display_name).where(Person.name == name))


def names_acting(
    session: Session,
    *,
    role: str | None = None,
    party_id: str | None = None,
    province: str | None = None,
    person_id: str | None = None,
    area: str | None = None,
) -> list[str]:
    """Names of the principals who hold a live grant like this: whom to tell. Everything that is given must fit.

    `area` is that of the grant itself, not one around it.
    """
    wanted = {
        "role": role, "party_id": party_id, "province": province, "person_id": person_id, "area": area,
    }  # fmt: skip
    given = {name: value for name, value in wanted.items() if value is not None}
    return sorted(set(session.scalars(_acting(*given), given)))


@cache
def _acting(*names: str) -> Select[tuple[str]]:
    """Names of those with a live grant of which these columns are given; built once for each choice of columns."""
    return (
        select(_PERSON.c.name)
        .select_from(_PERSON.join(_GRANT, _GRANT.c.person_id == _PERSON.c.id))
        .where(_GRANT.c.ended_at.is_(None), _PERSON.c.is_active)
        .where(*(_GRANT.c[name] == bindparam(name) for name in names))
    )


def parties_of(session: Session, person_id: str) -> set[str]:
    """Everybody for whom a person may act."""
    held = select(Grant.party_id).where(
        Grant.person_id == person_id, Grant.ended_at.is_(None), Grant.party_id.is_not(None)
    )
    return {party for party in session.scalars(held) if party is not None}


def credit_codes(session: Session, party_ids: set[str]) -> dict[str, str]:
    """Party → credit code, of those that have one."""
    rows = session.execute(_CREDIT_CODES, {"parties": sorted(party_ids)})
    return {party: code for party, code in rows if code is not None}


def names_of_holders(session: Session, holders: set[str]) -> dict[str, str]:
    """Party or person → the name that people read."""
    parties = session.execute(select(Party.id, Party.name).where(Party.id.in_(holders)))
    persons = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(holders)))
    return {row[0]: row[1] for row in [*parties, *persons]}


def has_staff_role(session: Session, person_id: str) -> bool:
    """Whether the person holds any grant that needs a second factor."""
    held = select(Grant.id).where(
        Grant.person_id == person_id, Grant.ended_at.is_(None), Grant.role.in_(rules.STAFF_ROLES)
    )
    return session.scalar(held.limit(1)) is not None


def second_factor(session: Session, person_id: str) -> SecondFactor | None:
    """A person's second factor, once it is confirmed."""
    held = session.get(SecondFactor, person_id)
    return held if held is not None and held.confirmed_at is not None else None


def unused_recovery_codes(session: Session, person_id: str) -> int:
    """How many recovery codes are left."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def sessions_of(session: Session, person_id: str, *, now: datetime) -> list[SignedInSession]:
    """A person's open sessions, the newest first."""
    return list(
        session.scalars(
            select(SignedInSession)
            .where(
                SignedInSession.person_id == person_id,
                SignedInSession.ended_at.is_(None),
                SignedInSession.expires_at > now,
            )
            .order_by(SignedInSession.created_at.desc())
        )
    )


def provider_logins(session: Session, person_id: str) -> list[ProviderLogin]:
    """Who the person is at identity providers."""
    return list(session.scalars(select(ProviderLogin).where(ProviderLogin.person_id == person_id)))


def party_by_id(session: Session, party_id: str) -> Party | None:
    """An enterprise, institution or operator."""
    return session.get(Party, party_id)


def parties_by_code(session: Session, credit_code: str) -> list[Party]:
    """Everything that one credit code is known as: an enterprise, institutions, operators."""
    return list(session.scalars(select(Party).where(Party.credit_code == credit_code).order_by(Party.id)))


def names_by_code(session: Session, credit_codes: Iterable[str]) -> dict[str, str]:
    """Credit code → name of those that are known."""
    wanted = sorted(set(credit_codes))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _PARTIES_AT_ONCE):
        some = wanted[start : start + _PARTIES_AT_ONCE]
        rows = session.execute(
            select(Party.credit_code, Party.name).where(Party.credit_code.in_(some)).order_by(Party.id)
        )
        found |= {str(code): name for code, name in rows if name}
    return found


def party_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Identifier → name of those that are known and have one."""
    wanted = sorted(set(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _PARTIES_AT_ONCE):
        some = select(Party.id, Party.name).where(Party.id.in_(wanted[start : start + _PARTIES_AT_ONCE]))
        found |= {each: name for each, name in session.execute(some) if name}
    return found


def operators(session: Session) -> list[Party]:
    """Every organisation that runs stations, by name."""
    return list(session.scalars(select(Party).where(Party.kind == "operator").order_by(Party.name, Party.id)))


def station_of(session: Session, province: str) -> StationOperator | None:
    """Who runs the station of a province."""
    row = session.execute(_STATION, {"province": province}).one_or_none()
    return None if row is None else StationOperator(*row)


def stations(session: Session) -> list[StationOperator]:
    """Every station and who runs it, by province."""
    rows = session.execute(_STATIONS.order_by(_AT.c.province))
    return [StationOperator(*row) for row in rows]


_PARTIES_AT_ONCE = 1_000
_PARTY = table_of(Party)
_CREDIT_CODES = select(_PARTY.c.id, _PARTY.c.credit_code).where(
    _PARTY.c.id.in_(bindparam("parties", expanding=True)), _PARTY.c.credit_code.is_not(None)
)
_AT = table_of(Station)
_STATIONS = select(_AT.c.province, _PARTY.c.id, _PARTY.c.name).select_from(
    _AT.join(_PARTY, _PARTY.c.id == _AT.c.operator_id)
)
_STATION = _STATIONS.where(_AT.c.province == bindparam("province"))


def open_invitations(session: Session, *, now: datetime, party_id: str | None = None) -> list[Invitation]:
    """Invitations that can still be accepted, the newest first: of a party, or of no party."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.party_id == party_id if party_id is not None else Invitation.party_id.is_(None),
                Invitation.used_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Invitation.expires_at > now,
            )
            .order_by(Invitation.invited_at.desc())
        )
    )


def _grants(session: Session, wanted: ColumnElement[bool], *, limit: int = 500) -> list[HeldGrant]:
    rows = session.execute(
        select(
            Grant.id,
            Grant.person_id,
            Person.display_name,
            Person.name,
            Grant.role,
            Grant.party_id,
            Party.name,
            Grant.province,
            Grant.area,
            Grant.granted_by,
            Grant.granted_at,
            Grant.used_at,
        )
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Party, Party.id == Grant.party_id)
        .where(wanted, Grant.ended_at.is_(None))
        .order_by(Grant.used_at.is_(None), Grant.used_at.desc(), Grant.id)
        .limit(limit)
    )
    return [HeldGrant(*tuple(row)) for row in rows]
