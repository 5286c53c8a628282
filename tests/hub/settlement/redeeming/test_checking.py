"""The check of an order: kept as it was made, lines that follow it, papers where something did not happen online."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.errors import NotAllowed, OtherParty
from hub.identity.rules import Principal
from hub.settlement.errors.redeeming import OrderUnknown, PaperDecided, PaperInvalid, ReasonMissing
from hub.settlement.models import Invoice, RatedLine, Usage
from hub.settlement.models.redeeming import Check, Paper, Told
from hub.settlement.service import declaring, redeeming
from hub.settlement.service.redeeming import Checked
from tests.hub.settlement.orders import ORDER
from tests.hub.settlement.redeeming import world
from tests.hub.settlement.redeeming.world import (
    BOOKING,
    BUREAU,
    ELSEWHERE,
    INSTITUTION,
    LI,
    NOW,
    STRANGER,
    line_state,
)
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

PDF = ("委托单.pdf", b"%PDF-1.7 synthetic")


@pytest.fixture
def held(database: Database) -> Database:
    world.furnish_order(database)
    return database


def settle(database: Database, reference: str = BOOKING, after: timedelta = timedelta()) -> Checked:
    with database.write() as session:
        return redeeming.settle_order(session, reference, now=NOW + after)


def change(database: Database, statement: Any) -> None:
    with database.write() as session:
        session.execute(statement)


def not_met(checked: Checked) -> set[str]:
    return {each.rule for each in checked.findings if each.verdict == "not_met"}


def test_a_complete_order_is_ready_without_papers_and_the_check_stays_with_it(held: Database) -> None:
    made = settle(held)
    assert (made.verdict, made.missing) == (
        "seamless",
        ("order_form", "invoice", "bank_receipt", "result_proof"),
    )
    assert line_state(held) == "ready"
    assert settle(held, after=timedelta(hours=1)) == made, "what says the same is not kept twice"
    with held.read() as session:
        assert redeeming.newest(session, BOOKING) == made


def test_a_check_is_never_changed(held: Database) -> None:
    settle(held)
    for verb in ("UPDATE settlement_check SET verdict = 'own'", "DELETE FROM settlement_check"):
        with pytest.raises(DatabaseError, match=r"append|change"), held.write() as session:
            session.execute(text(verb))


def test_the_line_follows_what_happens_and_every_change_of_mind_is_kept(held: Database) -> None:
    change(held, delete(Told).where(Told.name == "rating"))
    assert not_met(settle(held)) == {"rated"}
    assert line_state(held) == "rated"
    with held.write() as session:
        redeeming.tell(session, BOOKING, "rating", "4", at=NOW)
    assert settle(held).verdict == "seamless"
    assert line_state(held) == "ready"
    change(held, update(Usage).values(state="disputed"))
    assert not_met(settle(held)) == {"usage_confirmed", "no_dispute"}
    assert line_state(held) == "rated", "a dispute freezes the line again"
    change(held, update(Usage).values(state="rated"))
    assert settle(held).number == 4
    with held.read() as session:
        verdicts = session.scalars(select(Check.verdict).order_by(Check.number)).all()
    assert verdicts == ["waiting", "seamless", "waiting", "seamless"]


def test_a_line_that_a_period_has_taken_stays_there(held: Database) -> None:
    settle(held)
    change(held, update(RatedLine).values(state="batched"))
    change(held, update(Usage).values(state="disputed"))
    assert settle(held).verdict == "waiting"
    assert line_state(held) == "batched"


def test_a_dispute_freezes_its_own_line_only(held: Database) -> None:
    with held.write() as session:
        more = {"id": "us-late", "kind": "no_show", "state": "disputed"}
        world.put_usage(session, BOOKING, **more)
        told = {"programme_id": None, "programme_version": None, "payer_area": None}
        shares = {"voucher_fen": 0, "own_fen": 1_000, "fee_fen": 1_000}
        world.put_line(session, BOOKING, usage_id="us-late", **told, **shares)
        session.execute(text("UPDATE settlement_payment SET owed_fen=31000, paid_fen=31000, fee_fen=61000"))
        session.execute(update(Invoice).values(gross_fen=31_000, net_fen=31_000))
    settle(held)
    with held.read() as session:
        states = dict(session.execute(select(RatedLine.usage_id, RatedLine.state)).all())  # type: ignore[arg-type]
    assert states == {f"us-{BOOKING}": "ready", "us-late": "rated"}


def test_a_tie_that_is_registered_later_stops_the_order(held: Database) -> None:
    settle(held)
    pair = sorted((ORDER.credit_code or "", ORDER.owner_credit_code or ""))
    with held.write() as session:
        from hub.settlement.models.redeeming import Tie

        session.add(
            Tie(one=pair[0], other=pair[1], kind="affiliation", source="登记", valid_from=date(2026, 1, 1),
                made_by="x", made_at=NOW)
        )  # fmt: skip
    assert not_met(settle(held)) == {"not_related"}
    assert line_state(held) == "rated"


def test_what_is_declared_later_opens_the_way(database: Database) -> None:
    world.furnish_order(database, is_related=None)
    assert not_met(settle(database)) == {"not_related"}
    with database.write() as session:
        declaring.declare(
            session, BOOKING, is_related=False, relation=None, exclusions=(), actor="account:li", now=NOW
        )
    assert settle(database).verdict == "seamless"


def test_an_order_without_a_voucher_waits_for_its_own_share_only(database: Database) -> None:
    with database.write() as session:
        world.put_usage(session, "bk-2", source="staff")
        bare = {"programme_id": None, "programme_version": None, "payer_area": None, "voucher_fen": 0}
        world.put_line(session, "bk-2", **bare, own_fen=60_000)
        paid = world.put_payment(
            session, "bk-2", voucher_fen=0, owed_fen=60_000, paid_fen=59_999, state="due"
        )
    assert settle(database, "bk-2").verdict == "waiting"
    with database.write() as session:
        session.merge(paid).paid_fen = 60_000
    assert settle(database, "bk-2").verdict == "own"
    assert line_state(database, "bk-2") == "ready"


def test_an_order_that_nobody_rated_yet_waits(database: Database) -> None:
    assert settle(database, "bk-9").verdict == "waiting"


def test_an_older_word_changes_nothing(held: Database) -> None:
    with held.write() as session:
        redeeming.tell(session, BOOKING, "dispute", "closed", at=NOW)
        redeeming.tell(session, BOOKING, "dispute", "open", at=NOW - timedelta(hours=1))
    assert settle(held).verdict == "seamless"


# --- papers --------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_hand(database: Database) -> Database:
    """An order that was entered at the counter."""
    world.furnish_order(database)
    with database.write() as session:
        redeeming.tell(session, BOOKING, "booked", "counter", at=NOW + timedelta(seconds=1))
    return database


def hand_in(
    database: Database, kind: str = "order_form", file: tuple[str, bytes] = PDF, who: Any = LI
) -> int:
    with database.write() as session:
        return redeeming.hand_in(session, who, BOOKING, kind, file, now=NOW)


def decide(database: Database, number: int, who: Any = BUREAU, **said: Any) -> None:
    with database.write() as session:
        redeeming.decide_paper(session, who, number, now=NOW, **{"is_agreed": True, **said})


def test_all_papers_agreed_make_the_line_ready(by_hand: Database) -> None:
    assert settle(by_hand).verdict == "waiting"
    for kind in ("order_form", "invoice", "bank_receipt", "result_proof"):
        assert line_state(by_hand) == "rated"
        who = INSTITUTION if kind == "invoice" else LI
        decide(by_hand, hand_in(by_hand, kind, who=who))
    assert line_state(by_hand) == "ready"
    with by_hand.read() as session:
        made = redeeming.newest(session, BOOKING)
    assert made is not None
    assert (made.verdict, made.missing) == ("papers", ())


def test_a_refused_paper_names_its_reason_and_another_takes_its_place(by_hand: Database) -> None:
    number = hand_in(by_hand)
    with pytest.raises(ReasonMissing):
        decide(by_hand, number, is_agreed=False)
    decide(by_hand, number, is_agreed=False, reason="缺盖章")
    with pytest.raises(PaperDecided):
        decide(by_hand, number)
    again = hand_in(by_hand, file=("b.pdf", b"%PDF-1.7 other"))
    assert again != number
    assert hand_in(by_hand, file=("b.pdf", b"%PDF-1.7 other")) == again, "the same file is the same paper"
    newer = hand_in(by_hand, file=("c.png", b"\x89PNG\r\n\x1a\n"))
    with by_hand.read() as session:
        states = dict(session.execute(select(Paper.id, Paper.state)).all())  # type: ignore[arg-type]
    assert states == {number: "refused", again: "replaced", newer: "waiting"}


@pytest.mark.parametrize(
    ("kind", "file", "field"),
    [
        ("contract", PDF, "kind"),
        ("invoice", ("a.pdf", b""), "file"),
        ("invoice", ("a.pdf", b"MZ"), "file"),
        ("invoice", ("", PDF[1]), "file"),
        ("invoice", ("a.pdf", b"%PDF-" + b"x" * redeeming.MOST_BYTES), "file"),
    ],
    ids=["not asked for", "empty", "no document", "no name", "too large"],
)
def test_a_paper_that_cannot_be_taken_is_refused_by_its_field(
    by_hand: Database, kind: str, file: tuple[str, bytes], field: str
) -> None:
    with pytest.raises(PaperInvalid) as refused:
        hand_in(by_hand, kind, file)
    assert refused.value.field == field


def test_papers_are_for_the_two_sides_and_whoever_pays(by_hand: Database) -> None:
    number = hand_in(by_hand)
    for who in (STRANGER, ELSEWHERE):
        with pytest.raises((NotAllowed, OtherParty)):
            hand_in(by_hand, who=who)
        with pytest.raises((NotAllowed, OtherParty)), by_hand.write() as session:
            redeeming.decide_paper(session, who, number, is_agreed=True, now=NOW)
    for who in (LI, INSTITUTION):
        with pytest.raises((NotAllowed, OtherParty)):
            decide(by_hand, number, who)
    with by_hand.write() as session:
        assert redeeming.read_paper(session, BUREAU, BOOKING, number, now=NOW).content == PDF[1]
    with pytest.raises(OrderUnknown), by_hand.write() as session:
        redeeming.hand_in(session, LI, "bk-none", "invoice", PDF, now=NOW)


# --- the clock -----------------------------------------------------------------------------------------------------


def test_the_clock_looks_at_waiting_lines_again(held: Database, tmp_path: Any) -> None:
    clock = VirtualClock(NOW)
    runtime = Runtime(home=tmp_path, database=held, clock=clock)
    change(held, delete(Told).where(Told.name == "rating"))
    assert redeeming.recheck(runtime) == 1
    assert line_state(held) == "rated"
    clock.advance(60)
    change(held, update(Usage).values(source="sensor"))
    with held.write() as session:
        redeeming.tell(session, BOOKING, "rating", "5", at=clock())
    redeeming.recheck(runtime)
    assert line_state(held) == "ready", "news are looked at in the next round"
    change(held, update(Usage).values(state="disputed"))
    clock.advance(60)
    redeeming.recheck(runtime)
    assert line_state(held) == "ready", "what nobody told is looked at within the hour"
    clock.advance(3600)
    redeeming.recheck(runtime)
    assert line_state(held) == "rated"


@pytest.mark.parametrize("agreed", [(), (LI,), (INSTITUTION,)])
def test_an_order_form_that_a_side_has_not_agreed_to_needs_papers(
    database: Database, agreed: tuple[Principal, ...]
) -> None:
    world.furnish_order(database, agreed=agreed)
    found = settle(database)
    assert found.verdict == "waiting"
    assert [each.rule for each in found.findings if each.verdict == "not_met"] == ["form_agreed"]
    with database.write() as session:
        world.agree(session, BOOKING, world.BOTH)
    assert settle(database).verdict == "seamless"
