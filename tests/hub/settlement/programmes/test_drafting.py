"""Drafts of programmes: edited by one, published by another, orders stay with their version."""

from typing import Any

import pytest

from hub.core.db import Database
from hub.core.errors import HubError
from hub.identity.errors import NotAllowed, OtherParty
from hub.settlement import queries, rules, service
from hub.settlement.errors import ProgrammeInvalid
from hub.settlement.errors.programmes import AnotherPersonNeeded, DraftOutdated, DraftUnknown
from hub.settlement.models import ProgrammeDraft
from hub.settlement.queries import drafts
from hub.settlement.rules.programme_changes import changes
from hub.settlement.service import drafting
from tests.hub.settlement.orders import quota, with_terms
from tests.hub.settlement.programmes.offices import GUIZHOU, NOW, Offices, furnish
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database
BASE = next(each for each in rules.demo() if each["id"] == GUIZHOU)


@pytest.fixture
def world(database: Database) -> Offices:
    return furnish(database)


def save(world: Offices, who: str, revision: int = 0, **terms: Any) -> ProgrammeDraft:
    with world.database.write() as session:
        return drafting.save_draft(session, world[who], with_terms(BASE, **terms), revision=revision, now=NOW)


def publish(world: Offices, who: str, draft: ProgrammeDraft, revision: int | None = None) -> int:
    with world.database.write() as session:
        told = draft.revision if revision is None else revision
        return drafting.publish_draft(session, world[who], draft.id, revision=told, now=NOW).version


def newest(world: Offices) -> int:
    with world.database.read() as session:
        held = queries.find_programme(session, GUIZHOU)
        assert held is not None
        return held.version


def test_who_edited_does_not_publish(world: Offices) -> None:
    draft = save(world, "first", validity_days=200)
    draft = save(world, "third", 1, validity_days=210)
    for who in ("first", "third"):
        with pytest.raises(AnotherPersonNeeded):
            publish(world, who, draft)
    assert newest(world) == 1
    assert publish(world, "second", draft) == 2
    assert publish(world, "second", draft) == 2  # twice is once
    with world.database.read() as session:
        held = queries.find_programme(session, GUIZHOU)
        assert held is not None
        assert held.terms["validity_days"] == 210
        old = queries.find_programme(session, GUIZHOU, 1)
        assert old is not None
        assert old.terms["validity_days"] == 180
        assert drafts.draft_of(session, GUIZHOU) is None


@pytest.mark.parametrize("who", ["city", "bureau", "elsewhere", "auditor", "admin", "guiyang"])
def test_nobody_but_the_area_s_offices_edits_or_publishes(world: Offices, who: str) -> None:
    draft = save(world, "first", validity_days=200)
    with pytest.raises((NotAllowed, OtherParty)):
        save(world, who, 1, validity_days=201)
    with pytest.raises((NotAllowed, OtherParty)):
        publish(world, who, draft)
    with pytest.raises((NotAllowed, OtherParty)), world.database.write() as session:
        drafting.discard_draft(session, world[who], draft.id, now=NOW)


def test_a_draft_changed_since_it_was_read_is_neither_saved_nor_published(world: Offices) -> None:
    draft = save(world, "first", validity_days=200)
    save(world, "first", 1, validity_days=201)
    with pytest.raises(DraftOutdated) as refused:
        save(world, "third", 1, validity_days=202)
    assert refused.value.revision == 2
    with pytest.raises(DraftOutdated):
        publish(world, "second", draft, revision=1)
    assert save(world, "third", 1, validity_days=201).revision == 2  # the same content again is no change


def test_a_programme_changed_meanwhile_is_not_overwritten(world: Offices) -> None:
    draft = save(world, "first", validity_days=200)
    with world.database.write() as session:
        service.put_programme(session, with_terms(BASE, validity_days=90), actor="system:test", now=NOW)
    with pytest.raises(DraftOutdated):
        publish(world, "second", draft)


