"""Accounts of people: one role at a time by command, names given once, switching off, forgetting."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.core import audit, sequencer
from hub.identity import queries
from hub.identity.errors import (
    AccountInvalid,
)
from hub.identity.models import Account, Grant, Person, SignedInSession
from hub.identity.service import people, sessions
from tests.hub.identity.conftest import World

pytestmark = pytest.mark.database


def test_giving_an_account_another_role_takes_the_first_away(world: World) -> None:
    now = world.clock()
    with world.database.write() as session:
        for role, province in (("hub_admin", None), ("province_staff", "330000")):
            account = people.put_account(
                session, "boss", "a-long-password", role=role, province=province, actor="t", now=now
            )
        held = queries.grants_of(session, account.person_id)
    assert [(grant.role, grant.province) for grant in held] == [("province_staff", "330000")]


def test_a_user_name_is_given_once(world: World) -> None:
    with world.database.write() as session:
        people.add_account(
            session, world.person(session, "nobody"), "wang", "a-long-password", now=world.clock()
        )
    with pytest.raises(AccountInvalid) as raised, world.database.write() as session:
        people.add_account(
            session, world.person(session, "member"), "wang", "a-long-password", now=world.clock()
        )
    assert raised.value.field == "username"


def test_a_person_is_forgotten_and_what_they_did_stays(world: World) -> None:
    now = world.clock()
    with world.database.write() as session:
        person = world.person(session, "member")
        people.add_account(session, person, "wang", "a-long-password", now=now)
        sessions.open_session(
            session, person, sessions.Visit("203.0.113.9", "Firefox"), factor="none", now=now
        )
    name = world.principal("member").name
    for _ in range(2):
        with world.database.write() as session:
            people.erase_person(session, world.person_ids["member"], actor="account:admin", now=now)
    while sequencer.number_once(world.database):
        pass
    with world.database.read() as session:
        person = world.person(session, "member")
        assert (person.is_active, person.display_name) == (False, "（已注销）")
        mine = (Account.person_id == person.id, SignedInSession.person_id == person.id)
        assert session.scalars(select(Account).where(mine[0])).all() == []
        assert session.scalars(select(SignedInSession).where(mine[1])).all() == []
        assert queries.grants_of(session, person.id) == []
        entries = audit.read_entries(session, limit=1000)
        private = audit.private_details(session, entries)
        assert audit.verify(session).broken_at is None
    assert [entry.action for entry in entries if entry.actor == name] == [
        "identity.add_account",
        "identity.sign_in",
    ]
    assert "203.0.113.9" not in str(private)


def test_somebody_switched_off_is_out_and_can_come_back(world: World) -> None:
    now = world.clock()
    with world.database.write() as session:
        opened = sessions.open_session(
            session, world.person(session, "member"), sessions.Visit(), factor="none", now=now
        )
        people.switch_person(session, world.person_ids["member"], is_active=False, actor="t", now=now)
    with world.database.write() as session:
        assert sessions.principal_of(session, opened.token, now=now) is None
        people.switch_person(session, world.person_ids["member"], is_active=True, actor="t", now=now)
    with world.database.read() as session:
        assert sessions.principal_of(session, opened.token, now=now) is not None
        assert session.scalars(
            select(Grant.ended_at).where(Grant.person_id == world.person_ids["member"])
        ).all()
        assert session.get_one(Person, world.person_ids["member"]).is_active
