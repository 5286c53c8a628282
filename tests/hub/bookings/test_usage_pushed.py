"""What platforms and sensors tell: once for each number at the source, in order or not, never of another's booking."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

import schemas
from adapters.contract import EvidenceFacts, UsageFacts
from hub.app import create_app
from hub.bookings.errors import BookingUnknown
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.settlement.errors.usage import UsageConflict, UsageInvalid, UsageRefused, UsageTooEarly
from hub.settlement.models import Usage
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.test_saga import hear
from tests.hub.bookings.using import GUIZHOU, Used
from tests.hub.bookings.world import World
from tests.in_process import InProcess

pytestmark = pytest.mark.database

SHANGHAI = "310000"

ELSEWHERE = Principal("platform", "platform:sh", "平台", "platform", "310000", scopes=("usage",))


@pytest.fixture
def used(world: World) -> Used:
    return Used.build(world)


def ran(*spans: tuple[str, str, str]) -> list[dict[str, str]]:
    return [
        {"state": state, "start": f"2026-01-12T{start}:00+08:00", "end": f"2026-01-12T{end}:00+08:00"}
        for state, start, end in spans
    ]


def test_a_push_checks_out_a_booking_in_service(used: Used) -> None:
    booking = used.in_service()
    done = used.push(booking, "gz-1", used={"hours": 1.5})
    assert (done.is_replayed, done.answer["source"], done.answer["external_id"]) == (
        False,
        "platform",
        "gz-1",
    )
    assert used.world.state(booking) == "service_done"
    assert used.usage(booking)["fee_fen"] == 60_000


def test_a_sensor_charges_running_and_not_idling(used: Used) -> None:
    booking = used.in_service()
    spans = ran(("running", "09:00", "10:10"), ("idle", "10:10", "10:40"), ("running", "10:40", "11:00"))
    proof = [{"kind": "sensor_log", "sha256": "c" * 64}]
    used.push(booking, "s-1", source="sensor", intervals=spans, evidence=proof)
    told = used.usage(booking)
    assert (told["source"], told["billable_minutes"], told["fee_fen"]) == ("sensor", 90, 60_000)
    assert (told["intervals"], told["evidence"]) == (spans, proof)


def test_told_twice_is_told_once_and_another_content_is_refused(used: Used) -> None:
    booking = used.in_service()
    first = used.push(booking, "gz-1", used={"hours": 1.5})
    again = used.push(booking, "gz-1", used={"hours": 1.5})
    assert again.is_replayed
    assert again.answer["version"] == first.answer["version"] == 1
    with pytest.raises(UsageConflict) as found:
        used.push(booking, "gz-1", used={"hours": 1.6})
    assert (found.value.status, found.value.field) == (422, "/external_id")
    used.command(booking, "confirm")
    assert used.push(booking, "gz-1", used={"hours": 1.5}).is_replayed, "also long afterwards"


def test_a_sensor_that_speaks_later_amends_what_waits(used: Used) -> None:
    booking = used.served({"hours": 2.0})
    used.push(
        booking,
        "s-1",
        source="sensor",
        intervals=ran(("running", "09:00", "10:00"), ("idle", "10:00", "11:00")),
    )
    told = used.usage(booking)
    assert ([one["fee_fen"] for one in told["versions"]], told["state"]) == ([80_000, 40_000], "submitted")


def test_too_early_too_late_and_of_others(used: Used) -> None:
    booking = used.world.submit(GUIZHOU, used.world.slot())
    with pytest.raises(UsageTooEarly):
        used.push(booking, "gz-1", used={"hours": 1.0})
    with pytest.raises(BookingUnknown):
        used.push(booking, "gz-1", ELSEWHERE, used={"hours": 1.0})
    give(used.world, booking, "accept")
    give(used.world, booking, "check_in")
    give(used.world, booking, "check_out", usage={"hours": 2.0})
    used.command(booking, "confirm")
    with pytest.raises(UsageRefused):
        used.push(booking, "gz-1", used={"hours": 1.0})
    assert used.usage(booking)["version"] == 1


@pytest.mark.parametrize("is_done", [False, True])
def test_a_booking_without_a_fee_has_no_usage_to_keep(used: Used, is_done: bool) -> None:
    booking = used.world.submit(GUIZHOU)
    for command in ("accept", "check_in", *(("check_out",) if is_done else ())):
        give(used.world, booking, command, **({"usage": {"hours": 2.0}} if command == "check_out" else {}))
    state = used.world.state(booking)
    with pytest.raises(UsageInvalid) as found:
        used.push(booking, "gz-1", used={"hours": 1.5})
    assert found.value.field == "/reference"
    assert used.world.state(booking) == state
    with used.database.read() as session:
        assert session.scalars(select(Usage)).all() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"source": "staff", "used": {"hours": 1}}, "/source"),
        ({}, "/used"),
        ({"intervals": ran(("running", "10:00", "09:00"))}, "/intervals/0"),
        ({"intervals": ran(("running", "09:00", "10:00"), ("idle", "09:59", "10:30"))}, "/intervals/1"),
        ({"used": {"started_at": "2026-01-12T10:00:00+08:00", "ended_at": "2026-01-12T09:00:00+08:00"}}, "/used/ended_at"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_names_the_field(used: Used, body: dict[str, Any], field: str) -> None:
    booking = used.in_service()
    with pytest.raises(UsageInvalid) as found:
        used.push(booking, "gz-1", **body)
    assert (found.value.field, found.value.status) == (field, 422)
    assert used.world.state(booking) == "in_service"


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as held:
        yield held


def test_over_http(used: Used, http: httpx.Client) -> None:
    booking = used.in_service()
    with used.database.write() as session:
        mine, other = (
            identity.issue_key(session, code, label="p", actor="system:test", now=used.world.clock())
            for code in (GUIZHOU, "310000")
        )
    body = {"source": "platform", "external_id": "gz-1", "reference": booking, "used": {"hours": 1.5}}
    headers = {"Authorization": f"Bearer {mine}"}
    first = http.post("/api/v1/usage", json=body, headers=headers)
    again = http.post("/api/v1/usage", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert again.headers["idempotency-replayed"] == "true"
    assert schemas.problems("usage", first.json()) == []
    changed = http.post("/api/v1/usage", json={**body, "used": {"hours": 2}}, headers=headers)
    assert (changed.status_code, changed.json()["code"]) == (422, "usage_conflict")
    foreign = http.post("/api/v1/usage", json=body, headers={"Authorization": f"Bearer {other}"})
    assert foreign.status_code == 404
    assert http.post("/api/v1/usage", json=body).status_code == 401
    malformed = http.post("/api/v1/usage", json={"source": "platform"}, headers=headers)
    assert (malformed.status_code, malformed.json()["errors"][0]["pointer"]) == (422, "/external_id")
    read = http.get(f"/api/v1/usage/{first.json()['id']}", headers=headers)
    assert (read.status_code, read.headers["etag"]) == (200, f'"{read.json()["revision"]}"')
    listed = http.get("/api/v1/usage?state=submitted", headers=headers).json()
    assert [one["id"] for one in listed["items"]] == [first.json()["id"]]
    assert http.get("/api/v1/usage?state=locked", headers=headers).json()["items"] == []


def told(hours: float, remote_id: str | None = "SY-1") -> UsageFacts:
    return UsageFacts(hours=hours, remote_id=remote_id)


def at_shanghai(used: Used) -> str:
    """A booking that the platform of Shanghai has in service."""
    booking = used.world.submit(SHANGHAI, used.world.slot())
    used.world.forward()
    for kind in ("accepted", "in_service"):
        assert hear(used.world, SHANGHAI, used.world.provinces[SHANGHAI].decide(booking, kind)) == "applied"
    return booking


def test_the_platforms_own_words_are_a_usage_with_its_own_number(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.5))) == "applied"
    held = used.usage(booking)
    assert (held["source"], held["external_id"], held["fee_fen"]) == ("platform", "SY-1", 60_000)
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.5))) == "nothing"
    assert used.usage(booking)["version"] == 1


def test_a_platform_that_corrects_itself_makes_another_version_and_never_a_silent_one(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.5)))
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.0, "SY-2"))) == "applied"
    assert [one["fee_fen"] for one in used.usage(booking)["versions"]] == [60_000, 40_000]
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(0.5, "SY-2"))) == "case"
    used.command(booking, "confirm")
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(0.5, "SY-3"))) == "case"
    assert (used.usage(booking)["version"], len(used.lines(booking))) == (2, 1)
    assert used.world.cases() == [("contradiction", "open")]


LOG, SHEET = EvidenceFacts("run_log", "a" * 64, "运行日志"), EvidenceFacts("sign_sheet", "b" * 64)


def test_what_proves_a_use_at_the_platform_comes_with_the_platforms_own_words(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    said = UsageFacts(hours=1.5, remote_id="SY-1", evidence=(LOG,))
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=said)) == "applied"
    held = used.usage(booking)
    assert held["evidence"] == [{"kind": "run_log", "sha256": "a" * 64, "name": "运行日志"}]
    assert schemas.is_valid("usage", held)
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=said)) == "nothing"
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.5))) == "nothing"
    assert used.usage(booking)["version"] == 1


def test_proofs_that_come_later_are_added_and_take_nothing_away(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(2.0)))
    spans = ran(("running", "09:00", "10:30"), ("idle", "10:30", "11:00"))
    log = [{"kind": "sensor_log", "sha256": "c" * 64}]
    used.push(booking, "s-1", ELSEWHERE, source="sensor", intervals=spans, evidence=log)
    more = UsageFacts(hours=1.5, remote_id="SY-1", evidence=(LOG, SHEET))
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=more)) == "applied"
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=more)) == "nothing"
    held = used.usage(booking)
    assert [each["sha256"][0] for each in held["evidence"]] == ["c", "a", "b"]
    assert (held["version"], held["billable_minutes"], held["intervals"]) == (3, 90, spans)
    used.command(booking, "confirm")
    late = UsageFacts(hours=1.5, remote_id="SY-1", evidence=(EvidenceFacts("photo", "d" * 64),))
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=late)) == "case"
    assert used.usage(booking)["version"] == 3


def test_a_version_names_fifty_proofs_at_most(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    many = tuple(EvidenceFacts("photo", f"{number:064x}") for number in range(60))
    for count in (40, 60, 60):
        said = UsageFacts(hours=1.5, remote_id="SY-1", evidence=many[:count])
        hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=said))
    held = used.usage(booking)
    assert (len(held["evidence"]), held["version"]) == (50, 2)
    assert schemas.is_valid("usage", held)


def test_what_the_platform_does_not_know_contradicts_nothing(used: Used) -> None:
    booking = at_shanghai(used)
    platform = used.world.provinces[SHANGHAI]
    hear(used.world, SHANGHAI, platform.decide(booking, "done"))
    assert hear(used.world, SHANGHAI, platform.decide(booking, "done", usage=told(1.5))) == "nothing"
    assert used.usage(booking)["fee_fen"] == 80_000
