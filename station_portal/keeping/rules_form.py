"""The form of an instrument's booking rules ⇄ the booking-rules document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import schemas
from station_portal.i18n import Language
from station_portal.keeping.fields import (
    Wrong,
    against,
    by_field,
    duration_of,
    duration_typed,
    text_of,
    whole,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DURATIONS = ("min_minutes", "max_minutes", "lead_minutes", "cancel_minutes")
COUNTS = ("step_minutes", "horizon_days", "capacity")
OPTIONAL_COUNTS = ("turnaround_days", "quote_hours")
TERMS = ("late_cancel_percent", "no_show_grace_minutes", "no_show_percent", "confirm_days")
MODES = ("machine_time", "entrusted_test", "consultation")

_TIMES = re.compile(r"([0-2]?[0-9])[:：]([0-5][0-9])\s*[-–—~～至到]\s*([0-2]?[0-9])[:：]([0-5][0-9])")
_WHOLE_DAY = frozenset({"全天", "24小时", "24 小时", "all day"})


def typed_of(document: Mapping[str, Any]) -> dict[str, str]:
    """A booking-rules document as the form shows it."""
    typed: dict[str, str] = {f"opening-{day}": hours_text(document["opening"].get(day, ())) for day in DAYS}
    for name in DURATIONS:
        typed |= duration_typed(name, document[name])
    for name in (*COUNTS, *OPTIONAL_COUNTS):
        typed[name] = str(document.get(name, ""))
    for name in TERMS:
        typed[f"terms-{name}"] = str(document.get("terms", {}).get(name, ""))
    typed |= {f"mode-{mode}": "yes" for mode in document.get("service_modes", ())}
    typed["open_on_holidays"] = "yes" if document.get("open_on_holidays", False) else ""
    typed["accepts_statutory"] = "yes" if document.get("accepts_statutory", True) else ""
    typed["operator"] = document.get("operator", "")
    typed |= {f"training-{name}": told for name, told in document.get("training", {}).items()}
    samples = document.get("samples", {})
    typed["samples-accepted"] = {True: "yes", False: "no"}.get(samples.get("accepted"), "")
    typed["samples-max_count"] = str(samples.get("max_count", ""))
    typed["samples-note"] = samples.get("note", "")
    typed |= {f"hazard-{code}": "yes" for code in samples.get("hazards_accepted", ())}
    approval = document.get("customs_approval", {})
    typed |= {f"customs_approval-{name}": approval.get(name, "") for name in ("reference", "until")}
    typed |= {f"purpose-{code}": "yes" for code in approval.get("purposes", ())}
    return typed


def document_of(form: Mapping[str, str], language: Language) -> tuple[dict[str, Any], Wrong]:
    """The document that the form makes, and everything that is wrong with it, each beside its field."""
    wrong: Wrong = []
    document: dict[str, Any] = {"opening": _opening(form, wrong, language)}
    document["open_on_holidays"] = form.get("open_on_holidays") == "yes"
    document |= {name: duration_of(form, name) for name in DURATIONS}
    document |= {name: whole(form.get(name, "")) for name in COUNTS}
    document |= {name: whole(form[name]) for name in OPTIONAL_COUNTS if form.get(name, "").strip()}
    modes = [mode for mode in MODES if form.get(f"mode-{mode}") == "yes"]
    if modes:
        document["service_modes"] = modes
    if form.get("operator"):
        document["operator"] = form["operator"]
    training = {name: text_of(form, f"training-{name}") for name in ("code", "name_zh", "name_en")}
    if any(training.values()):
        document["training"] = {name: told for name, told in training.items() if told}
    samples = _samples(form, wrong, language)
    if samples:
        document["samples"] = samples
    if form.get("accepts_statutory") != "yes":
        document["accepts_statutory"] = False
    approval = _approval(form)
    if approval:
        document["customs_approval"] = approval
    terms = {name: whole(form[f"terms-{name}"]) for name in TERMS if form.get(f"terms-{name}", "").strip()}
    if terms:
        document["terms"] = terms
    document = {name: told for name, told in document.items() if told != ""}
    known = by_field(wrong)
    return document, wrong + [
        each for each in against("booking-rules", document, field_of, language) if each[0] not in known
    ]


def field_of(pointer: str) -> str:
    """The field of a pointer: `/opening/mon/0/to` → `opening-mon`, `/terms/confirm_days` → `terms-confirm_days`."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "service_modes":
        return "mode-machine_time"
    if parts[:2] == ["samples", "hazards_accepted"]:
        return "samples-hazards"
    if parts == ["opening"]:
        return "opening-mon"
    return "-".join(parts[:2])


def hours_text(intervals: Any) -> str:
    """Opening hours of a day as people write them: `09:00-12:00 13:30-17:30`."""
    return " ".join(f"{part['from']}-{part['to']}" for part in intervals)


def hours_of(text: str) -> list[dict[str, str]] | None:
    """Opening hours from a line of text; None when it is not understood."""
    plain = text.strip()
    if plain in _WHOLE_DAY:
        return [{"from": "00:00", "to": "24:00"}]
    found = [
        {"from": f"{int(one):02}:{two}", "to": f"{int(three):02}:{four}"}
        for one, two, three, four in _TIMES.findall(plain)
    ]
    left = _TIMES.sub("", plain).strip(" ,，;；、和\t")
    return None if re.sub(r"[\s,，;；、和]+", "", left) else found


def _opening(form: Mapping[str, str], wrong: Wrong, language: Language) -> dict[str, Any]:
    opening: dict[str, Any] = {}
    for day in DAYS:
        hours = hours_of(form.get(f"opening-{day}", ""))
        if hours is None:
            wrong.append(
                (f"opening-{day}", language("请写成 09:00-12:00 13:30-17:30，一天可写几段；不开放请留空"))
            )
        elif hours:
            opening[day] = hours
    if not opening and not wrong:
        wrong.append(("opening-mon", language("请至少填写一天的开放时间")))
    return opening


def _samples(form: Mapping[str, str], wrong: Wrong, language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if form.get("samples-max_count", "").strip():
        told["max_count"] = whole(form["samples-max_count"])
    hazards = [code for code in schemas.codes("sample_hazard") if form.get(f"hazard-{code}") == "yes"]
    if hazards:
        told["hazards_accepted"] = hazards
    if form.get("samples-note", "").strip():
        told["note"] = form["samples-note"].strip()
    accepted = form.get("samples-accepted", "")
    if accepted:
        return {"accepted": accepted == "yes", **told}
    if told:
        wrong.append(("samples-accepted", language("填写了样品要求，请同时选择是否接收样品")))
    return {}


def _approval(form: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: text_of(form, f"customs_approval-{name}")
        for name in ("reference", "until")
        if text_of(form, f"customs_approval-{name}")
    }
    purposes = [code for code in schemas.codes("customs_purpose") if form.get(f"purpose-{code}") == "yes"]
    if purposes:
        told["purposes"] = purposes
    return told
