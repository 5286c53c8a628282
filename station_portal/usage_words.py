"""Usage in words: its state and tone, the forms of whoever may act, and the document that a form makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import schemas
from station_portal import wording
from station_portal.commanding import instant_of
from station_portal.i18n import Language

TONES = {
    "submitted": "warn",
    "disputed": "bad",
    "confirmed": "live",
    "rated": "live",
    "locked": "live",
    "settled": "ok",
    "returned": "bad",
    "waived": "wait",
}
REASONS_OF = {
    "dispute": "enterprise",
    "refer": "provider",
    "amend": "provider",
    "waive": "provider",
    "decide": "decider",
    "arbitrate": "decider",
}
"""Command → who must give a reason of their own list."""
DECIDING = frozenset({"decide", "arbitrate"})
USING = frozenset({"amend", *DECIDING})
"""Commands whose form can name other quantities."""
PROVING = frozenset({"amend", "dispute"})
"""Commands whose form takes files."""


def badge(state: str, language: Language) -> dict[str, str]:
    """A state with its tone."""
    return {"text": wording.name("usage_state", state, language), "tone": TONES[state]}


def forms(actions: Iterable[str], language: Language) -> list[dict[str, Any]]:
    """The commands that this reader may give now, as forms."""
    texts = {
        "confirm": language("确认使用记录"),
        "dispute": language("提出异议"),
        "refer": language("提请两省裁定"),
        "amend": language("更正或补充证据"),
        "waive": language("放弃收费"),
        "decide": language("作出裁定"),
        "arbitrate": language("作出仲裁"),
    }
    return [
        {
            "command": name,
            "text": texts[name],
            "is_open": name == "confirm",
            "is_dangerous": name == "waive",
            "reasons": reasons(REASONS_OF[name], language) if name in REASONS_OF else [],
            "has_used": name in USING,
            "has_evidence": name in PROVING,
            "outcomes": options("usage_outcome", language) if name in DECIDING else [],
        }
        for name in actions
        if name in texts
    ]


def options(listed: str, language: Language) -> list[tuple[str, str]]:
    """The codes of a list with their names."""
    return [(code, wording.name(listed, code, language)) for code in schemas.codes(listed)]


def reasons(whose: str, language: Language) -> list[tuple[str, str]]:
    """The reasons that one side may give."""
    return [
        (code, wording.name("usage_reason", code, language))
        for code, held in schemas.codes("usage_reason").items()
        if held.attributes.get("by") == whose
    ]


def body_of(
    command: str, form: Mapping[str, str], language: Language
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The command's document, and what is wrong with the form: field and words."""
    body: dict[str, Any] = {"command": command}
    wrong: list[tuple[str, str]] = []
    if command in REASONS_OF:
        if form.get("reason"):
            body["reason"] = form["reason"]
        else:
            wrong.append((f"{command}-reason", language("请选择事由")))
    if form.get("text", "").strip():
        body["text"] = form["text"].strip()
    if command in DECIDING:
        if form.get("outcome"):
            body["outcome"] = form["outcome"]
        else:
            wrong.append((f"{command}-outcome", language("请选择结论")))
    if command == "amend" or (command in DECIDING and form.get("outcome") == "amend"):
        used = _used(command, form, wrong, language)
        if used:
            body["used"] = used
    return body, wrong


def _used(
    command: str, form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> dict[str, Any]:
    used: dict[str, Any] = {}
    for field, name in (("start", "started_at"), ("end", "ended_at")):
        told = form.get(field, "").strip()
        if not told:
            continue
        at = instant_of(told)
        if at is None:
            wrong.append((f"{command}-{field}", language("请按 2026-01-08 09:00 的格式填写时间")))
        else:
            used[name] = at.isoformat()
    hours = form.get("hours", "").strip()
    if hours:
        try:
            told_hours = Decimal(hours)
        except InvalidOperation:
            told_hours = Decimal(-1)
        if not (told_hours.is_finite() and 0 <= told_hours <= 8784):
            wrong.append((f"{command}-hours", language("机时请填 0 到 8784 之间的数字，例如 1.5")))
        else:
            used["hours"] = float(told_hours)
    quantity = form.get("quantity", "").strip()
    if quantity and not (quantity.isascii() and quantity.isdigit() and int(quantity) <= 1_000_000):
        wrong.append((f"{command}-quantity", language("数量应为整数")))
    elif quantity:
        used |= {"quantity": int(quantity), "charging_unit": form.get("charging_unit") or "sample"}
    return used
