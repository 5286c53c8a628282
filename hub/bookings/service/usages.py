"""Commands on a booking's usage: one way in for pages, API and platforms. The booking is locked first, then its usage.

Settlement decides and keeps; bookings bring the price, the people who are told, and the evidence of the order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.bookings import queries as booking_queries
from hub.bookings.models import Booking
from hub.bookings.service import moving, people
from hub.bookings.service.effects import used
from hub.core import audit, due, idempotency
from hub.core.db import Database
from hub.identity import rules as identity_rules
from hub.identity import service as identity
from hub.identity.errors import NotAllowed, OtherParty, WrongState
from hub.identity.rules import Principal
from hub.settlement.errors.usage import ReasonUnfit, UsageRefused, UsageUnknown
from hub.settlement.queries import usage as queries
from hub.settlement.rules import usages as rules
from hub.settlement.service import keys
from hub.settlement.service import usage as usages
from hub.settlement.service.usage import By, Rated, Told
from hub.settlement.wire import usage as wire


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was carried out: the `usage` document as it then was. `is_replayed`: it had been carried out before."""

    answer: Mapping[str, Any]
    is_replayed: bool = False

    @property
    def revision(self) -> int:
        """The revision that the answer shows."""
        return int(self.answer["revision"])


@dataclass(frozen=True, slots=True)
class _Asked:
    session: Session
    booking: Booking
    usage: Any
    by: By
    principal: Principal
    body: Mapping[str, Any]
    now: datetime

    @property
    def reason(self) -> str | None:
        return self.body.get("reason")

    @property
    def text(self) -> str | None:
        return self.body.get("text")


def carry_out(
    session: Session,
    principal: Principal,
    usage_id: str,
    command: str,
    body: Mapping[str, Any],
    *,
    key: str | None,
    revision: int | None,
    now: datetime,
) -> Done:
    """Carry out a command on a usage. Safe to repeat with the same key; a refusal changes nothing.

    Raises `UsageUnknown`, access refusals, what keys and revisions refuse, `UsageRefused` (409 with what is possible),
    `ReasonUnfit`, `DecisionUnfit`, `UsageInvalid`, `UsageConflict`.
    """
    act = COMMANDS.get(command)
    if act is None or body.get("command", command) != command:
        raise ReasonUnfit(command, sorted(COMMANDS), field="/command")
    asked = {"usage": usage_id, "command": command, "body": dict(body)}
    ticket = keys.take(session, principal.name, key, asked, now=now)
    if ticket.replayed is not None:
        return Done(ticket.replayed, is_replayed=True)
    usage, booking = locked(session, usage_id)
    _allow(session, principal, command, usage, now=now)
    idempotency.check_revision(revision, usage.revision)
    by = By(side_of(principal, usage, command), principal.name, principal.person_id)
    rated = act(_Asked(session, booking, usage, by, principal, body, now))
    session.flush()
    used.follow(session, booking, rated, now=now)
    told = {"state": usage.state, "version": usage.version, "revision": usage.revision}
    audit.record(session, principal.name, f"usage.{command}", f"usage:{usage.id}", told, now=now)
    answer = document(session, principal, usage, now=now)
    ticket.answer(session, answer, subject=usage.id)
    return Done(answer)


def show(session: Session, principal: Principal, usage_id: str, *, now: datetime) -> dict[str, Any]:
    """The usage as a `usage` document for this reader. Raises `UsageUnknown` also for what is nobody else's business."""
    usage = visible(session, principal, usage_id, now=now)
    return document(session, principal, usage, now=now)


def rows(page: queries.Page) -> list[dict[str, Any]]:
    """The rows of a list as short `usage` documents."""
    return [wire.row_document(row.usage, row.state) for row in page.rows]


def visible(session: Session, principal: Principal, usage_id: str, *, now: datetime) -> Any:
    """A usage that the principal may see. Raises `UsageUnknown`."""
    usage = queries.find(session, usage_id)
    if usage is None:
        raise UsageUnknown(usage_id)
    try:
        identity.allow(session, principal, "usage.read", queries.subject_of(session, usage), now=now)
    except OtherParty:
        raise UsageUnknown(usage_id) from None
    return usage


def document(session: Session, principal: Principal, usage: Any, *, now: datetime) -> dict[str, Any]:
    """A `usage` document with what this reader may do now."""
    whole = queries.whole(session, usage)
    return wire.usage_document(whole, actions(session, principal, whole, now=now))


def actions(
    session: Session, principal: Principal, whole: queries.Whole, *, now: datetime
) -> tuple[str, ...]:
    """The commands that this reader may give now: by the machine and by the access matrix."""
    usage = whole.usage
    subject = queries.subject_of(session, usage)
    found = []
    for command in COMMANDS:
        if not identity_rules.may(principal, f"usage.{command}", subject):
            continue
        side = side_of(principal, usage, command)
        facts = usages.facts(session, usage)
        if command in rules.possible(facts, side, now):
            found.append(command)
    return tuple(found)


def side_of(principal: Principal, usage: Any, command: str = "decide") -> str:
    """For which side of this usage somebody acts. Raises `NotAllowed` for who is on none."""
    if principal.kind != "account":
        return "platform"
    role = principal.role
    if role in identity_rules.ENTERPRISE_ROLES:
        return "enterprise"
    if role in {*identity_rules.INSTITUTION_ROLES, identity_rules.STATION_STAFF}:
        return "provider"
    if role == identity_rules.PROVINCE_STAFF:
        if command == "arbitrate":
            return "arbiter"
        return "visited_province" if principal.province == usage.visited else "home_province"
    raise NotAllowed(principal.name, f"usage.{command}", f"usage:{usage.id}")


