"""Opening, ending and turning over sessions; acting under one grant at a time."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.ids import random_token
from hub.identity import queries, rules
from hub.identity.errors import GrantUnknown, SecondFactorMissing, SignInNeeded
from hub.identity.models import Grant, Person, SignedInSession, SignInAttempt, SignInThrottle
from hub.identity.rules import Principal
from hub.identity.rules import sessions as session_rules


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's text, the pages' CSRF token, who it is and until when."""

    token: str
    csrf_token: str
    principal: Principal
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """How somebody came: from which address, with which browser, and how they showed who they are."""

    address: str = "-"
    agent: str = ""
    via: str = "password"


def open_session(
    session: Session, person: Person, visit: Visit, *, factor: str, is_exempt: bool = False, now: datetime
) -> SignedIn:
    """Open a session under the grant that was used last. `factor` names the second factor that was given, or `none`.

    Without one no staff grant is chosen, unless the person is exempt.
    """
    has_factor = factor != "none"
    grant = _first_grant(session, person.id, has_factor=has_factor or is_exempt)
    cookie = session_rules.CookieText(random_token(24), random_token(32))
    expires_at = now + session_rules.SESSION_LIFE
    session.add(
        SignedInSession(
            key_hash=rules.token_hash(cookie.key),
            person_id=person.id,
            grant_id=None if grant is None else grant.id,
            secret_hash=rules.token_hash(cookie.secret),
            rotated_at=now,
            second_factor_at=now if has_factor else None,
            agent=visit.agent[:120],
            created_at=now,
            expires_at=expires_at,
        )
    )
    if grant is not None:
        grant.used_at = now
    audit.record(
        session,
        person.name,
        "identity.sign_in",
        person.name,
        {"via": visit.via, "second_factor": factor},
        private={"address": visit.address, "agent": visit.agent[:120]},
        now=now,
    )
    principal = queries.principal_of(person, grant)
    return SignedIn(str(cookie), rules.csrf_token(str(cookie)), principal, expires_at)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a session on the server: its cookie is worth nothing afterwards. Safe to repeat."""
    held = queries.held_session(session, token, now)
    if held is None:
        return
    _end(session, SignedInSession.key_hash == held.key_hash, now)
    audit.record(session, held.principal.name, "identity.sign_out", held.principal.name, now=now)


def end_session(session: Session, principal: Principal, handle: str, *, now: datetime) -> bool:
    """End one of the principal's own sessions by its handle; False when there is none such. Safe to repeat."""
    own = queries.sessions_of(session, principal.person_id or "", now=now)
    found = next((row for row in own if handle_of(row) == handle), None)
    if found is None:
        return False
    _end(session, SignedInSession.key_hash == found.key_hash, now)
    audit.record(session, principal.name, "identity.end_session", principal.name, now=now)
    return True


def end_sessions_of(session: Session, username: str, *, actor: str, now: datetime) -> None:
    """End every session of an account's person, for example after the password was lost. Safe to repeat."""
    account = queries.account_named(session, username)
    if account is not None:
        end_sessions_of_person(session, account.person_id, actor=actor, now=now)


def end_sessions_of_person(session: Session, person_id: str, *, actor: str, now: datetime) -> None:
    """End every session of a person. Safe to repeat."""
    person = session.get(Person, person_id)
    if person is None:
        return
    _end(session, SignedInSession.person_id == person_id, now)
    audit.record(session, actor, "identity.end_sessions", person.name, now=now)


def end_other_sessions(session: Session, token: str, *, now: datetime) -> None:
    """End every session of the person but the one with this cookie. Safe to repeat."""
    held = queries.held_session(session, token, now)
    if held is None:
        return
    others = SignedInSession.person_id == held.principal.person_id
    _end(session, others & (SignedInSession.key_hash != held.key_hash), now)
    audit.record(session, held.principal.name, "identity.end_other_sessions", held.principal.name, now=now)


def end_stolen_session(session: Session, token: str, *, now: datetime) -> None:
    """End a session whose old secret was used after the new one: two browsers hold its cookie. Safe to repeat."""
    held = queries.held_session(session, token, now)
    if held is not None and held.verdict == "stolen":
        _end(session, SignedInSession.key_hash == held.key_hash, now)
        audit.record(
            session, held.principal.name, "identity.end_stolen_session", held.principal.name, now=now
        )


