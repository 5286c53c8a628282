"""Rebates and owner subsidies: what they come to, two people, budgets and caps, and how they are paid."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from hub.core.db import Database
from hub.identity.errors import NotAllowed, OtherParty, OwnCase
from hub.identity.models import Grant, Party, Person
from hub.settlement import ledger, rules, service
from hub.settlement.errors import BudgetExhausted, ProgrammeUnusable
from hub.settlement.errors.redeeming import (
    ClaimChanged,
    ClaimEmpty,
    ClaimStateWrong,
    ReasonMissing,
    SamePerson,
)
from hub.settlement.ledger import Account
from hub.settlement.models import Allowance, RatedLine
from hub.settlement.queries.claims import PayableClaim, claims_for, find_claim, payable_claims
from hub.settlement.rules import Standing
from hub.settlement.rules.claims import Spent, reckon_claim
from hub.settlement.service import claims
from hub.settlement.service.claims import Payee, Wish
from tests.hub.settlement.orders import order, programme, quota
from tests.hub.settlement.redeeming import world
from tests.hub.settlement.redeeming.world import (
    ANHUI,
    ANHUI_2,
    ANHUI_OWNER,
    ANHUI_REBATE,
    BUREAU,
    NOW,
    STRANGER,
)
from tests.hub.settlement.vouchers import ACTOR

pytestmark = pytest.mark.database

HEFEI = "340100"
USER = world.principal("hefei", "enterprise_manager", "en-hefei")
OWNER = world.principal("owner-34", "institution_manager", "34-u-aaaaaaaaaaaa")
ENTERPRISE = Payee("enterprise", "en-hefei", HEFEI)
INSTITUTION = Payee("institution", "34-u-aaaaaaaaaaaa", HEFEI)
WISH = Wish(ANHUI_REBATE, ENTERPRISE, 2026)
SUBSIDY = Wish(ANHUI_OWNER, INSTITUTION, 2026)


def put_paid(
    database: Database, reference: str, fee: int = 100_001, state: str = "ready", **facts: Any
) -> int:
    """An order of a Hefei enterprise at a Hefei institution that was paid whole; its line."""
    told: dict[str, Any] = {
        "holder": "en-hefei", "home_area": HEFEI, "owner_area": HEFEI, "owner": INSTITUTION.id, "fee_fen": fee,
        "instrument_id": "34-aaaaaaaaaaaa", "service_on": date(2026, 3, 2), "is_related": False, **facts,
    }  # fmt: skip
    with database.write() as session:
        service.hold(session, order(reference=reference, **told), now=NOW)
        line = world.put_line(
            session, reference, enterprise_id="en-hefei", institution_id=INSTITUTION.id, visited="340000",
            home="340000", programme_id=None, programme_version=None, payer_area=None, fee_fen=fee, voucher_fen=0,
            own_fen=fee, state=state,
        )  # fmt: skip
        return line.id


@pytest.fixture
def held(database: Database) -> Database:
    """The demo's programmes with 1,000.00 of budget for the rebate and for the subsidy, and two paid orders."""
    with database.write() as session:
        service.load_programmes(session, rules.demo(), actor=ACTOR, now=NOW)
        for each in (ANHUI_REBATE, ANHUI_OWNER):
            service.fund(session, each, 2026, 100_000, reference="2026", actor=ACTOR, now=NOW)
    for number in (1, 2):
        put_paid(database, f"bk-{number}")
    return database


def apply(database: Database, fen: int = 40_000, wish: Wish = WISH, who: Any = USER, key: str = "k") -> str:
    with database.write() as session:
        return claims.apply(session, who, wish, key=key, expected_fen=fen, now=NOW)


def agree(database: Database, claim: str, who: Any = ANHUI, fen: int = 40_000) -> str:
    with database.write() as session:
        return claims.agree(session, who, claim, expected_fen=fen, now=NOW)


def balance(database: Database, kind: str, owner: str) -> int:
    with database.read() as session:
        return ledger.balance(session, Account(kind, owner))  # type: ignore[arg-type]


def state(database: Database, claim: str) -> str:
    with database.read() as session:
        found = find_claim(session, claim)
    assert found is not None
    return found.state


