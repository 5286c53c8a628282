"""What happens to payments by the clock: a word before the last day, overdue after it, another word some days later."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from hub.core import due, loops
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement.models import Payment
from hub.settlement.service.payments import asking, book, telling

SOON = timedelta(days=3)
LATER = timedelta(days=7)
"""A second word so long after the last day."""


def run_due(runtime: Runtime) -> None:
    """Everything of payments that waits for the clock, to the end of each list. Safe to repeat and to run anywhere."""
    steps: tuple[Callable[[Runtime], int], ...] = (asking.ask_due, asking.send_refunds, remind)
    loops.act_on_each(steps, lambda step: step(runtime))


def late(session: Session, now: datetime) -> dict[str, int]:
    """How much of each list was due long before this instant and is still not done."""
    long_ago, yesterday = now - due.LATE, now.astimezone(SHANGHAI).date() - timedelta(days=1)
    lists = {
        "payment_attempts": asking.attempts_due(long_ago),
        "refunds": asking.refunds_due(long_ago),
        "payments": _due(yesterday),
    }
    return {
        name: session.scalar(select(func.count()).select_from(rows.subquery())) or 0
        for name, rows in lists.items()
    }


def remind(runtime: Runtime, *, size: int = due.PAGE) -> int:
    """Overdue payments and notices; how many those were."""
    now = runtime.clock()
    today = now.astimezone(SHANGHAI).date()

    def remind_alone(payment_id: str) -> None:
        with runtime.database.write() as session:
            remind_one(session, payment_id, now=now)

    order = (Payment.due_on, Payment.id)
    return due.act_on_due(runtime.database, _due(today), order, remind_alone, size=size)


def remind_one(session: Session, payment_id: str, *, now: datetime) -> None:
    """What the day asks for, for one payment. Safe to repeat."""
    payment = book.lock(session, payment_id)
    today = now.astimezone(SHANGHAI).date()
    if payment.due_on is None or payment.state not in {"due", "overdue"}:
        return
    outstanding = book.money_of(session, payment, now=now).outstanding_fen
    people = telling.enterprise_people(session, payment)
    if today > payment.due_on:
        is_later = today >= payment.due_on + LATER
        if payment.state == "due":
            book.settle(session, payment, "fall_overdue", book.SYSTEM, now=now)
        elif is_later and payment.told == "overdue":
            telling.tell(
                session,
                payment,
                people,
                "payment_overdue",
                outstanding,
                key=f"later.{payment.due_on}",
                now=now,
            )
        payment.told = "later" if is_later else "overdue"
    elif today >= payment.due_on - SOON and payment.told is None:
        telling.tell(session, payment, people, "payment_due_soon", outstanding, now=now)
        payment.told = "soon"


def _due(today: date) -> Select[date | None, str]:
    return select(Payment.due_on, Payment.id).where(
        or_(
            and_(Payment.state == "due", Payment.due_on < today),
            and_(Payment.state == "due", Payment.told.is_(None), Payment.due_on <= today + SOON),
            and_(Payment.state == "overdue", Payment.told == "overdue", Payment.due_on <= today - LATER),
        )
    )
