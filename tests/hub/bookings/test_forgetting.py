"""What is forgotten by the clock, and what never is: everything that a booking which has not ended refers to."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.availability.models import Cell, Claim, QuoteRow
from hub.bookings.errors.reports import ReportGone
from hub.bookings.models import Booking, CommandKey, Report, Transition
from hub.bookings.service import delivering_reports, forgetting, kept_files, report_files, submitting
from hub.core.clock import SHANGHAI
from hub.core.db import Base
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.world import LI, World, order

pytestmark = pytest.mark.database


def count(world: World, table: type[Base]) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def key(world: World, name: str, booking_id: str | None) -> None:
    with world.database.write() as session:
        session.add(
            CommandKey(
                actor="account:li",
                key=name,
                body_hash="x",
                booking_id=booking_id,
                answer=None,
                at=world.clock(),
            )
        )


def completed(world: World) -> str:
    booking = world.submit("520000", world.slot(day=3))
    give(world, booking, "accept")
    give(world, booking, "check_in")
    give(world, booking, "check_out", usage={"hours": 2.0})
    world.command(booking, "complete", LI)
    return booking


def later(world: World, days: float) -> None:
    world.clock.now += timedelta(days=days)
    forgetting.forget_old(world.runtime)


def test_cells_of_times_that_are_over_are_freed_and_the_claim_stays(world: World) -> None:
    completed(world)
    assert count(world, Cell) > 0
    later(world, 32)
    assert count(world, Cell) > 0, "thirty days after the time was over"
    later(world, 2)
    assert (count(world, Cell), count(world, Claim)) == (0, 1)


def test_what_a_live_booking_refers_to_stays_however_old(world: World) -> None:
    booking = world.submit("520000", world.slot(day=3))
    give(world, booking, "accept")
    give(world, booking, "check_in")
    key(world, "live", booking)
    later(world, 800)
    assert world.claim(booking) == "confirmed"
    assert (count(world, QuoteRow), count(world, CommandKey)) == (1, 1)
    assert count(world, Cell) > 0
    give(world, booking, "check_out", usage={"hours": 2.0})
    assert world.booking(booking).charge_fen == 80000, "reckoned by the quote that was kept"


def test_lapsed_quotes_go_unless_a_booking_was_made_with_them(world: World) -> None:
    completed(world)
    world.ask("520000", world.slot(day=5))
    later(world, 29)
    assert count(world, QuoteRow) == 2
    later(world, 3)
    assert count(world, QuoteRow) == 1


def test_drafts_and_keys_go_by_their_days(world: World) -> None:
    with world.database.write() as session:
        made = order(session, "520000", world.ask("520000"), now=world.clock())
        draft = submitting.save_draft(session, made, LI, now=world.clock()).id
    ended = completed(world)
    key(world, "draft", draft)
    key(world, "ended", ended)
    key(world, "loose", None)
    history = count(world, Transition)
    later(world, 1)
    assert count(world, CommandKey) == 3
    later(world, 2)
    assert count(world, CommandKey) == 2
    later(world, 86)
    assert (count(world, CommandKey), count(world, Booking)) == (2, 2)
    later(world, 2)
    assert (count(world, CommandKey), count(world, Booking)) == (0, 1)
    assert count(world, Transition) == history - 1, "the ended booking keeps its history"


def report_of(world: World, booking: str, content: bytes) -> Path:
    """A delivered report of the booking; its file."""
    folder = world.runtime.home / "reports"
    kept = report_files.keep(folder, [content], most=1000)
    with world.database.write() as session:
        session.add(Report(
            booking_id=booking, version=1, filename="报告.pdf", media_type="application/pdf", size=len(content),
            sha256=kept.sha256, scan="clean", uploaded_by="account:st", uploaded_at=world.clock(), delivered_at=world.clock(),
        ))  # fmt: skip
    return report_files.path_of(folder, kept.sha256)


def named(world: World) -> set[str]:
    with world.database.read() as session:
        return {each.sha256 for each in kept_files.kept_files(session, now=world.clock())}


def test_a_reports_file_goes_six_years_after_the_end_of_its_year_and_its_hash_stays(world: World) -> None:
    ended, live = completed(world), world.submit("520000", world.slot(day=9))
    paths = [report_of(world, ended, b"%PDF-1.7 one"), report_of(world, live, b"%PDF-1.7 two")]
    year = world.clock.now.astimezone(SHANGHAI).year
    for now, left in (
        (datetime(year + 6, 12, 31, 23, 59, tzinfo=SHANGHAI), [True, True]),
        (datetime(year + 7, 1, 1, 0, 1, tzinfo=SHANGHAI), [False, True]),
    ):
        later(world, (now - world.clock()) / timedelta(days=1))
        assert [path.is_file() for path in paths] == left
        assert named(world) == {path.name for path, is_left in zip(paths, left, strict=True) if is_left}
    assert count(world, Report) == 2


def test_a_file_that_a_newer_report_names_too_stays(world: World) -> None:
    path = report_of(world, completed(world), b"%PDF-1.7 same")
    later(world, 366)
    again = world.submit("520000", world.slot(day=3))
    assert report_of(world, again, b"%PDF-1.7 same") == path
    later(world, 30 * 366)
    assert path.is_file()


def test_whoever_opens_a_link_to_a_report_that_is_not_kept_is_told_so(world: World) -> None:
    path = report_of(world, completed(world), b"%PDF-1.7 one")
    with world.database.read() as session:
        report = session.scalars(select(Report)).one()
    assert delivering_reports.file_of(world.runtime, report) == path
    path.unlink()
    with pytest.raises(ReportGone) as gone:
        delivering_reports.file_of(world.runtime, report)
    assert gone.value.status == 410


def test_every_retention_has_its_days(world: World) -> None:
    assert set(forgetting.retention()) == {"cells", "quotes", "drafts", "keys", "loose_keys"}
    assert all(days > timedelta(0) for days in forgetting.retention().values())
