"""OAI-PMH 2.0: ListRecords with resumption tokens that expire, and deleted records.

Rules. `from` is inclusive, so a later read overlaps and drops nothing. A token that the repository no longer knows
(badResumptionToken) does not end the harvest: the list is opened again from the last datestamp seen, or from its
beginning when the repository does not list in the order of datestamps. The same token twice is a loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.contract import Damaged, NativePage, NativeRecord
from adapters.errors import LimitExceeded, LoopDetected, Malformed, Refused
from adapters.options import Options
from adapters.transports.calls import Call, Caller, Received
from adapters.transports.cursors import read_cursor, state_text, write_cursor
from adapters.transports.guards import over
from adapters.transports.records import RecordMaker, broken, page
from adapters.transports.site import Site
from adapters.transports.xml_trees import parse_tree, raw_bytes, to_object

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_MAX_REOPENED = 3  # times without reaching a later datestamp


class _TokenUnknown(Exception):
    """The repository answered badResumptionToken."""


@dataclass(frozen=True, slots=True)
class _List:
    """One answer to ListRecords."""

    records: tuple[NativeRecord, ...]
    damaged: tuple[Damaged, ...]
    stamps: tuple[str, ...]
    token: str | None
    total: int | None
    size: int


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a harvest stands.

    `opened` is the `from` of this read, `last` the newest datestamp seen in it, `floor` the newest of all before:
    a later read never starts earlier than its overlap before that.
    """

    token: str | None
    opened: str | None
    last: str | None
    floor: str | None
    sorted: bool
    full: bool

    def cursor(self) -> str:
        """The cursor that goes on within the same read."""
        return write_cursor(
            "oai",
            token=self.token,
            opened=self.opened,
            last=self.last,
            floor=self.floor,
            sorted=self.sorted,
            full=self.full,
        )

    def rest(self) -> str:
        """The cursor of a finished read; without any datestamp the next read is a full one again."""
        newest = max(self.last or "", self.floor or "")
        return write_cursor("oai", rest=newest) if newest else write_cursor("oai", full=True)