def turn_over(session: Session, token: str, *, now: datetime) -> str | None:
    """Offer the next secret when it is time, or take the offered one as the present; the new cookie's text, if any.

    Safe to call with every request and from several at once: all of them offer the same secret.
    """
    held = queries.held_session(session, token, now)
    if held is None:
        return None
    row = session.scalars(
        select(SignedInSession).where(SignedInSession.key_hash == held.key_hash).with_for_update()
    ).one()
    if held.verdict == "offered" and rules.token_hash(held.cookie.secret) == row.offered_hash:
        row.previous_hash, row.secret_hash, row.rotated_at = row.secret_hash, row.offered_hash, now
        row.offered_hash = row.offer_box = None
        return None
    if not held.is_due:
        return None
    if row.offer_box is None:
        octets = secrets.token_bytes(32)
        row.offer_box = session_rules.close_box(held.cookie.secret, octets)
        row.offered_hash = rules.token_hash(session_rules.offered_text(octets))
    return str(
        session_rules.CookieText(held.cookie.key, session_rules.open_box(held.cookie.secret, row.offer_box))
    )


def act_under(
    session: Session, token: str, grant_id: int, *, is_demo: bool = False, now: datetime
) -> tuple[Principal, str]:
    """Let the session act under another of the person's grants; the new principal and the new cookie's text.

    Raises `GrantUnknown`, and `SecondFactorMissing` when the grant is a staff role and the session has no second
    factor (demo people of a demo installation need none).
    """
    held = queries.held_session(session, token, now)
    if held is None or held.verdict == "stolen":
        raise SignInNeeded
    row = session.get_one(SignedInSession, held.key_hash)
    person = session.get_one(Person, row.person_id)
    grant = session.get(Grant, grant_id)
    if grant is None or grant.person_id != person.id or grant.ended_at is not None:
        raise GrantUnknown
    is_exempt = is_demo and person.is_demo
    if grant.role in rules.STAFF_ROLES and row.second_factor_at is None and not is_exempt:
        raise SecondFactorMissing
    grant.used_at = now
    row.grant_id = grant.id
    cookie = _replace_secret(row, held.cookie.key, now)
    told = {"role": grant.role, "grant": grant.id}
    audit.record(session, person.name, "identity.act_under", person.name, told, now=now)
    return queries.principal_of(person, grant), cookie


def note_second_factor(session: Session, token: str, *, now: datetime) -> None:
    """The session's person has just given a second factor."""
    held = queries.held_session(session, token, now)
    if held is not None:
        session.get_one(SignedInSession, held.key_hash).second_factor_at = now


def handle_of(row: SignedInSession) -> str:
    """What names a session towards its own person; nothing can be done with it but to end it."""
    return row.key_hash[:16]


def forget_expired(session: Session, *, now: datetime) -> None:
    """Remove sessions, sign-ins and throttle entries that nothing depends on any more. Safe to repeat."""
    session.execute(
        delete(SignedInSession).where(SignedInSession.expires_at < now - session_rules.SESSION_LIFE)
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at < now))
    session.execute(
        delete(SignInThrottle).where(SignInThrottle.first_at < now - rules.ACCOUNT_POLICY.window * 2)
    )


def principal_of(session: Session, token: str | None, *, now: datetime) -> Principal | None:
    """Who holds this session, or None."""
    return queries.principal_of_session(session, token, now)


def csrf_token(token: str) -> str:
    """The CSRF token that forms of the session carry as the field `csrf_token`."""
    return rules.csrf_token(token)


def _first_grant(session: Session, person_id: str, *, has_factor: bool) -> Grant | None:
    for held in queries.grants_of(session, person_id):
        if has_factor or held.role not in rules.STAFF_ROLES:
            return session.get(Grant, held.id)
    return None


def _replace_secret(row: SignedInSession, key: str, now: datetime) -> str:
    # More or other rights begin with a secret that nobody can have seen before.
    cookie = session_rules.CookieText(key, random_token(32))
    row.previous_hash, row.secret_hash, row.rotated_at = row.secret_hash, rules.token_hash(cookie.secret), now
    row.offered_hash = row.offer_box = None
    return str(cookie)


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(SignedInSession)
        .where(which, SignedInSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
