"""The state machine at work: what a command does to a booking now, or why not. The only place that knows.

States, commands, sides, guards and effects are those of `schemas/v1/machines/booking.json`. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import schemas
from schemas.machines import RESUME, SAME

MACHINE = schemas.machine("booking")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may depend on. `slot_start` and the times are aware instants.

    `resume` is the state to go back to, `proposal_by` the side whose proposal is open, `timer_at` when the hub's own
    deadline of this state is over, `undo` how far the province was told to forget the booking.
    """

    state: str
    resume: str | None = None
    payment: str = "none"
    is_disputed: bool = False
    is_appealed: bool = False
    responsible: str = "station"
    proposal_by: str | None = None
    timer_at: datetime | None = None
    slot_start: datetime | None = None
    grace_minutes: int = 0
    needs_report: bool = False
    undo: str = "none"
    is_fee_asked: bool = False
    disputable_until: datetime | None = None
    appealable_until: datetime | None = None
    is_payment_required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants done. `acting_as` is station or institution for the provider's side.

    `is_implied`: a later answer of the province shows that this must have happened.
    """

    name: str
    side: str
    reason: str | None = None
    acting_as: str | None = None
    has_usage: bool = False
    has_report: bool = False
    is_implied: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """What will happen: from `source` to `target`, going back later to `resume`, with these effects in this order."""

    command: str
    side: str
    source: str
    target: str
    resume: str | None
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `code` is stable; `possible` is what this side may do now."""

    code: str
    zh: str
    en: str
    state: str
    possible: tuple[str, ...]


class Guard(NamedTuple):
    """A named condition with what is said when it does not hold."""

    holds: Callable[[Facts, Command, datetime], bool]
    zh: str
    en: str


def decide(facts: Facts, command: Command, now: datetime) -> Transition | Refusal:
    """What the command does to a booking in this condition, or why it does nothing. Pure and total."""
    found = _attempt(facts, command, now)
    if isinstance(found, Transition):
        return found
    options = possible(facts, command.side, now, acting_as=command.acting_as)
    return Refusal(found.code, found.zh, found.en, facts.state, options)


def possible(facts: Facts, side: str, now: datetime, *, acting_as: str | None = None) -> tuple[str, ...]:
    """What a side may command now, its reasons, usage and reports taken as given; in the machine's order."""
    whole = Command("", side, reason="given", acting_as=acting_as, has_usage=True, has_report=True)
    names = MACHINE.commands(facts.state, side)
    return tuple(
        name for name in names if isinstance(_attempt(facts, replace(whole, name=name), now), Transition)
    )


def is_provider(side: str | None) -> bool:
    """Whether a side speaks for who serves: people of the station and the institution, or the province's platform."""
    return side in {"provider", "platform"}


class _Objection(NamedTuple):
    code: str
    zh: str
    en: str


def _attempt(facts: Facts, command: Command, now: datetime) -> Transition | _Objection:
    row = MACHINE.find(facts.state, command.name, command.side)
    if row is None:
        return _Objection("illegal_transition", "当前状态下不能这样做", "not possible in this state")
    if command.acting_as not in {None, facts.responsible} and command.name != "hand_back":
        return _Objection("not_responsible", *_OTHERS[facts.responsible])
    for name in row.guards:
        guard = GUARDS[name]
        if not guard.holds(facts, command, now):
            return _Objection(name, guard.zh, guard.en)
    target = _target(row.target, facts)
    return Transition(command.name, command.side, facts.state, target, _resume(facts, target), row.effects)


def _target(target: str, facts: Facts) -> str:
    if target == SAME:
        return facts.state
    if target == RESUME:
        assert facts.resume is not None, f"{facts.state} without a state to go back to"
        return facts.resume
    return target


def _resume(facts: Facts, target: str) -> str | None:
    """Where the new state goes back to. A cancellation that is refused shows that the province holds the order."""
    if target == facts.state:
        return facts.resume
    if target not in {"reschedule_proposed", "cancelling", "compensation_stuck"}:
        return None
    if facts.state in {"submitted", "forward_unknown"}:
        return "forwarded"
    return facts.resume if facts.state == "reschedule_proposed" else facts.state


