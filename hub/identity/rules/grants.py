"""What a grant may say: which role goes with which party, province and area, and who may hand it out."""

import re
from dataclasses import dataclass

from hub.identity.rules.principals import (
    AREA,
    AUDITOR,
    BUREAU_STAFF,
    CITY_FINANCE,
    ENTERPRISE_MANAGER,
    ENTERPRISE_ROLES,
    HUB_ADMIN,
    INSTITUTION_MANAGER,
    INSTITUTION_ROLES,
    PROVINCE,
    PROVINCE_FINANCE,
    PROVINCE_STAFF,
    ROLES,
    STATION_STAFF,
    Principal,
)

STAFF_ROLES = frozenset(ROLES) - frozenset(ENTERPRISE_ROLES)
"""Roles that decide about others' affairs and need a second factor."""

ENTERPRISE_ID = re.compile(r"(?:en|tm|ps)-[a-z2-7]{26}")
OPERATOR_ID = re.compile(r"op-[a-z2-7]{26}")
INSTITUTION_ID = re.compile(r"[1-9][0-9]-u-[a-z2-7]{12}")

_KEPT_FROM_ADMINISTRATORS = frozenset({*INSTITUTION_ROLES, STATION_STAFF, PROVINCE_FINANCE, CITY_FINANCE})

_AREA_DIGITS = {
    BUREAU_STAFF: (2, 4, 6),
    PROVINCE_STAFF: (2,),
    PROVINCE_FINANCE: (2,),
    CITY_FINANCE: (4,),
    AUDITOR: (0, 2, 4),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """A grant without its holder: a role, and the party, province and area that it is for."""

    role: str
    party_id: str | None = None
    province: str | None = None
    area: str | None = None

    def __str__(self) -> str:
        return "|".join(part or "" for part in (self.role, self.party_id, self.province, self.area))


@dataclass(frozen=True, slots=True)
class TermsProblem:
    """Which part of a grant's terms is wrong, and what is wanted there."""

    field: str
    zh: str
    en: str


def terms_of(
    role: str, *, party_id: str | None = None, province: str | None = None, area: str | None = None
) -> Terms:
    """Terms with what follows from the rest filled in: an office's area from its province, and the other way round."""
    if role in (PROVINCE_STAFF, PROVINCE_FINANCE) and province is not None:
        area = area or province[:2]
    if role in (BUREAU_STAFF, CITY_FINANCE) and area:
        province = province or f"{area[:2]}0000"
    if role == AUDITOR:
        area = area or ""
    return Terms(role, party_id, province, area)


def problem_of(terms: Terms) -> TermsProblem | None:
    """What is wrong with the terms of a grant, or None."""
    if terms.role not in ROLES:
        return TermsProblem("role", "没有这种角色。", "There is no such role.")
    return _party_problem(terms) or _province_problem(terms) or _area_problem(terms)


def excludes(held: str, wanted: str) -> bool:
    """Whether nobody may hold both roles: who administers the hub serves no booking and decides over no money."""
    return any(
        one == HUB_ADMIN and other in _KEPT_FROM_ADMINISTRATORS
        for one, other in ((held, wanted), (wanted, held))
    )


def may_grant(principal: Principal, terms: Terms) -> bool:
    """Whether the principal may hand out such a grant, by invitation or at once.

    A manager for the own enterprise or institution; province staff for their province's offices and station; the hub's
    administrators for all of these and for themselves, but not for enterprises: of those they know nothing.
    """
    if principal.role == HUB_ADMIN:
        return terms.role not in ENTERPRISE_ROLES
    if principal.role == ENTERPRISE_MANAGER:
        return terms.role in ENTERPRISE_ROLES and terms.party_id == principal.party_id
    if principal.role == INSTITUTION_MANAGER:
        return terms.role in INSTITUTION_ROLES and terms.party_id == principal.party_id
    if principal.role == PROVINCE_STAFF:
        offices = (BUREAU_STAFF, PROVINCE_STAFF, PROVINCE_FINANCE, CITY_FINANCE, STATION_STAFF)
        is_own_institution = terms.role == INSTITUTION_MANAGER and (terms.party_id or "").startswith(
            f"{(principal.province or '-')[:2]}-u-"
        )
        return (terms.role in offices and terms.province == principal.province) or is_own_institution
    return False


def _party_problem(terms: Terms) -> TermsProblem | None:
    kinds = {
        **dict.fromkeys(ENTERPRISE_ROLES, (ENTERPRISE_ID, "企业", "an enterprise")),
        **dict.fromkeys(INSTITUTION_ROLES, (INSTITUTION_ID, "管理单位", "an institution")),
        STATION_STAFF: (OPERATOR_ID, "服务驿站运营机构", "a station's operator"),
    }
    wanted = kinds.get(terms.role)
    if wanted is None:
        if terms.party_id is not None:
            return TermsProblem("party", "该角色不代表单位。", "This role acts for no organisation.")
    elif terms.party_id is None or not wanted[0].fullmatch(terms.party_id):
        return TermsProblem("party", f"该角色须指定{wanted[1]}。", f"This role acts for {wanted[2]}.")
    return None


def _province_problem(terms: Terms) -> TermsProblem | None:
    needs = terms.role in (STATION_STAFF, PROVINCE_STAFF, PROVINCE_FINANCE, BUREAU_STAFF, CITY_FINANCE)
    if needs and (terms.province is None or not PROVINCE.fullmatch(terms.province)):
        return TermsProblem(
            "province", "该角色须指定六位省级代码。", "This role needs a six-digit province code."
        )
    if not needs and terms.province is not None:
        return TermsProblem("province", "该角色不属于某一省。", "This role belongs to no single province.")
    return None


def _area_problem(terms: Terms) -> TermsProblem | None:
    digits = _AREA_DIGITS.get(terms.role)
    if digits is None:
        if terms.area is not None:
            return TermsProblem("area", "该角色没有辖区。", "This role has no area.")
        return None
    if terms.area is None or not AREA.fullmatch(terms.area) or len(terms.area) not in digits:
        listed = "、".join(str(n) for n in digits)
        return TermsProblem(
            "area",
            f"该角色的辖区应为行政区划代码的前 {listed} 位。",
            f"The area of this role is the first {' or '.join(str(n) for n in digits)} digits of an area code.",
        )
    if terms.province is not None and not terms.province.startswith(terms.area[:2]):
        return TermsProblem("area", "辖区不在该省内。", "The area is not within the province.")
    return None
