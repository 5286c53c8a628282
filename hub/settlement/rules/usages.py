"""Usage as pure decisions: which command leads where, what counts as running, who must agree, when silence confirms.

The machine is data of the specification (`schemas/v1/machines/usage.json`); guards are named there and decided here.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import schemas
from hub.core.clock import SHANGHAI

MACHINE = schemas.machine("usage")
Side = Literal[
    "enterprise", "provider", "platform", "visited_province", "home_province", "arbiter", "payer", "system"
]
LINE_STATES: Mapping[str, str] = {"batched": "locked", "settled": "settled"}
"""State of a live line → what the usage is then; of any other line it is rated."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A usage as decisions see it. `is_confirmable`: silence, a decision or the terms say so.

    `is_told_twice`: two notices about this version were queued by two channels, and neither has failed since.
    """

    state: str
    confirm_by: datetime | None = None
    is_confirmable: bool = False
    is_told_twice: bool = False
    is_arbitrated: bool = False
    decide_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `code` is stable; `possible` is what this side may do now."""

    code: str
    zh: str
    en: str
    state: str
    possible: tuple[str, ...]


class _Guard(NamedTuple):
    holds: Callable[[Facts, str | None, datetime], bool]
    zh: str
    en: str


GUARDS: Mapping[str, _Guard] = {
    "reason_given": _Guard(lambda _f, reason, _n: reason is not None, "须说明事由", "a reason is needed"),
    "confirmable": _Guard(
        lambda f, _r, _n: f.is_confirmable,
        "尚未两次通知或期限未到",
        "not told twice, or the time is not over",
    ),
    "silence_over": _Guard(
        lambda f, _r, now: f.confirm_by is not None and now >= f.confirm_by,
        "企业确认期限未到",
        "the enterprise still has time",
    ),
    "cannot_be_told": _Guard(
        lambda f, _r, _n: not f.is_told_twice,
        "两次通知均已送出，到期自动确认",
        "it was told twice; silence confirms",
    ),
    "not_arbitrated": _Guard(
        lambda f, _r, _n: not f.is_arbitrated,
        "已由联盟仲裁员处理",
        "the arbiter decides now",
    ),
    "arbitrated": _Guard(lambda f, _r, _n: f.is_arbitrated, "尚未指定仲裁员", "no arbiter is named"),
    "decision_overdue": _Guard(
        lambda f, _r, now: f.decide_by is not None and now >= f.decide_by,
        "两省裁定期限未到",
        "the two provinces still have time",
    ),
    "fee_asked": _Guard(lambda _f, _r, _n: True, "没有待同意的超出部分", "nothing more was asked for"),
}


def decide(
    facts: Facts, command: str, side: str, *, reason: str | None = None, now: datetime
) -> str | Refusal:
    """The state that the command leads to, or why it does nothing. Pure and total."""
    row = MACHINE.find(facts.state, command, side)
    options = MACHINE.commands(facts.state, side)
    if row is None:
        return Refusal(
            "illegal_transition", "当前状态下不能这样做", "not possible in this state", facts.state, options
        )
    for name in row.guards:
        guard = GUARDS[name]
        if not guard.holds(facts, reason, now):
            return Refusal(name, guard.zh, guard.en, facts.state, options)
    return facts.state if row.target == "$same" else row.target


def possible(facts: Facts, side: str, now: datetime) -> tuple[str, ...]:
    """What a side may command now, its reasons taken as given; in the machine's order."""
    return tuple(
        name
        for name in MACHINE.commands(facts.state, side)
        if isinstance(decide(facts, name, side, reason="given", now=now), str)
    )


class Interval(NamedTuple):
    """A stretch of time in which the instrument ran or idled; the end is excluded."""

    state: str
    start: datetime
    end: datetime


