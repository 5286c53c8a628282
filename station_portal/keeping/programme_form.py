"""A programme as fields of a form and back: every term with its own source, or with the one that stands for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemas
from hub.settlement.rules.programme_changes import ordered, sources_by_term
from station_portal.i18n import Language
from station_portal.keeping.fields import Wrong, fen_of, text_of, whole, yuan_of

LISTS = {
    "service_modes": "service_mode",
    "exclusions": "programme_exclusion",
    "documents": "settlement_document",
}
YES_NO = ("home_only", "vat_in_base", "per_year")
AREAS = ("partners", "classes")
CAPS = ("order", "instrument", "year")
SOURCE = ("grade", "text", "date", "url")
HEAD = ("name_zh", "name_en", "valid_from", "valid_until")


def terms() -> list[str]:
    """The terms that the form has, in their order: those of the specification."""
    return ordered(set(schemas.tree("programme").children["terms"].children))


def typed_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form that make this document."""
    told = {
        name: str(document[name]) for name in (*HEAD, "id", "area", "kind", "authority") if name in document
    }
    held = document.get("terms", {})
    for name, value in held.items():
        told |= _typed_term(name, value)
    sources = sources_by_term(document)
    common = _most_common(list(sources.values())) or _plain(document.get("sources", [{}])[0])
    told |= {f"source-{part}": common[part] for part in SOURCE if part in common}
    for name, source in sources.items():
        if source != common:
            told |= {f"source-{name}-{part}": source[part] for part in SOURCE if part in source}
    return told


def document_of(form: Mapping[str, str], language: Language) -> tuple[dict[str, Any], Wrong]:
    """The document that was typed, and what cannot be read of it; what the specification says comes later."""
    wrong: Wrong = []
    document: dict[str, Any] = {
        name: text_of(form, name) for name in ("id", "area", "kind", "authority", *HEAD)
    }
    document = {name: value for name, value in document.items() if value}
    held: dict[str, Any] = {}
    for name in terms():
        value = _term_of(name, form, wrong, language)
        if value not in (None, [], {}):
            held[name] = value
    if held:
        document["terms"] = held
    document["sources"] = _sources_of(form, held)
    return document, wrong


def field_of(pointer: str) -> str:
    """The form's field that a pointer of the specification means."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "terms" and len(parts) > 1:
        if parts[1] == "holders" and len(parts) > 3:
            return f"holder-{parts[3]}"
        return {"window": "window-until", "budget": "budget-fen"}.get(parts[1], parts[1])
    return "source-text" if parts[0] == "sources" else parts[0]


def _typed_term(name: str, value: Any) -> dict[str, str]:
    if name == "holders":
        return {key: told for each in value for key, told in _typed_holder(each).items()}
    if name in LISTS:
        return {f"{name}-{code}": "yes" for code in value}
    if name in AREAS:
        return {name: " ".join(value)}
    if name == "window":
        return {"window-from": value.get("from", ""), "window-until": value["until"]}
    if name == "budget":
        return {"budget-year": str(value["year"]), "budget-fen": yuan_of(value["fen"])}
    if name in YES_NO:
        return {name: "yes" if value else "no"}
    return {name: yuan_of(value) if name.endswith("_fen") else str(value)}


def _typed_holder(told: Mapping[str, Any]) -> dict[str, str]:
    kind = told["kind"]
    found = {f"holder-{kind}": "yes"}
    if "rate_bp" in told:
        whole_part, rest = divmod(told["rate_bp"], 100)
        found[f"holder-{kind}-rate"] = (
            f"{whole_part}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole_part)
        )
    for cap in CAPS:
        if f"cap_{cap}_fen" in told:
            found[f"holder-{kind}-{cap}"] = yuan_of(told[f"cap_{cap}_fen"])
        if cap in told.get("uncapped", ()):
            found[f"holder-{kind}-{cap}-none"] = "yes"
    return found


def _term_of(name: str, form: Mapping[str, str], wrong: Wrong, language: Language) -> Any:
    if name == "holders":
        return [
            _holder_of(kind, form, wrong, language)
            for kind in schemas.codes("programme_holder")
            if form.get(f"holder-{kind}")
        ]
    if name in LISTS:
        return [code for code in schemas.codes(LISTS[name]) if form.get(f"{name}-{code}")]
    if name in AREAS:
        return form.get(name, "").replace("，", " ").replace(",", " ").split()
    if name == "window":
        window = {"from": text_of(form, "window-from"), "until": text_of(form, "window-until")}
        return {key: value for key, value in window.items() if value}
    if name == "budget":
        year, fen = text_of(form, "budget-year"), _money("budget-fen", form, wrong, language)
        return {
            key: value
            for key, value in (("year", whole(year) if year else None), ("fen", fen))
            if value is not None
        }
    if name in YES_NO:
        return {"yes": True, "no": False}.get(form.get(name, ""))
    if name.endswith("_fen"):
        return _money(name, form, wrong, language)
    told = text_of(form, name)
    return (whole(told) if name == "validity_days" else told) if told else None


def _holder_of(kind: str, form: Mapping[str, str], wrong: Wrong, language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": kind}
    rate = text_of(form, f"holder-{kind}-rate").rstrip("%")
    if rate:
        hundredths = fen_of(rate)
        if hundredths is None:
            wrong.append((f"holder-{kind}-rate", language("比例应为百分数，例如 50 或 12.5")))
        else:
            told["rate_bp"] = hundredths
    free = []
    for cap in CAPS:
        fen = _money(f"holder-{kind}-{cap}", form, wrong, language)
        if fen is not None:
            told[f"cap_{cap}_fen"] = fen
        elif form.get(f"holder-{kind}-{cap}-none"):
            free.append(cap)
    return {**told, "uncapped": free} if free else told


def _money(name: str, form: Mapping[str, str], wrong: Wrong, language: Language) -> int | None:
    told = text_of(form, name)
    if not told:
        return None
    fen = fen_of(told)
    if fen is None:
        wrong.append((name, language("金额应为数字，例如 200000 或 1200.50")))
    return fen


def _sources_of(form: Mapping[str, str], held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One source for each different text, with the terms that stand on it."""
    common = _source_of(form, "source")
    by_source: list[tuple[dict[str, str], list[str]]] = []
    for name in held:
        source = _source_of(form, f"source-{name}") if text_of(form, f"source-{name}-text") else common
        known = next((fields for each, fields in by_source if each == source), None)
        if known is None:
            by_source.append((source, [name]))
        else:
            known.append(name)
    if not by_source:
        return [dict(common)]
    return [{**source, "fields": fields} for source, fields in by_source]


def _source_of(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    told = {part: text_of(form, f"{prefix}-{part}") for part in SOURCE}
    return {part: value for part, value in told.items() if value}


def _most_common(sources: list[dict[str, Any]]) -> dict[str, Any]:
    return max(sources, key=sources.count) if sources else {}


def _plain(source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in source.items() if key != "fields"}
