"""An instrument as somebody may book it, read once for everything that one transaction asks about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Date, bindparam, or_, select
from sqlalchemy.orm import Session

from hub.availability import queries, rules
from hub.availability.models import TrainingRow
from hub.availability.rules import Asker, BookingRules, Facts, HeldVersion
from hub.catalog import queries as catalog
from hub.catalog.errors import InstrumentWithdrawn
from hub.catalog.queries import HeldInstrument, Owner
from hub.core.clock import SHANGHAI
from hub.core.db import table_of


@dataclass(frozen=True, slots=True)
class Offer:
    """The instrument, what eligibility goes by, and the tariff in force (None without any fee), as this transaction
    found them. `facts.trainings` are those of the one asker it was read for; none where the rules ask for none.
    """

    instrument: HeldInstrument
    facts: Facts
    tariff: HeldVersion | None

    @property
    def owner(self) -> Owner:
        """Whose the instrument is."""
        held = self.instrument
        return Owner(held.province, held.institution_id, held.withdrawn_at)

    @property
    def rules(self) -> BookingRules:
        """The booking rules in force."""
        return self.facts.rules

    def check_listed(self) -> None:
        """Raise the catalogue's `InstrumentWithdrawn` once it left the list."""
        if self.instrument.withdrawn_at is not None:
            raise InstrumentWithdrawn(self.instrument.id, self.instrument.withdrawn_at)


def read_offer(session: Session, asker: Asker | None, instrument_id: str, *, now: datetime) -> Offer:
    """What is offered to the asker now. Reads only. Raises the catalogue's `InstrumentUnknown`."""
    held, unit = catalog.instrument_and_institution(session, instrument_id)
    owner = Owner(held.province, held.institution_id, held.withdrawn_at)
    booking_rules, tariff = queries.terms_in_force(session, instrument_id, owner, now=now)
    facts = Facts(
        None if held.withdrawn_at is not None else held.document,
        None if unit is None else unit.document,
        booking_rules,
        _trainings(session, asker, held.institution_id, now=now)
        if "training" in booking_rules.document  # else nobody asks for one
        else frozenset(),
    )
    return Offer(held, facts, tariff or _derived(session, instrument_id, now=now))


def tariff_of(session: Session, instrument_id: str, *, now: datetime) -> HeldVersion | None:
    """The tariff in force: the kept one, else one derived from the catalogue's service items; None without any fee.

    A derived one has version 0 and source `catalogue`.
    """
    kept = queries.tariffs_in_force(session, [instrument_id], now=now).get(instrument_id)
    return kept or _derived(session, instrument_id, now=now)


def _derived(session: Session, instrument_id: str, *, now: datetime) -> HeldVersion | None:
    terms = rules.derived_terms(catalog.service_items(session, instrument_id))
    if terms is None:
        return None
    return HeldVersion(instrument_id, 0, "catalogue", now, "system:catalogue", now, terms)


def _trainings(
    session: Session, asker: Asker | None, institution_id: str | None, *, now: datetime
) -> frozenset[str]:
    if asker is None or not asker.holders or institution_id is None:
        return frozenset()
    today = now.astimezone(SHANGHAI).date()
    asked = {"institution": institution_id, "holders": sorted(asker.holders), "today": today}
    return frozenset(session.scalars(_TRAININGS, asked))


_HELD = table_of(TrainingRow).c
_TRAININGS = select(_HELD.code).where(
    _HELD.institution_id == bindparam("institution"),
    _HELD.holder.in_(bindparam("holders", expanding=True)),
    _HELD.removed_at.is_(None),
    or_(_HELD.valid_until.is_(None), _HELD.valid_until >= bindparam("today", type_=Date())),
)
