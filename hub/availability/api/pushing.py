"""The door for platforms that push reservations: an institution's own system, or its province's, is the source."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response

from hub.availability import service, wire
from hub.availability.api.parameters import NO_STORE, Code
from hub.availability.service import Push
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.core.web import CurrentRuntime, json_answer, spec_body, spec_openapi
from hub.identity.access import Principal, action

router = APIRouter(tags=["local reservations"])

PUSH = "availability.push_reservations"
MOST_BYTES = 1_048_576


@router.post(
    "/provinces/{code}/reservations",
    max_body_size=MOST_BYTES,
    openapi_extra=spec_openapi(body="reservation-push", status=200),
)
def push_reservations(
    code: Code,
    runtime: CurrentRuntime,
    *,
    principal: Annotated[Principal, action(PUSH)],
    body: Annotated[Any, spec_body("reservation-push")],
) -> Response:
    """Keep what a platform tells: a whole window, or single changes. Repeating is harmless; each instrument by itself.

    `result`: done, stale (something newer was told before: nothing changed), or refused with the reason.
    """
    now = runtime.clock()
    with runtime.database.read() as session:
        service.allow_province(session, principal, PUSH, code, now=now)
    push = service.read_push(body, now=now)
    told = [
        _take(runtime, push, one, province=code, actor=principal.name, now=now) for one in push.instruments
    ]
    return json_answer({"items": told}, headers=NO_STORE)


def _take(
    runtime: Runtime, push: Push, told: dict[str, Any], *, province: str, actor: str, now: datetime
) -> dict[str, Any]:
    """One instrument in a transaction of its own: a bad one takes no good one along."""
    named = {"instrument_id": told["instrument_id"]}
    try:
        with runtime.database.write() as session:
            taken = service.take_push(session, push, told, province=province, actor=actor, now=now)
            if taken is None:
                return {**named, "result": "stale"}
            return {**named, "result": "done", **wire.taken_document(taken)}
    except HubError as fault:
        refusal = {"code": fault.code, "title_zh": fault.zh, "title_en": fault.en, "field": fault.field}
        return {**named, "result": "refused", **{name: value for name, value in refusal.items() if value}}
