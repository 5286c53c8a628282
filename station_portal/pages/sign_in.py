"""Signing in and out. The session is the hub's; these are its forms."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, WriteSession
from hub.identity import access
from hub.identity import service as identity
from hub.identity.errors import CsrfRefused
from station_portal.frame import CurrentFrame, see_other

router = APIRouter(include_in_schema=False)

HOME_OF_STAFF = "/staff"


@router.get("/sign-in", dependencies=[access.public])
def show_sign_in(frame: CurrentFrame, next: str = HOME_OF_STAFF) -> Response:
    """The form; who is signed in already goes on."""
    if frame.principal is not None:
        return see_other(safe_target(next))
    return frame.page("sign_in.html", {"next": safe_target(next), "username": "", "wrong": []})


@router.post("/sign-in", dependencies=[access.public])
def sign_in(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    *,
    username: Annotated[str, Form(max_length=40)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=500)] = HOME_OF_STAFF,
) -> Response:
    """Open a session, or show the form again with what is wrong (never which of the two)."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        # Another site must not sign its visitors in here under a name of its own.
        raise CsrfRefused
    address = request.client.host if request.client is not None else "-"
    try:
        opened = identity.sign_in(runtime.database, username, password, address=address, now=frame.now)
    except HubError as refused:
        if refused.status not in (401, 429):
            raise
        told = frame.language.pick(refused.zh, refused.en)
        context = {"next": safe_target(next), "username": username, "wrong": [("username", told)]}
        return frame.page("sign_in.html", context, status=refused.status)
    response = see_other(safe_target(next))
    access.set_session_cookie(response, runtime, opened.token)
    return response


@router.post("/sign-out", dependencies=[access.require("session")])
def sign_out(request: Request, runtime: CurrentRuntime, session: WriteSession) -> Response:
    """End the session on the server and in the browser."""
    identity.sign_out(session, access.session_token(request) or "", now=runtime.clock())
    response = see_other("/")
    access.clear_session_cookie(response, runtime)
    return response


def safe_target(address: str) -> str:
    """A place on this site to go on to; anything else (another host, another scheme) becomes the staff's page."""
    # Browsers read a backslash as a slash and drop control characters: both could make another host of a path.
    is_plain = address.isprintable() and "\\" not in address
    return address if is_plain and re.match(r"/(?!/)", address) else HOME_OF_STAFF
