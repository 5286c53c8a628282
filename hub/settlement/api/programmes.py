"""Programmes: read, drafted, tried on past orders, published; and their money by two people."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.core.clock import SHANGHAI
from hub.core.lists import Number
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity import service as identity
from hub.identity.access import Principal, action
from hub.identity.rules import Subject
from hub.settlement import queries, rules
from hub.settlement.errors import ProgrammeUnknown
from hub.settlement.queries import budgets, drafts
from hub.settlement.rules import Programme
from hub.settlement.rules.programme_changes import changes
from hub.settlement.service import drafting, instructing, simulating
from hub.settlement.service.instructing import Wanted
from hub.settlement.wire.programmes import draft_document, instruction_document

router = APIRouter(prefix="/api/v1", tags=["settlement"])

ProgrammeId = Annotated[str, Path(pattern="^[a-z0-9-]{3,60}$")]
Anybody = Annotated[Principal, action("programme.list")]
Reader = Annotated[Principal, action("programme.read")]
Editor = Annotated[Principal, action("programme.edit")]
Looker = Annotated[Principal, action("voucher.read_grants")]
Instructor = Annotated[Principal, action("voucher.instruct")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200)]

NO_STORE = {"Cache-Control": "no-store"}
MOST_SHOWN = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Draft(_Body):
    """What a programme is to become; `revision` of the draft that was read, 0 where there was none."""

    document: dict[str, Any]
    revision: int = Field(default=0, ge=0)


class Revision(_Body):
    """The revision of the draft that was read."""

    revision: int = Field(ge=1)


class Trial(_Body):
    """A programme and the days of past orders, both included."""

    document: dict[str, Any]
    since: date
    until: date


class Instructed(_Body):
    """What is to be done with the programme's money, in fen."""

    kind: Literal["fund", "grant", "raise", "end"]
    fen: int = Field(default=0, ge=0, le=1_000_000_000_000)
    year: int | None = Field(default=None, ge=2000, le=2100)
    holder: str | None = Field(default=None, max_length=60)
    grant_id: str | None = Field(default=None, max_length=60)
    note: str = Field(default="", max_length=500)


class Reasoned(_Body):
    """Why not."""

    reason: str = Field(min_length=1, max_length=500)


@router.get("/programmes")
def list_programmes(session: ReadSession, principal: Anybody) -> Response:  # noqa: ARG001 - the access entry
    """Every programme in its newest version, and which terms it lacks before it can be used."""
    told = [_programme(each) for each in queries.everything(session)]
    return json_answer({"items": told})


