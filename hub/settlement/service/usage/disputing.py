"""Disputes: raised by the enterprise, decided by both provinces together, or by the alliance's arbiter.

A dispute freezes its own line only: nothing of the order's voucher is captured before it is decided.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core import working_time
from hub.identity import queries as identity
from hub.identity.rules import PROVINCE_STAFF
from hub.settlement.errors.usage import DecisionUnfit, ReasonUnfit
from hub.settlement.models import Usage, UsageDecision, UsageDispute
from hub.settlement.rules import usages as rules
from hub.settlement.rules.usages import Price, Said
from hub.settlement.service.usage import moving, rated_lines, recording, telling
from hub.settlement.service.usage.moving import SYSTEM, By
from hub.settlement.service.usage.rated_lines import Rated


def dispute_usage(
    session: Session,
    usage: Usage,
    by: By,
    *,
    reason: str | None,
    text: str | None,
    evidence: Mapping[str, Any],
    now: datetime,
) -> UsageDispute:
    """The enterprise disagrees with a locked usage, or who serves refers one that nobody can be told about.

    `evidence` is what the order shows, without personal data. Both provinces' staff are told. Raises `UsageRefused`,
    `ReasonUnfit`.
    """
    is_enterprise = by.side == "enterprise"
    check_reason(reason, "enterprise" if is_enterprise else "provider")
    moving.move(session, usage, "dispute" if is_enterprise else "refer", by, reason=reason, now=now)
    periods = rules.periods_of(usage.visited, now)
    made = UsageDispute(
        usage_id=usage.id,
        version=usage.version,
        side=by.side,
        actor=by.actor,
        reason=reason or "",
        text=text,
        evidence=dict(evidence),
        raised_at=now,
        decide_by=working_time.due(usage.visited, now, periods.decide_days),
    )
    session.add(made)
    session.flush()
    usage.timer_at, usage.confirm_by = made.decide_by, None
    telling.tell(session, usage, "usage_disputed", offices(session, usage), until=made.decide_by, now=now)
    return made


def decide_dispute(
    session: Session,
    usage: Usage,
    by: By,
    *,
    outcome: str | None,
    reason: str | None,
    text: str | None,
    used: Mapping[str, Any] | None,
    price: Price,
    now: datetime,
) -> Rated | None:
    """One side's decision on a locked usage; what the usage came to when it was the last word, else None.

    Two sides must say the same; a side may change its word until then. After the time is over only the named arbiter
    decides. Raises `UsageRefused`, `DecisionUnfit`, `ReasonUnfit`.
    """
    check_reason(reason, "decider")
    _check_outcome(outcome, used)
    dispute = moving.open_dispute(session, usage.id)
    said = [] if dispute is None else said_in(session, dispute.id)
    side = by.side
    if side in {"visited_province", "home_province"}:
        _check_impartial(session, usage, by)
        seat = rules.seat(side, usage.visited, usage.home, by.actor, said)
        if seat is None:
            raise DecisionUnfit(
                "本省两位工作人员已经作出裁定。", "Two members of this province's staff have decided already."
            )
        side = seat
    elif side == "arbiter":
        _check_arbiter(session, usage, dispute, by)
    command = "arbitrate" if side == "arbiter" else "decide"
    moving.move(session, usage, command, By(side, by.actor, by.person_id), reason=reason, now=now)
    assert dispute is not None, "the machine lets nobody decide without one"
    session.add(
        UsageDecision(
            dispute_id=dispute.id,
            number=len(said) + 1,
            side=side,
            actor=by.actor,
            outcome=outcome,
            reason=reason,
            text=text,
            used=None if used is None else dict(used),
            decided_at=now,
        )
    )
    session.flush()
    made = Said(side, by.actor, outcome or "", used)
    final = made if side == "arbiter" else rules.joint([*said, made])
    if final is None:
        return None
    return _end(session, usage, dispute, final, reason=reason or "", price=price, now=now)


def appoint_arbiter(session: Session, usage: Usage, *, now: datetime) -> bool:
    """The provinces have not agreed in time: name the month's arbiter of a third province; whether there is one.

    Without one (nobody holds the office, or he is of a side) it is tried again on the next working day. Safe to repeat.
    """
    dispute = moving.open_dispute(session, usage.id)
    if dispute is None or dispute.arbiter is not None or now < dispute.decide_by:
        return False
    for each in rules.arbiters_for(usage.visited, usage.home, now):
        person_id = _holder(session, each, usage)
        if person_id is None:
            continue
        moving.move(session, usage, "appoint", SYSTEM, now=now)
        dispute.arbiter, dispute.arbiter_person_id = each.person, person_id
        dispute.arbiter_province = each.province
        usage.timer_at = None
        telling.tell(session, usage, "usage_arbitration", [each.person], now=now)
        return True
    usage.timer_at = working_time.due(usage.visited, now, 1)
    return False


def said_in(session: Session, dispute_id: int) -> list[Said]:
    """What was decided so far, in order."""
    rows = session.scalars(
        select(UsageDecision).where(UsageDecision.dispute_id == dispute_id).order_by(UsageDecision.number)
    )
    return [Said(row.side, row.actor, row.outcome, row.used) for row in rows]


def offices(session: Session, usage: Usage) -> list[str]:
    """The staff of both provinces."""
    return sorted(
        {
            name
            for province in (usage.visited, usage.home)
            for name in identity.names_acting(session, role=PROVINCE_STAFF, province=province)
        }
    )


def check_reason(reason: str | None, whose: str) -> None:
    """Raises `ReasonUnfit` unless the reason is one that this side may give."""
    listed = schemas.codes("usage_reason")
    allowed = [code for code, entry in listed.items() if entry.attributes["by"] == whose]
    if reason not in allowed:
        raise ReasonUnfit(reason, allowed)


def _end(
    session: Session,
    usage: Usage,
    dispute: UsageDispute,
    final: Said,
    *,
    reason: str,
    price: Price,
    now: datetime,
) -> Rated:
    way = "arbiter" if final.side == "arbiter" else "decision"
    dispute.outcome, dispute.ended_at = final.outcome, now
    if final.outcome == "waive":
        moving.move(session, usage, "waive", SYSTEM, now=now)
        usage.timer_at, usage.fee_fen = None, 0
        rated_lines.give_voucher_back(session, usage, now=now)
        return Rated(None, 0, 0)
    if final.outcome == "amend":
        moving.move(session, usage, "correct", SYSTEM, now=now)
        recording.correct(session, usage, final.used or {}, price, reason=reason, now=now)
    else:
        moving.move(session, usage, "uphold", SYSTEM, now=now)
    usage.confirmed_at, usage.confirmed_by = now, way
    return rated_lines.rate(session, usage, now=now)


def _check_outcome(outcome: str | None, used: Mapping[str, Any] | None) -> None:
    listed = list(schemas.codes("usage_outcome"))
    if outcome not in listed:
        raise ReasonUnfit(outcome, listed, field="/outcome")
    if (outcome == "amend") != bool(used):
        raise ReasonUnfit(
            outcome, [code for code in listed if (code == "amend") == bool(used)], field="/used"
        )


def _sides_of(usage: Usage) -> set[str]:
    return {each for each in (usage.enterprise_id, usage.institution_id, usage.operator_id) if each}


def _check_impartial(session: Session, usage: Usage, by: By) -> None:
    if by.person_id is None or identity.parties_of(session, by.person_id) & _sides_of(usage):
        raise DecisionUnfit(
            "您同时为本订单的一方办事，不能参与裁定。",
            "You act for one side of this order and cannot decide it.",
        )


def _check_arbiter(session: Session, usage: Usage, dispute: UsageDispute | None, by: By) -> None:
    if dispute is None or dispute.arbiter is None:
        return  # the machine says why not
    if dispute.arbiter != by.actor:
        raise DecisionUnfit(
            "本案由联盟指定的仲裁员裁定。", "The arbiter whom the alliance has named decides this."
        )
    _check_impartial(session, usage, by)


def _holder(session: Session, each: rules.Arbiter, usage: Usage) -> str | None:
    """The person behind an arbiter's office, if it is staffed and has nothing to do with either side."""
    if each.person not in identity.names_acting(session, role=PROVINCE_STAFF, province=each.province):
        return None
    person = identity.person_named(session, each.person)
    if person is None:
        return None
    grants = identity.grants_of(session, person.id)
    is_near = any(
        grant.role == "hub_admin"
        or grant.province in {usage.visited, usage.home}
        or grant.party_id in _sides_of(usage)
        for grant in grants
    )
    return None if is_near else person.id
