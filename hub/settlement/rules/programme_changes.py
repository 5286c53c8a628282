"""What differs between two versions of a programme, term by term. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

FIXED = ("id", "area", "kind", "authority")
"""What a programme is: never changed, because grants, holds and balances stand on it."""
TERMS = (
    "holders", "validity_days", "service_modes", "classes", "min_value_fen", "exclusions", "home_only", "partners", "payer",
    "payee", "documents", "window", "budget", "vat_in_base", "cap_year_of", "per_year",
)  # fmt: skip
"""Terms in the order in which they are shown; terms that the specification adds later come after them."""


class Change(NamedTuple):
    """One difference: a path (`name_zh`, `terms.budget`, `holders.team.rate_bp`, `sources.budget`), before and after; None: absent."""

    name: str
    before: Any
    after: Any


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference, in the order of the specification; against None everything is new."""
    old = before or {}
    found = [
        Change(name, old.get(name), after.get(name))
        for name in ("name_zh", "name_en", "valid_from", "valid_until", *FIXED)
        if old.get(name) != after.get(name)
    ]
    was, now = old.get("terms", {}), after.get("terms", {})
    for name in ordered({*was, *now}):
        if name == "holders":
            found += _of_holders(was.get(name, ()), now.get(name, ()))
        elif not _is_same(was.get(name), now.get(name)):
            found.append(Change(f"terms.{name}", was.get(name), now.get(name)))
    held, told = sources_by_term(old), sources_by_term(after)
    found += [
        Change(f"sources.{name}", held.get(name), told.get(name))
        for name in ordered({*held, *told})
        if held.get(name) != told.get(name) and name in now
    ]
    return tuple(found)


def ordered(names: set[str]) -> list[str]:
    """Names of terms in their order."""
    return [name for name in TERMS if name in names] + sorted(names - set(TERMS))


def sources_by_term(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The source that each term stands on: grade, text, date and address; of several the first."""
    found: dict[str, dict[str, Any]] = {}
    terms = document.get("terms", {})
    for source in document.get("sources", ()):
        for name in source.get("fields", terms):
            plain = {key: value for key, value in source.items() if key != "fields"}
            found.setdefault(name, plain)
    return found


def _is_same(before: Any, after: Any) -> bool:
    """Whether two values say the same: lists of codes have no order."""
    if isinstance(before, list) and isinstance(after, list):
        return sorted(map(str, before)) == sorted(map(str, after))
    return bool(before == after)


def _of_holders(before: Any, after: Any) -> list[Change]:
    was = {each["kind"]: each for each in before}
    now = {each["kind"]: each for each in after}
    found = []
    for kind in [*now, *(kind for kind in was if kind not in now)]:
        if kind not in now or kind not in was:
            found.append(Change(f"holders.{kind}", was.get(kind), now.get(kind)))
            continue
        names = dict.fromkeys((*was[kind], *now[kind]))
        found += [
            Change(f"holders.{kind}.{name}", was[kind].get(name), now[kind].get(name))
            for name in names
            if not _is_same(was[kind].get(name), now[kind].get(name))
        ]
    return found