def read_intervals(told: Iterable[Mapping[str, Any]]) -> list[Interval]:
    """Intervals of a valid document."""
    return [
        Interval(each["state"], datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
        for each in told
    ]


def interval_fault(intervals: Sequence[Interval]) -> int | None:
    """The index of the first interval that ends before it begins, or begins before the one before it has ended."""
    before: datetime | None = None
    for number, each in enumerate(intervals):
        if each.end <= each.start or (before is not None and each.start < before):
            return number
        before = each.end
    return None


def billable_minutes(intervals: Iterable[Interval]) -> int:
    """Whole minutes of running, half a minute up; idle running is never charged."""
    seconds = sum((each.end - each.start).total_seconds() for each in intervals if each.state == "running")
    return int((seconds + 30) // 60)


def used_minutes(usage: Mapping[str, Any]) -> int | None:
    """How long it took, in whole minutes: the hours told, else from beginning to end. `usage`: a `booking-usage`."""
    if usage.get("hours") is not None:
        return round(float(usage["hours"]) * 60)
    if usage.get("charging_unit") == "hour" and usage.get("quantity") is not None:
        return int(usage["quantity"]) * 60
    if "started_at" in usage and "ended_at" in usage:
        took = datetime.fromisoformat(usage["ended_at"]) - datetime.fromisoformat(usage["started_at"])
        return max(round(took.total_seconds() / 60), 0)
    return None


def without_idling(used: Mapping[str, Any], intervals: Sequence[Interval]) -> dict[str, Any]:
    """What was used, its hours being those in which the instrument ran; unchanged without intervals."""
    if not intervals:
        return dict(used)
    told = {name: value for name, value in used.items() if name != "hours"}
    if told.get("charging_unit") == "hour":
        told = {name: value for name, value in told.items() if name not in {"charging_unit", "quantity"}}
    told.setdefault("started_at", intervals[0].start.isoformat())
    told.setdefault("ended_at", intervals[-1].end.isoformat())
    return {**told, "hours": billable_minutes(intervals) / 60}


@dataclass(frozen=True, slots=True)
class Said:
    """What one side decided: an outcome, and the amended usage where that is the outcome."""

    side: str
    actor: str
    outcome: str
    used: Mapping[str, Any] | None = None


def seat(side: str, visited: str, home: str, actor: str, said: Sequence[Said]) -> str | None:
    """For which of the two sides somebody decides; None when he may not.

    In an order inside one province its staff decide for both sides, by two different persons.
    """
    others = {each.side for each in said if each.actor != actor}
    mine = {each.side for each in said if each.actor == actor}
    if visited != home:
        return side
    if mine:
        return next(iter(mine))
    free = [one for one in ("visited_province", "home_province") if one not in others]
    return free[0] if free else None


def joint(said: Sequence[Said]) -> Said | None:
    """What both sides have said last, if that is the same and two different persons said it."""
    last = {each.side: each for each in said}
    visited, home = last.get("visited_province"), last.get("home_province")
    if visited is None or home is None or visited.actor == home.actor:
        return None
    if visited.outcome != home.outcome:
        return None
    if visited.outcome == "amend" and dict(visited.used or {}) != dict(home.used or {}):
        return None
    return visited


def is_told_twice(notices: Iterable[tuple[int, str]]) -> bool:
    """Whether two different notices (number, channel) went by two different channels."""
    held = sorted(set(notices))
    return any(
        first[0] != second[0] and first[1] != second[1] for first in held for second in held if first < second
    )


@dataclass(frozen=True, slots=True)
class Periods:
    """How many working days each step may take in a province from a day on."""

    province: str
    valid_from: date
    remind_days: int
    silence_days: int
    decide_days: int


def periods_of(province: str, at: datetime) -> Periods:
    """The periods in force in the visited province; its own row, else the default one."""
    day = at.astimezone(SHANGHAI).date()
    rows = [row for row in _periods() if row.valid_from <= day]
    own = [row for row in rows if row.province == province] or [row for row in rows if row.province == "*"]
    return max(own, key=lambda row: row.valid_from)


class Arbiter(NamedTuple):
    """Whom the alliance names for a month: a member of a province's staff, who decides for none of the two provinces."""

    month: str
    province: str
    person: str
    zh: str
    en: str


def arbiters_for(visited: str, home: str, at: datetime) -> list[Arbiter]:
    """The month's arbiters who are of neither province, in their order; the last month that is listed goes on."""
    month = f"{at.astimezone(SHANGHAI):%Y-%m}"
    listed = [each for each in _arbiters() if each.month <= month]
    newest = max((each.month for each in listed), default="")
    return [each for each in listed if each.month == newest and each.province not in {visited, home}]


@dataclass(frozen=True, slots=True)
class Pricing:
    """What a usage comes to, in fen: by itself, as agreed, and what is due of it; `lines` are `fee-line` documents.

    `vat_permille`: the rate of the tax that it includes; None: not stated, or a penalty.
    """

    agreed_fen: int
    used_fen: int
    fee_fen: int
    lines: tuple[Mapping[str, Any], ...]
    zh: str
    en: str
    vat_permille: int | None = None


Price = Callable[[Mapping[str, Any]], Pricing]
"""Prices a `booking-usage` for one order, by the terms that the order was made under."""


def mode_of(pricing: Pricing) -> str:
    """Whether the reservation, the use, or both are charged."""
    bases = {line["basis"] for line in pricing.lines} - {"minimum"}
    if bases and bases <= {"reserved_time"}:
        return "reservation"
    return "overage" if "reserved_time" in bases else "usage"


def state_of(state: str, line_state: str | None) -> str:
    """The state that people see: what is in a statement is locked, then settled."""
    return LINE_STATES.get(line_state or "", state) if state == "rated" else state


def shown(facts: Facts, line_state: str | None) -> Facts:
    """The facts with the state that people see."""
    return replace(facts, state=state_of(facts.state, line_state))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("hub.settlement").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), strict=True))


@cache
def _periods() -> tuple[Periods, ...]:
    return tuple(
        Periods(
            row["province"],
            date.fromisoformat(row["valid_from"]),
            int(row["remind_days"]),
            int(row["silence_days"]),
            int(row["decide_days"]),
        )
        for row in _rows("usage_periods")
    )


@cache
def _arbiters() -> tuple[Arbiter, ...]:
    return tuple(
        Arbiter(row["month"], row["province"], row["person"], row["zh"], row["en"])
        for row in _rows("arbiters")
    )
