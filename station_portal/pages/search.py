"""The search page, its part for htmx, and the suggestions below every search box."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.web import ReadSession
from hub.federation import queries as federation
from hub.identity import access
from hub.search import service as searching
from station_portal import belt, finding, provinces, results
from station_portal.finding import FindForm, Problem
from station_portal.frame import CurrentFrame, Frame
from station_portal.rendering import is_fragment

router = APIRouter(dependencies=[access.public], include_in_schema=False)


@router.get("/search")
def show_search(frame: CurrentFrame, session: ReadSession) -> Response:
    """The page, or its results alone when htmx asks; the address that htmx keeps is the shortest that says it all."""
    form, problems = finding.read_form(frame.request.query_params.multi_items(), frame.language)
    context = find(frame, session, form, problems)
    if is_fragment(frame.request):
        return frame.page("_results.html", context, headers={"HX-Push-Url": form.address(cursor=form.cursor)})
    return frame.page("search.html", context)


@router.get("/search/suggest")
def show_suggestions(frame: CurrentFrame, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Options of the combobox; nothing at all for an empty field."""
    text = q.strip()
    found = searching.suggest(frame.runtime.index, text, limit=8) if text else ()
    return frame.page("_suggestions.html", {"suggestions": results.suggested(found, frame.language)})


def find(frame: Frame, session: Session, form: FindForm, problems: list[Problem]) -> dict[str, Any]:
    """Everything the results show."""
    language = frame.language
    me = frame.principal
    payers = () if me is None else searching.payers_of(session, me.role, me.party_id, now=frame.now)
    result, form, refused = finding.search(frame.runtime.index, form, language, now=frame.now, payers=payers)
    linked = provinces.with_links(
        provinces.described(frame.runtime.adapters, language),
        session,
        frame.runtime.adapters,
        frame.now,
        language,
    )
    counts = {value.code: value.count for value in result.facets.get("province", ())}
    stale = federation.stale_subjects(session, [hit.id for hit in result.items])
    notes = [language.pick(note.text_zh, note.text_en) for note in result.explanations]
    if form.sort == "distance" and not form.near:
        notes.append(language("请选择城市或使用我的位置，才能按距离排序"))
    return {
        "form": form,
        "problems": [*problems, *refused],
        "result": result,
        "hits": results.cards(result, form, stale, language, now=frame.now),
        "facets": results.facets(result, form, language),
        "chips": results.chips(form, language),
        "groups": results.groups(result.groups, language),
        "explanations": notes,
        "sorts": results.sort_names(language),
        "units": [
            {"code": unit.code, "label": language.pick(unit.zh, unit.en)}
            for unit in schemas.codes("charging_unit").values()
        ],
        "near_places": results.near_places([(card.code, card.name) for card in linked], language),
        "scene": belt.scene(provinces.places(linked, counts)),
        "map_target": lambda code: form.toggled("province", code),
        "clear_href": form.address(filters={}, near="", near_point=False, free_from="", free_to=""),
        "any_href": form.address(open="any"),
        "first_href": form.address() if form.cursor else "",
        "next_href": form.address(cursor=result.next) if result.next else "",
        "freshness": freshness(linked),
    }


def freshness(cards: list[provinces.ProvinceCard]) -> dict[str, Any]:
    """How many platforms there are, which are behind and the oldest of those, and how many gave nothing yet."""
    behind = [card for card in cards if card.is_behind]
    ages: list[datetime] = [card.last_success for card in behind if card.last_success is not None]
    waiting = sum(card.state == "planned" for card in cards)
    return {"total": len(cards), "behind": behind, "oldest": min(ages, default=None), "waiting": waiting}
