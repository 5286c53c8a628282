"""REST platforms that answer in JSON or NDJSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from adapters.contract import NativePage
from adapters.errors import Malformed, Refused
from adapters.mapping.paths import compile_getter
from adapters.options import Options
from adapters.transports.answer import Answer
from adapters.transports.calls import Call, Caller, CursorExpired, Received
from adapters.transports.guards import over
from adapters.transports.paging import Paging, compile_paging
from adapters.transports.records import RecordMaker, read_json, read_lines
from adapters.transports.return_codes import AnswerCheck, compile_answer
from adapters.transports.site import Site

Getter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Where the records and the count stand in an answer, and the return codes around them."""

    records: Getter
    total: Getter | None
    checks: tuple[AnswerCheck, ...]
    most: int

    def read(self, body: Any, size: int, maker: RecordMaker, where: str) -> Answer:
        """The answer's records. Raises `Malformed` when there is no list, `LimitExceeded` when it is too long."""
        found = self.records(body)
        if found is None and self.checks:
            found = []  # a platform with return codes may leave the list out when it is empty
        if not isinstance(found, list):
            raise Malformed("答复中没有记录列表", "the answer holds no list of records")
        if len(found) > self.most:
            raise over("每页记录数", "records in a page", self.most)
        records, damaged = maker.make_all(found, where)
        return Answer(records, damaged, read_total(self.total, body), body, size)


@contextmanager
def no_way_back() -> Iterator[None]:
    """An expired cursor that the paging cannot replace is a refusal."""
    try:
        yield
    except CursorExpired:
        raise Refused("平台不认这个游标或页码", "the platform refuses this cursor or page") from None


def read_total(total: Getter | None, body: Any) -> int | None:
    """The platform's own count; text of digits counts as a number."""
    value = None if total is None else total(body)
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def compile_listing(options: Options, most: int) -> Listing:
    """`records`, `total` and `answer` of a transport's options."""
    path = options.path
    return Listing(
        records=compile_getter(options.raw("records", "@"), f"{path}.records"),
        total=compile_getter(options.raw("total"), f"{path}.total") if "total" in options else None,
        checks=compile_answer(options.raw("answer", None), f"{path}.answer"),
        most=most,
    )


@dataclass(frozen=True, slots=True)
class RestJson:
    """One list of a REST platform."""

    site: Site
    maker: RecordMaker
    path: str
    method: str
    place: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    lines: bool
    expired_status: tuple[int, ...]
    listing: Listing
    paging: Paging

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({self.paging.family})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`."""
        with no_way_back(), self.site.caller() as caller:
            yield from self.paging.pages(lambda given: self._ask(caller, given), cursor, self.site.guard())

    def _ask(self, caller: Caller, given: Mapping[str, Any]) -> Answer:
        return caller.ask(self._call({**self.params, **given}), self._interpret)

    def _interpret(self, received: Received) -> Answer:
        size = len(received.content)
        if self.lines:
            records, damaged = self.maker.make_all(read_lines(received.content, self.path), self.path)
            if len(records) + len(damaged) > self.listing.most:
                raise over("每页记录数", "records in a page", self.listing.most)
            return Answer(records, damaged, None, None, size)
        body = read_json(received.content, "答复", "the answer")
        for check in self.listing.checks:
            check.judge(body)
        return self.listing.read(body, size, self.maker, self.path)

    def _call(self, parameters: Mapping[str, Any]) -> Call:
        if self.place == "query":
            return self._made(params={name: text_of(value) for name, value in parameters.items()})
        if self.place == "json":
            return self._made(content=orjson.dumps(dict(parameters)), kind="application/json")
        form = urlencode({name: text_of(value) for name, value in parameters.items()})
        return self._made(content=form.encode("ascii"), kind="application/x-www-form-urlencoded")

    def _made(
        self, *, params: Mapping[str, str] | None = None, content: bytes | None = None, kind: str = ""
    ) -> Call:
        headers = {"accept": "application/x-ndjson" if self.lines else "application/json", **self.headers}
        if kind:
            headers["content-type"] = kind
        return Call(self.method, self.path, params or {}, headers, content, self.expired_status)


def text_of(value: Any) -> str:
    """A parameter as text: booleans as true and false, objects as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int | float)
        else orjson.dumps(value).decode()
    )


def build_rest_json(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> RestJson:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options = Options(written, path)
    options.text("kind")
    transport = RestJson(
        site=site,
        maker=maker,
        path=options.text("path"),
        method=options.choice("method", ("GET", "POST"), "GET"),
        place=options.choice("place", ("query", "json", "form"), "query"),
        params=options.mapping("params", {}),
        headers={name: str(value) for name, value in options.mapping("headers", {}).items()},
        lines=options.choice("body", ("json", "ndjson"), "json") == "ndjson",
        expired_status=tuple(int(status) for status in options.values("expired_status", (410,))),
        listing=compile_listing(options, site.limits.page_records),
        paging=compile_paging(options.raw("paging", None), f"{path}.paging"),
    )
    options.finish()
    return transport
