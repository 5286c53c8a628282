"""What a platform's token may be for: resources, each for one province (`catalogue:310000`), listed in `scopes.csv`."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "scopes.csv"

MAX_SCOPES = 20


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. One that is not `is_granted_always` is in a token only when the request names it."""

    name: str
    is_granted_always: bool
    zh: str
    en: str


class ScopeRefused(ValueError):
    """The scope that was asked for is malformed, unknown, or not the platform's."""


@cache
def resources() -> Mapping[str, Resource]:
    """Every resource by its name, in the table's order."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        rows = [
            Resource(row["resource"], row["granted"] == "always", row["zh"], row["en"])
            for row in csv.DictReader(source, strict=True)
        ]
    return {row.name: row for row in rows}


def scope_text(names: Iterable[str], province: str) -> str:
    """Resources of a province as OAuth 2.0 writes them: `catalogue:310000 bookings:310000`."""
    return " ".join(f"{name}:{province}" for name in names)


def resources_asked(scope: str | None, held: Iterable[str], province: str) -> tuple[str, ...]:
    """The resources that a request for `scope` gets, of those that the platform holds, in the table's order.

    Nothing asked for gives everything held that is granted always. Raises `ScopeRefused` unless all of it can be
    given: a token never holds silently less than was asked for.
    """
    may = set(held)
    if scope is None:
        return tuple(name for name, each in resources().items() if each.is_granted_always and name in may)
    asked = scope.split(" ")
    if len(asked) > MAX_SCOPES:
        raise ScopeRefused(f"at most {MAX_SCOPES} scopes in one request")
    names = set()
    for each in asked:
        name, _, code = each.partition(":")
        if name not in may or code != province:
            raise ScopeRefused(f"only these may be asked for: {scope_text(sorted(may), province)}")
        names.add(name)
    return tuple(name for name in resources() if name in names)
