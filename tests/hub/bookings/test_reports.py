"""Reports: nothing half-written, nothing replaced, nothing read by a third party, and a trace of every copy."""

import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.bookings.errors import (
    LinkRefused,
    ReportInvalid,
    ReportMissing,
    ReportNotClean,
    ReportUnknown,
    UploadOffset,
    UploadUnknown,
)
from hub.bookings.models import Booking, Report, Upload
from hub.bookings.service import links, report_files, reports
from hub.bookings.service.links import Link
from hub.bookings.service.reports import Piece
from hub.core.db import Database
from hub.core.errors import AccessRefused
from hub.core.outbox import OutboxRow
from hub.identity.rules import Principal
from tests.hub.bookings.rows import MEMBER, OPERATOR, STATION, STRANGER, put_booking
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

PDF = b"%PDF-1.7 synthetic"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports"


@pytest.fixture
def booking(database: Database, clock: VirtualClock) -> Booking:
    return put_booking(database, clock)


def add(
    database: Database,
    clock: VirtualClock,
    folder: Path,
    booking: Booking,
    content: bytes = PDF,
    *,
    by: Principal = STATION,
    is_scanned: bool = False,
) -> Report:
    kept = report_files.keep(folder, [content], most=report_files.MOST_WHOLE)
    with database.write() as session:
        return reports.add_report(session, by, booking, "报告.pdf", kept, is_scanned=is_scanned, now=clock())


def test_a_file_is_kept_whole_under_its_digest(folder: Path) -> None:
    kept = report_files.keep(folder, [PDF[:4], PDF[4:]], most=100)
    assert kept == report_files.Kept(len(PDF), hashlib.sha256(PDF).hexdigest(), "application/octet-stream")
    assert report_files.path_of(folder, kept.sha256).read_bytes() == PDF
    assert report_files.keep(folder, [PDF], most=100).media_type == "application/pdf"


@pytest.mark.parametrize(("chunks", "status"), [([], 422), ([b""], 422), ([b"x" * 60, b"x" * 60], 413)])
def test_what_cannot_be_a_report_leaves_nothing_behind(
    folder: Path, chunks: list[bytes], status: int
) -> None:
    with pytest.raises(ReportInvalid) as refused:
        report_files.keep(folder, chunks, most=100)
    assert refused.value.status == status
    assert list(folder.iterdir()) == []


def test_a_sender_that_breaks_off_leaves_nothing_behind(folder: Path) -> None:
    def broken() -> object:
        yield PDF
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        report_files.keep(folder, broken(), most=100)  # type: ignore[arg-type]
    assert list(folder.iterdir()) == []


