"""Rebates and owner subsidies: what paid orders come to by a programme, with every reason and step in words. Pure.

A rebate counts what the user paid himself, an owner subsidy what the institution earned. Reckoned order by order, or once
on the year's sum where the programme says so (安徽: 20 % of the year's rental). A part of a fen is dropped once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hub.settlement.money import yuan
from hub.settlement.rules.deciding import decide
from hub.settlement.rules.orders import Order, Reason, Standing, Step
from hub.settlement.rules.programmes import HolderKind, Programme, Quota
from hub.settlement.rules.reckoning import base_of, percent, share

_NOTHING_ALONE = frozenset({"share_zero", "cap_reached", "nothing_available"})
"""Reasons that an order has alone and its year may not have."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A rated line whose money was paid, and its order; `base_fen` is what counts."""

    line_id: int
    order_number: str
    order: Order
    base_fen: int


@dataclass(frozen=True, slots=True)
class Item:
    """What one line adds: `fen` is its part before the caps of the year; 0 with `reasons` when it does not count."""

    line_id: int
    order_number: str
    reference: str
    instrument_id: str | None
    base_fen: int
    fen: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a claim comes to, in fen, and how."""

    base_fen: int
    fen: int
    items: tuple[Item, ...]
    steps: tuple[Step, ...]

    @property
    def counted(self) -> tuple[Item, ...]:
        """The lines that count."""
        return tuple(each for each in self.items if not each.reasons)


def reckon_claim(
    programme: Programme,
    spent: Sequence[Spent],
    standing: Standing,
    used_by_instrument: Mapping[str, int],
) -> Reckoned:
    """What the lines come to. `standing` is the payee's: what the budget has left, what was claimed of the year's cap.

    The programme is complete (`missing` is empty) and a rebate or owner subsidy.
    """
    is_owners = programme.kind == "owner_subsidy"
    holder: HolderKind = "enterprise" if not spent else spent[0].order.holder_kind
    quota = programme.quota("institution" if is_owners else holder)
    if quota is None:
        return Reckoned(0, 0, (), ())
    items = tuple(_item(programme, quota, each) for each in spent)
    counted = [each for each in items if not each.reasons]
    base = sum(each.base_fen for each in counted)
    steps = [_of_rate(programme, quota, counted, base)]
    if quota.cap_instrument_fen is not None:
        steps.append(_of_instruments(quota.cap_instrument_fen, counted, used_by_instrument))
    if quota.cap_year_fen is not None:
        left = max(0, quota.cap_year_fen - standing.used_fen)
        steps.append(
            Step(
                "year",
                left,
                f"年度上限 {yuan(quota.cap_year_fen)} 元，已核 {yuan(standing.used_fen)} 元，余 {yuan(left)} 元",
                f"cap of {yuan(quota.cap_year_fen)} CNY a year, {yuan(standing.used_fen)} agreed, {yuan(left)} left",
            )
        )
    if standing.available_fen is not None:
        told = yuan(standing.available_fen)
        steps.append(
            Step("budget", standing.available_fen, f"预算余额 {told} 元", f"{told} CNY left of the budget")
        )
    fen = max(0, min(step.fen for step in steps))
    steps.append(Step("result", fen, f"补助 {yuan(fen)} 元", f"{yuan(fen)} CNY are paid"))
    return Reckoned(base, fen, items, tuple(steps))


def _item(programme: Programme, quota: Quota, spent: Spent) -> Item:
    order = replace(spent.order, fee_fen=spent.base_fen)
    made = decide(programme, order)
    base = base_of(programme, order)
    is_yearly = bool(programme.terms.get("per_year"))
    reasons = [*made.reasons, *made.conditions]
    if is_yearly:
        reasons = [each for each in reasons if each.code not in _NOTHING_ALONE]
    fen = 0 if reasons else share(base, quota.rate_bp) if is_yearly else made.fen
    return Item(
        spent.line_id,
        spent.order_number,
        order.reference,
        order.instrument_id,
        base,
        fen,
        tuple(reasons),
    )


def _of_rate(programme: Programme, quota: Quota, counted: Sequence[Item], base: int) -> Step:
    rate = percent(quota.rate_bp)
    if programme.terms.get("per_year"):
        fen = share(base, quota.rate_bp)
        return Step(
            "rate",
            fen,
            f"全年 {len(counted)} 笔合计 {yuan(base)} 元 × {rate} = {yuan(fen)} 元",
            f"{len(counted)} orders of the year, {yuan(base)} × {rate} = {yuan(fen)} CNY",
        )
    fen = sum(each.fen for each in counted)
    return Step(
        "rate",
        fen,
        f"{len(counted)} 笔逐笔按 {rate} 计，合计 {yuan(fen)} 元",
        f"{len(counted)} orders at {rate} each, {yuan(fen)} CNY in all",
    )


def _of_instruments(cap: int, counted: Sequence[Item], used: Mapping[str, int]) -> Step:
    sums: dict[str, int] = {}
    for each in counted:
        name = each.instrument_id or each.reference
        sums[name] = sums.get(name, 0) + each.fen
    fen = sum(min(mine, max(0, cap - used.get(name, 0))) for name, mine in sums.items())
    return Step(
        "instrument",
        fen,
        f"单台年度上限 {yuan(cap)} 元，{len(sums)} 台合计至多 {yuan(fen)} 元",
        f"cap of {yuan(cap)} CNY per instrument and year: at most {yuan(fen)} for {len(sums)}",
    )
