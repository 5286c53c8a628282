"""When instruments are free: what the index holds says the same as the rules of availability, whenever it is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.availability.rules import Opening, Slot, bookable, default_rules, merge, next_free
from hub.core.paging import CursorMalformed
from hub.search import openings
from hub.search.errors import SearchParameterInvalid
from hub.search.index import SearchIndex
from hub.search.request import Hit, SearchRequest
from hub.search.service import map_counts, search
from tests.bench.corpus import EVENINGS, NOW, ROUND_THE_CLOCK, Availability, Document
from tests.hub.search import catalogue
from tests.hub.search.conftest import build

pytestmark = pytest.mark.long

OFFICE = default_rules("330000", NOW.date()).opening
MONDAY = datetime(2026, 11, 23, tzinfo=UTC) - timedelta(hours=8)
"""Midnight in Shanghai of the day in which `NOW` lies."""

SHARED = ("external", "internal")

spans = st.lists(st.integers(0, 48), min_size=2, max_size=4, unique=True).map(sorted)
days = spans.map(lambda at: tuple((30 * a, 30 * b) for a, b in zip(at[::2], at[1::2], strict=False)))
hours = st.builds(
    Opening,
    week=st.tuples(*[st.one_of(st.just(()), days)] * 7),
    on_holidays=st.booleans(),
    step_minutes=st.sampled_from((15, 30)),
    min_minutes=st.sampled_from((30, 60, 240, 1800)),
    lead_minutes=st.sampled_from((0, 30, 60, 1440, 3000)),
    horizon_days=st.sampled_from((1, 14, 60)),
)
taken = st.lists(
    st.tuples(st.integers(-100, 6000), st.integers(1, 400)).map(
        lambda at: Slot(
            MONDAY + timedelta(minutes=15 * at[0]), MONDAY + timedelta(minutes=15 * (at[0] + at[1]))
        )
    ),
    max_size=25,
).map(lambda slots: tuple(merge(slots)))


@given(opening=hours)
def test_hours_are_a_word_and_back(opening: Opening) -> None:
    word = openings.write_hours(opening)
    assert openings.read_hours(word) == opening
    assert " " not in word


@settings(deadline=None)
@given(opening=hours, busy=taken, later=st.integers(0, 500))
def test_the_next_free_slot_is_that_of_availability(
    opening: Opening, busy: tuple[Slot, ...], later: int
) -> None:
    now = NOW + timedelta(minutes=17 * later)
    expected = next_free(opening, busy, now=now)
    word, minute = openings.write_hours(opening), openings.minute_of(now)
    begin, end = openings.bookable_from(word, minute), openings.bookable_until(word, minute)
    assert openings.earliest(word, openings.write_busy(busy), begin, end) == expected


@settings(deadline=None)
@given(opening=hours, busy=taken, begin=st.integers(0, 800), length=st.integers(1, 300))
def test_marks_and_hours_say_whether_something_is_free(
    opening: Opening, busy: tuple[Slot, ...], begin: int, length: int
) -> None:
    opening = replace(opening, lead_minutes=opening.lead_minutes // 30 * 30)
    window = Slot(NOW + timedelta(minutes=30 * begin), NOW + timedelta(minutes=30 * (begin + length)))
    word = openings.write_hours(opening)
    marks = set(openings.marks_of(word, openings.write_busy(busy)))
    found = openings.free_between(
        [word], openings.minute_of(window.start), openings.minute_of(window.end), openings.minute_of(NOW)
    )
    is_found = any(not all(marks & set(condition) for condition in each.taken) for each in found)
    assert is_found == is_free(Availability(opening, busy), window)


@settings(deadline=None, max_examples=50)
@given(opening=hours, busy=taken)
def test_every_document_has_one_earliest_turn(opening: Opening, busy: tuple[Slot, ...]) -> None:
    word, now = openings.write_hours(opening), openings.minute_of(NOW)
    marks = set(openings.marks_of(word, openings.write_busy(busy)))

    def is_left(
        _: tuple[str, ...], met: Sequence[tuple[str, ...]], not_all_of: Sequence[tuple[str, ...]]
    ) -> bool:
        meets = [bool(marks & set(condition)) for condition in met]
        lacks = not not_all_of or not all(marks & set(condition) for condition in not_all_of)
        return all(meets) and lacks

    steps = openings.turns([word], 0, openings.NEVER, now, is_left)
    met = [
        unit
        for unit, turns in steps
        for turn in turns
        if all(marks & set(condition) for condition in turn.before) and not marks & set(turn.taken)
    ]
    slot = next_free(opening, busy, now=NOW)
    assert met == ([] if slot is None else [openings.minute_of(slot.start) // openings.UNIT])


def is_free(known: Availability, window: Slot) -> bool:
    """Whether a booking made at `NOW` may begin in the window, asked of availability's own rules."""
    long = timedelta(minutes=openings.least(known.opening))
    found = bookable(known.opening, Slot(window.start, window.end + long), known.busy, now=NOW)
    return any(slot.start < window.end for slot in found)