def payable(database: Database, programme_id: str = ANHUI_REBATE, payer: str = HEFEI) -> list[PayableClaim]:
    with database.read() as session:
        return payable_claims(session, payer, programme_id)


def test_the_year_s_rebate_is_reckoned_once_on_the_sum(held: Database) -> None:
    with held.read() as session:
        found = claims.preview(session, WISH, now=NOW)
    assert (found.reckoned.base_fen, found.reckoned.fen) == (200_002, 40_000)
    assert found.reckoned.steps[0].zh == "全年 2 笔合计 2000.02 元 × 20% = 400.00 元"
    assert [step.name for step in found.reckoned.steps] == ["rate", "year", "budget", "result"]


def test_from_application_over_two_people_to_the_money(held: Database) -> None:
    claim = apply(held)
    assert apply(held) == claim, "the same key is the same claim"
    assert agree(held, claim) == "checked"
    with pytest.raises(SamePerson):
        agree(held, claim)
    assert balance(held, "pool", f"{ANHUI_REBATE}:2026") == 100_000, (
        "nothing is reserved before both have agreed"
    )
    assert agree(held, claim, ANHUI_2) == "approved"
    assert balance(held, "pool", f"{ANHUI_REBATE}:2026") == 60_000
    (due,) = payable(held)
    assert (due.payee_id, due.fen, due.orders) == ("en-hefei", 40_000, ("N-bk-1", "N-bk-2"))
    with held.write() as session:
        claims.claim_listed(session, claim, "pl-1")
        claims.claim_listed(session, claim, "pl-1")
    assert payable(held) == []
    with held.write() as session:
        claims.claim_bounced(session, claim, "pl-0")
    assert state(held, claim) == "listed", "another line's news change nothing"
    with held.write() as session:
        claims.claim_bounced(session, claim, "pl-1")
        claims.claim_bounced(session, claim, "pl-1")
    assert len(payable(held)) == 1
    for _ in range(2):
        with held.write() as session:
            if state(held, claim) != "paid":
                claims.claim_listed(session, claim, "pl-2")
            claims.claim_paid(session, claim, reference="pl-2", now=NOW)
    assert (balance(held, "captured", ANHUI_REBATE), balance(held, "bank", "outside")) == (0, 40_000)
    with held.read() as session:
        assert ledger.verify(session).broken is None
    with pytest.raises(ClaimStateWrong), held.write() as session:
        claims.claim_listed(session, claim, "pl-3")


def test_what_is_not_listed_cannot_be_paid(held: Database) -> None:
    claim = apply(held)
    with pytest.raises(ClaimStateWrong), held.write() as session:
        claims.claim_paid(session, claim, reference="x", now=NOW)


def test_the_institution_s_subsidy_counts_what_it_earned(held: Database) -> None:
    claim = apply(held, wish=SUBSIDY, who=OWNER)
    agree(held, claim)
    agree(held, claim, ANHUI_2)
    assert payable(held, ANHUI_OWNER) == []
    (due,) = payable(held, ANHUI_OWNER, "340000")
    assert (due.payee_kind, due.payee_id, due.fen) == ("institution", INSTITUTION.id, 40_000)


def test_a_line_is_claimed_once_by_a_programme(held: Database) -> None:
    first = apply(held, 20_000, replace(WISH, line_ids=frozenset({1})))
    apply(held, 20_000, WISH, key="rest")
    with pytest.raises(ClaimEmpty):
        apply(held, 20_000, WISH, key="none")
    with held.write() as session:
        claims.withdraw(session, USER, first, now=NOW)
    with pytest.raises(ClaimStateWrong), held.write() as session:
        claims.withdraw(session, USER, first, now=NOW)
    assert state(held, apply(held, 20_000, WISH, key="again")) == "applied", (
        "a withdrawn one lets its lines go"
    )


def test_only_paid_lines_of_the_year_count(held: Database) -> None:
    put_paid(held, "bk-3", state="rated")
    put_paid(held, "bk-4", service_on=date(2025, 12, 31))
    with held.read() as session:
        assert claims.preview(session, WISH, now=NOW).reckoned.fen == 40_000
        assert claims.preview(session, replace(WISH, year=2025), now=NOW).reckoned.base_fen == 100_001


