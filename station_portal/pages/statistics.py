"""The study's tables beside the live catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from hub.catalog import queries as catalog
from hub.catalog.service.statistics import statistics
from hub.core.web import ReadSession
from hub.identity import access
from station_portal import tables
from station_portal.frame import CurrentFrame

router = APIRouter(dependencies=[access.public], include_in_schema=False)


class Counted(NamedTuple):
    """The catalogue's tables as they were at a change number."""

    number: int
    at: datetime
    tables: Mapping[str, Any]


@router.get("/statistics")
def show_statistics(request: Request, frame: CurrentFrame, session: ReadSession) -> Response:
    """Every table. Counting reads the whole catalogue, so it is done once for each state of it."""
    held: Counted | None = getattr(request.app.state, "counted", None)
    if held is None or held.number != catalog.last_change_number(session):
        held = count(session, frame.now)
        request.app.state.counted = held
    context = {"tables": tables.all_tables(held.tables, frame.language), "counted_at": held.at}
    return frame.page("statistics.html", context)


def count(session: Session, now: datetime) -> Counted:
    """The tables of this moment. The number is read first: a change in between is counted again next time."""
    number = catalog.last_change_number(session)
    return Counted(number, now, statistics(session, now=now))
