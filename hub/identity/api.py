"""`/api/v1/session`: sign in, who am I, sign out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.core.web import BodyInvalid, CurrentRuntime, WriteSession, json_answer, json_body
from hub.identity import access, rules, service
from hub.identity.rules import Principal

router = APIRouter(prefix="/api/v1/session", tags=["session"])

SignedInPrincipal = Annotated[Principal, access.require("session")]


@router.post("", status_code=201, dependencies=[access.public])
def sign_in(request: Request, runtime: CurrentRuntime, body: Annotated[Any, Depends(json_body)]) -> Response:
    """Open a session: `{username, password}`. The cookie is the session; `csrf_token` goes with every change."""
    username, password = _text(body, "username"), _text(body, "password")
    address = request.client.host if request.client is not None else "-"
    opened = service.sign_in(runtime.database, username, password, address=address, now=runtime.clock())
    told = _told(opened.principal, opened.csrf_token) | {"expires_at": opened.expires_at.isoformat()}
    response = json_answer(told, 201, {"Cache-Control": "no-store"})
    access.set_session_cookie(response, runtime, opened.token)
    return response


@router.get("")
def show_session(request: Request, principal: SignedInPrincipal) -> Response:
    """Who is signed in."""
    token = access.session_token(request) or ""
    return json_answer(_told(principal, rules.csrf_token(token)), headers={"Cache-Control": "no-store"})


@router.delete("", status_code=204, dependencies=[access.require("session")])
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
        "csrf_token": csrf_token,
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
