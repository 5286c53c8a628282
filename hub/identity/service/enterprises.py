"""Where enterprises belong: what identity providers and people say, and what follows from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.clock import day_of
from hub.core.db import insert
from hub.identity import queries, rules
from hub.identity.errors import ClaimInvalid, EnterpriseHasManager, EnterpriseUnknown, EnterpriseUnverified
from hub.identity.models import Case, Home, Party, Person
from hub.identity.queries import HomeOf
from hub.identity.rules import Principal, Terms
from hub.identity.rules import enterprises as enterprise_rules
from hub.identity.rules.enterprises import Basis, Claim
from hub.identity.service import parties, people

MOST_OPEN_CASES = 5
"""Of one person at a time: an office's queue is not to be filled by one hand."""


class _Question(NamedTuple):
    """What a case is about: its kind, the text that names it once, what is claimed, and what is held about it."""

    kind: str
    subject: str
    claim: Claim
    party: Party | None
    from_area: str | None = None
    provider: str | None = None


class Verified(NamedTuple):
    """A registered address that somebody verified: where, how, and by whom (a name of the audit)."""

    area: str
    address: str
    basis: Basis
    by: str


def home_of(session: Session, enterprise_id: str, *, now: datetime) -> HomeOf:
    """Where the enterprise belongs now, for everything that costs money or somebody's time.

    Raises `EnterpriseUnverified` when that was never verified or its yearly check is overdue.
    """
    home = queries.home_at(session, enterprise_id, now)
    if home is None or home.is_due(day_of(now)):
        raise EnterpriseUnverified
    return home


def take_claims(
    session: Session,
    person: Person,
    provider: str,
    province: str,
    claims: tuple[Claim, ...],
    *,
    now: datetime,
) -> None:
    """Draw the consequences of what a province's identity provider said at a sign-in. Safe to repeat."""
    for claim in claims:
        take_claim(session, person, provider, province, claim, now=now)


def take_claim(
    session: Session, person: Person, provider: str, province: str, claim: Claim, *, now: datetime
) -> enterprise_rules.Outcome:
    """Draw the consequence of one claim; which one it was (see `rules.enterprises.judge_claim`)."""
    party = queries.enterprise_by_code(session, claim.credit_code)
    home = queries.home_at(session, party.id, now) if party is not None else None
    held = None
    if party is not None:
        has_people = queries.has_people(session, party.id)
        held = enterprise_rules.HeldEnterprise(party.id, home.area if home else None, has_people)
    outcome, reasons = enterprise_rules.judge_claim(claim, province, held)
    verified = Verified(claim.area, claim.address, "provider_claim", f"provider:{provider}")
    match outcome:
        case "grant":
            _make_manager(session, person, claim, verified, now)
        case "renew" if party is not None and party.id in queries.parties_of(session, person.id):
            set_home(session, party.id, verified, now=now)
        case "verify" | "foreign" | "move":
            question = _question(outcome, claim, person, provider=provider, party=party, home=home)
            _open(session, person, question, reasons=reasons, now=now)
    return outcome


def request_verification(session: Session, person: Person, claim: Claim, *, now: datetime) -> Case:
    """Ask the office of an area to confirm that one acts for an enterprise that is registered there. Safe to repeat.

    Who manages the enterprise already asks for the yearly check in the same way. Raises `ClaimInvalid` and
    `EnterpriseHasManager`.
    """
    if claim.kind == "enterprise":
        parties.check_credit_code(claim.credit_code)
    else:
        claim = replace(claim, credit_code="", name=_name_of(claim, person))
    if not claim.name.strip():
        raise ClaimInvalid("name", "请填写名称。", "Please give the name.")
    if not enterprise_rules.is_area(claim.area):
        raise ClaimInvalid(
            "area", "请选择注册地址所在的市或区县。", "Choose the city or county of the registered address."
        )
    party = _claimed(session, claim, person)
    if party is not None and queries.has_people(session, party.id):
        own = [g for g in queries.grants_of(session, person.id) if g.party_id == party.id]
        if not any(held.role == rules.ENTERPRISE_MANAGER for held in own):
            raise EnterpriseHasManager
    _check_open_cases(session, person)
    code = claim.credit_code if claim.kind == "enterprise" else f"{claim.kind}|{claim.name[:80]}"
    subject = f"verification|{code}|{person.id}"
    return _open(session, person, _Question("verification", subject, claim, party), now=now)


def _name_of(claim: Claim, person: Person) -> str:
    """A team's own name; a person's is never written into orders and statements."""
    return claim.name if claim.kind == "team" else f"个人用户 {person.id[-6:].upper()}"


def _claimed(session: Session, claim: Claim, person: Person) -> Party | None:
    """The customer that is claimed, where it is known already; a team by its name among the person's own."""
    if claim.kind == "enterprise":
        return queries.enterprise_by_code(session, claim.credit_code)
    if claim.kind == "person":
        return queries.party_by_id(session, enterprise_rules.customer_of_person(person.id))
    own = [queries.party_by_id(session, each) for each in queries.parties_of(session, person.id)]
    teams = (each for each in own if each and enterprise_rules.customer_kind(each.id) == "team")
    return next((each for each in teams if each.name == claim.name[:200]), None)