def _is_other_side(facts: Facts, command: Command) -> bool:
    return is_provider(command.side) != is_provider(facts.proposal_by)


def _is_over(at: datetime | None, now: datetime) -> bool:
    return at is not None and now >= at


_OTHERS: Mapping[str, tuple[str, str]] = {
    "station": ("该预约现由驿站负责", "the station is responsible for it now"),
    "institution": ("该预约已派给管理单位负责", "the institution is responsible for it now"),
}

GUARDS: Mapping[str, Guard] = {
    "reason_given": Guard(lambda _f, c, _n: c.reason is not None, "须说明事由", "a reason is needed"),
    "usage_given": Guard(lambda _f, c, _n: c.has_usage, "须填写使用记录", "the usage is needed"),
    "report_given": Guard(lambda _f, c, _n: c.has_report, "须先上传报告", "a report must be uploaded first"),
    "other_side": Guard(
        lambda f, c, _n: _is_other_side(f, c),
        "这是本方提出的改约，须由对方答复",
        "your own side proposed this; the other one answers",
    ),
    "proposal_over": Guard(
        lambda f, c, now: c.is_implied or _is_over(f.timer_at, now),
        "改约提议尚未到期",
        "the proposal is still open",
    ),
    "answer_overdue": Guard(
        lambda f, _c, now: _is_over(f.timer_at, now), "答复期限未到", "the answer is not overdue"
    ),
    "confirm_overdue": Guard(
        lambda f, _c, now: _is_over(f.timer_at, now), "确认期限未到", "the time to confirm is not over"
    ),
    "after_grace": Guard(
        lambda f, _c, now: (
            f.slot_start is not None and now >= f.slot_start + timedelta(minutes=f.grace_minutes)
        ),
        "宽限时间未过，不能登记爽约",
        "the grace after the start is not over",
    ),
    "no_report_due": Guard(
        lambda f, _c, _n: not f.needs_report, "报告尚未交付", "the report has not been delivered"
    ),
    "disputed": Guard(lambda f, _c, _n: f.is_disputed, "没有待处理的异议", "nothing is disputed"),
    "not_disputed": Guard(lambda f, _c, _n: not f.is_disputed, "异议尚未处理完", "a dispute is open"),
    "appealed": Guard(
        lambda f, _c, _n: f.is_appealed,
        "尚未申请复核，由省级人员处理",
        "not under appeal: the province decides",
    ),
    "not_appealed": Guard(
        lambda f, _c, _n: not f.is_appealed,
        "已进入复核，由枢纽管理员处理",
        "under appeal: the hub's administrator decides",
    ),
    "within_dispute_time": Guard(
        lambda f, _c, now: f.disputable_until is not None and now <= f.disputable_until,
        "提出异议的期限已过",
        "the time to dispute is over",
    ),
    "resolved_lately": Guard(
        lambda f, _c, now: not f.is_disputed and f.appealable_until is not None and now <= f.appealable_until,
        "没有可申请复核的处理结果",
        "there is no decision to appeal against",
    ),
    "station_responsible": Guard(
        lambda f, _c, _n: f.responsible == "station",
        "已派给管理单位",
        "the institution is responsible already",
    ),
    "institution_responsible": Guard(
        lambda f, _c, _n: f.responsible == "institution", "现由驿站负责", "the station is responsible already"
    ),
    "payment_due": Guard(lambda f, _c, _n: f.payment == "due", "没有待付款项", "nothing is due"),
    "fee_asked": Guard(
        lambda f, _c, _n: f.is_fee_asked,
        "没有待确认的费用差额",
        "no difference of the fee waits for a confirmation",
    ),
    "paid_if_required": Guard(
        lambda f, c, _n: not f.is_payment_required or f.payment == "paid" or c.side == "platform",
        "收费标准要求先付款，尚未付款",
        "the tariff asks for payment first, and it is not paid yet",
    ),
    "undo_open": Guard(lambda f, _c, _n: f.undo == "open", "没有待撤销的内容", "nothing is left to undo"),
}
