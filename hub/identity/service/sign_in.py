"""Signing in with a local account, and the second factor after either way of signing in.

These take the database and not a session: the throttle and what is known of a refusal are committed on their own, and
no transaction is open while a password is checked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import Database
from hub.core.ids import random_token
from hub.core.sealing import SealingKeys
from hub.identity import queries, rules
from hub.identity.errors import (
    CodeRefused,
    CredentialsRefused,
    SecondFactorMissing,
    SignInExpired,
    SignInNeeded,
)
from hub.identity.models import Person, SecondFactor, SignInAttempt
from hub.identity.rules import Principal
from hub.identity.service import passwords, second_factors, throttling
from hub.identity.service.sessions import SignedIn, Visit, note_second_factor, open_session

ATTEMPT_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pending:
    """The first factor was right. `token` stands for the sign-in until the second is given or, when `needs` is
    `enrolment`, set up; `target` is where the person wanted to go."""

    token: str
    needs: str
    target: str
    expires_at: datetime


def sign_in(
    database: Database,
    username: str,
    password: str,
    *,
    address: str,
    agent: str = "",
    target: str = "/",
    is_demo: bool = False,
    keys: SealingKeys,
    now: datetime,
) -> SignedIn | Pending:
    """Open a session for a person, or ask for the second factor when they hold a staff role.

    In a demo installation (`is_demo`) demo people need none. `keys` seal the secret of a second factor that is still to
    be set up. Raises `CredentialsRefused` or `SignInThrottled`.
    """
    name = username.strip().lower()[:40]
    policies = _policies(name, address)
    throttling.count_attempt(database, policies, now)
    with database.read() as session:
        account = queries.account_named(session, name)
    is_right = passwords.is_password(account.password_hash if account is not None else None, password)
    visit = Visit(address, agent)
    with database.write() as session:
        person = session.get(Person, account.person_id) if account is not None else None
        if person is not None and person.is_active and is_right:
            throttling.take_back(session, policies, forgotten=f"pair:{name}@{address}")
            return pass_first_factor(
                session, person, visit, target=target, is_demo=is_demo, keys=keys, now=now
            )
        if person is not None:
            seen = audit.Seen(
                person.name, "identity.refuse_sign_in", "sign-in", person.name, "credentials_refused"
            )
            audit.count(session, seen, now=now)
    raise CredentialsRefused


def pass_first_factor(
    session: Session,
    person: Person,
    visit: Visit,
    *,
    target: str,
    is_demo: bool,
    keys: SealingKeys,
    now: datetime,
) -> SignedIn | Pending:
    """What follows once it is known who it is: a session, or a pending sign-in that waits for the second factor."""
    is_exempt = is_demo and person.is_demo
    if is_exempt or not queries.has_staff_role(session, person.id):
        return open_session(session, person, visit, factor="none", is_exempt=is_exempt, now=now)
    needs = "code"
    if queries.second_factor(session, person.id) is None:
        needs = "enrolment"
        second_factors.prepare(session, person.id, keys, now=now)
    token, expires_at = random_token(32), now + ATTEMPT_LIFE
    session.add(
        SignInAttempt(
            token_hash=rules.token_hash(token),
            purpose="second_factor",
            person_id=person.id,
            via=visit.via,
            target=target,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return Pending(token, needs, target, expires_at)


def pending_sign_in(session: Session, token: str, *, now: datetime) -> tuple[Person, Pending]:
    """Whose sign-in is pending under this token, and what it waits for. Raises `SignInExpired`."""
    attempt, person = _pending(session, token, now)
    needs = "code" if queries.second_factor(session, person.id) is not None else "enrolment"
    return person, Pending(token, needs, attempt.target, attempt.expires_at)


def give_code(
    database: Database,
    token: str,
    code: str,
    *,
    address: str,
    agent: str = "",
    keys: SealingKeys,
    now: datetime,
) -> tuple[SignedIn, str]:
    """Finish a pending sign-in with a one-time or a recovery code; the session, and where the person wanted to go.

    Raises `SignInExpired`, `SignInThrottled`, `CodeRefused`, and `SecondFactorMissing` while there is nothing set up.
    """
    with database.read() as session:
        attempt, person = _pending(session, token, now)
        if queries.second_factor(session, person.id) is None:
            raise SecondFactorMissing
    policies = _factor_policies(person.id)
    throttling.count_attempt(database, policies, now)
    with database.write() as session:
        factor = second_factors.use_code(session, person.id, code, keys, now=now)
        if factor is not None:
            _finish(session, token, now)
            throttling.take_back(session, policies, forgotten=f"factor:{person.id}")
            visit = Visit(address, agent, attempt.via)
            return open_session(session, person, visit, factor=factor, now=now), attempt.target
        seen = audit.Seen(person.name, "identity.refuse_code", "sign-in", person.name, "code_refused")
        audit.count(session, seen, now=now)
    raise CodeRefused


def finish_enrolment(
    database: Database,
    token: str,
    code: str,
    *,
    address: str,
    agent: str = "",
    keys: SealingKeys,
    now: datetime,
) -> tuple[SignedIn, list[str]]:
    """Set up the second factor within a pending sign-in: the session and the recovery codes, told once.

    Raises `SignInExpired`, `SignInThrottled` and `CodeRefused`.
    """
    with database.read() as session:
        attempt, person = _pending(session, token, now)
        if queries.second_factor(session, person.id) is not None:
            raise SignInExpired
    policies = _factor_policies(person.id)
    throttling.count_attempt(database, policies, now)
    with database.write() as session:
        codes = second_factors.confirm(session, person, code, keys, now=now)
        _finish(session, token, now)
        throttling.take_back(session, policies, forgotten=f"factor:{person.id}")
        visit = Visit(address, agent, attempt.via)
        return open_session(session, person, visit, factor="totp", now=now), codes


def check_password_of(
    database: Database, principal: Principal, password: str, *, address: str, now: datetime
) -> None:
    """Raise `CredentialsRefused` unless this is the password of the principal's own account. Throttled like a sign-in."""
    with database.read() as session:
        account = queries.account_of(session, principal.person_id or "")
    name = account.username if account is not None else "-"
    policies = _policies(name, address)
    throttling.count_attempt(database, policies, now)
    if not passwords.is_password(account.password_hash if account is not None else None, password):
        raise CredentialsRefused
    with database.write() as session:
        throttling.take_back(session, policies, forgotten=f"pair:{name}@{address}")


