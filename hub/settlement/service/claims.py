"""Claims: a rebate for what an enterprise paid itself, a subsidy for what an institution earned; applied for, decided
about by two people, reserved from the budget, and handed over to the payment lists.
"""

from base64 import b32encode
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import schemas
from hub.core import audit, db
from hub.identity import queries as people
from hub.identity import service as identity
from hub.identity.errors import OwnCase
from hub.identity.rules import Principal, Subject
from hub.settlement import ledger, rules
from hub.settlement.errors import BudgetExhausted
from hub.settlement.errors.redeeming import (
    ClaimChanged,
    ClaimEmpty,
    ClaimStateWrong,
    ClaimUnknown,
    ReasonMissing,
    SamePerson,
)
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Allowance
from hub.settlement.models.redeeming import Claim, ClaimLine
from hub.settlement.rules.claims import Reckoned
from hub.settlement.service.claiming import Payee, Preview, Wish, again, preview
from hub.settlement.service.grants import pool

__all__ = [
    "Payee", "Preview", "Wish", "agree", "apply", "claim_bounced", "claim_listed", "claim_paid", "preview",
    "recalculate", "refuse", "withdraw",
]  # fmt: skip

OPEN = frozenset({"applied", "checked"})
DECIDE = "claim.decide"


def apply(
    session: Session, principal: Principal, wish: Wish, *, key: str, expected_fen: int, now: datetime
) -> str:
    """Claim what the lines come to; the claim's identifier. Safe to repeat with the same `key`.

    `expected_fen` is what was shown. Raises what `preview` does, `ClaimEmpty`, `ClaimChanged` and access refusals.
    """
    identity.allow(session, principal, "claim.apply", _subject(wish.payee, wish.payee.area, "none"), now=now)
    payee = wish.payee
    held = session.scalar(select(Claim.id).where(Claim.payee_id == payee.id, Claim.key == key))
    if held is not None:
        return held
    _lock(session, wish.programme_id, payee.id, wish.year)
    found = preview(session, wish, now=now)
    programme, made = found.programme, found.reckoned
    if made.fen == 0:
        raise ClaimEmpty(*_why_empty(made))
    if made.fen != expected_fen:
        raise ClaimChanged(expected_fen, made.fen)
    row = Claim(
        id=_name(payee.id, key),
        key=key,
        programme_id=programme.id,
        version=programme.version,
        kind=programme.kind,
        payer_area=rules.payer_area(programme, payee.area),
        year=wish.year,
        payee_kind=payee.kind,
        payee_id=payee.id,
        base_fen=made.base_fen,
        fen=made.fen,
        state="applied",
        document=_document(made),
        applied_by=principal.name,
        applied_at=now,
    )
    session.add(row)
    session.flush()
    _put_lines(session, row, made)
    told = {"programme": programme.id, "year": wish.year, "fen": made.fen}
    audit.record(session, principal.name, "settlement.claim", f"claim:{row.id}", told, now=now)
    return row.id


def agree(session: Session, principal: Principal, claim_id: str, *, expected_fen: int, now: datetime) -> str:
    """Agree to a claim: the first person checks it, a second one approves it, and then the budget holds its amount.

    The amount is reckoned anew each time; `expected_fen` is what the person saw. The state it has then. Raises
    `ClaimUnknown`, `ClaimStateWrong`, `SamePerson`, `ClaimChanged` (reckon it anew first), `BudgetExhausted` and access
    refusals.
    """
    row = _locked(session, principal, claim_id, DECIDE, now=now)
    if row.first_by == principal.name and row.state == "checked":
        raise SamePerson
    made = again(session, row)
    if not made.fen == row.fen == expected_fen:
        raise ClaimChanged(expected_fen, made.fen)
    if row.state == "applied":
        row.state, row.first_by, row.first_at = "checked", principal.name, now
    else:
        _reserve(session, row, now=now)
        row.state, row.second_by, row.second_at = "approved", principal.name, now
    session.flush()
    told = {"state": row.state, "fen": row.fen}
    audit.record(session, principal.name, "settlement.agree_claim", f"claim:{row.id}", told, now=now)
    return row.state


def recalculate(session: Session, principal: Principal, claim_id: str, *, now: datetime) -> int:
    """Reckon an open claim anew, by its own lines; both decisions begin again. What it comes to; safe to repeat."""
    row = _locked(session, principal, claim_id, DECIDE, now=now)
    made = again(session, row)
    if (made.base_fen, made.fen) != (row.base_fen, row.fen):
        row.base_fen, row.fen, row.document = made.base_fen, made.fen, _document(made)
        row.state, row.first_by, row.first_at = "applied", None, None
        session.flush()
        audit.record(
            session,
            principal.name,
            "settlement.recalculate_claim",
            f"claim:{row.id}",
            {"fen": made.fen},
            now=now,
        )
    return made.fen


def refuse(session: Session, principal: Principal, claim_id: str, reason: str, *, now: datetime) -> None:
    """Refuse an open claim, with the reason in words; its lines may be claimed again. Raises `ReasonMissing` and as `agree`."""
    row = _locked(session, principal, claim_id, DECIDE, now=now)
    if not reason.strip():
        raise ReasonMissing
    _end(session, row, "refused")
    row.reason = reason.strip()[:1000]
    audit.record(session, principal.name, "settlement.refuse_claim", f"claim:{row.id}", now=now)


