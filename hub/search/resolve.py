"""From the pieces of a query to terms that the index has, with the reasons people are told. No I/O of its own.

What a word may stand for, in this order: the word itself; a synonym; a model or standard in one piece; pinyin; the
beginning of a word; a word one letter away. The later ones are tried only when no document holds the word.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hub.search.lexicon import Concept, default_lexicon, fold, has_han, squash
from hub.search.plan import Alternative, Clause, Plan
from hub.search.request import Explanation
from hub.search.rules import ConceptPiece, HanPiece, LatinPiece, Piece, StandardPiece, Typed
from hub.search.words import CONCEPT, EXACT, PINYIN, WHOLE

_MAX_EXPANSIONS = 40
_MIN_PREFIX = 3
_MIN_TYPO = 5
_MAX_TYPO = 20
_SHOWN = 3


class Lookup(Protocol):
    """What is asked of an index."""

    def frequency(self, term: str) -> int:
        """How many documents hold the term (deleted ones may still count)."""
        ...

    def starting_with(self, prefix: str, limit: int) -> list[str]:
        """Terms that begin so, most frequent first."""
        ...

    def pinyin(self, prefix: str, limit: int) -> list[tuple[str, str]]:
        """(key, shown name) of names whose pinyin begins so, most frequent first."""
        ...


@dataclass(slots=True)
class _Notes:
    made: list[Explanation] = field(default_factory=list)

    def add(self, kind: str, zh: str, en: str) -> None:
        self.made.append(Explanation(kind, zh, en))


def resolve(typed: Typed, lookup: Lookup) -> Plan:
    """The plan of a typed query against one index."""
    notes = _Notes()
    if typed.is_cut:
        notes.add(
            "truncated",
            "输入过长，只检索了前面的部分。",
            "The text was long; only its beginning was searched for.",
        )
    clauses: list[Clause] = []
    missing: list[str] = []
    for piece in _with_joined_pinyin(typed.pieces, lookup):
        clause = _clause(piece, lookup, notes)
        if clause.alternatives:
            clauses.append(clause)
        else:
            missing.append(piece.text)
    if missing and all(clause.text.isdecimal() for clause in clauses):
        clauses = []  # of "GeminiSEM 500" a bare 500 says nothing
    if missing:
        shown = "”“".join(text[:_MAX_TYPO] for text in missing[:_SHOWN])
        if clauses:
            zh, en = f"没有条目包含“{shown}”，已忽略。", f"Nothing contains “{shown}”; it was left out."
            notes.add("relaxed", zh, en)
        else:
            notes.add("missing", f"没有条目包含“{shown}”。", f"Nothing contains “{shown}”.")
    whole = WHOLE + typed.whole[:60] if typed.whole else ""
    return Plan(
        clauses=tuple(clauses),
        minimum=len(clauses),
        whole=whole if whole and lookup.frequency(whole) else "",
        explanations=tuple(notes.made),
        is_impossible=bool(typed.pieces) and not clauses,
    )


def relaxed_note(plan: Plan, minimum: int) -> Explanation:
    """The line that says that fewer words were asked for than typed."""
    words = "”“".join(clause.text for clause in plan.clauses)
    total = len(plan.clauses)
    return Explanation(
        "relaxed",
        f"没有同时包含“{words}”的条目，已放宽为至少包含其中 {minimum} 项（共 {total} 项）。",
        f"Nothing contains all of “{words}”; showing what contains at least {minimum} of the {total}.",
    )


def _clause(piece: Piece, lookup: Lookup, notes: _Notes) -> Clause:
    if isinstance(piece, StandardPiece):
        return _standard(piece, lookup, notes)
    if isinstance(piece, ConceptPiece):
        return _concept(piece, lookup, notes)
    if isinstance(piece, HanPiece):
        known = all(lookup.frequency(word) for word in piece.words)
        return Clause(piece.text, (piece.words,) if known else (), (piece.text,))
    return _latin(piece, lookup, notes)


def _standard(piece: StandardPiece, lookup: Lookup, notes: _Notes) -> Clause:
    for name in piece.names:
        if lookup.frequency(EXACT + name):
            if piece.year and not name.endswith(piece.year):
                plain = piece.text.rsplit(piece.year, 1)[0].rstrip(" -:—–")
                notes.add(
                    "standard",
                    f"没有注明 {piece.year} 年版的条目，已按 {plain.upper()} 查找。",
                    f"Nothing names the {piece.year} edition; searched for {plain.upper()}.",
                )
            return Clause(piece.text, ((EXACT + name,),), (EXACT + name.split("-")[0],))
    joined = squash(piece.text)
    return _latin(LatinPiece(piece.text, joined, tuple(piece.text.replace("/", " ").split())), lookup, notes)


def _concept(piece: ConceptPiece, lookup: Lookup, notes: _Notes) -> Clause:
    concept = default_lexicon().concepts[piece.concept]
    alternatives: list[Alternative] = []
    if lookup.frequency(CONCEPT + concept.id):
        alternatives.append((CONCEPT + concept.id,))
        if shown := _telling_synonyms(concept, piece.text):
            notes.add("synonym", f"已含同义词：{'、'.join(shown)}", f"Synonyms included: {', '.join(shown)}")
    if piece.words and all(lookup.frequency(word) for word in piece.words):
        alternatives.append(piece.words)
    needles = (piece.text, *map(_needle, concept.members)) if alternatives else ()
    return Clause(piece.text, tuple(alternatives), tuple(dict.fromkeys(needles)))


def _telling_synonyms(concept: Concept, typed: str) -> list[str]:
    """A few other names: the preferred one, another Chinese one, an abbreviation."""
    others = [name for name in concept.members if squash(fold(name)) != squash(typed)]
    chinese = [name for name in others if has_han(name)]
    return [*chinese[: _SHOWN - 1], *(name for name in others if name not in chinese)][:_SHOWN]


def _needle(name: str) -> str:
    folded = fold(name)
    return folded if has_han(folded) else EXACT + squash(folded)


def _latin(piece: LatinPiece, lookup: Lookup, notes: _Notes) -> Clause:
    if len(piece.parts) == 1:
        return _latin_word(piece.text, piece.parts[0], lookup, notes)
    alternatives: list[Alternative] = []
    if lookup.frequency(EXACT + piece.joined):
        alternatives.append((EXACT + piece.joined,))
    elif piece.parts and all(lookup.frequency(part) for part in piece.parts):
        alternatives.append(piece.parts)
    else:
        alternatives += [(term,) for term in _beginning(EXACT + piece.joined, lookup)]
    return Clause(
        piece.text, tuple(alternatives), (EXACT + piece.joined, *piece.parts) if alternatives else ()
    )


def _latin_word(text: str, word: str, lookup: Lookup, notes: _Notes) -> Clause:
    found = [term for term in (word, EXACT + word) if lookup.frequency(term)]
    spelled = _pinyin(word, lookup, exactly=True) if len(word) > 2 or not found else {}
    if found or spelled:
        return _spelled_clause(text, (word,), [*found, *(PINYIN + word for _ in spelled)][:3], spelled, notes)
    if begun := _beginning(word, lookup) or _beginning(EXACT + word, lookup):
        shown = [term.removeprefix(EXACT) for term in begun[:_SHOWN]]
        notes.add("prefix", f"按词头匹配：{'、'.join(shown)}", f"Matched by beginning: {', '.join(shown)}")
        return Clause(text, tuple((term,) for term in begun), (word,))
    if spelled := _pinyin(word, lookup, exactly=False):
        return _spelled_clause(text, (), [PINYIN + key for key in spelled.values()], spelled, notes)
    return _mistyped(text, word, lookup, notes)


def _spelled_clause(
    text: str, words: Sequence[str], terms: Iterable[str], spelled: Mapping[str, str], notes: _Notes
) -> Clause:
    """A clause of words and of names found by their pinyin; a name that has synonyms brings them along."""
    alternatives = dict.fromkeys((term,) for term in terms)
    needles = [EXACT + word for word in words]
    for name in spelled:
        needles.append(fold(name))
        if concept := default_lexicon().concept_of_name(squash(fold(name))):
            alternatives[CONCEPT + concept,] = None
            needles += map(_needle, default_lexicon().concepts[concept].members)
    if spelled:
        shown = list(spelled)[:_SHOWN]
        notes.add("pinyin", f"按拼音匹配：{'、'.join(shown)}", f"Matched by pinyin: {', '.join(shown)}")
    return Clause(text, tuple(alternatives), tuple(dict.fromkeys(needles)))


def _mistyped(text: str, word: str, lookup: Lookup, notes: _Notes) -> Clause:
    if not _MIN_TYPO <= len(word) <= _MAX_TYPO or not word.isascii() or not word.isalpha():
        return Clause(text, (), ())
    counted = ((lookup.frequency(near), near) for near in one_letter_away(word))
    near = [found for count, found in sorted(counted, reverse=True) if count][:_SHOWN]
    if near:
        shown = "”“".join(near)
        notes.add(
            "typo",
            f"没有“{word}”，已按“{shown}”查找。",
            f"Nothing contains “{word}”; searched for “{shown}”.",
        )
    return Clause(text, tuple((found,) for found in near), tuple(near))


def one_letter_away(word: str) -> set[str]:
    """Latin words that differ by one letter more, less or other, or by two neighbours swapped."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {left + right[1:] for left, right in cuts if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    near |= {left + letter + right[1:] for left, right in cuts if right for letter in string.ascii_lowercase}
    near |= {left + letter + right for left, right in cuts for letter in string.ascii_lowercase}
    return near - {word}


