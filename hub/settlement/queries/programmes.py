"""Programmes as they are kept."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hub.settlement import rules
from hub.settlement.models import ProgrammeRow
from hub.settlement.rules import Programme

_OF_AREAS = select(ProgrammeRow).where(ProgrammeRow.area.in_(bindparam("areas", expanding=True)))


def concerning(session: Session, places: Iterable[str], day: date) -> list[Programme]:
    """The programmes in force on that day whose area is or contains one of the places (six digits)."""
    rows = session.scalars(_OF_AREAS, {"areas": areas_of(places)})
    return rules.in_force([as_programme(row) for row in rows], day)


def areas_of(places: Iterable[str]) -> list[str]:
    """The areas that are or contain one of the places (six digits): province, city and county of each."""
    return sorted({area for place in places for area in (f"{place[:2]}0000", f"{place[:4]}00", place)})


def everything(session: Session) -> list[Programme]:
    """Every programme in its newest version, by identifier."""
    rows = session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id, ProgrammeRow.version))
    return list({row.id: as_programme(row) for row in rows}.values())


def find_programme(session: Session, programme_id: str, version: int | None = None) -> Programme | None:
    """One version of a programme; without `version` the newest."""
    mine = select(ProgrammeRow).where(ProgrammeRow.id == programme_id)
    if version is not None:
        mine = mine.where(ProgrammeRow.version == version)
    row = session.scalar(mine.order_by(ProgrammeRow.version.desc()).limit(1))
    return None if row is None else as_programme(row)


def as_programme(row: ProgrammeRow) -> Programme:
    """The row as decisions see it."""
    return Programme(row.version, row.document)
