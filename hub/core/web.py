"""The web edge that every API and page uses: sessions, bodies by specification, answers, and the access table.

Every route has an entry in the access table: a dependency made by `hub.core.web` or `hub.identity.access` that
names who may use the route and enforces it. `check_access_table` refuses to start an application with a route
that has none.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from ipaddress import ip_address
from secrets import compare_digest
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

import schemas
from hub.core import idempotency, problems
from hub.core.edge import Edge
from hub.core.errors import HubError
from hub.core.runtime import Runtime

MAX_BODY = 1024 * 1024
"""Bytes of a request body unless the route says `max_body_size=`."""


_KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class HubApp(FastAPI):
    """A FastAPI application with the hub's edge around everything, Starlette's own error page included."""

    def build_middleware_stack(self) -> ASGIApp:
        runtime: Runtime = self.state.runtime
        inner = super().build_middleware_stack()
        return Edge(inner, requests=runtime.metrics.requests, is_https=runtime.has_secure_cookies)


def new_app(runtime: Runtime, *, title: str, version: str, lifespan: Any = None) -> HubApp:
    """An application without routes: problem handlers, body limit and runtime in place."""
    app = HubApp(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=MAX_BODY,
    )
    app.state.runtime = runtime
    app.state.page_of_problem = None
    app.state.running = set()
    problems.install(app)
    return app


def include(*routers: APIRouter) -> tuple[BaseRoute, ...]:
    """The routes of these routers, to be handed to every application's `router.routes`.

    What FastAPI finds out about their parameters is so found out once in a process, however many applications it
    makes; `app.include_router` would repeat it for each.
    """
    together = APIRouter(max_body_size=MAX_BODY)
    for router in routers:
        together.include_router(router)
    return tuple(together.routes)


def runtime_of(request: Request) -> Runtime:
    """The running process's runtime."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def _read_session(request: Request) -> Iterator[Session]:
    with runtime_of(request).database.read() as session:
        yield session


def _write_session(request: Request) -> Iterator[Session]:
    with runtime_of(request).database.write() as session:
        yield session


# scope="function": the commit happens before the answer is sent. By default it happens after, and a commit
# that fails has already been answered 201.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
"""An endpoint's reading session."""

WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
"""An endpoint's writing session: one request, one transaction, committed before the answer leaves."""


async def _runtime(request: Request) -> Runtime:
    """`runtime_of` without a thread: a synchronous dependency would be sent to one."""
    return runtime_of(request)


CurrentRuntime = Annotated[Runtime, Depends(_runtime)]


async def _alone(request: Request, key: _KeyHeader = None) -> AsyncIterator[str | None]:
    """The command's key, while no other request of the same sender carries it out in this process.

    The database decides who is first; where it lets one writer in at a time, the second would wait for the first one's
    lock instead of for its answer. Raises `StillRunning` after `WAIT_SECONDS`.
    """
    if key is None:
        yield None
        return
    running: set[tuple[str, str]] = request.app.state.running
    mine = (request.headers.get("authorization") or request.headers.get("cookie", ""), key)
    until = time.monotonic() + idempotency.WAIT_SECONDS
    while mine in running:
        if time.monotonic() >= until:
            raise idempotency.StillRunning
        await asyncio.sleep(0.02)
    running.add(mine)
    try:
        yield key
    finally:
        running.discard(mine)


CommandKey = Annotated[str | None, Depends(_alone, scope="function")]
"""The `Idempotency-Key` of a command; a second request with it waits for the first, as long as commands wait."""


class BodyInvalid(HubError):
    """A request body that is not the document it should be."""

    def __init__(
        self, zh: str, en: str, *, status: int = 422, errors: tuple[Mapping[str, Any], ...] = ()
    ) -> None:
        field = str(errors[0]["pointer"]) if errors else None
        super().__init__("body_invalid", zh, en, status, field=field, errors=errors)


