"""What a search asks and what it answers: the one vocabulary of the API and the portal.

Everything here is frozen. Names of filters and facets are those of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import schemas

Kind = Literal["instrument", "service", "institution"]
Open = Literal["external", "any"]
Sort = Literal["relevance", "distance", "fee", "own_share", "newest", "earliest"]
Lang = Literal["zh", "en"]

KINDS: tuple[Kind, ...] = ("instrument", "service", "institution")


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called for people."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FilterName(Named):
    """A filter, which is a facet too: what it is called, and the code list of its values (None: true and false)."""

    code_list: str | None = None


FILTER_NAMES: Mapping[str, FilterName] = {
    "province": FilterName("省市", "Province", "province"),
    "city": FilterName("城市", "City", "area"),
    "class": FilterName("仪器类别", "Instrument class", "instrument_class"),
    "band": FilterName("原值", "Original value", "value_band"),
    "country": FilterName("产地国别", "Country of origin", "country"),
    "sharing": FilterName("共享模式", "Sharing mode", "sharing_mode"),
    "mode": FilterName("服务方式", "Service mode", "service_mode"),
    "institution_kind": FilterName("单位类型", "Kind of institution", "institution_kind"),
    "discipline": FilterName("学科领域", "Discipline", "discipline"),
    "cma": FilterName("CMA 资质认定", "CMA approval"),
    "cnas": FilterName("CNAS 认可", "CNAS accreditation"),
}
"""Filters by name, in the order in which a page shows them."""

FILTERS = tuple(FILTER_NAMES)

SORT_NAMES: Mapping[Sort, Named] = {
    "relevance": Named("综合排序", "Relevance"),
    "distance": Named("距离最近", "Nearest"),
    "fee": Named("费用最低", "Lowest fee"),
    "own_share": Named("自付最少", "Lowest own share"),
    "newest": Named("最新启用", "Newest"),
    "earliest": Named("最早可约", "Earliest free"),
}
SORTS: tuple[Sort, ...] = tuple(SORT_NAMES)

UNKNOWN = "unknown"
"""The facet code of a value that no source has told us. It may be filtered for like any other code."""

MAX_LIMIT = 100


def is_value(filter_name: str, value: str) -> bool:
    """Whether a filter of `FILTERS` has such a value."""
    code_list = FILTER_NAMES[filter_name].code_list
    if code_list is None:
        return value in {"true", "false"}
    return value == UNKNOWN or value in schemas.codes(code_list)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees (WGS 84)."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Payer:
    """A voucher programme of whoever searches: what it pays of an order, and for which instruments.

    `places` and `classes` None: everywhere, for all; `min_value_fen` of the instrument. It pays `rate_bp` basis points of
    the fee, at most `limit_fen` of one order: the least of its caps and of what is left.
    """

    programme_id: str
    name: Named
    is_demo: bool
    places: tuple[str, ...] | None
    classes: tuple[str, ...] | None
    min_value_fen: int | None
    service_modes: frozenset[str]
    rate_bp: int
    limit_fen: int


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a fee, in fen; `programme_id` is the voucher that pays, None where none does."""

    total_fen: int
    voucher_fen: int
    own_fen: int
    programme_id: str | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    `filters` maps a name of `FILTERS` to the codes wanted: codes of one filter are alternatives, filters add up.
    `open="external"` keeps the instruments that can be booked from outside (对外共享) unless `filters["sharing"]`
    says otherwise. `radius_km` needs `near`, and so does `sort="distance"`; `sort="fee"` and `sort="own_share"` need
    `unit`, a code of the list `charging_unit`, and price `quantity` of it. `payers` are the vouchers of whoever asks:
    with them every hit with a fee tells its shares, and the own share orders by what is left to pay. `cursor` is the opaque `next` of the answer before.
    `free_from` and `free_to` (aware instants, the end excluded) keep the instruments for which a booking made now can
    begin in between; either may be missing. With them, the next free slot of a hit is the first one in between.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: Open = "external"
    near: Point | None = None
    radius_km: float | None = None
    sort: Sort = "relevance"
    unit: str | None = None
    quantity: float = 1.0
    free_from: datetime | None = None
    free_to: datetime | None = None
    limit: int = 20
    cursor: str | None = None
    lang: Lang = "zh"
    kind: Kind = "instrument"
    payers: tuple[Payer, ...] = ()
    with_facets: bool = True

    @property
    def asks_for_time(self) -> bool:
        """Whether only instruments that are free at some time are wanted."""
        return self.free_from is not None or self.free_to is not None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of original text; `is_hit` pieces are shown marked."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Fee:
    """The lowest fee of an instrument in one charging unit; `total_fen` is for the quantity asked."""

    unit: str
    fee_fen: int
    quantity: float
    total_fen: int


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """The shortest slot of an instrument that can be booked, aware, the end excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class HitAvailability:
    """When an instrument can be booked next, and how well that is known.

    `as_of` is when its availability was last told or confirmed; None when nobody has: then `source` is `default`, and
    the slot follows from opening hours that the hub assumes. Other sources are `hub` (kept here) and `platform`.
    `next_free` is None when nothing is free in the time that was asked for, or as far ahead as can be booked.
    """

    next_free: FreeSlot | None
    as_of: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document.

    `summary` holds what a result card shows (field names of the specification, see `hub.search.wire`); `highlights`
    maps some of its fields (`name_zh`, `model`, `unit`, `services`, …) to marked text; a field without a hit is
    absent. `distance_km` is set when the search had a place and the document has one; `fee` when a unit was asked and
    the instrument charges by it; `shares` of that fee (of one of its least charging unit where none was asked) when the
    search had vouchers; `availability` for instruments that are shared and whose opening hours are known.
    """

    id: str
    kind: Kind
    summary: Mapping[str, Any]
    highlights: Mapping[str, tuple[Segment, ...]]
    distance_km: float | None = None
    fee: Fee | None = None
    availability: HitAvailability | None = None
    shares: Shares | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A code with its label in the language of the request. `parent` is set for cities and for classes below level 1."""

    code: str
    label: str
    count: int
    is_selected: bool
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line that says why the answer is what it is.

    `kind`: pinyin, synonym, typo, prefix, standard, relaxed, missing, incomparable, unlocated, truncated.
    """

    kind: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of another kind for the same words (services, institutions), shown beside the list."""

    kind: Kind
    total: int
    items: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer.

    `total` counts the list itself, `total_open` and `total_any` count it with `open=external` and `open=any`. A
    facet's counts ignore its own filter. `next` is None on the last page. `index_number` is the change number up to
    which the index has certainly read the catalogue.
    """

    total: int
    total_open: int
    total_any: int
    items: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    explanations: tuple[Explanation, ...]
    groups: tuple[Group, ...]
    next: str | None
    took_ms: float
    index_number: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`kind`: name, alias, model or institution; `count` is the number of instruments it leads to (`open=any`).

    `id` is the institution's identifier, for that kind.
    """

    text: str
    kind: str
    count: int
    matched: Literal["text", "pinyin", "synonym"]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class MapPlace:
    """Instruments of a province or a city under the filters of a search; its own filter is ignored."""

    code: str
    label: str
    count: int
    is_selected: bool
    parent: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class MapCounts:
    """Counts for the map beside the list: all provinces, and the cities of the chosen provinces (or of all)."""

    total: int
    provinces: tuple[MapPlace, ...]
    cities: tuple[MapPlace, ...]
    index_number: int
