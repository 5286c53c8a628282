"""What every province's bookings must do, whatever its dialect; see README.md beside this file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import schemas
from adapters.contract import Answer, BookingOrder, BookingPort
from adapters.errors import OutcomeUnknown, Unreachable, Unsupported
from tests.adapters.bookings.platforms import Spoken, speak
from tests.contract.conftest import PROVINCES

Make = Callable[[str], Spoken]


def able(*capabilities: str) -> list[str]:
    """The provinces whose manifest declares all of these."""
    return [
        code
        for code, province in PROVINCES.items()
        if province.bookings is not None and set(capabilities) <= province.bookings.spec.capabilities
    ]


CALLED = able("submit")
WITHOUT = [code for code in PROVINCES if not able("submit").count(code) and not able("fetch").count(code)]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Make]:
    made: list[Spoken] = []

    def make(code: str) -> Spoken:
        made.append(speak(code, tmp_path / code))
        return made[-1]

    yield make
    for spoken in made:
        spoken.line.end()


def answers(spoken: Spoken, order: BookingOrder) -> list[Answer]:
    """Everything the province says about a booking, by each way it has."""
    spoken.settle()
    found = [spoken.port.lookup(order)] if "lookup" in spoken.port.capabilities else []
    if "feed" in spoken.port.capabilities:
        found += [a for page in spoken.port.feed(None) for a in page.answers if a.booking_id == order.id]
    return found


@pytest.mark.parametrize("code", PROVINCES)
def test_a_booking_reaches_its_station_one_way_or_the_other(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    if code in CALLED:
        spoken.submit(order)
        spoken.settle()
        assert len(spoken.desk.mentioning(order.id)) == 1
    elif code in able("fetch"):
        assert order.id in str(spoken.port.write(spoken.message("submit", order)))
    else:
        assert spoken.adapter.bookings is None
        sheet = spoken.adapter.booking_sheet([order])
        assert sheet.content.startswith(b"PK")
        assert order.number in sheet.filename
    assert b"BEGIN:VEVENT" in spoken.adapter.booking_calendar([order]).content


@pytest.mark.parametrize("code", CALLED)
def test_an_acceptance_comes_back_by_every_way_the_province_has(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    spoken.desk.accept(spoken.number(order))
    found = answers(spoken, order)
    assert found
    assert "accepted" in {answer.kind for answer in found}
    for answer in found:
        assert answer.booking_id == order.id
        assert answer.message_id
        assert answer.raw
        assert answer.kind != "accepted" or answer.slot == order.slot


@pytest.mark.parametrize("code", CALLED)
def test_a_refusal_has_a_reason_of_the_specification(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    spoken.desk.reject(spoken.number(order), "no_operator", "没有人")
    refused = [answer for answer in answers(spoken, order) if answer.kind == "rejected"]
    assert refused
    for answer in refused:
        assert answer.reason in schemas.codes("booking_reason")


@pytest.mark.parametrize("code", CALLED)
def test_only_what_was_surely_not_sent_is_unreachable(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    for fault, error in (("refused", Unreachable), ("unanswered", OutcomeUnknown)):
        spoken.line.faults = [fault]
        with pytest.raises(error) as caught:
            spoken.submit(order)
        assert type(caught.value) is error
    assert len(spoken.desk.mentioning(order.id)) <= 1


@pytest.mark.parametrize("code", CALLED)
def test_a_promise_about_repeats_is_kept(code: str, province: Make) -> None:
    """native: the same message again is harmless; lookup: absence can be proven; none: it cannot."""
    spoken = province(code)
    order = spoken.order()
    promise = spoken.adapter.manifest.idempotency
    if promise == "native":
        message = spoken.message("submit", order)
        assert spoken.port.send(message) == spoken.port.send(message)
        assert len(spoken.desk.mentioning(order.id)) == 1
    absent = spoken.port.lookup(spoken.order())
    assert absent.kind == ("unclear" if promise == "none" else "not_found")
    assert (spoken.port.settle_seconds > 0) == (promise == "lookup")


@pytest.mark.parametrize("code", [code for code in PROVINCES if code not in WITHOUT])
def test_what_is_not_declared_is_refused_before_anything_is_sent(code: str, province: Make) -> None:
    spoken = province(code)
    order = replace(spoken.order(), remote_id="1")
    port: BookingPort = spoken.port
    ways: dict[str, Callable[[], object]] = {
        "submit": lambda: port.send(spoken.message("submit", order)),
        "cancel": lambda: port.send(spoken.message("cancel", order)),
        "propose": lambda: port.send(spoken.message("propose", order, slot=order.slot)),
        "reply": lambda: port.send(spoken.message("agree", order, slot=order.slot, proposal_id="1")),
        "lookup": lambda: port.lookup(order),
        "feed": lambda: list(port.feed(None)),
        "callback": lambda: port.read_callback({}, b"{}"),
        "fetch": lambda: port.write(spoken.message("submit", order)),
        "availability": lambda: port.availability(order.instrument, order.slot.start, order.slot.end),
        "report": lambda: port.report(order, None),  # type: ignore[arg-type]
    }
    for name, ask in ways.items():
        if name not in port.capabilities:
            with pytest.raises(Unsupported) as refused:
                ask()
            assert refused.value.zh
            assert refused.value.en
    assert spoken.line.requests == []
