"""Settlement periods and their batches: read, reviewed, agreed, posted, sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hub.core import idempotency, sequencer
from hub.core.lists import Cursor, Limit, number_position, page_answer, text_position
from hub.core.runtime import Runtime
from hub.core.web import CommandKey, CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.identity.access import Principal, action
from hub.identity.service.signing import current_key
from hub.settlement.queries import periods as queries
from hub.settlement.service import hub_receipts, keys, periods
from hub.settlement.service.periods import desk, verify_batch
from hub.settlement.service.periods.sealing import TOPIC
from hub.settlement.wire.periods import matrix_document, told

router = APIRouter(prefix="/api/v1/settlement", tags=["settlement"])

NO_STORE = {"Cache-Control": "no-store"}
BatchId = Annotated[str, Path(pattern="^20[0-9]{2}-[01][0-9][.][1-8][0-9]{5}-[1-8][0-9]{5}$")]
PeriodId = Annotated[str, Query(pattern="^20[0-9]{2}-[01][0-9]$")]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=40)]

Reader = Annotated[Principal, action("settlement.read")]
Closer = Annotated[Principal, action("settlement.close")]
Recalculator = Annotated[Principal, action("settlement.recalculate")]
Submitter = Annotated[Principal, action("settlement.submit")]
Returner = Annotated[Principal, action("settlement.return_line")]
Agreer = Annotated[Principal, action("settlement.agree")]
Reopener = Annotated[Principal, action("settlement.reopen")]
Poster = Annotated[Principal, action("settlement.post")]
Sealer = Annotated[Principal, action("settlement.seal")]
Netter = Annotated[Principal, action("settlement.set_netting")]


@dataclass(frozen=True, slots=True)
class Call:
    """One request for a command: who, under which key, at which version that was read."""

    session: Session
    runtime: Runtime
    principal: Principal
    key: str | None
    if_match: str | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Words(_Body):
    """Why, in words."""

    text: str = Field(default="", max_length=1000)


class Returned(Words):
    """Which line goes back, with a code of the list `line_return`."""

    line_id: int = Field(ge=1)
    code: str = Field(max_length=40)


class NettingWanted(_Body):
    """The other province (six digits), and whether netting is agreed to."""

    other: str = Field(pattern="^[1-8][0-9]0000$")
    is_on: bool


class Agreed(_Body):
    """The hash of the calculation that is agreed to."""

    sha256: str = Field(min_length=64, max_length=64)


@router.get("/periods")
def list_periods(session: ReadSession, principal: Reader) -> Response:  # noqa: ARG001 - the role is asked
    """The calendar of periods, the newest first, with the states of their batches."""
    return json_answer({"items": [told(each) for each in queries.calendar(session)]}, headers=NO_STORE)


@router.get("/batches")
def list_batches(
    session: ReadSession,
    principal: Reader,
    *,
    period: PeriodId | None = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The batches that concern my province on either side, by identifier."""
    rows = queries.batches(
        session,
        area=principal.area,
        period=period,
        state=state,
        after=text_position("batches", cursor),
        limit=limit + 1,
    )
    return page_answer("batches", rows, limit, lambda row: row.id, told)


