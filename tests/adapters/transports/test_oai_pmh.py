"""OAI-PMH: tokens that expire, deleted records, inclusive time, loops."""

from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest

from adapters.contract import Limits, NativePage
from adapters.errors import LimitExceeded, LoopDetected, Malformed, ManifestInvalid, Refused
from tests.adapters.platforms import site, transport

OPTIONS = {"kind": "oai_pmh", "path": "/oai", "prefix": "nrii", "set": "instrument", "overlap_seconds": 2}
NAMESPACE = "http://www.openarchives.org/OAI/2.0/"


def stamp(second: int) -> str:
    return f"2026-01-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


class Repository:
    """ListRecords in the order of datestamps; tokens name the position and the epoch they were given in."""

    def __init__(self, seconds: list[int], size: int = 3) -> None:
        self.records = [(second, number, False) for number, second in enumerate(seconds)]
        self.size = size
        self.epoch = 0
        self.requests: list[dict[str, str]] = []
        self.expire_after: int | None = None
        self.order = sorted

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.requests.append(params)
        assert params["verb"] == "ListRecords"
        if self.expire_after is not None and len(self.requests) % self.expire_after == 0:
            self.epoch += 1
        start, since = 0, params.get("from", "")
        if "resumptionToken" in params:
            assert set(params) == {"verb", "resumptionToken"}
            epoch, since, position = params["resumptionToken"].split("|")
            if int(epoch) != self.epoch:
                return self.answer('<error code="badResumptionToken">过期</error>')
            start = int(position)
        else:
            assert params["metadataPrefix"] == "nrii"
            assert params["set"] == "instrument"
        found = [record for record in self.order(self.records) if stamp(record[0]) >= since]
        if not found:
            return self.answer('<error code="noRecordsMatch"/>')
        rows = "".join(self.record(*record) for record in found[start : start + self.size])
        reached = start + self.size
        token = f"{self.epoch}|{since}|{reached}" if reached < len(found) else ""
        return self.answer(
            f'<ListRecords>{rows}<resumptionToken completeListSize="{len(found)}">{escape(token)}</resumptionToken></ListRecords>'
        )

    @staticmethod
    def record(second: int, number: int, deleted: bool) -> str:
        status = ' status="deleted"' if deleted else ""
        header = f"<header{status}><identifier>oai:x:{number}</identifier><datestamp>{stamp(second)}</datestamp><setSpec>a</setSpec><setSpec>b</setSpec></header>"
        body = (
            ""
            if deleted
            else f'<metadata><n:instrument xmlns:n="urn:n"><n:innerId>{number}</n:innerId><n:alias>甲</n:alias><n:alias>乙</n:alias></n:instrument></metadata>'
        )
        return f"<record>{header}{body}</record>"

    @staticmethod
    def answer(inner: str) -> httpx.Response:
        return httpx.Response(
            200,
            content=f'<?xml version="1.0"?><OAI-PMH xmlns="{NAMESPACE}"><responseDate>x</responseDate>{inner}</OAI-PMH>'.encode(),
        )


def read(
    app: Any, cursor: str | None = None, options: dict[str, Any] = OPTIONS, **more: Any
) -> list[NativePage]:
    return list(transport(options, site(app, **more)).pages(cursor))


def numbers(pages: list[NativePage]) -> list[int]:
    return [
        int(record.body["header"]["identifier"].rpartition(":")[2])
        for page in pages
        for record in page.records
    ]


def test_a_harvest() -> None:
    pages = read(Repository([0, 0, 1, 1, 2, 3, 4, 9]))
    assert numbers(pages) == list(range(8))
    assert [page.is_last for page in pages] == [False, False, True]
    assert all(page.is_full for page in pages)
    assert pages[0].declared_total == 8
    first = pages[0].records[0]
    assert first.body == {
        "header": {"identifier": "oai:x:0", "datestamp": "2026-01-01T00:00:00Z", "sets": ["a", "b"]},
        "metadata": {"innerId": "0", "alias": ["甲", "乙"]},
    }
    assert first.modified is not None
    assert first.modified.isoformat() == "2026-01-01T00:00:00+00:00"


def test_changes_and_tombstones_come_later_with_an_overlap() -> None:
    repository = Repository([0, 1, 50])
    done = read(repository)[-1].cursor
    repository.records[0] = (60, 0, True)
    repository.records.append((48, 3, False))  # committed late
    repository.requests.clear()
    later = read(repository, done)
    assert repository.requests[0]["from"] == stamp(48)
    assert set(numbers(later)) == {0, 2, 3}
    assert [
        record.deleted
        for page in later
        for record in page.records
        if record.body["header"]["identifier"].endswith(":0")
    ] == [True]
    assert not any(page.is_full for page in later)


