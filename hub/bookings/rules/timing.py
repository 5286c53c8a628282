"""Whose turn it is and until when, and when the hub acts by itself. Pure; answer times count in working time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hub.bookings.rules.deciding import MACHINE, Facts, is_provider
from hub.bookings.rules.terms import Terms
from hub.core import working_time
from hub.core.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a booking that deadlines are made from. `proposal_until` is that of an open proposal."""

    province: str
    service_mode: str
    submitted_at: datetime | None
    slot_end: datetime | None
    due_on: date | None
    proposal_until: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Which side must act next, and by when; `none` when nobody must."""

    side: str
    by: datetime | None


def timer(
    facts: Facts, terms: Terms, times: Times, *, held: datetime | None, now: datetime
) -> datetime | None:
    """When the hub acts by itself on a booking that has just come into this state; None when it never does.

    `held` is the timer that runs already: where the state did not change it goes on.
    """
    match facts.state:
        case "submitted" | "forward_unknown":
            return (times.submitted_at or now) + timedelta(hours=terms.forward_hours)
        case "forwarded":
            return held or working_time.due(times.province, now)
        case "reschedule_proposed":
            return times.proposal_until
        case "cancelling":
            return held or now + timedelta(hours=terms.forward_hours)
        case "service_done" if not facts.needs_report:
            return held or working_time.due(times.province, now, terms.confirm_days)
        case "report_delivered":
            return held or working_time.due(times.province, now, terms.confirm_days)
    if facts.undo == "open" and MACHINE.states[facts.state].is_terminal:
        return held or now + timedelta(hours=terms.undo_hours)
    return None


def restarted_answer(province: str, now: datetime) -> datetime:
    """The station's new deadline after a proposal came to nothing: one working day."""
    return working_time.due(province, now, 1)


def turn(facts: Facts, times: Times) -> Turn:
    """Who must act next, and by when."""
    if facts.is_disputed:
        return Turn("hub_admin" if facts.is_appealed else "province_staff", None)
    side = MACHINE.states[facts.state].turn
    if side == "hub":
        return Turn("system", facts.timer_at)
    if side == "other_side":
        return Turn("enterprise" if is_provider(facts.proposal_by) else "provider", facts.timer_at)
    if facts.state == "accepted":
        brings_samples = times.service_mode == "entrusted_test"
        return Turn("enterprise" if brings_samples else "provider", _end_of_work(times))
    if facts.state == "service_done" and not facts.needs_report:
        return Turn("enterprise", facts.timer_at)
    if facts.state in {"sample_received", "in_service", "service_done"}:
        return Turn("provider", _end_of_work(times))
    return Turn(side, facts.timer_at if side in {"provider", "enterprise"} else None)


def _end_of_work(times: Times) -> datetime | None:
    if times.slot_end is not None:
        return times.slot_end
    if times.due_on is None:
        return None
    return datetime.combine(times.due_on, time(23, 59, 59), SHANGHAI)
