"""How values are written for people: money, counts, shares, instants and ages, in the reader's language."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from station_portal.i18n import Language

SHANGHAI = ZoneInfo("Asia/Shanghai")


def number(value: int | float | None) -> str:
    """A count with thousands separators; a dash when it is not known."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if isinstance(value, int) or float(value).is_integer() else f"{value:,.1f}"


def yuan(fen: int | None) -> str:
    """Fen as yuan, always to the fen: 120050 → 1,200.50, 12000 → 120.00."""
    if fen is None:
        return "—"
    whole, rest = divmod(abs(fen), 100)
    return f"{'−' if fen < 0 else ''}{whole:,}.{rest:02d}"


def signed(fen: int) -> str:
    """A difference in yuan with its sign: 12050 → +120.50, nothing → 0.00."""
    return f"{'+' if fen > 0 else ''}{yuan(fen)}"


def original_value(fen: int | None, language: Language) -> str:
    """An original value (原值): in 万元 for Chinese readers, in yuan for English ones."""
    if fen is None:
        return language("未知")
    if language.code == "en":
        return f"¥{fen / 100:,.0f}"
    return f"{fen / 1_000_000:,.2f}".rstrip("0").rstrip(".") + " 万元"


def yi(fen: int | None) -> str:
    """Fen in 亿元 with one decimal, as the study prints values."""
    return "—" if fen is None else f"{fen / 10_000_000_000:,.1f}"


def share(part: float | None, whole: float | None) -> str:
    """A percentage with one decimal; a dash when it means nothing."""
    if part is None or not whole:
        return "—"
    return f"{100 * part / whole:.1f}%"


def instant(value: datetime | None) -> str:
    """An instant in the time of Shanghai, to the minute; the pages say once that it is Beijing time."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def age(value: datetime | None, now: datetime, language: Language) -> str:
    """How long ago, in the coarsest unit that still tells something. Instants in the future count as just now."""
    if value is None:
        return language("从未")
    seconds = max(0, int((now - value).total_seconds()))
    if seconds < 60:
        return language("刚刚")
    if seconds < 3600:
        return language.plural("%(count)d 分钟前", "%(count)d 分钟前", seconds // 60)
    if seconds < 2 * 86400:
        return language.plural("%(count)d 小时前", "%(count)d 小时前", seconds // 3600)
    return language.plural("%(count)d 天前", "%(count)d 天前", seconds // 86400)


def duration(seconds: float | None, language: Language) -> str:
    """A span of time, two units at most."""
    if seconds is None:
        return "—"
    whole = max(0, round(seconds))
    if whole < 60:
        return language("%(seconds)d 秒", seconds=whole)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours and minutes:
        return language("%(hours)d 小时 %(minutes)d 分", hours=hours, minutes=minutes)
    if hours:
        return language("%(hours)d 小时", hours=hours)
    if rest:
        return language("%(minutes)d 分 %(seconds)d 秒", minutes=minutes, seconds=rest)
    return language("%(minutes)d 分钟", minutes=minutes)


def size(byte_count: int) -> str:
    """Bytes as KB or MB (powers of ten, as file managers print them)."""
    if byte_count < 1000:
        return f"{byte_count} B"
    if byte_count < 1_000_000:
        return f"{byte_count / 1000:.0f} KB"
    return f"{byte_count / 1_000_000:.1f}".removesuffix(".0") + " MB"


def distance(metres: float | None) -> str:
    """A distance in kilometres: one decimal below ten, whole above."""
    if metres is None:
        return ""
    kilometres = metres / 1000
    if kilometres < 0.1:
        return "< 0.1 km"
    return f"{kilometres:.1f} km" if kilometres < 10 else f"{kilometres:,.0f} km"


def outside_link(url: str | None) -> str | None:
    """A link that a province gave us, or None when it is not plain http(s) with a host: nothing else is followed."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and host and not parts.username else None
