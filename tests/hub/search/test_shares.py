"""Own shares in search: what a hit tells, and that the whole result is in their order, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.paging import CursorMalformed
from hub.search.index import SearchIndex
from hub.search.request import Hit, Named, Payer, SearchRequest
from hub.search.service import search
from hub.search.shares import least_fee, paying, shares_of, total_of
from hub.settlement.rules import covers
from tests.bench.corpus import NOW, Document

QUIET = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

HALF = Payer(
    "half",
    Named("半价券", "Half"),
    True,
    None,
    None,
    None,
    frozenset({"machine_time", "entrusted_test"}),
    5000,
    100_000,
)
SHANGHAI = replace(HALF, programme_id="shanghai", places=("310000",), rate_bp=8000, limit_fen=40_000)
DEAR = replace(HALF, programme_id="dear", min_value_fen=100_000_000, rate_bp=9000, limit_fen=1_000_000)
XRAY = replace(HALF, programme_id="class", classes=("010000",), rate_bp=3000, limit_fen=5_000_000)
TESTS_ONLY = replace(HALF, programme_id="tests", service_modes=frozenset({"entrusted_test"}), rate_bp=10_000)
PAYERS = (HALF, SHANGHAI, DEAR, XRAY, TESTS_ONLY)


def everything(index: SearchIndex, request: SearchRequest) -> list[Hit]:
    found: list[Hit] = []
    while True:
        result = search(index, request, now=NOW)
        found += result.items
        if result.next is None:
            return found
        request = replace(request, cursor=result.next)


def owed(document: Document, payers: tuple[Payer, ...], unit: str, quantity: float) -> int | None:
    """The own share reckoned from the catalogue's document itself."""
    fees = [
        item["fee_fen"]
        for item in document.service_items
        if item.get("charging_unit") == unit and "fee_fen" in item
    ]
    if not fees:
        return None
    doc, best = document.document, 0
    total = total_of(min(fees), quantity)
    mode = "machine_time" if unit in {"hour", "day"} else "entrusted_test"
    location = doc["location"]
    seat = location.get("county") or location.get("city") or doc["province"]
    for payer in payers:
        code, value = doc["classification"]["code"], doc.get("original_value_fen")
        fits = (
            mode in payer.service_modes
            and (payer.places is None or any(covers(area, seat) for area in payer.places))
            and (payer.classes is None or any(covers(each, code) for each in payer.classes))
            and (payer.min_value_fen is None or (value is not None and value >= payer.min_value_fen))
        )
        if fits:
            best = max(best, min(total * payer.rate_bp // 10_000, payer.limit_fen))
    return total - best


ASKED = st.tuples(
    st.sets(st.sampled_from(range(len(PAYERS))), max_size=4),
    st.sampled_from(["hour", "sample", "item"]),
    st.sampled_from([0.5, 1.0, 3.0, 40.0]),
    st.sampled_from([7, 40]),
)
"""Programmes by their place in `PAYERS`, charging unit, quantity, hits in one page."""


@QUIET
@given(wish=ASKED)
def test_the_whole_result_is_in_the_order_of_own_shares(
    corpus_index: SearchIndex, corpus_documents: list[Document], wish: tuple[set[int], str, float, int]
) -> None:
    chosen, unit, quantity, limit = wish
    payers = tuple(PAYERS[at] for at in sorted(chosen))
    asked = SearchRequest(
        open="any",
        sort="own_share",
        unit=unit,
        quantity=quantity,
        payers=payers,
        limit=limit,
        with_facets=False,
    )
    hits = everything(corpus_index, asked)
    known = {held.id: held for held in corpus_documents if held.kind == "instrument"}
    assert sorted(hit.id for hit in hits) == sorted(known)
    expected = [owed(known[hit.id], payers, unit, quantity) for hit in hits]
    priced = [own for own in expected if own is not None]
    assert priced == sorted(priced)
    assert expected == [*priced, *[None] * (len(hits) - len(priced))], "what has no fee comes last"
    if payers:
        assert [hit.shares and hit.shares.own_fen for hit in hits] == expected


@given(
    rate=st.integers(0, 10_000),
    limit=st.integers(0, 10**7),
    quantity=st.floats(0.01, 1000),
    own=st.integers(0, 10**9),
)
def test_the_least_fee_of_an_own_share_is_the_least(rate: int, limit: int, quantity: float, own: int) -> None:
    payers = (replace(HALF, rate_bp=rate, limit_fen=limit),)
    for is_above in (False, True):
        fee = least_fee(payers, quantity, own, is_above=is_above)
        if fee is None:
            continue

        def owed_at(fen: int) -> int:
            return shares_of(payers, total_of(fen, quantity)).own_fen

        assert owed_at(fee) >= own + is_above
        assert fee == 0 or owed_at(fee - 1) < own + is_above


def test_shares_make_the_fee_and_name_who_pays_most() -> None:
    told = shares_of((HALF, TESTS_ONLY), 300_001)
    assert (told.voucher_fen, told.own_fen, told.programme_id) == (100_000, 200_001, "half")
    assert shares_of((), 5).own_fen == 5


def test_a_hit_tells_its_shares_also_without_a_unit(corpus_index: SearchIndex) -> None:
    result = search(corpus_index, SearchRequest(open="any", payers=(HALF,), limit=100), now=NOW)
    told = [hit for hit in result.items if hit.shares is not None]
    assert told
    for hit in told:
        assert hit.shares is not None
        assert hit.shares.total_fen == hit.summary["fees"][0]["fee_fen"]
    assert all(hit.shares is None for hit in result.items if not hit.summary.get("fees"))
    assert all("seat" not in hit.summary for hit in result.items)


def test_without_vouchers_the_own_share_is_the_fee_and_the_answer_says_so(corpus_index: SearchIndex) -> None:
    fees = everything(corpus_index, SearchRequest(open="any", sort="fee", unit="sample", limit=100))
    own = everything(corpus_index, SearchRequest(open="any", sort="own_share", unit="sample", limit=100))
    assert [hit.id for hit in own] == [hit.id for hit in fees]
    result = search(corpus_index, SearchRequest(sort="own_share", unit="sample"), now=NOW)
    assert "no_voucher" in {note.kind for note in result.explanations}


def test_a_page_after_the_voucher_has_changed_begins_anew(corpus_index: SearchIndex) -> None:
    asked: dict[str, Any] = {"open": "any", "sort": "own_share", "unit": "sample", "limit": 5}
    first = search(corpus_index, SearchRequest(**asked, payers=(HALF,)), now=NOW)
    less = replace(HALF, limit_fen=HALF.limit_fen - 1)
    with pytest.raises(CursorMalformed):
        search(corpus_index, SearchRequest(**asked, payers=(less,), cursor=first.next), now=NOW)


def test_a_programme_that_pays_nothing_there_is_not_named() -> None:
    summary = {"province": "320000", "class": "010102", "original_value_fen": 5}
    assert paying(PAYERS, summary, "hour") == (HALF, XRAY)
    assert paying((replace(HALF, limit_fen=0),), summary, "hour") == ()
