"""Errors as pages for people. Programs and the API keep the problem document."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from hub.core.errors import HubError
from hub.core.web import runtime_of
from hub.identity import access
from hub.identity import service as identity
from station_portal.frame import Frame, see_other
from station_portal.i18n import Language
from station_portal.rendering import language_of

MACHINE_PATHS = ("/api/", "/schemas", "/static/", "/healthz", "/readyz", "/metrics")


def page_of_problem(request: Request, fact: HubError) -> Response | None:
    """The page that tells a fact; None for requests that are not a person's.

    Who is not signed in is led to the form and back again.
    """
    if request.url.path.startswith(MACHINE_PATHS) or not wants_page(request):
        return None
    if fact.status == 401 and request.method == "GET":
        return see_other(f"/sign-in?next={request.url.path}")
    frame = _frame(request, fact)
    headers = {"Cache-Control": "no-store"}
    if fact.retry_after is not None:
        headers["Retry-After"] = str(fact.retry_after)
    context = {
        "status": fact.status,
        "code": fact.code,
        "title": title_of(fact.status, frame.language),
        "lines": _lines(fact, frame.language),
        "trace": request.scope.get("state", {}).get("request_id", ""),
        "ways": ways_out(fact, frame.language),
    }
    return frame.page("error.html", context, status=fact.status, headers=headers)


def wants_page(request: Request) -> bool:
    """Whether a browser asks: it names HTML, or it is htmx."""
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"


def title_of(status: int, language: Language) -> str:
    """What happened, in a few words."""
    if status == 404:
        return language("没有找到这个页面")
    if status in (401, 403):
        return language("不能进行此操作")
    if status in (429, 503):
        return language("系统繁忙，请稍后再试")
    return language("系统出现故障") if status >= 500 else language("请求有误")


def ways_out(fact: HubError, language: Language) -> list[tuple[str, str]]:
    """Where to go from an error."""
    ways = [("/search", language("找仪器")), ("/", language("首页"))]
    if fact.status in (401, 403):
        ways.insert(0, ("/sign-in", language("重新登录")))
    return ways


def _lines(fact: HubError, language: Language) -> list[str]:
    lines = [language.pick(fact.zh, fact.en), language.pick(fact.hint_zh, fact.hint_en)]
    lines += [language.pick(error.get("zh"), error.get("en")) for error in fact.errors[:5]]
    return list(dict.fromkeys(line for line in lines if line))


def _frame(request: Request, fact: HubError) -> Frame:
    # After a fault of our own nothing more is asked of the database: an error page must not fail.
    runtime = runtime_of(request)
    now = runtime.clock()
    principal = None
    if fact.status < 500 and (token := access.session_token(request)):
        try:
            with runtime.database.read() as session:
                principal = identity.principal_of(session, token, now=now)
        except SQLAlchemyError:
            principal = None
    return Frame(request, runtime, language_of(request), now, principal)
