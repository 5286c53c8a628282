"""Plans and filters → Tantivy queries, built from objects. What people type is never parsed as a query.

`parse_query` raises on `AND (` and obeys `*`; here a word is a term, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import FieldType, Occur, Query, Schema, Searcher

from hub.search import columns as c
from hub.search.openings import Condition, Openings, Turn
from hub.search.plan import Alternative, Clause, Plan
from hub.search.request import Kind

LINES = "lines"
"""The tokenizer of texts in which every line is one term; whoever writes registers it."""

_MAX_HOURS = 1_000_000
_FEW = 64
_WORDS = "freq"
_CODES = "basic"
_OPEN_TEXT, _REST_TEXT = c.text_field(c.OPEN), c.text_field(c.REST)

Filters = Mapping[str, tuple[str, ...]]


def build_schema() -> Schema:
    """The one schema of all three indexes; a column that a kind does not use stays empty."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(c.ID, stored=True, tokenizer_name="raw", index_option=_CODES)
    builder.add_bytes_field(c.DOC, stored=True)
    for half in c.HALVES:
        builder.add_text_field(c.text_field(half), tokenizer_name="whitespace", index_option=_WORDS)
    builder.add_text_field(c.TAG, tokenizer_name="whitespace", index_option=_CODES)
    for name in (c.SUGGEST, c.MODELS):
        builder.add_text_field(name, tokenizer_name=LINES, index_option=_CODES)
    for name in (*(column.name for column in c.COLUMNS), c.PLACE):
        builder.add_text_field(name, tokenizer_name="raw", index_option=_CODES, fast=True)
    builder.add_float_field(c.LON, fast=True)
    builder.add_float_field(c.LAT, fast=True)
    builder.add_integer_field(c.NEWEST, fast=True)
    builder.add_integer_field(c.VALUE, fast=True)
    for unit in c.CHARGING_UNITS:
        builder.add_integer_field(c.fee_field(unit), fast=True)
    return builder.build()


