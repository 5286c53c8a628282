"""The personal calendar feed: a secret address that can be renewed, own bookings only, nothing personal, valid iCalendar."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import icalendar
from sqlalchemy import select

from hub.bookings.models import Booking, CalendarFeed
from hub.identity.models import Grant, Person
from tests.station_portal import test_bookings
from tests.station_portal.booking_stage import ENTERPRISE
from tests.station_portal.conftest import browser_of, csrf_of, text_of
from tests.station_portal.test_booking_queue import arrived, number_of
from tests.station_portal.test_bookings import Stage, enter, give

stage = test_bookings.stage
PAGE = "/account/calendar"


def made(browser: httpx.Client) -> str:
    """The path of a new address."""
    answer = browser.post(PAGE, data={"csrf_token": csrf_of(browser.get(PAGE).text)})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r'class="secret">([^<]+)<', answer.text)
    assert found is not None
    return urlsplit(found[1]).path


def events(browser: httpx.Client, path: str) -> dict[str, icalendar.Event]:
    """The feed's events by the booking's page."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))  # RFC 5545, 3.1
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.content
    found = calendar.walk("VEVENT")
    assert all(event.errors == [] and {"UID", "DTSTAMP", "DTSTART"} <= set(event) for event in found)
    return {f"/bookings/{str(event['uid']).partition('@')[0]}": event for event in found}


def test_a_feed_shows_ones_own_bookings_to_a_program_that_cannot_sign_in(stage: Stage) -> None:
    mine, gone = arrived(stage, 2)
    path = made(stage.enterprise)
    assert path in made_is_linked(stage, path)
    with browser_of(stage.runtime) as program:
        assert set(events(program, path)) == {mine, gone}
        assert give(stage.station, gone, "reject", reason="instrument_down").status_code == 303
        assert give(stage.station, mine, "accept").status_code == 303
        held = events(program, path)
        assert (str(held[mine]["status"]), str(held[gone]["status"])) == ("CONFIRMED", "CANCELLED")
        assert held[mine]["sequence"] == 3
        text = program.get(path).content.replace(b"\r\n ", b"").decode()
    for private in ("李工", "13800000000", "钛合金断口", ENTERPRISE, "account:"):
        assert private not in text
    assert number_of(stage, mine) in text


def made_is_linked(stage: Stage, path: str) -> str:
    """The account leads to the page of the feed; the secret is in no page again and in no row."""
    assert PAGE in stage.enterprise.get("/account").text
    assert path not in stage.enterprise.get(PAGE).text
    secret = path.rpartition("/")[2].removesuffix(".ics")
    with stage.runtime.database.read() as session:
        row = session.scalars(select(CalendarFeed)).one()
        assert secret not in row.token_hash
    return path


def test_a_renewed_or_stopped_address_is_dead(stage: Stage) -> None:
    first = made(stage.enterprise)
    second = made(stage.enterprise)
    with browser_of(stage.runtime) as program:
        assert program.get(first).status_code == 404
        assert program.get(second).status_code == 200
        token = csrf_of(stage.enterprise.get(PAGE).text)
        for _ in range(2):
            assert stage.enterprise.post(f"{PAGE}/stop", data={"csrf_token": token}).status_code == 303
        assert program.get(second).status_code == 404
        assert program.get(second.replace(".ics", "")).json()["code"] == "calendar_feed_unknown"


def test_a_feed_dies_with_the_grant_and_with_the_person(stage: Stage) -> None:
    path = made(stage.enterprise)
    now = stage.runtime.clock()
    with browser_of(stage.runtime) as program:
        for change in ("person", "grant"):
            assert program.get(path).status_code == 200
            with stage.runtime.database.write() as session:
                person = session.scalars(select(Person).where(Person.name == "account:li")).one()
                grant = session.scalars(select(Grant).where(Grant.person_id == person.id)).one()
                if change == "person":
                    person.is_active = False
                else:
                    grant.ended_at, person.is_active = now, True
            assert program.get(path).status_code == 404
            with stage.runtime.database.write() as session:
                session.get_one(Person, person.id).is_active = True


def test_colleagues_and_the_station_have_feeds_of_their_own(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    with browser_of(stage.runtime) as colleague, browser_of(stage.runtime) as program:
        enter(colleague, "zhao")
        assert events(program, made(colleague)) == {}
        assert set(events(program, made(stage.station))) == {page}
        with stage.runtime.database.write() as session:
            session.get_one(Booking, page.removeprefix("/bookings/")).responsible = "institution"
        assert events(program, made(stage.station)) == {}


def test_who_is_on_no_side_of_bookings_has_none(stage: Stage) -> None:
    with browser_of(stage.runtime) as admin:
        enter(admin, "admin")
        assert admin.get(PAGE).status_code == 403
        assert PAGE not in admin.get("/account").text


def test_a_made_up_address_opens_nothing(stage: Stage) -> None:
    answer = stage.stranger.get("/api/v1/calendars/" + "x" * 43)
    assert answer.status_code == 404
    assert "日历订阅" in text_of(answer.text) or "失效" in answer.text
