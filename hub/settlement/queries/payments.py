"""Reading payments: lists for whoever may see them, and one with everything that happened to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from hub.identity import rules as identity_rules
from hub.identity.rules import Principal
from hub.settlement.models import Attempt, Payment, PaymentEvent, Refund

Position = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """One payment with its tries, refunds and history, each in order."""

    payment: Payment
    attempts: tuple[Attempt, ...]
    refunds: tuple[Refund, ...]
    events: tuple[PaymentEvent, ...]


def list_payments(
    session: Session,
    principal: Principal,
    *,
    states: Collection[str] = (),
    to_confirm: bool = False,
    before: Position | None = None,
    limit: int = 50,
) -> list[Payment]:
    """Payments within the principal's reach, the newest first. `to_confirm`: those whose transfer or refund waits for the provider."""
    mine = select(Payment).where(_within(principal, "payment.read"))
    if states:
        mine = mine.where(Payment.state.in_(states))
    if to_confirm:
        mine = mine.where(_waits())
    if before is not None:
        at, payment_id = before
        mine = mine.where(or_(Payment.made_at < at, and_(Payment.made_at == at, Payment.id < payment_id)))
    return list(session.scalars(mine.order_by(Payment.made_at.desc(), Payment.id.desc()).limit(limit)))


def count_to_confirm(session: Session, principal: Principal) -> int:
    """How many payments wait for the provider that the principal acts for."""
    mine = select(func.count()).select_from(Payment).where(_within(principal, "payment.confirm"), _waits())
    return session.scalar(mine) or 0


def see_payment(session: Session, payment_id: str) -> PaymentSeen | None:
    """A payment with everything about it; who may see it is the caller's to ask."""
    row = session.get(Payment, payment_id)
    if row is None:
        return None
    return PaymentSeen(
        row,
        tuple(session.scalars(select(Attempt).where(Attempt.payment_id == row.id).order_by(Attempt.number))),
        tuple(session.scalars(select(Refund).where(Refund.payment_id == row.id).order_by(Refund.number))),
        tuple(
            session.scalars(
                select(PaymentEvent).where(PaymentEvent.payment_id == row.id).order_by(PaymentEvent.revision)
            )
        ),
    )


def find_attempt(session: Session, attempt_id: str) -> tuple[Payment, Attempt] | None:
    """A try to pay with its payment."""
    attempt = session.get(Attempt, attempt_id)
    return None if attempt is None else (session.get_one(Payment, attempt.payment_id), attempt)


def payment_of(session: Session, reference: str) -> Payment | None:
    """The payment of an order."""
    return session.scalar(select(Payment).where(Payment.reference == reference))


def _waits() -> ColumnElement[bool]:
    transfer = select(Attempt.id).where(
        Attempt.payment_id == Payment.id, Attempt.channel == "bank_transfer", Attempt.state == "submitted"
    )
    refund = select(Refund.id).where(Refund.payment_id == Payment.id, Refund.state == "manual")
    return or_(transfer.exists(), refund.exists())


def _within(principal: Principal, action: str) -> ColumnElement[bool]:
    """The matrix's reaches as a condition; nothing where none of them is the principal's."""
    found = [_of(principal, rule.reach) for rule in identity_rules.rules_for(principal, action)]
    return or_(false(), *found)


def _of(principal: Principal, reach: str) -> ColumnElement[bool]:
    match reach:
        case "own_party" if principal.party_id is not None:
            return Payment.enterprise_id == principal.party_id
        case "own_institution" if principal.party_id is not None:
            return Payment.institution_id == principal.party_id
        case "own_station" if principal.party_id is not None:
            return and_(Payment.operator_id == principal.party_id, Payment.province == principal.province)
        case "own_province" if principal.province is not None:
            home = Payment.home_area.startswith(principal.province[:2], autoescape=True)
            return or_(Payment.province == principal.province, home)
        case "own_area" if principal.area is not None:
            area = principal.area
            return or_(
                Payment.province.startswith(area, autoescape=True),
                Payment.home_area.startswith(area, autoescape=True),
            )
    return false()
