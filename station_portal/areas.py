"""Areas to choose from: the cities and counties of the belt's provinces."""

from __future__ import annotations

from typing import Any

import schemas
from station_portal.i18n import Language


def area_choices(language: Language, chosen: str = "") -> list[dict[str, Any]]:
    """Provinces with their areas, as groups of a select."""
    provinces, areas = schemas.codes("province"), schemas.codes("area")
    groups: dict[str, list[dict[str, Any]]] = {}
    for code in areas:
        entry = areas[code]
        option = {"code": code, "name": language.pick(entry.zh, entry.en), "is_chosen": code == chosen}
        groups.setdefault(f"{code[:2]}0000", []).append(option)
    return [
        {"name": language.pick(provinces[code].zh, provinces[code].en), "areas": options}
        for code, options in sorted(groups.items())
    ]
