"""Papers of an application: asked for, handed in, read by the two sides only, unchanged afterwards."""

import pytest

from hub.core import audit, sequencer
from hub.core.db import Database
from hub.identity.errors import NotAllowed, OtherParty
from hub.settlement.errors.programmes import (
    ApplicationInvalid,
    ApplicationState,
    ApplicationUnknown,
    PaperRefused,
    PapersUnnamed,
)
from hub.settlement.queries import applications as reading
from hub.settlement.service import applications
from tests.hub.settlement.programmes.offices import (
    NOW,
    PDF,
    Offices,
    act,
    add_papers,
    document,
    drafted,
    furnish,
    state,
    submitted,
)

pytestmark = pytest.mark.database


@pytest.fixture
def world(database: Database) -> Offices:
    return furnish(database)


def test_papers_that_are_missing_are_named_to_the_applicant_and_handed_in_again(world: Offices) -> None:
    application_id = submitted(world)
    with pytest.raises(PapersUnnamed):
        act(world, "ask_papers", "first", application_id, [], "请补")
    with pytest.raises(PapersUnnamed):
        act(world, "ask_papers", "first", application_id, ["use_plan"], "  ")
    act(world, "ask_papers", "first", application_id, ["use_plan", "contract"], "使用计划未盖章，另请补合同")
    told = document(world, application_id)
    assert (told["state"], told["missing"]) == ("papers_missing", ["use_plan", "contract"])
    assert told["reason"] == "使用计划未盖章，另请补合同"
    assert "place" not in told
    with pytest.raises(ApplicationInvalid) as refused:
        act(world, "submit", "guiyang", application_id)
    assert [each["pointer"] for each in refused.value.errors] == ["/paper-use_plan", "/paper-contract"]
    with pytest.raises(ApplicationState):
        act(world, "approve", "first", application_id)
    with world.database.write() as session:
        for kind in ("use_plan", "contract"):
            applications.add_paper(
                session, world["guiyang"], application_id, kind,
                filename="x.pdf", content=PDF + b"stamped" + kind.encode(), now=NOW,
            )  # fmt: skip
    act(world, "submit", "guiyang", application_id)
    assert (state(world, application_id).state, document(world, application_id)["missing"]) == (
        "submitted",
        [],
    )


def test_papers_are_read_by_the_two_sides_only(world: Offices) -> None:
    application_id = submitted(world)
    with world.database.read() as session:
        number = reading.papers_of(session, application_id)[0].id
    for who in ("guiyang", "first", "second"):
        held = act(world, "read_paper", who, application_id, number)
        assert (held.media_type, held.size) == ("application/pdf", len(held.content))
    for who, fact in (
        ("zunyi", OtherParty),
        ("city", OtherParty),
        ("elsewhere", OtherParty),
        ("auditor", ApplicationUnknown),
        ("admin", NotAllowed),
    ):
        with pytest.raises(fact):
            act(world, "read_paper", who, application_id, number)
    while sequencer.number_once(world.database):
        pass
    with world.database.read() as session:
        looks = [
            each for each in audit.read_entries(session, limit=500) if each.action == "application.read_paper"
        ]
    assert len(looks) == 3


@pytest.mark.parametrize("content", [b"", b"MZ\x00", b"<html>", b"%PDF-" + b"x" * (5 * 1024 * 1024)])
def test_papers_of_another_kind_or_size_are_refused(world: Offices, content: bytes) -> None:
    made = drafted(world)
    with pytest.raises(PaperRefused), world.database.write() as session:
        applications.add_paper(
            session, world["guiyang"], made.id, "other", filename="a", content=content, now=NOW
        )


def test_papers_do_not_change_once_handed_in(world: Offices) -> None:
    application_id = submitted(world)
    with pytest.raises(ApplicationState):
        add_papers(world, application_id, "other")
    with world.database.read() as session:
        number = reading.papers_of(session, application_id)[0].id
    with pytest.raises(ApplicationState):
        act(world, "remove_paper", "guiyang", application_id, number)
