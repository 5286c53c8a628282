"""Numbers, money and hours as people and spreadsheets write them. Money leaves as integer fen, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from adapters.mapping.text import fold_text
from adapters.mapping.unfit import Unfit, shown, wrong_type

Function = Callable[[Any], Any]

MONEY_UNITS: Mapping[str, Decimal] = {  # fen in one unit
    "分": Decimal(1),
    "角": Decimal(10),
    "元": Decimal(100),
    "百元": Decimal(10_000),
    "千元": Decimal(100_000),
    "万元": Decimal(1_000_000),
    "万": Decimal(1_000_000),
    "百万元": Decimal(100_000_000),
    "亿元": Decimal(10_000_000_000),
    "亿": Decimal(10_000_000_000),
}
HOUR_UNITS: Mapping[str, Decimal] = {  # hours in one unit; minutes are divided
    "hour": Decimal(1),
    "day": Decimal(24),
    "千小时": Decimal(1_000),
    "万小时": Decimal(10_000),
}
_HOUR_WORDS = ("小时", "机时", "hours", "hour", "hrs", "h", "时")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,24}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})(?:[eE][+-]?[0-9]{1,2})?")
_NUMERIC = frozenset({int, float, str, Decimal})  # and not bool, which is an int in Python only
_SIMPLE = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,8})?")
_BEFORE = ("人民币", "RMB", "CNY", "¥", "￥", "约", "大约", "≈")
_HOURS_IN_LEAP_YEAR = 8_784
_FEN_LIMIT = 10**15  # ten trillion yuan: nothing in a catalogue is dearer, and it stays inside 53 bits


def bad_number(value: Any) -> Unfit:
    """The value cannot be read as a number."""
    return Unfit(
        "bad-number",
        f"读不成数字：「{shown(value)}」；请填阿拉伯数字",
        f"cannot be read as a number: “{shown(value)}”; write digits",
        value,
    )


def out_of_range(value: Any, least: Any, most: Any) -> Unfit:
    """The number lies outside its bounds."""
    zh = (
        f"不小于 {least}"
        if most is None
        else f"不大于 {most}"
        if least is None
        else f"在 {least} 与 {most} 之间"
    )
    en = (
        f"at least {least}"
        if most is None
        else f"at most {most}"
        if least is None
        else f"between {least} and {most}"
    )
    return Unfit(
        "out-of-range", f"应{zh}，来的是「{shown(value)}」", f"must be {en}, got “{shown(value)}”", value
    )


def read_decimal(value: Any, suffixes: tuple[str, ...] = ()) -> Decimal:
    """An exact decimal from a number or from text with separators and currency signs. Raises `Unfit`."""
    if type(value) not in _NUMERIC:
        raise wrong_type("数字", "a number", value)
    if not isinstance(value, str):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite() or number.adjusted() > 24:
            raise bad_number(value)
        return number
    if _SIMPLE.fullmatch(value) is not None:
        return Decimal(value)
    text = _bare(value)
    for suffix in suffixes:
        if suffix and text.endswith(suffix):
            text = text[: -len(suffix)]
            break
    if _NUMBER.fullmatch(text) is None:
        raise bad_number(value)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise bad_number(value) from None


def _bare(value: str) -> str:
    text = "".join(fold_text(value).replace("，", "").replace(",", "").split())
    for word in _BEFORE:
        text = text.removeprefix(word)
    return text


def plain(number: Decimal) -> int | float:
    """An int when the value is whole, otherwise the nearest float."""
    return int(number) if number == number.to_integral_value() else float(number)


def check_bounds(value: Any, number: Any, least: Any, most: Any) -> None:
    """Raise `out-of-range` outside the bounds; None means no bound."""
    if (least is not None and number < least) or (most is not None and number > most):
        raise out_of_range(value, least, most)


def money_function(unit: str, least: float | None, most: float | None) -> Function:
    """Amount → integer fen, rounded half up. A unit written behind the number wins over the declared one.

    The bounds are in the declared unit.
    """
    words = sorted(MONEY_UNITS, key=len, reverse=True)
    lowest = None if least is None else Decimal(str(least)) * MONEY_UNITS[unit]
    highest = None if most is None else Decimal(str(most)) * MONEY_UNITS[unit]

    declared = MONEY_UNITS[unit]

    def apply(value: Any) -> Any:
        factor, bare = declared, value
        if type(value) is str and _SIMPLE.fullmatch(value) is None:
            bare = _bare(value)
            written = next((word for word in words if bare.endswith(word)), None)
            if written is not None:
                factor, bare = MONEY_UNITS[written], bare[: -len(written)]
        try:
            fen = read_decimal(bare) * factor
        except Unfit:
            raise bad_number(value) from None
        if (lowest is not None and fen < lowest) or (highest is not None and fen > highest):
            raise out_of_range(value, least, most)
        if abs(fen) > _FEN_LIMIT:
            raise out_of_range(value, None, f"{_FEN_LIMIT} fen")
        return int(fen.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    return apply


def number_function(suffixes: tuple[str, ...], least: float | None, most: float | None) -> Function:
    """A plain number."""

    def apply(value: Any) -> Any:
        number = plain(read_decimal(value, suffixes))
        check_bounds(value, number, least, most)
        return number

    return apply


def integer_function(suffixes: tuple[str, ...], least: float | None, most: float | None) -> Function:
    """A whole number; `3.0` is one, `3.5` is not."""

    def apply(value: Any) -> Any:
        number = plain(read_decimal(value, suffixes))
        if not isinstance(number, int):
            raise Unfit(
                "bad-number",
                f"应为整数，来的是「{shown(value)}」",
                f"must be whole, got “{shown(value)}”",
                value,
            )
        check_bounds(value, number, least, most)
        return number

    return apply


def hours_function(unit: str, most: float | None) -> Function:
    """Hours ≥ 0, to four decimals. Without `most`, no more than a leap year has."""
    limit = _HOURS_IN_LEAP_YEAR if most is None else most

    def apply(value: Any) -> Any:
        number = read_decimal(value, _HOUR_WORDS)
        hours = number / 60 if unit == "minute" else number * HOUR_UNITS[unit]
        rounded = plain(hours.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP).normalize())
        check_bounds(value, rounded, 0, limit)
        return rounded

    return apply


def between_function(least: float | None, most: float | None) -> Function:
    """The number as it is, if it lies inside the bounds."""

    def apply(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type("数字", "a number", value)
        check_bounds(value, value, least, most)
        return value

    return apply
