"""Roles and what one acts as, in words."""

from __future__ import annotations

from typing import Any

from station_portal import wording
from station_portal.i18n import Language


def role_name(role: str, language: Language) -> str:
    """The role alone."""
    names = {
        "enterprise_member": language("企业成员"),
        "enterprise_manager": language("企业管理员"),
        "institution_manager": language("管理单位管理员"),
        "instrument_operator": language("机主"),
        "station_staff": language("驿站工作人员"),
        "bureau_staff": language("科技主管部门"),
        "province_staff": language("平台工作人员"),
        "province_finance": language("省级财政"),
        "city_finance": language("市级财政"),
        "hub_admin": language("枢纽管理员"),
        "auditor": language("审计员"),
        "person": language("个人"),
    }
    return names.get(role, role)


def acting_words(held: Any, party_name: str | None, language: Language) -> str:
    """What somebody acts as, of a principal or a grant: the role and for whom or where."""
    if held.role == "province_staff" and held.province:
        return language("%(name)s平台工作人员", name=wording.short_province(held.province, language))
    where = party_name or place_name(held, language)
    if held.role == "station_staff" and held.province:
        where = wording.short_province(held.province, language)
    role = role_name(held.role, language)
    return language("%(role)s · %(where)s", role=role, where=where) if where else role


def place_name(held: Any, language: Language) -> str:
    """The area of an office in words; the whole belt for an auditor of all of it."""
    if held.area is None:
        return ""
    return area_name(held.area, language) if held.area else language("长江经济带")


def area_name(area: str, language: Language) -> str:
    """An area by its code or the prefix of one: province and city or county."""
    province = f"{area[:2]}0000"
    if len(area) == 2 or area == province:
        return wording.short_province(province, language)
    name = wording.name("area", area.ljust(6, "0"), language)
    short = wording.short_province(province, language)
    return f"{short} {name}" if language.code == "zh" else f"{name}, {short}"
