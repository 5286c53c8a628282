"""What a request asks for: the pieces of what was typed, and whether filters and parameters make sense. Pure.

Nothing a person types is ever an instruction: there is no query language, quotes, stars and brackets are
punctuation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import schemas
from hub.search.columns import CHARGING_UNITS, UNCOUNTED_FILTERS
from hub.search.errors import FilterUnknown, SearchParameterInvalid
from hub.search.lexicon import default_lexicon, fold, has_han, squash
from hub.search.request import FILTER_NAMES, FILTERS, KINDS, MAX_LIMIT, SORTS, SearchRequest, is_value
from hub.search.words import Run, cut, find_standards, latin_parts, runs

MAX_TYPED = 200
"""Characters of the query that are read; the rest is dropped and the answer says so."""

MAX_PIECES = 12
MAX_VALUES = 100
_MAX_JOINED = 4

_SAYS_NOTHING = (
    "的 了 和 与 及 或 在 请 找 查 我 要 想 有 能 做 用 吗 呢 仪器 设备 仪器设备 服务 需要 想要 哪里 哪些 可以 能够 用于 "
    "a an the of and for in with to"
)
_STOP_WORDS = frozenset(_SAYS_NOTHING.split())
"""Left out unless nothing else was typed."""


@dataclass(frozen=True, slots=True)
class StandardPiece:
    """A standard's number: its spellings, best first."""

    text: str
    names: tuple[str, ...]
    year: str


@dataclass(frozen=True, slots=True)
class ConceptPiece:
    """A name or abbreviation with synonyms; `words` are its own words."""

    text: str
    concept: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LatinPiece:
    """A Latin word or number, in one piece (`joined`) and in parts."""

    text: str
    joined: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HanPiece:
    """A Chinese word, or characters that no dictionary word covers."""

    text: str
    words: tuple[str, ...]


