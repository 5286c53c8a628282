"""What the audit's codes say: actions by one table and the specification's code lists, the hub's own parts by another."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import schemas
from station_portal.i18n import Language

TABLE = Path(__file__).resolve().parent / "audit_words.csv"
ACTORS = TABLE.with_name("actor_words.csv")

FAMILIES: Mapping[str, str] = {
    "booking": "booking_command",
    "bookings": "booking_command",
    "usage": "usage_command",
    "application": "application_command",
    "batch": "settlement_batch_command",
}
"""Domain of an action → the code list that its verbs are commands of."""

ABOUT: Mapping[str, tuple[str, str]] = {
    "booking": ("预约：", "Booking: "),
    "bookings": ("预约：", "Booking: "),
    "usage": ("使用记录：", "Usage: "),
    "application": ("申领：", "Application: "),
    "batch": ("结算批次：", "Settlement batch: "),
}


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """Action → its words in Chinese and English. Raises ValueError for an action that stands there twice."""
    return _read(TABLE, "action")


@cache
def actors() -> Mapping[str, tuple[str, str]]:
    """Part of the hub that acts by itself (`system:…`) → its words. Raises ValueError for one that stands there twice."""
    return _read(ACTORS, "name")


def _read(path: Path, key: str) -> Mapping[str, tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        rows = [(row[key], (row["zh"], row["en"])) for row in csv.DictReader(source, strict=True)]
    if len({name for name, _ in rows}) < len(rows):
        raise ValueError(f"{path.name} names something twice")
    return dict(rows)


def words_of(action: str) -> tuple[str, str] | None:
    """What an action says; None for one that neither the table nor a code list knows."""
    held = table().get(action)
    if held is not None:
        return held
    domain, _, verb = action.partition(".")
    listed = schemas.codes(FAMILIES[domain]) if domain in FAMILIES else {}
    if verb not in listed:
        return None
    zh, en = ABOUT[domain]
    return f"{zh}{listed[verb].zh}", f"{en}{listed[verb].en}"


def said(action: str, language: Language) -> str:
    """The action in words; the code itself when an older or newer hub wrote one that is not known here."""
    words = words_of(action)
    return action if words is None else language.pick(*words)


def actor(name: str, language: Language) -> str:
    """Who acted: the hub's own part in words, anybody else by the name that the audit has."""
    words = actors().get(name)
    return name if words is None else language.pick(*words)


def short_actor(name: str, language: Language) -> str:
    """Like `actor`, without what kind of name it is (`account:`)."""
    return actor(name, language) if name in actors() else name.partition(":")[2] or name
