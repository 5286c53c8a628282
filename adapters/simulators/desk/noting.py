"""What the station did in the hub's portal, written down at the platform. What is so already stays: safe to repeat."""

from __future__ import annotations

from adapters.simulators.desk.desk import Desk
from adapters.simulators.desk.model import (
    ACCEPTED,
    AGREED,
    BY_CLIENT,
    BY_PLATFORM,
    CONSENTED,
    DECLINED,
    DONE,
    IN_SERVICE,
    INCOMPLETE,
    NO_PROPOSAL,
    NO_SHOW,
    OBJECTED,
    OCCUPIED,
    OFFERED,
    PROPOSED,
    REJECTED,
    REPORTED,
    SAMPLES,
    Declined,
    Order,
    Step,
)


def note(desk: Desk, number: str, step: Step) -> Order:
    """Bring the order to where the station has brought it. Raises `Declined`."""
    order = desk.order(number)
    if step.what == OFFERED:
        return _offer(desk, order, step)
    if step.what in (CONSENTED, OBJECTED):
        return _decide(desk, order, agrees=step.what == CONSENTED)
    if step.what == REPORTED:
        if step.report is None:
            raise Declined(INCOMPLETE, "没有给报告编号与摘要")
        return desk.take_report(number, step.report)
    if order.state == step.what:
        return order
    match step.what:
        case "accepted":
            if order.period is not None and not desk.is_bookable(order.instrument, order.period, number):
                raise Declined(OCCUPIED, "时段已被其他用户占用")
            return desk.accept(number)
        case "rejected":
            return desk.reject(number, step.reason, step.words)
        case "done":
            return desk.finish(number, step.hours, step.fee_fen, proofs=())
    return _PLAIN[step.what](desk, number)


_PLAIN = {SAMPLES: Desk.receive_samples, IN_SERVICE: Desk.begin, NO_SHOW: Desk.miss}

STEPS = (ACCEPTED, REJECTED, OFFERED, CONSENTED, OBJECTED, SAMPLES, IN_SERVICE, NO_SHOW, DONE, REPORTED)
"""What can be noted, in the order in which dialects list their words for it."""


def _offer(desk: Desk, order: Order, step: Step) -> Order:
    if step.period is None:
        raise Declined(NO_PROPOSAL, "没有给新时间")
    held = order.proposal
    if order.state == PROPOSED and held is not None and held.by == BY_PLATFORM and held.period == step.period:
        return order
    return desk.propose(order.number, step.period, BY_PLATFORM, step.words)


def _decide(desk: Desk, order: Order, *, agrees: bool) -> Order:
    held = order.proposal
    if held is not None and held.by == BY_CLIENT and held.outcome == (AGREED if agrees else DECLINED):
        return order
    return desk.decide(order.number, held.number if held else "", BY_PLATFORM, agrees=agrees)
