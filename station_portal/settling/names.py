"""Names for the identifiers that settlement keeps: institutions, enterprises, people, areas."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from hub.catalog import queries as catalog
from hub.identity import queries as identity
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


def area(code: str, language: Language) -> str:
    """A six-digit area in words."""
    prefix = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return area_name(prefix, language)
