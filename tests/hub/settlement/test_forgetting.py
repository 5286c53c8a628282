"""How long papers are kept: by rules that name their source; what is forgotten keeps its hash."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement.errors.evidence import EvidenceGone
from hub.settlement.models import ApplicationPaper, Paper
from hub.settlement.queries import applications as reading
from hub.settlement.rules.retention import retention
from hub.settlement.service import forgetting
from tests.hub.settlement.programmes import offices
from tests.hub.settlement.programmes.offices import NOW, Offices, act, add_papers, drafted, submitted
from tests.virtual_clock import VirtualClock


def test_every_rule_names_its_grade_and_its_source() -> None:
    for rule in retention().values():
        assert rule.grade in {"published", "local_decision", "demo"}
        assert "《" in rule.source
        assert (rule.years > 0) != (rule.days > 0)


def test_a_year_end_rule_counts_from_the_first_day_of_the_next_year() -> None:
    rule = retention()["evidence"]
    begin = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)  # of 2026 in Shanghai
    assert rule.before(datetime(2056, 12, 31, 15, 59, tzinfo=UTC)) == begin
    assert rule.before(datetime(2056, 12, 31, 16, 0, tzinfo=UTC)).astimezone(UTC).year == 2026
    three = retention()["order_papers_unused"]
    assert three.before(datetime(2028, 2, 29, 1, 0, tzinfo=UTC)).date().isoformat() == "2025-02-28"


@pytest.fixture
def world(database: Database) -> Offices:
    return offices.furnish(database)


def forget(world: Offices, home: Path, *, days: float) -> None:
    """A round of forgetting so many days after everything was handed in."""
    clock = VirtualClock(NOW + timedelta(days=days))
    forgetting.forget_old(Runtime(home=home, database=world.database, clock=clock))


def contents(world: Offices, application_id: str) -> list[bool]:
    """Whether the content of each paper is still there."""
    with world.database.read() as session:
        papers = session.query(ApplicationPaper).where(ApplicationPaper.application_id == application_id)
        return [each.content is not None for each in papers]


@pytest.mark.database
def test_papers_of_an_application_that_came_to_nothing_go_after_three_years(
    world: Offices, tmp_path: Path
) -> None:
    refused, waiting = submitted(world), submitted(world, who="zunyi")
    act(world, "refuse", "first", refused, "不符合条件")
    with world.database.read() as session:
        number, digest = next((each.id, each.sha256) for each in reading.papers_of(session, refused))
    forget(world, tmp_path, days=1094)
    assert contents(world, refused) == [True, True]
    forget(world, tmp_path, days=1098)
    assert (contents(world, refused), contents(world, waiting)) == ([False, False], [True, True])
    with pytest.raises(EvidenceGone):
        act(world, "read_paper", "guiyang", refused, number)
    with world.database.read() as session:
        assert session.get_one(ApplicationPaper, number).sha256 == digest


@pytest.mark.database
def test_papers_of_a_grant_stay_thirty_years(world: Offices, tmp_path: Path) -> None:
    granted = submitted(world)
    act(world, "approve", "first", granted, fen=4_000_000)
    act(world, "confirm", "second", granted)
    forget(world, tmp_path, days=366 * 30)
    assert contents(world, granted) == [True, True]
    forget(world, tmp_path, days=366 * 31)
    assert contents(world, granted) == [False, False]


@pytest.mark.database
def test_papers_of_a_draft_go_after_a_year_and_are_asked_for_again(world: Offices, tmp_path: Path) -> None:
    made = drafted(world)
    add_papers(world, made.id)
    forget(world, tmp_path, days=364)
    assert contents(world, made.id) == [True, True]
    forget(world, tmp_path, days=366)
    assert contents(world, made.id) == [False, False]
    with world.database.read() as session:
        assert reading.papers_of(session, made.id) == [], "they are off the application"


@pytest.mark.database
def test_papers_of_redemptions(world: Offices, tmp_path: Path) -> None:
    with world.database.write() as session:
        for state in ("waiting", "agreed", "refused", "replaced"):
            paper = Paper(
                reference="bk-1", payer_area="330402", kind="invoice", filename="a.pdf", state=state
            )
            paper.media_type, paper.size, paper.sha256, paper.content = "application/pdf", 3, state, b"%PD"
            paper.side, paper.uploaded_by, paper.uploaded_at = "enterprise", "account:li", NOW
            session.add(paper)

    def kept() -> set[str]:
        with world.database.read() as session:
            return {each.state for each in session.query(Paper) if each.content is not None}

    forget(world, tmp_path, days=1094)
    assert kept() == {"waiting", "agreed", "refused", "replaced"}
    forget(world, tmp_path, days=1098)
    assert kept() == {"waiting", "agreed"}
    forget(world, tmp_path, days=366 * 31)
    assert kept() == set()
