"""Searching over HTTP: `/instruments` (the list), `/map`, `/suggest`. Public, read only.

Below 100,000 instruments the index answers faster than a thread can be woken, so it is called on the event loop;
above that a broad search would hold up everybody, so it goes to the thread pool.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from hub.core.problems import request_language
from hub.core.web import json_answer, public, runtime_of, spec_openapi
from hub.identity import access
from hub.search import parameters
from hub.search.errors import IndexNotReady
from hub.search.index import SearchIndex
from hub.search.payers import payers_of
from hub.search.request import Group, Hit, HitAvailability, Payer
from hub.search.service import map_counts, search, suggest

router = APIRouter(prefix="/api/v1", dependencies=[public], tags=["search"])

_MOST_ON_THE_LOOP = 100_000
_MAX_SUGGESTIONS = 20

Answer = TypeVar("Answer")


@router.get("/instruments", openapi_extra=parameters.openapi() | spec_openapi(answer="instrument-page"))
async def list_instruments(request: Request) -> Response:
    """Search: totals, hits with highlights, facets, why the answer is what it is, and the next page's cursor."""
    asked = parameters.read_request(request.query_params.multi_items(), request_language(request))
    index = _index(request)
    now = runtime_of(request).clock()
    asked = replace(asked, payers=await _payers(request))
    found = await _call(index, lambda: search(index, asked, now=now))
    told = {
        "total": found.total,
        "total_open": found.total_open,
        "total_any": found.total_any,
        "items": [_shown(hit) for hit in found.items],
        "facets": found.facets,
        "explanations": found.explanations,
        "groups": [_shown_group(group) for group in found.groups],
        "next": found.next,
        "index_number": found.index_number,
    }
    headers = {"Server-Timing": f"search;dur={found.took_ms}"}
    if asked.payers:
        headers["Cache-Control"] = "private, no-store"
    return json_answer(told, headers=headers)


@router.get(
    "/map",
    openapi_extra=parameters.openapi("limit", "cursor", "sort") | spec_openapi(answer="map-counts"),
)
async def count_for_the_map(request: Request) -> Response:
    """Counts by province and city under the filters of a search; each ignores its own filter."""
    asked = parameters.read_request(request.query_params.multi_items(), request_language(request))
    index = _index(request)
    now = runtime_of(request).clock()
    return json_answer(await _call(index, lambda: map_counts(index, asked, now=now)))


@router.get("/suggest", openapi_extra=spec_openapi(answer="suggestion-list"))
async def suggest_names(request: Request, q: str = "", limit: int = 8) -> Response:
    """Names, aliases, institutions and models that begin so, also by pinyin and abbreviation."""
    index = _index(request)
    most = max(1, min(limit, _MAX_SUGGESTIONS))
    return json_answer({"items": suggest(index, q, request_language(request), most)})


async def _payers(request: Request) -> tuple[Payer, ...]:
    """The vouchers of whoever is signed in; nobody else costs a question to the database."""
    if access.session_token(request) is None:
        return ()
    return await run_in_threadpool(_read_payers, request)


def _read_payers(request: Request) -> tuple[Payer, ...]:
    me = access.current(request)
    if me is None:
        return ()
    runtime = runtime_of(request)
    with runtime.database.read() as session:
        return payers_of(session, me.role, me.party_id, now=runtime.clock())


def _index(request: Request) -> SearchIndex:
    index: SearchIndex | None = runtime_of(request).index
    if index is None:
        raise IndexNotReady
    return index


async def _call(index: SearchIndex, work: Callable[[], Answer]) -> Answer:
    if index.size() <= _MOST_ON_THE_LOOP:
        return work()
    return await run_in_threadpool(work)


def _shown(hit: Hit) -> dict[str, Any]:
    told: dict[str, Any] = {"id": hit.id, "kind": hit.kind, **hit.summary, "highlights": hit.highlights}
    if hit.distance_km is not None:
        told["distance_km"] = hit.distance_km
    if hit.fee is not None:
        told["fee"] = hit.fee
    if hit.shares is not None:
        told["shares"] = {name: value for name, value in asdict(hit.shares).items() if value is not None}
    if hit.availability is not None:
        told["availability"] = _shown_availability(hit.availability)
    return told


def _shown_availability(known: HitAvailability) -> dict[str, Any]:
    """What is not known is absent: the age of assumed hours, a slot that there is not."""
    told: dict[str, Any] = {"source": known.source}
    if known.as_of is not None:
        told["as_of"] = known.as_of
    if known.next_free is not None:
        told["next_free"] = known.next_free
    return told


def _shown_group(group: Group) -> dict[str, Any]:
    return {"kind": group.kind, "total": group.total, "items": [_shown(hit) for hit in group.items]}
