"""The access table's entries: a route names its action, and the access matrix says whose role may do it."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from hub.core import audit
from hub.core.routes import route_template
from hub.core.runtime import Runtime
from hub.core.web import AccessEntry, public, runtime_of
from hub.identity import queries, rules, service
from hub.identity.errors import CsrfRefused, KeyUnknown, NotAllowed, OtherProvince, SignInNeeded
from hub.identity.rules import Principal, Subject, may_enter

__all__ = [
    "CurrentPrincipal",
    "Principal",
    "Subject",
    "action",
    "current",
    "may_enter",
    "public",
    "refuse_other_sites",
    "session_token",
]

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
MOST_FIELDS = 4_000
"""Fields of a form, the largest being a tariff of two hundred positions. Its bytes are bounded by the route."""

_ATTEMPT_COOKIE = "hub_sign_in"
_FOR_PROGRAMS = "/api/"
"""Keys and tokens open nothing else: pages are for people, and programs have no side of their own on them."""
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class _Action(AccessEntry):
    """Lets those pass whose role the access matrix names for the action."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.action = name
        self._machines = any(":" in rule.role for rule in rules.rules_of(name))
        self._people = any(":" not in rule.role for rule in rules.rules_of(name))

    async def __call__(self, request: Request) -> Principal:
        bearer = _bearer(request) if self._machines and request.url.path.startswith(_FOR_PROGRAMS) else None
        if bearer is not None:
            return self._allowed(request, await run_in_threadpool(_of_bearer, request, bearer))
        token = session_token(request)
        held = await run_in_threadpool(_keep_session, request, token)
        if held is None:
            raise SignInNeeded if self._people else KeyUnknown
        principal = self._allowed(request, held)
        if request.method not in _SAFE_METHODS and not await _carries_csrf_token(request, token or ""):
            raise CsrfRefused(principal.name, self.action)
        if principal.role == rules.AUDITOR:
            await run_in_threadpool(_note_look, request, principal, self.action)
        return principal

    def _allowed(self, request: Request, principal: Principal) -> Principal:
        request.state.asked = (principal.name, self.action)  # for the audit, should the answer be no
        held = rules.rules_for(principal, self.action)
        if not held:
            raise NotAllowed(principal.name, self.action, request.url.path[:200])
        code = request.path_params.get("code")
        if (
            code is not None
            and {rule.reach for rule in held} == {"own_province"}
            and principal.province != code
        ):
            raise OtherProvince(code, principal.name, self.action)
        return principal


def action(name: str) -> Any:
    """A dependency that lets those pass whose role may do the action, and gives the `Principal`.

    `principal: Annotated[Principal, access.action("booking.accept")]`. On a route with a path parameter `code`, roles
    whose reach is their own province must be of that province; every other object is for `service.allow`. Raises
    `SignInNeeded`, `KeyUnknown`, `NotAllowed`, `OtherProvince`, `CsrfRefused`. An action that the matrix does not know
    is a KeyError when the module is imported.
    """
    return Depends(_Action(name))


def _of_bearer(request: Request, text: str) -> Principal:
    runtime = runtime_of(request)
    with runtime.database.read() as session:
        principal = queries.principal_of_bearer(session, text, issuer=runtime.public_url, now=runtime.clock())
    if principal is None:
        raise KeyUnknown
    return principal


def _of_session(request: Request, token: str | None) -> Principal | None:
    runtime = runtime_of(request)
    if token is None:
        return None
    with runtime.database.read() as session:
        return queries.principal_of_session(session, token, runtime.clock())


def _keep_session(request: Request, token: str | None) -> Principal | None:
    """Who holds the session. Ends a stolen one; when it is time, the answer will carry the next cookie."""
    runtime = runtime_of(request)
    now = runtime.clock()
    if token is None:
        return None
    with runtime.database.read() as session:
        held = queries.held_session(session, token, now)
    if held is None:
        return None
    if held.verdict == "stolen":
        with runtime.database.write() as session:
            service.end_stolen_session(session, token, now=now)
        return None
    if held.is_due or held.verdict == "offered":
        with runtime.database.write() as session:
            following = service.turn_over(session, token, now=now)
        if following is not None:
            carrier = Response()
            set_session_cookie(carrier, runtime, following)
            request.state.set_cookies = [carrier.headers["set-cookie"]]
    return held.principal


