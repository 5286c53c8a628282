"""The demo's people: everybody there once, under the right roles, and never needed to be made twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.cli import demo_people
from hub.core.db import Database
from hub.identity import queries, rules, service
from hub.identity.errors import EnterpriseUnverified
from hub.identity.models import Account, Grant, Party
from tests.second_factor import NO_KEYS
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def counts(database: Database) -> list[int]:
    with database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Account, Grant, Party)
        ]


def test_everybody_is_there_once(database: Database, clock: VirtualClock) -> None:
    codes = demo_people.belt()
    assert len(codes) == 11
    demo_people.put_offices(database, codes, clock=clock)
    first = counts(database)
    demo_people.put_offices(database, codes, clock=clock)
    assert counts(database) == first
    with database.read() as session:
        roles = set(session.scalars(select(Grant.role)))
        stations = {held.province: held.operator_id for held in queries.stations(session)}
        assert {account.username.partition("-")[0] for account in session.scalars(select(Account))} == {
            "bureau",
            "finance",
            "auditor",
            "station",
            "jiaxing",
            "huzhou",
            "unverified",
        }
    assert set(stations) == set(codes)
    assert stations["420000"] == stations["430000"]
    assert len(set(stations.values())) == 10
    assert roles == {
        rules.BUREAU_STAFF,
        rules.PROVINCE_FINANCE,
        rules.CITY_FINANCE,
        rules.AUDITOR,
        rules.STATION_STAFF,
        rules.ENTERPRISE_MANAGER,
        rules.ENTERPRISE_MEMBER,
    }


def test_the_verified_enterprise_may_book_and_the_other_not(database: Database, clock: VirtualClock) -> None:
    demo_people.put_offices(database, demo_people.belt(), clock=clock)
    with database.read() as session:
        verified = queries.enterprise_by_code(session, demo_people.ENTERPRISE[1])
        unverified = queries.enterprise_by_code(session, demo_people.UNVERIFIED[1])
        assert verified is not None
        assert unverified is not None
        assert service.home_of(session, verified.id, now=clock()).area == "330400"
        with pytest.raises(EnterpriseUnverified):
            service.home_of(session, unverified.id, now=clock())


def test_demo_people_sign_in_by_their_public_password_in_a_demo(
    database: Database, clock: VirtualClock
) -> None:
    demo_people.put_offices(database, demo_people.belt(), clock=clock)
    opened = service.sign_in(
        database,
        "station-310000",
        demo_people.PASSWORD,
        address="-",
        is_demo=True,
        keys=NO_KEYS,
        now=clock(),
    )
    assert isinstance(opened, service.SignedIn)
    assert (opened.principal.role, opened.principal.province) == (rules.STATION_STAFF, "310000")


def test_institutions_follow_the_catalogue(database: Database, clock: VirtualClock) -> None:
    assert demo_people.put_institutions(database, ["310000"], clock=clock) == {"310000"}