def test_what_is_excluded_is_named_and_does_not_count(held: Database) -> None:
    for number, facts in enumerate(({"is_related": True}, {"is_related": None}, {"value_fen": 1}), 3):
        put_paid(held, f"bk-{number}", **facts)
    with held.read() as session:
        found = claims.preview(session, WISH, now=NOW).reckoned
    assert [[each.code for each in item.reasons] for item in found.items] == [
        [], [], ["excluded"], ["related_unknown"], ["value_below"],
    ]  # fmt: skip
    assert found.fen == 40_000
    with pytest.raises(ClaimEmpty) as refused:
        apply(held, 1, replace(WISH, line_ids=frozenset({3})))
    assert "关联单位" in refused.value.zh


def test_what_was_shown_is_what_is_claimed(held: Database) -> None:
    put_paid(held, "bk-3")
    with pytest.raises(ClaimChanged) as refused:
        apply(held, 40_000)
    assert refused.value.fen == 60_000


def test_a_line_that_is_returned_meanwhile_stops_the_claim_until_it_is_reckoned_anew(held: Database) -> None:
    claim = apply(held)
    agree(held, claim)
    with held.write() as session:
        session.execute(update(RatedLine).where(RatedLine.id == 1).values(state="returned"))
    with pytest.raises(ClaimChanged):
        agree(held, claim, ANHUI_2)
    with held.write() as session:
        assert claims.recalculate(session, ANHUI_2, claim, now=NOW) == 20_000
    assert state(held, claim) == "applied", "both decide again"
    agree(held, claim, fen=20_000)
    assert agree(held, claim, ANHUI_2, fen=20_000) == "approved"


def test_the_budget_bounds_what_is_agreed_whoever_comes_first(held: Database) -> None:
    with held.write() as session:
        document = next(each for each in rules.demo() if each["id"] == ANHUI_REBATE)
        assert document["terms"]["per_year"]
        pool = Account("pool", f"{ANHUI_REBATE}:2026")
        ledger.post(
            session, "spend:1", "spend", [ledger.Transfer(pool, Account("bank", "outside"), 55_000)], now=NOW
        )
    first = apply(held, 20_000, replace(WISH, line_ids=frozenset({1})), key="a")
    second = apply(held, 20_000, key="b")
    put_paid(held, "bk-3")
    third = apply(held, 20_000, key="c")
    for claim in (first, second):
        agree(held, claim, fen=20_000)
        agree(held, claim, ANHUI_2, fen=20_000)
    with pytest.raises((BudgetExhausted, ClaimChanged)):
        agree(held, third, fen=20_000)
    with held.write() as session:
        assert claims.recalculate(session, ANHUI, third, now=NOW) == 5_000, "what is left of the budget"
    agree(held, third, fen=5_000)
    agree(held, third, ANHUI_2, fen=5_000)
    assert balance(held, "pool", f"{ANHUI_REBATE}:2026") == 0


def test_the_cap_of_the_year_counts_what_was_agreed(held: Database) -> None:
    with held.write() as session:
        used = Allowance(programme_id=ANHUI_REBATE, holder="en-hefei", year=2026, used_fen=200_000_000 - 7)
        session.add(used)
    claim = apply(held, 7)
    agree(held, claim, fen=7)
    agree(held, claim, ANHUI_2, fen=7)
    with held.read() as session:
        row = session.get_one(Allowance, (ANHUI_REBATE, "en-hefei", 2026))
        assert row.used_fen == 200_000_000


def test_a_refusal_has_its_reason_and_frees_the_lines(held: Database) -> None:
    claim = apply(held)
    with pytest.raises(ReasonMissing), held.write() as session:
        claims.refuse(session, ANHUI, claim, "  ", now=NOW)
    with held.write() as session:
        claims.refuse(session, ANHUI, claim, "发票抬头不符", now=NOW)
    assert state(held, claim) == "refused"
    assert state(held, apply(held, key="again")) == "applied"


