"""Reports that lie at a province: fetched once, checked, kept as a version, delivered; what fails is a case with a name."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.contract import ReportFacts
from adapters.errors import LimitExceeded, Unreachable
from hub.bookings.models import Report
from hub.bookings.service import answers, fetching
from tests.hub.bookings.jobs import work
from tests.hub.bookings.world import World

pytestmark = pytest.mark.database

PDF = b"%PDF-1.7 synthetic report"
FACTS = ReportFacts("R1", "检测报告.pdf", "application/pdf", len(PDF), hashlib.sha256(PDF).hexdigest())


class Scanner:
    def __init__(self, verdict: bool) -> None:
        self.verdict = verdict

    def is_clean(self, path: Path) -> bool:
        assert path.read_bytes() == PDF
        return self.verdict


def announced(world: World, facts: ReportFacts | None = FACTS, province: str = "310000") -> str:
    """A booking whose province says that its report is ready."""
    booking = world.submit(province, world.slot())
    world.forward()
    tell(world, booking, facts, province)
    return booking


def tell(world: World, booking: str, facts: ReportFacts | None, province: str = "310000") -> None:
    answer = world.provinces[province].decide(booking, "report", report=facts)
    with world.database.write() as session:
        assert answers.apply(session, province, answer, way="callback", now=world.clock()).result == "applied"


def versions(world: World) -> list[tuple[int, str, str, bool]]:
    with world.database.read() as session:
        rows = session.scalars(select(Report).order_by(Report.id))
        return [(row.version, row.source, row.sha256[:8], row.delivered_at is not None) for row in rows]


def test_an_announced_report_is_fetched_and_delivered_once(world: World) -> None:
    shanghai = world.provinces["310000"]
    shanghai.files["R1"] = PDF
    booking = announced(world)
    assert world.state(booking) == "service_done", "on its way: the enterprise has nothing yet"
    assert work(world) == ["done"]
    assert world.state(booking) == "report_delivered"
    assert versions(world) == [(1, "platform", FACTS.sha256[:8] if FACTS.sha256 else "", True)]
    tell(world, booking, FACTS)
    assert work(world) == []
    job = {"booking_id": booking, **{name: getattr(FACTS, name) for name in ReportFacts.__slots__}}
    fetching.fetch(world.runtime, job, 1)  # the process died before it wrote that it was done
    fetching.fetch(world.runtime, {**job, "sha256": None}, 1)
    assert len(versions(world)) == 1
    assert world.history(booking).count("deliver") == 1


def test_another_report_is_another_version(world: World) -> None:
    shanghai = world.provinces["310000"]
    shanghai.files["R1"], shanghai.files["R2"] = PDF, PDF + b" corrected"
    booking = announced(world)
    work(world)
    tell(world, booking, ReportFacts("R2", "../更正.pdf"))
    work(world)
    assert [(number, is_given) for number, _, _, is_given in versions(world)] == [(1, True), (2, True)]
    with world.database.read() as session:
        assert session.scalars(select(Report.filename).where(Report.version == 2)).one() == "更正.pdf"


@pytest.mark.parametrize(
    ("held", "attempts", "ended"),
    [
        (b"something else", 1, "retry"),
        (LimitExceeded("太大", "too large"), 1, "failed"),
        (Unreachable("超时", "timed out"), 3, "retry"),
    ],
)
def test_what_does_not_come_whole_is_a_case_and_never_delivered(
    world: World, held: Any, attempts: int, ended: str
) -> None:
    world.provinces["310000"].files["R1"] = held
    booking = announced(world)
    for number in range(attempts):
        assert world.cases() == [], number
        assert work(world) == [ended]
        world.clock.advance(fetching.PAUSES[number])
    assert world.cases() == [("report_unfetched", "open")]
    assert (world.state(booking), versions(world)) == ("service_done", [])
    if ended == "retry":
        world.provinces["310000"].files["R1"] = PDF
        assert work(world) == ["done"]
        assert world.cases() == [("report_unfetched", "closed")]
        assert world.state(booking) == "report_delivered"


def test_trying_has_an_end(world: World) -> None:
    world.provinces["310000"].files["R1"] = Unreachable("超时", "timed out")
    announced(world)
    endings = []
    for pause in (*fetching.PAUSES, 86_400):
        endings += work(world)
        world.clock.advance(pause)
    assert endings == ["retry"] * len(fetching.PAUSES) + ["failed"]
    assert work(world) == []


@pytest.mark.parametrize("is_clean", [True, False])
def test_where_a_scanner_is_installed_it_has_the_word(world: World, is_clean: bool) -> None:
    world.runtime = replace(world.runtime, scanner=Scanner(is_clean))
    world.provinces["310000"].files["R1"] = PDF
    booking = announced(world)
    assert work(world) == ["done"]
    assert world.state(booking) == "service_done"
    assert work(world) == ["done"]
    assert world.state(booking) == ("report_delivered" if is_clean else "service_done")
    assert world.cases() == ([] if is_clean else [("report_unfetched", "open")])


def test_where_bytes_cannot_be_fetched_the_report_lies_at_the_province(world: World) -> None:
    booking = announced(world, province="320000")
    assert work(world) == ["done"]
    assert (world.state(booking), versions(world)) == ("report_delivered", [])
    named_only = announced(world, None, province="360000")
    assert world.state(named_only) == "report_delivered"


def test_a_report_after_the_end_is_kept_and_shown_to_a_person(world: World) -> None:
    world.provinces["310000"].files["R1"] = PDF
    booking = announced(world)
    with world.database.write() as session:
        row = session.get_one(answers.Booking, booking)
        row.state = "cancelled"
    work(world)
    assert versions(world)[0][3] is False
    assert world.cases() == [("contradiction", "open")]
