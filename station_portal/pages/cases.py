"""What bureaus and provinces decide about enterprises: verifications, moves, claims from elsewhere, yearly checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.core.clock import day_of
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access, queries
from hub.identity.errors import CaseUnknown
from hub.identity.queries import refusals
from hub.identity.service import cases
from station_portal import roles
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.account import case_row

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("identity.read_cases")]
Decider = Annotated[access.Principal, access.action("identity.decide_case")]
SHOWN_CLOSED = 30


@router.get("/staff/cases")
def list_cases(frame: CurrentFrame, session: ReadSession, member: Reader, told: str = "") -> Response:
    """Open cases of the area by age, checks that are due, and what was closed lately."""
    texts = {
        "confirmed": frame.language("已确认。"),
        "refused": frame.language("已退回。"),
        "open": frame.language("本方意见已记录，等待另一方确认。"),
        "rechecked": frame.language("复核已记录，一年内有效。"),
    }
    return _page(frame, session, member, told=texts.get(told, ""))


@router.post("/staff/cases/{case_id}/{decision}")
def decide(
    frame: CurrentFrame,
    session: WriteSession,
    member: Decider,
    case_id: str,
    decision: Literal["confirm", "refuse"],
    *,
    reason: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Answer for the side of one's own area; a refusal says why."""
    try:
        case = cases.decide_case(
            session, member, case_id, decision, reason=reason, note=note.strip(), now=frame.now
        )
    except HubError as refused:
        if refused.status not in (409, 422):
            raise
        told = frame.language.pick(refused.zh, refused.en)
        place = f"{refused.field}-{case_id}" if refused.field else case_id
        typed = {case_id: {"reason": reason, "note": note, "wrong": refused.field}}
        return _page(frame, session, member, wrong=[(place, told)], typed=typed, status=refused.status)
    return see_other(f"/staff/cases?told={case.state}#{case_id}")


@router.get("/staff/cases/documents/{number}")
def read_document(frame: CurrentFrame, session: WriteSession, member: Reader, number: int) -> Response:
    """A document that was handed in, as a download; reading it is audited."""
    held = cases.read_document(session, member, number, now=frame.now)
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[held.media_type]
    if held.content is None:
        raise CaseUnknown
    return Response(
        held.content,
        media_type=held.media_type,
        headers={
            # A name of our own: what was handed in may be called anything.
            "Content-Disposition": f'attachment; filename="{held.case_id}-{held.id}.{suffix}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/staff/rechecks/{enterprise_id}")
def recheck(frame: CurrentFrame, session: WriteSession, member: Decider, enterprise_id: str) -> Response:
    """The enterprise is still registered where it was."""
    cases.recheck_home(session, member, enterprise_id, now=frame.now)
    return see_other("/staff/cases?told=rechecked#rechecks")


def count_open(frame: Frame, session: Session) -> int:
    """How many cases wait in the reader's area; none for who may not read them."""
    if frame.principal is None or not access.may_enter(frame.principal, "identity.read_cases"):
        return 0
    return queries.count_open_cases(session, frame.principal.area or "")


def _page(
    frame: Frame,
    session: Session,
    member: access.Principal,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: dict[str, dict[str, Any]] | None = None,
    status: int = 200,
) -> Response:
    # The hub's administrators and an auditor of the belt look everywhere.
    area = member.area or ""
    due = queries.homes_due(session, area, day_of(frame.now))
    context: dict[str, Any] = {
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
        "refusals": [
            (one.code, frame.language.pick(one.zh, one.en)) for one in refusals.refusal_reasons().values()
        ],
        "where": roles.area_name(area, frame.language) if area else frame.language("长江经济带"),
        "may_decide": access.may_enter(member, "identity.decide_case"),
        "open": [_row(frame, session, case, member) for case in queries.cases_of_area(session, area)],
        "closed": [
            case_row(frame, case)
            for case in queries.cases_of_area(session, area, is_open=False, limit=SHOWN_CLOSED)
        ],
        "due": [
            {
                "id": party.id,
                "name": party.name,
                "credit_code": party.credit_code,
                "area": roles.area_name(home.area, frame.language),
                "since": home.recheck_on.isoformat(),
            }
            for party, home in due
        ],
    }
    return frame.page("cases.html", context, status=status)


def _row(frame: Frame, session: Session, case: Any, member: access.Principal) -> dict[str, Any]:
    language = frame.language
    person = queries.person_by_id(session, case.person_id or "")
    reasons = {
        "claimed_area_elsewhere": language("声明的注册地址不在该平台所在省"),
        "home_elsewhere": language("该企业已核实归属其他省"),
        "area_differs": language("声明的市县与已核实的不同"),
        "credit_code_hints_elsewhere": language("信用代码中的登记地区与声明不一致（仅供参考）"),
    }
    return {
        **case_row(frame, case),
        "person": person.display_name if person is not None else "",
        "provider": _provider(frame, case.provider),
        "reasons": [reasons.get(reason, reason) for reason in refusals.opened_for(case.reasons)],
        "times": case.times_seen,
        "from_done": case.given_up_at,
        "to_done": case.taken_over_at,
        "sides": cases.sides_of(case, member),
        "grants_nothing": case.kind == "foreign_claim",
        "documents": [
            {"id": held.id, "size": held.size, "kind": held.media_type.partition("/")[2].upper()}
            for held in queries.documents_of(session, case.id)
            if held.content is not None
        ],
    }


def _provider(frame: Frame, name: str | None) -> str:
    held = frame.runtime.partners.identity_providers.get(name or "")
    return frame.language.pick(held.name_zh, held.name_en) if held is not None else name or ""
