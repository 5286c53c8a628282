"""What a voucher pays of a booking: held at submit, captured when the service is completed, let go when it comes to nothing.

Settlement decides and keeps the money; the booking shows what came of it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.availability.rules import read_declaration
from hub.availability.service import Offer, Ordered
from hub.bookings.models import Booking
from hub.bookings.service.acting import Move
from hub.core.clock import SHANGHAI
from hub.settlement import service as settlement
from hub.settlement.service import Decisions


def hold(session: Session, booking: Booking, offer: Offer, *, expected_fen: int = 0, now: datetime) -> None:
    """Hold the voucher's share for a booking that is being submitted.

    Raises settlement's `ShareLower` when it is less than the enterprise was quoted (`expected_fen`).
    """
    ordered = Ordered(
        reference=booking.id,
        enterprise_id=booking.enterprise_id,
        home_area=booking.home_area or "",
        credit_code=booking.document["enterprise"].get("credit_code"),
        fee_fen=booking.fee_fen,
        service_mode=booking.service_mode,
        service_on=booking.due_on
        if booking.starts_at is None
        else booking.starts_at.astimezone(SHANGHAI).date(),
        is_statutory=bool(booking.document.get("purpose", {}).get("is_statutory")),
        vat_permille=booking.document.get("vat_permille"),
        declared=read_declaration(booking.document.get("declaration")),
    )
    order = availability.order_of(offer, ordered, now=now)
    _show(booking, _held(settlement.hold(session, order, expected_fen=expected_fen, now=now)))


def hold_anew(made: Move) -> None:
    """Other terms were agreed: the share follows the new fee and mode. A booking from the counter has none."""
    booking = made.booking
    decided = settlement.hold_anew(
        made.session, booking.id, booking.fee_fen, service_mode=booking.service_mode, now=made.now
    )
    if decided is not None:
        _show(booking, _held(decided))


def release(made: Move) -> None:
    """Let go of what is held. Safe without any hold."""
    ended = settlement.release(made.session, made.booking.id, now=made.now)
    if ended is not None and not ended.is_repeat:
        _end(made.booking, ended.state, 0)


def capture(made: Move) -> None:
    """The service is completed: the voucher pays its share of what is owed, at most what was held."""
    booking = made.booking
    fee = booking.charge_fen if booking.charge_fen is not None else booking.fee_fen
    ended = settlement.capture_used(made.session, booking.id, fee or 0, now=made.now)
    if ended is not None and not ended.is_repeat:
        _end(booking, ended.state, ended.captured_fen, fee)


def show_end(booking: Booking, state: str, voucher_fen: int, fee_fen: int) -> None:
    """Show how the voucher ended: `captured` or `released`, its share, and the rest of the fee as the own share."""
    _end(booking, state, voucher_fen, fee_fen)


def _held(made: Decisions) -> dict[str, Any] | None:
    """The shares as the booking shows them; None when no voucher pays."""
    if made.voucher is None:
        return None
    return {
        "state": "held",
        "programme_id": made.voucher.programme_id,
        "programme_zh": made.voucher.name_zh,
        "programme_en": made.voucher.name_en,
        "voucher_fen": made.voucher_fen,
        "own_fen": made.own_fen,
    }


def _end(booking: Booking, state: str, voucher_fen: int, fee_fen: int | None = None) -> None:
    """`fee_fen` None: of the fee that was agreed."""
    shares = booking.document.get("shares")
    if shares is not None:
        fee = shares["voucher_fen"] + shares["own_fen"] if fee_fen is None else fee_fen
        _show(booking, {**shares, "state": state, "voucher_fen": voucher_fen, "own_fen": fee - voucher_fen})


def _show(booking: Booking, shares: dict[str, Any] | None) -> None:
    document = {name: value for name, value in booking.document.items() if name != "shares"}
    booking.document = document if shares is None else {**document, "shares": shares}
