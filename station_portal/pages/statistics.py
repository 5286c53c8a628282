"""The study's tables beside the live catalogue."""

from __future__ import annotations

from fastapi import APIRouter, Response

from hub.catalog.service.statistics import statistics
from hub.core.web import ReadSession
from hub.identity import access
from station_portal import tables
from station_portal.frame import CurrentFrame

router = APIRouter(dependencies=[access.public], include_in_schema=False)


@router.get("/statistics")
def show_statistics(frame: CurrentFrame, session: ReadSession) -> Response:
    """Every table, counted now."""
    counted = statistics(session, now=frame.now)
    context = {"tables": tables.all_tables(counted, frame.language), "counted_at": frame.now}
    return frame.page("statistics.html", context)
