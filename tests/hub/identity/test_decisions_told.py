"""What an office decides is told to whom it concerns, once, in words that carry nothing of what was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.identity import queries as identity
from hub.identity.models import Person
from hub.identity.rules import Terms
from hub.identity.service import cases, enterprises
from hub.notices import queries, texts
from hub.worker import create_celery
from tests.hub.identity.conftest import JIAXING, World
from tests.hub.identity.test_cases import NEW, ask, decide

pytestmark = pytest.mark.database


@pytest.fixture
def worker(world: World, tmp_path: Path) -> Celery:
    """The tasks as a worker has them."""
    app = create_celery(Settings(home=tmp_path))
    app.runtime = Runtime(home=tmp_path, database=world.database, clock=world.clock)
    return app


def tell(world: World, worker: Celery) -> int:
    """Perform what was left to be told; how many decisions there were."""
    with world.database.read() as session:
        waiting = select(OutboxRow.id).where(
            OutboxRow.task_name == cases.DECIDED_TASK, OutboxRow.done_at.is_(None)
        )
        rows = session.scalars(waiting).all()
    for row in rows:
        assert worker.tasks[cases.DECIDED_TASK].apply(args=[row]).get() == "done"
    return len(rows)


def told(world: World, name: str) -> list[tuple[str, str]]:
    """What somebody's inbox holds: template and link."""
    with world.database.read() as session:
        person = session.get_one(Person, world.person_ids[name])
        return [(row.template, row.link) for row in queries.inbox(session, person.name)]


@pytest.mark.parametrize("decision", ["confirm", "refuse"])
def test_who_asked_is_told_what_was_decided(world: World, worker: Celery, decision: str) -> None:
    case_id = ask(world)
    assert tell(world, worker) == 0, "nothing is decided yet"
    decide(world, "nanhu", case_id, decision)
    assert tell(world, worker) == 1
    template = "verification_confirmed" if decision == "confirm" else "verification_refused"
    assert told(world, "nobody") == [(template, "/account#cases")]
    assert [told(world, name) for name in ("manager", "member", "nanhu", "jiaxing")] == [[]] * 4


def test_a_decision_that_is_rolled_back_is_told_to_nobody(world: World, worker: Celery) -> None:
    case_id = ask(world)
    with Session(world.database.engine) as session:
        cases.decide_case(session, world.principal("nanhu"), case_id, "confirm", now=world.clock())
        session.rollback()
    assert tell(world, worker) == 0


def test_what_is_told_twice_stands_in_the_inbox_once(world: World, worker: Celery) -> None:
    decide(world, "nanhu", ask(world))
    tell(world, worker)
    with world.database.write() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.task_name == cases.DECIDED_TASK)):
            row.done_at = None
    tell(world, worker)
    assert len(told(world, "nobody")) == 1


def test_the_words_of_an_office_stay_on_the_page(world: World, worker: Celery) -> None:
    decide(world, "nanhu", ask(world), "refuse")  # with a note that names somebody
    tell(world, worker)
    with world.database.read() as session:
        person = session.get_one(Person, world.person_ids["nobody"])
        (row,) = queries.inbox(session, person.name)
        for language in ("zh", "en"):
            text = " ".join(texts.told(row.template, row.values, language))
            assert not any(
                secret in text for secret in ("王某", NEW.name, NEW.credit_code, person.display_name)
            )
        assert row.values == {}


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_move_is_told_to_every_manager_when_both_sides_have_answered(
    world: World, worker: Celery, is_agreed: bool
) -> None:
    world.add("second", Terms("enterprise_manager", world.enterprise_id))
    with world.database.write() as session:
        principal = world.principal("manager")
        case_id = enterprises.request_move(session, principal, "310115", "某路 2 号", now=world.clock()).id
    decide(world, "jiaxing", case_id)
    assert tell(world, worker) == 0, "one side has answered"
    decide(world, "pudong", case_id, "confirm" if is_agreed else "refuse")
    assert tell(world, worker) == 1
    template = "move_confirmed" if is_agreed else "move_refused"
    assert told(world, "manager") == [(template, "/account#cases")]
    assert told(world, "second") == [(template, "/organisation")]
    assert told(world, "member") == []


def test_a_claim_from_elsewhere_is_no_matter_of_the_enterprise_it_names(world: World, worker: Celery) -> None:
    with world.database.write() as session:
        person = world.person(session, "nobody")
        enterprises.take_claim(session, person, "shanghai", "310000", JIAXING, now=world.clock())
        (case,) = identity.cases_of_person(session, person.id)
        case_id = case.id
    decide(world, "jiaxing", case_id)
    tell(world, worker)
    assert told(world, "nobody") == [("foreign_claim_decided", "/account#cases")]
    assert told(world, "manager") == []


def test_who_takes_a_request_back_is_told_nothing(world: World, worker: Celery) -> None:
    case_id = ask(world)
    with world.database.write() as session:
        cases.withdraw_case(session, world.principal("nobody"), case_id, now=world.clock())
    assert tell(world, worker) == 0


def test_somebody_who_is_out_is_told_nothing(world: World, worker: Celery) -> None:
    case_id = ask(world)
    with world.database.write() as session:
        world.person(session, "nobody").is_active = False
    decide(world, "nanhu", case_id, "refuse")
    tell(world, worker)
    assert told(world, "nobody") == []
