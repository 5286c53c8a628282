"""Search over the committed mix of queries: build, answers, answers through HTTP, memory, and PostgreSQL beside it.

`measure(count, folder)` gives rows to print. Answers are measured cold: the caches of the index are emptied before
every round, so each line of the mix is worked out anew. Ratios to the peer come from the same run.
"""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from hub.search.folder import IndexFolder
from hub.search.index import SearchIndex
from hub.search.parameters import read_request
from hub.search.request import SearchRequest
from hub.search.service import search, suggest
from hub.search.writer import IndexWriter
from tests.bench import search_peer, world_documents
from tests.bench.corpus import NOW, Document
from tests.bench.measures import Measure, at_least, at_most, missing

MIX = Path(__file__).with_name("queries.txt")
TYPED = (
    "扫",
    "扫描",
    "smdj",
    "saom",
    "sem",
    "jem",
    "gc-",
    "苏州",
    "显微",
    "电镜",
    "核磁",
    "x",
    "万能",
    "hp",
    "拉曼",
    "3d",
)


def read_mix() -> list[SearchRequest]:
    """The committed queries as requests."""
    lines = [
        line for line in MIX.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    requests = []
    for line in lines:
        words, _, address = line.partition("\t")
        request = read_request(parse_qsl(address), "zh")
        requests.append(replace(request, q="" if words == "-" else words))
    return requests


def measure(
    count: int,
    folder: Path,
    documents: Callable[[int], Iterable[Document]] = world_documents.documents,
    *,
    rounds: int = 5,
    has_peer: bool = True,
) -> list[Measure]:
    """Build an index of `count` instruments under `folder` and measure it.

    `documents(count)` gives the catalogue, the same each time it is called.
    """
    is_large = count > 100_000
    rows = [_build(count, folder, documents(count))]
    index, mix = SearchIndex(folder), read_mix()
    times = answer_times(index, mix, rounds)
    p50 = [statistics.median(each) for each in times]
    p95 = [percentile(each, 95) for each in times]
    rows.append(at_most("search p50", p50, "ms", 15 if is_large else None))
    rows.append(at_most("search p95", p95, "ms", 70 if is_large else 5))
    rows.append(_suggestions(index, rounds))
    rows += _through_http(folder, mix, rounds, on_the_loop=not is_large)
    if has_peer:
        rows += _beside_postgresql(index, documents(count), mix, statistics.median(p50), must_win=is_large)
    return rows


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` per cent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def answer_times(index: SearchIndex, mix: Sequence[SearchRequest], rounds: int) -> list[list[float]]:
    """Milliseconds of every answer, round by round; a round before them warms the page cache and is not told."""
    times: list[list[float]] = []
    for _ in range(rounds + 1):
        index.snapshot().cache.clear()
        times.append([_milliseconds(lambda asked=request: search(index, asked, now=NOW)) for request in mix])
    return times[1:]


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _build(count: int, folder: Path, documents: Iterable[Document]) -> Measure:
    index_folder = IndexFolder(folder)
    generation = index_folder.new_generation()
    writer = IndexWriter(generation, is_new=True)
    seconds = 0.0
    page: list[Document] = []
    for document in documents:
        page.append(document)
        if len(page) == 2000:
            seconds += _put(writer, page)
            page = []
    seconds += _put(writer, page)
    begun = time.perf_counter()
    writer.commit({"catalog": 1})
    writer.close(finish_merges=True)
    seconds += time.perf_counter() - begun
    index_folder.serve(generation)
    return at_least("index build", [count / seconds], "instruments/s", 4000)


def _put(writer: IndexWriter, page: Sequence[Document]) -> float:
    begun = time.perf_counter()
    for document in page:
        writer.put(document)
    return time.perf_counter() - begun


def _suggestions(index: SearchIndex, rounds: int) -> Measure:
    p95 = []
    for _ in range(rounds):
        index.snapshot().cache.clear()
        times = [_milliseconds(lambda typed=text: suggest(index, typed)) for text in TYPED]
        p95.append(percentile(times, 95))
    return at_most("suggest p95", p95, "ms", 2)


def _through_http(
    folder: Path, mix: Sequence[SearchRequest], rounds: int, *, on_the_loop: bool
) -> list[Measure]:
    """A web process of its own: what HTTP and middleware add to the index call, and its private memory.

    The goal is for an index that is called on the event loop; a thread of the pool has to be woken besides.
    """
    served = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.serve_search", str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert served.stdout is not None
        port = int(served.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", port)
        added = [[_added(connection, request) for request in mix] for _ in range(rounds + 1)]
        memory = private_memory(served.pid)
    finally:
        served.terminate()
        served.wait(20)
    return [
        at_most(
            "HTTP and middleware p50",
            [statistics.median(each) for each in added[1:]],
            "ms",
            1.5 if on_the_loop else None,
        ),
        at_most("web process private memory", [memory], "MB", 300),
    ]


def _added(connection: http.client.HTTPConnection, request: SearchRequest) -> float:
    """Milliseconds of one answer that the index call did not take."""
    begun = time.perf_counter()
    connection.request("GET", "/api/v1/instruments?" + address_of(request))
    answer = connection.getresponse()
    answer.read()
    spent = (time.perf_counter() - begun) * 1000
    assert answer.status == 200
    return spent - float((answer.getheader("Server-Timing") or "").partition("dur=")[2])


def address_of(request: SearchRequest) -> str:
    """The query string of a request of the mix."""
    pairs = [("q", request.q)] if request.q else []
    pairs += [(name, ",".join(codes)) for name, codes in request.filters.items()]
    if request.open != "external":
        pairs.append(("open", request.open))
    return urlencode(pairs, quote_via=quote)


def private_memory(pid: int) -> float:
    """Megabytes that only this process holds and that are not pages of a file."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell private memory")


def _beside_postgresql(
    index: SearchIndex,
    documents: Iterable[Document],
    mix: Sequence[SearchRequest],
    ours: float,
    *,
    must_win: bool,
) -> list[Measure]:
    with search_peer.postgresql() as url:
        if url is None:
            return [missing("PostgreSQL, same counts")]
        times = search_peer.answer_times(url, documents, index, mix)
    theirs = [statistics.median(each) for each in times]
    return [
        Measure("PostgreSQL, same counts, p50", tuple(theirs), "ms"),
        Measure("PostgreSQL, same counts, p95", tuple(percentile(each, 95) for each in times), "ms"),
        at_least("PostgreSQL : search", [each / ours for each in theirs], "×", 5 if must_win else None),
    ]


def main() -> None:
    """`python -m tests.bench.bench_search FOLDER [COUNT] [--no-peer]`: prints the rows."""
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 33_817
    for row in measure(count, folder, has_peer="--no-peer" not in sys.argv):
        mark = {True: "met", False: "MISSED", None: ""}[row.is_met]
        spread = f"{min(row.values):10.2f} {max(row.values):10.2f}"
        print(f"{row.name:40} {row.median:10.2f} {spread} {row.unit:14} {row.goal:8} {mark}")


if __name__ == "__main__":
    main()
