"""Second factors: setting one up, codes and recovery codes, each once; what seals their secrets, and its renewal."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select, update

from hub.core.runtime import Runtime
from hub.core.sealing import FILE, SealedDamaged, SealingKeyMissing
from hub.identity import queries, service
from hub.identity.errors import CodeRefused, SecondFactorMissing, SignInExpired, SignInThrottled
from hub.identity.models import Person, RecoveryCode, SecondFactor
from hub.identity.rules import second_factor as factor_rules
from hub.identity.service import people, second_factors
from station_portal.app import create_app
from tests.hub.identity.conftest import World
from tests.in_process import InProcess
from tests.second_factor import SECRET, code_at, set_up

pytestmark = pytest.mark.database

PASSWORD = "a-long-enough-password"
ADDRESS = "203.0.113.7"


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


def put_admin(world: World, name: str = "boss") -> None:
    with world.database.write() as session:
        people.put_account(
            session, name, PASSWORD, role="hub_admin", display_name="老板", actor="t", now=world.clock()
        )


def first_factor(world: World, name: str = "boss") -> service.Pending:
    held = service.sign_in(
        world.database, name, PASSWORD, address=ADDRESS, keys=world.keys, now=world.clock()
    )
    assert isinstance(held, service.Pending)
    return held


def give(world: World, pending: service.Pending, code: str) -> service.SignedIn:
    held, _ = service.give_code(
        world.database, pending.token, code, address=ADDRESS, keys=world.keys, now=world.clock()
    )
    return held


def test_staff_without_a_second_factor_set_one_up_before_they_are_in(world: World) -> None:
    put_admin(world)
    pending = first_factor(world)
    assert pending.needs == "enrolment"
    with world.database.read() as session:
        person, _ = service.pending_sign_in(session, pending.token, now=world.clock())
        prepared = second_factors.enrolment(session, person, world.keys)
    assert prepared is not None
    secret, address = prepared
    assert address.startswith("otpauth://totp/")
    with pytest.raises(SecondFactorMissing):
        give(world, pending, code_at(world.clock(), secret))
    with pytest.raises(CodeRefused):
        service.finish_enrolment(
            world.database, pending.token, "000000", address=ADDRESS, keys=world.keys, now=world.clock()
        )
    code = code_at(world.clock(), secret)
    held, codes = service.finish_enrolment(
        world.database, pending.token, code, address=ADDRESS, keys=world.keys, now=world.clock()
    )
    assert held.principal.role == "hub_admin"
    assert len(set(codes)) == 10
    # the very code that set it up signs nobody in a second time
    with pytest.raises(CodeRefused):
        give(world, first_factor(world), code)
    world.clock.advance(30)
    assert give(world, first_factor(world), code_at(world.clock(), secret)).principal.role == "hub_admin"


def test_demo_people_need_none_in_a_demo_only(world: World) -> None:
    with world.database.write() as session:
        people.put_account(
            session, "boss", PASSWORD, role="hub_admin", is_demo=True, actor="t", now=world.clock()
        )
    assert first_factor(world).needs == "enrolment"
    held = service.sign_in(
        world.database, "boss", PASSWORD, address=ADDRESS, is_demo=True, keys=world.keys, now=world.clock()
    )
    assert isinstance(held, service.SignedIn)
    assert held.principal.role == "hub_admin"


def test_an_enterprise_needs_none(world: World) -> None:
    with world.database.write() as session:
        people.add_account(session, world.person(session, "manager"), "boss", PASSWORD, now=world.clock())
    held = service.sign_in(
        world.database, "boss", PASSWORD, address=ADDRESS, keys=world.keys, now=world.clock()
    )
    assert isinstance(held, service.SignedIn)


def test_a_code_works_once(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    code = code_at(world.clock())
    give(world, first_factor(world), code)
    with pytest.raises(CodeRefused):
        give(world, first_factor(world), code)


def test_an_earlier_code_does_not_work_after_a_later_one(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    earlier = code_at(world.clock())
    world.clock.advance(30)
    give(world, first_factor(world), code_at(world.clock()))
    with pytest.raises(CodeRefused):
        give(world, first_factor(world), earlier)


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_clocks_may_differ_by_half_a_minute(seconds: int, is_taken: bool) -> None:
    now = datetime(2026, 1, 5, 1, 0, 10, tzinfo=UTC)
    code = code_at(datetime.fromtimestamp(now.timestamp() + seconds, UTC))
    assert (factor_rules.step_of(SECRET, code, last_step=0, now=now) is not None) == is_taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5"])
def test_what_is_no_code_is_refused(world: World, code: str) -> None:
    assert factor_rules.step_of(SECRET, code, last_step=0, now=world.clock()) is None


def test_a_sign_in_is_finished_once(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    pending = first_factor(world)
    give(world, pending, code_at(world.clock()))
    world.clock.advance(30)
    with pytest.raises(SignInExpired):
        give(world, pending, code_at(world.clock()))


def test_a_sign_in_waits_ten_minutes(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    pending = first_factor(world)
    world.clock.advance(600)
    with pytest.raises(SignInExpired):
        give(world, pending, code_at(world.clock()))


def test_guessing_codes_is_slowed_down(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    pending = first_factor(world)
    told = []
    for _ in range(10):
        try:
            give(world, pending, "000000")
        except CodeRefused:
            told.append("refused")
        except SignInThrottled:
            told.append("wait")
    assert told == ["refused"] * 8 + ["wait"] * 2


def test_a_recovery_code_works_once_however_it_is_typed(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    with world.database.write() as session:
        account = queries.account_named(session, "boss")
        assert account is not None
        person = session.get_one(Person, account.person_id)
        codes = second_factors.new_recovery_codes(session, person, now=world.clock())
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not {code.replace("-", "") for code in codes} & set(kept)
    give(world, first_factor(world), codes[0].upper().replace("-", " "))
    with pytest.raises(CodeRefused):
        give(world, first_factor(world), codes[0])
    with world.database.write() as session:
        assert queries.unused_recovery_codes(session, account.person_id) == 9
        second_factors.new_recovery_codes(
            session, session.get_one(Person, account.person_id), now=world.clock()
        )
    with pytest.raises(CodeRefused):
        give(world, first_factor(world), codes[1])


def test_a_lost_phone_is_replaced_by_setting_up_anew(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    with world.database.write() as session:
        account = queries.account_named(session, "boss")
        assert account is not None
        person = session.get_one(Person, account.person_id)
        second_factors.remove(session, person, actor="system:cli", now=world.clock())
    assert first_factor(world).needs == "enrolment"
    assert secret_of(world) != SECRET


# --- what seals the secrets -----------------------------------------------------------------------------------------


def secret_of(world: World, name: str = "boss") -> str:
    """What the database holds, opened with the hub's keys."""
    with world.database.read() as session:
        account = queries.account_named(session, name)
        assert account is not None
        held = session.get_one(SecondFactor, account.person_id)
        return second_factors.secret_of(held, world.keys)


