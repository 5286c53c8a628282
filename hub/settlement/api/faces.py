"""The doors for provinces' systems: papers to read, receipts, results of payments; allotments of home authorities."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, spec_body, spec_openapi
from hub.exchange.signing import Sealer, sealer
from hub.identity.access import Principal, action
from hub.identity.service.signing import current_key
from hub.settlement.queries import faces as queries
from hub.settlement.service import hub_receipts
from hub.settlement.service.faces import doors

router = APIRouter(prefix="/api/v1", tags=["settlement"])

NO_STORE = {"Cache-Control": "no-store"}

PaperReader = Annotated[Principal, action("settlement.read_papers")]
Answerer = Annotated[Principal, action("settlement.send_result")]
Home = Annotated[Principal, action("settlement.push_allotment")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ReceiptBody(BaseModel):
    """That a paper was received: its message, the digest of what was received, the receiver's own number of it."""

    model_config = ConfigDict(extra="forbid")
    message_id: str = Field(min_length=1, max_length=80)
    sha256: Sha256
    remote_id: str | None = Field(default=None, max_length=120)


def ready_sealer(runtime: CurrentRuntime) -> Sealer:
    """The hub's signature, its key at hand before a transaction is open."""
    return sealer(runtime.database, runtime.home).ready(runtime.clock())


@router.get("/settlement/papers")
def list_papers(
    principal: PaperReader,
    seal: Annotated[Sealer, Depends(ready_sealer)],
    session: ReadSession,
    runtime: CurrentRuntime,
    *,
    after: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Payment lists and statements that wait for the own province, oldest first, each with the hub's detached signature
    over its canonical form (RFC 8785). A paper stays until its receipt has come.
    """
    position = 0 if after is None else int(decode_cursor("papers", after, [int], field="after")[0])
    rows = queries.to_read(session, principal.province or "", after=position, limit=limit)
    papers = [
        doors.paper_document(session, row, document, seal, now=runtime.clock()) for row, document in rows
    ]
    last = rows[-1][0].id if rows else position
    return json_answer({"papers": papers, "next": encode_cursor("papers", [last])}, headers=NO_STORE)


@router.post("/settlement/receipts")
def take_receipt(runtime: CurrentRuntime, principal: PaperReader, body: ReceiptBody) -> Response:
    """A paper was received. Repeating is harmless; a digest that is not the paper's is refused and looked into.

    `hub_receipt` is the hub's signed receipt of this word, a compact JWS under `/api/v1/document-keys`.
    """
    province, now = principal.province or "", runtime.clock()
    doors.take_receipt(
        runtime.database, province, body.message_id, sha256=body.sha256, remote_id=body.remote_id, now=now
    )
    key = current_key(runtime.database, runtime.home, "message", now=now)
    with runtime.database.read() as session:
        receipt = hub_receipts.of_paper(session, key, province, body.message_id)
    return json_answer({"message_id": body.message_id, "hub_receipt": receipt}, headers=NO_STORE)


@router.post("/settlement/redemptions", openapi_extra=spec_openapi(body="redemption-result"))
def take_redemption(
    runtime: CurrentRuntime,
    principal: Answerer,
    body: Annotated[Any, spec_body("redemption-result")],
) -> Response:
    """What became of one line of a payment list. A fact counts once: `verdict` says what was done with it.

    `hub_receipt` is the hub's signed receipt (a compact JWS under `/api/v1/document-keys`); the same again gives it again.
    """
    province, now = principal.province or "", runtime.clock()
    with runtime.database.write() as session:
        verdict = doors.take_redemption(session, province, body, now=now)
    key = current_key(runtime.database, runtime.home, "message", now=now)
    with runtime.database.read() as session:
        receipt = hub_receipts.of_result(session, key, province, body)
    return json_answer({"id": body["id"], "verdict": verdict, "hub_receipt": receipt}, headers=NO_STORE)


@router.post("/allotments", openapi_extra=spec_openapi(body="allotment", answer="allotment"))
def take_allotment(
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Home,
    body: Annotated[Any, spec_body("allotment")],
) -> Response:
    """A home authority gives, raises, lowers or takes back (0) an allotment; `holder` is a credit code. The answer is the
    hub's own ledger's, never below what is held and used. Repeating is harmless, an older revision changes nothing.
    """
    answer = doors.take_allotment(session, principal.province or "", body, now=runtime.clock())
    return json_answer(answer, headers=NO_STORE)


@router.get("/allotments")
def list_allotments(session: ReadSession, principal: Home) -> Response:
    """The hub's figures of every allotment of the own province, in fen."""
    rows = queries.figures(session, principal.province or "")
    return json_answer({"items": [doors.figures_document(row) for row in rows]}, headers=NO_STORE)
