"""One instrument: what it can do, what it costs, whether it can be booked, where its data come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability.service import pulls
from hub.catalog import queries as catalog
from hub.catalog.errors import InstrumentWithdrawn
from hub.core.web import ReadSession
from hub.federation import queries as federation
from hub.identity import access
from station_portal import booking, formats, provinces, runs, wording
from station_portal.frame import CurrentFrame, Frame
from station_portal.i18n import Language
from station_portal.keeping import desk

router = APIRouter(dependencies=[access.public], include_in_schema=False)

TEXTS = ("functions", "technical_indicators", "service_content", "user_notice", "achievements")
"""Free texts of the document, each a section of its own, in reading order."""


@router.get("/instruments/{instrument_id}")
def show_instrument(frame: CurrentFrame, session: ReadSession, instrument_id: str) -> Response:
    """The page; 404 for an identifier that the catalogue never had, 410 for a withdrawn one."""
    held = catalog.instrument(session, instrument_id)
    if held.withdrawn_at is not None:
        raise InstrumentWithdrawn(instrument_id, held.withdrawn_at)
    if frame.principal is not None:
        pulls.freshen(frame.runtime, session, instrument_id)  # before the booking form is opened
    document = schemas.redact("instrument", held.document, "public")
    institution = _institution(session, held.institution_id)
    items = [
        schemas.redact("service-item", item, "public")
        for item in catalog.service_items(session, instrument_id)
    ]
    sources = federation.sources_of(session, [instrument_id]).get(instrument_id, [])
    card = provinces.one(frame.runtime, session, document["province"], frame.now, frame.language)
    language = frame.language
    title, subtitle = names_of(document, language)
    context = {
        "instrument_id": instrument_id,
        "title": title,
        "subtitle": subtitle,
        "byline": _byline(document, language),
        "trail": _trail(document, title, language),
        "is_stale": any(source.is_stale for source in sources),
        "modes": wording.names("service_mode", document.get("service_modes"), language),
        "has_cma": any(item.get("cma") for item in items),
        "has_cnas": any(item.get("cnas") for item in items),
        "services": [service_row(item, language) for item in items],
        "fee_text": document.get("fee_text"),
        "texts": _texts(document, language),
        "facts": _facts(document, language),
        "booking": booking.judge(
            document,
            link=formats.outside_link(document.get("service_url")) or formats.outside_link(card.platform_url),
            today=frame.now.astimezone(formats.SHANGHAI).date(),
            language=language,
        ),
        "province": card,
        "hours": _hours(document),
        "place": _place(document, institution, language),
        "keeps": desk.may(frame, session, desk.READ, instrument_id),
        "sources": _sources(frame, document["province"], sources),
    }
    return frame.page("instrument.html", context)


def names_of(document: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """The name for this reader, and the other language's name when there is one."""
    chinese, english = document.get("name_zh", ""), document.get("name_en", "")
    return (chinese, english) if language.code == "zh" or not english else (english, chinese)


def _institution(session: Session, institution_id: str | None) -> Mapping[str, Any] | None:
    if institution_id is None:
        return None
    held = catalog.find_institution(session, institution_id)
    return None if held is None else schemas.redact("institution", held.document, "public")


def _byline(document: Mapping[str, Any], language: Language) -> list[str]:
    parts = [document.get("model"), document.get("manufacturer"), (document.get("unit") or {}).get("name")]
    return [part for part in [*parts, wording.place(document.get("location"), language)] if part]


def _trail(document: Mapping[str, Any], title: str, language: Language) -> list[tuple[str, str | None]]:
    path = wording.class_path((document.get("classification") or {}).get("code"), language)
    links = [(name, f"/search?class={code}") for code, name in path]
    return [(language("找仪器"), "/search"), *links, (title, None)]


def service_row(item: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A service item as the table shows it."""
    return {
        "anchor": f"service-{item.get('number', '')}",
        "name": item.get("name", ""),
        "mode": wording.name("service_mode", item.get("service_mode"), language),
        "method": item.get("method"),
        "standards": item.get("standards") or [],
        "condition": item.get("condition"),
        "cma": bool(item.get("cma")),
        "cnas": bool(item.get("cnas")),
        "turnaround": item.get("turnaround_days"),
        "fee_fen": item.get("fee_fen"),
        "unit": wording.name("charging_unit", item.get("charging_unit"), language),
    }


def _texts(document: Mapping[str, Any], language: Language) -> list[dict[str, str]]:
    return [
        {"title": wording.title("instrument", name, language), "body": document[name]}
        for name in TEXTS
        if document.get(name)
    ]


def _facts(document: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    def label(path: str) -> str:
        return wording.title("instrument", path, language)

    def code(name: str, list_name: str) -> tuple[str, str]:
        return label(name), wording.name(list_name, document.get(name), language)

    path = wording.class_path((document.get("classification") or {}).get("code"), language)
    source = document.get("source_classification") or {}
    source_scheme = wording.name("class_scheme", source.get("scheme"), language)
    source_class = " ".join(part for part in (source.get("code"), source.get("text")) if part)
    rows = [
        (label("aliases"), language("、").join(document.get("aliases") or [])),
        (label("model"), document.get("model") or ""),
        (label("manufacturer"), document.get("manufacturer") or ""),
        code("origin_country", "country"),
        (label("classification"), " › ".join(name for _, name in path)),
        (label("source_classification"), f"{source_class}（{source_scheme}）" if source_class else ""),
        (label("original_value_fen"), formats.original_value(document.get("original_value_fen"), language)),
        (label("commissioned_on"), document.get("commissioned_on") or ""),
        code("acquisition_method", "acquisition_method"),
        code("funding_source", "funding_source"),
        code("equipment_type", "equipment_type"),
        code("running_state", "running_state"),
        code("sharing_mode", "sharing_mode"),
        (
            label("disciplines"),
            language("、").join(wording.names("discipline", document.get("disciplines"), language)),
        ),
        (label("carrier"), (document.get("carrier") or {}).get("name") or ""),
        (label("internal_number"), document.get("internal_number") or ""),
        (label("id"), document.get("id") or ""),
    ]
    return [(name, value) for name, value in rows if value]


def _place(
    document: Mapping[str, Any], institution: Mapping[str, Any] | None, language: Language
) -> list[tuple[str, Any]]:
    def label(path: str) -> str:
        return wording.title("instrument", path, language)

    location, contact = document.get("location") or {}, document.get("contact") or {}
    unit: Any = (document.get("unit") or {}).get("name") or ""
    if institution is not None:
        unit = provinces.link(f"/institutions/{institution['id']}", names_of(institution, language)[0])
    return [
        (label("unit"), unit),
        (label("department"), document.get("department")),
        (label("location"), wording.place(location, language)),
        (label("location.address"), location.get("address")),
        (label("contact.name"), contact.get("name")),
        (label("contact.office_phone"), contact.get("office_phone")),
    ]


def _hours(document: Mapping[str, Any]) -> dict[str, Any] | None:
    annual = document.get("annual")
    return None if not annual else {"effective_hours": None, "external_hours": None, **annual}


def _sources(frame: Frame, province: str, sources: Sequence[Any]) -> list[dict[str, Any]]:
    titles = runs.resource_titles(frame.runtime.adapters[province], frame.language)
    return [
        {
            "title": titles.get(source.resource, source.resource),
            "seen_at": source.seen_at,
            "modified_at": source.modified_at,
            "mapping_version": source.mapping_version,
            "run_id": source.raw_run,
        }
        for source in sorted(sources, key=lambda source: source.resource)
    ]