def sealing_keys(world: World) -> set[str]:
    with world.database.read() as session:
        return set(second_factors.sealed_with(session))


def test_who_reads_the_database_makes_no_codes(world: World) -> None:
    put_admin(world)
    first_factor(world)
    secret = secret_of(world)
    with world.database.read() as session:
        row = session.execute(select(SecondFactor.__table__)).mappings().one()
    assert not [value for value in row.values() if secret in str(value)]


def test_a_sealed_secret_fits_its_own_person_only(world: World) -> None:
    """Who may write the database moves their own secret to nobody else's row."""
    for name in ("boss", "chief"):
        put_admin(world, name)
        set_up(world.database, world.keys, name, now=world.clock())
    with world.database.write() as session:
        account = queries.account_named(session, "chief")
        assert account is not None
        theirs = session.get_one(SecondFactor, account.person_id).sealed_secret
        session.execute(update(SecondFactor).values(sealed_secret=theirs))
    give(world, first_factor(world, "chief"), code_at(world.clock()))
    with pytest.raises(SealedDamaged):
        give(world, first_factor(world), code_at(world.clock()))


def lose_keys(world: World, home: Runtime) -> str:
    """Take the file of keys away; the id of the key that sealed."""
    (key_id,) = world.keys.ids()
    (home.home / FILE).unlink()
    return key_id


