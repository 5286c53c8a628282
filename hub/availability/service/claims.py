"""Claims on the time of an instrument: held, confirmed, moved, let go. The booking that claims is another's.

Each call works in the caller's transaction, sees what others have committed, and is announced on topic `availability`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from hub.availability import queries, rules
from hub.availability.errors import ClaimLapsed, ClaimMismatch, ClaimUnknown, ProposalUnknown, SlotTaken
from hub.availability.models import Claim
from hub.availability.queries import LIVE
from hub.availability.rules import BookingRules, HeldClaim, Slot
from hub.availability.rules.grid import Grid
from hub.availability.service import cells
from hub.availability.service.announcing import announce
from hub.availability.service.cells import CellTaken
from hub.availability.service.offers import Offer
from hub.catalog.queries import Owner
from hub.core import db
from hub.core.db import InsertOnBoth, table_of

_CLAIM = table_of(Claim)
_NAMED = (
    update(_CLAIM)
    .where(_CLAIM.c.id == bindparam("claim"), _CLAIM.c.state.in_(LIVE))
    .values(external_key=bindparam("name"))
)
_VALUES = ("instrument_id", "state", "starts_at", "ends_at", "until", "is_guarded", "source", "changed_at")
_TAKE_UP = InsertOnBoth(
    _CLAIM,
    lambda made: made.on_conflict_do_update(
        index_elements=["id"],
        set_={name: made.excluded[name] for name in _VALUES},
        where=_CLAIM.c.state.not_in(LIVE),
    ).returning(*_CLAIM.c),
)


def claim(
    session: Session,
    instrument_id: str,
    slot: Slot,
    *,
    claim_id: str,
    until: datetime,
    now: datetime,
    is_staff: bool = False,
    offer: Offer | None = None,
) -> HeldClaim:
    """Hold the slot until `until`, or for good once confirmed. Safe to repeat with the same slot.

    `offer`: what this transaction has read of the instrument already. Staff (`is_staff`) may use times outside the opening hours, the lead time and the horizon; nobody a taken lane.
    Raises `SlotTaken`, `SlotClosed`, `SlotPast`, `SlotTooShort`, `SlotTooLong`, `SlotTooSoon`, `SlotTooFar`,
    `SlotMalformed`, `ClaimMismatch`, and the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    rules.check_form(slot, 1)  # what no grid takes, the table does not either
    made = _write_claim(session, claim_id, instrument_id, slot, until=until, now=now)
    if made is None:
        held = _live(session, claim_id)
        if (held.instrument_id, _present(held)) != (instrument_id, slot):
            raise ClaimMismatch(claim_id)
        return queries.as_held(held)
    owner, booking_rules = _terms(session, instrument_id, offer, now=now)
    _check(session, owner, booking_rules, instrument_id, slot, now=now, is_staff=is_staff)
    _take(session, booking_rules, instrument_id, slot, claim_id, now=now)
    announce(session, instrument_id, "claimed", now=now)
    return made


def confirm(session: Session, claim_id: str, *, now: datetime) -> HeldClaim:
    """The booking is accepted: the claim no longer lapses. Safe to repeat. Raises `ClaimUnknown`, `ClaimLapsed`."""
    held = _live(session, claim_id)
    if held.state == "held":
        held.state, held.until, held.changed_at = "confirmed", None, now
        announce(session, held.instrument_id, "confirmed", now=now)
    return queries.as_held(held)


def prolong(session: Session, claim_id: str, until: datetime, *, now: datetime) -> HeldClaim:
    """A held claim lapses later (or earlier). Safe to repeat. Raises `ClaimUnknown`, `ClaimLapsed`."""
    held = _live(session, claim_id)
    if held.state == "held":
        held.until, held.changed_at = until, now
    return queries.as_held(held)


def name_remote(session: Session, claim_id: str, remote_id: str) -> None:
    """What the platform calls the booking, so that its calendar is not read as somebody else's reservation.

    Safe to repeat, also for a claim that never was or is no longer live: that one keeps no name.
    """
    session.execute(_NAMED, {"claim": claim_id, "name": remote_id[:200]})


def release(session: Session, claim_id: str, *, now: datetime) -> None:
    """Let the claim and a proposed time go. Safe to repeat, also for a claim that never was or has lapsed."""
    held = _locked(session, claim_id)
    if held is not None and held.state in LIVE:
        _let_go(session, held, "released", now=now)


def propose(
    session: Session,
    claim_id: str,
    slot: Slot,
    *,
    until: datetime,
    now: datetime,
    is_staff: bool = False,
) -> HeldClaim:
    """Hold another time beside the present one until it is settled or `until` has come. Safe to repeat.

    Takes only cells that the claim does not have yet, so the two may overlap. Another proposal before it is settled
    replaces the first. Raises what `claim` raises, `ClaimUnknown`, `ClaimLapsed`.
    """
    held = _live(session, claim_id)
    if _proposed(held) == slot:
        held.proposed_until = until
        return queries.as_held(held)
    owner, booking_rules = _terms(session, held.instrument_id, None, now=now)
    _check(session, owner, booking_rules, held.instrument_id, slot, now=now, is_staff=is_staff)
    grid = _take(session, booking_rules, held.instrument_id, slot, claim_id, now=now)
    cells.free(session, claim_id, keep=(grid, [*grid.cells(_present(held)), *grid.cells(slot)]))
    held.proposed_starts_at, held.proposed_ends_at = slot
    held.proposed_until, held.changed_at = until, now
    announce(session, held.instrument_id, "proposed", now=now)
    return queries.as_held(held)


