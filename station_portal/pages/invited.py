"""Accepting an invitation: signed in already, or with a new local account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access, queries, rules
from hub.identity.rules import Terms
from hub.identity.service import invitations, people
from station_portal import roles
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False, dependencies=[access.public])
signed_in_router = APIRouter(include_in_schema=False)


@router.get("/invitations/{token}")
def show_invitation(frame: CurrentFrame, session: ReadSession, token: str) -> Response:
    """What is offered, and the ways to take it."""
    return _page(frame, session, token)


@signed_in_router.post("/invitations/{token}/accept")
def accept(
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    me: Annotated[access.Principal, access.action("session.use")],
    token: str,
) -> Response:
    """Take the offer as who is signed in."""
    with runtime.database.write() as session:
        person = queries.person_by_id(session, me.person_id or "")
        if person is not None:
            invitations.accept_invitation(session, token, person, now=frame.now)
    return see_other("/account?told=accepted")


@router.post("/invitations/{token}/join")
def join(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    token: str,
    *,
    name: Annotated[str, Form(max_length=60)] = "",
    username: Annotated[str, Form(max_length=40)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Make a local account and take the offer with it, both or neither; then sign in."""
    access.refuse_other_sites(request)
    given = {"name": name, "username": username}
    if not name.strip():
        with runtime.database.read() as session:
            wrong = [("name", frame.language("请填写姓名"))]
            return _page(frame, session, token, given=given, wrong=wrong, status=422)
    try:
        with runtime.database.write() as session:
            invitations.open_invitation(session, token, now=frame.now)
            person = people.new_person(session, name.strip(), now=frame.now)
            people.add_account(session, person, username.strip().lower(), password, now=frame.now)
            invitations.accept_invitation(session, token, person, now=frame.now)
    except HubError as refused:
        if refused.status != 422:
            raise
        wrong = [(refused.field or "username", frame.language.pick(refused.zh, refused.en))]
        with runtime.database.read() as session:
            return _page(frame, session, token, given=given, wrong=wrong, status=422)
    return see_other("/sign-in?next=/account")


def _page(
    frame: Frame,
    session: Any,
    token: str,
    *,
    given: dict[str, str] | None = None,
    wrong: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    held = invitations.open_invitation(session, token, now=frame.now)
    terms = Terms(held.role, held.party_id, held.province, held.area)
    party = invitations.invited_party_name(session, held)
    context: dict[str, Any] = {
        "token": token,
        "words": roles.acting_words(terms, party, frame.language),
        "until": held.expires_at,
        "given": {"name": "", "username": "", **(given or {})},
        "wrong": wrong or [],
        "needs_factor": held.role in rules.STAFF_ROLES,
    }
    return frame.page("invitation.html", context, status=status, headers={"Cache-Control": "no-store"})
