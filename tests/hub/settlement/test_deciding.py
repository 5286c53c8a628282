"""What programmes say to orders: laws that hold for every rate and cap, and the words of single cases."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from hub.settlement import rules, wire
from hub.settlement.money import Vat, vat_in
from hub.settlement.rules import Decision, Programme, Standing
from tests.hub.settlement.orders import order, programme, quota

FEN = st.integers(0, 10**11)
MAYBE = st.none() | FEN


def codes(made: Decision) -> list[str]:
    return [reason.code for reason in made.reasons]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Programme, rules.Order, Standing]:
    caps = {f"cap_{name}_fen": draw(MAYBE) for name in ("order", "year")}
    told = quota(
        rate_bp=draw(st.integers(0, 10_000)), **{key: fen for key, fen in caps.items() if fen is not None}
    )
    fee = draw(FEN)
    asked = order(fee_fen=fee, vat_permille=draw(st.integers(0, 200)))
    standing = Standing(available_fen=draw(MAYBE), used_fen=draw(FEN))
    return programme(holders=told, vat_in_base=draw(st.booleans())), asked, standing


@given(cases())
@settings(max_examples=150)
def test_fee_is_voucher_share_plus_own_share_and_no_cap_is_passed(
    case: tuple[Programme, rules.Order, Standing],
) -> None:
    held, asked, standing = case
    made = rules.decide(held, asked, standing)
    fee = asked.fee_fen or 0
    allowed = held.quota("enterprise")
    assert allowed is not None
    assert made.fen + made.own_fen == fee
    assert 0 <= made.fen <= fee
    assert made.fen * 10_000 <= fee * allowed.rate_bp, "never more than the rate, not by a part of a fen"
    if not held.terms["vat_in_base"]:
        assert made.fen * 10_000 <= (fee - (asked.vat_fen or 0)) * allowed.rate_bp
    for cap, used in (
        (allowed.cap_order_fen, 0),
        (allowed.cap_year_fen, standing.used_fen),
        (standing.available_fen, 0),
    ):
        assert cap is None or made.fen <= max(0, cap - used)
    assert bool(made.reasons) == (made.fen == 0)
    assert made == rules.decide(held, asked, standing)


@given(cases())
@settings(max_examples=60)
def test_one_fen_less_in_the_binding_cap_is_one_fen_less_paid(
    case: tuple[Programme, rules.Order, Standing],
) -> None:
    held, asked, standing = case
    made = rules.decide(held, asked, replace(standing, available_fen=None))
    if made.fen == 0:
        return
    for left in (made.fen - 1, made.fen, made.fen + 1):
        again = rules.decide(held, asked, replace(standing, available_fen=left))
        assert again.fen == min(left, made.fen)


@pytest.mark.parametrize(
    ("fee", "rate", "fen"), [(1, 5000, 0), (3, 5000, 1), (99_999, 3333, 33_329), (10_001, 9999, 9_999)]
)
def test_a_part_of_a_fen_is_dropped(fee: int, rate: int, fen: int) -> None:
    made = rules.decide(programme(holders=quota(rate_bp=rate)), order(fee_fen=fee))
    assert (made.fen, made.own_fen) == (fen, fee - fen)


def test_the_decision_is_told_step_by_step_in_both_languages() -> None:
    made = rules.decide(programme(), order(), Standing(available_fen=1_230_000, used_fen=2_000_000))
    assert [step.zh for step in made.steps] == [
        "费用 600.00 元 × 50% = 300.00 元",
        "单笔上限 50000.00 元",
        "年度上限 200000.00 元，已用 20000.00 元，余 180000.00 元",
        "可用 12300.00 元",
        "创新券支付 300.00 元，自付 300.00 元",
    ]
    assert [step.en for step in made.steps] == [
        "fee 600.00 × 50% = 300.00 CNY",
        "at most 50000.00 CNY per order",
        "cap of 200000.00 CNY per holder and year, 20000.00 used, 180000.00 left",
        "12300.00 CNY available",
        "the voucher pays 300.00 CNY, 300.00 CNY are your own share",
    ]


def test_tax_leaves_the_base_where_the_programme_says_so() -> None:
    made = rules.decide(programme(vat_in_base=False), order(fee_fen=106_000, vat_permille=60))
    assert (made.fen, made.own_fen) == (50_000, 56_000)
    assert made.steps[0].zh == "（费用 1060.00 元 − 税额 60.00 元）× 50% = 500.00 元"


@given(fee=FEN, permille=st.integers(0, 1000))
def test_net_and_tax_make_the_fee_and_the_tax_is_the_nearest_fen(fee: int, permille: int) -> None:
    vat = vat_in(fee, permille)
    assert vat.net_fen + vat.vat_fen == fee
    assert 0 <= vat.vat_fen <= fee
    exact = Fraction(fee * permille, 1000 + permille)
    assert -Fraction(1, 2) < vat.vat_fen - exact <= Fraction(1, 2), "half a fen up"


@pytest.mark.parametrize(
    ("fee", "permille", "net", "tax"),
    [(106_000, 60, 100_000, 6_000), (60_000, 60, 56_604, 3_396), (100, 130, 88, 12), (1, 60, 1, 0), (600, 0, 600, 0), (3, 1000, 1, 2)],
)  # fmt: skip
def test_tax_by_hand(fee: int, permille: int, net: int, tax: int) -> None:
    assert vat_in(fee, permille) == Vat(permille, net, tax)


def test_tax_follows_the_fee_wherever_the_fee_changes() -> None:
    asked = order(fee_fen=106_000, vat_permille=60)
    assert (asked.vat_fen, replace(asked, fee_fen=53_000).vat_fen) == (6_000, 3_000)
    assert replace(asked, vat_permille=None).vat_fen is None
    assert replace(asked, fee_fen=None).vat_fen is None


def test_an_unknown_tax_is_asked_about_only_where_it_has_to_leave_the_base() -> None:
    unknown = order(fee_fen=106_000)
    refused = rules.decide(programme(vat_in_base=False), unknown)
    assert (refused.fen, codes(refused)) == (0, ["vat_unknown"])
    assert refused.reasons[0].zh == "收费标准未标明税率，无法扣除税额"
    assert rules.decide(programme(vat_in_base=True), unknown).fen == 53_000
    free = rules.decide(programme(vat_in_base=False), replace(unknown, vat_permille=0))
    assert free.fen == 53_000, "exempt is known: nothing leaves the base"


def test_what_was_decided_before_tariffs_stated_a_rate_stays_as_it_was_decided() -> None:
    before = {**wire.order_document(order(fee_fen=106_000)), "vat_fen": 0}
    assert rules.decide(programme(vat_in_base=False), wire.read_order(before)).fen == 53_000
    told = order(fee_fen=106_000, vat_permille=60)
    assert wire.read_order(wire.order_document(told)) == told


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("demo-330400-voucher", {}, {"home_area": "330500"}, "home_elsewhere", "用户不属于发放地区：嘉兴市"),
    ("demo-360000-voucher", {}, {"home_area": "360102"}, "home_only_instrument", "只支持本地区仪器：江西省"),
    ("demo-520000-voucher", {}, {"home_area": "520102", "owner_area": "320000"}, "not_a_partner", "对方地区不在互认范围：江苏省"),
    ("demo-340000-owner", {}, {"owner_area": "340000"}, "home_only_user", "只支持本地区用户：安徽省"),
    ("demo-340000-owner", {}, {"home_area": "340100"}, "owner_elsewhere", "仪器不属于发放地区：安徽省"),
    ("demo-330400-voucher", {}, {"is_statutory": True}, "excluded", "属于不予补助的情形：强制或法定检测"),
    ("demo-330400-voucher", {}, {"is_related": True}, "excluded", "属于不予补助的情形：关联单位之间的服务"),
    ("demo-310000-voucher", {}, {"home_area": "310115", "declared": frozenset({"medical"})}, "excluded", "属于不予补助的情形：医疗服务"),
    ("demo-330400-voucher", {}, {"service_mode": "consultation"}, "service_mode", "不支持该服务方式：技术咨询"),
    ("demo-330400-voucher", {"classes": ["020000"]}, {}, "instrument_class", "不支持该类仪器：扫描电镜"),
    ("demo-330400-voucher", {"classes": ["020000"]}, {"instrument_class": None}, "class_unknown", "仪器分类不明"),
    ("demo-330400-voucher", {"min_value_fen": 90_000_000}, {}, "value_below", "仪器原值低于下限：原值 800000.00 元，下限 900000.00 元"),
    ("demo-330400-voucher", {"min_value_fen": 1}, {"value_fen": None}, "value_unknown", "仪器原值不明"),
    ("demo-330400-voucher", {}, {"holder_kind": "team"}, "holder_not_supported", "对象不在支持范围：团队"),
    ("demo-330400-voucher", {}, {"fee_fen": None}, "fee_unknown", "费用未定"),
    ("demo-330400-voucher", {}, {"fee_fen": 1}, "share_zero", "按比例不足一分：费用 0.01 元 × 50% = 0.00 元"),
    ("demo-330400-voucher", {"payer": None}, {}, "not_configured", "政策条款不全：由谁支付"),
    ("demo-340000-rebate", {"window": {"until": "2026-03-01"}}, {"home_area": "340104"}, "window_closed", "不在申请时段：… – 2026-03-01"),
    ("demo-330400-voucher", {}, {"ordered_on": date(2024, 12, 31)}, "not_in_force", "政策不在有效期：2025-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("held", "terms", "facts", "code", "zh"), REFUSED)
def test_an_order_that_a_rule_excludes_is_told_why(
    held: str, terms: dict[str, Any], facts: dict[str, Any], code: str, zh: str
) -> None:
    made = rules.decide(programme(held, **terms), order(**facts))
    assert codes(made) == [code]
    assert made.reasons[0].zh == zh
    assert made.reasons[0].en.startswith(schemas.codes("programme_reason")[code].en)
    assert (made.fen, made.own_fen) == (0, order(**facts).fee_fen or 0)


def test_every_reason_is_told_at_once() -> None:
    made = rules.decide(
        programme(), order(home_area="320500", is_statutory=True, service_mode="consultation")
    )
    assert codes(made) == ["home_elsewhere", "service_mode", "excluded"]


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing(available_fen=0), "nothing_available"),
        (Standing(used_fen=20_000_000), "cap_reached"),
        (Standing(used_fen=20_000_001), "cap_reached"),
    ],
)
def test_nothing_left_is_a_reason(standing: Standing, code: str) -> None:
    assert codes(rules.decide(programme(), order(), standing)) == [code]


def test_the_same_credit_code_is_a_related_party_whatever_is_declared() -> None:
    code = "91330400MA28A3B078"
    made = rules.decide(programme(), order(credit_code=code, owner_credit_code=code, is_related=False))
    assert codes(made) == ["excluded"]


def test_what_nobody_has_declared_is_a_condition_and_no_refusal() -> None:
    made = rules.decide(programme(), order(is_related=None))
    assert (made.fen, [each.code for each in made.conditions]) == (30_000, ["related_unknown"])
    assert rules.decide(programme(), order()).conditions == ()


def test_the_caps_of_the_owner_count_by_instrument_too() -> None:
    told = [
        {"kind": "institution", "rate_bp": 1000, "cap_instrument_fen": 2_000_000, "cap_year_fen": 100_000_000}
    ]
    held = programme("demo-340000-owner", holders=told, home_only=False)
    asked = order(owner_area="340000", fee_fen=50_000_000)
    assert rules.decide(held, asked, Standing()).fen == 2_000_000
    assert rules.decide(held, asked, Standing(used_instrument_fen=1_999_999)).fen == 1
    assert rules.decide(held, asked, Standing(used_fen=99_999_990)).fen == 10


def demo() -> list[Programme]:
    return [Programme(1, document) for document in rules.demo()]


def test_home_and_owner_decide_apart() -> None:
    """A Jiaxing enterprise in Anhui: its own city pays, Anhui's subsidy for its institutions does not go to foreigners."""
    made = rules.decide_both(demo(), order(owner_area="340000"), {})
    assert [each.programme_id for each in made.user] == ["demo-330400-voucher"]
    assert [codes(each) for each in made.owner] == [["home_only_user"]]
    assert (made.voucher_fen, made.own_fen) == (30_000, 30_000)


