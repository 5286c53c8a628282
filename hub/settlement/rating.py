"""The price engine: one for quotes and for usage. Pure, integer fen, no floats.

A tariff is a list of positions. Some always apply (the hour on the instrument), some only when they are chosen (an
item under a condition, a package). Each position that applies gives one line; the fee is the sum of the lines.

Rounding: every line by itself, half a fen up. Time is charged by the minute, or by begun steps where the
position names one. When the lines stay below the minimum fee, a line of its own makes up the difference, so that
lines always add up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.settlement.errors import NothingChosen, PositionUnknown, PriceMissing, QuantityMissing
from hub.settlement.money import yuan

Basis = Literal["reserved_time", "used_time", "test_time", "times", "samples", "item", "package"]
"""What a position counts; codes of the list `tariff_basis`."""

TIMES: frozenset[Basis] = frozenset({"reserved_time", "used_time", "test_time"})
CHOSEN: frozenset[Basis] = frozenset({"item", "package"})
"""Positions that are never charged unless they are chosen."""

MINIMUM = "minimum"
"""The position of the line that makes up a minimum fee."""

_COUNTED = {
    "times": ("次", "time"),
    "samples": ("样品", "sample"),
    "item": ("项", "item"),
    "package": ("套", "package"),
}
_MEASURES = {
    "reserved_time": "reserved_minutes",
    "used_time": "used_minutes",
    "test_time": "test_minutes",
    "times": "times",
    "samples": "samples",
}


@dataclass(frozen=True, slots=True)
class Position:
    """One priced thing of a tariff.

    Prices in fen: of `unit_minutes` for times, of one for everything else. Without an inside price the outside one holds
    for everybody; without an outside price only the owner's own institution may use it. `step_minutes`: begun
    steps are charged whole; `extra_minutes` (warming up, cooling down) are added once to a time that is not zero.
    """

    id: str
    basis: Basis
    zh: str
    en: str
    outside_fen: int | None
    inside_fen: int | None = None
    unit_minutes: int = 60
    step_minutes: int = 1
    extra_minutes: int = 0
    is_optional: bool = False

    def price(self, *, is_inside: bool) -> int:
        """Fen of one unit for this side. Raises `PriceMissing`."""
        fen = self.inside_fen if is_inside and self.inside_fen is not None else self.outside_fen
        if fen is None:
            raise PriceMissing(self.zh, self.en)
        return fen


@dataclass(frozen=True, slots=True)
class Tariff:
    """Positions in the order in which lines appear, and the least that one order costs on either side."""

    positions: tuple[Position, ...]
    minimum_outside_fen: int = 0
    minimum_inside_fen: int | None = None

    def minimum(self, *, is_inside: bool) -> int:
        """The minimum fee in fen for this side."""
        if is_inside and self.minimum_inside_fen is not None:
            return self.minimum_inside_fen
        return self.minimum_outside_fen


@dataclass(frozen=True, slots=True)
class Quantities:
    """What was asked for, or used: whole minutes and counts, each None when it is not known.

    `chosen` names positions, each with its quantity in its own measure, or None to take the order's. A time that is not
    known yet is estimated by the reserved one. `is_inside`: the user belongs to the owner's institution.
    """

    reserved_minutes: int | None = None
    used_minutes: int | None = None
    test_minutes: int | None = None
    times: int | None = None
    samples: int | None = None
    chosen: Mapping[str, int | None] = field(default_factory=dict)
    is_inside: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a fee. `quantity` in minutes for times, else a count; `told` is the quantity before steps and extras.

    `is_estimate`: the quantity is not known yet and was taken from the reservation.
    """

    position: str
    basis: Basis | Literal["minimum"]
    name_zh: str
    name_en: str
    quantity: int
    told: int
    unit_minutes: int
    unit_price_fen: int
    fen: int
    is_estimate: bool = False

    @property
    def zh(self) -> str:
        """How the line was reckoned, for example `1.5 小时 × 400.00 元/小时 = 600.00 元`."""
        if self.basis == "minimum":
            return f"不足最低收费 {yuan(self.unit_price_fen)} 元，补差 {yuan(self.fen)} 元"
        amount, unit = self._words(0)
        return f"{amount} × {yuan(self.unit_price_fen)} 元/{unit} = {yuan(self.fen)} 元"

    @property
    def en(self) -> str:
        """How the line was reckoned, for example `1.5 h × 400.00 CNY/h = 600.00 CNY`."""
        if self.basis == "minimum":
            return f"below the minimum fee of {yuan(self.unit_price_fen)} CNY, {yuan(self.fen)} CNY added"
        amount, unit = self._words(1)
        return f"{amount} × {yuan(self.unit_price_fen)} CNY/{unit} = {yuan(self.fen)} CNY"

    def _words(self, language: Literal[0, 1]) -> tuple[str, str]:
        if self.basis not in TIMES:
            unit = _COUNTED[self.basis][language]
            return f"{self.quantity} {unit}" + ("s" if language and self.quantity != 1 else ""), unit
        unit = (("小时", "h"), ("天", "d"))[self.unit_minutes == 1440][language]
        words = _duration(self.quantity, self.unit_minutes, unit, language)
        if self.quantity != self.told:
            told = _duration(self.told, self.unit_minutes, unit, language)
            words += f"（{told}，按计费规则）" if language == 0 else f" (for {told}, by the charging rule)"
        return words, unit