def _note_look(request: Request, principal: Principal, action: str) -> None:
    runtime = runtime_of(request)
    route = f"{request.method} {route_template(request.scope)}"
    seen = audit.Seen(principal.name, "identity.auditor_read", route[:200], request.url.path[:200], action)
    with runtime.database.write() as session:
        audit.count(session, seen, now=runtime.clock())


def session_token(request: Request) -> str | None:
    """The session cookie's token, if the request carries one."""
    return request.cookies.get(_cookie_name(runtime_of(request)))


def set_session_cookie(response: Response, runtime: Runtime, token: str) -> None:
    """Give the browser the session. Lax: links from elsewhere may arrive signed in, posts may not."""
    response.set_cookie(
        _cookie_name(runtime),
        token,
        max_age=int(rules.SESSION_LIFE.total_seconds()),
        path="/",
        httponly=True,
        secure=runtime.has_secure_cookies,
        samesite="lax",
    )


def set_attempt_cookie(response: Response, runtime: Runtime, token: str) -> None:
    """Bind a sign-in that is under way to this browser; Lax, because a provider sends the browser back."""
    response.set_cookie(
        _ATTEMPT_COOKIE,
        token,
        max_age=600,
        path="/sign-in",
        httponly=True,
        secure=runtime.has_secure_cookies,
        samesite="lax",
    )


def attempt_token(request: Request) -> str:
    """The token of the sign-in that is under way in this browser; empty when there is none."""
    return request.cookies.get(_ATTEMPT_COOKIE, "")[:200]


def clear_attempt_cookie(response: Response, runtime: Runtime) -> None:
    """The sign-in is over, one way or the other."""
    response.delete_cookie(
        _ATTEMPT_COOKIE, path="/sign-in", httponly=True, secure=runtime.has_secure_cookies, samesite="lax"
    )


def clear_session_cookie(response: Response, runtime: Runtime) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        _cookie_name(runtime), path="/", httponly=True, secure=runtime.has_secure_cookies, samesite="lax"
    )


def current(request: Request) -> Principal | None:
    """Who is signed in by a session, or None; asks the database."""
    return _of_session(request, session_token(request))


def refuse_other_sites(request: Request) -> None:
    """For forms before the sign-in, which have no session whose token they could carry: sent by our own pages only.

    Another site must not sign its visitors in here under a name of its own. Browsers say where a form comes from in
    `Sec-Fetch-Site`, older ones in `Origin`; programs say neither. Raises `CsrfRefused`.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {runtime_of(request).public_url, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if site not in ("same-origin", "none") if site is not None else origin not in (None, *own):
        raise CsrfRefused


def visit_of(request: Request) -> service.Visit:
    """From where and with what somebody signs in. Of the browser only its family is kept, not what identifies it."""
    address = request.client.host if request.client is not None else "-"
    return service.Visit(address, rules.browser_family(request.headers.get("user-agent", "")))


CurrentPrincipal = Annotated[Principal | None, Depends(current)]
"""Who is signed in, or None: for public pages that show more to some. It is no access entry."""


def _cookie_name(runtime: Runtime) -> str:
    # The prefix makes browsers refuse the cookie unless it is Secure and of this host alone.
    return "__Host-hub_session" if runtime.has_secure_cookies else "hub_session"


def _bearer(request: Request) -> str | None:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" and text.strip() else None


async def _carries_csrf_token(request: Request, token: str) -> bool:
    if request.headers.get("sec-fetch-site") == "cross-site":
        return False
    given: Any = request.headers.get(CSRF_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(_FORM_TYPES):
        given = (await request.form(max_fields=MOST_FIELDS)).get(CSRF_FIELD)
    return isinstance(given, str) and rules.is_csrf_token(token, given)
