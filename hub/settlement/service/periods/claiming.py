"""Claims (rebates, subsidies) on the payment lists of their payers, and telling others when money has come.

A claim that was agreed waits until a period is cut, then stands on a list of its payer. Who keeps claims is told when
it was listed, paid or has bounced; who keeps orders, when a voucher's share has reached its payee.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement.models import Claim, PaymentItem, PaymentLine
from hub.settlement.queries.claims import PayableClaim, payable_claims
from hub.settlement.service import claims
from hub.settlement.service.periods import listing
from hub.settlement.service.redeeming.telling import note_money

_CLAIM = "claim:"


def list_claims(session: Session, period_id: str, *, now: datetime) -> int:
    """Put every agreed claim that waits on a list of its payer, one list for each programme and year; how many claims.

    Safe to repeat: what is listed waits no more.
    """
    waiting = select(Claim.payer_area, Claim.programme_id).where(Claim.state == "approved").distinct()
    count = 0
    for payer, programme in session.execute(waiting.order_by(Claim.payer_area, Claim.programme_id)).all():
        found = [claim for claim in payable_claims(session, payer, programme) if claim.fen]
        for year in sorted({claim.year for claim in found}):
            mine = [claim for claim in found if claim.year == year]
            head = listing.ListHead(period_id, None, None, payer, programme, year)
            _list(session, head, mine, now=now)
            count += len(mine)
    return count


def tell_paid(session: Session, line: PaymentLine, items: Sequence[PaymentItem], *, now: datetime) -> None:
    """Say of everything on a paid line that its money has come."""
    for item in items:
        if item.source.startswith(_CLAIM):
            claims.claim_paid(session, item.source.removeprefix(_CLAIM), reference=line.id, now=now)
        else:
            note_money(session, item.reference, line.list.programme_id, now=now)


def tell_bounced(session: Session, line: PaymentLine, items: Sequence[PaymentItem], new_line: str) -> None:
    """Say of every claim on a bounced line by which line it will be paid."""
    for item in items:
        if item.source.startswith(_CLAIM):
            claim_id = item.source.removeprefix(_CLAIM)
            claims.claim_bounced(session, claim_id, line.id)
            claims.claim_listed(session, claim_id, new_line)


def _list(session: Session, head: listing.ListHead, found: Sequence[PayableClaim], *, now: datetime) -> None:
    owed = [_owed(head, claim) for claim in found]
    payments = listing.dues(owed)
    list_id = listing.issue_list(session, head, payments, now=now)
    for number, due in enumerate(payments, 1):
        for item in due.items:
            claims.claim_listed(session, item.source.removeprefix(_CLAIM), f"{list_id}-{number}")


def _owed(head: listing.ListHead, claim: PayableClaim) -> listing.OwedLine:
    is_institution = claim.payee_kind == "institution"
    return listing.OwedLine(
        head.payer_area,
        head.programme_id,
        head.budget_year,
        claim.payee_kind,
        claim.payee_id,
        f"{_CLAIM}{claim.claim_id}",
        _orders(claim),
        claim.claim_id,
        claim.payee_id,
        claim.payee_id if is_institution else None,
        claim.fen,
    )


def _orders(claim: PayableClaim) -> str:
    if not claim.orders:
        return claim.claim_id
    return claim.orders[0] if len(claim.orders) == 1 else f"{claim.orders[0]} 等 {len(claim.orders)} 单"
