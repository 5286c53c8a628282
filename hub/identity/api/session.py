"""`/api/v1/session`: sign in, who am I and what may I act as, act as something else, sign out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.core.web import BodyInvalid, CurrentRuntime, ReadSession, WriteSession, json_answer, json_body
from hub.identity import access, queries, rules, service
from hub.identity.errors import SecondFactorMissing, SecondFactorNeeded
from hub.identity.rules import Principal

router = APIRouter(prefix="/api/v1/session", tags=["session"])

SignedInPrincipal = Annotated[Principal, access.action("session.use")]
NO_STORE = {"Cache-Control": "no-store"}


@router.post("", status_code=201, dependencies=[access.public])
def sign_in(request: Request, runtime: CurrentRuntime, body: Annotated[Any, Depends(json_body)]) -> Response:
    """Open a session: `{username, password, code}`; `code` is the second factor of staff.

    The cookie is the session; `csrf_token` goes with every change.
    """
    username, password = _text(body, "username"), _text(body, "password")
    visit = access.visit_of(request)
    opened = service.sign_in(
        runtime.database,
        username,
        password,
        address=visit.address,
        agent=visit.agent,
        is_demo=runtime.is_demo,
        keys=runtime.sealing,
        now=runtime.clock(),
    )
    if isinstance(opened, service.Pending):
        if opened.needs == "enrolment":
            raise SecondFactorMissing
        code = body.get("code")
        if not isinstance(code, str):
            raise SecondFactorNeeded
        opened, _ = service.give_code(
            runtime.database,
            opened.token,
            code,
            address=visit.address,
            agent=visit.agent,
            keys=runtime.sealing,
            now=runtime.clock(),
        )
    told = _told(opened.principal, opened.csrf_token) | {"expires_at": opened.expires_at.isoformat()}
    response = json_answer(told, 201, NO_STORE)
    access.set_session_cookie(response, runtime, opened.token)
    return response


@router.get("")
def show_session(request: Request, session: ReadSession, principal: SignedInPrincipal) -> Response:
    """Who is signed in, and what they may act as."""
    token = access.session_token(request) or ""
    grants = [_grant(held) for held in queries.grants_of(session, principal.person_id or "")]
    return json_answer(_told(principal, rules.csrf_token(token)) | {"grants": grants}, headers=NO_STORE)


@router.post("/grants/{grant_id}", dependencies=[access.action("session.use")])
def act_under(request: Request, runtime: CurrentRuntime, session: WriteSession, grant_id: int) -> Response:
    """Act under another grant from now on."""
    token = access.session_token(request) or ""
    principal, cookie = service.act_under(
        session, token, grant_id, is_demo=runtime.is_demo, now=runtime.clock()
    )
    response = json_answer(_told(principal, rules.csrf_token(cookie)), headers=NO_STORE)
    access.set_session_cookie(response, runtime, cookie)
    return response


@router.delete("", status_code=204, dependencies=[access.action("session.use")])
def sign_out(request: Request, runtime: CurrentRuntime, session: WriteSession) -> Response:
    """End the session on the server."""
    service.sign_out(session, access.session_token(request) or "", now=runtime.clock())
    response = Response(status_code=204)
    access.clear_session_cookie(response, runtime)
    return response


def _told(principal: Principal, csrf_token: str) -> dict[str, Any]:
    return {
        "name": principal.name,
        "display_name": principal.display_name,
        "role": principal.role,
        "province": principal.province,
        "party": principal.party_id,
        "area": principal.area,
        "csrf_token": csrf_token,
    }


def _grant(held: queries.HeldGrant) -> dict[str, Any]:
    return {
        "id": held.id,
        "role": held.role,
        "party": held.party_id,
        "party_name": held.party_name,
        "province": held.province,
        "area": held.area,
    }


def _text(body: Any, field: str) -> str:
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        fault = {
            "pointer": f"/{field}",
            "code": "missing",
            "zh": "缺少该项。",
            "en": "This value is missing.",
        }
        raise BodyInvalid(f"请填写 {field}。", f"Please give {field}.", errors=(fault,))
    return value
