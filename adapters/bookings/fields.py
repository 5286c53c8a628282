"""Inbound rules with a type: what a native row says, as text, number, instant or code; a fault costs the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from adapters.bookings.tables import Table, Tables, find_table
from adapters.contract import RecordProblem, Slot
from adapters.mapping import Context, Reader, Unfit, compile_reader, value_of
from adapters.options import fault

_MOST_TEXT = 2_000
_MOST_NAME = 200

# What a field is, when its rule names no functions of its own.
_USUAL: Mapping[str, list[Any]] = {
    "name": [],
    "text": [],
    "integer": ["integer"],
    "number": ["number"],
    "yuan": [{"number": {"unit": "元"}}],
    "fen": ["integer"],
    "instant": ["instant"],
    "date": ["date"],
    "clock": [],
    "code": [],
    "flag": ["boolean"],
}


class Notes(list[RecordProblem]):
    """Problems of one row, in the order they were met."""

    def unfit(self, pointer: str, unfit: Unfit) -> None:
        """A value that a function could not use."""
        self.append(RecordProblem(pointer, unfit.code, unfit.zh, unfit.en, unfit.value, unfit.table))

    def add(self, pointer: str, code: str, zh: str, en: str, value: Any = None) -> None:
        """Any other problem."""
        self.append(RecordProblem(pointer, code, zh, en, value))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where its value is, what it is, and the table that reads it when it is a code."""

    pointer: str
    kind: str
    read: Reader
    table: Table | None

    def __call__(self, row: Any, notes: Notes) -> Any:
        """The value, or None; why a value that was there is None stands in the notes."""
        try:
            value = value_of(self.read(row))
            if value is None:
                return None
            return self._code(value, notes) if self.table is not None else _FINISH[self.kind](value)
        except Unfit as unfit:
            notes.unfit(self.pointer, unfit)
        except (ValueError, TypeError, OverflowError):
            zh, en = f"{self.pointer} 的值不合适", f"the value of {self.pointer} does not fit"
            notes.add(self.pointer, "wrong-type", zh, en, None)
        return None

    def _code(self, value: Any, notes: Notes) -> str | None:
        assert self.table is not None
        value = _name(value) if not isinstance(value, bool) else str(value).lower()
        code = self.table.code(value)
        if code is None:
            notes.append(self.table.unmapped(self.pointer, value))
        return code


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def _date(value: Any) -> date:
    return date.fromisoformat(value)


def _name(value: Any) -> str:
    text = _scalar(value)
    if len(text) > _MOST_NAME:
        raise ValueError(text)
    return text


def _scalar(value: Any) -> str:
    """Text, or a number as text: 7, 7.0 and "7" are one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _minutes(value: Any) -> int:
    """`HH:MM` → minutes after midnight; 24:00 is the end of the day."""
    hours, colon, minutes = _scalar(value).partition(":")
    made = int(hours) * 60 + int(minutes)
    if not colon or not 0 <= made <= 1440 or not 0 <= int(minutes) < 60:
        raise ValueError(value)
    return made


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def _identity(value: Any) -> Any:
    return value


_FINISH: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "text": lambda value: _scalar(value)[:_MOST_TEXT],
    "integer": _whole,
    "number": float,
    "yuan": _whole,
    "fen": _whole,
    "instant": _instant,
    "date": _date,
    "clock": _minutes,
    "code": _name,
    "flag": _identity,
}


@dataclass(frozen=True, slots=True)
class Compiler:
    """What compiling fields needs to know: the province's context and the dialect's tables."""

    context: Context
    tables: Tables

    def field(self, written: Any, path: str, pointer: str, kind: str) -> Field:
        """One field. Raises `ManifestInvalid`."""
        rule = {"from": written} if isinstance(written, str) else written
        if not isinstance(rule, Mapping):
            raise fault(path, "应为列名或规则", "must be a path or a rule", written)
        table = find_table(self.tables, str(rule["table"]), path) if "table" in rule else None
        rule = {name: value for name, value in rule.items() if name != "table"}
        if "do" not in rule:
            rule["do"] = _USUAL["code"] if table is not None else _USUAL[kind]
        return Field(
            pointer, kind, compile_reader(rule, path, self.context, many_lines=kind == "text"), table
        )

    def fields(self, written: Any, path: str, pointer: str, kinds: Mapping[str, str]) -> Mapping[str, Field]:
        """A group of fields by name; unknown names are refused. Raises `ManifestInvalid`."""
        if not isinstance(written, Mapping):
            raise fault(path, "应为键值对", "must be a mapping", written)
        unknown = sorted(set(written) - set(kinds))
        if unknown:
            known = " · ".join(kinds)
            raise fault(
                path, f"没有这样的字段；可用：{known}", f"has unknown fields; there are {known}", unknown
            )
        return {
            name: self.field(rule, f"{path}.{name}", f"{pointer}/{name}", kinds[name])
            for name, rule in written.items()
        }


def read_slot(fields: Mapping[str, Field], row: Any, notes: Notes, pointer: str) -> Slot | None:
    """A time of `start` and `end`; None, with a note, when it is half there or ends before it starts."""
    start, end = (fields[name](row, notes) if name in fields else None for name in ("start", "end"))
    if start is None or end is None:
        if (start is None) != (end is None):
            notes.add(pointer, "out-of-range", "时段只有一端", "only one end of the time is there")
        return None
    try:
        return Slot(start, end)
    except ValueError:
        notes.add(
            pointer,
            "out-of-range",
            "结束不晚于开始",
            "the time does not end after it starts",
            f"{start} – {end}",
        )
        return None
