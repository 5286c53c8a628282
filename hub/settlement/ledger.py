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
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Select, func, insert, select, union_all, update
from sqlalchemy.orm import Session

from hub.core import db, sequencer
from hub.core.sequencer import AnnouncedChange, Change
from hub.core.together import NOTHING, Beside
from hub.settlement.errors import AccountOverdrawn, ReferenceReused
from hub.settlement.models import Account as AccountRow
from hub.settlement.models import Entry, Posting, posting

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

_AT_ONCE = 8
"""Up to so many entries, or accounts, go in one statement."""


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
    (a posting that the chain does not know), balance differs (a stored balance is not its fold). An account whose kind or
    owner is not its name's is altered, too. `waiting` are postings that have no number yet.
    """

    postings: int
    waiting: int
    broken: str | None
    why: str


def post(
    session: Session,
    reference: str,
    kind: str,
    transfers: Sequence[Transfer],
    *,
    now: datetime,
    beside: Beside = NOTHING,
) -> Posted:
    """Write one posting in the caller's transaction; accounts come into being when they are first used.

    Safe to repeat: the same reference with the same kind and transfers is the same posting. Call it late in a
    transaction: from here on its accounts are locked. `beside` are the caller's own writes, of other tables, that go to
    the database on the same way; they are written also when the posting stands already. Raises `ReferenceReused`;
    `AccountOverdrawn`, after which the caller's transaction must not be committed; ValueError for what can only be a fault
    of the program (no transfer, not a positive whole number of fen, an account to itself).
    """
    _check(transfers)
    accounts = sorted({account for made in transfers for account in made[:2]}, key=_place)
    added = _open(session, accounts, reference, kind, now=now, beside=beside)
    if added is None:
        return _repeated(session, reference, kind, transfers)
    changes = _changes(transfers)
    moves = [(account, changes[account]) for account in accounts if changes[account]]
    told = {"kind": kind, "entries": [[source.id, target.id, fen] for source, target, fen in transfers]}
    if len(transfers) <= _AT_ONCE:
        values = _lines(added, transfers) | _moves(moves)
        values |= sequencer.announced(TOPIC, reference, told, now=now)
        moved = {row.id for row in posting.writing(len(transfers), len(moves)).run(session, values)}
    else:
        rows = [
            {"posting_id": added, "line": line, "source_id": one.id, "target_id": other.id, "fen": fen}
            for line, (one, other, fen) in enumerate(transfers, 1)
        ]
        session.execute(insert(Entry), rows)
        sequencer.announce(session, TOPIC, reference, told, now=now)
        moved = set()
        for start in range(0, len(moves), _AT_ONCE):
            part = moves[start : start + _AT_ONCE]
            moved |= {row.id for row in posting.moving(len(part)).run(session, _moves(part))}
    for account, fen in moves:
        if account.id not in moved:
            raise AccountOverdrawn(account.id, -fen)
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
    misnamed = session.scalar(
        select(AccountRow.id)
        .where(AccountRow.id != AccountRow.kind + ":" + AccountRow.owner)
        .order_by(AccountRow.id)
        .limit(1)
    )
    if misnamed is not None:
        return LedgerVerdict(numbered, waiting, misnamed, "altered")
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


def _open(
    session: Session,
    accounts: Sequence[Account],
    reference: str,
    kind: str,
    *,
    now: datetime,
    beside: Beside,
) -> int | None:
    """The new posting's number, its accounts being there; None when the reference has one already."""
    if len(accounts) > _AT_ONCE:
        rows = [
            {"id": each.id, "kind": each.kind, "owner": each.owner, "balance_fen": 0} for each in accounts
        ]
        session.execute(db.insert(session, AccountRow).on_conflict_do_nothing(index_elements=["id"]), rows)
        accounts = ()
    values = {"v_reference": reference, "v_kind": kind, "v_posted_at": now}
    for place, each in enumerate(accounts):
        values |= {f"v_id_{place}": each.id, f"v_kind_{place}": each.kind, f"v_owner_{place}": each.owner}
    assert values.keys().isdisjoint(beside.values), "what goes beside has names of its own"
    made = posting.opening(len(accounts), beside.build).run(session, {**values, **beside.values})
    return made[0].id if made else None


def _lines(posting_id: int, transfers: Sequence[Transfer]) -> dict[str, Any]:
    values: dict[str, Any] = {"v_posting": posting_id}
    for place, (source, target, fen) in enumerate(transfers):
        values |= {f"v_line_{place}": place + 1, f"v_fen_{place}": fen}
        values |= {f"v_source_id_{place}": source.id, f"v_target_id_{place}": target.id}
    return values


def _moves(moves: Sequence[tuple[Account, int]]) -> dict[str, Any]:
    """The values of `posting.moving`: a guarded account never gives more than it has."""
    values: dict[str, Any] = {}
    for place, (account, fen) in enumerate(moves):
        least = 0 if fen < 0 and account.kind in GUARDED else None
        values |= {f"v_place_{place}": place, f"v_account_{place}": account.id}
        values |= {f"v_change_{place}": fen, f"v_least_{place}": least}
    return values


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
