"""Reports of a booking: uploaded whole or in pieces, scanned, delivered as versions, fetched with a receipt.

The bytes are on disk before the row that names them is written; a file without a row is only wasted space, a row
without a file cannot be. A version is never replaced: another upload is another version, and both stay.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Literal, NamedTuple, Protocol

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from adapters.contract import ReportFacts
from hub.bookings import rules
from hub.bookings.errors.reports import (
    ReportInvalid,
    ReportMissing,
    ReportNotClean,
    ReportUnknown,
    UploadOffset,
    UploadUnknown,
)
from hub.bookings.models import Booking, Download, Report, Upload
from hub.bookings.service import report_files
from hub.bookings.service.parties import subject_of
from hub.bookings.service.report_files import Kept
from hub.core import audit, outbox
from hub.core.db import Database
from hub.identity import service as identity
from hub.identity.rules import Principal

SCAN_TASK = "bookings.scan_report"
KEEP_PIECES = timedelta(days=2)
MOST_NAME = 150


class Piece(NamedTuple):
    """Bytes and the place where they belong."""

    offset: int
    content: bytes


class Scanner(Protocol):
    """The installation's hook for a virus scanner: True when the file is clean. Raises to be asked again later."""

    def is_clean(self, path: Path) -> bool: ...


def add_report(
    session: Session,
    principal: Principal,
    booking: Booking,
    filename: str,
    kept: Kept,
    *,
    is_scanned: bool,
    now: datetime,
) -> Report:
    """Add a file that is on disk as the booking's next version, to be scanned where a scanner is installed.

    The same content again as the newest version is that version. Raises `ReportInvalid` and access refusals.
    """
    identity.allow(session, principal, "booking.upload_report", subject_of(booking), now=now)
    report = Report(filename=clean_name(filename), source="station", uploaded_by=principal.name)
    return _add(session, booking, report, kept, is_scanned=is_scanned, now=now)


def add_fetched(
    session: Session, booking: Booking, facts: ReportFacts, kept: Kept, *, is_scanned: bool, now: datetime
) -> Report:
    """Add a file that was fetched from the province as the booking's next version. Safe to repeat as `add_report`."""
    try:
        filename = clean_name(facts.filename)
    except ReportInvalid:
        filename = "report"
    by = f"platform:{booking.province}"
    remote_id = facts.remote_id[:200]
    report = Report(filename=filename, source="platform", remote_id=remote_id, uploaded_by=by)
    return _add(session, booking, report, kept, is_scanned=is_scanned, now=now)


def _add(
    session: Session, booking: Booking, report: Report, kept: Kept, *, is_scanned: bool, now: datetime
) -> Report:
    newest = _newest(session, booking.id)
    if newest is not None and newest.sha256 == kept.sha256:
        return newest
    report.booking_id, report.uploaded_at = booking.id, now
    report.version = 1 if newest is None else newest.version + 1
    report.media_type, report.size, report.sha256 = kept.media_type, kept.size, kept.sha256
    report.scan = "waiting" if is_scanned else "clean"
    session.add(report)
    session.flush()
    if is_scanned:
        outbox.enqueue(session, SCAN_TASK, {"report_id": report.id}, now=now)
    told = {"version": report.version, "sha256": kept.sha256, "size": kept.size}
    audit.record(session, report.uploaded_by, "bookings.add_report", f"booking:{booking.id}", told, now=now)
    return report


def begin_upload(
    session: Session, principal: Principal, booking: Booking, filename: str, size: int, *, now: datetime
) -> Upload:
    """Announce a report that will come in pieces. Raises `ReportInvalid` and access refusals."""
    identity.allow(session, principal, "booking.upload_report", subject_of(booking), now=now)
    if not 0 < size <= report_files.MOST_BYTES:
        most = report_files.MOST_BYTES // 1_073_741_824
        raise ReportInvalid(
            "size", f"大小应在 1 字节与 {most} GB 之间。", f"The size lies between 1 byte and {most} GB."
        )
    upload = Upload(
        id=f"up-{token_hex(12)}",
        booking_id=booking.id,
        filename=clean_name(filename),
        size=size,
        received=0,
        made_by=principal.name,
        made_at=now,
        expires_at=now + KEEP_PIECES,
    )
    session.add(upload)
    session.flush()
    return upload


def take_piece(
    session: Session, folder: Path, principal: Principal, upload_id: str, piece: Piece, *, now: datetime
) -> int:
    """Keep the next piece; the bytes received so far. A piece that came before is refused with the place to go on.

    Raises `UploadOffset`, `UploadUnknown`, `ReportInvalid` (a piece too large, or beyond the size).
    """
    upload = _upload(session, principal, upload_id, now)
    end = piece.offset + len(piece.content)
    if len(piece.content) > report_files.MOST_PIECE or end > upload.size:
        raise ReportInvalid(
            "piece", "分段过大，或超出声明的大小。", "The piece is too large, or goes beyond the size.", 413
        )
    if piece.offset != upload.received:
        raise UploadOffset(upload.received)
    # Inside the transaction, whose row lock lets one writer in: at most 4 MB into the page cache.
    report_files.write_piece(folder, upload.id, piece.offset, piece.content)
    upload.received = end
    return end


