"""What must hold of the money after any history: one live line for what was used, shares that make the fee, one truth about
what was paid, nothing held for what is over. Read from committed rows and from the payment provider's own book.
"""

from collections import Counter, defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.ledger import Account
from hub.settlement.models import Attempt, Hold, Payment, RatedLine, Refund, Usage, UsageDispute
from hub.settlement.service import payments
from tests.hub.bookings.simulation.money import MoneyPlay
from tests.hub.bookings.world import PARTY, WAYS, institution_id

DEAD = {"returned", "withdrawn"}


def broken_money(play: MoneyPlay) -> list[str]:
    """Every law about the money of this history's bookings that is broken, in words."""
    with play.world.database.read() as session:
        bookings = {row.id: row for row in session.scalars(select(Booking))}
        usages = session.scalars(select(Usage).where(Usage.reference.in_(bookings))).all()
        lines: dict[str, list[RatedLine]] = defaultdict(list)
        for line in session.scalars(select(RatedLine).where(RatedLine.reference.in_(bookings))):
            lines[line.usage_id].append(line)
        holds = {
            row.reference: row for row in session.scalars(select(Hold).where(Hold.reference.in_(bookings)))
        }
        owed = session.scalars(select(Payment).where(Payment.reference.in_(bookings))).all()
        found = _of_disputes(session, usages)
        for usage in usages:
            found += _of_lines(usage, lines[usage.id], holds.get(usage.reference))
        for payment in owed:
            found += _of_payment(session, play, payment, bookings[payment.reference])
    return found


def _of_lines(usage: Usage, lines: list[RatedLine], hold: Hold | None) -> list[str]:
    """What is settled stands in exactly one live line, of its newest version; its shares make the fee."""
    live = [line for line in lines if line.state not in DEAD]
    wanted = 1 if usage.state == "rated" and usage.fee_fen else 0
    found = []
    if len(live) != wanted:
        found.append(f"{usage.reference}: usage {usage.state} of {usage.fee_fen} has {len(live)} live lines")
    if usage.state not in {"rated", "waived"}:
        found.append(f"{usage.reference}: usage is left {usage.state}")
    for line in live:
        if (line.usage_version, line.fee_fen) != (usage.version, usage.fee_fen):
            found.append(f"{usage.reference}: its line is of another version or fee")
    for line in lines:
        shown = (line.document["fee_fen"], line.document["voucher_fen"], line.document["own_fen"])
        if line.fee_fen != line.voucher_fen + line.own_fen or shown != (
            line.fee_fen, line.voucher_fen, line.own_fen
        ):  # fmt: skip
            found.append(f"{usage.reference}: shares {shown} do not make {line.fee_fen}")
    captured = 0 if hold is None else hold.captured_fen
    if usage.kind == "service" and sum(line.voucher_fen for line in live) != captured:
        found.append(f"{usage.reference}: {captured} captured, its line says otherwise")
    return found


def _of_payment(session: Session, play: MoneyPlay, payment: Payment, booking: Booking) -> list[str]:
    """What came and went is what the provider saw; nothing beyond what is owed is kept; the booking shows the same."""
    attempts = session.scalars(select(Attempt).where(Attempt.payment_id == payment.id)).all()
    refunds = session.scalars(select(Refund).where(Refund.payment_id == payment.id)).all()
    surplus = {row.id for row in attempts if row.is_surplus}
    came = sum(row.received_fen or 0 for row in attempts if row.id not in surplus)
    extra = sum(row.received_fen or 0 for row in attempts if row.id in surplus)
    gone = sum(row.fen for row in refunds if row.state == "done" and row.attempt_id not in surplus)
    back = sum(row.fen for row in refunds if row.state == "done" and row.attempt_id in surplus)
    told = (payment.paid_fen, payment.surplus_fen, payment.refunded_fen, payment.returned_fen)
    name, found = payment.reference, []
    if told != (came, extra, gone, back):
        found.append(f"{name}: the payment says {told}, its tries and refunds {(came, extra, gone, back)}")
    if any(row.state != "done" for row in refunds):
        found.append(f"{name}: money waits to go back: {[row.state for row in refunds]}")
    if came - gone > payment.owed_fen or extra != back:
        found.append(f"{name}: more is kept than the {payment.owed_fen} that are owed: {told}")
    sent = Counter({each["order"]: 0 for each in play.cashier.refunds.values()})
    for each in play.cashier.refunds.values():
        sent[each["order"]] += each["fen"]
    for row in attempts:
        order = play.cashier.orders.get(row.id)
        if row.state in {"stored", "unknown"} or (order is not None and row.state == "open"):
            found.append(f"{name}: nobody knows what became of a try: {row.state}")
        if order is not None and (row.received_fen or 0) != order["received"]:
            found.append(f"{name}: {row.received_fen} came in, the provider received {order['received']}")
        mine = sum(each.fen for each in refunds if each.attempt_id == row.id and each.state == "done")
        if order is not None and sent[row.id] != mine:
            found.append(f"{name}: {mine} went back, the provider sent {sent[row.id]}")
    standing = payments.standing(session, name)
    assert standing is not None
    is_paid = standing.outstanding_fen == 0
    if booking.charge_fen is not None and booking.payment == "due" and is_paid:
        found.append(f"{name} shows that it is due, and nothing is owed any more")
    if booking.payment == "paid" and not is_paid:
        found.append(f"{name} shows that it is paid, and {standing.outstanding_fen} are owed")
    return found


def _of_disputes(session: Session, usages: list[Usage]) -> list[str]:  # type: ignore[type-arg]
    """A usage is disputed as long as one disagreement about it is open."""
    mine = select(UsageDispute.usage_id).where(
        UsageDispute.ended_at.is_(None), UsageDispute.usage_id.in_([usage.id for usage in usages])
    )
    count = Counter(session.scalars(mine))
    return [
        f"{usage.reference}: usage {usage.state}, {count[usage.id]} disputes open"
        for usage in usages
        if count[usage.id] != (usage.state == "disputed")
    ]


def broken_accounts(database: Database) -> list[str]:
    """Over all histories of a database: what enterprises owe and institutions get follows from live lines and payments."""
    found = []
    with database.read() as session:
        live = session.execute(
            select(RatedLine.institution_id, RatedLine.fee_fen).where(RatedLine.state.not_in(DEAD))
        ).all()
        paid = session.scalars(select(Payment)).all()
        for province in WAYS:
            owner = institution_id(province)
            fees = sum(fen for held, fen in live if held == owner)
            net = sum(_net(each) for each in paid if each.institution_id == owner)
            balance = ledger.balance(session, Account("receivable", owner))
            if balance != fees - net:
                found.append(f"{owner} is to get {fees - net}, its account says {balance}")
        fees, net = sum(fen for _, fen in live), sum(_net(each) for each in paid)
        balance = ledger.balance(session, Account("payable", PARTY.id))
        if balance != net - fees:
            found.append(f"the enterprise owes {fees - net}, its account says {-balance}")
        if ledger.balance(session, Account("bank", "outside")):
            found.append("money is left between the two")
    return found


def _net(payment: Payment) -> int:
    return payment.paid_fen + payment.surplus_fen - payment.refunded_fen - payment.returned_fen
