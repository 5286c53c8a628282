"""What the enterprise owes: for the service, for cancelling late, for not coming. Integer fen."""

from hub.availability import service as availability
from hub.availability.wire import line_document
from hub.bookings import rules, wire
from hub.bookings.rules import Charge
from hub.bookings.service.acting import Move
from hub.bookings.service.effects import using


def charge_service(made: Move) -> None:
    """After the service the fee of what was used is due, never more than was agreed to.

    What the usage comes to beyond that is only asked for; the enterprise may confirm it (`charge_asked`).
    """
    booking = made.booking
    if booking.fee_fen is None:
        return
    rated = None
    if booking.quote_id is not None:
        usage = booking.document.get("usage", {})
        rated = availability.rate_usage(made.session, booking.quote_id, usage, agreed_fen=booking.fee_fen)
    reckoning = rules.reckon(booking.fee_fen, rated)
    lines = [line_document(line) for line in reckoning.lines]
    made.keep(reckoning={**reckoning.as_document(), **({"lines": lines} if lines else {})})
    if reckoning.charge.fee_fen:
        _owe(made, reckoning.charge)
    using.record(made)


def charge_asked(made: Move) -> None:
    """The enterprise confirms what the usage comes to beyond the agreed fee."""
    told = made.booking.document["reckoning"]
    fee = told["used_fee_fen"]
    made.keep(reckoning={**told, "state": "confirmed"})
    _owe(made, Charge("service", fee, "按实际使用，企业已确认", "by the usage, confirmed by the enterprise"))
    using.accept_fee(made)


def charge_cancellation(made: Move) -> None:
    """Whoever cancels an accepted booking after the free time owes the terms' share. The provider's side never costs."""
    told = made.booking.document.get("cancelling")
    if told is None or told["side"] != "enterprise" or told["from"] not in {"accepted", "sample_received"}:
        return
    charge = rules.cancellation_charge(
        wire.terms_of(made.booking), made.booking.fee_fen, made.booking.starts_at, wire.instant(told["at"])
    )
    if charge is not None:
        _owe(made, charge)
        using.charge(made, charge)


def charge_no_show(made: Move) -> None:
    """Not coming costs the terms' share."""
    charge = rules.no_show_charge(wire.terms_of(made.booking), made.booking.fee_fen)
    if charge is not None:
        _owe(made, charge)
        using.charge(made, charge)


def waive_fee(made: Move) -> None:
    """Nothing is owed after all."""
    using.take_back(made)
    made.booking.payment, made.booking.charge_fen = "none", None
    made.keep(charge=None)


def _owe(made: Move, charge: Charge) -> None:
    made.booking.payment, made.booking.charge_fen = "due", charge.fee_fen
    made.keep(
        charge={
            "kind": charge.kind,
            "fee_fen": charge.fee_fen,
            "text_zh": charge.zh,
            "text_en": charge.en,
        }
    )
