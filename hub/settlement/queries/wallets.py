"""What holders have: grants, what is held and used of them, and what was decided for an order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from hub.settlement import ledger, rules
from hub.settlement.ledger import Account
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Allowance, Grant, Hold, OrderRow
from hub.settlement.rules import Order, Programme, Standing


@dataclass(frozen=True, slots=True)
class Wallet:
    """One grant of a holder, in fen: granted (less what went back) = left + held + used."""

    grant_id: str
    programme_id: str
    authority: str
    granted_fen: int
    left_fen: int
    held_fen: int
    valid_until: date
    state: str

    @property
    def used_fen(self) -> int:
        """What was captured."""
        return self.granted_fen - self.left_fen - self.held_fen


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """What was decided for an order and what became of its hold (`state` none, held, captured, released), in fen."""

    reference: str
    fee_fen: int | None
    voucher_fen: int
    own_fen: int | None
    state: str
    held_fen: int
    captured_fen: int
    programme_id: str | None
    decisions: Mapping[str, Any]


def voucher_account(grant_id: str) -> Account:
    """What a grant still has."""
    return Account("voucher", grant_id)


def held_account(grant_id: str) -> Account:
    """What is kept of a grant for orders."""
    return Account("held", grant_id)


def usable_grants(session: Session, holder: str, programmes: Iterable[str], day: date) -> list[Grant]:
    """The holder's grants of these programmes that are valid on that day, in the order of use."""
    return list(
        session.scalars(
            select(Grant)
            .where(
                Grant.holder == holder,
                Grant.programme_id.in_(list(programmes)),
                Grant.state == "active",
                Grant.valid_until >= day,
            )
            .order_by(Grant.rank, Grant.valid_until, Grant.id)
        )
    )


def standings(session: Session, order: Order, programmes: Iterable[Programme]) -> dict[str, Standing]:
    """How the order's holder stands with each voucher programme: by identifier. Nothing is locked."""
    vouchers = {each.id: rules.cap_year(each, order) for each in programmes if each.kind == "voucher"}
    if not vouchers:
        return {}
    grants = usable_grants(session, order.holder, vouchers, order.ordered_on)
    held = ledger.balances(session, [voucher_account(grant.id) for grant in grants]) if grants else {}
    left: dict[str, int] = defaultdict(int)
    for grant in grants:
        left[grant.programme_id] += held[voucher_account(grant.id)]
    rows = session.scalars(
        select(Allowance).where(Allowance.holder == order.holder, Allowance.programme_id.in_(vouchers))
    )
    used = {(row.programme_id, row.year): row.used_fen for row in rows}
    return {name: Standing(left[name], used.get((name, year), 0)) for name, year in vouchers.items()}


def over(day: date) -> Select[Grant]:
    """Grants whose validity ended before that day and of which something can be taken back."""
    still_there = select(AccountRow.id).where(
        AccountRow.kind == "voucher", AccountRow.owner == Grant.id, AccountRow.balance_fen > 0
    )
    is_held = select(AccountRow.id).where(
        AccountRow.kind == "held", AccountRow.owner == Grant.id, AccountRow.balance_fen > 0
    )
    return select(Grant).where(
        Grant.state != "ended",
        Grant.valid_until < day,
        or_(Grant.state == "active", still_there.exists(), ~is_held.exists()),
    )


def has_over(session: Session, day: date) -> bool:
    """Whether `over` would find any."""
    return session.scalar(over(day).limit(1)) is not None


def wallets(session: Session, holder: str) -> list[Wallet]:
    """Everything a holder was granted, in the order of use; what is over comes last."""
    grants = session.scalars(
        select(Grant)
        .where(Grant.holder == holder)
        .order_by(Grant.state, Grant.rank, Grant.valid_until, Grant.id)
    ).all()
    accounts = [account(grant.id) for grant in grants for account in (voucher_account, held_account)]
    held = ledger.balances(session, accounts)
    return [
        Wallet(
            grant.id,
            grant.programme_id,
            grant.authority,
            grant.fen,
            held[voucher_account(grant.id)],
            held[held_account(grant.id)],
            grant.valid_until,
            grant.state,
        )
        for grant in grants
    ]


@dataclass(frozen=True, slots=True)
class HolderHold:
    """One hold of a holder, in fen: for which order, by which programme, and what became of it."""

    reference: str
    programme_id: str
    state: str
    held_fen: int
    captured_fen: int
    held_at: datetime


def holds_of(session: Session, holder: str, *, limit: int = 50) -> list[HolderHold]:
    """The holder's holds, the newest first."""
    rows = session.scalars(
        select(Hold).where(Hold.holder == holder).order_by(Hold.held_at.desc(), Hold.id.desc()).limit(limit)
    )
    return [
        HolderHold(row.reference, row.programme_id, row.state, row.fen, row.captured_fen, row.held_at)
        for row in rows
    ]


def find_order(session: Session, reference: str) -> HeldOrder | None:
    """What was decided for the order; None for one that settlement never saw."""
    row = session.get(OrderRow, reference)
    if row is None:
        return None
    mine = select(Hold).where(Hold.reference == reference).order_by(Hold.number.desc()).limit(1)
    last = session.scalar(mine)
    return HeldOrder(
        reference,
        row.fee_fen,
        row.voucher_fen,
        row.own_fen,
        "none" if last is None else last.state,
        0 if last is None or last.state != "held" else last.fen,
        0 if last is None else last.captured_fen,
        None if last is None else last.programme_id,
        row.decisions,
    )
