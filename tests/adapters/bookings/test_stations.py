"""What the station did in the hub's portal, told to the platform that keeps the order: once, in its own words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from adapters.contract import BookingOrder, ReportFacts, StationCommand, UsageFacts
from adapters.errors import AdapterError, OutcomeUnknown, Refused, Unsupported
from adapters.simulators.desk import Period, model
from tests.adapters.bookings.platforms import Spoken

Make = Callable[[str], Spoken]

TOLD = ("310000", "320000", "510000")
REPORTED = ("310000", "320000", "330000", "510000")
SILENT = ("360000",)
FIRST, SECOND = (
    ReportFacts(str(version), f"report-{version}", sha256=str(version) * 64) for version in (1, 2)
)


def tell(spoken: Spoken, order: BookingOrder, command: Any, **more: Any) -> Any:
    answer = spoken.port.send(spoken.message(command, order, **more))
    spoken.settle()
    return answer


def known(spoken: Spoken) -> BookingOrder:
    """An order that the platform has, with its number."""
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    return replace(order, remote_id=spoken.number(order))


def state(spoken: Spoken, order: BookingOrder) -> str:
    return spoken.desk.order(spoken.number(order)).state


@pytest.mark.parametrize("code", TOLD)
def test_a_service_goes_on_at_the_platform(code: str, province: Make) -> None:
    spoken = province(code)
    order = known(spoken)
    for number, (command, reached) in enumerate(
        [
            ("accept", model.ACCEPTED),
            ("receive_samples", model.SAMPLES),
            ("check_in", model.IN_SERVICE),
            ("check_out", model.DONE),
        ]
    ):
        usage = UsageFacts(hours=1.5) if command == "check_out" else None
        tell(spoken, order, command, number=number, usage=usage)
        assert state(spoken, order) == reached
        version = spoken.desk.order(spoken.number(order)).version
        tell(spoken, order, command, number=number, usage=usage)  # the same message again
        assert spoken.desk.order(spoken.number(order)).version == version, "what is so already stays"
    used = spoken.desk.order(spoken.number(order)).usage
    assert used is not None
    assert used.hours == 1.5


@pytest.mark.parametrize("code", TOLD)
def test_a_refusal_and_a_no_show_arrive_with_their_reason(code: str, province: Make) -> None:
    spoken = province(code)
    refused, missed = known(spoken), known(spoken)
    tell(spoken, refused, "reject", reason="instrument_down", note="镜筒检修")
    assert state(spoken, refused) == model.REJECTED
    assert spoken.desk.order(spoken.number(refused)).words == "镜筒检修"
    tell(spoken, missed, "accept")
    tell(spoken, missed, "no_show", number=2)
    assert state(spoken, missed) == model.NO_SHOW


@pytest.mark.parametrize("code", TOLD)
def test_proposals_of_both_sides(code: str, province: Make) -> None:
    spoken = province(code)
    order, later = known(spoken), spoken.free_slot(skip=9)
    tell(spoken, order, "offer", slot=later)
    spoken.settle()
    answer = spoken.port.lookup(order)
    assert (answer.kind, answer.slot) == ("proposed", later)
    assert answer.proposal_id
    tell(spoken, order, "agree", number=2, slot=later, proposal_id=answer.proposal_id)
    assert spoken.desk.order(spoken.number(order)).period == Period(later.start, later.end)
    last = spoken.free_slot(skip=30)
    tell(spoken, order, "propose", number=3, slot=last)
    tell(spoken, order, "object", number=4, slot=last)
    assert spoken.desk.order(spoken.number(order)).period == Period(later.start, later.end)
    tell(spoken, order, "propose", number=5, slot=last)
    tell(spoken, order, "consent", number=6, slot=last)
    assert spoken.desk.order(spoken.number(order)).period == Period(last.start, last.end)


@pytest.mark.parametrize("code", ["310000", "320000"])
def test_a_platform_that_objects_has_surely_not_written_it_down(code: str, province: Make) -> None:
    spoken = province(code)
    order = known(spoken)
    spoken.desk.withdraw(spoken.number(order), model.NO_OPERATOR)
    with pytest.raises(Refused):
        tell(spoken, order, "accept")


def test_a_platform_that_looks_later_says_later_that_it_could_not(province: Make) -> None:
    spoken = province("510000")
    order = known(spoken)
    spoken.desk.withdraw(spoken.number(order), model.NO_OPERATOR)
    assert tell(spoken, order, "accept").kind == "received"
    answers = [answer for page in spoken.port.feed(None) for answer in page.answers]
    assert answers[-1].kind == "not_noted"
    assert answers[-1].sequence is None, "nothing changed: its number is an old one"


@pytest.mark.parametrize("code", SILENT)
def test_what_a_dialect_has_no_word_for_is_said_in_its_manifest(code: str, province: Make) -> None:
    spoken = province(code)
    assert not spoken.port.capabilities & set(get_args(StationCommand))
    with pytest.raises(Unsupported):
        tell(spoken, spoken.order(), "accept")


def served(spoken: Spoken) -> BookingOrder:
    """An order whose service is done, by the platform's own staff."""
    order = known(spoken)
    number = spoken.number(order)
    spoken.desk.accept(number)
    spoken.desk.begin(number)
    spoken.desk.finish(number)
    return order