def test_nobody_acts_for_others(held: Database) -> None:
    claim = apply(held)
    for who in (STRANGER, BUREAU, USER, OWNER):
        with pytest.raises((NotAllowed, OtherParty)):
            agree(held, claim, who)
    with pytest.raises((NotAllowed, OtherParty)):
        apply(held, who=STRANGER, key="other")
    with held.read() as session:
        assert [each.id for each in claims_for(session, "340000", is_open=True)] == [claim]
        assert claims_for(session, "330000", is_open=True) == []


def test_nobody_decides_what_they_apply_for_themselves(held: Database) -> None:
    """Somebody of the office who also acts for the enterprise, whatever they act under now."""
    claim = apply(held)
    with held.write() as session:
        session.add(
            Person(id="p-anhui", name=ANHUI.name, display_name="office", is_active=True, created_at=NOW)
        )
        session.add(Party(id="en-hefei", kind="enterprise", name="合肥某公司（虚构）", created_at=NOW))
        session.flush()
        session.add(
            Grant(
                person_id="p-anhui",
                role="enterprise_manager",
                party_id="en-hefei",
                terms="en-hefei",
                granted_by="system:test",
                granted_at=NOW,
            )
        )
    with pytest.raises(OwnCase):
        agree(held, claim)
    assert state(held, claim) == "applied"
    assert agree(held, claim, ANHUI_2) == "checked"


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, programme_id="demo-330400-voucher"),
        replace(WISH, payee=replace(ENTERPRISE, area="330402")),
        replace(SUBSIDY, programme_id=ANHUI_REBATE),
        replace(WISH, programme_id="anhui-rebate-2022"),
    ],
    ids=["a voucher", "elsewhere", "not for institutions", "unknown"],
)
def test_what_cannot_be_claimed_says_why(held: Database, wish: Wish) -> None:
    from hub.settlement.errors import ProgrammeUnknown

    with pytest.raises((ProgrammeUnusable, ProgrammeUnknown)), held.read() as session:
        claims.preview(session, wish, now=NOW)


def test_outside_the_window_nothing_is_claimed(held: Database) -> None:
    with pytest.raises(ProgrammeUnusable, match="window"), held.read() as session:
        claims.preview(session, WISH, now=NOW + timedelta(days=6 * 365))


SPENT = st.lists(st.tuples(st.integers(0, 10**8), st.sampled_from("abc"), st.booleans()), max_size=8)


@given(
    spent=SPENT,
    rate=st.integers(0, 10_000),
    caps=st.tuples(*[st.none() | st.integers(0, 10**7)] * 3),
    standing=st.builds(Standing, st.integers(0, 10**8), st.integers(0, 10**7)),
    per_year=st.booleans(),
)
def test_a_claim_never_passes_its_rate_its_caps_or_its_budget(
    spent: list[tuple[int, str, bool]], rate: int, caps: Any, standing: Standing, per_year: bool
) -> None:  # fmt: skip
    order_cap, instrument_cap, year_cap = caps
    told = {"cap_order_fen": order_cap, "cap_instrument_fen": instrument_cap, "cap_year_fen": year_cap}
    given_caps = {name: cap for name, cap in told.items() if cap is not None}
    held = programme(ANHUI_OWNER, per_year=per_year, holders=[{**quota(rate_bp=rate, **given_caps)[0],
        "kind": "institution", "uncapped": [name for name in ("order", "instrument", "year") if f"cap_{name}_fen" not in given_caps] or None}])  # fmt: skip
    rows = [
        Spent(
            at,
            f"N-{at}",
            order(home_area=HEFEI, owner_area=HEFEI, instrument_id=name, is_related=related),
            base,
        )
        for at, (base, name, related) in enumerate(spent)
    ]
    made = reckon_claim(held, rows, standing, {"a": 5})
    assert made.base_fen == sum(base for base, _, related in spent if not related and _counts(made, base))
    assert made.fen * 10_000 <= made.base_fen * rate
    assert made.fen <= (standing.available_fen or 0)
    if year_cap is not None:
        assert made.fen <= max(0, year_cap - standing.used_fen)
    if instrument_cap is not None:
        names = {item.instrument_id for item in made.counted}
        assert made.fen <= sum(max(0, instrument_cap - (5 if name == "a" else 0)) for name in names)


def _counts(made: Any, base: int) -> bool:
    return any(item.base_fen == base for item in made.counted)