def run_due(database: Database, *, now: datetime, size: int = due.PAGE) -> int:
    """Remind, confirm by silence, name arbiters: every usage whose step is due, each in a transaction of its own.

    Raises an `ExceptionGroup` of what could not be done, after all others were.
    """

    def act_alone(usage_id: str) -> None:
        with database.write() as session:
            act_due(session, usage_id, now=now)

    return due.act_on_due(database, usages.due(now), usages.DUE_ORDER, act_alone, size=size)


def late(session: Session, now: datetime) -> int:
    """How many steps were due long before this instant and are still not done."""
    return session.scalar(select(func.count()).select_from(usages.due(now - due.LATE).subquery())) or 0


def act_due(session: Session, usage_id: str, *, now: datetime) -> None:
    """Do what is due on one usage. Safe to repeat."""
    usage, booking = locked(session, usage_id)
    rated = usages.act_due(session, usage, people.of_enterprise(booking), now=now)
    used.follow(session, booking, rated, now=now)


def evidence_of(session: Session, booking: Booking) -> dict[str, Any]:
    """What the order shows of its use, without personal data: kept with a dispute, so that an arbiter can read it."""
    seen = booking_queries.seen(session, booking)
    held = booking.document
    return {
        "agreed_fee_fen": booking.fee_fen,
        "slot": held.get("slot") or _slot(booking),
        "samples_received": [
            {name: each[name] for name in ("at", "condition") if name in each}
            for each in held.get("samples_received", ())
        ],
        "timeline": [
            {"at": wire.shown(row.at), "command": row.command, "side": row.side, "state": row.to_state}
            for row in seen.transitions
        ],
        "reports": [{"version": row.version, "sha256": row.sha256} for row in seen.reports],
    }


def _slot(booking: Booking) -> dict[str, str] | None:
    if booking.starts_at is None or booking.ends_at is None:
        return None
    return {"start": wire.shown(booking.starts_at), "end": wire.shown(booking.ends_at)}


def locked(session: Session, usage_id: str) -> tuple[Any, Booking]:
    """The usage and its booking; the booking's lock is taken first. Raises `UsageUnknown`."""
    found = queries.find(session, usage_id)
    if found is None:
        raise UsageUnknown(usage_id)
    booking = moving.lock(session, found.reference)
    return usages.lock(session, usage_id), booking


def _allow(session: Session, principal: Principal, command: str, usage: Any, *, now: datetime) -> None:
    """Who may; a state that does not allow it is told with what is possible instead."""
    subject = queries.subject_of(session, usage)
    try:
        identity.allow(session, principal, f"usage.{command}", subject, now=now)
    except WrongState:
        side = side_of(principal, usage, command)
        found = rules.decide(usages.facts(session, usage), command, side, reason="given", now=now)
        if isinstance(found, rules.Refusal):
            raise UsageRefused(
                command, found.code, found.zh, found.en, state=found.state, possible=found.possible
            ) from None
        raise


def _confirm(asked: _Asked) -> Rated:
    return usages.confirm_usage(asked.session, asked.usage, asked.by, now=asked.now)


def _dispute(asked: _Asked) -> None:
    usages.dispute_usage(
        asked.session,
        asked.usage,
        asked.by,
        reason=asked.reason,
        text=asked.text,
        evidence=evidence_of(asked.session, asked.booking),
        now=asked.now,
    )


def _decide(asked: _Asked) -> Rated | None:
    return usages.decide_dispute(
        asked.session,
        asked.usage,
        asked.by,
        outcome=asked.body.get("outcome"),
        reason=asked.reason,
        text=asked.text,
        used=asked.body.get("used"),
        price=used.price_of(asked.session, asked.booking),
        now=asked.now,
    )


def _amend(asked: _Asked) -> Rated | None:
    """By who serves: another version; what is told replaces what was told, evidence is added to."""
    usages.check_reason(asked.reason, "provider")
    before = usages.present(asked.session, asked.usage)
    proofs = asked.body.get("evidence", ())
    told = Told(
        asked.usage.source,
        f"{asked.usage.id}.{asked.usage.version + 1}",
        asked.body.get("used") or before.get("used", {}),
        tuple(asked.body.get("intervals") or (() if asked.body.get("used") else before.get("intervals", ()))),
        _joined(before.get("evidence", ()), proofs),
    )
    rated = usages.amend_usage(
        asked.session,
        asked.usage,
        told,
        used.price_of(asked.session, asked.booking),
        asked.by,
        reason=asked.reason or "",
        recipients=people.of_enterprise(asked.booking),
        now=asked.now,
    )
    known = [each["sha256"] for each in before.get("evidence", ())]
    usages.take_up(asked.session, asked.usage, proofs, known=known)
    return rated


def _waive(asked: _Asked) -> Rated:
    usages.waive_usage(
        asked.session,
        asked.usage,
        asked.by,
        reason=asked.reason,
        recipients=people.of_enterprise(asked.booking),
        now=asked.now,
    )
    return Rated(None, 0, 0)


def _joined(before: Any, more: Any) -> tuple[Mapping[str, Any], ...]:
    held = {each["sha256"]: each for each in (*before, *more)}
    return tuple(held.values())


COMMANDS: Mapping[str, Callable[[_Asked], Rated | None]] = {
    "confirm": _confirm,
    "dispute": _dispute,
    "refer": _dispute,
    "amend": _amend,
    "waive": _waive,
    "decide": _decide,
    "arbitrate": _decide,
}
"""Command → what carries it out. What is not here is not a command of people."""
