"""People of tests: an enterprise, an operator with two stations, an institution, offices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import schemas
from hub.core.db import Database
from hub.core.sealing import FILE, SealingKeys
from hub.identity import queries, rules
from hub.identity.models import Grant, Person
from hub.identity.rules import Principal, Terms
from hub.identity.rules.enterprises import Claim
from hub.identity.service import enterprises, parties, people
from tests.virtual_clock import VirtualClock

CODE = schemas.uscc.complete("91330400MA2026001")
OTHER_CODE = schemas.uscc.complete("91310000MA2026002")
INSTITUTION = "31-u-" + "a" * 12
JIAXING = Claim(CODE, "嘉兴合成企业", "330402", "南湖区 1 号", authorised=True)


@dataclass
class World:
    """People with one grant each, by a short name."""

    database: Database
    clock: VirtualClock
    enterprise_id: str
    operator_id: str
    person_ids: dict[str, str]
    keys: SealingKeys

    def principal(self, name: str) -> Principal:
        """Who somebody is under their first grant."""
        with self.database.read() as session:
            person = session.get_one(Person, self.person_ids[name])
            held = queries.grants_of(session, person.id)
            grant = session.get(Grant, held[0].id) if held else None
            return queries.principal_of(person, grant)

    def person(self, session: Session, name: str) -> Person:
        """Somebody, within a session."""
        return session.get_one(Person, self.person_ids[name])

    def add(self, name: str, *terms: Terms) -> Principal:
        """One more person, with these grants."""
        with self.database.write() as session:
            person = people.new_person(session, name, now=self.clock())
            self.person_ids[name] = person.id
            for each in terms:
                people.grant(session, person.id, each, actor="system:test", now=self.clock())
        return self.principal(name)


@pytest.fixture
def world(database: Database, clock: VirtualClock, tmp_path: Path) -> World:
    """A verified enterprise in Jiaxing, an operator of Shanghai's and Anhui's station, an institution, offices."""
    now = clock()
    with database.write() as session:
        enterprise = parties.put_enterprise(session, JIAXING.name, CODE, actor="system:test", now=now)
        verified = enterprises.Verified("330402", "南湖区 1 号", "bureau_staff", "system:test")
        enterprises.set_home(session, enterprise.id, verified, now=now)
        operator = parties.put_operator(session, "合成运营公司", OTHER_CODE, actor="system:test", now=now)
        for province in ("310000", "340000"):
            parties.assign_station(session, province, operator.id, actor="system:test", now=now)
        parties.put_institution(session, INSTITUTION, "合成研究所", now=now)
    world = World(database, clock, enterprise.id, operator.id, {}, SealingKeys(tmp_path / FILE))
    terms = {
        "manager": Terms(rules.ENTERPRISE_MANAGER, enterprise.id),
        "member": Terms(rules.ENTERPRISE_MEMBER, enterprise.id),
        "institution": Terms(rules.INSTITUTION_MANAGER, INSTITUTION),
        "operator": Terms(rules.INSTRUMENT_OPERATOR, INSTITUTION),
        "station": Terms(rules.STATION_STAFF, operator.id, "310000"),
        "station-anhui": Terms(rules.STATION_STAFF, operator.id, "340000"),
        "jiaxing": rules.terms_of(rules.BUREAU_STAFF, area="3304"),
        "nanhu": rules.terms_of(rules.BUREAU_STAFF, area="330402"),
        "huzhou": rules.terms_of(rules.BUREAU_STAFF, area="3305"),
        "pudong": rules.terms_of(rules.BUREAU_STAFF, area="310115"),
        "zhejiang": rules.terms_of(rules.PROVINCE_STAFF, province="330000"),
        "shanghai": rules.terms_of(rules.PROVINCE_STAFF, province="310000"),
        "admin": Terms(rules.HUB_ADMIN),
        "auditor": rules.terms_of(rules.AUDITOR),
        "finance": rules.terms_of(rules.CITY_FINANCE, area="3304"),
    }
    for name, each in terms.items():
        world.add(name, each)
    world.add("nobody")
    return world


Now = Callable[[], datetime]
