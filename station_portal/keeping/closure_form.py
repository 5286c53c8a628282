"""The form of a closure ⇄ the closure document, and a closure in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.availability.rules import HeldClosure
from station_portal import formats, wording
from station_portal.commanding import instant_of
from station_portal.i18n import Language
from station_portal.keeping.fields import Wrong, against, text_of, whole

REPEATS = ("", "1", "2", "4")
"""Weeks between repetitions that the form offers; empty for none."""


def document_of(form: Mapping[str, str], language: Language) -> tuple[dict[str, Any], Wrong]:
    """The document that the form makes, and everything that is wrong with it, each beside its field."""
    wrong: Wrong = []
    document: dict[str, Any] = {"reason": form.get("reason", "")}
    if not document["reason"]:
        wrong.append(("reason", language("请选择事由")))
    times = {name: _instant(form, name, wrong, language) for name in ("start", "end")}
    document |= {name: at.isoformat() for name, at in times.items() if at is not None}
    start, end = times["start"], times["end"]
    if start is not None and end is not None and start >= end:
        wrong.append(("end", language("结束须晚于开始")))
    if form.get("repeat_weeks"):
        document["repeat_weeks"] = whole(form["repeat_weeks"])
        if form.get("repeat_until", "").strip():
            document["repeat_until"] = text_of(form, "repeat_until")
    elif form.get("repeat_until", "").strip():
        wrong.append(("repeat_weeks", language("填写了重复截止日期，请同时选择每几周重复")))
    if text_of(form, "note"):
        document["note"] = text_of(form, "note")
    if not wrong:
        wrong = against("closure", document, field_of, language)
    return document, wrong


def field_of(pointer: str) -> str:
    """The field of a pointer."""
    return pointer.strip("/").split("/")[0]


def in_words(held: HeldClosure, language: Language) -> dict[str, Any]:
    """A closure as the list shows it."""
    closure = held.closure
    return {
        "id": held.id,
        "start": closure.slot.start,
        "end": closure.slot.end,
        "reason": wording.name("closure_reason", closure.reason, language),
        "note": held.note or "",
        "source": wording.name("availability_source", held.source, language),
        "repeat": repeat_words(closure.repeat_weeks, closure.repeat_until, language),
    }


def repeat_words(weeks: int, until: Any, language: Language) -> str:
    """How a closure repeats, in words; empty when it does not."""
    if not weeks:
        return ""
    told = language("每周重复") if weeks == 1 else language("每 %(count)d 周重复", count=weeks)
    if until is None:
        return told
    return language("%(every)s，至 %(until)s 止", every=told, until=until.isoformat())


def _instant(form: Mapping[str, str], name: str, wrong: Wrong, language: Language) -> datetime | None:
    at = instant_of(form.get(name, ""))
    if at is None or not 2000 <= at.year < 2100:
        wrong.append((name, language("请按 2026-01-08 09:00 的格式填写时间")))
        return None
    return at.astimezone(formats.SHANGHAI)