def shared(documents: Sequence[Document]) -> list[Document]:
    return [held for held in documents if held.document.get("sharing_mode") in SHARED]


WINDOWS = (
    ("2026-11-25T09:00", "2026-11-25T12:00"),
    ("2026-11-24T00:00", "2026-11-28T00:00"),
    ("2026-11-28T00:00", "2026-11-30T00:00"),
    ("2026-11-23T10:00", "2026-11-24T10:30"),
    ("2027-01-01T00:00", "2027-01-04T00:00"),
    ("2026-12-01T18:00", "2026-12-01T22:00"),
    ("2020-01-01T00:00", "2020-02-01T00:00"),
    ("2026-11-24T00:00", "2030-01-01T00:00"),
)


def between(begin: str, end: str) -> Slot:
    east = timedelta(hours=8)
    return Slot(*(datetime.fromisoformat(text).replace(tzinfo=UTC) - east for text in (begin, end)))


@pytest.mark.parametrize(("begin", "end"), WINDOWS)
def test_the_filter_keeps_what_is_free_in_between(
    corpus_index: SearchIndex, corpus_documents: list[Document], begin: str, end: str
) -> None:
    window = between(begin, end)
    request = SearchRequest(open="any", free_from=window.start, free_to=window.end, limit=100)
    expected = {
        held.id
        for held in shared(corpus_documents)
        if held.availability is not None and is_free(held.availability, window)
    }
    hits = everything(corpus_index, request)
    assert {hit.id for hit in hits} == expected
    for hit in hits:
        assert hit.availability is not None
        assert hit.availability.next_free is not None
        assert window.start <= hit.availability.next_free.start < window.end
    result = search(corpus_index, request, now=NOW)
    assert sum(value.count for value in result.facets["province"]) == result.total == len(expected)
    assert map_counts(corpus_index, request, now=NOW).total == len(expected)


def test_one_end_of_the_window_may_be_open(corpus_index: SearchIndex) -> None:
    whole = search(corpus_index, SearchRequest(open="any"), now=NOW).total
    until_friday = SearchRequest(open="any", free_to=NOW + timedelta(days=4))
    from_next_week = SearchRequest(open="any", free_from=NOW + timedelta(days=7))
    for request in (until_friday, from_next_week):
        assert 0 < search(corpus_index, request, now=NOW).total < whole


