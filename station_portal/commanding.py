"""From a form to a booking command: which fields a command's form has, and the document they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import schemas
from hub.core.clock import SHANGHAI
from station_portal import wording
from station_portal.i18n import Language

REASONED = frozenset(
    {
        "reject",
        "cancel",
        "dispute",
        "resolve_dispute",
        "overturn",
        "appeal",
        "fail_forward",
        "resolve_stuck",
    }
)
TIMED = frozenset({"propose"})
USED = frozenset({"check_out"})
CARRIED = {"agree": ("proposal",), "decline": ("proposal",), "deliver": ("report_id",)}
"""Command → what its form carries hidden: the very proposal or report that the reader saw."""

LEFT_OUT = frozenset({"submit", "save_draft", "enter", "transfer"})
"""Commands whose form is elsewhere."""

FIRST = ("accept", "agree", "check_in", "receive_samples", "check_out", "deliver", "complete")
"""What moves the booking on; everything else stands behind it."""

DANGEROUS = frozenset({"reject", "cancel", "no_show", "decline", "overturn", "fail_forward", "discard"})

PROVIDER_REASONS, ENTERPRISE_REASONS = frozenset({"station", "both"}), frozenset({"enterprise", "both"})


def forms(actions: list[str], language: Language) -> list[dict[str, Any]]:
    """The commands that this reader may give now, as forms: main ones first."""
    commands = schemas.codes("booking_command")
    wanted = sorted(
        (name for name in actions if name not in LEFT_OUT),
        key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST),
    )
    return [
        {
            "command": name,
            "text": language.pick(commands[name].zh, commands[name].en),
            "is_main": name in FIRST,
            "is_dangerous": name in DANGEROUS,
            "needs_reason": name in REASONED,
            "needs_time": name in TIMED,
            "needs_usage": name in USED,
        }
        for name in wanted
    ]


def reasons(side: str | None, language: Language) -> list[tuple[str, str]]:
    """The reason codes that this side may give."""
    mine = PROVIDER_REASONS if side == "provider" else ENTERPRISE_REASONS if side == "enterprise" else None
    return [
        (code, wording.name("booking_reason", code, language))
        for code, held in schemas.codes("booking_reason").items()
        if mine is None or held.attributes.get("by") in mine
    ]


def body_of(
    command: str, form: Mapping[str, str], language: Language
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The command's document, and what is wrong with the form: field and words."""
    body: dict[str, Any] = {"command": command}
    wrong: list[tuple[str, str]] = []
    if form.get("reason"):
        body["reason"] = form["reason"]
    elif command in REASONED:
        wrong.append(("reason", language("请选择事由")))
    if form.get("text", "").strip():
        body["text"] = form["text"].strip()
    for name in CARRIED.get(command, ()):
        told = form.get(name, "")
        if told.isascii() and told.isdigit() and len(told) < 16:
            body[name] = int(told)
    if command in TIMED:
        slot = _times(form, wrong, language)
        if slot is not None:
            body["slot"] = slot
    if command in USED:
        used = _times(form, wrong, language)
        if used is not None:
            body["usage"] = {
                "started_at": used["start"],
                "ended_at": used["end"],
                **_counts(form, wrong, language),
            }
    return body, wrong


def instant_of(text: str) -> datetime | None:
    """A local date and time as forms write it (`2026-01-08T09:00` or with a space), in Shanghai."""
    try:
        return datetime.fromisoformat(text.strip().replace(" ", "T")).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _times(
    form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> dict[str, str] | None:
    found = {}
    for name in ("start", "end"):
        at = instant_of(form.get(name, ""))
        if at is None:
            wrong.append((name, language("请按 2026-01-08 09:00 的格式填写时间")))
        else:
            found[name] = at.isoformat()
    return found if len(found) == 2 else None


def _counts(form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language) -> dict[str, Any]:
    told = form.get("quantity", "").strip()
    if not told:
        return {}
    if not (told.isascii() and told.isdigit() and int(told) <= 100_000):
        wrong.append(("quantity", language("样品数应为整数")))
        return {}
    return {"quantity": int(told), "charging_unit": "sample"}
