"""The own account: what one acts as, open sessions, second factor, requests about enterprises."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.identity import access, queries
from hub.identity import service as identity
from hub.identity.queries import refusals
from hub.identity.service import cases, people, second_factors, sessions
from station_portal import roles
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.sign_in import qr_code

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action("session.use")]
Code = Annotated[str, Form(max_length=60)]


@router.get("/account")
def show_account(frame: CurrentFrame, session: ReadSession, me: Me, told: str = "") -> Response:
    """Everything about oneself."""
    language = frame.language
    texts = {
        "ended": language("会话已结束。"),
        "password": language("密码已更改，其他会话已结束。"),
        "withdrawn": language("申请已撤回。"),
        "asked": language("申请已提交，由注册地科技主管部门核实；结果会显示在这里。"),
        "accepted": language("邀请已接受。"),
        "given": language("第二重验证已通过。"),
    }
    return _page(frame, session, me, told=texts.get(told, ""))


@router.post("/account/act", dependencies=[access.action("session.use")])
def act_under(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    session: WriteSession,
    *,
    grant: Annotated[int, Form(ge=1)] = 1,
) -> Response:
    """Act under another grant; leads to the work or the account of that role."""
    token = access.session_token(request) or ""
    principal, cookie = identity.act_under(session, token, grant, is_demo=runtime.is_demo, now=frame.now)
    has_work = access.may_enter(principal, "portal.use_workspace")
    response = see_other("/staff" if has_work else "/account")
    access.set_session_cookie(response, runtime, cookie)
    return response


@router.post("/account/sessions/end")
def end_session(
    frame: CurrentFrame, session: WriteSession, me: Me, handle: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """End one of one's sessions: a browser elsewhere is out at once."""
    identity.end_session(session, me, handle, now=frame.now)
    return see_other("/account?told=ended#sessions")


@router.post("/account/second-factor")
def prepare_second_factor(frame: CurrentFrame, session: WriteSession, me: Me) -> Response:
    """Make a secret that waits to be confirmed, and show it."""
    second_factors.prepare(session, me.person_id or "", frame.runtime.sealing, now=frame.now)
    return see_other("/account#second-factor")


@router.post("/account/second-factor/code")
def give_code(
    request: Request, runtime: CurrentRuntime, frame: CurrentFrame, me: Me, code: Code = ""
) -> Response:
    """Confirm the prepared second factor, or give the code of the one in force for this session."""
    token = access.session_token(request) or ""
    try:
        codes = identity.strengthen(runtime.database, token, code, keys=runtime.sealing, now=frame.now)
    except HubError as refused:
        if refused.status not in (401, 403, 429):
            raise
        with runtime.database.read() as session:
            told = frame.language.pick(refused.zh, refused.en)
            return _page(frame, session, me, wrong=[("code", told)], status=refused.status)
    if not codes:
        return see_other("/account?told=given#second-factor")
    return frame.page(
        "recovery_codes.html",
        {"codes": codes, "next": "/account"},
        headers={"Cache-Control": "no-store"},
    )


@router.post("/account/recovery-codes")
def renew_recovery_codes(
    request: Request, runtime: CurrentRuntime, frame: CurrentFrame, me: Me, code: Code = ""
) -> Response:
    """New recovery codes in the place of the old ones, for who can still give a code."""
    token = access.session_token(request) or ""
    try:
        identity.strengthen(runtime.database, token, code, keys=runtime.sealing, now=frame.now)
    except HubError as refused:
        if refused.status not in (401, 403, 429):
            raise
        with runtime.database.read() as session:
            told = frame.language.pick(refused.zh, refused.en)
            return _page(frame, session, me, wrong=[("code", told)], status=refused.status)
    with runtime.database.write() as session:
        person = queries.person_by_id(session, me.person_id or "")
        codes = second_factors.new_recovery_codes(session, person, now=frame.now) if person else []
    return frame.page(
        "recovery_codes.html",
        {"codes": codes, "next": "/account"},
        headers={"Cache-Control": "no-store"},
    )