def upload_of(session: Session, principal: Principal, upload_id: str, *, now: datetime) -> Upload:
    """An upload in pieces of one's own. Raises `UploadUnknown`."""
    upload = session.scalar(_own_upload(principal, upload_id, now))
    if upload is None:
        raise UploadUnknown
    return upload


def finish_upload(
    session: Session, principal: Principal, upload_id: str, kept: Kept, *, is_scanned: bool, now: datetime
) -> Report:
    """Make a joined upload the next version. Safe to repeat: the same upload is the same report."""
    upload = _upload(session, principal, upload_id, now)
    if upload.report_id is not None:
        return session.get_one(Report, upload.report_id)
    booking = session.get_one(Booking, upload.booking_id)
    report = add_report(session, principal, booking, upload.filename, kept, is_scanned=is_scanned, now=now)
    upload.report_id = report.id
    return report


def scan_report(
    database: Database, folder: Path, scanner: Scanner, report_id: int
) -> Literal["clean", "infected"]:
    """Ask the scanner and keep its verdict. Safe to repeat; a scanner that raises is asked again by the outbox."""
    with database.read() as session:
        report = session.get_one(Report, report_id)
    verdict: Literal["clean", "infected"] = (
        "clean" if scanner.is_clean(report_files.path_of(folder, report.sha256)) else "infected"
    )
    with database.write() as session:
        session.execute(
            update(Report)
            .where(Report.id == report_id, Report.scan == "waiting")
            .values(scan=verdict)
            .execution_options(synchronize_session=False)
        )
    return verdict


def deliverable(session: Session, booking_id: str) -> Report:
    """The newest version, if it may be delivered now. Raises `ReportMissing`, `ReportNotClean`."""
    newest = _newest(session, booking_id)
    if newest is None or newest.delivered_at is not None:
        raise ReportMissing
    if newest.scan != "clean":
        raise ReportNotClean(is_infected=newest.scan == "infected")
    return newest


def mark_delivered(session: Session, booking_id: str, *, now: datetime) -> Report:
    """Give the newest version to the enterprise. Raises as `deliverable`."""
    report = deliverable(session, booking_id)
    report.delivered_at = now
    return report


def readable(
    session: Session, principal: Principal, booking: Booking, version: int, *, now: datetime
) -> Report:
    """A version that the principal may read: the provider's side each, the enterprise what was delivered.

    Raises `ReportUnknown` and access refusals.
    """
    identity.allow(session, principal, "booking.read_report", subject_of(booking), now=now)
    report = session.scalar(select(Report).where(Report.booking_id == booking.id, Report.version == version))
    is_shown = report is not None and (
        report.delivered_at is not None or rules.side_of(principal) == "provider"
    )
    if report is None or report.scan == "infected" or not is_shown:
        raise ReportUnknown(version)
    return report


def record_download(session: Session, report: Report, side: str, actor: str, *, now: datetime) -> Download:
    """Note that a version left; the enterprise's first download of a version is its receipt and is announced."""
    download = Download(report_id=report.id, side=side, actor=actor, at=now)
    session.add(download)
    session.flush()
    told = {"version": report.version, "sha256": report.sha256, "side": side}
    audit.record(session, actor, "bookings.download_report", f"booking:{report.booking_id}", told, now=now)
    return download


def forget_pieces(session: Session, folder: Path, *, now: datetime, limit: int = 100) -> int:
    """Drop uploads in pieces that lapsed or were finished a while ago; how many. Safe to repeat."""
    old = session.scalars(select(Upload.id).where(Upload.expires_at <= now).limit(limit)).all()
    for upload_id in old:
        report_files.drop_pieces(folder, upload_id)
    session.execute(delete(Upload).where(Upload.id.in_(old)))
    return len(old)


def clean_name(filename: str) -> str:
    """The last part of a file's name without what a file system or a header could misread. Raises `ReportInvalid`."""
    last = re.split(r"[\\/]", filename)[-1]
    name = re.sub(r'[\x00-\x1f\x7f"<>|:*?\u202a-\u202e\u2066-\u2069]', "", last).strip(" .")
    if not name:
        raise ReportInvalid("filename", "请给出文件名。", "Give the file a name.")
    if len(name) <= MOST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    is_ending = bool(dot) and len(ending) <= 10
    return stem[: MOST_NAME - len(ending) - 1] + dot + ending if is_ending else name[:MOST_NAME]


def _newest(session: Session, booking_id: str) -> Report | None:
    most = select(func.max(Report.version)).where(Report.booking_id == booking_id).scalar_subquery()
    return session.scalar(select(Report).where(Report.booking_id == booking_id, Report.version == most))


def _upload(session: Session, principal: Principal, upload_id: str, now: datetime) -> Upload:
    upload = session.scalar(_own_upload(principal, upload_id, now).with_for_update())
    if upload is None:
        raise UploadUnknown
    return upload


def _own_upload(principal: Principal, upload_id: str, now: datetime) -> Select[Upload]:
    return select(Upload).where(
        Upload.id == upload_id, Upload.made_by == principal.name, Upload.expires_at > now
    )
