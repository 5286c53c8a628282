"""The outermost ring around the application, in plain ASGI: what holds for every answer.

Request id, security headers, ETags of JSON answers, HEAD as GET, the limit on query strings, timing by route, and
an answer for exceptions that nothing inside answered.
"""

import logging
import re
import secrets
import time
from hashlib import blake2b
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.core.errors import HubError
from hub.core.language import preferred
from hub.core.problems import problem_document
from hub.core.routes import route_template

log = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(), payment=()",
}

MAX_TARGET = 8192
"""Bytes of path and query together; more is answered 414."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_JSON_TYPES = ("application/json", "application/geo+json", "application/schema+json")


class Edge:
    """Wraps the application's whole middleware stack. `is_https` adds Strict-Transport-Security."""

    def __init__(self, app: ASGIApp, *, requests: Any = None, is_https: bool = False) -> None:
        self._app = app
        self._requests = requests
        self._headers = dict(SECURITY_HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(scope, send, {**self._headers, "X-Request-ID": request_id})
        begun = time.perf_counter()
        try:
            await self._serve(scope, receive, answer)
        finally:
            if self._requests is not None:
                route = _route_template(scope)
                self._requests.labels(answer.method, route, str(answer.status)).observe(
                    time.perf_counter() - begun
                )

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        refused = _refuse(scope)
        if refused is not None:
            await answer.tell(refused)
            return
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            # The application's own handler has answered and logged; only a broken answer gets here unanswered.
            if not answer.has_started:
                log.exception("request %s was not answered", scope["state"]["request_id"])
                await answer.tell(
                    HubError("internal_fault", "系统内部出现故障。", "A fault inside the hub.", 500)
                )


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, headers: dict[str, str]) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._held: Message | None = None
        self.has_started = False
        self.status = 0
        self.method: str = scope["method"]
        if self.method == "HEAD":  # answered like GET, without the body
            scope["method"] = "GET"

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        elif self._held is not None and message["type"] == "http.response.body":
            start, self._held = self._held, None
            await self._send_first(start, message)
        else:
            await self._send(self._bodiless(message))

    def _start(self, message: Message) -> None:
        self.has_started = True
        self.status = message["status"]
        given = list(message["headers"])
        names = {name.lower() for name, _ in given}
        cookies = [
            (b"set-cookie", held.encode()) for held in self._scope.get("state", {}).get("set_cookies", ())
        ]
        message["headers"] = given + cookies + [pair for pair in self._raw if pair[0] not in names]
        self._held = message

    async def _send_first(self, start: Message, body: Message) -> None:
        headers = MutableHeaders(scope=start)
        if self.status == 413 and headers.get("content-type", "").startswith("text/plain"):
            await self._replace(
                HubError("body_too_large", "请求内容超过大小上限。", "The body is too large.", 413)
            )
            return
        if self._is_taggable(headers, body):
            tag = headers.get("etag") or f'"{blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
            headers["ETag"] = tag
            headers.setdefault("Cache-Control", "no-cache")
            if _matches(self._scope, tag):
                start["status"] = self.status = 304
                del headers["content-length"]
                del headers["content-type"]
                body = {**body, "body": b""}
        await self._send(start)
        await self._send(self._bodiless(body))

    def _is_taggable(self, headers: MutableHeaders, body: Message) -> bool:
        if self._scope["method"] != "GET" or self.status != 200 or body.get("more_body", False):
            return False
        return headers.get("content-type", "").split(";")[0] in _JSON_TYPES

    def _bodiless(self, message: Message) -> Message:
        if self.method == "HEAD" and message["type"] == "http.response.body":
            return {**message, "body": b""}
        return message

    async def tell(self, fact: HubError) -> None:
        """Answer with a problem document, from outside the application."""
        self.has_started = True
        await self._replace(fact)

    async def _replace(self, fact: HubError) -> None:
        self.status = fact.status
        raw = dict(self._scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        language = preferred(raw)
        document = problem_document(
            fact, language=language, instance=self._scope["path"], request_id=self._headers["X-Request-ID"]
        )
        content = orjson.dumps(document)
        start: Message = {"type": "http.response.start", "status": fact.status, "headers": []}
        headers = MutableHeaders(scope=start)
        told = {
            "Content-Type": "application/problem+json",
            "Content-Length": str(len(content)),
            "Content-Language": language,
            "Cache-Control": "no-store",
            **self._headers,
        }
        for name, value in told.items():
            headers[name] = value
        await self._send(start)
        await self._send(self._bodiless({"type": "http.response.body", "body": content}))


def _refuse(scope: Scope) -> HubError | None:
    query: bytes = scope.get("query_string", b"")
    if len(scope.get("raw_path") or scope["path"].encode()) + len(query) > MAX_TARGET:
        return HubError("address_too_long", "请求地址过长。", "The request's address is too long.", 414)
    # PostgreSQL cannot hold NUL in text, and no honest request has one
    if "\0" in scope["path"] or b"%00" in query or b"\0" in query:
        return HubError(
            "request_malformed", "请求地址含有空字符。", "The address contains a NUL character.", 400
        )
    return None


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _route_template(scope: Scope) -> str:
    return str(scope.get("state", {}).get("route") or route_template(scope))


def _matches(scope: Scope, tag: str) -> bool:
    given = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
    return given.strip() == "*" or tag.removeprefix("W/") in (
        part.strip().removeprefix("W/") for part in given.split(",")
    )
