"""The holds of orders, in the transaction of whoever books: money is kept at submit, and resolved once when the order ends.

A hold is captured (at most what is held; the rest goes back) or released. Asking again gives the first result. What a grant
holds for an order may be captured after the grant's validity is over: it was kept in time.

Locks are taken in one order (hold, the cap's row, the grants' accounts), and all of them belong to one holder: what many
orders share is only touched by the capture, last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, Table, bindparam, select, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from hub.core import db
from hub.core.together import Beside, Build, Together, Write
from hub.settlement import ledger, queries, rules, wire
from hub.settlement.errors import CaptureTooLarge, HoldUnknown, ShareLower
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Allowance, Hold, HoldPart, OrderRow
from hub.settlement.queries.wallets import held_account, voucher_account
from hub.settlement.rules import Decisions, Order, Programme, Standing
from hub.settlement.service import declaring

_ACCOUNT: Table = AccountRow.__table__  # type: ignore[assignment]
_ALLOWANCE: Table = Allowance.__table__  # type: ignore[assignment]
_HOLD: Table = Hold.__table__  # type: ignore[assignment]
_ORDER: Table = OrderRow.__table__  # type: ignore[assignment]
_PART: Table = HoldPart.__table__  # type: ignore[assignment]

_CAP = (
    _ALLOWANCE.c.programme_id == bindparam("v_programme"),
    _ALLOWANCE.c.holder == bindparam("v_holder"),
    _ALLOWANCE.c.year == bindparam("v_year"),
)
_COUNT = _ALLOWANCE.update().where(*_CAP).values(used_fen=_ALLOWANCE.c.used_fen + bindparam("v_taken_fen"))
"""Count towards the year's cap (negative: back)."""

_LIVE = (
    select(_HOLD, _PART.c.grant_id, _PART.c.fen.label("part_fen"))
    .join(_PART, _PART.c.hold_id == _HOLD.c.id)
    .where(_HOLD.c.reference == bindparam("v_reference"), _HOLD.c.state == "held")
    .order_by(_PART.c.line)
    .with_for_update(of=_HOLD)
)


@cache
def _locking(accounts: int) -> Select[Any]:
    """The cap's row and then so many accounts of one holder, which are locked; nothing where one of them is missing."""
    names: list[Any] = [bindparam(f"v_account_{place}") for place in range(accounts)]
    both = _ALLOWANCE.join(_ACCOUNT, true())
    mine = select(_ALLOWANCE.c.used_fen, _ACCOUNT.c.id, _ACCOUNT.c.balance_fen).select_from(both)
    mine = mine.where(*_CAP, _ACCOUNT.c.id.in_(names)).order_by(_ACCOUNT.c.id)
    return mine.with_for_update(key_share=True, of=[_ALLOWANCE, _ACCOUNT])


def _keep_order(insert: Callable[[Any], postgresql.Insert]) -> postgresql.Insert:
    facts = ("fee_fen", "voucher_fen", "own_fen", "facts", "decisions", "decided_at")
    kept = insert(_ORDER).values({name: bindparam(f"v_order_{name}") for name in ("reference", *facts)})
    return kept.on_conflict_do_update(
        index_elements=["reference"], set_={name: kept.excluded[name] for name in facts}
    )


_KEEP_ORDER = Together(lambda insert: [_keep_order(insert)])


@cache
def _keeping(parts: int) -> Build:
    """The decision for an order, and a hold of so many parts."""

    def build(insert: Callable[[Any], postgresql.Insert]) -> list[Write]:
        names = ("id", "reference", "number", "programme_id", "version", "holder", "year", "fen", "captured_fen",
                 "state", "held_at")  # fmt: skip
        held = insert(_HOLD).values({name: bindparam(f"v_hold_{name}") for name in names})
        lines = [
            {
                "hold_id": bindparam("v_hold_id"),
                "line": place + 1,
                "grant_id": bindparam(f"v_grant_{place}"),
                "fen": bindparam(f"v_part_{place}"),
            }
            for place in range(parts)
        ]
        return [_keep_order(insert), held, insert(_PART).values(lines), _COUNT]

    return build


def _ending(_: Callable[[Any], postgresql.Insert]) -> list[Write]:
    names = {"state": "v_ended", "captured_fen": "v_used_fen", "resolved_at": "v_ended_at"}
    ended = _HOLD.update().where(_HOLD.c.id == bindparam("v_hold"))
    return [ended.values({name: bindparam(given) for name, given in names.items()}), _COUNT]