@router.get("/programmes/{programme_id}/versions")
def list_versions(
    programme_id: ProgrammeId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """Every version of a programme with what it changed; the newest first."""
    _allow(session, principal, "programme.read", programme_id, runtime)
    rows = drafts.versions_of(session, programme_id)
    before = [*(row.document for row in rows[1:]), None][: len(rows)]
    items = [
        {
            "version": row.version,
            "made_at": row.made_at.isoformat(),
            "document": row.document,
            "changes": [each._asdict() for each in changes(old, row.document)],
        }
        for row, old in zip(rows, before, strict=True)
    ]
    return json_answer({"items": items}, headers=NO_STORE)


@router.put("/programmes/{programme_id}/draft")
def save_draft(
    programme_id: ProgrammeId, session: WriteSession, runtime: CurrentRuntime, principal: Editor, body: Draft
) -> Response:
    """Keep what the programme is to become."""
    if queries.find_programme(session, programme_id) is not None:
        _allow(session, principal, "programme.edit", programme_id, runtime)
    document = {**body.document, "id": programme_id}
    row = drafting.save_draft(session, principal, document, revision=body.revision, now=runtime.clock())
    return json_answer(draft_document(row), headers=NO_STORE)


@router.post("/programme-drafts/{draft_id}/publish")
def publish_draft(
    draft_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Editor, body: Revision
) -> Response:
    """Make it the next version; only somebody who did not edit it may."""
    made = drafting.publish_draft(session, principal, draft_id, revision=body.revision, now=runtime.clock())
    return json_answer(_programme(made), headers=NO_STORE)


@router.post("/programme-drafts/{draft_id}/discard", status_code=204)
def discard_draft(
    draft_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Editor
) -> None:
    """Give the draft up. Safe to repeat."""
    drafting.discard_draft(session, principal, draft_id, now=runtime.clock())


@router.post("/programmes/{programme_id}/simulate")
def simulate(
    programme_id: ProgrammeId, session: ReadSession, runtime: CurrentRuntime, principal: Editor, body: Trial
) -> Response:
    """Try terms on past orders; nothing is written. Totals, and the orders that change most."""
    _allow(session, principal, "programme.edit", programme_id, runtime)
    document = {**body.document, "id": programme_id, "area": _known(session, programme_id).area}
    told = simulating.simulate(session, document, body.since, body.until)
    orders = [
        {
            "reference": each.reference,
            "decided_on": each.decided_on.isoformat(),
            "fee_fen": each.fee_fen,
            "old_version": each.old_version,
            "old_fen": each.old_fen,
            "new_fen": each.new_fen,
            "difference_fen": each.difference,
            "new_reasons": [reason._asdict() for reason in each.new_reasons],
        }
        for each in told.most_changed(MOST_SHOWN)
    ]
    answer = {"found": told.found, "is_sample": told.is_sample, "totals": told.totals, "orders": orders}
    return json_answer(answer, headers=NO_STORE)


@router.get("/programmes/{programme_id}/budget")
def show_budget(
    programme_id: ProgrammeId,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: Looker,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
) -> Response:
    """A budget year of the programme as the ledger has it, month by month, in fen."""
    _allow(session, principal, "voucher.read_grants", programme_id, runtime)
    wanted = year or runtime.clock().astimezone(SHANGHAI).year
    held = budgets.budget_of(session, programme_id, wanted)
    months = [{**asdict(each), "begins": each.begins.isoformat()} for each in held.months]
    told = {**asdict(held), "captured_fen": held.captured_fen, "months": months}
    return json_answer(told, headers=NO_STORE)


@router.post("/programmes/{programme_id}/instructions", status_code=201)
def propose_instruction(
    programme_id: ProgrammeId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Instructor,
    *,
    body: Instructed,
    key: Key,
) -> Response:
    """Ask for money to be moved; nothing moves before another person confirms. The same key again is the same one."""
    wanted = Wanted(programme_id=programme_id, **body.model_dump())
    row = instructing.propose(session, principal, wanted, key=key, now=runtime.clock())
    return json_answer(instruction_document(row), 201, NO_STORE)


@router.post("/instructions/{instruction_id}/confirm")
def confirm_instruction(
    instruction_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Instructor
) -> Response:
    """Another person agrees, and it is done."""
    row = instructing.confirm(session, principal, instruction_id, now=runtime.clock())
    return json_answer(instruction_document(row), headers=NO_STORE)


@router.post("/instructions/{instruction_id}/refuse")
def refuse_instruction(
    instruction_id: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Instructor,
    body: Reasoned,
) -> Response:
    """Say no, or take back what one proposed."""
    row = instructing.refuse(session, principal, instruction_id, body.reason, now=runtime.clock())
    return json_answer(instruction_document(row), headers=NO_STORE)


def _known(session: Any, programme_id: str) -> Programme:
    held = queries.find_programme(session, programme_id)
    if held is None:
        raise ProgrammeUnknown(programme_id)
    return held


def _allow(session: Any, principal: Principal, name: str, programme_id: str, runtime: Any) -> None:
    subject = Subject(home_area=_known(session, programme_id).area, name=f"programme:{programme_id}")
    identity.allow(session, principal, name, subject, now=runtime.clock())


def _programme(each: Programme) -> dict[str, Any]:
    return {"version": each.version, "document": each.document, "missing": list(rules.missing(each))}
