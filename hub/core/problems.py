"""Every error as an RFC 9457 problem document, in the language of the request.

One set of handlers for the whole application: domains raise facts, nobody builds error answers by hand.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from hub.core import audit
from hub.core.errors import ANONYMOUS, AccessRefused, HubError
from hub.core.language import Language, preferred
from hub.core.routes import route_template
from hub.core.runtime import Runtime

log = logging.getLogger(__name__)

PageOfProblem = Callable[[Request, "HubError"], Response | None]
"""Renders a problem as a page for people; None leaves the JSON document."""

_HTTP = {
    400: ("request_malformed", "请求格式有误。", "The request is malformed."),
    401: ("sign_in_needed", "请先登录。", "Please sign in first."),
    403: ("not_allowed", "没有权限。", "You may not do this."),
    404: ("not_found", "没有找到所请求的内容。", "What you asked for was not found."),
    405: ("method_not_allowed", "此地址不支持该请求方法。", "This address does not support that method."),
    406: ("not_acceptable", "无法按所要求的格式应答。", "No answer in the requested format."),
    413: ("body_too_large", "请求内容超过大小上限。", "The request body is larger than allowed."),
    415: ("media_type_unsupported", "不支持的内容类型。", "This content type is not supported."),
}

_FAULTS = {
    "missing": ("缺少该项。", "This value is missing."),
    "int_parsing": ("应为整数。", "This must be a whole number."),
    "int_from_float": ("应为整数。", "This must be a whole number."),
    "float_parsing": ("应为数字。", "This must be a number."),
    "finite_number": ("应为有限的数字。", "This must be a finite number."),
    "bool_parsing": ("应为 true 或 false。", "This must be true or false."),
    "json_invalid": ("不是有效的 JSON。", "This is not valid JSON."),
    "extra_forbidden": ("不认识该项。", "This value is not known."),
}

_BOUNDS = {
    "greater_than_equal": ("ge", "应不小于 {}。", "This must be at least {}."),
    "greater_than": ("gt", "应大于 {}。", "This must be greater than {}."),
    "less_than_equal": ("le", "应不大于 {}。", "This must be at most {}."),
    "less_than": ("lt", "应小于 {}。", "This must be less than {}."),
    "string_too_long": ("max_length", "最多 {} 个字符。", "At most {} characters."),
    "string_too_short": ("min_length", "至少 {} 个字符。", "At least {} characters."),
    "too_long": ("max_length", "最多 {} 项。", "At most {} items."),
    "literal_error": ("expected", "可取的值为 {}。", "Possible values are {}."),
    "enum": ("expected", "可取的值为 {}。", "Possible values are {}."),
}


class ParametersInvalid(HubError):
    """One or more parameters of a request have values that are not understood."""

    def __init__(self, errors: Sequence[Mapping[str, Any]], *, status: int = 400) -> None:
        first = errors[0]
        named = str(first["pointer"]).lstrip("/") or "body"
        super().__init__(
            "parameter_invalid",
            f"参数 {named} 有误：{first['zh']}",
            f"Parameter {named}: {first['en']}",
            status,
            field=named,
            errors=errors,
        )


class InternalFault(HubError):
    """A fault of the hub itself; the log has the details under the request id."""

    def __init__(self) -> None:
        super().__init__(
            "internal_fault",
            "系统内部出现故障，已记录。",
            "A fault inside the hub; it has been logged.",
            500,
            hint_zh="请稍后重试；如反复出现，请把请求编号告诉管理员。",
            hint_en="Try again later; if it persists, give the request id to the administrators.",
        )


class DatabaseBusy(HubError):
    """The database did not answer in time; the same request may be sent again."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "database_busy",
            "数据库繁忙，请稍后重试。",
            "The database is busy; please try again shortly.",
            503,
            retry_after=2,
        )


def problem_document(fact: HubError, *, language: Language, instance: str, request_id: str) -> dict[str, Any]:
    """The problem document of a fact; `zh` and `en` always hold the sentence in both languages."""
    document: dict[str, Any] = {
        "type": f"/problems/{fact.code}",
        "title": fact.zh if language == "zh" else fact.en,
        "status": fact.status,
        "code": fact.code,
        "zh": fact.zh,
        "en": fact.en,
        "instance": instance,
        "request_id": request_id,
    }
    hint = fact.hint_zh if language == "zh" else fact.hint_en
    if hint:
        document["hint"] = hint
    document["detail"] = (
        f"{document['title']}{'' if language == 'zh' else ' '}{hint}" if hint else document["title"]
    )
    if fact.field is not None:
        document["field"] = fact.field
    if fact.retry_after is not None:
        document["retry_after"] = fact.retry_after
    if fact.errors:
        document["errors"] = [dict(error) for error in fact.errors]
    return document


