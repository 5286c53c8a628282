"""Kinds of instruments: names, makers, indicators, services. Data in `data/kinds/*.yaml`, read once.

Makers, models, standards and methods are real; which unit owns one, its price, fee and hours are invented.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, log
from random import Random
from typing import Any

import yaml

import schemas
from adapters.simulators.world.belt import DATA
from adapters.simulators.world.model import Discipline

# Rendered texts of one kind; its instruments share them, which keeps a million of them affordable.
VARIANTS = 8
NAMED_COUNTRIES = {"US": "美国", "CN": "中国", "DE": "德国", "JP": "日本", "GB": "英国"}
OTHER = "其他"
# Edges of price classes in 0.01 万元, finer than the study's bands, so that a kind fits the price it is given.
PRICE_EDGES = tuple(wan * 100 for wan in (60, 75, 100, 140, 200, 260, 350, 500, 650, 800, 1200, 2000, 3500))

# The YAML loader written in C reads the tables ten times faster; some builds of PyYAML lack it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Service:
    """What can be asked for; `fee` is the span of fees in yuan."""

    name: str
    method: str
    standards: tuple[str, ...]
    conditions: tuple[str, ...]
    charging_unit: str
    fee: tuple[int, int]
    days: int
    mode: str


@dataclass(frozen=True, slots=True)
class Product:
    """A maker's model; `country` is ISO 3166 alpha-2."""

    country: str
    country_name: str
    maker: str
    model: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of instrument; prices in 0.01 万元."""

    name: str
    name_en: str
    aliases: tuple[str, ...]
    class_code: str
    class_name: str
    low: int
    high: int
    weight: int
    disciplines: tuple[Discipline, ...]
    products: Mapping[str, Sequence[Product]]
    indicators: tuple[str, ...]
    functions: str
    services: tuple[Service, ...]
    service_content: str
    fee_text: str


@lru_cache(maxsize=4)
def code_names(name: str) -> dict[str, str]:
    """Chinese names of one of the specification's code lists."""
    return {code: entry.zh for code, entry in schemas.codes(name).items()}


def _service(line: str) -> Service:
    name, method, standards, conditions, unit, fee, days, mode = (part.strip() for part in line.split(" | "))
    low, high = fee.split("-")
    return Service(
        name, method, _split(standards), _split(conditions), unit, (int(low), int(high)), int(days), mode
    )  # fmt: skip


def _split(text: str, separator: str = ";") -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _products(text: str) -> dict[str, list[Product]]:
    """Products by group of the study: the five named countries and 其他."""
    countries = code_names("country")
    found: dict[str, list[Product]] = {}
    for offer in text.split(" | "):
        country, rest = offer.split(" ", 1)
        maker, models = rest.split(": ", 1)
        group = NAMED_COUNTRIES.get(country, OTHER)
        found.setdefault(group, []).extend(
            Product(country, countries[country], maker, model) for model in _split(models, ",")
        )
    return found


def _variants(text: str) -> tuple[str, ...]:
    """The text with its {a|b|c} filled in different ways."""
    rng = Random(text)
    filled = (
        re.sub(r"\{([^{}]*)\}", lambda m: rng.choice(m.group(1).split("|")), text) for _ in range(VARIANTS)
    )
    return tuple(dict.fromkeys(filled))


def _kind(row: Mapping[str, Any]) -> Kind:
    low, high = row["price"].split("-")
    services = tuple(_service(line) for line in row["services"])
    disciplines = code_names("discipline")
    return Kind(
        name=row["name"],
        name_en=row["en"],
        aliases=tuple(str(alias) for alias in row["alias"]),
        class_code=row["class"],
        class_name=code_names("instrument_class")[row["class"]],
        low=int(low) * 100,
        high=int(high) * 100,
        weight=row["weight"],
        disciplines=tuple(Discipline(str(code), disciplines[str(code)]) for code in row["fields"]),
        products=_products(row["makers"]),
        indicators=_variants(row["indicators"]),
        functions=row["functions"],
        services=services,
        service_content="、".join(service.name for service in services),
        fee_text="；".join(f"{s.name}：{s.fee[0]}～{s.fee[1]}元/{s.charging_unit}" for s in services),
    )


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of the files."""
    return tuple(
        _kind(row)
        for path in sorted((DATA / "kinds").glob("*.yaml"))
        for row in yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    )


@lru_cache(maxsize=1)
def kinds_by_name() -> dict[str, Kind]:
    """Kinds by their Chinese name, which is unique."""
    return {kind.name: kind for kind in kinds()}


@lru_cache(maxsize=4096)
def _candidates(level1: str, group: str, price_class: int) -> tuple[tuple[Kind, ...], tuple[float, ...]]:
    """Kinds of a class that some maker of the country group makes, weighted by how well they fit the price."""
    low = PRICE_EDGES[price_class - 1] if price_class else PRICE_EDGES[0] * 0.8
    high = PRICE_EDGES[price_class] if price_class < len(PRICE_EDGES) else low * 1.5
    fitting = [kind for kind in kinds() if kind.class_code[:2] == level1[:2] and group in kind.products]
    weights = []
    for kind in fitting:
        away = max(0.0, log(kind.low / high), log(low / kind.high))
        weights.append(kind.weight * exp(-6 * away))
    return tuple(fitting), tuple(accumulate(weights))


def pick_kind(level1: str, group: str, value: int, rng: Random) -> tuple[Kind, Product]:
    """A kind and product for a class, a country group and a price; deterministic for the state of `rng`.

    Raises LookupError when the tables know nobody in that country who makes anything of that class.
    """
    found, weights = _candidates(level1, group, bisect(PRICE_EDGES, value))
    if not found:
        raise LookupError(f"no kind of class {level1} from {group} in the tables")
    kind = found[min(bisect(weights, rng.random() * weights[-1]), len(found) - 1)]
    products = kind.products[group]
    return kind, products[int(rng.random() * len(products))]