@dataclass(frozen=True, slots=True)
class OaiPmh:
    """One metadata format, and set if given, of a repository."""

    site: Site
    maker: RecordMaker
    path: str
    prefix: str
    set_name: str | None
    overlap: timedelta
    by_day: bool

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"timestamp", "change_feed"})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`."""
        stand, guard = self._begin(cursor), self.site.guard()
        held: set[str] = (
            set()
        )  # of the page before: what comes again after the list was opened again is dropped
        reopened, reached = 0, ""
        with self.site.caller() as caller:
            while True:
                try:
                    answer = self._list(caller, stand)
                except _TokenUnknown:
                    has_moved = stand.sorted and (stand.last or "") > reached
                    reopened, reached = 1 if has_moved else reopened + 1, stand.last or ""
                    if stand.token is None or reopened > _MAX_REOPENED:
                        zh, en = "平台一再不认自己的续传令牌", "the repository keeps refusing its own tokens"
                        raise LoopDetected(zh, en) from None
                    guard.start_over()
                    stand = _open_again(stand)
                    continue
                new = [record for record in answer.records if record.raw_hash not in held]
                guard.count_page(new, answer.size)
                held = {record.raw_hash for record in answer.records}
                is_last = answer.token is None
                if answer.token is not None:
                    guard.count_token(answer.token)
                stand = _advance(stand, answer)
                yield page(
                    new,
                    answer.damaged,
                    stand.rest() if is_last else stand.cursor(),
                    is_last=is_last,
                    is_full=stand.full,
                    total=answer.total,
                )
                if is_last:
                    return

    def _begin(self, cursor: str | None) -> _Stand:
        state = {} if cursor is None else read_cursor("oai", cursor)
        rest = state_text(state, "rest")
        if rest is not None:
            return _Stand(None, self._earlier(rest), None, rest, True, False)
        return _Stand(
            token=state_text(state, "token"),
            opened=state_text(state, "opened"),
            last=state_text(state, "last"),
            floor=state_text(state, "floor"),
            sorted=state.get("sorted", True) is True,
            full=cursor is None or state.get("full") is True,
        )

    def _earlier(self, stamp: str) -> str:
        """`from` of a later read: the overlap before the last datestamp."""
        try:
            instant = datetime.fromisoformat(stamp)
        except ValueError:
            raise Malformed("游标中的时刻无法识别", "the instant in the cursor cannot be read") from None
        if self.by_day:
            return (instant - timedelta(days=1)).strftime("%Y-%m-%d")
        return (instant - self.overlap).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _list(self, caller: Caller, stand: _Stand) -> _List:
        params = {"verb": "ListRecords"}
        if stand.token is not None:
            params["resumptionToken"] = stand.token
        else:
            params["metadataPrefix"] = self.prefix
            if self.set_name is not None:
                params["set"] = self.set_name
            if stand.opened is not None:
                params["from"] = stand.opened
        return caller.ask(Call("GET", self.path, params), self._interpret)

    def _interpret(self, received: Received) -> _List:
        root = parse_tree(received.content)
        error = root.find(f"{OAI}error")
        if error is not None:
            return self._judge(error, len(received.content))
        listed = root.find(f"{OAI}ListRecords")
        if listed is None:
            raise Malformed("不是 OAI-PMH 的 ListRecords 答复", "is no OAI-PMH answer to ListRecords")
        elements = listed.findall(f"{OAI}record")
        if len(elements) > self.site.limits.page_records:
            raise over("每页记录数", "records in a page", self.site.limits.page_records)
        pieces = [self._record(element, number) for number, element in enumerate(elements, 1)]
        token = listed.find(f"{OAI}resumptionToken")
        total = None if token is None else token.get("completeListSize", "")
        return _List(
            records=tuple(piece for piece in pieces if isinstance(piece, NativeRecord)),
            damaged=tuple(piece for piece in pieces if isinstance(piece, Damaged)),
            stamps=tuple(e.findtext(f"{OAI}header/{OAI}datestamp") or "" for e in elements),
            token=None if token is None else (token.text or "").strip() or None,
            total=int(total) if total and total.isdecimal() else None,
            size=len(received.content),
        )

    def _judge(self, error: Any, size: int) -> _List:
        code, said = error.get("code", ""), (error.text or "")[:200]
        if code == "noRecordsMatch":
            return _List((), (), (), None, 0, size)
        if code == "badResumptionToken":
            raise _TokenUnknown
        raise Refused(
            f"平台拒绝了请求（OAI {code} {said}）", f"the repository refused the request (OAI {code} {said})"
        )

    def _record(self, element: Any, number: int) -> NativeRecord | Damaged:
        raw, position = raw_bytes(element), f"ListRecords #{number}"
        header = element.find(f"{OAI}header")
        if header is None:
            return broken(position, raw, "no-header", "没有 header", "has no header")
        stamp = (header.findtext(f"{OAI}datestamp") or "").strip()
        about = {
            "identifier": (header.findtext(f"{OAI}identifier") or "").strip(),
            "datestamp": stamp,
            "sets": [(item.text or "").strip() for item in header.findall(f"{OAI}setSpec")],
        }
        deleted = header.get("status") == "deleted"
        metadata = element.find(f"{OAI}metadata")
        inner = next(iter(metadata), None) if metadata is not None else None
        try:
            content = {} if inner is None else to_object(inner, self.site.limits.depth)
        except LimitExceeded:
            return broken(position, raw, "too-deep", "嵌套太深", "is nested too deeply")
        made = self.maker.make({"header": about, "metadata": content}, position, raw, deleted=deleted)
        if isinstance(made, NativeRecord) and made.modified is None:
            return replace(made, modified=_instant(stamp))
        return made


def _open_again(stand: _Stand) -> _Stand:
    since = stand.last if stand.sorted and stand.last is not None else stand.opened
    return replace(stand, token=None, opened=since)


def _advance(stand: _Stand, answer: _List) -> _Stand:
    stamps = [stamp for stamp in answer.stamps if stamp]
    before = stand.last or ""
    is_sorted = stand.sorted and all(a <= b for a, b in zip([before, *stamps], stamps, strict=False))
    newest = max([before, *stamps]) or None
    return replace(stand, token=answer.token, last=newest, sorted=is_sorted)


def _instant(stamp: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def build_oai_pmh(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> OaiPmh:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options = Options(written, path)
    options.text("kind")
    transport = OaiPmh(
        site=site,
        maker=maker,
        path=options.text("path"),
        prefix=options.text("prefix"),
        set_name=options.text("set") if "set" in options else None,
        overlap=timedelta(seconds=options.number("overlap_seconds", 1)),
        by_day=options.choice("granularity", ("seconds", "day"), "seconds") == "day",
    )
    options.finish()
    return transport