def settle_proposal(
    session: Session, claim_id: str, keep: Literal["old", "new"], *, now: datetime
) -> HeldClaim:
    """Keep one of the two times and free what only the other needed.

    Safe to repeat: `keep="old"` without a proposal changes nothing. `keep="new"` raises `ProposalUnknown` once the
    proposal has lapsed. Raises `ClaimUnknown`, `ClaimLapsed`.
    """
    held = _live(session, claim_id)
    if held.proposed_starts_at is None:
        if keep == "new":
            raise ProposalUnknown(claim_id)
        return queries.as_held(held)
    _settle(session, held, keep, now=now)
    announce(session, held.instrument_id, "settled", now=now)
    return queries.as_held(held)


def sweep(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Let go of held claims and proposed times whose time is up; how many. Safe to repeat and to run anywhere."""
    held = select(Claim).where(Claim.state == "held", Claim.until <= now).order_by(Claim.until)
    proposed = select(Claim).where(Claim.proposed_until <= now).order_by(Claim.proposed_until)
    gone = 0
    for overdue in (held, proposed):
        for row in session.scalars(db.skip_locked(session, overdue.limit(limit))).all():
            gone += _lapse(session, row, now=now)
    return gone


def _terms(
    session: Session, instrument_id: str, offer: Offer | None, *, now: datetime
) -> tuple[Owner, BookingRules]:
    """Whose the instrument is and the rules in force. Raises for one that is unknown or withdrawn."""
    if offer is not None:
        offer.check_listed()
        return offer.owner, offer.rules
    owner = queries.owner(session, instrument_id)
    return owner, queries.rules_in_force(session, {instrument_id: owner}, now=now)[instrument_id]


def _check(
    session: Session,
    owner: Owner,
    booking_rules: BookingRules,
    instrument_id: str,
    slot: Slot,
    *,
    now: datetime,
    is_staff: bool,
) -> None:
    closures = queries.closures_of(session, {instrument_id: owner}, slot)[instrument_id]
    for outside in queries.unguarded(session, [instrument_id], slot):
        raise SlotTaken(max(slot.start, outside.slot.start))
    if is_staff:
        rules.check_form(slot, booking_rules.opening.step_minutes)
        rules.check_closures(slot, closures)
    else:
        rules.check_slot(booking_rules, slot, closures, now=now)


def _write_claim(
    session: Session, claim_id: str, instrument_id: str, slot: Slot, *, until: datetime, now: datetime
) -> HeldClaim | None:
    """A new claim, or a former one taken up again; None when it is live already, and then it stays so here."""
    values = {
        "id": claim_id,
        "instrument_id": instrument_id,
        "state": "held",
        "starts_at": slot.start,
        "ends_at": slot.end,
        "until": until,
        "is_guarded": True,
        "source": "hub",
        "created_at": now,
        "changed_at": now,
    }
    row = session.execute(_TAKE_UP.on(session), values).one_or_none()
    return None if row is None else queries.as_held(row)


def _take(
    session: Session,
    booking_rules: BookingRules,
    instrument_id: str,
    slot: Slot,
    claim_id: str,
    *,
    now: datetime,
) -> Grid:
    grid = cells.hold_grid(session, instrument_id, booking_rules.opening.step_minutes, now=now)
    wanted = grid.cells(slot)
    while True:
        try:
            cells.take(session, grid, claim_id, wanted, capacity=booking_rules.capacity)
            return grid
        except CellTaken as taken:
            if not _free_overdue(session, taken.claims, now=now):
                raise SlotTaken(max(slot.start, grid.start_of(taken.cell))) from None


def _free_overdue(session: Session, claim_ids: Iterable[str], *, now: datetime) -> bool:
    """Let go of those whose time is up and whom the sweep has not met yet; whether there was one.

    One that another transaction is changing right now is left to it.
    """
    others = select(Claim).where(Claim.id.in_(list(claim_ids))).execution_options(populate_existing=True)
    return sum(_lapse(session, row, now=now) for row in session.scalars(db.skip_locked(session, others))) > 0


def _lapse(session: Session, row: Claim, *, now: datetime) -> bool:
    """Let go of a locked claim or of its proposed time if its time is up; whether it was."""
    if row.state == "held" and row.until is not None and row.until <= now:
        _let_go(session, row, "lapsed", now=now)
        return True
    if row.proposed_until is not None and row.proposed_until <= now:
        _settle(session, row, "old", now=now)
        announce(session, row.instrument_id, "settled", now=now)
        return True
    return False


def _let_go(session: Session, row: Claim, state: str, *, now: datetime) -> None:
    cells.free(session, row.id)
    row.state, row.until, row.changed_at = state, None, now
    row.proposed_starts_at = row.proposed_ends_at = row.proposed_until = None
    announce(session, row.instrument_id, state, now=now)


def _settle(session: Session, row: Claim, keep: Literal["old", "new"], *, now: datetime) -> None:
    proposed = _proposed(row)
    if keep == "new" and proposed is not None:
        row.starts_at, row.ends_at = proposed
    grid = cells.grid_of(session, row.instrument_id)
    cells.free(session, row.id, keep=(grid, grid.cells(_present(row))))
    row.proposed_starts_at = row.proposed_ends_at = row.proposed_until = None
    row.changed_at = now


def _present(row: Claim) -> Slot:
    return Slot(row.starts_at, row.ends_at)


def _proposed(row: Claim) -> Slot | None:
    if row.proposed_starts_at is None or row.proposed_ends_at is None:
        return None
    return Slot(row.proposed_starts_at, row.proposed_ends_at)


def _live(session: Session, claim_id: str) -> Claim:
    row = _locked(session, claim_id)
    if row is None:
        raise ClaimUnknown(claim_id)
    if row.state not in LIVE:
        raise ClaimLapsed(claim_id)
    return row


def _locked(session: Session, claim_id: str) -> Claim | None:
    mine = (
        select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    )
    return session.scalar(mine)