def problem_response(request: Request, fact: HubError) -> Response:
    """The answer that tells a fact: as a page when the application renders one, else as JSON."""
    page: PageOfProblem | None = getattr(request.app.state, "page_of_problem", None)
    if page is not None:
        rendered = page(request, fact)
        if rendered is not None:
            return rendered
    language = request_language(request)
    document = problem_document(
        fact,
        language=language,
        instance=request.url.path,
        request_id=request.scope.get("state", {}).get("request_id", ""),
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if fact.retry_after is not None:
        headers["Retry-After"] = str(fact.retry_after)
    if fact.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="hub"'
    body = orjson.dumps(document)
    return Response(body, fact.status, headers=headers, media_type="application/problem+json")


def request_language(request: Request) -> Language:
    """The language of the answer: what the application chose for this request, else Accept-Language."""
    chosen = request.scope.get("state", {}).get("language")
    return chosen if chosen in ("zh", "en") else preferred(request.headers.get("accept-language"))


def as_fact(fault: Exception) -> HubError:
    """The fact behind any exception that reaches the edge."""
    if isinstance(fault, HubError):
        return fault
    if isinstance(fault, RequestValidationError):
        return _parameters_invalid(fault)
    if isinstance(fault, HTTPException):
        return _http_fact(fault)
    if isinstance(fault, (OperationalError, PoolTimeout)):
        return DatabaseBusy()
    return InternalFault()


def install(app: FastAPI) -> None:
    """Register the one handler for every kind of exception."""
    for kind in (HubError, RequestValidationError, HTTPException, OperationalError, PoolTimeout, Exception):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, fault: Exception) -> Response:
    fact = as_fact(fault)
    refusal = _refusal(request, fact)
    if refusal is not None:
        await run_in_threadpool(record_refusal, request, refusal)
    if fact.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, fact.code, exc_info=fault)
    return problem_response(request, fact)


def note_refusal(request: Request, fact: HubError) -> None:
    """Record the fact if it refuses somebody, also where it was hidden behind "there is no such thing".

    The handler of errors calls it once the refused request is rolled back; an endpoint that answers a refusal in a
    form of its own calls it itself, with no transaction open.
    """
    refusal = _refusal(request, fact)
    if refusal is not None:
        record_refusal(request, refusal)


def record_refusal(request: Request, fact: AccessRefused) -> None:
    """Count a refusal of somebody known for the audit, in a transaction of its own; of nobody known, in the metrics.

    Never raises: that the audit could not be written must not change the answer.
    """
    runtime: Runtime = request.app.state.runtime
    if fact.actor == ANONYMOUS:
        runtime.metrics.anonymous_refusals.labels(fact.code).inc()
        return
    route = f"{request.method} {route_template(request.scope)}"
    try:
        with runtime.database.write() as session:
            seen = audit.Seen(
                fact.actor, "identity.refuse", route[:200], fact.subject, f"{fact.action} {fact.code}"
            )
            audit.count(session, seen, now=runtime.clock())
    except SQLAlchemyError:
        log.exception("a refusal of %s could not be recorded", fact.actor)


def _refusal(request: Request, fact: HubError) -> AccessRefused | None:
    if isinstance(fact, AccessRefused):
        return fact
    asked: tuple[str, str] | None = request.scope.get("state", {}).get("asked")
    if asked is None or fact.status not in (403, 404):
        return None
    actor, action = asked
    subject = request.url.path[:200]
    return AccessRefused(
        fact.code, fact.zh, fact.en, fact.status, actor=actor, action=action, subject=subject
    )


def _http_fact(fault: HTTPException) -> HubError:
    code, zh, en = _HTTP.get(
        fault.status_code, (f"http_{fault.status_code}", "请求无法完成。", "The request failed.")
    )
    return HubError(code, zh, en, fault.status_code)


def _parameters_invalid(fault: RequestValidationError) -> HubError:
    errors = [_parameter_error(error) for error in fault.errors()[:20]]
    is_body = all(error["loc"][:1] == ("body",) for error in fault.errors())
    return ParametersInvalid(errors, status=422 if is_body else 400)


def _parameter_error(error: Mapping[str, Any]) -> dict[str, Any]:
    place = [str(part) for part in error["loc"]]
    pointer = "/" + "/".join(
        place[1:] if place[0] in {"query", "path", "header", "cookie", "body"} else place
    )
    kind = str(error["type"])
    if kind in _BOUNDS:
        key, zh, en = _BOUNDS[kind]
        bound = error.get("ctx", {}).get(key, "")
        zh, en = zh.format(bound), en.format(bound)
    else:
        zh, en = _FAULTS.get(kind, ("格式不正确。", "This value is not in the expected form."))
    return {"pointer": pointer, "code": kind, "zh": zh, "en": en}