def test_versions_stay_and_the_same_content_is_the_same_version(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking
) -> None:
    assert [add(database, clock, folder, booking, content).version for content in (PDF, PDF, b"2", PDF)] == [
        1,
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("by", [MEMBER, STRANGER])
def test_only_who_serves_uploads(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking, by: Principal
) -> None:
    with pytest.raises(AccessRefused):
        add(database, clock, folder, booking, by=by)


def test_a_version_is_delivered_once_and_only_clean(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking
) -> None:
    class Scanner:
        def __init__(self, verdict: bool) -> None:
            self.verdict = verdict

        def is_clean(self, path: Path) -> bool:
            assert path.is_file()
            return self.verdict

    with database.read() as session, pytest.raises(ReportMissing):
        reports.deliverable(session, booking.id)
    waiting = add(database, clock, folder, booking, is_scanned=True)
    with database.write() as session:
        assert session.scalars(select(OutboxRow.payload)).all() == [{"report_id": waiting.id}]
        with pytest.raises(ReportNotClean, match="report_waiting"):
            reports.mark_delivered(session, booking.id, now=clock())
    assert reports.scan_report(database, folder, Scanner(False), waiting.id) == "infected"
    with database.read() as session, pytest.raises(ReportNotClean, match="report_infected"):
        reports.deliverable(session, booking.id)
    better = add(database, clock, folder, booking, b"clean", is_scanned=True)
    reports.scan_report(database, folder, Scanner(True), better.id)
    with database.write() as session:
        assert reports.mark_delivered(session, booking.id, now=clock()).version == 2
        with pytest.raises(ReportMissing):
            reports.mark_delivered(session, booking.id, now=clock())


def test_both_sides_read_and_nobody_else(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking
) -> None:
    add(database, clock, folder, booking)
    with database.write() as session:
        assert reports.readable(session, STATION, booking, 1, now=clock()).version == 1
        assert reports.readable(session, OPERATOR, booking, 1, now=clock()).version == 1
        with pytest.raises(ReportUnknown):
            reports.readable(session, MEMBER, booking, 1, now=clock())
        reports.mark_delivered(session, booking.id, now=clock())
        report = reports.readable(session, MEMBER, booking, 1, now=clock())
        with pytest.raises(AccessRefused):
            reports.readable(session, STRANGER, booking, 1, now=clock())
        receipt = reports.record_download(session, report, "enterprise", MEMBER.name, now=clock())
        assert (receipt.report_id, receipt.at) == (report.id, clock())


def test_pieces_go_on_where_they_stopped(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking
) -> None:
    content = os.urandom(1000)
    with database.write() as session:
        upload = reports.begin_upload(session, STATION, booking, "big.zip", len(content), now=clock())

    def send(offset: int, piece: bytes) -> int:
        with database.write() as session:
            return reports.take_piece(session, folder, STATION, upload.id, Piece(offset, piece), now=clock())

    assert send(0, content[:400]) == 400
    with pytest.raises(UploadOffset) as elsewhere:
        send(0, content[:400])  # it came twice
    assert elsewhere.value.offset == 400
    # The process died after the bytes were written and before the row was: what lies behind is cut off.
    report_files.write_piece(folder, upload.id, 400, b"never committed")
    assert send(400, content[400:]) == 1000
    for _ in range(2):
        kept = report_files.join_pieces(folder, upload.id, upload.size)
        with database.write() as session:
            report = reports.finish_upload(session, STATION, upload.id, kept, is_scanned=False, now=clock())
        assert (report.version, report.sha256) == (1, hashlib.sha256(content).hexdigest())


def test_pieces_that_do_not_fit_are_refused(
    database: Database, clock: VirtualClock, folder: Path, booking: Booking
) -> None:
    with database.write() as session:
        upload = reports.begin_upload(session, STATION, booking, "a", 10, now=clock())
    with database.write() as session:
        with pytest.raises(ReportInvalid):
            reports.take_piece(session, folder, STATION, upload.id, Piece(0, b"x" * 11), now=clock())
        with pytest.raises(UploadUnknown):
            reports.take_piece(session, folder, OPERATOR, upload.id, Piece(0, b"x"), now=clock())
        with pytest.raises(ReportInvalid):
            reports.begin_upload(session, STATION, booking, "a", 0, now=clock())
    with pytest.raises(UploadOffset):
        report_files.join_pieces(folder, upload.id, upload.size)


def test_pieces_lapse(database: Database, clock: VirtualClock, folder: Path, booking: Booking) -> None:
    with database.write() as session:
        upload = reports.begin_upload(session, STATION, booking, "a", 10, now=clock())
        reports.take_piece(session, folder, STATION, upload.id, Piece(0, b"abc"), now=clock())
    clock.advance(reports.KEEP_PIECES.total_seconds())
    with database.write() as session:
        assert reports.forget_pieces(session, folder, now=clock()) == 1
        assert reports.forget_pieces(session, folder, now=clock()) == 0
        assert session.scalars(select(Upload)).all() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报告 v2.pdf", "报告 v2.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\tmp\\a.pdf", "a.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("长" * 200 + ".pdf", "长" * 146 + ".pdf"),
    ],
)
def test_names_are_harmless(given: str, kept: str) -> None:
    assert reports.clean_name(given) == kept


@pytest.mark.parametrize("given", ["", "..", "/", ' "'])
def test_a_report_needs_a_name(given: str) -> None:
    with pytest.raises(ReportInvalid):
        reports.clean_name(given)


def test_a_link_opens_one_report_for_five_minutes(clock: VirtualClock) -> None:
    from joserfc.jwk import ECKey
    from joserfc.jwt import encode

    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")

    def sign(claims: object, typ: str) -> str:
        return encode({"alg": "ES256", "kid": "k1", "typ": typ}, dict(claims), key)  # type: ignore[call-overload]

    link = Link(7, "account:member", "enterprise")
    token = links.make_link(sign, link, now=clock())
    assert links.read_link({"k1": key}, token, now=clock()) == link
    head, body, signature = token.split(".")
    for wrong in (f"{head}.{body}.{signature[:-4]}AAAA", "x.y.z", "", token * 20):
        with pytest.raises(LinkRefused):
            links.read_link({"k1": key}, wrong, now=clock())
    with pytest.raises(LinkRefused):
        links.read_link({"k1": other}, token, now=clock())
    with pytest.raises(LinkRefused):
        links.read_link({}, token, now=clock())
    with pytest.raises(LinkRefused):
        links.read_link(
            {"k1": key}, sign({"report": 7, "sub": "x", "side": "y", "exp": 9e9}, "at+jwt"), now=clock()
        )
    clock.advance(301)
    with pytest.raises(LinkRefused):
        links.read_link({"k1": key}, token, now=clock())
