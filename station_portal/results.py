"""From a search result to what its page shows: cards, facets, chips, groups, suggestions. No data source is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

import schemas
from hub.search.request import (
    FILTER_NAMES,
    FILTERS,
    SORT_NAMES,
    UNKNOWN,
    FacetValue,
    Group,
    Hit,
    HitAvailability,
    SearchResult,
    Shares,
    Suggestion,
)
from station_portal import formats, wording
from station_portal.finding import PRICED, FindForm
from station_portal.i18n import Language
from station_portal.rendering import marked

ICONS = {"0101": "microscope", "0102": "activity", "0103": "activity", "0106": "activity", "03": "ruler"}
"""Class prefix → icon of a card; anything else is a flask."""
SHOWN = {"province": 31}
MOST_SHOWN = 8
"""Values of a facet that are shown before "more"."""
FLAGS = ("cma", "cnas")
SUGGESTION_ICONS = {"model": "tag", "institution": "building-2"}


@dataclass(frozen=True, slots=True)
class HitCard:
    """One instrument of the list."""

    id: str
    icon: str
    name: Markup
    model: Markup
    institution_id: str
    unit: Markup
    place: str
    services: Markup
    aliases: Markup
    is_open: bool
    sharing: str
    modes: Sequence[str]
    cma: bool
    cnas: bool
    is_supervised: bool
    is_stale: bool
    value_fen: int | None
    fee_fen: int | None
    fee_unit: str
    total_fen: int | None
    priced: str
    incomparable: bool
    distance_km: float | None
    is_bookable: bool
    next_free: datetime | None
    shares: Shares | None
    shares_of: str
    times_told: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the filter of this name, with the values below it."""

    name: str
    code: str
    label: str
    count: int
    is_selected: bool
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetList:
    title: str
    entries: tuple[Entry, ...]
    shown: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition that can be taken away."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class GroupEntry:
    href: str
    name: Markup
    detail: str
    price: str


