"""Local reservations for those who serve: the board, one tap, uploads with preview, and conflicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from hub.availability import queries, service, sheets, wire
from hub.availability.api.parameters import (
    NO_STORE,
    ClaimId,
    Code,
    Digest,
    From,
    InstitutionId,
    InstrumentId,
    To,
    slot_of,
    window_of,
)
from hub.availability.rules import Mode, Preview, Taken
from hub.availability.service import Reservation
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer
from hub.core.runtime import Runtime
from hub.core.web import (
    CurrentRuntime,
    ReadSession,
    WriteSession,
    json_answer,
    json_body,
    spec_body,
    spec_openapi,
)
from hub.identity.access import Principal, action

router = APIRouter(tags=["local reservations"])

READ, KEEP, RESOLVE = (
    "availability.read_calendar",
    "availability.keep_reservations",
    "availability.resolve_conflict",
)
Reader = Annotated[Principal, action(READ)]
Keeper = Annotated[Principal, action(KEEP)]
Resolver = Annotated[Principal, action(RESOLVE)]


@dataclass(frozen=True, slots=True)
class Upload:
    """What was pasted or uploaded, and what it is to do."""

    content: bytes
    filename: str
    mode: Mode


async def _uploaded(
    request: Request, mode: Mode = "add", filename: Annotated[str, Query(max_length=200)] = ""
) -> Upload:
    return Upload(await request.body(), filename, mode)


Uploaded = Annotated[Upload, Depends(_uploaded)]


@router.get("/instruments/{instrument_id}/claims")
def list_claims(
    instrument_id: InstrumentId,
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    principal: Reader,
    begin: From = None,
    end: To = None,
) -> Response:
    """Who has the instrument when: bookings and reservations made elsewhere, held and proposed times."""
    now = service.allow_instrument(session, principal, READ, instrument_id, now=runtime.clock())
    held = queries.live_claims(session, [instrument_id], window_of(begin, end, now))
    return json_answer({"items": [wire.claim_document(one) for one in held]}, headers=NO_STORE)


@router.post("/instruments/{instrument_id}/calendar/confirmation", status_code=204)
def confirm_calendar(
    instrument_id: InstrumentId, session: WriteSession, runtime: CurrentRuntime, principal: Keeper
) -> Response:
    """Say that the times known to the hub are complete: their age begins anew."""
    now = service.allow_instrument(session, principal, KEEP, instrument_id, now=runtime.clock())
    service.confirm_calendar(session, instrument_id, actor=principal.name, now=now)
    return Response(status_code=204)


@router.post(
    "/instruments/{instrument_id}/reservations",
    status_code=201,
    openapi_extra=spec_openapi(body="reservation", status=201),
)
def take_locally(
    instrument_id: InstrumentId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Keeper,
    body: Annotated[Any, spec_body("reservation")],
) -> Response:
    """One tap: a local user has this time. What it meets is named, and a case is opened."""
    now = service.allow_instrument(session, principal, KEEP, instrument_id, now=runtime.clock())
    one = Reservation(token_hex(8), slot_of(body), body.get("note"))
    taken = service.put_reservations(
        session, instrument_id, [one], source="local", actor=principal.name, now=now
    )
    return json_answer(wire.taken_document(taken), 201, NO_STORE)


@router.delete("/instruments/{instrument_id}/reservations/{claim_id}")
def free_locally(
    instrument_id: InstrumentId,
    claim_id: ClaimId,
    session: WriteSession,
    *,
    runtime: CurrentRuntime,
    principal: Keeper,
) -> Response:
    """The local user has gone, or it was a mistake."""
    now = service.allow_instrument(session, principal, KEEP, instrument_id, now=runtime.clock())
    service.free_reservation(session, claim_id, instrument_id, actor=principal.name, now=now)
    return Response(status_code=204)


@router.post("/instruments/{instrument_id}/reservations/preview", max_body_size=sheets.MAX_BYTES)
def preview_instrument(
    instrument_id: InstrumentId,
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    principal: Keeper,
    upload: Uploaded,
) -> Response:
    """What pasted text, an XLSX or an ICS file would do to one instrument, row by row; nothing is kept."""
    now = service.allow_instrument(session, principal, KEEP, instrument_id, now=runtime.clock())
    told = _preview(session, runtime, upload, {}, instrument_id, now=now)
    return json_answer(wire.preview_document(told), headers=NO_STORE)


@router.post("/instruments/{instrument_id}/reservations/import", max_body_size=sheets.MAX_BYTES)
def import_instrument(
    instrument_id: InstrumentId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Keeper,
    upload: Uploaded,
    digest: Digest,
) -> Response:
    """Do what the preview of the same content said; `preview` is its value. Otherwise nothing."""
    now = service.allow_instrument(session, principal, KEEP, instrument_id, now=runtime.clock())
    told = _preview(session, runtime, upload, {}, instrument_id, now=now)
    return _imported(service.import_upload(session, told, digest, actor=principal.name, now=now))


@router.post("/institutions/{institution_id}/reservations/preview", max_body_size=sheets.MAX_BYTES)
def preview_institution(
    institution_id: InstitutionId,
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    principal: Keeper,
    upload: Uploaded,
) -> Response:
    """The same for all instruments of an institution; rows begin with the instrument's number inside the unit."""
    now = service.allow_institution(session, principal, KEEP, institution_id, now=runtime.clock())
    numbers = service.instruments_by_number(session, institution_id)
    told = _preview(session, runtime, upload, numbers, None, now=now)
    return json_answer(wire.preview_document(told), headers=NO_STORE)


