"""The organisation one acts for: its people, invitations, and for an enterprise where it belongs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.core.clock import day_of
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access, queries, rules
from hub.identity import service as identity
from hub.identity.access import Subject
from hub.identity.service import enterprises, invitations, people
from station_portal import roles
from station_portal.areas import area_choices
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.account import case_row

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("identity.read_party")]
Manager = Annotated[access.Principal, access.action("identity.manage_party")]
Mover = Annotated[access.Principal, access.action("identity.request_move")]


@router.get("/organisation")
def show_organisation(frame: CurrentFrame, session: ReadSession, member: Reader, told: str = "") -> Response:
    """People, invitations and state."""
    texts = {
        "ended": frame.language("该身份已停用。"),
        "withdrawn": frame.language("邀请已撤回。"),
        "moved": frame.language("变更申请已提交，须原归属地和新归属地主管部门都确认；此前的预约不受影响。"),
    }
    return _page(frame, session, member, told=texts.get(told, ""))


@router.post("/organisation/invitations")
def invite(
    frame: CurrentFrame,
    session: WriteSession,
    member: Manager,
    *,
    role: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Offer a grant; the link is shown once, on this very page."""
    terms = rules.terms_of(role, party_id=member.party_id)
    _, token = invitations.invite(session, member, terms, note=note.strip(), now=frame.now)
    session.flush()
    link = f"{frame.runtime.public_url}/invitations/{token}"
    return _page(frame, session, member, link=link, headers={"Cache-Control": "no-store"})


@router.post("/organisation/invitations/{number}/withdraw")
def withdraw(frame: CurrentFrame, session: WriteSession, member: Manager, number: int) -> Response:
    """Take an offer back."""
    invitations.withdraw_invitation(session, member, number, now=frame.now)
    return see_other("/organisation?told=withdrawn#invitations")


@router.post("/organisation/members/{number}/end")
def end_member(frame: CurrentFrame, session: WriteSession, member: Manager, number: int) -> Response:
    """End somebody's grant for this organisation; the only manager stays."""
    held = queries.grant_by_id(session, number)
    party_id = held.party_id if held is not None else None
    subject = Subject(enterprise_id=party_id, institution_id=party_id, name=f"grant:{number}")
    identity.allow(session, member, "identity.manage_party", subject, now=frame.now)
    try:
        people.end_grant(session, number, actor=member.name, now=frame.now)
    except HubError as refused:
        if refused.status != 409:
            raise
        told = frame.language.pick(refused.zh, refused.en)
        return _page(frame, session, member, wrong=[(f"member-{number}", told)], status=409)
    return see_other("/organisation?told=ended#members")


@router.post("/organisation/move")
def move(
    frame: CurrentFrame,
    session: WriteSession,
    member: Mover,
    *,
    area: Annotated[str, Form(max_length=6)] = "",
    address: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Ask both offices to move the enterprise."""
    try:
        enterprises.request_move(session, member, area, address.strip(), now=frame.now)
    except HubError as refused:
        if refused.status not in (403, 422):
            raise
        told = frame.language.pick(refused.zh, refused.en)
        return _page(frame, session, member, wrong=[("area", told)], status=refused.status)
    return see_other("/organisation?told=moved#home")


def _page(
    frame: Frame,
    session: Session,
    member: access.Principal,
    *,
    told: str = "",
    link: str = "",
    wrong: list[tuple[str, str]] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    party_id = member.party_id or ""
    party = queries.party_by_id(session, party_id)
    is_enterprise = party is not None and party.kind == "enterprise"
    manages = access.may_enter(member, "identity.manage_party")
    offered = rules.ENTERPRISE_ROLES if is_enterprise else rules.INSTITUTION_ROLES
    context: dict[str, Any] = {
        "told": told,
        "link": link,
        "wrong": wrong or [],
        "party": {"name": party.name if party else "", "credit_code": party.credit_code if party else ""},
        "is_enterprise": is_enterprise,
        "manages": manages,
        "members": [_member(frame, held, member) for held in queries.members_of(session, party_id)],
        "roles": [(role, roles.role_name(role, frame.language)) for role in offered],
        "invitations": [
            {
                "id": held.id,
                "role": roles.role_name(held.role, frame.language),
                "note": held.note,
                "until": held.expires_at,
            }
            for held in queries.open_invitations(session, now=frame.now, party_id=party_id)
        ],
        "home": _home(frame, session, party_id) if is_enterprise else None,
        "cases": [case_row(frame, case) for case in queries.cases_of_enterprise(session, party_id)],
        "areas": area_choices(frame.language) if is_enterprise and manages else [],
    }
    return frame.page("organisation.html", context, status=status, headers=headers)


def _member(frame: Frame, held: queries.HeldGrant, member: access.Principal) -> dict[str, Any]:
    return {
        "id": held.id,
        "name": held.person_name,
        "role": roles.role_name(held.role, frame.language),
        "since": held.granted_at,
        "is_me": held.person_id == member.person_id,
    }


def _home(frame: Frame, session: Session, party_id: str) -> dict[str, Any]:
    language = frame.language
    home = queries.home_at(session, party_id, frame.now)
    if home is None:
        return {"state": "unverified"}
    bases = {
        "provider_claim": language("省级身份认证平台声明"),
        "register_document": language("营业执照核实"),
        "bureau_staff": language("科技主管部门核实"),
    }
    return {
        "state": "due" if home.is_due(day_of(frame.now)) else "verified",
        "area": roles.area_name(home.area, language),
        "address": home.address,
        "basis": bases[home.basis],
        "verified_at": home.verified_at,
        "recheck_on": home.recheck_on.isoformat(),
    }
