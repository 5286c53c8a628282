"""Applications for vouchers in words, for both sides: one line of each, the whole of one, and the form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from hub.settlement import queries
from hub.settlement.queries import applications as reading
from hub.settlement.rules.applications import Form as ApplicationForm
from hub.settlement.rules.applications import forms, groups
from station_portal import programme_words, wording
from station_portal.frame import Frame

SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def row_words(frame: Frame, session: Session, row: Any) -> dict[str, Any]:
    """An application on one line."""
    place = reading.place_of(session, row)
    return {
        "id": row.id,
        "number": row.number,
        "holder": row.holder_name,
        "fen": row.fen,
        "approved": row.approved_fen,
        "at": row.submitted_at or row.made_at,
        "state": row.state,
        "badge": programme_words.state_badge(row.state, frame.language),
        "place": None if place is None else place_words(frame, place),
    }


def place_words(frame: Frame, place: Any) -> str:
    """Its place in the line in words."""
    language = frame.language
    if place.line == "budget":
        return language("等待预算，第 %(position)s 位（共 %(of)s 件）", position=place.position, of=place.of)
    return language("审核队列第 %(position)s 位（共 %(of)s 件）", position=place.position, of=place.of)


def shown(frame: Frame, session: Session, row: Any, *, is_side: bool = True) -> dict[str, Any]:
    """Everything that both sides see of an application."""
    language = frame.language
    programme = queries.find_programme(session, row.programme_id, row.programme_version)
    assert programme is not None, "versions are never taken away"
    form = forms().get(row.programme_id)
    papers = reading.papers_of(session, row.id)
    return {
        **row_words(frame, session, row),
        "programme": programme_words.programme_name(programme, language),
        "is_demo": programme.is_demo,
        "programme_id": row.programme_id,
        "area": programme_words.area_words(row.area, language),
        "is_home": programme.document["authority"] == "home",
        "apply": "" if form is None else language.pick(form.apply_zh, form.apply_en),
        "revision": row.revision,
        "credit_code": row.credit_code,
        "home": programme_words.area_words(row.home_area, language),
        "reason": row.reason,
        "external": row.external_reference,
        "missing": wording.names("application_paper", list(reading.lacking_of(session, row)), language),
        "asked": set(row.missing),
        "answers": [] if form is None else _answers(frame, form, row.answers, is_side=is_side),
        "papers": [
            {
                "number": each.id,
                "kind": wording.name("application_paper", each.kind, language),
                "type": SUFFIXES[each.media_type].upper(),
                "size": each.size,
                "sha256": each.sha256,
                "at": each.handed_in_at,
            }
            for each in papers
        ],
        "events": [
            {
                "at": each.made_at,
                "what": wording.name("application_command", each.command, language),
                "side": wording.name("application_side", each.side, language),
                "note": each.note,
            }
            for each in reading.events_of(session, row.id)
        ],
    }


def _answers(
    frame: Frame, form: ApplicationForm, answers: Mapping[str, str], *, is_side: bool
) -> list[dict[str, Any]]:
    """The answers by group."""
    language = frame.language
    found = []
    for name, (zh, en) in groups().items():
        fields = [each for each in form.fields if each.group == name and answers.get(each.name)]
        told = [
            (
                language.pick(each.zh, each.en),
                programme_words.answer_words(each, answers[each.name], language)
                if is_side or not each.is_personal
                else "***",
            )
            for each in fields
        ]
        if told:
            found.append({"title": language.pick(zh, en), "fields": told})
    return found


def sections(frame: Frame, form: ApplicationForm, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """The form's fields by group; what identity knows is shown and not typed."""
    language = frame.language
    found = []
    for name, (zh, en) in groups().items():
        fields = [
            {
                "id": f"a-{each.name}",
                "label": language.pick(each.zh, each.en),
                "kind": each.kind,
                "is_required": each.is_required,
                "is_known": each.is_identity and bool(known.get(each.name)),
                "known": programme_words.answer_words(each, known.get(each.name, ""), language),
                "choices": [("yes", language("是")), ("no", language("否"))]
                if each.kind == "boolean"
                else [(code, language.pick(words, english)) for code, words, english in each.choices],
            }
            for each in form.fields
            if each.group == name and (each.kind != "credit_code" or known.get(each.name))
        ]
        if fields:
            found.append({"title": language.pick(zh, en), "fields": fields})
    return found
