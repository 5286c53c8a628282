"""Reports through a running process: bytes first, then the row; and links that the hub signs."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from hub.bookings.errors.reports import ReportGone
from hub.bookings.models import Report
from hub.bookings.rules import sides
from hub.bookings.service import links, report_files, reports, showing
from hub.bookings.service.links import Link
from hub.core.runtime import Runtime
from hub.identity import queries as identity
from hub.identity.rules import Principal
from hub.identity.service import signing

MOST_FORM = report_files.MOST_WHOLE + 1_048_576
"""Bytes of a whole upload with its form around it."""

_CHUNK = 1024 * 1024


def folder_of(runtime: Runtime) -> Path:
    """Where the bytes lie."""
    return runtime.home / "reports"


def upload(runtime: Runtime, principal: Principal, booking_id: str, filename: str, file: BinaryIO) -> Report:
    """Keep a whole report as the booking's next version. The same content again is the same version.

    Raises `BookingUnknown`, `ReportInvalid` and access refusals; whoever may not even see the booking writes no byte.
    """
    with runtime.database.read() as session:
        showing.visible(session, principal, booking_id, now=runtime.clock())
    kept = report_files.keep(folder_of(runtime), _chunks(file), most=report_files.MOST_WHOLE)
    with runtime.database.write() as session:
        booking = showing.visible(session, principal, booking_id, now=runtime.clock())
        return reports.add_report(
            session,
            principal,
            booking,
            filename,
            kept,
            is_scanned=runtime.scanner is not None,
            now=runtime.clock(),
        )


def finish_upload(runtime: Runtime, principal: Principal, upload_id: str) -> Report:
    """Make a complete upload in pieces the booking's next version. Safe to repeat."""
    with runtime.database.read() as session:
        size = reports.upload_of(session, principal, upload_id, now=runtime.clock()).size
    kept = report_files.join_pieces(folder_of(runtime), upload_id, size)
    with runtime.database.write() as session:
        return reports.finish_upload(
            session,
            principal,
            upload_id,
            kept,
            is_scanned=runtime.scanner is not None,
            now=runtime.clock(),
        )


def link(runtime: Runtime, principal: Principal, report: Report, *, now: datetime) -> str:
    """The address of a link to a report for this reader; the caller has checked that they may read it."""
    key = signing.current_key(runtime.database, runtime.home, "link", now=now)
    opened = Link(report.id, principal.name, sides.side_of(principal) or "-")
    return f"/api/v1/reports/{links.make_link(key.sign, opened, now=now)}"


def file_of(runtime: Runtime, report: Report) -> Path:
    """Where the report's bytes are. Raises `ReportGone` when they are not kept any more."""
    path = report_files.path_of(folder_of(runtime), report.sha256)
    if not path.is_file():
        raise ReportGone
    return path


def open_link(session: Session, token: str, *, now: datetime) -> Report:
    """The report that a link opens; the download is recorded. Raises `LinkRefused`."""
    keys = {row.kid: ECKey.import_key(row.jwk) for row in identity.published_keys(session, "link", now)}
    opened = links.read_link(keys, token, now=now)
    report = session.get_one(Report, opened.report_id)
    reports.record_download(session, report, opened.side, opened.reader, now=now)
    return report


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_CHUNK), b"")
