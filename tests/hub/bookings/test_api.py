"""Bookings over HTTP: one way in, keys and revisions, walls, lists, and what a refusal says."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

import schemas
from hub.app import create_app
from hub.availability import service as availability
from hub.availability.models import RulesRow, TariffRow
from hub.availability.service import Slot
from hub.bookings import wire
from hub.bookings.models import Booking
from hub.catalog.models import Instrument
from hub.core import idempotency
from hub.core.db import Database
from tests.hub.bookings import people
from tests.hub.bookings.people import Cast, Person
from tests.hub.bookings.world import World, instrument_id, request
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

API = "/api/v1"


@pytest.fixture
def cast(world: World) -> Cast:
    return people.settle(world.database, world.clock())


@pytest.fixture
def http(world: World, cast: Cast) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as held:
        yield held


class Desk:
    """Somebody at the API: each command with a key and the revision that was read last."""

    def __init__(self, http: httpx.Client) -> None:
        self.http, self.count = http, 0

    def key(self) -> str:
        self.count += 1
        return f"key-of-this-test-{self.count:04}"

    def submit(self, who: Person, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {**who.headers(), "Idempotency-Key": key or self.key()}
        return self.http.post(f"{API}/bookings", json=body, headers=headers)

    def command(
        self,
        who: Person,
        booking: str,
        command: str,
        revision: int | None = None,
        key: str | None = None,
        **body: Any,
    ) -> httpx.Response:
        if revision is None:
            revision = self.read(who, booking)["revision"]
        headers = {**who.headers(), "Idempotency-Key": key or self.key(), "If-Match": f'"{revision}"'}
        told = {"command": command, **body}
        return self.http.post(f"{API}/bookings/{booking}/commands/{command}", json=told, headers=headers)

    def read(self, who: Person, booking: str) -> dict[str, Any]:
        answer = self.http.get(f"{API}/bookings/{booking}", headers=who.headers())
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        assert schemas.problems("booking", document) == []
        return document


@pytest.fixture
def desk(http: httpx.Client) -> Desk:
    return Desk(http)


def quoted(world: World, cast: Cast, province: str = "310000", slot: Slot | None = None) -> dict[str, Any]:
    from hub.availability.service import Asker

    asked = request(province, slot or world.slot())
    principal = cast.li.principal
    asker = Asker(
        principal.name,
        enterprise_id=principal.party_id,
        is_verified=True,
        holders=frozenset({principal.party_id or ""}),
    )
    with world.database.write() as session:
        quote = availability.quote(session, asker, asked["instrument_id"], asked, now=world.clock())
    return {"command": "submit", "request": {**asked, "quote_id": quote.id}}


def test_from_submit_to_complete(world: World, cast: Cast, desk: Desk) -> None:
    answer = desk.submit(cast.li, quoted(world, cast, "520000"))
    assert answer.status_code == 201, answer.text
    booking = answer.json()["id"]
    assert answer.headers["location"] == f"{API}/bookings/{booking}"
    assert desk.read(cast.li, booking)["state"] == "forwarded"
    guizhou = people_of_guizhou(world)
    assert desk.read(guizhou, booking)["turn"]["side"] == "provider"
    for who, command, body in (
        (guizhou, "accept", {}),
        (guizhou, "check_in", {}),
        (guizhou, "check_out", {"usage": {"hours": 2.0}}),
        (guizhou, "mark_paid", {}),
        (cast.li, "complete", {}),
    ):
        assert command in desk.read(who, booking)["actions"]
        given = desk.command(who, booking, command, **body)
        assert given.status_code == 200, given.text
    told = desk.read(cast.li, booking)
    assert (told["state"], told["payment"]) == ("completed", "paid")
    assert [entry["command"] for entry in told["timeline"]] == [
        "submit", "acknowledge", "accept", "check_in", "check_out", "mark_paid", "complete",
    ]  # fmt: skip


def people_of_guizhou(world: World) -> Person:
    with world.database.write() as session:
        operator = people.queries.station_of(session, "520000")
        assert operator is not None
        return people.put_person(
            session,
            "guizhou",
            "station_staff",
            world.clock(),
            party_id=operator.operator_id,
            province="520000",
        )


def test_the_same_key_gives_the_same_answer_and_one_booking(world: World, cast: Cast, desk: Desk) -> None:
    body = quoted(world, cast)
    first = desk.submit(cast.li, body, "one-key-for-one-booking")
    again = desk.submit(cast.li, body, "one-key-for-one-booking")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = desk.submit(cast.li, {**body, "text": "另一项"}, "one-key-for-one-booking")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 1


def test_a_command_in_flight_is_waited_for_and_then_told(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the database lets one writer in at a time, and the second would wait for its turn instead."""
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
    app = create_app(world.runtime)
    body = quoted(world, cast)
    answers: list[httpx.Response] = []

    def submit() -> None:
        with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as http:
            answers.append(Desk(http).submit(cast.li, body, "key-of-one-command"))

    first = threading.Thread(target=submit)
    with world.database.write() as session:
        session.execute(
            text("SELECT 1" if world.database.is_sqlite else "LOCK TABLE availability_cell IN EXCLUSIVE MODE")
        )
        first.start()
        while not app.state.running:
            time.sleep(0.005)
        submit()
    first.join()
    told, done = answers
    assert (told.status_code, told.json()["code"], told.headers["Retry-After"]) == (
        409,
        "command_in_flight",
        "1",
    )
    assert done.status_code == 201
    submit()
    assert (answers[-1].json(), answers[-1].headers["Idempotency-Replayed"]) == (done.json(), "true")


