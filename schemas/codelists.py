"""The code lists of the specification: data files, read once per process."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from schemas.errors import UnknownCodeList

FOLDER: Traversable = resources.files("schemas") / "v1"
COLUMNS = ("code", "zh", "en", "parent")


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list. `parent` is "" at the top; `attributes` are the list's further columns."""

    code: str
    zh: str
    en: str
    parent: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeList(Mapping[str, Code]):
    """A code list in the order of its file; reads like a mapping code → `Code`.

    `parent_lists` name the lists in which the parents of its values are found.
    """

    name: str
    zh: str
    en: str
    source: str
    parent_lists: tuple[str, ...]
    entries: Mapping[str, Code]

    def __getitem__(self, code: str) -> Code:
        return self.entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def children(self, code: str) -> tuple[Code, ...]:
        """The values directly below `code`, in the order of the list."""
        return tuple(entry for entry in self.entries.values() if entry.parent == code)

    def where(self, **attributes: str) -> tuple[Code, ...]:
        """The values whose attributes have the given values, in the order of the list."""
        wanted = attributes.items()
        return tuple(e for e in self.entries.values() if all(e.attributes.get(k) == v for k, v in wanted))

    def ancestry(self, code: str) -> tuple[Code, ...]:
        """The value and everything above it, from the top down; raises KeyError for an unknown code."""
        path = [self.entries[code]]
        while path[0].parent in self.entries:
            path.insert(0, self.entries[path[0].parent])
        return tuple(path)


def read_rows(file: Traversable) -> list[dict[str, str]]:
    """The rows of a CSV file of the specification; a short or long row raises ValueError."""
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""), strict=True))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{file.name}, row {number}: the number of columns differs from the heading")
    return rows


@cache
def list_names() -> tuple[str, ...]:
    """The names of all code lists, in the order of `codes.csv`."""
    return tuple(row["list"] for row in read_rows(FOLDER / "codes.csv"))


@cache
def codes(list_name: str) -> CodeList:
    """The code list of this name; raises UnknownCodeList. The same object every time."""
    described = {row["list"]: row for row in read_rows(FOLDER / "codes.csv")}.get(list_name)
    if described is None:
        raise UnknownCodeList(f"no code list named {list_name!r}; there are: {', '.join(list_names())}")
    entries: dict[str, Code] = {}
    for row in read_rows(FOLDER / "codes" / f"{list_name}.csv"):
        attributes = {key: value for key, value in row.items() if key not in COLUMNS}
        if row["code"] in entries:
            raise ValueError(f"code list {list_name}: {row['code']} appears twice")
        entries[row["code"]] = Code(
            row["code"], row["zh"], row["en"], row["parent"], MappingProxyType(attributes)
        )
    return CodeList(
        name=list_name,
        zh=described["zh"],
        en=described["en"],
        source=described["source"],
        parent_lists=tuple(described["parents"].split("|")) if described["parents"] else (),
        entries=MappingProxyType(entries),
    )


def crosswalk(scheme: str, code: str) -> str | None:
    """The most-2006 class of a code of another scheme, or None when nobody has decided it.

    The table (`class_crosswalk`) is asked from the full code to its first two digits. A `prefix` row keeps
    the digits after the prefix when the resulting class exists, else answers with the row's own class.
    None belongs on a worklist; it is never "other".
    """
    classes, table = codes("instrument_class"), codes("class_crosswalk")
    if scheme == "most-2006":
        return code if code in classes else None
    for length in sorted({len(code), 4, 2}, reverse=True):
        if length > len(code):
            continue
        row = table.get(f"{scheme}:{code[:length]}")
        if row is None:
            continue
        target = row.attributes["target"]
        kept = target[:length] + code[length:]
        return kept if row.attributes["how"] == "prefix" and kept in classes else target
    return None
