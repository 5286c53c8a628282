"""What the two sides do to a batch: submit, return, agree, take back, seal, and correct what was posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import WriteSession
from hub.identity import access
from hub.settlement.errors import CreditUnknown
from hub.settlement.queries import paying
from hub.settlement.service.periods import desk
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.settling.batch import page

router = APIRouter(include_in_schema=False)

Submitter = Annotated[access.Principal, access.action("settlement.submit")]
Returner = Annotated[access.Principal, access.action("settlement.return_line")]
Agreer = Annotated[access.Principal, access.action("settlement.agree")]
Reopener = Annotated[access.Principal, access.action("settlement.reopen")]
Sealer = Annotated[access.Principal, access.action("settlement.seal")]
Proposer = Annotated[access.Principal, access.action("settlement.propose_credit")]
Issuer = Annotated[access.Principal, access.action("settlement.issue_credit")]

Word = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=1000)]
Line = Annotated[int, Form()]

_SAID = (409, 412, 422)
"""What the page itself says; everything else has a page of its own."""


@router.post("/staff/settlement/batches/{batch_id}/submit")
def submit(
    batch_id: str, frame: CurrentFrame, session: WriteSession, me: Submitter, version: Word = ""
) -> Response:
    """The visited side hands the batch over for review."""
    return _give(frame, session, me, (batch_id, "submit", version), {})


@router.post("/staff/settlement/batches/{batch_id}/return")
def return_line(
    batch_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Returner,
    *,
    version: Word = "",
    line: Line = 0,
    code: Word = "",
    text: Words = "",
) -> Response:
    """The home side sends one line back with a code and words."""
    given = {"line_id": line, "code": code, "text": text}
    return _give(frame, session, me, (batch_id, "return_line", version), given)


@router.post("/staff/settlement/batches/{batch_id}/agree")
def agree(
    batch_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Agreer,
    *,
    version: Word = "",
    sha256: Word = "",
) -> Response:
    """The home side agrees to exactly the result that was read."""
    return _give(frame, session, me, (batch_id, "agree", version), {"sha256": sha256})


@router.post("/staff/settlement/batches/{batch_id}/reopen")
def reopen(
    batch_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Reopener,
    *,
    version: Word = "",
    text: Words = "",
) -> Response:
    """Either side takes the agreement back before it is posted."""
    return _give(frame, session, me, (batch_id, "reopen", version), {"text": text})


@router.post("/staff/settlement/batches/{batch_id}/seal")
def seal(
    batch_id: str, frame: CurrentFrame, session: WriteSession, me: Sealer, version: Word = ""
) -> Response:
    """The visited side confirms that the money came; the batch is closed for ever."""
    return _give(frame, session, me, (batch_id, "seal", version), {})


@router.post("/staff/settlement/lines/{rated_line_id}/credit")
def propose_credit(
    rated_line_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Proposer,
    *,
    batch: Word = "",
    reason: Word = "",
    text: Words = "",
) -> Response:
    """The visited side proposes to take back a posted line."""
    try:
        with session.begin_nested():
            desk.propose_credit(session, me, rated_line_id, reason=reason, text=text, now=frame.now)
    except HubError as refused:
        typed = {"line_id": rated_line_id, "reason": reason, "text": text}
        return _refused(frame, session, me, batch, refused, typed=typed)
    return see_other(f"/staff/settlement/batches/{batch}?told=propose_credit")


@router.post("/staff/settlement/credits/{credit_id}/decide")
def decide_credit(
    credit_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Issuer,
    *,
    decision: Word = "",
    text: Words = "",
) -> Response:
    """The home side issues the credit document, or refuses."""
    held = paying.find_credit(session, credit_id)
    if held is None:
        raise CreditUnknown(credit_id)
    command = "issue_credit" if decision == "issue" else "refuse_credit"
    try:
        with session.begin_nested():
            desk.decide_credit(session, me, credit_id, command, {"text": text}, now=frame.now)
    except HubError as refused:
        return _refused(
            frame, session, me, held.batch_id, refused, typed={"credit_id": credit_id, "text": text}
        )
    return see_other(f"/staff/settlement/batches/{held.batch_id}?told=issue_credit")


def _give(
    frame: Frame,
    session: Session,
    me: access.Principal,
    command: tuple[str, str, str],
    given: Mapping[str, object],
) -> Response:
    """Give a command (batch, what, the version that was read); what refuses it is said on the batch's page."""
    batch_id, what, version = command
    read = int(version) if version.isdecimal() else None
    try:
        with session.begin_nested():
            desk.command_batch(session, me, batch_id, what, given, version=read, now=frame.now)
    except HubError as refused:
        return _refused(frame, session, me, batch_id, refused, typed=given)
    return see_other(f"/staff/settlement/batches/{batch_id}?told={what}")


def _refused(
    frame: Frame,
    session: Session,
    me: access.Principal,
    batch_id: str,
    refused: HubError,
    *,
    typed: Mapping[str, object],
) -> Response:
    """The batch's page with what was wrong and what was typed; whoever may not see it gets the error's own page."""
    if refused.status not in _SAID:
        raise refused
    batch = desk.read_batch(session, me, batch_id, now=frame.now)
    return page(frame, session, me, batch, wrong=refused, typed=typed, status=refused.status)
