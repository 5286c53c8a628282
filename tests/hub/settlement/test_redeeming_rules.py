"""无感直兑 as rules: what each one reads, and what follows from all of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.settlement.rules.redeeming import (
    RULES,
    Formed,
    Invoiced,
    Paid,
    Rated,
    Record,
    Said,
    Used,
    examine,
    missing_papers,
    outcome,
)
from tests.hub.settlement.orders import order, programme

FULL = Record(
    order=order(is_related=False),
    programme=programme(),
    said={
        "booked": Said("portal", "bk-1"),
        "completed": Said("completed", "bk-1"),
        "report": Said("delivered", "sha256:aa"),
        "rating": Said("5", "bk-1"),
        "dispute": Said("closed"),
    },
    used=(Used("us-1", "rated", "platform", ("aa",)),),
    rated=Rated(60_000, 30_000, 30_000),
    paid=Paid("py-1", "paid", 30_000, 0, ("bank_transfer",)),
    invoices=(Invoiced("0001", 30_000),),
    form=Formed("of-1", frozenset({"enterprise", "provider"})),
)


def said(**changes: Said | None) -> Record:
    told = {**FULL.said, **changes}
    return replace(FULL, said={name: each for name, each in told.items() if each is not None})


def verdict(record: Record, rule: str) -> str:
    return next(each.verdict for each in examine(record) if each.rule == rule)


def concluded(record: Record) -> str:
    return outcome(record, examine(record))


def test_a_complete_online_record_needs_no_papers() -> None:
    assert {each.verdict for each in examine(FULL)} == {"met"}
    assert concluded(FULL) == "seamless"


LACKING: list[tuple[str, Record]] = [
    ("booked_online", said(booked=Said("counter"))),
    ("booked_online", said(booked=None)),
    ("form_agreed", replace(FULL, form=None)),
    ("form_agreed", replace(FULL, form=Formed("of-1", frozenset({"enterprise"})))),
    ("form_agreed", replace(FULL, form=Formed("of-1", frozenset({"provider"})))),
    ("not_related", replace(FULL, order=order(is_related=None))),
    ("not_related", replace(FULL, order=order(is_related=True, relation="affiliation"))),
    ("not_related", replace(FULL, relation="shareholding")),
    ("not_excluded", replace(FULL, order=order(is_statutory=True, is_related=False))),
    ("completed", said(completed=None)),
    ("used_online", replace(FULL, used=())),
    ("used_online", replace(FULL, used=(Used("us-1", "rated", "staff"),))),
    ("usage_confirmed", replace(FULL, rated=None)),
    ("usage_confirmed", replace(FULL, used=(Used("us-1", "submitted", "sensor"),))),
    ("no_dispute", said(dispute=Said("open", "bk-1"))),
    ("no_dispute", replace(FULL, used=(Used("us-1", "disputed", "sensor"),))),
    ("own_paid", replace(FULL, paid=None)),
    ("own_paid", replace(FULL, paid=Paid("py-1", "due", 29_999, 1))),
    ("own_paid", replace(FULL, paid=Paid("py-1", "paid", 29_999, 0, ("bank_transfer",)))),
    ("paid_online", replace(FULL, paid=Paid("py-1", "paid", 60_000, 0))),
    ("paid_online", replace(FULL, paid=Paid("py-1", "paid", 30_000, 0, ("online", "counter")))),
    ("report_delivered", said(report=Said("due"))),
    ("rated", said(rating=None)),
    ("invoice_matches", replace(FULL, invoices=())),
    ("invoice_matches", replace(FULL, invoices=(Invoiced("1", 29_999),))),
]


@pytest.mark.parametrize(
    ("rule", "record"), LACKING, ids=[f"{at}-{rule}" for at, (rule, _) in enumerate(LACKING)]
)
def test_what_is_lacking_is_named_by_its_rule(rule: str, record: Record) -> None:
    assert verdict(record, rule) == "not_met"
    assert concluded(record) == "waiting"
    told = next(each for each in examine(record) if each.rule == rule)
    assert told.zh
    assert told.en


def test_every_rule_can_fail() -> None:
    assert {rule for rule, _ in LACKING} == set(RULES)


def test_papers_stand_in_for_what_did_not_happen_online() -> None:
    by_hand = said(booked=Said("counter"), rating=None)
    assert missing_papers(by_hand) == ("order_form", "invoice", "bank_receipt", "result_proof")
    some = replace(by_hand, papers=frozenset({"order_form", "invoice", "bank_receipt"}))
    assert (concluded(some), missing_papers(some)) == ("waiting", ("result_proof",))
    assert concluded(replace(some, papers=some.papers | {"result_proof"})) == "papers"


ALL_PAPERS = frozenset({"order_form", "invoice", "bank_receipt", "result_proof"})


@pytest.mark.parametrize(
    "rule", ["not_related", "not_excluded", "completed", "usage_confirmed", "no_dispute", "own_paid"]
)
def test_no_paper_stands_in_for_these(rule: str) -> None:
    for record in (record for name, record in LACKING if name == rule):
        assert concluded(replace(record, papers=ALL_PAPERS)) == "waiting"


def test_an_order_without_a_voucher_waits_for_usage_and_its_own_share_only() -> None:
    bare = Record(
        order=order(), used=FULL.used, rated=Rated(60_000, 0, 60_000), paid=Paid("py-1", "paid", 60_000, 0)
    )
    assert concluded(bare) == "own"
    assert concluded(replace(bare, paid=Paid("py-1", "partly_refunded", 59_995, 5))) == "waiting"
    assert concluded(replace(bare, rated=Rated(0, 0, 0), paid=None)) == "own"


def test_what_the_programme_does_not_ask_is_not_asked() -> None:
    easy = replace(FULL, programme=programme(exclusions=["none"]), order=order(is_related=None))
    assert verdict(easy, "not_related") == "not_asked"
    assert verdict(said(report=Said("not_due")), "report_delivered") == "not_asked"
    free = replace(FULL, rated=Rated(60_000, 60_000, 0), paid=None, invoices=())
    assert (verdict(free, "own_paid"), verdict(free, "paid_online")) == ("met", "not_asked")
    assert concluded(free) == "seamless"


def test_the_invoice_is_over_the_whole_fee_where_the_programme_says_so() -> None:
    whole = replace(FULL, programme=programme(invoice_amount="full_fee"))
    assert verdict(whole, "invoice_matches") == "not_met"
    assert concluded(replace(whole, invoices=(Invoiced("1", 60_000),))) == "seamless"


@given(st.sets(st.sampled_from(range(len(LACKING)))), st.frozensets(st.sampled_from(sorted(ALL_PAPERS))))
def test_seamless_means_that_nothing_is_lacking(chosen: set[int], papers: frozenset[str]) -> None:
    record: Any = replace(FULL, papers=papers)
    for at in chosen:
        other = LACKING[at][1]
        for name in ("order", "relation", "said", "used", "rated", "paid", "invoices"):
            if getattr(other, name) != getattr(FULL, name):
                record = replace(record, **{name: getattr(other, name)})
    found = examine(record)
    assert [each.rule for each in found] == list(RULES)
    assert (outcome(record, found) == "seamless") == all(each.verdict != "not_met" for each in found)
    if record.rated is None:
        assert outcome(record, found) == "waiting"
