"""Reading enterprises, where they belong, and cases."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from hub.core.db import UtcDateTime, table_of
from hub.identity.models import Case, CaseDocument, Grant, Home, Party


@dataclass(frozen=True, slots=True)
class HomeOf:
    """Where an enterprise belongs: area of six digits, its province, how and when that was verified.

    `name` and `credit_code` are the enterprise's own.
    """

    area: str
    address: str
    basis: str
    verified_at: datetime
    recheck_on: date
    since: datetime
    name: str
    credit_code: str | None

    @property
    def province(self) -> str:
        """The six-digit code of the province."""
        return f"{self.area[:2]}0000"

    def is_due(self, today: date) -> bool:
        """Whether the yearly check is overdue."""
        return today >= self.recheck_on


def enterprise_by_code(session: Session, credit_code: str) -> Party | None:
    """The enterprise with this credit code."""
    return session.scalar(select(Party).where(Party.kind == "enterprise", Party.credit_code == credit_code))


def verified_enterprises(session: Session, text: str, today: date, *, limit: int = 20) -> list[Party]:
    """Enterprises that may book today, by their whole credit code or a part of their name of at least two characters."""
    wanted = text.strip()
    if len(wanted) < 2:
        return []
    query = (
        select(Party)
        .join(Home, Home.enterprise_id == Party.id)
        .where(Party.kind == "enterprise", Home.until.is_(None), Home.recheck_on > today)
        .where(or_(Party.credit_code == wanted.upper(), Party.name.contains(wanted, autoescape=True)))
        .order_by(Party.name, Party.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def home_at(session: Session, enterprise_id: str, at: datetime) -> HomeOf | None:
    """Where the enterprise belonged at an instant, verified or overdue; None when it never was verified by then."""
    row = session.execute(_HOME_AT, {"enterprise": enterprise_id, "at": at}).one_or_none()
    return None if row is None else HomeOf(*row)


_AT = bindparam("at", type_=UtcDateTime())
_HOME, _PARTY = table_of(Home), table_of(Party)
_HOME_AT = (
    select(
        _HOME.c.area,
        _HOME.c.address,
        _HOME.c.basis,
        _HOME.c.verified_at,
        _HOME.c.recheck_on,
        _HOME.c.since,
        _PARTY.c.name,
        _PARTY.c.credit_code,
    )
    .select_from(_HOME.join(_PARTY, _PARTY.c.id == _HOME.c.enterprise_id))
    .where(
        _HOME.c.enterprise_id == bindparam("enterprise"),
        _HOME.c.since <= _AT,
        or_(_HOME.c.until.is_(None), _HOME.c.until > _AT),
    )
    .order_by(_HOME.c.since.desc())
    .limit(1)
)


def has_people(session: Session, enterprise_id: str) -> bool:
    """Whether somebody acts for the enterprise."""
    held = select(Grant.id).where(Grant.party_id == enterprise_id, Grant.ended_at.is_(None))
    return session.scalar(held.limit(1)) is not None


def case_by_id(session: Session, case_id: str) -> Case | None:
    """A case."""
    return session.get(Case, case_id)


def cases_of_area(session: Session, area: str, *, is_open: bool = True, limit: int = 100) -> list[Case]:
    """Cases that concern an area (a prefix; empty is the whole belt) on either side, the oldest first."""
    wanted = or_(
        Case.to_area.startswith(area, autoescape=True), Case.from_area.startswith(area, autoescape=True)
    )
    query = select(Case).where(wanted, Case.state == "open" if is_open else Case.state != "open")
    order = Case.opened_at if is_open else Case.opened_at.desc()
    return list(session.scalars(query.order_by(order, Case.id).limit(limit)))


def count_open_cases(session: Session, area: str) -> int:
    """How many open cases concern an area on either side."""
    wanted = or_(
        Case.to_area.startswith(area, autoescape=True), Case.from_area.startswith(area, autoescape=True)
    )
    return session.scalar(select(func.count()).select_from(Case).where(wanted, Case.state == "open")) or 0


def cases_of_enterprise(session: Session, enterprise_id: str) -> list[Case]:
    """Cases about an enterprise, the newest first."""
    query = select(Case).where(Case.enterprise_id == enterprise_id).order_by(Case.opened_at.desc(), Case.id)
    return list(session.scalars(query.limit(50)))


def cases_of_person(session: Session, person_id: str) -> list[Case]:
    """Cases that a person opened, the newest first."""
    query = select(Case).where(Case.person_id == person_id).order_by(Case.opened_at.desc(), Case.id)
    return list(session.scalars(query.limit(50)))


def documents_of(session: Session, case_id: str) -> list[CaseDocument]:
    """The documents of a case, without regard to whether their content is still there."""
    return list(
        session.scalars(select(CaseDocument).where(CaseDocument.case_id == case_id).order_by(CaseDocument.id))
    )


def homes_due(session: Session, area: str, today: date, *, limit: int = 100) -> list[tuple[Party, Home]]:
    """Enterprises of an area whose yearly check is due, the longest overdue first."""
    rows = session.execute(
        select(Party, Home)
        .join(Home, Home.enterprise_id == Party.id)
        .where(Home.until.is_(None), Home.recheck_on <= today, Home.area.startswith(area, autoescape=True))
        .order_by(Home.recheck_on, Party.id)
        .limit(limit)
    )
    return [(party, home) for party, home in rows]
