"""Telling people that figures differ: staff of the home province, and the finance offices whose programmes it concerns."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

import schemas
from hub.identity import queries as identity
from hub.identity import rules as roles
from hub.notices import service as notices

PAGE = "/staff/allotments"


def tell_difference(
    session: Session,
    province: str,
    day: date,
    differing: int,
    *,
    areas: Collection[str],
    now: datetime,
) -> int:
    """Tell that a night's comparison found differences; how many people had not been told. Safe to repeat.

    `areas` are the areas (six digits) of the programmes concerned.
    """
    return notices.notify(
        session,
        _concerned(session, province, areas),
        "allotments_differ",
        {
            "province": schemas.codes("province")[province].zh,
            "when": day.isoformat(),
            "number": str(differing),
        },
        subject=f"comparison:{province}",
        link=PAGE,
        key=f"comparison:{province}:{day.isoformat()}",
        now=now,
    )


def _concerned(session: Session, province: str, areas: Collection[str]) -> list[str]:
    found = set(identity.names_acting(session, role=roles.PROVINCE_STAFF, province=province))
    found.update(identity.names_acting(session, role=roles.PROVINCE_FINANCE, area=province[:2]))
    for city in {area[:4] for area in areas if not area.endswith("0000")}:
        found.update(identity.names_acting(session, role=roles.CITY_FINANCE, area=city))
    return sorted(found)
