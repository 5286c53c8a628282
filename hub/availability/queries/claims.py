"""Claims as they stand, and the conflicts between the province's reservations and the hub's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from hub.availability.errors import ClaimUnknown, ConflictUnknown
from hub.availability.models import Claim, Conflict
from hub.availability.rules import HeldClaim, HeldConflict, Slot
from hub.core.db import UtcDateTime, table_of

LIVE = ("held", "confirmed", "external")
"""States in which a claim has its time."""


def as_held(row: Claim | Row[Any]) -> HeldClaim:
    """The row as a value."""
    proposed = None
    if row.proposed_starts_at is not None and row.proposed_ends_at is not None:
        proposed = Slot(row.proposed_starts_at, row.proposed_ends_at)
    return HeldClaim(
        row.id, row.instrument_id, row.state, Slot(row.starts_at, row.ends_at), row.until,
        proposed, row.proposed_until, row.is_guarded, row.source, row.label,
    )  # fmt: skip


def find_claim(session: Session, claim_id: str) -> HeldClaim | None:
    """The claim, live or not; None when there never was one."""
    row = session.scalar(select(Claim).where(Claim.id == claim_id).execution_options(populate_existing=True))
    return None if row is None else as_held(row)


def claim(session: Session, claim_id: str) -> HeldClaim:
    """The claim, live or not. Raises `ClaimUnknown`."""
    held = find_claim(session, claim_id)
    if held is None:
        raise ClaimUnknown(claim_id)
    return held


def live_claims(session: Session, instrument_ids: Sequence[str], window: Slot) -> list[HeldClaim]:
    """Live claims that touch the window with their own or their proposed time, by start: what a board shows."""
    rows = session.scalars(
        select(Claim)
        .where(
            Claim.instrument_id.in_(instrument_ids),
            Claim.state.in_(LIVE),
            or_(
                and_(Claim.starts_at < window.end, Claim.ends_at > window.start),
                and_(Claim.proposed_starts_at < window.end, Claim.proposed_ends_at > window.start),
            ),
        )
        .order_by(Claim.starts_at, Claim.id)
    )
    return [as_held(row) for row in rows]


def claimed_instruments(
    session: Session,
    window: Slot,
    *,
    province: str | None = None,
    instrument_ids: Sequence[str] | None = None,
    after: str = "",
    limit: int = 50,
) -> list[str]:
    """Instruments of a province, or of these, with a live claim on the window, by identifier from behind `after`."""
    query = (
        select(Claim.instrument_id)
        .where(
            Claim.instrument_id > after,
            Claim.state.in_(LIVE),
            Claim.starts_at < window.end,
            Claim.ends_at > window.start,
        )
        .distinct()
        .order_by(Claim.instrument_id)
        .limit(limit)
    )
    if province is not None:
        query = query.where(Claim.instrument_id.startswith(f"{province[:2]}-"))
    if instrument_ids is not None:
        query = query.where(Claim.instrument_id.in_(instrument_ids))
    return list(session.scalars(query))


def unguarded(session: Session, instrument_ids: Sequence[str], window: Slot) -> list[HeldClaim]:
    """External claims without cells that touch the window: times that the province says are taken."""
    asked = {"instruments": list(instrument_ids), "start": window.start, "end": window.end}
    return [as_held(row) for row in session.execute(_UNGUARDED, asked)]


_CLAIM = table_of(Claim)
_UNGUARDED = select(_CLAIM).where(
    _CLAIM.c.instrument_id.in_(bindparam("instruments", expanding=True)),
    _CLAIM.c.state == "external",
    _CLAIM.c.is_guarded.is_(False),
    _CLAIM.c.starts_at < bindparam("end", type_=UtcDateTime()),
    _CLAIM.c.ends_at > bindparam("start", type_=UtcDateTime()),
)


def names_of_bookings(session: Session, instrument_id: str) -> frozenset[str]:
    """What the instrument's live bookings are called: here, and by their platform where it has said."""
    rows = session.execute(
        select(Claim.id, Claim.external_key).where(
            Claim.instrument_id == instrument_id, Claim.source == "hub", Claim.state.in_(LIVE)
        )
    )
    return frozenset(name for row in rows for name in row if name is not None)


def is_overdue(session: Session, *, now: datetime) -> bool:
    """Whether a held claim or a proposed time should have lapsed."""
    held = select(Claim.id).where(Claim.state == "held", Claim.until <= now)
    proposed = select(Claim.id).where(Claim.proposed_until <= now)
    return any(session.scalar(overdue.limit(1)) is not None for overdue in (held, proposed))


def conflicts(
    session: Session,
    *,
    instrument_ids: Sequence[str] | None = None,
    province: str | None = None,
    state: str | None = "open",
    after: int = 0,
    limit: int = 100,
) -> list[HeldConflict]:
    """Conflicts by number, of these instruments, of a province or of all; `state` None takes resolved ones too."""
    query = select(Conflict).where(Conflict.id > after).order_by(Conflict.id).limit(limit)
    if instrument_ids is not None:
        query = query.where(Conflict.instrument_id.in_(instrument_ids))
    if province is not None:
        query = query.where(Conflict.instrument_id.startswith(f"{province[:2]}-"))
    if state is not None:
        query = query.where(Conflict.state == state)
    return _as_conflicts(session, session.scalars(query).all())


def conflict(session: Session, conflict_id: int) -> HeldConflict:
    """The conflict, open or not. Raises `ConflictUnknown`."""
    rows = session.scalars(select(Conflict).where(Conflict.id == conflict_id)).all()
    if not rows:
        raise ConflictUnknown(conflict_id)
    return _as_conflicts(session, rows)[0]


def _as_conflicts(session: Session, rows: Sequence[Conflict]) -> list[HeldConflict]:
    named = {name for row in rows for name in (row.claim_id, *row.others)}
    claims = {row.id: as_held(row) for row in session.scalars(select(Claim).where(Claim.id.in_(named)))}
    return [
        HeldConflict(
            row.id, row.instrument_id, row.state, claims[row.claim_id],
            tuple(claims[name] for name in row.others if name in claims),
            row.opened_at, row.resolved_at, row.resolution,
        )
        for row in rows
    ]  # fmt: skip
