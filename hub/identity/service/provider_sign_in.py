"""Signing in through a province's identity provider: away, and back.

These take the runtime and open their own transactions, because between two of them the provider is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import insert
from hub.core.ids import random_token
from hub.core.partners import IdentityProvider
from hub.core.runtime import Runtime
from hub.identity import rules
from hub.identity.errors import ProviderAnswerRefused, ProviderUnknown, SignInExpired
from hub.identity.models import Person, ProviderLogin, SignInAttempt
from hub.identity.service import enterprises, oidc, people, throttling
from hub.identity.service.sessions import SignedIn, Visit
from hub.identity.service.sign_in import Pending, pass_first_factor

ATTEMPT_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SentAway:
    """Where the browser goes, and the token that binds the answer to this browser."""

    address: str
    token: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Who came back, and where they wanted to go."""

    outcome: SignedIn | Pending
    target: str


def redirect_uri(runtime: Runtime, provider_id: str) -> str:
    """Where a provider sends people back to: an address of its own for each, so that answers cannot be mixed up."""
    return f"{runtime.public_url}/sign-in/return/{provider_id}"


def begin(runtime: Runtime, provider_id: str, *, target: str, address: str, now: datetime) -> SentAway:
    """Send somebody to their province's provider.

    Each beginning counts against the client's address until somebody comes back signed in. Raises `ProviderUnknown`,
    `SignInThrottled`, `ProviderUnavailable` and `ProviderAnswerRefused` (of its discovery document).
    """
    provider = _provider(runtime, provider_id)
    throttling.count_attempt(runtime.database, _policies(provider_id, address), now)
    asked = oidc.ask(provider, redirect_uri(runtime, provider_id), kept=runtime.kept, now=now)
    token = random_token(32)
    with runtime.database.write() as session:
        session.add(
            SignInAttempt(
                token_hash=rules.token_hash(token),
                purpose="provider",
                provider=provider_id,
                state_hash=rules.token_hash(asked.state),
                nonce=asked.nonce,
                verifier=asked.verifier,
                via=f"provider:{provider_id}",
                target=target,
                created_at=now,
                expires_at=now + ATTEMPT_LIFE,
            )
        )
    return SentAway(asked.address, token)


def finish(
    runtime: Runtime,
    provider_id: str,
    answer: Mapping[str, str],
    token: str,
    *,
    address: str,
    agent: str = "",
    now: datetime,
) -> Returned:
    """Take the answer that the browser brought back, once.

    Who it is, is the pair (issuer, subject) and nothing else: neither mail nor name makes anybody somebody known. Then
    what the provider says about enterprises is judged. Raises `ProviderUnknown`, `SignInExpired`, `ProviderDeclined`,
    `ProviderAnswerRefused` and `ProviderUnavailable`.
    """
    provider = _provider(runtime, provider_id)
    with runtime.database.write() as session:
        attempt = _take_attempt(session, token, provider_id, now)
    state = answer.get("state", "")[:500]
    if rules.token_hash(state) != attempt.state_hash:
        raise ProviderAnswerRefused("state")
    code = oidc.check_answer(provider, answer, state)
    found = oidc.identify(
        provider,
        code,
        redirect_uri=redirect_uri(runtime, provider_id),
        nonce=attempt.nonce or "",
        verifier=attempt.verifier or "",
        kept=runtime.kept,
        now=now,
    )
    visit = Visit(address, agent, attempt.via)
    with runtime.database.write() as session:
        person = _person_of(session, found, provider, now)
        throttling.take_back(session, _policies(provider_id, address))
        enterprises.take_claims(session, person, provider.id, provider.province, found.claims, now=now)
        outcome = pass_first_factor(
            session,
            person,
            visit,
            target=attempt.target,
            is_demo=runtime.is_demo,
            keys=runtime.sealing,
            now=now,
        )
    return Returned(outcome, attempt.target)


def _policies(provider_id: str, address: str) -> dict[str, rules.ThrottlePolicy]:
    return {f"provider:{provider_id}@{address}": rules.PROVIDER_POLICY}


def _provider(runtime: Runtime, provider_id: str) -> IdentityProvider:
    provider = runtime.partners.identity_providers.get(provider_id)
    if provider is None:
        raise ProviderUnknown
    return provider


def _take_attempt(session: Session, token: str, provider_id: str, now: datetime) -> SignInAttempt:
    # Marked before the provider is asked: the same answer brought twice is exchanged once.
    taken = session.execute(
        update(SignInAttempt)
        .where(
            SignInAttempt.token_hash == rules.token_hash(token[:200]),
            SignInAttempt.purpose == "provider",
            SignInAttempt.provider == provider_id,
            SignInAttempt.used_at.is_(None),
            SignInAttempt.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInAttempt.token_hash)
    ).scalar_one_or_none()
    if taken is None:
        raise SignInExpired
    return session.get_one(SignInAttempt, taken)


def _person_of(session: Session, found: oidc.Identified, provider: IdentityProvider, now: datetime) -> Person:
    login = session.get(ProviderLogin, (found.issuer, found.subject))
    if login is not None:
        login.used_at = now
        person = session.get_one(Person, login.person_id)
        if not person.is_active:
            raise SignInExpired
        return person
    person = people.new_person(session, found.name, now=now)
    row = {"issuer": found.issuer, "subject": found.subject, "person_id": person.id}
    statement = insert(session, ProviderLogin).values(**row, linked_at=now, used_at=now)
    if session.execute(statement.on_conflict_do_nothing().returning(ProviderLogin.person_id)).first() is None:
        # The same person came back in two windows at once; the other one was first.
        session.delete(person)
        session.flush()
        held = session.get_one(ProviderLogin, (found.issuer, found.subject))
        return session.get_one(Person, held.person_id)
    told = {"provider": provider.id}
    audit.record(session, person.name, "identity.link_provider", person.name, told, now=now)
    return person