async def json_body(request: Request) -> Any:
    """The body as JSON. Raises `BodyInvalid`: other media type, malformed text, NaN, NUL characters."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise BodyInvalid("请以 application/json 发送。", "Send the body as application/json.", status=415)
    content = await request.body()
    if b"\\u0000" in content or b"\0" in content:
        raise BodyInvalid("内容含有空字符（U+0000）。", "The body contains a NUL character (U+0000).")
    try:
        return schemas.parse_json(content)
    except schemas.NotJson as fault:
        raise BodyInvalid(fault.zh, fault.en, status=400) from fault


def spec_body(name: str) -> Any:
    """A dependency that gives the body once it is a valid document `name` of the specification.

    A refused document names every field that is wrong and what is wrong with it.
    """

    async def read(request: Request) -> Any:
        document = await json_body(request)
        if not schemas.is_valid(name, document):
            found = schemas.problems(name, document)
            errors = tuple({"pointer": p.pointer, "code": p.code, "zh": p.zh, "en": p.en} for p in found)
            first = errors[0] if errors else {"pointer": "", "zh": "", "en": ""}
            raise BodyInvalid(
                f"内容不符合规范「{name}」：{first['pointer']} {first['zh']}",
                f"The body does not fit the specification {name!r}: {first['pointer']} {first['en']}",
                errors=errors,
            )
        return document

    return Depends(read)


def spec_openapi(*, body: str | None = None, answer: str | None = None, status: int = 200) -> dict[str, Any]:
    """`openapi_extra` of a route whose body or answer is a document of the specification, by reference."""
    extra: dict[str, Any] = {}
    if body is not None:
        extra["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_ref(body)}},
        }
    if answer is not None:
        extra["responses"] = {str(status): {"content": {"application/json": {"schema": schema_ref(answer)}}}}
    return extra


def page_openapi(name: str) -> dict[str, Any]:
    """`openapi_extra` of a list whose pages hold documents of the specification, and the cursor of the next page."""
    page = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": schema_ref(name)},
            "next": {"type": ["string", "null"], "description": "下一页游标 · cursor of the next page"},
        },
    }
    return {"responses": {"200": {"content": {"application/json": {"schema": page}}}}}


def schema_ref(name: str) -> dict[str, str]:
    """A reference to a document of the specification as this hub serves it."""
    return {"$ref": f"/schemas/v1/{name}.schema.json"}


def json_answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer from plain data, without FastAPI's re-encoding (ETag and HEAD come from the edge)."""
    return Response(orjson.dumps(document), status, headers=headers, media_type="application/json")


class AccessEntry:
    """One entry of the access table: `names` say who may pass. Subclasses enforce it when called."""

    def __init__(self, *names: str) -> None:
        self.names = names


class _Public(AccessEntry):
    async def __call__(self) -> None:
        return None


class LoopbackOrTokenNeeded(HubError):
    """This address answers on the machine itself, or to the holder of the token."""

    def __init__(self) -> None:
        super().__init__(
            "loopback_or_token_needed",
            "此地址只对本机或持有令牌者开放。",
            "This address answers on this machine only, or with its token.",
            403,
        )


class _LoopbackOrToken(AccessEntry):
    async def __call__(self, request: Request) -> None:
        token = runtime_of(request).metrics_token
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if token is not None and compare_digest(given, token.encode()):
            return
        if not is_from_loopback(request):
            raise LoopbackOrTokenNeeded


public = Depends(_Public("public"))
"""Access entry: anybody."""

loopback_or_token = Depends(_LoopbackOrToken("loopback_or_token"))
"""Access entry: this machine, or the bearer of HUB_METRICS_TOKEN."""


def is_from_loopback(request: Request) -> bool:
    """Whether the request was made on this machine, and not by a proxy on it for somebody else."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class RouteWithoutAccess(RuntimeError):
    """The application has routes that nobody decided about; it must not start."""


def access_table(app: FastAPI) -> dict[str, tuple[str, ...]]:
    """Every route ("GET /path") with the names of its access entry; empty when it has none.

    A mounted application counts as one route; `app.state.mounts` gives its entry.
    """
    mounts: Mapping[str, str] = getattr(app.state, "mounts", {})
    table: dict[str, tuple[str, ...]] = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        names = _entry_names(dependant) if dependant is not None else ()
        path = route.path or ""
        if dependant is None and path in mounts:
            names = (mounts[path],)
        for method in sorted(route.methods or {"MOUNT"}):
            table[f"{method} {path}"] = names
    return table


def check_access_table(app: FastAPI) -> None:
    """Raise `RouteWithoutAccess` naming every route without an access entry."""
    missing = [route for route, names in access_table(app).items() if not names]
    if missing:
        raise RouteWithoutAccess(f"routes without an access entry: {', '.join(missing)}")


def _entry_names(dependant: Dependant) -> tuple[str, ...]:
    held: Any = dependant.call
    if isinstance(held, AccessEntry):
        return held.names
    for inner in dependant.dependencies:
        names = _entry_names(inner)
        if names:
            return names
    return ()