def test_a_command_needs_key_and_revision(world: World, cast: Cast, desk: Desk, http: httpx.Client) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    address = f"{API}/bookings/{booking}/commands/cancel"
    body = {"command": "cancel", "reason": "plans_changed"}
    bare = http.post(address, json=body, headers=cast.li.headers())
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency_key_missing")
    keyed = http.post(address, json=body, headers={**cast.li.headers(), "Idempotency-Key": desk.key()})
    assert (keyed.status_code, keyed.json()["code"]) == (428, "revision_missing")
    stale = desk.command(cast.li, booking, "cancel", revision=99, reason="plans_changed")
    assert (stale.status_code, stale.json()["code"]) == (412, "revision_stale")
    assert desk.command(cast.li, booking, "cancel", reason="plans_changed").json()["state"] == "cancelled"


def test_a_refusal_says_the_state_and_what_is_possible(world: World, cast: Cast, desk: Desk) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    early = desk.command(cast.li, booking, "complete")
    assert (early.status_code, early.json()["code"]) == (409, "command_refused")
    assert "取消" in early.json()["detail"]
    assert {"pointer": "/state", "code": "submitted"}.items() <= early.json()["errors"][1].items()


def test_strangers_see_nothing_and_nobody_acts_for_the_other_side(
    world: World, cast: Cast, desk: Desk, http: httpx.Client
) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    world.forward()
    hidden = http.get(f"{API}/bookings/{booking}", headers=cast.stranger.headers())
    assert hidden.status_code == 404
    assert http.get(f"{API}/bookings", headers=cast.stranger.headers()).json()["items"] == []
    for who in (cast.li, cast.admin, cast.province_staff):
        refused = desk.command(who, booking, "accept", revision=2)
        assert refused.status_code == 403, (who.principal.role, refused.text)
    assert desk.command(cast.station, booking, "accept").status_code == 200


def test_who_is_responsible_acts_and_both_see_it(world: World, cast: Cast, desk: Desk) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    world.forward()
    early = desk.command(cast.owner, booking, "accept")
    assert (early.status_code, early.json()["errors"][0]["code"]) == (409, "not_responsible")
    deadline = desk.read(cast.owner, booking)["turn"]["by"]
    assert desk.command(cast.station, booking, "dispatch").status_code == 200
    assert desk.read(cast.owner, booking)["turn"]["by"] == deadline
    assert "accept" not in desk.read(cast.station, booking)["actions"]
    assert desk.command(cast.owner, booking, "accept").status_code == 200


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


