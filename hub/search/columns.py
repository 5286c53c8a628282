"""The columns of the index: what is searched, filtered, counted and sorted by, and how values are packed.

Every document lies in one *half*: `o` when it can be booked from outside (对外共享), `r` otherwise. Words and tags
carry the half, so that the default search reads half the postings and needs no filter for it. Facets that are
nearly always counted together share one packed column: one pass counts them all, with and without their own
filters. Several values of one document are packed too: a column with one value a document is counted five times
faster than one with several. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hub.search.request import UNKNOWN

SCHEMA_VERSION = 4
"""Raised with every change of columns, packing or words; another version is another index folder."""

OPEN, REST = "o", "r"
HALVES = (OPEN, REST)

ID, DOC, TAG, SUGGEST, MODELS, PLACE, LON, LAT, NEWEST = (
    "id", "doc", "tag", "suggest", "models", "place", "lon", "lat", "newest",
)  # fmt: skip

CHARGING_UNITS = ("hour", "sample", "item", "time", "package", "day")


def text_field(half: str) -> str:
    """The field that holds the words of the documents of a half."""
    return f"text_{half}"


def fee_field(unit: str) -> str:
    """The column that sorts by fee in a charging unit."""
    return f"fee_{unit}"


def tag(half: str, name: str, code: str) -> str:
    """The term that a document of this half carries when it has this code."""
    return f"{half}|{name}|{code}"


def half_tag(half: str) -> str:
    """The term of every document of a half."""
    return f"{half}|"


def fee_tag(unit: str) -> str:
    """The term of every document that charges by this unit."""
    return f"fee|{unit}"


VALUE = "value"
"""The column with the original value of an instrument in fen."""


def seat_tag(area: str) -> str:
    """The term of every instrument that stands in this area: province, city or county."""
    return f"at|{area}"


def parent_tag(instrument_id: str) -> str:
    """The term of every service item of an instrument."""
    return f"of|{instrument_id}"


def hours_tag(hours: str) -> str:
    """The term of every instrument with these opening hours (a word of `openings.write_hours`)."""
    return f"{HOURS}{hours}"


HOURS = "hours|"
"""How the terms of opening hours begin."""

PLACED = "placed"
"""The tag of every document whose coordinates are known."""

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A packed facet column.

    `facets` are the filters it can answer for, in the order of the parts of a key; `unpack` gives, for a key, the
    codes of each facet (several when the facet has levels or several values).
    """

    name: str
    facets: tuple[str, ...]
    unpack: Callable[[str], tuple[Codes, ...]]
    is_plain: bool = False
    """Whether a key is simply the code of the one facet."""


@lru_cache(maxsize=65_536)
def pack(*parts: Codes) -> str:
    """The key of a packed column: values of one facet joined by `,`, facets by `|`, absent values `unknown`.

    No code list may use these two characters in a code (`800+` is one).
    """
    return "|".join(",".join(sorted(part)) if part else UNKNOWN for part in parts)


@lru_cache(maxsize=65_536)
def _unpack(key: str) -> tuple[Codes, ...]:
    return tuple(tuple(part.split(",")) for part in key.split("|"))


@lru_cache(maxsize=65_536)
def _unpack_area(key: str) -> tuple[Codes, ...]:
    province, city = key.split("|")
    return (province,), (city,)


@lru_cache(maxsize=65_536)
def _unpack_class(key: str) -> tuple[Codes, ...]:
    return (class_levels(key),)


def _unpack_single(key: str) -> tuple[Codes, ...]:
    return ((key,),)


@lru_cache(maxsize=4096)
def class_levels(code: str) -> Codes:
    """A class code with the codes above it: 010102 → 010000, 010100, 010102."""
    if len(code) != 6 or not code.isdigit():
        return (UNKNOWN,)
    return tuple(dict.fromkeys((code[:2] + "0000", code[:4] + "00", code)))


TERMS = Column("col_terms", ("sharing", "mode", "cma", "cnas"), _unpack)
OWNER = Column("col_owner", ("institution_kind", "band"), _unpack)
AREA = Column("col_area", ("province", "city"), _unpack_area)
CLASS = Column("col_class", ("class",), _unpack_class)
COUNTRY = Column("col_country", ("country",), _unpack_single, is_plain=True)
DISCIPLINE = Column("col_discipline", ("discipline",), _unpack)
COLUMNS = (TERMS, OWNER, AREA, CLASS, COUNTRY, DISCIPLINE)
COLUMN_OF: Mapping[str, Column] = {facet: column for column in COLUMNS for facet in column.facets}

UNCOUNTED_FILTERS = ("institution",)
"""Filters without a facet: the identifier of an institution."""
