"""Recording what was used, and amending it by new versions. One usage of each kind for an order."""

from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from hub.settlement.errors.usage import UsageConflict, UsageInvalid
from hub.settlement.models import Usage, UsageTold, UsageVersion
from hub.settlement.rules import usages as rules
from hub.settlement.rules.usages import Price, Pricing
from hub.settlement.service.usage import moving, rated_lines, telling
from hub.settlement.service.usage.moving import SYSTEM, By
from hub.settlement.wire import usage as wire


@dataclass(frozen=True, slots=True)
class Recording:
    """The order that a usage is of, as settlement keeps it. Areas have six digits; `facts` hold names, planned time, mode.

    `home_area` is the enterprise's area, `visited` the province that serves.
    """

    reference: str
    order_number: str
    visited: str
    home_area: str
    enterprise_id: str
    institution_id: str
    operator_id: str | None
    person_id: str | None
    facts: Mapping[str, Any]
    kind: str = "service"


@dataclass(frozen=True, slots=True)
class Told:
    """What a source tells: a `booking-usage`, running and idle intervals, evidence. `external_id` is the source's number."""

    source: str
    external_id: str
    used: Mapping[str, Any] = field(default_factory=dict)
    intervals: tuple[Mapping[str, Any], ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()

    @property
    def body_hash(self) -> str:
        """What makes it this content and no other."""
        body: dict[str, Any] = {
            "used": dict(self.used),
            "intervals": list(self.intervals),
            "evidence": list(self.evidence),
        }
        return sha256(rfc8785.dumps(body)).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The usage as it stands. `is_repeat`: the same was told before, and nothing was written."""

    usage: Usage
    is_repeat: bool


def record_usage(
    session: Session,
    order: Recording,
    told: Told,
    price: Price,
    by: By,
    *,
    recipients: Iterable[str],
    now: datetime,
) -> Recorded:
    """Keep what was used and ask the enterprise; in the caller's transaction, which holds the order's lock.

    Safe to repeat: the same number of the same source with the same content changes nothing. A usage that waits for the
    enterprise is amended by a version of its own when another source tells more. Raises `UsageConflict`, `UsageInvalid`,
    `UsageRefused`.
    """
    repeated = known(session, order.visited, told)
    if repeated is not None:
        return Recorded(moving.lock(session, repeated.id), is_repeat=True)
    held = moving.lock_order(session, order.reference, order.kind)
    if held is not None:
        amend_usage(session, held, told, price, by, reason="evidence_added", recipients=recipients, now=now)
        return Recorded(held, is_repeat=False)
    usage = _new(order, told, by, now)
    session.add(usage)
    session.flush()
    _write(session, usage, told, price, by, reason=None, now=now)
    telling.begin(session, usage, recipients, now=now)
    return Recorded(usage, is_repeat=False)


def known(session: Session, visited: str, told: Told) -> Usage | None:
    """The usage that this source told under this number before. Raises `UsageConflict` when it told something else."""
    row = session.get(UsageTold, (_origin(visited, told), told.external_id))
    if row is None:
        return None
    if row.body_hash != told.body_hash:
        raise UsageConflict(told.external_id)
    return session.get_one(Usage, row.usage_id)


def record_charge(
    session: Session, order: Recording, pricing: Pricing, *, external_id: str, now: datetime
) -> rated_lines.Rated:
    """A charge by the terms that were agreed to (late cancellation, no-show): nothing to confirm, no voucher share.

    Safe to repeat. Raises `UsageConflict` when it was another charge.
    """
    told = Told("staff", external_id, {"fee_fen": pricing.fee_fen})
    repeated = known(session, order.visited, told)
    if repeated is not None:
        line = moving.live_line(session, repeated.id)
        return rated_lines.Rated(None if line is None else line.id, pricing.fee_fen, 0)
    usage = _new(order, told, SYSTEM, now)
    session.add(usage)
    session.flush()
    _write(session, usage, told, lambda _used: pricing, SYSTEM, reason=None, now=now)
    return confirm(session, usage, SYSTEM, "terms", now=now)


def amend_usage(
    session: Session,
    usage: Usage,
    told: Told,
    price: Price,
    by: By,
    *,
    reason: str,
    recipients: Iterable[str],
    now: datetime,
) -> rated_lines.Rated | None:
    """Another version of a locked usage, by who serves; the enterprise is asked anew.

    Where nothing that is priced has changed since it was confirmed, the confirmation holds, and what the line now comes to
    is the answer; None while it waits.
    Raises `UsageRefused`, `UsageInvalid`, `UsageConflict`.
    """
    before = moving.version_of(session, usage).document
    was_confirmed = usage.state == "returned" and usage.confirmed_at is not None
    moving.move(session, usage, "amend", by, reason=reason, now=now)
    written = _write(session, usage, told, price, by, reason=reason, now=now)
    if was_confirmed and all(written.get(name) == before.get(name) for name in _PRICED):
        return confirm(session, usage, SYSTEM, "unchanged", now=now)
    usage.confirmed_at = usage.confirmed_by = None
    telling.begin(session, usage, recipients, now=now)
    return None


def correct(
    session: Session, usage: Usage, used: Mapping[str, Any], price: Price, *, reason: str, now: datetime
) -> None:
    """The version that a decision makes; evidence and intervals of the one before stay where they are."""
    before = moving.version_of(session, usage).document
    told = Told(
        usage.source,
        f"{usage.id}.{usage.version + 1}",
        used,
        evidence=tuple(before.get("evidence", ())),
    )
    _write(session, usage, told, price, SYSTEM, reason=reason, now=now)


def reprice(session: Session, usage: Usage, price: Price, by: By, *, reason: str, now: datetime) -> None:
    """The version of another price for the same usage: the enterprise has agreed to more than before."""
    before = moving.version_of(session, usage).document
    told = Told(
        usage.source,
        f"{usage.id}.{usage.version + 1}",
        before.get("used", {}),
        tuple(before.get("intervals", ())),
        tuple(before.get("evidence", ())),
    )
    _write(session, usage, told, price, by, reason=reason, now=now)


def confirm(session: Session, usage: Usage, by: By, way: str, *, now: datetime) -> rated_lines.Rated:
    """Confirm a locked usage and price it, in one transaction. `way` is a code of `usage_confirmation`.

    Raises `UsageRefused`.
    """
    moving.move(session, usage, "confirm", by, is_confirmable=True, now=now)
    usage.confirmed_at, usage.confirmed_by = now, way
    return rated_lines.rate(session, usage, now=now)


_PRICED = ("used", "billable_minutes", "lines", "fee_fen", "used_fee_fen", "agreed_fee_fen")


def _write(
    session: Session,
    usage: Usage,
    told: Told,
    price: Price,
    by: By,
    *,
    reason: str | None,
    now: datetime,
) -> Mapping[str, Any]:
    """Add the next version, and what makes hearing it again a repetition; its document."""
    origin = _origin(usage.visited, told)
    if session.get(UsageTold, (origin, told.external_id)) is not None:
        raise UsageConflict(told.external_id)
    intervals = rules.read_intervals(told.intervals)
    fault = rules.interval_fault(intervals)
    if fault is not None:
        raise UsageInvalid(
            f"/intervals/{fault}",
            "时段须先开始后结束，按时间排列且互不重叠。",
            "Intervals end after they begin, are in the order of time and do not overlap.",
        )
    used = rules.without_idling(told.used, intervals)
    if {"started_at", "ended_at"} <= used.keys() and _at(used["ended_at"]) < _at(used["started_at"]):
        raise UsageInvalid("/used/ended_at", "结束时间不能早于开始时间。", "It cannot end before it began.")
    pricing = price(used)
    minutes = rules.billable_minutes(intervals) if intervals else rules.used_minutes(used)
    document = wire.version_document(used, told.intervals, told.evidence, minutes, pricing)
    is_first = session.get(UsageVersion, (usage.id, 1)) is None
    usage.version = 1 if is_first else usage.version + 1
    usage.fee_fen = pricing.fee_fen
    session.add(
        UsageVersion(
            usage_id=usage.id,
            number=usage.version,
            document=document,
            sha256=sha256(
                rfc8785.dumps({"usage": usage.id, "version": usage.version, **document})
            ).hexdigest(),
            side=by.side,
            actor=by.actor,
            reason=reason,
            made_at=now,
        )
    )
    session.add(
        UsageTold(
            origin=origin,
            external_id=told.external_id,
            body_hash=told.body_hash,
            usage_id=usage.id,
            version=usage.version,
            told_at=now,
        )
    )
    session.flush()
    return document


def usage_id(reference: str, kind: str) -> str:
    """`us-` and 26 base32 characters, made of the order and the kind: an order has one of each."""
    digest = sha256(f"{reference}\n{kind}".encode()).digest()
    return "us-" + b32encode(digest).decode().lower()[:26]


def _new(order: Recording, told: Told, by: By, now: datetime) -> Usage:
    return Usage(
        id=usage_id(order.reference, order.kind),
        reference=order.reference,
        kind=order.kind,
        order_number=order.order_number,
        state="submitted",
        version=1,
        revision=1,
        visited=order.visited,
        home=f"{order.home_area[:2]}0000",
        home_area=order.home_area,
        enterprise_id=order.enterprise_id,
        institution_id=order.institution_id,
        operator_id=order.operator_id,
        person_id=order.person_id,
        source=told.source,
        external_id=told.external_id,
        fee_fen=0,
        facts={**order.facts, "recorded_by": by.side},
        recorded_at=now,
        updated_at=now,
    )


def _origin(visited: str, told: Told) -> str:
    return f"{told.source}:{visited}"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
