"""The holds of orders, in the transaction of whoever books: money is kept at submit, and resolved once when the order ends.

A hold is captured (at most what is held; the rest goes back) or released. Asking again gives the first result. What a grant
holds for an order may be captured after the grant's validity is over: it was kept in time.

Locks are taken in one order (hold, the cap's row, the grants' accounts), and all of them belong to one holder: what many
orders share is only touched by the capture, last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from hub.core import db
from hub.settlement import ledger, queries, rules, wire
from hub.settlement.errors import CaptureTooLarge, HoldUnknown, ShareLower
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Allowance, Hold, HoldPart, OrderRow
from hub.settlement.queries.wallets import held_account, voucher_account
from hub.settlement.rules import Decision, Decisions, Order, Programme, Standing
from hub.settlement.service import declaring

_FACTS = ("fee_fen", "voucher_fen", "own_fen", "facts", "decisions", "decided_at")
_KEEP_ORDER = db.InsertOnBoth(
    OrderRow.__table__,
    lambda made: made.on_conflict_do_update(
        index_elements=["reference"], set_={name: made.excluded[name] for name in _FACTS}
    ),
)
_HELD = (
    select(Hold)
    .where(Hold.reference == bindparam("order"), Hold.state == "held")
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a hold ended, in fen. `is_repeat`: it had ended before, and this is how."""

    state: Literal["captured", "released"]
    held_fen: int
    captured_fen: int
    is_repeat: bool


def preview(session: Session, order: Order, *, chosen: str | None = None) -> Decisions:
    """Both decisions for an order as things stand: nothing is kept, nothing locked."""
    programmes = queries.concerning(session, [order.home_area, order.owner_area], order.ordered_on)
    order = declaring.known(session, order, programmes)
    standings = queries.standings(session, order, programmes)
    return rules.decide_both(programmes, order, standings, chosen=chosen)


def hold(
    session: Session, order: Order, *, chosen: str | None = None, expected_fen: int = 0, now: datetime
) -> Decisions:
    """Decide for the order, keep the decision, and hold the voucher's share if there is one; in the caller's transaction.

    `expected_fen` is the share that the user was shown: less is refused, so that nobody pays more than they agreed to.
    Safe to repeat: with the same fee nothing changes; with another (new terms were agreed) the hold is made anew. Call it
    late in the transaction: the holder's cap and grants are locked from here on. Raises `ShareLower`, and
    `RelationContradicted` where the two sides were declared as not related and the register says otherwise.
    """
    made = _hold(session, order, chosen, now=now)
    if made.voucher_fen < expected_fen:
        raise ShareLower(expected_fen, made.voucher_fen)
    return made


def _hold(session: Session, order: Order, chosen: str | None, *, now: datetime) -> Decisions:
    held = _held(session, order.reference)
    if held is not None:
        row = _order_row(session, order.reference)
        same = (row.fee_fen, row.facts["service_mode"]) == (order.fee_fen, order.service_mode)
        if same and chosen in {None, held.programme_id}:
            return wire.read_decisions(row.decisions)
        _let_go(session, held, now=now)
    programmes = queries.concerning(session, [order.home_area, order.owner_area], order.ordered_on)
    told = declaring.known(session, order, programmes)
    declaring.check_declared(order, told)
    order = told
    standings, parts = _locked(session, programmes, order)
    made = rules.decide_both(programmes, order, standings, chosen=chosen)
    _keep_order(session, order, made, now=now)
    if made.voucher is not None:
        programme = next(each for each in programmes if each.id == made.voucher.programme_id)
        _take(session, programme, order, made.voucher, parts[programme.id], now=now)
    return made


def hold_anew(
    session: Session,
    reference: str,
    fee_fen: int | None,
    *,
    service_mode: str | None = None,
    now: datetime,
) -> Decisions | None:
    """Other terms were agreed for the order: decide again for the new fee, and mode if it changed.

    Safe to repeat. None for an order settlement never saw.
    """
    if session.get(OrderRow, reference) is None:
        return None
    order = wire.read_order(_order_row(session, reference).facts)
    return hold(
        session,
        replace(order, fee_fen=fee_fen, service_mode=service_mode or order.service_mode),
        now=now,
    )


