"""To which bank account an institution is paid: its manager enters it, a second person approves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access, rules
from hub.settlement.queries import payees as queries
from hub.settlement.queries.payees import Payee
from hub.settlement.service import payees
from hub.settlement.service.payees import BankDetails
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(payees.READ)]
Proposer = Annotated[access.Principal, access.action(payees.PROPOSE)]
Decider = Annotated[access.Principal, access.action(payees.DECIDE)]

Field = Annotated[str, Form(max_length=200)]
_EMPTY = BankDetails("", "", "")


@router.get("/staff/payees")
def list_payees(frame: CurrentFrame, session: ReadSession, me: Reader, told: str = "") -> Response:
    """The own institution's account and the form for another; or the province's, the ones that wait first."""
    texts = {
        "proposed": frame.language("已录入，待第二人审核；审核前仍按原账户付款。"),
        "approved": frame.language("已审核通过，今后的付款清单使用该账户。"),
        "refused": frame.language("已退回，原账户不变。"),
    }
    return _page(frame, session, me, told=texts.get(told, ""))


@router.post("/staff/institutions/{institution_id}/payee")
def propose(
    institution_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Proposer,
    *,
    account_name: Field = "",
    bank_name: Field = "",
    account_number: Field = "",
) -> Response:
    """Enter another account."""
    details = BankDetails(account_name, bank_name, account_number)
    try:
        payees.propose_payee(session, me, institution_id, details, now=frame.now)
    except HubError as refused:
        if refused.status != 422:
            raise
        return _page(frame, session, me, wrong=refused, typed=details, status=422)
    return see_other("/staff/payees?told=proposed")


@router.post("/staff/payees/{payee_id}/decide")
def decide(
    payee_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Decider,
    *,
    decision: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Approve or refuse what somebody else entered."""
    try:
        held = payees.decide_payee(
            session, me, payee_id, approves=decision == "approve", note=note, now=frame.now
        )
    except HubError as refused:
        if refused.status != 409:
            raise
        return _page(frame, session, me, wrong=refused, status=409)
    return see_other(f"/staff/payees?told={held.state}")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    told: str = "",
    wrong: HubError | None = None,
    typed: BankDetails | None = None,
    status: int = 200,
) -> Response:
    language = frame.language
    own = me.party_id if me.role == rules.INSTITUTION_MANAGER else None
    if own is not None:
        rows = queries.payees_of(session, own)
    else:
        area = me.area or ""
        waiting = queries.payees_within(session, area, state="proposed")
        rows = [*waiting, *queries.payees_within(session, area, state="approved")]
    called = names.institutions(session, [each.institution_id for each in rows], language)
    faults = [] if wrong is None else [(wrong.field or "", language.pick(wrong.zh, wrong.en))]
    if wrong is not None and wrong.hint_zh:
        faults.append(("", language.pick(wrong.hint_zh, wrong.hint_en or "")))
    context: dict[str, Any] = {
        "told": told,
        "wrong": faults,
        "faulty": {wrong.field} if wrong is not None else set(),
        "own": own,
        "own_name": "" if own is None else names.institutions(session, [own], language)[own],
        "typed": typed or _EMPTY,
        "payees": [_row(frame, session, me, each, called) for each in rows],
    }
    return frame.page("settling_payees.html", context, status=status)


def _row(
    frame: Frame, session: Session, me: access.Principal, each: Payee, called: Mapping[str, str]
) -> dict[str, Any]:
    language = frame.language
    states = {
        "proposed": (language("待第二人审核"), "warn"),
        "approved": (language("使用中"), "ok"),
        "refused": (language("已退回"), "wait"),
        "replaced": (language("已替代"), "wait"),
    }
    text, tone = states[each.state]
    subject = payees.subject_of(each.institution_id)
    may_decide = each.state == "proposed" and rules.may(me, payees.DECIDE, subject)
    return {
        "id": each.id,
        "institution": called[each.institution_id],
        "account_name": each.account_name,
        "bank_name": each.bank_name,
        # Whoever compares it must see it; everybody else sees its end.
        "number": each.account_number if may_decide else each.masked_number,
        "state": text,
        "tone": tone,
        "entered_by": names.person(session, each.entered_by, language),
        "entered_at": each.entered_at,
        "decided_by": names.person(session, each.decided_by, language),
        "decided_at": each.decided_at,
        "note": each.note,
        "is_waiting": each.state == "proposed",
        "may_decide": may_decide and each.entered_by != me.name,
    }