@router.post("/account/password")
def change_password(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    me: Me,
    *,
    old: Annotated[str, Form(max_length=200)] = "",
    new: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Another password for the local account; every other session ends."""
    visit = access.visit_of(request)
    try:
        identity.check_password_of(runtime.database, me, old, address=visit.address, now=frame.now)
        with runtime.database.write() as session:
            person = queries.person_by_id(session, me.person_id or "")
            if person is not None:
                people.change_password(session, person, new, now=frame.now)
                sessions.end_other_sessions(session, access.session_token(request) or "", now=frame.now)
    except HubError as refused:
        if refused.status not in (401, 422, 429):
            raise
        field = "new" if refused.status == 422 else "old"
        with runtime.database.read() as session:
            told = frame.language.pick(refused.zh, refused.en)
            return _page(frame, session, me, wrong=[(field, told)], status=refused.status)
    return see_other("/account?told=password#password")


@router.post("/account/cases/withdraw")
def withdraw_case(
    frame: CurrentFrame, session: WriteSession, me: Me, case: Annotated[str, Form(max_length=60)] = ""
) -> Response:
    """Take back a request of one's own."""
    cases.withdraw_case(session, me, case, now=frame.now)
    return see_other("/account?told=withdrawn#cases")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    person_id = me.person_id or ""
    person = queries.person_by_id(session, person_id)
    context: dict[str, Any] = {
        "told": told,
        "wrong": wrong or [],
        "grants": [_grant(held, me, frame) for held in queries.grants_of(session, person_id)],
        "sessions": _sessions(frame, session, person_id),
        "may_keep_calendar": access.may_enter(me, "booking.keep_calendar"),
        "factor": _factor(frame, session, person),
        "has_account": queries.has_account(session, person_id),
        "logins": [
            _provider_name(frame, held.issuer) for held in queries.provider_logins(session, person_id)
        ],
        "cases": [case_row(frame, case) for case in queries.cases_of_person(session, person_id)],
    }
    return frame.page("account.html", context, status=status)


def _grant(held: queries.HeldGrant, me: access.Principal, frame: Frame) -> dict[str, Any]:
    terms = (held.role, held.party_id, held.province, held.area)
    return {
        "id": held.id,
        "words": roles.acting_words(held, held.party_name, frame.language),
        "since": held.granted_at,
        "is_present": terms == (me.role, me.party_id, me.province, me.area),
    }


def _sessions(frame: Frame, session: Session, person_id: str) -> list[dict[str, Any]]:
    present = access.session_token(frame.request) or ""
    held = queries.held_session(session, present, frame.now)
    return [
        {
            "handle": sessions.handle_of(row),
            "agent": row.agent if row.agent not in ("", "-") else frame.language("其他程序"),
            "since": row.created_at,
            "until": row.expires_at,
            "is_present": held is not None and row.key_hash == held.key_hash,
        }
        for row in queries.sessions_of(session, person_id, now=frame.now)
    ]


def _factor(frame: Frame, session: Session, person: Any) -> dict[str, Any]:
    if person is None:
        return {"is_set": False, "prepared": None, "codes": 0}
    prepared = second_factors.enrolment(session, person, frame.runtime.sealing)
    shown = None
    if prepared is not None:
        secret, address = prepared
        grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        shown = {"secret": grouped, "qr": qr_code(address), "address": address}
    return {
        "is_set": queries.second_factor(session, person.id) is not None,
        "prepared": shown,
        "codes": queries.unused_recovery_codes(session, person.id),
    }


def case_row(frame: Frame, case: Any) -> dict[str, Any]:
    """A case as its person and the offices see it."""
    language = frame.language
    kinds = {
        "verification": language("核实企业归属地"),
        "move": language("变更企业归属地"),
        "foreign_claim": language("异地平台的企业声明"),
    }
    states = {
        "open": language("待办理"),
        "confirmed": language("已确认"),
        "refused": language("未通过"),
        "withdrawn": language("已撤回"),
    }
    refusal = refusals.refusal_of(case.reasons)
    return {
        "id": case.id,
        "refusal": language.pick(refusal.zh, refusal.en) if refusal is not None else "",
        "kind": kinds[case.kind],
        "is_move": case.kind == "move",
        "state": states[case.state],
        "is_open": case.state == "open",
        "is_good": case.state == "confirmed",
        "name": case.enterprise_name,
        "credit_code": case.credit_code,
        "to": roles.area_name(case.to_area, language),
        "from": roles.area_name(case.from_area, language) if case.from_area else "",
        "address": case.address,
        "opened_at": case.opened_at,
        "decided_at": case.decided_at,
        "note": case.note,
        "is_mine": case.provider is None,
    }


def _provider_name(frame: Frame, issuer: str) -> str:
    for held in frame.runtime.partners.identity_providers.values():
        if held.issuer == issuer:
            return frame.language.pick(held.name_zh, held.name_en)
    return issuer
