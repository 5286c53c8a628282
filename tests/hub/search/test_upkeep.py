"""The index's life: followed, rebuilt while it serves, killed anywhere, of another version, deleted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.availability.rules import Slot, default_rules
from hub.search import folder as index_folder
from hub.search import upkeep
from hub.search.columns import SCHEMA_VERSION
from hub.search.errors import IndexNotReady, RebuildRunning
from hub.search.feed import AVAILABILITY, CATALOG, Feed
from hub.search.folder import IndexFolder, read_numbers, write_numbers
from hub.search.index import SearchIndex
from hub.search.request import SearchRequest
from hub.search.service import search
from hub.search.writer import IndexWriter
from tests.bench import corpus
from tests.bench.corpus import NOW, Availability, Document
from tests.hub.search import catalogue
from tests.hub.search.fake_catalogue import FakeCatalogue


def total(index: SearchIndex, q: str = "") -> int:
    return search(index, SearchRequest(q=q, open="any"), now=NOW).total


def until(is_so: Callable[[], bool], seconds: float = 15.0) -> float:
    """How long it took to become so; fails when it does not."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < seconds, "it never happened"
        time.sleep(0.01)
    return time.monotonic() - begun


@contextmanager
def following(folder: IndexFolder, feed: Feed) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=upkeep.follow, args=(folder, feed, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def feed() -> FakeCatalogue:
    return FakeCatalogue(catalogue.documents())


def test_before_the_first_build_search_says_so(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "index")
    assert not index.is_ready
    with pytest.raises(IndexNotReady) as caught:
        total(index)
    assert (caught.value.status, caught.value.retry_after) == (503, 2)
    assert not (tmp_path / "index").exists()


def test_the_follower_builds_then_follows(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder = IndexFolder(tmp_path)
    index = SearchIndex(tmp_path)
    with following(folder, feed):
        until(lambda: index.is_ready)
        assert total(index) == len(catalogue.INSTRUMENTS)
        sem = catalogue.identifier("sem1")
        feed.rename(sem, "量子磁力显微成像仪")
        until(lambda: total(index, "量子磁力显微成像仪") == 1)
        assert total(index, "场发射扫描电子显微镜") == 0
        utm = catalogue.identifier("utm1")
        assert search(index, SearchRequest(q="室温", kind="service"), now=NOW).total == 1
        feed.remove(utm)
        until(lambda: total(index, "CMT5105") == 0)
        assert search(index, SearchRequest(q="室温", kind="service"), now=NOW).total == 0
        assert total(index) == len(catalogue.INSTRUMENTS) - 1
    assert index.snapshot().number == len(feed.log)


def test_a_changed_institution_changes_its_instruments(tmp_path: Path, feed: FakeCatalogue) -> None:
    index = SearchIndex(tmp_path)
    university = SearchRequest(filters={"institution_kind": ("university",)}, open="any")
    with following(IndexFolder(tmp_path), feed):
        until(lambda: index.is_ready)
        before = search(index, university, now=NOW).total
        unit = next(held for held in catalogue.documents() if held.document.get("unit_id") == "jd")
        of_unit = sum(row[1] == "jd" for row in catalogue.INSTRUMENTS)
        feed.rename_institution(unit.id, "other")
        until(lambda: search(index, university, now=NOW).total == before - of_unit)


def test_an_outage_of_the_catalogue_passes(tmp_path: Path, feed: FakeCatalogue) -> None:
    index = SearchIndex(tmp_path)
    with following(IndexFolder(tmp_path), feed):
        until(lambda: index.is_ready)
        feed.is_away = True
        feed.rename(catalogue.identifier("sem1"), "停机期间改名的仪器")
        time.sleep(0.3)
        assert total(index) == len(catalogue.INSTRUMENTS)
        feed.is_away = False
        until(lambda: total(index, "停机期间改名的仪器") == 1)


def test_one_document_that_cannot_be_read_is_left_out(
    tmp_path: Path, feed: FakeCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    feed.put(Document("31-broken", "instrument", {"id": "31-broken", "name_zh": 7}))
    report = upkeep.rebuild(IndexFolder(tmp_path), feed)
    assert (report.skipped, report.documents) == (1, len(feed.held) - 1)
    assert "31-broken" in caplog.text
    assert total(SearchIndex(tmp_path)) == len(catalogue.INSTRUMENTS)


def test_a_rebuild_serves_all_the_while(tmp_path: Path) -> None:
    feed = FakeCatalogue(corpus.documents(300))
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    upkeep.rebuild(folder, feed)
    first = folder.current()
    answers: list[int] = []
    stop = threading.Event()

    def keep_searching() -> None:
        while not stop.is_set():
            answers.append(total(index))

    searcher = threading.Thread(target=keep_searching)
    searcher.start()
    with following(folder, feed):
        upkeep.rebuild(folder, feed)
        second = folder.current()
        assert second != first
        feed.rename(next(one for one in feed.held if "-u-" not in one), "重建之后改名的仪器")
        until(lambda: total(index, "重建之后改名的仪器") == 1)
    stop.set()
    searcher.join(20)
    assert set(answers) == {300}
    upkeep.rebuild(folder, feed)
    assert first is not None
    assert not first.exists()


def test_changes_during_a_rebuild_are_in_the_new_index(tmp_path: Path, feed: FakeCatalogue) -> None:
    class Restless(FakeCatalogue):
        """Somebody renames an instrument that was read already, just before the last page is asked for."""

        def page(self, after_id: str, limit: int) -> list[Document]:
            found = list(super().page(after_id, limit))
            if not found:
                self.rename(sorted(self.held)[0], "重建途中改名的仪器")
            return found

    restless = Restless(held for held in catalogue.documents() if held.kind == "instrument")
    upkeep.rebuild(IndexFolder(tmp_path), restless)
    assert total(SearchIndex(tmp_path), "重建途中改名的仪器") == 1


def test_two_rebuilds_at_once_are_refused(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder = IndexFolder(tmp_path)
    with folder.lock("building") as is_ours:
        assert is_ours
        with pytest.raises(RebuildRunning):
            upkeep.rebuild(folder, feed)
    upkeep.rebuild(folder, feed)


def test_a_closed_writer_lets_the_next_one_write(tmp_path: Path) -> None:
    generation = IndexFolder(tmp_path).new_generation()
    for name in ("甲", "乙", "丙"):
        writer = IndexWriter(generation)
        document = next(held for held in catalogue.documents() if held.kind == "instrument")
        writer.put(replace(document, document={**document.document, "name_zh": f"{name}种显微成像仪"}))
        writer.commit({CATALOG: 1})
        writer.put(replace(document, document={**document.document, "name_zh": "没有提交的仪器"}))
        writer.close()
    IndexFolder(tmp_path).serve(generation)
    assert total(SearchIndex(tmp_path)) == total(SearchIndex(tmp_path), "丙种") == 1


def test_only_one_follows(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    other = FakeCatalogue()
    with following(folder, feed):
        until(lambda: index.is_ready)
        with following(folder, other):
            time.sleep(0.2)
            assert other.pages == 0
            assert total(index) == len(catalogue.INSTRUMENTS)


def starting(index: SearchIndex, name: str) -> datetime | None:
    [hit] = search(index, SearchRequest(q=name, open="any"), now=NOW).items[:1]
    known = hit.availability
    return known.next_free.start if known is not None and known.next_free is not None else None


def test_a_booking_is_followed_without_a_change_of_the_catalogue(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    opening = default_rules("310000", NOW.date()).opening
    sem, tomorrow = catalogue.identifier("sem1"), NOW + timedelta(days=1)
    with following(folder, feed):
        until(lambda: index.is_ready)
        assert starting(index, "GeminiSEM") is None
        feed.book(sem, Availability(opening))
        until(lambda: starting(index, "GeminiSEM") == tomorrow)
        feed.book(sem, Availability(opening, (Slot(tomorrow, tomorrow + timedelta(hours=1)),), NOW, "hub"))
        until(lambda: starting(index, "GeminiSEM") == tomorrow + timedelta(hours=1))
        assert read_numbers(index.folder.current() or tmp_path) == {CATALOG: len(feed.log), AVAILABILITY: 2}
    generation = folder.current()
    assert generation is not None
    write_numbers(generation, {CATALOG: len(feed.log)})
    with following(folder, feed):
        until(lambda: read_numbers(generation)[AVAILABILITY] == 2)
    assert starting(SearchIndex(tmp_path), "GeminiSEM") == tomorrow + timedelta(hours=1)


def test_a_closed_institution_closes_all_its_instruments(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    opening = default_rules("310000", NOW.date()).opening
    unit = next(held for held in feed.held.values() if held.document.get("unit_id") == "jd")
    of_unit = [held.id for held in feed.held.values() if held.institution == unit.document]
    for one in of_unit:
        feed.book(one, Availability(opening))
    asked = SearchRequest(open="any", free_to=NOW + timedelta(days=10))
    with following(folder, feed):
        until(lambda: index.is_ready)
        assert search(index, asked, now=NOW).total == len(of_unit) > 2
        closed = Availability(opening, (Slot(NOW, NOW + timedelta(days=30)),), NOW, "hub")
        for one in of_unit:
            feed.held[one] = replace(feed.held[one], availability=closed)
        feed.logs[AVAILABILITY].append(unit.id)
        until(lambda: search(index, asked, now=NOW).total == 0)


def test_replaying_changes_changes_nothing(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    upkeep.rebuild(folder, feed)
    before = search(index, SearchRequest(open="any", limit=100), now=NOW)
    generation = folder.current()
    assert generation is not None
    write_numbers(generation, {})
    with following(folder, feed):
        until(lambda: read_numbers(generation)[CATALOG] == len(feed.log))
    after = search(SearchIndex(tmp_path), SearchRequest(open="any", limit=100), now=NOW)
    assert [hit.id for hit in after.items] == [hit.id for hit in before.items]
    assert {name: {v.code: v.count for v in values} for name, values in after.facets.items()} == {
        name: {v.code: v.count for v in values} for name, values in before.facets.items()
    }


def _follow_for_ever(root: Path) -> None:
    upkeep.follow(IndexFolder(root), FakeCatalogue(corpus.documents(600)), threading.Event())


@pytest.mark.parametrize("moment", [0.05, 0.5])
def test_killed_anywhere_it_recovers(tmp_path: Path, moment: float) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_follow_for_ever, args=(tmp_path,))
    child.start()
    folder = IndexFolder(tmp_path)
    until(lambda: any(folder.path.glob("g-*")), seconds=60)
    time.sleep(moment)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()

    index = SearchIndex(tmp_path)
    feed = FakeCatalogue(corpus.documents(600))
    with following(folder, feed):
        until(lambda: index.is_ready, seconds=60)
        assert total(index) == 600
        until(lambda: index.snapshot().number == len(feed.log), seconds=60)
        assert total(index) == 600


def test_a_kill_between_commit_and_number_is_replayed(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    upkeep.rebuild(folder, feed)
    generation = folder.current()
    assert generation is not None
    number = read_numbers(generation)[CATALOG]
    feed.rename(catalogue.identifier("sem1"), "提交之后未记号的仪器")
    writer = IndexWriter(generation)
    writer.put(feed.held[catalogue.identifier("sem1")])
    writer.commit({CATALOG: number + 1})
    writer.close()
    write_numbers(generation, {CATALOG: number})
    with following(folder, feed):
        until(lambda: index.snapshot().number == number + 1)
    assert total(index, "提交之后未记号的仪器") == 1
    assert total(index) == len(catalogue.INSTRUMENTS)


def test_another_version_is_built_beside_and_replaces(tmp_path: Path, feed: FakeCatalogue) -> None:
    old = tmp_path / "v0-000000000000" / "g-old"
    old.mkdir(parents=True)
    (old.parent / "current").write_text("g-old")
    index = SearchIndex(tmp_path)
    assert not index.is_ready
    upkeep.rebuild(IndexFolder(tmp_path), feed)
    assert total(index) == len(catalogue.INSTRUMENTS)
    assert not old.exists()
    assert index_folder.version().startswith(f"v{SCHEMA_VERSION}-")


def test_a_deleted_index_is_built_again(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder, index = IndexFolder(tmp_path), SearchIndex(tmp_path)
    with following(folder, feed):
        until(lambda: index.is_ready)
        folder.current_file.unlink()
        until(lambda: folder.current() is not None)
        assert total(SearchIndex(tmp_path)) == len(catalogue.INSTRUMENTS)


def test_a_damaged_index_is_built_again(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder = IndexFolder(tmp_path)
    upkeep.rebuild(folder, feed)
    damaged = folder.current()
    assert damaged is not None
    (damaged / "instrument" / "meta.json").write_text("{")
    index = SearchIndex(tmp_path)
    with pytest.raises(IndexNotReady):
        total(index)
    with following(folder, feed):
        until(lambda: folder.current() != damaged)
        assert total(index) == len(catalogue.INSTRUMENTS)


def test_an_index_ahead_of_the_catalogue_is_built_again(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder = IndexFolder(tmp_path)
    upkeep.rebuild(folder, feed)
    ahead = folder.current()
    restored = FakeCatalogue(list(catalogue.documents())[:8])
    with following(folder, restored):
        until(lambda: folder.current() != ahead)
        assert total(SearchIndex(tmp_path)) == sum(one.kind == "instrument" for one in restored.held.values())


def test_a_half_built_generation_is_never_served(tmp_path: Path, feed: FakeCatalogue) -> None:
    folder = IndexFolder(tmp_path)
    abandoned = folder.new_generation()
    IndexWriter(abandoned, is_new=True).close()
    assert folder.current() is None
    upkeep.rebuild(folder, feed)
    assert folder.current() != abandoned
    assert not abandoned.exists()


def test_a_commit_is_searchable_within_a_second(tmp_path: Path, feed: FakeCatalogue) -> None:
    index = SearchIndex(tmp_path)
    with following(IndexFolder(tmp_path), feed):
        until(lambda: index.is_ready)
        feed.rename(catalogue.identifier("sem1"), "刚刚改名的显微成像仪")
        lag = until(lambda: total(index, "刚刚改名的显微成像仪") == 1)
    # The goal is a second on a quiet machine; a busy one may take longer, but not for ever.
    assert lag < 5
