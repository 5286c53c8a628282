"""The one place that changes a payment's amounts and state: under its row's lock, with its history and its postings.

Every change ends in `settle`: the state follows from the amounts, what is owed no more goes back, and whoever follows the
order is told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import audit, outbox
from hub.core.clock import SHANGHAI
from hub.identity.rules import Subject
from hub.settlement import ledger
from hub.settlement.errors.payments import AttemptUnknown, PaymentUnknown
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Attempt, Payment, PaymentEvent, Refund
from hub.settlement.rules import payments as rules
from hub.settlement.service.payments import telling

CHANGED_TASK = "payments.changed"
"""What the domains above are told by: `{reference}`, after every change of state."""

UNDER_WAY = ("stored", "open", "unknown", "submitted")
BANK = Account("bank", "outside")


class By(NamedTuple):
    """Who does something: a side of the machine, and the name for the record."""

    side: str
    actor: str


SYSTEM = By("system", "system:payments")
"""The hub itself."""


def lock(session: Session, payment_id: str) -> Payment:
    """The payment, nobody else changing it before this transaction ends. Raises `PaymentUnknown`."""
    mine = select(Payment).where(Payment.id == payment_id).with_for_update()
    held = session.scalar(mine.execution_options(populate_existing=True))
    if held is None:
        raise PaymentUnknown(payment_id)
    return held


def attempt_of(session: Session, attempt_id: str) -> tuple[Payment, Attempt]:
    """A try with its payment, both locked. Raises `AttemptUnknown`."""
    found = session.scalar(select(Attempt.payment_id).where(Attempt.id == attempt_id))
    if found is None:
        raise AttemptUnknown(attempt_id)
    payment = lock(session, found)
    mine = select(Attempt).where(Attempt.id == attempt_id).execution_options(populate_existing=True)
    return payment, session.scalars(mine).one()


def under_way(session: Session, payment_id: str) -> Attempt | None:
    """The try that is under way."""
    return session.scalar(
        select(Attempt).where(Attempt.payment_id == payment_id, Attempt.state.in_(UNDER_WAY))
    )


def subject_of(payment: Payment) -> Subject:
    """The payment as the access matrix sees it."""
    return Subject(
        enterprise_id=payment.enterprise_id,
        institution_id=payment.institution_id,
        station_province=payment.province,
        operator_id=payment.operator_id,
        home_area=payment.home_area,
        state=payment.state,
        name=f"payment:{payment.id}",
    )


def money_of(session: Session, payment: Payment, *, now: datetime) -> rules.Money:
    """The payment as the rules see it."""
    attempt = under_way(session, payment.id)
    way: rules.UnderWay = "none"
    if attempt is not None:
        way = "unknown" if attempt.state == "unknown" else "initiated"
    today = now.astimezone(SHANGHAI).date()
    return rules.Money(
        payment.owed_fen,
        payment.paid_fen,
        payment.refunded_fen,
        _going_back(session, payment.id),
        way,
        rules.is_late(payment.due_on, today),
    )


def settle(
    session: Session,
    payment: Payment,
    what: str,
    by: By,
    *,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what happened, let the state follow, and have go back what is owed no more.

    `what` names it in the history when it changes no state; `detail` holds no personal data.
    """
    session.flush()
    money = money_of(session, payment, now=now)
    steps = rules.steps_between(payment.state, rules.state_of(money), by.side)
    before = payment.state
    for command, state in steps or [(what, payment.state)]:
        payment.revision += 1
        session.add(
            PaymentEvent(
                payment_id=payment.id,
                revision=payment.revision,
                at=now,
                what=command,
                from_state=payment.state,
                to_state=state,
                side=by.side,
                actor=by.actor,
                detail=dict(detail) if detail else None,
            )
        )
        payment.state = state
    payment.updated_at = now
    told = {"what": what, "from": before, "to": payment.state}
    audit.record(session, by.actor, "payments.change", f"payment:{payment.id}", told, now=now)
    if steps and payment.state == "paid":
        payment.paid_at = payment.paid_at or now
    if money.excess_fen:
        _send_back(session, payment, money.excess_fen, now=now)
    session.flush()
    if payment.state != before:
        telling.tell_change(session, payment, now=now)
    outbox.enqueue(
        session,
        CHANGED_TASK,
        {"reference": payment.reference},
        key=f"payment:{payment.id}:{payment.revision}",
        now=now,
    )


