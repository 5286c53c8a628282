"""The board of a day or a week: who has which instrument when, what is closed, what is free, what is in conflict."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.availability import queries, rules
from hub.availability.rules import BookingRules, HeldClaim, HeldClosure, HeldConflict, Slot
from hub.catalog import queries as catalog

MOST_INSTRUMENTS = 50
MOST_CONFLICTS = 200


@dataclass(frozen=True, slots=True)
class Strip:
    """One instrument's time within the window of a board.

    `claims` are live, by start, with the times that are proposed to move them to; `closures` those that touch the
    window, each with its occurrences in it; `free` ascending, separate times within the opening hours that have a
    place left. Lead times do not apply: this is for those who serve. `as_of` is when the taken times were last
    confirmed, None when nobody has ever told.
    """

    instrument_id: str
    rules: BookingRules
    claims: tuple[HeldClaim, ...]
    closures: tuple[tuple[HeldClosure, tuple[Slot, ...]], ...]
    free: tuple[Slot, ...]
    conflicts: tuple[HeldConflict, ...]
    as_of: datetime | None


def board(session: Session, instrument_ids: Sequence[str], window: Slot, *, now: datetime) -> list[Strip]:
    """The strips of these instruments (at most `MOST_INSTRUMENTS`), in their order; unknown and withdrawn ones are absent.

    The same few statements, however many instruments.
    """
    owners = {
        name: held
        for name, held in catalog.owners(session, instrument_ids[:MOST_INSTRUMENTS]).items()
        if held.withdrawn_at is None
    }
    in_force = queries.rules_in_force(session, owners, now=now)
    calendars = queries.calendars(session, list(owners))
    busy = queries.busy_times(session, owners, in_force, window, known=calendars)
    claims: dict[str, list[HeldClaim]] = defaultdict(list)
    for claim in queries.live_claims(session, list(owners), window):
        claims[claim.instrument_id].append(claim)
    conflicts: dict[str, list[HeldConflict]] = defaultdict(list)
    for conflict in queries.conflicts(session, instrument_ids=list(owners), limit=MOST_CONFLICTS):
        conflicts[conflict.instrument_id].append(conflict)
    units = {held.institution_id for held in owners.values() if held.institution_id is not None}
    shut: dict[str, list[tuple[HeldClosure, tuple[Slot, ...]]]] = defaultdict(list)
    for closure in queries.held_closures(session, [*owners, *units], window):
        times = tuple(closure.closure.times(window))
        if times:
            shut[closure.subject].append((closure, times))
    strips = []
    for name in instrument_ids:
        if name not in owners:
            continue
        opening = in_force[name].opening
        free = rules.subtract(rules.open_slots(opening, window.start, window.end), busy[name])
        as_of, _ = queries.freshness(calendars.get(name), in_force[name])
        closed = [*shut[name], *shut.get(owners[name].institution_id or "", [])]
        strips.append(
            Strip(
                name,
                in_force[name],
                tuple(claims[name]),
                tuple(closed),
                tuple(free),
                tuple(conflicts[name]),
                as_of,
            )
        )
    return strips
