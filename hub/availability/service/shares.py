"""An order for an instrument as settlement sees it, and who would pay how much of it as things stand."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hub.availability.rules import Asker, Declared, Request
from hub.availability.service.offers import Offer
from hub.core.clock import SHANGHAI
from hub.identity import queries as identity
from hub.identity.rules.enterprises import customer_kind
from hub.settlement import service as settlement
from hub.settlement.rules.relations import Asked
from hub.settlement.service import Decisions, declaring


@dataclass(frozen=True, slots=True)
class Ordered:
    """What one order adds to the offer: for which enterprise (of which home area), at which fee, when and for what."""

    reference: str
    enterprise_id: str
    home_area: str
    credit_code: str | None
    fee_fen: int | None
    service_mode: str
    service_on: date | None
    is_statutory: bool
    vat_permille: int | None = None
    declared: Declared | None = None


def order_of(offer: Offer, ordered: Ordered, *, now: datetime) -> settlement.Order:
    """The order for settlement. Whether the two sides are related is not known before somebody declares it."""
    declared = ordered.declared
    instrument = offer.instrument.document
    institution = offer.facts.institution or {}
    return settlement.Order(
        reference=ordered.reference,
        ordered_on=now.astimezone(SHANGHAI).date(),
        fee_fen=ordered.fee_fen,
        holder=ordered.enterprise_id,
        holder_kind=customer_kind(ordered.enterprise_id),
        home_area=ordered.home_area,
        owner_area=_owner_area(offer),
        service_mode=ordered.service_mode,
        service_on=ordered.service_on,
        vat_permille=ordered.vat_permille,
        credit_code=ordered.credit_code,
        owner=offer.instrument.institution_id,
        owner_credit_code=institution.get("credit_code"),
        instrument_id=offer.instrument.id,
        instrument_class=instrument["classification"]["code"],
        value_fen=instrument.get("original_value_fen"),
        is_statutory=ordered.is_statutory,
        is_related=None if declared is None else declared.is_related,
        relation=None if declared is None else declared.relation,
        declared=frozenset() if declared is None else declared.exclusions,
    )


def questions(session: Session, asker: Asker, offer: Offer, *, now: datetime) -> Asked:
    """What the asker is to declare for an order of this instrument; nothing for whoever has no verified home."""
    if asker.enterprise_id is None or not asker.is_verified:
        return Asked()
    home = identity.home_at(session, asker.enterprise_id, now)
    if home is None:
        return Asked()
    return declaring.questions(session, home.area, _owner_area(offer), now.astimezone(SHANGHAI).date())


def _owner_area(offer: Offer) -> str:
    location = offer.instrument.document.get("location", {})
    return str(location.get("county") or location.get("city") or offer.instrument.province)


def preview_shares(
    session: Session, offer: Offer, asker: Asker, wanted: Request, fee_fen: int | None, *, now: datetime
) -> Decisions | None:
    """Who would pay how much; None for whoever has no verified home or no fee, and where no programme concerns them."""
    if asker.enterprise_id is None or not asker.is_verified or not fee_fen:
        return None
    home = identity.home_at(session, asker.enterprise_id, now)
    if home is None:
        return None
    ordered = Ordered(
        reference="",
        enterprise_id=asker.enterprise_id,
        home_area=home.area,
        credit_code=asker.credit_code,
        fee_fen=fee_fen,
        service_mode=wanted.service_mode,
        service_on=wanted.day(now),
        is_statutory=wanted.is_statutory,
        vat_permille=None if offer.tariff is None else offer.tariff.document.get("vat_permille"),
        declared=wanted.declared,
    )
    made = settlement.preview(session, order_of(offer, ordered, now=now))
    return made if made.user else None
