"""Usage: lists, reading, the commands of both sides and of those who decide, and what platforms and sensors tell."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile

from hub.bookings.api.parameters import NO_STORE, IfMatch, Key, revision_of
from hub.bookings.service import links, usage_evidence, usage_pushing, usages
from hub.bookings.service.usage_evidence import Proof
from hub.bookings.service.usages import Done
from hub.core.lists import Cursor, Limit
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import (
    CurrentRuntime,
    ReadSession,
    WriteSession,
    json_answer,
    public,
    spec_body,
    spec_openapi,
)
from hub.identity.access import Principal, action
from hub.settlement.queries import usage as queries
from hub.settlement.service import evidence_files
from hub.settlement.wire.usage import file_document

router = APIRouter(tags=["usage"])

UsageId = Annotated[str, Path(pattern="^us-[a-z2-7]{26}$")]
Reader = Annotated[Principal, action("usage.read")]
Asking = Annotated[Principal, action("session.use")]
Pushing = Annotated[Principal, action("usage.push")]
Adding = Annotated[Principal, action("usage.add_evidence")]
Seeing = Annotated[Principal, action("usage.read_evidence")]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
CommandName = Annotated[str, Path(pattern="^[a-z_]{2,40}$")]
States = Annotated[list[str] | None, Query(alias="state", max_length=20)]


@router.post(
    "/usage",
    status_code=201,
    openapi_extra=spec_openapi(body="usage-push", answer="usage", status=201),
)
def push_usage(
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Pushing,
    body: Annotated[Any, spec_body("usage-push")],
) -> Response:
    """What a platform or a sensor tells. Source and number at the source are the key: the same again is answered the same."""
    done = usage_pushing.push(session, principal, body, now=runtime.clock())
    return _answer(done, 200 if done.is_replayed else 201)


@router.get("/usage")
def list_usage(
    session: ReadSession,
    principal: Reader,
    *,
    state: States = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Usages that I may see, newest first: my enterprise's, my station's, my province's on either side."""
    page = queries.page(session, principal, states=state or (), before=_position(cursor), limit=limit)
    items = usages.rows(page)
    following = None if page.following is None else encode_cursor("usage", page.following)
    return json_answer({"items": items, "next": following}, headers=NO_STORE)


@router.get("/usage/{usage_id}", openapi_extra=spec_openapi(answer="usage"))
def show_usage(
    usage_id: UsageId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """One usage with its versions, notices, dispute and decisions, and what I may do now."""
    document = usages.show(session, principal, usage_id, now=runtime.clock())
    return json_answer(document, headers={**NO_STORE, "ETag": f'"{document["revision"]}"'})


@router.post(
    "/usage/{usage_id}/commands/{command}",
    openapi_extra=spec_openapi(body="usage-command", answer="usage"),
)
def command_usage(
    usage_id: UsageId,
    command: CommandName,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Asking,
    body: Annotated[Any, spec_body("usage-command")],
    key: Key = None,
    if_match: IfMatch = None,
) -> Response:
    """Confirm, dispute, amend, decide; `If-Match` carries the revision that was read."""
    done = usages.carry_out(
        session,
        principal,
        usage_id,
        command,
        body,
        key=key,
        revision=revision_of(if_match),
        now=runtime.clock(),
    )
    return _answer(done, 200)


@router.post("/usage/{usage_id}/evidence", status_code=201, max_body_size=usage_evidence.MOST_FORM)
def add_evidence(
    usage_id: UsageId,
    runtime: CurrentRuntime,
    principal: Adding,
    *,
    files: Annotated[list[UploadFile], File(max_length=usage_evidence.MOST_AT_ONCE)],
    kind: Annotated[str, Form(max_length=40)],
    name: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Hand in files of at most 10 MB each. Who serves names them in the next version; those of a dispute are at once part of it."""
    proofs = [Proof(each.filename or "", each.file.read(evidence_files.MOST_BYTES + 1)) for each in files]
    kept = usage_evidence.keep_files(runtime, principal, usage_id, proofs)
    with runtime.database.write() as session:
        rows = usage_evidence.add_files(
            session, principal, usage_id, kept, kind=kind, name=name, now=runtime.clock()
        )
        told = [file_document(row) for row in rows]
    return json_answer({"items": told}, 201, NO_STORE)


@router.get("/usage/{usage_id}/evidence")
def list_evidence(
    usage_id: UsageId, session: ReadSession, runtime: CurrentRuntime, principal: Seeing
) -> Response:
    """The files that versions and disputes name, oldest first."""
    usage = usages.visible(session, principal, usage_id, now=runtime.clock())
    files = queries.whole(session, usage).files
    return json_answer({"items": [file_document(row) for row in files]}, headers=NO_STORE)


@router.post("/usage/{usage_id}/evidence/{sha256}/link", status_code=201)
def link_evidence(usage_id: UsageId, sha256: Sha256, runtime: CurrentRuntime, principal: Seeing) -> Response:
    """A link to a file, good for five minutes and for whoever asked."""
    url = usage_evidence.link(runtime, principal, usage_id, sha256)
    until = runtime.clock() + links.LIFE
    return json_answer({"url": url, "expires_at": until.isoformat()}, 201, NO_STORE)


@router.get("/usage-evidence/{token}", dependencies=[public])
def download_evidence(token: Annotated[str, Path(max_length=2000)], runtime: CurrentRuntime) -> Response:
    """The file that a link opens, always as an attachment."""
    row, content = usage_evidence.open_link(runtime, token)
    # A name of our own: what was handed in may be called anything.
    named = f"evidence-{row.sha256[:12]}.{evidence_files.ENDINGS[row.media_type]}"
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{named}"',
        "X-Content-Type-Options": "nosniff",
        "X-Evidence-SHA256": row.sha256,
    }
    return Response(content, media_type=row.media_type, headers=headers)


def _answer(done: Done, status: int) -> Response:
    headers = {
        **NO_STORE,
        "ETag": f'"{done.revision}"',
        "Location": f"/api/v1/usage/{done.answer['id']}",
    }
    if done.is_replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(done.answer, status, headers)


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, usage_id = decode_cursor("usage", cursor, [str, str])
    return datetime.fromisoformat(at), usage_id
