"""Synonyms of the trade: which words mean the same kind of instrument or test.

The data is `data/synonyms.csv`: concept, preferred Chinese name, members (other names, abbreviations, English) and
the most-2006 classes whose instruments carry the concept even when their names do not say so. Pure; read once.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import takewhile

_FILE = resources.files("hub.search") / "data" / "synonyms.csv"
_PUNCTUATION = re.compile(r"[\W_]+")
_HALF_WIDTH = tuple(zip("，（）：；％－／．～　", ",():;%-/.~ ", strict=True))
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def fold(text: str) -> str:
    """Full width to half width, upper to lower case, control and invisible characters to spaces."""
    if not unicodedata.is_normalized("NFKC", text):
        # Full normalisation costs 0.3 µs a character; most texts need it only for these few signs.
        for full, half in _HALF_WIDTH:
            text = text.replace(full, half)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
    folded = text.lower()
    if folded.isprintable():
        return folded
    return "".join(char if char.isprintable() else " " for char in folded)


def squash(folded: str) -> str:
    """Only letters and digits of a folded text: `gc-ms/ms` → `gcmsms`."""
    return _PUNCTUATION.sub("", folded)


def has_han(text: str) -> bool:
    """Whether the text has a Chinese character."""
    return _HAN.search(text) is not None


@dataclass(frozen=True, slots=True)
class Concept:
    """One kind of thing and all its names; `members` begins with the preferred name."""

    id: str
    preferred: str
    members: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def english(self) -> str:
        """An English name if there is one, else an abbreviation, else the preferred name."""
        latin = [member for member in self.members if member.isascii()]
        return next((name for name in latin if " " in name), latin[0] if latin else self.preferred)


@dataclass(frozen=True, slots=True)
class Mention:
    """A member found in a folded text at [start, end)."""

    start: int
    end: int
    concept: str


class Lexicon:
    """The synonyms, ready to be looked for in texts. Immutable; safe to share between threads."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: Mapping[str, Concept] = {concept.id: concept for concept in concepts}
        self.by_class: Mapping[str, Concept] = {
            code: concept for concept in self.concepts.values() for code in concept.classes
        }
        self._by_name = {
            squash(fold(member)): concept.id
            for concept in self.concepts.values()
            for member in concept.members
        }
        names = {fold(member) for concept in self.concepts.values() for member in concept.members}
        # A single Latin word is looked up by token; only names with Chinese in them or of several words are scanned for.
        self._scanned = re.compile(_trie_pattern(name for name in names if has_han(name) or " " in name))
        self._spelled = sorted(self._by_name)
        self.han_names: tuple[str, ...] = tuple(sorted(name for name in names if _HAN.fullmatch(name[0])))

    def concept_of_name(self, squashed: str) -> str | None:
        """The concept whose member is spelled so (letters and digits only), or None."""
        return self._by_name.get(squashed)

    def concepts_starting_with(self, squashed: str) -> list[Concept]:
        """Concepts of which some name begins so, each once, shorter names first."""
        first = bisect_left(self._spelled, squashed)
        names = list(takewhile(lambda name: name.startswith(squashed), self._spelled[first : first + 50]))
        found = dict.fromkeys(self._by_name[name] for name in sorted(names, key=len))
        return [self.concepts[concept] for concept in found]

    def mentions(self, folded: str) -> list[Mention]:
        """Members in a text, leftmost and longest first, none inside another.

        Longest matters: X射线光电子能谱仪 (XPS) contains 能谱仪 (EDS) and is none.
        Single Latin words are not found here, see `concept_of_name`.
        """
        found: list[Mention] = []
        position = 0
        while match := self._scanned.search(folded, position):
            start, end = match.span()
            concept = self._by_name[squash(match.group())]
            if _splits_word(folded, start) or _splits_word(folded, end):
                position = start + 1
                continue
            found.append(Mention(start, end, concept))
            position = end
        return found


def _splits_word(text: str, at: int) -> bool:
    """Whether a boundary at this index would cut a Latin word or number in two."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def _trie_pattern(names: Iterable[str]) -> str:
    """One regular expression that finds the longest of many names, without trying them one by one."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    for name in names:
        node = root
        for char in name:
            node = node.setdefault(char, {})
        node[""] = {}
    return _node_pattern(root)


def _node_pattern(node: dict[str, dict]) -> str:  # type: ignore[type-arg]
    branches = [re.escape(char) + _node_pattern(child) for char, child in sorted(node.items()) if char]
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return f"{body}?" if "" in node else body


@cache
def default_lexicon() -> Lexicon:
    """The lexicon of `data/synonyms.csv`; raises ValueError when two concepts claim one name or class."""
    rows = list(csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines(), strict=True))
    concepts = [
        Concept(
            row["concept"],
            row["preferred"],
            tuple(dict.fromkeys((row["preferred"], *filter(None, row["members"].split("|"))))),
            tuple(filter(None, row["classes"].split("|"))),
        )
        for row in rows
    ]
    _refuse_doubles(concepts)
    return Lexicon(concepts)


def _refuse_doubles(concepts: Iterable[Concept]) -> None:
    owners: dict[str, str] = {}
    for concept in concepts:
        keys = {squash(fold(member)) for member in concept.members} | set(concept.classes)
        for key in keys:
            if (owner := owners.setdefault(key, concept.id)) != concept.id:
                raise ValueError(f"synonyms: {key!r} belongs to {owner} and to {concept.id}")


def data_bytes() -> bytes:
    """The data as it is on disk: part of the version of every index built with it."""
    return _FILE.read_bytes()
