"""Disputes, responsibility, applicants, cases, and the clock that starts again."""

from hub.bookings.rules.timing import restarted_answer
from hub.bookings.service import cases
from hub.bookings.service.acting import Move


def restart_answer_clock(made: Move) -> None:
    """Back with the station: it has one more working day for an answer."""
    if made.booking.state == "forwarded":
        made.booking.timer_at = restarted_answer(made.booking.province, made.now)


def flag_dispute(made: Move) -> None:
    """A side disagrees: nothing is completed or closed until the province has decided."""
    made.booking.is_disputed, made.booking.is_appealed = True, False


def flag_appeal(made: Move) -> None:
    """A side does not accept the province's decision: the hub's administrator decides."""
    made.booking.is_disputed = made.booking.is_appealed = True


def clear_dispute(made: Move) -> None:
    """The dispute is decided. An appeal is possible for a while, but only against the province's decision."""
    was_appeal = made.booking.is_appealed
    made.booking.is_disputed = made.booking.is_appealed = False
    made.booking.resolved_at = None if was_appeal else made.now


def make_institution_responsible(made: Move) -> None:
    """The institution handles it now; the station still sees it, and the deadline goes along."""
    made.booking.responsible = "institution"


def make_station_responsible(made: Move) -> None:
    """The station handles it again."""
    made.booking.responsible = "station"


def change_applicant(made: Move) -> None:
    """A colleague of the same enterprise is who asks now."""
    made.booking.person_id = made.detail["person_id"]
    made.booking.applicant = made.detail["applicant"]


def open_case(made: Move) -> None:
    """The province could not be made to forget the booking: somebody has to talk to it."""
    made.booking.undo = "stuck"
    cases.open_case(
        made.session,
        "compensation_stuck",
        made.booking.province,
        made.booking.id,
        {"state": made.transition.source, "remote_id": made.booking.remote_id},
        now=made.now,
    )


def close_case(made: Move) -> None:
    """What waited for a person is settled."""
    if made.booking.undo in {"open", "stuck"}:
        made.booking.undo = "done"
    cases.close_cases(
        made.session,
        made.booking.id,
        ("unknown_outcome", "compensation_stuck"),
        by=made.actor.name,
        resolution=made.transition.command,
        now=made.now,
    )
