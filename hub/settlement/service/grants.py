"""Budgets, grants and allotments: how money comes to a holder, and how what is not used goes back.

Where the hub is master, grants come from the programme's pool. Where the home area's system is, it hands the hub an
allotment that only the hub spends; raising it or taking it back is a command that the hub answers from its own ledger.

A grant's row is locked before its account. A hold locks the account and then names the grant in its parts: rows are locked
so that they may still be named, and neither waits for the other.
"""

from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.core.clock import SHANGHAI
from hub.settlement import ledger, queries, rules
from hub.settlement.errors import (
    AllotmentExpired,
    AllotmentMismatch,
    AllotmentTooLow,
    BudgetExhausted,
    ProgrammeUnknown,
    ProgrammeUnusable,
)
from hub.settlement.errors.programmes import GrantOver, GrantUnknown
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Grant
from hub.settlement.queries.wallets import held_account, voucher_account
from hub.settlement.rules import Programme


@dataclass(frozen=True, slots=True)
class Allotment:
    """What the home system hands over: its own identifier, whose, how much in all, until when.

    `revision` is its own count of changes to this allotment: a lower one than was heard already changes nothing.
    """

    id: str
    programme_id: str
    holder: str
    fen: int
    valid_until: date
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Allotted:
    """The hub's answer, from its own ledger, in fen: `allotted` = `left` + `held` + `captured`. `is_stale`: it was passed over."""

    grant_id: str
    allotted: int
    left: int
    held: int
    is_stale: bool = False

    @property
    def captured(self) -> int:
        """What was used."""
        return self.allotted - self.left - self.held


def pool(programme_id: str, year: int) -> Account:
    """The budget of a programme for a year."""
    return Account("pool", f"{programme_id}:{year}")


def fund(
    session: Session, programme_id: str, year: int, fen: int, *, reference: str, actor: str, now: datetime
) -> None:
    """Put money into the pool of a programme's budget year. Safe to repeat with the same reference.

    Raises `ProgrammeUnknown`, and the ledger's `ReferenceReused`.
    """
    programme = _programme(session, programme_id)
    made = ledger.post(
        session,
        f"fund:{programme_id}:{reference}",
        "fund",
        [Transfer(Account("authority", programme.area), pool(programme_id, year), fen)],
        now=now,
    )
    if not made.is_repeat:
        told = {"year": year, "fen": fen, "reference": reference}
        audit.record(session, actor, "settlement.fund", programme_id, told, now=now)


def grant(
    session: Session, programme_id: str, holder: str, fen: int, *, key: str, actor: str, now: datetime
) -> Grant:
    """Grant a holder a voucher from the pool of the present year. Safe to repeat with the same `key`.

    Raises `ProgrammeUnknown`, `ProgrammeUnusable`, `BudgetExhausted`; `AllotmentMismatch` when the key granted something
    else.
    """
    today = now.astimezone(SHANGHAI).date()
    programme = _usable(session, programme_id, "hub", today)
    until = today + timedelta(days=programme.terms["validity_days"] - 1)
    made, is_new = _open(
        session, programme, key, holder=holder, until=until, year=today.year, actor=actor, now=now
    )
    if not is_new:
        if (made.holder, made.fen) != (holder, fen):
            raise AllotmentMismatch(key)
        return made
    source = pool(programme_id, today.year)
    left = ledger.balances(session, [source], is_locked=True)[source]
    if left < fen:
        raise BudgetExhausted(programme_id, left)
    _resize(session, made, fen, source, now=now)
    told = {"grant": made.id, "holder": holder, "fen": fen}
    audit.record(session, actor, "settlement.grant", programme_id, told, now=now)
    return made


