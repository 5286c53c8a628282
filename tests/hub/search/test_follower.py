"""Search follows the real catalogue: tables, change numbers, command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.catalog.queries import index_feed
from hub.core import sequencer
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.search import follower
from hub.search.index import SearchIndex
from hub.search.request import SearchRequest
from hub.search.service import search
from tests.bench.corpus import Document
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
    return search(runtime.index, SearchRequest(q=q, open="any")).total


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
    [services] = search(searching.index, SearchRequest(q="室温拉伸试验")).groups
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


def test_a_changed_institution_reaches_its_instruments(searching: Runtime) -> None:
    feed = follower.CatalogueFeed(searching.database)
    unit = next(one for one in catalogue.documents() if one.document.get("unit_id") == "jd")
    of_unit = [one.id for one in catalogue.documents() if one.institution == unit.document]
    assert sorted(feed.dependants([unit.id, of_unit[0]])) == sorted(of_unit)


def test_pages_give_every_document_once(searching: Runtime) -> None:
    feed = follower.CatalogueFeed(searching.database)
    found: list[str] = []
    while page := feed.page(found[-1] if found else "", 7):
        found += [document.id for document in page]
    assert sorted(found) == sorted(document.id for document in catalogue.documents())
    assert len(found) == len(set(found))