@router.post("/institutions/{institution_id}/reservations/import", max_body_size=sheets.MAX_BYTES)
def import_institution(
    institution_id: InstitutionId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Keeper,
    upload: Uploaded,
    digest: Digest,
) -> Response:
    """Do what the preview of the same content said, for all instruments of an institution."""
    now = service.allow_institution(session, principal, KEEP, institution_id, now=runtime.clock())
    numbers = service.instruments_by_number(session, institution_id)
    told = _preview(session, runtime, upload, numbers, None, now=now)
    return _imported(service.import_upload(session, told, digest, actor=principal.name, now=now))


@router.get("/provinces/{code}/conflicts")
def list_conflicts(
    code: Code,
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    principal: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Open conflicts of the province's instruments between reservations made elsewhere and bookings."""
    service.allow_province(session, principal, READ, code, now=runtime.clock())
    after = number_position("conflicts", cursor) or 0
    rows = queries.conflicts(session, province=code, after=after, limit=limit + 1)
    return page_answer("conflicts", rows, limit, lambda row: row.id, wire.conflict_document)


@router.post("/conflicts/{conflict_id}/resolution")
def resolve_conflict(
    conflict_id: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Resolver,
    body: Annotated[Any, Depends(json_body)],
) -> Response:
    """Close a conflict that people have settled. Body: `{"note": "…"}`."""
    instrument_id = queries.conflict(session, conflict_id).instrument_id
    now = service.allow_instrument(session, principal, RESOLVE, instrument_id, now=runtime.clock())
    note = str(body.get("note") or "")[:200] if isinstance(body, dict) else ""
    told = service.resolve_conflict(session, conflict_id, note, actor=principal.name, now=now)
    return json_answer(wire.conflict_document(told), headers=NO_STORE)


def _preview(
    session: Session,
    runtime: Runtime,
    upload: Upload,
    numbers: Mapping[str, str],
    default: str | None,
    *,
    now: datetime,
) -> Preview:
    rows = sheets.read_upload(upload.content, upload.filename, workbooks=runtime.read_workbook, now=now)
    return service.preview_upload(session, rows, numbers, default=default, mode=upload.mode, now=now)


def _imported(done: Mapping[str, Taken]) -> Response:
    told = {name: wire.taken_document(taken) for name, taken in done.items()}
    return json_answer({"instruments": told}, headers=NO_STORE)