def allot(session: Session, told: Allotment, *, actor: str, now: datetime) -> Allotted:
    """The home system gives, raises, lowers or takes back (0) an allotment; the hub's answer.

    Safe to repeat, and in any order: an older revision changes nothing. Raises `ProgrammeUnknown`, `ProgrammeUnusable`,
    `AllotmentMismatch`, `AllotmentExpired`, `AllotmentTooLow`.
    """
    today = now.astimezone(SHANGHAI).date()
    programme = _programme(session, told.programme_id)
    known = _by_external_id(session, told.programme_id, told.id)
    if known is None:
        _usable(session, told.programme_id, "home", today)
    made, is_new = _open(
        session,
        programme,
        told.id,
        holder=told.holder,
        until=told.valid_until,
        year=today.year,
        actor=actor,
        now=now,
    )
    if made.holder != told.holder or made.authority != "home":
        raise AllotmentMismatch(told.id)
    if not is_new and told.revision <= made.revision:
        if told.revision == made.revision and (made.fen, made.valid_until) != (told.fen, told.valid_until):
            raise AllotmentMismatch(told.id)
        return _answer(session, made, is_stale=told.revision < made.revision)
    if told.fen > made.fen and told.valid_until < today:
        raise AllotmentExpired(told.id, told.valid_until)
    before = _answer(session, made, is_locked=True)
    least = made.fen - before.left
    if told.fen < least:
        raise AllotmentTooLow(told.id, least)
    made.revision, made.valid_until = told.revision, told.valid_until
    made.state, made.ended_at = "active", None
    _resize(session, made, told.fen, Account("authority", programme.area), now=now)
    about = {"allotment": told.id, "holder": told.holder, "fen": told.fen, "revision": told.revision}
    audit.record(session, actor, "settlement.allot", told.programme_id, about, now=now)
    return _answer(session, made)


def order_of_use(session: Session, holder: str, grant_ids: list[str]) -> None:
    """The holder's own order of use: the named grants first, in this order. Other people's are passed over."""
    for row in session.scalars(select(Grant).where(Grant.holder == holder)):
        row.rank = grant_ids.index(row.id) if row.id in grant_ids else len(grant_ids)


def end_due(session: Session, *, now: datetime, limit: int = 200, only: str | None = None) -> int:
    """Take what is left of grants whose validity is over (or of one of them) back to where it came from; how many that was.

    Safe to repeat and to run anywhere at once. What is still held stays held; when its order has ended, the next call
    takes back what was released.
    """
    today = now.astimezone(SHANGHAI).date()
    over = queries.over(today).order_by(Grant.id).limit(limit)
    over = over if only is None else over.where(Grant.id == only)
    count = 0
    for row in session.scalars(db.skip_locked(session, over, key_share=True)).all():
        _end(session, row, now=now)
        count += 1
    return count


def raise_grant(session: Session, grant_id: str, fen: int, *, actor: str, now: datetime) -> Grant:
    """Give `fen` more to a grant of the hub's, from the pool that it came from. Not safe to repeat: the caller keeps count.

    Raises `GrantUnknown`, `GrantOver` and `BudgetExhausted`.
    """
    row = _granted_here(session, grant_id, now=now)
    if fen <= 0:
        raise ValueError(f"not a positive whole number of fen: {fen!r}")
    source = pool(row.programme_id, row.year)
    left = ledger.balances(session, [source], is_locked=True)[source]
    if left < fen:
        raise BudgetExhausted(row.programme_id, left)
    _resize(session, row, row.fen + fen, source, now=now)
    audit.record(
        session, actor, "settlement.raise_grant", row.programme_id, {"grant": row.id, "fen": fen}, now=now
    )
    return row


def end_grant(session: Session, grant_id: str, *, actor: str, now: datetime) -> Grant:
    """End a grant of the hub's before its time: what is left returns to its pool, what is held stays held. Safe to repeat.

    Raises `GrantUnknown`.
    """
    row = _granted_here(session, grant_id, is_over=True, now=now)
    if row.state == "ended":
        return row
    row.valid_until = min(row.valid_until, now.astimezone(SHANGHAI).date() - timedelta(days=1))
    _end(session, row, now=now)
    audit.record(session, actor, "settlement.end_grant", row.programme_id, {"grant": row.id}, now=now)
    return row


