"""What people see of an instrument's time: free slots, closures, the next free slot, and how old that knowledge is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import queries, rules
from hub.availability.errors import WindowTooLong
from hub.availability.rules import Availability, Slot

LONGEST_WINDOW = timedelta(days=62)


def show(
    session: Session,
    instrument_id: str,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    document: Mapping[str, Any] | None = None,
) -> Availability:
    """The instrument's time between two instants, at most `LONGEST_WINDOW` apart.

    With `document`, a valid booking-rules document, as it would be under these rules instead of those in force.
    Raises `WindowTooLong` and the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    if not timedelta(0) < end - start <= LONGEST_WINDOW:
        raise WindowTooLong(LONGEST_WINDOW.days)
    owners = {instrument_id: queries.owner(session, instrument_id)}
    if document is None:
        in_force = queries.rules_in_force(session, owners, now=now)
    else:
        in_force = {instrument_id: rules.read_rules(document, version=0, source="hub")}
    booking_rules = in_force[instrument_id]
    opening, window = booking_rules.opening, Slot(start, end)
    horizon = Slot(min(start, now), max(end, now + timedelta(days=opening.horizon_days)))
    busy = queries.busy_times(session, owners, in_force, horizon)[instrument_id]
    as_of, source = queries.freshness(queries.calendar(session, instrument_id), booking_rules)
    unit = owners[instrument_id].institution_id
    subjects = [instrument_id] if unit is None else [instrument_id, unit]
    shut = [
        held for held in queries.held_closures(session, subjects, window) if any(held.closure.times(window))
    ]
    return Availability(
        instrument_id,
        owners[instrument_id].province,
        window,
        booking_rules,
        tuple(rules.bookable(opening, window, busy, now=now)),
        tuple(shut),
        rules.next_free(opening, busy, now=now),
        as_of,
        source,
    )
