"""Sets of deletions: collected in a run, judged by the guard, applied in small steps or held for a person.

The set and its items know no catalogue: whoever withdraws the records asks for the next items and settles them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.orm import Session

from hub.core.db import insert
from hub.federation import rules
from hub.federation.errors import HoldNotOpen, HoldUnknown
from hub.federation.models import Checkpoint, Hold, HoldItem, Record
from hub.federation.service.claims import Claim
from hub.federation.service.ledger import pieces

Kind = Literal["tombstone", "absence"]
Decision = Literal["release", "undo"]
STEP = 250
"""Items settled in one transaction."""

_ITEM: Table = HoldItem.__table__  # type: ignore[assignment]


def collect(
    session: Session, claim: Claim, kind: Kind, items: Sequence[tuple[str, str]], *, now: datetime
) -> Hold:
    """Add `(key, subject)` to the set of this run's deletions. Safe to repeat."""
    hold = session.scalar(_collected(claim, kind).limit(1))
    if hold is None:
        hold = Hold(
            province=claim.province,
            resource=claim.resource,
            run_id=claim.run_id,
            read_id=claim.read_id,
            kind=kind,
            state="collecting",
            opened_at=now,
            reasons=[],
        )
        session.add(hold)
        session.flush()
    if items:
        session.connection().execute(
            insert(session, _ITEM).on_conflict_do_nothing(),
            [{"hold_id": hold.id, "native_key": key, "subject": s, "step": "waiting"} for key, s in items],
        )
    return hold


def take_back(session: Session, claim: Claim, keys: Sequence[str]) -> None:
    """Remove records from the set of this run: after the tombstone came the record again."""
    hold_ids = _collected(claim, "tombstone").with_only_columns(Hold.id)
    for some in pieces(keys):
        session.execute(
            delete(HoldItem)
            .where(HoldItem.hold_id.in_(hold_ids.scalar_subquery()), HoldItem.native_key.in_(some))
            .execution_options(synchronize_session=False)
        )


def of_run(session: Session, claim: Claim, kind: Kind) -> Hold | None:
    """The set of this run's deletions of one kind, whatever state it is in."""
    return session.scalar(
        select(Hold)
        .where(
            Hold.province == claim.province,
            Hold.resource == claim.resource,
            Hold.run_id == claim.run_id,
            Hold.kind == kind,
        )
        .order_by(Hold.id.desc())
        .limit(1)
    )


def count_of_run(session: Session, claim: Claim) -> tuple[int, int]:
    """How many records this run's deletions took out, and how many are held back."""
    mine = (Hold.province == claim.province, Hold.resource == claim.resource, Hold.run_id == claim.run_id)
    applied = session.scalar(
        select(func.count()).select_from(HoldItem).join(Hold).where(*mine, HoldItem.step == "applied")
    )
    held = session.scalar(select(func.sum(Hold.count)).where(*mine, Hold.state == "open"))
    return applied or 0, int(held or 0)


def judge(session: Session, hold: Hold, live: int, *, now: datetime) -> list[rules.Reason]:
    """Let the guard decide: the set is open (held) with its reasons, or ready to be applied."""
    hold.count = _count(session, hold.id, "waiting")
    hold.live_before = live
    reasons = rules.reasons_to_hold(hold.count, live)
    hold.reasons = rules.as_documents(reasons)
    hold.opened_at = now
    hold.state = "open" if reasons else "applying"
    if reasons and hold.kind == "absence":
        _supersede(session, hold, now)
    return reasons


def next_items(session: Session, hold_id: int, step: str, limit: int = STEP) -> list[tuple[str, str]]:
    """The next `(key, subject)` at this step, by key."""
    rows = session.execute(
        select(HoldItem.native_key, HoldItem.subject)
        .where(HoldItem.hold_id == hold_id, HoldItem.step == step)
        .order_by(HoldItem.native_key)
        .limit(limit)
    )
    return [(row.native_key, row.subject) for row in rows]


def items_after(session: Session, hold_id: int, after: str, limit: int = STEP) -> list[tuple[str, str]]:
    """The waiting `(key, subject)` behind a key, by key: to mark them without settling them."""
    rows = session.execute(
        select(HoldItem.native_key, HoldItem.subject)
        .where(HoldItem.hold_id == hold_id, HoldItem.step == "waiting", HoldItem.native_key > after)
        .order_by(HoldItem.native_key)
        .limit(limit)
    )
    return [(row.native_key, row.subject) for row in rows]