def _granted_here(session: Session, grant_id: str, *, is_over: bool = False, now: datetime) -> Grant:
    mine = select(Grant).where(Grant.id == grant_id).with_for_update(key_share=True)
    row = session.scalar(mine.execution_options(populate_existing=True))
    if row is None or row.authority != "hub":
        raise GrantUnknown(grant_id)
    if not is_over and (row.state != "active" or row.valid_until < now.astimezone(SHANGHAI).date()):
        raise GrantOver(grant_id, row.valid_until)
    return row


def _programme(session: Session, programme_id: str) -> Programme:
    held = queries.find_programme(session, programme_id)
    if held is None:
        raise ProgrammeUnknown(programme_id)
    return held


def _usable(session: Session, programme_id: str, authority: str, today: date) -> Programme:
    """The version in force, if vouchers may be given by it."""
    newest = _programme(session, programme_id)
    held = {each.id: each for each in queries.concerning(session, [newest.area], today)}.get(programme_id)
    if held is None:
        raise ProgrammeUnusable(programme_id, "不在有效期", "it is not in force")
    if held.kind != "voucher":
        raise ProgrammeUnusable(programme_id, "不是创新券", "it is no voucher")
    lacking = rules.missing(held)
    if lacking:
        zh, en = rules.term_names(lacking)
        raise ProgrammeUnusable(programme_id, f"条款不全（{zh}）", f"not configured: {en}")
    if held.document["authority"] != authority:
        raise ProgrammeUnusable(programme_id, "余额由另一方管理", "another side is master of its balance")
    return held


def _by_external_id(session: Session, programme_id: str, external_id: str) -> Grant | None:
    mine = select(Grant).where(Grant.programme_id == programme_id, Grant.external_id == external_id)
    return session.scalar(mine.with_for_update(key_share=True).execution_options(populate_existing=True))


def _open(
    session: Session,
    programme: Programme,
    external_id: str,
    *,
    holder: str,
    until: date,
    year: int,
    actor: str,
    now: datetime,
) -> tuple[Grant, bool]:
    """The grant of this name, locked; made empty when there is none yet."""
    digest = sha256(f"{programme.id}\n{external_id}".encode()).digest()[:15]
    added = session.scalar(
        db.insert(session, Grant)
        .values(
            id="vg-" + b32encode(digest).decode().lower(),
            programme_id=programme.id,
            holder=holder,
            authority=programme.document["authority"],
            area=programme.area,
            year=year,
            external_id=external_id,
            fen=0,
            revision=0,
            postings=0,
            rank=0,
            state="active",
            valid_until=until,
            made_by=actor,
            made_at=now,
        )
        .on_conflict_do_nothing(index_elements=["programme_id", "external_id"])
        .returning(Grant.id)
    )
    held = _by_external_id(session, programme.id, external_id)
    assert held is not None, "it was written just now, or before"
    return held, added is not None


def _resize(session: Session, row: Grant, fen: int, other: Account, *, now: datetime) -> None:
    """Let the grant be `fen` in all; the difference comes from or goes to the other account."""
    more = fen - row.fen
    mine = voucher_account(row.id)
    if more:
        row.postings += 1
        made = Transfer(other, mine, more) if more > 0 else Transfer(mine, other, -more)
        ledger.post(session, f"grant:{row.id}:{row.postings}", "grant", [made], now=now)
    row.fen = fen
    session.flush()


def _end(session: Session, row: Grant, *, now: datetime) -> None:
    held = _answer(session, row, is_locked=True)
    home = row.authority == "home"
    source = Account("authority", row.area) if home else pool(row.programme_id, row.year)
    if held.left:
        row.postings += 1
        made = [Transfer(voucher_account(row.id), source, held.left)]
        ledger.post(session, f"grant:{row.id}:{row.postings}", "end", made, now=now)
        row.fen -= held.left
    row.state = "ending" if held.held else "ended"
    row.ended_at = None if held.held else now
    session.flush()


def _answer(session: Session, row: Grant, *, is_stale: bool = False, is_locked: bool = False) -> Allotted:
    mine = voucher_account(row.id)
    left = ledger.balances(session, [mine], is_locked=is_locked)[mine]
    held = ledger.balance(session, held_account(row.id))
    return Allotted(row.id, row.fen, left, held, is_stale)
