"""From a form to a booking command: which fields a command's form has, and the document they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
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
TERMS = frozenset({"propose"})
"""Commands whose form names other terms: a time, a day, a fee, a service mode."""
USED = frozenset({"check_out"})
CARRIED = {"agree": ("proposal",), "decline": ("proposal",), "deliver": ("report_id",)}
"""Command → what its form carries hidden: the very proposal or report that the reader saw."""

LEFT_OUT = frozenset({"submit", "save_draft", "enter"})
"""Commands whose form is elsewhere."""

FIRST = ("accept", "agree", "receive_samples", "check_in", "check_out", "deliver", "complete")
"""What moves the booking on; everything else stands behind it, as does receiving samples where none are tested."""

DANGEROUS = frozenset({"reject", "cancel", "no_show", "overturn", "fail_forward", "discard"})

PROVIDER_REASONS, ENTERPRISE_REASONS = frozenset({"station", "both"}), frozenset({"enterprise", "both"})


def forms(actions: list[str], service_mode: str, language: Language) -> list[dict[str, Any]]:
    """The commands that this reader may give now, as forms: main ones first, dangerous ones last.

    `is_open` says that one press is enough: nothing is to be filled in, and nothing is lost by it.
    """
    commands = schemas.codes("booking_command")
    texts = {"cancel": language("取消预约")}  # on a button the bare word would mean to leave the form
    first = FIRST if service_mode == "entrusted_test" else tuple(n for n in FIRST if n != "receive_samples")
    wanted = sorted(
        (name for name in actions if name not in LEFT_OUT),
        key=lambda name: (name in DANGEROUS, first.index(name) if name in first else len(first)),
    )
    return [
        {
            "command": name,
            "text": texts.get(name) or language.pick(commands[name].zh, commands[name].en),
            "is_main": name in first,
            "is_dangerous": name in DANGEROUS,
            "needs_reason": name in REASONED,
            "needs_terms": name in TERMS,
            "needs_usage": name in USED,
            "needs_colleague": name == "transfer",
            "is_open": name not in REASONED | TERMS | USED | DANGEROUS and name != "transfer",
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
    if command in TERMS:
        _put_terms(body, form, wrong, language)
    if command in USED:
        used = _times(form, wrong, language)
        if used is not None:
            body["usage"] = {
                "started_at": used["start"],
                "ended_at": used["end"],
                **_counts(form, wrong, language),
            }
    if command == "transfer":
        if form.get("person_id"):
            body["person_id"] = form["person_id"]
        else:
            wrong.append(("person_id", language("请选择同事")))
    return body, wrong


def instant_of(text: str) -> datetime | None:
    """A local date and time as forms write it (`2026-01-08T09:00` or with a space), in Shanghai."""
    try:
        return datetime.fromisoformat(text.strip().replace(" ", "T")).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def fen_of(text: str) -> int | None:
    """An amount in yuan as people type it (`300`, `1,200.50`), in fen; None when it is none."""
    told = text.strip().replace(",", "").removeprefix("¥")
    if not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", told):
        return None
    return int(Decimal(told) * 100)


def _put_terms(
    body: dict[str, Any], form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> None:
    if form.get("start") or form.get("end"):
        slot = _times(form, wrong, language)
        if slot is not None:
            body["slot"] = slot
    if form.get("due_on"):
        body["due_on"] = form["due_on"]
    if form.get("service_mode"):
        body["service_mode"] = form["service_mode"]
    if form.get("fee", "").strip():
        fen = fen_of(form["fee"])
        if fen is None:
            wrong.append(("propose-fee", language("费用请填数字，单位为元，例如 300 或 300.50")))
        else:
            body["fee_fen"] = fen
    if not wrong and not body.keys() & {"slot", "due_on", "fee_fen", "service_mode"}:
        wrong.append(("propose-start", language("请填写要改成的时段、日期或费用")))


def _times(
    form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> dict[str, str] | None:
    """Start and end as the form has them; the end is after the start."""
    found = {}
    for name in ("start", "end"):
        at = instant_of(form.get(name, ""))
        if at is None:
            wrong.append((name, language("请按 2026-01-08 09:00 的格式填写时间")))
        else:
            found[name] = at
    if len(found) < 2:
        return None
    if found["end"] <= found["start"]:
        wrong.append(("end", language("结束时间应晚于开始时间")))
        return None
    return {name: at.isoformat() for name, at in found.items()}


def _counts(form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language) -> dict[str, Any]:
    counts: dict[str, Any] = {}
    if form.get("note", "").strip():
        counts["note"] = form["note"].strip()
    told = form.get("quantity", "").strip()
    if told and not (told.isascii() and told.isdigit() and int(told) <= 100_000):
        wrong.append(("quantity", language("数量应为整数")))
    elif told:
        counts |= {"quantity": int(told), "charging_unit": form.get("charging_unit") or "sample"}
    return counts
