"""Which files below HUB_HOME rows of bookings name: reports."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.models import Report
from hub.bookings.service import report_files
from hub.core.kept_files import KeptFile

FOLDER = Path("reports")


def kept_files(session: Session) -> Iterator[KeptFile]:
    """Every version of every report. Reads only."""
    mine = select(Report.booking_id, Report.version, Report.sha256).order_by(Report.id)
    with session.execute(mine) as rows:
        for booking_id, version, sha256 in rows:
            yield KeptFile(f"report:{booking_id}.{version}", report_files.path_of(FOLDER, sha256), sha256)
