"""Walking a province's order feed: by a number that rises, or by the time of change. Repeats are harmless to the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from adapters.bookings.operations import Heard, Operation
from adapters.bookings.wire import Wire
from adapters.contract import Answer, AnswerPage, Damaged
from adapters.errors import LimitExceeded, LoopDetected, Malformed
from adapters.mapping.dates import SHANGHAI
from adapters.mapping.paths import Getter, compile_getter
from adapters.options import Options
from adapters.transports.cursors import read_cursor, state_text, write_cursor


class Walks(Protocol):
    """One way of reading on."""

    def walk(
        self, operation: Operation, wire: Wire, document: Mapping[str, Any], cursor: str | None
    ) -> Iterator[AnswerPage]:
        """From the cursor to the end; `now` stands in the document. Raises `AdapterError`, `Malformed` for a foreign cursor."""
        ...


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Asked with the last number seen; the answer names the next, or its last row does."""

    param: str
    next: Getter | None
    position: Getter | None
    more: Getter | None
    size_param: str
    size: int

    def walk(
        self, operation: Operation, wire: Wire, document: Mapping[str, Any], cursor: str | None
    ) -> Iterator[AnswerPage]:
        """See `Walks.walk`."""
        after = None if cursor is None else state_text(read_cursor("number", cursor), "after")
        if cursor is not None and after is None:
            raise Malformed(
                "游标无法识别；请从头读取", "the cursor is not one of this feed; start from the beginning"
            )
        for _ in range(wire.limits.feed_pages):
            asked = {self.size_param: str(self.size), **({} if after is None else {self.param: after})}
            heard = operation.question(wire, document, asked)
            rows = operation.found(heard)
            answers, damaged = read_rows(operation, rows)
            reached = self._reached(heard, rows, after)
            is_last = not rows or not self._has_more(heard, rows)
            yield AnswerPage(answers, write_cursor("number", after=reached), is_last, damaged)
            if is_last:
                return
            if reached == after:
                raise LoopDetected("订单流没有前进", "the order feed does not move on")
            after = reached
        raise LimitExceeded(
            f"订单流超过 {wire.limits.feed_pages} 页",
            f"the order feed has more than {wire.limits.feed_pages} pages",
        )

    def _reached(self, heard: Heard, rows: list[Any], after: str | None) -> str:
        """The number to go on from; never smaller than the one asked with."""
        found: Any = self.next(heard.body) if self.next is not None else None
        if found is None and self.position is not None and rows:
            found = self.position(rows[-1])
        if found is None:
            return after or "0"
        text = str(found)
        if not text.isascii() or not text.isdigit() or (after is not None and int(text) < int(after)):
            raise Malformed("订单流的序号无法识别", "the order feed's number cannot be read")
        return text

    def _has_more(self, heard: Heard, rows: list[Any]) -> bool:
        return bool(self.more(heard.body)) if self.more is not None else len(rows) >= self.size


@dataclass(frozen=True, slots=True)
class ByTime:
    """Asked with a time; what is written at it or later comes, page by page. Overlaps, because clocks and seconds do."""

    param: str
    form: str
    overlap: timedelta
    page_param: str
    size_param: str
    size: int
    total: Getter | None

    def walk(
        self, operation: Operation, wire: Wire, document: Mapping[str, Any], cursor: str | None
    ) -> Iterator[AnswerPage]:
        """See `Walks.walk`. Only the last page moves the cursor: pages of one question shift while they are read."""
        since = None if cursor is None else self._since(cursor)
        asked = (
            {}
            if since is None
            else {self.param: (since - self.overlap).astimezone(SHANGHAI).strftime(self.form)}
        )
        latest, held, seen = since, cursor or write_cursor("time"), 0
        for number in range(1, wire.limits.feed_pages + 1):
            heard = operation.question(
                wire, document, {**asked, self.page_param: str(number), self.size_param: str(self.size)}
            )
            rows = operation.found(heard)
            answers, damaged = read_rows(operation, rows)
            seen += len(rows)
            # A platform whose clock runs ahead must not make us skip what it writes next.
            times = [
                answer.at for answer in answers if answer.at is not None and answer.at <= document["now"]
            ]
            latest = max([*times, *([] if latest is None else [latest])], default=None)
            is_last = not rows or self._is_all(heard, seen, rows)
            if is_last and latest is not None:
                held = write_cursor("time", since=latest.isoformat())
            yield AnswerPage(answers, held, is_last, damaged)
            if is_last:
                return
        raise LimitExceeded(
            f"订单列表超过 {wire.limits.feed_pages} 页",
            f"the order list has more than {wire.limits.feed_pages} pages",
        )

    def _since(self, cursor: str) -> datetime | None:
        text = state_text(read_cursor("time", cursor), "since")
        try:
            return None if text is None else datetime.fromisoformat(text)
        except ValueError as error:
            raise Malformed(
                "游标无法识别；请从头读取", "the cursor is not one of this feed; start anew"
            ) from error

    def _is_all(self, heard: Heard, seen: int, rows: list[Any]) -> bool:
        total = self.total(heard.body) if self.total is not None else None
        return seen >= total if isinstance(total, int) else len(rows) < self.size


def read_rows(operation: Operation, rows: list[Any]) -> tuple[tuple[Answer, ...], tuple[Damaged, ...]]:
    """Every row as an answer; one that says of nobody is kept as damaged and costs only itself."""
    assert operation.answer is not None
    answers: list[Answer] = []
    damaged: list[Damaged] = []
    for number, row in enumerate(rows, 1):
        try:
            answers.append(operation.answer(row))
        except Malformed as error:
            damaged.append(
                Damaged(f"第 {number} 行 / row {number}", orjson.dumps(row), error.code, error.zh, error.en)
            )
    return tuple(answers), tuple(damaged)


def compile_walk(options: Options) -> Walks:
    """The `cursor` part of a feed. Raises `ManifestInvalid`."""
    kind = options.choice("kind", ("number", "time"))
    size_param, size = options.text("size_param"), options.integer("size", least=1)
    if kind == "number":
        walk: Walks = ByNumber(
            param=options.text("param"),
            next=_getter(options, "next"),
            position=_getter(options, "position"),
            more=_getter(options, "more"),
            size_param=size_param,
            size=size,
        )
    else:
        walk = ByTime(
            param=options.text("param"),
            form=options.text("format"),
            overlap=timedelta(seconds=options.number("overlap_seconds", 300.0)),
            page_param=options.text("page_param"),
            size_param=size_param,
            size=size,
            total=_getter(options, "total"),
        )
    options.finish()
    return walk


def _getter(options: Options, name: str) -> Getter | None:
    return compile_getter(options.raw(name), f"{options.path}.{name}") if name in options else None
