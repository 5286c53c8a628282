"""Fields of the forms for what is kept: what was typed as values, and what is wrong as words beside a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import schemas
from hub.core.errors import HubError
from station_portal.commanding import instant_of
from station_portal.formats import SHANGHAI
from station_portal.i18n import Language

Wrong = list[tuple[str, str]]
"""What is wrong with a form: the field's id and the words, in the order of the form."""

FieldOf = Callable[[str], str]
"""From a JSON pointer of the document to the id of the form's field."""

DURATION_UNITS = (1440, 60, 1)
_MONEY = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]))?")


def whole(text: str) -> int | str:
    """A whole number as the specification wants it; what is none stays text, and the specification says so."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else plain


def fen_of(text: str) -> int | None:
    """Fen from yuan as people write them (`1200`, `12.5`, `1,200.00`, `¥300`); None when it is no amount."""
    found = _MONEY.fullmatch(text.strip().lstrip("¥￥").replace(",", "").replace("，", "").strip())
    return None if found is None else int(found[1]) * 100 + int((found[2] or "").ljust(2, "0") or 0)


def yuan_of(fen: int | None) -> str:
    """Fen as the forms write them: 12050 → `120.50`, 12000 → `120`; nothing for None."""
    if fen is None:
        return ""
    return f"{fen // 100}.{fen % 100:02}" if fen % 100 else str(fen // 100)


def permille_of(text: str) -> int | None:
    """Thousandths from a percentage as people write it (`6`, `6.5`, `13%`); None when it is none from 0 to 100."""
    found = _PERCENT.fullmatch(text.strip().rstrip("%％").strip())
    told = None if found is None else int(found[1]) * 10 + int(found[2] or 0)
    return None if told is None or told > 1000 else told


def percent_of(permille: int | None) -> str:
    """Thousandths as the forms write them: 60 → `6`, 65 → `6.5`; nothing for None."""
    return "" if permille is None else f"{permille / 10:g}"


def duration_typed(name: str, minutes: int) -> dict[str, str]:
    """A duration as number and unit: the largest unit that tells it whole."""
    unit = next(each for each in DURATION_UNITS if minutes % each == 0 and (minutes or each == 1))
    return {name: str(minutes // unit), f"{name}-unit": str(unit)}


def duration_of(form: Mapping[str, str], name: str) -> int | str:
    """Minutes from number and unit; what is no number stays text."""
    number, unit = whole(form.get(name, "")), form.get(f"{name}-unit", "1")
    return number * int(unit) if isinstance(number, int) and unit in {"1", "60", "1440"} else number


def text_of(form: Mapping[str, str], name: str) -> str:
    """One line of text, without surrounding space."""
    return " ".join(form.get(name, "").split())


def valid_from_of(form: Mapping[str, str], wrong: Wrong, language: Language) -> datetime | None:
    """From when a new version holds; None at once."""
    told = form.get("valid_from", "").strip()
    if not told:
        return None
    at = instant_of(told)
    if at is None or not 2000 <= at.year < 2100:
        wrong.append(("valid_from", language("请按 2026-01-08 09:00 的格式填写生效时间，或留空表示立即生效")))
        return None
    return at


def local(at: datetime | None) -> str:
    """An instant as fields of date and time write it."""
    return "" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def version_of(form: Mapping[str, str]) -> int:
    """The version that the form was made from; 0 when nothing was kept yet."""
    told = whole(form.get("version", ""))
    return told if isinstance(told, int) else 0


def against(name: str, document: Mapping[str, Any], field_of: FieldOf, language: Language) -> Wrong:
    """What the specification has against a document, by field."""
    return [
        (field_of(problem.pointer), language.pick(problem.zh, problem.en))
        for problem in schemas.problems(name, document)
    ]


def refused_words(refused: HubError, field_of: FieldOf, language: Language, default: str) -> Wrong:
    """A refusal by field. What a form cannot mend (not found, not allowed, a fault of ours) is raised again."""
    if refused.status >= 500 or refused.status in {401, 403, 404, 410}:
        raise refused
    if refused.errors:
        return [
            (field_of(each.get("pointer", "")) or default, language.pick(each["zh"], each["en"]))
            for each in refused.errors
        ]
    parts = [language.pick(refused.zh, refused.en), language.pick(refused.hint_zh, refused.hint_en)]
    return [(default, " ".join(part for part in parts if part))]


def by_field(wrong: Wrong) -> dict[str, str]:
    """The words beside each field."""
    told: dict[str, str] = {}
    for name, words in wrong:
        told[name] = f"{told[name]} {words}" if name in told else words
    return told
