"""A dialect's code tables: native value → code, read in both directions.

A native value without an entry is `unmapped-code`, with the table's name for the worklist; nothing becomes "other". In
the other direction the first native value of a code is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import schemas
from adapters.contract import AnswerKind, RecordProblem
from adapters.mapping.text import normal
from adapters.options import fault

# What the codes of a table belong to: a list of the specification, or a vocabulary of the contract.
_VOCABULARIES: Mapping[str, frozenset[str]] = {
    "kind": frozenset(get_args(AnswerKind)),
    "basis": frozenset({"reserved", "used"}),
    "weekday": frozenset("0123456"),
    "flag": frozenset({"yes", "no"}),
    "payment": frozenset({"paid", "bounced"}),
    "receipt": frozenset({"received", "refused"}),
    "reply": frozenset({"done", "partly", "stale", "refused"}),
}
_LISTS: Mapping[str, str] = {
    "reason": "booking_reason",
    "mode": "service_mode",
    "unit": "charging_unit",
    "evidence": "usage_evidence",
    "bounce": "bounce_reason",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table by name."""

    name: str
    codes: Mapping[str, str]
    natives: Mapping[str, str]
    file: str = "bookings.yaml"

    def code(self, native: Any) -> str | None:
        """The code of a native value, or None when the table has no entry."""
        return self.codes.get(normal(_text(native)))

    def native(self, code: str) -> str | None:
        """What the dialect writes for a code, or None when it has no word for it."""
        return self.natives.get(code)

    def unmapped(self, pointer: str, native: Any) -> RecordProblem:
        """The problem of a native value without an entry."""
        said = _text(native)[:60]
        return RecordProblem(
            pointer,
            "unmapped-code",
            f"代码值「{said}」在对照表 {self.name} 中没有；请在 {self.file} 的 tables.{self.name} 中补一行",
            f"the code “{said}” is not in the table {self.name}; add it to tables.{self.name} of {self.file}",
            native,
            self.name,
        )


class Tables(dict[str, Table]):
    """A dialect's tables by name; `used` are those that some rule reads."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        super().__init__(tables)
        self.used: set[str] = set()


def compile_tables(written: Mapping[str, Any], path: str, file: str = "bookings.yaml") -> Tables:
    """`{table: {native: code}}`. A table's name begins with what its codes are: `kind`, `reason`, `mode`, `unit`,
    `basis`, `weekday`, `flag`, `evidence`, `payment`, `receipt`, `reply`, `bounce` (`reason_words` is a second table of reasons).

    `file` is where they stand, for messages. Raises `ManifestInvalid`.
    """
    return Tables(
        {name: _compile(name, entries, f"{path}.{name}", file) for name, entries in written.items()}
    )


def _compile(name: str, entries: Any, path: str, file: str) -> Table:
    family = name.partition("_")[0]
    if family not in _VOCABULARIES and family not in _LISTS:
        words = " · ".join((*_VOCABULARIES, *_LISTS))
        raise fault(path, f"表名应以其中之一开头：{words}", f"must begin with one of {words}", name)
    if not isinstance(entries, Mapping) or not entries:
        raise fault(path, "应为非空的键值对", "must be a mapping that is not empty", entries)
    known = _VOCABULARIES[family] if family in _VOCABULARIES else frozenset(schemas.codes(_LISTS[family]))
    codes: dict[str, str] = {}
    natives: dict[str, str] = {}
    for native, code in entries.items():
        if not isinstance(native, str) or not isinstance(code, str):
            raise fault(
                f"{path}.{native}",
                "两边都应为文字（代码请加引号）",
                "both sides must be text (quote codes)",
                code,
            )
        if code not in known:
            raise fault(f"{path}.{native}", f"{family} 中没有代码", f"is no code of {family}", code)
        codes[normal(native)] = code
        natives.setdefault(code, native)
    return Table(name, codes, natives, file)


def find_table(tables: Tables, name: str, path: str) -> Table:
    """A table by name. Raises `ManifestInvalid`."""
    table = tables.get(name)
    if table is None:
        raise fault(path, "tables 中没有这张表", "is no table of `tables`", name)
    tables.used.add(name)
    return table


def _text(value: Any) -> str:
    """A code as text: 200, 200.0 and "200" are one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
