"""Names of places → GB/T 2260 codes, inside one province.

The list holds every prefecture-level city and the counties in use. Districts of a municipality stand on the level
of cities. A city that is not found is a problem; a county that is not in the list costs the county and is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import schemas
from adapters.mapping.text import fold_text, need_text
from adapters.mapping.unfit import Unfit, shown, wrong_type
from adapters.mapping.vocabulary import Vocabulary
from schemas import Code

Function = Callable[[Any], Any]

_NATIONS = (
    "土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|白族|傣族|景颇族|傈僳族|回族|满族|蒙古族|朝鲜族|黎族|"
    "畲族|瑶族|水族|仡佬族|纳西族|拉祜族|佤族|独龙族|怒族|普米族|布朗族|各族"
)
_AUTONOMOUS = re.compile(f"(?:{_NATIONS})+自治(?P<kind>州|县)$")
_ENDINGS = ("自治州", "地区", "新区", "林区", "市", "区", "县", "州", "盟")
_NO_NAME = frozenset({"市辖区", "县", "省直辖县级行政区划", "省直辖", "直辖县"})
_CODE = re.compile(r"[0-9]{6}(?:[0-9]{6})?")


@dataclass(frozen=True, slots=True)
class Noted:
    """A value together with something that was lost on the way to it."""

    value: Any
    unfit: Unfit


class Gazetteer:
    """The places of one province by every way their names are written."""

    def __init__(self, province: str) -> None:
        self.province = schemas.codes("province")[province]
        below = [area for area in schemas.codes("area").values() if area.code[:2] == province[:2]]
        self.cities = [area for area in below if area.attributes["level"] == "city"]
        self.counties = [area for area in below if area.attributes["level"] == "county"]
        self._city_names = _index(self.cities)
        self._county_names = _index(self.counties)
        self._by_code = {area.code: area for area in below}
        self._own_names = set(_spellings(self.province.zh)) | {province, province[:2]}

    def is_province(self, name: str) -> bool:
        """Whether the name is the province itself or stands for no place below it."""
        return name in self._own_names or name in _NO_NAME

    def by_code(self, code: str) -> Code | None:
        """The city or county of a six- or twelve-digit code."""
        return self._by_code.get(code[:6])

    def city(self, name: str) -> Code | None:
        """The city of this name."""
        found = self._city_names.get(name, ())
        return found[0] if len(found) == 1 else None

    def county(self, name: str, city: Code | None) -> Code | None:
        """The county of this name inside the city; anywhere in the province if there is only one."""
        found = self._county_names.get(name, ())
        if city is not None:
            found = tuple(area for area in found if area.parent == city.code)
        return found[0] if len(found) == 1 else None

    def read_address(self, address: str) -> tuple[Code | None, Code | None]:
        """City and county with which an address begins, after the province's name."""
        rest = _without(address, sorted(self._own_names, key=len, reverse=True))
        city, rest = _leading(rest, self._city_names)
        inside = {
            name: tuple(area for area in areas if city is None or area.parent == city.code)
            for name, areas in self._county_names.items()
        }
        county, _ = _leading(rest, inside)
        if city is None and county is not None:
            city = self._by_code.get(county.parent)
        return city, county


def _spellings(name: str) -> list[str]:
    """The full name, its short form for autonomous areas, and the name without its ending."""
    names = [name]
    short = _AUTONOMOUS.sub(lambda found: found["kind"], name)
    if short != name:
        names.append(short)
    for full in list(names):
        ending = next((e for e in (*_ENDINGS, "省") if full.endswith(e)), "")
        if ending and len(full) - len(ending) >= 2:
            names.append(full[: -len(ending)])
    return list(dict.fromkeys(names))


def _index(areas: Iterable[Code]) -> dict[str, tuple[Code, ...]]:
    names: dict[str, tuple[Code, ...]] = {}
    for area in areas:
        for name in _spellings(area.zh):
            names[name] = (*names.get(name, ()), area)
    return names


def _without(text: str, beginnings: list[str]) -> str:
    return next((text[len(name) :] for name in beginnings if text.startswith(name)), text)


def _leading(text: str, names: dict[str, tuple[Code, ...]]) -> tuple[Code | None, str]:
    """The place whose longest spelling the text begins with, and the rest of the text."""
    for length in range(min(len(text), 16), 1, -1):
        found = names.get(text[:length], ())
        if len(found) == 1:
            return found[0], text[length:]
    return None, text


def area_function(province: str, vocabulary: Vocabulary, table: str) -> Function:
    """`[province, city, county]` by name or code, or one address → `{province, city, county}`."""
    gazetteer = Gazetteer(province)

    def translate(name: str) -> str:
        word = "".join(fold_text(name).split())
        return vocabulary.find(table, word) or word

    def apply(value: Any) -> Any:
        if isinstance(value, str):
            return _from_address(gazetteer, translate(value), value)
        if not isinstance(value, list) or len(value) > 3:
            raise wrong_type("省、市、县名称", "the names of province, city and county", value)
        names = [translate(need_text(part)) if part is not None else None for part in value]
        _refuse_foreign(gazetteer, names[0], value)
        below = [name for name in names[1:] if name and not gazetteer.is_province(name)]
        return _from_names(gazetteer, below, value)

    return apply


def _refuse_foreign(gazetteer: Gazetteer, name: str | None, value: Any) -> None:
    """The first of the three names must be this province, when it is given."""
    own = gazetteer.province
    if not name or gazetteer.is_province(name) or (_CODE.fullmatch(name) and name[:2] == own.code[:2]):
        return
    raise Unfit(
        "outside-province",
        f"「{shown(name)}」不在{own.zh}；只能上报本省的仪器",
        f"“{shown(name)}” lies outside {own.en}; a province reports its own instruments",
        value,
    )


def _from_names(gazetteer: Gazetteer, below: list[str], value: Any) -> Any:
    place = {"province": gazetteer.province.code}
    if not below:
        return place
    city = _find(gazetteer, below[0])
    if city is None:
        raise _unknown(gazetteer, below[0], value)
    if city.attributes["level"] == "county":
        return place | {"city": city.parent, "county": city.code}
    place["city"] = city.code
    if len(below) == 1 or below[1] == below[0]:
        return place
    county = gazetteer.by_code(below[1]) if _CODE.fullmatch(below[1]) else gazetteer.county(below[1], city)
    if county is None or county.parent != city.code:
        return Noted(place, _unknown(gazetteer, below[1], value))
    return place | {"county": county.code}


def _find(gazetteer: Gazetteer, name: str) -> Code | None:
    if _CODE.fullmatch(name):
        return gazetteer.by_code(name)
    return gazetteer.city(name) or gazetteer.county(name, None)


def _from_address(gazetteer: Gazetteer, address: str, value: Any) -> Any:
    place = {"province": gazetteer.province.code}
    if gazetteer.is_province(address):
        return place
    city, county = gazetteer.read_address(address)
    if city is None:
        return Noted(place, _unknown(gazetteer, address, value))
    place["city"] = city.code
    return place if county is None else place | {"county": county.code}


def _unknown(gazetteer: Gazetteer, name: str, value: Any) -> Unfit:
    own = gazetteer.province
    return Unfit(
        "bad-area",
        f"在{own.zh}的行政区划中找不到「{shown(name)}」",
        f"“{shown(name)}” is not among the places of {own.en}",
        value,
        table="area",
    )
