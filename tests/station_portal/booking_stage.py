"""Who books in the small world: an enterprise with two people, another one, the station, the institution; all invented."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

import schemas
from hub.availability import service as availability
from hub.catalog.models import Instrument
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.service import enterprises, parties
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD

ACTOR = "system:test"
CREDIT_CODE = schemas.uscc.complete("91330400MA28A3B07")
ENTERPRISE = "嘉兴合成新材料有限公司"


@dataclass(frozen=True)
class Cast:
    """Identifiers of what the tests book, and for whom."""

    enterprise_id: str
    instrument_id: str
    closed_id: str


def put_cast(runtime: Runtime) -> Cast:
    """Accounts `li` and `zhao` (one enterprise), `wang` (another), `station`, `lab` (the instrument's institution)."""
    now = runtime.clock()
    with runtime.database.write() as session:
        enterprise = parties.put_enterprise(session, ENTERPRISE, CREDIT_CODE, actor=ACTOR, now=now)
        home = enterprises.Verified("330402", "合成路 1 号", "register_document", ACTOR)
        enterprises.set_home(session, enterprise.id, home, now=now)
        other = parties.put_enterprise(
            session, "湖州合成公司", schemas.uscc.complete("91330500MA28A3B08"), actor=ACTOR, now=now
        )
        operator = parties.put_operator(
            session, "湖北驿站运营机构", schemas.uscc.complete("52420000MJ4900000"), actor=ACTOR, now=now
        )
        parties.assign_station(session, world.MANY, operator.id, actor=ACTOR, now=now)
        held = session.scalars(
            select(Instrument).where(Instrument.province == world.MANY).order_by(Instrument.id)
        ).all()
        closed_id = next(each.id for each in held if each.sharing_mode == "none")
        free = [each for each in held if not availability.eligibility(session, None, each.id, None, now=now)]
        booked = free[0]
        institution = parties.put_institution(session, booked.institution_id or "", "合成大学", now=now)
        for name, role, party, province in (
            ("li", "enterprise_member", enterprise.id, None),
            ("zhao", "enterprise_member", enterprise.id, None),
            ("wang", "enterprise_member", other.id, None),
            ("station", "station_staff", operator.id, world.MANY),
            ("lab", "institution_manager", institution.id, None),
        ):
            identity.put_account(
                session,
                name,
                PASSWORD,
                role=role,
                party_id=party,
                province=province,
                display_name=name,
                is_demo=True,
                actor=ACTOR,
                now=now,
            )
        return Cast(enterprise.id, booked.id, closed_id)
