"""How much a programme pays: the least of its share and its caps, whole fen, every step in words. Pure.

Rounding: a fraction of a fen is dropped, to the user's cost; so shares never add up to more than the fee.
"""

from hub.settlement.money import yuan
from hub.settlement.rules.orders import Order, Standing, Step
from hub.settlement.rules.programmes import Programme, Quota


def reckon(
    programme: Programme, quota: Quota, order: Order, standing: Standing
) -> tuple[int, tuple[Step, ...]]:
    """What is paid, in fen, and the steps. The order's fee is known."""
    steps = [_share(programme, quota, order), *_caps(quota, standing)]
    return max(0, min(step.fen for step in steps)), tuple(steps)


def base_of(programme: Programme, order: Order) -> int:
    """What the rate is taken of: the fee, or the fee without its tax where the programme leaves the tax out.

    An order whose tax is not known is refused before (`vat_unknown`).
    """
    fee = order.fee_fen or 0
    return fee if programme.terms["vat_in_base"] else fee - (order.vat_fen or 0)


def share(base_fen: int, rate_bp: int) -> int:
    """The rate's part of a base, rounded down to the fen."""
    return base_fen * rate_bp // 10_000


def percent(rate_bp: int) -> str:
    """5000 → `50%`, 1250 → `12.5%`."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%"


def _share(programme: Programme, quota: Quota, order: Order) -> Step:
    fee = order.fee_fen or 0
    rate = percent(quota.rate_bp)
    base = base_of(programme, order)
    fen = share(base, quota.rate_bp)
    if base != fee:
        return Step(
            "rate",
            fen,
            f"（费用 {yuan(fee)} 元 − 税额 {yuan(fee - base)} 元）× {rate} = {yuan(fen)} 元",
            f"(fee {yuan(fee)} − VAT {yuan(fee - base)}) × {rate} = {yuan(fen)} CNY",
        )
    return Step(
        "rate",
        fen,
        f"费用 {yuan(fee)} 元 × {rate} = {yuan(fen)} 元",
        f"fee {yuan(fee)} × {rate} = {yuan(fen)} CNY",
    )


def _caps(quota: Quota, standing: Standing) -> list[Step]:
    found = []
    if quota.cap_order_fen is not None:
        told = yuan(quota.cap_order_fen)
        found.append(
            Step("order", quota.cap_order_fen, f"单笔上限 {told} 元", f"at most {told} CNY per order")
        )
    if quota.cap_instrument_fen is not None:
        found.append(
            _left(
                "instrument", quota.cap_instrument_fen, standing.used_instrument_fen, "单台年度", "instrument"
            )
        )
    if quota.cap_year_fen is not None:
        found.append(_left("year", quota.cap_year_fen, standing.used_fen, "年度", "holder"))
    if standing.available_fen is not None:
        told = yuan(standing.available_fen)
        found.append(Step("available", standing.available_fen, f"可用 {told} 元", f"{told} CNY available"))
    return found


def _left(name: str, cap: int, used: int, zh: str, en: str) -> Step:
    left = max(0, cap - used)
    return Step(
        name,
        left,
        f"{zh}上限 {yuan(cap)} 元，已用 {yuan(used)} 元，余 {yuan(left)} 元",
        f"cap of {yuan(cap)} CNY per {en} and year, {yuan(used)} used, {yuan(left)} left",
    )
