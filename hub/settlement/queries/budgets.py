"""Budgets as the ledger has them: a year's pool burning down month by month, and grants with their instructions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from hub.core.clock import SHANGHAI
from hub.settlement import ledger
from hub.settlement.ledger import Account
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Entry, Grant, Instruction, Posting

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """What one month brought, in fen. `held` is net of what was released, `returned` what went back to the pool.

    `redeemed` left the programme's account of used vouchers: paid out, or passed into the settlement between two areas.
    """

    begins: date
    funded: int = 0
    granted: int = 0
    returned: int = 0
    held: int = 0
    captured: int = 0
    redeemed: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """A programme's budget year as it stands, in fen: funded = left in the pool + granted, granted = free + held + captured."""

    programme_id: str
    year: int
    funded_fen: int
    pool_fen: int
    granted_fen: int
    free_fen: int
    held_fen: int
    months: tuple[Month, ...]

    @property
    def captured_fen(self) -> int:
        """What was used of the year's grants."""
        return self.granted_fen - self.free_fen - self.held_fen

    @property
    def redeemed_fen(self) -> int:
        """What left the programme's account of used vouchers within the year."""
        return sum(month.redeemed for month in self.months)


def budget_of(session: Session, programme_id: str, year: int) -> Budget:
    """The budget year of a programme, with its twelve months (of Shanghai)."""
    pool = Account("pool", f"{programme_id}:{year}")
    return Budget(
        programme_id,
        year,
        funded(session, programme_id, year),
        ledger.balance(session, pool),
        *_of_grants(session, programme_id, year),
        _months(session, programme_id, year),
    )


def funded(session: Session, programme_id: str, year: int) -> int:
    """What was put into the pool of a budget year from outside, in fen."""
    source = aliased(AccountRow)
    mine = (
        select(func.coalesce(func.sum(Entry.fen), 0))
        .join(source, source.id == Entry.source_id)
        .where(Entry.target_id == Account("pool", f"{programme_id}:{year}").id, source.kind == "authority")
    )
    return int(session.scalar(mine) or 0)


def years_of(session: Session, programme_id: str) -> list[int]:
    """The budget years of a programme that anything happened in, the latest first."""
    pools = select(AccountRow.owner).where(
        AccountRow.kind == "pool", AccountRow.owner.startswith(f"{programme_id}:", autoescape=True)
    )
    found = {int(owner.rpartition(":")[2]) for owner in session.scalars(pools)}
    found |= set(session.scalars(select(Grant.year).where(Grant.programme_id == programme_id).distinct()))
    return sorted(found, reverse=True)


def grants_of(session: Session, programme_id: str, year: int, *, limit: int = 100) -> list[Grant]:
    """The newest grants and allotments of a programme's budget year."""
    mine = select(Grant).where(Grant.programme_id == programme_id, Grant.year == year)
    return list(session.scalars(mine.order_by(Grant.made_at.desc(), Grant.id).limit(limit)))


def balances_of(session: Session, grants: Iterable[Grant]) -> dict[str, tuple[int, int]]:
    """Grant → what is free and what is held, in fen."""
    ids = [each.id for each in grants]
    if not ids:
        return {}
    held = ledger.balances(session, [Account(kind, each) for each in ids for kind in ("voucher", "held")])
    return {each: (held[Account("voucher", each)], held[Account("held", each)]) for each in ids}


def instructions_of(session: Session, programme_id: str, *, limit: int = 50) -> list[Instruction]:
    """A programme's instructions, the open ones first, then the newest."""
    mine = select(Instruction).where(Instruction.programme_id == programme_id)
    return list(
        session.scalars(
            mine.order_by(Instruction.state != "proposed", Instruction.proposed_at.desc(), Instruction.id.desc()).limit(limit)
        )
    )  # fmt: skip


def expiring(session: Session, first: date, last: date, *, limit: int = 500) -> list[Grant]:
    """Live grants whose validity ends from the first to the last day and of which something is free."""
    free = select(AccountRow.id).where(
        AccountRow.kind == "voucher", AccountRow.owner == Grant.id, AccountRow.balance_fen > 0
    )
    mine = select(Grant).where(
        Grant.state == "active", Grant.valid_until >= first, Grant.valid_until <= last, free.exists()
    )
    return list(session.scalars(mine.order_by(Grant.valid_until, Grant.id).limit(limit)))


