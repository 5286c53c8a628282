"""Where the invented units stand: cities and counties of the specification's `area` list, streets invented."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

import schemas
from adapters.simulators.world.belt import Province
from adapters.simulators.world.model import Place

ROADS = (
    "科技路",
    "创新大道",
    "学府路",
    "明德路",
    "科苑路",
    "云谷路",
    "文渊路",
    "望江路",
    "致远路",
    "学林街",
    "创业路",
    "滨湖路",
)


class Area(NamedTuple):
    code: str
    name: str
    name_en: str
    level: str
    lon: float
    lat: float


@lru_cache(maxsize=1)
def _areas() -> dict[str, list[Area]]:
    """The specification's areas by parent: cities of a province, counties of a city; those whose place is known."""
    found: dict[str, list[Area]] = {}
    for code, entry in schemas.codes("area").items():
        more = entry.attributes
        if not more["lon"]:
            continue
        area = Area(code, entry.zh, entry.en, more["level"], float(more["lon"]), float(more["lat"]))
        found.setdefault(entry.parent, []).append(area)
    return found


class Map:
    """The cities of one province, larger ones likelier."""

    def __init__(self, province: Province) -> None:
        self._province = province
        # The capital first, then by code: Zipf-like sizes give the uneven picture real catalogues have.
        cities = sorted(_areas()[province.code], key=lambda area: (area.code != province.capital, area.code))
        self._cities = [area for area in cities if area.level == "city"]
        self._weights = list(accumulate(1 / (rank + 1.5) for rank in range(len(self._cities))))

    def pick(self, rng: Random) -> tuple[Area, Place]:
        """A city of the province and an invented address in it."""
        city = rng.choices(self._cities, cum_weights=self._weights)[0]
        counties = [area for area in _areas().get(city.code, ()) if area.level == "county"]
        county = rng.choice(counties) if counties else None
        spot = county or city
        province = self._province
        place = Place(
            province=province.code,
            province_name=province.name,
            city=city.code,
            city_name=city.name,
            county=county.code if county else "",
            county_name=county.name if county else "",
            street=f"{rng.choice(ROADS)}{rng.randrange(1, 999)}号",
            postcode=f"{province.postcode}{int(city.code[2:4]) % 100:02d}{rng.randrange(100):02d}",
            lon=round(spot.lon + rng.uniform(-0.03, 0.03), 5),
            lat=round(spot.lat + rng.uniform(-0.03, 0.03), 5),
        )
        return city, place
