"""What a province's answers tell of a use: the facts, the proofs that stay with it, and what is new in them. Pure."""

from collections.abc import Mapping
from typing import Any

from adapters.contract import Answer
from hub.bookings import wire
from hub.bookings.models import Booking
from hub.settlement.service.usage import Told

MOST_EVIDENCE = 50
"""As many pieces as a version of a usage holds."""


def told(booking: Booking, answer: Answer) -> Told:
    """What the platform tells; its own number of the usage is the key, else the order's and what was told."""
    assert answer.usage is not None, "asked of answers with a usage"
    used, proofs = wire.usage_document(answer.usage), wire.evidence_of(answer.usage)
    made = f"{answer.remote_id or booking.id}.{Told('platform', '', used).body_hash[:16]}"
    return Told("platform", (answer.usage.remote_id or made)[:100], used, evidence=proofs)


def news(booking: Booking, answer: Answer, present: Mapping[str, Any] | None) -> Told | None:
    """What makes another version of what is known: other facts, or the same with more proofs; None for nothing new."""
    if present is None:
        return None
    said = told(booking, answer)
    return said if _differs(present.get("used", {}), said.used) else _with_more_proofs(present, said)


def _with_more_proofs(present: Mapping[str, Any], said: Told) -> Told | None:
    """The present version and the proofs that it does not name yet, under a number made of them."""
    held = list(present.get("evidence", ()))
    named = {each["sha256"] for each in held}
    more = [each for each in said.evidence if each["sha256"] not in named][: MOST_EVIDENCE - len(held)]
    if not more:
        return None
    number = f"{said.external_id[:80]}.{Told('platform', '', evidence=tuple(more)).body_hash[:16]}"
    return Told(
        "platform", number, present.get("used", {}), tuple(present.get("intervals", ())), (*held, *more)
    )


def _differs(known: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether both speak of the same thing and say something else of it; what only one side tells contradicts nothing."""
    for name in {"started_at", "ended_at", "hours", "quantity", "charging_unit"} & known.keys() & told.keys():
        mine, theirs = known[name], told[name]
        if name.endswith("_at"):
            mine, theirs = wire.instant(mine), wire.instant(theirs)
        if mine != theirs:
            return True
    return False