def test_a_rebate_comes_afterwards_and_leaves_the_own_share_whole() -> None:
    made = rules.decide_both(demo(), order(home_area="340104", owner_area="340000"), {})
    assert made.voucher is None
    assert (made.voucher_fen, made.own_fen) == (0, 60_000)
    assert [(each.kind, each.fen) for each in (*made.user, *made.owner)] == [
        ("rebate", 12_000),
        ("owner_subsidy", 12_000),
    ]
    assert made.user[0].steps[-1].zh == "事后可补助 120.00 元"
    assert made.owner[0].steps[-1].en == "the institution gets 120.00 CNY"


def test_of_several_vouchers_the_best_is_used_or_the_chosen_one() -> None:
    province = replace(programme(holders=quota(rate_bp=3000)))
    other = Programme(1, {**province.document, "id": "demo-330000-voucher", "area": "330000"})
    both = [other, programme()]
    best = rules.decide_both(both, order(), {})
    assert best.voucher is not None
    assert (best.voucher.programme_id, best.voucher_fen) == ("demo-330400-voucher", 30_000)
    chosen = rules.decide_both(both, order(), {}, chosen=other.id)
    assert (chosen.voucher_fen, chosen.own_fen) == (18_000, 42_000)
    spent = rules.decide_both(both, order(), {"demo-330400-voucher": Standing(available_fen=0)})
    assert spent.voucher_fen == 18_000


def test_without_a_fee_there_is_no_own_share_yet() -> None:
    made = rules.decide_both(demo(), order(fee_fen=None), {})
    assert (made.own_fen, codes(made.user[0])) == (None, ["fee_unknown"])


def test_the_year_of_a_cap_is_that_of_the_hold_unless_the_programme_says_otherwise() -> None:
    asked = order(ordered_on=date(2026, 12, 30), service_on=date(2027, 1, 5))
    assert rules.cap_year(programme(), asked) == 2026
    assert rules.cap_year(programme(cap_year_of="service"), asked) == 2027
