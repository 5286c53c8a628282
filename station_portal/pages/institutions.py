"""One institution: who it is and which instruments it has."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

import schemas
from hub.catalog import queries as catalog
from hub.catalog.errors import InstitutionUnknown
from hub.core.web import ReadSession
from hub.federation import queries as federation
from hub.identity import access
from station_portal import formats, provinces, wording
from station_portal.frame import CurrentFrame
from station_portal.i18n import Language
from station_portal.pages.instruments import names_of

router = APIRouter(dependencies=[access.public], include_in_schema=False)

PAGE = 50


@router.get("/institutions/{institution_id}")
def show_institution(
    frame: CurrentFrame,
    session: ReadSession,
    institution_id: str,
    *,
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The page with its instruments, fifty at a time."""
    held = catalog.institution(session, institution_id)
    if held.withdrawn_at is not None:
        raise InstitutionUnknown(institution_id)
    document = schemas.redact("institution", held.document, "public")
    language = frame.language
    title, subtitle = names_of(document, language)
    owned = catalog.instruments(session, institution_id=institution_id, after=after, limit=PAGE + 1)
    classes = catalog.classes_of_institution(session, institution_id).values()
    card = provinces.one(frame.runtime, session, document["province"], frame.now, language)
    sources = federation.sources_of(session, [institution_id]).get(institution_id, [])
    context = {
        "title": title,
        "subtitle": subtitle,
        "byline": _byline(document, language),
        "trail": [
            (language("找仪器"), "/search"),
            (card.name, f"/search?province={card.code}"),
            (title, None),
        ],
        "open": sum(opened for opened, _ in classes),
        "any": sum(every for _, every in classes),
        "instruments": [_row(each, language) for each in owned[:PAGE]],
        "next_href": f"/institutions/{institution_id}?after={owned[PAGE - 1].id}"
        if len(owned) > PAGE
        else "",
        "facts": _facts(document, language),
        "website": formats.outside_link(document.get("website")),
        "province": card,
        "seen_at": max((source.seen_at for source in sources), default=None),
    }
    return frame.page("institution.html", context)


def _byline(document: dict[str, Any], language: Language) -> list[str]:
    kind = wording.name("institution_kind", document.get("kind"), language)
    return [part for part in (kind, wording.place(document.get("location"), language)) if part]


def _row(held: Any, language: Language) -> dict[str, Any]:
    document = schemas.redact("instrument", held.document, "public")
    path = wording.class_path((document.get("classification") or {}).get("code"), language)
    sharing = wording.name("sharing_mode", document.get("sharing_mode"), language)
    return {
        "id": held.id,
        "name": names_of(document, language)[0],
        "model": document.get("model"),
        "classification": path[-1][1] if path else "",
        "sharing": sharing or language("未知"),
        "value_fen": document.get("original_value_fen"),
    }


def _facts(document: dict[str, Any], language: Language) -> list[tuple[str, Any]]:
    def label(path: str) -> str:
        return wording.title("institution", path, language)

    location, contact = document.get("location") or {}, document.get("contact") or {}
    return [
        (label("kind"), wording.name("institution_kind", document.get("kind"), language)),
        (label("credit_code"), document.get("credit_code")),
        (label("cma_certificate"), document.get("cma_certificate")),
        (label("cnas_certificate"), document.get("cnas_certificate")),
        (label("location"), wording.place(location, language)),
        (label("location.address"), location.get("address")),
        (label("contact.name"), contact.get("name")),
        (label("contact.office_phone"), contact.get("office_phone")),
        (label("id"), document.get("id")),
    ]
