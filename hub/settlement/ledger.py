"""The ledger: double entry, append-only, chained.

A *posting* is one thing that happened, under a reference that is used once. It is made of *entries*: so many fen left
one account and went into another. Both sides stand in one row, so entries sum to zero by construction. A balance is what
went in minus what went out: a fold over the entries. The stored balance is that fold kept up to date in the same
transaction; the database itself refuses one below zero where an account is a promise to somebody.

Postings are chained like every other log of the hub (`hub.core.sequencer`, topic `ledger`): announced in the posting's
own transaction, numbered and hashed after the commit, so that no posting waits for another's hash.

Deadlocks: accounts are touched in one order everywhere, those that many share last.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Select, func, insert, select, union_all, update
from sqlalchemy.orm import Session

from hub.core import db, sequencer
from hub.core.sequencer import AnnouncedChange, Change
from hub.settlement.errors import AccountOverdrawn, ReferenceReused
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Entry, Posting

TOPIC = "ledger"

Kind = Literal[
    "voucher", "held", "payable", "receivable", "captured", "clearing", "pool", "authority", "bank"
]
"""What an account is. Owned by one grant (voucher, held), one party (payable: an enterprise owes; receivable: an institution
is owed), shared by many (captured and pool of a programme, clearing of two areas, authority, bank)."""

ORDER: Mapping[Kind, int] = {kind: place for place, kind in enumerate(get_args(Kind))}
"""In which order accounts are touched: the hotter, the later."""

GUARDED: frozenset[Kind] = frozenset({"voucher", "held", "captured", "pool"})
"""Accounts that are never overdrawn."""

_PAGE = 500


class Account(NamedTuple):
    """The name of an account: what it is and whose."""

    kind: Kind
    owner: str

    @property
    def id(self) -> str:
        """`<kind>:<owner>`."""
        return f"{self.kind}:{self.owner}"


def clearing(visited: str, home: str) -> Account:
    """The account between two areas (six-digit codes): what the home area owes the visited one stands here."""
    return Account("clearing", f"{visited}-{home}")


class Transfer(NamedTuple):
    """One entry to be made: `fen` (at least 1) leave `source` and go into `target`."""

    source: Account
    target: Account
    fen: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting that stands. `is_repeat`: it stood already, and nothing was written."""

    id: int
    reference: str
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What checking the whole ledger found. `broken` names the first thing that does not fit, `why` says how.

    `why`: altered, missing, cut off (the chain), entries differ (a posting is not what was chained), not chained
    (a posting that the chain does not know), balance differs (a stored balance is not its fold). `waiting` are postings
    that have no number yet.
    """

    postings: int
    waiting: int
    broken: str | None
    why: str


def post(
    session: Session, reference: str, kind: str, transfers: Sequence[Transfer], *, now: datetime
) -> Posted:
    """Write one posting in the caller's transaction; accounts come into being when they are first used.

    Safe to repeat: the same reference with the same kind and transfers is the same posting. Call it late in a
    transaction: from here on its accounts are locked. Raises `ReferenceReused`; `AccountOverdrawn`, after which the
    caller's transaction must not be committed; ValueError for what can only be a fault of the program (no transfer, not a
    positive whole number of fen, an account to itself).
    """
    _check(transfers)
    added = session.scalar(
        db.insert(session, Posting)
        .values(reference=reference, kind=kind, posted_at=now)
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Posting.id)
    )
    if added is None:
        return _repeated(session, reference, kind, transfers)
    accounts = sorted({account for made in transfers for account in made[:2]}, key=_place)
    opened = db.insert(session, AccountRow).on_conflict_do_nothing(index_elements=["id"])
    session.execute(
        opened,
        [{"id": each.id, "kind": each.kind, "owner": each.owner, "balance_fen": 0} for each in accounts],
    )
    session.execute(
        insert(Entry),
        [
            {
                "posting_id": added,
                "line": line,
                "source_id": source.id,
                "target_id": target.id,
                "fen": fen,
            }
            for line, (source, target, fen) in enumerate(transfers, 1)
        ],
    )
    told = {"kind": kind, "entries": [[source.id, target.id, fen] for source, target, fen in transfers]}
    sequencer.announce(session, TOPIC, reference, told, now=now)
    changes = _changes(transfers)
    for account in accounts:
        _move(session, account, changes[account])
    return Posted(added, reference, is_repeat=False)


def find(session: Session, reference: str) -> Posted | None:
    """The posting with this reference."""
    held = session.scalar(select(Posting.id).where(Posting.reference == reference))
    return None if held is None else Posted(held, reference, is_repeat=True)


def balance(session: Session, account: Account) -> int:
    """What the account holds, in fen; 0 for one that was never used."""
    return balances(session, [account])[account]


def balances(session: Session, accounts: Iterable[Account], *, is_locked: bool = False) -> dict[Account, int]:
    """What accounts hold. `is_locked` (accounts of one kind): nobody else changes them before this ends."""
    wanted = {account.id: account for account in sorted(accounts, key=_place)}
    found = dict.fromkeys(wanted.values(), 0)
    mine = select(AccountRow.id, AccountRow.balance_fen).where(AccountRow.id.in_(wanted))
    if is_locked:
        mine = mine.order_by(AccountRow.id).with_for_update(key_share=True)
    for account_id, fen in session.execute(mine).all():
        found[wanted[account_id]] = fen
    return found


def entries_of(session: Session, reference: str) -> list[tuple[str, str, int]]:
    """The entries of a posting in order: (source, target, fen)."""
    mine = select(Entry.source_id, Entry.target_id, Entry.fen).join(Posting, Posting.id == Entry.posting_id)
    rows = session.execute(mine.where(Posting.reference == reference).order_by(Entry.line))
    return [(source, target, fen) for source, target, fen in rows]


def fold(session: Session) -> dict[str, int]:
    """Every account's balance by its entries alone: identifier → fen."""
    return {row.account_id: int(row.fen) for row in session.execute(_folded())}


