"""Who books for whom, and where it goes: from the principal and identity's registers to an order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import schemas
from hub.availability import service as availability
from hub.availability.service import Asker
from hub.bookings.errors import RequestIncomplete
from hub.bookings.models import Booking
from hub.bookings.service import people
from hub.bookings.service.submitting import KEPT, Order, Station
from hub.identity.rules import Principal, Subject


def of_principal(
    session: Session,
    principal: Principal,
    request: Mapping[str, Any],
    channels: Mapping[str, str],
    *,
    now: datetime,
) -> Order:
    """The order of somebody who acts for an enterprise.

    Raises identity's refusals for one that is not verified, unless it only asks (service mode consultation).
    """
    if principal.party_id is None:
        raise RequestIncomplete("", "请先选择所代表的企业。", "Choose the enterprise you act for first.")
    return _order(
        session, principal, principal.party_id, request, channels, person_id=principal.person_id, now=now
    )


def at_the_counter(
    session: Session,
    principal: Principal,
    enterprise_id: str | None,
    request: Mapping[str, Any],
    channels: Mapping[str, str],
    *,
    now: datetime,
) -> Order:
    """The order of a walk-in enterprise, entered by the provider's staff."""
    if enterprise_id is None:
        raise RequestIncomplete("/enterprise_id", "请填写代录的企业。", "Say for which enterprise.")
    return _order(session, principal, enterprise_id, request, channels, person_id=None, now=now)


def asker_at_the_counter(
    session: Session, principal: Principal, enterprise_id: str, *, now: datetime
) -> Asker:
    """In whose name a quote is asked at the counter. Raises identity's `EnterpriseUnverified`."""
    return _asker(principal, people.party(session, enterprise_id, now=now), None)


def request_of(draft: Booking) -> dict[str, Any]:
    """The request that a draft was kept with."""
    held = draft.document
    request: dict[str, Any] = {
        "instrument_id": draft.instrument_id,
        "service_mode": draft.service_mode,
        **{name: held[name] for name in KEPT if name in held},
    }
    if draft.quote_id is not None:
        request["quote_id"] = draft.quote_id
    if draft.starts_at is not None and draft.ends_at is not None:
        request["slot"] = {"start": draft.starts_at.isoformat(), "end": draft.ends_at.isoformat()}
    if draft.due_on is not None:
        request["due_on"] = draft.due_on.isoformat()
    return request


def subject_of(order: Order) -> Subject:
    """The booking that is about to be, as the access matrix sees it."""
    instrument = order.offer.instrument
    return Subject(
        enterprise_id=order.party.id,
        institution_id=instrument.institution_id,
        station_province=instrument.province,
        operator_id=order.station.operator_id,
        home_area=order.party.area,
        person_ids=frozenset() if order.person_id is None else frozenset({order.person_id}),
        state="draft",
        name=f"instrument:{instrument.id}",
    )


def _order(
    session: Session,
    principal: Principal,
    enterprise_id: str,
    request: Mapping[str, Any],
    channels: Mapping[str, str],
    *,
    person_id: str | None,
    now: datetime,
) -> Order:
    is_question = request.get("service_mode") == "consultation"
    asking = people.party_that_asks if is_question else people.party
    party = asking(session, enterprise_id, now=now)
    asker = _asker(principal, party, person_id)
    offer = availability.read_offer(session, asker, request["instrument_id"], now=now)
    return Order(
        request=request,
        party=party,
        asker=asker,
        applicant=principal.name if person_id is not None else people.contact_of(session, enterprise_id),
        person_id=person_id,
        station=station(session, offer.instrument.province, channels),
        offer=offer,
    )


def _asker(principal: Principal, party: people.Party, person_id: str | None) -> Asker:
    return Asker(
        name=principal.name,
        enterprise_id=party.id,
        credit_code=party.credit_code,
        is_verified=party.area is not None,
        holders=frozenset({party.id} | ({person_id} if person_id else set())),
    )


def station(session: Session, province: str, channels: Mapping[str, str]) -> Station:
    """The station of a province and how bookings reach it."""
    operator = people.operator_of(session, province)
    name = f"{schemas.codes('province')[province].zh}大仪网服务驿站"
    return Station(operator, name, channels.get(province, "portal"))