@dataclass(frozen=True, slots=True)
class Rated:
    """A fee and its lines; `fee_fen` is their sum."""

    lines: tuple[Line, ...]
    fee_fen: int

    @property
    def is_estimate(self) -> bool:
        """Whether a quantity was estimated: what is used decides in the end."""
        return any(line.is_estimate for line in self.lines)


def rate(tariff: Tariff, quantities: Quantities) -> Rated:
    """Price the quantities. The same input always gives the same lines.

    Raises `PositionUnknown`, `PriceMissing`, `QuantityMissing`, `NothingChosen`.
    """
    chosen = quantities.chosen
    lines = [
        _line(position, quantities)
        for position in tariff.positions
        if position.id in chosen or not (position.is_optional or position.basis in CHOSEN)
    ]
    if len(chosen) > len(lines) or not chosen.keys() <= {line.position for line in lines}:
        known = {position.id for position in tariff.positions}
        raise PositionUnknown(next(name for name in chosen if name not in known))
    if not lines:
        raise NothingChosen
    fee = sum(line.fen for line in lines)
    least = tariff.minimum(is_inside=quantities.is_inside)
    if fee < least:
        lines.append(_top_up(fee, least))
        fee = least
    return Rated(tuple(lines), fee)


def read_tariff(document: Mapping[str, Any]) -> Tariff:
    """A tariff from a valid tariff document of the specification."""
    minimum = document.get("minimum_fee", {})
    return Tariff(
        tuple(_read_position(told) for told in document["positions"]),
        minimum.get("outside_fen", 0),
        minimum.get("inside_fen"),
    )


def _line(position: Position, quantities: Quantities) -> Line:
    told, is_estimate = _quantity(position, quantities)
    if told < 0:
        raise ValueError(f"a negative quantity: {told}")
    price = position.price(is_inside=quantities.is_inside)
    if position.basis not in TIMES:
        return Line(position.id, position.basis, position.zh, position.en, told, told, 1, price, told * price)
    charged = told + position.extra_minutes if told else 0
    charged += -charged % position.step_minutes
    unit = position.unit_minutes
    fen = (2 * charged * price + unit) // (2 * unit)
    return Line(
        position.id, position.basis, position.zh, position.en, charged, told, unit, price, fen, is_estimate
    )


def _quantity(position: Position, quantities: Quantities) -> tuple[int, bool]:
    """How much of the position, and whether that is an estimate."""
    own = quantities.chosen.get(position.id)
    if own is not None:
        return own, False
    if position.basis in CHOSEN:
        return 1, False
    measure = _MEASURES[position.basis]
    amount: int | None = getattr(quantities, measure)
    if amount is not None:
        return amount, False
    if position.basis == "times":
        return 1, False
    if position.basis in TIMES and quantities.reserved_minutes is not None:
        return quantities.reserved_minutes, True
    raise QuantityMissing(position.zh, position.en, measure)


def _top_up(fee: int, least: int) -> Line:
    return Line(MINIMUM, "minimum", "最低收费补差", "Minimum fee", 1, 1, 1, least, least - fee)


def _read_position(told: Mapping[str, Any]) -> Position:
    zh = _named(told, "zh", "（", "）")
    return Position(
        id=told["id"],
        basis=told["basis"],
        zh=zh,
        en=_named(told, "en", " (", ")") or zh,
        outside_fen=told.get("outside_fen"),
        inside_fen=told.get("inside_fen"),
        unit_minutes=told.get("unit_minutes", 60),
        step_minutes=told.get("step_minutes", 1),
        extra_minutes=told.get("extra_minutes", 0),
        is_optional=told.get("optional", False),
    )


def _named(told: Mapping[str, Any], language: str, before: str, after: str) -> str:
    name: str = told.get(f"name_{language}", "")
    condition = told.get(f"condition_{language}")
    return f"{name}{before}{condition}{after}" if name and condition else name


def _duration(minutes: int, unit_minutes: int, unit: str, language: Literal[0, 1]) -> str:
    """`1.5 小时` where two decimals are exact, else whole minutes."""
    hundredths, rest = divmod(minutes * 100, unit_minutes)
    if rest:
        return f"{minutes} {'min' if language else '分钟'}"
    text = f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")
    return f"{text} {unit}"
