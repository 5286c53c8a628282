"""What a search asks and what it answers: the one vocabulary of the API and the portal.

Everything here is frozen and free of I/O. Names of filters and facets are those of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["instrument", "service", "institution"]
Open = Literal["external", "any"]
Sort = Literal["relevance", "distance", "fee", "newest"]
Lang = Literal["zh", "en"]

KINDS: tuple[Kind, ...] = ("instrument", "service", "institution")
SORTS: tuple[Sort, ...] = ("relevance", "distance", "fee", "newest")

FILTERS: tuple[str, ...] = (
    "province", "city", "class", "band", "country", "sharing", "mode", "institution_kind", "discipline", "cma", "cnas",
)  # fmt: skip
"""Filter and facet names, in the order in which a page shows them."""

UNKNOWN = "unknown"
"""The facet code of a value that no source has told us. It may be filtered for like any other code."""

MAX_LIMIT = 100
MAX_DEPTH = 10_000
"""How many hits of one ranked list can be paged through; `newest`, `fee` and `distance` have no such end."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees (WGS 84)."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    `filters` maps a name of `FILTERS` to the codes wanted: codes of one filter are alternatives, filters add up.
    `open="external"` keeps the instruments that can be booked from outside (对外共享) unless `filters["sharing"]`
    says otherwise. `radius_km` needs `near`, and so does `sort="distance"`; `sort="fee"` needs `unit`, a code of the
    list `charging_unit`, and prices `quantity` of it. `cursor` is the opaque `next` of the answer before.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: Open = "external"
    near: Point | None = None
    radius_km: float | None = None
    sort: Sort = "relevance"
    unit: str | None = None
    quantity: float = 1.0
    limit: int = 20
    cursor: str | None = None
    lang: Lang = "zh"
    kind: Kind = "instrument"
    with_facets: bool = True


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
class Hit:
    """One found document.

    `summary` holds what a result card shows (field names of the specification, see `hub.search.wire`); `highlights`
    maps some of its fields (`name_zh`, `model`, `unit`, `services`, …) to marked text; a field without a hit is
    absent. `distance_km` is set when the search had a place and the document has one; `fee` when a unit was asked and
    the instrument charges by it.
    """

    id: str
    kind: Kind
    summary: Mapping[str, Any]
    highlights: Mapping[str, tuple[Segment, ...]]
    distance_km: float | None = None
    fee: Fee | None = None


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
