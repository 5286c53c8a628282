"""Checking orders: what is known of one is gathered, examined, kept with it, and its lines are released or held back."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core.clock import SHANGHAI
from hub.settlement import queries, wire
from hub.settlement.models import Invoice, OrderRow, RatedLine
from hub.settlement.models.redeeming import Check, Paper
from hub.settlement.queries.relations import ties_between
from hub.settlement.queries.usage import of_order as usages_of
from hub.settlement.rules import Programme
from hub.settlement.rules import redeeming as redeeming_rules
from hub.settlement.rules.redeeming import Finding, Formed, Invoiced, Outcome, Paid, Rated, Record, Said, Used
from hub.settlement.rules.relations import known_relation
from hub.settlement.service import order_forms, payments
from hub.settlement.service.redeeming.telling import told_of

LIVE = ("rated", "ready", "batched", "settled")
OURS = ("rated", "ready")
"""States in which a line is released or held back; afterwards it belongs to the period."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An examination as it is kept: the newest of an order is what is shown. `missing` are papers still to be agreed."""

    reference: str
    number: int
    verdict: Outcome
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    checked_at: datetime


def check(session: Session, reference: str, *, now: datetime) -> Checked:
    """Examine an order by what is known now, and keep the examination unless it says what the last one said.

    Safe to repeat. Orders that settlement never saw come out as waiting.
    """
    return _keep(session, gather(session, reference, now=now), reference, now=now)


def settle_order(session: Session, reference: str, *, now: datetime) -> Checked:
    """Check the order and release its lines: rated → ready where the checks hold, ready → rated where they no longer do.

    Each line waits for its own usage only. What a period has taken stays as it is. Safe to repeat and to run at once.
    """
    mine = select(RatedLine).where(RatedLine.reference == reference, RatedLine.state.in_(OURS))
    mine = mine.order_by(RatedLine.id).with_for_update().execution_options(populate_existing=True)
    lines = session.scalars(mine).all()
    record = gather(session, reference, now=now)
    made = _keep(session, record, reference, now=now)
    for line in lines:
        own = replace(record, used=tuple(each for each in record.used if each.id == line.usage_id))
        is_ready = redeeming_rules.outcome(own, redeeming_rules.examine(own)) != "waiting"
        if is_ready and line.state == "rated":
            line.state, line.ready_at = "ready", now
        elif not is_ready and line.state == "ready":
            line.state, line.ready_at = "rated", None
    session.flush()
    return made


def gather(session: Session, reference: str, *, now: datetime) -> Record:
    """Everything that is known of an order now. Reads only."""
    row = session.get(OrderRow, reference, populate_existing=True)
    order = None if row is None else wire.read_order(row.facts)
    lines = session.scalars(
        select(RatedLine)
        .where(RatedLine.reference == reference, RatedLine.state.in_(LIVE))
        .order_by(RatedLine.id)
    ).all()
    relation = None
    if order is not None:
        day = now.astimezone(SHANGHAI).date()
        ties = ties_between(session, order.credit_code, order.owner_credit_code, day)
        relation = known_relation(order, [each.kind for each in ties])
    return Record(
        order=order,
        programme=_programme(session, lines),
        relation=relation,
        said={
            name: Said(each.state, _evidence(each.evidence))
            for name, each in told_of(session, reference).items()
        },
        used=_used(session, reference),
        rated=_rated(lines),
        paid=_paid(session, reference),
        invoices=tuple(
            Invoiced(each.number, each.gross_fen)
            for each in session.scalars(
                select(Invoice).where(
                    Invoice.reference == reference, Invoice.kind == "blue", Invoice.state == "valid"
                )
            )
        ),
        papers=_papers(session, reference),
        form=_form(session, reference),
    )


def examined(session: Session, reference: str, record: Record, *, now: datetime) -> Checked:
    """What a check would find now, not kept: for showing. Its number is that of the newest kept one, 0 without any."""
    findings = redeeming_rules.examine(record)
    last = _newest(session, reference)
    return Checked(
        reference,
        0 if last is None else last.number,
        redeeming_rules.outcome(record, findings),
        findings,
        redeeming_rules.missing_papers(record),
        now,
    )


def newest(session: Session, reference: str) -> Checked | None:
    """The newest examination of an order; None for one that was never examined."""
    row = _newest(session, reference)
    return None if row is None else _checked(row)


def _keep(session: Session, record: Record, reference: str, *, now: datetime) -> Checked:
    findings = redeeming_rules.examine(record)
    verdict = redeeming_rules.outcome(record, findings)
    document = {
        "rules": [asdict(each) for each in findings],
        "missing": list(redeeming_rules.missing_papers(record)),
    }
    last = _newest(session, reference)
    if last is not None and (last.verdict, last.findings) == (verdict, document):
        return _checked(last)
    number = 1 if last is None else last.number + 1
    row = Check(reference=reference, number=number, verdict=verdict, findings=document, checked_at=now)
    session.add(row)
    session.flush()
    return _checked(row)


def _newest(session: Session, reference: str) -> Check | None:
    last = select(func.max(Check.number)).where(Check.reference == reference).scalar_subquery()
    return session.scalar(select(Check).where(Check.reference == reference, Check.number == last))


def _checked(row: Check) -> Checked:
    verdict: Outcome = row.verdict  # type: ignore[assignment]
    findings = tuple(Finding(**each) for each in row.findings["rules"])
    return Checked(
        row.reference, row.number, verdict, findings, tuple(row.findings["missing"]), row.checked_at
    )


def _programme(session: Session, lines: Iterable[RatedLine]) -> Programme | None:
    for line in lines:
        if line.programme_id is not None:
            return queries.find_programme(session, line.programme_id, line.programme_version)
    return None


def _rated(lines: Iterable[RatedLine]) -> Rated | None:
    held = list(lines)
    if not held:
        return None
    return Rated(
        *(sum(getattr(each, name) for each in held) for name in ("fee_fen", "voucher_fen", "own_fen"))
    )


def _form(session: Session, reference: str) -> Formed | None:
    form = order_forms.current(session, reference)
    return None if form is None else Formed(form.document.id, frozenset(each.side for each in form.confirmed))


def _papers(session: Session, reference: str) -> frozenset[str]:
    agreed = select(Paper.kind).where(Paper.reference == reference, Paper.state == "agreed")
    return frozenset(session.scalars(agreed))


def _evidence(told: dict[str, object]) -> str:
    return ", ".join(str(value) for value in told.values())


def _used(session: Session, reference: str) -> tuple[Used, ...]:
    return tuple(
        Used(each.id, each.state, each.source, each.evidence)
        for each in usages_of(session, reference)
        if each.line_id is not None or each.state not in {"returned", "settled"}
    )


def _paid(session: Session, reference: str) -> Paid | None:
    held = payments.standing(session, reference)
    if held is None:
        return None
    net = held.paid_fen - held.refunded_fen
    return Paid(held.payment_id, held.state, net, held.outstanding_fen, held.channels)
