"""The catalogue's and the federation's routes: reading for everybody, delivering for platforms, deciding for staff."""

from fastapi import APIRouter

from hub.catalog.api import delivering, provinces, reading, staff

router = APIRouter(prefix="/api/v1")
for _part in (reading.router, provinces.router, delivering.router, staff.router):
    router.include_router(_part)