@pytest.mark.parametrize("q", ["", "分析"])
def test_earliest_first_and_those_that_are_never_free_last(
    corpus_index: SearchIndex, corpus_documents: list[Document], q: str
) -> None:
    hits = everything(corpus_index, SearchRequest(q=q, open="any", sort="earliest", limit=37))
    assert (
        len(hits)
        == len({hit.id for hit in hits})
        == search(corpus_index, SearchRequest(q=q, open="any"), now=NOW).total
    )
    starts = [starting(hit) for hit in hits]
    free = [start for start in starts if start is not None]
    assert starts == free + [None] * (len(starts) - len(free))
    halves = [openings.minute_of(start) // openings.UNIT for start in free]
    assert halves == sorted(halves)
    assert len(set(halves)) > 5
    by_id = {held.id: held for held in shared(corpus_documents)}
    for hit, start in zip(hits, starts, strict=True):
        known = by_id[hit.id].availability if hit.id in by_id else None
        slot = next_free(known.opening, known.busy, now=NOW) if known else None
        assert start == (slot.start if slot else None)


def test_how_many_are_never_free_is_said(corpus_index: SearchIndex) -> None:
    request = SearchRequest(open="any", sort="earliest", limit=100)
    hits = everything(corpus_index, request)
    notes = {note.kind: note for note in search(corpus_index, request, now=NOW).explanations}
    never = sum(starting(hit) is None for hit in hits)
    assert int(notes["never_free"].text_zh.split()[1]) == never > 0
    assert "assumed" in notes


def test_a_list_goes_on_from_the_moment_it_began(corpus_index: SearchIndex) -> None:
    request = SearchRequest(open="any", sort="earliest", limit=50)
    at_once = [hit.id for hit in everything(corpus_index, request)]
    slowly = [hit.id for hit in everything(corpus_index, request, pause=timedelta(minutes=40))]
    assert slowly == at_once


@pytest.mark.parametrize("later", [timedelta(days=2), timedelta(hours=-1)])
def test_a_list_of_another_day_is_begun_anew(corpus_index: SearchIndex, later: timedelta) -> None:
    request = SearchRequest(open="any", sort="earliest")
    cursor = search(corpus_index, request, now=NOW).next
    assert cursor is not None
    with pytest.raises(CursorMalformed):
        search(corpus_index, replace(request, cursor=cursor), now=NOW + later)


def test_a_window_and_an_order_together(corpus_index: SearchIndex) -> None:
    window = between("2026-11-26T00:00", "2026-11-27T00:00")
    request = SearchRequest(
        open="any", sort="earliest", free_from=window.start, free_to=window.end, limit=100
    )
    starts = [starting(hit) for hit in everything(corpus_index, request)]
    assert None not in starts
    assert starts == sorted(starts, key=lambda at: (at or NOW).timestamp() // 1800)


def test_time_alone_changes_the_answer_and_not_the_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    [busy] = [held for held in catalogue.documents() if held.id == catalogue.identifier("sem1")]
    taken = Slot(MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))
    index = build(
        tmp_path_factory.mktemp("time"),
        [replace(busy, availability=Availability(OFFICE, (taken,), NOW, "hub"))],
    )
    for days, expected in (
        (0, "2026-11-26T09:00"),
        (2, "2026-11-26T09:00"),
        (3, "2026-11-27T09:00"),
        (4, "2026-11-30T09:00"),
    ):
        [hit] = search(index, SearchRequest(), now=NOW + timedelta(days=days)).items
        assert starting(hit) == between(expected, expected).start
    assert search(index, SearchRequest(), now=NOW).items[0].availability.as_of == NOW  # type: ignore[union-attr]


def test_who_told_it_and_when_is_always_said(
    corpus_index: SearchIndex, corpus_documents: list[Document]
) -> None:
    by_id = {held.id: held for held in corpus_documents}
    sources = set()
    for hit in everything(corpus_index, SearchRequest(open="any", limit=100)):
        held = by_id[hit.id]
        assert "availability" not in hit.summary
        if held.document.get("sharing_mode") not in SHARED:
            assert hit.availability is None  # nobody can book it: it has no free time
            continue
        assert held.availability is not None
        assert hit.availability is not None
        assert (hit.availability.source, hit.availability.as_of) == (
            held.availability.source,
            held.availability.as_of,
        )
        sources.add((hit.availability.source, hit.availability.as_of is None))
    assert sources == {("default", True), ("hub", False), ("platform", False)}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (SearchRequest(free_from=NOW, free_to=NOW), "free_to"),
        (SearchRequest(free_from=NOW, free_to=NOW - timedelta(hours=1)), "free_to"),
        (SearchRequest(free_from=NOW.replace(tzinfo=None)), "free_from"),
        (SearchRequest(kind="service", free_to=NOW), "free_to"),
        (SearchRequest(kind="institution", sort="earliest"), "sort"),
    ],
)
def test_a_time_that_makes_no_sense_is_named(
    corpus_index: SearchIndex, asked: SearchRequest, field: str
) -> None:
    with pytest.raises(SearchParameterInvalid) as caught:
        search(corpus_index, asked, now=NOW)
    assert caught.value.field == field


def test_the_ends_of_time_are_times(corpus_index: SearchIndex) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert search(corpus_index, SearchRequest(free_to=first), now=NOW).total == 0
    assert search(corpus_index, SearchRequest(free_from=last), now=NOW).total == 0
    always = SearchRequest(free_from=first, free_to=last)
    assert (
        0 < search(corpus_index, always, now=NOW).total < search(corpus_index, SearchRequest(), now=NOW).total
    )


def test_thousands_of_kinds_of_hours_are_still_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    rng = random.Random(3)
    [held] = [one for one in catalogue.documents() if one.id == catalogue.identifier("sem1")]
    documents = []
    for number in range(300):
        opening = replace(rng.choice((OFFICE, EVENINGS, ROUND_THE_CLOCK)), lead_minutes=30 * number)
        identifier = f"31-{number:012d}"
        documents.append(
            replace(
                held,
                id=identifier,
                document={**held.document, "id": identifier},
                availability=Availability(opening),
            )
        )
    index = build(tmp_path_factory.mktemp("hours"), documents)
    window = between("2026-11-24T00:00", "2026-11-26T00:00")
    request = SearchRequest(free_from=window.start, free_to=window.end)
    expected = sum(is_free(one.availability, window) for one in documents if one.availability is not None)
    assert search(index, request, now=NOW).total == expected
    assert 0 < expected < 300


def starting(hit: Hit) -> datetime | None:
    known = hit.availability
    return None if known is None or known.next_free is None else known.next_free.start


def everything(index: SearchIndex, request: SearchRequest, *, pause: timedelta = timedelta()) -> list[Hit]:
    """All hits by following the cursors; the clock moves on by `pause` between pages."""
    found: list[Hit] = []
    now = NOW
    while True:
        result = search(index, request, now=now)
        found += result.items
        if result.next is None:
            return found
        request, now = replace(request, cursor=result.next), now + pause
