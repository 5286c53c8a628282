"""What no single field tells: places that do not lie in each other, hours that do not add up.

The specification judges field by field; these rules judge a document that is valid there. What contradicts itself goes
to quarantine as any impossible value does: nobody here can know which of the two fields is the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import schemas
from adapters.contract import RecordProblem

Document = Mapping[str, Any]


def contradictions(document_name: str, document: Document) -> list[RecordProblem]:
    """Why a valid document cannot be true; empty for nearly every one."""
    check = _CHECKS.get(document_name)
    return [] if check is None else check(document)


def _instrument(document: Document) -> list[RecordProblem]:
    return _misplaced(document) + _impossible_hours(document)


def _misplaced(document: Document) -> list[RecordProblem]:
    """City and county lie in the province that reports, the county in the city (GB/T 2260: the code's first digits)."""
    place = document.get("location", {})
    own = document["province"]
    if place.get("province", own) != own:
        return [_outside("province", place["province"], own, "province")]
    city, county = place.get("city"), place.get("county")
    if city is not None and city[:2] != own[:2]:
        return [_outside("city", city, own, "province")]
    if county is None:
        return []
    if county[:2] != own[:2]:
        return [_outside("county", county, own, "province")]
    held = schemas.codes("area").get(county)
    if city is not None and held is not None and city not in (county, held.parent):
        return [_outside("county", county, city, "area")]
    return []


def _impossible_hours(document: Document) -> list[RecordProblem]:
    """Hours served to others are part of the effective hours (科技基础条件资源调查: 对外服务机时 ⊆ 有效机时)."""
    annual = document.get("annual")
    if annual is None:
        return []
    effective, external = annual.get("effective_hours"), annual.get("external_hours")
    if effective is None or external is None or external <= effective:
        return []
    return [
        RecordProblem(
            "/annual/external_hours",
            "hours-contradict",
            f"对外服务机时 {external:g} 多于有效机时 {effective:g}；请核对两项后重报",
            f"{external:g} hours served to others are more than the {effective:g} effective hours; "
            "check both and send again",
            external,
        )
    ]


def _outside(level: str, code: str, around: str, list_name: str) -> RecordProblem:
    held, outer = schemas.codes("area").get(code), schemas.codes(list_name).get(around)
    zh, en = (code, code) if held is None else (held.zh, held.en)
    outer_zh, outer_en = (around, around) if outer is None else (outer.zh, outer.en)
    return RecordProblem(
        f"/location/{level}",
        "outside-province" if list_name == "province" else "outside-city",
        f"「{zh}」不在{outer_zh}；请核对所在地后重报",
        f"{en} does not lie in {outer_en}; check the place and send again",
        code,
    )


_CHECKS: Mapping[str, Callable[[Document], list[RecordProblem]]] = {
    "instrument": _instrument,
    "instrument-survey": _impossible_hours,
    "institution": _misplaced,
}
