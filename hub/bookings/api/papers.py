"""What goes with a booking: reports with their receipts, the thread, the rating."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Header, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hub.bookings import queries, wire
from hub.bookings.api.parameters import NO_STORE, BookingId, Key
from hub.bookings.models import Booking
from hub.bookings.service import delivering_reports, links, ratings, report_files, reports, showing, threads
from hub.bookings.service.reports import Piece
from hub.bookings.wire import papers
from hub.core.lists import Cursor, Limit, number_position, page_answer
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.identity.access import Principal, action

router = APIRouter(tags=["bookings"])

Uploader = Annotated[Principal, action("booking.upload_report")]
ReportReader = Annotated[Principal, action("booking.read_report")]
Writer = Annotated[Principal, action("booking.write_message")]
Rater = Annotated[Principal, action("booking.rate")]
Answerer = Annotated[Principal, action("booking.answer_rating")]

UploadId = Annotated[str, Path(pattern="^up-[0-9a-f]{24}$")]
Version = Annotated[int, Path(ge=1, le=10_000)]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=report_files.MOST_BYTES)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Announced(_Body):
    """A report that will come in pieces: its name and size in bytes."""

    filename: str = Field(min_length=1, max_length=300)
    size: int = Field(ge=1)


class Said(_Body):
    """A message of the thread."""

    text: str = Field(min_length=1, max_length=threads.MOST_TEXT)


class Rated(_Body):
    """One to five stars and, if wanted, words."""

    stars: int = Field(ge=1, le=5)
    text: str | None = Field(default=None, max_length=ratings.MOST_TEXT)


class Answered(_Body):
    """The provider's answer to a rating."""

    text: str = Field(min_length=1, max_length=ratings.MOST_TEXT)


async def piece_body(request: Request) -> bytes:
    """The piece as it came."""
    return await request.body()


# --- reports ------------------------------------------------------------------------------------------------------


@router.post("/bookings/{booking_id}/reports", status_code=201, max_body_size=delivering_reports.MOST_FORM)
def upload_report(
    booking_id: BookingId, runtime: CurrentRuntime, principal: Uploader, file: Annotated[UploadFile, File()]
) -> Response:
    """Upload a report of at most 50 MB. The same content again is the same version."""
    report = delivering_reports.upload(runtime, principal, booking_id, file.filename or "", file.file)
    return json_answer(papers.report_document(report), 201, NO_STORE)


@router.post("/bookings/{booking_id}/uploads", status_code=201)
def begin_upload(
    booking_id: BookingId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Uploader,
    body: Announced,
) -> Response:
    """Announce a report of up to 2 GB that comes in pieces of at most 4 MB."""
    booking = showing.visible(session, principal, booking_id, now=runtime.clock())
    upload = reports.begin_upload(session, principal, booking, body.filename, body.size, now=runtime.clock())
    told = {
        **_progress(upload.received, upload.size),
        "id": upload.id,
        "expires_at": upload.expires_at.isoformat(),
    }
    return json_answer(told, 201, {**NO_STORE, "Location": f"/api/v1/report-uploads/{upload.id}"})


@router.get("/report-uploads/{upload_id}")
def show_upload(
    upload_id: UploadId, session: ReadSession, runtime: CurrentRuntime, principal: Uploader
) -> Response:
    """Where an upload in pieces goes on."""
    upload = reports.upload_of(session, principal, upload_id, now=runtime.clock())
    return json_answer(_progress(upload.received, upload.size), headers=NO_STORE)


@router.patch("/report-uploads/{upload_id}", max_body_size=report_files.MOST_PIECE)
def take_piece(
    upload_id: UploadId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Uploader,
    *,
    offset: Offset,
    content: Annotated[bytes, Depends(piece_body)],
) -> Response:
    """The next piece. One that does not continue is refused with the place where to go on."""
    piece = Piece(offset, content)
    received = reports.take_piece(
        session, delivering_reports.folder_of(runtime), principal, upload_id, piece, now=runtime.clock()
    )
    return json_answer({"received": received}, headers={**NO_STORE, "Upload-Offset": str(received)})


@router.post("/report-uploads/{upload_id}/finish", status_code=201)
def finish_upload(upload_id: UploadId, runtime: CurrentRuntime, principal: Uploader) -> Response:
    """Make a complete upload the booking's next version. Safe to repeat."""
    report = delivering_reports.finish_upload(runtime, principal, upload_id)
    return json_answer(papers.report_document(report), 201, NO_STORE)


