"""The booking's hold on the instrument's time. The claim carries the booking's identifier."""

from datetime import datetime, timedelta

from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.bookings.models import Booking, Proposal
from hub.bookings.service.acting import Move

HOLD_MARGIN = timedelta(days=3)
"""A held claim outlives the saga's own deadlines by this, so that it only lapses if the saga itself is broken."""


def hold_until(booking: Booking, now: datetime) -> datetime:
    """Until when a claim is held that nobody confirms: longer than every deadline of an unanswered booking."""
    return max(now + timedelta(days=30), (booking.ends_at or now)) + HOLD_MARGIN


def confirm_claim(made: Move) -> None:
    """The slot is the booking's for good. A booking without a slot has none."""
    if made.booking.starts_at is not None:
        availability.confirm(made.session, made.booking.id, now=made.now)


def release_claim(made: Move) -> None:
    """Let the slot go, and a proposed one. Safe for bookings without a slot."""
    availability.release(made.session, made.booking.id, now=made.now)


def hold_proposed(made: Move) -> None:
    """Hold the proposed time beside the present one. A booking without a slot claims it like a first one."""
    proposal = _last(made)
    slot = slot_of(proposal)
    if slot is None:
        return
    is_staff = made.actor.side != "enterprise"
    booking = made.booking
    # The guard's own expiry is only a safety net: the saga settles every proposal itself, and a little earlier.
    until = proposal.until + HOLD_MARGIN
    if booking.starts_at is None:
        availability.claim(
            made.session,
            booking.instrument_id,
            slot,
            claim_id=booking.id,
            until=until,
            now=made.now,
            is_staff=is_staff,
        )
    else:
        availability.propose(made.session, booking.id, slot, until=until, now=made.now, is_staff=is_staff)


def take_proposed(made: Move) -> None:
    """The proposal is agreed to: its time, day, fee and mode become the booking's."""
    proposal, booking = _open(made), made.booking
    slot = slot_of(proposal)
    if slot is not None:
        if booking.starts_at is not None:
            availability.settle_proposal(made.session, booking.id, "new", now=made.now)
        booking.starts_at, booking.ends_at = slot
    booking.due_on = proposal.due_on or booking.due_on
    booking.fee_fen = booking.fee_fen if proposal.fee_fen is None else proposal.fee_fen
    if proposal.service_mode is not None:
        booking.service_mode = proposal.service_mode
        made.keep(needs_report=proposal.service_mode == "entrusted_test")
    _settle(made, proposal, "agreed")


def drop_proposed(made: Move) -> None:
    """The proposal came to nothing: only the old time stays. Without a proposal nothing happens."""
    if made.proposal is None or made.proposal.state != "open":
        return
    if slot_of(made.proposal) is not None:
        if made.booking.starts_at is None:
            availability.release(made.session, made.booking.id, now=made.now)
        else:
            availability.settle_proposal(made.session, made.booking.id, "old", now=made.now)
    _settle(made, made.proposal, "declined" if made.transition.command == "decline" else "lapsed")


def slot_of(proposal: Proposal) -> Slot | None:
    """The proposed time; None for a proposal of other terms only."""
    if proposal.starts_at is None or proposal.ends_at is None:
        return None
    return Slot(proposal.starts_at, proposal.ends_at)


def _settle(made: Move, proposal: Proposal, state: str) -> None:
    proposal.state, proposal.settled_at = state, made.now
    made.session.flush()


def _open(made: Move) -> Proposal:
    assert made.proposal is not None, "a proposal is open in this state"
    return made.proposal


def _last(made: Move) -> Proposal:
    number = made.detail["proposal"]
    found = made.session.get(Proposal, (made.booking.id, number))
    assert found is not None, "the proposal is written before the move"
    return found
