"""People on every side of a booking, as identity knows them, with their principals and cookies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

import schemas
from hub.core.db import Database
from hub.identity import queries
from hub.identity.models import Grant
from hub.identity.models import Person as PersonRow
from hub.identity.rules import Principal
from hub.identity.rules.grants import terms_of
from hub.identity.service import enterprises, parties, people, sessions
from tests.hub.bookings import world

ACTOR = "system:test"


@dataclass(frozen=True)
class Person:
    """One person under one grant."""

    principal: Principal
    cookie: str
    csrf: str

    def headers(self) -> dict[str, str]:
        """What this person's browser sends with a change."""
        return {"Cookie": f"hub_session={self.cookie}", "X-CSRF-Token": self.csrf}


@dataclass(frozen=True)
class Cast:
    """Everybody. `others` are of another enterprise."""

    li: Person
    manager: Person
    stranger: Person
    station: Person
    owner: Person
    province_staff: Person
    admin: Person


def settle(database: Database, now: datetime, province: str = "310000") -> Cast:
    """Register the parties of the world and its people."""
    with database.write() as session:
        enterprise = _enterprise(session, world.PARTY.name, "91330400MA28A3B07", now)
        other = _enterprise(session, "湖州某公司", "91330500MA28A3B08", now)
        operator = parties.put_operator(
            session, "驿站运营机构", schemas.uscc.complete("52310000MJ4900000"), actor=ACTOR, now=now
        )
        for code in world.WAYS:
            parties.assign_station(session, code, operator.id, actor=ACTOR, now=now)
            parties.put_institution(session, world.institution_id(code), "某大学分析测试中心", now=now)
        institution = world.institution_id(province)
        return Cast(
            li=put_person(session, "li", "enterprise_member", now, party_id=enterprise),
            manager=put_person(session, "manager", "enterprise_manager", now, party_id=enterprise),
            stranger=put_person(session, "stranger", "enterprise_member", now, party_id=other),
            station=put_person(
                session, "station", "station_staff", now, party_id=operator.id, province=province
            ),
            owner=put_person(session, "owner", "institution_manager", now, party_id=institution),
            province_staff=put_person(session, "office", "province_staff", now, province=province),
            admin=put_person(session, "admin", "hub_admin", now),
        )


def _enterprise(session: Session, name: str, code: str, now: datetime) -> str:
    code = schemas.uscc.complete(code)
    party = parties.put_enterprise(session, name, code, actor=ACTOR, now=now)
    home = enterprises.Verified("330402", "某路 1 号", "register_document", ACTOR)
    enterprises.set_home(session, party.id, home, now=now)
    return party.id


def put_person(
    session: Session,
    name: str,
    role: str,
    now: datetime,
    *,
    party_id: str | None = None,
    province: str | None = None,
    area: str | None = None,
) -> Person:
    """Somebody new under one grant, signed in."""
    person = people.new_person(session, name, name=f"account:{name}", now=now)
    terms = terms_of(role, party_id=party_id, province=province, area=area)
    grant = session.get_one(Grant, people.grant(session, person.id, terms, actor=ACTOR, now=now))
    opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=now)
    return Person(queries.principal_of(person, grant), opened.token, opened.csrf_token)


def enter_again(session: Session, held: Person, now: datetime) -> Person:
    """The same person in a new session: theirs has ended."""
    person = session.get_one(PersonRow, held.principal.person_id)
    opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=now)
    return Person(opened.principal, opened.token, opened.csrf_token)
