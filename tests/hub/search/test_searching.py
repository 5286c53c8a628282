"""Laws of searching: any text is fine, counts are exact, every hit is paged through exactly once."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.paging import CursorMalformed, encode_cursor
from hub.search.errors import FilterUnknown, SearchParameterInvalid
from hub.search.index import SearchIndex
from hub.search.ordering import Listing, Window, distance_km, read_page
from hub.search.request import FILTERS, UNKNOWN, Point, SearchRequest
from hub.search.service import map_counts, search, suggest
from tests.bench.corpus import NOW, Document

HOSTILE = (
    "AND (", "NOT", "*", "?", "扫描 OR", '"', "'", "\\", "text:*", "id:0", "[* TO *]", "{a TO b}", "a^99999999", "/.*/",
    "~", "-", "+", "()", "<script>alert(1)</script>", "'; DROP TABLE x; --", "\x00\x01\x1f", "\u202e\u200b\ufeff", "😀👩‍🔬",
    "\ud7ff\uffff", "a" * 10_000, "扫" * 10_000, "扫描 " * 3000, "%00", "§sem", "=gbt228.1", "~smdj", "!扫描电镜", "o|province|310000",
    "ﷺ", "İ", "ß" * 300, "①②③", "Ⅷ", "\t\n\r", "GB/T", "GB/T 99999999", "1" * 500, "gb" * 100, "𠮷野家", "한국어", "кириллица",
)  # fmt: skip

QUIET = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask(index: SearchIndex, **asked: Any) -> Any:
    return search(index, SearchRequest(**asked), now=NOW)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_text(corpus_index: SearchIndex, text: str) -> None:
    result = ask(corpus_index, q=text)
    assert result.total >= len(result.items)
    suggest(corpus_index, text)
    map_counts(corpus_index, SearchRequest(q=text), now=NOW)


def test_marks_of_the_index_cannot_be_typed(corpus_index: SearchIndex) -> None:
    assert ask(corpus_index, q="o|province|310000", open="any").total == 0
    assert ask(corpus_index, q="§sem", open="any").total == ask(corpus_index, q="sem", open="any").total


@QUIET
@given(text=st.text(max_size=80))
def test_any_text_is_answered(corpus_index: SearchIndex, text: str) -> None:
    result = ask(corpus_index, q=text, open="any", limit=5)
    assert result.total == result.total_any >= len(result.items)
    assert result.total_open <= result.total_any
    for hit in result.items:
        for name, segments in hit.highlights.items():
            value = hit.summary[name]
            whole = "；".join(value) if isinstance(value, list) else value
            shown = "".join(segment.text for segment in segments)
            assert shown.strip("…") in whole
    assert len(suggest(corpus_index, text)) <= 8


@QUIET
@given(data=st.data())
def test_any_stretch_of_a_name_finds_it(
    corpus_index: SearchIndex, corpus_documents: list[Document], data: st.DataObject
) -> None:
    """Two characters and more, wherever they are cut but inside a Latin word: `GP` is no name of a GPU."""
    instruments = [held for held in corpus_documents if held.kind == "instrument"]
    held = data.draw(st.sampled_from(instruments))
    name = held.document["name_zh"]
    cuts = [
        at for at in range(len(name) + 1) if not re.fullmatch("[A-Za-z0-9]{2}", name[max(at - 1, 0) : at + 1])
    ]
    stretches = [(start, end) for start in cuts for end in cuts if end - start >= 2]
    start, end = data.draw(st.sampled_from(stretches))
    found = everything(corpus_index, SearchRequest(q=name[start:end], open="any", limit=100))
    assert held.id in found


def facts(held: Document) -> dict[str, set[str]]:
    """The filter values of an instrument, worked out from its document alone."""
    doc, items = held.document, held.service_items
    code = doc["classification"]["code"]
    value = doc["original_value_fen"] / 100 / 10_000
    band = next(
        name
        for top, name in (
            (50, "lt50"),
            (200, "50-200"),
            (500, "200-500"),
            (800, "500-800"),
            (math.inf, "800+"),
        )
        if value < top
    )
    return {
        "province": {doc["province"]},
        "city": {doc["location"].get("city", UNKNOWN)},
        "class": {code[:2] + "0000", code[:4] + "00", code},
        "band": {band},
        "country": {doc["origin_country"]},
        "sharing": {doc.get("sharing_mode", UNKNOWN)},
        "mode": {item["service_mode"] for item in items} or {UNKNOWN},
        "institution_kind": {(held.institution or {})["kind"]},
        "discipline": set(doc["disciplines"]),
        "cma": {str(any(item["cma"] for item in items)).lower()},
        "cnas": {str(any(item["cnas"] for item in items)).lower()},
    }


def passing(
    documents: Iterable[dict[str, set[str]]], filters: dict[str, tuple[str, ...]]
) -> list[dict[str, set[str]]]:
    return [held for held in documents if all(held[name] & set(values) for name, values in filters.items())]


@QUIET
@given(data=st.data())
def test_counts_are_those_of_counting(
    corpus_index: SearchIndex, corpus_documents: list[Document], data: st.DataObject
) -> None:
    known = [facts(held) for held in corpus_documents if held.kind == "instrument"]
    values = {name: sorted(set().union(*(held[name] for held in known))) for name in FILTERS}
    names = data.draw(st.lists(st.sampled_from(FILTERS), max_size=3, unique=True))
    filters = {
        name: tuple(data.draw(st.lists(st.sampled_from(values[name]), min_size=1, max_size=3, unique=True)))
        for name in names
    }
    open_ = data.draw(st.sampled_from(("external", "any")))
    result = ask(corpus_index, filters=filters, open=open_, limit=1)

    effective = dict(filters)
    if open_ == "external":
        effective.setdefault("sharing", ("external",))
    assert result.total == len(passing(known, effective))
    without = {name: wanted for name, wanted in effective.items() if name != "sharing"}
    assert result.total_any == len(passing(known, without))
    assert result.total_open == len(passing(known, without | {"sharing": ("external",)}))
    for facet in FILTERS:
        others = {name: wanted for name, wanted in effective.items() if name != facet}
        counted = Counter(code for held in passing(known, others) for code in held[facet])
        shown = {value.code: value.count for value in result.facets[facet]}
        if facet == "class":
            assert {
                code: count for code, count in counted.items() if code.endswith("0000")
            }.items() <= shown.items()
            counted = Counter({code: count for code, count in counted.items() if code in shown})
        assert {code: count for code, count in shown.items() if count} == dict(counted), facet
        assert {value.code for value in result.facets[facet] if value.is_selected} == set(
            filters.get(facet, ())
        )


def test_words_and_filters_together(corpus_index: SearchIndex, corpus_documents: list[Document]) -> None:
    filters = {"province": ("310000", "320000"), "band": ("50-200",)}
    result = ask(corpus_index, q="显微镜", filters=filters, open="any")
    named = [
        held
        for held in corpus_documents
        if held.kind == "instrument" and "显微镜" in held.document["name_zh"]
    ]
    assert result.total >= len(passing([facts(held) for held in named], filters)) > 0


def everything(index: SearchIndex, request: SearchRequest) -> list[str]:
    """All hits of a request by following its cursors."""
    found: list[str] = []
    for _ in range(1000):
        result = search(index, request, now=NOW)
        found += [hit.id for hit in result.items]
        assert len(result.items) <= request.limit
        if result.next is None:
            assert len(found) == result.total
            return found
        request = replace(request, cursor=result.next)
    raise AssertionError("the cursors do not end")


NEAR = Point(121.47, 31.23)


@pytest.mark.parametrize("limit", [17, 100])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": "显微镜"},
        {"q": "分析"},
        {"sort": "newest"},
        {"q": "分析", "sort": "newest"},
        {"sort": "fee", "unit": "sample"},
        {"q": "仪", "sort": "fee", "unit": "hour"},
        {"sort": "distance", "near": NEAR},
        {"q": "仪", "sort": "distance", "near": Point(100.0, 25.0)},
        {"near": NEAR, "radius_km": 300.0, "sort": "distance"},
        {"near": NEAR, "radius_km": 300.0},
        {"filters": {"province": ("510000", "320000")}},
        {"kind": "service", "q": "拉伸"},
        {"kind": "institution"},
    ],
    ids=str,
)
def test_pages_give_every_hit_once(corpus_index: SearchIndex, asked: dict[str, Any], limit: int) -> None:
    request = SearchRequest(open="any", limit=limit, **asked)
    found = everything(corpus_index, request)
    assert len(found) == len(set(found)) > 7


def test_an_exact_page_is_the_last(corpus_index: SearchIndex) -> None:
    total = ask(corpus_index, q="示波器", open="any").total
    assert 0 < total < 100
    for sort, more in (
        ("relevance", {}),
        ("newest", {}),
        ("distance", {"near": NEAR}),
        ("fee", {"unit": "day"}),
    ):
        assert ask(corpus_index, q="示波器", open="any", sort=sort, limit=total, **more).next is None


def test_newest_first(corpus_index: SearchIndex) -> None:
    dates = [hit.summary["commissioned_on"] for hit in ask(corpus_index, sort="newest", limit=100).items]
    assert dates == sorted(dates, reverse=True)


def test_nearest_first_and_unlocated_last(corpus_index: SearchIndex) -> None:
    result = ask(corpus_index, sort="distance", near=NEAR, open="any", limit=100)
    distances = [hit.distance_km for hit in result.items]
    assert distances == sorted(distances)
    for hit in result.items:
        there = Point(hit.summary["lon"], hit.summary["lat"])
        assert hit.distance_km == pytest.approx(distance_km(NEAR, there), abs=0.02)
    [note] = [line for line in result.explanations if line.kind == "unlocated"]
    unlocated = int(note.text_zh.split()[1])
    request = SearchRequest(sort="distance", near=NEAR, open="any", limit=100)
    found = everything(corpus_index, request)
    last = [hit.id for hit in ask(corpus_index, open="any", q="").items if "lon" not in hit.summary]
    assert 0 < unlocated < 100
    assert set(last) <= set(found[-unlocated:])


def test_a_radius_keeps_what_lies_within(corpus_index: SearchIndex, corpus_documents: list[Document]) -> None:
    result = ask(corpus_index, near=NEAR, radius_km=120.0, open="any")
    within = [
        held
        for held in corpus_documents
        if held.kind == "instrument"
        and "lon" in (where := held.document["location"])
        and distance_km(NEAR, Point(where["lon"], where["lat"])) <= 120
    ]
    assert result.total == len(within) > 20


def test_cheapest_first_and_incomparable_last(
    corpus_index: SearchIndex, corpus_documents: list[Document]
) -> None:
    request = SearchRequest(sort="fee", unit="sample", quantity=2.5, open="any", limit=100)
    result = search(corpus_index, request, now=NOW)
    priced = {
        held.id: min(item["fee_fen"] for item in held.service_items if item["charging_unit"] == "sample")
        for held in corpus_documents
        if any(item["charging_unit"] == "sample" for item in held.service_items)
    }
    found = everything(corpus_index, request)
    assert [priced[one] for one in found[: len(priced)]] == sorted(priced.values())
    assert not set(found[len(priced) :]) & set(priced)
    [note] = [line for line in result.explanations if line.kind == "incomparable"]
    assert str(result.total - len(priced)) in note.text_zh
    first = result.items[0]
    assert first.fee is not None
    assert first.fee.fee_fen == priced[first.id]
    assert first.fee.total_fen == math.floor(priced[first.id] * 2.5 + 0.5)


def test_words_of_services_and_institutions_are_shown_apart(corpus_index: SearchIndex) -> None:
    result = ask(corpus_index, q="拉伸试验")
    assert {hit.kind for hit in result.items} == {"instrument"}
    [services] = [group for group in result.groups if group.kind == "service"]
    assert services.total >= len(services.items) > 0
    assert all("拉伸试验" in hit.summary["name"] for hit in services.items)
    institution = ask(corpus_index, kind="institution", open="any").items[0]
    [found] = [
        g for g in ask(corpus_index, q=institution.summary["name_zh"]).groups if g.kind == "institution"
    ]
    assert institution.id in {hit.id for hit in found.items}
    assert found.items[0].summary["instruments"] >= found.items[0].summary["open_instruments"]


def test_an_institution_filter(corpus_index: SearchIndex) -> None:
    hit = ask(corpus_index, open="any").items[0]
    result = ask(
        corpus_index, open="any", filters={"institution": (hit.summary["institution_id"],)}, limit=100
    )
    assert {found.summary["unit"] for found in result.items} == {hit.summary["unit"]}


def test_map_counts_are_the_facets(corpus_index: SearchIndex) -> None:
    request = SearchRequest(q="仪", filters={"province": ("310000",), "band": ("50-200",)})
    counted, result = map_counts(corpus_index, request, now=NOW), search(corpus_index, request, now=NOW)
    assert counted.total == result.total
    assert {p.code: p.count for p in counted.provinces} == {
        v.code: v.count for v in result.facets["province"]
    }
    assert sum(place.count for place in counted.cities) == result.total
    assert all(place.parent == "310000" and place.lon for place in counted.cities if place.code != UNKNOWN)


@pytest.mark.parametrize(
    ("asked", "error", "named"),
    [
        ({"filters": {"province": ("999999",)}}, FilterUnknown, "province"),
        ({"filters": {"colour": ("red",)}}, FilterUnknown, "colour"),
        ({"filters": {"cma": ("1",)}}, FilterUnknown, "cma"),
        ({"filters": {"class": ("010000", "nonsense")}}, FilterUnknown, "class"),
        ({"filters": {"city": tuple(str(n) for n in range(101))}}, SearchParameterInvalid, "city"),
        ({"sort": "price"}, SearchParameterInvalid, "sort"),
        ({"sort": "distance"}, SearchParameterInvalid, "near"),
        ({"sort": "fee"}, SearchParameterInvalid, "unit"),
        ({"sort": "fee", "unit": "week"}, SearchParameterInvalid, "unit"),
        ({"unit": "hour", "quantity": math.nan}, SearchParameterInvalid, "quantity"),
        ({"unit": "hour", "quantity": -1.0}, SearchParameterInvalid, "quantity"),
        ({"near": Point(math.nan, 0.0)}, SearchParameterInvalid, "near"),
        ({"near": Point(181.0, 0.0)}, SearchParameterInvalid, "near"),
        ({"radius_km": 5.0}, SearchParameterInvalid, "near"),
        ({"near": NEAR, "radius_km": -5.0}, SearchParameterInvalid, "radius"),
        ({"limit": 0}, SearchParameterInvalid, "limit"),
        ({"limit": 101}, SearchParameterInvalid, "limit"),
        ({"open": "yes"}, SearchParameterInvalid, "open"),
        ({"kind": "person"}, SearchParameterInvalid, "kind"),
        ({"cursor": "nonsense"}, CursorMalformed, "cursor"),
        ({"cursor": ""}, CursorMalformed, "cursor"),
        ({"cursor": "中文", "sort": "newest"}, CursorMalformed, "cursor"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_named(
    corpus_index: SearchIndex, asked: Any, error: type[Exception], named: str
) -> None:
    with pytest.raises(error) as caught:
        ask(corpus_index, **asked)
    fact: Any = caught.value
    assert fact.field == named
    assert fact.status in {400, 422}
    assert fact.zh
    assert fact.en


def test_a_cursor_fits_only_its_own_list(corpus_index: SearchIndex) -> None:
    cursor = ask(corpus_index, q="仪", limit=5).next
    assert cursor is not None
    for other in ({"q": "镜"}, {"q": "仪", "sort": "newest"}, {"q": "仪", "filters": {"cma": ("true",)}}):
        with pytest.raises(CursorMalformed):
            ask(corpus_index, limit=5, cursor=cursor, **other)


@pytest.mark.parametrize("depth", [-1, 0, 10**9, 2**63])
def test_a_cursor_with_a_made_up_rank_asks_for_nothing_beyond_the_index(
    corpus_index: SearchIndex, depth: int
) -> None:
    shelf = corpus_index.snapshot().shelves["instrument"]
    cursor = encode_cursor("relevance:list", [depth, "31-aaaaaaaaaaaa"])
    request = SearchRequest(q="仪", limit=20, cursor=cursor)
    page = read_page(Listing(shelf, tantivy.Query.all_query(), request, True, "list", Window(0, 0, 0)))
    assert len(page.hits) == (20 if depth <= 0 else 0)


def test_labels_follow_the_language(corpus_index: SearchIndex) -> None:
    zh, en = (ask(corpus_index, lang=lang).facets["province"] for lang in ("zh", "en"))
    assert {value.code: value.label for value in zh}["310000"] == "上海市"
    assert {value.code: value.label for value in en}["310000"] == "Shanghai"


def test_suggestions(corpus_index: SearchIndex, catalogue_index: SearchIndex) -> None:
    def texts(index: SearchIndex, typed: str, lang: Any = "zh") -> list[str]:
        return [held.text for held in suggest(index, typed, lang)]

    assert "扫描电镜" in texts(catalogue_index, "smdj")
    assert "扫描电镜" in texts(catalogue_index, "saom")
    assert "扫描电镜" in texts(catalogue_index, "扫")
    assert "扫描电镜" in texts(catalogue_index, "SEM")
    assert "scanning electron microscope" in texts(catalogue_index, "SEM", "en")
    assert "场发射扫描电子显微镜" in texts(catalogue_index, "电子显微")
    assert "JEM-2100F" in texts(catalogue_index, "jem-2")
    assert "Mastersizer 3000" in texts(catalogue_index, "3000")
    [institution] = [held for held in suggest(catalogue_index, "江东") if held.kind == "institution"]
    assert institution.id is not None
    assert institution.count == 7
    assert texts(catalogue_index, "") == texts(catalogue_index, "。") == texts(catalogue_index, "zzzz") == []
    for held in suggest(corpus_index, "s"):
        assert held.count > 0
