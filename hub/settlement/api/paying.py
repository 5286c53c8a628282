"""Payment lists and their lines, redemption results that wait for a person, and credits."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hub.core.lists import Number
from hub.core.runtime import Runtime
from hub.core.web import CommandKey, CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity.access import Principal, action
from hub.identity.service.signing import current_key
from hub.settlement.errors import ReceiptUnknown
from hub.settlement.queries import paying as queries
from hub.settlement.service import hub_receipts, keys
from hub.settlement.service.periods import desk
from hub.settlement.wire.periods import told

router = APIRouter(prefix="/api/v1/settlement", tags=["settlement"])

NO_STORE = {"Cache-Control": "no-store"}
Id = Annotated[str, Path(pattern="^pl-[a-z0-9.-]{1,140}$")]

Reader = Annotated[Principal, action("settlement.read_payments")]
Payer = Annotated[Principal, action("settlement.record_payment")]
Bouncer = Annotated[Principal, action("settlement.bounce")]
CaseCloser = Annotated[Principal, action("settlement.close_case")]
Proposer = Annotated[Principal, action("settlement.propose_credit")]
Issuer = Annotated[Principal, action("settlement.issue_credit")]
Refuser = Annotated[Principal, action("settlement.refuse_credit")]
Receiver = Annotated[Principal, action("settlement.record_payback")]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who, and under which key."""

    session: Session
    runtime: Runtime
    principal: Principal
    key: str | None = None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Proven(_Body):
    """How a line was paid; `sha256` is of the receipt, if it was kept."""

    paid_on: date
    bank_reference: str = Field(min_length=1, max_length=100)
    amount_fen: int = Field(ge=1, le=10**15)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class Why(_Body):
    """A code (`bounce_reason` or `credit_reason`) and words."""

    reason: str = Field(max_length=40)
    text: str = Field(max_length=1000)


class Words(_Body):
    """What was done, or why not."""

    text: str = Field(max_length=1000)


@router.get("/payment-lists")
def list_payments(
    session: ReadSession, principal: Reader, *, batch: Annotated[str | None, Query(max_length=40)] = None
) -> Response:
    """The payment lists of my area, the newest first."""
    rows = queries.payment_lists(session, payer=principal.area, batch_id=batch)
    return json_answer({"items": [told(row) for row in rows]}, headers=NO_STORE)


@router.get("/payment-lists/{list_id}")
def show_list(list_id: Id, session: ReadSession, runtime: CurrentRuntime, principal: Reader) -> Response:
    """A payment list with its lines and the orders that each pays."""
    found = desk.read_list(session, principal, list_id, now=runtime.clock())
    lines = [
        told(line, items=[told(item) for item in queries.items_of(session, line.id)])
        for line in queries.payment_lines(session, list_id)
    ]
    return json_answer(told(found, items=lines), headers=NO_STORE)


@router.post("/payment-lines/{line_id}/paid")
def record_payment(
    line_id: Id, runtime: CurrentRuntime, principal: Payer, body: Proven, *, key: CommandKey = None
) -> Response:
    """Record that a line was paid; its vouchers are redeemed.

    `hub_receipt` is the hub's signed receipt of the proof, a compact JWS under `/api/v1/document-keys`; there is none
    once the payment has bounced.
    """
    now = runtime.clock()
    with runtime.database.write() as session:
        desk.may_pay(session, principal, "record_payment", line_id, now=now)

        def act() -> Mapping[str, Any]:
            done = desk.record_payment(session, principal, line_id, body.model_dump(), now=now)
            return {"line_id": done.line_id, "fen": done.fen, "state": "paid"}

        call = Call(session, runtime, principal, key)
        answer, headers = _carry_out(call, ["paid", line_id, body.model_dump(mode="json")], act)
    signing = current_key(runtime.database, runtime.home, "message", now=now)
    with runtime.database.read() as session, suppress(ReceiptUnknown):
        line = hub_receipts.open_line(session, principal, line_id, now=now)
        answer = {**answer, "hub_receipt": hub_receipts.of_payment(signing, line)}
    return json_answer(answer, headers=headers)


