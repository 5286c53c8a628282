"""Signing in: by a province's identity provider or a local account, with a second factor for staff; signing out."""

from __future__ import annotations

import logging
import re
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request, Response
from markupsafe import Markup

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.identity import access
from hub.identity import service as identity
from hub.identity.errors import ProviderAnswerRefused, SignInExpired
from hub.identity.service import provider_sign_in, second_factors
from station_portal.frame import CurrentFrame, Frame, see_other

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False, dependencies=[access.public])
signed_in_router = APIRouter(include_in_schema=False)

WORKSPACE, ACCOUNT = "/staff", "/account"


@router.get("/sign-in")
def show_sign_in(frame: CurrentFrame, next: str = "") -> Response:
    """The ways in; who is signed in already goes on."""
    if frame.principal is not None:
        return see_other(landing(frame.principal, safe_target(next)))
    return _form(frame, next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    *,
    username: Annotated[str, Form(max_length=40)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Open a session, go on to the second factor, or show the form again with what is wrong (never which of the two)."""
    access.refuse_other_sites(request)
    visit = access.visit_of(request)
    try:
        opened = identity.sign_in(
            runtime.database,
            username,
            password,
            address=visit.address,
            agent=visit.agent,
            target=safe_target(next),
            is_demo=runtime.is_demo,
            keys=runtime.sealing,
            now=frame.now,
        )
    except HubError as refused:
        if refused.status not in (401, 429):
            raise
        return _form(frame, next, username=username, refused=refused)
    return _go_on(runtime, opened, safe_target(next))


@router.get("/sign-in/with/{provider}")
def go_to_provider(
    request: Request, runtime: CurrentRuntime, frame: CurrentFrame, provider: str, next: str = ""
) -> Response:
    """Send the browser to a province's identity provider."""
    address = access.visit_of(request).address
    try:
        sent = provider_sign_in.begin(
            runtime, provider, target=safe_target(next), address=address, now=frame.now
        )
    except HubError as refused:
        return _refused_by_provider(frame, refused, next)
    response = see_other(sent.address)
    access.set_attempt_cookie(response, runtime, sent.token)
    return response


@router.get("/sign-in/return/{provider}")
def come_back(request: Request, runtime: CurrentRuntime, frame: CurrentFrame, provider: str) -> Response:
    """Take the provider's answer that the browser brings back."""
    visit = access.visit_of(request)
    try:
        returned = provider_sign_in.finish(
            runtime,
            provider,
            dict(request.query_params),
            access.attempt_token(request),
            address=visit.address,
            agent=visit.agent,
            now=frame.now,
        )
    except HubError as refused:
        return _refused_by_provider(frame, refused, "")
    return _go_on(runtime, returned.outcome, returned.target)


@router.get("/sign-in/second-factor")
def show_second_factor(request: Request, frame: CurrentFrame, session: ReadSession) -> Response:
    """The code of the authenticator app; or, the first time, how to set it up."""
    try:
        person, pending = identity.pending_sign_in(session, access.attempt_token(request), now=frame.now)
    except SignInExpired:
        return see_other("/sign-in")
    return _second_factor(frame, session, person, pending.needs)


@router.post("/sign-in/second-factor")
def give_second_factor(
    request: Request,
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    code: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Finish the sign-in, or show the form again with what is wrong."""
    access.refuse_other_sites(request)
    token, visit = access.attempt_token(request), access.visit_of(request)
    with runtime.database.read() as session:
        person, pending = identity.pending_sign_in(session, token, now=frame.now)
    give = identity.give_code if pending.needs == "code" else identity.finish_enrolment
    try:
        opened, more = give(
            runtime.database,
            token,
            code,
            address=visit.address,
            agent=visit.agent,
            keys=runtime.sealing,
            now=frame.now,
        )
    except HubError as refused:
        if refused.status not in (401, 429) or isinstance(refused, SignInExpired):
            raise
        with runtime.database.read() as session:
            return _second_factor(frame, session, person, pending.needs, refused)
    response: Response
    if isinstance(more, str):
        response = see_other(landing(opened.principal, safe_target(more)))
    else:
        context = {"codes": more, "next": landing(opened.principal, safe_target(pending.target))}
        response = frame.page("recovery_codes.html", context, headers={"Cache-Control": "no-store"})
    access.clear_attempt_cookie(response, runtime)
    access.set_session_cookie(response, runtime, opened.token)
    return response


@signed_in_router.post("/sign-out", dependencies=[access.action("session.use")])
def sign_out(request: Request, runtime: CurrentRuntime, session: WriteSession) -> Response:
    """End the session on the server and in the browser."""
    identity.sign_out(session, access.session_token(request) or "", now=runtime.clock())
    response = see_other("/")
    access.clear_session_cookie(response, runtime)
    return response


def qr_code(address: str) -> Markup:
    """The QR code of an address as a drawing within the page (no inline style: the content policy refuses it)."""
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", omitsize=True
    )
    return Markup(drawn)  # noqa: S704 - drawn here from numbers


def landing(principal: access.Principal, target: str) -> str:
    """Where somebody goes who has just signed in: where they wanted to, else to their work, else to their account."""
    return target or (WORKSPACE if access.may_enter(principal, "portal.use_workspace") else ACCOUNT)


def safe_target(address: str) -> str:
    """A place on this site to go on to; empty for anything else (another host, another scheme)."""
    # Browsers read a backslash as a slash and drop control characters: both could make another host of a path.
    is_plain = address.isprintable() and "\\" not in address and len(address) <= 500
    return address if is_plain and re.match(r"/(?!/)", address) else ""


def _form(
    frame: Frame, target: str, *, username: str = "", refused: HubError | None = None, status: int = 200
) -> Response:
    wrong = []
    headers = {}
    if refused is not None:
        if refused.retry_after is not None:
            headers["Retry-After"] = str(refused.retry_after)
        wrong = [("username" if refused.status == 401 else "", frame.language.pick(refused.zh, refused.en))]
    context: dict[str, Any] = {
        "next": safe_target(target),
        "username": username,
        "wrong": wrong,
        "providers": [
            {"id": held.id, "name": frame.language.pick(held.name_zh, held.name_en)}
            for held in frame.runtime.partners.identity_providers.values()
        ],
    }
    answered = refused.status if refused is not None else status
    return frame.page("sign_in.html", context, status=answered, headers=headers)


def _refused_by_provider(frame: Frame, refused: HubError, target: str) -> Response:
    if isinstance(refused, ProviderAnswerRefused):
        log.warning("the answer of an identity provider was refused: %s", refused.why)
    return _form(frame, target, refused=refused)


def _go_on(runtime: Any, opened: identity.SignedIn | identity.Pending, target: str) -> Response:
    if isinstance(opened, identity.Pending):
        response = see_other("/sign-in/second-factor")
        access.set_attempt_cookie(response, runtime, opened.token)
        return response
    response = see_other(landing(opened.principal, safe_target(target)))
    access.clear_attempt_cookie(response, runtime)
    access.set_session_cookie(response, runtime, opened.token)
    return response


def _second_factor(
    frame: Frame, session: Any, person: Any, needs: str, refused: HubError | None = None
) -> Response:
    context: dict[str, Any] = {"needs": needs, "wrong": [], "qr": "", "secret": ""}
    if refused is not None:
        context["wrong"] = [("code", frame.language.pick(refused.zh, refused.en))]
    if needs == "enrolment":
        held = second_factors.enrolment(session, person, frame.runtime.sealing)
        if held is not None:
            context |= {"secret": _in_groups(held[0]), "qr": qr_code(held[1]), "address": held[1]}
    status = 200 if refused is None else refused.status
    return frame.page("second_factor.html", context, status=status, headers={"Cache-Control": "no-store"})


def _in_groups(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
