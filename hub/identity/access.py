"""The access table's entries for sessions and platform keys, enforced where they are named.

`principal: Annotated[Principal, access.require("session:hub_admin", "key:sync")]` lets either pass. On a route with a
path parameter `code` the principal must also belong to that province (hub admins belong to all).
"""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from hub.core import audit
from hub.core.runtime import Runtime
from hub.core.web import AccessEntry, public, runtime_of
from hub.identity import queries, rules
from hub.identity.errors import CsrfRefused, KeyUnknown, NotAllowed, OtherProvince, SignInNeeded
from hub.identity.rules import Principal

__all__ = ["CurrentPrincipal", "Principal", "public", "require", "session_token"]

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_KNOWN = {
    "session",
    *(f"session:{role}" for role in rules.ROLES),
    *(f"key:{scope}" for scope in rules.KEY_SCOPES),
}


class _Required(AccessEntry):
    async def __call__(self, request: Request) -> Principal:
        bearer = _bearer(request)
        if bearer is not None and any(name.startswith("key:") for name in self.names):
            return await run_in_threadpool(self._by_key, request, bearer)
        token = session_token(request)
        principal = await run_in_threadpool(self._by_session, request, token)
        if request.method not in _SAFE_METHODS and not await _carries_csrf_token(request, token or ""):
            await run_in_threadpool(_refuse, request, principal, "identity.refuse_csrf")
            raise CsrfRefused
        return principal

    def _by_key(self, request: Request, text: str) -> Principal:
        with runtime_of(request).database.read() as session:
            principal = queries.principal_of_key(session, text)
        if principal is None:
            raise KeyUnknown
        return self._allowed(request, principal)

    def _by_session(self, request: Request, token: str | None) -> Principal:
        runtime = runtime_of(request)
        with runtime.database.read() as session:
            principal = queries.principal_of_session(session, token, runtime.clock())
        if principal is None:
            raise SignInNeeded
        return self._allowed(request, principal)

    def _allowed(self, request: Request, principal: Principal) -> Principal:
        if not principal.may_pass(self.names):
            _refuse(request, principal, "identity.refuse_role")
            raise NotAllowed
        code = request.path_params.get("code")
        if code is not None and not principal.may_act_for(code):
            _refuse(request, principal, "identity.refuse_province")
            raise OtherProvince(code)
        return principal


def require(*names: str) -> Any:
    """A dependency that lets the named principals pass and gives the `Principal`.

    Names: `session` (anybody signed in), `session:hub_admin`, `session:province_staff`, `key:sync`.
    Raises `SignInNeeded`, `KeyUnknown`, `NotAllowed`, `OtherProvince`, `CsrfRefused`; refusals of somebody known are
    audited in a transaction of their own.
    """
    unknown = set(names) - _KNOWN
    if unknown or not names:
        raise ValueError(f"no such access entry: {sorted(unknown) or 'none given'}")
    return Depends(_Required(*names))


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


def clear_session_cookie(response: Response, runtime: Runtime) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        _cookie_name(runtime), path="/", httponly=True, secure=runtime.has_secure_cookies, samesite="lax"
    )


def _current(request: Request) -> Principal | None:
    runtime = runtime_of(request)
    token = session_token(request)
    if token is None:
        return None
    with runtime.database.read() as session:
        return queries.principal_of_session(session, token, runtime.clock())


CurrentPrincipal = Annotated[Principal | None, Depends(_current)]
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
        given = (await request.form()).get(CSRF_FIELD)
    return isinstance(given, str) and rules.is_csrf_token(token, given)


def _refuse(request: Request, principal: Principal, action: str) -> None:
    runtime = runtime_of(request)
    with runtime.database.write() as session:
        audit.record(
            session,
            principal.name,
            action,
            request.url.path[:200],
            {"method": request.method},
            now=runtime.clock(),
        )
