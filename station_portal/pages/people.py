"""Who works in the offices: find people, invite, end what they may do, help with a lost second factor; stations' operators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access, queries, rules
from hub.identity.errors import GrantUnknown, NotAllowed, PersonUnknown
from hub.identity.rules import Terms
from hub.identity.service import invitations, parties, people, second_factors, sessions
from station_portal import roles, wording
from station_portal.errors import ProvinceNotShown
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False)

MANAGE = "identity.manage_people"
Manager = Annotated[access.Principal, access.action(MANAGE)]
Stations = Annotated[access.Principal, access.action("identity.manage_stations")]
Search = Annotated[str, Query(max_length=60)]
INVITED = tuple(
    role for role in rules.ROLES if role not in (*rules.ENTERPRISE_ROLES, rules.INSTRUMENT_OPERATOR)
)


@router.get("/staff/people")
def list_people(
    frame: CurrentFrame, session: ReadSession, member: Manager, *, q: Search = "", told: str = ""
) -> Response:
    """Staff of the own province, or of everywhere for the hub's administrators."""
    texts = {
        "ended": frame.language("该身份已停用。"),
        "factor": frame.language("第二重验证已清除，下次登录时重新启用；全部会话已结束。"),
        "off": frame.language("该用户已停用，全部会话失效。"),
        "on": frame.language("该用户已恢复。"),
        "withdrawn": frame.language("邀请已撤回。"),
        "station": frame.language("驿站运营机构已更新。"),
    }
    return _page(frame, session, member, q=q, told=texts.get(told, ""))