def test_what_was_given_up_is_not_published(world: Offices) -> None:
    draft = save(world, "first", validity_days=200)
    with world.database.write() as session:
        drafting.discard_draft(session, world["first"], draft.id, now=NOW)
        drafting.discard_draft(session, world["first"], draft.id, now=NOW)
    with pytest.raises(DraftUnknown):
        publish(world, "second", draft)
    assert save(world, "first", validity_days=200).id != draft.id


@pytest.mark.parametrize("name", ["area", "kind", "authority"])
def test_a_programme_stays_what_it_is(world: Offices, name: str) -> None:
    other = {"area": "520100", "kind": "rebate", "authority": "home"}[name]
    with pytest.raises(ProgrammeInvalid) as refused, world.database.write() as session:
        drafting.save_draft(session, world["first"], {**BASE, name: other}, now=NOW)
    assert refused.value.errors[0]["pointer"] == f"/{name}"


def test_a_new_programme_is_named_after_its_area(world: Offices) -> None:
    with pytest.raises(ProgrammeInvalid), world.database.write() as session:
        drafting.save_draft(session, world["first"], {**BASE, "id": "310000-mine"}, now=NOW)
    told = {**BASE, "id": "310000-mine", "area": "310000"}
    with pytest.raises(OtherParty), world.database.write() as session:
        drafting.save_draft(session, world["first"], told, now=NOW)
    with world.database.write() as session:
        made = drafting.save_draft(session, world["first"], {**BASE, "id": "520000-new"}, now=NOW)
    assert publish(world, "second", made) == 1


def test_a_term_without_a_source_is_refused(world: Offices) -> None:
    sources = [{"fields": ["holders"], "grade": "demo", "text": "演示", "date": "2026-01-01"}]
    with pytest.raises(ProgrammeInvalid) as refused, world.database.write() as session:
        drafting.save_draft(session, world["first"], {**BASE, "sources": sources}, now=NOW)
    assert "/terms/payer" in {each["pointer"] for each in refused.value.errors}


def test_of_concurrent_publications_one_makes_a_version(world: Offices) -> None:
    draft = save(world, "first", validity_days=200)
    race(world.database, [lambda: publish(world, "second", draft)] * 4)
    assert newest(world) == 2


def test_two_people_publish_while_a_third_goes_on_editing(world: Offices) -> None:
    """What is published is what its publisher read, by one of them; else the edited draft is still open."""
    draft = save(world, "first", validity_days=200)
    got = race(
        world.database,
        [
            lambda: publish(world, "second", draft), lambda: publish(world, "third", draft),
            lambda: save(world, "first", draft.revision, validity_days=210),
            lambda: publish(world, "third", draft), lambda: publish(world, "second", draft),
        ],
    )  # fmt: skip
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    with world.database.read() as session:
        held = queries.find_programme(session, GUIZHOU)
        row = session.get_one(ProgrammeDraft, draft.id)
    assert held is not None
    if held.version == 2:
        assert held.terms["validity_days"] == 200
        assert (row.state, row.version, row.revision) == ("published", 2, draft.revision)
        assert row.decided_by in {"account:second", "account:third"}
        assert isinstance(got[2], DraftOutdated), "who edits what was published is told"
    else:
        assert (held.version, row.state, row.revision) == (1, "draft", draft.revision + 1)
        assert publish(world, "second", row) == 2


def test_the_difference_between_versions_is_told_term_by_term() -> None:
    told = with_terms(BASE, holders=quota(rate_bp=4500), validity_days=200, partners=None)
    found = {each.name: (each.before, each.after) for each in changes(BASE, told)}
    assert found["holders.enterprise.rate_bp"] == (4000, 4500)
    assert found["holders.enterprise.cap_order_fen"] == (2_000_000, None)
    assert found["holders.team"][1] is None
    assert found["terms.validity_days"] == (180, 200)
    assert found["terms.partners"][1] is None
    assert "terms.payer" not in found
    assert changes(BASE, BASE) == ()
    assert {each.name for each in changes(None, BASE)} >= {"id", "terms.payer", "sources.payer"}
