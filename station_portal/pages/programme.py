"""A programme for everybody: its terms with what each stands on, and how long its money takes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

import schemas
from hub.core.web import ReadSession
from hub.identity import access
from hub.settlement import queries, rules
from hub.settlement.errors import ProgrammeUnknown
from hub.settlement.queries import redeeming
from station_portal import programme_words, wording
from station_portal.frame import CurrentFrame, Frame

router = APIRouter(dependencies=[access.public], include_in_schema=False)


@router.get("/programmes")
def list_programmes(frame: CurrentFrame, session: ReadSession) -> Response:
    """Every programme that is known, by area."""
    held = sorted(queries.everything(session), key=lambda each: (each.area, each.kind, each.id))
    return frame.page("programmes_public.html", {"programmes": [_head(frame, each) for each in held]})


@router.get("/programmes/{programme_id}")
def show_programme(frame: CurrentFrame, session: ReadSession, programme_id: str) -> Response:
    """The newest version, term by term."""
    held = queries.find_programme(session, programme_id)
    if held is None:
        raise ProgrammeUnknown(programme_id)
    pace = redeeming.pace_of(session, programme_id)
    context = {**_head(frame, held), "version": held.version, "terms": _terms(frame, held), "pace": pace}
    return frame.page("programme_public.html", {"programme": context})


def _head(frame: Frame, held: rules.Programme) -> dict[str, Any]:
    language = frame.language
    document = held.document
    lacking = rules.missing(held)
    return {
        "id": held.id,
        "name": programme_words.programme_name(held, language),
        "area": programme_words.area_words(held.area, language),
        "kind": wording.name("programme_kind", held.kind, language),
        "authority": wording.name("programme_authority", document["authority"], language),
        "is_demo": held.is_demo,
        "lacking": language.pick(*rules.term_names(lacking)) if lacking else "",
        "from": document["valid_from"],
        "until": document.get("valid_until", ""),
    }


def _terms(frame: Frame, held: rules.Programme) -> list[dict[str, Any]]:
    """Term by term, in the order of the specification, with the sources that stand for it."""
    language = frame.language
    sources = held.document["sources"]
    found = []
    for name in schemas.tree("programme").children["terms"].children:
        if name not in held.terms:
            continue
        standing = [each for each in sources if each.get("fields") is None or name in each["fields"]]
        found.append(
            {
                "title": programme_words.term_title(name, language),
                "value": programme_words.value_words(name, held.terms[name], language),
                "sources": [
                    {"text": programme_words.source_words(each, language), "url": each.get("url")}
                    for each in standing
                ],
            }
        )
    return found