def _beginning(prefix: str, lookup: Lookup) -> list[str]:
    if len(prefix.lstrip(EXACT)) < _MIN_PREFIX:
        return []
    return lookup.starting_with(prefix, _MAX_EXPANSIONS)


def _pinyin(word: str, lookup: Lookup, *, exactly: bool) -> dict[str, str]:
    """Names with this pinyin (or beginning), each with its key. Initials of two letters are too few to guess from."""
    if not word.isascii() or not word.isalpha() or len(word) < (2 if exactly else _MIN_PREFIX):
        return {}
    return {shown: key for key, shown in lookup.pinyin(word + ("\t" if exactly else ""), _MAX_EXPANSIONS)}


def _with_joined_pinyin(pieces: Sequence[Piece], lookup: Lookup) -> list[Piece]:
    """`sao miao dian jing` typed in syllables becomes one word when that is the pinyin of something."""
    joined: list[Piece] = []
    at = 0
    while at < len(pieces):
        end = at
        while end < len(pieces) and _may_be_syllable(pieces[end]):
            end += 1
        together = "".join(piece.text for piece in pieces[at:end])
        if end - at > 1 and lookup.pinyin(together, 1):
            joined.append(LatinPiece(together, together, (together,)))
        else:
            end = max(end, at + 1)
            joined += pieces[at:end]
        at = end
    return joined


def _may_be_syllable(piece: Piece) -> bool:
    return (
        isinstance(piece, LatinPiece)
        and len(piece.parts) == 1
        and piece.text.isascii()
        and piece.text.isalpha()
    )