class _Live(NamedTuple):
    """A hold that has not ended, locked; `parts` are what its grants give, in the order of use."""

    id: str
    programme_id: str
    version: int
    holder: str
    year: int
    fen: int
    parts: list[tuple[str, int]]


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
    seen = queries.see(session, order)
    held = _live(session, order.reference) if seen.is_held else None
    if held is not None:
        row = _order_row(session, order.reference)
        same = (row.fee_fen, row.facts["service_mode"]) == (order.fee_fen, order.service_mode)
        if same and chosen in {None, held.programme_id}:
            return wire.read_decisions(row.decisions)
        _let_go(session, held, now=now)
    told = declaring.with_ties(order, seen.programmes, seen.ties)
    declaring.check_declared(order, told)
    standings, parts = _locked(session, seen, told)
    made = rules.decide_both(seen.programmes, told, standings, chosen=chosen)
    values = _decided(told, made, now=now)
    if made.voucher is None:
        _KEEP_ORDER.run(session, values)
        return made
    programme = next(each for each in seen.programmes if each.id == made.voucher.programme_id)
    taken = _taken(parts[programme.id], made.voucher.fen)
    _take(session, programme, told, taken, number=seen.holds + 1, decided=values, now=now)
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
    held = _live(session, reference)
    if held is None:
        return _resolved(session, reference)
    return _let_go(session, held, now=now)


def capture(session: Session, reference: str, fen: int, *, now: datetime) -> Resolution:
    """The service was used: `fen` of the hold (at most all of it) is captured, the rest goes back; 0 lets all of it go.

    Safe to repeat: a second capture, of whatever amount, changes nothing and gives the first result. Raises
    `CaptureTooLarge`, `HoldUnknown`.
    """
    held = _live(session, reference)
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
    for grant_id, part_fen in held.parts:
        used = min(left, part_fen)
        left -= used
        if used:
            transfers.append(Transfer(held_account(grant_id), target, used))
        if part_fen > used:
            transfers.append(Transfer(held_account(grant_id), voucher_account(grant_id), part_fen - used))
    end = _ended(held, "captured", fen, now=now)
    ledger.post(session, f"capture:{held.id}", "capture", transfers, now=now, beside=end)
    return Resolution("captured", held.fen, fen, is_repeat=False)


def capture_used(session: Session, reference: str, fee_fen: int, *, now: datetime) -> Resolution | None:
    """The order was used and comes to `fee_fen`: capture what the programme's version of the order pays for that fee.

    Never more than was held; what the fee has grown is the user's own share. Safe to repeat; None without any hold.
    """
    held = _live(session, reference)
    if held is None:
        return _resolved(session, reference)
    row = _order_row(session, reference)
    programme = queries.find_programme(session, held.programme_id, held.version)
    assert programme is not None, "versions are never taken away"
    order = replace(wire.read_order(row.facts), fee_fen=fee_fen)
    share = rules.decide(programme, order, Standing(available_fen=held.fen)).fen
    row.fee_fen, row.voucher_fen, row.own_fen = fee_fen, share, fee_fen - share
    return capture(session, reference, share, now=now)


def _live(session: Session, reference: str) -> _Live | None:
    """The order's live hold, nobody else resolving it before this transaction ends."""
    session.flush()
    rows = session.connection().execute(_LIVE, {"v_reference": reference}).all()
    if not rows:
        return None
    held = rows[0]
    parts = [(row.grant_id, row.part_fen) for row in rows]
    return _Live(held.id, held.programme_id, held.version, held.holder, held.year, held.fen, parts)


def _order_row(session: Session, reference: str) -> OrderRow:
    return session.get_one(OrderRow, reference, populate_existing=True)


def _resolved(session: Session, reference: str) -> Resolution | None:
    mine = select(Hold).where(Hold.reference == reference).order_by(Hold.number.desc()).limit(1)
    last = session.scalar(mine.execution_options(populate_existing=True))
    if last is None:
        return None
    state: Literal["captured", "released"] = "captured" if last.state == "captured" else "released"
    return Resolution(state, last.fen, last.captured_fen, is_repeat=True)


def _locked(
    session: Session, seen: queries.Seen, order: Order
) -> tuple[dict[str, Standing], dict[str, list[tuple[str, int]]]]:
    """How the holder stands with each voucher programme, and what each grant of it still has, in the order of use.

    Whatever the holder has grants of is locked, in the order of names: what is decided now still holds when it is written.
    """
    vouchers = {each.id: each for each in seen.programmes if each.kind == "voucher"}
    grants: dict[str, list[str]] = {}
    for grant_id, programme_id in seen.grants:
        if programme_id in vouchers:
            grants.setdefault(programme_id, []).append(grant_id)
    standings = {name: Standing(0, 0) for name in vouchers}
    parts = {}
    for name, mine in sorted(grants.items()):
        used, balances = _lock(session, vouchers[name], order, [voucher_account(each) for each in mine])
        parts[name] = [(each, balances[voucher_account(each)]) for each in mine]
        standings[name] = Standing(sum(fen for _, fen in parts[name]), used)
    return standings, parts


