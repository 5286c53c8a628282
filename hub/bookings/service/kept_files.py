"""Which files below HUB_HOME rows of bookings name: reports; and which of them need not be kept any more."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from hub.bookings.models import Booking, Report
from hub.bookings.service import report_files
from hub.core.kept_files import KeptFile
from hub.settlement.rules.retention import retention
from hub.settlement.service.forgotten_files import drop

FOLDER = Path("reports")


def forget_reports(session: Session, home: Path, *, now: datetime) -> int:
    """Remove the files of reports that are older than the rule keeps, in small pieces; how many. Safe to repeat.

    One whose booking has not ended, or that another report of the same content still needs, stays. The row stays always.
    """
    newer = aliased(Report)
    kept = select(newer.id).where(newer.sha256 == Report.sha256, ~is_over(now, newer))
    old = select(Report.sha256).where(is_over(now), ~kept.exists()).distinct().order_by(Report.sha256)
    return drop(report_files.path_of(home / FOLDER, sha256) for sha256 in session.scalars(old))


def is_over(now: datetime, report: type[Report] = Report) -> ColumnElement[bool]:
    """Whether a report need not be kept any more: delivered (or uploaded) long ago for a booking that has ended."""
    ended = select(Booking.id).where(Booking.ended_at.is_not(None))
    given = func.coalesce(report.delivered_at, report.uploaded_at)
    return and_(given < retention()["reports"].before(now), report.booking_id.in_(ended))


def kept_files(session: Session, *, now: datetime) -> Iterator[KeptFile]:
    """Every version of every report that is kept by its retention. Reads only."""
    mine = select(Report.booking_id, Report.version, Report.sha256).where(~is_over(now)).order_by(Report.id)
    with session.execute(mine) as rows:
        for booking_id, version, sha256 in rows:
            yield KeptFile(f"report:{booking_id}.{version}", report_files.path_of(FOLDER, sha256), sha256)