@router.post("/bookings/{booking_id}/reports/{version}/link", status_code=201)
def link_report(
    booking_id: BookingId, version: Version, runtime: CurrentRuntime, principal: ReportReader
) -> Response:
    """A link to a version, good for five minutes and for whoever asked."""
    now = runtime.clock()
    with runtime.database.read() as session:
        booking = showing.visible(session, principal, booking_id, now=now)
        report = reports.readable(session, principal, booking, version, now=now)
    url = delivering_reports.link(runtime, principal, report, now=now)
    return json_answer({"url": url, "expires_at": (now + links.LIFE).isoformat()}, 201, NO_STORE)


@router.get("/reports/{token}", dependencies=[public])
def download_report(token: Annotated[str, Path(max_length=2000)], runtime: CurrentRuntime) -> Response:
    """The file that a link opens, always as an attachment. The enterprise's first download is its receipt."""
    now = runtime.clock()
    with runtime.database.write() as session:
        report = delivering_reports.open_link(session, token, now=now)
        path = delivering_reports.file_of(runtime, report)
    return FileResponse(
        path,
        media_type=report.media_type,
        filename=report.filename,
        content_disposition_type="attachment",
        headers={**NO_STORE, "X-Content-Type-Options": "nosniff", "X-Report-SHA256": report.sha256},
    )


@router.get("/bookings/{booking_id}/receipts")
def list_receipts(
    booking_id: BookingId, session: ReadSession, runtime: CurrentRuntime, principal: ReportReader
) -> Response:
    """Every download of the booking's reports as a `report-receipt`, oldest first."""
    booking = showing.visible(session, principal, booking_id, now=runtime.clock())
    return json_answer({"items": _receipts(session, booking)}, headers=NO_STORE)


# --- thread and rating --------------------------------------------------------------------------------------------


@router.get("/bookings/{booking_id}/notes")
def list_notes(
    booking_id: BookingId,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: Writer,
    *,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """The thread, oldest first."""
    showing.visible(session, principal, booking_id, now=runtime.clock())
    after = number_position("notes", cursor) or 0
    rows = threads.read_notes(session, booking_id, after=after, limit=limit + 1)
    return page_answer("notes", rows, limit, lambda row: row.id, papers.note_document)


@router.post("/bookings/{booking_id}/notes", status_code=201)
def write_note(
    booking_id: BookingId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Writer,
    body: Said,
    *,
    key: Key = None,
) -> Response:
    """Say something to the other side. The same key and text are one message."""
    now = runtime.clock()
    said = threads.say_once(session, principal, booking_id, body.text, key=key, now=now)
    headers = {**NO_STORE, "Idempotency-Replayed": "true"} if said.is_replayed else NO_STORE
    return json_answer(said.answer, 201, headers)


@router.put("/bookings/{booking_id}/rating")
def rate(
    booking_id: BookingId, session: WriteSession, runtime: CurrentRuntime, principal: Rater, body: Rated
) -> Response:
    """Rate a completed booking, or change the rating. Safe to repeat."""
    booking = showing.visible(session, principal, booking_id, now=runtime.clock())
    rating = ratings.rate(session, principal, booking, body.stars, body.text, now=runtime.clock())
    return json_answer(papers.rating_document(rating), headers=NO_STORE)


@router.put("/bookings/{booking_id}/rating/answer")
def answer_rating(
    booking_id: BookingId, session: WriteSession, runtime: CurrentRuntime, principal: Answerer, body: Answered
) -> Response:
    """Answer a rating. Safe to repeat."""
    booking = showing.visible(session, principal, booking_id, now=runtime.clock())
    rating = ratings.answer_rating(session, principal, booking, body.text, now=runtime.clock())
    return json_answer(papers.rating_document(rating), headers=NO_STORE)


# --- pieces -------------------------------------------------------------------------------------------------------


def _progress(received: int, size: int) -> dict[str, Any]:
    return {"received": received, "size": size, "most_piece": report_files.MOST_PIECE}


def _receipts(session: Session, booking: Booking) -> list[dict[str, Any]]:
    seen = queries.seen(session, booking)
    held = {report.id: report for report in seen.reports}
    rows = sorted(seen.downloads, key=lambda row: row.id)
    return [wire.receipt_document(booking, held[row.report_id], row) for row in rows]