def _lock(
    session: Session, programme: Programme, order: Order, accounts: Sequence[Account]
) -> tuple[int, dict[Account, int]]:
    """What the holder has taken within the year of the cap, and what accounts hold: this transaction's until it ends."""
    year = rules.cap_year(programme, order)
    cap = {"v_programme": programme.id, "v_holder": order.holder, "v_year": year}
    named = {f"v_account_{place}": each.id for place, each in enumerate(accounts)}
    rows = session.connection().execute(_locking(len(accounts)), {**cap, **named}).all()
    if len(rows) == len(accounts):
        balances = {row.id: row.balance_fen for row in rows}
        return rows[0].used_fen, {each: balances[each.id] for each in accounts}
    # The holder's first order of the year, or a grant of nothing.
    used = _lock_allowance(session, programme.id, order.holder, year)
    return used, ledger.balances(session, accounts, is_locked=True)


def _lock_allowance(session: Session, programme_id: str, holder: str, year: int) -> int:
    """What was taken within the year; the row is this transaction's until it ends."""
    added = db.insert(session, Allowance).values(
        programme_id=programme_id, holder=holder, year=year, used_fen=0
    )
    mine = added.on_conflict_do_update(
        index_elements=["programme_id", "holder", "year"], set_={"used_fen": Allowance.used_fen}
    )
    used: int | None = session.scalar(mine.returning(Allowance.used_fen))
    assert used is not None, "it was there, or is now"
    return used


def _decided(order: Order, made: Decisions, *, now: datetime) -> dict[str, Any]:
    """What is kept of the decision."""
    return {
        "v_order_reference": order.reference,
        "v_order_fee_fen": made.fee_fen,
        "v_order_voucher_fen": made.voucher_fen,
        "v_order_own_fen": made.own_fen,
        "v_order_facts": wire.order_document(order),
        "v_order_decisions": wire.decisions_document(made),
        "v_order_decided_at": now,
    }


def _take(
    session: Session,
    programme: Programme,
    order: Order,
    taken: Sequence[tuple[str, int]],
    *,
    number: int,
    decided: dict[str, Any],
    now: datetime,
) -> None:
    """Keep the decision and hold the voucher's share: `taken` of each grant."""
    held, year, fen = (
        f"{order.reference}.{number}",
        rules.cap_year(programme, order),
        sum(each for _, each in taken),
    )
    values = decided | {
        "v_hold_id": held,
        "v_hold_reference": order.reference,
        "v_hold_number": number,
        "v_hold_programme_id": programme.id,
        "v_hold_version": programme.version,
        "v_hold_holder": order.holder,
        "v_hold_year": year,
        "v_hold_fen": fen,
        "v_hold_captured_fen": 0,
        "v_hold_state": "held",
        "v_hold_held_at": now,
        "v_programme": programme.id,
        "v_holder": order.holder,
        "v_year": year,
        "v_taken_fen": fen,
    }
    for place, (grant_id, part) in enumerate(taken):
        values |= {f"v_grant_{place}": grant_id, f"v_part_{place}": part}
    transfers = [Transfer(voucher_account(each), held_account(each), part) for each, part in taken]
    kept = Beside(_keeping(len(taken)), values)
    ledger.post(session, f"hold:{held}", "hold", transfers, now=now, beside=kept)


def _taken(parts: Iterable[tuple[str, int]], fen: int) -> list[tuple[str, int]]:
    """`fen` out of what grants still have: as much as there is of the first, the rest of the next."""
    taken = []
    for grant_id, available in parts:
        part = min(fen, available)
        if part:
            taken.append((grant_id, part))
        fen -= part
    return taken


def _let_go(session: Session, held: _Live, *, now: datetime) -> Resolution:
    transfers = [Transfer(held_account(each), voucher_account(each), fen) for each, fen in held.parts]
    end = _ended(held, "released", 0, now=now)
    ledger.post(session, f"release:{held.id}", "release", transfers, now=now, beside=end)
    return Resolution("released", held.fen, 0, is_repeat=False)


def _ended(held: _Live, state: Literal["captured", "released"], fen: int, *, now: datetime) -> Beside:
    """The hold is over, `fen` of it was used; the rest no longer counts towards the cap."""
    ended = {"v_hold": held.id, "v_ended": state, "v_used_fen": fen, "v_ended_at": now}
    cap = {"v_programme": held.programme_id, "v_holder": held.holder, "v_year": held.year}
    return Beside(_ending, {**ended, **cap, "v_taken_fen": fen - held.fen})