@pytest.mark.parametrize("code", REPORTED)
def test_a_report_of_the_portal_is_written_down_once(code: str, province: Make) -> None:
    spoken = province(code)
    order = served(spoken)
    tell(spoken, order, "deliver", report=FIRST)
    held = spoken.desk.order(spoken.number(order))
    assert (held.state, held.report and held.report.digest) == (model.REPORTED, FIRST.sha256)
    tell(spoken, order, "deliver", report=FIRST, number=2)
    assert spoken.desk.order(held.number) == held, "the same again changes nothing"
    tell(spoken, order, "deliver", report=SECOND, number=3)
    tell(spoken, order, "deliver", report=FIRST, number=4)  # on its way for long
    last = spoken.desk.order(held.number)
    assert (last.version, last.report and last.report.number) == (held.version + 1, "2")


@pytest.mark.parametrize("code", REPORTED)
def test_an_answer_that_is_lost_is_found_by_asking(code: str, province: Make) -> None:
    spoken = province(code)
    order = served(spoken)
    spoken.line.only = {"320000": "yy/station", "330000": "report-save"}.get(code, "order")
    spoken.line.faults = ["unanswered"]
    with pytest.raises(OutcomeUnknown):
        tell(spoken, order, "deliver", report=FIRST)
    spoken.line.faults = []
    spoken.settle()
    answer = spoken.port.lookup(order)
    assert answer.kind == "report"
    assert answer.report is not None
    assert (answer.report.remote_id, answer.report.sha256) == ("1", FIRST.sha256)
    version = spoken.desk.order(spoken.number(order)).version
    tell(spoken, order, "deliver", report=FIRST)  # the very same message
    assert spoken.desk.order(spoken.number(order)).version == version


def test_a_platform_that_heard_of_nothing_else_keeps_the_report_beside_the_order(province: Make) -> None:
    spoken = province("330000")
    assert spoken.port.capabilities & set(get_args(StationCommand)) == {"deliver"}
    order = known(spoken)
    answer = tell(spoken, order, "deliver", report=FIRST)
    assert (answer.kind, answer.report and answer.report.sha256) == ("received", FIRST.sha256)
    held = spoken.desk.order(spoken.number(order))
    assert (held.state, held.report and held.report.digest) == (model.PENDING, FIRST.sha256)


@pytest.mark.parametrize("code", ["310000", "320000", "510000"])
def test_bytes_that_are_not_here_cannot_be_asked_for(code: str, province: Make) -> None:
    spoken = province(code)
    order = served(spoken)
    tell(spoken, order, "deliver", report=FIRST)
    with pytest.raises(AdapterError):
        spoken.port.report(order, FIRST)


def test_a_report_before_the_service_contradicts(province: Make) -> None:
    spoken = province("310000")
    with pytest.raises(Refused):
        tell(spoken, known(spoken), "deliver", report=FIRST)
