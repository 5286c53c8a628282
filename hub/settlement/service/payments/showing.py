"""Showing payments to who may see them."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.identity import rules as identity_rules
from hub.identity import service as identity
from hub.identity.errors import OtherParty
from hub.identity.rules import Principal
from hub.settlement.errors.payments import AttemptUnknown, FormUnknown, PaymentUnknown
from hub.settlement.models import Attempt, Payment
from hub.settlement.queries import payments as queries
from hub.settlement.queries.payments import PaymentSeen
from hub.settlement.service import order_forms
from hub.settlement.service.payments import book


def visible(session: Session, principal: Principal, payment_id: str, *, now: datetime) -> PaymentSeen:
    """A payment that the principal may see. Raises `PaymentUnknown` also for one that is none of its business."""
    seen = queries.see_payment(session, payment_id)
    if seen is None:
        raise PaymentUnknown(payment_id)
    try:
        identity.allow(session, principal, "payment.read", book.subject_of(seen.payment), now=now)
    except OtherParty:
        raise PaymentUnknown(payment_id) from None
    return seen


def visible_attempt(
    session: Session, principal: Principal, attempt_id: str, *, now: datetime
) -> tuple[Payment, Attempt]:
    """A try of a payment that the principal may see. Raises `AttemptUnknown`."""
    found = queries.find_attempt(session, attempt_id)
    if found is None:
        raise AttemptUnknown(attempt_id)
    try:
        identity.allow(session, principal, "payment.read", book.subject_of(found[0]), now=now)
    except OtherParty:
        raise AttemptUnknown(attempt_id) from None
    return found


def order_of(session: Session, principal: Principal, reference: str, *, now: datetime) -> Payment:
    """The payment of an order whose form the principal may read. Raises `FormUnknown` also for what is none of its business."""
    payment = queries.payment_of(session, reference)
    if payment is None:
        raise FormUnknown
    try:
        identity.allow(session, principal, "order_form.read", book.subject_of(payment), now=now)
    except OtherParty:
        raise FormUnknown from None
    return payment


def agree(session: Session, principal: Principal, booking_id: str, sha256: str, *, now: datetime) -> None:
    """Agree for the side that the principal speaks for. Raises identity's refusals, `FormUnknown`, `FormOutdated`."""
    payment = order_of(session, principal, booking_id, now=now)
    identity.allow(session, principal, "order_form.confirm", book.subject_of(payment), now=now)
    side = side_of(principal)
    assert side is not None, "the matrix names the two sides only"
    order_forms.confirm(session, booking_id, side, principal, sha256=sha256, now=now)


def side_of(principal: Principal) -> str | None:
    """The side that a principal speaks for; None for who only looks on."""
    if principal.role in identity_rules.ENTERPRISE_ROLES:
        return "enterprise"
    if principal.role in {*identity_rules.INSTITUTION_ROLES, identity_rules.STATION_STAFF}:
        return "provider"
    return None


def may(principal: Principal, action: str, payment: Payment) -> bool:
    """Whether the matrix lets the principal do this to the payment: for what a page offers."""
    return identity_rules.may(principal, action, book.subject_of(payment))