def withdraw(session: Session, principal: Principal, claim_id: str, *, now: datetime) -> None:
    """The applicant takes an open claim back. Raises as `agree`."""
    row = _locked(session, principal, claim_id, "claim.apply", now=now)
    _end(session, row, "withdrawn")
    audit.record(session, principal.name, "settlement.withdraw_claim", f"claim:{row.id}", now=now)


def claim_listed(session: Session, claim_id: str, list_line: str) -> None:
    """The claim is on a payment list, as this line. Safe to repeat; raises `ClaimUnknown`, `ClaimStateWrong`."""
    row = _row(session, claim_id)
    if row.state == "listed" and row.listed_as == list_line:
        return
    _expect(row, "approved")
    row.state, row.listed_as = "listed", list_line
    session.flush()


def claim_bounced(session: Session, claim_id: str, list_line: str) -> None:
    """The bank sent it back: it waits for the next list. Safe to repeat; another line's news changes nothing."""
    row = _row(session, claim_id)
    if row.state == "listed" and row.listed_as == list_line:
        row.state, row.listed_as = "approved", None
        session.flush()


def claim_paid(session: Session, claim_id: str, *, reference: str, now: datetime) -> None:
    """The money has reached its payee. Safe to repeat. Raises `ClaimUnknown`, `ClaimStateWrong`."""
    row = _row(session, claim_id)
    if row.state == "paid":
        return
    _expect(row, "listed")
    row.state, row.paid_as, row.paid_at = "paid", reference, now
    session.flush()
    made = Transfer(Account("captured", row.programme_id), Account("bank", "outside"), row.fen)
    ledger.post(session, f"claim-paid:{row.id}", "claim-paid", [made], now=now)


def _reserve(session: Session, row: Claim, *, now: datetime) -> None:
    """Take the amount from the budget and count it towards the year's cap."""
    source = pool(row.programme_id, row.year)
    left = ledger.balances(session, [source], is_locked=True)[source]
    if left < row.fen:
        raise BudgetExhausted(row.programme_id, left)
    session.execute(
        update(Allowance)
        .where(
            Allowance.programme_id == row.programme_id,
            Allowance.holder == row.payee_id,
            Allowance.year == row.year,
        )
        .values(used_fen=Allowance.used_fen + row.fen)
        .execution_options(synchronize_session=False)
    )
    made = Transfer(source, Account("captured", row.programme_id), row.fen)
    ledger.post(session, f"claim:{row.id}", "claim", [made], now=now)


def _put_lines(session: Session, row: Claim, made: Reckoned) -> None:
    for item in made.counted:
        session.add(
            ClaimLine(
                claim_id=row.id,
                line_id=item.line_id,
                programme_id=row.programme_id,
                instrument_id=item.instrument_id,
                fen=item.fen,
                is_live=True,
            )
        )
    session.flush()


def _end(session: Session, row: Claim, state: str) -> None:
    row.state = state
    session.execute(update(ClaimLine).where(ClaimLine.claim_id == row.id).values(is_live=False))
    session.flush()


def _locked(session: Session, principal: Principal, claim_id: str, action: str, *, now: datetime) -> Claim:
    """An open claim that the principal may do the action to; the payee's year is this transaction's.

    Nobody decides what they apply for themselves: `OwnCase`.
    """
    row = _row(session, claim_id)
    payee = Payee(row.payee_kind, row.payee_id, row.payer_area)
    identity.allow(session, principal, action, _subject(payee, row.payer_area, row.state), now=now)
    if action == DECIDE and row.payee_id in people.parties_of(session, principal.person_id or ""):
        raise OwnCase(principal.name, action, f"claim:{row.id}")
    if row.state not in OPEN:
        raise _wrong_state(row)
    _lock(session, row.programme_id, row.payee_id, row.year)
    return row


def _row(session: Session, claim_id: str) -> Claim:
    row = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ClaimUnknown(claim_id)
    return row


def _lock(session: Session, programme_id: str, payee_id: str, year: int) -> None:
    added = db.insert(session, Allowance).values(
        programme_id=programme_id, holder=payee_id, year=year, used_fen=0
    )
    session.execute(
        added.on_conflict_do_update(
            index_elements=["programme_id", "holder", "year"], set_={"used_fen": Allowance.used_fen}
        )
    )


def _expect(row: Claim, state: str) -> None:
    if row.state != state:
        raise _wrong_state(row)


def _wrong_state(row: Claim) -> ClaimStateWrong:
    held = schemas.codes("claim_state")[row.state]
    return ClaimStateWrong(row.id, held.zh, held.en)


def _subject(payee: Payee, area: str, state: str) -> Subject:
    is_owner = payee.kind == "institution"
    return Subject(
        enterprise_id=None if is_owner else payee.id,
        institution_id=payee.id if is_owner else None,
        home_area=area,
        state=state,
        name=f"claims:{payee.id}",
    )


def _document(made: Reckoned) -> dict[str, Any]:
    items = [
        {**asdict(each), "reasons": [reason._asdict() for reason in each.reasons]} for each in made.items
    ]
    return {"items": items, "steps": [step._asdict() for step in made.steps]}


def _why_empty(made: Reckoned) -> tuple[str, str]:
    if made.steps and made.counted:
        least = min(made.steps, key=lambda step: step.fen)
        return least.zh, least.en
    for each in made.items:
        if each.reasons:
            return f"{each.order_number}：{each.reasons[0].zh}", f"{each.order_number}: {each.reasons[0].en}"
    return "没有已付清的订单", "no order is paid"


def _name(payee_id: str, key: str) -> str:
    return "cl-" + b32encode(sha256(f"{payee_id}\n{key}".encode()).digest()[:15]).decode().lower()
