"""What became of a try or a refund that nobody knows the end of: the channel is asked, again and again, never sent blindly."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.core import due
from hub.core.runtime import Runtime
from hub.settlement.channels import Outcome, RefundOrder
from hub.settlement.errors.payments import ChannelRefused, ChannelSilent, ChannelUnreachable
from hub.settlement.models import Attempt, Refund
from hub.settlement.service.payments import book, trying

SETTLE = timedelta(seconds=60)
"""A channel that knows nothing of a try so long after it was stored never took it."""

_LONGEST = timedelta(hours=1)
_STEP = timedelta(seconds=15)


def ask_due(runtime: Runtime, *, size: int = due.PAGE) -> int:
    """Ask about every try whose time has come; how many those were. Safe to repeat and to run anywhere."""
    mine, order = attempts_due(runtime.clock()), (Attempt.ask_at, Attempt.id)
    return due.act_on_due(
        runtime.database, mine, order, lambda attempt_id: ask(runtime, attempt_id), size=size
    )


def attempts_due(now: datetime) -> Select[datetime | None, str]:
    """Tries to ask about."""
    return select(Attempt.ask_at, Attempt.id).where(Attempt.ask_at <= now)


def ask(runtime: Runtime, attempt_id: str) -> str:
    """Ask the channel about one try and do what follows; the try's state. Safe to repeat."""
    with runtime.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
    way = runtime.payment_channels.get(attempt.channel)
    if way is None or not way.is_online:
        return attempt.state
    try:
        outcome = way.query(attempt_id)
    except (ChannelSilent, ChannelUnreachable, ChannelRefused):
        outcome = None
    with runtime.database.write() as session:
        return apply(session, attempt_id, outcome, now=runtime.clock())


def apply(
    session: Session, attempt_id: str, outcome: Outcome | None, *, now: datetime, side: str = "system"
) -> str:
    """What an answer of the channel, or none, means for a try; the try's state. Safe to repeat, in any order.

    Money counts whenever it came, also by a try that was given up; what says that none came changes nothing once it did.
    """
    payment, attempt = book.attempt_of(session, attempt_id)
    by = book.SYSTEM if side == "system" else book.By(side, f"channel:{attempt.channel}")
    if attempt.state == "paid":
        return attempt.state
    if outcome is not None and outcome.kind == "paid":
        assert outcome.fen is not None, "a channel tells the amount with it"
        book.receive(session, payment, attempt, outcome.fen, by, now=now)
        return attempt.state
    if attempt.state not in book.UNDER_WAY:
        attempt.ask_at = None
        return attempt.state
    is_gone = outcome is not None and outcome.kind == "not_found" and now >= attempt.made_at + SETTLE
    if (outcome is not None and outcome.kind == "closed") or is_gone:
        reason = "closed" if outcome is not None and outcome.kind == "closed" else "never_taken"
        book.end_attempt(session, payment, attempt, "failed", by, now=now, reason=reason)
        return attempt.state
    _again(attempt, now)
    if outcome is None or outcome.kind == "not_found":
        trying.lose_sight(session, attempt_id, now=now)
        _again(attempt, now)
    elif attempt.state in {"unknown", "stored"}:
        attempt.state = "open"
        book.settle(session, payment, "find_again", by, now=now)
    return attempt.state


def send_refunds(runtime: Runtime, *, size: int = due.PAGE) -> int:
    """Send back what is wanted and ask about what is not known; how many those were. Safe to repeat."""
    mine, order = refunds_due(runtime.clock()), (Refund.try_at, Refund.id)
    return due.act_on_due(
        runtime.database, mine, order, lambda refund_id: send_refund(runtime, refund_id), size=size
    )


def refunds_due(now: datetime) -> Select[datetime | None, str]:
    """Refunds to send or to ask about."""
    return select(Refund.try_at, Refund.id).where(Refund.try_at <= now)


def send_refund(runtime: Runtime, refund_id: str) -> str:
    """Send one refund, or ask about it when it may have been taken; its state. Safe to repeat.

    The channel knows it by its identifier, which was stored before: a second order of the same is the first one.
    """
    with runtime.database.read() as session:
        refund = session.get_one(Refund, refund_id)
        attempt = session.get_one(Attempt, refund.attempt_id)
    way = runtime.payment_channels.get(attempt.channel)
    if way is None or not way.is_online or refund.state in {"done", "manual"}:
        return refund.state
    outcome, trouble = None, None
    try:
        if refund.state == "unknown":
            outcome = way.query_refund(refund_id)
        if outcome is None or outcome.kind == "not_found":
            outcome = way.refund(RefundOrder(refund_id, attempt.id, refund.fen, refund.reason))
    except ChannelSilent as fault:
        trouble = fault.code
    except (ChannelUnreachable, ChannelRefused) as fault:
        return _note_refund(runtime, refund_id, None, fault.code, may_be_taken=refund.state == "unknown")
    return _note_refund(runtime, refund_id, outcome, trouble, may_be_taken=True)


def _note_refund(
    runtime: Runtime, refund_id: str, outcome: Outcome | None, trouble: str | None, *, may_be_taken: bool
) -> str:
    now = runtime.clock()
    with runtime.database.write() as session:
        payment_id = session.get_one(Refund, refund_id).payment_id
        payment = book.lock(session, payment_id)
        refund = session.get_one(Refund, refund_id, populate_existing=True)
        if refund.state == "done":
            return refund.state
        if outcome is not None and outcome.kind == "paid":
            book.refund_done(session, payment, refund, book.SYSTEM, now=now)
            return refund.state
        refund.tries += 1
        refund.last_error = trouble
        refund.state = "unknown" if may_be_taken else "wanted"
        refund.try_at = now + min(_STEP * 2 ** min(refund.tries, 10), _LONGEST)
        return refund.state


def _again(attempt: Attempt, now: datetime) -> None:
    """When to ask next: soon at first, then at growing distances."""
    attempt.asked += 1
    attempt.ask_at = now + min(_STEP * 2 ** min(attempt.asked, 10), _LONGEST)
