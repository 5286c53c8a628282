"""Sessions: rotating secrets, theft, acting under one grant at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from hub.core.runtime import Runtime
from hub.identity import queries, rules, service
from hub.identity.errors import GrantUnknown, SecondFactorMissing
from hub.identity.models import SignedInSession
from hub.identity.rules import Terms
from hub.identity.rules import sessions as session_rules
from hub.identity.service import people, sessions
from station_portal.app import create_app
from tests.hub.identity.conftest import World
from tests.in_process import InProcess

pytestmark = pytest.mark.database


@pytest.fixture
def real(runtime: Runtime) -> Runtime:
    """A hub that is no demo: staff need their second factor."""
    return dataclasses.replace(runtime, is_demo=False)


@pytest.fixture
def browser(real: Runtime) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html"}
    with httpx.Client(
        transport=InProcess(create_app(real)), base_url="http://hub.test", headers=headers
    ) as held:
        yield held


def opened(world: World, name: str = "member", factor: str = "none") -> service.SignedIn:
    with world.database.write() as session:
        return sessions.open_session(
            session, world.person(session, name), sessions.Visit(), factor=factor, now=world.clock()
        )


def turn_over(world: World, token: str) -> str | None:
    with world.database.write() as session:
        return sessions.turn_over(session, token, now=world.clock())


def verdict(world: World, token: str) -> str | None:
    with world.database.read() as session:
        held = queries.held_session(session, token, world.clock())
    return None if held is None else held.verdict


# --- rotation -------------------------------------------------------------------------------------------------------


def test_a_young_session_keeps_its_cookie(world: World) -> None:
    token = opened(world).token
    world.clock.advance(14 * 60)
    assert turn_over(world, token) is None


def test_an_older_one_is_offered_the_next_until_it_is_used(world: World) -> None:
    first = opened(world).token
    world.clock.advance(15 * 60)
    offers = {turn_over(world, first) for _ in range(3)}
    assert len(offers) == 1, "answers that cross each other offer the same"
    (second,) = offers
    assert second is not None
    assert second != first
    # the answer may have been lost: the first one goes on for as long as it takes
    world.clock.advance(3600)
    assert verdict(world, first) == "good"
    assert turn_over(world, second) is None
    assert (verdict(world, second), verdict(world, first)) == ("good", "good")
    world.clock.advance(61)
    assert (verdict(world, second), verdict(world, first)) == ("good", "stolen")


def test_forms_can_be_sent_after_the_rotation(world: World) -> None:
    first = opened(world)
    world.clock.advance(15 * 60)
    second = turn_over(world, first.token)
    assert second is not None
    assert rules.is_csrf_token(second, first.csrf_token)
    assert not rules.is_csrf_token(opened(world).token, first.csrf_token)


def test_who_reads_the_database_opens_no_session(world: World) -> None:
    """Neither the kept hashes nor the closed box of the next secret make a cookie."""
    token = opened(world).token
    key = token.partition(".")[0]
    world.clock.advance(15 * 60)
    assert turn_over(world, token) is not None
    with world.database.read() as session:
        row = session.scalars(select(SignedInSession)).one()
    assert row.offer_box is not None
    assert row.offered_hash is not None
    boxed = session_rules.offered_text(bytes.fromhex(row.offer_box))
    for secret in (row.secret_hash, row.offered_hash, boxed, row.offer_box):
        assert verdict(world, f"{key}.{secret}") is None


@pytest.mark.parametrize("cookie", ["", ".", "a", "a.", ".b", "长.长", "x" * 300, "a.b", "a.b.c"])
def test_what_is_no_cookie_opens_nothing(world: World, cookie: str) -> None:
    opened(world)
    assert verdict(world, cookie) is None


def test_a_copied_cookie_ends_the_session_for_both(browser: httpx.Client, world: World) -> None:
    token = opened(world).token
    browser.cookies.set("hub_session", token, domain="hub.test")
    world.clock.advance(15 * 60)
    assert browser.get("/api/v1/session").status_code == 200
    assert browser.cookies["hub_session"] != token, "the answer carried the next cookie"
    browser.get("/api/v1/session")
    world.clock.advance(120)
    thief = {"Cookie": f"hub_session={token}"}
    kept = dict(browser.cookies)
    browser.cookies.clear()
    assert browser.get("/api/v1/session", headers=thief).status_code in (303, 401)
    browser.cookies.update(kept)
    answer = browser.get("/api/v1/session", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


def test_the_next_cookie_is_as_guarded_as_the_first(browser: httpx.Client, world: World) -> None:
    browser.cookies.set("hub_session", opened(world).token, domain="hub.test")
    world.clock.advance(15 * 60)
    cookie = browser.get("/api/v1/session").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_one_ends_ones_own_sessions_only(world: World) -> None:
    mine, other, somebody = opened(world), opened(world), opened(world, "manager")
    with world.database.write() as session:
        rows = queries.sessions_of(session, world.person_ids["member"], now=world.clock())
        handles = [sessions.handle_of(row) for row in rows]
        foreign = sessions.handle_of(
            queries.sessions_of(session, world.person_ids["manager"], now=world.clock())[0]
        )
        principal = world.principal("member")
        assert not sessions.end_session(session, principal, foreign, now=world.clock())
        assert all(sessions.end_session(session, principal, handle, now=world.clock()) for handle in handles)
        assert not sessions.end_session(session, principal, handles[0], now=world.clock())
    assert [verdict(world, held.token) for held in (mine, other, somebody)] == [None, None, "good"]


# --- acting under one grant at a time ---------------------------------------------------------------------------------


def test_a_person_with_two_grants_acts_under_one(world: World) -> None:
    with world.database.write() as session:
        terms = Terms(rules.ENTERPRISE_MANAGER, world.enterprise_id)
        number = people.grant(session, world.person_ids["member"], terms, actor="t", now=world.clock())
    first = opened(world)
    assert first.principal.role == "enterprise_member"
    with world.database.write() as session:
        principal, cookie = sessions.act_under(session, first.token, number, now=world.clock())
    assert principal.role == "enterprise_manager"
    with world.database.read() as session:
        held = sessions.principal_of(session, cookie, now=world.clock())
    assert held is not None
    assert held.role == "enterprise_manager"
    world.clock.advance(61)
    assert verdict(world, first.token) == "stolen", "rights changed, and with them the secret"


def test_the_grant_used_last_is_the_one_to_begin_with(world: World) -> None:
    with world.database.write() as session:
        terms = Terms(rules.ENTERPRISE_MANAGER, world.enterprise_id)
        number = people.grant(session, world.person_ids["member"], terms, actor="t", now=world.clock())
        sessions.act_under(session, _open(world, session), number, now=world.clock.advance(5))
    assert opened(world).principal.role == "enterprise_manager"


def _open(world: World, session: object) -> str:
    held = sessions.open_session(
        session,  # type: ignore[arg-type]
        world.person(session, "member"),  # type: ignore[arg-type]
        sessions.Visit(),
        factor="none",
        now=world.clock(),
    )
    return held.token


def test_nobody_acts_under_what_is_not_theirs(world: World) -> None:
    with world.database.read() as session:
        foreign = queries.grants_of(session, world.person_ids["manager"])[0].id
    for number in (foreign, 999_999):
        with pytest.raises(GrantUnknown), world.database.write() as session:
            sessions.act_under(session, opened(world).token, number, now=world.clock())


def test_a_staff_role_needs_a_second_factor_in_this_session(world: World) -> None:
    with world.database.write() as session:
        terms = rules.terms_of(rules.BUREAU_STAFF, area="3304")
        number = people.grant(session, world.person_ids["member"], terms, actor="t", now=world.clock())
    token = opened(world).token
    with pytest.raises(SecondFactorMissing), world.database.write() as session:
        sessions.act_under(session, token, number, is_demo=True, now=world.clock())
    with world.database.write() as session:
        sessions.note_second_factor(session, token, now=world.clock())
        principal, _ = sessions.act_under(session, token, number, now=world.clock())
    assert principal.role == "bureau_staff"


def test_an_ended_grant_ends_what_its_sessions_may(world: World) -> None:
    token = opened(world).token
    with world.database.write() as session:
        number = queries.grants_of(session, world.person_ids["member"])[0].id
        people.end_grant(session, number, actor="t", now=world.clock())
    with world.database.read() as session:
        held = sessions.principal_of(session, token, now=world.clock())
    assert held is not None
    assert (held.role, held.party_id) == (rules.PERSON, None)