def request_move(session: Session, principal: Principal, area: str, address: str, *, now: datetime) -> Case:
    """Ask the offices of both sides to move the enterprise one manages. Safe to repeat. Raises `ClaimInvalid`."""
    party = queries.party_by_id(session, principal.party_id or "")
    if party is None or party.credit_code is None:
        raise EnterpriseUnknown
    home = queries.home_at(session, party.id, now)
    if home is None:
        raise EnterpriseUnverified
    if not enterprise_rules.is_area(area) or area == home.area:
        raise ClaimInvalid("area", "请选择另一个市或区县。", "Choose another city or county.")
    person = session.get_one(Person, principal.person_id)
    claim = Claim(party.credit_code, party.name, area, address, authorised=True)
    question = _Question("move", f"move|{party.id}", claim, party, home.area)
    return _open(session, person, question, now=now)


def set_home(session: Session, enterprise_id: str, verified: Verified, *, now: datetime) -> None:
    """The enterprise belongs here from now on, verified today; orders that exist keep what they were made with."""
    held = session.scalar(select(Home).where(Home.enterprise_id == enterprise_id, Home.until.is_(None)))
    due = enterprise_rules.recheck_date(now)
    told = {"area": verified.area, "basis": verified.basis}
    if held is not None and held.area == verified.area:
        if (day_of(held.verified_at), held.verified_by) == (day_of(now), verified.by):
            return
        held.address, held.basis = verified.address or held.address, verified.basis
        held.verified_by, held.verified_at, held.recheck_on = verified.by, now, due
        audit.record(session, verified.by, "identity.recheck_home", enterprise_id, told, now=now)
        return
    if held is not None:
        held.until = now
        session.flush()
    session.add(
        Home(
            enterprise_id=enterprise_id,
            area=verified.area,
            address=verified.address[:200],
            basis=verified.basis,
            verified_by=verified.by,
            verified_at=now,
            recheck_on=due,
            since=now,
        )
    )
    session.flush()
    audit.record(session, verified.by, "identity.set_home", enterprise_id, told, now=now)


def _make_manager(session: Session, person: Person, claim: Claim, verified: Verified, now: datetime) -> None:
    party = parties.put_enterprise(session, claim.name, claim.credit_code, actor=verified.by, now=now)
    set_home(session, party.id, verified, now=now)
    terms = Terms(rules.ENTERPRISE_MANAGER, party.id)
    people.grant(session, person.id, terms, actor=verified.by, now=now)


def _question(
    outcome: str, claim: Claim, person: Person, *, provider: str, party: Party | None, home: HomeOf | None
) -> _Question:
    """The case that a provider's claim leads to."""
    kind = {"verify": "verification", "foreign": "foreign_claim", "move": "move"}[outcome]
    subjects = {
        "verification": f"verification|{claim.credit_code}|{person.id}",
        "foreign_claim": f"foreign|{claim.credit_code}|{provider}|{person.id}",
        "move": f"move|{party.id if party else ''}",
    }
    from_area = home.area if home is not None else None
    return _Question(kind, subjects[kind], claim, party, from_area, provider)


def _open(
    session: Session, person: Person, question: _Question, *, reasons: Sequence[str] = (), now: datetime
) -> Case:
    claim, party = question.claim, question.party
    row = {
        "id": rules.new_id("case"),
        "kind": question.kind,
        "state": "open",
        "subject": question.subject,
        "enterprise_id": party.id if party is not None else None,
        "credit_code": claim.credit_code,
        "enterprise_name": claim.name[:200],
        "person_id": person.id,
        "provider": question.provider,
        "from_area": question.from_area,
        "to_area": claim.area,
        "address": claim.address[:200],
        "reasons": list(reasons),
        "opened_at": now,
        "times_seen": 1,
        "note": "",
    }
    made = session.execute(
        insert(session, Case).values(row).on_conflict_do_nothing().returning(Case.id)
    ).scalar_one_or_none()
    held = session.scalars(select(Case).where(Case.subject == question.subject, Case.state == "open")).one()
    if made is None:
        held.times_seen += 1
        return held
    told = {"kind": question.kind, "to_area": claim.area, "reasons": list(reasons)}
    audit.record(session, person.name, "identity.open_case", f"case:{held.id}", told, now=now)
    return held


def _check_open_cases(session: Session, person: Person) -> None:
    count = session.scalar(select(func.count()).where(Case.person_id == person.id, Case.state == "open")) or 0
    if count >= MOST_OPEN_CASES:
        raise ClaimInvalid(
            "credit_code",
            f"您已有 {count} 件待办理的申请，请等待结果或先撤回。",
            f"You have {count} open requests already; wait for their outcome or withdraw one.",
        )
