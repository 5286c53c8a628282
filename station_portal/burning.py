"""The burn-down of a budget year as a drawing: bars for each month, and the line of what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.settlement.queries.budgets import Budget
from station_portal.i18n import Language

WIDTH, HEIGHT = 720, 240
LEFT, BOTTOM, TOP = 8, 26, 24
SERIES = ("granted", "captured", "redeemed", "returned")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the drawing's units; `tone` is its class."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Bars, the points of the line, and the months under them."""

    view_box: str
    bars: tuple[Bar, ...]
    line: str
    months: tuple[tuple[float, str], ...]
    base: float
    top: float
    top_fen: int


def drawing(budget: Budget, today: date, language: Language) -> Drawing:
    """Granted, used, redeemed and returned of each month as bars; what is left in the pool as a line up to today."""
    left, after = 0, []
    for month in budget.months:
        left += month.funded - month.granted + month.returned
        after.append(left)
    top = max([1, *after, *(getattr(month, name) for month in budget.months for name in SERIES)])
    step = (WIDTH - 2 * LEFT) / len(budget.months)
    tall = HEIGHT - BOTTOM - TOP
    width = step * 0.8 / len(SERIES)
    names = series_names(language)
    bars = []
    for number, month in enumerate(budget.months):
        for place, name in enumerate(SERIES):
            fen = getattr(month, name)
            if fen > 0:
                height = max(1.0, tall * fen / top)
                x = LEFT + number * step + step * 0.1 + place * width
                words = f"{month.begins:%Y-%m} {names[name]} {fen / 100:,.2f}"
                bars.append(Bar(x, HEIGHT - BOTTOM - height, width - 1, height, name, words))
    points = " ".join(
        f"{LEFT + (number + 0.5) * step:.1f},{HEIGHT - BOTTOM - tall * max(0, fen) / top:.1f}"
        for number, fen in enumerate(after)
        if budget.months[number].begins <= today
    )
    months = tuple(
        (LEFT + (number + 0.5) * step, language("%(number)s 月", number=number + 1) if language.code == "zh" else f"{month.begins:%b}")
        for number, month in enumerate(budget.months)
    )  # fmt: skip
    return Drawing(f"0 0 {WIDTH} {HEIGHT}", tuple(bars), points, months, HEIGHT - BOTTOM, TOP, top)


def series_names(language: Language) -> dict[str, str]:
    """What the series are called."""
    return {
        "granted": language("发放"),
        "captured": language("已用"),
        "redeemed": language("已兑付或转结算"),
        "returned": language("退回"),
    }
