"""One order's whole way, with nothing taken for granted between its parts: booked with a voucher, used, confirmed, paid,
rated, redeemable, in a period that both provinces agree to, on a payment list, redeemed, sealed, and checked offline.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.contract import UsageFacts
from hub import verify
from hub.bookings.service import moving, ratings, usages
from hub.core import sequencer
from hub.identity.models import Party
from hub.identity.rules import Principal
from hub.identity.service import enterprises
from hub.settlement import ledger
from hub.settlement.channels import BankTransfer
from hub.settlement.errors.payments import FormUnconfirmed
from hub.settlement.ledger import Account, clearing
from hub.settlement.models import RatedLine
from hub.settlement.queries import paying
from hub.settlement.queries import periods as queries
from hub.settlement.service import bundles, invoices, order_forms, payments, periods, redeeming
from hub.settlement.service.invoices import Entry
from hub.settlement.service.payments import showing
from hub.settlement.service.periods import Acting, Proof
from tests.hub.bookings.test_saga import hear
from tests.hub.bookings.world import LI, PARTY, World, institution_id

pytestmark = pytest.mark.database

VISITED, HOME = "310000", "330000"
USER = Principal("account", "account:li", "李工", "enterprise_manager", None, "p-li", PARTY.id)
OWNER = Principal(
    "account", "account:owner", "王老师", "institution_manager", None, "p-owner", institution_id(VISITED)
)
OFFICE_THERE = Acting("person:p-there", "visited_finance")
OFFICE_HERE = Acting("person:p-here", "home_finance")


@dataclass
class Told:
    """What stands between the parts: the world and the order."""

    world: World
    booking: str


@pytest.fixture
def told(world: World) -> Told:
    """An order with a voucher that 上海 has served and told the hub of, and 嘉兴's enterprise has completed."""
    now = world.clock()
    with world.database.write() as session:
        session.add(
            Party(
                id=PARTY.id, kind="enterprise", name=PARTY.name, credit_code=PARTY.credit_code, created_at=now
            )
        )
        session.flush()
        home = enterprises.Verified(PARTY.area, "某路 1 号", "register_document", "system:test")
        enterprises.set_home(session, PARTY.id, home, now=now)
    world.put_voucher(100_000)
    slot = world.slot()
    booking = world.submit(VISITED, slot, declaration={"is_related": False})
    world.forward()
    shanghai = world.provinces[VISITED]
    hear(world, VISITED, shanghai.decide(booking, "accepted"))
    world.clock.now = slot.start
    hear(world, VISITED, shanghai.decide(booking, "in_service"))
    world.clock.advance(7200)
    used = UsageFacts(slot.start, world.clock(), hours=2.0)
    hear(world, VISITED, replace(shanghai.decide(booking, "done"), usage=used))
    world.command(booking, "complete", LI)
    return Told(world, booking)


def line(told: Told) -> RatedLine:
    """The order's line in its newest version."""
    with told.world.database.read() as session:
        mine = select(RatedLine).where(RatedLine.reference == told.booking).order_by(RatedLine.usage_version)
        return session.scalars(mine).all()[-1]


def pay_own_share(told: Told) -> None:
    world = told.world
    payment = payments.payment_id_of(told.booking)
    runtime = replace(world.runtime, payment_channels={"bank_transfer": BankTransfer()})
    with world.database.read() as session:
        form = order_forms.current(session, told.booking)
    assert form is not None
    with pytest.raises(FormUnconfirmed):
        payments.start(runtime, USER, payment, "bank_transfer")
    started = payments.start(runtime, USER, payment, "bank_transfer", form_sha256=form.document.sha256)
    with world.database.write() as session:
        showing.agree(session, OWNER, told.booking, form.document.sha256, now=world.clock())
    proof = payments.keep_proof(
        world.runtime.home / "proofs", "回单.pdf", io.BytesIO(b"%PDF-1.7\n% synthetic\n")
    )
    with world.database.write() as session:
        payments.hand_in_proof(session, USER, started.attempt_id, proof, now=world.clock())
    with world.database.write() as session:
        payments.confirm(session, OWNER, started.attempt_id, 40_000, now=world.clock())
    entry = Entry(
        "", "2" * 20, world.clock().date(), 37_736, 2_264, 40_000, PARTY.name, PARTY.credit_code or ""
    )
    with world.database.write() as session:
        invoices.enter(session, OWNER, payment, entry, now=world.clock())


def balance(told: Told, account: Account) -> int:
    with told.world.database.read() as session:
        return ledger.balance(session, account)


def make_ready(told: Told) -> None:
    """The own share paid, the service rated: redeemable without papers."""
    world = told.world
    pay_own_share(told)
    with world.database.read() as session:
        standing = payments.standing(session, told.booking)
    assert standing is not None
    assert standing.is_settled
    with world.database.write() as session:
        booking = moving.lock(session, told.booking)
        ratings.rate(session, USER, booking, 5, "很好（合成）", now=world.clock())
    with world.database.write() as session:
        found = redeeming.settle_order(session, told.booking, now=world.clock())
    assert found.verdict == "seamless", [each for each in found.findings if each.verdict == "not_met"]


