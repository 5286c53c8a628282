"""`hub files verify`: every file that a row names is looked at; one that is missing or differs is named."""

from pathlib import Path

import pytest

from hub.bookings.models import Report
from hub.bookings.service import report_files, reports
from hub.cli import main
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.settlement.models import UsageEvidence
from hub.settlement.service import evidence_files
from tests.hub.bookings.rows import STATION, put_booking
from tests.hub.settlement.redeeming.world import put_usage
from tests.hub.test_cli import home, installed
from tests.virtual_clock import VirtualClock

__all__ = ["home", "installed"]

PDF, PNG = b"%PDF-1.7 synthetic", b"\x89PNG\r\n\x1a\n synthetic"


@pytest.fixture
def kept(installed: Path) -> Path:
    """An installation with a report and two files of one usage, of which one is forgotten."""
    database, now = Database(f"sqlite:///{installed / 'hub.db'}"), utc_now()
    booking = put_booking(database, VirtualClock(now))
    report = report_files.keep(installed / "reports", [PDF], most=1000)
    held = evidence_files.keep(installed, "照片.png", PNG)
    with database.write() as session:
        reports.add_report(session, STATION, booking, "报告.pdf", report, is_scanned=False, now=now)
        usage = put_usage(session, "bk-1")
        for sha256, forgotten_at in ((held.sha256, None), ("0" * 64, now)):
            row = UsageEvidence(
                usage_id=usage.id, sha256=sha256, size=1, media_type="image/png", filename="照片.png", kind="photo",
                side="provider", added_by="account:st", added_at=now, version=1, forgotten_at=forgotten_at,
            )  # fmt: skip
            session.add(row)
    return installed


def test_files_that_fit_their_rows(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files", "verify"]) == 0
    assert "2 个文件齐全" in capsys.readouterr().out


def test_what_is_missing_or_differs_is_named(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(f"sqlite:///{kept / 'hub.db'}")
    with database.read() as session:
        report = session.query(Report).one()
        proof = session.query(UsageEvidence).where(UsageEvidence.forgotten_at.is_(None)).one()
    report_files.path_of(kept / "reports", report.sha256).write_bytes(PDF[:-1] + b"!")
    evidence_files.path_of(kept, proof.sha256).unlink()
    assert main(["files", "verify"]) == 1
    told = capsys.readouterr().err
    assert f"report:{report.booking_id}.1：内容与哈希值不符" in told
    assert "usage:us-bk-1：文件缺失" in told
    assert "2 个文件中有 2 个不符" in told
