"""Kept versions as a page lists them: which is in force, which is to come, which never will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.availability.rules import HeldVersion
from station_portal import audit_words, wording
from station_portal.i18n import Language

SHOWN = 20


def listed(held: Sequence[HeldVersion], now: datetime, language: Language) -> list[dict[str, Any]]:
    """The newest versions first, each with its state in words; `held` is newest first."""
    current = next((each.version for each in held if each.valid_from <= now), 0)
    rows = []
    for place, each in enumerate(held[:SHOWN]):
        overtaken = next(
            (later.version for later in held[:place] if later.valid_from <= each.valid_from), None
        )
        if each.version == current:
            tone, state = "ok", language("现行")
        elif each.valid_from > now and overtaken is None:
            tone, state = "live", language("待生效")
        elif overtaken is not None and each.valid_from > now:
            tone, state = "warn", language("已被第 %(number)s 版取代", number=overtaken)
        else:
            tone, state = "", language("历史版本")
        rows.append(
            {
                "version": each.version,
                "valid_from": each.valid_from,
                "made_at": each.made_at,
                "made_by": audit_words.short_actor(each.made_by, language),
                "source": wording.name("availability_source", each.source, language),
                "tone": tone,
                "state": state,
            }
        )
    return rows


def wanted(held: Sequence[HeldVersion], told: str) -> HeldVersion | None:
    """The version that the address names; None for none, or one that was never kept."""
    return next((each for each in held if str(each.version) == told), None)


def is_repeat(held: Sequence[HeldVersion], document: Mapping[str, Any], actor: str) -> bool:
    """Whether the newest version is what this writer keeps now: the same form sent again, its answer having been lost."""
    return bool(held) and held[0].made_by == actor and held[0].document == document


def newest(held: Sequence[HeldVersion]) -> int:
    """The newest version's number; 0 before the first."""
    return held[0].version if held else 0