def strengthen(database: Database, token: str, code: str, *, keys: SealingKeys, now: datetime) -> list[str]:
    """Give the second factor within an open session, or put the one in force that waits to be set up.

    The recovery codes of a new one, told once; none otherwise. Raises `SignInNeeded`, `SecondFactorMissing` while there
    is nothing set up, `SignInThrottled` and `CodeRefused`.
    """
    with database.read() as session:
        held = queries.held_session(session, token, now)
        person = session.get(Person, held.principal.person_id) if held is not None else None
        if person is None:
            raise SignInNeeded
        if session.get(SecondFactor, person.id) is None:
            raise SecondFactorMissing
    policies = _factor_policies(person.id)
    throttling.count_attempt(database, policies, now)
    codes: list[str] = []
    with database.write() as session:
        if queries.second_factor(session, person.id) is None:
            codes = second_factors.confirm(session, person, code, keys, now=now)
        elif second_factors.use_code(session, person.id, code, keys, now=now) is None:
            raise CodeRefused
        throttling.take_back(session, policies, forgotten=f"factor:{person.id}")
        note_second_factor(session, token, now=now)
    return codes


def _pending(session: Session, token: str, now: datetime) -> tuple[SignInAttempt, Person]:
    attempt = session.get(SignInAttempt, rules.token_hash(token[:200]))
    if attempt is None or attempt.purpose != "second_factor" or attempt.used_at is not None:
        raise SignInExpired
    person = session.get(Person, attempt.person_id)
    if attempt.expires_at <= now or person is None or not person.is_active:
        raise SignInExpired
    return attempt, person


def _finish(session: Session, token: str, now: datetime) -> None:
    # The same sign-in sent twice opens one session.
    ended = session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.token_hash == rules.token_hash(token), SignInAttempt.used_at.is_(None))
        .values(used_at=now)
        .returning(SignInAttempt.token_hash)
    ).all()
    if not ended:
        raise SignInExpired


def _policies(username: str, address: str) -> dict[str, rules.ThrottlePolicy]:
    return {
        f"pair:{username}@{address}": rules.PAIR_POLICY,
        f"address:{address}": rules.ADDRESS_POLICY,
        f"account:{username}": rules.ACCOUNT_POLICY,
    }


def _factor_policies(person_id: str) -> dict[str, rules.ThrottlePolicy]:
    return {f"factor:{person_id}": rules.FACTOR_POLICY}
