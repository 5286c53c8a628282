"""Suggestions while somebody types: names, aliases, institutions and models that begin so, also by pinyin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hub.search import columns as c
from hub.search.lexicon import default_lexicon, fold, squash
from hub.search.ordering import fetch
from hub.search.queries import Shelf, suggested
from hub.search.request import Lang, Suggestion
from hub.search.words import CONCEPT

_READ = 60
_PER_KIND = {"name": 8, "alias": 4, "institution": 3, "model": 3}
_KINDS = {"n": "name", "a": "alias", "u": "institution", "m": "model"}
_MIN_MODEL = 2
_MIN_ABBREVIATION = 2

Matched = Literal["text", "pinyin", "synonym"]


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    kind: str
    matched: Matched
    field: str
    term: str


def suggestions(shelf: Shelf, typed: str, lang: Lang, limit: int) -> tuple[Suggestion, ...]:
    """What the typed beginning may become, best first; nothing for nothing. Names without documents do not appear.

    Synonyms are told in the language of the request, everything else as the catalogue spells it.
    """
    key = squash(fold(typed[:200]))[:60]
    if not key:
        return ()
    found: list[Suggestion] = []
    taken: set[str] = set()
    left = dict(_PER_KIND)
    for candidate in _candidates(shelf, key, lang):
        if len(found) == limit:
            break
        name = fold(candidate.text)
        if name in taken or not left[candidate.kind]:
            continue
        taken.add(name)
        suggestion = _counted(shelf, candidate)
        if suggestion is not None:
            left[candidate.kind] -= 1
            found.append(suggestion)
    return tuple(found)


def _candidates(shelf: Shelf, key: str, lang: Lang) -> Iterator[_Candidate]:
    terms = shelf.searcher.terms_with_prefix(c.SUGGEST, key, limit=_READ)
    yield from _of_terms(terms, "t", "text")
    if len(key) >= _MIN_ABBREVIATION:
        for concept in default_lexicon().concepts_starting_with(key):
            name = concept.english if lang == "en" else concept.preferred
            yield _Candidate(name, "alias", "synonym", c.text_field(c.OPEN), CONCEPT + concept.id)
    if len(key) >= _MIN_MODEL and key.isascii():
        models = shelf.searcher.terms_with_prefix(c.MODELS, key, limit=_READ // 4)
        yield from _of_terms(models, "t", "text", c.MODELS)
    yield from _of_terms(terms, "p", "pinyin")


def _of_terms(
    terms: list[tuple[str, int]], how: str, matched: Matched, field: str = c.SUGGEST
) -> Iterator[_Candidate]:
    for term, _ in terms:
        _key, kind, shown = term.split("\t")
        if kind[0] == how and kind[1] in _KINDS:
            yield _Candidate(shown, _KINDS[kind[1]], matched, field, term)


def _counted(shelf: Shelf, candidate: _Candidate) -> Suggestion | None:
    """The suggestion with its count of living documents; None when there is none (any more)."""
    if candidate.matched == "synonym":
        count, document_id = shelf.frequency(candidate.term), None
    else:
        query = suggested(shelf.schema, candidate.field, candidate.term)
        count, document_id = shelf.count(query), None
        if count and candidate.kind == "institution":
            [(_, address)] = shelf.searcher.search(query, 1, count=False).hits
            document_id = fetch(shelf, address)[1].get("institution_id")
    if not count:
        return None
    return Suggestion(candidate.text, candidate.kind, count, candidate.matched, document_id)
