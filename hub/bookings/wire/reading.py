"""A booking's row as the pure rules see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.contract import UsageFacts
from hub.availability.rules import Slot
from hub.bookings.models import Booking, Proposal
from hub.bookings.rules import Facts, Terms
from hub.bookings.rules.timing import Times
from hub.core import working_time


def facts_of(booking: Booking, proposal: Proposal | None) -> Facts:
    """What decisions depend on."""
    terms = terms_of(booking)
    ended, resolved = booking.ended_at, booking.resolved_at
    return Facts(
        state=booking.state,
        resume=booking.resume_state,
        payment=booking.payment,
        is_disputed=booking.is_disputed,
        is_appealed=booking.is_appealed,
        responsible=booking.responsible,
        proposal_by=None if proposal is None else proposal.side,
        timer_at=booking.timer_at,
        slot_start=booking.starts_at,
        grace_minutes=terms.no_show_grace_minutes,
        needs_report=booking.document.get("needs_report", False),
        undo=booking.undo,
        is_fee_asked=booking.charge_fen is not None
        and booking.document.get("reckoning", {}).get("state") == "asks",
        disputable_until=_after(booking.province, ended, terms.dispute_days),
        appealable_until=_after(booking.province, resolved, terms.appeal_days),
        is_payment_required=booking.document.get("payment_due") == "before_service_required"
        and bool(booking.fee_fen),
    )


def times_of(booking: Booking, proposal: Proposal | None) -> Times:
    """What deadlines are made from."""
    return Times(
        province=booking.province,
        service_mode=booking.service_mode,
        submitted_at=booking.submitted_at,
        slot_end=booking.ends_at,
        due_on=booking.due_on,
        proposal_until=None if proposal is None else proposal.until,
    )


def terms_of(booking: Booking) -> Terms:
    """The terms agreed to at submit."""
    return Terms(**booking.document["terms"])


def slot_of(told: Mapping[str, Any] | None) -> Slot | None:
    """A slot of a document, as aware instants."""
    if told is None:
        return None
    return Slot(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))


def _after(province: str, at: datetime | None, days: int) -> datetime | None:
    return None if at is None else working_time.due(province, at, days)


def instant(text: str) -> datetime:
    """An instant of a document."""
    return datetime.fromisoformat(text)


def evidence_of(usage: UsageFacts) -> tuple[dict[str, str], ...]:
    """What proves it, as the specification tells it."""
    return tuple(
        {"kind": each.kind, "sha256": each.sha256, **({"name": each.name} if each.name else {})}
        for each in usage.evidence
    )


def usage_document(usage: UsageFacts) -> dict[str, Any]:
    """What was used, as the specification tells it."""
    told: dict[str, Any] = {
        "started_at": None if usage.started_at is None else usage.started_at.isoformat(),
        "ended_at": None if usage.ended_at is None else usage.ended_at.isoformat(),
        "hours": usage.hours,
        "quantity": usage.quantity,
        "charging_unit": usage.charging_unit,
        "fee_fen": usage.fee_fen,
    }
    return {name: value for name, value in told.items() if value is not None}
