"""A booking's usage as settlement keeps it: its facts, its price, and how the booking follows what became of it.

There is one price: that of the quote that was agreed to. What settlement writes down is what the booking shows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.availability.wire import line_document
from hub.bookings import rules
from hub.bookings.models import Booking
from hub.bookings.rules import Charge
from hub.bookings.service.effects import paying, vouchers
from hub.settlement.rules.usages import Price, Pricing
from hub.settlement.service import usage as usages
from hub.settlement.service.usage import Rated, Recording


def recording_of(booking: Booking, kind: str = "service") -> Recording:
    """The booking as settlement keeps it with its usage. An enterprise without a verified home counts to the visited province."""
    held = booking.document
    institution = held.get("institution", {})
    institution_id = booking.institution_id or booking.operator_id or f"station-{booking.province}"
    facts: dict[str, Any] = {
        "enterprise": {"id": booking.enterprise_id, "name": held["enterprise"]["name"]},
        "institution": {
            "id": institution_id,
            "name": institution.get("name") or held.get("station", {}).get("name") or institution_id,
        },
        "instrument": {"id": booking.instrument_id, "name": held["instrument"]["name"]},
        "service_mode": booking.service_mode,
    }
    if booking.starts_at is not None and booking.ends_at is not None:
        facts["planned"] = {"start": booking.starts_at.isoformat(), "end": booking.ends_at.isoformat()}
    return Recording(
        reference=booking.id,
        order_number=booking.number,
        visited=booking.province,
        home_area=booking.home_area or booking.province,
        enterprise_id=booking.enterprise_id,
        institution_id=institution_id,
        operator_id=booking.operator_id,
        person_id=booking.person_id,
        facts=facts,
        kind=kind,
    )


def price_of(session: Session, booking: Booking) -> Price:
    """The price of whatever was used in the booking: by the tariff of its quote, at most what was agreed or accepted."""
    agreed = booking.fee_fen or 0
    told = booking.document.get("reckoning", {})
    accepted = told["used_fee_fen"] if told.get("state") == "confirmed" else agreed

    vat = booking.document.get("vat_permille")

    def price(used: Any) -> Pricing:
        rated = None
        if booking.quote_id is not None:
            rated = availability.rate_usage(session, booking.quote_id, used, agreed_fen=agreed)
        made = rules.reckon(agreed, rated)
        charge = made.charge
        if made.used_fen > agreed and accepted > agreed:
            charge = _accepted(min(made.used_fen, accepted))
        lines = tuple(line_document(line) for line in made.lines)
        return Pricing(made.agreed_fen, made.used_fen, charge.fee_fen, lines, charge.zh, charge.en, vat)

    return price


def pricing_of(charge: Charge, agreed_fen: int) -> Pricing:
    """A charge by the terms that were agreed to: no usage, no tariff."""
    return Pricing(agreed_fen, charge.fee_fen, charge.fee_fen, (), charge.zh, charge.en)


def follow(session: Session, booking: Booking, rated: Rated | None, *, now: datetime) -> None:
    """Let a locked booking show what became of its usage: the charge, how it was reckoned, and both shares.

    None: nothing was priced (a new version waits, a dispute is open). Nothing is owed for a usage that was waived.
    """
    usage = usages.lock_order(session, booking.id)
    if usage is None or rated is None:
        return
    booking.updated_at = now
    if rated.fee_fen == 0:
        booking.payment = "none" if booking.payment == "due" else booking.payment
        booking.charge_fen = None
        _keep(booking, charge=None)
        vouchers.show_end(booking, "released", 0, 0)
        paying.follow(session, booking, now=now)
        return
    held = usages.present(session, usage)
    booking.charge_fen = rated.fee_fen
    booking.payment = "due" if booking.payment == "none" else booking.payment
    _keep(
        booking,
        charge={
            "kind": "service",
            "fee_fen": rated.fee_fen,
            "text_zh": held["text_zh"],
            "text_en": held["text_en"],
        },
        reckoning=_reckoning(held),
    )
    vouchers.show_end(
        booking, "captured" if rated.voucher_fen else "released", rated.voucher_fen, rated.fee_fen
    )
    paying.follow(session, booking, now=now)


def _reckoning(held: Any) -> dict[str, Any]:
    agreed, used, fee = held["agreed_fee_fen"], held["used_fee_fen"], held["fee_fen"]
    state = (
        "as_agreed"
        if used == agreed
        else "lower"
        if used < agreed
        else "confirmed"
        if fee > agreed
        else "asks"
    )
    told = {
        "agreed_fee_fen": agreed,
        "used_fee_fen": used,
        "difference_fen": used - agreed,
        "state": state,
    }
    return {**told, **({"lines": held["lines"]} if held.get("lines") else {})}


def _accepted(fee_fen: int) -> Charge:
    return Charge("service", fee_fen, "按实际使用，企业已确认", "by the usage, confirmed by the enterprise")


def _keep(booking: Booking, **values: Any) -> None:
    document = {**booking.document, **values}
    booking.document = {name: value for name, value in document.items() if value is not None}
