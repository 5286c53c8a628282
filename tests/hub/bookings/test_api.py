"""Bookings over HTTP: one way in, keys and revisions, walls, lists, and what a refusal says."""

import threading
import time
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, text

import schemas
from hub.app import create_app
from hub.bookings.models import Booking
from hub.core import idempotency
from tests.hub.bookings import people
from tests.hub.bookings.desk import API, Desk, quoted
from tests.hub.bookings.people import Cast, Person
from tests.hub.bookings.world import World
from tests.in_process import InProcess

pytestmark = pytest.mark.database


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
