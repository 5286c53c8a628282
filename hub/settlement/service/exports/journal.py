"""The ledger's postings of a span of days as a beancount journal that `bean-check` accepts.

It opens every account that it speaks of, brings in what stood before the first day as one transaction, tells each posting
under its own reference, and asserts every balance on the day after the last. Opening and closing balances are summed by
the database over other rows than the transactions are read from: an entry that was changed, dropped or added in the
file makes a transaction unbalanced or an assertion fail.

A journal for a province or city tells that area's accounts only; what they give to or take from others stands under
`Equity:Elsewhere`. Signs are the ledger's: an account's balance is what went in minus what went out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.core.clock import SHANGHAI
from hub.settlement.errors import ExportSpanWrong
from hub.settlement.models import Account, Entry, Grant, Posting, ProgrammeRow, RatedLine
from hub.settlement.service.exports.tables import yuan

_ROOTS = {
    "authority": "Equity:Authority",
    "pool": "Assets:Pool",
    "voucher": "Assets:Voucher",
    "held": "Assets:Held",
    "captured": "Assets:Captured",
    "payable": "Liabilities:Payable",
    "receivable": "Assets:Receivable",
    "clearing": "Assets:Clearing",
    "bank": "Assets:Bank",
}
"""Kind of an account in the ledger → where it stands in the journal."""

ELSEWHERE = "Equity:Elsewhere"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTVWXYZ0123456789-")
"""Signs of an owner that stand for themselves. `U` does not: it begins the number of one that does not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose accounts a journal tells: those within the prefix of an area code; empty for the whole belt."""

    area: str = ""


def scope_of(area: str | None) -> Scope:
    """The scope of somebody who acts for an area (`33`, `3304`); of nobody's area, the belt."""
    return Scope(area or "")


def account_name(account_id: str) -> str:
    """The journal's name for the ledger's account `<kind>:<owner>`; no two accounts share one."""
    kind, _, owner = account_id.partition(":")
    written = "".join(sign if sign in _PLAIN else f"U{ord(sign):04X}" for sign in owner)
    return f"{_ROOTS[kind]}:X{written}"


def journal_lines(
    session: Session, first: date, end: date, scope: Scope | None = None, *, now: datetime
) -> Iterator[str]:
    """The journal of `first` up to, but without, `end` (days in Shanghai), in pieces of text.

    One session's snapshot: every balance and posting is of the same instant. Raises `ExportSpanWrong`.
    """
    if first >= end:
        raise ExportSpanWrong
    return _journal(session, first, end, scope or Scope(), now)


def _journal(session: Session, first: date, end: date, scope: Scope, now: datetime) -> Iterator[str]:
    begun, over = (datetime.combine(day, time(), SHANGHAI).astimezone(UTC) for day in (first, end))
    mine = _mine(scope)
    before, after = (_balances(session, at, mine) for at in (begun, over))
    touched = sorted({*before, *after})
    brought = first - timedelta(days=1)
    yield _head(first, end, scope, now)
    for account_id in touched:
        yield f'{brought} open {account_name(account_id)} CNY\n  ledger: "{_text(account_id)}"\n'
    yield f"{brought} open {ELSEWHERE} CNY\n\n"
    yield from _opening(brought, before)
    yield from _transactions(session, begun, over, mine)
    for account_id in touched:
        yield f"{end} balance {account_name(account_id)}  {yuan(after[account_id])} CNY\n"


def _head(first: date, end: date, scope: Scope, now: datetime) -> str:
    last = end - timedelta(days=1)
    whose = scope.area or "belt"
    return (
        f"; 江仪汇 · 总账 {first} – {last}（{'全经济带' if not scope.area else scope.area}），"
        f"导出于 {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}\n"
        f"; Ledger {first} to {last} ({whose}). Amounts in CNY; check with: bean-check <file>\n"
        f'option "title" "Jiangyihui ledger {first} {last} {whose}"\n'
        'option "operating_currency" "CNY"\n\n'
    )