Piece = StandardPiece | ConceptPiece | LatinPiece | HanPiece


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, understood as far as that goes without an index."""

    pieces: tuple[Piece, ...]
    whole: str
    """Letters and digits of all of it: a complete name asked for."""

    is_cut: bool


@lru_cache(maxsize=2048)
def understand(text: str) -> Typed:
    """The pieces of a typed query, in order, stop words left out. Any text is understood somehow; none raises."""
    folded = fold(text[: MAX_TYPED * 2])[:MAX_TYPED]
    pieces = _pieces(folded)
    telling = tuple(dict.fromkeys(piece for piece in pieces if piece.text not in _STOP_WORDS)) or tuple(
        pieces
    )
    is_cut = len(text.strip()) > MAX_TYPED or len(telling) > MAX_PIECES
    return Typed(telling[:MAX_PIECES], squash(folded), is_cut)


def _pieces(folded: str) -> list[Piece]:
    found: list[tuple[int, Piece]] = []
    rest = list(folded)
    for standard in find_standards(folded):
        names = (f"{standard.name}-{standard.year}",) if standard.year else ()
        text = folded[standard.start : standard.end].strip()
        piece = StandardPiece(
            text, (*names, *_plainer_names(standard.body, standard.bare_body, standard.number)), standard.year
        )
        found.append((standard.start, piece))
        rest[standard.start : standard.end] = " " * (standard.end - standard.start)
    left = "".join(rest)
    for mention in default_lexicon().mentions(left):
        text = left[mention.start : mention.end]
        found.append((mention.start, ConceptPiece(text, mention.concept, tuple(_plain_words(text)))))
        rest[mention.start : mention.end] = " " * len(text)
    for run in _joined_names("".join(rest)):
        pieces = _han_pieces(run.text) if run.is_han else _latin_pieces(run.text)
        found += [(run.start, piece) for piece in pieces]
    return [piece for _, piece in sorted(found, key=lambda pair: pair[0])]


def _joined_names(folded: str) -> list[Run]:
    """The runs of a text; Latin words in a row that make a known name together (`icp ms`) are one."""
    found = runs(folded)
    joined: list[Run] = []
    at = 0
    while at < len(found):
        run = found[at]
        for last in range(min(at + _MAX_JOINED, len(found)) - 1, at, -1):
            end = found[last].start + len(found[last].text)
            together = folded[run.start : end]
            if not has_han(together) and default_lexicon().concept_of_name(squash(together)):
                run, at = Run(together, False, run.start), last
                break
        joined.append(run)
        at += 1
    return joined


def _plainer_names(body: str, bare_body: str, number: str) -> tuple[str, ...]:
    names = (body + number, bare_body + number)
    return tuple(dict.fromkeys((*names, *(name.replace(".", "") for name in names))))


def _plain_words(text: str) -> list[str]:
    words: list[str] = []
    for run in runs(text):
        words += cut(run.text) if run.is_han else latin_parts(run.text)
    return words


def _han_pieces(text: str) -> list[Piece]:
    """One piece for each dictionary word; neighbouring single characters stay together."""
    pieces: list[Piece] = []
    characters = ""
    for word in [*cut(text), ""]:
        if len(word) == 1:
            characters += word
            continue
        if characters:
            pieces.append(HanPiece(characters, tuple(characters)))
            characters = ""
        if word:
            pieces.append(HanPiece(word, (word,)))
    return pieces


def _latin_pieces(text: str) -> list[Piece]:
    joined, parts = squash(text), latin_parts(text)
    if concept := default_lexicon().concept_of_name(joined):
        return [ConceptPiece(text, concept, tuple(parts))]
    return [LatinPiece(text, joined, tuple(parts))]


def check(request: SearchRequest) -> None:
    """Raise `FilterUnknown` or `SearchParameterInvalid`, naming the parameter, for what makes no sense."""
    for name, values in request.filters.items():
        _check_filter(name, values)
    if request.kind not in KINDS:
        raise SearchParameterInvalid(
            "kind", f"kind 可取 {'、'.join(KINDS)}。", f"kind is one of {', '.join(KINDS)}."
        )
    if request.open not in {"external", "any"}:
        raise SearchParameterInvalid("open", "open 可取 external、any。", "open is external or any.")
    if request.sort not in SORTS:
        raise SearchParameterInvalid(
            "sort", f"sort 可取 {'、'.join(SORTS)}。", f"sort is one of {', '.join(SORTS)}."
        )
    if not 1 <= request.limit <= MAX_LIMIT:
        raise SearchParameterInvalid(
            "limit", f"limit 应在 1 与 {MAX_LIMIT} 之间。", f"limit must be between 1 and {MAX_LIMIT}."
        )
    _check_place(request)
    _check_fee(request)
    _check_times(request)


def _check_filter(name: str, values: tuple[str, ...]) -> None:
    if name not in FILTERS and name not in UNCOUNTED_FILTERS:
        raise FilterUnknown(name, None, FILTERS)
    if len(values) > MAX_VALUES:
        raise SearchParameterInvalid(
            name, f"一个条件最多 {MAX_VALUES} 个取值。", f"At most {MAX_VALUES} values of one filter."
        )
    for value in values:
        known = 0 < len(value) <= 64 if name in UNCOUNTED_FILTERS else is_value(name, value)
        if not known:
            raise FilterUnknown(name, value[:60], _examples(name))


def _examples(filter_name: str) -> tuple[str, ...]:
    code_list = FILTER_NAMES[filter_name].code_list if filter_name in FILTER_NAMES else None
    return ("true", "false") if code_list is None else tuple(schemas.codes(code_list))[:5]


def _check_place(request: SearchRequest) -> None:
    if request.near is None:
        if request.sort == "distance":
            raise SearchParameterInvalid(
                "near",
                "按距离排序须给出 near=经度,纬度。",
                "Sorting by distance needs near=longitude,latitude.",
            )
        if request.radius_km is not None:
            raise SearchParameterInvalid("near", "radius 须与 near 同用。", "radius needs near.")
        return
    if not (abs(request.near.lon) <= 180 and abs(request.near.lat) <= 90):
        raise SearchParameterInvalid(
            "near",
            "near 应为有效的经度,纬度，如 121.47,31.23。",
            "near must be longitude,latitude, as in 121.47,31.23.",
        )
    if request.radius_km is not None and not 0 < request.radius_km <= 5000:
        raise SearchParameterInvalid(
            "radius",
            "radius 应大于 0 且不超过 5000（公里）。",
            "radius must be above 0 and at most 5000 (km).",
        )


def _check_fee(request: SearchRequest) -> None:
    if request.unit is None:
        if request.sort in {"fee", "own_share"}:
            raise SearchParameterInvalid(
                "unit",
                f"按费用排序须给出计费单位 unit，可取 {'、'.join(CHARGING_UNITS)}；不同计费单位的费用不能比较。",
                f"Sorting by fee needs a charging unit ({', '.join(CHARGING_UNITS)}); fees of different units cannot be compared.",
            )
    elif request.unit not in CHARGING_UNITS:
        raise SearchParameterInvalid(
            "unit", f"unit 可取 {'、'.join(CHARGING_UNITS)}。", f"unit is one of {', '.join(CHARGING_UNITS)}."
        )
    if not (math.isfinite(request.quantity) and 0 < request.quantity <= 1_000_000):
        raise SearchParameterInvalid(
            "quantity",
            "quantity 应大于 0 且不超过 1000000。",
            "quantity must be above 0 and at most 1000000.",
        )


def _check_times(request: SearchRequest) -> None:
    begin, end = request.free_from, request.free_to
    if request.kind != "instrument" and (begin or end or request.sort == "earliest"):
        name = "sort" if not (begin or end) else "free_from" if begin else "free_to"
        raise SearchParameterInvalid(
            name,
            "只有仪器可按空闲时间查找（kind=instrument）。",
            "Only instruments have free times (kind=instrument).",
        )
    for name, at in (("free_from", begin), ("free_to", end)):
        if at is not None and at.tzinfo is None:
            raise SearchParameterInvalid(name, f"{name} 须带时区。", f"{name} needs an offset.")
    if begin is not None and end is not None and end <= begin:
        raise SearchParameterInvalid(
            "free_to", "free_to 应晚于 free_from。", "free_to must be after free_from."
        )
