"""The service stations: eleven doors, each to its province's own platform."""

from __future__ import annotations

from fastapi import APIRouter, Response

from hub.core.web import ReadSession
from hub.identity import access
from hub.search.request import SearchRequest
from station_portal import belt, finding, provinces
from station_portal.errors import ProvinceNotShown
from station_portal.frame import CurrentFrame
from station_portal.pages.home import cities_of, top_classes

router = APIRouter(dependencies=[access.public], include_in_schema=False)


@router.get("/stations")
def list_stations(frame: CurrentFrame, session: ReadSession) -> Response:
    """All stations."""
    cards = provinces.gathered(frame.runtime, session, frame.now, frame.language)
    return frame.page("stations.html", {"provinces": cards})


@router.get("/stations/{province}")
def show_station(frame: CurrentFrame, session: ReadSession, province: str) -> Response:
    """One station: where it is, what its province has, and the way into the province's platform."""
    if province not in frame.runtime.adapters:
        raise ProvinceNotShown(province)
    request = SearchRequest(filters={"province": (province,)}, limit=1, lang=frame.language.code)
    found = finding.counted(frame.runtime.index, request, now=frame.now)
    context = {
        "province": provinces.counted(frame.runtime, session, province, frame.now, frame.language),
        "classes": top_classes(found),
        "city_comb": belt.honeycomb(cities_of(found, province, frame.language)),
    }
    return frame.page("station.html", context)
