"""Why an office refuses a request about an enterprise: the codes of `refusals.csv`, with their words."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "refusals.csv"

_MARK = "refused:"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    code: str
    zh: str
    en: str


@cache
def refusal_reasons() -> Mapping[str, Reason]:
    """Every reason by its code, in the table's order."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        rows = [Reason(row["code"], row["zh"], row["en"]) for row in csv.DictReader(source, strict=True)]
    return {row.code: row for row in rows}


def with_refusal(reasons: Iterable[str], code: str) -> list[str]:
    """The reasons of a case, the one it was refused for among them: what it was opened for stays."""
    return [*(each for each in reasons if not each.startswith(_MARK)), f"{_MARK}{code}"]


def refusal_of(reasons: Iterable[str]) -> Reason | None:
    """The reason that a case was refused for; None while it was not, or when that was before reasons were asked."""
    codes = (each.removeprefix(_MARK) for each in reasons if each.startswith(_MARK))
    return next((refusal_reasons()[code] for code in codes if code in refusal_reasons()), None)


def opened_for(reasons: Iterable[str]) -> list[str]:
    """The reasons that a case was opened for."""
    return [each for each in reasons if not each.startswith(_MARK)]
