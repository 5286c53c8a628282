"""Eligibility and quotes: what stands against a booking, what it costs, and for how long that holds."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.availability import queries, rules, wire
from hub.availability.errors import (
    FeeChanged,
    FeeOnRequest,
    NotEligible,
    QuoteExpired,
    QuoteMismatch,
    QuoteUnknown,
    SlotTaken,
)
from hub.availability.models import QuoteRow, TrainingRow
from hub.availability.rules import Asker, Facts, HeldVersion, Problem, Request
from hub.catalog import queries as catalog
from hub.catalog.queries import Owner
from hub.core.clock import SHANGHAI
from hub.settlement import rating
from hub.settlement.errors import PriceMissing
from hub.settlement.rating import Rated

QUOTE_HOURS = 24
"""How long a quote holds unless the instrument's rules say otherwise."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as it was given; `document` is the whole. `fee_fen` None: the fee is on request.

    `problems` stood against the booking when it was given; they are looked at again when it is made.
    """

    id: str
    instrument_id: str
    fee_fen: int | None
    made_at: datetime
    expires_at: datetime
    request: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def problems(self) -> list[Problem]:
        """What stood against the booking when the quote was given."""
        return [Problem(*(told.get(name) for name in Problem._fields)) for told in self.document["problems"]]


def eligibility(
    session: Session,
    asker: Asker | None,
    instrument_id: str,
    request: Mapping[str, Any] | None,
    *,
    now: datetime,
) -> list[Problem]:
    """Everything that stands against the booking; empty when it may be made. Reads only.

    `request` is a quote-request or the request of a booking; without it what holds whatever is asked.
    Raises the catalogue's `InstrumentUnknown`.
    """
    wanted = None if request is None else rules.read_request(request)
    facts = _facts(session, asker, instrument_id, now=now)
    today = now.astimezone(SHANGHAI).date() if wanted is None else wanted.day(now)
    return rules.eligibility(facts, asker, wanted, today=today)


def check_eligibility(
    session: Session, asker: Asker, instrument_id: str, request: Mapping[str, Any], *, now: datetime
) -> None:
    """Raise `NotEligible` with every problem; for the transaction that books."""
    problems = eligibility(session, asker, instrument_id, request, now=now)
    if problems:
        raise NotEligible(problems)


def quote(
    session: Session, asker: Asker, instrument_id: str, request: Mapping[str, Any], *, now: datetime
) -> Quote:
    """Price the request by the tariff in force and keep the answer as a snapshot.

    Problems of eligibility are told in the quote. Raises why a slot cannot be booked (`SlotRefused`), what cannot be
    priced (`RatingRefused`), and the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    owner = queries.owner(session, instrument_id)
    wanted = rules.read_request(request)
    facts = _facts(session, asker, instrument_id, now=now)
    if wanted.service_mode == "machine_time" and wanted.slot is not None:
        closures = queries.closures(session, instrument_id, wanted.slot)
        rules.check_slot(facts.rules, wanted.slot, closures, now=now)
        in_force = {instrument_id: facts.rules}
        for busy in queries.busy_times(session, {instrument_id: owner}, in_force, wanted.slot)[instrument_id]:
            raise SlotTaken(max(busy.start, wanted.slot.start))
    return _give(session, asker, facts, request, now=now)


def read_quote(session: Session, quote_id: str, asker: Asker) -> Quote:
    """A quote of the asker's own party, or that the asker asked for. Raises `QuoteUnknown`."""
    mine = [QuoteRow.made_by == asker.name]
    if asker.party_id is not None:
        mine.append(QuoteRow.party_id == asker.party_id)
    row = session.scalar(select(QuoteRow).where(QuoteRow.id == quote_id, or_(*mine)))
    if row is None:
        raise QuoteUnknown(quote_id)
    return _as_quote(row)


def hold_quote(
    session: Session, quote_id: str, request: Mapping[str, Any], *, asker: Asker, now: datetime
) -> Quote:
    """The quote, if it still holds: for this request, within its time, and with the fee of the tariff in force.

    Safe to repeat. Raises `QuoteUnknown`, `QuoteMismatch`, `QuoteExpired`, `FeeOnRequest` (a consultation needs no fee),
    and `FeeChanged` once the new quote is stored: a caller that catches it inside the transaction keeps the new
    quote, and the slot that it has claimed before.
    """
    held = read_quote(session, quote_id, asker)
    wanted = rules.read_request(request)
    if wanted.priced_by() != rules.read_request(held.request).priced_by():
        raise QuoteMismatch(quote_id)
    if request["instrument_id"] != held.instrument_id:
        raise QuoteMismatch(quote_id)
    if held.expires_at <= now:
        raise QuoteExpired(held.expires_at)
    if wanted.service_mode == "consultation":
        return held
    if held.fee_fen is None:
        raise FeeOnRequest
    facts = _facts(session, asker, held.instrument_id, now=now)
    tariff = tariff_of(session, held.instrument_id, now=now)
    rated = _rate(tariff, wanted, is_inside=rules.belongs_to(facts, asker))
    fee = None if rated is None else rated.fee_fen
    if fee != held.fee_fen:
        raise FeeChanged(held.fee_fen, fee, _give(session, asker, facts, request, now=now).id)
    return held


