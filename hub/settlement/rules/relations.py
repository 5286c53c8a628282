"""Related parties and other exclusions that only the two sides know: what is asked, and what a declaration contradicts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

import schemas
from hub.settlement.rules.orders import Order
from hub.settlement.rules.programmes import Programme, covers, missing

ASKED_ELSEWHERE = frozenset({"none", "statutory", "related_party"})
"""Exclusions with a question of their own, or none."""


class Threshold(NamedTuple):
    """From which share, in per cent, two parties are related, and what that stands on (a source of the specification)."""

    percent: int
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user is asked to declare: whether the sides are related, and which of these exclusions apply."""

    relation: bool = False
    exclusions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.relation or bool(self.exclusions)


@cache
def threshold() -> Threshold:
    """The share from which parties are related (`data/relations.yaml`)."""
    told = yaml.safe_load(files("hub.settlement").joinpath("data/relations.yaml").read_text(encoding="utf-8"))
    return Threshold(told["share_percent"], told["source"])


def asked(programmes: Iterable[Programme], home_area: str, owner_area: str) -> Asked:
    """What the programmes that could pay need to know; a question that none of them asks is asked of nobody."""
    wanted: set[str] = set()
    for programme in programmes:
        place = owner_area if programme.kind == "owner_subsidy" else home_area
        if covers(programme.area, place) and not missing(programme):
            wanted |= set(programme.terms["exclusions"])
    listed = (code for code in schemas.codes("programme_exclusion") if code in wanted - ASKED_ELSEWHERE)
    return Asked("related_party" in wanted, tuple(listed))


def excludes_related(programmes: Iterable[Programme]) -> bool:
    """Whether any of the programmes asks who is related to whom."""
    return any("related_party" in programme.terms.get("exclusions", ()) for programme in programmes)


def known_relation(order: Order, ties: Iterable[str]) -> str | None:
    """How the two sides are related by what is known of them: one credit code, or a registered tie; None when not."""
    if order.credit_code is not None and order.credit_code == order.owner_credit_code:
        return "same_entity"
    return next(iter(ties), None)