@router.post("/staff/people/invitations")
def invite(
    frame: CurrentFrame,
    session: WriteSession,
    member: Manager,
    *,
    role: Annotated[str, Form(max_length=40)] = "",
    province: Annotated[str, Form(max_length=6)] = "",
    area: Annotated[str, Form(max_length=6)] = "",
    party: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Offer a role of the offices; the link is shown once."""
    given = {"role": role, "province": province, "area": area, "party": party, "note": note}
    terms = _terms(session, member, given)
    try:
        _, token = invitations.invite(session, member, terms, note=note.strip(), now=frame.now)
    except HubError as refused:
        if refused.status != 422:
            raise
        wrong = [(refused.field or "role", frame.language.pick(refused.zh, refused.en))]
        return _page(frame, session, member, given=given, wrong=wrong, status=422)
    link = f"{frame.runtime.public_url}/invitations/{token}"
    return _page(frame, session, member, link=link, headers={"Cache-Control": "no-store"})


@router.post("/staff/people/invitations/{number}/withdraw")
def withdraw(frame: CurrentFrame, session: WriteSession, member: Manager, number: int) -> Response:
    """Take an offer back."""
    invitations.withdraw_invitation(session, member, number, now=frame.now)
    return see_other("/staff/people?told=withdrawn#invitations")


@router.post("/staff/people/grants/{number}/end")
def end_grant(frame: CurrentFrame, session: WriteSession, member: Manager, number: int) -> Response:
    """End a role that one could have handed out."""
    held = queries.grant_by_id(session, number)
    if held is None:
        raise GrantUnknown
    if not rules.may_grant(member, Terms(held.role, held.party_id, held.province, held.area)):
        raise NotAllowed(member.name, MANAGE, f"grant:{number}")
    people.end_grant(session, number, actor=member.name, now=frame.now)
    return see_other("/staff/people?told=ended")


@router.post("/staff/people/{person_id}/second-factor")
def forget_second_factor(
    frame: CurrentFrame, session: WriteSession, member: Manager, person_id: str
) -> Response:
    """Forget a lost second factor, and end every session of the person."""
    _check_theirs(session, member, person_id)
    person = queries.person_by_id(session, person_id)
    if person is not None:
        second_factors.remove(session, person, actor=member.name, now=frame.now)
        sessions.end_sessions_of_person(session, person_id, actor=member.name, now=frame.now)
    return see_other("/staff/people?told=factor")


@router.post("/staff/people/{person_id}/switch")
def switch(
    frame: CurrentFrame,
    session: WriteSession,
    member: Manager,
    person_id: str,
    on: Annotated[bool, Form()] = False,
) -> Response:
    """Switch somebody off, or on again."""
    _check_theirs(session, member, person_id)
    people.switch_person(session, person_id, is_active=on, actor=member.name, now=frame.now)
    return see_other(f"/staff/people?told={'on' if on else 'off'}")


@router.post("/staff/stations/{province}")
def assign_station(
    frame: CurrentFrame,
    session: WriteSession,
    member: Stations,
    province: str,
    *,
    name: Annotated[str, Form(max_length=200)] = "",
    credit_code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Have an organisation run a province's station; one with the same credit code is the same organisation."""
    if province not in frame.runtime.adapters:
        raise ProvinceNotShown(province)
    try:
        operator = parties.put_operator(
            session, name.strip(), credit_code.strip().upper(), actor=member.name, now=frame.now
        )
        parties.assign_station(session, province, operator.id, actor=member.name, now=frame.now)
    except HubError as refused:
        if refused.status != 422:
            raise
        wrong = [(f"credit-{province}", frame.language.pick(refused.zh, refused.en))]
        return _page(frame, session, member, wrong=wrong, status=422)
    return see_other("/staff/people?told=station#stations")


def _check_theirs(session: Session, member: access.Principal, person_id: str) -> None:
    """Only people all of whose roles one could hand out; nobody helps or switches themselves."""
    held = queries.grants_of(session, person_id)
    if queries.person_by_id(session, person_id) is None:
        raise PersonUnknown
    theirs = [rules.may_grant(member, Terms(g.role, g.party_id, g.province, g.area)) for g in held]
    is_admin = member.role == rules.HUB_ADMIN
    if person_id == member.person_id or not (is_admin or (theirs and all(theirs))):
        raise NotAllowed(member.name, MANAGE, person_id)


def _terms(session: Session, member: access.Principal, given: dict[str, str]) -> Terms:
    role, province = given["role"], given["province"] or member.province or ""
    if role == rules.STATION_STAFF:
        held = queries.station_of(session, province)
        return Terms(role, held.operator_id if held is not None else None, province)
    if role == rules.INSTITUTION_MANAGER:
        return Terms(role, given["party"].strip() or None)
    if role in (rules.HUB_ADMIN, rules.AUDITOR):
        return rules.terms_of(role, area=given["area"].strip() or None)
    return rules.terms_of(role, province=province or None, area=given["area"].strip() or None)


def _page(
    frame: Frame,
    session: Session,
    member: access.Principal,
    *,
    q: str = "",
    told: str = "",
    link: str = "",
    given: dict[str, str] | None = None,
    wrong: list[tuple[str, str]] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    is_admin = member.role == rules.HUB_ADMIN
    found = (
        queries.staff_grants(session, search=q.strip())
        if is_admin
        else queries.grants_of_province(session, member.province or "")
    )
    offered = [role for role in INVITED if is_admin or role not in (rules.HUB_ADMIN, rules.AUDITOR)]
    context: dict[str, Any] = {
        "told": told,
        "link": link,
        "wrong": wrong or [],
        "given": {
            "role": "",
            "province": member.province or "",
            "area": "",
            "party": "",
            "note": "",
            **(given or {}),
        },
        "q": q,
        "is_admin": is_admin,
        "people": _people(frame, session, found, member),
        "roles": [(role, roles.role_name(role, frame.language)) for role in offered],
        "provinces": [
            (code, wording.short_province(code, frame.language)) for code in sorted(frame.runtime.adapters)
        ],
        "invitations": _invitations(frame, session, member),
        "stations": [
            {
                "province": held.province,
                "name": wording.short_province(held.province, frame.language),
                "operator": held.operator_name,
            }
            for held in queries.stations(session)
        ],
    }
    return frame.page("people.html", context, status=status, headers=headers)


def _people(
    frame: Frame, session: Session, found: list[queries.HeldGrant], member: access.Principal
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    states = queries.people_states(session, {held.person_id for held in found})
    for held in found:
        is_active, has_factor = states[held.person_id]
        row = rows.setdefault(
            held.person_id,
            {
                "id": held.person_id,
                "name": held.person_name,
                "account": held.principal_name.partition(":")[2],
                "is_active": is_active,
                "has_factor": has_factor,
                "is_me": held.person_id == member.person_id,
                "grants": [],
            },
        )
        terms = Terms(held.role, held.party_id, held.province, held.area)
        row["grants"].append(
            {
                "id": held.id,
                "words": roles.acting_words(held, held.party_name, frame.language),
                "may_end": rules.may_grant(member, terms) and not row["is_me"],
            }
        )
    return sorted(rows.values(), key=lambda row: row["name"])


def _invitations(frame: Frame, session: Session, member: access.Principal) -> list[dict[str, Any]]:
    return [
        {
            "id": held.id,
            "words": roles.acting_words(held, None, frame.language),
            "note": held.note,
            "until": held.expires_at,
        }
        for held in queries.open_invitations(session, now=frame.now)
        if rules.may_grant(member, Terms(held.role, held.party_id, held.province, held.area))
    ]