@dataclass(frozen=True, slots=True)
class GroupList:
    title: str
    total: int
    entries: tuple[GroupEntry, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    text: str
    icon: str
    note: str
    href: str


def facet_title(name: str, language: Language) -> str:
    """What a facet is called; the two certificates are shown as one."""
    held = FILTER_NAMES[name]
    return language("资质") if name in FLAGS else language.pick(held.zh, held.en)


def sort_names(language: Language) -> list[tuple[str, str]]:
    """The orders of the list, with what they are called."""
    return [(sort, language.pick(named.zh, named.en)) for sort, named in SORT_NAMES.items()]


def cards(
    result: SearchResult, form: FindForm, stale: set[str], language: Language, *, now: datetime
) -> list[HitCard]:
    """The list's cards; `stale` are the ids of instruments that are shown from an older read."""
    return [_card(hit, form, hit.id in stale, language, now) for hit in result.items]


def _card(hit: Hit, form: FindForm, is_stale: bool, language: Language, now: datetime) -> HitCard:
    held = hit.summary
    names = ("name_en", "name_zh") if language.code == "en" and held.get("name_en") else ("name_zh",)
    fee = (held.get("fees") or [None])[0]
    sharing = held.get("sharing_mode")
    known = hit.availability if sharing == "external" else None
    return HitCard(
        id=hit.id,
        icon=icon_of(held.get("class") or ""),
        name=_text(hit, names[0]) or escape(held.get("name_zh", hit.id)),
        model=Markup(" · ").join(part for part in (_text(hit, "model"), _text(hit, "manufacturer")) if part),
        institution_id=held.get("institution_id", ""),
        unit=_text(hit, "unit"),
        place=wording.place({"province": held.get("province"), "city": held.get("city")}, language),
        services=_services(hit, language),
        aliases=_text(hit, "aliases") if "aliases" in hit.highlights else Markup(""),
        is_open=sharing == "external",
        sharing=wording.name("sharing_mode", sharing, language),
        modes=wording.names("service_mode", held.get("service_modes"), language),
        cma=bool(held.get("cma")),
        cnas=bool(held.get("cnas")),
        is_supervised=bool(held.get("customs_supervised")),
        is_stale=is_stale,
        value_fen=held.get("original_value_fen"),
        fee_fen=fee["fee_fen"] if fee and form.sort not in PRICED else None,
        fee_unit=wording.name("charging_unit", fee["unit"], language) if fee else "",
        total_fen=hit.fee.total_fen if hit.fee else None,
        priced=_priced(hit, language),
        incomparable=form.sort in PRICED and hit.fee is None,
        shares=hit.shares,
        shares_of=_shares_of(hit, language),
        distance_km=hit.distance_km,
        is_bookable=known is not None,
        next_free=known.next_free.start if known is not None and known.next_free is not None else None,
        times_told=_times_told(known, now, language) if known is not None else "",
    )


def _shares_of(hit: Hit, language: Language) -> str:
    """What the shares are of: the unit that is charged where none was asked."""
    if hit.shares is None or hit.fee is not None:
        return ""
    fee = hit.summary["fees"][0]
    return language("每%(unit)s", unit=wording.name("charging_unit", fee["unit"], language))


def _times_told(known: HitAvailability, now: datetime, language: Language) -> str:
    """Who tells when the instrument is free, and how old that is; it is said when nobody does."""
    if known.source == "default":
        return language("按默认开放时间推算，实际占用未知")
    who = language("省级平台提供") if known.source == "platform" else language("管理单位登记")
    if known.as_of is None:
        return language("%(who)s，更新时间未知", who=who)
    return language("%(who)s，%(age)s更新", who=who, age=formats.age(known.as_of, now, language))


def _text(hit: Hit, name: str) -> Markup:
    if name in hit.highlights:
        return marked(hit.highlights[name])
    value = hit.summary.get(name)
    return escape(value) if isinstance(value, str) else Markup("")


def _services(hit: Hit, language: Language) -> Markup:
    for name in ("service_names", "services", "standards"):
        if name in hit.highlights:
            return marked(hit.highlights[name])
    shown = hit.summary.get("service_names")
    if not isinstance(shown, list) or not shown:
        return Markup("")
    count = hit.summary.get("services", len(shown))
    text = language("、").join(list(dict.fromkeys(shown))[:3])
    return escape(text + (language(" 等 %(count)d 项", count=count) if count > 3 else ""))


def _priced(hit: Hit, language: Language) -> str:
    if hit.fee is None:
        return ""
    unit = wording.name("charging_unit", hit.fee.unit, language)
    return f"{hit.fee.quantity:g} {unit} × ¥{formats.yuan(hit.fee.fee_fen)}"


def icon_of(class_code: str) -> str:
    """The icon of a class, by its longest known prefix."""
    for length in (4, 2):
        if class_code[:length] in ICONS:
            return ICONS[class_code[:length]]
    return "flask-conical"


def facets(result: SearchResult, form: FindForm, language: Language) -> list[FacetList]:
    """The facets worth showing: sharing only among all modes, cities only below chosen provinces."""
    lists = []
    for name in FILTERS:
        if name == "sharing" and form.open != "any" and not form.filters.get("sharing"):
            continue
        if name == "city" and not form.filters.get("province") and not form.filters.get("city"):
            continue
        if name == "cnas":
            continue
        entries = (
            _flags(result, language)
            if name == "cma"
            else _entries(name, result.facets.get(name, ()), language)
        )
        if entries:
            # A chosen value is never hidden behind "more".
            last = max((place for place, entry in enumerate(entries, 1) if _has_choice(entry)), default=0)
            lists.append(
                FacetList(facet_title(name, language), entries, max(SHOWN.get(name, MOST_SHOWN), last))
            )
    return lists


def _has_choice(entry: Entry) -> bool:
    return entry.is_selected or any(_has_choice(child) for child in entry.children)


def _entries(name: str, values: Sequence[FacetValue], language: Language) -> tuple[Entry, ...]:
    kept = [value for value in values if value.count or value.is_selected]
    if name == "class":
        return _tree(kept, None, language)
    return tuple(
        Entry(name, value.code, _label(value, language), value.count, value.is_selected) for value in kept
    )


def _flags(result: SearchResult, language: Language) -> tuple[Entry, ...]:
    """The two certificates as one facet: whether a service has them, and only then a choice."""
    return tuple(
        Entry(name, value.code, language.pick(FILTER_NAMES[name].zh, FILTER_NAMES[name].en)
              if value.code == "true" else language("无 %(name)s", name=name.upper()),
              value.count, value.is_selected)
        for name in FLAGS
        for value in result.facets.get(name, ())
        if value.is_selected or (value.code == "true" and value.count)
    )  # fmt: skip


def _label(value: FacetValue, language: Language) -> str:
    return language("未知") if value.code == UNKNOWN else value.label


def _tree(values: Sequence[FacetValue], parent: str | None, language: Language) -> tuple[Entry, ...]:
    """Classes below their parents; a level opens only under what is chosen."""
    known = {value.code for value in values}
    entries = []
    for value in values:
        above = value.parent if value.parent in known else None
        if above != parent:
            continue
        below = _tree(values, value.code, language)
        is_open = value.is_selected or any(_has_choice(child) for child in below)
        entries.append(
            Entry(
                "class",
                value.code,
                _label(value, language),
                value.count,
                value.is_selected,
                below if is_open else (),
            )
        )
    return tuple(entries)


def chips(form: FindForm, language: Language) -> list[Chip]:
    """The chosen conditions, each with the address without it."""
    found = []
    for name in FILTERS:
        for code in form.filters.get(name, ()):
            if name in FLAGS:
                text = name.upper() if code == "true" else language("无 %(name)s", name=name.upper())
            elif code == UNKNOWN:
                text = f"{facet_title(name, language)}{language('：')}{language('未知')}"
            else:
                text = value_name(name, code, language)
            found.append(Chip(text, form.without(name, code)))
    if form.near:
        where = language("我的位置") if form.near_point else wording.name("area", form.near, language)
        found.append(Chip(language("距离：%(place)s", place=where), form.address(near="", near_point=False)))
    if form.free_from or form.free_to:
        found.append(Chip(_free_words(form, language), form.address(free_from="", free_to="")))
    return found


def _free_words(form: FindForm, language: Language) -> str:
    if not form.free_to:
        return language("%(day)s 起有空闲", day=form.free_from)
    if not form.free_from:
        return language("%(day)s 及以前有空闲", day=form.free_to)
    return language("%(first)s 至 %(last)s 有空闲", first=form.free_from, last=form.free_to)


def value_name(filter_name: str, code: str, language: Language) -> str:
    """The name of a filter's value."""
    if filter_name == "province":
        return wording.short_province(code, language)
    return wording.name(FILTER_NAMES[filter_name].code_list or filter_name, code, language)


def groups(found: Sequence[Group], language: Language) -> list[GroupList]:
    """Services and institutions that match the same words."""
    titles = {"service": language("匹配的检测服务项目"), "institution": language("匹配的单位")}
    return [
        GroupList(titles[group.kind], group.total, tuple(_group_entry(hit, language) for hit in group.items))
        for group in found
        if group.items and group.kind in titles
    ]


def _group_entry(hit: Hit, language: Language) -> GroupEntry:
    held: Mapping[str, Any] = hit.summary
    place = wording.place({"province": held.get("province"), "city": held.get("city")}, language)
    if hit.kind == "institution":
        kind = wording.name("institution_kind", held.get("institution_kind"), language)
        detail = " · ".join(part for part in (kind, place) if part)
        return GroupEntry(f"/institutions/{hit.id}", _text(hit, "name_zh"), detail, "")
    detail = " · ".join(part for part in (held.get("instrument_name"), held.get("unit"), place) if part)
    price = ""
    if held.get("fee_fen") is not None:
        unit = wording.name("charging_unit", held.get("charging_unit"), language)
        price = f"¥{formats.yuan(held['fee_fen'])}/{unit}"
    return GroupEntry(f"/instruments/{held.get('instrument_id')}#services", _text(hit, "name"), detail, price)


def suggested(found: Sequence[Suggestion], language: Language) -> list[Suggested]:
    """Suggestions for the combobox; an institution leads straight to its page."""
    notes = {"pinyin": language("拼音"), "synonym": language("同义词"), "text": ""}
    entries = []
    for item in found:
        count = (
            language.plural(
                "%(shown)s 台（套）", "%(shown)s 台（套）", item.count, shown=formats.number(item.count)
            )
            if item.count
            else ""
        )
        note = " · ".join(part for part in (notes[item.matched], count) if part)
        institution = getattr(item, "id", None)
        href = f"/institutions/{institution}" if item.kind == "institution" and institution else ""
        entries.append(Suggested(item.text, SUGGESTION_ICONS.get(item.kind, "search"), note, href))
    return entries


def near_places(provinces: Sequence[tuple[str, str]], language: Language) -> list[dict[str, Any]]:
    """Cities by province, for the reader who gives no position."""
    cities = schemas.codes("area").where(level="city")
    return [
        {
            "name": name,
            "cities": [
                {"code": city.code, "name": language.pick(city.zh, city.en)}
                for city in cities
                if city.parent == code
            ],
        }
        for code, name in provinces
    ]