@router.get("/batches/{batch_id}")
def show_batch(
    batch_id: BatchId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """One batch with everything that happened to it and the lines that were sent back."""
    batch = desk.read_batch(session, principal, batch_id, now=runtime.clock())
    more = {
        "events": [told(each) for each in queries.events(session, batch_id)],
        "returns": [told(each) for each in queries.returns(session, batch_id)],
        "differences": [told(each) for each in queries.differences(session, batch_id)],
    }
    return json_answer(told(batch, **more), headers={**NO_STORE, "ETag": f'"{batch.version}"'})


@router.get("/batches/{batch_id}/lines")
def list_lines(
    batch_id: BatchId,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: Reader,
    *,
    revision: Annotated[int | None, Query(ge=1, le=10**6)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The lines of a calculation (the newest, if none is named), each with the rated line and its explanation."""
    desk.read_batch(session, principal, batch_id, now=runtime.clock())
    after = number_position("lines", cursor) or 0
    rows = queries.members(session, batch_id, revision=revision, after=after, limit=limit + 1)
    return page_answer("lines", rows, limit, lambda row: row.position, told)


@router.get("/batches/{batch_id}/list")
def read_list_file(
    batch_id: BatchId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """The list of lines that the statement is bound to, as a file (one JSON object a line): its SHA-256 is `lines_sha256`."""
    desk.read_batch(session, principal, batch_id, now=runtime.clock())
    database = runtime.database

    def lines() -> Any:
        with database.read() as own:
            yield from queries.list_file(own, batch_id)

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=NO_STORE)


@router.get("/batches/{batch_id}/verdict")
def verify(batch_id: BatchId, session: ReadSession, runtime: CurrentRuntime, principal: Reader) -> Response:
    """Check the batch whole, down to every line; `broken` names the first thing that does not fit."""
    desk.read_batch(session, principal, batch_id, now=runtime.clock())
    return json_answer(told(verify_batch(session, batch_id)), headers=NO_STORE)


@router.get("/net")
def show_net(session: ReadSession, principal: Reader, period: PeriodId) -> Response:  # noqa: ARG001
    """Who owes whom of vouchers for a period; the nets sum to zero. Information only."""
    matrix = queries.net_matrix(session, period)
    return json_answer(matrix_document(matrix, period, queries.netted_pairs(session)), headers=NO_STORE)


@router.post("/netting", status_code=204)
def set_netting(
    session: WriteSession, runtime: CurrentRuntime, principal: Netter, body: NettingWanted
) -> None:
    """Say for one's own province whether what it and another owe each other may be netted; both must agree."""
    own = principal.province or ""
    periods.set_netting(session, own, body.other, is_on=body.is_on, actor=principal.name, now=runtime.clock())


@router.get("/seals", dependencies=[public])
def list_seals(
    session: ReadSession, runtime: CurrentRuntime, *, after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """The seals of closed batches, numbered and chained: batch, statement, and the hash of everything.

    `jws` says the same, signed by the hub: a compact JWS under `/api/v1/document-keys`; none where nothing is listed.
    """
    found = [
        {
            "number": each.number,
            "at": each.announced_at.isoformat(),
            "hash": each.hash.hex(),
            **(each.payload or {}),
        }
        for each in sequencer.read_after(session, TOPIC, after, 200)
    ]
    if not found:
        return json_answer({"items": []})
    key = current_key(runtime.database, runtime.home, "message", now=runtime.clock())
    return json_answer({"items": found, "jws": hub_receipts.of_seals(key, found)})


@router.post("/batches/{batch_id}/close")
def close_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Closer,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Cut the province's batches of this period once its cut-off has come."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "close", {})


@router.post("/batches/{batch_id}/recalculate")
def recalculate_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Recalculator,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Calculate again what was not agreed yet: the same lines give the same bytes."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "recalculate", {})


@router.post("/batches/{batch_id}/submit")
def submit_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Submitter,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Submit the batch to the home side, with what was corrected meanwhile."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "submit", {})


@router.post("/batches/{batch_id}/return-line")
def return_line(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Returner,
    body: Returned,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Send one line back, with a code and words; the rest is calculated without it."""
    return _command(
        Call(session, runtime, principal, key, if_match), batch_id, "return_line", body.model_dump()
    )


@router.post("/batches/{batch_id}/agree")
def agree_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Agreer,
    body: Agreed,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Agree to exactly this calculation, as another person than who submitted it."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "agree", body.model_dump())


@router.post("/batches/{batch_id}/reopen")
def reopen_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Reopener,
    body: Words,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Take an agreement back before it is posted."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "reopen", body.model_dump())


@router.post("/batches/{batch_id}/post")
def post_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Poster,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Post an agreed batch now, without waiting for the hub to do so."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "post", {})


@router.post("/batches/{batch_id}/seal")
def seal_batch(
    batch_id: BatchId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Sealer,
    *,
    key: CommandKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Confirm receipt: the batch is closed, and the hash of everything published."""
    return _command(Call(session, runtime, principal, key, if_match), batch_id, "seal", {})


def _command(call: Call, batch_id: str, command: str, given: Mapping[str, Any]) -> Response:
    """Carry a command out once: may they at all, then the key, then the command at the version that was read."""
    session, principal, now = call.session, call.principal, call.runtime.clock()
    desk.may_command(session, principal, batch_id, command, now=now)
    asked = {"batch": batch_id, "command": command, **given}
    ticket = keys.take(session, principal.name, call.key, asked, now=now)
    if ticket.replayed is not None:
        return _answer(ticket.replayed, is_replayed=True)
    version = idempotency.revision_of(call.if_match)
    done = desk.command_batch(session, principal, batch_id, command, given, version=version, now=now)
    answer = told(done)
    ticket.answer(session, answer)
    return _answer(answer, is_replayed=False)


def _answer(answer: Mapping[str, Any], *, is_replayed: bool) -> Response:
    headers = {**NO_STORE, "ETag": f'"{answer["version"]}"'}
    if is_replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(answer, headers=headers)
