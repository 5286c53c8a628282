"""The texts of notices: data, read once."""

import csv
from functools import cache
from pathlib import Path
from typing import cast

from hub.notices import rules
from hub.notices.errors import TemplateUnknown

_FILE = Path(__file__).parent / "templates.csv"


@cache
def templates() -> dict[str, rules.Template]:
    """Every text by its code. Raises `TemplateUnknown` when a text asks for a value that texts may not carry."""
    with _FILE.open(encoding="utf-8", newline="") as held:
        found = {row["code"]: _template(row) for row in csv.DictReader(held)}
    for each in found.values():
        used = rules.placeholders_of(each.zh_title + each.en_title + each.zh_text + each.en_text)
        if not used <= rules.PLACEHOLDERS:
            raise TemplateUnknown(f"{each.code} asks for {sorted(used - rules.PLACEHOLDERS)}")
    return found


def template(code: str) -> rules.Template:
    """One text. Raises `TemplateUnknown`."""
    try:
        return templates()[code]
    except KeyError:
        raise TemplateUnknown(code) from None


def told(code: str, values: dict[str, str], lang: str) -> tuple[str, str]:
    """Title and text in a language (`zh` or `en`)."""
    held = template(code)
    title, text = (held.en_title, held.en_text) if lang == "en" else (held.zh_title, held.zh_text)
    return rules.filled(title, values), rules.filled(text, values)


def _template(row: dict[str, str]) -> rules.Template:
    urgency = row["urgency"]
    if urgency not in {"urgent", "normal"}:
        raise TemplateUnknown(f"{row['code']}: urgency {urgency!r}")
    return rules.Template(
        row["code"],
        cast("rules.Urgency", urgency),
        row["zh_title"],
        row["en_title"],
        row["zh_text"],
        row["en_text"],
    )
