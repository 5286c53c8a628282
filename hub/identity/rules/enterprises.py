"""Where an enterprise belongs, and what an identity provider's word about it is worth."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import schemas

RECHECK_AFTER = timedelta(days=365)
"""How long a verified address counts; then it is verified again."""

_COUNTY = re.compile(r"[1-9][0-9]{5}")

Basis = Literal["provider_claim", "register_document", "bureau_staff"]


CustomerKind = Literal["enterprise", "team", "person"]
"""Who books and holds vouchers: a legal entity by its credit code, a team or one person by the identity's reference."""

_PREFIXES: Mapping[str, CustomerKind] = {"tm": "team", "ps": "person"}


def customer_kind(party_id: str) -> CustomerKind:
    """What a customer is: its reference says so, and nothing else has to be known of it."""
    return _PREFIXES.get(party_id.partition("-")[0], "enterprise")


def customer_of_person(person_id: str) -> str:
    """The reference under which a person books as itself: one for each."""
    return f"ps-{person_id.partition('-')[2]}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person or their identity provider says: that they act for an enterprise, and where it is registered.

    `area` is a six-digit code; `authorised` tells whether the provider says that the person may act for it.
    """

    credit_code: str
    name: str
    area: str
    address: str
    authorised: bool
    kind: CustomerKind = "enterprise"


@dataclass(frozen=True, slots=True)
class HeldEnterprise:
    """What the hub knows of the enterprise that a claim names."""

    id: str
    area: str | None
    has_people: bool


Outcome = Literal["grant", "renew", "verify", "move", "foreign", "ignore"]


def read_claims(value: Any) -> tuple[Claim, ...]:
    """The enterprises of an identity provider's claim; entries that are not usable are left out, at most 20 are read.

    Shape: a list of `{credit_code, name, area, address, authorised}`.
    """
    entries = value if isinstance(value, list) else []
    found = (_read_claim(entry) for entry in entries[:20])
    return tuple(claim for claim in found if claim is not None)


def judge_claim(claim: Claim, province: str, held: HeldEnterprise | None) -> tuple[Outcome, tuple[str, ...]]:
    """What follows from the word of a province's identity provider, and the reasons for it.

    A provider speaks only of enterprises of its own province: of another's, known or claimed, nothing follows but a
    case. Within its province it makes the first person of an enterprise its manager; who comes later is for that
    manager. Where the digits of the credit code point elsewhere, an office looks at it first: they are a hint only,
    since enterprises keep their code when they move.
    """
    if claim.area[:2] != province[:2]:
        return "foreign", ("claimed_area_elsewhere",)
    if held is not None and held.area is not None and held.area[:2] != province[:2]:
        return "foreign", ("home_elsewhere",)
    if not claim.authorised:
        return "ignore", ("not_authorised",)
    if held is not None and held.area is not None and held.area != claim.area:
        return "move", ("area_differs",)
    if held is not None and held.has_people:
        return "renew", ()
    if hinted_province(claim.credit_code) != province:
        return "verify", ("credit_code_hints_elsewhere",)
    return "grant", ()


def hinted_province(credit_code: str) -> str:
    """The province in which the code was once given: digits 3 and 4 name the registering office (GB 32100)."""
    return f"{credit_code[2:4]}0000"


def is_area(code: str) -> bool:
    """Whether this is the code of a city or county of the code list (or a province that is a city)."""
    return bool(_COUNTY.fullmatch(code)) and code in schemas.codes("area")


def recheck_date(now: datetime) -> date:
    """When a verification made now has to be made again."""
    return (now + RECHECK_AFTER).date()


def _read_claim(entry: Any) -> Claim | None:
    if not isinstance(entry, dict):
        return None
    texts = {name: entry.get(name, "") for name in ("credit_code", "name", "area", "address")}
    if not all(isinstance(text, str) and len(text) <= 200 for text in texts.values()):
        return None
    if not schemas.uscc.is_valid(texts["credit_code"]) or not texts["name"] or not is_area(texts["area"]):
        return None
    return Claim(**texts, authorised=entry.get("authorised") is True)
