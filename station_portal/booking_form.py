"""The booking form: what was typed, the request it makes, and the free time it offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import schemas
from hub.availability.service import Availability, Slot
from hub.core.clock import SHANGHAI
from station_portal import formats, wording
from station_portal.commanding import instant_of
from station_portal.i18n import Language

SAMPLE_ROWS = 3
MOST_STARTS = 120
"""Starts that one page offers; the week can be turned."""

MODES = ("machine_time", "entrusted_test", "consultation")
TIMED = frozenset({"reserved_time", "used_time", "test_time"})
"""Bases of a tariff that count by time: chosen or not, never counted in the form."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A service mode as the form offers it. `is_priced`: a fee is published, so it can be booked at once."""

    code: str
    name: str
    hint: str
    is_priced: bool


def modes_of(
    document: Mapping[str, Any], held: Availability, tariff: Mapping[str, Any] | None, language: Language
) -> list[Mode]:
    """The modes that the instrument offers; a question can be asked about any."""
    offered = held.rules.document.get("service_modes") or document.get("service_modes") or MODES
    found = []
    for code in MODES:
        if code != "consultation" and code not in offered:
            continue
        positions = [] if tariff is None else tariff["positions"]
        is_priced = any(code in position.get("service_modes", MODES) for position in positions)
        if code == "consultation":
            hint = language("先问后约：说明要求，服务方答复并报价后再定")
        elif not is_priced:
            hint = language("费用面议：请先选择技术咨询，由服务方报价")
        elif code == "machine_time":
            hint = language("收费已公布：选好时段即可预约")
        else:
            hint = language("收费已公布：送样检测，按项目计费")
        found.append(Mode(code, wording.name("service_mode", code, language), hint, is_priced))
    return found


def chosen_mode(modes: list[Mode], wanted: str, *, needs_price: bool) -> str:
    """The mode that was wanted if the form offers it, else the first one that can be booked at once, else a question.

    `needs_price`: without a published fee only questions can be asked.
    """
    for mode in modes:
        if mode.code == wanted and (mode.is_priced or not needs_price or wanted == "consultation"):
            return wanted
    return next((mode.code for mode in modes if mode.is_priced), "consultation")