def post(told: Told, voucher_fen: int) -> str:
    """The present period is cut, handed over, agreed to and posted; the batch."""
    world = told.world
    period = f"{world.clock():%Y-%m}"
    with world.database.write() as session:
        periods.keep_calendar(session, period, 2, now=world.clock())
        cutoff = next(each.cutoff_at for each in queries.calendar(session) if each.id == period)
    world.clock.now = cutoff + timedelta(hours=1)
    batch = f"{period}.{VISITED}-{HOME}"
    for act in (
        lambda session: periods.close_period(session, period, now=world.clock()),
        lambda session: periods.calculate_batch(session, batch, now=world.clock()),
        lambda session: periods.submit_batch(session, batch, OFFICE_THERE, now=world.clock()),
    ):
        with world.database.write() as session:
            act(session)
    with world.database.write() as session:
        shown = queries.find_batch(session, batch)
        assert shown is not None
        assert (shown.lines, shown.voucher_fen) == (1, voucher_fen)
        periods.agree_batch(session, batch, OFFICE_HERE, sha256=shown.sha256 or "", now=world.clock())
    with world.database.write() as session:
        periods.post_batch(session, batch, now=world.clock())
    assert balance(told, clearing(VISITED, HOME)) == voucher_fen
    return batch


def pay_list(told: Told, batch: str, fen: int) -> None:
    """嘉兴 pays its one line, 上海 seals."""
    world = told.world
    with world.database.read() as session:
        listed = next(each for each in paying.payment_lists(session, batch_id=batch))
        due = next(each for each in paying.payment_lines(session, listed.id) if each.state == "due")
    assert (due.fen, due.payee_id) == (fen, institution_id(VISITED))
    with world.database.write() as session:
        proof = Proof(world.clock().date(), "HUI-1", fen, "0" * 64)
        payer = Acting("person:p-payer", "home_finance")
        periods.record_payment(session, due.id, payer, proof, now=world.clock())
    with world.database.write() as session:
        periods.seal_batch(session, batch, OFFICE_THERE, now=world.clock())


def check_books(told: Told) -> None:
    """Nobody owes anybody anything, and the ledger is what was chained."""
    for account in (
        clearing(VISITED, HOME),
        Account("payable", PARTY.id),
        Account("receivable", institution_id(VISITED)),
    ):
        assert balance(told, account) == 0, account
    while sequencer.number_once(told.world.database):
        pass
    with told.world.database.read() as session:
        assert ledger.verify(session).broken is None


def test_one_order_from_the_booking_to_the_seal(told: Told, tmp_path: Path) -> None:
    world = told.world
    rated = line(told)
    assert (rated.visited, rated.home, rated.payer_area) == (VISITED, HOME, "330400")
    assert (rated.fee_fen, rated.voucher_fen, rated.own_fen, rated.state) == (80_000, 40_000, 40_000, "rated")
    make_ready(told)
    assert line(told).state == "ready"
    batch = post(told, 40_000)
    pay_list(told, batch, 40_000)
    check_books(told)
    with world.database.read() as session:
        statement = queries.find_batch(session, batch).statement_id  # type: ignore[union-attr]
        names = bundles.related(session, statement or "")
    bundle = tmp_path / "bundle.zip"
    with bundle.open("wb") as file:
        bundles.make_bundle(world.runtime, names, file, list_file=queries.list_file, now=world.clock())
    report = verify.check(bundle)
    assert report.problems == [], report


def test_what_a_credit_took_back_is_corrected_and_settled_anew(told: Told) -> None:
    """The hours were wrong, and that was seen after posting: a credit, another version, the next period."""
    world = told.world
    make_ready(told)
    post(told, 40_000)
    settled = line(told)
    with world.database.write() as session:
        credit = periods.propose_credit(
            session,
            settled.id,
            OFFICE_THERE,
            reason="usage_wrong",
            text="机时多计半小时（合成）",
            now=world.clock(),
        )
    with world.database.write() as session:
        periods.issue_credit(session, credit, OFFICE_HERE, now=world.clock())
    assert balance(told, clearing(VISITED, HOME)) == 0
    usage = shown(told)
    assert (usage["state"], usage["returned"]["text"]) == ("returned", "机时多计半小时（合成）")
    give(told, OWNER, "amend", reason="returned_mended", used={"hours": 1.5})
    give(told, USER, "confirm")
    with world.database.write() as session:
        redeeming.settle_order(session, told.booking, now=world.clock())
    again = line(told)
    assert (again.usage_version, again.voucher_fen, again.state) == (2, 40_000, "ready")
    pay_list(told, post(told, 40_000), 40_000)
    check_books(told)


def shown(told: Told) -> dict[str, Any]:
    with told.world.database.read() as session:
        return usages.show(session, OWNER, line(told).usage_id, now=told.world.clock())


def give(told: Told, who: Principal, command: str, **body: Any) -> None:
    """A command on the order's usage."""
    with told.world.database.write() as session:
        usages.carry_out(
            session,
            who,
            shown(told)["id"],
            command,
            body,
            key=f"key-of-{command}-00000000",
            revision=shown(told)["revision"],
            now=told.world.clock(),
        )
