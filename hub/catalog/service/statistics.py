"""`/api/v1/statistics`: the harvested catalogue in the shape of the study's tables, beside what only the study knows.

Whatever no source has told is counted as `unknown`, never left out and never guessed. `belt` sums the regions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import schemas
from hub.catalog import queries, rules
from hub.catalog.queries.counts import Group, SharingGroup
from hub.catalog.service import reference

UNKNOWN = {"code": "unknown", "zh": "未知", "en": "Unknown"}
OUTSIDE = {"code": "outside", "zh": "长江经济带以外", "en": "Outside the belt"}
BELT = {"code": "belt", "zh": "长江经济带", "en": "Yangtze River Economic Belt"}
TOTAL = {"code": "total", "zh": "合计", "en": "Total"}
OTHER = {"code": "other", "zh": "其他", "en": "Other"}

Amount = tuple[int, int]


def statistics(session: Session, *, now: datetime) -> dict[str, Any]:
    """All tables, counted in one read of the database."""
    count, value = queries.totals(session)
    funding = queries.funding_by_province(session)
    sharing = queries.sharing_by_province(session)
    return {
        "as_of": now.isoformat(),
        "change_number": queries.last_change_number(session),
        "total": _amount((count, value)),
        "organisations": _organisations(queries.kinds_of_institution(session)),
        "categories": _listed("instrument_class", _sum_by(queries.categories(session), 0), (count, value)),
        "price_bands": _price_bands(queries.bands_by_province(session)),
        "countries": _countries(queries.countries(session), (count, value)),
        "funding": _listed("funding_source", _sum_by(funding, 1), (count, value)),
        "sharing": _sharing(sharing),
        "fiscal": _fiscal(funding),
        "reference": reference.served_tables(),
    }


def _organisations(kinds: Mapping[str | None, int]) -> list[dict[str, Any]]:
    told = [
        _named("institution_kind", code) | {"units": units}
        for code, units in _ordered("institution_kind", kinds)
    ]
    return [*told, TOTAL | {"units": sum(kinds.values())}]


def _listed(list_name: str, groups: Mapping[str | None, Amount], whole: Amount) -> list[dict[str, Any]]:
    return [
        _named(list_name, code) | _amount(amount) | _shares(amount, whole)
        for code, amount in _ordered(list_name, groups)
    ]


def _countries(groups: Sequence[Group], whole: Amount) -> list[dict[str, Any]]:
    """The countries that the study names, then the others together with each of them, then unknown."""
    amounts = _sum_by(groups, 0)
    named = reference.named_countries()
    others = {code: amount for code, amount in amounts.items() if code is not None and code not in named}
    told = [
        _named("country", code) | _amount(amount) | _shares(amount, whole)
        for code in named
        for amount in [amounts.get(code, (0, 0))]
    ]
    rest = _add(others.values())
    members = [
        _named("country", code) | _amount(amount) for code, amount in sorted(others.items(), key=_by_count)
    ]
    told.append(OTHER | _amount(rest) | _shares(rest, whole) | {"members": members})
    if None in amounts:
        told.append(UNKNOWN | _amount(amounts[None]) | _shares(amounts[None], whole))
    return told


def _price_bands(groups: Sequence[Group]) -> list[dict[str, Any]]:
    told = []
    for region, found in _by_region(groups, lambda group: group.keys[0]):
        bands = _sum_by(found, 1)
        told += [
            {"region": region, "band": _named("value_band", code)} | _amount(amount)
            for code, amount in _ordered("value_band", bands)
        ]
        told.append({"region": region, "band": TOTAL} | _amount(_add(bands.values())))
    return told


def _fiscal(groups: Sequence[Group]) -> list[dict[str, Any]]:
    told = []
    for region, found in _by_region(groups, lambda group: group.keys[0]):
        sources = _sum_by(found, 1)
        told.append(
            {"region": region}
            | {name: _amount(sources.get(name, (0, 0))) for name in ("central_fiscal", "local_fiscal")}
        )
    return told


def _sharing(groups: Sequence[SharingGroup]) -> list[dict[str, Any]]:
    told = []
    for region, found in _by_region(groups, lambda group: group.province):
        modes: dict[str | None, Amount] = {}
        for group in found:
            modes[group.sharing_mode] = _add(
                [modes.get(group.sharing_mode, (0, 0)), (group.size, group.value_fen)]
            )
        names = [*schemas.codes("sharing_mode"), None]
        told.append(
            {"region": region}
            | {name or "unknown": _amount(modes.get(name, (0, 0))) for name in names}
            | {
                "effective_hours": round(sum(group.effective_hours for group in found), 2),
                "external_hours": round(sum(group.external_hours for group in found), 2),
                "without_hours": sum(group.without_hours for group in found),
            }
        )
    return told


def _by_region(
    groups: Sequence[Any], province: Callable[[Any], str | None]
) -> list[tuple[dict[str, str], list[Any]]]:
    """The groups of every region, of the whole belt, and of provinces outside it when there are any."""
    held: dict[str | None, list[Any]] = {}
    for group in groups:
        held.setdefault(rules.region_of(province(group) or ""), []).append(group)
    regions = [(_named("region", code), held.get(code, [])) for code in schemas.codes("region")]
    told = [*regions, (BELT, [group for _, found in regions for group in found])]
    return [*told, (OUTSIDE, held[None])] if None in held else told


def _sum_by(groups: Iterable[Group], place: int) -> dict[str | None, Amount]:
    sums: dict[str | None, Amount] = {}
    for group in groups:
        key = group.keys[place]
        sums[key] = _add([sums.get(key, (0, 0)), (group.size, group.value_fen)])
    return sums


def _add(amounts: Iterable[Amount]) -> Amount:
    held = list(amounts)
    return sum(amount[0] for amount in held), sum(amount[1] for amount in held)


def _ordered(list_name: str, groups: Mapping[str | None, Any]) -> list[tuple[str | None, Any]]:
    """The groups in the order of the code list; unknown last."""
    known: list[tuple[str | None, Any]] = [(c, groups[c]) for c in schemas.codes(list_name) if c in groups]
    return [*known, (None, groups[None])] if None in groups else known


def _named(list_name: str, code: str | None) -> dict[str, str]:
    entry = schemas.codes(list_name).get(code) if code is not None else None
    if entry is None:
        return dict(UNKNOWN) if code is None else {"code": code, "zh": code, "en": code}
    return {"code": entry.code, "zh": entry.zh, "en": entry.en}


def _amount(amount: Amount) -> dict[str, Any]:
    return {"count": amount[0], "value_fen": amount[1], "value_yi": rules.hundred_millions(amount[1])}


def _shares(part: Amount, whole: Amount) -> dict[str, float]:
    return {"count_pct": rules.share(part[0], whole[0]), "value_pct": rules.share(part[1], whole[1])}


def _by_count(pair: tuple[str, Amount]) -> tuple[int, str]:
    return -pair[1][0], pair[0]
