"""What the hub does by itself: keeps the calendar, cuts what is due, calculates, sends empty statements, posts, carries over."""

import logging
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import loops
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement.errors import AccountOverdrawn, BatchStateWrong, TotalsDiffer
from hub.settlement.models import Batch, PaymentLine, PaymentList, Period
from hub.settlement.rules import periods as rules
from hub.settlement.service.periods.calculating import calculate_batch
from hub.settlement.service.periods.calendar import keep_calendar
from hub.settlement.service.periods.claiming import list_claims
from hub.settlement.service.periods.closing import close_period
from hub.settlement.service.periods.paying import carry_commitments
from hub.settlement.service.periods.posting import post_batch, send_empty

_STUCK = (TotalsDiffer, AccountOverdrawn, BatchStateWrong)
"""What a person must look at; the batch stays where it is and the others go on."""

_AT_ONCE = 10
"""Empty batches in one transaction: on SQLite nobody else writes meanwhile."""

_LOG = logging.getLogger(__name__)


def run_due(runtime: Runtime) -> bool:
    """One round, each step in a transaction of its own; whether there is more to do at once. Safe to repeat and to run anywhere.

    A process that dies between two steps leaves states from which the next round goes on. Raises an `ExceptionGroup` of
    what could not be done and is no person's matter, after all others were.
    """
    now = runtime.clock()
    with runtime.database.read() as session:
        due = _due(session, now)
    stuck: list[str] = []

    def act_alone(what: tuple[str, str]) -> None:
        step, name = what
        try:
            with runtime.database.write() as session:
                _act(session, step, name, now=now)
        except Exception as fault:
            if step == "empty" and " " in name:
                loops.act_on_each([(step, each) for each in name.split()], act_alone)
            elif isinstance(fault, _STUCK):
                stuck.append(name)
                _LOG.error("settlement %s %s: %s", step, name, fault.en)
            else:
                raise

    loops.act_on_each(due, act_alone)
    return bool(due) and not stuck


def _due(session: Session, now: datetime) -> list[tuple[str, str]]:
    """What is due: (step, of what), the earliest periods first."""
    terms = rules.terms()
    today = now.astimezone(SHANGHAI).date()
    wanted = [each.id for each in rules.months(f"{today:%Y-%m}", terms.months_ahead)]
    known = set(session.scalars(select(Period.id).where(Period.id.in_(wanted))))
    found = [("calendar", wanted[0])] if set(wanted) - known else []
    over = select(Period.id).where(Period.closed_at.is_(None), Period.cutoff_at <= now)
    found += [("close", name) for name in session.scalars(over.order_by(Period.id))]
    cut = select(Batch.id).where(Batch.state == "closing", Batch.lines > 0).order_by(Batch.id)
    found += [("calculate", name) for name in session.scalars(cut)]
    empty = select(Batch.id).where(Batch.state.in_(("closing", "calculated")), Batch.lines == 0)
    names = session.scalars(empty.order_by(Batch.id)).all()
    found += [("empty", " ".join(names[at : at + _AT_ONCE])) for at in range(0, len(names), _AT_ONCE)]
    agreed = select(Batch.id).where(Batch.state == "agreed", Batch.agreed_at <= now - terms.post_after)
    found += [("post", name) for name in session.scalars(agreed.order_by(Batch.id))]
    year = _year_over(today, terms.budget_year_ends)
    unpaid = (
        select(PaymentLine.id)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentLine.state == "due", PaymentList.budget_year <= year)
        .limit(1)
    )
    if session.scalar(unpaid) is not None:
        found.append(("carry", str(year)))
    return found


def _act(session: Session, step: str, name: str, *, now: datetime) -> None:
    match step:
        case "calendar":
            keep_calendar(session, name, rules.terms().months_ahead, now=now)
        case "close":
            close_period(session, name, now=now)
            list_claims(session, name, now=now)
        case "calculate":
            calculate_batch(session, name, now=now)
        case "empty":
            for each in name.split():
                _send_if_empty(session, each, now=now)
        case "post":
            post_batch(session, name, now=now)
        case "carry":
            carry_commitments(session, int(name), now=now)


def _send_if_empty(session: Session, batch_id: str, *, now: datetime) -> None:
    """A batch that took no line when it was cut can have none: it is calculated and sent in one go."""
    if session.get_one(Batch, batch_id).state == "closing":
        calculate_batch(session, batch_id, now=now)
    send_empty(session, batch_id, now=now)


def _year_over(today: date, ends: int) -> int:
    """The last budget year that is over; `ends` is its last month."""
    return today.year - 1 if today.month <= ends else today.year
