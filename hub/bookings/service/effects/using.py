"""What a move means for the usage: recorded at check-out, confirmed by completing, charged by terms, taken back."""

from collections.abc import Mapping
from typing import Any

from hub.bookings.rules import Charge
from hub.bookings.service import people
from hub.bookings.service.acting import Move
from hub.bookings.service.effects import used, vouchers
from hub.settlement.service import usage as usages
from hub.settlement.service.usage import By, Rated, Told

TOLD = "usage_told"
"""Where whoever checks out with more than a usage (source, number, intervals, evidence) leaves it for `record`."""


def record(made: Move) -> None:
    """Keep what was used and ask the enterprise; nothing where no fee was agreed."""
    booking = made.booking
    if not booking.fee_fen:
        return
    told = read_told(booking.document.get(TOLD), booking.document.get("usage", {})) or Told(
        _source(made), f"{booking.id}.{booking.revision}", booking.document.get("usage", {})
    )
    made.keep(**{TOLD: None})
    usages.record_usage(
        made.session,
        used.recording_of(booking),
        told,
        used.price_of(made.session, booking),
        By(made.actor.side if made.actor.side in {"provider", "platform"} else "system", made.actor.name),
        recipients=people.of_enterprise(booking),
        now=made.now,
    )


def settle(made: Move) -> None:
    """The booking is completed: the enterprise that completes it confirms what it used; silence needs its two notices.

    A disputed usage goes on by itself, and its voucher waits for the decision.
    """
    usage = usages.lock_order(made.session, made.booking.id)
    if usage is None and made.booking.fee_fen:
        record(made)
        usage = usages.lock_order(made.session, made.booking.id)
    if usage is None:
        vouchers.capture(made)
        return
    if usage.state != "submitted":
        return
    if made.actor.side == "enterprise":
        by = By("enterprise", made.actor.name)
        rated: Rated | None = usages.confirm_usage(made.session, usage, by, way="completion", now=made.now)
    else:
        rated = usages.confirm_by_silence(made.session, usage, now=made.now)
    used.follow(made.session, made.booking, rated, now=made.now)


def charge(made: Move, owed: Charge) -> None:
    """A late cancellation or a no-show is charged by the terms, without any voucher share."""
    usages.record_charge(
        made.session,
        used.recording_of(made.booking, owed.kind),
        used.pricing_of(owed, made.booking.fee_fen or owed.fee_fen),
        external_id=f"{made.booking.id}.{owed.kind}",
        now=made.now,
    )


def take_back(made: Move) -> None:
    """What was charged by terms is not owed after all. Raises settlement's `UsageLocked`."""
    for kind in ("cancellation", "no_show"):
        usage = usages.lock_order(made.session, made.booking.id, kind)
        if usage is not None:
            usages.take_back(made.session, usage, now=made.now)


def accept_fee(made: Move) -> None:
    """The enterprise agrees to what the usage comes to beyond the agreed fee. Raises settlement's `UsageLocked`."""
    usage = usages.lock_order(made.session, made.booking.id)
    if usage is None:
        return
    price = used.price_of(made.session, made.booking)
    rated = usages.accept_fee(made.session, usage, price, By("enterprise", made.actor.name), now=made.now)
    used.follow(made.session, made.booking, rated, now=made.now)


def told_document(told: Told) -> dict[str, Any]:
    """What `record` finds with the booking."""
    return {
        "source": told.source,
        "external_id": told.external_id,
        "intervals": list(told.intervals),
        "evidence": list(told.evidence),
    }


def read_told(held: Mapping[str, Any] | None, usage: Mapping[str, Any]) -> Told | None:
    """The told usage back; None where nobody left one."""
    if held is None:
        return None
    return Told(held["source"], held["external_id"], usage, tuple(held["intervals"]), tuple(held["evidence"]))


def _source(made: Move) -> str:
    if made.actor.side == "platform":
        return "platform"
    return "institution" if made.actor.acting_as == "institution" else "staff"
