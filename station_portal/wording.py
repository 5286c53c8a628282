"""Words of the specification for people: titles of fields and names of codes, in the reader's language."""

from __future__ import annotations

import re

import schemas
from station_portal.i18n import Language


def title(document: str, path: str, language: Language) -> str:
    """The title of a field, `location.city` style; the last part of the path when the specification has none."""
    field = schemas.tree(document)
    for step in path.split("."):
        below = field.step(step)
        if below is None:
            return step
        field = below
    return language.pick(field.zh, field.en) or path.rsplit(".", 1)[-1]


def pointer_title(document: str, pointer: str | None, language: Language) -> str | None:
    """The title of the field a JSON pointer names, or None when it names no field of this document."""
    if not pointer or document not in schemas.document_names():
        return None
    field, title = schemas.tree(document), ""
    for part in pointer.strip("/").split("/"):
        below = field.step(int(part)) if part.isdecimal() else field.step(part)
        if below is None:
            return None
        field = below
        # An element of a list has no title of its own; its list has.
        title = language.pick(field.zh, field.en) or title
    return title or None


def name(list_name: str, code: str | None, language: Language) -> str:
    """The name of a code; the code itself when the list does not hold it, empty for no code."""
    if not code:
        return ""
    entry = schemas.codes(list_name).get(code)
    return code if entry is None else language.pick(entry.zh, entry.en)


def names(list_name: str, codes: object, language: Language) -> list[str]:
    """The names of several codes."""
    return [name(list_name, code, language) for code in codes] if isinstance(codes, list | tuple) else []


def class_path(code: str | None, language: Language) -> list[tuple[str, str]]:
    """A class and the classes above it, from the top down, as (code, name)."""
    classes = schemas.codes("instrument_class")
    if not code or code not in classes:
        return []
    return [(entry.code, language.pick(entry.zh, entry.en)) for entry in classes.ancestry(code)]


def place(location: object, language: Language, *, with_province: bool = True) -> str:
    """Province, city and county of a location, joined as the language does it."""
    if not isinstance(location, dict):
        return ""
    parts = [name("province", location.get("province"), language)] if with_province else []
    for key in ("city", "county"):
        part = name("area", location.get(key), language)
        if part and part not in parts:
            parts.append(part)
    parts = [part for part in parts if part]
    return " ".join(parts) if language.code == "zh" else ", ".join(reversed(parts))


# Autonomous prefectures carry the names of their peoples; a map cell has room for the place alone.
_PEOPLES = re.compile("(?:土家|苗|侗|藏|羌|彝|白|傣|景颇|哈尼|壮|布依|傈僳|回|蒙古|仡佬|瑶|水|满|畲)族")
_ENDINGS = ("林区", "新区", "地区", "市", "区", "县")


def short_city(label: str, language: Language) -> str:
    """A city's everyday name for a small cell: 恩施土家族苗族自治州 → 恩施州, 武汉市 → 武汉, Taizhou (Jiangsu) → Taizhou."""
    if language.code == "en":
        return label.partition(" (")[0].removesuffix(" New Area")
    plain = _PEOPLES.sub("", label).replace("自治", "")
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= 2:
            return plain.removesuffix(ending)
    return plain


def short_province(code: str, language: Language) -> str:
    """A province's everyday name (浙江, Zhejiang)."""
    entry = schemas.codes("province").get(code)
    if entry is None:
        return code
    return entry.attributes.get("short_zh") or entry.zh if language.code == "zh" else entry.en
