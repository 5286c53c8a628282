"""From a native calendar to `RemoteAvailability`: what is taken, closed, allowed, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.bookings.fields import Compiler, Field, Notes, read_slot
from adapters.contract import (
    BusySlot,
    NativeKey,
    OpeningHours,
    RemoteAvailability,
    RemoteClosure,
    RemoteRules,
    RemoteTariff,
    TariffLine,
)
from adapters.errors import LimitExceeded, Malformed
from adapters.mapping.paths import Getter, compile_getter
from adapters.options import Options

MOST_ROWS = 10_000
_SPAN = {"start": "instant", "end": "instant"}
_BUSY = {**_SPAN, "booking_id": "name", "remote_id": "name"}
_CLOSED = {**_SPAN, "text": "text"}
_HOURS = {"weekday": "code", "start": "clock", "end": "clock"}
_RULES = {
    "version": "name",
    "slot_minutes": "integer",
    "min_minutes": "integer",
    "max_minutes": "integer",
    "lead_minutes": "integer",
    "cancel_minutes": "integer",
    "capacity": "integer",
    "needs_training": "flag",
    "needs_operator": "flag",
}
_TARIFF = {"version": "name", "valid_from": "date", "basis": "code", "minimum": "fen"}
_LINE = {"unit": "code", "outside": "fen", "inside": "fen", "item": "text", "condition": "text"}


@dataclass(frozen=True, slots=True)
class Rows:
    """A list inside an answer and the fields of its rows. What tells of times taken must be there, if only empty:
    a calendar without it would look free."""

    get: Getter
    fields: Mapping[str, Field]
    is_needed: bool

    def __call__(self, body: Any) -> Iterator[Any]:
        """The rows that are objects. Raises `Malformed` and `LimitExceeded`."""
        found = self.get(body)
        if found is None and not self.is_needed:
            return
        if not isinstance(found, list):
            raise Malformed("日历中应为列表的不是列表", "what should be a list in the calendar is none")
        if len(found) > MOST_ROWS:
            raise LimitExceeded(f"日历超过 {MOST_ROWS} 行", f"the calendar has more than {MOST_ROWS} rows")
        yield from (row for row in found if isinstance(row, dict))


@dataclass(frozen=True, slots=True)
class CalendarReader:
    """The compiled rules of a calendar. A part the dialect does not have is None."""

    root: Getter | None
    as_of: Field | None
    busy: Rows
    closures: Rows | None
    rules: Mapping[str, Field]
    opening: Rows | None
    tariff: Mapping[str, Field]
    lines: Rows | None

    def __call__(self, answer: Any, instrument: NativeKey, now: datetime) -> RemoteAvailability:
        """What the province knows; `now` is its time when it names none. Raises `Malformed` and `LimitExceeded`."""
        body = answer if self.root is None else self.root(answer)
        if not isinstance(body, dict):
            raise Malformed("日历不是一个对象", "the calendar is not an object")
        notes = Notes()
        return RemoteAvailability(
            instrument=instrument,
            busy=tuple(self._busy(body, notes)),
            closures=tuple(self._closures(body, notes)),
            rules=self._rules(body, notes),
            tariff=self._tariff(body, notes),
            as_of=(self.as_of(body, notes) if self.as_of is not None else None) or now,
            notes=tuple(notes),
        )

    def _busy(self, body: Any, notes: Notes) -> Iterator[BusySlot]:
        for row in self.busy(body):
            slot = read_slot(self.busy.fields, row, notes, "/busy")
            if slot is not None:
                named = {n: f(row, notes) for n, f in self.busy.fields.items() if n not in _SPAN}
                yield BusySlot(slot, named.get("booking_id"), named.get("remote_id"))

    def _closures(self, body: Any, notes: Notes) -> Iterator[RemoteClosure]:
        if self.closures is None:
            return
        for row in self.closures(body):
            slot = read_slot(self.closures.fields, row, notes, "/closures")
            if slot is not None:
                text = self.closures.fields.get("text")
                yield RemoteClosure(slot, (text(row, notes) if text is not None else None) or "")

    def _rules(self, body: Any, notes: Notes) -> RemoteRules | None:
        found = {name: field(body, notes) for name, field in self.rules.items()}
        opening = tuple(self._opening(body, notes))
        if not opening and all(value is None for value in found.values()):
            return None
        version = found.pop("version", None)
        return RemoteRules(version=version or "", opening=opening, **found)

    def _opening(self, body: Any, notes: Notes) -> Iterator[OpeningHours]:
        if self.opening is None:
            return
        for row in self.opening(body):
            found = {name: field(row, notes) for name, field in self.opening.fields.items()}
            day, start, end = found.get("weekday"), found.get("start"), found.get("end")
            if day is not None and start is not None and end is not None and start < end:
                yield OpeningHours(int(day), start, end)
            elif not notes:
                notes.add("/opening", "out-of-range", "开放时间读不懂", "opening hours cannot be read", row)

    def _tariff(self, body: Any, notes: Notes) -> RemoteTariff | None:
        lines = tuple(self._lines(body, notes))
        if not lines:
            return None
        found = {name: field(body, notes) for name, field in self.tariff.items()}
        return RemoteTariff(
            version=found.get("version") or "",
            valid_from=found.get("valid_from"),
            lines=lines,
            basis=found.get("basis") or "reserved",
            minimum_fen=found.get("minimum"),
        )

    def _lines(self, body: Any, notes: Notes) -> Iterator[TariffLine]:
        """Lines that have a unit and a price; a unit without an entry costs the line and is noted."""
        if self.lines is None:
            return
        for row in self.lines(body):
            found = {name: field(row, notes) for name, field in self.lines.fields.items()}
            if found.get("unit") is not None and found.get("outside") is not None:
                yield TariffLine(
                    charging_unit=found["unit"],
                    outside_fen=found["outside"],
                    inside_fen=found.get("inside"),
                    item=found.get("item") or "",
                    condition=found.get("condition") or "",
                )


def compile_calendar(written: Any, path: str, compiler: Compiler) -> CalendarReader:
    """From the `reads` part of the availability section. Raises `ManifestInvalid`."""
    options = Options(written, path)
    root = compile_getter(options.raw("root"), f"{path}.root") if "root" in options else None
    rules = dict(options.mapping("rules", {}))
    tariff = dict(options.mapping("tariff", {}))
    opening, lines = rules.pop("opening", None), tariff.pop("lines", None)
    as_of = options.raw("as_of", None)
    reader = CalendarReader(
        root=root,
        as_of=None if as_of is None else compiler.field(as_of, f"{path}.as_of", "/as_of", "instant"),
        busy=_rows(options.raw("busy"), f"{path}.busy", "/busy", _BUSY, compiler, is_needed=True),
        closures=_optional_rows(
            options.raw("closures", None), f"{path}.closures", "/closures", _CLOSED, compiler, is_needed=True
        ),
        rules=compiler.fields(rules, f"{path}.rules", "/rules", _RULES),
        opening=_optional_rows(opening, f"{path}.rules.opening", "/rules/opening", _HOURS, compiler),
        tariff=compiler.fields(tariff, f"{path}.tariff", "/tariff", _TARIFF),
        lines=_optional_rows(lines, f"{path}.tariff.lines", "/tariff/lines", _LINE, compiler),
    )
    options.finish()
    return reader


def _optional_rows(
    written: Any,
    path: str,
    pointer: str,
    kinds: Mapping[str, str],
    compiler: Compiler,
    *,
    is_needed: bool = False,
) -> Rows | None:
    return None if written is None else _rows(written, path, pointer, kinds, compiler, is_needed=is_needed)


def _rows(
    written: Any, path: str, pointer: str, kinds: Mapping[str, str], compiler: Compiler, *, is_needed: bool
) -> Rows:
    options = Options(written, path)
    get = compile_getter(options.raw("list"), f"{path}.list")
    fields = compiler.fields(
        {name: options.raw(name) for name in options.names() if name != "list"}, path, pointer, kinds
    )
    options.finish()
    return Rows(get, fields, is_needed)
