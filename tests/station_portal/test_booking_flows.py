"""Bookings in and out: counts for each pair of provinces within the reader's reach, and the bookings behind them."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

import schemas
from hub.bookings.models import Booking
from hub.bookings.rules.terms import terms_of
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.service import parties
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD, browser_of, text_of

TERMS = {"late_cancel_percent": 50, "no_show_grace_minutes": 30, "no_show_percent": 100, "confirm_days": 5}
PAGE = "/staff/booking-flows"
ROWS = [
    # number, home, visited, state, hours until its turn ends, disputed
    ("42-A1", "330402", "420000", "forwarded", -1, False),
    ("42-A2", "330402", "420000", "forwarded", 5, False),
    ("42-A3", "330501", "420000", "expired", None, False),
    ("42-A4", "420101", "420000", "accepted", 9, True),
    ("33-B1", "420101", "330000", "completed", None, False),
    ("33-C1", "310104", "330000", "forwarded", -1, False),
    ("42-D1", "330402", "420000", "draft", None, False),
]


def _put(hub: Runtime, *row: object, days: int = 1) -> None:
    number, home, visited, state, hours, is_disputed = row
    now = hub.clock()
    is_over = state in ("expired", "completed")
    with hub.database.write() as session:
        session.add(
            Booking(
                id=f"id-{number}", number=number, revision=1, state=state, is_disputed=is_disputed,
                service_mode="consultation", province=visited, channel="portal", instrument_id="42-none",
                enterprise_id=f"e-{home}", home_area=home, applicant="synthetic", turn_side="provider",
                turn_by=None if hours is None else now + timedelta(hours=hours),  # type: ignore[arg-type, operator]
                created_at=now - timedelta(days=days), updated_at=now, ended_at=now if is_over else None,
                document={
                    "instrument": {"id": "42-none", "name": "合成显微镜"}, "enterprise": {"name": "合成企业"},
                    "terms": terms_of(str(visited), now, TERMS, cancel_minutes=0).as_document(),
                },
            )
        )  # fmt: skip


@pytest.fixture
def hub(own_world: Runtime) -> Runtime:
    for row in ROWS:
        _put(own_world, *row)
    _put(own_world, "42-OLD", "310104", "420000", "completed", None, False, days=200)
    now = own_world.clock()
    with own_world.database.write() as session:
        enterprise = parties.put_enterprise(
            session, "合成企业", schemas.uscc.complete("91330400MA28A3B07"), actor="system:test", now=now
        )
        for name, role, province, area in (
            ("watcher", "province_staff", world.MANY, None),
            ("jiaxing", "bureau_staff", None, "3304"),
            ("chief", "hub_admin", None, None),
            ("clerk", "enterprise_member", None, None),
        ):
            identity.put_account(
                session, name, PASSWORD, role=role, province=province, area=area,
                party_id=enterprise.id if role == "enterprise_member" else None,
                display_name=name, is_demo=True, actor="system:test", now=now,
            )  # fmt: skip
    return own_world


def read(hub: Runtime, name: str, address: str = PAGE) -> httpx.Response:
    """The page as this person sees it."""
    with browser_of(hub) as client:
        answer = client.post("/sign-in", data={"username": name, "password": PASSWORD, "then": "/staff"})
        assert answer.status_code == 303, answer.text
        return client.get(address)


def numbers(page: str) -> set[str]:
    return {number for number, *_ in [*ROWS, ("42-OLD",)] if str(number) in page}


def test_a_province_sees_what_comes_in_what_goes_out_and_what_stays(hub: Runtime) -> None:
    page = read(hub, "watcher").text
    assert numbers(page) == {"42-A1", "42-A2", "42-A3", "42-A4", "33-B1"}
    words = text_of(page)
    for pair in ("浙江 → 湖北", "湖北 → 浙江", "湖北 → 湖北"):
        assert pair in words
    assert "上海 → 浙江" not in words


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("open", {"42-A1", "42-A2", "42-A4"}),
        ("late", {"42-A1"}),
        ("expired", {"42-A3"}),
        ("disputed", {"42-A4"}),
        ("nonsense", {"42-A1", "42-A2", "42-A3", "42-A4", "33-B1"}),
    ],
)
def test_a_figure_leads_to_the_bookings_it_counts(hub: Runtime, only: str, found: set[str]) -> None:
    assert numbers(read(hub, "watcher", f"{PAGE}?only={only}").text) == found


def test_a_pair_leads_to_its_bookings(hub: Runtime) -> None:
    page = read(hub, "watcher", f"{PAGE}?home=420000&visited=330000").text
    assert numbers(page) == {"33-B1"}


def test_a_longer_time_shows_older_bookings(hub: Runtime) -> None:
    assert "42-OLD" in read(hub, "watcher", f"{PAGE}?days=365").text


def test_a_bureau_sees_its_city_and_the_administrator_the_belt(hub: Runtime) -> None:
    assert numbers(read(hub, "jiaxing").text) == {"42-A1", "42-A2"}
    assert numbers(read(hub, "chief").text) == {"42-A1", "42-A2", "42-A3", "42-A4", "33-B1", "33-C1"}


def test_an_enterprise_does_not_oversee(hub: Runtime) -> None:
    assert read(hub, "clerk").status_code == 403


def test_a_long_list_has_pages(hub: Runtime) -> None:
    for number in range(30):
        _put(hub, f"42-P{number:02}", "330402", "420000", "forwarded", 5, False, days=2)
    first = read(hub, "watcher", f"{PAGE}?home=330000&visited=420000").text
    [following] = {
        part.split('"')[0] for part in first.split('href="')[1:] if "cursor=" in part.split('"')[0]
    }
    second = read(hub, "watcher", following.replace("&amp;", "&")).text
    shown = [sum(f"42-P{number:02}" in page for number in range(30)) for page in (first, second)]
    assert sum(shown) == 30
    assert min(shown) > 0
    assert read(hub, "watcher", f"{PAGE}?cursor=made-up").status_code == 400
