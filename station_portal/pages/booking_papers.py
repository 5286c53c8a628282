"""What goes with a booking: messages, reports, the rating, labels to print, files for calendars and stations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile

from hub.bookings.rules import sides
from hub.bookings.service import calendars, delivering_reports, ratings, reports, sheets, showing, threads
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import booking_words, wording
from station_portal.booking_files import attachment
from station_portal.frame import CurrentFrame, see_other
from station_portal.pages.bookings import Me, again, wrongs_of
from station_portal.pages.sign_in import qr_code

router = APIRouter(include_in_schema=False)


@router.post("/bookings/{booking_id}/notes")
def write_note(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.write_message")],
    runtime: CurrentRuntime,
    *,
    text: Annotated[str, Form(max_length=4000)] = "",
    key: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Say something to the other side; the same form sent twice is one message."""
    try:
        with runtime.database.write() as session:
            threads.say_once(session, me, booking_id, text, key=key, now=frame.now)
    except HubError as refused:
        return again(frame, me, booking_id, wrongs_of(frame, "text", refused), {"text": text})
    return see_other(f"/bookings/{booking_id}?told=said#thread")


@router.post("/bookings/{booking_id}/reports", max_body_size=delivering_reports.MOST_FORM)
def upload_report(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.upload_report")],
    runtime: CurrentRuntime,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Upload a report of at most 50 MB."""
    if file is None or not file.filename:
        wrong = [("file", frame.language("请选择要上传的文件"))]
        return again(frame, me, booking_id, wrong, {})
    try:
        delivering_reports.upload(runtime, me, booking_id, file.filename, file.file)
    except HubError as refused:
        return again(frame, me, booking_id, wrongs_of(frame, "file", refused), {})
    return see_other(f"/bookings/{booking_id}?told=uploaded#reports")


@router.post("/bookings/{booking_id}/reports/{version}")
def open_report(
    booking_id: str,
    version: int,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.read_report")],
    runtime: CurrentRuntime,
) -> Response:
    """Go to a version of the report by a link that is good for five minutes."""
    with runtime.database.read() as session:
        booking = showing.visible(session, me, booking_id, now=frame.now)
        report = reports.readable(session, me, booking, version, now=frame.now)
    return see_other(delivering_reports.link(runtime, me, report, now=frame.now))


@router.post("/bookings/{booking_id}/rating")
def rate(
    booking_id: str,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("booking.rate")],
    runtime: CurrentRuntime,
    *,
    stars: Annotated[str, Form(max_length=2)] = "",
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Rate a completed booking, or change the rating."""
    try:
        with runtime.database.write() as session:
            booking = showing.visible(session, me, booking_id, now=frame.now)
            ratings.rate(session, me, booking, int(stars) if stars.isdigit() else 0, text, now=frame.now)
    except HubError as refused:
        return again(
            frame, me, booking_id, wrongs_of(frame, "stars", refused), {"stars": stars, "rating": text}
        )
    return see_other(f"/bookings/{booking_id}?told=rated#rating")


@router.get("/bookings/{booking_id}/labels")
def show_labels(
    booking_id: str, frame: CurrentFrame, me: Me, session: ReadSession, runtime: CurrentRuntime
) -> Response:
    """Labels to print and stick on samples, each with a code that a phone reads; one for the parcel, too.

    The address of the code leads to the booking for who may see it, and says nothing to anybody else.
    """
    language = frame.language
    document = showing.show(session, me, booking_id, now=frame.now)
    short = f"{runtime.public_url}/b/{document['number']}"
    labels: list[dict[str, Any]] = [
        {
            "label": sample["label"],
            "name": sample["name"],
            "count": sample["count"],
            "hazards": wording.names("sample_hazard", sample.get("hazards"), language),
            "storage": sample.get("storage", ""),
        }
        for sample in document.get("samples", [])
    ]
    context = {
        "row": booking_words.row(document, sides.side_of(me), language),
        "station": document.get("station", {}).get("name", ""),
        "institution": document.get("institution", {}).get("name", ""),
        "labels": labels,
        "short": short.partition("://")[2],
        "code": qr_code(short),
    }
    return frame.page("booking_labels.html", context)


@router.get("/bookings/{booking_id}/calendar.ics")
def take_calendar(
    booking_id: str, frame: CurrentFrame, me: Me, session: ReadSession, runtime: CurrentRuntime
) -> Response:
    """The booking for a calendar; the station's file is the province's own."""
    booking = showing.visible(session, me, booking_id, now=frame.now)
    if sides.side_of(me) == "provider":
        made = sheets.write(session, me, [booking_id], "calendar", adapters=runtime.adapters, now=frame.now)
        return attachment(made.filename, made.media_type, made.content)
    content = calendars.one(booking, public_url=runtime.public_url)
    return attachment(f"{booking.number}.ics", calendars.MEDIA_TYPE, content)


@router.get("/bookings/{booking_id}/sheet.xlsx")
def take_sheet(
    booking_id: str, frame: CurrentFrame, me: Me, session: ReadSession, runtime: CurrentRuntime
) -> Response:
    """The booking in the province's own columns, for its station."""
    made = sheets.write(session, me, [booking_id], "sheet", adapters=runtime.adapters, now=frame.now)
    return attachment(made.filename, made.media_type, made.content)
