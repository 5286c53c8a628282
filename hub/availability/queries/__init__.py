"""Reads of availability: claims, rules in force, times taken, what search follows."""

from hub.availability.queries.busy import (
    TOPIC,
    IndexFacts,
    busy_times,
    calendar,
    calendars,
    freshness,
    index_facts,
)
from hub.availability.queries.claims import (
    LIVE,
    as_held,
    claim,
    claimed_instruments,
    conflict,
    conflicts,
    find_claim,
    is_overdue,
    live_claims,
    names_of_bookings,
    unguarded,
)
from hub.availability.queries.keeping import (
    as_closure,
    booking_rules,
    closures,
    closures_of,
    held_closures,
    is_unsettled,
    owner,
    owner_or_none,
    rules_in_force,
    rules_versions,
    tariff_versions,
    tariffs_in_force,
    terms_in_force,
    training_codes,
    trainings,
)

__all__ = [
    "LIVE", "TOPIC", "IndexFacts", "as_closure", "as_held", "booking_rules", "busy_times", "calendar",
    "calendars", "claim", "claimed_instruments", "closures", "closures_of", "conflict", "conflicts", "find_claim", "freshness",
    "held_closures", "index_facts", "is_overdue", "is_unsettled", "live_claims", "names_of_bookings",
    "owner", "owner_or_none", "rules_in_force", "rules_versions", "tariff_versions", "tariffs_in_force",
    "terms_in_force", "training_codes", "trainings", "unguarded",
]  # fmt: skip