@router.post("/payment-lines/{line_id}/bounced")
def bounce(
    line_id: Id,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Bouncer,
    body: Why,
    *,
    key: CommandKey = None,
) -> Response:
    """A payment came back: the line is issued again as `new_line_id`."""

    def act() -> Mapping[str, Any]:
        new = desk.bounce(session, principal, line_id, **body.model_dump(), now=runtime.clock())
        return {"line_id": line_id, "state": "bounced", "new_line_id": new}

    desk.may_pay(session, principal, "bounce", line_id, now=runtime.clock())
    return _once(Call(session, runtime, principal, key), ["bounced", line_id, body.model_dump()], act)


@router.get("/redemption-cases")
def list_cases(session: ReadSession, principal: Reader, *, is_open: bool = True) -> Response:
    """Redemption results that could not be applied, and why."""
    rows = queries.redemption_cases(session, principal.area or "", is_open=is_open)
    return json_answer({"items": [told(row) for row in rows]}, headers=NO_STORE)


@router.post("/redemption-cases/{redemption_case_id}/close", status_code=204)
def close_case(
    redemption_case_id: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: CaseCloser,
    body: Words,
) -> None:
    """Say what was done about a result that contradicts what is known."""
    desk.close_case(session, principal, redemption_case_id, text=body.text, now=runtime.clock())


@router.get("/commitments")
def list_commitments(
    session: ReadSession, principal: Reader, year: Annotated[int, Query(ge=2000, le=2100)]
) -> Response:
    """What was unpaid at the end of a budget year and is carried as a commitment."""
    rows = queries.commitments(session, principal.area or "", year)
    return json_answer({"items": [told(row) for row in rows]}, headers=NO_STORE)


@router.post("/lines/{rated_line_id}/credit", status_code=201)
def propose_credit(
    rated_line_id: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Proposer,
    body: Why,
    *,
    key: CommandKey = None,
) -> Response:
    """Propose to take a posted line back; the home side issues the credit."""

    def act() -> Mapping[str, Any]:
        made = desk.propose_credit(
            session, principal, rated_line_id, **body.model_dump(), now=runtime.clock()
        )
        return {"credit_id": made, "state": "proposed"}

    desk.may_credit(session, principal, rated_line_id, now=runtime.clock())
    return _once(
        Call(session, runtime, principal, key), ["credit", rated_line_id, body.model_dump()], act, 201
    )


@router.post("/credits/{credit_id}/issue")
def issue_credit(
    credit_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Issuer
) -> Response:
    """Agree to a credit, as another person than who proposed it: the document is issued and the posting reversed."""
    return _decide(Call(session, runtime, principal), credit_id, "issue_credit", {})


@router.post("/credits/{credit_id}/refuse")
def refuse_credit(
    credit_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Refuser, body: Words
) -> Response:
    """Do not agree to a credit, and say why."""
    return _decide(Call(session, runtime, principal), credit_id, "refuse_credit", body.model_dump())


@router.post("/credits/{credit_id}/payback")
def record_payback(
    credit_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Receiver, body: Proven
) -> Response:
    """What a payee owed back because of a credit has come, at whoever paid it; safe to repeat with the same proof."""
    done = desk.record_payback(session, principal, credit_id, body.model_dump(), now=runtime.clock())
    return json_answer(told(done), headers=NO_STORE)


def _decide(call: Call, credit_id: int, command: str, given: Mapping[str, Any]) -> Response:
    now = call.runtime.clock()
    done = desk.decide_credit(call.session, call.principal, credit_id, command, given, now=now)
    return json_answer(told(done), headers=NO_STORE)


def _once(call: Call, asked: list[Any], act: Callable[[], Mapping[str, Any]], status: int = 200) -> Response:
    answer, headers = _carry_out(call, asked, act)
    return json_answer(answer, status, headers)


def _carry_out(
    call: Call, asked: list[Any], act: Callable[[], Mapping[str, Any]]
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Carry it out once for each key; the same key and body are answered the same. The answer and its headers."""
    now = call.runtime.clock()
    ticket = keys.take(call.session, call.principal.name, call.key, {"asked": asked}, now=now)
    if ticket.replayed is not None:
        return ticket.replayed, {**NO_STORE, "Idempotency-Replayed": "true"}
    answer = act()
    ticket.answer(call.session, answer)
    return answer, NO_STORE
