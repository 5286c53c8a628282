"""Pure decisions of the catalogue: merging what two resources tell, price bands, booking from outside."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

import schemas
from hub.federation.rules import Reason

Role = Literal["main", "survey"]
Document = Mapping[str, Any]

ROLES: Mapping[str, Role] = {"instrument": "main", "instrument-survey": "survey"}
"""What a kind of document tells about an instrument."""

FROM_SURVEY = ("funding_source", "sharing_mode", "service_modes")
"""Fields that the yearly 国家科技基础条件资源调查 fills when the main record lacks them."""

HOURS = ("effective_hours", "external_hours")


class Facts(NamedTuple):
    """What is told about one instrument: by its main record, by its survey row."""

    main: Document | None = None
    survey: Document | None = None


def absorb(facts: Facts, role: Role, told: Document) -> Facts:
    """The facts after one more delivery. A survey row of an earlier year than the held one changes nothing.

    Idempotent; deliveries of different roles or different years may come in any order.
    """
    if role == "main":
        return Facts(told, facts.survey)
    held = facts.survey
    if held is not None and told["year"] < held["year"]:
        return facts
    return Facts(facts.main, told)


def merge(facts: Facts) -> dict[str, Any] | None:
    """The document that is shown: the main record, with what it lacks taken from the survey.

    None while there is no main record: a survey row alone names no instrument.
    """
    if facts.main is None:
        return None
    merged = dict(facts.main)
    if facts.survey is None:
        return merged
    for name in FROM_SURVEY:
        if name not in merged and name in facts.survey:
            merged[name] = facts.survey[name]
    annual = _merge_hours(merged.get("annual"), facts.survey.get("annual"))
    if annual is not None:
        merged["annual"] = annual
    return merged


def _merge_hours(main: Document | None, survey: Document | None) -> dict[str, Any] | None:
    """Hours of one year, never mixed from two: the same year is completed, else the fuller (then later) one stands.

    Two records that contradict each other are not mixed either: the main record's own hours stand.
    """
    if main is None or survey is None:
        told = main or survey
        return None if told is None else dict(told)
    if main["year"] == survey["year"]:
        together = {**survey, **main}
        return together if _adds_up(together) else dict(main)
    fuller = max((main, survey), key=lambda told: (sum(name in told for name in HOURS), told["year"]))
    return dict(fuller)


def _adds_up(annual: Document) -> bool:
    effective, external = (annual.get(name) for name in HOURS)
    return effective is None or external is None or external <= effective


def service_items(facts: Facts) -> list[dict[str, Any]]:
    """The priced services that a survey row tells; of two with the same number the first."""
    if facts.survey is None:
        return []
    first: dict[int, dict[str, Any]] = {}
    for item in facts.survey.get("service_items", ()):
        first.setdefault(item["number"], item)
    return list(first.values())


@cache
def _bands() -> tuple[tuple[int, str], ...]:
    lower = ((int(code.attributes["lower_fen"]), code.code) for code in schemas.codes("value_band").values())
    return tuple(sorted(lower, reverse=True))


def value_band(fen: int | None) -> str | None:
    """The price band of an original value in fen (lower bound included); None when it is not known."""
    if fen is None:
        return None
    return next((code for lower, code in _bands() if fen >= lower), None)


_SHARING = {
    None: Reason("sharing_unknown", "来源平台尚未上报共享模式", "the platform has not told how it is shared"),
    "internal": Reason("internal_only", "仅供本单位内部共享", "shared inside its own unit only"),
    "none": Reason("not_shared", "本仪器不共享", "not shared"),
}
_RUNNING = {
    "awaiting_repair": Reason("awaiting_repair", "仪器待修", "awaiting repair"),
    "awaiting_scrap": Reason("awaiting_scrap", "仪器待报废", "awaiting scrapping"),
}
_CUSTOMS = Reason(
    "customs_supervision",
    "免税进口设备在海关监管年限内，未见对外服务的批准",
    "duty-free import under customs supervision without approval for service to others",
)


def booking_from_outside(document: Document, today: date) -> list[Reason]:
    """Why an instrument cannot be booked by somebody outside its unit; empty when it can.

    `today` is the date in Asia/Shanghai: customs supervision ends on its date. Source: sharing modes of the survey,
    running states of the national form, 海关监管 of duty-free imports.
    """
    found = [sharing_reason(document), running_reason(document)]
    if is_bound_by_customs(document, today) and not is_approved_by_customs(document):
        found.append(_CUSTOMS)
    return [reason for reason in found if reason is not None]


def sharing_reason(document: Document) -> Reason | None:
    """Why its sharing mode keeps others out; None when it is shared with everybody."""
    sharing = document.get("sharing_mode")
    return None if sharing == "external" else _SHARING[sharing]


def running_reason(document: Document) -> Reason | None:
    """Why its running state keeps everybody from it; None when it runs or its state is not known."""
    return _RUNNING.get(document.get("running_state", ""))


def is_bound_by_customs(document: Document, on: date) -> bool:
    """Whether it is a duty-free import under customs supervision on that date, which ends it."""
    customs = document.get("customs")
    if customs is None or not customs["supervised"]:
        return False
    return not ("until" in customs and date.fromisoformat(customs["until"]) < on)


def is_approved_by_customs(document: Document) -> bool:
    """Whether its record says that customs have approved service to others."""
    return "approved_external_service" in document.get("customs", {}).get("permitted_purposes", ())


def region_of(province: str) -> str | None:
    """The region that a province is counted in; None outside the belt. Regions are dated data of the specification."""
    code = schemas.codes("province").get(province)
    return (code.attributes.get("region") or None) if code is not None else None


def share(part: int, whole: int) -> float:
    """Per cent with one decimal; 0 of nothing is 0."""
    return round(100.0 * part / whole, 1) if whole else 0.0


def hundred_millions(fen: int) -> float:
    """Fen as 亿元 with two decimals."""
    return round(fen / 10_000_000_000, 2)
