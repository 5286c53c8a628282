"""Reading by time of change: walk forward from the last instant seen, with `>=` and an overlap.

Rules. Many rows share one second, so the walk asks for the second it stands on again and drops what it already
has. Rows may be committed late, so a later read starts `overlap_seconds` before the last instant. The walk ends when
an answer brings nothing new, not when a page is short: platforms cap page sizes as they like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.contract import NativePage, NativeRecord
from adapters.errors import LimitExceeded, Malformed
from adapters.options import Options, fault
from adapters.transports.answer import Answer, Ask
from adapters.transports.cursors import read_cursor, state_count, state_text, write_cursor
from adapters.transports.guards import RunGuard
from adapters.transports.records import page

_MAX_GROWTH = 64


@dataclass(frozen=True, slots=True)
class TimeParameters:
    """How a question is asked: parameter names, the spelling of an instant, sizes."""

    since: str
    write: Callable[[datetime], Any]
    start: str | None
    overlap: timedelta
    size_param: str | None
    size: int
    max_size: int
    page_param: str | None
    first: int

    def build(self, stand: Stand) -> dict[str, Any]:
        """The parameters of one question."""
        parameters: dict[str, Any] = {}
        if stand.since is not None:
            parameters[self.since] = self.write(stand.since)
        elif self.start is not None:
            parameters[self.since] = self.start
        if self.size_param is not None:
            parameters[self.size_param] = stand.size
        if self.page_param is not None:
            parameters[self.page_param] = stand.number
        return parameters

    def begin(self, cursor: str | None) -> Stand:
        """Where a read starts or goes on. Raises `Malformed` for a foreign cursor."""
        state = {} if cursor is None else read_cursor("time", cursor)
        rest, since, floor = (state_text(state, name) for name in ("rest", "since", "floor"))
        if rest is not None:
            instant = _read(rest)
            return Stand(instant - self.overlap, instant, self.first, self.size, False, None, 0)
        total = state.get("total")
        return Stand(
            since=None if since is None else _read(since),
            floor=None if floor is None else _read(floor),
            number=state_count(state, "number", self.first),
            size=state_count(state, "size", self.size),
            full=cursor is None or state.get("full") is True,
            total=total if isinstance(total, int) else None,
            seen=state_count(state, "seen"),
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a read stands: instant, numbered page under it, page size; full read or not; the platform's first count.

    `floor` is the newest instant of all reads before: a later one never starts earlier than its overlap before that.
    """

    since: datetime | None
    floor: datetime | None
    number: int
    size: int
    full: bool
    total: int | None
    seen: int

    def cursor(self) -> str:
        """The cursor that goes on from here within the same read."""
        return write_cursor(
            "time",
            since=_text(self.since),
            floor=_text(self.floor),
            number=self.number,
            size=self.size,
            full=self.full,
            total=self.total,
            seen=self.seen,
        )

    def rest(self, newest: datetime | None) -> str:
        """The cursor of a finished read; without any instant the next read is a full one again."""
        instants = [instant for instant in (newest, self.floor) if instant is not None]
        return (
            write_cursor("time", rest=_text(max(instants))) if instants else write_cursor("time", full=True)
        )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def _read(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Malformed("游标中的时刻无法识别", "the instant in the cursor cannot be read")
    return instant


def _latest(records: tuple[NativeRecord, ...]) -> datetime | None:
    return max((record.modified for record in records if record.modified is not None), default=None)


@dataclass(frozen=True, slots=True)
class TimeWalk:
    """The platform answers in the order of change.

    A second that fills a page is read with larger pages while the platform allows them, then page by page, and
    page by page again until that brings nothing new.
    """

    parameters: TimeParameters
    family: str = "timestamp"

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """See `Paging.pages`."""
        first = self.parameters.first
        stand = self.parameters.begin(cursor)
        held: set[str] = set()  # what has been given of the second the walk stands on
        unsure = stand.number > first
        while True:
            answer = ask(self.parameters.build(stand))
            _check_order(answer.records)
            new = [record for record in answer.records if record.raw_hash not in held]
            broken = [piece for piece in answer.damaged if piece.raw_hash not in held]
            guard.count_page(new, answer.size)
            if stand.total is None:
                stand = replace(stand, total=answer.total)
            unsure = unsure or (stand.number > first and bool(new or broken))
            following = self._following(stand, answer, bool(new or broken))
            if unsure and (following is None or following.since != stand.since):
                # A row that left this second meanwhile pulled others to a page already read: read its pages again.
                following, unsure = replace(stand, number=first), False
                held.update(record.raw_hash for record in answer.records)
            reached = following or self._moved(stand, answer) or stand
            if reached.since != stand.since:
                held = set()
            held.update(record.raw_hash for record in answer.records if self._shares(record, reached.since))
            held.update(piece.raw_hash for piece in answer.damaged)
            cursor = reached.rest(reached.since) if following is None else following.cursor()
            yield page(new, broken, cursor, is_last=following is None, is_full=stand.full, total=stand.total)
            if following is None:
                return
            stand = following

    def _moved(self, stand: Stand, answer: Answer) -> Stand | None:
        """The stand on the newest instant of the answer, if that lies in a later second."""
        top = _latest(answer.records)
        if top is None or (stand.since is not None and (top <= stand.since or self._same(top, stand.since))):
            return None
        return replace(stand, since=top, number=self.parameters.first, size=self.parameters.size)

    def _following(self, stand: Stand, answer: Answer, brought_new: bool) -> Stand | None:
        """The next question, or None when there is nothing more to ask."""
        is_first = stand.number == self.parameters.first
        if answer.count == 0 or (is_first and answer.total is not None and answer.count >= answer.total):
            return None
        moved = self._moved(stand, answer)
        if moved is not None:
            return moved
        if self.parameters.page_param is not None and stand.size * 2 > self.parameters.max_size:
            return replace(stand, number=stand.number + 1)
        hides = answer.count >= stand.size or (answer.total is not None and answer.count < answer.total)
        if hides:
            return self._larger(stand)
        return stand if brought_new else None

    def _larger(self, stand: Stand) -> Stand:
        size = stand.size * 2
        if size > self.parameters.max_size:
            raise LimitExceeded(
                f"同一时刻的记录多于每页上限 {stand.size}，无法继续",
                f"more records share one instant than a page of {stand.size} holds",
            )
        return replace(stand, size=size)

    def _same(self, one: datetime, other: datetime) -> bool:
        """Whether two instants are one for the platform: written alike."""
        return bool(self.parameters.write(one) == self.parameters.write(other))

    def _shares(self, record: NativeRecord, since: datetime | None) -> bool:
        return record.modified is None or since is None or self._same(record.modified, since)


def _check_order(records: tuple[NativeRecord, ...]) -> None:
    """A walk over unsorted answers would jump over rows."""
    instants = [record.modified for record in records if record.modified is not None]
    if any(later < earlier for earlier, later in pairwise(instants)):
        raise Malformed(
            "平台的答复没有按修改时间排序；请在 manifest 中改用 order: other",
            "the platform does not answer in the order of change; use order: other in the manifest",
        )


@dataclass(frozen=True, slots=True)
class TimePages:
    """Numbered pages under one instant, in an order that has nothing to do with time.

    When the total moved meanwhile, rows may have slipped between pages: the read does not count as full, and the
    next one covers the same time again.
    """

    parameters: TimeParameters
    family: str = "timestamp"

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """See `Paging.pages`."""
        stand = self.parameters.begin(cursor)
        high, steady = stand.since, True
        while True:
            answer = ask(self.parameters.build(stand))
            guard.count_page(answer.records, answer.size)
            top = _latest(answer.records)
            high = max((instant for instant in (high, top) if instant is not None), default=None)
            steady = steady and stand.total in (None, answer.total)
            total = answer.total if stand.total is None else stand.total
            stand = replace(stand, number=stand.number + 1, seen=stand.seen + answer.count, total=total)
            is_last = answer.count == 0 or (total is not None and stand.seen >= total)
            cursor = stand.rest(high if steady else None) if is_last else stand.cursor()
            full = stand.full and (steady or not is_last)
            yield page(answer.records, answer.damaged, cursor, is_last=is_last, is_full=full, total=total)
            if is_last:
                return


def compile_time(options: Options) -> TimeWalk | TimePages:
    """The `paging` section of kind `time`. Raises `ManifestInvalid`."""
    numbered = options.optional_section("page")
    size = options.integer("size", least=1)
    parameters = TimeParameters(
        since=options.text("since"),
        write=_writer(options),
        start=options.text("start") if "start" in options else None,
        overlap=timedelta(seconds=options.number("overlap_seconds", 2)),
        size_param=options.text("size_param") if "size_param" in options else None,
        size=size,
        max_size=options.integer("max_size", size * _MAX_GROWTH if numbered is None else size),
        page_param=None if numbered is None else numbered.text("param"),
        first=1 if numbered is None else numbered.integer("first", 1),
    )
    if numbered is not None:
        numbered.finish()
    if options.choice("order", ("time", "other"), "time") == "time":
        return TimeWalk(parameters)
    if numbered is None:
        raise fault(f"{options.path}.page", "order: other 要写 page", "is needed for order: other", None)
    return TimePages(parameters)


def _writer(options: Options) -> Callable[[datetime], Any]:
    """How an instant is written into the parameter."""
    style = options.text("format", "iso")
    name = options.text("timezone", "Asia/Shanghai")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise fault(f"{options.path}.timezone", "没有这个时区", "is no time zone", name) from error
    writers: Mapping[str, Callable[[datetime], Any]] = {
        "seconds": lambda instant: int(instant.timestamp()),
        "millis": lambda instant: int(instant.timestamp() * 1000),
        "iso": lambda instant: instant.astimezone(zone).isoformat(timespec="seconds"),
    }
    if style in writers:
        return writers[style]
    if "%" not in style:
        raise fault(
            f"{options.path}.format", "应为 iso、seconds、millis 或 strftime 格式", "is no format", style
        )
    return lambda instant: instant.astimezone(zone).strftime(style)
