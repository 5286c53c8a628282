"""Public state of the provinces: links, runs, and what lies in quarantine (without anything personal)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from hub.catalog.api.parameters import Code, audience_of
from hub.catalog.service import showing
from hub.catalog.service.deliveries import adapter_of
from hub.core.errors import NotFound
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer
from hub.core.web import CurrentRuntime, ReadSession, json_answer, spec_openapi
from hub.federation import queries
from hub.federation.errors import ProvinceUnknown, QuarantineUnknown
from hub.identity.access import CurrentPrincipal, public

router = APIRouter(dependencies=[public], tags=["provinces"])


@router.get("/provinces")
def list_provinces(session: ReadSession, runtime: CurrentRuntime) -> Response:
    """Every connected province: link state, counts, resources with their last run and verdict."""
    return json_answer({"items": showing.show_provinces(session, runtime.adapters, now=runtime.clock())})


@router.get("/provinces/{code}")
def show_province(code: Code, session: ReadSession, runtime: CurrentRuntime) -> Response:
    """One province."""
    if code not in runtime.adapters:
        raise ProvinceUnknown(code)
    [told] = showing.show_provinces(session, {code: runtime.adapters[code]}, now=runtime.clock())
    return json_answer(told)


@router.get("/provinces/{code}/runs")
def list_runs(
    code: Code,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: CurrentPrincipal,
    *,
    resource: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """A province's runs, newest first, with progress and verdict."""
    adapter_of(runtime, code)
    before = number_position("runs", cursor)
    rows = queries.runs(session, code, resource=resource, before=before, limit=limit + 1)
    audience, now = audience_of(principal, code), runtime.clock()
    return page_answer(
        "runs", rows, limit, lambda run: run.id, lambda run: showing.show_run(run, audience=audience, now=now)
    )


@router.get("/provinces/{code}/runs/{run_id}", openapi_extra=spec_openapi(answer="sync-run"))
def show_run(
    code: Code, run_id: Number, session: ReadSession, runtime: CurrentRuntime, principal: CurrentPrincipal
) -> Response:
    """One run."""
    run = queries.run_by_id(session, run_id)
    if run is None or run.province != code:
        raise NotFound(f"没有编号为 {run_id} 的同步任务。", f"There is no run {run_id}.", field="run_id")
    return json_answer(showing.show_run(run, audience=audience_of(principal, code), now=runtime.clock()))


@router.get("/provinces/{code}/quarantine")
def list_quarantine(
    code: Code,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: CurrentPrincipal,
    *,
    state: Literal["open", "resolved"] = "open",
    resource: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Quarantined records with their reasons. Keys and wrong values only for the province's own people."""
    adapter_of(runtime, code)
    after = number_position("quarantine", cursor) or 0
    rows = queries.quarantined(session, code, state=state, resource=resource, after=after, limit=limit + 1)
    audience = audience_of(principal, code)
    return page_answer(
        "quarantine",
        rows,
        limit,
        lambda item: item.id,
        lambda item: showing.show_quarantined(item, audience=audience),
    )


@router.get("/provinces/{code}/quarantine/{item_id}")
def show_quarantined(
    code: Code, item_id: Number, session: ReadSession, principal: CurrentPrincipal
) -> Response:
    """One quarantined record, without its payload."""
    item = queries.quarantined_by_id(session, item_id)
    if item is None or item.province != code:
        raise QuarantineUnknown(item_id)
    return json_answer(showing.show_quarantined(item, audience=audience_of(principal, code)))
