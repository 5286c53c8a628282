"""What is kept in versions: rules, tariffs, closures, trainings, each act announced and audited."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.availability import queries, service
from hub.availability.errors import ClosureUnknown, KeptInvalid, TrainingUnknown, VersionChanged
from hub.availability.models import TrainingRow
from hub.availability.rules import Slot
from hub.catalog.errors import InstrumentUnknown
from hub.core.db import Database
from hub.core.sequencer import AnnouncedChange
from tests.hub.availability.instruments import (
    INSTITUTION,
    INSTRUMENT,
    LATER,
    NOW,
    OTHER,
    rules_document,
    slot,
)

pytestmark = pytest.mark.database

TERMS = {"positions": [{"id": "hour", "basis": "reserved_time", "name_zh": "机时费", "outside_fen": 40000}]}
CLOSURE = {"start": "2026-03-09T09:00:00+08:00", "end": "2026-03-09T12:00:00+08:00", "reason": "maintenance"}
CHEN = "account:chen"


def _told(database: Database, topic: str = "availability") -> list[tuple[str, Any]]:
    with database.read() as session:
        rows = session.execute(
            select(AnnouncedChange.subject, AnnouncedChange.payload)
            .where(AnnouncedChange.topic == topic)
            .order_by(AnnouncedChange.id)
        )
        return [(subject, payload) for subject, payload in rows]


def _acts(database: Database) -> list[str]:
    return [payload["action"] for _, payload in _told(database, "audit")]


def test_rules_are_kept_in_versions_and_the_newest_is_in_force(held: Database) -> None:
    with held.write() as session:
        assert service.keep_rules(session, INSTRUMENT, rules_document(), actor=CHEN, now=NOW) == 1
        assert (
            service.keep_rules(session, INSTRUMENT, rules_document(capacity=3), actor=CHEN, now=NOW, after=1)
            == 2
        )
        in_force = queries.booking_rules(session, INSTRUMENT, now=NOW)
        assert (in_force.version, in_force.capacity, in_force.source) == (2, 3, "hub")
        assert [kept.version for kept in queries.rules_versions(session, INSTRUMENT)] == [2, 1]
        facts = queries.index_facts(session, [INSTRUMENT], now=NOW, until=LATER)[INSTRUMENT]
        assert (facts.as_of, facts.source) == (NOW, "hub")
    assert [subject for subject, _ in _told(held)] == [INSTRUMENT] * 2
    assert _acts(held) == ["availability.keep_rules"] * 2


def test_two_writers_do_not_overwrite_each_other(held: Database) -> None:
    with held.write() as session:
        service.keep_tariff(session, INSTRUMENT, TERMS, actor=CHEN, now=NOW, after=0)
        with pytest.raises(VersionChanged) as changed:
            service.keep_tariff(session, INSTRUMENT, TERMS, actor="account:wu", now=NOW, after=0)
    assert changed.value.version == 1


def test_a_version_that_counts_later_is_told_when_its_day_has_come(held: Database) -> None:
    day = NOW + timedelta(days=30)
    with held.write() as session:
        service.keep_tariff(session, INSTRUMENT, TERMS, actor=CHEN, now=NOW, valid_from=day)
        assert queries.tariffs_in_force(session, [INSTRUMENT], now=NOW) == {}
        assert service.announce_due(session, now=day - timedelta(seconds=1)) == 0
    assert _told(held) == []
    with held.write() as session:
        assert service.announce_due(session, now=day) == 1
        assert service.announce_due(session, now=day) == 0
        assert queries.tariffs_in_force(session, [INSTRUMENT], now=day)[INSTRUMENT].version == 1
        assert [kept.document for kept in queries.tariff_versions(session, INSTRUMENT)] == [TERMS]
    assert [subject for subject, _ in _told(held)] == [INSTRUMENT]


MONDAY = {"from": "09:00", "to": "12:00"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"min_minutes": 20}, "/min_minutes", "off-grid"),
        ({"max_minutes": 100}, "/max_minutes", "off-grid"),
        ({"min_minutes": 60, "max_minutes": 30}, "/max_minutes", "order"),
        ({"opening": {"mon": [{"from": "09:10", "to": "12:00"}]}}, "/opening/mon/0", "off-grid"),
        ({"opening": {"mon": [{"from": "12:00", "to": "09:00"}]}}, "/opening/mon/0", "order"),
        ({"opening": {"tue": [MONDAY, {"from": "11:00", "to": "13:00"}]}}, "/opening/tue/1", "overlap"),
        ({"opening": {"sun": [MONDAY, {"from": "08:00", "to": "08:30"}]}}, "/opening/sun/1", "overlap"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    held: Database, changes: dict[str, Any], pointer: str, code: str
) -> None:
    with held.write() as session, pytest.raises(KeptInvalid) as refused:
        service.keep_rules(session, INSTRUMENT, rules_document(**changes), actor=CHEN, now=NOW)
    assert [(error["pointer"], error["code"]) for error in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("position", "pointer", "code"),
    [
        ({"id": "hour"}, "/positions/0/id", "repeated"),
        ({"id": "b", "service_item": 1}, "/positions/1/service_item", "repeated"),
        ({"id": "b", "outside_fen": None}, "/positions/1", "missing"),
        ({"id": "b", "step_minutes": 15}, "/positions/1", "unused"),
    ],
)
def test_tariffs_that_contradict_themselves_are_refused(
    held: Database, position: dict[str, Any], pointer: str, code: str
) -> None:
    told = {"basis": "item", "name_zh": "拉伸", "outside_fen": 100, **position}
    wrong = {name: value for name, value in told.items() if value is not None}
    first = {**TERMS["positions"][0], "service_item": 1}
    with held.write() as session, pytest.raises(KeptInvalid) as refused:
        service.keep_tariff(session, INSTRUMENT, {"positions": [first, wrong]}, actor=CHEN, now=NOW)
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in refused.value.errors]


def test_nothing_is_kept_for_an_unknown_instrument(held: Database) -> None:
    with held.write() as session, pytest.raises(InstrumentUnknown):
        service.keep_rules(session, "31-aaaaaaaaaaaa", rules_document(), actor=CHEN, now=NOW)


def test_a_closure_names_the_bookings_that_it_meets_and_cancels_none(held: Database) -> None:
    with held.write() as session:
        for name, instrument, wanted in (
            ("bk-a", INSTRUMENT, slot("03-09 09:00", "10:00")),
            ("bk-b", OTHER, slot("03-16 09:00", "10:00")),
            ("bk-c", INSTRUMENT, slot("03-10 09:00", "10:00")),
        ):
            service.claim(session, instrument, wanted, claim_id=name, until=LATER, now=NOW)
        told, met = service.close(
            session,
            INSTITUTION,
            {**CLOSURE, "repeat_weeks": 1},
            actor=CHEN,
            now=NOW,
            instrument_ids=[INSTRUMENT, OTHER],
        )
    assert [claim.id for claim in met] == ["bk-a", "bk-b"]
    assert all(claim.state == "held" for claim in met)
    assert _told(held)[-1] == (INSTITUTION, {"kind": "closed"})
    with held.write() as session:
        for _ in range(2):
            service.reopen(session, told.id, INSTITUTION, actor=CHEN, now=NOW)
        assert queries.held_closures(session, [INSTITUTION], Slot(NOW, LATER + timedelta(days=30))) == []
        with pytest.raises(ClosureUnknown):
            service.reopen(session, told.id, INSTRUMENT, actor=CHEN, now=NOW)
    assert _acts(held) == ["availability.close", "availability.reopen"]


def test_a_closure_that_runs_backward_is_refused(held: Database) -> None:
    backward = {**CLOSURE, "end": "2026-03-09T08:00:00+08:00"}
    with held.write() as session, pytest.raises(KeptInvalid):
        service.close(session, INSTRUMENT, backward, actor=CHEN, now=NOW, instrument_ids=[INSTRUMENT])


def test_a_training_is_certified_and_taken_back(held: Database) -> None:
    with held.write() as session:
        for until in (None, date(2027, 1, 1)):
            service.certify(session, INSTITUTION, "sem", "ent-1", valid_until=until, actor=CHEN, now=NOW)
        row = session.scalars(select(TrainingRow)).one()
        assert row.valid_until == date(2027, 1, 1)
        for _ in range(2):
            service.revoke_training(session, INSTITUTION, "sem", "ent-1", actor=CHEN, now=NOW)
        with pytest.raises(TrainingUnknown):
            service.revoke_training(session, INSTITUTION, "sem", "ent-2", actor=CHEN, now=NOW)
    with held.read() as session:
        assert session.scalars(select(TrainingRow)).one().removed_at == NOW
    # Who was trained is not the chain's business.
    assert "ent-1" not in str(_told(held, "audit"))


def test_somebody_who_knows_confirms_that_the_times_are_complete(held: Database) -> None:
    with held.write() as session:
        service.confirm_calendar(session, INSTRUMENT, actor=CHEN, now=NOW)
        shown = service.show(session, INSTRUMENT, start=NOW, end=LATER, now=NOW + timedelta(minutes=5))
    assert (shown.source, shown.age_seconds(NOW + timedelta(minutes=5))) == ("hub", 300)
