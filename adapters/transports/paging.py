"""Ways through a list that comes in pages, each with the safety rule of its cursor family.

A paging knows parameters and cursors, not protocols: it is given `ask`, which sends parameters and returns the
records of one answer, and is used by JSON and SOAP platforms alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adapters.contract import NativePage
from adapters.errors import LoopDetected
from adapters.mapping.paths import compile_getter
from adapters.options import Options, fault
from adapters.transports.answer import Answer, Ask
from adapters.transports.calls import CursorExpired
from adapters.transports.cursors import read_cursor, state_count, state_text, write_cursor
from adapters.transports.guards import RunGuard
from adapters.transports.records import page
from adapters.transports.time_paging import compile_time

Getter = Callable[[Any], Any]


class Paging(Protocol):
    """One way through the pages. `family` is the cursor family a resource must declare to use it."""

    @property
    def family(self) -> str: ...

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """Read from the cursor to the end; the last page is marked."""
        ...


@dataclass(frozen=True, slots=True)
class TokenPaging:
    """A change feed: every answer carries the opaque token that continues it.

    Rule: the token is stored as given; the same token twice is a loop; a token the platform no longer knows starts
    a full read by itself.
    """

    param: str
    next: Getter
    more: Getter | None
    constants: Mapping[str, Any]
    family: str = "change_feed"

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """See `Paging.pages`."""
        state = {} if cursor is None else read_cursor("token", cursor)
        token = state_text(state, "token")
        full = token is None or state.get("full") is True
        try:
            yield from self._walk(ask, token, full, guard)
        except CursorExpired:
            guard.start_over()
            try:
                yield from self._walk(ask, None, True, guard)
            except CursorExpired:
                raise LoopDetected(
                    "平台一再不认自己的游标", "the platform keeps refusing its own cursors"
                ) from None

    def _walk(self, ask: Ask, token: str | None, full: bool, guard: RunGuard) -> Iterator[NativePage]:
        while True:
            answer = ask({**self.constants, **({} if token is None else {self.param: token})})
            guard.count_page(answer.records, answer.size)
            following = self._following(answer.body)
            is_last = self._is_last(answer, following)
            held = following or token
            # The token that ends a read starts the next one, which then asks for changes only.
            cursor = write_cursor("token", token=held, full=full and not is_last)
            yield page(
                answer.records, answer.damaged, cursor, is_last=is_last, is_full=full, total=answer.total
            )
            if is_last:
                return
            guard.count_token(str(following))
            token = following

    def _following(self, body: Any) -> str | None:
        value = self.next(body)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) and value else None

    def _is_last(self, answer: Answer, following: str | None) -> bool:
        if following is None:
            return True
        if self.more is not None:
            return not self.more(answer.body)
        return answer.count == 0


@dataclass(frozen=True, slots=True)
class NumberPaging:
    """Numbered pages or offsets: the weak family. Every read is a full one.

    Rule: the end is an empty page or the declared total, never a short page; when the total moved meanwhile, rows
    may have slipped between pages, so the read does not count as full.
    """

    param: str
    first: int
    by_offset: bool
    size: int
    constants: Mapping[str, Any]
    family: str = "page"

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """See `Paging.pages`."""
        state = {} if cursor is None else read_cursor("number", cursor)
        number, seen = state_count(state, "number", self.first), state_count(state, "seen")
        first_total = state.get("total")
        steady = state.get("steady", True) is True
        if state.get("end") is True:
            yield page((), (), str(cursor), is_last=True, is_full=False)
            return
        while True:
            answer = ask({self.param: seen if self.by_offset else number, **self.constants})
            guard.count_page(answer.records, answer.size)
            seen, number = seen + answer.count, number + 1
            first_total = answer.total if first_total is None else first_total
            steady = steady and answer.total == first_total
            is_last = self._is_last(answer, seen)
            cursor = write_cursor(
                "number", number=number, seen=seen, total=first_total, steady=steady, end=is_last
            )
            full = steady or not is_last
            yield page(
                answer.records, answer.damaged, cursor, is_last=is_last, is_full=full, total=answer.total
            )
            if is_last:
                return

    def _is_last(self, answer: Answer, seen: int) -> bool:
        if answer.count == 0:
            return True
        if answer.total is not None:
            return seen >= answer.total
        return self.size > 0 and answer.count < self.size


@dataclass(frozen=True, slots=True)
class SinglePage:
    """One answer holds everything."""

    constants: Mapping[str, Any]
    family: str = "page"

    def pages(self, ask: Ask, cursor: str | None, guard: RunGuard) -> Iterator[NativePage]:
        """See `Paging.pages`."""
        if cursor is not None:
            read_cursor("single", cursor)
        answer = ask(self.constants)
        guard.count_page(answer.records, answer.size)
        yield page(
            answer.records,
            answer.damaged,
            write_cursor("single"),
            is_last=True,
            is_full=True,
            total=answer.total,
        )


def compile_paging(written: Any, path: str) -> Paging:
    """The `paging` section of a transport. Raises `ManifestInvalid`."""
    options = Options({"kind": "none"} if written is None else written, path)
    kind = options.choice("kind", ("token", "page", "offset", "time", "none"))
    paging: Paging
    if kind == "time":
        paging = compile_time(options)
    elif kind == "token":
        paging = TokenPaging(
            param=options.text("param"),
            next=compile_getter(options.raw("next"), f"{path}.next"),
            more=compile_getter(options.raw("more"), f"{path}.more") if "more" in options else None,
            constants=_size(options),
        )
    elif kind == "none":
        paging = SinglePage(_size(options))
    else:
        paging = _numbered(options, by_offset=kind == "offset")
    options.finish()
    return paging


def _numbered(options: Options, *, by_offset: bool) -> NumberPaging:
    constants = _size(options)
    return NumberPaging(
        param=options.text("param"),
        first=0 if by_offset else options.integer("first", 1),
        by_offset=by_offset,
        size=options.integer("size", 0),
        constants=constants,
    )


def _size(options: Options) -> Mapping[str, Any]:
    """The constant page size, when the platform takes one."""
    if "size_param" not in options:
        return {}
    if "size" not in options:
        raise fault(f"{options.path}.size", "缺少每页条数", "is missing", None)
    return {options.text("size_param"): options.integer("size", least=1)}
