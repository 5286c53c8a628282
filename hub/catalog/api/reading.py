"""Public reading: instruments, institutions, services, stations, statistics."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

import schemas
from hub.catalog import queries
from hub.catalog.api.parameters import ProvinceFilter, audience_of
from hub.catalog.errors import StationUnknown
from hub.catalog.service import showing
from hub.catalog.service.statistics import statistics
from hub.core.lists import Cursor, Limit, page_answer, text_position
from hub.core.web import CurrentRuntime, ReadSession, json_answer, page_openapi, spec_openapi
from hub.federation import queries as federation
from hub.identity.access import CurrentPrincipal, public

router = APIRouter(dependencies=[public], tags=["catalogue"])


@router.get("/instruments/{instrument_id}")
def show_instrument(
    instrument_id: str, session: ReadSession, runtime: CurrentRuntime, principal: CurrentPrincipal
) -> Response:
    """One instrument with its institution, services, sources (platform, age, mapping version) and way to book."""
    held = queries.instrument(session, instrument_id)
    audience = audience_of(principal, held.province)
    told = showing.show_instrument(
        session, runtime.adapters, instrument_id, audience=audience, now=runtime.clock()
    )
    return json_answer(told)


@router.get("/institutions", openapi_extra=page_openapi("institution"))
def list_institutions(
    session: ReadSession,
    *,
    province: ProvinceFilter = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Institutions by identifier."""
    after = text_position("institutions", cursor)
    rows = queries.institutions(session, province=province, kind=kind, after=after, limit=limit + 1)
    return page_answer(
        "institutions",
        rows,
        limit,
        lambda row: row.id,
        lambda row: schemas.redact("institution", row.document, "public"),
    )


@router.get("/institutions/{institution_id}")
def show_institution(
    institution_id: str, session: ReadSession, runtime: CurrentRuntime, principal: CurrentPrincipal
) -> Response:
    """One institution with its instruments' counts and its source."""
    held = queries.institution(session, institution_id)
    classes = queries.classes_of_institution(session, institution_id)
    sources = federation.sources_of(session, [institution_id]).get(institution_id, [])
    now = runtime.clock()
    told = {
        "id": held.id,
        "institution": schemas.redact("institution", held.document, audience_of(principal, held.province)),
        "withdrawn_at": None if held.withdrawn_at is None else held.withdrawn_at.isoformat(),
        "counts": {"open": sum(n for n, _ in classes.values()), "any": sum(n for _, n in classes.values())},
        "classes": {code: {"open": n, "any": m} for code, (n, m) in sorted(classes.items())},
        "sources": [showing.show_source(source, runtime.adapters, now) for source in sources],
    }
    return json_answer(told)


@router.get("/services", openapi_extra=page_openapi("service-item"))
def list_services(
    session: ReadSession,
    *,
    province: ProvinceFilter = None,
    institution: Annotated[str | None, Query(max_length=40)] = None,
    unit: Annotated[str | None, Query(max_length=20, description="charging_unit")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Service items (检测服务项目) of listed instruments by identifier."""
    after = text_position("services", cursor)
    rows = queries.services(
        session,
        province=province,
        institution_id=institution,
        charging_unit=unit,
        after=after,
        limit=limit + 1,
    )
    return page_answer(
        "services",
        rows,
        limit,
        lambda row: row["id"],
        lambda row: schemas.redact("service-item", row, "public"),
    )


@router.get("/stations")
def list_stations(runtime: CurrentRuntime) -> Response:
    """The provinces' service stations (服务驿站)."""
    return json_answer(
        {"items": [showing.show_station(runtime.adapters[code]) for code in sorted(runtime.adapters)]}
    )


@router.get("/stations/{station_id}", openapi_extra=spec_openapi(answer="station"))
def show_station(station_id: str, runtime: CurrentRuntime) -> Response:
    """One service station."""
    for adapter in runtime.adapters.values():
        told = showing.show_station(adapter)
        if told["id"] == station_id:
            return json_answer(told)
    raise StationUnknown(station_id)


@router.get("/statistics", openapi_extra=spec_openapi(answer="statistics"))
def show_statistics(session: ReadSession, runtime: CurrentRuntime) -> Response:
    """The catalogue counted in the shape of the study's tables, with reference data and its source."""
    return json_answer(statistics(session, now=runtime.clock()))
