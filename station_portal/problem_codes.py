"""What the hub's error codes mean, for people: the pages that problem documents name as their `type`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "problem_codes.csv"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what it says and what to do."""

    zh: str
    en: str
    hint_zh: str
    hint_en: str


@cache
def meanings() -> Mapping[str, Meaning]:
    """Every code of the table; a test fails when the hub can raise one that is not in it."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        return {row.pop("code"): Meaning(**row) for row in csv.DictReader(source, strict=True)}
