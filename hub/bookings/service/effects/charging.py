"""What the enterprise owes: for the service, for cancelling late, for not coming. Integer fen."""

from hub.bookings import rules, wire
from hub.bookings.rules import Charge
from hub.bookings.service.acting import Move


def charge_service(made: Move) -> None:
    """After the service the agreed fee is due; the provider's own reckoning stands beside it until it is settled."""
    fee = made.booking.fee_fen
    if fee:
        _owe(made, Charge("service", fee, "约定费用", "the agreed fee"))


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


def charge_no_show(made: Move) -> None:
    """Not coming costs the terms' share."""
    charge = rules.no_show_charge(wire.terms_of(made.booking), made.booking.fee_fen)
    if charge is not None:
        _owe(made, charge)


def waive_fee(made: Move) -> None:
    """Nothing is owed after all."""
    made.booking.payment, made.booking.charge_fen = "none", None
    made.keep(charge=None)


def settle_payment(made: Move) -> None:
    """The provider has its money."""
    made.booking.payment = "paid"


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
