"""Reports that lie at a province: announced by an answer, fetched by a durable job, kept as a version, then delivered.

A report is the enterprise's only when its bytes are here, are what was announced, and are clean. Until then the service
is done and the report is on its way; what keeps it is a case with a name.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.contract import ReportFacts
from adapters.errors import AdapterError, LimitExceeded
from hub.bookings import wire
from hub.bookings.errors import CommandRefused, ReportInvalid, ReportUnfetched
from hub.bookings.models import Booking, Report
from hub.bookings.service import cases, moving, report_files, reports
from hub.bookings.service.acting import Actor
from hub.bookings.service.moving import Given
from hub.core import outbox
from hub.core.runtime import Runtime

FETCH_TASK = "bookings.fetch_report"

PAUSES = (30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 43200)
"""Seconds between one attempt and the next: about a day in all; then the case stays with a person."""

_QUIET_ATTEMPTS = 3
"""An interface that is down is a case only after so many attempts; wrong content is one at once."""


def want(session: Session, booking: Booking, report: ReportFacts, *, now: datetime) -> None:
    """Have an announced report fetched. Safe to repeat: the same announcement is one job."""
    told = {
        "remote_id": report.remote_id,
        "filename": report.filename,
        "media_type": report.media_type,
        "size": report.size,
        "sha256": report.sha256,
    }
    name = sha256(f"{booking.id}\n{sorted(told.items())}".encode()).hexdigest()[:32]
    payload = {"booking_id": booking.id, **told}
    outbox.enqueue(session, FETCH_TASK, payload, queue=outbox.FORWARD, key=f"report:{name}", now=now)


def is_known(session: Session, booking: Booking, report: ReportFacts | None) -> bool:
    """Whether the province only says again what the enterprise has: this very report, delivered from here."""
    if report is None or report.sha256 is None:
        return False
    mine = select(Report.id).where(
        Report.booking_id == booking.id,
        Report.sha256 == report.sha256,
        Report.source == "station",
        Report.delivered_at.is_not(None),
    )
    return session.scalar(mine.limit(1)) is not None


def fetch(runtime: Runtime, payload: Mapping[str, Any], attempts: int) -> None:
    """Fetch one report and deliver it; `attempts` counts this one. Safe to repeat.

    No transaction is open while the province is called. Raises `ReportUnfetched`, with the time of the next attempt.
    """
    facts = ReportFacts(**{name: payload[name] for name in ReportFacts.__slots__})
    with runtime.database.read() as session:
        booking = session.get_one(Booking, payload["booking_id"])
        if _has(session, booking.id, facts):
            return
        order = wire.order_of(booking)
    port = runtime.adapters[booking.province].bookings
    if port is None or "report" not in port.capabilities:
        with runtime.database.write() as session:
            _deliver(session, booking.id, {"lies_at": booking.province}, now=runtime.clock())
        return
    try:
        content = port.report(order, facts)
        kept = report_files.keep(runtime.home / "reports", [content], most=report_files.MOST_BYTES)
    except (AdapterError, ReportInvalid) as fault:
        raise _failed(runtime, booking, facts, fault, attempts) from fault
    with runtime.database.write() as session:
        report = reports.add_fetched(
            session, booking, facts, kept, is_scanned=runtime.scanner is not None, now=runtime.clock()
        )
        close = ("report_unfetched",)
        by = f"platform:{booking.province}"
        cases.close_cases(session, booking.id, close, by=by, resolution="fetched", now=runtime.clock())
        _hand_over(session, report, now=runtime.clock())


def hand_over_scanned(session: Session, report_id: int, *, now: datetime) -> None:
    """A fetched report has its verdict: a clean one is delivered, an infected one is a case. Safe to repeat."""
    report = session.get_one(Report, report_id)
    if report.source == "platform":
        _hand_over(session, report, now=now)


def _hand_over(session: Session, report: Report, *, now: datetime) -> None:
    if report.delivered_at is not None or report.scan == "waiting":
        return
    if report.scan == "infected":
        booking = session.get_one(Booking, report.booking_id)
        told = {"why": "infected", "sha256": report.sha256, "remote_id": report.remote_id}
        cases.open_case(session, "report_unfetched", booking.province, booking.id, told, now=now)
        return
    detail = {"version": report.version, "sha256": report.sha256}
    if _deliver(session, report.booking_id, detail, now=now):
        report.delivered_at = now


def _deliver(session: Session, booking_id: str, detail: dict[str, Any], *, now: datetime) -> bool:
    booking = moving.lock(session, booking_id)
    given = Given(has_report=True, detail=detail)
    try:
        moving.move(session, booking, "deliver", Actor.platform(booking.province), given, now=now)
    except CommandRefused as refused:
        told = {"why": f"a report in state {booking.state}", "code": refused.code, **detail}
        cases.open_case(session, "contradiction", booking.province, booking.id, told, now=now)
        return False
    return True


def _has(session: Session, booking_id: str, facts: ReportFacts) -> bool:
    """Whether this very report was fetched before, so that nothing is left to do."""
    if facts.sha256 is None:
        return False
    mine = select(Report.id).where(
        Report.booking_id == booking_id, Report.sha256 == facts.sha256, Report.source == "platform"
    )
    return session.scalar(mine.limit(1)) is not None


def _failed(
    runtime: Runtime,
    booking: Booking,
    facts: ReportFacts,
    fault: AdapterError | ReportInvalid,
    attempts: int,
) -> ReportUnfetched:
    is_final = isinstance(fault, LimitExceeded) or attempts > len(PAUSES)
    is_down = isinstance(fault, AdapterError) and fault.retryable
    if is_final or not is_down or attempts >= _QUIET_ATTEMPTS:
        told = {"why": fault.code, "zh": fault.zh[:500], "en": fault.en[:500], "remote_id": facts.remote_id}
        with runtime.database.write() as session:
            cases.open_case(
                session, "report_unfetched", booking.province, booking.id, told, now=runtime.clock()
            )
    return ReportUnfetched(fault.zh, fault.en, None if is_final else PAUSES[attempts - 1])
