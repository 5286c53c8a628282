"""Who did what: an append-only record on the chained log, topic `audit`.

An entry is chained for ever, so it holds no personal data: what is personal (`private`) is kept beside the chain and
referenced by a salted hash. Once it is erased nobody can tell from the hash what it was, and the chain still verifies.

What may happen thousands of times a minute (refusals, an auditor's looks) is counted first and becomes one entry for
each actor, route and minute, when that minute is over.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import CheckConstraint, Index, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core import sequencer
from hub.core.clock import utc_now
from hub.core.db import Base, insert

TOPIC = "audit"
_ERASE_PERSON = "audit.erase_person"

KEPT = timedelta(days=365)
"""How long private details are kept: longer than the six months that article 21 of 网络安全法 asks of logs."""


class PrivateDetail(Base):
    """The personal part of one entry. `erased_at` is set when it was erased by rule; what it was is gone then."""

    __tablename__ = "core_audit_private"
    __table_args__ = (
        CheckConstraint("(erased_at IS NULL) = (detail IS NOT NULL)", name="detail"),
        CheckConstraint("(erased_at IS NULL) = (salt IS NOT NULL)", name="salt"),
        Index("ix_core_audit_private_erase_at", "erase_at"),
        Index("ix_core_audit_private_about", "about"),
    )

    digest: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    salt: Mapped[bytes | None]
    detail: Mapped[dict[str, Any] | None]
    erase_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class CountedEvent(Base):
    """What one actor did on one route within one minute, until it becomes an entry."""

    __tablename__ = "core_audit_counted"

    actor: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    subject: Mapped[str]
    reason: Mapped[str]
    count: Mapped[int]


class AuditEntry(NamedTuple):
    """One entry: its number in the chain, when, who, did what, to what, what else is known; `private` is a digest."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    private: str | None = None


class Seen(NamedTuple):
    """One of many alike: who, which action of the audit, on which route, to what (the first of the minute), and why."""

    actor: str
    action: str
    route: str
    subject: str
    reason: str


class AuditVerdict(NamedTuple):
    """What checking the audit found; `broken_at` is the first number that does not fit, `why` says how."""

    checked: int
    broken_at: int | None
    why: str
    erased: int
    """Private details that were erased by rule."""


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    private: Mapping[str, Any] | None = None,
    kept: timedelta = KEPT,
    now: datetime | None = None,
) -> None:
    """Add an entry in the caller's transaction.

    `actor` is a principal's name (`account:…`, `person:…`, `key:…`, `system:…`), `action` is `<domain>.<verb_noun>`.
    What is personal (addresses, names, texts that people wrote) goes into `private` and is erased after `kept`, or
    with the actor; secrets belong nowhere.
    """
    at = now or utc_now()
    told: dict[str, Any] = {"actor": actor, "action": action, "detail": dict(detail or {})}
    if private:
        told["private"] = _keep_private(session, actor, private, at + kept)
    sequencer.announce(session, TOPIC, subject, told, now=at)


def count(session: Session, seen: Seen, *, now: datetime) -> None:
    """Count one of many alike in the caller's transaction; `settle_counted` makes the entry."""
    minute = now.replace(second=0, microsecond=0)
    row = {**seen._asdict(), "minute": minute, "count": 1}
    statement = insert(session, CountedEvent).values(row)
    keys = [CountedEvent.actor, CountedEvent.action, CountedEvent.route, CountedEvent.minute]
    session.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"count": CountedEvent.count + 1})
    )


def settle_counted(session: Session, *, now: datetime) -> int:
    """Make entries of what was counted in minutes that are over; how many. Safe to repeat and to run twice at once."""
    over = now.replace(second=0, microsecond=0)
    rows = session.execute(
        delete(CountedEvent)
        .where(CountedEvent.minute < over)
        .returning(
            CountedEvent.actor,
            CountedEvent.action,
            CountedEvent.route,
            CountedEvent.subject,
            CountedEvent.reason,
            CountedEvent.minute,
            CountedEvent.count,
        )
    ).all()
    for row in sorted(rows, key=lambda row: (row.minute, row.actor, row.route)):
        detail = {
            "route": row.route,
            "reason": row.reason,
            "count": row.count,
            "minute": row.minute.isoformat(),
        }
        record(session, row.actor, row.action, row.subject, detail, now=now)
    return len(rows)


def read_entries(session: Session, after: int = 0, limit: int = 100) -> list[AuditEntry]:
    """Numbered entries above `after`, oldest first."""
    return [_entry(change) for change in sequencer.read_after(session, TOPIC, after, limit)]


def last_number(session: Session) -> int:
    """The number of the newest entry; 0 when there is none."""
    return sequencer.last_number(session, TOPIC)


