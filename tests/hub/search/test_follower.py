"""Search follows the real catalogue: tables, change numbers, command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.availability.models import RulesRow
from hub.availability.rules import Slot
from hub.availability.service import claims, keeping
from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.catalog.queries import index_feed
from hub.core import sequencer
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.search import follower
from hub.search.index import SearchIndex
from hub.search.request import Fee, FreeSlot, Hit, HitAvailability, SearchRequest
from hub.search.service import search
from tests.bench.corpus import NOW, Document
from tests.hub.search import catalogue

pytestmark = pytest.mark.database


@pytest.fixture
def searching(runtime: Runtime) -> Runtime:
    """A runtime with the small catalogue in its database and an index that nobody has built yet."""
    held = list(catalogue.documents())
    keep(runtime.database, held)
    return replace(runtime, index=SearchIndex(runtime.home / "index"))


def keep(database: Database, documents: list[Document]) -> None:
    """Put documents into the catalogue's tables, announce them and let them be numbered."""
    with database.write() as session:
        for held in documents:
            facts = {
                "id": held.id,
                "province": held.document["province"],
                "is_listed": True,
                "native_key": held.id,
                "name_zh": held.document["name_zh"],
                "created_at": held.updated_at,
                "changed_at": held.updated_at,
                "content_hash": "0",
                "document": held.document,
            }
            if held.kind == "institution":
                session.merge(Institution(**facts))
            else:
                assert held.institution is not None
                session.merge(Instrument(**facts, institution_id=held.institution["id"]))
            for item in held.service_items:
                session.merge(
                    ServiceItem(
                        id=item["id"],
                        instrument_id=held.id,
                        province=held.document["province"],
                        is_cma=item["cma"],
                        is_cnas=False,
                        document=item,
                    )
                )
            sequencer.announce(session, index_feed.TOPIC, held.id, {"kind": held.kind, "action": "put"})
    while sequencer.number_once(database):
        pass


def total(runtime: Runtime, q: str = "") -> int:
    return search(runtime.index, SearchRequest(q=q, open="any"), now=NOW).total


def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < seconds, "it never happened"
        time.sleep(0.02)


def test_a_rebuild_reads_the_whole_catalogue(searching: Runtime) -> None:
    report = follower.rebuild(searching)
    assert report.documents == len(list(catalogue.documents()))
    assert report.skipped == 0
    assert total(searching) == len(catalogue.INSTRUMENTS)
    [services] = search(searching.index, SearchRequest(q="室温拉伸试验"), now=NOW).groups
    assert services.total == 1
    with searching.database.read() as session:
        assert report.number == sequencer.last_number(session, index_feed.TOPIC)


def test_a_committed_row_is_found(searching: Runtime) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=follower.follow, args=(searching, stop))
    thread.start()
    try:
        until(lambda: bool(searching.index.is_ready))
        held = next(one for one in catalogue.documents() if one.id == catalogue.identifier("sem1"))
        changed = replace(held, document={**held.document, "name_zh": "量子磁力显微成像仪"})
        keep(searching.database, [changed])
        until(lambda: total(searching, "量子磁力显微成像仪") == 1)
        with searching.database.write() as session:
            row = session.get(Instrument, held.id)
            assert row is not None
            row.is_listed = False
            sequencer.announce(
                session, index_feed.TOPIC, held.id, {"kind": "instrument", "action": "withdraw"}
            )
        while sequencer.number_once(searching.database):
            pass
        until(lambda: total(searching) == len(catalogue.INSTRUMENTS) - 1)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_claim_moves_the_next_free_slot(searching: Runtime) -> None:
    sem, now = catalogue.identifier("sem1"), searching.clock()
    follower.rebuild(searching)

    def shown() -> HitAvailability:
        [hit] = search(searching.index, SearchRequest(q="GeminiSEM 500"), now=now).items
        assert hit.availability is not None
        return hit.availability

    first = shown().next_free
    assert first is not None
    assert (shown().source, shown().as_of) == ("default", None)
    slot = Slot(first.start, first.end)
    with searching.database.write() as session:
        claims.claim(session, sem, slot, claim_id="bk-1", until=now + timedelta(days=1), now=now)
    while sequencer.number_once(searching.database):
        pass
    stop = threading.Event()
    thread = threading.Thread(target=follower.follow, args=(searching, stop))
    thread.start()
    try:
        until(lambda: shown().next_free != first)
    finally:
        stop.set()
        thread.join(20)
    assert shown().next_free == FreeSlot(first.end, first.end + (first.end - first.start))


def test_a_kept_tariff_is_what_fees_are_compared_by(searching: Runtime) -> None:
    machine, now = catalogue.identifier("utm1"), searching.clock()
    positions = [
        {"id": "a", "basis": "samples", "name_zh": "样品费", "outside_fen": 45_000},
        {"id": "b", "basis": "samples", "name_zh": "样品费", "outside_fen": 44_000, "inside_fen": 1},
        {"id": "c", "basis": "used_time", "name_zh": "机时费", "outside_fen": 10_001, "unit_minutes": 40},
        {"id": "d", "basis": "test_time", "name_zh": "机时费", "outside_fen": 90_000, "unit_minutes": 1440},
        {"id": "e", "basis": "times", "name_zh": "开机费", "inside_fen": 5_000},
    ]
    asked = SearchRequest(q="万能材料试验机", sort="fee", unit="sample", open="any")

    def shown() -> Hit:
        follower.rebuild(searching)
        fresh = SearchIndex(
            searching.home / "index"
        )  # a reader looks for a new generation a few times a second
        return next(hit for hit in search(fresh, asked, now=now).items if hit.id == machine)

    assert shown().fee == Fee("sample", 30_000, 1.0, 30_000)  # of its service item
    with searching.database.write() as session:
        keeping.keep_tariff(session, machine, {"positions": positions}, actor="test", now=now)
    assert shown().fee == Fee("sample", 44_000, 1.0, 44_000)
    told = {fee["unit"]: fee["fee_fen"] for fee in shown().summary["fees"]}
    assert told == {"sample": 44_000, "hour": 15_002, "day": 90_000}


def test_kept_rules_that_cannot_be_read_cost_one_instrument_its_free_times(searching: Runtime) -> None:
    broken, now = catalogue.identifier("sem1"), searching.clock()
    with searching.database.write() as session:
        session.add(
            RulesRow(
                instrument_id=broken, version=1, source="hub", valid_from=now, made_by="test", made_at=now, document={}
            )
        )  # fmt: skip
    report = follower.rebuild(searching)
    assert (report.documents, report.skipped) == (len(list(catalogue.documents())), 0)
    hits = search(searching.index, SearchRequest(q="扫描电镜"), now=now).items
    assert {hit.id for hit in hits if hit.availability is None} == {broken}
    assert len(hits) > 1


def test_a_changed_institution_reaches_its_instruments(searching: Runtime) -> None:
    feed = follower.HubFeed(searching.database, searching.clock)
    unit = next(one for one in catalogue.documents() if one.document.get("unit_id") == "jd")
    of_unit = [one.id for one in catalogue.documents() if one.institution == unit.document]
    assert sorted(feed.dependants([unit.id, of_unit[0]])) == sorted(of_unit)


def test_pages_give_every_document_once(searching: Runtime) -> None:
    feed = follower.HubFeed(searching.database, searching.clock)
    found: list[str] = []
    while page := feed.page(found[-1] if found else "", 7):
        found += [document.id for document in page]
    assert sorted(found) == sorted(document.id for document in catalogue.documents())
    assert len(found) == len(set(found))