def settle(session: Session, hold_id: int, keys: Sequence[str], step: str) -> None:
    """Move items to another step."""
    for some in pieces(keys):
        session.execute(
            update(HoldItem)
            .where(HoldItem.hold_id == hold_id, HoldItem.native_key.in_(some))
            .values(step=step)
            .execution_options(synchronize_session=False)
        )


def still_gone(session: Session, hold: Hold, keys: Sequence[str]) -> set[str]:
    """Of these keys, those not seen again since the set was collected: they may still be withdrawn.

    Reads of one resource follow each other and their numbers rise.
    """
    found: set[str] = set()
    for some in pieces(keys):
        rows = session.scalars(
            select(Record.native_key).where(
                Record.province == hold.province,
                Record.resource == hold.resource,
                Record.native_key.in_(some),
                Record.withdrawn_at.is_(None),
                Record.seen_read < hold.read_id + (hold.kind == "tombstone"),
            )
        )
        found.update(rows)
    return found


def finish(hold: Hold, *, now: datetime) -> None:
    """End the work that a state asked for: applying → applied, releasing → released, undoing → undone."""
    hold.state = {"applying": "applied", "releasing": "released", "undoing": "undone"}[hold.state]
    hold.finished_at = now


def decide(
    session: Session, hold_id: int, decision: Decision, *, actor: str, note: str, now: datetime
) -> Hold:
    """A person's decision on a set. Raises `HoldUnknown`, `HoldNotOpen`.

    Release: the deletions are applied. Undo: an open set is discarded, an applied one is taken back. The same
    decision twice is one decision. Work that follows is the caller's (`releasing`, `undoing`).
    """
    hold = session.scalar(select(Hold).where(Hold.id == hold_id).with_for_update())
    if hold is None:
        raise HoldUnknown(hold_id)
    steps = {
        ("release", "open"): "releasing",
        ("undo", "open"): "discarded",
        ("undo", "applied"): "undoing",
        ("undo", "released"): "undoing",
    }
    repeated = {"release": {"releasing", "released"}, "undo": {"discarded", "undoing", "undone"}}
    if hold.state in repeated[decision]:
        return hold
    state = steps.get((decision, hold.state))
    if state is None:
        raise HoldNotOpen(hold_id, hold.state)
    hold.state, hold.decided_by, hold.decided_at, hold.note = state, actor, now, note or None
    if state == "discarded":
        hold.finished_at = now
    if state == "releasing":
        point = session.get(Checkpoint, (hold.province, hold.resource))
        if point is not None:
            point.full_read_rows = None  # the smaller source is the new normal
    return hold


def open_absences(session: Session, province: str, resource: str) -> list[Hold]:
    """Held absences of a resource that wait for a person."""
    return list(session.scalars(_open(province, resource)))


def close_returned(hold: Hold, *, now: datetime) -> None:
    """The records of a held absence were all seen again: nothing is left to decide."""
    hold.state, hold.finished_at = "returned", now


def _supersede(session: Session, newer: Hold, now: datetime) -> None:
    session.execute(
        update(Hold)
        .where(
            Hold.province == newer.province,
            Hold.resource == newer.resource,
            Hold.kind == "absence",
            Hold.state == "open",
            Hold.id != newer.id,
        )
        .values(state="superseded", finished_at=now)
        .execution_options(synchronize_session=False)
    )


def _collected(claim: Claim, kind: Kind) -> Select[Hold]:
    return select(Hold).where(
        Hold.province == claim.province,
        Hold.resource == claim.resource,
        Hold.run_id == claim.run_id,
        Hold.kind == kind,
        Hold.state == "collecting",
    )


def _open(province: str, resource: str) -> Select[Hold]:
    return select(Hold).where(
        Hold.province == province, Hold.resource == resource, Hold.kind == "absence", Hold.state == "open"
    )


def _count(session: Session, hold_id: int, step: str) -> int:
    where = (HoldItem.hold_id == hold_id, HoldItem.step == step)
    return session.scalar(select(func.count()).where(*where)) or 0