def _of_grants(session: Session, programme_id: str, year: int) -> tuple[int, int, int]:
    """Granted, free and held of the year's grants."""
    mine = (Grant.programme_id == programme_id, Grant.year == year)
    granted = session.scalar(select(func.coalesce(func.sum(Grant.fen), 0)).where(*mine)) or 0
    rows = session.execute(
        select(AccountRow.kind, func.sum(AccountRow.balance_fen))
        .join(Grant, Grant.id == AccountRow.owner)
        .where(AccountRow.kind.in_(("voucher", "held")), *mine)
        .group_by(AccountRow.kind)
    )
    by_kind = {kind: int(fen) for kind, fen in rows}
    return int(granted), by_kind.get("voucher", 0), by_kind.get("held", 0)


def _months(session: Session, programme_id: str, year: int) -> tuple[Month, ...]:
    begins = [datetime(year, month, 1, tzinfo=SHANGHAI).astimezone(UTC) for month in range(1, MONTHS + 1)]
    begins.append(datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC))
    found: dict[tuple[int, str], int] = {}
    for number, kind, other, fen in _moves(session, programme_id, year, begins):
        for name, sign in _NAMED.get((kind, other), ()):
            found[number, name] = found.get((number, name), 0) + sign * fen
    names = ("funded", "granted", "returned", "held", "captured", "redeemed")
    return tuple(
        Month(date(year, number + 1, 1), **{name: found.get((number, name), 0) for name in names})
        for number in range(MONTHS)
    )


_NAMED = {
    ("authority", "pool"): (("funded", 1),),
    ("pool", "voucher"): (("granted", 1),),
    ("authority", "voucher"): (("granted", 1),),
    ("voucher", "pool"): (("returned", 1),),
    ("voucher", "authority"): (("returned", 1),),
    ("voucher", "held"): (("held", 1),),
    ("held", "voucher"): (("held", -1),),
    ("held", "captured"): (("held", -1), ("captured", 1)),
    ("captured", "out"): (("redeemed", 1),),
}
"""Kinds of the two accounts of an entry → what a month counts of it."""


def _moves(
    session: Session, programme_id: str, year: int, begins: list[datetime]
) -> list[tuple[int, str, str, int]]:
    """(month from 0, kind of the source, kind of the target, fen) of everything that concerns the year's money."""
    source, target = aliased(AccountRow), aliased(AccountRow)
    number = case(
        *((Posting.posted_at < begins[month + 1], month) for month in range(MONTHS - 1)), else_=MONTHS - 1
    ).label("number")
    within = (Posting.posted_at >= begins[0], Posting.posted_at < begins[-1])
    moved = (
        select(number, source.kind, target.kind, func.sum(Entry.fen))
        .select_from(Entry)
        .join(Posting, Posting.id == Entry.posting_id)
        .join(source, source.id == Entry.source_id)
        .join(target, target.id == Entry.target_id)
        .where(*within)
        .group_by("number", source.kind, target.kind)
    )
    of_year = select(Grant.id).where(Grant.programme_id == programme_id, Grant.year == year)
    pool = Account("pool", f"{programme_id}:{year}").id
    captured = Account("captured", programme_id).id
    asked = (
        moved.where(Entry.target_id == pool, source.kind == "authority"),
        moved.where(
            target.kind == "voucher", target.owner.in_(of_year), source.kind.in_(("pool", "authority"))
        ),
        moved.where(source.kind.in_(("voucher", "held")), source.owner.in_(of_year)),
    )
    found = [tuple(row) for query in asked for row in session.execute(query)]
    out = session.execute(moved.where(Entry.source_id == captured))
    found += [(month, "captured", "out", fen) for month, _, _, fen in out]
    return [(int(month), kind, other, int(fen)) for month, kind, other, fen in found]


def day_after(days: int, now: datetime) -> date:
    """The day that many days after today in Shanghai."""
    return now.astimezone(SHANGHAI).date() + timedelta(days=days)
