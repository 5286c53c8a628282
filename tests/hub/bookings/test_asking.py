"""What is asked for over HTTP: fees that change, drafts, slots and instruments that cannot be booked."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from hub.app import create_app
from hub.availability import service as availability
from hub.availability.models import RulesRow, TariffRow
from hub.bookings import wire
from hub.bookings.models import Booking
from hub.catalog.models import Instrument
from hub.core.db import Database
from tests.hub.bookings import people
from tests.hub.bookings.desk import API, Desk, quoted
from tests.hub.bookings.people import Cast
from tests.hub.bookings.world import World, instrument_id, request
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def test_a_changed_fee_keeps_the_slot_and_asks_again(world: World, cast: Cast, desk: Desk) -> None:
    body = quoted(world, cast)
    with world.database.write() as session:
        tariff = session.get_one(TariffRow, (instrument_id("310000"), 1))
        position = {**tariff.document["positions"][0], "outside_fen": 50000}
        tariff.document = {**tariff.document, "positions": [position]}
    answer = desk.submit(cast.li, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "fee_changed")
    booking = answer.headers["location"].rsplit("/", 1)[1]
    draft = desk.read(cast.li, booking)
    assert draft["state"] == "draft"
    assert world.claim(booking) == "held"
    agreed = desk.command(cast.li, booking, "submit")
    assert agreed.status_code == 200, agreed.text
    assert desk.read(cast.li, booking)["fee_fen"] == 100000


def test_what_is_not_shared_is_refused_in_words(world: World, cast: Cast, desk: Desk) -> None:
    asked = quoted(world, cast)
    with world.database.write() as session:
        row = session.get_one(Instrument, instrument_id("310000"))
        row.sharing_mode, row.document = "none", {**row.document, "sharing_mode": "none"}
    refused = desk.submit(cast.li, asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_eligible")
    told = refused.json()
    assert (told["title"], told["hint"]) == ("不能预约：本仪器不共享。", "请另选仪器。")
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0


def test_a_draft_is_submitted_for_its_own_instrument_only(
    database: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    """Else one that is not shared would be booked with the eligibility and the fee of one that is."""
    world = World.build(database, clock, tmp_path, instruments=2)
    cast = people.settle(world.database, world.clock())
    with world.database.write() as session:
        row = session.get_one(Instrument, instrument_id("310000", 2))
        row.sharing_mode, row.document = "none", {**row.document, "sharing_mode": "none"}
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as http:
        desk = Desk(http)
        closed = {"command": "save_draft", "request": request("310000", world.slot(), number=2)}
        draft = desk.submit(cast.li, closed).json()["id"]
        refused = desk.command(cast.li, draft, "submit", request=quoted(world, cast)["request"])
    told = refused.json()
    assert (refused.status_code, told["code"], told["field"]) == (
        422, "draft_mismatch", "/request/instrument_id",
    )  # fmt: skip
    assert (world.state(draft), world.claim(draft)) == ("draft", "none")


def test_what_was_asked_for_survives_a_changed_fee(
    world: World, cast: Cast, desk: Desk, http: httpx.Client
) -> None:
    """Whoever needs an operator is eligible only with one: the draft that keeps the slot remembers it."""
    with world.database.write() as session:
        kept = session.get_one(RulesRow, (instrument_id("310000"), 1))
        training = {"code": "sem", "name_zh": "扫描电镜上机培训"}
        kept.document = {**kept.document, "training": training, "operator": "on_request"}
    asked = request("310000", world.slot(), with_operator=True)
    wanted = {name: value for name, value in asked.items() if name != "contact"}
    quote = http.post(f"{API}/quotes", json=wanted, headers=cast.li.headers()).json()
    with world.database.write() as session:
        tariff = session.get_one(TariffRow, (instrument_id("310000"), 1))
        position = {**tariff.document["positions"][0], "outside_fen": 50000}
        tariff.document = {**tariff.document, "positions": [position]}
    answer = desk.submit(cast.li, {"command": "submit", "request": {**asked, "quote_id": quote["id"]}})
    assert answer.json()["code"] == "fee_changed"
    booking = answer.headers["location"].rsplit("/", 1)[1]
    assert desk.command(cast.li, booking, "submit").status_code == 200
    assert desk.read(cast.station, booking)["with_operator"] is True
    assert wire.order_to_document(world.booking(booking))["note"].startswith("需要操作人员。")


def test_a_draft_whose_fee_changed_may_take_another_time(world: World, cast: Cast, desk: Desk) -> None:
    """The time that it kept is free again; where the other one is taken, it stays."""
    body, other = quoted(world, cast), world.slot(day=8)
    with world.database.write() as session:
        tariff = session.get_one(TariffRow, (instrument_id("310000"), 1))
        position = {**tariff.document["positions"][0], "outside_fen": 50000}
        tariff.document = {**tariff.document, "positions": [position]}
    booking = desk.submit(cast.li, body).headers["location"].rsplit("/", 1)[1]
    moved = quoted(world, cast, slot=other)["request"]
    first = desk.submit(cast.li, quoted(world, cast, slot=other)).json()["id"]
    refused = desk.command(cast.li, booking, "submit", request=moved)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    assert world.claim(booking) == "held"
    assert desk.command(cast.li, first, "cancel", reason="plans_changed").json()["state"] == "cancelled"
    assert desk.command(cast.li, booking, "submit", request=moved).status_code == 200
    assert world.booking(booking).starts_at == other.start
    assert desk.submit(cast.li, quoted(world, cast)).status_code == 201, "the time it had is free again"


BAD = {
    "past": ((-1, 9, 2), "slot_past"),
    "too short": ((7, 9, 0), "slot_malformed"),
    "too soon": ((0, 9.5, 1), "slot_too_soon"),
    "too long": ((7, 9, 9), "slot_too_long"),
    "too far": ((90, 9, 2), "slot_too_far"),
    "off the grid": ((7, 9.1, 2), "slot_malformed"),
    "closed": ((8, 9, 2), "slot_closed"),
    "overlapping": ((9, 10, 2), "slot_taken"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_slot_is_refused_in_the_transaction_that_books(
    world: World, cast: Cast, desk: Desk, name: str
) -> None:
    """With a quote for a good one: the slot is judged before anything else, and nothing is left behind."""
    body = quoted(world, cast)
    assert desk.submit(cast.li, quoted(world, cast, slot=world.slot(day=9))).status_code == 201
    with world.database.write() as session:
        start, end = world.slot(day=8)
        closed = {"start": start.isoformat(), "end": end.isoformat(), "reason": "maintenance"}
        held = instrument_id("310000")
        availability.close(session, held, closed, instrument_ids=[held], actor="t", now=world.clock())
    (day, hour, hours), code = BAD[name]
    start = world.slot(day=day, hour=0).start + timedelta(hours=hour)
    slot = {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat()}
    refused = desk.submit(cast.li, {**body, "request": {**body["request"], "slot": slot}})
    told = refused.json()
    assert (refused.status_code // 100, told["code"]) == (4, code), told
    assert {"zh", "en", "hint"} <= told.keys()
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 1


def test_an_instrument_withdrawn_between_page_and_click_is_refused(
    world: World, cast: Cast, desk: Desk
) -> None:
    body = quoted(world, cast)
    with world.database.write() as session:
        row = session.get_one(Instrument, instrument_id("310000"))
        row.is_listed, row.withdrawn_at = False, world.clock()
    refused = desk.submit(cast.li, body)
    assert refused.status_code in {410, 422}, refused.text
    assert "withdrawn" in refused.text
    unknown = {**body, "request": {**body["request"], "instrument_id": "31-aaaaaaaaaaaa"}}
    assert (desk.submit(cast.li, unknown).status_code, desk.submit(cast.li, unknown).json()["code"]) == (
        404, "instrument_unknown",
    )  # fmt: skip
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0
