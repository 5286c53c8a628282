"""The words of a document, weighted by where they stand. Pure.

BM25 over one field in which a name's words count eight times is BM25F over the fields: one list of postings per word
answers both "which documents" and "which first". Names, methods and standards repeat thousands of times in a
catalogue, so what a text contributes is kept ready as the string it adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import schemas
from hub.search.columns import class_levels
from hub.search.lexicon import default_lexicon, fold, squash
from hub.search.pinyin import keys_of
from hub.search.words import CONCEPT, PINYIN, model_words, name_words, runs, text_words, whole_name, words_in

NAME, ALIAS, MODEL, CLASS_ALIAS, UNIT, AREA, MAKER, SERVICE, CLASS = 8, 6, 6, 3, 3, 3, 2, 2, 1
"""How often a word of a field counts: name > alias = model > services, institution > functions (1)."""

_MAX_SUGGESTED = 64
_MAX_MODELS = 8
_MAX_BEGINNINGS = 10
_KEPT = 16_384


@lru_cache(maxsize=4 * _KEPT)
def public(text: str) -> str:
    """The text without personal numbers and addresses: nothing else may be stored or searched."""
    return schemas.mask(text)


@dataclass(slots=True)
class WeightedWords:
    """Collects the words of one document, and what may be suggested for it. Masks personal numbers first."""

    words: list[str] = field(default_factory=list)
    suggested: list[str] = field(default_factory=list)

    def add_name(self, text: str | None, weight: int, suggest_as: str = "") -> None:
        """A name: found by any stretch of it, by itself as a whole and, if it is suggested, by its pinyin."""
        if not text:
            return
        text = public(text)
        self.words.append(_of_name(text, weight))
        if suggest_as:
            terms, spelled = _suggested(text, suggest_as)
            self.suggested += terms
            self.words.append(spelled)

    def add_text(self, text: str | None, weight: int = 1) -> None:
        """A longer text."""
        if text:
            self.words.append(_of_text(public(text), weight))

    def add_model(self, text: str | None) -> None:
        """A model number."""
        if text:
            self.words += model_words(public(text)) * MODEL

    def add_class(self, code: str) -> None:
        """The names of a class and of those above it, and the concept its instruments have whatever they are called."""
        words, suggested = _of_class(code)
        self.words.append(words)
        self.suggested += suggested

    def add_code(self, list_name: str, code: str | None) -> None:
        """The Chinese name of a code."""
        if code:
            self.words.append(_of_code(list_name, code, CLASS))

    def add_place(self, location: Mapping[str, Any]) -> None:
        """The names of province, city and county."""
        self.words.append(_of_place(*(location.get(part, "") for part in ("province", "city", "county"))))

    def joined(self) -> str:
        """All words as the index wants them: separated by blanks, repeated by weight."""
        return " ".join(self.words)

    def suggestions(self) -> list[str]:
        """Terms of the suggestion field."""
        return list(dict.fromkeys(self.suggested))[:_MAX_SUGGESTED]


def suggestion_term(key: str, kind: str, shown: str) -> str:
    """A term of a suggestion field: what is typed, how (t text, p pinyin) and what it is, what is shown.

    What it is: n name, a alias, u institution, m model, w a word of a name (pinyin only).
    """
    return f"{key[:60]}\t{kind}\t{shown[:100]}"


@lru_cache(maxsize=_KEPT)
def model_suggestions(model: str) -> list[str]:
    """Terms by which a model number is suggested: from its beginning and from each of its parts."""
    shown = public(model)
    keys = (squash(fold(shown)), *(word for word in model_words(shown) if word[0].isalnum()))
    return list(dict.fromkeys(suggestion_term(key, "tm", shown) for key in keys if key))[:_MAX_MODELS]


@lru_cache(maxsize=_KEPT)
def _of_name(text: str, weight: int) -> str:
    return " ".join([*(name_words(text) * weight), whole_name(text)])


@lru_cache(maxsize=_KEPT)
def _of_code(list_name: str, code: str, weight: int) -> str:
    codes = schemas.codes(list_name)
    if code not in codes or codes[code].zh == "其他":
        return ""
    # The class 电子能谱仪 must not make an EDS (能谱仪) of every XPS: which concept a class has is in the lexicon.
    return " ".join([word for word in name_words(codes[code].zh) if not word.startswith(CONCEPT)] * weight)


@lru_cache(maxsize=_KEPT)
def _of_place(province: str, city: str, county: str) -> str:
    named = (("province", province), ("area", city), ("area", county))
    return " ".join(_of_code(list_name, code, AREA) for list_name, code in named)


@lru_cache(maxsize=_KEPT)
def _of_class(code: str) -> tuple[str, tuple[str, ...]]:
    words = [_of_code("instrument_class", level, CLASS) for level in class_levels(code)]
    concept = default_lexicon().by_class.get(code)
    if concept is None:
        return " ".join(words), ()
    terms, spelled = _suggested(concept.preferred, "a")
    words += [_of_name(concept.preferred, CLASS_ALIAS), *[CONCEPT + concept.id] * CLASS_ALIAS, spelled]
    return " ".join(words), terms


@lru_cache(maxsize=_KEPT // 4)
def _of_text(text: str, weight: int) -> str:
    return " ".join([*text_words(text)] * weight)


@lru_cache(maxsize=_KEPT)
def _suggested(text: str, kind: str) -> tuple[tuple[str, ...], str]:
    """Suggestion terms of a name, and its pinyin as words."""
    typed = _beginnings(text) if kind in "na" else (squash(fold(text)),)
    terms = [suggestion_term(key, "t" + kind, text) for key in typed]
    keys = keys_of(text)
    if keys is None:
        return tuple(terms), ""
    terms += [suggestion_term(key, "p" + kind, text) for key in (keys.full, keys.initials)]
    terms += [suggestion_term(key, "pw", word) for key, word in keys.words]
    spelled = dict.fromkeys(
        PINYIN + key for key in (keys.full, keys.initials, *(key for key, _ in keys.words))
    )
    return tuple(dict.fromkeys(terms)), " ".join(spelled)


def _beginnings(text: str) -> tuple[str, ...]:
    """The name, and the rest of it from each of its words on: 场发射扫描电镜 is suggested for 扫描 and 电镜 too."""
    folded = fold(text)
    found = {squash(folded): None}
    for run in runs(folded):
        if run.is_han:
            starts = sorted({run.text.find(word) for word in words_in(run.text)})
            found |= {squash(folded[run.start + start :]): None for start in starts}
    return tuple(found)[:_MAX_BEGINNINGS]