def tariff_of(session: Session, instrument_id: str, *, now: datetime) -> HeldVersion | None:
    """The tariff in force: the kept one, else one derived from the catalogue's service items; None without any fee.

    A derived one has version 0 and source `catalogue`.
    """
    kept = queries.tariffs_in_force(session, [instrument_id], now=now).get(instrument_id)
    if kept is not None:
        return kept
    terms = rules.derived_terms(catalog.service_items(session, instrument_id))
    if terms is None:
        return None
    return HeldVersion(instrument_id, 0, "catalogue", now, "system:catalogue", now, terms)


def _give(
    session: Session, asker: Asker, facts: Facts, request: Mapping[str, Any], *, now: datetime
) -> Quote:
    """Price the request and keep the answer."""
    wanted = rules.read_request(request)
    instrument_id = request["instrument_id"]
    tariff = tariff_of(session, instrument_id, now=now)
    is_inside = rules.belongs_to(facts, asker)
    rated = _rate(tariff, wanted, is_inside=is_inside)
    row = QuoteRow(
        id="qt-" + b32encode(token_bytes(16)).decode().lower().rstrip("="),
        instrument_id=instrument_id,
        party_id=asker.party_id,
        made_by=asker.name,
        fee_fen=None if rated is None else rated.fee_fen,
        made_at=now,
        expires_at=now + timedelta(hours=facts.rules.document.get("quote_hours", QUOTE_HOURS)),
        request=dict(request),
    )
    row.document = wire.quote_document(
        id=row.id,
        instrument_id=instrument_id,
        request=request,
        wanted=wanted,
        rated=rated,
        tariff=tariff,
        booking_rules=facts.rules,
        problems=rules.eligibility(facts, asker, wanted, today=wanted.day(now)),
        is_inside=is_inside,
        made_at=now,
        expires_at=row.expires_at,
    )
    session.add(row)
    session.flush()
    return _as_quote(row)


def _rate(tariff: HeldVersion | None, wanted: Request, *, is_inside: bool) -> Rated | None:
    """What the tariff makes of the request; None when the fee is on request: none is published for this, or for them."""
    if tariff is None or wanted.service_mode == "consultation":
        return None
    priced = rules.applicable(tariff.document, wanted.service_mode)
    if not priced.positions:
        return None
    try:
        return rating.rate(priced, rules.quantities(tariff.document, priced, wanted, is_inside=is_inside))
    except PriceMissing:
        return None


def _facts(session: Session, asker: Asker | None, instrument_id: str, *, now: datetime) -> Facts:
    """What eligibility goes by. Raises the catalogue's `InstrumentUnknown`."""
    held = catalog.instrument(session, instrument_id)
    unit = None if held.institution_id is None else catalog.find_institution(session, held.institution_id)
    owner = Owner(held.province, held.institution_id, held.withdrawn_at)
    booking_rules = queries.rules_in_force(session, {instrument_id: owner}, now=now)[instrument_id]
    return Facts(
        None if held.withdrawn_at is not None else held.document,
        None if unit is None else unit.document,
        booking_rules,
        _trainings(session, asker, held.institution_id, now=now),
    )


def _trainings(
    session: Session, asker: Asker | None, institution_id: str | None, *, now: datetime
) -> frozenset[str]:
    if asker is None or not asker.holders or institution_id is None:
        return frozenset()
    today = now.astimezone(SHANGHAI).date()
    return frozenset(
        session.scalars(
            select(TrainingRow.code).where(
                TrainingRow.institution_id == institution_id,
                TrainingRow.holder.in_(asker.holders),
                TrainingRow.removed_at.is_(None),
                or_(TrainingRow.valid_until.is_(None), TrainingRow.valid_until >= today),
            )
        )
    )


def _as_quote(row: QuoteRow) -> Quote:
    return Quote(
        row.id, row.instrument_id, row.fee_fen, row.made_at, row.expires_at, row.request, row.document
    )