def test_a_lost_key_is_said_and_recovery_codes_still_work(world: World, runtime: Runtime) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    with world.database.write() as session:
        account = queries.account_named(session, "boss")
        assert account is not None
        person = session.get_one(Person, account.person_id)
        codes = second_factors.new_recovery_codes(session, person, now=world.clock())
    key_id = lose_keys(world, runtime)
    pending = first_factor(world)
    with pytest.raises(SealingKeyMissing, match=key_id):
        give(world, pending, code_at(world.clock()))
    assert give(world, pending, codes[0]).principal.role == "hub_admin"


def test_a_second_machine_makes_no_key_of_its_own(world: World, runtime: Runtime) -> None:
    """Without the file that the others' secrets are sealed with, nothing is sealed: the loss must not be hidden."""
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    put_admin(world, "chief")
    key_id = lose_keys(world, runtime)
    with pytest.raises(SealingKeyMissing, match=key_id):
        first_factor(world, "chief")
    assert world.keys.ids() == ()


def test_a_waiting_secret_that_cannot_be_read_is_made_anew(world: World, runtime: Runtime) -> None:
    put_admin(world)
    first_factor(world)
    lost = lose_keys(world, runtime)
    world.keys.renew()
    pending = first_factor(world)
    assert pending.needs == "enrolment"
    assert sealing_keys(world) == set(world.keys.ids()) != {lost}
    assert secret_of(world)


def test_renewing_the_key(world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    (old,) = world.keys.ids()
    new = world.keys.renew()
    assert world.keys.ids() == (new, old)
    for expected in ((1, 0), (0, 0)):
        with world.database.write() as session:
            assert second_factors.reseal(session, world.keys, actor="t", now=world.clock()) == expected
        assert sealing_keys(world) == {new}
    assert secret_of(world) == SECRET
    give(world, first_factor(world), code_at(world.clock()))


def test_what_cannot_be_read_is_forgotten_only_when_asked(world: World, runtime: Runtime) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    lost = lose_keys(world, runtime)
    world.keys.renew()
    with world.database.write() as session:
        assert second_factors.reseal(session, world.keys, actor="t", now=world.clock()) == (0, 1)
    assert sealing_keys(world) == {lost}
    with world.database.write() as session:
        told = second_factors.reseal(
            session, world.keys, forgets_unreadable=True, actor="t", now=world.clock()
        )
    assert told == (0, 1)
    assert first_factor(world).needs == "enrolment"


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_pages_lead_through_the_second_factor(browser: httpx.Client, world: World) -> None:
    put_admin(world)
    answer = browser.post(
        "/sign-in", data={"username": "boss", "password": PASSWORD, "next": "/staff/upload"}
    )
    assert answer.headers["location"] == "/sign-in/second-factor"
    assert "hub_session" not in browser.cookies
    page = browser.get("/sign-in/second-factor")
    secret = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page.text)
    assert secret is not None
    assert "<svg" in page.text
    assert page.headers["cache-control"] == "no-store"
    wrong = browser.post("/sign-in/second-factor", data={"code": "000000"})
    assert (wrong.status_code, "验证码不正确" in wrong.text) == (401, True)
    code = code_at(world.clock(), secret.group(1).replace(" ", ""))
    done = browser.post("/sign-in/second-factor", data={"code": code})
    assert done.status_code == 200
    assert 'href="/staff/upload"' in done.text
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert browser.get("/staff").status_code == 200


def test_the_second_factor_without_the_first_leads_back(browser: httpx.Client) -> None:
    assert browser.get("/sign-in/second-factor").headers["location"] == "/sign-in"
    assert browser.post("/sign-in/second-factor", data={"code": "000000"}).status_code == 401


def test_programs_give_the_code_along(browser: httpx.Client, world: World) -> None:
    put_admin(world)
    set_up(world.database, world.keys, "boss", now=world.clock())
    told = {"username": "boss", "password": PASSWORD}
    json = {"Accept": "application/json"}
    missing = browser.post("/api/v1/session", json=told, headers=json)
    assert (missing.status_code, missing.json()["code"]) == (401, "second_factor_needed")
    wrong = browser.post("/api/v1/session", json=told | {"code": "000000"}, headers=json)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code_refused")
    right = browser.post("/api/v1/session", json=told | {"code": code_at(world.clock())}, headers=json)
    assert (right.status_code, right.json()["role"]) == (201, "hub_admin")
