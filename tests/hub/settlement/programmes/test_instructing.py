"""Money by two people: budgets, grants, raising and ending; what the budget says month by month; reminders."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.errors import EnterpriseUnverified, NotAllowed, OtherParty
from hub.notices.models import Notice
from hub.settlement import ledger, service
from hub.settlement.errors import BudgetExhausted, ProgrammeUnknown
from hub.settlement.errors.programmes import (
    AnotherPersonNeeded,
    ApplicationElsewhere,
    GrantOver,
    GrantUnknown,
    InstructionDecided,
    InstructionInvalid,
    MasterElsewhere,
    ReasonNeeded,
)
from hub.settlement.models import Grant, Instruction, OrderRow, RatedLine
from hub.settlement.queries import budgets, flows
from hub.settlement.service import instructing, reminding
from hub.settlement.service.instructing import Wanted
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import order
from tests.hub.settlement.programmes.offices import (
    ACTOR,
    GUIZHOU,
    JIAXING,
    NOW,
    Offices,
    act,
    furnish,
    state,
    submitted,
)
from tests.hub.settlement.test_ledger import race
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


@pytest.fixture
def world(database: Database) -> Offices:
    return furnish(database)


def propose(world: Offices, who: str, kind: str, key: str = "k", **told: Any) -> Instruction:
    with world.database.write() as session:
        wanted = Wanted(kind, told.pop("programme_id", GUIZHOU), **told)  # type: ignore[arg-type]
        return instructing.propose(session, world[who], wanted, key=key, now=NOW)


def confirm(world: Offices, who: str, row: Instruction) -> Instruction:
    with world.database.write() as session:
        return instructing.confirm(session, world[who], row.id, now=NOW)


def both(world: Offices, kind: str, key: str = "k", **told: Any) -> Instruction:
    return confirm(world, "second", propose(world, "first", kind, key, **told))


def pool(world: Offices, year: int = 2026) -> int:
    with world.database.read() as session:
        return ledger.balance(session, service.pool(GUIZHOU, year))


def grants(world: Offices) -> list[Grant]:
    with world.database.read() as session:
        return list(session.scalars(sa.select(Grant).order_by(Grant.made_at, Grant.id)))


def test_money_moves_when_a_second_person_confirms(world: Offices) -> None:
    row = propose(world, "first", "fund", fen=5_000_000)
    assert pool(world) == 100_000_000
    with pytest.raises(AnotherPersonNeeded):
        confirm(world, "first", row)
    assert confirm(world, "second", row).state == "done"
    assert confirm(world, "second", row).state == "done"
    assert pool(world) == 105_000_000
    with pytest.raises(InstructionDecided):
        confirm(world, "third", row)
    assert (
        propose(world, "first", "fund", fen=5_000_000).id == row.id
    )  # the form sent again is the same instruction


@pytest.mark.parametrize("who", ["city", "bureau", "elsewhere", "auditor", "admin", "guiyang"])
def test_nobody_but_the_area_s_offices_moves_money(world: Offices, who: str) -> None:
    row = propose(world, "first", "fund", fen=1)
    with pytest.raises((NotAllowed, OtherParty)):
        propose(world, who, "fund", fen=1)
    with pytest.raises((NotAllowed, OtherParty)):
        confirm(world, who, row)
    assert pool(world) == 100_000_000


def test_a_grant_is_given_raised_and_ended(world: Offices) -> None:
    made = both(world, "grant", fen=1_000_000, holder=world.enterprises["guiyang"])
    assert [each.fen for each in grants(world)] == [1_000_000]
    both(world, "raise", "r", fen=500_000, grant_id=made.grant_id)
    assert (grants(world)[0].fen, pool(world)) == (1_500_000, 98_500_000)
    both(world, "end", "e", grant_id=made.grant_id)
    assert (grants(world)[0].state, grants(world)[0].fen, pool(world)) == ("ended", 0, 100_000_000)
    row = propose(world, "first", "raise", "r2", fen=1, grant_id=made.grant_id)
    with pytest.raises(GrantOver):
        confirm(world, "second", row)
    assert broken(world.database) == []


def test_what_is_held_stays_held_when_a_grant_ends(world: Offices) -> None:
    holder = world.enterprises["guiyang"]
    made = both(world, "grant", fen=1_000_000, holder=holder)
    told = order(
        reference="bk-1", fee_fen=100_000, holder=holder, home_area="520103", service_mode="entrusted_test"
    )
    with world.database.write() as session:
        service.hold(session, told, now=NOW)
    both(world, "end", "e", grant_id=made.grant_id)
    assert (grants(world)[0].state, grants(world)[0].fen) == ("ending", 40_000)
    with world.database.write() as session:
        assert service.capture(session, "bk-1", 40_000, now=NOW).captured_fen == 40_000


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_grant_at_the_edge_of_the_budget(database: Database, more: int) -> None:
    world = furnish(database, budget_fen=1_000_000)
    row = propose(world, "first", "grant", fen=1_000_000 + more, holder=world.enterprises["guiyang"])
    if more > 0:
        with pytest.raises(BudgetExhausted):
            confirm(world, "second", row)
        with world.database.read() as session:
            assert session.get_one(Instruction, row.id).state == "proposed"
    else:
        confirm(world, "second", row)
    assert pool(world) == (1_000_000 if more > 0 else -more)


@pytest.mark.parametrize("more", [0, 1])
def test_no_more_is_funded_than_the_programme_s_budget(world: Offices, more: int) -> None:
    if more:
        with pytest.raises(InstructionInvalid) as refused:
            propose(world, "first", "fund", fen=200_000_001)
        assert refused.value.field == "fen"
    else:
        both(world, "fund", fen=200_000_000)
    assert pool(world) == (100_000_000 if more else 300_000_000)


def test_two_instructions_that_fit_alone_do_not_pass_the_budget_together(world: Offices) -> None:
    rows = [propose(world, "first", "fund", key, fen=150_000_000) for key in ("a", "b")]
    confirm(world, "second", rows[0])
    with pytest.raises(InstructionInvalid):
        confirm(world, "second", rows[1])


def test_what_cannot_be_meant_is_refused(world: Offices) -> None:
    for told, fact in (
        ({"kind": "fund", "fen": 0}, InstructionInvalid),
        ({"kind": "fund", "fen": 10**13}, InstructionInvalid),
        ({"kind": "fund", "fen": 1, "year": 2029}, InstructionInvalid),
        ({"kind": "grant", "fen": 1, "holder": "en-nobody"}, InstructionInvalid),
        ({"kind": "grant", "fen": 1, "holder": world.enterprises["jiaxing"]}, ApplicationElsewhere),
        ({"kind": "raise", "fen": 1, "grant_id": "vg-nothing"}, GrantUnknown),
        ({"kind": "fund", "fen": 1, "programme_id": "no-such"}, ProgrammeUnknown),
    ):
        with pytest.raises(fact):
            propose(world, "first", told.pop("kind"), "bad", **told)  # type: ignore[arg-type]
    with pytest.raises(MasterElsewhere):
        propose(world, "bureau", "fund", fen=1, programme_id=JIAXING)
    wanted = Wanted("grant", GUIZHOU, 1, holder=world.enterprises["guiyang"])
    with pytest.raises(EnterpriseUnverified), world.database.write() as session:
        instructing.propose(session, world["first"], wanted, key="x", now=NOW + timedelta(days=400))


def test_a_refusal_has_a_reason_and_ends_it(world: Offices) -> None:
    row = propose(world, "first", "fund", fen=1)
    with pytest.raises(ReasonNeeded), world.database.write() as session:
        instructing.refuse(session, world["second"], row.id, " ", now=NOW)
    with world.database.write() as session:
        instructing.refuse(session, world["second"], row.id, "金额有误", now=NOW)
    with pytest.raises(InstructionDecided):
        confirm(world, "third", row)


def test_of_concurrent_confirmations_one_moves_money(world: Offices) -> None:
    row = propose(world, "first", "fund", fen=7)
    race(world.database, [lambda who=who: confirm(world, who, row) for who in ("second", "third") * 3])  # type: ignore[misc]
    assert pool(world) == 100_000_007


def test_money_that_comes_is_granted_to_who_waits(database: Database) -> None:
    world = furnish(database, budget_fen=None)
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    act(world, "confirm", "second", application_id)
    assert state(world, application_id).state == "waiting_budget"
    both(world, "fund", fen=4_000_000)
    assert (state(world, application_id).state, pool(world)) == ("granted", 0)


def test_the_budget_burns_down_month_by_month(world: Offices) -> None:
    holder = world.enterprises["guiyang"]
    made = both(world, "grant", fen=1_000_000, holder=holder)
    told = order(holder=holder, home_area="520103", service_mode="entrusted_test")
    with world.database.write() as session:
        for number, days in enumerate((0, 0, 31)):
            at = NOW + timedelta(days=days)
            facts = {"reference": f"bk-{number}", "fee_fen": 100_000, "ordered_on": at.date()}
            service.hold(session, order(**{**_facts(told), **facts}), now=at)
        service.capture(session, "bk-0", 30_000, now=NOW)
        service.release(session, "bk-1", now=NOW + timedelta(days=31))
    with world.database.read() as session:
        held = budgets.budget_of(session, GUIZHOU, 2026)
    march, april = held.months[2], held.months[3]
    assert (march.funded, march.granted, march.held, march.captured) == (
        100_000_000,
        1_000_000,
        40_000,
        30_000,
    )
    assert (april.held, april.captured) == (0, 0)
    assert (held.funded_fen, held.pool_fen, held.granted_fen) == (100_000_000, 99_000_000, 1_000_000)
    assert (held.free_fen, held.held_fen, held.captured_fen) == (930_000, 40_000, 30_000)
    assert held.funded_fen == held.pool_fen + held.granted_fen
    assert sum(month.held for month in held.months) == held.held_fen
    both(world, "end", "e", grant_id=made.grant_id)
    with world.database.read() as session:
        assert budgets.budget_of(session, GUIZHOU, 2026).months[2].returned == 930_000
        assert budgets.years_of(session, GUIZHOU) == [2026]


def _facts(told: Any) -> dict[str, Any]:
    return {"holder": told.holder, "home_area": told.home_area, "service_mode": told.service_mode}


def put_line(
    session: Any, number: int, *, home: str, visited: str, fee: int, instrument_class: str | None
) -> None:
    reference = f"bk-flow-{number}"
    facts = {"home_area": home, "owner_area": visited}
    if instrument_class is not None:
        facts["instrument_class"] = instrument_class
    session.add(
        OrderRow(
            reference=reference, fee_fen=fee, voucher_fen=0, own_fen=fee, facts=facts,
            decisions={"user": [], "owner": []}, decided_at=NOW,
        )
    )  # fmt: skip
    session.add(
        RatedLine(
            usage_id=f"us-{number}", usage_version=1, reference=reference, order_number=str(number),
            visited=f"{visited[:2]}0000", home=f"{home[:2]}0000", enterprise_id="en", institution_id="in",
            fee_fen=fee, voucher_fen=0, own_fen=fee, document={}, rated_at=NOW,
        )
    )  # fmt: skip


def test_usage_in_and_out_is_counted_by_class_and_city(world: Offices) -> None:
    with world.database.write() as session:
        for number, (home, visited, fee, kind) in enumerate(
            (
                ("520103", "310115", 100, "010102"),
                ("520103", "310000", 200, "020101"),
                ("520302", "330100", 50, "010203"),
                ("330402", "520100", 70, None),
                ("520103", "520100", 999, "010102"),
                ("330402", "310000", 999, "010102"),
            )
        ):
            put_line(session, number, home=home, visited=visited, fee=fee, instrument_class=kind)
    since = NOW - timedelta(days=1)
    with world.database.read() as session:
        out = flows.by_class(session, "52", "out", since)
        cities = flows.by_city(session, "52", "out", since)
        here = flows.by_class(session, "52", "in", since)
        guests = flows.by_city(session, "52", "in", since)
        later = flows.by_class(session, "52", "out", NOW + timedelta(days=1))
    assert [(each.code, each.lines, each.fee_fen) for each in out] == [("02", 1, 200), ("01", 2, 150)]
    assert [(each.code, each.fee_fen) for each in cities] == [("3100", 200), ("3101", 100), ("3301", 50)]
    assert [(each.code, each.fee_fen) for each in here] == [("", 70)]
    assert [(each.code, each.fee_fen) for each in guests] == [("3304", 70)]
    assert later == []


def reminders(world: Offices) -> list[str]:
    with world.database.read() as session:
        mine = sa.select(Notice.values).where(Notice.template == "grant_expiring").order_by(Notice.id)
        return [f"{told['amount']} {told['until']}" for told in session.scalars(mine)]


def test_the_holder_is_reminded_before_a_voucher_expires_once_at_each_step(
    world: Offices, runtime: Runtime
) -> None:
    both(world, "grant", fen=1_000_000, holder=world.enterprises["guiyang"])  # 180 days: until 2026-08-28
    clock = runtime.clock
    assert isinstance(clock, VirtualClock)
    for days, expected in ((148, 0), (149, 1), (150, 1), (172, 2), (178, 3), (179, 3), (181, 3)):
        clock.advance((NOW + timedelta(days=days) - clock()).total_seconds())
        reminding.remind_and_release(runtime)
        reminding.remind_and_release(runtime)
        assert len(reminders(world)) == expected, days
    assert reminders(world)[0] == "10000.00 2026-08-28"


def test_what_is_used_up_is_not_reminded_of(world: Offices) -> None:
    made = both(world, "grant", fen=1_000_000, holder=world.enterprises["guiyang"])
    both(world, "end", "e", grant_id=made.grant_id)
    with world.database.write() as session:
        assert reminding.remind(session, now=NOW + timedelta(days=170)) == 0


def test_the_clock_grants_what_waits_when_money_comes_another_way(
    database: Database, runtime: Runtime
) -> None:
    world = furnish(database, budget_fen=None)
    application_id = submitted(world)
    act(world, "approve", "first", application_id)
    act(world, "confirm", "second", application_id)
    clock = runtime.clock
    assert isinstance(clock, VirtualClock)
    clock.advance((NOW - clock()).total_seconds())
    assert reminding.remind_and_release(runtime) is False
    with database.write() as session:
        service.fund(session, GUIZHOU, 2026, 4_000_000, reference="x", actor=ACTOR, now=NOW)
    assert reminding.remind_and_release(runtime) is True
    assert state(world, application_id).state == "granted"