def _opening(day: date, before: dict[str, int]) -> Iterator[str]:
    held = [(name, fen) for name, fen in before.items() if fen]
    if not held:
        return
    yield f'{day} * "期初余额 opening balances"\n'
    for name, fen in sorted(held):
        yield f"  {account_name(name)}  {yuan(fen)} CNY\n"
    rest = -sum(fen for _, fen in held)
    if rest:
        yield f"  {ELSEWHERE}  {yuan(rest)} CNY\n"
    yield "\n"


def _transactions(
    session: Session, begun: datetime, over: datetime, mine: ColumnElement[bool] | None
) -> Iterator[str]:
    asked = (
        select(
            Posting.id,
            Posting.reference,
            Posting.kind,
            Posting.posted_at,
            Entry.source_id,
            Entry.target_id,
            Entry.fen,
            _is_inside(Entry.source_id, mine),
            _is_inside(Entry.target_id, mine),
        )
        .join(Entry, Entry.posting_id == Posting.id)
        .where(Posting.posted_at >= begun, Posting.posted_at < over)
        .order_by(Posting.id, Entry.line)
        .execution_options(yield_per=1000)
    )
    if mine is not None:
        asked = asked.where(or_(Entry.source_id.in_(_names(mine)), Entry.target_id.in_(_names(mine))))
    last = None
    for number, reference, kind, at, source, target, fen, gives, takes in session.execute(asked):
        if number != last:
            told = "\n" if last is not None else ""
            day = at.astimezone(SHANGHAI).date()
            yield f'{told}{day} * "{_text(kind)}"\n  reference: "{_text(reference)}"\n'
            last = number
        yield f"  {account_name(source) if gives else ELSEWHERE}  {yuan(-fen)} CNY\n"
        yield f"  {account_name(target) if takes else ELSEWHERE}  {yuan(fen)} CNY\n"
    if last is not None:
        yield "\n"


def _is_inside(side: InstrumentedAttribute[str], mine: ColumnElement[bool] | None) -> ColumnElement[int]:
    return literal(1) if mine is None else case((side.in_(_names(mine)), 1), else_=0)


def _names(mine: ColumnElement[bool]) -> Select[str]:
    return select(Account.id).where(mine)


def _balances(session: Session, at: datetime, mine: ColumnElement[bool] | None) -> dict[str, int]:
    """What every account held at the instant, by its entries alone."""
    done = select(Posting.id).where(Posting.posted_at < at)
    sides = union_all(
        select(Entry.target_id.label("account"), Entry.fen.label("fen")).where(Entry.posting_id.in_(done)),
        select(Entry.source_id.label("account"), (-Entry.fen).label("fen")).where(Entry.posting_id.in_(done)),
    ).subquery()
    asked = select(sides.c.account, func.sum(sides.c.fen)).group_by(sides.c.account)
    if mine is not None:
        asked = asked.where(sides.c.account.in_(_names(mine)))
    held = {name: int(fen) for name, fen in session.execute(asked)}
    return {name: held[name] for name in sorted(held)}


def _mine(scope: Scope) -> ColumnElement[bool] | None:
    """Which accounts are within the scope; None: all."""
    area = scope.area
    if not area:
        return None
    start = f"{area}%"
    pools = select(ProgrammeRow.id).where(ProgrammeRow.area.like(start))
    year = func.substr(Account.owner, 1, func.length(Account.owner) - 5)
    found = [
        and_(Account.kind == "authority", Account.owner.like(start)),
        and_(Account.kind == "pool", year.in_(pools)),
        and_(Account.kind == "captured", Account.owner.in_(pools)),
        and_(
            Account.kind.in_(("voucher", "held")),
            Account.owner.in_(select(Grant.id).where(Grant.area.like(start))),
        ),
    ]
    if len(area) == 2:  # a province's own: what was served and used there
        province = f"{area}0000"
        found += [
            and_(Account.kind == "receivable", Account.owner.like(f"{area}-%")),
            and_(
                Account.kind == "payable",
                Account.owner.in_(select(RatedLine.enterprise_id).where(RatedLine.home == province)),
            ),
            and_(Account.kind == "clearing", Account.owner.like(f"%{province}%")),
        ]
    return or_(*found)


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
