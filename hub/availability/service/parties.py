"""For whom somebody asks, and whose an instrument is, as identity and the access matrix know it."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.availability import queries
from hub.availability.rules import Asker
from hub.catalog import queries as catalog
from hub.identity import queries as identity
from hub.identity import rules as identity_rules
from hub.identity.errors import EnterpriseUnverified
from hub.identity.rules import Principal, Subject
from hub.identity.service import allow, home_of


def asker_of(session: Session, principal: Principal, *, now: datetime) -> Asker:
    """For whom the principal asks: their enterprise, verified or not, or their institution."""
    holders = frozenset({name for name in (principal.person_id, principal.party_id) if name is not None})
    if principal.party_id is not None and principal.role in identity_rules.ENTERPRISE_ROLES:
        party = identity.party_by_id(session, principal.party_id)
        return Asker(
            principal.name,
            enterprise_id=principal.party_id,
            credit_code=None if party is None else party.credit_code,
            is_verified=_is_verified(session, principal.party_id, now),
            holders=holders,
        )
    if principal.party_id is not None and principal.role in identity_rules.INSTITUTION_ROLES:
        return Asker(principal.name, institution_id=principal.party_id, holders=holders)
    return Asker(principal.name, holders=holders)


def allow_instrument(
    session: Session, principal: Principal, action: str, instrument_id: str, *, now: datetime
) -> datetime:
    """Let the principal do the action to the instrument, and give `now` back; or raise what `allow` raises.

    Raises the catalogue's `InstrumentUnknown` and `InstrumentWithdrawn`.
    """
    owner = queries.owner(session, instrument_id)
    subject = _subject(session, owner.province, owner.institution_id, f"instrument:{instrument_id}")
    allow(session, principal, action, subject, now=now)
    return now


def allow_institution(
    session: Session, principal: Principal, action: str, institution_id: str, *, now: datetime
) -> datetime:
    """The same for all instruments of an institution. Raises the catalogue's `InstitutionUnknown`."""
    province = catalog.institution(session, institution_id).province
    subject = _subject(session, province, institution_id, f"institution:{institution_id}")
    allow(session, principal, action, subject, now=now)
    return now


def allow_province(
    session: Session, principal: Principal, action: str, province: str, *, now: datetime
) -> None:
    """The same for all instruments of a province."""
    allow(session, principal, action, _subject(session, province, None, f"province:{province}"), now=now)


def _subject(session: Session, province: str, institution_id: str | None, name: str) -> Subject:
    station = identity.station_of(session, province)
    return Subject(
        institution_id=institution_id,
        station_province=province,
        operator_id=None if station is None else station.operator_id,
        name=name,
    )


def _is_verified(session: Session, enterprise_id: str, now: datetime) -> bool:
    try:
        home_of(session, enterprise_id, now=now)
    except EnterpriseUnverified:
        return False
    return True
