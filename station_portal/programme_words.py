"""Programmes in words: terms, their differences, applications' answers and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemas
from hub.settlement import rules
from hub.settlement.rules import Programme
from hub.settlement.rules.applications import FormField
from hub.settlement.rules.programme_changes import Change
from station_portal import formats, wording
from station_portal.i18n import Language

CODED = {
    "service_modes": "service_mode",
    "classes": "instrument_class",
    "exclusions": "programme_exclusion",
    "documents": "settlement_document",
    "payer": "programme_payer",
    "payee": "programme_payee",
    "cap_year_of": "programme_cap_year",
    "uncapped": "programme_cap",
    "kind": "programme_kind",
    "authority": "programme_authority",
}
TONES = {
    "draft": "wait",
    "submitted": "live",
    "papers_missing": "warn",
    "approved_once": "live",
    "waiting_budget": "warn",
    "granted": "ok",
    "refused": "bad",
    "withdrawn": "wait",
    "handed_over": "ok",
}


def programme_name(programme: Programme, language: Language) -> str:
    """The programme's name."""
    zh = str(programme.document["name_zh"])
    return language.pick(zh, programme.document.get("name_en")) or zh


def area_words(area: str, language: Language) -> str:
    """An area by its code: a province, city or county."""
    listed = "province" if area.endswith("0000") else "area"
    return wording.name(listed, area, language)


def term_title(name: str, language: Language) -> str:
    """The title of a term of the specification; its name where the specification does not know it."""
    field = schemas.tree("programme").children["terms"].children.get(name)
    return name if field is None else language.pick(field.zh, field.en)


def holder_title(part: str, language: Language) -> str:
    """The title of a part of what one kind of holder gets."""
    element = schemas.tree("programme").children["terms"].children["holders"].items
    field = None if element is None else element.children.get(part)
    return part if field is None else language.pick(field.zh, field.en)


def value_words(name: str, value: Any, language: Language) -> str:
    """The value of one term in words."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return language("是") if value else language("否")
    if name.endswith("_fen") or name == "fen":
        return f"¥{formats.yuan(value)}"
    if name == "rate_bp":
        return rules.percent(value)
    if name == "partners":
        return "、".join(area_words(area, language) for area in value)
    if name in CODED:
        given = value if isinstance(value, list) else [value]
        return "、".join(wording.name(CODED[name], code, language) for code in given)
    if isinstance(value, Mapping):
        return _mapping_words(name, value, language)
    if isinstance(value, list):
        return "；".join(value_words(name, each, language) for each in value)
    if isinstance(value, int):
        return str(value)
    # Values of terms that came later: a code if the specification says so.
    return _named(name, str(value), language)


def change_words(change: Change, language: Language) -> tuple[str, str, str]:
    """What changed, from what, to what."""
    first, _, rest = change.name.partition(".")
    if first == "terms":
        return term_title(rest, language), *_both(rest, change, language)
    if first == "holders":
        kind, _, part = rest.partition(".")
        holder = wording.name("programme_holder", kind, language)
        if not part:
            return holder, *_both("holder", change, language)
        return f"{holder} · {holder_title(part, language)}", *_both(part, change, language)
    if first == "sources":
        title = language("%(term)s的依据", term=term_title(rest, language))
        return title, source_words(change.before, language), source_words(change.after, language)
    return wording.title("programme", first, language), *_both(first, change, language)


def source_words(source: Mapping[str, Any] | None, language: Language) -> str:
    """A source on one line: what it is, where it says so, of which day."""
    if not source:
        return "—"
    grade = wording.name("programme_grade", source["grade"], language)
    return f"{grade} · {source['text']} · {source['date']}"


def answer_words(field: FormField, value: str, language: Language) -> str:
    """One answer of an application in words."""
    if field.kind == "boolean":
        return {"yes": language("是"), "no": language("否")}.get(value, value)
    if field.kind == "choice":
        return next((language.pick(zh, en) for code, zh, en in field.choices if code == value), value)
    if field.kind == "area":
        return area_words(value, language)
    return value


def state_badge(state: str, language: Language) -> dict[str, str]:
    """How an application stands, as a badge."""
    return {"text": wording.name("application_state", state, language), "tone": TONES[state]}


def _both(name: str, change: Change, language: Language) -> tuple[str, str]:
    return value_words(name, change.before, language), value_words(name, change.after, language)


def _mapping_words(name: str, value: Mapping[str, Any], language: Language) -> str:
    if name == "window":
        return f"{value.get('from', '…')} – {value['until']}"
    if name == "budget":
        return language("%(year)s 年 ¥%(fen)s", year=value["year"], fen=formats.yuan(value["fen"]))
    if name in {"holders", "holder"}:
        parts = [
            f"{holder_title(part, language)} {value_words(part, told, language)}"
            for part, told in value.items()
            if part != "kind"
        ]
        holder = wording.name("programme_holder", value["kind"], language)
        return f"{holder}（{'，'.join(parts)}）" if parts else holder
    return "；".join(f"{key} {told}" for key, told in value.items())


def _named(name: str, value: str, language: Language) -> str:
    field = schemas.tree("programme").children["terms"].children.get(name)
    listed = None if field is None else field.rules.get("x-codes")
    return wording.name(listed, value, language) if isinstance(listed, str) else value