def test_lists_go_page_by_page_and_the_queue_by_deadline(
    world: World, cast: Cast, desk: Desk, http: httpx.Client
) -> None:
    made = []
    for day in (3, 4, 5):
        made.append(desk.submit(cast.li, quoted(world, cast, slot=world.slot(day=day))).json()["id"])
        world.clock.advance(60)
    world.forward()
    seen, cursor = [], None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = http.get(f"{API}/bookings", params=params, headers=cast.manager.headers()).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]
    queue = http.get(f"{API}/bookings/queue", headers=cast.station.headers()).json()["items"]
    assert sorted(item["id"] for item in queue) == sorted(made)
    assert http.get(f"{API}/bookings/queue", headers=cast.owner.headers()).json()["items"] == []


def test_events_are_numbered_and_only_ones_own(
    world: World, cast: Cast, desk: Desk, http: httpx.Client
) -> None:
    from hub.core import sequencer

    desk.submit(cast.li, quoted(world, cast))
    world.forward()
    sequencer.number_once(world.database)
    told = http.get(f"{API}/events", headers=cast.li.headers()).json()
    assert [event["command"] for event in told["items"]] == ["submit", "acknowledge"]
    assert all(schemas.problems("booking-event", event) == [] for event in told["items"])
    assert (
        http.get(f"{API}/events", params={"after": told["next"]}, headers=cast.li.headers()).json()["items"]
        == []
    )
    assert http.get(f"{API}/events", headers=cast.stranger.headers()).json()["items"] == []


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


@pytest.mark.parametrize(
    ("day", "told", "field"),
    [(9, {"until": "2099-01-01T00:00:00+08:00"}, "/until"), (40, {}, None), (-1, {}, "/slot")],
)
def test_a_proposal_does_not_keep_two_times_for_ever(
    desk: Desk, world: World, cast: Cast, day: int, *, told: dict[str, str], field: str | None
) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    world.forward()
    slot = world.slot(day=day)
    body = {"slot": {"start": slot.start.isoformat(), "end": slot.end.isoformat()}}
    answer = desk.command(cast.station, booking, "propose", **body, **told)
    if field is None:
        assert answer.status_code == 200, answer.text
        assert world.booking(booking).timer_at == world.clock() + timedelta(hours=48)
    else:
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert world.state(booking) == "forwarded"


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


def test_a_booking_is_handed_to_a_colleague_and_to_nobody_else(world: World, cast: Cast, desk: Desk) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    for other in (cast.stranger, cast.station):
        refused = desk.command(cast.li, booking, "transfer", person_id=other.principal.person_id)
        assert (refused.status_code, refused.json()["code"]) == (422, "colleague_unfit")
    handed = desk.command(cast.li, booking, "transfer", person_id=cast.manager.principal.person_id)
    assert handed.status_code == 200, handed.text
    assert world.booking(booking).applicant == cast.manager.principal.name
    assert desk.command(cast.stranger, booking, "cancel", 2, reason="plans_changed").status_code in {403, 404}


def test_a_declined_proposal_leaves_the_old_time_and_frees_the_other(
    world: World, cast: Cast, desk: Desk
) -> None:
    booking = desk.submit(cast.li, quoted(world, cast)).json()["id"]
    world.forward()
    other = world.slot(day=9)
    body = {"slot": {"start": other.start.isoformat(), "end": other.end.isoformat()}}
    free_by_then = quoted(world, cast, slot=other)
    assert desk.command(cast.station, booking, "propose", **body).status_code == 200
    assert desk.submit(cast.li, free_by_then).json()["code"] == "slot_taken"
    assert desk.command(cast.li, booking, "decline", proposal=2).json()["code"] == "proposal_changed"
    declined = desk.command(cast.li, booking, "decline", proposal=1)
    assert (declined.status_code, declined.json()["state"]) == (200, "forwarded")
    assert world.booking(booking).starts_at == world.slot().start
    assert desk.submit(cast.li, free_by_then).status_code == 201
