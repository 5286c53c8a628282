"""Eligibility and quotes: what stands against a booking, what it costs, and for how long that holds."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from sqlalchemy import Row, bindparam, or_, select
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
from hub.availability.models import QuoteRow
from hub.availability.rules import Asker, Problem, Request
from hub.availability.service.offers import Offer, read_offer
from hub.availability.service.shares import preview_shares
from hub.core.clock import SHANGHAI
from hub.core.db import table_of
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
    def voucher_fen(self) -> int:
        """What a voucher would have paid when the quote was given."""
        shares: Mapping[str, Any] = self.document.get("shares", {})
        return int(shares.get("voucher_fen", 0))

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
    facts = read_offer(session, asker, instrument_id, now=now).facts
    today = now.astimezone(SHANGHAI).date() if wanted is None else wanted.day(now)
    return rules.eligibility(facts, asker, wanted, today=today)


def check_eligibility(offer: Offer, asker: Asker, request: Mapping[str, Any], *, now: datetime) -> None:
    """Raise `NotEligible` with every problem; for the transaction that books and has read the offer to the asker."""
    wanted = rules.read_request(request)
    problems = rules.eligibility(offer.facts, asker, wanted, today=wanted.day(now))
    if problems:
        raise NotEligible(problems)


def quote(
    session: Session, asker: Asker, instrument_id: str, request: Mapping[str, Any], *, now: datetime
) -> Quote:
    """Price the request by the tariff in force and keep the answer as a snapshot.

    Problems of eligibility are told in the quote. Raises why a slot cannot be booked (`SlotRefused`), what cannot be
    priced (`RatingRefused`), and the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    offer = read_offer(session, asker, instrument_id, now=now)
    offer.check_listed()
    wanted = rules.read_request(request)
    if wanted.service_mode == "machine_time" and wanted.slot is not None:
        owners, in_force = {instrument_id: offer.owner}, {instrument_id: offer.rules}
        closures = queries.closures_of(session, owners, wanted.slot)[instrument_id]
        rules.check_slot(offer.rules, wanted.slot, closures, now=now)
        for busy in queries.busy_times(session, owners, in_force, wanted.slot)[instrument_id]:
            raise SlotTaken(max(busy.start, wanted.slot.start))
    return _give(session, asker, offer, request, now=now)


_KEPT = table_of(QuoteRow)
_QUOTE = select(_KEPT).where(
    _KEPT.c.id == bindparam("quote_id"),
    or_(_KEPT.c.made_by == bindparam("by"), _KEPT.c.party_id == bindparam("party")),
)


def read_quote(session: Session, quote_id: str, asker: Asker) -> Quote:
    """A quote of the asker's own party, or that the asker asked for. Raises `QuoteUnknown`."""
    asked = {"quote_id": quote_id, "by": asker.name, "party": asker.party_id or ""}
    row = session.execute(_QUOTE, asked).one_or_none()
    if row is None:
        raise QuoteUnknown(quote_id)
    return _as_quote(row)


def hold_quote(
    session: Session,
    quote_id: str,
    request: Mapping[str, Any],
    *,
    asker: Asker,
    now: datetime,
    offer: Offer | None = None,
) -> Quote:
    """The quote, if it still holds: for this request, within its time, and with the fee of the tariff in force.

    `offer`: what this transaction has read of the instrument already. Safe to repeat. Raises `QuoteUnknown`, `QuoteMismatch`, `QuoteExpired`, `FeeOnRequest` (a consultation needs no fee),
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
    offer = offer or read_offer(session, asker, held.instrument_id, now=now)
    tariff, is_inside = offer.tariff, rules.belongs_to(offer.facts, asker)
    rated = _rate(None if tariff is None else tariff.document, wanted, is_inside=is_inside)
    fee = None if rated is None else rated.fee_fen
    if fee != held.fee_fen:
        raise FeeChanged(held.fee_fen, fee, _give(session, asker, offer, request, now=now).id)
    return held


def preview_fee(terms: Mapping[str, Any], request: Mapping[str, Any], *, is_inside: bool) -> Rated | None:
    """What a tariff, kept or only written down, makes of a request; None when its fee is on request. Keeps nothing.

    `terms` is a valid tariff-terms document, `request` a valid quote-request. Raises what cannot be priced
    (`RatingRefused`).
    """
    return _rate(terms, rules.read_request(request), is_inside=is_inside)


def _rate(terms: Mapping[str, Any] | None, wanted: Request, *, is_inside: bool) -> Rated | None:
    """What the terms make of the request; None when the fee is on request: none is published for this, or for them."""
    if terms is None or wanted.service_mode == "consultation":
        return None
    priced = rules.applicable(terms, wanted.service_mode)
    if not priced.positions:
        return None
    try:
        return rating.rate(priced, rules.quantities(terms, priced, wanted, is_inside=is_inside))
    except PriceMissing:
        return None


def _give(
    session: Session, asker: Asker, offer: Offer, request: Mapping[str, Any], *, now: datetime
) -> Quote:
    """Price the request and keep the answer."""
    wanted = rules.read_request(request)
    instrument_id, facts, tariff = offer.instrument.id, offer.facts, offer.tariff
    is_inside = rules.belongs_to(facts, asker)
    rated = _rate(None if tariff is None else tariff.document, wanted, is_inside=is_inside)
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
        shares=preview_shares(session, offer, asker, wanted, row.fee_fen, now=now),
        made_at=now,
        expires_at=row.expires_at,
    )
    session.add(row)
    session.flush()
    return _as_quote(row)


def _as_quote(row: QuoteRow | Row[Any]) -> Quote:
    return Quote(
        row.id, row.instrument_id, row.fee_fen, row.made_at, row.expires_at, row.request, row.document
    )
