"""People and parties of a booking, as identity knows them: who is told, and for whom is booked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.bookings.models import Booking
from hub.core.clock import day_of
from hub.identity import queries as identity
from hub.identity import rules as identity_rules
from hub.identity.errors import EnterpriseUnknown
from hub.identity.service.enterprises import home_of


@dataclass(frozen=True, slots=True)
class Party:
    """The enterprise that books, as identity vouches for it. `area` is its verified home; None for one that only asks."""

    id: str
    name: str
    credit_code: str
    area: str | None


def party(session: Session, enterprise_id: str, *, now: datetime) -> Party:
    """An enterprise that may book now. Raises identity's `EnterpriseUnverified`."""
    home = home_of(session, enterprise_id, now=now)
    return Party(enterprise_id, home.name, home.credit_code or "", home.area)


def party_that_asks(session: Session, enterprise_id: str, *, now: datetime) -> Party:
    """An enterprise that asks a question: its home need not be verified. Raises identity's `EnterpriseUnknown`."""
    held = identity.party_by_id(session, enterprise_id)
    if held is None:
        raise EnterpriseUnknown
    home = identity.home_at(session, enterprise_id, now)
    is_verified = home is not None and not home.is_due(day_of(now))
    return Party(
        enterprise_id, held.name, held.credit_code or "", home.area if home and is_verified else None
    )


def make_order(session: Session, booking: Booking, *, now: datetime) -> None:
    """A question becomes an order when its enterprise names terms or terms are agreed to: from then on it has a home.

    Raises identity's `EnterpriseUnverified`.
    """
    if booking.service_mode == "consultation" and booking.home_area is None:
        home = party(session, booking.enterprise_id, now=now)
        booking.home_area = home.area
        booking.document = {
            **booking.document,
            "enterprise": {**booking.document["enterprise"], "area": home.area},
        }


def operator_of(session: Session, province: str) -> str | None:
    """Who runs the province's station; None when nobody does yet."""
    station = identity.station_of(session, province)
    return None if station is None else station.operator_id


def colleague(session: Session, enterprise_id: str, person_id: str) -> str | None:
    """The name of somebody who acts for the enterprise; None for anybody else."""
    return next(iter(identity.names_acting(session, party_id=enterprise_id, person_id=person_id)), None)


def contact_of(session: Session, enterprise_id: str) -> str:
    """Who is told about a booking that staff entered for an enterprise: its manager, if it has one."""
    managers = identity.names_acting(session, role=identity_rules.ENTERPRISE_MANAGER, party_id=enterprise_id)
    return managers[0] if managers else f"enterprise:{enterprise_id}"


def of_enterprise(booking: Booking) -> list[str]:
    """Whoever asked, or the colleague it was handed to."""
    return [booking.applicant]


def of_provider(session: Session, booking: Booking) -> list[str]:
    """The people who act for whoever is responsible: the station's operator, or the institution."""
    if booking.responsible == "institution":
        return (
            []
            if booking.institution_id is None
            else identity.names_acting(session, party_id=booking.institution_id)
        )
    if booking.operator_id is None:
        return []
    return identity.names_acting(
        session, role=identity_rules.STATION_STAFF, party_id=booking.operator_id, province=booking.province
    )


def of_province(session: Session, province: str) -> list[str]:
    """The staff of a province."""
    return identity.names_acting(session, role=identity_rules.PROVINCE_STAFF, province=province)


def of_hub(session: Session) -> list[str]:
    """The administrators of the hub."""
    return identity.names_acting(session, role=identity_rules.HUB_ADMIN)