def test_nothing_new_does_not_wander_back() -> None:
    repository = Repository([50])
    cursor = read(repository)[-1].cursor
    repository.records.clear()
    for _ in range(3):
        pages = read(repository, cursor)
        cursor = pages[-1].cursor
        assert numbers(pages) == []
        assert pages[-1].is_last
    assert repository.requests[-1]["from"] == stamp(48)


def test_an_empty_repository_is_read_in_full_again() -> None:
    repository = Repository([])
    pages = read(repository)
    assert pages[-1].is_last
    assert pages[-1].is_full
    repository.records.append((1, 0, False))
    assert read(repository, pages[-1].cursor)[-1].is_full


@pytest.mark.parametrize("stop", [0, 1])
def test_a_resume_uses_the_token(stop: int) -> None:
    repository = Repository(list(range(8)))
    pages = read(repository)
    repository.requests.clear()
    rest = read(repository, pages[stop].cursor)
    assert "resumptionToken" in repository.requests[0]
    assert numbers(rest) == list(range(8))[(stop + 1) * 3 :]
    assert rest[-1].is_full


def test_a_resume_with_an_expired_token_opens_the_list_from_the_last_datestamp() -> None:
    repository = Repository(list(range(8)))
    pages = read(repository)
    repository.epoch += 1
    repository.requests.clear()
    rest = read(repository, pages[0].cursor)
    assert [sorted(request) for request in repository.requests[:2]] == [
        ["resumptionToken", "verb"],
        ["from", "metadataPrefix", "set", "verb"],
    ]
    assert repository.requests[1]["from"] == stamp(2)
    assert numbers(rest) == [2, 3, 4, 5, 6, 7]
    assert rest[-1].is_full


def test_tokens_that_expire_in_the_middle_cost_nothing_but_a_second_look() -> None:
    repository = Repository(list(range(20)))
    repository.expire_after = 4
    pages = read(repository)
    assert set(numbers(pages)) == set(range(20))
    assert pages[-1].is_last
    assert pages[-1].is_full


def test_tokens_that_always_expire_end_as_a_loop() -> None:
    repository = Repository([5] * 20)
    repository.expire_after = 1
    with pytest.raises(LoopDetected):
        read(repository)
    assert len(repository.requests) < 20


def test_an_unordered_repository_is_opened_from_its_beginning() -> None:
    repository = Repository([9, 3, 7, 1, 5, 2])
    repository.order = list  # type: ignore[assignment]
    pages = read(repository)
    repository.epoch += 1
    repository.requests.clear()
    rest = read(repository, pages[0].cursor)
    assert "from" not in repository.requests[1]
    assert set(numbers(rest)) == set(range(6))


def test_the_same_token_for_ever_is_a_loop() -> None:
    repository = Repository([1, 2, 3])

    def app(request: httpx.Request) -> httpx.Response:
        count = len(repository.requests)
        repository.requests.append({})
        rows = repository.record(1, count, False)
        return repository.answer(f"<ListRecords>{rows}<resumptionToken>same</resumptionToken></ListRecords>")

    with pytest.raises(LoopDetected):
        read(app)
    assert len(repository.requests) == 2


def test_an_error_of_the_protocol_is_refused_with_its_code() -> None:
    with pytest.raises(Refused, match="cannotDisseminateFormat"):
        read(lambda _: Repository.answer('<error code="cannotDisseminateFormat">无此格式</error>'))


@pytest.mark.parametrize(
    "content",
    [b"<html/>", b"", b"<OAI-PMH", b'<!DOCTYPE x []><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'],
)
def test_what_is_no_answer_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(lambda _: httpx.Response(200, content=content))


def test_a_record_without_header_is_kept_apart() -> None:
    pages = read(
        lambda _: Repository.answer(
            "<ListRecords><record><metadata/></record>" + Repository.record(1, 1, False) + "</ListRecords>"
        )
    )
    assert numbers(pages) == [1]
    assert pages[0].damaged[0].code == "no-header"


def test_day_granularity() -> None:
    asked: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("from", ""))
        return Repository.answer(
            "<ListRecords>"
            + Repository.record(1, 1, False).replace(stamp(1), "2026-01-01")
            + "</ListRecords>"
        )

    options = OPTIONS | {"granularity": "day"}
    done = read(app, options=options)[-1].cursor
    read(app, done, options)
    assert asked == ["", "2025-12-31"]


def test_caps() -> None:
    with pytest.raises(LimitExceeded):
        read(Repository(list(range(8))), limits=Limits(page_records=2))
    with pytest.raises(LimitExceeded):
        read(Repository(list(range(8))), limits=Limits(run_pages=2))


@pytest.mark.parametrize("cursor", ['{"kind":"oai","rest":"gestern"}', "{}", '{"kind":"time"}'])
def test_a_foreign_cursor_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed):
        read(Repository([1]), cursor)


@pytest.mark.parametrize("options", [{"kind": "oai_pmh", "path": "/oai"}, OPTIONS | {"granularity": "month"}])
def test_faulty_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        transport(options, site())
