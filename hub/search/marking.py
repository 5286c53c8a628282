"""Highlights, made on the original text: the index's own snippets know nothing of split Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hub.search.lexicon import fold, has_han
from hub.search.request import Segment
from hub.search.words import EXACT

_FIELDS = ("name_zh", "name_en", "aliases", "model", "manufacturer", "unit", "service_names", "standards", "functions",
           "name", "method", "instrument_name")  # fmt: skip
"""Fields of a summary in which hits are marked, lists by joining their texts."""

_JOIN = "；"
_WINDOW = 60
_LONG = ("functions",)
"""Texts that are shown as a piece around the first hit."""

_GAP = r"[\W_]{0,2}"


class Marker:
    """Marks one search's needles in the hits' texts."""

    def __init__(self, needles: Iterable[str]) -> None:
        self._pattern = _pattern(
            tuple(sorted({needle for needle in needles if needle}, key=lambda n: (-len(n), n)))
        )

    def mark(self, summary: Mapping[str, Any]) -> dict[str, tuple[Segment, ...]]:
        """The fields with at least one hit, as original text cut into hit and other."""
        marked: dict[str, tuple[Segment, ...]] = {}
        if self._pattern is None:
            return marked
        for name in _FIELDS:
            value = summary.get(name)
            if not value:
                continue
            text = _JOIN.join(value) if isinstance(value, list) else value
            segments = self._segments(text, is_long=name in _LONG)
            if segments:
                marked[name] = segments
        return marked

    def _segments(self, text: str, *, is_long: bool) -> tuple[Segment, ...]:
        assert self._pattern is not None
        folded, places = _aligned(text)
        spans: list[tuple[int, int]] = []
        for match in self._pattern.finditer(folded):
            start, end = (
                match.span() if places is None else (places[match.start()], places[match.end() - 1] + 1)
            )
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            elif end > start:
                spans.append((start, end))
        if not spans:
            return ()
        begin, finish = (
            (max(0, spans[0][0] - _WINDOW), spans[0][1] + 2 * _WINDOW) if is_long else (0, len(text))
        )
        return tuple(_cut(text, spans, begin, min(finish, len(text))))


def _cut(text: str, spans: Sequence[tuple[int, int]], begin: int, finish: int) -> list[Segment]:
    segments = []
    at = begin
    if begin:
        segments.append(Segment("…", False))
    for start, end in spans:
        if end > finish:
            break
        if start > at:
            segments.append(Segment(text[at:start], False))
        segments.append(Segment(text[start:end], True))
        at = end
    if at < finish:
        segments.append(Segment(text[at:finish], False))
    if finish < len(text):
        segments.append(Segment("…", False))
    return segments


def _aligned(text: str) -> tuple[str, list[int] | None]:
    """The folded text, and for each of its indexes the index in the original; None when they are the same."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, None
    pieces: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        piece = fold(char)
        pieces.append(piece)
        places += [at] * len(piece)
    places.append(len(text))
    return "".join(pieces), places


@lru_cache(maxsize=512)
def _pattern(needles: tuple[str, ...]) -> re.Pattern[str] | None:
    if not needles:
        return None
    return re.compile("|".join(_needle(needle) for needle in needles))


def _needle(needle: str) -> str:
    """Chinese is marked anywhere, a Latin word only where a word begins.

    A standard or model (`=gbt228.1`) is marked however it is punctuated: GB/T 228.1, GB/T228.1.
    """
    if needle.startswith(EXACT):
        return r"(?<![a-z0-9])" + _GAP.join(re.escape(char) for char in needle if char.isalnum())
    boundary = "" if has_han(needle[0]) else r"(?<![a-z0-9])"
    return boundary + re.escape(needle)
