"""The whole way of a booking, province by province, and what every deadline does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract import Slot
from hub.availability.errors import SlotTaken
from hub.availability.models import QuoteRow
from hub.availability.rules import Slot as AvailabilitySlot
from hub.bookings.errors import CommandRefused
from hub.bookings.service import answers, moving, preparing, proposing
from hub.bookings.service.acting import Actor
from hub.bookings.wire import terms_of
from hub.core import working_time
from hub.core.clock import SHANGHAI
from tests.hub.bookings.world import INSTITUTION, LI, STATION, World

pytestmark = pytest.mark.database


def hear(world: World, province: str, answer: object) -> str:
    with world.database.write() as session:
        return answers.apply(session, province, answer, way="callback", now=world.clock()).result  # type: ignore[arg-type]


def test_a_booking_reaches_shanghai_and_comes_back(world: World) -> None:
    booking = world.submit("310000", world.slot())
    assert world.state(booking) == "submitted"
    assert world.claim(booking) == "held"
    assert world.forward() == 1
    assert world.state(booking) == "forwarded"
    shanghai = world.provinces["310000"]
    assert hear(world, "310000", shanghai.decide(booking, "accepted")) == "applied"
    assert (world.state(booking), world.claim(booking)) == ("accepted", "confirmed")
    assert hear(world, "310000", shanghai.decide(booking, "in_service")) == "applied"
    assert hear(world, "310000", shanghai.decide(booking, "done")) == "applied"
    assert world.state(booking) == "service_done"
    assert world.booking(booking).payment == "due"
    assert world.booking(booking).charge_fen == 80000
    world.command(booking, "complete", LI)
    assert world.history(booking) == [
        "submit", "acknowledge", "accept", "check_in", "check_out", "complete",
    ]  # fmt: skip


def test_without_an_interface_the_station_works_in_the_portal(world: World) -> None:
    booking = world.submit("520000", world.slot())
    world.forward()
    assert world.state(booking) == "forwarded"
    world.command(booking, "dispatch", STATION)
    world.command(booking, "accept", INSTITUTION)
    assert (world.state(booking), world.claim(booking)) == ("accepted", "confirmed")
    assert world.booking(booking).responsible == "institution"


def test_the_eve_of_national_day_does_not_count(world: World) -> None:
    """Submitted on 30 September, answered on the first working day after the holiday: not expired."""
    world.clock.now = shanghai("2026-09-30 15:00")
    booking = world.submit("310000", world.slot(day=20))
    world.forward()
    due = world.booking(booking).turn_by
    assert due is not None
    assert due > shanghai("2026-10-08 15:00")
    for day in range(1, 9):
        world.clock.now = shanghai(f"2026-10-{day:02} 14:00")
        world.run_timers()
        assert world.state(booking) == "forwarded", day
    answer = world.provinces["310000"].decide(booking, "accepted")
    assert hear(world, "310000", answer) == "applied"
    assert world.state(booking) == "accepted"


def test_an_answer_that_comes_too_late_is_answered_with_a_cancellation(world: World) -> None:
    booking = world.submit("320000", world.slot(day=20))
    world.forward()
    due = world.booking(booking).timer_at
    assert due is not None
    world.clock.now = due
    world.run_timers()
    assert (world.state(booking), world.claim(booking)) == ("expired", "released")
    jiangsu = world.provinces["320000"]
    jiangsu.fault = lambda _kind: "refused_connection"
    world.forward()
    assert hear(world, "320000", jiangsu.decide(booking, "accepted")) == "cancelled_back"
    jiangsu.fault = lambda _kind: None
    world.clock.advance(600)
    world.forward()
    assert [held.state for held in jiangsu.orders] == ["cancelled"]
    assert (world.state(booking), world.booking(booking).undo) == ("expired", "done")


def test_what_the_province_cannot_undo_becomes_a_case_with_a_name(world: World) -> None:
    booking = world.submit("360000", world.slot())
    world.forward()
    world.provinces["360000"].fault = lambda _kind: "refused_connection"
    world.command(booking, "cancel", LI, reason="plans_changed")
    assert world.state(booking) == "cancelling"
    assert world.claim(booking) == "held", "released only when the province knows, or when its time is over"
    for _ in range(60):
        world.clock.advance(1800)
        world.forward()
        world.run_timers()
    assert (world.state(booking), world.claim(booking)) == ("compensation_stuck", "released")
    assert ("compensation_stuck", "open") in world.cases()
    world.provinces["360000"].fault = lambda _kind: None
    world.clock.advance(3600)
    world.forward()
    assert world.state(booking) == "cancelled"
    assert ("compensation_stuck", "closed") in world.cases()


def test_without_any_proof_a_person_decides(world: World) -> None:
    """Jiangxi drops no doubles and cannot be asked: one send, and then somebody calls them."""
    jiangxi = world.provinces["360000"]
    jiangxi.fault = lambda _kind: "answer_lost"
    booking = world.submit("360000", world.slot())
    for _ in range(20):
        world.forward()
        world.clock.advance(300)
    assert jiangxi.calls == ["submit"]
    assert (world.state(booking), world.cases()) == ("forward_unknown", [("unknown_outcome", "open")])
    world.command(booking, "acknowledge", Actor("hub_admin", "account:admin", "hub_admin"))
    assert (world.state(booking), world.cases()) == ("forwarded", [("unknown_outcome", "closed")])


def test_absence_is_believed_only_when_nothing_can_be_on_its_way(world: World) -> None:
    jiangsu = world.provinces["320000"]
    jiangsu.fault = lambda kind: "request_lost" if kind == "submit" else None
    booking = world.submit("320000", world.slot())
    world.forward()
    assert world.state(booking) == "forward_unknown"
    world.clock.advance(6)
    world.forward()
    assert jiangsu.calls == ["submit", "lookup"]
    assert world.state(booking) == "forward_unknown"
    jiangsu.fault = lambda _kind: None
    for _ in range(4):
        world.clock.advance(20)
        world.forward()
    assert jiangsu.under(booking) == 1
    assert world.state(booking) == "forwarded"
    assert world.history(booking)[:3] == ["submit", "mark_unknown", "prove_absent"]


def test_both_times_are_held_until_the_other_side_answers(world: World) -> None:
    booking = world.submit("310000", world.slot(day=7))
    other = world.slot(day=8)
    world.forward()
    shanghai_platform = world.provinces["310000"]
    proposed = shanghai_platform.decide(
        booking, "proposed", slot=Slot(other.start, other.end), proposal_id="P1"
    )
    assert hear(world, "310000", proposed) == "applied"
    assert world.state(booking) == "reschedule_proposed"
    with pytest.raises(SlotTaken):
        world.submit("310000", other)
    with pytest.raises(SlotTaken):
        world.submit("310000", world.slot(day=7))
    world.command(booking, "agree", LI)
    assert world.booking(booking).starts_at == other.start
    world.submit("310000", world.slot(day=7))
    world.forward()
    assert shanghai_platform.orders[0].slot == Slot(other.start, other.end)


def test_a_late_yes_to_a_lapsed_proposal_is_a_proposal_of_theirs(world: World) -> None:
    booking = world.submit("310000", world.slot(day=7))
    world.forward()
    platform = world.provinces["310000"]
    hear(world, "310000", platform.decide(booking, "accepted"))
    propose(world, booking, world.slot(day=9))
    world.forward()
    world.clock.advance(49 * 3600)
    world.run_timers()
    assert world.state(booking) == "accepted"
    assert hear(world, "310000", platform.decide(booking, "agreed")) == "applied"
    assert world.state(booking) == "reschedule_proposed"


def test_repeated_stale_and_foreign_answers_change_nothing(world: World) -> None:
    first, second = world.submit("310000", world.slot(day=7)), world.submit("310000", world.slot(day=8))
    world.forward()
    platform = world.provinces["310000"]
    early = platform.decide(first, "received")
    accepted = platform.decide(first, "accepted")
    assert [hear(world, "310000", accepted), hear(world, "310000", accepted)] == ["applied", "repeated"]
    assert hear(world, "310000", early) == "stale"
    lie = replace(platform.decide(second, "rejected", reason="slot_taken"), booking_id=first)
    assert hear(world, "310000", lie) == "refused"
    same_fact = replace(accepted, raw=b"the same fact at another place of a list")
    assert hear(world, "310000", same_fact) == "repeated"
    other_content = replace(accepted, raw=b"another fact under its number", reason="slot_taken")
    assert hear(world, "310000", other_content) == "case"
    assert hear(world, "320000", accepted) == "refused", "another province's booking"
    assert (world.state(first), world.state(second)) == ("accepted", "forwarded")
    assert {kind for kind, _ in world.cases()} == {"foreign_answer", "contradiction"}


def test_an_answer_implies_what_must_have_happened(world: World) -> None:
    booking = world.submit("310000", world.slot())
    world.provinces["310000"].fault = lambda _kind: "answer_lost"
    world.forward()
    assert world.state(booking) == "forward_unknown"
    assert hear(world, "310000", world.provinces["310000"].decide(booking, "done")) == "applied"
    assert world.history(booking) == [
        "submit", "mark_unknown", "acknowledge", "accept", "check_in", "check_out",
    ]  # fmt: skip


def test_an_acceptance_at_another_time_is_a_proposal(world: World) -> None:
    booking = world.submit("310000", world.slot(day=7))
    world.forward()
    other = world.slot(day=8)
    answer = world.provinces["310000"].decide(booking, "accepted", slot=Slot(other.start, other.end))
    assert hear(world, "310000", answer) == "applied"
    assert world.state(booking) == "reschedule_proposed"


def test_a_consultation_becomes_a_test_with_a_fee(world: World) -> None:
    booking = world.submit("520000")
    with world.database.write() as session:
        row = moving.lock(session, booking)
        terms = proposing.Terms(fee_fen=120000, service_mode="entrusted_test")
        made = proposing.write(
            session, row, "provider", terms, until=world.clock() + timedelta(days=2), now=world.clock()
        )
        moving.move(
            session,
            row,
            "propose",
            STATION,
            moving.Given(detail={"proposal": made.number}),
            now=world.clock(),
        )
    world.command(booking, "agree", LI)
    told = world.booking(booking)
    assert (told.state, told.service_mode, told.fee_fen) == ("accepted", "entrusted_test", 120000)
    assert told.document["needs_report"]


def test_a_booking_keeps_the_terms_that_its_quote_showed(world: World) -> None:
    booking = world.booking(world.submit("520000", world.slot(day=2)))
    with world.database.read() as session:
        shown = session.get_one(QuoteRow, booking.quote_id).document["terms"]
    kept = terms_of(booking)
    names = ("late_cancel_percent", "no_show_grace_minutes", "no_show_percent", "confirm_days")
    assert {name: shown[name] for name in names} == {name: getattr(kept, name) for name in names}
    assert datetime.fromisoformat(shown["cancel_until"]) == kept.cancel_until(booking.starts_at)


def test_cancelling_late_and_not_coming_cost_what_the_terms_say(world: World) -> None:
    late, absent = world.submit("520000", world.slot(day=2)), world.submit("520000", world.slot(day=3))
    for booking in (late, absent):
        world.command(booking, "accept", STATION)
    world.clock.now = world.slot(day=2).start - timedelta(hours=2)
    with world.database.write() as session:
        row = moving.lock(session, late)
        body = {"command": "cancel", "reason": "plans_changed"}
        given = preparing.PREPARE["cancel"](preparing.Asked(session, row, LI, body, world.clock()))
        moving.move(session, row, "cancel", LI, given, now=world.clock())
    assert (world.state(late), world.booking(late).charge_fen) == ("cancelled", 40000)
    start = world.booking(absent).starts_at
    assert start is not None
    world.clock.now = start + timedelta(minutes=29)
    with pytest.raises(CommandRefused, match="grace"):
        world.command(absent, "no_show", STATION)
    world.clock.advance(60)
    world.command(absent, "no_show", STATION)
    assert (world.state(absent), world.booking(absent).charge_fen) == ("no_show", 80000)
    world.command(absent, "dispute", LI, reason="time_unsuitable")
    world.command(
        absent, "overturn", Actor("province_staff", "account:p", "province_staff"), reason="settled_by_staff"
    )
    assert (world.state(absent), world.booking(absent).payment) == ("cancelled", "none")


def propose(world: World, booking: str, slot: AvailabilitySlot) -> None:
    with world.database.write() as session:
        row = moving.lock(session, booking)
        terms = proposing.Terms(slot=(slot.start, slot.end))
        until = world.clock() + timedelta(hours=48)
        made = proposing.write(session, row, "enterprise", terms, until=until, now=world.clock())
        moving.move(
            session, row, "propose", LI, moving.Given(detail={"proposal": made.number}), now=world.clock()
        )


def shanghai(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_the_stations_deadline_travels_along(world: World) -> None:
    """Submitted on Friday: the day does not count, nor the week-end."""
    world.clock.now = shanghai("2026-11-20 15:00")
    world.submit("310000", world.slot(day=10))
    world.forward()
    (order,) = world.provinces["310000"].orders
    assert order.answer_due == working_time.due("310000", shanghai("2026-11-20 15:00"))
    assert order.answer_due.date().isoformat() == "2026-11-24"