def receive(
    session: Session,
    payment: Payment,
    attempt: Attempt,
    fen: int,
    by: By,
    *,
    now: datetime,
) -> None:
    """Money came in by a try: for what is owed if the amount is right and something is outstanding, else to go back.

    Safe to repeat: a try receives once.
    """
    if attempt.state == "paid":
        return
    outstanding = money_of(session, payment, now=now).outstanding_fen
    attempt.is_surplus = fen != attempt.fen or outstanding == 0
    attempt.state, attempt.received_fen, attempt.ask_at = "paid", fen, None
    attempt.settled_by, attempt.settled_at = by.actor, now
    if attempt.is_surplus:
        payment.surplus_fen += fen
        reason = "amount_mismatch" if fen != attempt.fen else "paid_twice"
        want_refund(session, payment, attempt, fen, reason, now=now)
    else:
        payment.paid_fen += fen
    detail = {"attempt": attempt.number, "channel": attempt.channel, "fen": fen}
    settle(session, payment, "receive", by, now=now, detail=detail)
    _post(session, payment, f"paid:{payment.id}.{attempt.number}", fen, comes=True, now=now)


def end_attempt(
    session: Session,
    payment: Payment,
    attempt: Attempt,
    state: str,
    by: By,
    *,
    now: datetime,
    reason: str | None = None,
) -> None:
    """The try is given up: failed, refused or withdrawn. Money that comes by it nevertheless is found by `receive`."""
    attempt.state, attempt.reason, attempt.ask_at = state, reason, None
    attempt.settled_by, attempt.settled_at = by.actor, now
    settle(session, payment, state, by, now=now, detail={"attempt": attempt.number})


def want_refund(
    session: Session, payment: Payment, attempt: Attempt, fen: int, reason: str, *, now: datetime
) -> Refund:
    """Have money of a try go back: by the channel itself, else by the institution's hands."""
    count = select(func.count()).select_from(Refund).where(Refund.payment_id == payment.id)
    number = (session.scalar(count) or 0) + 1
    is_online = attempt.channel == "online"
    refund = Refund(
        id=f"rf-{payment.id.removeprefix('pm-')}-{number}",
        payment_id=payment.id,
        number=number,
        attempt_id=attempt.id,
        fen=fen,
        reason=reason,
        state="wanted" if is_online else "manual",
        made_at=now,
        try_at=now if is_online else None,
    )
    session.add(refund)
    session.flush()
    telling.tell_refund(session, payment, refund, now=now)
    return refund


def refund_done(session: Session, payment: Payment, refund: Refund, by: By, *, now: datetime) -> None:
    """Money went back. Safe to repeat."""
    if refund.state == "done":
        return
    refund.state, refund.try_at, refund.last_error = "done", None, None
    refund.done_by, refund.done_at = by.actor, now
    attempt = session.get_one(Attempt, refund.attempt_id)
    if attempt.is_surplus:
        payment.returned_fen += refund.fen
    else:
        payment.refunded_fen += refund.fen
    detail = {"refund": refund.number, "fen": refund.fen, "reason": refund.reason}
    settle(session, payment, "send_back", by, now=now, detail=detail)
    _post(session, payment, f"refund:{payment.id}.{refund.number}", refund.fen, comes=False, now=now)


def _send_back(session: Session, payment: Payment, excess_fen: int, *, now: datetime) -> None:
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.payment_id == payment.id, Attempt.state == "paid", Attempt.is_surplus.is_(False))
        .order_by(Attempt.settled_at, Attempt.number)
    ).all()
    rows = session.execute(
        select(Refund.attempt_id, func.sum(Refund.fen))
        .where(Refund.payment_id == payment.id)
        .group_by(Refund.attempt_id)
    ).all()
    gone = {attempt_id: int(fen) for attempt_id, fen in rows}
    held = {each.id: each for each in attempts}
    left = [(each.id, (each.received_fen or 0) - gone.get(each.id, 0)) for each in attempts]
    reason = "cancelled" if payment.owed_fen == 0 else "owed_less"
    for attempt_id, fen in rules.refund_parts(excess_fen, left):
        want_refund(session, payment, held[attempt_id], fen, reason, now=now)


def _going_back(session: Session, payment_id: str) -> int:
    """What of the paid money is on its way back; surplus never paid for anything."""
    mine = (
        select(func.sum(Refund.fen))
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .where(Refund.payment_id == payment_id, Refund.state != "done", Attempt.is_surplus.is_(False))
    )
    return int(session.scalar(mine) or 0)


def _post(
    session: Session, payment: Payment, reference: str, fen: int, *, comes: bool, now: datetime
) -> None:
    payable = Account("payable", payment.enterprise_id)
    owner = payment.institution_id or payment.operator_id or f"station-{payment.province}"
    receivable = Account("receivable", owner)
    coming = [Transfer(BANK, payable, fen), Transfer(receivable, BANK, fen)]
    going = [Transfer(payable, BANK, fen), Transfer(BANK, receivable, fen)]
    ledger.post(session, reference, "paid" if comes else "refund", coming if comes else going, now=now)
