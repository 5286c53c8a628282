"""A world for applications: the demo's programmes, an enterprise of Guiyang, and the offices that decide. All synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

import schemas
from hub.core.db import Database
from hub.identity import queries as identity
from hub.identity import rules as people_rules
from hub.identity.models import Person
from hub.identity.rules import Principal, Terms
from hub.identity.service import enterprises, parties, people
from hub.settlement import ledger, rules, service
from hub.settlement.models import Application, Grant
from hub.settlement.queries import applications as reading
from hub.settlement.rules.applications import forms
from hub.settlement.service import applications
from hub.settlement.service.applications import Filled
from hub.settlement.wire.applications import application_document
from tests.hub.settlement.orders import with_terms

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ACTOR = "system:test"
GUIZHOU, JIAXING, JIANGXI = "demo-520000-voucher", "demo-330400-voucher", "demo-360000-voucher"
CODES = {
    "guiyang": schemas.uscc.complete("91520100MA6E00003"),
    "zunyi": schemas.uscc.complete("91520300MA6E00004"),
    "jiaxing": schemas.uscc.complete("91330400MA28A3B07"),
}
HOMES = {"guiyang": "520103", "zunyi": "520302", "jiaxing": "330402"}
ANSWERS = {
    "founded_on": "2015-06-01",
    "industry": "新材料",
    "staff_count": "86",
    "contact_name": "李（合成）",
    "contact_phone": "0851-80000000",
    "legal_person_name": "王（合成）",
    "bank_name": "合成银行贵阳分行",
    "account_name": "贵阳合成企业",
    "account_number": "6222000000000000",
    "technology_field": "高温合金",
    "intended_use": "断口与成分分析",
}
SHORT = {
    name: ANSWERS[name] for name in ("contact_name", "contact_phone", "technology_field", "intended_use")
}
PDF = b"%PDF-1.7 synthetic"


@dataclass
class Offices:
    """Everybody by a short name, and the enterprises' identifiers."""

    database: Database
    principals: dict[str, Principal]
    enterprises: dict[str, str]

    def __getitem__(self, name: str) -> Principal:
        return self.principals[name]


def furnish(database: Database, *, budget_fen: int | None = 100_000_000) -> Offices:
    """Programmes, three enterprises with a member each, offices of three areas, and this year's budget of Guizhou."""
    made: dict[str, str] = {}
    known: dict[str, Principal] = {}
    with database.write() as session:
        service.load_programmes(session, [*rules.published(), *rules.demo()], actor=ACTOR, now=NOW)
        for name, code in CODES.items():
            party = parties.put_enterprise(session, f"{name} 合成企业", code, actor=ACTOR, now=NOW)
            verified = enterprises.Verified(HOMES[name], "合成路 1 号", "bureau_staff", ACTOR)
            enterprises.set_home(session, party.id, verified, now=NOW)
            made[name] = party.id
        terms = {
            **{name: Terms(people_rules.ENTERPRISE_MEMBER, party) for name, party in made.items()},
            "first": people_rules.terms_of(people_rules.PROVINCE_STAFF, province="520000"),
            "second": people_rules.terms_of(people_rules.PROVINCE_FINANCE, province="520000"),
            "third": people_rules.terms_of(people_rules.PROVINCE_STAFF, province="520000"),
            "city": people_rules.terms_of(people_rules.BUREAU_STAFF, area="5201"),
            "bureau": people_rules.terms_of(people_rules.BUREAU_STAFF, area="3304"),
            "bureau-2": people_rules.terms_of(people_rules.CITY_FINANCE, area="3304"),
            "elsewhere": people_rules.terms_of(people_rules.PROVINCE_STAFF, province="360000"),
            "elsewhere-2": people_rules.terms_of(people_rules.PROVINCE_FINANCE, province="360000"),
            "admin": Terms(people_rules.HUB_ADMIN),
            "auditor": people_rules.terms_of(people_rules.AUDITOR),
        }
        for name, each in terms.items():
            person = people.new_person(session, name, name=f"account:{name}", now=NOW)
            people.grant(session, person.id, each, actor=ACTOR, now=NOW)
            session.flush()
            held = identity.grants_of(session, person.id)
            principal = identity.principal_of_grant(session, held[0].id)
            assert principal is not None
            known[name] = principal
            assert session.get(Person, person.id) is not None
        if budget_fen:
            service.fund(session, GUIZHOU, 2026, budget_fen, reference="2026", actor=ACTOR, now=NOW)
    return Offices(database, known, made)


def drafted(
    world: Offices, fen: int = 4_000_000, *, who: str = "guiyang", key: str = "form-1"
) -> Application:
    """A draft of the enterprise's, complete but for its papers."""
    with world.database.write() as session:
        return applications.begin(
            session, world[who], GUIZHOU, Filled(fen, ANSWERS), key=key, now=NOW
        ).application


def add_papers(world: Offices, application_id: str, *kinds: str, who: str = "guiyang") -> None:
    with world.database.write() as session:
        for kind in kinds or ("business_licence", "use_plan"):
            applications.add_paper(
                session,
                world[who],
                application_id,
                kind,
                filename=f"{kind}.pdf",
                content=PDF + kind.encode(),
                now=NOW,
            )


def submitted(world: Offices, fen: int = 4_000_000, *, who: str = "guiyang", minute: int = 0) -> str:
    """The identifier of an application that was handed in."""
    made = drafted(world, fen, who=who)
    add_papers(world, made.id, who=who)
    act(world, "submit", who, made.id, minute=minute)
    return made.id


def act(
    world: Offices, command: str, who: str, application_id: str, *args: Any, minute: int = 0, **more: Any
) -> Any:
    """One command of somebody, in a transaction of its own."""
    with world.database.write() as session:
        return getattr(applications, command)(
            session, world[who], application_id, *args, now=NOW + timedelta(minutes=minute), **more
        )


def state(world: Offices, application_id: str) -> Application:
    with world.database.read() as session:
        return session.get_one(Application, application_id)


def change(world: Offices, programme_id: str, **terms: Any) -> None:
    """Another version of a programme."""
    document = next(each for each in rules.demo() if each["id"] == programme_id)
    with world.database.write() as session:
        service.put_programme(session, with_terms(document, **terms), actor=ACTOR, now=NOW)


def grants(world: Offices) -> list[tuple[str, int]]:
    with world.database.read() as session:
        rows = session.execute(sa.select(Grant.holder, Grant.fen).order_by(Grant.id)).all()
    return [(holder, fen) for holder, fen in rows]


def pool(world: Offices) -> int:
    with world.database.read() as session:
        return ledger.balance(session, service.pool(GUIZHOU, 2026))


def document(world: Offices, application_id: str, *, is_side: bool = True) -> dict[str, object]:
    with world.database.read() as session:
        row = reading.find_application(session, application_id)
        assert row is not None
        return application_document(
            row,
            reading.papers_of(session, row.id),
            reading.events_of(session, row.id),
            form=forms()[row.programme_id],
            missing=reading.lacking_of(session, row),
            place=reading.place_of(session, row),
            is_side=is_side,
        )
