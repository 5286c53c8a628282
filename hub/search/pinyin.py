"""Pinyin of names, for the index only: whoever searches types Latin letters and needs no dictionary. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, pinyin

from hub.search.lexicon import fold
from hub.search.words import cut, latin_parts, runs, words_in

_MAX_KEY = 60


@dataclass(frozen=True, slots=True)
class Keys:
    """What one may type for a name: full spelling, initials, and the spelling of each of its words."""

    full: str
    initials: str
    words: tuple[tuple[str, str], ...]
    """Pairs (spelling, word) for words of two characters or more."""


@lru_cache(maxsize=16_384)
def keys_of(name: str) -> Keys | None:
    """The pinyin keys of a name, or None when it has no Chinese in it.

    Latin letters and digits inside the name stay in place: X射线 → `xshexian`, `xsx`.
    """
    full: list[str] = []
    initials: list[str] = []
    words: list[tuple[str, str]] = []
    seen_han = False
    for run in runs(fold(name)):
        if not run.is_han:
            letters = "".join(latin_parts(run.text))
            full.append(letters)
            initials.append(letters)
            continue
        seen_han = True
        for word in cut(run.text):
            syllables = _syllables(word)
            full += syllables
            initials += [syllable[0] for syllable in syllables]
            words += [("".join(_syllables(inner)), inner) for inner in words_in(word)]
    if not seen_han:
        return None
    return Keys("".join(full)[:_MAX_KEY], "".join(initials)[:_MAX_KEY], tuple(dict.fromkeys(words)))


@lru_cache(maxsize=65_536)
def _syllables(word: str) -> tuple[str, ...]:
    # lü and nü are typed with v on every Chinese keyboard.
    readings = pinyin(word, style=Style.NORMAL, errors="ignore")
    return tuple(reading[0].replace("ü", "v") for reading in readings)
