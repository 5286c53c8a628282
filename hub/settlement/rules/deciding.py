"""Two decisions for one order: what the user's home area pays towards it, and what the owner's pays the owner. Pure.

The two are decided apart, because areas differ in whom they serve: one pays for its enterprises wherever they go, another
only inside its borders, a third pays its institutions, but not for users from elsewhere.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import schemas
from hub.settlement.money import yuan
from hub.settlement.rules.orders import Decision, Decisions, Order, Reason, Standing, Step
from hub.settlement.rules.programmes import HolderKind, Programme, covers, missing, term_names
from hub.settlement.rules.reckoning import reckon

UNLIMITED = Standing()


def decide(programme: Programme, order: Order, standing: Standing = UNLIMITED) -> Decision:
    """What the programme says to the order, with every reason against it. The same input always gives the same decision."""
    is_owners = programme.kind == "owner_subsidy"
    reasons = [*_of_places(programme, order, is_owners=is_owners), *_of_time(programme, order)]
    lacking = missing(programme)
    if lacking:
        reasons.append(_reason("not_configured", *term_names(lacking)))
        return _decision(programme, order, reasons)
    holder: HolderKind = "institution" if is_owners else order.holder_kind
    quota = programme.quota(holder)
    if quota is None:
        reasons.append(_reason("holder_not_supported", *_named("programme_holder", [holder])))
    reasons += _of_service(programme, order)
    excluded, conditions = _exclusions(programme, order)
    reasons += excluded
    if order.fee_fen is None:
        reasons.append(_reason("fee_unknown"))
    if order.vat_permille is None and not programme.terms["vat_in_base"]:
        reasons.append(_reason("vat_unknown"))
    if reasons or quota is None:
        return _decision(programme, order, reasons, conditions)
    fen, steps = reckon(programme, quota, order, standing)
    if fen == 0:
        return _decision(programme, order, [_why_nothing(steps)], conditions, steps=steps)
    told = _result(programme, order, fen)
    return _decision(programme, order, [], conditions, steps=(*steps, told), fen=fen)


def decide_both(
    programmes: Iterable[Programme],
    order: Order,
    standings: Mapping[str, Standing],
    *,
    chosen: str | None = None,
) -> Decisions:
    """Both sides' decisions by every programme that concerns them. `standings` by programme.

    Of several vouchers that pay, the `chosen` one is used, else the one that pays most; of equals the one of the smaller
    area, then by identifier. A programme of neither side's area says nothing.
    """
    user: list[tuple[str, Decision]] = []
    owner: list[tuple[str, Decision]] = []
    for programme in sorted(programmes, key=lambda each: (each.kind != "voucher", each.id)):
        is_owners = programme.kind == "owner_subsidy"
        if not covers(programme.area, order.owner_area if is_owners else order.home_area):
            continue
        made = decide(programme, order, standings.get(programme.id, UNLIMITED))
        (owner if is_owners else user).append((programme.area, made))
    paying = [
        (made.programme_id != chosen, -made.fen, area.count("00"), made.programme_id, made)
        for area, made in user
        if made.kind == "voucher" and made.fen > 0
    ]
    best = min(paying, key=lambda each: each[:4])[4] if paying else None
    return Decisions(tuple(made for _, made in user), tuple(made for _, made in owner), order.fee_fen, best)


def cap_year(programme: Programme, order: Order) -> int:
    """The year whose cap the order counts to: that of the hold unless the programme says that of the service."""
    day = order.ordered_on
    if programme.terms.get("cap_year_of") == "service" and order.service_on is not None:
        day = order.service_on
    return day.year


def _of_places(programme: Programme, order: Order, *, is_owners: bool) -> list[Reason]:
    """Whose the programme is, and where the other side may be."""
    own, other = order.home_area, order.owner_area
    code, only = "home_elsewhere", "home_only_instrument"
    if is_owners:
        own, other, code, only = other, own, "owner_elsewhere", "home_only_user"
    area_zh, area_en = _place(programme.area)
    if not covers(programme.area, own):
        return [_reason(code, area_zh, area_en)]
    partners = programme.terms.get("partners")
    if covers(programme.area, other) or any(covers(area, other) for area in partners or ()):
        return []
    if programme.terms.get("home_only"):
        return [_reason(only, area_zh, area_en)]
    return [] if partners is None else [_reason("not_a_partner", *_place(other))]


def _of_time(programme: Programme, order: Order) -> list[Reason]:
    found = []
    document = programme.document
    if not programme.is_in_force(order.ordered_on):
        span = f"{document['valid_from']} – {document.get('valid_until', '')}".rstrip(" –")
        found.append(_reason("not_in_force", span, span))
    window = programme.terms.get("window")
    if programme.kind != "voucher" and window is not None:
        begin, end = window.get("from"), window["until"]
        is_open = (begin is None or date.fromisoformat(begin) <= order.ordered_on) and (
            order.ordered_on <= date.fromisoformat(end)
        )
        if not is_open:
            span = f"{begin or '…'} – {end}"
            found.append(_reason("window_closed", span, span))
    return found


def _of_service(programme: Programme, order: Order) -> list[Reason]:
    terms = programme.terms
    found = []
    if order.service_mode not in terms["service_modes"]:
        found.append(_reason("service_mode", *_named("service_mode", [order.service_mode])))
    classes = terms.get("classes")
    if classes is not None:
        if order.instrument_class is None:
            found.append(_reason("class_unknown"))
        elif not any(covers(code, order.instrument_class) for code in classes):
            found.append(_reason("instrument_class", *_named("instrument_class", [order.instrument_class])))
    least = terms.get("min_value_fen")
    if least is not None:
        if order.value_fen is None:
            found.append(_reason("value_unknown"))
        elif order.value_fen < least:
            found.append(
                _reason(
                    "value_below",
                    f"原值 {yuan(order.value_fen)} 元，下限 {yuan(least)} 元",
                    f"it cost {yuan(order.value_fen)} CNY, the least is {yuan(least)} CNY",
                )
            )
    return found


def _exclusions(programme: Programme, order: Order) -> tuple[list[Reason], list[Reason]]:
    """What is excluded, and what must still be declared."""
    rules = set(programme.terms["exclusions"])
    held = set(order.declared)
    if order.is_statutory:
        held.add("statutory")
    is_same = order.credit_code is not None and order.credit_code == order.owner_credit_code
    if order.is_related or is_same:
        held.add("related_party")
    met = [code for code in schemas.codes("programme_exclusion") if code in rules & held]
    excluded = [_reason("excluded", *_named("programme_exclusion", [code])) for code in met]
    is_open = "related_party" in rules and order.is_related is None and not is_same
    return excluded, [_reason("related_unknown")] if is_open else []


def _why_nothing(steps: tuple[Step, ...]) -> Reason:
    codes = {"rate": "share_zero", "order": "cap_reached", "available": "nothing_available"}
    least = min(steps, key=lambda step: step.fen)
    return _reason(codes.get(least.name, "cap_reached"), least.zh, least.en)


def _result(programme: Programme, order: Order, fen: int) -> Step:
    fee = order.fee_fen or 0
    if programme.kind == "voucher":
        return Step(
            "result",
            fen,
            f"创新券支付 {yuan(fen)} 元，自付 {yuan(fee - fen)} 元",
            f"the voucher pays {yuan(fen)} CNY, {yuan(fee - fen)} CNY are your own share",
        )
    if programme.kind == "rebate":
        return Step("result", fen, f"事后可补助 {yuan(fen)} 元", f"{yuan(fen)} CNY can be claimed afterwards")
    return Step("result", fen, f"补助管理单位 {yuan(fen)} 元", f"the institution gets {yuan(fen)} CNY")


def _decision(
    programme: Programme,
    order: Order,
    reasons: Iterable[Reason],
    conditions: Iterable[Reason] = (),
    *,
    steps: tuple[Step, ...] = (),
    fen: int = 0,
) -> Decision:
    name = str(programme.document["name_zh"])
    return Decision(
        programme.id,
        programme.version,
        programme.kind,
        name,
        str(programme.document.get("name_en", name)),
        programme.is_demo,
        order.fee_fen or 0,
        fen,
        tuple(reasons),
        tuple(conditions),
        steps,
    )


def _reason(code: str, zh: str = "", en: str = "") -> Reason:
    entry = schemas.codes("programme_reason")[code]
    return Reason(code, f"{entry.zh}：{zh}" if zh else entry.zh, f"{entry.en}: {en}" if en else entry.en)


def _named(listed: str, names: Iterable[str]) -> tuple[str, str]:
    held = schemas.codes(listed)
    entries = [held[name] for name in names if name in held]
    return "、".join(entry.zh for entry in entries), ", ".join(entry.en for entry in entries)


def _place(area: str) -> tuple[str, str]:
    listed = "province" if area.endswith("0000") else "area"
    zh, en = _named(listed, [area])
    return zh or area, en or area
