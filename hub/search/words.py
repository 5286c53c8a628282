"""From text to words, the same way for documents and for queries. Pure.

A document's *names* give every dictionary word and every single character that occurs in them, so whatever stretch of
a name someone types is found, however the splitter would have cut it. *Longer texts* give the words of one cut and
the words inside those. Marked words share the field with plain ones: `§sem` a concept, `=gbt228.1` a standard or
model in one piece, `~smdj` pinyin, `!扫描电镜` a whole name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import rjieba

from hub.search.lexicon import default_lexicon, fold, has_han, squash

CONCEPT, EXACT, PINYIN, WHOLE = "§", "=", "~", "!"

_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = rf"[^\W_{_HAN}]+"
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>{_WORD}(?:[-./+·'×]{_WORD})*)")
_LATIN = re.compile(rf"{_WORD}(?:[-./+·'×]{_WORD})*")
_PART_ENDS = re.compile(r"[-/+·'×]|\.(?!\d)|(?<!\d)\.")
"""Where a Latin run falls into words: everywhere but at the point of a number."""

_LEADING_LETTERS = re.compile(r"[a-z]+")
_MAX_WORD = 60
"""Longer 'words' are noise (hashes, base64)."""

_WORD_FREQUENCY = 1_000_000
"""Given to our own names so that the splitter always prefers them to a cut through the middle."""

# Standards bodies seen in Chinese test catalogues; a wrong guess only adds a word, so the list is generous.
_BODIES = (
    r"gbz|gbj|gjb|gb|jjf|jjg|hj|yy|yb|ys|sn|ny|qb|hg|jb|sh|sy|dl|sl|tb|jt|jg|cj|fz|ly|mt|ws|yc|aq|bb|ch|cb|dz|ej|ga|"
    r"gm|gy|hb|hs|hy|jc|jr|jy|ld|ls|mh|mz|qc|qj|qx|rb|sb|sc|sj|td|ty|wb|wj|xb|xf|yd|yz|zy|db\d{2}|iso|iec|astm|en|"
    r"bs|din|jis|ansi|sae|ieee|usp|aoac|api|aatcc|ul|nist"
)
_STANDARD_START = re.compile(rf"(?:db|{_BODIES})[tz]?")
_STANDARD = re.compile(
    rf"(?P<body>{_BODIES})"
    r"(?:\s*/\s*(?P<suffix>[a-z]{1,6})|\s*(?P<glued>[tz])(?=[\s\d]))?"
    r"[\s\-]*(?P<number>[a-z]{0,2}\d{1,6}(?:\.\d{1,4})*)"
    r"(?:\s*[-\u2010-\u2015:]\s*(?P<year>(?:19|20)\d{2}))?(?![a-z0-9.]*[a-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard's number as found at [start, end) of a folded text: body `gbt`, number `228.1`, year or ''."""

    start: int
    end: int
    body: str
    bare_body: str
    number: str
    year: str

    @property
    def name(self) -> str:
        """Without year and punctuation but the dots: `gbt228.1`."""
        return self.body + self.number

    def spellings(self) -> tuple[str, ...]:
        """Every way it may be asked for: with and without year, dots and /T, and the number it is a part of."""
        names = {self.name, self.bare_body + self.number}
        parts = self.number.split(".")
        names |= {self.body + ".".join(parts[:length]) for length in range(1, len(parts))}
        names |= {name.replace(".", "") for name in (self.name, self.bare_body + self.number)}
        if self.year:
            names |= {f"{self.name}-{self.year}", f"{self.bare_body}{self.number}-{self.year}"}
        return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one script in a folded text: Chinese, or a Latin word with its hyphens."""

    text: str
    is_han: bool
    start: int


def latin_parts(run: str) -> list[str]:
    """The words of a Latin run: `icp-ms` → icp, ms; `0.1nm` stays whole."""
    return [part[:_MAX_WORD] for part in _PART_ENDS.split(run) if part]


def runs(folded: str) -> list[Run]:
    """The text cut where the script changes; punctuation and symbols fall away."""
    return [Run(match.group(), match.lastgroup == "han", match.start()) for match in _RUNS.finditer(folded)]


def find_standards(folded: str) -> list[Standard]:
    """The numbers of standards in a folded text, in order, none inside another."""
    return _standards_at(folded, [match.start() for match in _LATIN.finditer(folded)])


def _standards_at(folded: str, starts: list[int]) -> list[Standard]:
    found: list[Standard] = []
    end = 0
    for start in starts:
        letters = _LEADING_LETTERS.match(folded, start)
        if start < end or letters is None or not _may_begin_standard(letters.group()):
            continue
        if match := _STANDARD.match(folded, start):
            body, suffix, end = match["body"], match["suffix"] or match["glued"] or "", match.end()
            found.append(Standard(start, end, body + suffix, body, match["number"], match["year"] or ""))
    return found


@lru_cache(maxsize=65_536)
def _may_begin_standard(letters: str) -> bool:
    return _STANDARD_START.fullmatch(letters) is not None


@cache
def _splitter() -> rjieba.Jieba:
    splitter = rjieba.Jieba()
    for name in default_lexicon().han_names:
        if all(has_han(char) for char in name):
            splitter.add_word(name, _WORD_FREQUENCY, "n")
    return splitter


def cut(han: str) -> list[str]:
    """A Chinese run cut once: dictionary words and left-over single characters, nothing guessed."""
    words: list[str] = _splitter().cut(han, False)
    return words


def words_in(word: str) -> list[str]:
    """The dictionary words of two characters or more in a Chinese word, itself included."""
    inner: list[str] = _splitter().cut_all(word)
    return [text for text in inner if len(text) > 1]


@lru_cache(maxsize=65_536)
def _words_of_word(word: str) -> tuple[str, ...]:
    """A Chinese word of a longer text, the dictionary words in it, and its concept."""
    words = dict.fromkeys((word, *words_in(word)))
    if concept := default_lexicon().concept_of_name(word):
        words[CONCEPT + concept] = None
    return tuple(words)


@lru_cache(maxsize=16_384)
def name_words(text: str) -> tuple[str, ...]:
    """Words of a name: all dictionary words in it, all its characters, Latin words, exact spellings, concepts."""
    folded = fold(text)
    words: dict[str, None] = {}
    starts = []
    for run in runs(folded):
        if run.is_han:
            words.update(dict.fromkeys(_splitter().cut_all(run.text)))
        else:
            words.update(dict.fromkeys(_latin_words(run.text)))
            starts.append(run.start)
    words.update((CONCEPT + mention.concept, None) for mention in default_lexicon().mentions(folded))
    words.update(dict.fromkeys(_spellings(folded, starts)))
    return tuple(words)


def text_words(text: str) -> set[str]:
    """Words of a longer text: one cut and the shorter words inside long ones, no single Chinese characters."""
    folded = fold(text)
    words: set[str] = set()
    for word in set(cut(folded)):
        if len(word) > 1 and word >= "\u3400":
            words.update(_words_of_word(word))
    starts = []
    for match in _LATIN.finditer(folded):
        words.update(_latin_words(match.group()))
        starts.append(match.start())
    words.update(_spellings(folded, starts))
    return words


@lru_cache(maxsize=65_536)
def _latin_words(run: str) -> tuple[str, ...]:
    words = latin_parts(run)
    joined = squash(run)
    concept = default_lexicon().concept_of_name(joined)
    concepts = [concept] if concept else map(default_lexicon().concept_of_name, words)
    marks = [CONCEPT + name for name in concepts if name]
    if len(words) > 1 and len(joined) <= _MAX_WORD:
        marks.append(EXACT + joined)
    return (*words, *marks)


def _spellings(folded: str, starts: list[int]) -> list[str]:
    return [EXACT + name for standard in _standards_at(folded, starts) for name in standard.spellings()]


@lru_cache(maxsize=16_384)
def whole_name(text: str) -> str:
    """The mark of a complete name, or '' when nothing is left of it."""
    squashed = squash(fold(text))[:_MAX_WORD]
    return WHOLE + squashed if squashed else ""


@lru_cache(maxsize=16_384)
def model_words(text: str) -> tuple[str, ...]:
    """Words of a model number: its parts, each hyphenated piece and the whole in one piece, no concepts."""
    words = dict.fromkeys(word for word in name_words(text) if not word.startswith(CONCEPT))
    squashed = squash(fold(text))[:_MAX_WORD]
    if squashed:
        words[EXACT + squashed] = None
    return tuple(words)
