"""The edge: problems in two languages, headers, ETags, limits, the access table, the commit before the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import orjson
import pytest
from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from hub.app import create_app
from hub.core import web
from hub.core.edge import CONTENT_SECURITY_POLICY
from hub.core.errors import HubError
from hub.core.lease import Lease
from hub.core.runtime import Runtime
from tests.in_process import InProcess

pytestmark = pytest.mark.database

router = APIRouter(dependencies=[web.public])


@router.get("/t/fact")
def tell_fact() -> None:
    raise HubError(
        "slot_taken", "该时段已被预约。", "The slot is taken.", 409, field="start", hint_zh="请换一个时段。"
    )


@router.get("/t/crash")
def crash() -> None:
    raise ZeroDivisionError("secret detail")


@router.get("/t/json")
def give_json() -> Response:
    return web.json_answer({"名": "仪器"})


@router.get("/t/stream")
def stream() -> Response:
    return StreamingResponse(iter([b"a", b"b"]), media_type="text/event-stream")


@router.get("/t/number")
def number(n: Annotated[int, Query(ge=1, le=100)]) -> dict[str, int]:
    return {"n": n}


@router.post("/t/echo")
def echo(body: Annotated[Any, Depends(web.json_body)]) -> Response:
    return web.json_answer(body)


@router.post("/t/bytes")
async def count_bytes(request: Request) -> Response:
    return web.json_answer(len(await request.body()))


@router.post("/t/large", max_body_size=3_000_000)
async def count_large(request: Request) -> Response:
    return web.json_answer(len(await request.body()))


@router.post("/t/file")
def take_file(file: UploadFile) -> Response:
    return web.json_answer(file.size)


@router.post("/t/institution", openapi_extra=web.spec_openapi(body="institution"))
def put_institution(body: Annotated[Any, web.spec_body("institution")]) -> Response:
    return web.json_answer(body["name_zh"])


@router.post("/t/lease/{name}", status_code=201)
def put_lease(name: str, session: web.WriteSession, runtime: web.CurrentRuntime) -> dict[str, str]:
    session.add(Lease(name=name, holder="x", until=runtime.clock(), fence=1))
    return {"name": name}


@router.get("/t/leases")
def list_leases(session: web.ReadSession) -> list[str]:
    return list(session.scalars(select(Lease.name)))


Served = Callable[..., httpx.Client]


@pytest.fixture
def app(runtime: Runtime) -> web.HubApp:
    held = create_app(runtime)
    held.include_router(router)
    return held


@contextmanager
def _client(app: web.HubApp, **more: Any) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(app, **more), base_url="http://hub.test") as held:
        yield held


@pytest.fixture
def client(app: web.HubApp) -> Iterator[httpx.Client]:
    with _client(app) as held:
        yield held


def test_a_fact_is_a_problem_document_in_chinese(client: httpx.Client) -> None:
    answer = client.get("/t/fact")
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert told["code"] == "slot_taken"
    assert told["type"] == "/problems/slot_taken"
    assert told["title"] == "该时段已被预约。"
    assert told["detail"] == "该时段已被预约。请换一个时段。"
    assert (told["zh"], told["en"], told["field"]) == ("该时段已被预约。", "The slot is taken.", "start")
    assert told["instance"] == "/t/fact"
    assert told["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-language"] == "zh"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.3, zh;q=0.9", "zh"),
        ("fr", "zh"),
        (";;q=x,,", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_problems_speak_the_language_that_was_asked_for(
    client: httpx.Client, accepted: str, language: str
) -> None:
    answer = client.get("/t/fact", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == answer.json()[language]


def test_a_crash_tells_nothing_but_a_request_id(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/t/crash", headers={"X-Request-ID": "trace-me-0001"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_fault"
    assert answer.json()["request_id"] == "trace-me-0001"
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_unknown_addresses_and_methods_are_problems_too(client: httpx.Client) -> None:
    assert client.get("/nowhere").json()["code"] == "not_found"
    assert client.put("/t/json").json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("query", "code", "zh"),
    [
        ("", "missing", "缺少该项。"),
        ("?n=x", "int_parsing", "应为整数。"),
        ("?n=0", "greater_than_equal", "应不小于 1。"),
        ("?n=101", "less_than_equal", "应不大于 100。"),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, query: str, code: str, zh: str) -> None:
    answer = client.get(f"/t/number{query}")
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (400, "parameter_invalid", "n")
    assert told["errors"][0]["pointer"] == "/n"
    assert (told["errors"][0]["code"], told["errors"][0]["zh"]) == (code, zh)


@pytest.mark.parametrize(
    "path", ["/healthz", "/nowhere", "/t/crash", "/t/fact", "/t/stream", "/t/json?x=%00"]
)
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert len(headers["x-request-id"]) >= 8


def test_a_malformed_request_id_is_replaced(client: httpx.Client) -> None:
    given = "x" * 65
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] != given


def test_json_answers_have_etags(client: httpx.Client) -> None:
    first = client.get("/t/json")
    tag = first.headers["etag"]
    assert first.json() == {"名": "仪器"}
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get("/t/json", headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get("/t/json", headers={"If-None-Match": '"other"'}).status_code == 200


def test_streams_pass_untouched(client: httpx.Client) -> None:
    answer = client.get("/t/stream")
    assert answer.content == b"ab"
    assert "etag" not in answer.headers


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/t/json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == client.get("/t/json").headers["etag"]
    assert client.head("/nowhere").content == b""


def test_bodies_are_limited(client: httpx.Client) -> None:
    assert client.post("/t/bytes", content=b"x" * web.MAX_BODY).json() == web.MAX_BODY
    assert client.post("/t/large", content=b"x" * 2_000_000).json() == 2_000_000
    for path, size in (
        ("/t/bytes", web.MAX_BODY + 1),
        ("/t/large", 3_000_001),
        ("/nowhere", web.MAX_BODY + 1),
    ):
        answer = client.post(path, content=b"x" * size)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.headers["x-frame-options"] == "DENY"


def test_bodies_of_unknown_length_are_limited(client: httpx.Client) -> None:
    answer = client.post("/t/bytes", content=iter([b"x" * 600_000, b"x" * 600_000]))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_files_are_limited(client: httpx.Client) -> None:
    assert client.post("/t/file", files={"file": b"x" * 1000}).json() == 1000
    assert client.post("/t/file", files={"file": b"x" * web.MAX_BODY}).status_code == 413


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        (b'"\\u0000"', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"", "application/json", 400),
    ],
)
def test_what_is_not_json_is_refused(
    client: httpx.Client, content: bytes, media_type: str, status: int
) -> None:
    answer = client.post("/t/echo", content=content, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (status, "body_invalid")


def test_a_body_is_held_against_the_specification(client: httpx.Client) -> None:
    answer = client.post("/t/institution", json={"name_zh": 1})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "body_invalid")
    assert told["errors"]
    assert all({"pointer", "code", "zh", "en"} <= set(error) for error in told["errors"])


def test_openapi_refers_to_the_specification(client: httpx.Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    held = described["paths"]["/t/institution"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert held == {"$ref": "/schemas/v1/institution.schema.json"}
    answer = client.get(held["$ref"])
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_specification_is_served(client: httpx.Client) -> None:
    listed = client.get("/schemas").json()
    assert "instrument" in listed["documents"]
    for address in (*listed["documents"].values(), *listed["codes"].values()):
        assert client.get(address).status_code == 200
    assert client.get("/schemas/v1/nothing.schema.json").json()["field"] == "name"
    assert client.get("/schemas/v1/codes/nothing.json").status_code == 404


@pytest.mark.parametrize("path", ["/t/json?q=%00", "/t/json?q=a%00b", "/t/\0json"])
def test_nul_characters_are_refused_at_the_door(client: httpx.Client, path: str) -> None:
    assert client.get(path.replace("\0", "%00")).status_code == 400


def test_endless_addresses_are_refused(client: httpx.Client) -> None:
    assert client.get("/t/json", params={"q": "x" * 9000}).status_code == 414


def test_one_request_is_one_transaction(client: httpx.Client) -> None:
    assert client.post("/t/lease/a").status_code == 201
    assert client.get("/t/leases").json() == ["a"]


def test_a_failing_commit_is_not_answered_201(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    """The second insert is flushed by the commit: only there does the database refuse it."""
    assert client.post("/t/lease/a").status_code == 201
    answer = client.post("/t/lease/a")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_fault")
    assert client.get("/t/leases").json() == ["a"]


def test_an_application_with_an_undecided_route_does_not_start(app: web.HubApp) -> None:
    web.check_access_table(app)
    undecided = APIRouter()
    undecided.add_api_route("/t/undecided", lambda: None, methods=["GET"])
    app.include_router(undecided, prefix="/more")
    with pytest.raises(web.RouteWithoutAccess, match="GET /more/t/undecided"):
        web.check_access_table(app)


def test_a_mounted_application_needs_an_entry_too(app: web.HubApp) -> None:
    app.mount("/static", Response())
    with pytest.raises(web.RouteWithoutAccess, match="/static"):
        web.check_access_table(app)
    app.state.mounts = {"/static": "public"}
    web.check_access_table(app)


def test_the_hub_has_an_access_entry_for_every_route(runtime: Runtime) -> None:
    app = create_app(runtime)
    web.check_access_table(app)
    table = web.access_table(app)
    assert table["GET /metrics"] == ("loopback_or_token",)
    assert table["GET /healthz"] == ("public",)
    assert len(table) >= len(list(iter_route_contexts(app.routes)))


def test_starting_checks_the_access_table(app: web.HubApp) -> None:
    app.add_api_route("/t/undecided", lambda: None, methods=["GET"])

    async def start() -> None:
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")

    import asyncio

    with pytest.raises(web.RouteWithoutAccess):
        asyncio.run(start())


def test_metrics_answer_to_this_machine_only(app: web.HubApp) -> None:
    with _client(app) as client:
        client.get("/t/number?n=1")
        text = client.get("/metrics").text
        assert 'hub_http_request_seconds_count{method="GET",route="/t/number",status="200"} 1.0' in text
        assert "hub_sequencer_overdue_rows" not in text  # wiring registers the database's readings
        assert client.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 403
    with _client(app, client=("203.0.113.7", 1)) as client:
        assert client.get("/metrics").json()["code"] == "loopback_or_token_needed"


def test_metrics_answer_to_the_token(runtime: Runtime) -> None:
    import dataclasses

    app = create_app(dataclasses.replace(runtime, metrics_token="s3cret"))
    with _client(app, client=("203.0.113.7", 1)) as client:
        assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "failures": {}}


def test_a_process_without_its_database_is_unready(app: web.HubApp) -> None:
    app.state.checks.add("index", lambda: "the index is being built")
    app.state.checks.add("broken", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    with _client(app) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failures"] == {"index": "the index is being built", "broken": "ZeroDivisionError"}


def test_a_late_sequencer_only_degrades(app: web.HubApp, runtime: Runtime) -> None:
    app.state.checks.add("sequencer", lambda: "3 rows wait", is_vital=False)
    with _client(app) as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_answers_are_bytes_of_plain_data() -> None:
    assert orjson.loads(web.json_answer([1, {"a": None}]).body) == [1, {"a": None}]