def release(session: Session, reference: str, *, now: datetime) -> Resolution | None:
    """The order came to nothing: what is held goes back. Safe to repeat; None for an order that never held anything."""
    held = _held(session, reference)
    if held is None:
        return _resolved(session, reference)
    return _let_go(session, held, now=now)


def capture(session: Session, reference: str, fen: int, *, now: datetime) -> Resolution:
    """The service was used: `fen` of the hold (at most all of it) is captured, the rest goes back; 0 lets all of it go.

    Safe to repeat: a second capture, of whatever amount, changes nothing and gives the first result. Raises
    `CaptureTooLarge`, `HoldUnknown`.
    """
    held = _held(session, reference)
    if held is None:
        ended = _resolved(session, reference)
        if ended is None:
            raise HoldUnknown(reference)
        return ended
    if not 0 <= fen <= held.fen:
        raise CaptureTooLarge(fen, held.fen)
    if fen == 0:
        return _let_go(session, held, now=now)
    target = Account("captured", held.programme_id)
    transfers = []
    left = fen
    for part in _parts(session, held):
        used = min(left, part.fen)
        left -= used
        if used:
            transfers.append(Transfer(held_account(part.grant_id), target, used))
        if part.fen > used:
            transfers.append(
                Transfer(held_account(part.grant_id), voucher_account(part.grant_id), part.fen - used)
            )
    held.state, held.captured_fen, held.resolved_at = "captured", fen, now
    session.flush()
    _give_back(session, held, held.fen - fen)
    ledger.post(session, f"capture:{held.id}", "capture", transfers, now=now)
    return Resolution("captured", held.fen, fen, is_repeat=False)


def capture_used(session: Session, reference: str, fee_fen: int, *, now: datetime) -> Resolution | None:
    """The order was used and comes to `fee_fen`: capture what the programme's version of the order pays for that fee.

    Never more than was held; what the fee has grown is the user's own share. Safe to repeat; None without any hold.
    """
    held = _held(session, reference)
    if held is None:
        return _resolved(session, reference)
    row = _order_row(session, reference)
    programme = queries.find_programme(session, held.programme_id, held.version)
    assert programme is not None, "versions are never taken away"
    order = replace(wire.read_order(row.facts), fee_fen=fee_fen)
    share = rules.decide(programme, order, Standing(available_fen=held.fen)).fen
    row.fee_fen, row.voucher_fen, row.own_fen = fee_fen, share, fee_fen - share
    return capture(session, reference, share, now=now)


def _held(session: Session, reference: str) -> Hold | None:
    """The order's live hold, nobody else resolving it before this transaction ends."""
    return session.scalar(_HELD, {"order": reference})


def _order_row(session: Session, reference: str) -> OrderRow:
    return session.get_one(OrderRow, reference, populate_existing=True)


def _resolved(session: Session, reference: str) -> Resolution | None:
    mine = select(Hold).where(Hold.reference == reference).order_by(Hold.number.desc()).limit(1)
    last = session.scalar(mine.execution_options(populate_existing=True))
    if last is None:
        return None
    state: Literal["captured", "released"] = "captured" if last.state == "captured" else "released"
    return Resolution(state, last.fen, last.captured_fen, is_repeat=True)


def _parts(session: Session, held: Hold) -> Sequence[HoldPart]:
    return session.scalars(select(HoldPart).where(HoldPart.hold_id == held.id).order_by(HoldPart.line)).all()