def line_tokenizer() -> tantivy.TextAnalyzer:
    """What `LINES` stands for."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(r"[^\n]+")).build()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind's index as it was at one moment. Safe to share between threads."""

    kind: Kind
    schema: Schema
    searcher: Searcher

    def frequency(self, term: str) -> int:
        """How many documents hold the word."""
        return self.searcher.doc_freq(_OPEN_TEXT, term) + self.searcher.doc_freq(_REST_TEXT, term)

    def count(self, query: Query) -> int:
        """How many documents a query finds."""
        return self.searcher.search(query, 1).count or 0  # type: ignore[attr-defined] # absent from the stub

    def kinds_of_hours(self) -> list[str]:
        """The opening hours that instruments have (those of deleted ones may still be among them)."""
        found = self.searcher.terms_with_prefix(c.TAG, c.HOURS, limit=_MAX_HOURS)
        return [term.removeprefix(c.HOURS) for term, _ in found]

    def starting_with(self, prefix: str, limit: int) -> list[str]:
        """Words that begin so, most frequent first."""
        counts: dict[str, int] = {}
        for half in c.HALVES:
            for term, count in self.searcher.terms_with_prefix(c.text_field(half), prefix, limit=limit):
                counts[term] = counts.get(term, 0) + count
        return sorted(counts, key=lambda term: (-counts[term], term))[:limit]

    def pinyin(self, prefix: str, limit: int) -> list[tuple[str, str]]:
        """(key, shown name) of names whose pinyin begins so, most frequent first."""
        found = []
        for term, _ in self.searcher.terms_with_prefix(c.SUGGEST, prefix, limit=limit * 3):
            key, kind, shown = term.split("\t")
            if kind.startswith("p"):
                found.append((key, shown))
        return found[:limit]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything of a request that chooses documents.

    `places` restricts to these coordinates, `openings` to what is free in one of these ways, when not None.
    """

    plan: Plan
    filters: Filters
    places: tuple[str, ...] | None = None
    openings: tuple[Openings, ...] | None = None


def half_query(
    schema: Schema, half: str, wanted: Wanted, *, without: Iterable[str] = (), is_ranked: bool = False
) -> Query:
    """The documents of one half; `without` names filters to leave out.

    Ranked, a document whose whole name was typed comes first; for counting that would only cost.
    """
    parts: list[tuple[Occur, Query]] = []
    if wanted.plan.is_impossible:
        return Query.empty_query()
    if wanted.plan.clauses:
        parts.append((Occur.Must, _text(schema, half, wanted.plan)))
    left_out = set(without)
    for name, values in wanted.filters.items():
        if name not in left_out and values:
            terms = [c.tag(half, name, value) for value in values]
            parts.append((Occur.Must, Query.const_score_query(_any_tag(schema, terms), 0.0)))
    if wanted.places is not None:
        if not wanted.places:
            return Query.empty_query()
        placed = Query.term_set_query(schema, c.PLACE, list(wanted.places))
        parts.append((Occur.Must, Query.const_score_query(placed, 0.0)))
    if wanted.openings is not None:
        parts.append((Occur.Must, Query.const_score_query(free(schema, wanted.openings), 0.0)))
    if wanted.places is not None or wanted.openings is not None:
        parts.append((Occur.Must, Query.const_score_query(_tag(schema, c.half_tag(half)), 0.0)))
    if not parts:
        return _tag(schema, c.half_tag(half))
    if is_ranked and wanted.plan.whole and wanted.plan.clauses:
        parts.append((Occur.Should, _term(schema, half, wanted.plan.whole)))
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def either(queries: Sequence[Query]) -> Query:
    """Documents of any of the queries."""
    return (
        queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])
    )


def both(first: Query, *others: Query) -> Query:
    """Documents of all the queries, scored by the first."""
    return Query.boolean_query(
        [(Occur.Must, first), *((Occur.Must, Query.const_score_query(other, 0.0)) for other in others)]
    )


def but_not(query: Query, excluded: Query) -> Query:
    """Documents of the first query that are not in the second."""
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, excluded)])


def tagged(schema: Schema, term: str) -> Query:
    """Documents with a tag that is not bound to a half."""
    return _tag(schema, term)


def at_places(schema: Schema, places: Sequence[str]) -> Query:
    """Documents at one of the coordinates."""
    return _any_of(schema, c.PLACE, places)


def with_column(schema: Schema, name: str, lower: int | None, upper: int | None) -> Query:
    """Documents whose number in a column lies in [lower, upper]."""
    return Query.range_query(schema, name, FieldType.Integer, lower, upper)


def in_box(schema: Schema, west: float, east: float, south: float, north: float) -> Query:
    """Documents within a box of degrees."""
    return Query.boolean_query(
        [
            (Occur.Must, Query.range_query(schema, c.LAT, FieldType.Float, south, north)),
            (Occur.Must, Query.range_query(schema, c.LON, FieldType.Float, west, east)),
        ]
    )


def free(schema: Schema, openings: Sequence[Openings]) -> Query:
    """Documents with one of the openings of which something is left."""
    return _either_or_none([still_free(schema, each.hours, (), each.taken) for each in openings])


def earliest_in(schema: Schema, turns: Sequence[Turn]) -> Query:
    """Documents whose earliest start is that of these turns."""
    return _either_or_none(
        [
            but_not(still_free(schema, turn.hours, turn.before, ()), _any_of(schema, c.TAG, turn.taken))
            for turn in turns
        ]
    )


def still_free(
    schema: Schema, hours: Sequence[str], met: Sequence[Condition], not_all_of: Sequence[Condition]
) -> Query:
    """Documents with one of the kinds of hours that meet all of the first conditions, and not all of the second."""
    tags = [c.hours_tag(each) for each in hours]
    # A set of terms reads all their postings into a bitmap; a union of a few is only asked where others agree.
    is_few = len(tags) <= _FEW
    parts = [(Occur.Must, _any_tag(schema, tags) if is_few else Query.term_set_query(schema, c.TAG, tags))]
    parts += [(Occur.Must, _any_of(schema, c.TAG, condition)) for condition in met]
    if not_all_of:
        all_taken = [(Occur.Must, _any_of(schema, c.TAG, condition)) for condition in not_all_of]
        parts.append((Occur.MustNot, Query.boolean_query(all_taken)))
    return Query.boolean_query(parts)


def _either_or_none(queries: Sequence[Query]) -> Query:
    return either(queries) if queries else Query.empty_query()


def suggested(schema: Schema, field: str, term: str) -> Query:
    """Documents that carry a suggestion."""
    return Query.term_query(schema, field, term, index_option=_CODES)


def _text(schema: Schema, half: str, plan: Plan) -> Query:
    clauses = [_clause(schema, half, clause) for clause in plan.clauses]
    if len(clauses) == 1:
        return clauses[0]
    if plan.minimum >= len(clauses):
        return Query.boolean_query([(Occur.Must, clause) for clause in clauses])
    return Query.boolean_query(
        [(Occur.Should, clause) for clause in clauses], minimum_number_should_match=plan.minimum
    )


def _clause(schema: Schema, half: str, clause: Clause) -> Query:
    return either([_alternative(schema, half, alternative) for alternative in clause.alternatives])


def _alternative(schema: Schema, half: str, terms: Alternative) -> Query:
    if len(terms) == 1:
        return _term(schema, half, terms[0])
    return Query.boolean_query([(Occur.Must, _term(schema, half, term)) for term in terms])


def _term(schema: Schema, half: str, term: str) -> Query:
    return Query.term_query(schema, c.text_field(half), term, index_option=_WORDS)


def _tag(schema: Schema, term: str) -> Query:
    return Query.term_query(schema, c.TAG, term, index_option=_CODES)


def _any_tag(schema: Schema, terms: Sequence[str]) -> Query:
    return _any_of(schema, c.TAG, terms)


def _any_of(schema: Schema, field: str, terms: Sequence[str]) -> Query:
    return either([Query.term_query(schema, field, term, index_option=_CODES) for term in terms])
