"""What a booking owes follows every move of it: settlement keeps the payment, the booking shows how it stands.

There is one truth, settlement's payment order; `booking.payment` is its mirror.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.bookings.rules import paying as rules_of_paying
from hub.bookings.rules.paying import Owing
from hub.bookings.service.acting import Move
from hub.bookings.service.effects import noticing
from hub.core.clock import SHANGHAI
from hub.settlement.money import vat_document, yuan
from hub.settlement.rules import deadlines
from hub.settlement.service import order_forms, payments
from hub.settlement.service.payments import Standing

_AGREEING = frozenset({"accept", "agree", "enter"})
"""Commands after which the terms stand."""


def follow_move(made: Move) -> None:
    """After a move: the order form where terms were agreed, and what is owed now."""
    if made.transition.command in _AGREEING and made.booking.state in {"accepted", "sample_received"}:
        issue_form(made)
    follow(made.session, made.booking, now=made.now)


def issue_form(made: Move) -> None:
    """The 委托单 of the terms that stand; both sides are asked to confirm one that is new."""
    booking = made.booking
    if booking.fee_fen is None:
        return
    before = order_forms.current(made.session, booking.id)
    issued = order_forms.issue_form(made.session, booking.id, _terms(booking), now=made.now)
    if before is None or before.document.id != issued.id:
        noticing.ask_for_confirmation(made, issued.id)


def follow(session: Session, booking: Booking, *, now: datetime) -> None:
    """Let settlement know what a locked booking owes, and show how its payment stands. Safe to repeat."""
    owing = owing_of(booking)
    if owing is None:
        return
    held = payments.standing(session, booking.id)
    if owing.kind == "nothing" and held is None:
        return
    voucher = payments.voucher_share(session, booking.id, owing.fee_fen) if _is_service(booking) else 0
    due_on = _due_on(booking, owing, _named(held, owing.fee_fen - voucher), now)
    payments.owe(session, _owed(booking, owing.fee_fen, voucher, due_on), now=now)
    mirror(session, booking)


def mirror(session: Session, booking: Booking) -> bool:
    """Show how the payment stands; whether the booking says something else now. Safe to repeat."""
    held = payments.standing(session, booking.id)
    owing = owing_of(booking)
    if held is None or owing is None:
        return False
    shown = rules_of_paying.mirrored(
        held.state, is_payable=owing.is_payable or booking.charge_fen is not None
    )
    if shown == booking.payment:
        return False
    booking.payment = shown
    return True


def receive(made: Move) -> None:
    """The provider has its money, by whatever way it came."""
    follow(made.session, made.booking, now=made.now)
    payment_id = payments.payment_id_of(made.booking.id)
    payments.receive_outstanding(made.session, payment_id, made.actor.name, now=made.now)


def owing_of(booking: Booking) -> Owing | None:
    """What the booking owes as it stands."""
    held = booking.document
    return rules_of_paying.owing(
        booking.state,
        fee_fen=booking.fee_fen,
        charge_fen=booking.charge_fen,
        payment_due=_payment_due(booking),
        waits_for_report=bool(held.get("needs_report")) and booking.state == "service_done",
    )


def _is_service(booking: Booking) -> bool:
    """Vouchers pay for services, never for penalties."""
    return bool(booking.document.get("charge", {}).get("kind", "service") == "service")


def _named(held: Standing | None, own_fen: int) -> date | None:
    """The last day to pay that stands. What is owed beyond what was paid in full is due anew, with days of its own."""
    if held is None or (held.is_settled and own_fen > held.owed_fen):
        return None
    return held.due_on


def _due_on(booking: Booking, owing: Owing, held: date | None, now: datetime) -> date | None:
    """The last day to pay; one that was named stays."""
    if not owing.is_payable or owing.fee_fen == 0:
        return None
    if held is not None:
        return held
    today = now.astimezone(SHANGHAI).date()
    if owing.kind == "agreed":
        if booking.starts_at is not None:
            return max(today, booking.starts_at.astimezone(SHANGHAI).date())
        return _deadline("pay_before_service", booking).on(today)
    return _deadline("pay_after_service", booking).on(today)


def _deadline(name: deadlines.Name, booking: Booking) -> deadlines.Deadline:
    """The one in force when it was ordered: a later rule is for later orders."""
    return deadlines.deadline_of(name, booking.province, booking.submitted_at or booking.created_at)


def _owed(booking: Booking, fee_fen: int, voucher_fen: int, due_on: date | None) -> payments.Owed:
    held = booking.document
    enterprise = held["enterprise"]
    return payments.Owed(
        reference=booking.id,
        order_number=booking.number,
        enterprise_id=booking.enterprise_id,
        institution_id=booking.institution_id,
        operator_id=booking.operator_id,
        province=booking.province,
        home_area=booking.home_area,
        fee_fen=fee_fen,
        voucher_fen=voucher_fen,
        vat_permille=held.get("vat_permille") if _is_service(booking) else None,
        payment_due=_payment_due(booking),
        due_on=due_on,
        document={
            "enterprise": {
                name: enterprise[name] for name in ("name", "credit_code") if enterprise.get(name)
            },
            "institution": {"name": _institution(booking)},
            "instrument": {"name": held["instrument"]["name"]},
        },
    )


def _terms(booking: Booking) -> dict[str, Any]:
    """The order form's fields that come from the booking and its quote."""
    held = booking.document
    enterprise = held["enterprise"]
    told: dict[str, Any] = {
        "order_number": booking.number,
        "enterprise": {
            "id": booking.enterprise_id,
            **{name: enterprise[name] for name in ("name", "credit_code") if enterprise.get(name)},
        },
        "institution": {
            **({} if booking.institution_id is None else {"id": booking.institution_id}),
            "name": _institution(booking),
        },
        "instrument": {"id": booking.instrument_id, "name": held["instrument"]["name"]},
        "service_mode": booking.service_mode,
        "fee_fen": booking.fee_fen,
        "payment_due": _payment_due(booking),
    }
    if held.get("station", {}).get("name"):
        told["station"] = held["station"]["name"]
    if booking.starts_at is not None and booking.ends_at is not None:
        told["slot"] = {
            "start": booking.starts_at.astimezone(SHANGHAI).isoformat(),
            "end": booking.ends_at.astimezone(SHANGHAI).isoformat(),
        }
    elif booking.due_on is not None:
        told["due_on"] = booking.due_on.isoformat()
    vat = vat_document(booking.fee_fen, held.get("vat_permille"))
    told |= {} if vat is None else {"vat": vat}
    items = [_item(each) for each in held.get("items", []) if each.get("name")]
    lines = _lines(booking)
    return {**told, **({"items": items} if items else {}), **({"lines": lines} if lines else {})}


def _item(each: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "charging_unit", "fee_fen")
    kept = {name: each[name] for name in names if name in each}
    return {**kept, "quantity": each.get("quantity", 1)}


def _lines(booking: Booking) -> list[dict[str, Any]]:
    """How the fee was reckoned while it is the quote's, at the counter too; else that the two sides agreed on it."""
    fee = booking.fee_fen or 0
    lines: list[dict[str, Any]] = booking.document.get("fee_lines", [])
    if sum(each["fen"] for each in lines) == fee:
        return lines
    return [
        {
            "zh": f"双方商定费用 {yuan(fee)} 元",
            "en": f"the fee both sides agreed on, {yuan(fee)} CNY",
            "fen": fee,
        }
    ]


def _payment_due(booking: Booking) -> str:
    return str(booking.document.get("payment_due", "after_report"))


def _institution(booking: Booking) -> str:
    held = booking.document
    name = held.get("institution", {}).get("name") or held.get("station", {}).get("name")
    return str(name or booking.institution_id or booking.province)