def rebuild(session: Session) -> list[str]:
    """Set every stored balance to its fold; the accounts that were wrong. Safe to repeat.

    Nobody posts meanwhile on SQLite; on PostgreSQL run it while the hub rests.
    """
    wrong = [account_id for account_id, _, _ in _differences(session)]
    folded = fold(session)
    for account_id in wrong:
        session.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(balance_fen=folded.get(account_id, 0))
        )
    return wrong


def verify(session: Session) -> LedgerVerdict:
    """Check everything: the chain, every posting against what was chained, and every stored balance against its fold.

    Any edited byte of a posting, entry, balance or link is found and named by reference, line or account. Reads only.
    """
    numbered = sequencer.last_number(session, TOPIC)
    broken: list[tuple[str, str]] = []

    def inspect(changes: Sequence[Change]) -> tuple[int, str] | None:
        for change, why in _unlike(session, changes):
            broken.append((change.subject, why))
            return change.number, why
        return None

    verdict = sequencer.verify_chain(session, TOPIC, page=_PAGE, inspect=inspect)
    waiting = _waiting(session)
    if verdict.broken_at is not None:
        what, why = broken[0] if broken else (_subject(session, verdict.broken_at), verdict.why)
        return LedgerVerdict(verdict.checked, waiting, what, why)
    stray = session.scalar(
        select(Posting.reference)
        .where(
            ~select(AnnouncedChange.id)
            .where(AnnouncedChange.topic == TOPIC, AnnouncedChange.subject == Posting.reference)
            .exists()
        )
        .order_by(Posting.id)
        .limit(1)
    )
    if stray is not None:
        return LedgerVerdict(numbered, waiting, stray, "not chained")
    for account_id, _, _ in _differences(session):
        return LedgerVerdict(numbered, waiting, account_id, "balance differs")
    return LedgerVerdict(numbered, waiting, None, "")


def _check(transfers: Sequence[Transfer]) -> None:
    if not transfers:
        raise ValueError("a posting without a transfer")
    for source, target, fen in transfers:
        if type(fen) is not int or fen <= 0:
            raise ValueError(f"not a positive whole number of fen: {fen!r}")
        if source == target:
            raise ValueError(f"an account to itself: {source.id}")


