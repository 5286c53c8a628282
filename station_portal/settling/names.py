"""Names for the identifiers that settlement keeps: institutions, enterprises, people, areas."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from hub.catalog import queries as catalog
from hub.identity import queries as identity
from hub.settlement import queries as settlement
from hub.settlement.rules import Programme
from station_portal import wording
from station_portal.i18n import Language
from station_portal.roles import area_name


def institutions(session: Session, ids: Iterable[str], language: Language) -> dict[str, str]:
    """Identifier → name; one that the catalogue does not know stands for itself."""
    wanted = sorted(set(ids))
    known = {
        held.id: str(language.pick(held.document["name_zh"], held.document.get("name_en")))
        for held in catalog.institutions_by_ids(session, wanted)
    }
    return {each: known.get(each, each) for each in wanted}


def enterprises(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Identifier → name; an unknown one stands for itself."""
    wanted = set(ids)
    return {each: each for each in wanted} | identity.party_names(session, wanted)


def person(session: Session, name: str | None, language: Language) -> str:
    """What people call whom the audit calls `name`: the hub, a province, or the bare name of the unknown."""
    if not name:
        return ""
    known = identity.display_name(session, name)
    if known:
        return known
    kind, _, rest = name.partition(":")
    if kind == "system":
        return language("江仪汇系统")
    if kind == "province":
        return wording.short_province(rest, language)
    return rest or name


def programme(held: Programme, language: Language) -> str:
    """A programme's name; one of the demo says that it is one, on pages as in what is printed and exported."""
    name = str(language.pick(held.document["name_zh"], held.document.get("name_en")))
    is_said = any(word in name for word in ("演示", "demo"))
    return name + language.pick("（演示）", " (demo)") if held.is_demo and not is_said else name


def programmes(session: Session, language: Language) -> dict[str, str]:
    """Identifier → name of every programme."""
    return {each.id: programme(each, language) for each in settlement.everything(session)}


def area(code: str, language: Language) -> str:
    """A six-digit area in words."""
    prefix = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return area_name(prefix, language)