def request_of(
    instrument_id: str, form: Mapping[str, str], positions: list[dict[str, Any]], language: Language
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The `booking-request` that the form makes, and what is wrong with it: field and words."""
    wrong: list[tuple[str, str]] = []
    mode = form.get("service_mode", MODES[0])
    request: dict[str, Any] = {
        "instrument_id": instrument_id,
        "service_mode": mode,
        "purpose": {
            "direction": form.get("direction", ""),
            "is_statutory": form.get("is_statutory") == "yes",
        },
        "contact": {"name": form.get("contact_name", "").strip()},
    }
    if not form.get("direction"):
        wrong.append(("direction", language("请选择服务方向")))
    if not form.get("contact_name", "").strip():
        wrong.append(("contact_name", language("请填写联系人")))
    _put_declaration(request, form, wrong, language)
    if form.get("purpose_text", "").strip():
        request["purpose"]["text"] = form["purpose_text"].strip()
    if form.get("contact_mobile", "").strip():
        request["contact"]["mobile"] = form["contact_mobile"].strip()
    if form.get("note", "").strip():
        request["note"] = form["note"].strip()
    if mode == "machine_time":
        _put_slot(request, form, wrong, language)
        if form.get("with_operator") == "yes":
            request["with_operator"] = True
    if mode == "entrusted_test" and form.get("test_minutes", "").strip():
        _put_test_minutes(request, form, wrong, language)
    if mode != "consultation":
        _put_items(request, form, positions, wrong, language)
        _put_samples(request, form, wrong, language)
    if mode == "entrusted_test" and form.get("due_on"):
        request["due_on"] = form["due_on"]
    if form.get("quote_id"):
        request["quote_id"] = form["quote_id"]
    return request, wrong


def quote_request_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a request that a quote goes by."""
    kept = (
        "instrument_id", "service_mode", "slot", "purpose", "declaration", "with_operator", "test_minutes",
    )  # fmt: skip
    told: dict[str, Any] = {name: request[name] for name in kept if name in request}
    if "items" in request:
        told["items"] = [
            {name: item[name] for name in ("position", "number", "quantity") if name in item}
            for item in request["items"]
        ]
    if "samples" in request:
        told["samples"] = [
            {name: sample[name] for name in ("count", "hazards") if name in sample}
            for sample in request["samples"]
        ]
    return told


def problems_of(request: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """What the specification has against the request, beside the form's fields."""
    fields = {
        "purpose/direction": "direction",
        "contact/name": "contact_name",
        "contact/mobile": "contact_mobile",
        "slot/start": "start",
    }
    found = schemas.problems("booking-command", {"command": "submit", "request": request})
    told = []
    for problem in found:
        place = problem.pointer.removeprefix("/request").strip("/")
        told.append((fields.get(place, place.split("/")[0]), language.pick(problem.zh, problem.en)))
    return told


def starts(held: Availability) -> list[dict[str, Any]]:
    """Every start on the grid in the free time of the window, day by day."""
    opening = held.rules.opening
    step, least = timedelta(minutes=opening.step_minutes), timedelta(minutes=opening.min_minutes)
    days: dict[str, dict[str, Any]] = {}
    count = 0
    for slot in held.free:
        at = slot.start
        while at + least <= slot.end and count < MOST_STARTS:
            local = at.astimezone(SHANGHAI)
            day = days.setdefault(f"{local:%Y-%m-%d}", {"date": local.date(), "starts": [], "free": []})
            day["starts"].append((f"{local:%Y-%m-%dT%H:%M}", f"{local:%H:%M}"))
            at, count = at + step, count + 1
        _add_free(days, slot)
    return list(days.values())


def durations(held: Availability) -> list[tuple[str, int]]:
    """The lengths that the rules allow, in minutes, at most twenty-four of them."""
    opening = held.rules.opening
    found = range(opening.min_minutes, held.rules.max_minutes + 1, opening.step_minutes)
    return [(_length(minutes), minutes) for minutes in found][:24]


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02d}"


def _add_free(days: dict[str, dict[str, Any]], slot: Slot) -> None:
    start, end = slot.start.astimezone(SHANGHAI), slot.end.astimezone(SHANGHAI)
    if (day := days.get(f"{start:%Y-%m-%d}")) is not None:
        day["free"].append(f"{formats.instant(start)[-5:]}–{formats.instant(end)[-5:]}")


def _put_slot(
    request: dict[str, Any], form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> None:
    start = instant_of(form.get("start", ""))
    minutes = form.get("minutes", "")
    if start is None:
        wrong.append(("start", language("请选择开始时间")))
    elif not (minutes.isascii() and minutes.isdigit() and 0 < int(minutes) <= 44_640):
        wrong.append(("minutes", language("请选择时长")))
    else:
        end: datetime = start + timedelta(minutes=int(minutes))
        request["slot"] = {"start": start.isoformat(), "end": end.isoformat()}


def _put_declaration(
    request: dict[str, Any], form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> None:
    """Whether the two sides are related, and which exclusions apply. Nothing chosen: nothing declared."""
    said = form.get("is_related", "")
    ticked = [code for code in schemas.codes("programme_exclusion") if form.get(f"excluded-{code}") == "yes"]
    if said not in {"yes", "no"}:
        if ticked:
            wrong.append(("is_related", language("请先声明双方是否为关联单位")))
        return
    declared: dict[str, Any] = {"is_related": said == "yes"}
    if said == "yes":
        if form.get("relation", "") not in schemas.codes("relation_kind"):
            wrong.append(("relation", language("请选择关联关系")))
            return
        declared["relation"] = form["relation"]
    request["declaration"] = {**declared, "exclusions": ticked}


def _put_items(
    request: dict[str, Any],
    form: Mapping[str, str],
    positions: list[dict[str, Any]],
    wrong: list[tuple[str, str]],
    language: Language,
) -> None:
    items = []
    for position in positions:
        if request["service_mode"] not in position.get("service_modes", MODES):
            continue
        if position["basis"] in TIMED:
            if form.get(f"t-{position['id']}") == "yes":
                items.append(_item(position, 1))
            continue
        told = form.get(f"q-{position['id']}", "").strip()
        if not told or told == "0":
            continue
        if not (told.isascii() and told.isdigit() and int(told) <= 100_000):
            wrong.append((f"q-{position['id']}", language("数量应为正整数")))
            continue
        items.append(_item(position, int(told)))
    if items:
        request["items"] = items


def _item(position: Mapping[str, Any], quantity: int) -> dict[str, Any]:
    """An ordered item; of what is charged by time the slot tells how much."""
    return {
        "position": position["id"],
        "name": position["name_zh"][:100],
        "quantity": quantity,
        "charging_unit": UNITS.get(position["basis"], "hour"),
    }


def _put_test_minutes(
    request: dict[str, Any], form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> None:
    told = form["test_minutes"].strip()
    if told.isascii() and told.isdigit() and 0 < int(told) <= 129_600:
        request["test_minutes"] = int(told)
    else:
        wrong.append(("test_minutes", language("预计检测用时请填分钟数")))


UNITS = {"samples": "sample", "item": "item", "package": "package", "times": "time"}
"""Basis of a position → the charging unit of what is ordered by it."""


def _put_samples(
    request: dict[str, Any], form: Mapping[str, str], wrong: list[tuple[str, str]], language: Language
) -> None:
    samples = []
    for number in range(1, SAMPLE_ROWS + 1):
        name = form.get(f"sample-{number}", "").strip()
        if not name:
            continue
        count = form.get(f"count-{number}", "").strip() or "1"
        if not (count.isascii() and count.isdigit() and 0 < int(count) <= 10_000):
            wrong.append((f"count-{number}", language("样品数量应为正整数")))
            continue
        sample: dict[str, Any] = {"label": f"S{number}", "name": name, "count": int(count)}
        if form.get(f"hazard-{number}"):
            sample["hazards"] = [form[f"hazard-{number}"]]
        samples.append(sample)
    if samples:
        request["samples"] = samples