def _place(account: Account) -> tuple[int, str]:
    return ORDER[account.kind], account.owner


def _changes(transfers: Iterable[Transfer]) -> Mapping[Account, int]:
    changes: dict[Account, int] = defaultdict(int)
    for source, target, fen in transfers:
        changes[source] -= fen
        changes[target] += fen
    return changes


def _move(session: Session, account: Account, fen: int) -> None:
    """Change one stored balance; a guarded one only if it holds enough."""
    if fen == 0:
        return
    mine = update(AccountRow).where(AccountRow.id == account.id)
    if fen < 0 and account.kind in GUARDED:
        mine = mine.where(AccountRow.balance_fen + fen >= 0)
    moved = session.execute(
        mine.values(balance_fen=AccountRow.balance_fen + fen)
        .returning(AccountRow.id)
        .execution_options(synchronize_session=False)
    )
    if moved.first() is None:
        raise AccountOverdrawn(account.id, -fen)


def _repeated(session: Session, reference: str, kind: str, transfers: Sequence[Transfer]) -> Posted:
    held = session.execute(select(Posting.id, Posting.kind).where(Posting.reference == reference)).one()
    told = [(source.id, target.id, fen) for source, target, fen in transfers]
    if held.kind != kind or entries_of(session, reference) != told:
        raise ReferenceReused(reference)
    return Posted(held.id, reference, is_repeat=True)


def _folded() -> Select[tuple[str, int]]:
    sides = union_all(
        select(Entry.target_id.label("account_id"), Entry.fen.label("fen")),
        select(Entry.source_id.label("account_id"), (-Entry.fen).label("fen")),
    ).subquery()
    return select(sides.c.account_id, func.sum(sides.c.fen).label("fen")).group_by(sides.c.account_id)


def _differences(session: Session) -> Iterator[tuple[str, int, int]]:
    """Accounts whose stored balance is not their fold: (identifier, stored, fold), by identifier."""
    folded = _folded().subquery()
    right = func.coalesce(folded.c.fen, 0)
    rows = session.execute(
        select(AccountRow.id, AccountRow.balance_fen, right)
        .outerjoin(folded, folded.c.account_id == AccountRow.id)
        .where(AccountRow.balance_fen != right)
        .order_by(AccountRow.id)
    )
    for account_id, stored, fen in rows.all():
        yield account_id, stored, int(fen)


def _unlike(session: Session, changes: Sequence[Change]) -> Iterator[tuple[Change, str]]:
    """Chained changes whose posting is gone or is not what was chained."""
    references = [change.subject for change in changes]
    rows = session.execute(
        select(
            Posting.reference,
            Posting.kind,
            Posting.posted_at,
            Entry.line,
            Entry.source_id,
            Entry.target_id,
            Entry.fen,
        )
        .outerjoin(Entry, Entry.posting_id == Posting.id)
        .where(Posting.reference.in_(references))
        .order_by(Posting.id, Entry.line)
    ).all()
    held = {reference: list(group) for reference, group in groupby(rows, key=lambda row: row.reference)}
    for change in changes:
        mine = held.get(change.subject)
        if mine is None:
            yield change, "missing"
            continue
        told = {"kind": mine[0].kind, "entries": [[row.source_id, row.target_id, row.fen] for row in mine]}
        lines = [row.line for row in mine]
        is_like = told == change.payload and lines == list(range(1, len(mine) + 1))
        if not is_like or mine[0].posted_at != change.announced_at:
            yield change, "entries differ"


def _waiting(session: Session) -> int:
    mine = select(func.count()).where(AnnouncedChange.topic == TOPIC, AnnouncedChange.number.is_(None))
    return session.scalar(mine) or 0


def _subject(session: Session, number: int) -> str:
    """What the chain says stood at a number; the number itself where it says nothing."""
    mine = select(AnnouncedChange.subject).where(
        AnnouncedChange.topic == TOPIC, AnnouncedChange.number == number
    )
    return session.scalar(mine) or f"#{number}"
