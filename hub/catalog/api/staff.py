"""What the province's staff and hub admins decide and see: run now, held deletions, raw records, files, worklist."""

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response

from hub.catalog.api.parameters import Code
from hub.catalog.service import deletions, showing
from hub.catalog.service.schedule import request_sync
from hub.core import audit
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer, text_position
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, json_body
from hub.federation import queries
from hub.federation.errors import HoldUnknown, QuarantineUnknown
from hub.identity.access import Principal, action

router = APIRouter(tags=["staff"])

READER = action("catalog.read_deliveries")
Runner = Annotated[Principal, action("catalog.run_province")]
Decider = Annotated[Principal, action("catalog.decide_deletions")]
RawReader = Annotated[Principal, action("catalog.read_raw")]
NO_STORE = {"Cache-Control": "no-store"}


@router.post("/provinces/{code}/runs", status_code=202)
def run_now(
    code: Code, session: WriteSession, runtime: CurrentRuntime, principal: Runner, *, full: bool = False
) -> Response:
    """Have a province read now, in the background; `full=true` reads from the start."""
    number = request_sync(session, runtime, code, actor=principal.name, wants_full=full)
    return json_answer({"queued": number}, 202)


@router.get("/provinces/{code}/holds", dependencies=[READER])
def list_holds(code: Code, session: ReadSession, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Sets of deletions, newest first: held ones and what was decided about them."""
    before = number_position("holds", cursor)
    rows = queries.holds(session, code, before=before, limit=limit + 1)
    return page_answer("holds", rows, limit, lambda hold: hold.id, showing.show_hold)


@router.get("/provinces/{code}/holds/{hold_id}/items", dependencies=[READER])
def list_hold_items(
    code: Code,
    hold_id: Number,
    session: ReadSession,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The records of a set of deletions, by key."""
    hold = queries.hold_by_id(session, hold_id)
    if hold is None or hold.province != code:
        raise HoldUnknown(hold_id)
    after = text_position("hold-items", cursor)
    rows = queries.hold_items(session, hold_id, after=after, limit=limit + 1)
    return page_answer(
        "hold-items",
        rows,
        limit,
        lambda item: item.native_key,
        lambda item: {"key": item.native_key, "id": item.subject, "step": item.step},
    )


@router.post("/provinces/{code}/holds/{hold_id}/{decision}")
def decide_hold(
    code: Code,
    hold_id: Number,
    decision: Literal["release", "undo"],
    session: WriteSession,
    *,
    runtime: CurrentRuntime,
    principal: Decider,
    body: Annotated[Any, Depends(json_body)],
) -> Response:
    """Release held deletions, or undo them (also after they were applied). Body: `{"note": "…"}`."""
    held = queries.hold_by_id(session, hold_id)
    if held is None or held.province != code:
        raise HoldUnknown(hold_id)
    note = str(body.get("note") or "")[:500] if isinstance(body, dict) else ""
    hold = deletions.decide_hold(
        session, hold_id, decision, actor=principal.name, note=note, now=runtime.clock()
    )
    return json_answer(showing.show_hold(hold))


@router.get("/provinces/{code}/quarantine/{item_id}/raw")
def show_raw(
    code: Code, item_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: RawReader
) -> Response:
    """The raw record as the province sent it. Reading it is audited."""
    item = queries.quarantined_by_id(session, item_id)
    payload = None if item is None else queries.raw_payload(session, item.raw_run, item.raw_number)
    if item is None or item.province != code or payload is None:
        raise QuarantineUnknown(item_id)
    subject = f"quarantine:{item_id}"
    audit.record(
        session, principal.name, "catalog.read_raw", subject, {"province": code}, now=runtime.clock()
    )
    return json_answer(_raw(payload), headers=NO_STORE)


@router.get("/provinces/{code}/files", dependencies=[READER])
def list_files(code: Code, session: ReadSession, *, cursor: Cursor = None, limit: Limit = 20) -> Response:
    """Uploaded files, newest first, with their state and run."""
    before = number_position("files", cursor)
    rows = queries.files(session, code, before=before, limit=limit + 1)
    return page_answer(
        "files",
        rows,
        limit,
        lambda file: file.id,
        lambda file: {
            "id": file.id,
            "resource": file.resource,
            "filename": file.filename,
            "sha256": file.sha256,
            "size": file.size,
            "uploaded_by": file.uploaded_by,
            "uploaded_at": file.uploaded_at.isoformat(),
            "state": file.state,
            "run_id": file.run_id,
            "error": file.error,
        },
    )


@router.get("/provinces/{code}/worklist", dependencies=[READER])
def list_unmapped(code: Code, session: ReadSession) -> Response:
    """Code values that no table knows, the most frequent first."""
    told = [
        {
            "resource": row.resource,
            "table": row.code_table,
            "value": row.value,
            "pointer": row.pointer,
            "occurrences": row.occurrences,
            "example_key": row.example_key,
            "mapping_version": row.mapping_version,
            "last_seen_at": row.last_seen_at.isoformat(),
        }
        for row in queries.worklist(session, code)
    ]
    return json_answer({"items": told}, headers=NO_STORE)


def _raw(payload: bytes) -> dict[str, str]:
    try:
        return {"encoding": "utf-8", "raw": payload.decode()}
    except UnicodeDecodeError:
        return {"encoding": "base64", "raw": base64.b64encode(payload).decode()}
