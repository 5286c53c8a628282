"""Related parties and other exclusions: what is asked, what is declared, and what the register says against it."""

from datetime import date
from typing import Any

import pytest

import schemas
from hub.core.db import Database
from hub.settlement import rules, service, wire
from hub.settlement.errors import ShareLower
from hub.settlement.errors.redeeming import DeclarationUnfit, RelationContradicted
from hub.settlement.models import OrderRow
from hub.settlement.queries.relations import ties_between
from hub.settlement.rules.relations import Asked, asked, threshold
from hub.settlement.service import declaring
from tests.hub.settlement.orders import JIAXING, ORDER, SHANGHAI, order, programme
from tests.hub.settlement.vouchers import ACTOR, NOW, furnish, hold, wallet

pytestmark = pytest.mark.database

OWNER = schemas.uscc.complete((ORDER.owner_credit_code or "")[:17])
USER = schemas.uscc.complete((ORDER.credit_code or "")[:17])
SIDES = {"credit_code": USER, "owner_credit_code": OWNER}


@pytest.fixture
def held(database: Database) -> Database:
    furnish(database)
    return database


def tie(database: Database, **changes: Any) -> None:
    told: dict[str, Any] = {"source": "工商登记 2026", "valid_from": date(2026, 1, 1), **changes}
    with database.write() as session:
        declaring.register_tie(session, OWNER, USER, "shareholding", actor=ACTOR, now=NOW, **told)


def conditions(made: service.Decisions) -> list[str]:
    return [each.code for decision in made.user for each in decision.conditions]


def test_only_what_a_programme_excludes_is_asked() -> None:
    assert asked(rules_of("demo-330400-voucher"), JIAXING, SHANGHAI) == Asked(True, ())
    assert asked(rules_of("demo-310000-voucher"), SHANGHAI, JIAXING) == Asked(True, ("medical",))
    assert not asked(rules_of("demo-310000-voucher"), JIAXING, SHANGHAI), "it is neither side's programme"
    incomplete = programme("demo-330400-voucher", payer=None)
    assert not asked([incomplete], JIAXING, SHANGHAI), "a programme that cannot be used asks nothing"
    both = [programme("demo-340000-owner"), programme("demo-330400-voucher", exclusions=["none"])]
    assert asked(both, JIAXING, "340100") == Asked(
        True, ("medical", "commercial_inspection", "commercial_filming", "telecom_billing")
    )


def rules_of(*names: str) -> list[rules.Programme]:
    return [programme(name) for name in names]


def test_the_threshold_says_what_it_stands_on() -> None:
    assert threshold().percent == 25
    assert threshold().source["grade"] == "demo"


def test_a_declaration_takes_the_condition_away(held: Database) -> None:
    open_ = hold(held, "bk-1", is_related=None)
    assert conditions(open_) == ["related_unknown"]
    assert conditions(hold(held, "bk-2", is_related=False)) == []
    assert open_.voucher_fen == 30_000, "an open question is no refusal"


def test_a_declared_exclusion_pays_nothing(held: Database) -> None:
    made = hold(held, "bk-1", is_related=True, relation="affiliation")
    assert (made.voucher_fen, made.own_fen) == (0, 60_000)
    assert [each.code for each in made.user[0].reasons] == ["excluded"]


def test_a_declaration_against_the_register_is_refused(held: Database) -> None:
    tie(held)
    with pytest.raises(RelationContradicted) as refused:
        hold(held, "bk-1", **SIDES, is_related=False)
    assert refused.value.field == "declaration.is_related"
    assert "持股达到认定比例" in refused.value.zh
    assert wallet(held)[0][2] == 0
    with pytest.raises(RelationContradicted):
        hold(held, "bk-2", **(SIDES | {"owner_credit_code": USER}), is_related=False)


def test_what_the_register_knows_counts_without_a_declaration(held: Database) -> None:
    with held.read() as session:
        before = service.preview(session, order(**SIDES, is_related=None))
    tie(held)
    with held.read() as session:
        after = service.preview(session, order(**SIDES, is_related=None))
    assert (before.voucher_fen, after.voucher_fen) == (30_000, 0)
    with pytest.raises(ShareLower), held.write() as session:
        service.hold(session, order(**SIDES, is_related=None), expected_fen=30_000, now=NOW)


@pytest.mark.parametrize(
    "span", [{"valid_from": date(2026, 4, 1)}, {"valid_until": date(2026, 3, 1)}], ids=["later", "ended"]
)
def test_a_tie_that_does_not_hold_on_the_day_says_nothing(held: Database, span: dict[str, Any]) -> None:
    tie(held, **span)
    assert hold(held, "bk-1", **SIDES, is_related=False).voucher_fen == 30_000


def test_a_tie_is_registered_once_whatever_the_order_of_names(held: Database) -> None:
    tie(held)
    with held.write() as session:
        for pair in ((USER, OWNER), (OWNER, USER)):
            declaring.register_tie(
                session,
                *pair,
                "shareholding",
                source="再登",
                valid_from=date(2026, 1, 1),
                actor=ACTOR,
                now=NOW,
            )
    with held.read() as session:
        found = ties_between(session, USER, OWNER, date(2026, 3, 2))
    assert [each.source for each in found] == ["工商登记 2026"]


@pytest.mark.parametrize(
    ("pair", "field"),
    [(("91330400MA28A3B079", OWNER), "one"), ((USER, "x" * 40), "other"), ((USER, USER), "other")],
    ids=["check digit", "no code", "the same"],
)
def test_a_tie_of_no_credit_code_is_refused(held: Database, pair: tuple[str, str], field: str) -> None:
    with pytest.raises(DeclarationUnfit) as refused, held.write() as session:
        declaring.register_tie(
            session, *pair, "affiliation", source="x", valid_from=date(2026, 1, 1), actor=ACTOR, now=NOW
        )
    assert refused.value.field == field


def declare(database: Database, reference: str = "bk-1", **said: Any) -> None:
    told: dict[str, Any] = {"is_related": False, "relation": None, "exclusions": (), **said}
    with database.write() as session:
        declaring.declare(session, reference, actor="account:li", now=NOW, **told)


def test_what_was_left_open_is_declared_later_once(held: Database) -> None:
    hold(held, "bk-1", is_related=None)
    declare(held)
    declare(held)
    with pytest.raises(DeclarationUnfit):
        declare(held, is_related=True, relation="affiliation")
    with held.read() as session:
        kept = wire.read_order(session.get_one(OrderRow, "bk-1").facts)
    assert kept.is_related is False


def test_a_later_declaration_against_the_register_is_refused(held: Database) -> None:
    hold(held, "bk-1", **SIDES, is_related=None)
    tie(held)
    with pytest.raises(RelationContradicted):
        declare(held)
    declare(held, is_related=True, relation="shareholding")