def private_details(session: Session, entries: Sequence[AuditEntry]) -> dict[str, dict[str, Any]]:
    """Digest → private detail, of entries whose private part is not erased."""
    digests = [entry.private for entry in entries if entry.private]
    rows = session.execute(
        select(PrivateDetail.digest, PrivateDetail.detail).where(
            PrivateDetail.digest.in_(digests), PrivateDetail.erased_at.is_(None)
        )
    )
    return {digest: detail for digest, detail in rows if detail is not None}


def erase_due(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Erase private details whose time is over, and say so in the audit; how many. Safe to repeat."""
    due = (
        select(PrivateDetail.digest)
        .where(PrivateDetail.erased_at.is_(None), PrivateDetail.erase_at <= now)
        .order_by(PrivateDetail.erase_at)
        .limit(limit)
    )
    return _erase(session, list(session.scalars(due)), ("system:retention", "audit.erase_due", "audit"), now)


def erase_about(session: Session, about: str, *, actor: str, now: datetime) -> int:
    """Erase the private details of everything that `about` (a principal's name) did; how many. Safe to repeat."""
    held = select(PrivateDetail.digest).where(PrivateDetail.erased_at.is_(None), PrivateDetail.about == about)
    return _erase(session, list(session.scalars(held)), (actor, _ERASE_PERSON, about), now)


def verify(session: Session, heads: Mapping[int, str] | None = None) -> AuditVerdict:
    """Check the whole audit: chain, private details, and `heads` (number → hash in hex) that were handed out.

    Found are: an edited entry, a removed one, a cut end, an edited or removed private detail, and, against a head that
    somebody else holds, a chain that was rewritten or cut together with everything this database knows of it.
    """
    inspection = _Inspection(session, dict(heads or {}))
    verdict = sequencer.verify_chain(session, TOPIC, inspect=inspection.look)
    number, why = verdict.broken_at, verdict.why
    if number is None and inspection.heads:
        number, why = verdict.checked + 1, "cut off"
    if number is None:
        number, why = inspection.erased_against_rule(), "private detail erased against the rule"
    return AuditVerdict(verdict.checked, number, why if number is not None else "", inspection.erased)


class _Inspection:
    """What is checked of each entry beyond the chain itself."""

    def __init__(self, session: Session, heads: dict[int, str]) -> None:
        self.heads = heads
        self.erased = 0
        self._session = session
        self._early: dict[str, int] = {}
        self._forgotten: set[str] = set()

    def look(self, rows: Sequence[sequencer.Change]) -> tuple[int, str] | None:
        for row in rows:
            expected = self.heads.pop(row.number, None)
            if expected is not None and row.hash.hex() != expected:
                return row.number, "rewritten"
            if (row.payload or {}).get("action") == _ERASE_PERSON:
                self._forgotten.add(row.subject)
        return self._look_at_private(rows)

    def erased_against_rule(self) -> int | None:
        """The first entry whose private detail is gone although neither its time was over nor its person erased."""
        return min((n for about, n in self._early.items() if about not in self._forgotten), default=None)

    def _look_at_private(self, rows: Sequence[sequencer.Change]) -> tuple[int, str] | None:
        named = {row.number: digest for row in rows if (digest := (row.payload or {}).get("private"))}
        asked = select(PrivateDetail).where(PrivateDetail.digest.in_(named.values()))
        held = {detail.digest: detail for detail in self._session.scalars(asked)}
        for number, digest in named.items():
            detail = held.get(digest)
            if detail is None:
                return number, "private detail missing"
            if detail.salt is None or detail.detail is None:
                self.erased += 1
                if detail.erased_at is not None and detail.erased_at < detail.erase_at:
                    self._early.setdefault(detail.about, number)
            elif _digest(detail.salt, detail.detail) != digest:
                return number, "private detail altered"
        return None


def _entry(change: sequencer.Change) -> AuditEntry:
    told = change.payload or {}
    return AuditEntry(
        change.number,
        change.announced_at,
        told.get("actor", ""),
        told.get("action", ""),
        change.subject,
        told.get("detail", {}),
        told.get("private"),
    )


def _keep_private(session: Session, about: str, detail: Mapping[str, Any], erase_at: datetime) -> str:
    salt = secrets.token_bytes(16)
    row = PrivateDetail(
        digest=_digest(salt, detail), about=about, salt=salt, detail=dict(detail), erase_at=erase_at
    )
    session.add(row)
    return row.digest


def _digest(salt: bytes, detail: Mapping[str, Any]) -> str:
    return sha256(salt + orjson.dumps(dict(detail), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _erase(session: Session, digests: list[str], told: tuple[str, str, str], now: datetime) -> int:
    if not digests:
        return 0
    session.execute(
        update(PrivateDetail)
        .where(PrivateDetail.digest.in_(digests))
        .values(salt=None, detail=None, erased_at=now)
        .execution_options(synchronize_session=False)
    )
    record(session, *told, {"details": len(digests)}, now=now)
    return len(digests)
