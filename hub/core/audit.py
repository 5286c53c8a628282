"""Who did what: an append-only record on the chained log, topic `audit`.

A refusal is recorded by the caller in a transaction of its own, because the refused request's is rolled back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hub.core import sequencer

TOPIC = "audit"


class AuditEntry(NamedTuple):
    """One entry: its number in the chain, when, who, did what, to what, and what else is known."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    now: datetime | None = None,
) -> None:
    """Add an entry in the caller's transaction.

    `actor` is a principal's name (`account:…`, `key:…`, `system:…`), `action` is `<domain>.<verb_noun>`.
    Secrets and personal data do not belong into `detail`.
    """
    told = {"actor": actor, "action": action, "detail": dict(detail or {})}
    sequencer.announce(session, TOPIC, subject, told, now=now)


def read_entries(session: Session, after: int = 0, limit: int = 100) -> list[AuditEntry]:
    """Numbered entries above `after`, oldest first."""
    entries = []
    for change in sequencer.read_after(session, TOPIC, after, limit):
        told = change.payload or {}
        entries.append(
            AuditEntry(
                change.number,
                change.announced_at,
                told.get("actor", ""),
                told.get("action", ""),
                change.subject,
                told.get("detail", {}),
            )
        )
    return entries


def verify(session: Session) -> sequencer.ChainVerdict:
    """Check the whole chain: any edited, removed or cut-off entry is found."""
    return sequencer.verify_chain(session, TOPIC)