def _locked(
    session: Session, programmes: Sequence[Programme], order: Order
) -> tuple[dict[str, Standing], dict[str, list[tuple[str, int]]]]:
    """How the holder stands with each voucher programme, and what each grant of it still has, in the order of use.

    Whatever the holder has grants of is locked, in the order of names: what is decided now still holds when it is written.
    """
    vouchers = {each.id: each for each in programmes if each.kind == "voucher"}
    grants = queries.usable_grants(session, order.holder, vouchers, order.ordered_on) if vouchers else []
    parts: dict[str, list[tuple[str, int]]] = {each.programme_id: [] for each in grants}
    used = {name: _lock_allowance(session, vouchers[name], order) for name in sorted(parts)}
    accounts = [voucher_account(each.id) for each in grants]
    balances = ledger.balances(session, accounts, is_locked=True) if accounts else {}
    for each in grants:
        parts[each.programme_id].append((each.id, balances[voucher_account(each.id)]))
    standings = {
        name: Standing(sum(fen for _, fen in parts.get(name, ())), used.get(name, 0)) for name in vouchers
    }
    return standings, parts


def _lock_allowance(session: Session, programme: Programme, order: Order) -> int:
    """What the holder has taken within the year of the cap; the row is this transaction's until it ends."""
    added = db.insert(session, Allowance).values(
        programme_id=programme.id,
        holder=order.holder,
        year=rules.cap_year(programme, order),
        used_fen=0,
    )
    mine = added.on_conflict_do_update(
        index_elements=["programme_id", "holder", "year"], set_={"used_fen": Allowance.used_fen}
    )
    used: int | None = session.scalar(mine.returning(Allowance.used_fen))
    assert used is not None, "it was there, or is now"
    return used


def _take(
    session: Session,
    programme: Programme,
    order: Order,
    voucher: Decision,
    parts: list[tuple[str, int]],
    *,
    now: datetime,
) -> None:
    """Hold the voucher's share out of the grants, in their order."""
    number = session.scalar(select(func.count()).where(Hold.reference == order.reference)) or 0
    held = Hold(
        id=f"{order.reference}.{number + 1}",
        reference=order.reference,
        number=number + 1,
        programme_id=programme.id,
        version=programme.version,
        holder=order.holder,
        year=rules.cap_year(programme, order),
        fen=voucher.fen,
        captured_fen=0,
        state="held",
        held_at=now,
    )
    session.add(held)
    session.flush()
    transfers = []
    left = voucher.fen
    for grant_id, available in parts:
        fen = min(left, available)
        if fen == 0:
            continue
        left -= fen
        transfers.append(Transfer(voucher_account(grant_id), held_account(grant_id), fen))
        session.add(HoldPart(hold_id=held.id, line=len(transfers), grant_id=grant_id, fen=fen))
    session.flush()
    _count(session, held, voucher.fen)
    ledger.post(session, f"hold:{held.id}", "hold", transfers, now=now)


def _let_go(session: Session, held: Hold, *, now: datetime) -> Resolution:
    transfers = [
        Transfer(held_account(part.grant_id), voucher_account(part.grant_id), part.fen)
        for part in _parts(session, held)
    ]
    held.state, held.resolved_at = "released", now
    session.flush()
    _give_back(session, held, held.fen)
    ledger.post(session, f"release:{held.id}", "release", transfers, now=now)
    return Resolution("released", held.fen, 0, is_repeat=False)


def _give_back(session: Session, held: Hold, fen: int) -> None:
    if fen:
        _count(session, held, -fen)


def _count(session: Session, held: Hold, fen: int) -> None:
    """Count towards the year's cap (negative: back)."""
    session.execute(
        update(Allowance)
        .where(
            Allowance.programme_id == held.programme_id,
            Allowance.holder == held.holder,
            Allowance.year == held.year,
        )
        .values(used_fen=Allowance.used_fen + fen)
        .execution_options(synchronize_session=False)
    )


def _keep_order(session: Session, order: Order, made: Decisions, *, now: datetime) -> None:
    values: dict[str, Any] = {
        "fee_fen": made.fee_fen,
        "voucher_fen": made.voucher_fen,
        "own_fen": made.own_fen,
        "facts": wire.order_document(order),
        "decisions": wire.decisions_document(made),
        "decided_at": now,
    }
    session.execute(_KEEP_ORDER.on(session), {"reference": order.reference, **values})
