"""Counts and sums over listed records, grouped the way the study's tables are. None stands for *unknown*.

Values are fen, hours are hours of a year.
"""

from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from hub.catalog.models import Institution, Instrument
from hub.catalog.queries.listing import is_listed


class Group(NamedTuple):
    """One group: its keys, how many instruments it holds, and their original value in fen."""

    keys: tuple[str | None, ...]
    size: int
    value_fen: int


class SharingGroup(NamedTuple):
    """Instruments of one province and sharing mode; `without_hours` have told no effective hours."""

    province: str
    sharing_mode: str | None
    size: int
    value_fen: int
    effective_hours: float
    external_hours: float
    without_hours: int


def totals(session: Session) -> tuple[int, int]:
    """Listed instruments and their original value in fen."""
    row = session.execute(_grouped()).one()
    return row[0], int(row[1] or 0)


def counts_by_province(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """Instruments by province: those shared externally, and all listed ones."""
    is_open = case((Instrument.sharing_mode == "external", 1), else_=0)
    rows = session.execute(
        select(Instrument.province, func.sum(is_open), func.count())
        .where(is_listed(Instrument))
        .group_by(Instrument.province)
    ).all()
    return {row[0]: int(row[1]) for row in rows}, {row[0]: row[2] for row in rows}


def institutions_by_province(session: Session) -> dict[str, int]:
    """Listed institutions by province."""
    rows = session.execute(
        select(Institution.province, func.count()).where(Institution.is_listed).group_by(Institution.province)
    )
    return {row[0]: row[1] for row in rows}


def kinds_of_institution(session: Session) -> dict[str | None, int]:
    """Listed institutions by kind."""
    rows = session.execute(
        select(Institution.kind, func.count()).where(Institution.is_listed).group_by(Institution.kind)
    )
    return {row[0]: row[1] for row in rows}


def classes_of_institution(session: Session, institution_id: str) -> dict[str, tuple[int, int]]:
    """An institution's instruments by first-level class: (shared externally, all)."""
    first = func.substr(Instrument.class_code, 1, 2)
    is_open = case((Instrument.sharing_mode == "external", 1), else_=0)
    rows = session.execute(
        select(first, func.sum(is_open), func.count())
        .where(is_listed(Instrument), Instrument.institution_id == institution_id)
        .group_by(first)
    )
    return {f"{row[0]}0000": (int(row[1]), row[2]) for row in rows}


def cities_of_province(session: Session, province: str) -> dict[str | None, int]:
    """A province's listed instruments by the city they stand in."""
    rows = session.execute(
        select(Instrument.city, func.count())
        .where(Instrument.is_listed, Instrument.province == province)
        .group_by(Instrument.city)
    )
    return {row[0]: row[1] for row in rows}


def categories(session: Session) -> list[Group]:
    """By first-level class (six digits)."""
    groups = _groups(session, func.substr(Instrument.class_code, 1, 2))
    return [group._replace(keys=(f"{group.keys[0]}0000",)) for group in groups]


def countries(session: Session) -> list[Group]:
    """By country of origin."""
    return _groups(session, Instrument.origin_country)


def bands_by_province(session: Session) -> list[Group]:
    """By province and price band."""
    return _groups(session, Instrument.province, Instrument.value_band)


def funding_by_province(session: Session) -> list[Group]:
    """By province and main source of funds."""
    return _groups(session, Instrument.province, Instrument.funding_source)


def sharing_by_province(session: Session) -> list[SharingGroup]:
    """By province and sharing mode, with hours."""
    without = case((Instrument.effective_hours.is_(None), 1), else_=0)
    rows = session.execute(
        _grouped(
            Instrument.province,
            Instrument.sharing_mode,
            sums=(
                func.sum(Instrument.effective_hours),
                func.sum(Instrument.external_hours),
                func.sum(without),
            ),
        )
    )
    return [
        SharingGroup(row[0], row[1], row[2], int(row[3] or 0), row[4] or 0.0, row[5] or 0.0, int(row[6]))
        for row in rows
    ]


def _groups(session: Session, *keys: Any) -> list[Group]:
    width = len(keys)
    rows = session.execute(_grouped(*keys))
    return [Group(tuple(row[:width]), row[width], int(row[width + 1] or 0)) for row in rows]


def _grouped(*keys: Any, sums: tuple[Any, ...] = ()) -> Select[Any]:
    told = select(*keys, func.count(), func.sum(Instrument.original_value_fen), *sums)
    return told.where(is_listed(Instrument)).group_by(*keys)
