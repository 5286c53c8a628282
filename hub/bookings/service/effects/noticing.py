"""Telling people what happened. Texts carry numbers, names of instruments and times, never persons or samples."""

from collections.abc import Iterable

import schemas
from hub.bookings.errors.commands import shown
from hub.bookings.models import Proposal
from hub.bookings.rules.deciding import is_provider
from hub.bookings.service import people
from hub.bookings.service.acting import Move
from hub.notices import service as notices
from hub.notices.rules import is_clean

_TEMPLATES = {
    "acknowledge": "booking_submitted",
    "enter": "booking_accepted",
    "accept": "booking_accepted",
    "agree": "booking_accepted",
    "reject": "booking_rejected",
    "propose": "booking_proposed",
    "expire": "booking_expired",
    "fail_forward": "booking_cancelled",
    "withdraw": "booking_cancelled",
    "confirm_cancel": "booking_cancelled",
    "check_in": "booking_in_service",
    "check_out": "booking_done",
    "no_show": "booking_no_show",
    "deliver": "report_delivered",
    "stick": "booking_stuck",
}
"""Command → text; everything else is told as a change of state."""


def notify_enterprise(made: Move) -> None:
    """Tell who asked."""
    _tell(made, people.of_enterprise(made.booking))


def notify_provider(made: Move) -> None:
    """Tell who is responsible on the serving side."""
    _tell(made, people.of_provider(made.session, made.booking))


def notify_other_side(made: Move) -> None:
    """Tell the side that did not act; both, when somebody else did."""
    if made.actor.side == "enterprise":
        notify_provider(made)
    elif is_provider(made.actor.side):
        notify_enterprise(made)
    else:
        notify_both(made)


def notify_both(made: Move) -> None:
    """Tell both sides."""
    _tell(made, [*people.of_enterprise(made.booking), *people.of_provider(made.session, made.booking)])


def notify_province(made: Move) -> None:
    """Tell the staff of the station's province."""
    _tell(made, people.of_province(made.session, made.booking.province))


def notify_hub_admin(made: Move) -> None:
    """Tell the hub's administrators."""
    _tell(made, people.of_hub(made.session))


def ask_for_confirmation(made: Move, document_id: str) -> None:
    """A new order form waits for both sides."""
    booking = made.booking
    notices.notify(
        made.session,
        {*people.of_enterprise(booking), *people.of_provider(made.session, booking)},
        "order_form_issued",
        {"number": booking.number},
        subject=f"booking:{booking.id}",
        link=f"/bookings/{booking.id}/order-form",
        key=document_id,
        now=made.now,
    )


def _tell(made: Move, recipients: Iterable[str]) -> None:
    booking, command = made.booking, made.transition.command
    held = booking.document
    slot = _proposed(made) or booking
    values = {
        "number": booking.number,
        "instrument": held["instrument"]["name"][:40],
        "province": schemas.codes("province")[booking.province].zh,
        "state": schemas.codes("booking_state")[booking.state].zh,
        "when": shown(slot.starts_at) or str(booking.due_on or "时间另议"),
        "until": shown(booking.turn_by or booking.timer_at) or "—",
        "reason": _reason(made.reason),
        "actor": _side(made),
    }
    notices.notify(
        made.session,
        recipients,
        _TEMPLATES.get(command, "booking_changed"),
        {name: value if is_clean(value) else "—" for name, value in values.items()},
        subject=f"booking:{booking.id}",
        link=f"/bookings/{booking.id}",
        key=f"{booking.id}:{booking.revision}:{command}",
        now=made.now,
    )


def _proposed(made: Move) -> Proposal | None:
    number = made.detail.get("proposal") if made.transition.command == "propose" else None
    return None if number is None else made.session.get(Proposal, (made.booking.id, number))


def _reason(code: str | None) -> str:
    held = schemas.codes("booking_reason").get(code) if code else None
    return held.zh if held is not None else "—"


def _side(made: Move) -> str:
    if is_provider(made.actor.side):
        station = made.booking.document.get("station", {})
        return str(station.get("name", "服务方"))[:40]
    return schemas.codes("booking_side")[made.actor.side].zh
