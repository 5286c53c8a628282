"""What is due after the service: what was used, by the agreed tariff, never more than agreed without the enterprise."""

from typing import Any

import pytest
from sqlalchemy import update

import schemas
from hub.availability.models import TariffRow
from hub.bookings import wire
from hub.bookings.errors import CommandRefused
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.world import LI, STATION, World

pytestmark = pytest.mark.database

BY_USE = [{"id": "hour", "basis": "used_time", "name_zh": "机时费", "outside_fen": 40000}]


def served(world: World, usage: dict[str, Any], *, tariff: dict[str, Any] | None = None) -> str:
    """Two hours booked in Guizhou, at 400.00 an hour unless the tariff says otherwise; the usage told at check-out."""
    with world.database.write() as session:
        session.execute(update(TariffRow).values(document=tariff or {"positions": BY_USE}))
    booking = world.submit("520000", world.slot())
    with world.database.write() as session:  # a later price is nobody's surprise
        dear = [{**BY_USE[0], "outside_fen": 99900}]
        session.execute(update(TariffRow).values(document={"positions": dear}))
    give(world, booking, "accept")
    give(world, booking, "check_in")
    give(world, booking, "check_out", usage=usage)
    return booking


def told(world: World, booking: str) -> tuple[int | None, str, int]:
    row = world.booking(booking)
    reckoning = row.document["reckoning"]
    document = wire.booking_document(row)
    assert document["reckoning"] == reckoning
    assert [one.pointer for one in schemas.problems("booking", document)] == [
        "/enterprise/credit_code"
    ]  # invented
    return row.charge_fen, reckoning["state"], reckoning["difference_fen"]


@pytest.mark.parametrize(
    ("usage", "due", "state", "difference"),
    [
        ({"hours": 2.0}, 80000, "as_agreed", 0),
        ({"hours": 1.5}, 60000, "lower", -20000),
        ({"hours": 3.0}, 80000, "asks", 40000),
        ({"started_at": "2026-03-09T09:00:00+08:00", "ended_at": "2026-03-09T10:30:00+08:00"}, 60000, "lower", -20000),
        ({"quantity": 1, "charging_unit": "hour"}, 40000, "lower", -40000),
        ({"note": "未计时"}, 80000, "as_agreed", 0),
    ],
)  # fmt: skip
def test_the_fee_follows_the_usage(
    world: World, usage: dict[str, Any], due: int, state: str, difference: int
) -> None:
    booking = served(world, usage)
    assert told(world, booking) == (due, state, difference)
    lines = world.booking(booking).document["reckoning"]["lines"]
    assert sum(line["fee_fen"] for line in lines) == due if state != "asks" else due + difference


def test_a_minimum_fee_stays_a_minimum(world: World) -> None:
    tariff = {"positions": BY_USE, "minimum_fee": {"outside_fen": 50000}}
    booking = served(world, {"hours": 0.5}, tariff=tariff)
    assert told(world, booking) == (50000, "lower", -30000)
    lines = world.booking(booking).document["reckoning"]["lines"]
    assert [line["text_zh"] for line in lines] == [
        "0.5 小时 × 400.00 元/小时 = 200.00 元", "不足最低收费 500.00 元，补差 300.00 元",
    ]  # fmt: skip


def test_what_was_reserved_stays_reserved(world: World) -> None:
    reserved = [{**BY_USE[0], "basis": "reserved_time"}]
    assert told(world, served(world, {"hours": 0.5}, tariff={"positions": reserved})) == (
        80000,
        "as_agreed",
        0,
    )


def test_more_than_agreed_is_due_only_when_the_enterprise_says_so(world: World) -> None:
    booking = served(world, {"hours": 3.0})
    with pytest.raises(CommandRefused):
        world.command(booking, "confirm_fee", STATION)
    give(world, booking, "confirm_fee", LI)
    assert told(world, booking) == (120000, "confirmed", 40000)
    with pytest.raises(CommandRefused, match="no difference"):
        give(world, booking, "confirm_fee", LI)


def test_the_enterprise_may_agree_to_more_also_after_it_paid(world: World) -> None:
    booking = served(world, {"hours": 3.0})
    give(world, booking, "mark_paid")
    give(world, booking, "confirm_fee", LI)
    assert (world.booking(booking).charge_fen, world.booking(booking).payment) == (120000, "due")
    give(world, booking, "mark_paid")
    with pytest.raises(CommandRefused, match="no difference"):
        give(world, booking, "confirm_fee", LI)


def test_a_fee_that_was_agreed_as_a_whole_is_not_reckoned(world: World) -> None:
    booking = world.submit("520000", world.slot())
    give(world, booking, "propose", fee_fen=70000)
    give(world, booking, "agree", LI, proposal=1)
    give(world, booking, "check_in")
    give(world, booking, "check_out", usage={"hours": 0.5})
    row = world.booking(booking)
    assert (row.charge_fen, row.document["reckoning"]["state"]) == (70000, "as_agreed")
    assert "lines" not in row.document["reckoning"]
