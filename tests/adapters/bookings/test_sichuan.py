"""四川 by itself: one of several orders is cancelled by its own number; it takes everything and acts later."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.contract import BookingOrder
from adapters.simulators.desk import model
from tests.adapters.bookings.platforms import Spoken

Make = Callable[[str], Spoken]


@pytest.fixture
def doubled(province: Make) -> tuple[Spoken, BookingOrder, list[str]]:
    """An order that the line delivered twice, the second for a test without a time, so that both are taken."""
    spoken = province("510000")
    order = spoken.order(service_mode="entrusted_test")
    for number in (1, 2):
        spoken.port.send(spoken.message("submit", order, number=number))
    spoken.settle()
    return spoken, order, [held.number for held in spoken.desk.under(order.id)]


def states(spoken: Spoken, order: BookingOrder) -> list[str]:
    return [held.state for held in spoken.desk.under(order.id)]


def test_the_order_that_is_named_is_cancelled_and_no_other(
    doubled: tuple[Spoken, BookingOrder, list[str]],
) -> None:
    spoken, order, (first, second) = doubled
    assert spoken.port.cancels_by_number
    assert spoken.port.lookup(replace(order, remote_id=first)).duplicate_ids == (second,)
    answer = spoken.port.send(spoken.message("cancel", replace(order, remote_id=second)))
    assert (answer.kind, states(spoken, order)) == ("received", [model.PENDING, model.PENDING])
    spoken.settle()
    assert states(spoken, order) == [model.PENDING, model.CANCELLED]
    assert spoken.port.lookup(replace(order, remote_id=first)).duplicate_ids == ()


def test_without_a_number_the_first_open_one_is_meant(
    doubled: tuple[Spoken, BookingOrder, list[str]],
) -> None:
    spoken, order, _ = doubled
    spoken.port.send(spoken.message("cancel", order))
    spoken.settle()
    assert states(spoken, order) == [model.CANCELLED, model.PENDING]


def test_a_number_of_another_booking_is_not_taken(doubled: tuple[Spoken, BookingOrder, list[str]]) -> None:
    spoken, order, (first, _) = doubled
    other = spoken.order()
    spoken.submit(other)
    spoken.settle()
    answer = spoken.port.send(spoken.message("cancel", replace(other, remote_id=first)))
    assert answer.kind == "not_found"
    spoken.settle()
    assert states(spoken, order) == [model.PENDING, model.PENDING]
