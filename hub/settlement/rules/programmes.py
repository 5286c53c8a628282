"""Programmes: what an area pays towards the use of instruments, from a day on. Pure.

A programme is a document of the specification (`programme`). Its terms carry their sources; what is not known is left
out, and a programme that lacks what its kind needs cannot be used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import schemas

ProgrammeKind = Literal["voucher", "rebate", "owner_subsidy"]
"""A voucher is held for each order; a rebate is paid afterwards to the user, an owner subsidy to the institution."""

HolderKind = Literal["enterprise", "team", "person", "institution"]

_NEEDED: Mapping[ProgrammeKind, tuple[str, ...]] = {
    "voucher": ("validity_days", "service_modes", "exclusions", "home_only", "payer", "payee", "vat_in_base"),
    "rebate": ("service_modes", "exclusions", "home_only", "payer", "payee", "vat_in_base"),
    "owner_subsidy": ("service_modes", "exclusions", "home_only", "payer", "payee", "vat_in_base"),
}
_CAPS: Mapping[ProgrammeKind, tuple[str, ...]] = {
    "voucher": ("order", "year"),
    "rebate": ("order", "year"),
    "owner_subsidy": ("instrument", "year"),
}


@dataclass(frozen=True, slots=True)
class Quota:
    """What one kind of holder gets: basis points of the fee, caps in fen; None where the rule says that there is no cap."""

    rate_bp: int
    cap_order_fen: int | None = None
    cap_instrument_fen: int | None = None
    cap_year_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme. `version` counts per programme, the newest in force holds; `document` is the whole."""

    version: int
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its identifier."""
        return str(self.document["id"])

    @property
    def area(self) -> str:
        """The issuing area, six digits."""
        return str(self.document["area"])

    @property
    def kind(self) -> ProgrammeKind:
        """What it is."""
        kind: ProgrammeKind = self.document["kind"]
        return kind

    @property
    def terms(self) -> Mapping[str, Any]:
        """Its terms as far as they are known."""
        terms: Mapping[str, Any] = self.document.get("terms", {})
        return terms

    @property
    def is_demo(self) -> bool:
        """Whether any of it was invented for a demo."""
        return any(source["grade"] == "demo" for source in self.document["sources"])

    def is_in_force(self, day: date) -> bool:
        """Whether it holds on that day."""
        until = self.document.get("valid_until")
        begun = date.fromisoformat(self.document["valid_from"]) <= day
        return begun and (until is None or day <= date.fromisoformat(until))

    def quota(self, holder: HolderKind) -> Quota | None:
        """What this kind of holder gets; None when the programme is not for it."""
        for told in self.terms.get("holders", ()):
            if told["kind"] == holder:
                caps = {
                    f"cap_{name}_fen": told.get(f"cap_{name}_fen") for name in ("order", "instrument", "year")
                }
                return Quota(told["rate_bp"], **caps)
        return None


def missing(programme: Programme) -> tuple[str, ...]:
    """The terms that the programme needs and does not have; empty when it can be used."""
    terms = programme.terms
    holders = terms.get("holders", ())
    found = [] if holders else ["holders"]
    for told in holders:
        names = [] if "rate_bp" in told else ["rate_bp"]
        for cap in _CAPS[programme.kind]:
            if f"cap_{cap}_fen" not in told and cap not in told.get("uncapped", ()):
                names.append(f"cap_{cap}_fen")
        found += [f"holders.{told['kind']}.{name}" for name in names]
    return (*found, *(name for name in _NEEDED[programme.kind] if name not in terms))


def term_names(terms: Iterable[str]) -> tuple[str, str]:
    """Terms as `missing` names them, in Chinese and English: `holders.team.cap_year_fen` → 团队年度上限."""
    fields = schemas.tree("programme").children["terms"].children
    zh, en = [], []
    for name in terms:
        term, _, rest = name.partition(".")
        kind, _, part = rest.partition(".")
        if not part or (element := fields[term].items) is None:
            zh.append(fields[term].zh)
            en.append(fields[term].en)
            continue
        holder, cap = schemas.codes("programme_holder")[kind], element.children[part]
        zh.append(f"{holder.zh}{cap.zh}")
        en.append(f"{cap.en} ({holder.en})")
    return "、".join(zh), ", ".join(en)


def unsourced(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Terms that no source stands for, and names in sources that are no terms."""
    terms = set(document.get("terms", {}))
    told = [source.get("fields") for source in document["sources"]]
    if any(fields is None for fields in told):
        return tuple(sorted({name for fields in told for name in fields or ()} - terms))
    return tuple(sorted(terms ^ {name for fields in told for name in fields}))


def covers(area: str, place: str) -> bool:
    """Whether an area (six digits) is or contains a place (six digits): 330000 covers 330402."""
    prefix = area
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return place.startswith(prefix)


def payer_area(programme: Programme, home_area: str) -> str:
    """The area whose money it is: the issuer's, or the user's own city or county."""
    payer = programme.terms.get("payer", "issuer")
    if payer == "city" and home_area[:2] not in {"31", "50"}:
        return f"{home_area[:4]}00"
    return home_area if payer in {"city", "county"} else programme.area


def in_force(versions: Iterable[Programme], day: date) -> list[Programme]:
    """Of each programme the newest version that has begun by that day, if it still holds; by identifier."""
    newest: dict[str, Programme] = {}
    for each in versions:
        if date.fromisoformat(each.document["valid_from"]) > day:
            continue
        held = newest.get(each.id)
        if held is None or each.version > held.version:
            newest[each.id] = each
    return [newest[name] for name in sorted(newest) if newest[name].is_in_force(day)]
